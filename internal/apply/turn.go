package apply

import (
	"context"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/lockfile"
)

// longestTurn is how long a write that was made ready waits for a slot, before it is made ready anew: what it rests on must not grow old.
const longestTurn = 5 * time.Second

// turn brings an attempt to where its call goes out: the intent on disk, and a slot taken. Without an intent there is no call: the verdict ends the sending, nil asks for
// another attempt.
func (s *sending) turn(ctx context.Context) (*lockfile.Intent, *verdict) {
	if s.attempts == 0 {
		return s.firstTurn(ctx)
	}
	return s.nextTurn(ctx)
}

// firstTurn announces, and then waits for a slot: until then others use it. What can end the run is asked once more at the last moment; the intent of a call that does
// not go out is taken back.
func (s *sending) firstTurn(ctx context.Context) (*lockfile.Intent, *verdict) {
	if why := s.halted(); why != "" {
		return nil, untried(why)
	}
	in, v := s.announce(s.write)
	if v != nil {
		return nil, v
	}
	took, goes := s.slots.take(s.patience, ctx.Done(), s.Stop), false
	defer func() {
		if took && !goes {
			s.slots.give()
		}
	}()
	if v = s.heldBack(ctx, in, took); v != nil {
		s.withdraw(in)
		return nil, v
	}
	goes = true
	return in, nil
}

// heldBack says why the call of an intent does not go out after all, nil if it does.
func (s *sending) heldBack(ctx context.Context, in *lockfile.Intent, took bool) *verdict {
	if err := s.journal.Err(); err != nil {
		return notRecorded(err)
	}
	switch why := s.halted(); {
	case why != "":
		return untried(why)
	case ctx.Err() != nil:
		return untried(stoppedText)
	case !took, s.allowed != nil && calendar.InChargeHours(s.Now()) != calendar.InChargeHours(in.At):
		return &verdict{anew: true} // what it rests on may not hold any more
	}
	return nil
}

// nextTurn takes a slot before it announces: an attempt before may have taken effect, and what was announced is not taken back any more.
func (s *sending) nextTurn(ctx context.Context) (*lockfile.Intent, *verdict) {
	begun := time.Now()
	if !s.slots.take(0, ctx.Done(), nil) {
		return nil, s.again(ctx, context.Cause(ctx))
	}
	goes := false
	defer func() {
		if !goes {
			s.slots.give()
		}
	}()
	if s.closed() != "" || s.before != nil && s.open == nil && time.Since(begun) > s.patience {
		return nil, nil // what allows the call is old by now: it is asked anew
	}
	in, v := s.announce(s.write)
	if v != nil && s.open != nil {
		v = s.doubt(s.open, v.message, false)
		v.journal = true
	}
	goes = v == nil
	return in, v
}

func untried(why string) *verdict {
	return &verdict{status: NotTried, journal: true, message: why}
}

// notRecorded: what cannot be recorded does not happen.
func notRecorded(err error) *verdict {
	return &verdict{status: Failed, journal: true, message: err.Error() + "; nothing was sent"}
}

// announce puts the intent on disk. Without it nothing is sent.
func (a *Applier) announce(w *write) (*lockfile.Intent, *verdict) {
	now := a.Now()
	in := &lockfile.Intent{
		Op: string(w.op), At: now.UTC(), Deadline: now.Add(a.patience + a.Timeout).UTC(), Digest: digest(a.keys(), w.op, w.request),
		Entry: *w.entry, Previous: w.previous, Delete: w.delete, By: w.by,
	}
	crashpoint.At("before-intent")
	if err := a.journal.Append(lockfile.Record{Intent: in}); err != nil {
		return nil, notRecorded(err)
	}
	crashpoint.At("after-intent")
	a.openMu.Lock()
	a.open[w.entry.Address] = &announced{Intent: in}
	a.openMu.Unlock()
	return in, nil
}

// withdraw records that the call of an intent does not go out: the next run has nothing to look into. Where that cannot be recorded, it looks.
func (a *Applier) withdraw(in *lockfile.Intent) {
	a.openMu.Lock()
	delete(a.open, in.Entry.Address)
	a.openMu.Unlock()
	crashpoint.At("before-withdrawal")
	a.journal.Add(lockfile.Record{Outcome: &lockfile.Outcome{Address: in.Entry.Address, Status: lockfile.NotSent}}) // an error of the journal ends the run by itself
}
