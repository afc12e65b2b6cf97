package apply

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A freed slot goes to who waits longest.
func TestSlotsGoInOrder(t *testing.T) {
	s := newSlots(1)
	if !s.take(0, nil, nil) {
		t.Fatal("the first finds no slot")
	}
	var mu sync.Mutex
	var order []int
	var all sync.WaitGroup
	for who := range 4 {
		all.Go(func() {
			s.take(0, nil, nil)
			mu.Lock()
			order = append(order, who)
			mu.Unlock()
			s.give()
		})
		until(t, "the next in the queue", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.queue) > who
		})
	}
	s.give()
	all.Wait()
	if !slices.IsSorted(order) {
		t.Errorf("got %v", order)
	}
}

// Who gives up leaves the queue, and no slot is lost to one who left, whatever happens at once.
func TestSlotsAreNotLost(t *testing.T) {
	s := newSlots(3)
	var held, most atomic.Int32
	var all sync.WaitGroup
	stop := make(chan struct{})
	for i := range 32 {
		all.Go(func() {
			for n := range 200 {
				if !s.take(time.Duration(i*n%3)*time.Microsecond, nil, stop) {
					continue
				}
				if now := held.Add(1); now > most.Load() {
					most.Store(now)
				}
				held.Add(-1)
				s.give()
			}
		})
		if i == 20 {
			close(stop)
		}
	}
	all.Wait()
	if most.Load() > 3 {
		t.Errorf("%d had one of 3 slots", most.Load())
	}
	if s.free != 3 || len(s.queue) != 0 {
		t.Errorf("%d slots are free at the end, %d wait", s.free, len(s.queue))
	}
}
