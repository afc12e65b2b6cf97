package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Input is all that a plan depends on.
type Input struct {
	Endpoint, Dealer string
	// Resources are all manifests that were read, ordered by address, without errors.
	Resources []*spec.Resource
	// Selected limits the plan to these resources; nil for all. What they depend on must be among them.
	Selected map[spec.Address]bool
	// Partial says the limit in words.
	Partial string
	// Known is the lockfile, never nil; an unfinished run's journal is folded in.
	Known *lockfile.Lock
	// Whole says that the manifests cover the lockfile's folder, so that what is missing among them is gone on purpose.
	Whole bool
	// Live is what is at Moka, nil when nobody looked.
	Live *Live
	// Today is the day in Europe/Istanbul, YYYY-MM-DD.
	Today string
	// Prune deletes what the lockfile knows and the manifests do not; Chosen, if set, limits that to what the selection means.
	Prune  bool
	Chosen func(spec.Address, map[string]string) bool
	// ConfirmAbove has deletes confirmed beyond what is confirmed in any case.
	ConfirmAbove ConfirmAbove
	// Excluded are what is left alone in any case: what was named, and what depends on it.
	Excluded map[spec.Address]bool
	// Recreate are resources that may be made anew if the lockfile knows them and Moka does not.
	Recreate map[spec.Address]bool
	// Reading says how what Moka's documentation leaves open about charges is read.
	Reading calendar.Reading
}

// Make makes the plan.
func Make(in Input) *Plan { return makePlan(in, compareWindow) }

// makePlan makes the plan, comparing so many resources at a time.
func makePlan(in Input, window int) *Plan {
	moves := moved(in.Resources, in.Known)
	if len(moves) > 0 {
		in.Known = in.Known.Moved(moves)
	}
	m := &maker{Input: in, window: window, world: NewWorld(in.Resources, in.Known), plan: &Plan{Endpoint: in.Endpoint, Dealer: in.Dealer, Partial: in.Partial, Looked: in.Live != nil, Sealed: in.Known.Keys().Blind(), Moves: moves, Reading: in.Reading}}
	m.orphanage()
	m.origins()
	m.seenSchedules()
	m.eachCompared(m.desired)
	m.newAndGone()
	m.replacements()
	m.orphanChanges()
	m.scheduleWeights()
	m.keyNote()
	sortChanges(m.plan.Changes, m.world)
	for _, c := range m.plan.Changes {
		m.plan.Counts[c.Action]++
	}
	m.weighDeletes()
	m.strangers()
	m.money()
	m.beginToday()
	m.plan.Expiries = Expiries(m.plan)
	return m.plan
}

type maker struct {
	Input
	world *World
	plan  *Plan
	// window is how many resources are compared at a time, 0 for one after the other and each whole.
	window int
	// missing are known resources that no manifest describes, whether or not the manifests are all there are.
	missing []*lockfile.Entry
	byCode  map[string]*lockfile.Entry   // missing ones, by kind and code, token or number
	parties map[[2]string][]spec.Address // missing sales, by customer and product
	// charging are missing sales by their customers, one of each.
	charging map[string]spec.Address
	open     map[spec.Address]*lockfile.Intent
	// renamed are missing resources that something in the manifests looks like under another name: they are not deleted before that is settled.
	renamed map[spec.Address]spec.Address
	// steps are payment steps of the manifests, by sale and day.
	steps   map[string]*spec.Resource
	strange *Strangers // made when first asked for
	// today are the payment steps whose day is today, by the code of their sale; made when first asked for.
	today map[string]*lockfile.Entry
	// awaited are the sales in whose place another was to come that is blocked, with it.
	awaited map[spec.Address]spec.Address
	// replaced are the sales in whose place another comes, with it.
	replaced map[spec.Address]*spec.Resource
}

func (m *maker) orphanage() {
	m.byCode, m.parties, m.open = map[string]*lockfile.Entry{}, map[[2]string][]spec.Address{}, map[spec.Address]*lockfile.Intent{}
	m.charging = map[string]spec.Address{}
	for _, in := range m.Known.Pending {
		m.open[in.Entry.Address] = in
		// What may have been created counts as created.
		if m.world.Desired[in.Entry.Address] == nil && in.Creates() {
			m.gone(&in.Entry)
		}
	}
	for _, e := range m.world.known() {
		if m.world.Desired[e.Address] != nil {
			continue
		}
		m.missing = append(m.missing, e)
		m.gone(e)
	}
}

// seenSchedules finds the numbers of schedules that are at Moka and that the lockfile does not know, and those that get another one: sales refer to them.
func (m *maker) seenSchedules() {
	if m.Live == nil {
		return
	}
	m.world.seen, m.world.anew = map[spec.Address]int64{}, map[spec.Address]bool{}
	for _, r := range m.Resources {
		if known := m.Known.Get(r.Address); known != nil && r.Address.Kind == spec.Schedule && r.Value("id") == nil && m.Recreate[r.Address] {
			m.world.anew[r.Address] = m.Live.Schedules[known.ID] == nil
		}
		if r.Address.Kind == spec.Schedule && m.Known.Get(r.Address) == nil && r.Value("id") == nil {
			if id := m.Live.number(r); id != 0 && m.holder(spec.Schedule, id, r.Address) == (spec.Address{}) {
				m.world.seen[r.Address] = id
			}
		}
	}
}

// holder gives the address that the lockfile knows a number of Moka's by, if that is another one.
func (m *maker) holder(kind spec.Kind, id int64, not spec.Address) spec.Address {
	a, ok := m.world.withID(kind, id)
	if !ok || a == not || m.Known.Get(a) == nil {
		return spec.Address{}
	}
	return a
}

// gone remembers by what a resource that no manifest describes could be recognised under another name.
func (m *maker) gone(e *lockfile.Entry) {
	for _, key := range keysOf(e) {
		m.byCode[key] = e
	}
	if e.Address.Kind == spec.Sale {
		key := m.partiesOf(e.Text("customer"), e.Text("product"))
		m.parties[key] = append(m.parties[key], e.Address)
		m.charging[m.world.asCode(customerOfSale, e.Text("customer"))] = e.Address
	}
}

// partiesOf is what two sales share that charge the same customer for the same product.
func (m *maker) partiesOf(customer, product string) [2]string {
	return [2]string{m.world.asCode(customerOfSale, customer), m.world.asCode(productOfSale, product)}
}

var customerOfSale, productOfSale = spec.Sale.Def().Field("customer"), spec.Sale.Def().Field("product")

func (m *maker) desired(r *spec.Resource, found compared) {
	m.stepOnce(r)
	var c *Change
	switch {
	case found.settled:
		m.plan.Counts[Unchanged]++
		return
	case found.comparison == nil:
		c = m.unknown(r, found.made)
	default:
		c = m.known(r, found.comparison)
	}
	if open := m.open[r.Address]; open != nil {
		c.InDoubt = true
		c.Reason = strings.TrimPrefix(c.Reason+"; "+inDoubtReason(open), "; ")
		if c.Action == Unchanged {
			c.Action = Update
		}
	}
	if c.Action == Unchanged {
		m.plan.Counts[Unchanged]++
		return
	}
	m.plan.Changes = append(m.plan.Changes, c)
}

func inDoubtReason(in *lockfile.Intent) string {
	return fmt.Sprintf("%s was sent at %s and its outcome is not known: apply looks at Moka first", in.Op, in.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// known plans a resource that the lockfile knows.
func (m *maker) known(r *spec.Resource, cmp *comparison) *Change {
	known := cmp.known
	if m.Recreate[r.Address] && m.Live != nil {
		if c := m.recreated(r, known); c != nil {
			return c
		}
	}
	c := cmp.change()
	if id := newID(r); c.Action == Adopt && id != 0 && !m.holder(r.Address.Kind, id, r.Address).IsZero() {
		c.Action, c.Reason = Blocked, fmt.Sprintf("the id %d at Moka is that of %s: one thing has one manifest. Check the id, or keep one of the two", id, m.holder(r.Address.Kind, id, r.Address))
	}
	if m.Live != nil {
		m.knownLive(r, known, cmp, c)
	}
	m.history(c, known)
	m.steer(r, known)
	m.plan.Diagnostics = append(m.plan.Diagnostics, cmp.notes...)
	if c.Action == Unchanged && cmp.behind() {
		m.plan.Behind = append(m.plan.Behind, &Change{Address: r.Address, Code: c.Code, ID: c.ID, DependsOn: c.DependsOn, Desired: r, Known: known})
	}
	return c
}

// steer notes labels and annotations that the lockfile does not have yet. They are remembered whatever becomes of the change: what is protected must stay so.
func (m *maker) steer(r *spec.Resource, known *lockfile.Entry) {
	if !maps.Equal(r.Labels, known.Labels) || !maps.Equal(steering(r.Annotations), known.Annotations) {
		m.plan.Steered = append(m.plan.Steered, r)
	}
}

// recreated plans something anew that is gone at Moka; nil if it is there.
func (m *maker) recreated(r *spec.Resource, known *lockfile.Entry) *Change {
	if found, why := m.Live.find(m.world, r, known); found != nil || why != "" || m.Live.numbered(known) != nil {
		return nil
	}
	c := m.unknown(r, m.made(r))
	if r.Address.Kind == spec.Sale && c.Code == known.Code {
		c.Action, c.Reason = Blocked, fmt.Sprintf("gone at Moka: to make it anew, give it another saleCode than %q. Moka's list may only be late, and the sale would charge twice", known.Code)
	}
	return c
}

// knownLive replaces what the lockfile suggests by what is at Moka.
func (m *maker) knownLive(r *spec.Resource, known *lockfile.Entry, cmp *comparison, c *Change) {
	if c.Action == Adopt || selects(c.Fields) {
		m.otherLive(r, c)
		return
	}
	found, why := m.Live.find(m.world, r, known)
	if other := m.Live.numbered(known); found == nil && why == "" && other != nil {
		why = fmt.Sprintf("its code at Moka (id %d) was changed to %q: `mokasync drift --accept %s` follows, or give it its code %q back in Moka's panel", known.ID, other.Code, r.Address, known.Code)
	}
	switch {
	case why != "":
		c.Action, c.Reason = Blocked, why
		return
	case found == nil && m.isHistory(known):
		return
	case found == nil:
		c.Action, c.Fields, c.Reason = Blocked, nil, goneReason(r.Address)
		return
	}
	fields := m.world.Differences(r, found)
	for _, f := range c.Fields {
		if f.Field.Type == spec.Password || f.Field.Change == spec.Fixed && f.Field.Type == spec.Code {
			fields = append(fields, f)
		}
	}
	cmp.fields, cmp.reasons = fields, nil
	if there := m.editedThere(known, found, fields); len(there) > 0 {
		cmp.reasons = append(cmp.reasons, strings.Join(there, ", ")+" edited there too")
	}
	id := c.ID
	*c = *cmp.change()
	if c.ID = found.ID; id != found.ID && id != 0 {
		c.Reason = strings.TrimPrefix(c.Reason+fmt.Sprintf("; its id at Moka was %d and is %d: it was made anew there. If it is the right one, `mokasync drift --accept %s`", id, found.ID, r.Address), "; ")
		c.Action = Blocked
	}
}

// goneReason says that the lockfile knows something that Moka does not have, and what to do. The code of a sale is not to be used again: a list may only be late.
func goneReason(a spec.Address) string {
	if a.Kind == spec.Sale {
		return fmt.Sprintf("gone at Moka: the lockfile knows it, Moka does not. If that is meant, take its manifest out and `mokasync drift --accept %s`, which keeps its code from being used again; to make it anew, give it another saleCode, then `mokasync apply --recreate %s`", a, a)
	}
	return fmt.Sprintf("gone at Moka: the lockfile knows it, Moka does not. If that is meant, take its manifest out and `mokasync state rm %s`; to make it anew, `mokasync apply --recreate %s`", a, a)
}

// otherLive shows of another thing that is taken over in a known one's place what that changes there.
func (m *maker) otherLive(r *spec.Resource, c *Change) {
	if c.Action != Adopt {
		return
	}
	found, why := m.Live.find(m.world, r, nil)
	switch {
	case why != "":
		c.Action, c.Reason = Blocked, why
		return
	case found == nil:
		c.Action, c.Reason = Blocked, noSuch(r.Address.Kind)
		return
	}
	differs := m.world.Differences(r, found)
	c.Fields = slices.DeleteFunc(c.Fields, func(f FieldChange) bool { return f.Field.Change != spec.Selecting })
	c.Fields = append(c.Fields, differs...)
}

// noSuch says that Moka has nothing under the key of its own that the manifest gives.
func noSuch(k spec.Kind) string {
	return "Moka has no such " + strings.ToLower(k.String()) + ": check the " + map[bool]string{true: "token", false: "id"}[k == spec.Card]
}

// editedThere names those of the fields that change which Moka has otherwise than the lockfile: what a colleague wrote there is overwritten.
func (m *maker) editedThere(known *lockfile.Entry, found *Found, fields []FieldChange) []string {
	var out []string
	for _, f := range found.Mismatches(known.Fields.List(), known.Code, m.Known.Keys()) {
		if slices.ContainsFunc(fields, func(c FieldChange) bool { return c.Field == f }) {
			out = append(out, f.Name)
		}
	}
	return out
}

// unknown plans a resource that the lockfile does not know.
func (m *maker) unknown(r *spec.Resource, c *Change) *Change {
	if why := m.looksRenamed(r, c.Code); why != "" {
		c.Action, c.Reason = Blocked, why
		return c
	}
	if why := m.underOldName(r); why != "" {
		c.Action, c.Reason = Blocked, why
		return c
	}
	if t := m.Known.Tombstone(c.Code); t != nil && r.Address.Kind == spec.Sale {
		m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Error, r, r.Value("saleCode"),
			fmt.Sprintf("the saleCode %q was that of %s, which was deleted at Moka: a code is used once, give this sale another", c.Code, t.Address)))
	}
	m.besideOrphan(r)
	if m.Live != nil {
		m.unknownLive(r, c)
		return c
	}
	// Moka's own key names a thing that is there already.
	if r.Address.Kind == spec.Card || r.Value("id") != nil {
		c.Action, c.ID = Adopt, newID(r)
	}
	return c
}

func (m *maker) unknownLive(r *spec.Resource, c *Change) {
	found, why := m.Live.find(m.world, r, nil)
	byKey := r.Address.Kind == spec.Card || r.Value("id") != nil
	switch {
	case why != "":
		c.Action, c.Reason = Blocked, why
	case found == nil && r.Address.Kind == spec.Product && m.Live.named(r) != nil:
		c.Action, c.Reason = Blocked, NameTaken(m.Live.named(r))
	case found == nil && byKey:
		c.Action, c.Reason = Blocked, noSuch(r.Address.Kind)
	case found == nil && r.Address.Kind == spec.Sale && r.Replaces().IsZero() && m.strangersOf().Beside(r) != nil:
		c.Action, c.Reason = Blocked, BesideStranger(m.strangersOf().Beside(r))
	case found != nil && found.ID != 0 && !m.holder(r.Address.Kind, found.ID, r.Address).IsZero():
		c.Action, c.Reason = Blocked, fmt.Sprintf("what Moka has under this name or code (id %d) is %s: give this one another", found.ID, m.holder(r.Address.Kind, found.ID, r.Address))
	case found != nil:
		c.Action, c.ID, c.Fields = Adopt, found.ID, m.world.Differences(r, found)
		if password := r.Value("password"); password != nil {
			// What it is at Moka is not compared in a plan: it is sent.
			c.Fields = append(c.Fields, FieldChange{Field: password.Field, To: desiredText(password)})
		}
		if len(c.Fields) > 0 {
			if why := whyBlocked(r, c.Fields); why != "" {
				c.Action, c.Reason = Blocked, "it is at Moka with other values: "+why
			}
		}
	}
}

// strangersOf finds the sales at Moka that nobody here knows.
func (m *maker) strangersOf() *Strangers {
	if m.strange == nil {
		var sales []*Found
		for _, same := range m.Live.Sales {
			sales = append(sales, same...)
		}
		slices.SortFunc(sales, func(a, b *Found) int { return cmp.Compare(a.ID, b.ID) })
		m.strange = NewStrangers(m.world, m.Known, sales, m.Today)
	}
	return m.strange
}

func (m *maker) keyNote() {
	if !m.Known.Keys().Blind() {
		return
	}
	m.plan.Diagnostics = append(m.plan.Diagnostics, spec.Diagnostic{Severity: spec.Warning,
		Message: "personal fields not compared, nor card tokens: the lockfile was made with MOKASYNC_KEY, which is not set or is another one here"})
	m.plan.Diagnostics = slices.DeleteFunc(m.plan.Diagnostics, func(d spec.Diagnostic) bool {
		return d.Severity == spec.Info && strings.HasSuffix(d.Message, "not compared: its value is not at hand here")
	})
}
