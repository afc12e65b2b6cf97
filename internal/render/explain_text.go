package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

const (
	// widestCell is how wide a column gets; a row with a longer value takes a line a place.
	widestCell = 30
	// mostNames is how many addresses are listed; the rest is counted.
	mostNames = 20
)

// ExplainText writes it for people: where it is, what a plan would do, what is in doubt; then the fields in the three places side by side; then what hangs together with it.
func ExplainText(w io.Writer, e *Explained, s Style) error {
	out := &planWriter{w: bufio.NewWriter(w), style: s, paint: s.paint()}
	out.line(out.paint.bold(title("explain", e.Endpoint, e.Dealer)))
	out.line(out.paint.bold(e.Address.String()))
	out.line("")
	out.whereabouts(e)
	out.line("")
	out.verdict(e)
	out.table(e)
	out.line("")
	out.names("needs", e.World.Needs(e.Address), e)
	out.names("needed by", e.World.NeededBy(e.Address), e)
	return out.w.Flush()
}

func (o *planWriter) fact(name, text string) { o.line(fmt.Sprintf("  %-10s %s", name, text)) }

// whereabouts says where the resource is.
func (o *planWriter) whereabouts(e *Explained) {
	if r := e.desired(); r != nil {
		o.fact("manifest", safeLine(fmt.Sprintf("%s:%d", r.File, r.Line))+labelled(pairs(r.Labels), pairs(steers(r.Annotations))))
		if !r.MovedFrom().IsZero() {
			o.fact("", "it was "+r.MovedFrom().String()+" before (movedFrom)")
		}
		if !r.Replaces().IsZero() {
			o.fact("", "it replaces "+r.Replaces().String()+", which is ended first")
		}
	} else {
		o.fact("manifest", "none")
	}
	switch known, open := e.known(), e.open(); {
	case known != nil:
		text := safeLine(e.Lockfile) + ": " + cmp.Or(about(known), "known")
		o.fact("lockfile", text+labelled(pairs(known.Labels), pairs(known.Annotations)))
	case open != nil:
		o.fact("lockfile", safeLine(e.Lockfile)+": only a call that is in doubt")
	case e.World.Known.Len() == 0:
		o.fact("lockfile", safeLine(e.Lockfile)+" is empty, or there is none")
	default:
		o.fact("lockfile", "not in "+safeLine(e.Lockfile))
	}
	switch {
	case !e.Looked:
		o.fact("at Moka", "not looked at; --refresh does")
	case e.NotSeen != "":
		o.fact("at Moka", o.paint.red(safeLine(e.NotSeen)))
	case e.Found == nil:
		o.fact("at Moka", o.paint.red("not there"))
	default:
		var parts []string
		if e.Found.ID != 0 {
			parts = append(parts, "id "+formatID(e.Found.ID))
		}
		if e.Found.Code != "" {
			parts = append(parts, "code "+safe(e.Found.Code))
		}
		o.fact("at Moka", cmp.Or(strings.Join(parts, ", "), "there"))
	}
	if e.Last != nil {
		o.fact("last apply", o.outcome(e.Last))
	}
}

func labelled(labels, annotations string) string {
	text := ""
	if labels != "" {
		text += "  labels " + labels
	}
	if annotations != "" {
		text += "  annotations " + annotations
	}
	return text
}

// outcome is what an apply's account says, in a line.
func (o *planWriter) outcome(r *apply.Result) string {
	text := string(r.Status)
	switch r.Status {
	case apply.InDoubt:
		text = o.paint.red("in doubt")
	case apply.Failed:
		text = o.paint.red("failed")
	case apply.NotTried:
		text = "not tried"
	}
	text += " (" + r.Action.String() + ")"
	if why := cmp.Or(r.Message, r.Because); why != "" {
		text += ": " + Line(why)
	}
	if r.ResultCode != "" {
		text += "; `mokasync explain " + Line(r.ResultCode) + "` says more"
	}
	return text
}

// verdict says what a plan would do about it, and why.
func (o *planWriter) verdict(e *Explained) {
	o.line(o.paint.bold("A plan would"))
	switch c := e.Change; {
	case c == nil:
		o.line("  " + o.paint.yellow(safeLine(e.NoPlan)))
	case c.Action == plan.Unchanged:
		o.line("  leave it as it is: " + safeLine(c.Reason))
	default:
		o.change(c, 0)
	}
	for _, d := range e.Diagnostics {
		o.line("      " + o.paint.yellow(safeLine(string(d.Severity)+": "+d.Message)))
	}
	in := e.open()
	if in == nil {
		return
	}
	o.line("")
	o.line(o.paint.red("In doubt"))
	what := "a change"
	if in.Creates() {
		what = "a creation: do not make it by hand meanwhile"
	}
	o.line(fmt.Sprintf("  %s, %s", in.Op, what))
	o.line("  sent at " + in.At.UTC().Format(timeForm))
	if !in.GaveUp.IsZero() {
		o.line("  given up at " + in.GaveUp.UTC().Format(timeForm))
	}
	if in.Answered {
		o.line("  Moka said that it took it, though not in a way that could be believed")
	}
	for _, l := range in.Entry.Fields.All() {
		if kept, _ := e.keptText(l.Field); !kept.Present() || !slices.Equal(kept.Mask(), e.World.KeptText(l).Mask()) {
			o.line(fmt.Sprintf("  sent %-18s %s", l.Field.Name, o.text(e.World.KeptText(l))))
		}
	}
	o.line("  The next `mokasync apply` looks at Moka and settles it. Where Moka cannot be read: look in its panel, then")
	o.line(fmt.Sprintf("  `mokasync resolve %s --adopt ID` if it is there, or `--absent` if it is not.", e.Address))
}

const timeForm = "2006-01-02 15:04:05 UTC"

// table shows the fields side by side.
func (o *planWriter) table(e *Explained) {
	rows := e.rows()
	alone := e.known() == nil && e.Found == nil && e.Change != nil && len(e.Change.Fields) > 0 // the plan has listed the fields
	if len(rows) == 0 || alone {
		return
	}
	heads := [4]string{"", "manifest", "lockfile", "at Moka"}
	wide := [4]int{}
	for i, h := range heads {
		wide[i] = len(h)
	}
	cells := make([][4]string, len(rows))
	for i, p := range rows {
		cells[i] = o.cells(e, p)
		if long(cells[i]) {
			wide[0] = max(wide[0], utf8.RuneCountInString(cells[i][0]))
			continue
		}
		for j, c := range cells[i] {
			wide[j] = max(wide[j], utf8.RuneCountInString(c))
		}
	}
	o.line("")
	o.line(o.paint.bold("  " + row(heads, wide)))
	edited := e.edited()
	for i, p := range rows {
		remark := o.remark(e, p, edited)
		if !long(cells[i]) {
			o.line("  " + row(cells[i], wide) + remark)
			continue
		}
		o.line("  " + cells[i][0] + "  " + remark)
		for j := 1; j < len(heads); j++ {
			o.line(fmt.Sprintf("      %-9s %s", heads[j], cells[i][j]))
		}
	}
}

func row(cells [4]string, wide [4]int) string {
	var b strings.Builder
	for i, c := range cells {
		b.WriteString(c + strings.Repeat(" ", wide[i]-utf8.RuneCountInString(c)+2))
	}
	return b.String()
}

func long(cells [4]string) bool {
	return slices.ContainsFunc(cells[1:], func(c string) bool { return utf8.RuneCountInString(c) > widestCell })
}

func (o *planWriter) cells(e *Explained, p places) [4]string {
	cell := func(t plan.Text) string {
		if !t.Present() {
			return "-"
		}
		if text := o.text(t); text != "" {
			return text
		}
		return `""`
	}
	out := [4]string{p.field.Name, cell(p.manifest), cell(p.lockfile), cell(p.there)}
	if p.byDefault {
		out[2] += " (default)"
	}
	if !e.Looked {
		out[3] = "?"
	} else if p.field.Type == spec.Password && e.Found != nil {
		out[3] = "(not compared)"
	}
	return out
}

// remark says what is the matter with a field.
func (o *planWriter) remark(e *Explained, p places, edited map[*spec.Field]bool) string {
	var parts []string
	if e.Change != nil && e.Change.Action != plan.Create && slices.ContainsFunc(e.Change.Fields, func(f plan.FieldChange) bool { return f.Field == p.field }) {
		parts = append(parts, "differs")
	}
	if edited[p.field] {
		parts = append(parts, "edited at Moka")
	}
	if len(parts) > 0 {
		return o.paint.yellow("← " + strings.Join(parts, ", "))
	}
	if e.desired() != nil && !p.manifest.Present() {
		return o.paint.faint("not managed")
	}
	return ""
}

// names lists addresses, and says of one that left the manifests that it did.
func (o *planWriter) names(what string, addresses []spec.Address, e *Explained) {
	if len(addresses) == 0 {
		o.fact(what, "nothing here")
	}
	for i, a := range addresses {
		if i == mostNames {
			o.fact("", "and "+strconv.Itoa(len(addresses)-i)+" more")
			return
		}
		text := a.String()
		if e.World.Desired[a] == nil {
			text += " (in the lockfile only)"
		}
		o.fact(what, text)
		what = ""
	}
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
