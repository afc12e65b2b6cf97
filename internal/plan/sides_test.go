package plan_test

import (
	"slices"
	"testing"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// What needs what is told from the manifests and from what was applied, and of a call in doubt too: nothing that hangs together with a resource is left out.
func TestNeedsAndNeededBy(t *testing.T) {
	gold, silver := spec.Address{Kind: spec.Product, Name: "gold"}, spec.Address{Kind: spec.Product, Name: "silver"}
	applied, doubtful := spec.Address{Kind: spec.Sale, Name: "applied"}, spec.Address{Kind: spec.Sale, Name: "doubtful"}
	product := spec.Sale.Def().Field("product")
	l := lockfile.New("sandbox", "sandbox", lockfile.NewSalt())
	l.Put(&lockfile.Entry{Address: applied, ID: 7, Code: "applied", DependsOn: []spec.Address{gold}})
	l.Put(&lockfile.Entry{Address: gold, ID: 1, Code: "gold"})
	l.AddPending(&lockfile.Intent{Op: "DealerSale/AddSale", Entry: lockfile.Entry{Address: doubtful, Code: "doubtful", DependsOn: []spec.Address{gold}}})
	w := plan.NewWorld([]*spec.Resource{
		{Address: silver, Code: "silver"},
		{Address: applied, Code: "applied", Values: []spec.Value{{Field: product, Text: "silver"}}},
	}, l)
	for _, test := range []struct {
		of           spec.Address
		needs, needy []spec.Address
	}{
		{applied, []spec.Address{gold, silver}, nil},
		{doubtful, []spec.Address{gold}, nil},
		{gold, nil, []spec.Address{applied, doubtful}},
		{silver, nil, []spec.Address{applied}},
	} {
		if got := w.Needs(test.of); !slices.Equal(got, test.needs) {
			t.Errorf("%s needs %v, want %v", test.of, got, test.needs)
		}
		if got := w.NeededBy(test.of); !slices.Equal(got, test.needy) {
			t.Errorf("%s is needed by %v, want %v", test.of, got, test.needy)
		}
	}
}

// Of two sales with one code none is chosen, whether or not a manifest is left.
func TestLookupNamesTwoSales(t *testing.T) {
	a := spec.Address{Kind: spec.Sale, Name: "x"}
	l := lockfile.New("sandbox", "sandbox", lockfile.NewSalt())
	l.Put(&lockfile.Entry{Address: a, ID: 7, Code: "x"})
	live := &plan.Live{Sales: map[string][]*plan.Found{"x": {{Kind: spec.Sale, ID: 7, Code: "x"}, {Kind: spec.Sale, ID: 8, Code: "x"}}}}
	for _, resources := range [][]*spec.Resource{nil, {{Address: a, Code: "x"}}} {
		if found, why := live.Lookup(plan.NewWorld(resources, l), a); found != nil || why == "" {
			t.Errorf("%v, %q", found, why)
		}
	}
}
