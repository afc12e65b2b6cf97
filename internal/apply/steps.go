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

// step makes one change.
func (a *Applier) step(ctx context.Context, c *plan.Change) *verdict {
	if why, open := a.doubts[c.Address]; open {
		return &verdict{status: InDoubt, journal: true, message: why + ". " + inDoubtHint(c.Address)}
	}
	switch c.Action {
	case plan.Create:
		if c.Address.Kind == spec.PaymentStep {
			return a.createStep(ctx, c)
		}
		return a.create(ctx, c)
	case plan.Delete:
		return a.remove(ctx, c)
	case plan.Forget:
		if c.Address.Kind == spec.Sale {
			return a.forgetSale(ctx, c)
		}
		return &verdict{status: Done, dropped: true, message: "forgotten, nothing was sent"}
	}
	switch c.Address.Kind {
	case spec.Customer:
		return a.changeCustomer(ctx, c)
	case spec.Card:
		return a.changeCard(ctx, c)
	case spec.Schedule:
		return a.changeSchedule(ctx, c)
	case spec.Sale:
		return a.changeSale(ctx, c)
	case spec.PaymentStep:
		return a.changeStep(ctx, c)
	default:
		return a.takeOver(ctx, c)
	}
}

// create looks for the thing, takes it over if it is there just so, and creates it if it is not there.
func (a *Applier) create(ctx context.Context, c *plan.Change) *verdict {
	found, v := a.lookBefore(ctx, c)
	if v != nil {
		return v
	}
	if found != nil {
		return a.foundBefore(c, found)
	}
	w := a.creating(c)
	if c.Address.Kind == spec.Sale {
		a.soldMu.Lock()
		a.sold[c.Code] = c.Address
		a.soldMu.Unlock()
		w.before = func(ctx context.Context) *verdict { return a.lookAgain(ctx, c) }
	}
	return a.send(ctx, w)
}

var creators = map[spec.Kind]moka.Op{
	spec.Customer: moka.AddCustomer, spec.Product: moka.AddProduct, spec.Schedule: moka.AddSchedule, spec.Sale: moka.AddSale,
	spec.PaymentStep: moka.AddPaymentPlan,
}

func (a *Applier) creating(c *plan.Change) *write {
	a.mu.RLock()
	defer a.mu.RUnlock()
	q := a.creation(c.Desired)
	entry := a.World.Entry(c.Desired, 0)
	entry.Defaults = lockfile.FieldsOf(q.defaults)
	members := q.members
	switch c.Address.Kind {
	case spec.Schedule:
		members = scheduleRest(members)
	case spec.PaymentStep:
		members = append(a.stepSale(entry), slices.DeleteFunc(members, func(m moka.Member) bool { return m.Name == "SaleCode" || m.Name == "DealerSaleId" })...)
	}
	return &write{op: creators[c.Address.Kind], request: members, entry: entry, resource: c.Desired}
}

// fewCustomers is how many customers are looked up one by one; for more, one list is read.
const fewCustomers = 8

// lookBefore finds what is at Moka already of a thing that is to be created. A look that fails ends the change: nothing was sent.
func (a *Applier) lookBefore(ctx context.Context, c *plan.Change) (*plan.Found, *verdict) {
	var found *plan.Found
	var err error
	switch c.Address.Kind {
	case spec.Customer:
		if len(a.looks.wanted[spec.Customer]) <= fewCustomers {
			found, _, err = a.looks.customer(ctx, c.Code)
		} else {
			found, err = a.looks.byCode(ctx, spec.Customer, c.Code, a.started)
		}
	case spec.Sale:
		found, err = a.looks.byCode(ctx, spec.Sale, c.Code, a.Now().Add(-freshness))
	case spec.Product:
		found, err = a.looks.byCode(ctx, spec.Product, c.Code, a.started)
	default:
		same, lookErr := a.looks.schedulesNamed(ctx, plan.ScheduleName(c.Desired), a.started)
		if lookErr != nil {
			return nil, failed("%s", cannotLook(lookErr))
		}
		found, why := plan.AdoptableSchedule(c.Desired, same)
		if why != "" {
			return nil, failed("%s", why)
		}
		return found, nil
	}
	if err != nil {
		return nil, failed("%s", cannotLook(err))
	}
	return found, nil
}

// freshness is how old the list of sales may be when an AddSale is made ready: it may wait for a slot, and the call itself for its turn, half a minute being ample.
const freshness = maxAge - 30*time.Second - longestTurn

// lookAgain looks once more where the list has grown too old between the look and the call.
func (a *Applier) lookAgain(ctx context.Context, c *plan.Change) *verdict {
	found, v := a.lookBefore(ctx, c)
	if v == nil && found != nil {
		v = a.foundBefore(c, found)
	}
	return v
}

// foundBefore takes over what is at Moka already if it is just so; else it names what is otherwise.
func (a *Applier) foundBefore(c *plan.Change, found *plan.Found) *verdict {
	a.mu.Lock()
	defer a.mu.Unlock()
	if holder := a.holderOf(c.Address, found.ID); holder != "" {
		return failed("what Moka has under this %s%s is %s: give this one another", map[bool]string{false: "name or code", true: "day"}[c.Address.Kind == spec.PaymentStep], idText(found.ID), holder)
	}
	other := a.World.Differences(c.Desired, found)
	if password, sent := a.Passwords[c.Address]; sent && found.Texts(passwordField)[0] != password {
		other = append(other, plan.FieldChange{Field: passwordField})
	}
	if len(other) > 0 {
		return failed("it is at Moka already%s, with another %s: `mokasync plan --refresh` shows what taking it over would change", idText(found.ID), differences(other))
	}
	a.claims(c.Address, found.ID)
	return &verdict{status: Done, adopted: true, entry: a.World.Taken(c.Desired, found.ID, found)}
}

// holderOf is called with what is known locked; it names the resource under which the lockfile
// knows a number of Moka's already, if that is another one.
func (a *Applier) holderOf(address spec.Address, id int64) string {
	if id == 0 {
		return ""
	}
	if e := a.Session.Lock.ByNumber(address.Kind, id); e != nil && e.Address != address {
		return e.Address.String()
	}
	if other, claimed := a.claimed[claim{address.Kind, id}]; claimed && other != address {
		return other.String()
	}
	return ""
}

// claim is Moka's number of a thing of a kind.
type claim struct {
	kind spec.Kind
	id   int64
}

// claims notes, with mu held, that a number of Moka's is now that of an address.
func (a *Applier) claims(address spec.Address, id int64) {
	if id != 0 {
		a.claimed[claim{address.Kind, id}] = address
	}
}

// holds is holderOf for who has nothing locked.
func (a *Applier) holds(address spec.Address, id int64) string {
	a.mu.Lock() // ByNumber makes its index
	defer a.mu.Unlock()
	return a.holderOf(address, id)
}

var passwordField = spec.Customer.Def().Field("password")

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf(" (id %d)", id)
}

// differences names fields, with their values where these may be seen.
func differences(other []plan.FieldChange) string {
	parts := make([]string, len(other))
	for i, f := range other {
		parts[i] = f.Field.Name
		if f.Field.Sensitivity == spec.Public && f.From.Present() {
			parts[i] += fmt.Sprintf(" (%s there, %s here)", f.From, f.To)
		}
	}
	return strings.Join(parts, ", ")
}

// editedToo names the managed fields that Moka has otherwise than the plan shows: otherwise than the lockfile or, for a thing not known, than the manifest. With a plan that was made
// by a look, those in it were shown as Moka has them.
func (a *Applier) editedToo(c *plan.Change, found *plan.Found) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var there, differing []*spec.Field
	for _, f := range a.World.Differences(c.Desired, found) {
		differing = append(differing, f.Field)
	}
	if c.Known != nil && c.Action == plan.Update {
		there = found.Mismatches(c.Known.Fields.List(), c.Known.Code, a.keys())
	} else {
		there = differing
	}
	var out []*spec.Field
	for _, f := range there {
		// What the manifest says too is not overwritten by sending it: only the lockfile is behind.
		shown := inPlan(c, f) && (a.looked || c.Known == nil || c.Action != plan.Update)
		if c.Desired.Value(f.Name) != nil && !shown && slices.Contains(differing, f) {
			out = append(out, f)
		}
	}
	return fieldNames(out)
}

func inPlan(c *plan.Change, field *spec.Field) bool {
	for _, f := range c.Fields {
		if f.Field == field {
			return true
		}
	}
	return false
}

func editedTooVerdict(names string) *verdict {
	return failed("%s edited there too, which the plan does not show: nothing was sent; see `mokasync plan --refresh`", names)
}

// equalAlready reports whether nothing is left to send, and gives the entry and what is kept of the thing as it is.
func (a *Applier) equalAlready(c *plan.Change, found *plan.Found) (equal bool, entry *lockfile.Entry, previous []lockfile.Locked) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	id := found.ID
	if c.Address.Kind == spec.Card {
		id = 0
	}
	entry = a.World.Taken(c.Desired, id, found)
	previous = []lockfile.Locked{} // not nil: it is no create
	for _, l := range entry.Fields.All() {
		if l.Field.Type != spec.Password && l.Field.Type != spec.Token && !(c.Address.Kind == spec.Card && l.Field.IsReference()) {
			previous = append(previous, a.keys().Lock(l.Field, entry.Code, found.Texts(l.Field)))
		}
	}
	_, password := a.Passwords[c.Address]
	return !password && len(a.World.Differences(c.Desired, found)) == 0, entry, previous
}

// changeCustomer updates or takes over a customer: every member is sent, those that are not managed as they were just read (moka-api 4.4).
func (a *Applier) changeCustomer(ctx context.Context, c *plan.Change) *verdict {
	found, live, err := a.looks.customer(ctx, c.Code)
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found == nil:
		return failed("Moka has no customer with the code %q any more: was it removed there? See `mokasync plan --refresh`", c.Code)
	case c.Known != nil && c.Known.ID != 0 && c.Known.ID != found.ID:
		return failed("the customer with the code %q is another one at Moka (id %d, not %d): it was made anew there; see `mokasync plan --refresh`", c.Code, found.ID, c.Known.ID)
	}
	if names := a.editedToo(c, found); names != "" {
		return editedTooVerdict(names)
	}
	equal, entry, previous := a.equalAlready(c, found)
	if equal {
		return &verdict{status: Done, adopted: true, entry: entry}
	}
	set := append(moka.Record{{Name: "CustomerCode", Value: c.Code}}, view(a, func() moka.Record { return a.managed(c.Desired) })...)
	return a.send(ctx, &write{op: moka.UpdateCustomer, request: overlay(live, set, "DealerCustomerId"), entry: entry, previous: previous, resource: c.Desired})
}

// changeCard names or takes over a stored card. Nobody but its own customer's manifest may have it.
func (a *Applier) changeCard(ctx context.Context, c *plan.Change) *verdict {
	token := c.Desired.Text("token")
	found, err := a.looks.seenCards[token], error(nil)
	if found == nil || c.Desired.Value("cardName") != nil { // what is sent over is read just before
		found, err = a.looks.card(ctx, token)
	}
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found == nil:
		return failed("Moka has no card with this token%s: was it removed there, or is it another endpoint's?", at(c.Desired, "token"))
	}
	owner := view(a, func() []string {
		texts, _ := a.World.Texts(c.Desired.Value("customer"))
		return texts
	})
	if !found.OwnedBy(owner[0]) {
		return failed("this card belongs to the customer %q at Moka%s", found.Owner, at(c.Desired, "customer"))
	}
	if names := a.editedToo(c, found); names != "" {
		return editedTooVerdict(names)
	}
	equal, entry, previous := a.equalAlready(c, found)
	if equal || c.Desired.Value("cardName") == nil {
		return &verdict{status: Done, adopted: true, entry: entry}
	}
	request := moka.Record{{Name: "CardToken", Value: tokenField.ToWire(token)}, {Name: "CardName", Value: c.Desired.Text("cardName")}}
	return a.send(ctx, &write{op: moka.UpdateCard, request: request, entry: entry, previous: previous, resource: c.Desired})
}

func at(r *spec.Resource, field string) string {
	if v := r.Value(field); v != nil {
		return fmt.Sprintf(" (%s:%d)", r.File, v.Line)
	}
	return ""
}

// changeSchedule updates or takes over a schedule; what it leaves out Moka keeps (moka-api 2.16).
func (a *Applier) changeSchedule(ctx context.Context, c *plan.Change) *verdict {
	found, err := a.looks.schedule(ctx, c.ID, a.started)
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found == nil:
		return failed("Moka has no schedule %d: was it deleted there? See `mokasync plan --refresh`", c.ID)
	}
	if holder := a.holds(c.Address, c.ID); holder != "" {
		return failed("schedule %d at Moka is %s: one thing has one manifest. Check the id, or keep one of the two", c.ID, holder)
	}
	if names := a.editedToo(c, found); names != "" {
		return editedTooVerdict(names)
	}
	equal, entry, previous := a.equalAlready(c, found)
	if equal {
		return &verdict{status: Done, adopted: true, entry: entry}
	}
	members := scheduleRest(view(a, func() moka.Record { return a.managed(c.Desired) }))
	request := append(moka.Record{{Name: "DealerSaleScheduleId", Value: itoa(c.ID)}}, members...)
	return a.send(ctx, &write{op: moka.UpdateSchedule, request: request, entry: entry, previous: previous, resource: c.Desired})
}

// takeOver adopts a product that was found equal when the plan was made, and still is.
func (a *Applier) takeOver(ctx context.Context, c *plan.Change) *verdict {
	found, v := a.lookBefore(ctx, c)
	if v != nil {
		return v
	}
	if found == nil {
		return failed("Moka does not have it any more: see `mokasync plan --refresh`")
	}
	return a.foundBefore(c, found)
}
