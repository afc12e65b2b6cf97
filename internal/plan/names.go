package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// moved gives the renames that manifests ask for and the lockfile has not followed yet.
func moved(resources []*spec.Resource, known *lockfile.Lock) map[spec.Address]spec.Address {
	var moves map[spec.Address]spec.Address
	for _, r := range resources {
		if r.MovedFrom().IsZero() || known.Get(r.MovedFrom()) == nil || known.Open(r.MovedFrom()) != nil || known.Get(r.Address) != nil || known.Open(r.Address) != nil {
			continue
		}
		if moves == nil {
			moves = map[spec.Address]spec.Address{}
		}
		moves[r.MovedFrom()] = r.Address
	}
	return moves
}

// origins says what the renames come to.
func (m *maker) origins() {
	for _, r := range m.Resources {
		switch from := r.MovedFrom(); {
		case from.IsZero():
		case m.plan.Moves[from] == r.Address:
			m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Info, r, nil, fmt.Sprintf("%s was %s before: the lockfile follows, no call is made%s", r.Address, from, m.codeToWrite(r))))
		case m.open[from] != nil: // said of the change
		case m.Known.Get(from) != nil:
			m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Error, r, nil, fmt.Sprintf("movedFrom: the lockfile knows both %s and %s, so neither is the other under a new name: take movedFrom out", from, r.Address)))
		}
	}
}

// codeToWrite proposes to write the code that a renamed resource keeps: where the lockfile is lost, the new name would be taken for it.
func (m *maker) codeToWrite(r *spec.Resource) string {
	f, e := r.Address.Kind.Def().CodeField(), m.Known.Get(r.Address)
	if f == nil || e == nil || r.Value(f.Name) != nil || e.Code == r.Address.Name {
		return ""
	}
	return fmt.Sprintf(". Its code stays %q: write `%s: %s` into its spec, so that it is known by that where the lockfile is lost", e.Code, f.Name, e.Code)
}

// underOldName says why a renamed sale that the lockfile does not know is not made: without a code of its own it would get the new name for one, and Moka has one under the old name.
func (m *maker) underOldName(r *spec.Resource) string {
	if r.MovedFrom().IsZero() || r.Address.Kind != spec.Sale || r.Value("saleCode") != nil || m.Live == nil || len(m.Live.Sales[r.MovedFrom().Name]) == 0 {
		return ""
	}
	return UnderOldName(r)
}

// UnderOldName says that Moka has a sale under the code that a renamed one had by its old name.
func UnderOldName(r *spec.Resource) string {
	return fmt.Sprintf("Moka has a sale with the code %q, which this one had when it was %s: write `saleCode: %s` into its spec, or it would be made once more", r.MovedFrom().Name, r.MovedFrom(), r.MovedFrom().Name)
}

// besideOrphan warns of a new sale to a customer of whom a sale has left the manifests and goes on charging: it may be meant to come in its place.
func (m *maker) besideOrphan(r *spec.Resource) {
	if r.Address.Kind != spec.Sale || !m.Whole || !r.Replaces().IsZero() {
		return
	}
	customer, _ := m.world.Texts(r.Value("customer"))
	if old, charging := m.charging[m.world.asCode(customerOfSale, customer[0])]; charging {
		m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Warning, r, r.Value("customer"),
			fmt.Sprintf("%s is gone from the manifests and goes on charging the same customer: if this sale comes in its place, write `replaces: %s` into its metadata, with a later beginDate", old, old)))
	}
}

// strangers says which sales a look showed that neither a manifest nor the lockfile knows: nobody here reviews what they charge.
func (m *maker) strangers() {
	if m.Live == nil || !m.Whole || m.Selected != nil {
		return
	}
	here := map[string]bool{}
	for _, r := range m.Resources {
		if r.Address.Kind == spec.Sale {
			here[m.world.CodeOf(r.Address)] = true
		}
	}
	var codes []string
	for code := range m.Live.Sales {
		if _, known := m.world.coded(spec.Sale, code); !known && !here[code] {
			codes = append(codes, code)
		}
	}
	if len(codes) == 0 {
		return
	}
	slices.Sort(codes)
	m.plan.Diagnostics = append(m.plan.Diagnostics, spec.Diagnostic{Severity: spec.Info, Message: fmt.Sprintf("sales at Moka that no manifest describes: %d (codes %s)", len(codes), few(quoted(codes)))})
}

// newAndGone proposes a rename where one resource of a kind is new and one is gone, and nothing else would show it.
func (m *maker) newAndGone() {
	for _, kind := range []spec.Kind{spec.Customer, spec.Product, spec.Schedule} {
		var made []*Change
		for _, c := range m.plan.Changes {
			if c.Address.Kind == kind && c.Action == Create && c.Desired.MovedFrom().IsZero() {
				made = append(made, c)
			}
		}
		var gone []*lockfile.Entry
		for _, e := range m.missing {
			if e.Address.Kind == kind {
				gone = append(gone, e)
			}
		}
		if m.Whole && len(made) == 1 && len(gone) == 1 {
			m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Info, made[0].Desired, nil,
				fmt.Sprintf("%s is new, and %s is gone from the manifests: if it is that one under a new name, write `movedFrom: %s` into its metadata", made[0].Address, gone[0].Address, gone[0].Address)))
		}
	}
}

// keysOf are the texts by which something can be recognised under another name: Moka's keys of it. A card's token is a fingerprint.
func keysOf(e *lockfile.Entry) []string {
	var keys []string
	prefix := e.Address.Kind.Prefix()
	if e.Code != "" {
		keys = append(keys, prefix+" "+e.Code)
	}
	switch e.Address.Kind {
	case spec.Card:
		keys = append(keys, prefix+" "+e.Text("token"))
	case spec.Schedule:
		keys = append(keys, prefix+numberPrefix+fmt.Sprint(e.ID))
		name, ok := lockfile.Find(e.Fields, "scheduleName")
		if !ok {
			name, _ = lockfile.Find(e.Defaults, "scheduleName")
		}
		keys = append(keys, prefix+" "+name.Text)
	case spec.PaymentStep:
		keys = append(keys, stepKey(e.Text("sale"), e.Text("paymentDate")))
	}
	return keys
}

func stepKey(sale, date string) string { return spec.PaymentStep.Prefix() + " " + date + " " + sale }

// keyOf is the text by which something that the lockfile does not know would be recognised, "" if there is none.
func (m *maker) keyOf(r *spec.Resource, code string) string {
	prefix := r.Address.Kind.Prefix()
	switch r.Address.Kind {
	case spec.Card:
		if l, state := m.world.Lock(r.Value("token"), ""); state == Settled {
			return prefix + " " + l.Text
		}
		return ""
	case spec.Schedule:
		if id := newID(r); id != 0 {
			return prefix + numberPrefix + fmt.Sprint(id)
		}
		if r.Value("id") != nil {
			return ""
		}
		return prefix + " " + ScheduleName(r)
	case spec.PaymentStep:
		sale, _ := m.world.Texts(r.Value("sale"))
		return stepKey(sale[0], r.Text("paymentDate"))
	}
	return prefix + " " + code
}

// looksRenamed says why a resource is not simply made anew: something that no manifest describes any more looks like it under its old name.
func (m *maker) looksRenamed(r *spec.Resource, code string) string {
	if m.open[r.MovedFrom()] != nil {
		return fmt.Sprintf("%s, which it was before, has a call in doubt: `mokasync apply` settles it, and then the lockfile follows", r.MovedFrom())
	}
	if a := m.holder(r.Address.Kind, newID(r), r.Address); newID(r) != 0 && m.world.Desired[a] != nil {
		return fmt.Sprintf("the id %d at Moka is that of %s here: one thing has one manifest. Check the id, or keep one of the two", newID(r), a)
	}
	if old := m.byCode[m.keyOf(r, code)]; old != nil {
		m.mayBe(old.Address, r)
		return fmt.Sprintf("it has the %s of %s, which the lockfile knows and the manifests do not. Is it that one under a new name? Then write `movedFrom: %s` into its metadata; no call is made", sharedKey[r.Address.Kind], old.Address, old.Address)
	}
	if a, ok := m.world.coded(r.Address.Kind, code); ok && code != "" && a != r.Address && m.Known.Get(a) != nil {
		return fmt.Sprintf("it has the code that %s was made with: give it another one", a)
	}
	if r.Address.Kind != spec.Sale || !m.Whole {
		return ""
	}
	customer, _ := m.world.Texts(r.Value("customer"))
	product, _ := m.world.Texts(r.Value("product"))
	var charging []string
	for _, old := range m.parties[m.partiesOf(customer[0], product[0])] {
		if old != r.Replaces() {
			m.mayBe(old, r)
			charging = append(charging, old.String())
		}
	}
	if len(charging) > 0 {
		return fmt.Sprintf("gone from the manifests, but still charging the same customer for the same product: %s. Creating this sale too would charge twice. If it is that one under a new name, write `movedFrom: %s` into its metadata, with the old saleCode; "+
			"if it comes in its place, `replaces: %s`, with a later beginDate; or end the old one first, with `--prune` in an apply before this sale is added", strings.Join(charging, ", "), charging[0], charging[0])
	}
	return ""
}

var sharedKey = map[spec.Kind]string{
	spec.Customer: "code", spec.Product: "code", spec.Sale: "code", spec.Card: "token", spec.Schedule: "id or scheduleName", spec.PaymentStep: "sale and date",
}

// mayBe remembers that something may be another under a new name.
func (m *maker) mayBe(old spec.Address, r *spec.Resource) {
	if m.renamed == nil {
		m.renamed = map[spec.Address]spec.Address{}
	}
	m.renamed[old] = r.Address
}

// replacements plans the sales that come in another's place: the old one is deleted and seen to be gone before the new one is made.
func (m *maker) replacements() {
	m.replaced = map[spec.Address]*spec.Resource{}
	var deletes []*Change
	for _, c := range m.plan.Changes {
		if r := c.Desired; r == nil || r.Replaces().IsZero() || c.Known != nil || c.Action != Create && c.Action != Adopt {
			continue
		}
		if d := m.replacement(c); d != nil {
			deletes = append(append(deletes, d), m.stepsOf(d)...)
		}
	}
	m.awaited = map[spec.Address]spec.Address{}
	for _, c := range m.plan.Changes {
		if c.Action == Blocked && c.Known == nil && !c.Desired.Replaces().IsZero() {
			m.awaited[c.Desired.Replaces()] = c.Address
		}
	}
	m.plan.Changes = append(m.plan.Changes, deletes...)
}

func (m *maker) replacement(c *Change) *Change {
	r, old := c.Desired, m.Known.Get(c.Desired.Replaces())
	if t := m.Known.Replaced(r.Replaces(), r.Address); old == nil && t != nil && m.open[r.Replaces()] == nil && m.stillListed(t) == nil {
		return nil // it was replaced already
	} else if old == nil && m.open[r.Replaces()] == nil && c.Action == Adopt && m.Live != nil {
		return nil // it is at Moka, and nothing is made
	}
	if why := m.whyNotReplaced(c, old); why != "" {
		c.Action, c.Reason = Blocked, why
		return nil
	}
	m.replaced[old.Address] = r
	after := Dependencies(r)
	c.DependsOn = append(slices.Clone(c.DependsOn), old.Address)
	slices.SortFunc(c.DependsOn, spec.Address.Compare)
	c.Reason = strings.TrimPrefix(c.Reason+fmt.Sprintf("; in the place of %s, once that is seen to be gone", old.Address), "; ")
	return &Change{Address: old.Address, Action: Delete, Code: old.Code, ID: old.ID, DependsOn: old.DependsOn, Known: old, ReplacedBy: r.Address, After: after,
		Reason: fmt.Sprintf("%s comes in its place", r.Address)}
}

// stepToday gives a payment step of a sale whose day is today, however it names the sale, nil if there is none.
func (m *maker) stepToday(sale *lockfile.Entry) *lockfile.Entry {
	if m.today == nil {
		m.today = map[string]*lockfile.Entry{}
		for _, e := range m.Known.Entries() {
			if e.Address.Kind == spec.PaymentStep && e.Text("paymentDate") == m.Today {
				m.today[m.world.asCode(saleOfStep, e.Text("sale"))] = e
			}
		}
	}
	return m.today[sale.Code]
}

// protectedStep gives a protected payment step of a sale that is still to come, nil if there is none.
func (m *maker) protectedStep(sale *lockfile.Entry) *lockfile.Entry {
	for _, e := range m.missing {
		if e.Address.Kind == spec.PaymentStep && slices.Contains(e.DependsOn, sale.Address) && e.Protected() && !m.isHistory(e) {
			return e
		}
	}
	return nil
}

// stillListed gives the sale of a tombstone if the look shows it all the same.
func (m *maker) stillListed(t *lockfile.Tombstone) *Found {
	if m.Live == nil || len(m.Live.Sales[t.Code]) == 0 {
		return nil
	}
	return m.Live.Sales[t.Code][0]
}

// stepsOf gives the deletes of a replaced sale's payment steps that are still to come: Moka may charge them after the sale is gone.
func (m *maker) stepsOf(sale *Change) []*Change {
	var out []*Change
	for _, e := range m.missing {
		if e.Address.Kind != spec.PaymentStep || !slices.Contains(e.DependsOn, sale.Address) || m.isHistory(e) || m.open[e.Address] != nil {
			continue
		}
		m.replaced[e.Address] = m.world.Desired[sale.ReplacedBy]
		sale.After = append(sale.After, e.Address)
		out = append(out, &Change{Address: e.Address, Action: Delete, ID: e.ID, DependsOn: e.DependsOn, Known: e, ReplacedBy: sale.ReplacedBy, After: Dependencies(m.world.Desired[sale.ReplacedBy]),
			Reason: fmt.Sprintf("%s is replaced", sale.Address)})
	}
	return out
}

// whyNotReplaced says why a sale cannot come in another's place, "" if it can.
func (m *maker) whyNotReplaced(c *Change, old *lockfile.Entry) string {
	r := c.Desired
	begin := r.Text("beginDate")
	switch {
	case m.Excluded[r.Replaces()]:
		return fmt.Sprintf("%s is excluded, and this sale comes in its place", r.Replaces())
	case old == nil:
		return fmt.Sprintf("the lockfile does not know %s, nor that it was ended for this one, so nobody can tell whether it still charges: if there is no such sale at Moka, take `replaces` out", r.Replaces())
	case !m.Whole:
		return fmt.Sprintf("the PATHs do not cover the lockfile's folder, so that %s may still have a manifest: give that folder as PATH", old.Address)
	case m.open[old.Address] != nil:
		return fmt.Sprintf("%s has a call in doubt: `mokasync apply` settles it first", old.Address)
	case old.Protected():
		return fmt.Sprintf("%s is protected and is not ended: take the annotation mokasync/protect out of its manifest and apply, then replace it", old.Address)
	case m.protectedStep(old) != nil:
		return fmt.Sprintf("%s, a payment step of %s that is still to come, is protected: take the annotation mokasync/protect out of its manifest and apply, then replace the sale", m.protectedStep(old).Address, old.Address)
	case m.stepToday(old) != nil:
		return fmt.Sprintf("the day of %s, a payment step of %s, has come: Moka may be charging it, and the sale cannot be ended today. Apply this tomorrow", m.stepToday(old).Address, old.Address)
	case c.Code == old.Code:
		return fmt.Sprintf("it needs another saleCode than %q, which %s has", c.Code, old.Address)
	case begin <= old.Text("beginDate"):
		return fmt.Sprintf("its beginDate %s is not later than that of %s, %s: what was charged already would be charged again", begin, old.Address, old.Text("beginDate"))
	case m.Today != "" && begin <= m.Today:
		return fmt.Sprintf("its beginDate %s is not later than today, %s, on which %s may have been charged: choose tomorrow or a later day", begin, m.Today, old.Address)
	}
	return ""
}
