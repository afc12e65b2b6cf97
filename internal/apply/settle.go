package apply

import (
	"context"
	"fmt"
	"slices"
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

// settled is what settling found out of one write.
type settled struct {
	finding finding
	found   *plan.Found
	why     string // why it is undecided, or what is otherwise
}

// settle finds out what became of one write.
func (a *Applier) settle(ctx context.Context, in *lockfile.Intent) settled {
	return a.settleAll(ctx, []*lockfile.Intent{in})[in]
}

// settleAll finds out what became of writes by looking, in rounds with growing pauses; a round's looks share their lists. Absence is believed only in a look begun the
// settle time after waiting for the call had ended.
func (a *Applier) settleAll(ctx context.Context, open []*lockfile.Intent) map[*lockfile.Intent]settled {
	out := map[*lockfile.Intent]settled{}
	now := a.Now()
	believe := map[*lockfile.Intent]time.Time{}
	for _, in := range open {
		believe[in] = in.GivenUpBy(now).Add(a.Settle)
	}
	for pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond); ; pause *= 2 {
		begun := a.Now()
		var left []*lockfile.Intent
		wait := pause
		seen := make([]settled, len(open))
		inParallel(len(open), a.Parallelism, func(i int) {
			found, err := a.lookFor(ctx, open[i], begun)
			finding, why := a.judge(open[i], found, err)
			seen[i] = settled{finding, found, why}
		})
		for i, in := range open {
			out[in] = seen[i]
			if f := seen[i].finding; f != took && f != otherwise && begun.Before(believe[in]) {
				left = append(left, in)
				wait = min(wait, believe[in].Sub(a.Now()))
			}
		}
		if open = left; len(open) == 0 {
			return out
		}
		if !a.sleep(ctx, wait) {
			for _, in := range open {
				out[in] = settled{undecided, nil, "the run was stopped before Moka could be looked at long enough"}
			}
			return out
		}
	}
}

// judge says what one look tells.
func (a *Applier) judge(in *lockfile.Intent, found *plan.Found, err error) (finding, string) {
	switch {
	case err != nil:
		return undecided, "Moka could not be looked at: " + err.Error()
	case in.Delete && (found == nil || in.Entry.ID != 0 && found.ID != in.Entry.ID):
		return took, ""
	case in.Delete:
		return absent, "" // the delete, not the thing
	case found == nil:
		return absent, ""
	}
	sent := in.Entry.Fields.List()
	if in.Creates() {
		sent = append(sent, in.Entry.Defaults.List()...)
	}
	other := found.Mismatches(sent, in.Entry.Code, a.keys())
	switch {
	case len(other) == 0 && a.passwordTook(in, found):
		return took, ""
	case len(other) == 0:
		return absent, "" // all but the password is as it was sent, perhaps because nothing else changed: sending it again harms nobody
	case !in.Creates() && len(found.Mismatches(in.Previous, in.Entry.Code, a.keys())) == 0:
		return absent, ""
	}
	return otherwise, "it is at Moka with another " + fieldNames(other) + " than was sent"
}

// passwordTook reports whether the password is the one that was sent, if one was. A run that does not have it any more cannot tell.
func (a *Applier) passwordTook(in *lockfile.Intent, found *plan.Found) bool {
	version, managed := lockfile.Find(in.Entry.Fields, passwordField.Name)
	if !managed || in.Creates() {
		return true
	}
	if known := view(a, func() *lockfile.Entry { return a.Session.Lock.Get(in.Entry.Address) }); known != nil && known.Text(passwordField.Name) == version.Text {
		return true
	}
	password, sent := a.Passwords[in.Entry.Address]
	return sent && found.Texts(passwordField)[0] == password
}

// lookFor reads the thing that an intent is about in a look begun no earlier than since; nil if it is not there.
func (a *Applier) lookFor(ctx context.Context, in *lockfile.Intent, since time.Time) (*plan.Found, error) {
	switch e := &in.Entry; e.Address.Kind {
	case spec.Customer:
		found, _, err := a.looks.customer(ctx, e.Code)
		return found, err
	case spec.Sale:
		if in.Delete {
			return a.endedSale(ctx, e, since)
		}
		return a.looks.byCode(ctx, spec.Sale, e.Code, since)
	case spec.Product:
		return a.looks.byCode(ctx, e.Address.Kind, e.Code, since)
	case spec.Card:
		return a.cardOf(ctx, e)
	case spec.PaymentStep:
		if in.Creates() {
			return a.stepOn(ctx, e)
		}
		return a.stepNumbered(ctx, e)
	default:
		if e.ID != 0 {
			return a.looks.schedule(ctx, e.ID, since)
		}
		return a.newSchedule(ctx, in, since)
	}
}

// endedSale finds a sale that may have been deleted. That Moka says there is nothing to list is believed only if it does not give the sale by its number either.
func (a *Applier) endedSale(ctx context.Context, e *lockfile.Entry, since time.Time) (*plan.Found, error) {
	all, err := a.looks.since(ctx, spec.Sale, since)
	if err != nil || !all.silent {
		return a.looks.byCode(ctx, spec.Sale, e.Code, since)
	}
	live, err := a.looks.reader.GetSale(ctx, saleKey(e.ID, e.Code))
	switch {
	case moka.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return plan.FoundOf(spec.Sale, live.Get), nil
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
	if r := a.World.Desired[e.Address]; r != nil {
		if token := r.Value("token"); !token.FromSource() && a.keys().Token(token.Text) == print {
			return a.looks.card(ctx, token.Text)
		}
	}
	key := moka.Record{{Name: "CustomerCode", Value: e.Text("customer")}}
	if number, ok := plan.ByNumber(e.Text("customer")); ok {
		key = moka.Record{{Name: "DealerCustomerId", Value: number}}
	}
	var found *plan.Found
	err := a.looks.reader.GetCardList(ctx, key, func(card moka.Record) error {
		if f := cardFound(nil, card); a.keys().Token(f.Texts(tokenField)[0]) == print {
			found = f
		}
		return nil
	})
	if moka.IsNoData(err) || moka.IsNotFound(err) {
		return nil, nil // neither the card nor, perhaps, its customer
	}
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
		if in.Entry.Address.Kind == spec.PaymentStep {
			a.looks.want(spec.Sale, in.Entry.Text("sale"))
		}
	}
	var proved proofs
	for in, s := range a.settleAll(ctx, pending) {
		a.settleOpen(in, s, &proved)
	}
	a.noteProofs(proved)
	slices.Sort(a.Notes)
	return a.Session.Save()
}

// settleOpen looks into one of them. What was to be created and is there otherwise than it was sent is left to a person: it may be ours, edited since, or somebody else's.
func (a *Applier) settleOpen(in *lockfile.Intent, s settled, proved *proofs) {
	address, seen, found, why := in.Entry.Address, s.finding, s.found, s.why
	known := a.Session.Lock.Get(address) != nil
	o := &lockfile.Outcome{Address: address, Status: "done"}
	switch {
	case seen == took && in.Delete:
		o.Deleted = true
		a.noteTook(in, "", &proved.gone)
	case seen == took:
		o.Entry = settledEntry(in, found)
		a.noteTook(in, idText(o.Entry.ID), &proved.stand)
	case seen == absent && in.Answered:
		why = map[bool]string{false: "Moka said that it took it, and does not show it", true: "Moka said that it took it away, and still shows it"}[in.Delete]
		fallthrough
	case seen == undecided || seen == otherwise && in.Creates() && !known:
		a.doubts[address] = why
		a.note("%s: %s of an earlier run is still in doubt: %s. %s", address, in.Op, why, inDoubtHint(address))
		return
	case seen == otherwise && in.Creates():
		o.Status = "absent" // it stands once, and was edited since: that is for the plan
	default:
		o.Status = "absent"
		a.note("%s: %s of an earlier run did not take effect", address, in.Op)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Session.Lock.Record(o)
}

// proofs are the notes on sales and payment steps that the run before was told it had made or deleted, and died before it could see that they stand once, or are gone. Nobody was told of
// them as in doubt.
type proofs struct{ stand, gone []string }

// fewProofs is how many are told one by one; of more only the number is.
const fewProofs = 10

// noteTook tells that a call took effect: beside other proofs, if that is all that was owed of it.
func (a *Applier) noteTook(in *lockfile.Intent, id string, proofs *[]string) {
	notes := &a.Notes
	if a.Session.Owes(in.Entry.Address) {
		notes = proofs
	}
	*notes = append(*notes, fmt.Sprintf("%s: %s of an earlier run took effect%s", in.Entry.Address, in.Op, id))
}

// noteProofs tells of proofs: of a few one by one, of many how many there were.
func (a *Applier) noteProofs(proved proofs) {
	for what, notes := range map[string][]string{"made by an earlier run: they stand at Moka, each once": proved.stand, "deleted by an earlier run: they are gone at Moka": proved.gone} {
		if len(notes) > fewProofs {
			notes = []string{fmt.Sprintf("%d sales and payment steps were %s", len(notes), what)}
		}
		a.Notes = append(a.Notes, notes...)
	}
}

// note remembers a sentence for the account, and for who watches.
func (a *Applier) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
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
