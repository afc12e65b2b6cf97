package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

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

func (g *group) changeCells(c *plan.Change) []string {
	lines := append(fieldLines(c), whose(c)...)
	lines = append(lines, remarks(c, g.shared)...)
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
	if lines := remarks(c, ""); len(lines) > 0 {
		text += ": " + strings.Join(lines, "<br>")
	}
	if lines := fieldLines(c); len(lines) > 0 {
		text += "<br>What it would change: " + strings.Join(lines, "; ")
	}
	for _, line := range whose(c) {
		text += "<br>" + line
	}
	return []string{addressCell(c), text}
}

// remarks are why a change comes, unless that is said already, and what follows from it.
func remarks(c *plan.Change, said string) []string {
	var out []string
	if c.Reason != "" && c.Reason != said {
		out = append(out, sentence(c.Reason))
	}
	for _, text := range consequences(c) {
		out = append(out, "⚠️ "+text)
	}
	return out
}

// fieldLines show a change's fields: where there is no old value all in a line, else a line each, old → new, the money first. An amount has its currency beside it.
func fieldLines(c *plan.Change) []string {
	fields, changes := moneyLine(c)
	if !slices.ContainsFunc(c.Fields, func(f plan.FieldChange) bool { return f.From.Present() }) {
		var parts []string
		for _, f := range inReadingOrder(c) {
			switch {
			case fields[f.Field.Name]:
				if f.Field.Type == spec.Money || fieldOf(c, "amount") == nil { // once, be it the currency alone that changes
					parts = append(parts, changes)
				}
			case f.Field.Type != spec.Code || f.To.String() != c.Address.Name && f.To.String() != c.Code: // else the first column says it
				parts = append(parts, f.Field.Name+" "+textsOf(f.To))
			}
		}
		if len(parts) == 0 {
			return nil
		}
		return []string{strings.Join(parts, " · ")}
	}
	var out []string
	if changes != "" {
		out = append(out, changes)
	}
	for _, f := range c.Fields {
		if !fields[f.Field.Name] {
			out = append(out, fieldLine(f))
		}
	}
	return out
}

// moneyLine shows an amount that a change sets or moves, with its currency, and which fields that tells. A currency that changes moves the amount too.
func moneyLine(c *plan.Change) (told map[string]bool, text string) {
	if !movesMoney(c) {
		return nil, ""
	}
	before, after := moneyOf(c)
	if after.amount == "" {
		return nil, ""
	}
	text = "**" + code(after.String()) + "**"
	if before.amount != "" && before != after {
		text = code(before.String()) + " → " + text
	}
	return map[string]bool{"amount": true, "currency": true}, "amount " + text
}

// whose tells whose money a row is about where its fields do not: of a sale customer, product and what it charges, of a payment step the sale.
func whose(c *plan.Change) []string {
	if !hasMoney(c.Address.Kind) {
		return nil
	}
	var parts []string
	fields := c.Address.Kind.Def().Fields
	for i := range fields {
		f := &fields[i]
		if slices.Contains([]spec.Kind{spec.Customer, spec.Product, spec.Sale}, f.Target) && f.IsReference() && fieldOf(c, f.Name) == nil {
			if to := referred(c, f); to != "" {
				parts = append(parts, f.Name+" "+to)
			}
		}
	}
	if _, now := moneyOf(c); now.amount != "" && !movesMoney(c) {
		parts = append(parts, "at "+code(now.String()))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, " · ")}
}

// referred names what a reference that does not change refers to: the resource here, else what the manifest or the lockfile says; "" where neither is there.
func referred(c *plan.Change, f *spec.Field) string {
	for _, a := range c.DependsOn {
		if a.Kind == f.Target {
			return code(a.Name)
		}
	}
	if c.Desired != nil {
		if v := c.Desired.Value(f.Name); v != nil {
			return textsOf(plan.DesiredText(v))
		}
	}
	if c.Known == nil || c.Known.Text(f.Name) == "" {
		return ""
	}
	kept := c.Known.Text(f.Name)
	if number, ok := plan.ByNumber(kept); ok {
		return "id " + code(number)
	}
	return "code " + code(kept)
}

// inReadingOrder gives the fields of something new: of a sale who, what, how much and when come first.
func inReadingOrder(c *plan.Change) []plan.FieldChange {
	if c.Address.Kind != spec.Sale {
		return c.Fields
	}
	order := []string{"customer", "product", "amount", "schedule", "beginDate", "endDate"}
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

func fieldLine(f plan.FieldChange) string {
	from, to := textsOf(f.From), textsOf(f.To)
	switch {
	case !f.From.Present():
		return f.Field.Name + " " + to
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
	var few [4]string
	texts := t.AppendMask(few[:0])
	if len(texts) == 0 {
		return "none"
	}
	for i, text := range texts {
		texts[i] = code(text)
	}
	return strings.Join(texts, ", ")
}
