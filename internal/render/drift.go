package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// drifted says in words where something was changed.
var drifted = map[plan.Where]string{
	plan.There: "changed at Moka", plan.Here: "changed here", plan.Both: "changed here and at Moka", plan.Gone: "gone at Moka", "": "the lockfile is behind",
}

// DriftText writes a drift for people: a group a kind, and of each resource its fields in the three places and what to do. With accepting it says instead what accepting does.
func DriftText(w io.Writer, d *plan.Drift, accepting bool, s Style) error {
	out := &planWriter{w: bufio.NewWriter(w), style: s, paint: s.paint()}
	out.line(out.paint.bold(title("drift", d.Endpoint, d.Dealer)))
	if d.Partial != "" {
		out.line(out.paint.yellow("This is a part of the manifests only: " + safeLine(d.Partial)))
	}
	for _, kind := range spec.Kinds() {
		out.driftGroup(kind, d.Drifted, accepting)
	}
	out.line("")
	if accepting {
		return out.w.Flush()
	}
	if len(d.Unjudged) > 0 {
		out.line(out.paint.bold("Not compared"))
		for _, u := range d.Unjudged {
			out.line(out.paint.yellow(fmt.Sprintf("  %s  %s", u.Address, safeLine(u.Reason))))
		}
		out.line("")
	}
	if n := len(d.Behind); n > 0 {
		out.line(fmt.Sprintf("Of %s manifest and Moka say the same, and the lockfile something else (%s): the next `mokasync apply --refresh` mends it.", plural(n, "resource", "resources"), named(d.Behind)))
	}
	out.line(out.paint.bold(driftCounts(d)))
	return out.w.Flush()
}

// named lists a few addresses.
func named(list []*plan.Drifted) string {
	var names []string
	for i, x := range list {
		if i == mostNames {
			names = append(names, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		names = append(names, x.Address.String())
	}
	return strings.Join(names, ", ")
}

// driftCounts is the sentence that ends a drift.
func driftCounts(d *plan.Drift) string {
	var parts []string
	for _, where := range []plan.Where{plan.There, plan.Here, plan.Both, plan.Gone} {
		if n := d.Count(where); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, drifted[where]))
		}
	}
	same := d.Compared - len(d.Drifted)
	if len(parts) == 0 {
		text := fmt.Sprintf("No drift: %s at Moka as manifests and lockfile say", plural(same, "resource is", "resources are"))
		if len(d.Unjudged) > 0 {
			text += fmt.Sprintf(", %d not compared", len(d.Unjudged))
		}
		return text + "."
	}
	parts = append(parts, fmt.Sprintf("%d without drift", same))
	if n := len(d.Unjudged); n > 0 {
		parts = append(parts, fmt.Sprintf("%d not compared", n))
	}
	return "Drift: " + strings.Join(parts, ", ") + "."
}

func (o *planWriter) driftGroup(kind spec.Kind, list []*plan.Drifted, accepting bool) {
	first := true
	for _, x := range list {
		if x.Address.Kind != kind {
			continue
		}
		if first {
			o.line("")
			o.line(o.paint.bold(kind.String() + "s"))
			first = false
		}
		o.drifted(x, accepting)
	}
}

func (o *planWriter) drifted(x *plan.Drifted, accepting bool) {
	head := fmt.Sprintf("  %s  %s", x.Address, drifted[x.Where])
	if x.Desired == nil {
		head += ", not in the manifests"
	}
	var about []string
	if x.Known.Code != "" && x.Known.Code != x.Address.Name {
		about = append(about, "code "+safe(x.Known.Code))
	}
	if x.Known.ID != 0 {
		about = append(about, "id "+formatID(x.Known.ID))
	}
	if len(about) > 0 {
		head += " (" + strings.Join(about, ", ") + ")"
	}
	o.line(o.paint.yellow(head))
	if x.Where != plan.Gone {
		o.driftTable(x)
	}
	says := whatToDo(x)
	if accepting {
		says = accepted(x)
	}
	for _, text := range says {
		o.line("      " + text)
	}
}

// driftTable shows the fields in the three places side by side.
func (o *planWriter) driftTable(x *plan.Drifted) {
	heads := [4]string{"", "manifest", "lockfile", "at Moka"}
	var wide [4]int
	for i, h := range heads {
		wide[i] = len(h)
	}
	cells := make([][4]string, len(x.Fields))
	for i, f := range x.Fields {
		cells[i] = [4]string{f.Name, o.cell(f.Manifest), o.cell(f.Lockfile), o.cell(f.Live)}
		for j, c := range cells[i] {
			if n := utf8.RuneCountInString(c); j == 0 || !long(cells[i]) {
				wide[j] = max(wide[j], n)
			}
		}
	}
	short := func(c [4]string) bool { return !long(c) }
	if slices.ContainsFunc(cells, short) {
		o.line("      " + o.paint.faint(strings.TrimRight(row(heads, wide), " ")))
	}
	for i, f := range x.Fields {
		remark := ""
		if x.Where == plan.Both {
			remark = o.paint.yellow("← " + drifted[f.Where])
		}
		if short(cells[i]) {
			o.line("      " + row(cells[i], wide) + remark)
			continue
		}
		o.line("      " + cells[i][0] + "  " + remark)
		for j := 1; j < len(heads); j++ {
			o.line(fmt.Sprintf("        %-9s %s", heads[j], cells[i][j]))
		}
	}
}

// cell shows a value, or that there is none.
func (o *planWriter) cell(t plan.Text) string {
	switch text := o.text(t); {
	case !t.Present(), t.List() && text == "":
		return "-"
	case text == "":
		return `""`
	default:
		return text
	}
}

// whatToDo are the ways out.
func whatToDo(x *plan.Drifted) []string {
	accept := fmt.Sprintf("`mokasync drift --accept %s`", x.Address)
	win := fmt.Sprintf("to have the manifest win: `mokasync apply --refresh --target %s`", x.Address)
	if why := x.WayBack(); why != "" {
		win = "it cannot be changed back: " + why
	}
	switch {
	case x.Where == plan.Gone && x.Desired == nil:
		return []string{"to drop its line from the lockfile: " + accept}
	case x.Where == plan.Gone:
		return []string{fmt.Sprintf("if that is meant, take its manifest out, then %s; to make it anew: `mokasync apply --recreate %s`", accept, x.Address)}
	case x.Desired == nil:
		return []string{"to take what Moka has into the lockfile: " + accept}
	case x.Where == plan.There:
		return []string{"to accept what Moka has: " + accept, win}
	case x.Where == plan.Here:
		return []string{"it waits for `mokasync apply`; to take it back: " + accept}
	}
	return []string{"to accept what Moka has and take back what was changed here: " + accept, win}
}

// accepted says what accepting does beyond writing down what Moka has.
func accepted(x *plan.Drifted) []string {
	names := func(where plan.Where) string {
		var out []string
		for _, f := range x.Fields {
			if f.Where == where {
				out = append(out, f.Name)
			}
		}
		return strings.Join(out, ", ")
	}
	switch {
	case x.Where == plan.Gone:
		return []string{"its line is dropped from the lockfile"}
	case x.Desired == nil:
		return []string{"the lockfile's line says what Moka has"}
	}
	var out []string
	if here := names(plan.Here); here != "" {
		out = append(out, "changed here, and taken back: "+here)
	}
	if both := names(plan.Both); both != "" {
		out = append(out, "changed on both sides, Moka's value wins: "+both)
	}
	return out
}

type driftDocument struct {
	FormatVersion string          `json:"formatVersion"`
	Endpoint      string          `json:"endpoint"`
	Dealer        string          `json:"dealer"`
	Partial       string          `json:"partial,omitempty"`
	Drift         []driftRow      `json:"drift"`
	NotCompared   []unjudgedRow   `json:"notCompared"`
	Diagnostics   []diagnosticRow `json:"diagnostics"`
}

type driftRow struct {
	Address string       `json:"address"`
	Where   string       `json:"where"`
	Fields  []driftField `json:"fields"`
}

type driftField struct {
	Name     string `json:"name"`
	Manifest any    `json:"manifest"`
	Lockfile any    `json:"lockfile"`
	Live     any    `json:"live"`
	Where    string `json:"where"`
}

type unjudgedRow struct {
	Address string `json:"address"`
	Reason  string `json:"reason"`
}

// DriftJSON writes a drift as one JSON document. Personal and secret values are masked.
func DriftJSON(w io.Writer, d *plan.Drift, diagnostics []spec.Diagnostic) error {
	doc := driftDocument{FormatVersion: formatVersion, Endpoint: d.Endpoint, Dealer: d.Dealer, Partial: d.Partial,
		Drift: driftRows(d.Drifted), NotCompared: []unjudgedRow{}, Diagnostics: diagnosticRows(diagnostics)}
	for _, u := range d.Unjudged {
		doc.NotCompared = append(doc.NotCompared, unjudgedRow{u.Address.String(), u.Reason})
	}
	return writeJSON(w, doc)
}

func driftRows(list []*plan.Drifted) []driftRow {
	rows := make([]driftRow, 0, len(list))
	for _, x := range list {
		row := driftRow{x.Address.String(), string(x.Where), make([]driftField, 0, len(x.Fields))}
		for _, f := range x.Fields {
			row.Fields = append(row.Fields, driftField{f.Name, side(f.Manifest), side(f.Lockfile), side(f.Live), string(f.Where)})
		}
		rows = append(rows, row)
	}
	return rows
}

// AcceptedJSON tells what was accepted, as it was before, and which files of manifests were written.
func AcceptedJSON(w io.Writer, d *plan.Drift, files []string) error {
	return writeJSON(w, struct {
		FormatVersion string     `json:"formatVersion"`
		Endpoint      string     `json:"endpoint"`
		Dealer        string     `json:"dealer"`
		Accepted      []driftRow `json:"accepted"`
		Files         []string   `json:"files"`
	}{formatVersion, d.Endpoint, d.Dealer, driftRows(d.Drifted), append([]string{}, files...)})
}
