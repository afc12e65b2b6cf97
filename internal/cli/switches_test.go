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

// addSaleSwitches are the questions of moka-api 4.7 that touch AddSale, with the answers that are tried.
var addSaleSwitches = []struct {
	name   string
	values []string
}{
	{"duplicate-sale-code", []string{"accept", "refuse", "return-old"}},
	{"empty-list", []string{"no-data-found", "not-found", "success"}},
	{"failure-status", []string{"200", "400"}},
	{"end-date-required", []string{"no", "yes"}},
	{"numbers", []string{"both", "strings"}},
	{"write-answer", []string{"given", "lost", "ex"}},
	{"read-delay", []string{"0s", "60ms"}},
}

// However Moka answers what its documentation leaves open, in all combinations: an apply makes each sale once, and the next plan is empty.
func TestEverySwitch(t *testing.T) {
	account := strings.ReplaceAll(killAccount(), `beginDate: "2035-01-15"`, `beginDate: "2035-01-15", endDate: "2036-01-15"`)
	combine(nil, func(settings []sandbox.Setting) {
		t.Run(fmt.Sprint(settings), func(t *testing.T) {
			t.Parallel()
			handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Switches: settings})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(handler)
			t.Cleanup(func() { server.CloseClientConnections(); server.Close(); handler.Close() })
			w := &world{t: t, folder: t.TempDir(), server: handler, env: map[string]string{
				"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
				"MOKASYNC_SETTLE": "250ms", "TMPDIR": t.TempDir(),
			}}
			w.write(account)
			w.run(0, "apply", "--auto-approve")
			w.settled()
			ledger := handler.Ledger()
			if len(ledger.Duplicates) > 0 || ledger.SalesEverAdded != killSales || ledger.Counts.Schedules != 1 || ledger.Counts.Customers != 3 {
				t.Errorf("the ledger has %+v", ledger)
			}
		})
	})
}

// combine calls each with every combination of the switches' values.
func combine(chosen []sandbox.Setting, each func([]sandbox.Setting)) {
	if len(chosen) == len(addSaleSwitches) {
		each(append([]sandbox.Setting(nil), chosen...))
		return
	}
	s := addSaleSwitches[len(chosen)]
	for _, value := range s.values {
		combine(append(chosen, sandbox.Setting{Name: s.name, Value: value}), each)
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
	if got := w.server.Ledger(); got.SalesEverAdded != 1 {
		t.Errorf("%d sales were added, want 1", got.SalesEverAdded)
	}
}
