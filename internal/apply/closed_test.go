package apply

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// closing closes a rig's hours at half past eleven, on a clock that the test moves.
func (r *rig) closing() (clock *atomic.Pointer[time.Time]) {
	clock = &atomic.Pointer[time.Time]{}
	before := time.Date(2026, 1, 1, 11, 29, 59, 0, time.UTC)
	clock.Store(&before)
	r.Now = func() time.Time { return *clock.Load() }
	r.Closed = func(now time.Time) string {
		if now.Hour() == 11 && now.Minute() < 30 {
			return ""
		}
		return "the hours are closed"
	}
	return clock
}

// When the hours begin while a run is under way no other call is made, what was done stays done, and all the rest says why it was not tried.
func TestHoursThatBegin(t *testing.T) {
	r := newRig(t, rigManifests)
	clock := r.closing()
	r.Parallelism = 1
	r.line.after = func(call *http.Request) {
		if later := clock.Load().Add(2 * time.Minute); isWrite(call) {
			clock.Store(&later)
		}
	}
	account, err := r.Run(context.Background(), r.plan)
	if err != nil {
		t.Fatal(err)
	}
	if account.Count(Done) != 1 || account.Count(NotTried) != 2 {
		t.Fatalf("got %v", account.Results)
	}
	for _, res := range account.Results {
		if res.Status == NotTried && res.Message != "the hours are closed" {
			t.Errorf("%s was not tried because %q", res.Address, res.Message)
		}
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
	if n := r.Session.Lock.Len(); n != 1 || len(r.Session.Lock.Pending) != 0 {
		t.Errorf("%d resources are known and %d calls open, want 1 and none", n, len(r.Session.Lock.Pending))
	}
}

// Hours that have begun stay so for the run, whatever the clock says later: what was held back is not half made.
func TestHoursStayClosed(t *testing.T) {
	r := newRig(t, rigManifests)
	clock := r.closing()
	said := 0
	r.Say = func(string) { said++ }
	noon, morning := clock.Load().Add(time.Hour), *clock.Load()
	clock.Store(&noon)
	if r.closed() == "" {
		t.Fatal("half past twelve is open")
	}
	clock.Store(&morning)
	account, err := r.Run(context.Background(), r.plan)
	if err != nil {
		t.Fatal(err)
	}
	if account.Count(NotTried) != 3 || len(r.server.Ledger().Writes) != 0 || said != 1 {
		t.Errorf("got %v, %v, said %d times", account.Results, r.server.Ledger().Writes, said)
	}
}

// A write that was ready when the hours began is held back just before its intent; one that was announced already may have taken effect, and failed where it did not.
func TestSendingIntoClosedHours(t *testing.T) {
	for _, row := range []struct {
		attempts int
		want     Status
	}{{0, NotTried}, {1, Failed}} {
		r := newRig(t, rigManifests)
		r.Closed = func(time.Time) string { return "the hours are closed" }
		s := &sending{Applier: r.Applier, write: &write{}, attempts: row.attempts}
		v := s.once(context.Background())
		if v == nil || v.status != row.want || !strings.Contains(v.message, "the hours are closed") || v.journal != (row.want == NotTried) {
			t.Errorf("after %d attempts: got %+v, want %s", row.attempts, v, row.want)
		}
	}
}
