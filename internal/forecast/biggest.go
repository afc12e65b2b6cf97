package forecast

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// biggestKept is how many effects of each currency are kept.
const biggestKept = 10

// biggest are, by currency, the effects that move most, the biggest first.
type biggest map[string][]Effect

func (b biggest) add(e *Effect) {
	kept := b[e.Currency]
	after := func(have, e Effect) int {
		return cmp.Or(e.swing.Compare(have.swing), cmp.Compare(e.amount, have.amount), strings.Compare(have.Sale, e.Sale))
	}
	if len(kept) == biggestKept && after(kept[biggestKept-1], *e) <= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(kept, *e, after)
	kept = slices.Insert(kept, at, *e)
	b[e.Currency] = kept[:min(len(kept), biggestKept)]
}

// all gives those of each currency together, in the order of the currencies' names.
func (b biggest) all() []Effect {
	var out []Effect
	for _, currency := range slices.Sorted(maps.Keys(b)) {
		out = append(out, b[currency]...)
	}
	return out
}
