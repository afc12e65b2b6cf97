package policy_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// listOf is a list of so many of the same.
func listOf(item string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

// What holds one thing many times, at many depths, is short to write and would be long to compare, to print or to keep: making it costs what it holds.
func TestHeavyValues(t *testing.T) {
	const tooLong = "8: card/visa: the expression runs too long: make it simpler (policy a)"
	const nested = "8: loops (all, exists, map, …) nest 3 deep at most (policy a)"
	for _, row := range []struct{ what, expression, want string }{
		{"lists in lists in lists", listOf("1", 300) + ".all(x, " + listOf("x", 300) + ".all(y, " + listOf("y", 300) + ".all(z, z == z)))", tooLong},
		{"the same, compared as a whole", "[" + listOf("1", 300) + "].all(x, [" + listOf("x", 300) + "].all(y, y == y))", tooLong},
		{"mappings of them", "[" + listOf("1", 300) + `].all(x, {"a": ` + listOf("x", 300) + `} == {"a": [[1]]})`, tooLong},
		{"looked for in one another", "[" + listOf("1", 300) + "].all(a, [" + listOf("a", 300) + "].all(b, " + listOf("b", 300) + " in [" + listOf("b", 300) + "]))", tooLong},
		{"multiplied by map", "[1].map(x, " + listOf("x", 300) + ").map(x, " + listOf("x", 300) + ").map(x, " + listOf("x", 300) + ").exists(x, x == x)", nested},
		{"the same in three loops", "[1].map(x, " + listOf("x", 300) + ").map(x, " + listOf("x", 300) + ").map(x, x) == [[]]", tooLong},
		{"the same of any type", "[1].map(x, dyn(" + listOf("x", 300) + ")).map(x, dyn(" + listOf("x", 300) + ")) == []", tooLong},
		{"multiplied by +", "[[1]].map(x, x" + strings.Repeat(" + x", 80) + ").map(x, x" + strings.Repeat(" + x", 80) + ") == []", tooLong},
		{"of any type", "[[1]].map(x, dyn(x)" + strings.Repeat(" + dyn(x)", 80) + ").map(x, x" + strings.Repeat(" + x", 80) + ") == []", tooLong},
		{"texts, multiplied by +", `["a"].map(x, dyn(x)` + strings.Repeat(" + dyn(x)", 80) + ").map(x, x" + strings.Repeat(" + x", 80) + ").map(x, x" + strings.Repeat(" + x", 80) + ") == []", tooLong},
		{"nothing at all, joined", "[[1].filter(x, false)].map(x, x" + strings.Repeat(" + x", 90) + ").exists(x, x.size() == 0)", "8: card/visa: told (policy a)"},
		{"a long list as a key, which an error would name", "[" + listOf("1", 300) + `].all(x, {"a": true}[dyn(` + listOf("x", 300) + `)])`, tooLong},
		{"a long list, looked through again and again", "[" + listOf("1", 100) + "].all(x, x.all(y, x.all(z, !(2 in x))))", tooLong},
		{"a list that is short enough", listOf("1", 100) + ".map(x, [x, x]).filter(x, x == [1, 1]).size() == 100", "8: card/visa: told (policy a)"},
	} {
		t.Run(row.what, func(t *testing.T) {
			expression := `resource.kind == "Card" && ` + row.expression
			set, ds := policy.Compile([]policy.Rule{{Name: "a", Expression: expression, Message: "told", At: func(int) spec.Diagnostic { return spec.Diagnostic{Column: 8} }}})
			if len(ds) > 0 {
				if got := told(ds); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
				return
			}
			resources := manifests(t, shop)
			for _, r := range resources {
				r.Line, r.Column = 1, 8
			}
			began := time.Now()
			ds, err := set.Manifests(context.Background(), policy.World{Resources: resources})
			if took := time.Since(began); took > time.Second { // it is some milliseconds
				t.Errorf("it took %v", took)
			}
			if got := told(ds); got != row.want || err != nil {
				t.Errorf("got %s %v, want %s", got, err, row.want)
			}
		})
	}
}

// drawList draws an expression that gives a list, out of loops, joined lists and lists of lists. seen are the names that a loop around it gives.
func drawList(t *rapid.T, depth int, seen []string) string {
	item := func(seen []string) string {
		all := append([]string{"1", `"text"`, "dyn([2])", "resource", "resource.metadata.labels"}, seen...)
		return rapid.SampledFrom(all).Draw(t, "item")
	}
	if depth == 0 {
		return rapid.SampledFrom([]string{"resource.spec.cards", "resource.spec.cards", listOf(item(seen), rapid.IntRange(1, 60).Draw(t, "items"))}).Draw(t, "list")
	}
	name := fmt.Sprintf("v%d", depth)
	inner := append(append([]string{}, seen...), name)
	from := drawList(t, depth-1, seen)
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		return fmt.Sprintf("%s.filter(%s, dyn(%s) != dyn(%s))", from, name, item(inner), item(inner))
	case 1:
		return fmt.Sprintf("dyn(%s) + dyn(%s)", from, drawList(t, depth-1, seen))
	case 2:
		return listOf("dyn("+from+")", rapid.IntRange(1, 4).Draw(t, "times"))
	case 3:
		return fmt.Sprintf("dyn(%s).filter(%s, %s in %s)", from, name, item(inner), drawList(t, 0, inner))
	case 4:
		return fmt.Sprintf("dyn(%s).map(%s, dyn(%s))", from, name, drawList(t, depth-1, inner))
	}
	return fmt.Sprintf("dyn(%s).map(%s, %s)", from, name, listOf("dyn("+name+")", rapid.IntRange(1, 20).Draw(t, "copies")))
}

// However loops, joined lists and lists of lists are put together, an evaluation ends soon and holds little.
func TestLoopsAreBounded(t *testing.T) {
	resources := manifests(t, shop)
	judged, full := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		list := drawList(t, rapid.IntRange(1, 4).Draw(t, "depth"), nil)
		expression := fmt.Sprintf(`resource.kind == "Sale" && dyn(%s) == dyn(%s)`, list, list)
		set, ds := policy.Compile([]policy.Rule{rule("a", expression)})
		if len(ds) > 0 {
			return // too long, too deep, or of no good type
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		ds, err := set.Manifests(context.Background(), policy.World{Resources: resources})
		runtime.ReadMemStats(&after)
		if took, held := time.Since(began), after.TotalAlloc-before.TotalAlloc; err != nil || took > 5*time.Second || held > 100<<20 {
			t.Fatalf("%v: it took %v and %d MiB: %s", err, took, held>>20, expression)
		}
		if judged++; strings.Contains(told(ds), "runs too long") {
			full++
		}
	})
	if judged == 0 || full == 0 || full == judged {
		t.Errorf("%d expressions were judged, and %d ran too long: this tries nothing", judged, full)
	}
}
