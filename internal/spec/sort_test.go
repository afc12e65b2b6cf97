package spec

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortResources: the order is that of Address.Compare, and of equal addresses that of reading.
func TestSortResources(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.StringMatching(`(c|customer-|subscriber)[0-9A-b]{0,3}`)
		got := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *Resource {
			return &Resource{Address: Address{rapid.SampledFrom(Kinds()).Draw(t, "kind"), names.Draw(t, "name")}}
		}), 0, 40).Draw(t, "resources")
		want := slices.Clone(got)
		slices.SortStableFunc(want, func(a, b *Resource) int { return a.Address.Compare(b.Address) })
		if sortResources(got); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", addresses(got), addresses(want))
		}
	})
}

func addresses(rs []*Resource) (out []Address) {
	for _, r := range rs {
		out = append(out, r.Address)
	}
	return out
}
