package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// many is a plan of n new customers, with a delete and a blocked one at its end.
func manyChanges(n int) *plan.Plan {
	p := &plan.Plan{Endpoint: "test", Dealer: "1731"}
	add := func(name string, a plan.Action) {
		p.Changes = append(p.Changes, &plan.Change{Address: spec.Address{Kind: spec.Customer, Name: name}, Action: a})
		p.Counts[a]++
	}
	for i := range n {
		add(fmt.Sprintf("c%06d", i), plan.Create)
	}
	add("odd", plan.Blocked)
	add("old", plan.Delete)
	return p
}

func textOf(t *testing.T, p *plan.Plan, s Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := PlanText(&out, "plan", p, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Of a huge plan the first two hundred changes of a kind are shown, what may not be overlooked among them, and the rest is counted; --full shows all, and nothing is left out of a smaller one.
func TestHugePlan(t *testing.T) {
	short := textOf(t, manyChanges(1000), Style{})
	if n := strings.Count(short, "customer/"); n != shownOfKind {
		t.Errorf("%d changes are shown, want %d", n, shownOfKind)
	}
	for _, want := range []string{"  ! customer/odd", "  - customer/old", "  … and 802 more: 802 to create (--full shows them)", "Plan: 1000 to create, 1 to delete, 1 blocked."} {
		if !strings.Contains(short, want) {
			t.Errorf("%q is missing in\n%s", want, short[max(0, len(short)-400):])
		}
	}
	for _, whole := range []string{textOf(t, manyChanges(1000), Style{Full: true}), textOf(t, manyChanges(shownOfKind-2), Style{})} {
		if strings.Contains(whole, "--full") || strings.Count(whole, "customer/") < shownOfKind {
			t.Error("something is left out that should be there")
		}
	}
}
