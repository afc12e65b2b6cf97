package apply

import (
	"context"
	"errors"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// withdrawn counts the intents of a log that were taken back.
func withdrawn(log *lockfile.Log) int {
	n := 0
	for _, r := range log.Records {
		if r.Outcome != nil && r.Outcome.Status == lockfile.NotSent {
			n++
		}
	}
	return n
}

// Where every call takes longer than what is made ready may wait, fewer and fewer changes are made ready ahead, and none is looked at again and again: each is taken back twice at most while the
// look-ahead goes down.
func TestCallsLongerThanPatience(t *testing.T) {
	const slots = 4
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(fewCustomers)) // each is looked at by a call of its own
	r.Parallelism, r.patience = slots, 2*time.Millisecond
	var inFlight atomic.Int32
	r.line.after = func(*http.Request) { inFlight.Add(-1) }
	r.line.before = func(call *http.Request) {
		if n := inFlight.Add(1); n > slots {
			t.Errorf("%d calls in flight", n)
		}
		time.Sleep(2 * r.patience)
		until(t, "nothing announced that waits", func() bool {
			r.openMu.Lock()
			defer r.openMu.Unlock()
			for _, in := range r.open {
				if !in.sent && !isWrite(call) {
					return false
				}
			}
			return true
		})
	}
	if account := r.start(t)(); !account.Complete() {
		t.Errorf("got %v", account.Results)
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != fewCustomers {
		t.Errorf("%d writes, want %d", n, fewCustomers)
	}
	if n := withdrawn(disk.log(t)); n == 0 || n > 2*slots {
		t.Errorf("%d intents were taken back, want 1 to %d", n, 2*slots)
	}
}

// A stall, in which all that are ahead wait too long, costs the look-ahead for a while after it; one that comes back costs it for longer.
func TestLookAheadComesBack(t *testing.T) {
	l := lookAhead{least: 16, crew: 32}
	for _, want := range []int{16 * 64, 16 * 128} { // twice the crew for each that comes back, then twice that
		for range 16 {
			l.tooLate()
		}
		if l.most() != 16 {
			t.Errorf("after a stall %d are under way, want 16", l.most())
		}
		n := 0
		for ; l.most() < 32 && n < 2*want; n++ {
			l.inTime()
		}
		if n != want {
			t.Errorf("all are under way again after %d, want after %d", n, want)
		}
	}
	for range 1000 {
		l.inTime()
	}
	if l.most() != 32 {
		t.Errorf("in calm %d are under way, want 32", l.most())
	}
}

// Where calls are slow throughout, each that is made ready ahead again waits too long: that is tried less and less often.
func TestLookAheadWhereCallsAreSlow(t *testing.T) {
	l := lookAhead{least: 16, crew: 32}
	late := 0
	for range 100_000 {
		for l.most() > l.least {
			l.tooLate()
			late++
		}
		l.inTime()
	}
	if late > 16+11 { // those of the beginning, and one at 64, 128, … 65,536
		t.Errorf("%d were made ready in vain", late)
	}
}

// What a run makes ready ahead comes back after a stall of its calls.
func TestRunLooksAheadAgain(t *testing.T) {
	const slots = 4
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(80))
	r.Parallelism, r.patience = slots, 200*time.Millisecond
	var over atomic.Bool
	r.line.before = func(call *http.Request) {
		if !isWrite(call) {
			return
		}
		if !over.Load() {
			until(t, "all that are ahead waited too long", func() bool { return withdrawn(disk.log(t)) >= slots })
			over.Store(true)
		}
		time.Sleep(2 * time.Millisecond) // so long that others are announced meanwhile
	}
	if account := r.start(t)(); !account.Complete() {
		t.Errorf("got %v", account.Results)
	}
	records := disk.log(t).Records
	open, most, late := 0, 0, 0
	for _, record := range records {
		switch {
		case record.Intent != nil:
			open++
		case record.Outcome != nil:
			open--
			if record.Outcome.Status == lockfile.NotSent {
				late++
			}
		}
		if late >= slots {
			most = max(most, open)
		}
	}
	if most <= slots {
		t.Errorf("after a stall %d calls are announced at once, want more than the %d that may be in flight", most, slots)
	}
}

// A call is given up by the deadline that its intent names, however long it took to come to it; that deadline leaves room for the wait.
func TestCallWithinItsDeadline(t *testing.T) {
	r, s := turnRig(t)
	var given time.Time
	r.line.before = func(call *http.Request) { given, _ = call.Context().Deadline() }
	in, v := r.announce(s.write)
	if v != nil || in.Deadline.Sub(in.At) != r.patience+r.Timeout {
		t.Fatalf("got %v, %v", in, v)
	}
	in.Deadline = time.Now().Add(r.Timeout / 2) // the disk was slow
	if r.call(context.Background(), in, s.write); given.IsZero() || given.After(in.Deadline.Add(time.Second)) {
		t.Errorf("the call may last until %s, its deadline is %s", given, in.Deadline)
	}
}

// What a delete that was announced takes away is still there for all others, until its call may have left.
func TestEnding(t *testing.T) {
	r := newRig(t, rigManifests)
	at := spec.Address{Kind: spec.Sale, Name: "s"}
	for _, sent := range []bool{false, true} {
		r.open[at] = &announced{Intent: &lockfile.Intent{Delete: true}, sent: sent}
		if got := r.ending(at); got != sent {
			t.Errorf("sent %v: got %v", sent, got)
		}
	}
}

// The last outcome is waited for, and told, before a run ends.
func TestEndWaitsForTheDisk(t *testing.T) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(1))
	told := 0
	r.Progress = func(Result) { told++ }
	r.line.before = func(call *http.Request) { disk.hold(isWrite(call)) }
	ended := make(chan struct{})
	wait := r.start(t)
	go func() {
		defer close(ended)
		wait()
	}()
	until(t, "the outcome on its way to the disk", func() bool { return disk.syncing.Load() > 0 })
	for range 1000 {
		runtime.Gosched() // a run that did not wait would get on
	}
	select {
	case <-ended:
		t.Error("the run ended before its last outcome was on disk")
	default:
	}
	disk.hold(false)
	if <-ended; told != 1 {
		t.Errorf("%d changes were told, want 1", told)
	}
}

// turnRig gives a write whose first attempt is over, while the only slot is taken.
func turnRig(t *testing.T) (*rig, *sending) {
	t.Helper()
	r := newRig(t, rigManifests)
	r.slots = newSlots(1)
	r.slots.take(0, nil, nil)
	var err error
	if r.journal, err = r.Session.Journal(nil); err != nil {
		t.Fatal(err)
	}
	entry := &lockfile.Entry{Address: spec.Address{Kind: spec.Customer, Name: "a"}}
	return r, &sending{Applier: r.Applier, write: &write{op: moka.AddCustomer, request: moka.Record{{Name: "CustomerCode", Value: "a"}}, entry: entry}, attempts: 1}
}

// turnAfter gives what a turn comes to that got the slot after something had happened.
func turnAfter(t *testing.T, r *rig, s *sending, happens func()) (*lockfile.Intent, *verdict) {
	t.Helper()
	type turn struct {
		in *lockfile.Intent
		v  *verdict
	}
	came := make(chan turn)
	go func() {
		in, v := s.turn(context.Background())
		came <- turn{in, v}
	}()
	until(t, "a write in the queue", func() bool {
		r.slots.mu.Lock()
		defer r.slots.mu.Unlock()
		return len(r.slots.queue) == 1
	})
	happens()
	r.slots.give()
	got := <-came
	return got.in, got.v
}

// Another attempt that had to wait asks anew whether it may go out: the hours may have begun, and what it looked at may be old. Neither announces anything, nor keeps the slot.
func TestNextTurnAsksAnew(t *testing.T) {
	t.Run("the hours begin", func(t *testing.T) {
		r, s := turnRig(t)
		var closed atomic.Bool
		r.Closed = func(time.Time) string { return map[bool]string{true: "the hours are closed"}[closed.Load()] }
		if in, v := turnAfter(t, r, s, func() { closed.Store(true) }); in != nil || v != nil {
			t.Errorf("got %v, %+v", in, v)
		}
		if v := s.once(context.Background()); v == nil || v.status != Failed || !strings.Contains(v.message, "the hours are closed") {
			t.Errorf("got %+v", v)
		}
		if r.slots.free != 1 || len(r.open) != 0 {
			t.Errorf("%d slots are free, %d announced", r.slots.free, len(r.open))
		}
	})
	for _, row := range []struct {
		name     string
		patience time.Duration
		goes     bool
	}{{"the look is old", time.Nanosecond, false}, {"the look is young", time.Hour, true}} {
		t.Run(row.name, func(t *testing.T) {
			r, s := turnRig(t)
			r.patience = row.patience
			s.before = func(context.Context) *verdict { return nil }
			in, v := turnAfter(t, r, s, func() {})
			if v != nil || (in != nil) != row.goes || (len(r.open) == 1) != row.goes || (r.slots.free == 0) != row.goes {
				t.Errorf("got %v, %+v, %d announced, %d slots free", in, v, len(r.open), r.slots.free)
			}
		})
	}
}

// A look that waits for a slot when the run is given up ends as every call does then, and does not go out.
func TestLookGivenUp(t *testing.T) {
	r := newRig(t, rigManifests)
	r.slots = newSlots(1)
	r.slots.take(0, nil, nil)
	r.looks.reader.slots = r.slots
	r.line.before = func(call *http.Request) { t.Errorf("%s goes out", call.URL.Path) }
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := r.looks.reader.GetCustomer(ctx, nil)
	_, want := r.Client.GetCustomer(ctx, nil)
	if !errors.Is(err, context.Canceled) || err.Error() != want.Error() {
		t.Errorf("got %v, want %v", err, want)
	}
	if len(r.slots.queue) != 0 || r.slots.free != 0 {
		t.Errorf("%d wait, %d slots are free", len(r.slots.queue), r.slots.free)
	}
}

// A fault in the middle of a call, be it a look or a write, gives its slot back: with one slot all that follows still goes on, and the write is in doubt.
func TestFaultInACall(t *testing.T) {
	for _, row := range []struct {
		method  string
		inDoubt int
	}{{"GetCustomer", 0}, {"AddCustomer", 1}} {
		for _, parallelism := range []int{1, 2} {
			r := newRig(t, customers(6))
			r.Parallelism = parallelism
			var calls atomic.Int32
			r.line.before = func(call *http.Request) {
				if path.Base(call.URL.Path) == row.method && calls.Add(1) == 2 {
					panic("a fault")
				}
			}
			account := r.start(t)()
			if account.Count(Done) != 5 || account.Count(InDoubt) != 1 || len(r.Session.Lock.Pending) != row.inDoubt || r.slots.free != parallelism {
				t.Errorf("%s, %d at once: %d calls are open, %d slots free, %v", row.method, parallelism, len(r.Session.Lock.Pending), r.slots.free, account.Results)
			}
		}
	}
}

// What is to be deleted follows all else: of a plan with both phases, nothing of the second is sent before the first is done and on disk.
func TestSecondPhase(t *testing.T) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(6))
	if account := r.start(t)(); !account.Complete() {
		t.Fatal(account.Results)
	}
	var kept []*spec.Resource
	for _, resource := range r.World.Desired {
		if resource.Address.Name != "c00" && resource.Address.Name != "c01" {
			kept = append(kept, resource)
		}
	}
	fresh := newRig(t, strings.ReplaceAll(customers(3), "name: c", "name: d")).World.Desired
	for _, resource := range fresh {
		kept = append(kept, resource)
	}
	p := plan.Make(plan.Input{Endpoint: "sandbox", Dealer: "sandbox", Resources: kept, Known: r.Session.Lock, Whole: true, Prune: true})
	o := r.Options
	o.World = plan.NewWorld(kept, r.Session.Lock)
	second := New(o)
	var removals atomic.Int32
	r.line.before = func(call *http.Request) {
		if path.Base(call.URL.Path) != "RemoveCustomer" {
			return
		}
		removals.Add(1)
		for address := range fresh {
			if !doneIn(disk.log(t), address) {
				t.Errorf("a delete goes out, and on disk %s is not done", address)
			}
		}
	}
	account, err := second.Run(context.Background(), p)
	if err != nil || !account.Complete() || len(account.Results) != 5 || removals.Load() != 2 || r.Session.Lock.Len() != 7 {
		t.Errorf("%d deletes, %d known: %v, %v", removals.Load(), r.Session.Lock.Len(), account.Results, err)
	}
}

// A look keeps to the calls that may be in flight, one by one where that is asked for.
func TestLookAtOnce(t *testing.T) {
	text := customers(1)
	for _, digit := range strings.Split("12345678", "") {
		text += "---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k" + digit + "}\nspec: {customer: c00, token: 9de41bb0-e82f-4670-b36b-d71ff27a311" + digit + "}\n"
	}
	for _, atOnce := range []int{1, 3} {
		r := newRig(t, text)
		var inFlight, most, calls atomic.Int32
		r.line.before = func(*http.Request) {
			calls.Add(1)
			if n := inFlight.Add(1); n > most.Load() {
				most.Store(n)
			}
			if atOnce > 1 {
				until(t, "calls beside this one", func() bool { return calls.Load() >= 3 })
			}
		}
		r.line.after = func(*http.Request) { inFlight.Add(-1) }
		var resources []*spec.Resource
		for _, resource := range r.World.Desired {
			resources = append(resources, resource)
		}
		if _, err := Look(context.Background(), r.Client.Reader, resources, r.Session.Lock, atOnce, time.Now); err != nil {
			t.Fatal(err)
		}
		if int(most.Load()) != atOnce || calls.Load() < 8 {
			t.Errorf("%d calls, %d of them at once, want %d", calls.Load(), most.Load(), atOnce)
		}
	}
}
