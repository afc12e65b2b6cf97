package apply

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/mokasync/mokasync/internal/lockfile"
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

// A run that died before it proved what it had made leaves a few such proofs or a hundred thousand: few are told by name, many by their number. What was in doubt is always named.
func TestManyProofsAreCounted(t *testing.T) {
	for n, want := range map[int]int{fewProofs: fewProofs + 1, fewProofs + 1: 2} {
		r := newRig(t, customers(n+1))
		r.start(t)()
		entries := slices.Clone(r.Session.Lock.Entries())
		for i, e := range entries {
			in := lockfile.Unproved(e, "DealerCustomer/AddCustomer", r.Now())
			in.Answered = i > 0 // of the first nobody knew
			r.Session.Lock.AddPending(in)
		}
		if err := r.SettlePending(context.Background()); err != nil {
			t.Fatal(err)
		}
		named := fmt.Sprintf("%s: DealerCustomer/AddCustomer of an earlier run took effect (id %d)", entries[0].Address, entries[0].ID)
		if len(r.Notes) != want || !slices.Contains(r.Notes, named) {
			t.Errorf("%d proofs: got %q, want %d notes and among them %q", n, r.Notes, want, named)
		}
	}
}
