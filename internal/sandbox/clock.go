package sandbox

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Istanbul, also where the system has no zones
)

// istanbul is the zone whose day decides what has passed. Moka documents no
// zone (moka-api 3.3, 3.4).
var istanbul = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		panic("sandbox: embedded zone data lack Europe/Istanbul: " + err.Error())
	}
	return zone
}()

// clock is the base clock, moved. A clock that was set goes on running at the
// pace of its base.
type clock struct {
	mu     sync.Mutex
	base   func() time.Time
	offset time.Duration
	moved  bool
}

func newClock(base func() time.Time) *clock {
	if base == nil {
		base = time.Now
	}
	return &clock{base: base}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset).In(istanbul)
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.moved = t.Sub(c.base()), true
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.moved = c.offset+d, true
}

func (c *clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.moved = 0, false
}

func (c *clock) isMoved() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}

// Now is the sandbox's time, in Europe/Istanbul.
func (s *Server) Now() time.Time { return s.clock.now() }

// SetClock sets the sandbox's time; from there it goes on at the pace of
// [Options.Clock]. What falls due on the way is charged, in order. Set back, it
// charges nothing a second time.
//
// This and the other two leave what cannot be written to the data file undone;
// it is tried again when the sandbox is next asked.
func (s *Server) SetClock(t time.Time) { _ = s.moveClock(func() { s.clock.set(t) }) }

// AdvanceClock moves the sandbox's time by d, which may be negative; see
// [Server.SetClock].
func (s *Server) AdvanceClock(d time.Duration) { _ = s.moveClock(func() { s.clock.advance(d) }) }

// ResetClock takes the sandbox back to the time of [Options.Clock]; see
// [Server.SetClock].
func (s *Server) ResetClock() { _ = s.moveClock(s.clock.reset) }

// moveClock charges what is due before the clock moves, for it may move back,
// and what is due then.
func (s *Server) moveClock(move func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.catchUp()
	move()
	return errors.Join(before, s.catchUp())
}
