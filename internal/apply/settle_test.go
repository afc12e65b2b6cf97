package apply

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// openCustomers has a rig's lock know n customers of whom an earlier run did not learn whether Moka took them.
func (r *rig) openCustomers(n int) {
	for i := range n {
		name := fmt.Sprintf("c%02d", i)
		r.Session.Lock.AddPending(&lockfile.Intent{Op: "DealerCustomer/AddCustomer", At: r.Now().Add(-r.Settle), GaveUp: r.Now().Add(-r.Settle), Entry: lockfile.Entry{Address: spec.Address{Kind: spec.Customer, Name: name}, Code: name}})
	}
}

// What an earlier run left open is looked into by as many calls at once as may be in flight, and no more.
func TestSettlingKeepsToTheParallelism(t *testing.T) {
	for _, parallelism := range []int{1, 4} {
		r := newRig(t, customers(12))
		r.Parallelism = parallelism
		r.looks.reader.slots = newSlots(parallelism)
		r.openCustomers(12)
		var now, most atomic.Int64
		r.line.before = func(*http.Request) {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if most.Load() < int64(parallelism) {
				until(t, "as many calls as may be in flight", func() bool { return most.Load() == int64(parallelism) })
			}
		}
		r.line.after = func(*http.Request) { now.Add(-1) }
		if err := r.SettlePending(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := most.Load(); got != int64(parallelism) {
			t.Errorf("with %d: %d calls at once", parallelism, got)
		}
		if len(r.Session.Lock.Pending) != 0 || len(r.Notes) != 12 {
			t.Errorf("with %d: %d calls are still open, %d notes", parallelism, len(r.Session.Lock.Pending), len(r.Notes))
		}
	}
}

// manySales are n sales of one customer, charged by hand.
func manySales(n int) string {
	var b strings.Builder
	b.WriteString(customers(1) + "---\napiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p}\nspec: {productName: Gold}\n")
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s%02d}\nspec: {customer: c00, product: p, amount: \"10\", saleDate: \"2090-01-01\", beginDate: \"2090-01-01\", endDate: never, planType: manual, customerTypeId: 1}\n", i)
	}
	return b.String()
}

// afterDeath is the rig as after a run that recorded its sales as done and died before it could prove them.
func (r *rig) afterDeath(t *testing.T) *rig {
	t.Helper()
	journal, err := r.Session.Journal(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Session.Lock.Entries() {
		if e.Address.Kind != spec.Sale {
			continue
		}
		sent := *e
		sent.ID = 0
		if err := journal.Append(lockfile.Record{Intent: &lockfile.Intent{Op: "DealerSale/AddSale", At: r.Now(), Entry: sent}}, lockfile.Record{Outcome: &lockfile.Outcome{Address: e.Address, Status: "done", Entry: e}}); err != nil {
			t.Fatal(err)
		}
	}
	return r.next(t)
}

// next is the rig of the next run.
func (r *rig) next(t *testing.T) *rig {
	t.Helper()
	r.Session.End()
	session, err := r.store.Begin("test", r.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.End)
	o := r.Options
	o.Session, o.World = session, plan.NewWorld(slices.Collect(maps.Values(r.World.Desired)), session.Lock)
	return &rig{New(o), r.store, r.server, r.line, r.plan}
}

// A run that died before it proved what it had made leaves a few such proofs or a hundred thousand: few are told by name, many by their number. What somebody was told of as in doubt is
// named in any case.
func TestManyProofsAreCounted(t *testing.T) {
	for sales, want := range map[int]int{fewProofs: fewProofs, fewProofs + 1: 1} {
		r := newRig(t, manySales(sales))
		if account := r.start(t)(); !account.Complete() {
			t.Fatalf("got %v", account.Results)
		}
		r = r.afterDeath(t)
		if err := r.SettlePending(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(r.Notes) != want || len(r.Session.Lock.Pending) != 0 {
			t.Errorf("%d proofs: got %q, want %d notes; %d calls are open", sales, r.Notes, want, len(r.Session.Lock.Pending))
		}
		r.Notes = nil
		account := &Account{}
		for _, e := range r.Session.Lock.Entries() {
			if e.Address.Kind == spec.Sale {
				account.Results = append(account.Results, Result{Address: e.Address, Status: Done})
				r.owe(&account.Results[len(account.Results)-1], moka.AddSale, "its list does not show it")
			}
		}
		if err := r.Session.Save(); err != nil {
			t.Fatal(err)
		}
		again := r.next(t)
		if err := again.SettlePending(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(again.Notes) != sales {
			t.Errorf("%d in doubt: got %q, want each named", sales, again.Notes)
		}
	}
}
