package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/sandbox"
)

// question is a switch of the sandbox with the answers that are tried.
type question struct {
	name   string
	values []string
}

// addSaleSwitches are the questions of moka-api 4.7 that touch AddSale.
var addSaleSwitches = []question{
	{"duplicate-sale-code", []string{"accept", "refuse", "return-old"}},
	{"empty-list", []string{"no-data-found", "not-found", "success"}},
	{"failure-status", []string{"200", "400"}},
	{"end-date-required", []string{"no", "yes"}},
	{"numbers", []string{"both", "strings"}},
	{"write-answer", []string{"given", "lost", "ex"}},
	{"read-delay", []string{"0s", "60ms"}},
}

// changeSwitches are those that touch UpdateSale, DeleteSale and payment steps.
var changeSwitches = []question{
	{"update-sale-omitted", []string{"default", "keep", "clear"}},
	{"empty-list", []string{"no-data-found", "not-found", "success"}},
	{"write-answer", []string{"given", "lost", "ex"}},
	{"read-delay", []string{"0s", "60ms"}},
	{"delete-sale-steps", []string{"leave", "drop"}},
	{"deleted-sale-steps", []string{"listed", "hidden"}},
	{"step-range", []string{"inclusive", "exclusive"}},
	{"failure-status", []string{"200"}},
}

// However Moka answers what its documentation leaves open, in all combinations: an apply makes each sale once, and the next plan is empty.
func TestEverySwitch(t *testing.T) {
	account := strings.ReplaceAll(killAccount(), `beginDate: "2035-01-15"`, `beginDate: "2035-01-15", endDate: "2036-01-15"`)
	combinations(addSaleSwitches, func(settings []sandbox.Setting) {
		t.Run(fmt.Sprint(settings), func(t *testing.T) {
			t.Parallel()
			w := switchedWorld(t, settings)
			w.write(account)
			w.run(0, "apply", "--auto-approve")
			w.settled()
			ledger := w.server.Ledger()
			if len(ledger.Duplicates)+len(ledger.DuplicateSteps) > 0 || ledger.SalesEverAdded != killSales || ledger.Counts.Schedules != 2 || ledger.Counts.Customers != 3 || ledger.Counts.Steps != 2 {
				t.Errorf("the ledger has %+v", ledger)
			}
		})
	})
}

// The same for changes, replacements, deletes and payment steps: each is made once, what is to go is gone, what is not named stays, and the next plan is empty.
func TestEverySwitchOfChanges(t *testing.T) {
	stage := killStages()[1]
	combinations(changeSwitches, func(settings []sandbox.Setting) {
		t.Run(fmt.Sprint(settings), func(t *testing.T) {
			t.Parallel()
			w := switchedWorld(t, settings)
			w.write(stage.before)
			w.run(0, "apply", "--auto-approve")
			w.write(stage.manifests)
			w.run(0, "apply", "--auto-approve", "--prune")
			w.settled("--prune")
			ledger := w.server.Ledger()
			if got := ledger.Counts; len(ledger.Duplicates)+len(ledger.DuplicateSteps) > 0 || got.Sales != stage.sales || ledger.SalesEverAdded != int64(stage.salesEver) ||
				got.Customers != stage.customers || got.Schedules != stage.schedules || got.Products != stage.products || got.Steps != stage.steps {
				t.Errorf("the ledger has %+v", ledger)
			}
		})
	})
}

// switchedWorld is a world whose Moka answers open questions so.
func switchedWorld(t *testing.T, settings []sandbox.Setting) *world {
	t.Helper()
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Switches: settings})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); handler.Close() })
	return &world{t: t, folder: t.TempDir(), server: handler, env: map[string]string{
		"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
		"MOKASYNC_SETTLE": "250ms", "TMPDIR": t.TempDir(),
	}}
}

// combinations calls each with every combination of the switches' values; with the race detector with every fifth, which goes round through all values.
func combinations(questions []question, each func([]sandbox.Setting)) {
	n := 0
	combine(nil, questions, func(settings []sandbox.Setting) {
		if n++; !raced || n%5 == 1 {
			each(settings)
		}
	})
}

// combine calls each with every combination of the switches' values.
func combine(chosen []sandbox.Setting, questions []question, each func([]sandbox.Setting)) {
	if len(questions) == 0 {
		each(append([]sandbox.Setting(nil), chosen...))
		return
	}
	s := questions[0]
	for _, value := range s.values {
		combine(append(chosen, sandbox.Setting{Name: s.name, Value: value}), questions[1:], each)
	}
}

// A Moka that keeps sale codes in another form than they were sent in: what it says it took is in doubt, and is never sent again.
func TestChangedCode(t *testing.T) {
	w := newWorld(t)
	upper := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(`"SaleCode":"s0"`), []byte(`"SaleCode":"S0"`))))
		r.ContentLength = int64(len(body))
		w.server.ServeHTTP(rw, r)
	}))
	t.Cleanup(upper.Close)
	w.env["MOKA_ENDPOINT"] = upper.URL
	w.write(strings.Split(killAccount(), "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s1}")[0])
	for range 3 {
		w.run(4, "apply", "--auto-approve")
	}
	if got := w.server.Ledger(); got.SalesEverAdded != 2 {
		t.Errorf("%d sales were added, want 2: the one with the changed code, and the one before it", got.SalesEverAdded)
	}
}
