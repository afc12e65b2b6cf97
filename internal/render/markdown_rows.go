package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Weights of rows: what must not be overlooked goes in first.
const (
	weighsMistake = iota
	weighsBlocked
	weighsDelete
	weighsMove // a schedule that moves sales
	weighsSale
	weighsPayment
	weighsWarning
	weighsOther // and a kind's place
	weighsKept  = weighsOther + 10
	weighsNote  = weighsKept + 1
)

// otherKinds are the kinds after sales, as they are shown.
var otherKinds = []spec.Kind{spec.PaymentStep, spec.Schedule, spec.Customer, spec.Card, spec.Product}

// titles head the kinds' tables.
var titles = map[spec.Kind]string{
	spec.Sale: "Sales", spec.PaymentStep: "Payment steps", spec.Schedule: "Schedules", spec.Customer: "Customers", spec.Card: "Cards", spec.Product: "Products",
}

// addChanges adds the sections of a plan, and its changes to them.
func addChanges(page *markdownPage, p *plan.Plan) {
	const what = "What happens"
	blocked := page.section("Blocked or in doubt", 50, "Resource", "What is the matter")
	deleted := page.section("Deleted", 20, "Resource", what)
	kinds := map[spec.Kind]*markdownSection{spec.Sale: page.section(titles[spec.Sale], 20, "Sale", what)}
	for _, k := range otherKinds {
		kinds[k] = page.section(titles[k], 10, "Resource", what)
	}
	kept := page.section("Not in the manifests", 5, "Resource", what)
	order := map[plan.Action]int{plan.Update: 0, plan.Create: 1, plan.Adopt: 2}
	changes := slices.Clone(p.Changes)
	slices.SortStableFunc(changes, func(a, b *plan.Change) int { return order[a.Action] - order[b.Action] })
	for _, c := range changes {
		row := markdownRow{counted: counted{kind: c.Address.Kind, action: c.Action}, cells: func() []string { return changeCells(c) }}
		switch {
		case c.InDoubt || c.Action == plan.Blocked:
			row.section, row.weight = blocked, weighsBlocked
			row.cells = func() []string { return blockedCells(c) }
		case c.Action == plan.Delete:
			row.section, row.weight = deleted, weighsDelete
		case c.Action == plan.Orphan || c.Action == plan.Forget:
			row.section, row.weight = kept, weighsKept
		default:
			row.section, row.weight = kinds[c.Address.Kind], weightOf(c)
		}
		page.add(row)
	}
}

func weightOf(c *plan.Change) int {
	switch {
	case c.MovesSales():
		return weighsMove
	case c.Address.Kind == spec.Sale:
		return weighsSale
	case c.Address.Kind == spec.PaymentStep:
		return weighsPayment
	}
	return weighsOther + slices.Index(otherKinds, c.Address.Kind)
}

// addressCell names a resource, with its code and Moka's number where the address does not say them.
func addressCell(c *plan.Change) string {
	text := code(c.Address.String())
	if c.Code != "" && c.Code != c.Address.Name {
		text += "<br>code " + code(c.Code)
	}
	if c.ID != 0 {
		text += "<br>id " + strconv.FormatInt(c.ID, 10)
	}
	return text
}

func changeCells(c *plan.Change) []string {
	lines := append(fieldLines(c), remarks(c)...)
	text := "**" + verbOf(c.Address.Kind, c.Action).one + "**"
	if len(lines) > 0 {
		text += ": " + strings.Join(lines, "<br>")
	}
	return []string{addressCell(c), text}
}

func blockedCells(c *plan.Change) []string {
	text := "⛔ **blocked**"
	switch {
	case c.InDoubt && c.Action == plan.Blocked:
		text = "⛔ **in doubt and blocked**"
	case c.InDoubt:
		text = "⛔ **in doubt**"
	}
	if lines := remarks(c); len(lines) > 0 {
		text += ": " + strings.Join(lines, "<br>")
	}
	if lines := fieldLines(c); len(lines) > 0 {
		text += "<br>What it would change: " + strings.Join(lines, "; ")
	}
	return []string{addressCell(c), text}
}

// remarks are why a change comes, and what follows from it.
func remarks(c *plan.Change) []string {
	var out []string
	if c.Reason != "" {
		out = append(out, sentence(c.Reason))
	}
	for _, text := range consequences(c) {
		out = append(out, "⚠️ "+text)
	}
	return out
}

// fieldLines show a change's fields: where there is no old value all in a line, else a line each, old → new.
func fieldLines(c *plan.Change) []string {
	if !slices.ContainsFunc(c.Fields, func(f plan.FieldChange) bool { return f.From.Present() }) {
		var parts []string
		for _, f := range inReadingOrder(c) {
			if f.Field.Type != spec.Code || f.To.String() != c.Address.Name && f.To.String() != c.Code { // the first column says it
				parts = append(parts, f.Field.Name+" "+boldMoney(f.Field, textsOf(f.To)))
			}
		}
		if len(parts) == 0 {
			return nil
		}
		return []string{strings.Join(parts, " · ")}
	}
	var out []string
	for _, f := range c.Fields {
		out = append(out, fieldLine(f))
	}
	return out
}

// inReadingOrder gives the fields of something new: of a sale who, what, how much and when come first.
func inReadingOrder(c *plan.Change) []plan.FieldChange {
	if c.Address.Kind != spec.Sale {
		return c.Fields
	}
	order := []string{"customer", "product", "amount", "currency", "schedule", "beginDate", "endDate"}
	place := func(f plan.FieldChange) int {
		if i := slices.Index(order, f.Field.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	fields := slices.Clone(c.Fields)
	slices.SortStableFunc(fields, func(a, b plan.FieldChange) int { return place(a) - place(b) })
	return fields
}

func boldMoney(f *spec.Field, text string) string {
	if f.Type == spec.Money {
		return "**" + text + "**"
	}
	return text
}

func fieldLine(f plan.FieldChange) string {
	from, to := textsOf(f.From), textsOf(f.To)
	switch {
	case !f.From.Present():
		return f.Field.Name + " " + boldMoney(f.Field, to)
	case !f.To.Present():
		return f.Field.Name + " " + from + " → none"
	case from == to: // both hidden, or a name that stands for something else now
		return f.Field.Name + " changes: " + to
	}
	if f.Field.Type == spec.Text && f.Field.Sensitivity == spec.Public {
		if was, is, ok := markedSides(f.From.String(), f.To.String()); ok {
			return f.Field.Name + " " + was + "<br>→ " + is
		}
	}
	return f.Field.Name + " " + from + " → **" + to + "**"
}

// textsOf shows a value masked: a code span a text.
func textsOf(t plan.Text) string {
	if !t.Present() {
		return "none"
	}
	texts := t.Mask()
	if len(texts) == 0 {
		return "none"
	}
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = code(text)
	}
	return strings.Join(parts, ", ")
}
