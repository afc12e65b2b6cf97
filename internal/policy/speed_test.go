package policy_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
)

// Policies over many manifests: what an evaluation costs, and that compiling is paid once.
func BenchmarkManifests(b *testing.B) {
	var resources []*spec.Resource
	def := spec.Sale.Def()
	for i := range 100_000 {
		r := &spec.Resource{Address: spec.Address{Kind: spec.Sale, Name: fmt.Sprintf("s-%d", i)}, Labels: map[string]string{"team": "a"}}
		r.Values = []spec.Value{{Field: def.Field("customer"), Text: "c"}, {Field: def.Field("product"), Text: "p"}, {Field: def.Field("amount"), Text: "149.90"}, {Field: def.Field("beginDate"), Text: "2027-01-15"}}
		resources = append(resources, r)
	}
	set, ds := policy.Compile([]policy.Rule{
		rule("a", `resource.kind == "Sale" && resource.spec.currency != "TL"`),
		rule("b", `resource.kind == "Sale" && kurus(resource.spec.amount) > kurus("5000.00")`),
		rule("c", `!("team" in resource.metadata.labels) || !resource.metadata.name.matches("^[a-z0-9-]+$")`),
	})
	if len(ds) > 0 {
		b.Fatal(ds)
	}
	for b.Loop() {
		if ds, err := set.Manifests(context.Background(), policy.World{Resources: resources, Today: "2027-01-01"}); err != nil || len(ds) > 0 {
			b.Fatal(err, ds)
		}
	}
}
