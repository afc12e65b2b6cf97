package moka

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// read makes a call that changes nothing, again and again while that may help: after network errors, EX, and the statuses by which servers say "later". The pauses grow,
// are spread at random, and are as long as the server asked where it did. A list is not begun anew once each has had a record of it.
func (c *caller) read(ctx context.Context, op Op, what Record, each func(Record) error) (data, error) {
	for attempt := 1; ; attempt++ {
		got, err := c.once(ctx, op, what, attempt, each)
		var e *Error
		if err == nil || !errors.As(err, &e) || !IsTemporary(err) || got.seen > 0 && each != nil {
			return got, err
		}
		// Time that was lost on silence is lost twice at most.
		if attempt >= c.attempts || attempt >= 2 && errors.Is(err, ErrTimeout) {
			return data{}, err
		}
		pause := c.pauseAfter(attempt, e.RetryAfter)
		if pause > c.longestPause || !wait(ctx, pause) {
			return data{}, err
		}
	}
}

// pauseAfter gives the pause after an attempt: the mean doubles, and half of it is left to chance, so that many clients do not come back together.
func (c *caller) pauseAfter(attempt int, asked time.Duration) time.Duration {
	mean := min(c.pause<<min(attempt-1, 16), c.longestPause)
	pause := mean/2 + rand.N(mean/2+1)
	return max(pause, asked)
}

// wait reports whether the pause passed before the context ended.
func wait(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
