package cli_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/mokasync/mokasync/internal/sandbox"
)

const deleteBase = `apiVersion: mokasync/v1
kind: Customer
metadata: {name: c}
spec: {firstName: Elif}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: gold}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: monthly}
spec: {frequency: monthly, daysOfMonth: [15]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: kept}
spec: {customer: c, product: gold, schedule: monthly, cards: [{token: 7e57ca4d-0000-4000-8000-000000000001}], amount: 10, beginDate: "2035-01-15"}
`

const deleteSale = `---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s}
spec: {customer: c, product: gold, SCHEDULE, cards: [{token: 7e57ca4d-0000-4000-8000-000000000002}], amount: 450, beginDate: "2035-01-15"}
`

var (
	byMokaSale = strings.Replace(deleteSale, "SCHEDULE", "schedule: monthly", 1)
	byHandSale = strings.Replace(deleteSale, "SCHEDULE", "planType: manual", 1)
)

// call calls the sandbox as a colleague would, past mokasync.
func (w *world) call(op, request string) string {
	w.t.Helper()
	family, _, _ := strings.Cut(op, "/")
	key := sandbox.DefaultDealer().CheckKey()
	body := `{"` + family + `Authentication":{"DealerCode":"` + sandbox.DefaultDealerCode + `","Username":"` + sandbox.DefaultUsername + `","Password":"` + sandbox.DefaultPassword + `","CheckKey":"` + key + `"},"` + family + `Request":` + request + `}`
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/"+op, strings.NewReader(body)))
	if !strings.Contains(answer.Body.String(), `"ResultCode":"Success"`) {
		w.t.Fatalf("%s: %s", op, answer.Body)
	}
	return answer.Body.String()
}

// between puts a server of the test between the runs and the sandbox.
func (w *world) between(handler http.HandlerFunc) {
	w.t.Helper()
	server := httptest.NewServer(handler)
	w.t.Cleanup(server.Close)
	w.env["MOKA_ENDPOINT"] = server.URL
}

// lockfile names the world's lockfile, of which there is one.
func (w *world) lockfile() string {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.folder, "mokasync.*.lock"))
	if err != nil || len(names) != 1 {
		w.t.Fatalf("lockfiles: %v, %v", names, err)
	}
	return names[0]
}

// An old copy of Moka's page does not say who made a payment step. What nobody knows of a manual sale may be a payment that a human wanted: the sale is not ended.
func TestDeleteWithoutIsManualPlan(t *testing.T) {
	w := newWorld(t)
	said := regexp.MustCompile(`"IsManualPlan":(true|false),`)
	w.between(func(out http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		w.server.ServeHTTP(answer, r)
		out.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		out.WriteHeader(answer.Code)
		out.Write(said.ReplaceAll(answer.Body.Bytes(), nil))
	})
	w.write(deleteBase + byHandSale)
	w.run(0, "apply", "--auto-approve")
	w.call("DealerSale/AddPaymentPlan", `{"SaleCode":"s","PaymentDate":"20350315","Amount":"9","Currency":"TL","InstallmentNumber":"1"}`)
	w.write(deleteBase)
	before := w.writes()
	if out := w.run(3, "apply", "--auto-approve", "--prune"); w.writes() != before {
		t.Errorf("%d writes, want none\n%s", w.writes()-before, out)
	}
	if counts := w.server.Ledger().Counts; counts.Sales != 2 || counts.Steps != 1 {
		t.Errorf("the ledger counts %+v", counts)
	}
}

// What cannot be recorded is not begun, deletes neither: every change has its status, and the run was refused.
func TestNothingTriedCountsDeletes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(string) string
		spoil  func(t *testing.T, lockfile string)
	}{
		"no journal": {
			func(text string) string { return strings.Replace(text, "Elif", "Şule", 1) },
			func(t *testing.T, lockfile string) { makeFolder(t, lockfile+".journal") },
		},
		"no first save": {
			func(text string) string {
				text = strings.Replace(text, "name: gold}", "name: au, movedFrom: product/gold}", 1)
				return strings.Replace(strings.ReplaceAll(text, "product: gold", "product: au"), "Elif", "Şule", 1)
			},
			func(t *testing.T, lockfile string) {
				if err := os.Remove(lockfile); err != nil {
					t.Error(err)
				}
				makeFolder(t, lockfile)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var spoil sync.Once
			var lockfile string
			w.between(func(out http.ResponseWriter, r *http.Request) {
				if lockfile != "" { // the run has read it
					spoil.Do(func() { c.spoil(t, lockfile) })
				}
				w.server.ServeHTTP(out, r)
			})
			w.write(deleteBase + byMokaSale)
			w.run(0, "apply", "--auto-approve")
			w.write(c.change(deleteBase))
			lockfile = w.lockfile()
			before := w.writes()
			var account struct {
				Results []struct{ Address, Action, Status string }
			}
			out := w.run(1, "apply", "--auto-approve", "--prune", "--format", "json")
			if err := json.Unmarshal([]byte(out), &account); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			deletes := 0
			for _, r := range account.Results {
				if r.Status != "notTried" {
					t.Errorf("%s %s is %q, want notTried", r.Action, r.Address, r.Status)
				}
				if r.Action == "delete" {
					deletes++
				}
			}
			if len(account.Results) != 2 || deletes != 1 || w.writes() != before {
				t.Errorf("%d writes\n%s", w.writes()-before, out)
			}
		})
	}
}

func makeFolder(t *testing.T, name string) {
	t.Helper()
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Error(err)
	}
}

// slowToShow answers DeleteSale at once, and lets the sandbox have it when show is called: until then its lists hold the sale.
func slowToShow(a *arena) (show func()) {
	var mu sync.Mutex
	var held []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/DeleteSale") {
			a.server.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			a.t.Error(err)
		}
		mu.Lock()
		held = append(held, string(body))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"Data":true,"ResultCode":"Success","ResultMessage":"","Exception":null}`)
	}))
	a.t.Cleanup(server.Close)
	a.url = server.URL
	return func() {
		mu.Lock()
		defer mu.Unlock()
		for _, body := range held {
			a.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/DealerSale/DeleteSale", strings.NewReader(body)))
		}
	}
}

// A run dies when Moka has taken DeleteSale and before it could see that the sale is gone: the next run owes the proof, and does not end well while Moka still lists the sale.
func TestKilledBeforeTheProofOfADelete(t *testing.T) {
	a := newArena(t, buildWithCrashPoints(t), &stage{name: "a delete", manifests: deleteBase + byMokaSale, args: []string{"--prune"}})
	if err := os.Remove(a.lockfile()); err != nil {
		t.Fatal(err)
	}
	show := slowToShow(a)
	ends := func(want int, args ...string) {
		t.Helper()
		cmd, out := a.command(nil, args...)
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Fatalf("%v exits with %d, want %d\n%s", args, got, want, out)
		}
	}
	ends(0, a.apply()...)
	a.write("m.yaml", deleteBase)
	if !a.killed(kill{point: "phase-recorded@2", parallelism: 1}) {
		t.Fatal("the run was not killed")
	}
	journal, err := os.ReadFile(a.lockfile() + ".journal")
	if err != nil || !strings.Contains(string(journal), `"deleted":true`) {
		t.Fatalf("the journal has no outcome of the delete: %v\n%s", err, journal)
	}
	ends(4, a.apply()...)
	if known := a.known(); !strings.Contains(known, `"pending":{"op":"DealerSale/DeleteSale"`) {
		t.Errorf("the lockfile has no open delete:\n%s", known)
	}
	ends(4, a.apply()...)
	show()
	ends(0, a.apply()...)
	ends(0, "plan", "--prune", "--refresh", "--detailed-exitcode")
	if known := a.known(); !strings.Contains(known, `"address":"sale/s","deleted":true`) || strings.Contains(known, "pending") {
		t.Errorf("the lockfile has\n%s", known)
	}
	if ledger := a.server.Ledger(); ledger.Counts.Sales != 1 || ledger.Writes["DealerSale.DeleteSale"] != 1 {
		t.Errorf("the ledger has %+v", ledger)
	}
}
