// Package forecast says who will be charged what, and when: sales and their rhythms become charges, and charges become sums. It is pure: it reads nothing and knows no day of its own.
//
// Amounts are kuruş (hundredths of the currency's unit), exactly; sums never overflow and never cross currencies.
package forecast

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
)

// Sale is a sale as a forecast needs it.
type Sale struct {
	Name     string // of its address, "elif-gold"; one that is kept elsewhere as a manifest names it, "{saleCode: ELIF-1}"
	Kurus    int64  // of each payment by its schedule
	Currency string // TL, USD or EUR; "" where it is not known, and Unknown says so
	// Product and Schedule are what sums can be made by; "" for none.
	Product, Schedule string
	Labels            map[string]string
	// Rhythm is when it is charged by its schedule, nil for never (payments by hand alone) or not known.
	Rhythm *calendar.Rhythm
	// Unknown says why nobody here knows when it is charged (its schedule is kept elsewhere), "" if it is known. Such a sale is told and never summed.
	Unknown string
	// Steps are the payments that were made by hand.
	Steps []Step
}

// Step is a payment by hand.
type Step struct {
	Day      string // YYYY-MM-DD
	Kurus    int64
	Currency string
}

// Charge is one payment of one sale.
type Charge struct {
	Sale     string
	Date     string // YYYY-MM-DD, the day in Istanbul
	Kurus    int64
	Currency string
}

func (s *Sale) charges(reading calendar.Reading, from, to string) []Charge {
	if s.Unknown != "" {
		return nil
	}
	var out []Charge
	if s.Rhythm != nil {
		for day := range s.Rhythm.Charges(reading, from, to) {
			out = append(out, Charge{s.Name, day, s.Kurus, s.Currency})
		}
	}
	for _, step := range s.Steps {
		if step.Day >= from && step.Day <= to {
			out = append(out, Charge{s.Name, step.Day, step.Kurus, step.Currency})
		}
	}
	return out
}

// Next gives the first so many payments of a sale from a day on; fewer where it ends. It looks no further than fifty years ahead: InSight tells whether that is all there is.
func (s *Sale) Next(reading calendar.Reading, from string, n int) []Charge {
	all := s.charges(reading, from, s.sight(from))
	slices.SortStableFunc(all, func(a, b Charge) int { return strings.Compare(a.Date, b.Date) })
	return all[:min(max(n, 0), len(all))]
}

// InSight reports whether no payment of a sale lies further ahead than Next looks from a day on.
func (s *Sale) InSight(from string) bool {
	return s.Rhythm == nil || s.Rhythm.End != "" && s.Rhythm.End <= s.sight(from)
}

// sight is the last day of the fiftieth year after a day, or after the sale's begin where that is later.
func (s *Sale) sight(from string) string {
	if s.Rhythm != nil {
		from = max(from, s.Rhythm.Begin)
	}
	return yearsAfter(from)
}

// Month is what is charged in one month in one currency.
type Month struct {
	Month    string // YYYY-MM
	Currency string
	Total    Money
	Charges  int
}

// Months sums charges by month and currency, in that order.
func Months(charges iter.Seq[Charge]) []Month {
	type key struct{ month, currency string }
	at := map[key]*Month{}
	var m *Month // of the charge before: most charges have the same
	for c := range charges {
		k := key{c.Date[:len("2006-01")], c.Currency}
		if m == nil || m.Month != k.month || m.Currency != k.currency {
			m = at[k]
		}
		if m == nil {
			m = &Month{Month: k.month, Currency: k.currency}
			at[k] = m
		}
		m.Total.Add(c.Kurus)
		m.Charges++
	}
	out := make([]Month, 0, len(at))
	for _, m := range at {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Month) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(a.Currency, b.Currency))
	})
	return out
}
