package apply

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// remove takes a thing away at Moka: one that is there, is the one that is known, and that no sale uses. What is gone already is done.
func (a *Applier) remove(ctx context.Context, c *plan.Change) *verdict {
	if c.Address.Kind == spec.Sale {
		return a.removeSale(ctx, c)
	}
	found, v := a.lookBeforeRemoval(ctx, c)
	if v != nil {
		return v
	}
	if found == nil && c.Address.Kind == spec.PaymentStep {
		return a.stepGone(ctx, c)
	}
	if found == nil {
		return &verdict{status: Done, deleted: true, adopted: true}
	}
	if c.Address.Kind == spec.PaymentStep {
		if v := a.stillOpen(found); v != nil {
			return v
		}
	} else {
		if user, err := a.usedBy(ctx, c.Known); err != nil {
			return failed("%s", cannotLook(err))
		} else if user != "" {
			return failed("the sale %q at Moka still uses it: nothing was deleted. End that sale first, or keep this", user)
		}
	}
	return a.send(ctx, removal(c, found))
}

// removals are the calls, and the members by which they name a thing: Moka's number and, where there is one, the code beside it, so that no other can be meant.
var removals = map[spec.Kind]struct {
	op   moka.Op
	code string
}{
	spec.Customer: {moka.RemoveCustomer, "CustomerCode"}, spec.Card: {moka.RemoveCard, ""}, spec.Product: {moka.DeleteProduct, "ProductCode"},
	spec.Schedule: {moka.DeleteSchedule, ""}, spec.Sale: {moka.DeleteSale, "SaleCode"}, spec.PaymentStep: {moka.DeletePaymentPlan, ""},
}

func removal(c *plan.Change, found *plan.Found) *write {
	row := removals[c.Address.Kind]
	w := &write{op: row.op, entry: c.Known, delete: true, by: c.ReplacedBy}
	if c.Address.Kind == spec.Card {
		w.request = moka.Record{{Name: "CardToken", Value: tokenField.ToWire(found.Texts(tokenField)[0])}}
		return w
	}
	w.request = moka.Record{{Name: c.Address.Kind.Def().IDMember, Value: itoa(found.ID)}}
	if row.code != "" {
		w.request = append(w.request, moka.Member{Name: row.code, Value: found.Code})
	}
	return w
}

// lookBeforeRemoval reads the thing, nil if it is not there any more. Another one under its code is not touched.
func (a *Applier) lookBeforeRemoval(ctx context.Context, c *plan.Change) (*plan.Found, *verdict) {
	found, err := a.lookFor(ctx, &lockfile.Intent{Entry: *c.Known, Delete: true}, a.started)
	switch {
	case err != nil:
		return nil, failed("%s", cannotLook(err))
	case found != nil && c.Known.ID != 0 && found.ID != c.Known.ID:
		return nil, failed("what is at Moka under its code is another one (id %d, not %d): it was made anew there, and is not deleted; see `mokasync plan --refresh`", found.ID, c.Known.ID)
	}
	return found, nil
}

// removeSale ends a sale. One in whose place another comes must be seen to be gone, with no payment under way, before that one is made.
func (a *Applier) removeSale(ctx context.Context, c *plan.Change) *verdict {
	found, err := a.looks.byCode(ctx, spec.Sale, c.Code, a.Now().Add(-freshness))
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found == nil:
		return &verdict{status: Done, deleted: true, adopted: true, by: c.ReplacedBy}
	case c.ID != 0 && found.ID != c.ID:
		return failed("the sale with the code %q is another one at Moka (id %d, not %d): it was made anew there, and is not ended; see `mokasync plan --refresh`", c.Code, found.ID, c.ID)
	}
	why, underWay, err := a.mayEnd(ctx, c, found, nil)
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case why != "":
		return failed("%s", why)
	}
	v := a.send(ctx, removal(c, found))
	if v.status != Done {
		return v
	}
	if underWay != "" {
		v.message = "its payment of " + underWay + " is still under way, and Moka may charge it"
	}
	a.soldMu.Lock()
	a.ended[c.Address], a.lastEnded = c.Known, a.Now()
	a.soldMu.Unlock()
	if !c.ReplacedBy.IsZero() {
		if why := a.seenGone(ctx, c.Known); why != "" {
			return &verdict{status: InDoubt, gaveUp: a.Now(), answered: true, by: c.ReplacedBy, message: why + ". " + inDoubtHint(c.Address)}
		}
	}
	return v
}

// forgetSale forgets a sale that a look showed to be gone, if it still is. Its code is kept, as that of one that this run deletes.
func (a *Applier) forgetSale(ctx context.Context, c *plan.Change) *verdict {
	found, err := a.looks.byCode(ctx, spec.Sale, c.Code, a.Now().Add(-freshness))
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found != nil:
		return failed("Moka has it after all (id %d): see `mokasync plan --prune --refresh`", found.ID)
	}
	return &verdict{status: Done, deleted: true, message: "forgotten, nothing was sent"}
}

// mayEnd says why a sale is not ended now, "" if it may be: payments that are open may still be charged after it is gone (moka-api 4.2). Of those in leaving the run takes care
// before. underWay are the days of payments that Moka is trying to charge.
func (a *Applier) mayEnd(ctx context.Context, c *plan.Change, found *plan.Found, leaving map[int64]bool) (why, underWay string, err error) {
	open, err := a.openSteps(ctx, found.ID)
	if err != nil {
		return "", "", err
	}
	automatic := found.Texts(spec.Sale.Def().Field("planType"))[0] == "automatic"
	var byHand, byMoka []string
	for _, s := range open {
		switch {
		case leaving[s.id]:
		case s.byHand || s.unsaid && !automatic:
			byHand = append(byHand, s.date)
		default:
			byMoka = append(byMoka, s.date)
		}
	}
	switch {
	case len(byHand) > 0:
		return fmt.Sprintf("it has payment steps made by hand that are still open, of %s: Moka may charge them after the sale is gone. Delete them first", strings.Join(byHand, ", ")), "", nil
	case len(byMoka) > 0 && !c.ReplacedBy.IsZero():
		return fmt.Sprintf("its payment of %s is still under way: Moka may charge it after the sale is gone, and %s in its place would charge once more. Apply again when it is charged or given up", strings.Join(byMoka, ", "), c.ReplacedBy), "", nil
	}
	return "", strings.Join(byMoka, ", "), nil
}

// openStep is a payment step that is neither charged nor given up: PlanStatus 0 or 2 (moka-api 2.28).
type openStep struct {
	id   int64
	date string // YYYY-MM-DD
	// byHand: IsManualPlan says that it was made by hand; unsaid: only an old copy of the page has that member, and it is not there.
	byHand, unsaid bool
}

func (a *Applier) openSteps(ctx context.Context, sale int64) ([]openStep, error) {
	today := a.Now().In(calendar.Istanbul)
	first, last := today.AddDate(-1, 0, 0).Format(time.DateOnly), today.AddDate(20, 0, 0).Format(time.DateOnly)
	var out []openStep
	err := a.looks.reader.GetPaymentPlanList(ctx, period(saleKey(sale, ""), first, last), func(step moka.Record) error {
		if status := step.Get("PlanStatus"); status != "1" && status != "3" {
			byHand, err := strconv.ParseBool(step.Get("IsManualPlan"))
			out = append(out, openStep{step.ID("DealerPaymentPlanId"), paymentDate.FromWire(step.Get("PaymentDate")), byHand, err != nil})
		}
		return nil
	})
	if moka.IsNoData(err) {
		return nil, nil
	}
	return out, err
}

var paymentDate = spec.PaymentStep.Def().Field("paymentDate")

// seenGone reads lists begun after the delete until the sale is in none, and says why that cannot be seen, "" if it can.
func (a *Applier) seenGone(ctx context.Context, e *lockfile.Entry) string {
	deleted := a.Now()
	for pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond); ; pause *= 2 {
		begun := a.Now()
		found, err := a.endedSale(ctx, e, begun)
		if err == nil && (found == nil || e.ID != 0 && found.ID != e.ID) {
			return ""
		}
		if begun.Sub(deleted) < a.Settle && a.sleep(ctx, min(pause, a.Settle-begun.Sub(deleted))) {
			continue
		}
		if err != nil {
			return fmt.Sprintf("Moka took DeleteSale, but it could not be seen that the sale is gone: %v", err)
		}
		return "Moka took DeleteSale, and still lists the sale"
	}
}

// proveGone reads one list after the last DeleteSale of the run. A sale that it still shows is in doubt: it may go on charging.
func (a *Applier) proveGone(ctx context.Context, account *Account) {
	for i := range account.Results {
		res := &account.Results[i]
		e := a.ended[res.Address]
		if e == nil || res.Status != Done || res.Action != plan.Delete {
			continue
		}
		if why := a.listedGone(ctx, e); why != "" {
			res.Status, res.Message = InDoubt, why+". "+inDoubtHint(res.Address)
			a.Session.Lock.Put(e)
			a.Session.Lock.AddPending(lockfile.Undeleted(e, spec.Address{}, string(moka.DeleteSale), a.Now()))
		}
	}
}

// listedGone looks in a list that all sales that were ended share; only for one that stands there still it looks again.
func (a *Applier) listedGone(ctx context.Context, e *lockfile.Entry) string {
	if found, err := a.endedSale(ctx, e, a.lastEnded); err == nil && (found == nil || e.ID != 0 && found.ID != e.ID) {
		return ""
	}
	return a.seenGone(ctx, e)
}

// use is something that a sale uses: its kind, and the key by which Moka knows it.
type use struct {
	kind spec.Kind
	key  string
}

// usesOf are the keys under which a sale may name the thing of an entry.
func usesOf(e *lockfile.Entry) []use {
	var out []use
	switch e.Address.Kind {
	case spec.Customer, spec.Product:
		out = append(out, use{e.Address.Kind, e.Code})
	case spec.Schedule:
		out = append(out, use{spec.Schedule, itoa(e.ID)})
	case spec.Card:
		out = append(out, use{spec.Card, e.Text("token")})
	}
	return out
}

// watch makes the lists of sales tell whether a sale uses the thing of an entry. Called while nothing else looks.
func (l *looks) watch(e *lockfile.Entry) {
	for _, u := range usesOf(e) {
		l.watchUse(u)
	}
}

func (l *looks) watchUse(u use) {
	if l.watched == nil {
		l.watched = map[use]bool{}
	}
	if !l.watched[u] {
		l.watched[u] = true
		l.lists[spec.Sale].list = nil
	}
}

// noteUses notes which of the watched things a sale uses.
func (l *looks) noteUses(sale *plan.Found, uses map[use][]string) {
	for i := range sale.Kind.Def().Fields {
		f := &sale.Kind.Def().Fields[i]
		if !f.IsReference() {
			continue
		}
		for _, text := range sale.Texts(f) {
			if f.Target == spec.Card {
				text = l.keys.Token(text)
			}
			if u := (use{f.Target, text}); l.watched[u] {
				uses[u] = append(uses[u], sale.Code)
			}
		}
	}
}

// usedBy names a sale at Moka that uses the thing of an entry, in a list begun after the last sale of this run was ended; "" if there is none.
func (a *Applier) usedBy(ctx context.Context, e *lockfile.Entry) (string, error) {
	a.soldMu.Lock()
	since := a.lastEnded
	a.soldMu.Unlock()
	if since.IsZero() {
		since = a.started
	}
	all, err := a.looks.since(ctx, spec.Sale, since)
	if err != nil {
		return "", err
	}
	for _, u := range usesOf(e) {
		for _, code := range all.uses[u] {
			if a.stillThere(ctx, code) {
				return code, nil
			}
		}
	}
	return "", nil
}

// stillThere reports whether a sale that a list shows was not ended by this run; Moka may show it a little longer.
func (a *Applier) stillThere(ctx context.Context, code string) bool {
	a.soldMu.Lock()
	var ended *lockfile.Entry
	for _, e := range a.ended {
		if e.Code == code {
			ended = e
		}
	}
	a.soldMu.Unlock()
	return ended == nil || a.seenGone(ctx, ended) != ""
}
