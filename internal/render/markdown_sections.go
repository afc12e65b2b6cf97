package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Weights of rows: what must not be overlooked goes in first. Of what moves money a round of rows of each table goes in before the next round of any: ten thousand deletes must not push out the
// one wrong price.
const (
	weighsMistake = iota
	weighsBlocked
	weighsLeft // a sale that left the manifests and goes on charging
	weighsDelete
	weighsMove // a schedule that moves sales
	weighsChange
	weighsBegin
	weighsTaken
	weighsPayment
	weighsRound   // what each round adds
	weighsWarning = 1 << 30
	weighsOther   = weighsWarning + 1 // and a kind's place
	weighsKept    = weighsOther + 10
	weighsNote    = weighsKept + 1
)

// roundRows is how many rows of a table make a round: the first round of all tables is about what a comment holds.
const roundRows = 40

// otherKinds are the kinds after sales, as they are shown.
var otherKinds = []spec.Kind{spec.PaymentStep, spec.Schedule, spec.Customer, spec.Card, spec.Product}

// titles head the kinds' tables.
var titles = map[spec.Kind]string{
	spec.PaymentStep: "Payment steps", spec.Schedule: "Schedules", spec.Customer: "Customers", spec.Card: "Cards", spec.Product: "Products",
}

// group is the changes of a section, and how they are written there.
type group struct {
	*markdownSection
	weight  int
	changes []*plan.Change
	cells   func(*plan.Change) []string
	// shared is a reason that stands above the table, and not in the rows that have it.
	shared string
}

// tables are the sections of a plan's changes.
type tables struct {
	all                          []*group // in the order in which they are shown
	blocked, left, deleted, kept *group
	sales                        map[plan.Action]*group
	kinds                        map[spec.Kind]*group
}

func newTables(page *markdownPage) *tables {
	t := &tables{kinds: map[spec.Kind]*group{}}
	add := func(title string, open, weight int, first string) *group {
		g := &group{markdownSection: page.section(title, open, first, "What happens"), weight: weight}
		g.cells = g.changeCells
		t.all = append(t.all, g)
		return g
	}
	t.blocked = add("Blocked or in doubt", 50, weighsBlocked, "Resource")
	t.blocked.columns[1], t.blocked.cells = "What is the matter", blockedCells
	t.left = add("Sales that left the manifests", 20, weighsLeft, "Sale")
	t.deleted = add("Deleted", 20, weighsDelete, "Resource")
	t.sales = map[plan.Action]*group{
		plan.Update: add("Sales that change", 20, weighsChange, "Sale"),
		plan.Create: add("Sales that begin", 20, weighsBegin, "Sale"),
		plan.Adopt:  add("Sales that are taken over", 20, weighsTaken, "Sale"),
	}
	for i, k := range otherKinds {
		t.kinds[k] = add(titles[k], 10, weighsOther+i, "Resource")
	}
	t.kinds[spec.PaymentStep].weight = weighsPayment
	t.kept = add("Not in the manifests", 5, weighsKept, "Resource")
	return t
}

// of gives the table that a change stands in.
func (t *tables) of(c *plan.Change) *group {
	switch sale := c.Address.Kind == spec.Sale; {
	case c.InDoubt || c.Action == plan.Blocked:
		return t.blocked
	case c.Action == plan.Delete:
		return t.deleted
	case c.Action == plan.Orphan && sale:
		return t.left
	case c.Action == plan.Orphan || c.Action == plan.Forget:
		return t.kept
	case sale:
		return t.sales[c.Action]
	}
	return t.kinds[c.Address.Kind]
}

// addChanges adds the sections of a plan, and its changes to them. confirm are diagnostics about the deletes; given back are those for which nothing is deleted.
func addChanges(page *markdownPage, p *plan.Plan, confirm []spec.Diagnostic) []spec.Diagnostic {
	t := newTables(page)
	for _, c := range p.Changes {
		g := t.of(c)
		g.changes = append(g.changes, c)
	}
	for _, g := range t.all {
		byAddress(g.changes)
	}
	for _, g := range t.sales {
		g.outliersFirst()
	}
	if len(t.deleted.changes) > 0 {
		for _, d := range confirm {
			t.deleted.notes = append(t.deleted.notes, "⚠️ "+sentence(d.Message))
		}
		confirm = nil
	}
	t.left.shareReason("Each sale", t.left.changes)
	t.deleted.shareReason("Each sale", slices.DeleteFunc(slices.Clone(t.deleted.changes), func(c *plan.Change) bool { return c.Address.Kind != spec.Sale }))
	t.kept.shareReason("Each row", t.kept.changes)
	for _, g := range t.all {
		g.addTo(page)
	}
	return confirm
}

func (g *group) addTo(page *markdownPage) {
	for i, c := range g.changes {
		weight := g.weight
		if c.MovesSales() && weight > weighsMove {
			weight = weighsMove
		}
		if weight < weighsRound {
			weight += i / roundRows * weighsRound
		}
		page.add(markdownRow{weight: weight, section: g.markdownSection, counted: counted{kind: c.Address.Kind, action: c.Action}, cells: func() []string { return g.cells(c) }})
	}
}

// outliersFirst orders the sales of a table that is folded by their amounts, and says so.
func (g *group) outliersFirst() {
	if len(g.changes) <= g.open+foldLeast {
		return
	}
	if g.weight != weighsBegin {
		if bySwing(g.changes) {
			g.notes = append(g.notes, "Those whose amount changes most, up or down, come first.")
		}
		return
	}
	if n := byExtremes(g.changes); n > 0 {
		g.open = max(g.open, n)
		g.notes = append(g.notes, "The largest and the smallest amounts of each currency come first, in turn.")
	}
}

// shareReason puts the reason that most of some changes of the group have above the table, if that spares a repetition.
func (g *group) shareReason(who string, changes []*plan.Change) {
	counts := map[string]int{}
	for _, c := range changes {
		counts[c.Reason]++
	}
	if counts[""] > 0 || len(counts) == len(changes) {
		return
	}
	g.shared = slices.MaxFunc(slices.Collect(maps.Keys(counts)), func(a, b string) int {
		return cmp.Or(counts[a]-counts[b], strings.Compare(a, b))
	})
	if len(counts) > 1 {
		who += " that says nothing else"
	}
	g.notes = append(g.notes, who+": "+sentence(g.shared)+".")
}
