package apply

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// finding is what a look tells of a write whose outcome is not known.
type finding uint8

const (
	undecided finding = iota // still in doubt
	took                     // it is at Moka as it was sent
	otherwise                // it is at Moka, but not as it was sent nor as it was before
	absent                   // it did not take effect: seen in a look begun late enough
)

// settle finds out what became of a write by looking, with growing pauses. Absence is believed only in a look begun the settle time after
// waiting for the call had ended. The text says why it is undecided, or what is otherwise.
func (a *Applier) settle(ctx context.Context, in *lockfile.Intent) (finding, *plan.Found, string) {
	believe := in.GivenUpBy(a.Now()).Add(a.Settle)
	pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond)
	for {
		begun := a.Now()
		found, err := a.lookFor(ctx, in, begun)
		verdict, why := a.judge(in, found, err)
		if verdict == took || verdict == otherwise {
			return verdict, found, why
		}
		if !begun.Before(believe) {
			return verdict, found, why
		}
		if !a.sleep(ctx, min(pause, believe.Sub(a.Now()))) {
			return undecided, nil, "the run was stopped before Moka could be looked at long enough"
		}
		pause *= 2
	}
}

// judge says what one look tells.
func (a *Applier) judge(in *lockfile.Intent, found *plan.Found, err error) (finding, string) {
	switch {
	case err != nil:
		return undecided, "Moka could not be looked at: " + err.Error()
	case found == nil:
		return absent, ""
	}
	sent := append(append([]lockfile.Locked(nil), in.Entry.Fields...), in.Entry.Defaults...)
	other := found.Mismatches(sent, in.Entry.Code, a.keys())
	switch {
	case len(other) == 0:
		return took, ""
	case !in.Creates() && len(found.Mismatches(in.Previous, in.Entry.Code, a.keys())) == 0:
		return absent, ""
	}
	return otherwise, "it is at Moka with another " + fieldNames(other) + " than was sent"
}

// lookFor reads the thing that an intent is about in a look begun no earlier than since; nil if it is not there.
func (a *Applier) lookFor(ctx context.Context, in *lockfile.Intent, since time.Time) (*plan.Found, error) {
	switch e := &in.Entry; e.Address.Kind {
	case spec.Customer:
		found, _, err := a.looks.customer(ctx, e.Code)
		return found, err
	case spec.Product, spec.Sale:
		return a.looks.byCode(ctx, e.Address.Kind, e.Code, since)
	case spec.Card:
		return a.cardOf(ctx, e)
	default:
		if e.ID != 0 {
			return a.looks.schedule(ctx, e.ID, since)
		}
		return a.newSchedule(ctx, in, since)
	}
}

// newSchedule finds a schedule that may have been created, by its name and content: Moka gives it no key of ours (moka-api 2.15).
func (a *Applier) newSchedule(ctx context.Context, in *lockfile.Intent, since time.Time) (*plan.Found, error) {
	name, ok := lockfile.Find(in.Entry.Fields, "scheduleName")
	if !ok {
		name, _ = lockfile.Find(in.Entry.Defaults, "scheduleName")
	}
	same, err := a.looks.schedulesNamed(ctx, name.Text, since)
	if err != nil {
		return nil, err
	}
	switch len(same) {
	case 0:
		return nil, nil
	case 1:
		return same[0], nil
	}
	return nil, fmt.Errorf("it has %d schedules named %q: say which one with `id`", len(same), name.Text)
}

// cardOf reads a card that is known by its token's fingerprint: by the token where the manifest still has it, else among the cards of its customer.
func (a *Applier) cardOf(ctx context.Context, e *lockfile.Entry) (*plan.Found, error) {
	print := e.Text("token")
	a.mu.RLock()
	r := a.World.Desired[e.Address]
	a.mu.RUnlock()
	if r != nil {
		if token := r.Value("token"); !token.FromSource() && a.keys().Token(token.Text) == print {
			return a.looks.card(ctx, token.Text)
		}
	}
	key := moka.Record{{Name: "CustomerCode", Value: e.Text("customer")}}
	if number, ok := plan.ByNumber(e.Text("customer")); ok {
		key = moka.Record{{Name: "DealerCustomerId", Value: number}}
	}
	var found *plan.Found
	err := a.Client.GetCardList(ctx, key, func(card moka.Record) error {
		if f := cardFound(nil, card); a.keys().Token(f.Texts(tokenField)[0]) == print {
			found = f
		}
		return nil
	})
	return found, err
}

// SettlePending looks into every write that an earlier run left open, whether or not its manifest still exists, and remembers what it finds in
// the session's lock. What stays open keeps its address from being written to.
func (a *Applier) SettlePending(ctx context.Context) error {
	pending := append([]*lockfile.Intent(nil), a.Session.Lock.Pending...)
	if len(pending) == 0 {
		return nil
	}
	for _, in := range pending {
		if in.Entry.Address.Kind == spec.Sale || in.Entry.Address.Kind == spec.Customer {
			a.looks.want(in.Entry.Address.Kind, in.Entry.Code)
		}
	}
	for _, in := range pending {
		address := in.Entry.Address
		verdict, found, why := a.settle(ctx, in)
		a.Log.Debug("settled an open call", "address", address.String(), "call", in.Op, "finding", int(verdict))
		o := &lockfile.Outcome{Address: address, Status: "done"}
		switch verdict {
		case took:
			o.Entry = settledEntry(in, found)
		case absent, otherwise:
			o.Status = "absent"
		case undecided:
			a.doubts[address] = why
			continue
		}
		a.mu.Lock()
		a.Session.Lock.Record(o)
		a.mu.Unlock()
	}
	return a.Session.Save()
}

// settledEntry is what is known once a write is found to have taken effect.
func settledEntry(in *lockfile.Intent, found *plan.Found) *lockfile.Entry {
	e := in.Entry
	if e.ID == 0 {
		e.ID = found.ID
	}
	return &e
}

func fieldNames(fields []*spec.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
