package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

func inRepository(file string) string { return "repo/" + file }

func TestAnnotations(t *testing.T) {
	blocked := changed(spec.Sale, "b", plan.Blocked)
	blocked.Reason = "product of a sale cannot change"
	blocked.Desired = &spec.Resource{File: "sales.yaml", Line: 7, Column: 7}
	doubt := changed(spec.Sale, "d", plan.Orphan)
	doubt.InDoubt, doubt.Reason = true, "AddSale was sent"
	p := planOf(blocked, doubt)
	ds := []spec.Diagnostic{
		{Severity: spec.Info, Message: "100% read, two\nlines"},
		{Severity: spec.Warning, File: "a,b:c.yaml", Line: 3, Column: 5, Address: "sale/b", Message: "day 31"},
		{Severity: spec.Warning, File: "-", Line: 3, Column: 5, Message: "from standard input"},
		{Severity: spec.Warning, File: "whole.yaml", Column: 5, Message: "no line"},
	}
	var got strings.Builder
	if err := PlanGitHub(&got, p, ds, inRepository, Style{}); err != nil {
		t.Fatal(err)
	}
	list, text, _ := strings.Cut(got.String(), "::stop-commands::")
	want := `::warning file=repo/sales.yaml,line=7,col=7,title=sale/b is blocked::product of a sale cannot change
::warning title=sale/d is in doubt::AddSale was sent
::warning file=repo/a%2Cb%3Ac.yaml,line=3,col=5,title=sale/b::day 31
::warning title=mokasync::from standard input
::warning file=repo/whole.yaml,title=mokasync::no line
::notice title=mokasync::100%25 read, two%0Alines
`
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("annotations (want -, got +):\n%s", diff)
	}
	token, text, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(text, "mokasync plan: endpoint live, dealer 1731\n") || !strings.HasSuffix(text, "\n::"+token+"::\n") || len(token) != 64 {
		t.Errorf("the plan is not between two commands: token %q, text\n%s", token, text)
	}
}

// TestAnnotationsWithMistakes: with an error there is no plan, and errors come first.
func TestAnnotationsWithMistakes(t *testing.T) {
	var got strings.Builder
	ds := []spec.Diagnostic{{Severity: spec.Warning, Message: "w"}, {Severity: spec.Error, File: "m.yaml", Line: 1, Column: 2, Message: "e"}}
	if err := PlanGitHub(&got, planOf(newSale(1)), ds, inRepository, Style{}); err != nil {
		t.Fatal(err)
	}
	want := "::error file=repo/m.yaml,line=1,col=2,title=mokasync::e\n::warning title=mokasync::w\n"
	if got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

// TestManyAnnotations: GitHub shows ten of a level, and the log says so.
func TestManyAnnotations(t *testing.T) {
	var ds []spec.Diagnostic
	for range 12 {
		ds = append(ds, spec.Diagnostic{Severity: spec.Warning, Message: "w"})
	}
	for range 11 {
		ds = append(ds, spec.Diagnostic{Severity: spec.Error, Message: "e"})
	}
	var got strings.Builder
	if err := DiagnosticsGitHub(&got, ds, inRepository); err != nil {
		t.Fatal(err)
	}
	want := "GitHub shows 10 of each level of a step beside the code; in this log stand 1 more error, 2 more warnings.\n"
	if n := strings.Count(got.String(), "\n"); n != 24 || !strings.HasSuffix(got.String(), want) {
		t.Errorf("%d lines, want 24, the last %q:\n%s", n, want, got.String())
	}
}

// TestNothingIsACommand: whatever a manifest says, a log holds no workflow command but ours. The runner knows two forms: "::name" where a line begins, blanks aside, and "##[name]" anywhere
// in a line that is not of the first form.
func TestNothingIsACommand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(adversary(), rapid.SampledFrom([]string{"\n::add-mask::x", "::error::x", "\r::warning::x", "##[error]x", "%0A::error::x", ",file=x", "::"})), 20, 20).Draw(t, "texts")
		p, ds := hostile(words...)
		var b strings.Builder
		if err := PlanGitHub(&b, p, ds, inRepository, Style{}); err != nil {
			t.Fatal(err)
		}
		token, stopped := "", false
		for _, line := range strings.FieldsFunc(b.String(), func(r rune) bool { return r == '\n' || r == '\r' }) {
			trimmed := strings.TrimSpace(line)
			name, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "::"), " ")
			switch {
			case stopped && trimmed == "::"+token+"::":
				stopped = false
			case stopped:
			case strings.HasPrefix(trimmed, "::stop-commands::"):
				token, stopped = strings.TrimPrefix(trimmed, "::stop-commands::"), true
			case !strings.HasPrefix(trimmed, "::") || name != "warning":
				t.Fatalf("a line is %q:\n%s", line, b.String())
			}
		}
		if token == "" || stopped {
			t.Fatalf("the plan is not between two commands:\n%s", b.String())
		}
	})
}
