package forecast

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Group is what is charged in one month in one currency of the sales that have something in common.
type Group struct {
	Group    string // what they have in common, "" for nothing
	Month    string // YYYY-MM
	Currency string
	Total    Money
	Charges  int
}

// By reads what sums are made by: "product", "schedule" or "label:KEY". The error names these for a text that is none of them.
func By(text string) (func(*Sale) string, error) {
	switch key, isLabel := strings.CutPrefix(text, "label:"); {
	case text == "product":
		return func(s *Sale) string { return s.Product }, nil
	case text == "schedule":
		return func(s *Sale) string { return s.Schedule }, nil
	case isLabel && key != "":
		return func(s *Sale) string { return s.Labels[key] }, nil
	}
	return nil, fmt.Errorf("sums are made by product, schedule or label:KEY, not %q", text)
}

// Groups sums what is charged from one day to another (YYYY-MM-DD, both included) by group, month and currency, in that order; what belongs to no group comes last. Sales that are not known are in no sum.
func Groups(sales []Sale, span Span, by func(*Sale) string) []Group {
	type key struct{ group, month, currency string }
	at := map[key]*Group{}
	for i := range sales {
		if sales[i].Unknown != "" {
			continue
		}
		group := by(&sales[i])
		for _, m := range Months(slices.Values(sales[i].charges(span.Reading, span.From, span.To))) {
			k := key{group, m.Month, m.Currency}
			g := at[k]
			if g == nil {
				g = &Group{Group: group, Month: m.Month, Currency: m.Currency}
				at[k] = g
			}
			g.Total.AddMoney(m.Total)
			g.Charges += m.Charges
		}
	}
	out := make([]Group, 0, len(at))
	for _, g := range at {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		if (a.Group == "") != (b.Group == "") {
			return strings.Compare(b.Group, a.Group)
		}
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Month, b.Month), strings.Compare(a.Currency, b.Currency))
	})
	return out
}
