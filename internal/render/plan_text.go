package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// signs begin a change's line.
var signs = map[plan.Action]string{
	plan.Create: "+", plan.Adopt: ">", plan.Update: "~", plan.Delete: "-", plan.Forget: "x", plan.Blocked: "!", plan.Orphan: "?",
}

// words say what an action does, for a reader who does not know the signs.
var words = map[plan.Action]string{
	plan.Create: "create", plan.Adopt: "take over", plan.Update: "change", plan.Delete: "delete", plan.Forget: "forget", plan.Blocked: "blocked", plan.Orphan: "not in the manifests",
}

// PlanText writes a plan for people: a group a kind, a line a change, a line a field; then what that means for the charges; and a last line that counts.
func PlanText(w io.Writer, command string, p *plan.Plan, s Style) error {
	out := &planWriter{w: bufio.NewWriter(w), style: s, paint: s.paint()}
	out.line(out.paint.bold(title(command, p.Endpoint, p.Dealer)))
	if p.Partial != "" {
		out.line(out.paint.yellow("This is a part of the manifests only: " + safeLine(p.Partial)))
	}
	for _, kind := range spec.Kinds() {
		out.group(kind, p.Changes)
	}
	out.money(p)
	out.line("")
	out.line(out.paint.bold(Counts(p)))
	return out.w.Flush()
}

// Counts is the sentence that ends a plan.
func Counts(p *plan.Plan) string {
	if p.Planned() == 0 && p.Counts[plan.Orphan] == 0 && !p.InDoubt() {
		return noChanges(p)
	}
	var parts []string
	for _, a := range plan.Actions {
		if n := p.Counts[a]; n > 0 {
			parts = append(parts, countOf(a, n))
		}
	}
	if n := inDoubt(p); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of these in doubt", n))
	}
	return "Plan: " + strings.Join(parts, ", ") + "."
}

// noChanges says what it was that showed none.
func noChanges(p *plan.Plan) string {
	n := p.Counts[plan.Unchanged]
	text := fmt.Sprintf("No changes: %s as the lockfile remembers. Moka was not compared; --refresh does.", plural(n, "resource is", "resources are"))
	if p.Looked {
		text = fmt.Sprintf("No changes: %s at Moka as the manifests say.", plural(n, "resource is", "resources are"))
	}
	if p.Sealed {
		text += " Personal fields and card tokens were not compared."
	}
	return text
}

func inDoubt(p *plan.Plan) int {
	n := 0
	for _, c := range p.Changes {
		if c.InDoubt {
			n++
		}
	}
	return n
}

type planWriter struct {
	w     *bufio.Writer
	style Style
	paint paint
	room  []string // for the texts of one value
}

func (o *planWriter) line(s string) { fmt.Fprintln(o.w, strings.TrimRight(s, " ")) }

func (o *planWriter) group(kind spec.Kind, changes []*plan.Change) {
	shown, left := o.shown(kind, changes)
	if len(shown) == 0 {
		return
	}
	wide := 0
	for _, c := range shown {
		wide = max(wide, len(c.Address.String()))
	}
	o.line("")
	o.line(o.paint.bold(kind.String() + "s"))
	for _, c := range shown {
		o.change(c, min(wide, 40))
	}
	if len(left) > 0 {
		o.line("  " + o.paint.bold(leftOut(left)))
	}
}

// shownOfKind is how many changes of a kind are shown of a plan that is not asked for whole.
const shownOfKind = 200

// shown gives the changes of a kind that are shown, in the plan's order, and those that are only counted. What is in doubt, blocked or deleted is shown before what is changed, and that before
// what is made.
func (o *planWriter) shown(kind spec.Kind, changes []*plan.Change) (shown, left []*plan.Change) {
	var all []*plan.Change
	for _, c := range changes {
		if c.Address.Kind == kind {
			all = append(all, c)
		}
	}
	if o.style.Full || len(all) <= shownOfKind {
		return all, nil
	}
	chosen := map[*plan.Change]bool{}
	for rank := 0; len(chosen) < shownOfKind; rank++ {
		for _, c := range all {
			if rankOf(c) == rank && len(chosen) < shownOfKind {
				chosen[c] = true
			}
		}
	}
	for _, c := range all {
		if chosen[c] {
			shown = append(shown, c)
		} else {
			left = append(left, c)
		}
	}
	return shown, left
}

// rankOf says how early a change is shown where not all can be.
func rankOf(c *plan.Change) int {
	switch {
	case c.InDoubt:
		return 0
	case c.Action == plan.Blocked:
		return 1
	case c.Action == plan.Delete:
		return 2
	case c.Action == plan.Orphan, c.Action == plan.Forget:
		return 3
	case c.Action == plan.Update:
		return 4
	case c.Action == plan.Adopt:
		return 5
	}
	return 6
}

// leftOut counts the changes that are not shown.
func leftOut(left []*plan.Change) string {
	counts := map[plan.Action]int{}
	for _, c := range left {
		counts[c.Action]++
	}
	var parts []string
	for _, a := range plan.Actions {
		if counts[a] > 0 {
			parts = append(parts, countOf(a, counts[a]))
		}
	}
	return fmt.Sprintf("… and %d more: %s (--full shows them)", len(left), strings.Join(parts, ", "))
}

// countOf is an action with its number, "3 to create".
func countOf(a plan.Action, n int) string {
	switch a {
	case plan.Unchanged:
		return fmt.Sprintf("%d unchanged", n)
	case plan.Blocked:
		return fmt.Sprintf("%d blocked", n)
	case plan.Orphan:
		return fmt.Sprintf("%d not in the manifests", n)
	}
	return fmt.Sprintf("%d to %s", n, words[a])
}

func (o *planWriter) change(c *plan.Change, wide int) {
	tint := o.tint(c.Action)
	head := fmt.Sprintf("  %s %-*s  %s", signs[c.Action], wide, c.Address, words[c.Action])
	var about []string
	if c.Code != "" && c.Code != c.Address.Name {
		about = append(about, "code "+safe(c.Code))
	}
	if c.ID != 0 {
		about = append(about, fmt.Sprintf("id %d", c.ID))
	}
	if len(about) > 0 {
		head += " (" + strings.Join(about, ", ") + ")"
	}
	o.line(tint(head))
	if c.InDoubt {
		o.line("      " + o.paint.red("in doubt"))
	}
	wide = 0
	for _, f := range c.Fields {
		wide = max(wide, len(f.Field.Name))
	}
	for _, f := range c.Fields {
		o.line(fmt.Sprintf("      %-*s  %s", wide, f.Field.Name, o.values(c, f)))
	}
	if c.Reason != "" {
		o.line("      " + o.paint.yellow(safeLine(c.Reason)))
	}
	for _, warning := range consequences(c) {
		o.line("      " + o.paint.yellow(warning))
	}
}

// consequences are what a reviewer should not have to work out.
func consequences(c *plan.Change) []string {
	if c.Address.Kind != spec.Sale || c.Action != plan.Create {
		return nil
	}
	for _, f := range c.Fields { // of a create: all that its manifest says
		if f.Field.Type == spec.EndDate && f.To.String() != spec.Never || f.Field.Name == "planType" && f.To.String() == "manual" {
			return nil
		}
	}
	return []string{"open-ended: it charges until it is ended"}
}

func (o *planWriter) tint(a plan.Action) func(...any) string {
	switch a {
	case plan.Create:
		return o.paint.green
	case plan.Adopt:
		return o.paint.cyan
	case plan.Update:
		return o.paint.yellow
	case plan.Delete, plan.Blocked:
		return o.paint.red
	}
	return o.paint.faint
}

// values shows a field's old and new value; in long texts the part that differs is marked.
func (o *planWriter) values(c *plan.Change, f plan.FieldChange) string {
	from, to := o.text(f.From), o.text(f.To)
	switch {
	case !f.From.Present() && f.Field.Name == "currency" && known(c, "currency") != "": // the default that was sent
		return safe(known(c, "currency")) + " → " + to
	case !f.From.Present():
		return to
	case !f.To.Present():
		return from + " → (none)"
	}
	if f.Field.Type == spec.Text && (f.Field.Sensitivity == spec.Public || o.style.Personal) && len([]rune(from))+len([]rune(to)) > longText && from != to {
		return o.mark(from, to)
	}
	return from + " → " + to
}

func (o *planWriter) text(t plan.Text) string {
	o.room = t.AppendMask(o.room[:0])
	if o.style.Personal {
		o.room = append(o.room[:0], t.Reveal()...)
	}
	for i, s := range o.room {
		o.room[i] = safe(s)
	}
	return strings.Join(o.room, ", ")
}
