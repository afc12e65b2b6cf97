package policy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/policy"
)

// soon is what one evaluation may take on a slow machine with the race detector; it is some milliseconds on others.
const soon = time.Second

// What four kilobytes can make of lists of lists ends soon, whatever is done with them. Each of these would take minutes, and be cheap as CEL counts.
func TestShortExpressionsEndSoon(t *testing.T) {
	const n = 200
	L := func(v string) string { return listOf(v, n) }
	all := func(body string) string {
		return fmt.Sprintf("[%s].all(a, [%s].all(b, [%s].all(c, %s)))", L("1"), L("a"), L("b"), body)
	}
	for _, expression := range []string{
		all(L("c") + " == " + L("c")),
		all(L("c") + " != " + L("c")),
		all(L("c") + " in [" + L("c") + "]"),
		all("{1: " + L("c") + "} == {1: " + L("c") + "}"),
		all("dyn(" + L("c") + ") == dyn(" + L("c") + ")"),
		all("(dyn(1) in dyn(" + L("c") + ")) || " + L("c") + " != " + L("c")),
		"[" + L("1") + "].all(a, [" + L("a") + "].all(b, [" + L("b") + "].filter(c, " + L("c") + " == " + L("c") + ").size() > 0))",
		"[" + L("1") + "].map(a, " + L("a") + ").map(b, " + L("b") + ").filter(c, " + L("c") + " == " + L("c") + ").size() > 0",
		"[" + L("1") + "].filter(a, a == a).map(a, " + L("a") + ").exists(b, " + L("b") + " in [" + L("b") + "])",
	} {
		took, told := evaluate(t, expression)
		if took > soon || told != "0: the expression runs too long: make it simpler (policy a)" {
			t.Errorf("%s…: %v, %s", expression[len(expression)-40:], took, told)
		}
	}
}

// Texts and times cost what is looked at, also where CEL counts one step.
func TestTextsAreCounted(t *testing.T) {
	long := `["` + strings.Repeat("0123456789", 80) + `"].map(s, s + s + s + s + s + s + s + s + s + s)`
	for _, step := range []string{
		`s.size() > 0`, `double(s) > 0.0`, `string(dyn(s)) != ""`, `bytes(s).size() > 0`, `s.matches("([0-9]{2}|[a-z]{2}){40}x") || true`, `s.matches("x") || true`, `{"a": true}.exists(k, k == s) || true`,
		`type(s) == string && timestamp(0).getHours("Europe/Istanbul") == 2`, `s.startsWith(s)`, `s.contains(s)`, `s <= s`, `[s] == [s]`, `!(s in {"a": 1})`, `int(s.size()) > 0 && kurus(s.startsWith("1") ? "1" : s) >= 0`,
	} {
		expression := fmt.Sprintf("%s.all(s, %s.all(x, %s))", long, listOf("1", 1000), step)
		took, told := evaluate(t, expression)
		if took > soon || told != "0: the expression runs too long: make it simpler (policy a)" {
			t.Errorf("%s: %v, %s", step, took, told)
		}
	}
}

// evaluate has an expression asked once, and gives how long that took and what was told.
func evaluate(t *testing.T, expression string) (time.Duration, string) {
	t.Helper()
	set, ds := policy.Compile([]policy.Rule{rule("a", expression)})
	if len(ds) > 0 {
		t.Fatalf("…%s: %s", expression[max(0, len(expression)-60):], told(ds))
	}
	began := time.Now()
	ds, err := set.Manifests(context.Background(), policy.World{Today: "2027-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if testing.Verbose() {
		t.Logf("%v: …%s: %s", took, expression[max(0, len(expression)-60):], told(ds))
	}
	return took, told(ds)
}
