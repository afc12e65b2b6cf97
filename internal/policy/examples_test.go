package policy_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

// Each policy of examples/policies lets the manifests beside it through, and catches what it is for.
func TestExamples(t *testing.T) {
	const folder = "../../examples/policies/"
	data, err := os.ReadFile(folder + "sales.yaml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	file, ds := project.Load(folder + project.FileName)
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	amount := spec.Sale.Def().Field("amount")
	text := func(s string) plan.Text { return plan.Masked(amount, []string{s}) }
	price := func(from, to string) *plan.Plan {
		return &plan.Plan{Changes: []*plan.Change{{Address: spec.Address{Kind: spec.Sale, Name: "ada-magazine"}, Action: plan.Update, Fields: []plan.FieldChange{{Field: amount, From: text(from), To: text(to)}}}}}
	}
	money := func(before, after int64) *plan.Plan {
		var c forecast.Currency
		c.Currency = "TL"
		c.Before.Add(before)
		c.After.Add(after)
		return &plan.Plan{Money: &forecast.Impact{Currencies: []forecast.Currency{c}}}
	}
	bad := map[string]struct {
		old, new string // in the manifests
		plan     *plan.Plan
	}{
		"only-lira":          {`amount: "149.90"`, `amount: "149.90"` + "\n  currency: EUR", nil},
		"no-tiny-amounts":    {`"149.90"`, `"9.99"`, nil},
		"no-throwaway-email": {"ada@example.com", "ada@trashmail.com", nil},
		"sales-have-a-team":  {", labels: {team: print}", "", nil},
		"small-price-rises":  {"", "", price("100.00", "120.01")},
		"no-less-income":     {"", "", money(100_00, 89_99)},
		"live-sales-end":     {`endDate: "2027-12-31"`, "endDate: never", nil},
	}
	judge := func(rule policy.Rule, manifest string, p *plan.Plan) []spec.Diagnostic {
		set, ds := policy.Compile([]policy.Rule{rule})
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		world := policy.World{Resources: manifests(t, manifest), Today: "2026-12-01", Endpoint: "live"}
		ds, err := set.Manifests(context.Background(), world)
		more, errPlan := set.Plan(context.Background(), world, p, nil)
		if err != nil || errPlan != nil {
			t.Fatal(err, errPlan)
		}
		return append(ds, more...)
	}
	for _, rule := range file.Policies() {
		row, known := bad[rule.Name]
		if !known {
			t.Errorf("no bad manifest tries %s", rule.Name)
			continue
		}
		for _, p := range []*plan.Plan{{}, price("100.00", "120.00"), money(100_00, 90_00)} {
			if ds := judge(rule, good, p); len(ds) > 0 {
				t.Errorf("%s does not let good manifests through: %v", rule.Name, ds)
			}
		}
		if row.plan == nil {
			row.plan = &plan.Plan{}
		}
		if ds := judge(rule, strings.Replace(good, row.old, row.new, 1), row.plan); len(ds) != 1 || !strings.HasSuffix(ds[0].Message, rule.Message+" (policy "+rule.Name+")") {
			t.Errorf("%s catches %v", rule.Name, ds)
		}
	}
}

// The policies of docs/policies.md are good.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, part := range strings.Split(string(data), "```") {
		if text, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 {
			file, ds := project.Parse("docs/policies.md", []byte(text))
			_, mistakes := policy.Compile(file.Policies())
			if ds = append(ds, mistakes...); len(ds) > 0 {
				t.Error(ds)
			}
			n += len(file.Policies())
		}
	}
	if n == 0 {
		t.Error("docs/policies.md shows no policy")
	}
}
