package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// write is one thing to be sent.
type write struct {
	op      moka.Op
	request moka.Record
	// entry is what is known if it takes effect; its ID is 0 for a create.
	entry *lockfile.Entry
	// previous are the kept fields as they are before an update, nil for a create.
	previous []lockfile.Locked
	resource *spec.Resource
	// delete: it takes the thing away; by is, of a sale, the one that comes in its place.
	delete bool
	by     spec.Address
	// before is asked just before the intent is written: its verdict, if any, takes the call's place.
	before func(context.Context) *verdict
	// allowed is asked at every attempt: its verdict, if any, ends the sending.
	allowed func(context.Context) *verdict
}

// verdict is what became of one change, as it goes into account, journal and lockfile.
type verdict struct {
	status Status
	entry  *lockfile.Entry // nil where nothing new is known
	// deleted: it is gone at Moka; dropped: it is forgotten without a call.
	deleted, dropped bool
	by               spec.Address // of a deleted sale, the one that comes in its place
	adopted          bool
	code             string
	message          string
	gaveUp           time.Time
	// answered: Moka said that it took what is in doubt.
	answered bool
	journal  bool // it stands in the journal already
	// anew: nothing was sent, since it waited too long for its turn; the change is to be made ready anew, from its look on.
	anew bool
	mark lockfile.Mark // of its outcome in the journal
}

func failed(format string, args ...any) *verdict {
	return &verdict{status: Failed, message: fmt.Sprintf(format, args...)}
}

const (
	// maxThrottled is how often a write is sent again after Moka asked for fewer calls.
	maxThrottled = 5
	// maxNotSent is how often a write of which not a byte left is tried.
	maxNotSent = 3
	// longestWait bounds what is waited for one Retry-After.
	longestWait = 2 * time.Minute
)

// send makes one write and gives what became of it. Whatever is not known is settled by looking; it is sent again only where Moka does not have
// it, or where a second one is refused by its code.
func (a *Applier) send(ctx context.Context, w *write) *verdict {
	s := &sending{Applier: a, write: w}
	for {
		if v := s.once(ctx); v != nil {
			return v
		}
	}
}

// sending is one write under way, over all its attempts.
type sending struct {
	*Applier
	*write
	resent             bool
	notSent, throttled int
	attempts           int // that were announced
	// open is the last attempt whose outcome is not known and was not looked into.
	open *lockfile.Intent
}

// once makes one attempt. nil means that there is to be another.
func (s *sending) once(ctx context.Context) *verdict {
	if s.allowed != nil {
		if v := s.allowed(ctx); v != nil {
			return s.forbidden(ctx, v)
		}
	}
	if s.before != nil && s.open == nil {
		if v := s.before(ctx); v != nil {
			return v
		}
	}
	if why := s.closed(); why != "" {
		return s.closedTo(ctx, why)
	}
	in, v := s.turn(ctx)
	if in == nil {
		return v
	}
	s.attempts++
	answer, err := s.call(ctx, in, s.write)
	in.GaveUp = s.Now()
	crashpoint.At("after-answer")
	switch outcome := moka.OutcomeOf(err); {
	case outcome == moka.Done:
		return s.accept(s.write, answer)
	case outcome == moka.Refused:
		return s.refused(ctx, in, err)
	case outcome == moka.NotSent:
		return s.again(ctx, err)
	case isThrottled(err) && s.throttled < maxThrottled:
		s.throttled++
		s.open = in
		return s.afterThrottle(ctx, in, err)
	case (s.delete || repeatable(s.op)) && !s.resent:
		s.resent, s.open = true, in
		return nil
	default:
		s.open = nil
		v := s.settleWrite(ctx, in, err)
		s.resent = true
		return v
	}
}

// forbidden ends a sending that is not allowed any more. An attempt before may have taken effect all the same.
func (s *sending) forbidden(ctx context.Context, v *verdict) *verdict {
	if s.open == nil {
		return v
	}
	switch found := s.settle(ctx, s.open); found.finding {
	case took:
		return s.wasTaken(s.open, found.found)
	case absent:
		return v
	case otherwise:
		return failed("%s", found.why)
	default:
		return s.doubt(s.open, found.why, false)
	}
}

// closedTo ends a sending whose hours are over. Where nothing was announced, nothing was tried.
func (s *sending) closedTo(ctx context.Context, why string) *verdict {
	if s.attempts == 0 {
		return untried(why)
	}
	return s.forbidden(ctx, failed("not sent again: %s", why))
}

// again decides after an attempt of which not a byte left.
func (s *sending) again(ctx context.Context, err error) *verdict {
	if s.notSent++; s.notSent < maxNotSent && s.sleep(ctx, time.Duration(s.notSent)*time.Second) {
		return nil
	}
	if s.open == nil {
		return failed("nothing was sent: %v", err)
	}
	s.resent = true
	return s.settleWrite(ctx, s.open, err)
}

// repeatable: Moka refuses a code that it has (moka-api 2.1, 2.12). What takes a thing away by Moka's number may be repeated as well (moka-api 4.2).
func repeatable(op moka.Op) bool { return op == moka.AddCustomer || op == moka.AddProduct }

func isThrottled(err error) bool {
	var e *moka.Error
	return errors.As(err, &e) && e.Throttled()
}

// call makes the call of an intent in the slot that it has, within the time that the intent names.
func (a *Applier) call(ctx context.Context, in *lockfile.Intent, w *write) (moka.Record, error) {
	defer a.slots.give()
	a.openMu.Lock()
	a.open[w.entry.Address].sent = true
	a.openMu.Unlock()
	crashpoint.At("before-call")
	ctx, cancel := context.WithTimeout(ctx, min(a.Timeout, in.Deadline.Sub(a.Now())))
	defer cancel()
	switch w.op {
	case moka.AddCustomer:
		return a.Client.AddCustomer(ctx, w.request)
	case moka.UpdateCustomer:
		return a.Client.UpdateCustomer(ctx, w.request)
	case moka.UpdateCard:
		_, card, err := a.Client.UpdateCard(ctx, w.request)
		return card, err
	case moka.AddProduct:
		return a.Client.AddProduct(ctx, w.request)
	case moka.AddSchedule:
		return a.Client.AddSchedule(ctx, w.request)
	case moka.UpdateSchedule:
		return a.Client.UpdateSchedule(ctx, w.request)
	case moka.UpdateSale:
		return a.Client.UpdateSale(ctx, w.request)
	case moka.AddPaymentPlan:
		return a.Client.AddPaymentPlan(ctx, w.request)
	case moka.UpdatePaymentPlan:
		return a.Client.UpdatePaymentPlan(ctx, w.request)
	case moka.RemoveCustomer, moka.RemoveCard, moka.DeleteProduct, moka.DeleteSchedule, moka.DeleteSale, moka.DeletePaymentPlan:
		return nil, a.Client.Delete(ctx, w.op, w.request)
	default:
		return a.Client.AddSale(ctx, w.request)
	}
}

// accept records a Success, and holds the answer against what was sent.
func (a *Applier) accept(w *write, answer moka.Record) *verdict {
	if w.delete {
		return &verdict{status: Done, deleted: true, by: w.by}
	}
	e := *w.entry
	kind := e.Address.Kind
	if member := kind.Def().IDMember; member != "" && e.ID == 0 {
		e.ID = answer.ID(member)
	}
	a.mu.Lock()
	a.claims(e.Address, e.ID)
	a.mu.Unlock()
	v := &verdict{status: Done, entry: &e}
	other := otherThanSent(kind, w.request, answer)
	if len(other) == 0 {
		return v
	}
	a.keptOtherwise(v, plan.FoundOf(kind, answer.Get), other)
	return v
}

// keptOtherwise says that what was sent came out otherwise. What Moka made of it is what is known: the next plan shows the difference.
func (a *Applier) keptOtherwise(v *verdict, found *plan.Found, other []*spec.Field) {
	e := *v.entry
	fields := e.Fields.List()
	for i, l := range fields {
		if slices.Contains(other, l.Field) {
			fields[i] = a.keys().Lock(l.Field, e.Code, found.Texts(l.Field))
		}
	}
	e.Fields = lockfile.FieldsOf(fields)
	v.entry, v.status, v.message = &e, Failed, "Moka took it but keeps another "+fieldNames(other)+" than was sent: see `mokasync plan`"
}

// refused records a refusal: its code, what that means, and the manifest's line that it speaks of. A code that exists already may be ours.
func (s *sending) refused(ctx context.Context, in *lockfile.Intent, err error) *verdict {
	var e *moka.Error
	errors.As(err, &e) // a refusal is one
	if repeatable(s.op) && strings.HasSuffix(e.Code, "CodeAlreadyUsing") {
		return s.takenCode(ctx, in, e.Code)
	}
	if s.open == nil && s.delete && (strings.HasSuffix(e.Code, "NotFound") || strings.HasSuffix(e.Code, "NotFund")) {
		s.open = in // it was there just now: a look tells whether it is gone
	}
	if s.open != nil {
		// An attempt before this one may have taken effect all the same.
		s.resent = true
		if v := s.settleWrite(ctx, s.open, err); v.status != Failed {
			return v
		}
	}
	meaning, _ := moka.Meaning(e.Code)
	v := &verdict{status: Failed, code: e.Code, message: e.Code + ": " + meaning}
	if place := placeOf(s.resource, moka.MemberOf(e.Code)); place != "" {
		v.message += " (" + place + ")"
	}
	if hint := s.hint(e.Code); hint != "" {
		v.message += "; " + hint
	}
	return v
}

// hint says what to do about a refusal. The dates of a sale that runs already are in the past; sending them back is what a whole UpdateSale does (moka-api 4.2).
func (s *sending) hint(code string) string {
	if s.op == moka.UpdateSale && strings.HasSuffix(code, "AlreadyPassed") {
		return "nothing was changed, and it is not tried with fewer members: docs/when-things-differ.md, \"A sale that runs cannot be changed\", tells what to do"
	}
	return moka.Hint(code)
}

// takenCode looks at what has the code already: our own write whose answer was lost, or somebody else's. Moka may show it a little later than it
// refuses its code.
func (s *sending) takenCode(ctx context.Context, in *lockfile.Intent, code string) *verdict {
	var v *verdict
	found := s.settle(ctx, in)
	why := found.why
	switch found.finding {
	case took:
		v := s.wasTaken(in, found.found)
		v.adopted = !s.resent
		return v
	case otherwise:
		v = failed("%s: `mokasync plan --refresh` shows what taking it over would change", why)
	case absent:
		v = s.doubt(in, "Moka says that the code is in use, but does not show what has it", false)
	default:
		v = s.doubt(in, "Moka says that the code is in use; "+why, false)
	}
	v.code = code
	return v
}

// placeOf gives "file:line" of the value that a member of the request came from, "" if the manifest has none.
func placeOf(r *spec.Resource, member string) string {
	if r == nil || member == "" {
		return ""
	}
	for i := range r.Values {
		v := &r.Values[i]
		wires := []string{v.Field.Wire}
		if v.Field.Type == spec.References {
			wires = spec.CardWires[:]
		} else if v.Field.IsReference() {
			wires = append(wires, v.Field.Target.Def().IDMember)
		}
		for n, wire := range wires {
			if wire != member {
				continue
			}
			line := v.Line
			if v.Field.Type == spec.References && n < len(v.Items()) {
				line = v.Items()[n].Line
			}
			return fmt.Sprintf("%s:%d", r.File, line)
		}
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

// afterThrottle waits as long as Moka asks and, where a second call would be a second charge, looks. nil means: send again.
func (s *sending) afterThrottle(ctx context.Context, in *lockfile.Intent, err error) *verdict {
	var e *moka.Error
	errors.As(err, &e) // isThrottled has seen it
	pause := min(max(e.RetryAfter, time.Second), longestWait)
	if !s.sleep(ctx, pause) {
		return s.doubt(in, "Moka asked for fewer calls, and the run was stopped before it could be looked at", false)
	}
	if s.op != moka.AddSale && s.op != moka.AddSchedule && s.op != moka.AddPaymentPlan {
		return nil
	}
	found, lookErr := s.lookFor(ctx, in, s.Now())
	switch seen, why := s.judge(in, found, lookErr); seen {
	case took:
		return s.wasTaken(in, found)
	case absent:
		s.open = nil
		return nil
	case otherwise:
		return failed("%s", why)
	default:
		return s.doubt(in, why, false)
	}
}

// settleWrite finds out what became of a write whose outcome is not known. nil means: it did not take effect, and may be sent once more.
func (s *sending) settleWrite(ctx context.Context, in *lockfile.Intent, cause error) *verdict {
	s.Say(fmt.Sprintf("%s: %v; looking at Moka for up to %s to see whether it took effect", in.Entry.Address, cause, s.Settle))
	result := s.settle(ctx, in)
	seen, found, why := result.finding, result.found, result.why
	as := map[bool]string{false: "Moka does not have it", true: "Moka still has it"}[in.Delete]
	switch {
	case seen == took && in.Delete:
		return &verdict{status: Done, deleted: true, by: in.By}
	case seen == took:
		return s.wasTaken(in, found)
	case seen == otherwise:
		v := failed("%v; %s", cause, why)
		v.entry = s.asFound(in, found)
		return v
	case seen == absent && answeredSuccess(cause):
		return s.doubt(in, fmt.Sprintf("%v; Moka said that it took it, and does not show it under this code", cause), true)
	case seen == undecided:
		return s.doubt(in, fmt.Sprintf("%v; %s", cause, why), answeredSuccess(cause))
	case s.stopped():
		return failed("%v; %s", cause, as)
	case !s.resent:
		return nil
	case moka.OutcomeOf(cause) != moka.Unknown:
		return failed("%v; %s", cause, as)
	}
	return s.doubt(in, fmt.Sprintf("%v; %s, but it was sent twice already", cause, as), false)
}

// wasTaken is the verdict on a write that is found to have taken effect.
func (a *Applier) wasTaken(in *lockfile.Intent, found *plan.Found) *verdict {
	e := settledEntry(in, found)
	a.mu.Lock()
	a.claims(e.Address, e.ID)
	a.mu.Unlock()
	return &verdict{status: Done, entry: e}
}

// answeredSuccess: Moka said that it took the write, only not in a way that can be believed. It must never be sent again on the strength of a list.
func answeredSuccess(err error) bool {
	var e *moka.Error
	return errors.As(err, &e) && e.Code == "Success"
}

// asFound is what is known of a sale that was created and is there otherwise than it was sent: with it the next plan shows the difference. nil for what may be somebody else's.
func (a *Applier) asFound(in *lockfile.Intent, found *plan.Found) *lockfile.Entry {
	if in.Entry.Address.Kind != spec.Sale || !in.Creates() {
		return nil
	}
	e := settledEntry(in, found)
	fields := e.Fields.List()
	for i, l := range fields {
		fields[i] = a.keys().Lock(l.Field, e.Code, found.Texts(l.Field))
	}
	e.Fields, e.Defaults = lockfile.FieldsOf(fields), lockfile.Fields{}
	return e
}

func (a *Applier) doubt(in *lockfile.Intent, why string, answered bool) *verdict {
	gaveUp := in.GaveUp
	if gaveUp.IsZero() {
		gaveUp = a.Now()
	}
	return &verdict{status: InDoubt, gaveUp: gaveUp, answered: answered, message: why + ". " + inDoubtHint(in.Entry.Address)}
}

func inDoubtHint(address spec.Address) string {
	return fmt.Sprintf("The next apply looks again; or look in Moka's panel and say `mokasync resolve %s --adopt ID` or `--absent`", address)
}
