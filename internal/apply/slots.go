package apply

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/moka"
)

// slots bound the calls in flight. More changes than that are under way: while some wait for their calls others look, make ready, and wait for the disk. A write takes
// its slot when its intent is on disk, so that no slot waits for a disk. Whoever waits longest is next, be it a read or a write: as no more wait than have slots, nothing that was announced waits
// longer than a call takes, and no look grows old behind writes that keep coming. No slot is taken by who has one.
type slots struct {
	mu    sync.Mutex
	free  int
	queue []chan struct{} // who waits; a channel is closed when its slot is given
}

func newSlots(n int) *slots { return &slots{free: max(n, 1)} }

// take waits for a slot, and reports whether it has one: it gives up when done or stop is closed, or when it waited as long as patience (0 has no end).
func (s *slots) take(patience time.Duration, done, stop <-chan struct{}) bool {
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return true
	}
	mine := make(chan struct{})
	s.queue = append(s.queue, mine)
	s.mu.Unlock()

	var late <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-mine:
		return true
	case <-late:
	case <-done:
	case <-stop:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.queue, mine); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		return false
	}
	return true // it was given in the same moment
}

// give hands a slot to who waits longest.
func (s *slots) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.free++
		return
	}
	close(s.queue[0])
	s.queue = slices.Delete(s.queue, 0, 1)
}

// reads are the calls that look, each in a slot of its own; without slots nothing bounds them.
type reads struct {
	from  *moka.Reader
	slots *slots
}

// in makes a call in a slot. Where ctx ends before there is one, the call ends by that too, before a byte of it leaves.
func (r reads) in(ctx context.Context, call func() error) error {
	if r.slots != nil && r.slots.take(0, ctx.Done(), nil) {
		defer r.slots.give()
	}
	return call()
}

func (r reads) GetCustomer(ctx context.Context, key moka.Record) (found moka.Record, err error) {
	err = r.in(ctx, func() error { found, err = r.from.GetCustomer(ctx, key); return err })
	return found, err
}

func (r reads) GetCard(ctx context.Context, token string) (customer, card moka.Record, err error) {
	err = r.in(ctx, func() error { customer, card, err = r.from.GetCard(ctx, token); return err })
	return customer, card, err
}

func (r reads) GetSale(ctx context.Context, key moka.Record) (found moka.Record, err error) {
	err = r.in(ctx, func() error { found, err = r.from.GetSale(ctx, key); return err })
	return found, err
}

func (r reads) GetCustomerList(ctx context.Context, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetCustomerList(ctx, each) })
}

func (r reads) GetProductList(ctx context.Context, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetProductList(ctx, each) })
}

func (r reads) GetScheduleList(ctx context.Context, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetScheduleList(ctx, each) })
}

func (r reads) GetSaleList(ctx context.Context, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetSaleList(ctx, each) })
}

func (r reads) GetCardList(ctx context.Context, key moka.Record, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetCardList(ctx, key, each) })
}

func (r reads) GetPaymentPlanList(ctx context.Context, key moka.Record, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetPaymentPlanList(ctx, key, each) })
}

func (r reads) GetPaymentPlanReport(ctx context.Context, key moka.Record, each func(moka.Record) error) error {
	return r.in(ctx, func() error { return r.from.GetPaymentPlanReport(ctx, key, each) })
}
