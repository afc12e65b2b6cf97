package apply

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// missingSales names the sales that the lockfile knows and the list that was read does not show. It is told, and nothing is done about it.
func (a *Applier) missingSales(listed *list, p *plan.Plan) []string {
	planned := map[spec.Address]bool{} // these speak for themselves
	for _, c := range p.Changes {
		planned[c.Address] = c.Action.Planned()
	}
	var out []string
	for _, e := range a.Session.Lock.Entries() {
		if e.Address.Kind == spec.Sale && !planned[e.Address] && len(listed.code[e.Code]) == 0 {
			out = append(out, fmt.Sprintf("%s (code %q) is in the lockfile and not at Moka any more: see `mokasync plan --refresh`", e.Address, e.Code))
		}
	}
	return out
}

// stepsThere takes what is said of payment steps in the past out of past where Moka has the step.
func (a *Applier) stepsThere(ctx context.Context, p *plan.Plan, past []spec.Diagnostic) ([]spec.Diagnostic, error) {
	said := map[string]bool{}
	for _, d := range past {
		said[d.Address] = true
	}
	there := map[string]bool{}
	for _, c := range p.Changes {
		if c.Address.Kind != spec.PaymentStep || c.Action != plan.Create || !said[c.Address.String()] {
			continue
		}
		found, err := a.stepOn(ctx, a.World.Entry(c.Desired, 0))
		if err != nil && !moka.IsNoData(err) { // that one says: there is no such sale
			return nil, err
		}
		there[c.Address.String()] = found != nil
	}
	return slices.DeleteFunc(past, func(d spec.Diagnostic) bool { return there[d.Address] }), nil
}

// Preflight looks before the first write for what would stop a change half-way through the run, and gives it as mistakes at their places: dates in the past (past, of which it takes
// out those of what Moka has already), a product's name that another product has, a schedule that is gone, a card of another customer. Two sales with one code are an error. The error is for the user.
func (a *Applier) Preflight(ctx context.Context, p *plan.Plan, past []spec.Diagnostic) ([]spec.Diagnostic, error) {
	a.started = a.Now()
	found, err := a.stepsThere(ctx, p, past)
	if err != nil {
		return nil, err
	}
	products, schedules, cards, sales := created(p, spec.Product), a.scheduleUses(p), cardsAtHand(p), sent(p, spec.Sale)
	if len(sales) > 0 {
		a.wantSales(p)
	}
	listsIf := func(kind spec.Kind, changes int) []spec.Kind {
		if changes == 0 {
			return nil
		}
		return []spec.Kind{kind}
	}
	// The sales come last: the younger their list, the better.
	before := slices.Concat(listsIf(spec.Product, len(products)), listsIf(spec.Schedule, len(schedules)))
	seen, err := a.looks.together(ctx, before, tokensOf(cards), listsIf(spec.Sale, len(sales)), a.Parallelism)
	if err != nil {
		return nil, err
	}
	taken, err := a.namesTaken(ctx, products)
	if err != nil {
		return nil, err
	}
	gone, err := a.schedulesGone(ctx, schedules, created(p, spec.Schedule))
	if err != nil {
		return nil, err
	}
	found = slices.Concat(found, taken, gone, a.cardsOfOthers(cards, seen))
	if len(sales) == 0 {
		return found, nil
	}
	return a.salesThere(ctx, p, sales, found)
}

// created gives the changes of a plan that make something of a kind.
func created(p *plan.Plan, kind spec.Kind) []*plan.Change {
	return changesOf(p, kind, func(c *plan.Change) bool { return c.Action == plan.Create })
}

// sent gives those of a kind that are to be sent: neither blocked nor in doubt.
func sent(p *plan.Plan, kind spec.Kind) []*plan.Change {
	return changesOf(p, kind, func(c *plan.Change) bool {
		return c.Action.Planned() && c.Action != plan.Blocked && !c.InDoubt
	})
}

func changesOf(p *plan.Plan, kind spec.Kind, which func(*plan.Change) bool) (out []*plan.Change) {
	for _, c := range p.Changes {
		if c.Address.Kind == kind && which(c) {
			out = append(out, c)
		}
	}
	return out
}

// wantSales says what is to be kept of a list of sales for a plan, and for the run that follows.
func (a *Applier) wantSales(p *plan.Plan) {
	for _, c := range p.Changes {
		if c.Address.Kind != spec.Sale {
			continue
		}
		a.looks.want(spec.Sale, c.Code)
		if c.Action == plan.Create {
			if customer, _ := a.World.Texts(c.Desired.Value("customer")); !a.looks.partners[customer[0]] {
				a.looks.partner(customer[0])
			}
			if old := oldName(c.Desired); old != "" {
				a.looks.want(spec.Sale, old)
			}
		}
	}
	for _, e := range a.Session.Lock.Entries() {
		if e.Address.Kind == spec.Sale {
			a.looks.want(spec.Sale, e.Code)
		}
	}
}

// salesThere looks at the sales that are to be sent, and takes what is said of dates in the past out where Moka has the sale.
func (a *Applier) salesThere(ctx context.Context, p *plan.Plan, sales []*plan.Change, past []spec.Diagnostic) ([]spec.Diagnostic, error) {
	listed, err := a.looks.since(ctx, spec.Sale, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, c := range sales {
		if same := listed.code[c.Code]; len(same) > 1 {
			return nil, &TwiceError{plan.TwoSales(c.Code, same)}
		}
	}
	a.Notes = append(a.Notes, a.missingSales(listed, p)...)
	there := map[string]bool{}
	var more []spec.Diagnostic
	strangers := plan.NewStrangers(a.World, a.Session.Lock, listed.found, a.Today)
	for _, c := range created(p, spec.Sale) {
		found, err := a.looks.byCode(ctx, spec.Sale, c.Code, time.Time{})
		if err != nil {
			return nil, err
		}
		if found != nil {
			there[c.Address.String()] = true
		}
		if other := differing(a.World, c, found); other != "" {
			more = append(more, mistake(c.Desired, "saleCode", "the code %q is at Moka already (id %d), with another %s: nothing is ended for a sale that could not be made. Give it another saleCode", c.Code, found.ID, other))
		}
		if other := strangers.Beside(c.Desired); found == nil && other != nil {
			more = append(more, mistake(c.Desired, "customer", "%s", plan.BesideStranger(other)))
		}
		if old := oldName(c.Desired); found == nil && old != "" {
			if found, err := a.looks.byCode(ctx, spec.Sale, old, time.Time{}); err != nil {
				return nil, err
			} else if found != nil {
				more = append(more, mistake(c.Desired, "saleCode", "%s", plan.UnderOldName(c.Desired)))
			}
		}
	}
	past = slices.DeleteFunc(past, func(d spec.Diagnostic) bool { return there[d.Address] })
	return a.endings(ctx, p, append(past, more...))
}

// differing names what is otherwise at Moka of a sale that is to come in another's place, "" for nothing.
func differing(w *plan.World, c *plan.Change, found *plan.Found) string {
	if found == nil || c.Desired.Replaces().IsZero() {
		return ""
	}
	return differences(w.Differences(c.Desired, found))
}

// oldName is the code that a renamed sale without a code of its own had by its old name, "" for none.
func oldName(r *spec.Resource) string {
	if r.MovedFrom().IsZero() || r.Value("saleCode") != nil {
		return ""
	}
	return r.MovedFrom().Name
}

// endings looks whether the sales that are to be replaced can be ended, before the first of their payment steps is deleted.
func (a *Applier) endings(ctx context.Context, p *plan.Plan, past []spec.Diagnostic) ([]spec.Diagnostic, error) {
	leaving := map[int64]bool{}
	for _, c := range p.Changes {
		if c.Address.Kind == spec.PaymentStep && c.Action == plan.Delete && !c.Late() {
			leaving[c.ID] = true
		}
	}
	for _, c := range p.Changes {
		if c.Address.Kind != spec.Sale || c.Action != plan.Delete || c.ReplacedBy.IsZero() {
			continue
		}
		found, err := a.looks.byCode(ctx, spec.Sale, c.Code, time.Time{})
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue // it is gone already
		}
		why, _, err := a.mayEnd(ctx, c, found, leaving)
		if err != nil {
			return nil, err
		}
		if why != "" {
			past = append(past, mistake(a.World.Desired[c.ReplacedBy], "", "%s cannot be ended now: %s", c.Address, why))
		}
	}
	return past, nil
}

// mistake places what Moka shows at a field of a manifest, or at its kind where the field is left out.
func mistake(r *spec.Resource, field, format string, args ...any) spec.Diagnostic {
	d := spec.Diagnostic{Severity: spec.Error, File: r.File, Line: r.Line, Column: r.Column, Address: r.Address.String(), Message: fmt.Sprintf(format, args...)}
	if v := r.Value(field); v != nil {
		d.Line, d.Column = int(v.Line), int(v.Column)
	}
	return d
}

// namesTaken: Moka has each product's name once, under whatever code (moka-api 2.12).
func (a *Applier) namesTaken(ctx context.Context, creates []*plan.Change) ([]spec.Diagnostic, error) {
	if len(creates) == 0 {
		return nil, nil
	}
	all, err := a.looks.since(ctx, spec.Product, time.Time{})
	if err != nil {
		return nil, err
	}
	name := spec.Product.Def().Field("productName")
	by := make(map[string]*plan.Found, len(all.found))
	for _, f := range all.found {
		by[f.Texts(name)[0]] = f
	}
	var out []spec.Diagnostic
	for _, c := range creates {
		if f := by[c.Desired.Text("productName")]; f != nil && f.Code != c.Code {
			out = append(out, mistake(c.Desired, "productName", "%s", plan.NameTaken(f)))
		}
	}
	return out, nil
}

// scheduleUse is where a plan needs a schedule that is at Moka already.
type scheduleUse struct {
	number int64
	by     *spec.Resource
	field  string
	target spec.Address // zero for one kept elsewhere
}

// scheduleUses gives the schedules that are to be changed, and those that a sale is to use: as the lockfile knows them, or as a manifest names them by their number.
func (a *Applier) scheduleUses(p *plan.Plan) (uses []scheduleUse) {
	for _, c := range p.Changes {
		switch {
		case c.Desired == nil || c.Action == plan.Blocked:
		case c.Address.Kind == spec.Schedule && c.ID != 0:
			uses = append(uses, scheduleUse{c.ID, c.Desired, "id", c.Address})
		case c.Address.Kind == spec.Sale:
			if v := c.Desired.Value("schedule"); v != nil {
				if texts, state := a.World.Texts(v); state == plan.Settled {
					target, _ := v.Local()
					number, _ := strconv.ParseInt(texts[0], 10, 64)
					uses = append(uses, scheduleUse{number, c.Desired, "schedule", target})
				}
			}
		}
	}
	return uses
}

// schedulesGone: a schedule that is to be changed or used is there.
func (a *Applier) schedulesGone(ctx context.Context, uses []scheduleUse, creates []*plan.Change) ([]spec.Diagnostic, error) {
	if len(uses) == 0 {
		return nil, nil
	}
	made := map[spec.Address]bool{}
	for _, c := range creates {
		made[c.Address] = true
	}
	all, err := a.looks.since(ctx, spec.Schedule, time.Time{})
	if err != nil {
		return nil, err
	}
	there := make(map[int64]bool, len(all.found))
	for _, f := range all.found {
		there[f.ID] = true
	}
	var out []spec.Diagnostic
	for _, u := range uses {
		switch {
		case there[u.number], made[u.target]:
		case u.target.IsZero():
			out = append(out, mistake(u.by, u.field, "Moka has no schedule %d: check the id", u.number))
		default:
			out = append(out, mistake(u.by, u.field, "%s has the id %d, which Moka does not have any more: `mokasync apply --recreate %s` makes it anew, for the sales that are changed to use it; sales that used it keep the old id until then", u.target, u.number, u.target))
		}
	}
	return out, nil
}

// cardsAtHand gives the cards that are to be taken over or changed, and whose tokens the manifests say.
func cardsAtHand(p *plan.Plan) []*plan.Change {
	return changesOf(p, spec.Card, func(c *plan.Change) bool {
		return (c.Action == plan.Adopt || c.Action == plan.Update) && !c.Desired.Value("token").FromSource()
	})
}

func tokensOf(cards []*plan.Change) []string {
	tokens := make([]string, len(cards))
	for i, c := range cards {
		tokens[i] = c.Desired.Text("token")
	}
	return tokens
}

// cardsOfOthers holds cards against what was seen of them, in their order: each is there, and its own customer's (moka-api 2.10, 4.1). They are kept for the steps that follow.
func (a *Applier) cardsOfOthers(cards []*plan.Change, seen []*plan.Found) (out []spec.Diagnostic) {
	for i, f := range seen {
		c := cards[i]
		owner, _ := a.World.Texts(c.Desired.Value("customer"))
		switch {
		case f == nil:
			out = append(out, mistake(c.Desired, "token", "Moka has no card with this token: was it removed there, or is it another endpoint's?"))
		case !f.OwnedBy(owner[0]):
			out = append(out, mistake(c.Desired, "customer", "this card belongs to the customer %q at Moka: give it that customer, or the token of a card of this one", f.Owner))
		default:
			a.looks.seenCards[c.Desired.Text("token")] = f
		}
	}
	return out
}
