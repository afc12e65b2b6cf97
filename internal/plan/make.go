package plan

import (
	"fmt"
	"slices"
	"strings"

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
	// Recreate are resources that may be made anew if the lockfile knows them and Moka does not.
	Recreate map[spec.Address]bool
}

// Make makes the plan.
func Make(in Input) *Plan {
	m := &maker{Input: in, world: NewWorld(in.Resources, in.Known), plan: &Plan{Endpoint: in.Endpoint, Dealer: in.Dealer, Partial: in.Partial, Looked: in.Live != nil, Sealed: in.Known.Keys().Blind()}}
	m.orphanage()
	m.seenSchedules()
	for _, r := range in.Resources {
		// What is in doubt is in every plan.
		if in.Selected == nil || in.Selected[r.Address] || m.open[r.Address] != nil {
			m.desired(r)
		}
	}
	m.orphanChanges()
	m.scheduleWeights()
	m.keyNote()
	sortChanges(m.plan.Changes, m.world)
	for _, c := range m.plan.Changes {
		m.plan.Counts[c.Action]++
	}
	return m.plan
}

type maker struct {
	Input
	world *World
	plan  *Plan
	// missing are known resources that no manifest describes, whether or not the manifests are all there are.
	missing []*lockfile.Entry
	byCode  map[string]*lockfile.Entry // missing ones, by kind and code
	parties map[[2]string][]string     // missing sales, by customer and product
	open    map[spec.Address]*lockfile.Intent
}

func (m *maker) orphanage() {
	m.byCode, m.parties, m.open = map[string]*lockfile.Entry{}, map[[2]string][]string{}, map[spec.Address]*lockfile.Intent{}
	for _, in := range m.Known.Pending {
		m.open[in.Entry.Address] = in
		// What may have been created counts as created.
		if m.world.Desired[in.Entry.Address] == nil && in.Creates() {
			m.gone(&in.Entry)
		}
	}
	for _, e := range m.Known.Entries() {
		if m.world.Desired[e.Address] != nil {
			continue
		}
		m.missing = append(m.missing, e)
		m.gone(e)
	}
}

// seenSchedules finds the numbers of schedules that are at Moka and that the lockfile does not know: sales refer to them.
func (m *maker) seenSchedules() {
	if m.Live == nil {
		return
	}
	m.world.seen = map[spec.Address]int64{}
	for _, r := range m.Resources {
		if r.Address.Kind == spec.Schedule && m.Known.Get(r.Address) == nil && r.Value("id") == nil {
			if id := m.Live.number(r); id != 0 && m.holder(spec.Schedule, id, r.Address) == (spec.Address{}) {
				m.world.seen[r.Address] = id
			}
		}
	}
}

// holder gives the address that the lockfile knows a number of Moka's by, if that is another one.
func (m *maker) holder(kind spec.Kind, id int64, not spec.Address) spec.Address {
	a, ok := m.world.index()[kind.Prefix()+numberPrefix+fmt.Sprint(id)]
	if !ok || a == not || m.Known.Get(a) == nil {
		return spec.Address{}
	}
	return a
}

// scheduleWeights says of a changed schedule how many sales it moves.
func (m *maker) scheduleWeights() {
	moved := map[spec.Address]int{}
	for _, c := range m.plan.Changes {
		if c.Address.Kind == spec.Schedule && c.Known != nil && len(c.Fields) > 0 {
			moved[c.Address] = 0
		}
	}
	if len(moved) == 0 {
		return
	}
	for _, r := range m.Resources {
		if v := r.Value("schedule"); v != nil {
			if a, local := v.Local(); local {
				if n, ok := moved[a]; ok {
					moved[a] = n + 1
				}
			}
		}
	}
	for _, c := range m.plan.Changes {
		if n := moved[c.Address]; n > 0 {
			c.Reason = strings.TrimPrefix(fmt.Sprintf("%s; sales that it moves: %d", c.Reason, n), "; ")
		}
	}
}

// gone remembers by what a resource that no manifest describes could be recognised under another name.
func (m *maker) gone(e *lockfile.Entry) {
	if e.Code != "" {
		m.byCode[e.Address.Kind.Prefix()+" "+e.Code] = e
	}
	if e.Address.Kind == spec.Sale {
		key := m.partiesOf(e.Text("customer"), e.Text("product"))
		m.parties[key] = append(m.parties[key], e.Address.String())
	}
}

// partiesOf is what two sales share that charge the same customer for the same product.
func (m *maker) partiesOf(customer, product string) [2]string {
	return [2]string{m.world.asCode(customerOfSale, customer), m.world.asCode(productOfSale, product)}
}

var customerOfSale, productOfSale = spec.Sale.Def().Field("customer"), spec.Sale.Def().Field("product")

func (m *maker) desired(r *spec.Resource) {
	known := m.Known.Get(r.Address)
	var c *Change
	if known == nil {
		c = m.unknown(r)
	} else {
		c = m.known(r, known)
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
func (m *maker) known(r *spec.Resource, known *lockfile.Entry) *Change {
	if m.Recreate[r.Address] && m.Live != nil {
		if c := m.recreated(r, known); c != nil {
			return c
		}
	}
	cmp := compareKnown(m.world, r, known)
	c := cmp.change()
	if m.Live != nil {
		m.knownLive(r, known, cmp, c)
	}
	m.plan.Diagnostics = append(m.plan.Diagnostics, cmp.notes...)
	if c.Action == Unchanged && cmp.behind() {
		m.plan.Behind = append(m.plan.Behind, &Change{Address: r.Address, Code: c.Code, ID: c.ID, DependsOn: c.DependsOn, Desired: r, Known: known})
	}
	return c
}

// recreated plans something anew that is gone at Moka; nil if it is there.
func (m *maker) recreated(r *spec.Resource, known *lockfile.Entry) *Change {
	if found, why := m.Live.find(m.world, r, known); found != nil || why != "" {
		return nil
	}
	c := m.unknown(r)
	if r.Address.Kind == spec.Sale && c.Code == known.Code {
		c.Action, c.Reason = Blocked, fmt.Sprintf("gone at Moka: to make it anew give it another saleCode than %q, so that a list that comes late cannot make it charge twice", known.Code)
	}
	return c
}

// knownLive replaces what the lockfile suggests by what is at Moka.
func (m *maker) knownLive(r *spec.Resource, known *lockfile.Entry, cmp *comparison, c *Change) {
	if c.Action == Adopt || selects(c.Fields) {
		return
	}
	found, why := m.Live.find(m.world, r, known)
	switch {
	case why != "":
		c.Action, c.Reason = Blocked, why
		return
	case found == nil:
		c.Action, c.Fields, c.Reason = Blocked, nil, "gone at Moka: the lockfile knows it, Moka does not. If that is meant, take its manifest out and `mokasync state rm "+r.Address.String()+"`; to make it anew, `--recreate "+r.Address.String()+"`"
		return
	}
	fields := m.world.Differences(r, found)
	for _, f := range c.Fields {
		if f.Field.Type == spec.Password || f.Field.Change == spec.Fixed && f.Field.Type == spec.Code {
			fields = append(fields, f)
		}
	}
	cmp.fields, cmp.reasons = fields, nil
	if there := m.editedThere(known, found); len(there) > 0 && len(fields) > 0 {
		cmp.reasons = append(cmp.reasons, strings.Join(there, ", ")+" edited there too")
	}
	id := c.ID
	*c = *cmp.change()
	if c.ID = found.ID; id != found.ID && id != 0 {
		c.Reason = strings.TrimPrefix(c.Reason+fmt.Sprintf("; its number at Moka was %d and is %d: it was made anew there", id, found.ID), "; ")
		c.Action = Blocked
	}
}

// editedThere names the fields that Moka has otherwise than the lockfile.
func (m *maker) editedThere(known *lockfile.Entry, found *Found) []string {
	var out []string
	for _, f := range found.Mismatches(known.Fields, known.Code, m.Known.Keys()) {
		out = append(out, f.Name)
	}
	return out
}

// unknown plans a resource that the lockfile does not know.
func (m *maker) unknown(r *spec.Resource) *Change {
	c := &Change{
		Address: r.Address, Action: Create, Code: m.world.CodeOf(r.Address), DependsOn: Dependencies(r), Desired: r,
		Fields: allFields(r, nil),
	}
	if why := m.looksRenamed(r, c.Code); why != "" {
		c.Action, c.Reason = Blocked, why
		return c
	}
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
	case found == nil && byKey:
		c.Action, c.Reason = Blocked, "Moka has no such "+strings.ToLower(r.Address.Kind.String())+": check the "+map[bool]string{true: "token", false: "id"}[r.Address.Kind == spec.Card]
	case found != nil && found.ID != 0 && !m.holder(r.Address.Kind, found.ID, r.Address).IsZero():
		c.Action, c.Reason = Blocked, fmt.Sprintf("what is at Moka under this name (id %d) is %s: give it another name", found.ID, m.holder(r.Address.Kind, found.ID, r.Address))
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

// looksRenamed says why a resource is not simply made anew: something that no manifest describes any more looks like it under its old name.
func (m *maker) looksRenamed(r *spec.Resource, code string) string {
	if old := m.byCode[r.Address.Kind.Prefix()+" "+code]; old != nil && code != "" {
		return fmt.Sprintf("it has the code of %s, which the lockfile knows and the manifests do not: put the old name back, or `mokasync state rm %s` to have it taken over under the new one", old.Address, old.Address)
	}
	if a, ok := m.world.index()[r.Address.Kind.Prefix()+" "+code]; ok && code != "" && a != r.Address && m.Known.Get(a) != nil {
		return fmt.Sprintf("it has the code that %s was made with: give it another one", a)
	}
	if r.Address.Kind != spec.Sale || !m.Whole {
		return ""
	}
	customer, _ := m.world.Texts(r.Value("customer"))
	product, _ := m.world.Texts(r.Value("product"))
	if old := m.parties[m.partiesOf(customer[0], product[0])]; len(old) > 0 {
		return fmt.Sprintf("gone from the manifests, but still charging the same customer for the same product: %s. Creating this sale too would charge twice: put the old name and code back, or end the old sale in Moka's panel and `mokasync state rm` it", strings.Join(old, ", "))
	}
	return ""
}

func (m *maker) orphanChanges() {
	said := map[spec.Address]bool{}
	if m.Whole && m.Selected == nil {
		for _, e := range m.missing {
			c := &Change{Address: e.Address, Action: Orphan, Code: e.Code, ID: e.ID, DependsOn: e.DependsOn, Known: e,
				Reason: m.orphanReason(e)}
			if open := m.open[e.Address]; open != nil {
				c.InDoubt, c.Reason = true, c.Reason+"; "+inDoubtReason(open)
			}
			said[e.Address] = true
			m.plan.Changes = append(m.plan.Changes, c)
		}
	}
	for _, in := range m.Known.Pending {
		if a := in.Entry.Address; m.world.Desired[a] == nil && !said[a] {
			said[a] = true
			m.plan.Changes = append(m.plan.Changes, &Change{Address: a, Action: Orphan, Code: in.Entry.Code, ID: in.Entry.ID, DependsOn: in.Entry.DependsOn,
				InDoubt: true, Reason: inDoubtReason(in)})
		}
	}
}

func (m *maker) orphanReason(e *lockfile.Entry) string {
	if e.Address.Kind == spec.Sale && m.Live != nil && m.Live.Sales != nil && len(m.Live.Sales[e.Code]) == 0 {
		return fmt.Sprintf("no longer in the manifests, and not at Moka any more: `mokasync state rm %s`", e.Address)
	}
	if e.Address.Kind == spec.Sale {
		return "no longer in the manifests; it is kept at Moka and goes on charging"
	}
	return "no longer in the manifests; it is kept at Moka"
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
