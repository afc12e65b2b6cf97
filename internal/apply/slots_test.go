package apply

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A freed slot goes to who waits longest, to a write before any read.
func TestSlotsGoToWritesFirst(t *testing.T) {
	s := newSlots(1)
	if !s.take(false, 0, nil, nil) {
		t.Fatal("the first finds no slot")
	}
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	for _, who := range []string{"read 1", "read 2", "write 1", "write 2"} {
		write := who[0] == 'w'
		queue := &s.reads
		if write {
			queue = &s.writes
		}
		s.mu.Lock()
		waiting := len(*queue)
		s.mu.Unlock()
		all.Go(func() {
			s.take(write, 0, nil, nil)
			mu.Lock()
			order = append(order, who)
			mu.Unlock()
			s.give()
		})
		until(t, who+" in the queue", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(*queue) > waiting
		})
	}
	s.give()
	all.Wait()
	want := []string{"write 1", "write 2", "read 1", "read 2"}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("got %v, want %v", order, want)
		}
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
				if !s.take(n%2 == 0, time.Duration(i*n%3)*time.Microsecond, nil, stop) {
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
	if s.free != 3 || len(s.reads)+len(s.writes) != 0 {
		t.Errorf("%d slots are free at the end, %d wait", s.free, len(s.reads)+len(s.writes))
	}
}
