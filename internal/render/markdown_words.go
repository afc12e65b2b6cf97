package render

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// counted is what rows are counted as: changes by kind and action, diagnostics by severity.
type counted struct {
	severity spec.Severity // "" for a change
	kind     spec.Kind
	action   plan.Action
}

func (c counted) compare(d counted) int {
	return cmp.Or(cmp.Compare(c.severity, d.severity), int(c.action)-int(d.action), int(d.kind)-int(c.kind))
}

// words says how many of them there are and what happens to them: "2 sales begin".
func (c counted) words(n int) string {
	switch c.severity {
	case spec.Error:
		return many(n, "mistake in the manifests", "mistakes in the manifests")
	case spec.Warning:
		return many(n, "warning", "warnings")
	case spec.Info:
		return many(n, "note", "notes")
	}
	verb := verbOf(c.kind, c.action)
	k := kindWords[slices.IndexFunc(kindWords, func(k kindWord) bool { return k.kind == c.kind })]
	return many(n, k.one+" "+verb.one, k.many+" "+verb.many)
}

type verb struct{ one, many string }

// verbs say what an action does, to one and to many.
var verbs = map[plan.Action]verb{
	plan.Create: {"is added", "are added"}, plan.Adopt: {"is taken over", "are taken over"}, plan.Update: {"changes", "change"}, plan.Delete: {"is deleted", "are deleted"},
	plan.Forget: {"is gone already and is dropped", "are gone already and are dropped"}, plan.Blocked: {"is blocked", "are blocked"},
	plan.Orphan: {"left the manifests and stays", "left the manifests and stay"},
}

// verbOf: a sale begins and ends, all else is added and deleted.
func verbOf(k spec.Kind, a plan.Action) verb {
	switch {
	case k == spec.Sale && a == plan.Create:
		return verb{"begins", "begin"}
	case k == spec.Sale && a == plan.Delete:
		return verb{"ends", "end"}
	}
	return verbs[a]
}

// headline says in a sentence what happens, and in another what else does: the first is about sales and payments where there are any.
func headline(p *plan.Plan, ds []spec.Diagnostic) (first, also string) {
	if n := countSeverity(ds, spec.Error); n > 0 {
		return counted{severity: spec.Error}.words(n) + ", so there is no plan", ""
	}
	counts := map[counted]int{}
	for _, c := range p.Changes {
		counts[counted{kind: c.Address.Kind, action: c.Action}]++
	}
	money := phrases(counts, spec.Sale, spec.PaymentStep)
	rest := phrases(counts, spec.Schedule, spec.Customer, spec.Card, spec.Product)
	if len(money) == 0 {
		money, rest = rest, nil
	}
	if len(money) == 0 {
		first = "No changes"
	} else {
		first = strings.Join(money, ", ")
	}
	if n := inDoubt(p); n > 0 {
		first += ", " + digits(n) + " in doubt"
	}
	if len(rest) > 0 {
		also = "Also: " + strings.Join(rest, ", ") + ". "
	}
	if n := p.Counts[plan.Unchanged]; n > 0 {
		also += many(n, "resource stays", "resources stay") + " as they are. "
		if n == 1 {
			also = strings.TrimSuffix(also, "as they are. ") + "as it is. "
		}
	}
	if p.Looked {
		return first, also + "Compared with what is at Moka."
	}
	return first, also + "Compared with the lockfile only: **Moka was not looked at**, so what was changed there does not show."
}

// phrases gives what happens to these kinds, a phrase a kind and action.
func phrases(counts map[counted]int, kinds ...spec.Kind) []string {
	var out []string
	for _, k := range kinds {
		for _, a := range []plan.Action{plan.Create, plan.Update, plan.Delete, plan.Adopt, plan.Blocked, plan.Forget, plan.Orphan} {
			if c := (counted{kind: k, action: a}); counts[c] > 0 {
				out = append(out, c.words(counts[c]))
			}
		}
	}
	return out
}

func countSeverity(ds []spec.Diagnostic, s spec.Severity) int {
	n := 0
	for _, d := range ds {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// digits writes a count with its digits in groups of three: 9,000.
func digits(n int) string {
	return inThrees(strconv.Itoa(n))
}

// inThrees puts commas between groups of three digits.
func inThrees(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many is plural with digits in groups.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return digits(n) + " " + more
}
