package render

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Rows of a section go by kind and address: a resource is found where one looks for it, and from push to push a page changes only where the plan does. Where a table of sales is so long that it
// is folded, though, what may be a slip of the pen must not be folded or left out with the rest, and the amounts decide what comes first. Shorter tables are read whole, and stay by address.

// byAddress sorts changes in the order in which the page shows kinds, then by address.
func byAddress(changes []*plan.Change) {
	slices.SortStableFunc(changes, func(a, b *plan.Change) int {
		return cmp.Or(cmp.Compare(placeOf(a.Address.Kind), placeOf(b.Address.Kind)), a.Address.Compare(b.Address))
	})
}

// placeOf is where the page shows a kind.
func placeOf(k spec.Kind) int { return slices.Index(otherKinds, k) } // -1 for a sale

// bySwing puts those first whose amount changes most, and those that change nothing of it last. It reports whether any amount changes.
func bySwing(changes []*plan.Change) bool {
	type ranked struct {
		*plan.Change
		swing
	}
	list := make([]ranked, len(changes))
	any := false
	for i, c := range changes {
		list[i] = ranked{c, swingOf(c)}
		any = any || list[i].class != swingNone
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return a.swing.compare(b.swing) })
	for i := range list {
		changes[i] = list[i].Change
	}
	return any
}

// extremes is how many of the largest, and how many of the smallest, amounts of a currency come first.
const extremes = 5

// byExtremes puts the largest and the smallest amounts of each currency first, in turn, and leaves the others in their order. It gives how many these are: 0 where all sales of a currency have the
// same amount.
func byExtremes(changes []*plan.Change) int {
	groups := map[string][]priced{}
	differ := false
	for i, c := range changes {
		_, after := moneyOf(c)
		n, ok := hundredths(after.amount)
		group := groups[after.currency]
		groups[after.currency] = append(group, priced{c, n, i})
		differ = differ || !ok || len(group) > 0 && group[0].amount != n
	}
	if !differ {
		return 0
	}
	currencies := slices.Sorted(maps.Keys(groups))
	outer := make([][]priced, len(currencies))
	for i, currency := range currencies {
		outer[i] = outermost(groups[currency])
	}
	moved := make([]bool, len(changes))
	out := make([]*plan.Change, 0, len(changes))
	for turn := range 2 * extremes {
		for _, o := range outer {
			if turn < len(o) {
				moved[o[turn].place] = true
				out = append(out, o[turn].Change)
			}
		}
	}
	first := len(out)
	for i, c := range changes {
		if !moved[i] {
			out = append(out, c)
		}
	}
	copy(changes, out)
	return first
}

// priced is a change with its amount in hundredths and its place in the list.
type priced struct {
	*plan.Change
	amount uint64
	place  int
}

// outermost gives the largest and the smallest of a currency in turn; of equal ones the earlier in the list.
func outermost(group []priced) []priced {
	falling := slices.Clone(group)
	slices.SortFunc(falling, func(a, b priced) int { return cmp.Or(cmp.Compare(b.amount, a.amount), a.place-b.place) })
	rising := slices.Clone(group)
	slices.SortFunc(rising, func(a, b priced) int { return cmp.Or(cmp.Compare(a.amount, b.amount), a.place-b.place) })
	var out []priced
	for i := range min(extremes, len(group)) {
		for _, p := range []priced{falling[i], rising[i]} {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
