package lockfile

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// Whatever is put and dropped after a lockfile was read, and wherever it was moved: an index holds what a map would.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.Custom(func(t *rapid.T) spec.Address {
			return spec.Address{Kind: rapid.SampledFrom([]spec.Kind{spec.Customer, spec.Sale}).Draw(t, "kind"), Name: fmt.Sprint("n", rapid.IntRange(0, 9).Draw(t, "name"))}
		})
		want := map[spec.Address]*Entry{}
		var read []*Entry
		for _, a := range rapid.SliceOfDistinct(address, func(a spec.Address) spec.Address { return a }).Draw(t, "read") {
			want[a] = &Entry{Address: a}
			read = append(read, want[a])
		}
		slices.SortFunc(read, func(a, b *Entry) int { return a.Address.Compare(b.Address) })
		x := indexOf(read)
		if rapid.Bool().Draw(t, "begun anew") {
			x = index{}
			clear(want)
		}
		for range rapid.IntRange(0, 12).Draw(t, "changes") {
			a := address.Draw(t, "address")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				want[a] = &Entry{Address: a}
				x.put(want[a])
			case 1:
				delete(want, a)
				x.drop(a)
			case 2:
				had := x
				x = x.clone()
				had.put(&Entry{Address: a}) // which is no matter of the clone's
			}
			same(t, &x, want)
		}
		same(t, &x, want)
	})
}

func same(t *rapid.T, x *index, want map[spec.Address]*Entry) {
	sorted := x.sorted()
	if len(sorted) != len(want) || x.n != len(want) || !slices.IsSortedFunc(sorted, func(a, b *Entry) int { return a.Address.Compare(b.Address) }) {
		t.Fatalf("%d entries, counted %d, want %d: %v", len(sorted), x.n, len(want), sorted)
	}
	for _, e := range sorted {
		if want[e.Address] != e || x.get(e.Address) != e {
			t.Fatalf("%s is not what was put there", e.Address)
		}
	}
}
