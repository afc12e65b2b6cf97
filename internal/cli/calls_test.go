package cli_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/sandbox"
)

// What looks at Moka makes as many calls for a small account as for a large one, wherever Moka has a list of what is looked for. What Moka has no list of (stored cards,
// moka-api 2.10) costs a call each.

// callsWorld holds n customers, sales without cards, and payment steps: one product and schedule for all.
func callsWorld(t *testing.T, n int) *world {
	w := newWorld(t)
	var text strings.Builder
	text.WriteString(`apiVersion: mokasync/v1
kind: Product
metadata: {name: p}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m1}
spec: {frequency: monthly, daysOfMonth: [1]}
`)
	for i := range n {
		fmt.Fprintf(&text, `---
apiVersion: mokasync/v1
kind: Customer
metadata: {name: c%[1]d}
spec: {firstName: Elif}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s%[1]d}
spec: {customer: c%[1]d, product: p, schedule: m1, amount: "149.90", beginDate: "2090-01-01", endDate: "2091-01-01", planType: both, customerTypeId: 1}
`, i)
	}
	w.write(text.String())
	return w
}

// add adds a file of manifests.
func (w *world) add(text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, "more.yaml"), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// calls runs a command and gives how many calls of each method it made.
func (w *world) calls(want int, args ...string) map[string]int64 {
	w.t.Helper()
	before := w.server.Ledger().Calls
	w.run(want, args...)
	made := map[string]int64{}
	for method, n := range w.server.Ledger().Calls {
		if n -= before[method]; n > 0 {
			made[method] = n
		}
	}
	return made
}

// client calls the world's simulator past mokasync, as Moka's panel would.
func (w *world) client() *moka.Client {
	w.t.Helper()
	c, err := moka.NewClient(moka.Options{BaseURL: w.env["MOKA_ENDPOINT"], Credentials: moka.Credentials{
		DealerCode: sandbox.DefaultDealerCode, Username: sandbox.DefaultUsername, Password: sandbox.DefaultPassword,
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

// moveSteps moves all payment steps that come to one day, as in Moka's panel.
func (w *world) moveSteps(day string) {
	w.t.Helper()
	c := w.client()
	var steps []moka.Record
	period := moka.Record{{Name: "PaymentPlanPaymentDateStart", Value: "20900101"}, {Name: "PaymentPlanPaymentDateEnd", Value: "20991231"}}
	err := c.GetPaymentPlanReport(w.t.Context(), period, func(r moka.Record) error {
		steps = append(steps, r)
		return nil
	})
	for _, step := range steps {
		if err == nil {
			_, err = c.UpdatePaymentPlan(w.t.Context(), moka.Record{
				{Name: "DealerPaymentPlanId", Value: step.Get("DealerPaymentPlanId")}, {Name: "PaymentDate", Value: day}, {Name: "Amount", Value: step.Get("Amount")},
				{Name: "Currency", Value: step.Get("Currency")}, {Name: "InstallmentNumber", Value: "1"},
			})
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// reads leaves out of calls those that write, of which each thing needs one.
func reads(calls map[string]int64) map[string]int64 {
	calls = maps.Clone(calls)
	maps.DeleteFunc(calls, func(method string, _ int64) bool { return !strings.Contains(method, ".Get") })
	return calls
}

func TestLooksDoNotGrowWithTheAccount(t *testing.T) {
	few, many := callsWorld(t, 20), callsWorld(t, 200)
	for _, step := range []struct {
		name string
		do   func(w *world) map[string]int64
	}{
		{"apply of nothing but creates", func(w *world) map[string]int64 { return w.calls(0, "apply", "--auto-approve") }},
		{"plan --refresh", func(w *world) map[string]int64 { return w.calls(0, "plan", "--refresh") }},
		{"drift", func(w *world) map[string]int64 { return w.calls(0, "drift") }},
		{"apply of nothing", func(w *world) map[string]int64 { return w.calls(0, "apply", "--auto-approve") }},
	} {
		got, want := reads(step.do(few)), reads(step.do(many))
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("%s: ten times the account is read by other calls (-small +large)\n%s", step.name, d)
		}
		for method, n := range got {
			if n > 3 {
				t.Errorf("%s: %d calls of %s", step.name, n, method)
			}
		}
	}
}

// Cards that are taken over, looked at, and looked at again: one call each, whatever else there is.
func TestCardsAreReadOnceEach(t *testing.T) {
	const n = 30
	w := callsWorld(t, n)
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%[1]d, token: %s}\n", i, sandbox.TestCardToken(int64(i)))
	}
	w.add(text.String())
	for _, args := range [][]string{{"apply", "--auto-approve"}, {"plan", "--refresh"}, {"drift"}} {
		made := w.calls(0, args...)
		if got := made["DealerCustomer.GetCard"]; got != n {
			t.Errorf("%s: %d calls of GetCard for %d cards: %v", args, got, n, made)
		}
		delete(made, "DealerCustomer.GetCard")
		for _, method := range slices.Sorted(maps.Keys(reads(made))) {
			if made[method] > 3 {
				t.Errorf("%s: %d calls of %s", args, made[method], method)
			}
		}
	}
}

// --parallelism bounds every look: cards and lists are read a few at a time, and no more.
func TestLooksKeepToTheParallelism(t *testing.T) {
	w := callsWorld(t, 12)
	var now, most atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for n, m := now.Add(1), most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer now.Add(-1)
		w.server.ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	w.env["MOKA_ENDPOINT"] = front.URL
	var text strings.Builder
	for i := range 12 {
		fmt.Fprintf(&text, "---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%[1]d, token: %s}\n", i, sandbox.TestCardToken(int64(i)))
	}
	w.add(text.String())
	if err := w.server.SetFaults([]sandbox.Fault{{Operation: "read", Kind: sandbox.FaultLatency, Delay: sandbox.Duration(3 * time.Millisecond)}}); err != nil {
		t.Fatal(err)
	}
	if w.run(0, "apply", "--auto-approve", "--parallelism", "3"); most.Load() != 3 { // all is new: cards, products, schedules and sales are looked at before the first write
		t.Errorf("apply with --parallelism 3: %d calls at once", most.Load())
	}
	for _, args := range [][]string{{"plan", "--refresh"}, {"drift"}, {"apply", "--refresh", "--auto-approve"}} {
		for _, bound := range []int64{1, 3} {
			most.Store(0)
			w.run(0, append(args, "--parallelism", fmt.Sprint(bound))...)
			if got := most.Load(); got > bound {
				t.Errorf("%s with --parallelism %d: %d calls at once", args, bound, got)
			}
		}
	}
}

// stepsWorld is callsWorld with a payment step of each sale, all of which were moved to a day of which nobody here knows.
func stepsWorld(t *testing.T, n int) *world {
	w := callsWorld(t, n)
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "---\napiVersion: mokasync/v1\nkind: PaymentStep\nmetadata: {name: x%d}\nspec: {sale: s%[1]d, paymentDate: \"2090-03-%02d\", amount: \"10.00\"}\n", i, i%28+1)
	}
	w.add(text.String())
	w.run(0, "apply", "--auto-approve")
	w.moveSteps("20950301")
	return w
}

// Payment steps on days that nothing names: one report shows all of them.
func TestDriftReadsStepsOnce(t *testing.T) {
	few, many := reads(stepsWorld(t, 2).calls(2, "drift")), reads(stepsWorld(t, 20).calls(2, "drift"))
	if d := cmp.Diff(few, many); d != "" {
		t.Errorf("more steps are read by other calls (-few +many)\n%s", d)
	}
}

// A step outlives its sale (moka-api 3.6), and is charged. Moka may not list the steps of a sale that it does not have any more: they are no less there.
func TestDriftSeesStepsOfSalesThatAreGone(t *testing.T) {
	w := stepsWorld(t, 2)
	if err := w.server.SetSwitches(sandbox.Setting{Name: "deleted-sale-steps", Value: "hidden"}); err != nil {
		t.Fatal(err)
	}
	if err := w.client().Delete(t.Context(), moka.DeleteSale, moka.Record{{Name: "SaleCode", Value: "s0"}}); err != nil {
		t.Fatal(err)
	}
	out := w.run(2, "drift")
	for _, want := range []string{"sale/s0  gone at Moka", "paymentstep/x0  changed at Moka", "paymentstep/x1  changed at Moka"} {
		if !strings.Contains(out, want) {
			t.Errorf("drift does not say %q:\n%s", want, out)
		}
	}
}
