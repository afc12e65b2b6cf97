package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// annotation is a finding as GitHub shows it beside the line that it is about.
type annotation struct {
	level        spec.Severity
	file         string
	line, column int // from 1; 0 for none
	title        string
	message      string
}

// commands are the workflow commands of the levels, and how many of one a step can show.
var commands = map[spec.Severity]string{spec.Error: "error", spec.Warning: "warning", spec.Info: "notice"}

const shownOfLevel = 10

// DiagnosticsGitHub writes diagnostics as workflow commands of GitHub, errors first. place gives a file's path in the repository: GitHub knows no other.
func DiagnosticsGitHub(w io.Writer, ds []spec.Diagnostic, place func(string) string) error {
	return writeAnnotations(w, annotationsOf(ds), place)
}

// PlanGitHub writes a plan for a log on GitHub: annotations for diagnostics and for what is blocked or in doubt, then the plan as text, in which no line is taken for a workflow command.
// With an error among ds there is no plan. The same input gives the same bytes.
func PlanGitHub(w io.Writer, p *plan.Plan, ds []spec.Diagnostic, place func(string) string, s Style) error {
	list := annotationsOf(ds)
	bad := spec.HasErrors(ds)
	if !bad {
		list = slices.Concat(annotationsOfGuards(p), annotationsOfChanges(p), list) // before other warnings: GitHub shows the first ones
	}
	if err := writeAnnotations(w, list, place); err != nil || bad {
		return err
	}
	var text bytes.Buffer
	if err := PlanText(&text, "plan", p, s); err != nil {
		return err
	}
	_, err := io.WriteString(w, stopped(text.String()))
	return err
}

// stopped puts a text between two lines that switch workflow commands off and on again. What switches them on is a digest of the text, which the text cannot hold.
func stopped(text string) string {
	sum := sha256.Sum256([]byte(text))
	token := hex.EncodeToString(sum[:])
	return "::stop-commands::" + token + "\n" + text + "::" + token + "::\n"
}

func annotationsOf(ds []spec.Diagnostic) []annotation {
	out := make([]annotation, 0, len(ds))
	for _, d := range ds {
		out = append(out, annotation{d.Severity, d.File, d.Line, d.Column, cmp.Or(d.Address, "mokasync"), d.Message})
	}
	return out
}

// annotationsOfChanges are what a reviewer must see of the changes themselves.
func annotationsOfChanges(p *plan.Plan) []annotation {
	var out []annotation
	for _, c := range p.Changes {
		word := ""
		switch {
		case c.InDoubt:
			word = "in doubt"
		case c.Action == plan.Blocked:
			word = "blocked"
		default:
			continue
		}
		a := annotation{level: spec.Warning, title: c.Address.String() + " is " + word, message: cmp.Or(c.Reason, "it is "+word)}
		if r := c.Desired; r != nil {
			a.file, a.line, a.column = r.File, r.Line, r.Column
		}
		out = append(out, a)
	}
	return out
}

// annotationsOfGuards stand in mokasync.yaml, at the guards that the plan breaks.
func annotationsOfGuards(p *plan.Plan) []annotation {
	var out []annotation
	for _, g := range p.Guards {
		a := annotation{level: spec.Warning, title: "guard " + g.Guard + " is broken", message: g.Message + "; apply refuses this plan, unless it is given " + waiver(p, g)}
		a.file, a.line, a.column = g.Place()
		out = append(out, a)
	}
	return out
}

func writeAnnotations(w io.Writer, list []annotation, place func(string) string) error {
	rank := map[spec.Severity]int{spec.Error: 0, spec.Warning: 1, spec.Info: 2}
	slices.SortStableFunc(list, func(a, b annotation) int { return rank[a.level] - rank[b.level] })
	var b bytes.Buffer
	counts := map[spec.Severity]int{}
	for _, a := range list {
		counts[a.level]++
		b.WriteString(a.command(place) + "\n")
	}
	var more []string
	for _, s := range []spec.Severity{spec.Error, spec.Warning, spec.Info} {
		if n := counts[s] - shownOfLevel; n > 0 {
			more = append(more, plural(n, "more "+commands[s], "more "+commands[s]+"s"))
		}
	}
	if len(more) > 0 {
		fmt.Fprintf(&b, "GitHub shows %d of each level of a step beside the code; in this log stand %s.\n", shownOfLevel, strings.Join(more, ", "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// command is the workflow command of an annotation, in one line.
func (a annotation) command(place func(string) string) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property.Replace(Line(value))) }
	if a.file != "" && a.file != "-" {
		add("file", place(a.file))
		if a.line > 0 {
			add("line", strconv.Itoa(a.line))
		}
		if a.line > 0 && a.column > 0 {
			add("col", strconv.Itoa(a.column))
		}
	}
	add("title", a.title)
	return "::" + commands[a.level] + " " + strings.Join(properties, ",") + "::" + data.Replace(safeLine(a.message))
}

// property and data escape what a workflow command gives a meaning.
var (
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
)
