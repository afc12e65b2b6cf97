package policy_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/policy"
	"pgregory.net/rapid"
)

// marked are manifests in which every text that somebody wrote has "zyx" in it or is one of the two numbers below; no expression has any of them.
const marked = `
apiVersion: mokasync/v1
kind: Customer
metadata: {name: zyxname, labels: {zyxlabel: zyxvalue}, annotations: {zyxkey: zyxtext}}
spec: {customerCode: zyxcode, firstName: zyxfirst, lastName: zyxlast, email: zyxmail@example.com, gsmNumber: "5551112233", address: zyxstreet}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: zyxcard}
spec: {customer: zyxname, token: 11111111-2222-3333-4444-555555555555}
`

var (
	wholes  = []string{"resource.spec", "resource", "resource.metadata", "resource.metadata.labels", "resource.metadata.annotations", "change", "change.fields", "money", `{"a": 1}`, `["a"]`}
	written = []string{
		"resource.spec.firstName", "resource.spec.lastName", "resource.spec.email", "resource.spec.address", "resource.spec.gsmNumber", "resource.spec.customerCode", "resource.spec.customer", "resource.metadata.name",
	}
	others = []string{"today", `"a"`, "1", "true", "null", "1.5", `b"a"`}
	forms  = []string{
		"(dyn(%s) + dyn(%s))", "string(dyn(%s))", "int(dyn(%s))", "uint(dyn(%s))", "double(dyn(%s))", "bool(dyn(%s))", "bytes(dyn(%s))", "timestamp(dyn(%s))", "duration(dyn(%s))", "kurus(dyn(%s))", "type(dyn(%s))",
		"[dyn(%s), dyn(%s)][0]", "{dyn(%s): dyn(%s)}", "[%s][dyn(%s)]", "dyn(%s).zero", "-dyn(%s)", "(dyn(%s) - dyn(%s))", "(dyn(%s) / dyn(%s))", "[dyn(%s)].map(x, dyn(x) + dyn(%s))[0]", "dyn(%s).startsWith(dyn(%s))",
		"timestamp(dyn(%s)).getHours()", "dyn(%s).size()", "(dyn(%s) ? 1 : 2)", "dyn(%s).exists(x, dyn(x) == dyn(%s))",
	}
)

// value gives an expression: a field, or what conversions, indexes and sums make of some.
func value(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case depth == 0 || kind < 3:
		return rapid.SampledFrom(written).Draw(t, "written")
	case kind == 3:
		return rapid.SampledFrom(slices.Concat(wholes, others)).Draw(t, "other")
	case kind < 7:
		return fmt.Sprintf("dyn(%s)[dyn(%s)]", rapid.SampledFrom(wholes).Draw(t, "whole"), value(t, depth-1))
	}
	form := rapid.SampledFrom(forms).Draw(t, "form")
	args := make([]any, strings.Count(form, "%s"))
	for i := range args {
		args[i] = value(t, depth-1)
	}
	return fmt.Sprintf(form, args...)
}

// What is told of an expression holds no value of a resource, whatever goes wrong where.
func TestMistakesShowNoValue(t *testing.T) {
	resources := manifests(t, marked)
	p := &plan.Plan{Money: &forecast.Impact{}}
	rapid.Check(t, func(t *rapid.T) {
		expression := rapid.SampledFrom([]string{"dyn(%s) == dyn(%s)", "dyn(%s) < dyn(%s)", "dyn(%s) in dyn(%s)", "bool(dyn(%s)) || bool(dyn(%s))"}).Draw(t, "comparison")
		expression = fmt.Sprintf(expression, value(t, 3), value(t, 3))
		set, ds := policy.Compile([]policy.Rule{rule("a", expression)})
		world := policy.World{Resources: resources, Today: "2027-01-01", Endpoint: "live"}
		found, err := set.Manifests(context.Background(), world)
		more, err2 := set.Plan(context.Background(), world, p, nil)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, d := range append(append(ds, found...), more...) {
			// The address of the resource that is told of is no secret; nothing else of it is shown.
			text := strings.NewReplacer("customer/zyxname", "", "card/zyxcard", "").Replace(d.Message)
			for _, secret := range []string{"zyx", "5551112233", "11111111-2222"} {
				if strings.Contains(text, secret) {
					t.Fatalf("%s: %s", expression, d.Message)
				}
			}
		}
	})
}
