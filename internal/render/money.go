package render

import (
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
)

// How many of each list beside the money of a plan are shown; the others are counted.
const (
	mostUnknown  = 10
	mostExpiries = 5
)

// difference says how far a sum goes up or down: "+149.90", "-12.00", or "±0.00" where it stays. write writes a sum.
func difference(before, after forecast.Money, write func(forecast.Money) string) string {
	d := after.Minus(before)
	switch d.Sign() {
	case 1:
		return "+" + write(d)
	case 0:
		return "±" + write(d)
	}
	return write(d)
}

// withCommas writes a sum with its digits in groups of three: 14,990,000.00.
func withCommas(m forecast.Money) string {
	whole, part, _ := strings.Cut(m.String(), ".")
	sign := ""
	if m.Sign() < 0 {
		sign, whole = whole[:1], whole[1:]
	}
	return sign + inThrees(whole) + "." + part
}

// monthsFrom is the month (YYYY-MM) with which the twelve of the sums begin.
func monthsFrom(m *forecast.Impact) string { return monthAfter(m, 1) }

// later reports whether a day (YYYY-MM-DD) comes after the twelve months.
func later(m *forecast.Impact, day string) bool { return day >= monthAfter(m, 13) }

func monthAfter(m *forecast.Impact, n int) string {
	day, err := time.Parse(time.DateOnly, m.Today)
	if err != nil { // who asks without a day gets no charge either
		return ""
	}
	return time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// effectsIn gives the biggest effects in a currency, and how many there are in all.
func effectsIn(m *forecast.Impact, c *forecast.Currency) (shown []forecast.Effect, all int) {
	for _, e := range m.Biggest {
		if e.Currency == c.Currency {
			shown = append(shown, e)
		}
	}
	return shown, max(len(shown), c.Begins+c.Ends+c.Changes)
}

// daysOf says on which days a sale is charged after the change.
func daysOf(e *forecast.Effect) string {
	next, last := "next ", ", last "
	if e.What == forecast.Begins {
		next, last = "from ", " to "
	}
	switch {
	case e.First == "" && e.What == forecast.Begins && (e.OpenEnded || e.Last != ""):
		return "not charged within fifty years" // further it was not looked
	case e.First == "" && e.What == forecast.Begins:
		return "never charged"
	case e.First == "" && e.What == forecast.Changes:
		return "not charged, as before"
	case e.First == "":
		return "charged no more"
	case e.GetsEnd:
		return "gets an end: last charge " + e.Last
	case e.OpenEnded:
		return next + e.First + ", open-ended"
	case e.First == e.Last:
		return "once, on " + e.First
	}
	return next + e.First + last + e.Last
}

// oftenOf says how often a sale is charged in the twelve months, where its mean a month is for that reason not what is charged at once; "" for once a month, and for never any more.
func oftenOf(e *forecast.Effect) string {
	if e.First == "" || e.Charges12 == 12 || e.Charges12 == 0 && e.After.Sign() != 0 { // not counted, in a saved plan of an earlier version
		return ""
	}
	return many(e.Charges12, "charge", "charges") + " in the 12 months"
}

// unknownFirst gives the sales that are in no sum, those that the plan changes before the others, and how many it changes.
func unknownFirst(m *forecast.Impact) (list []forecast.Unknown, changed int) {
	for _, u := range m.Unknown {
		if u.Changed {
			list = append(list, u)
		}
	}
	changed = len(list)
	for _, u := range m.Unknown {
		if !u.Changed {
			list = append(list, u)
		}
	}
	return list, changed
}

// decides reports whether readings matter: where nothing changes no sum is held against another.
func decides(m *forecast.Impact) bool { return len(m.Readings) > 0 && len(m.Biggest) > 0 }

// validThrough is the last day (YYYY-MM-DD, in Istanbul) on which all that a plan creates can be made, "" for no limit.
func validThrough(p *plan.Plan) string {
	if len(p.Expiries) == 0 {
		return ""
	}
	return p.Expiries[0].Day
}

// dayAfter gives the day after a day (both YYYY-MM-DD): the first on which Moka refuses what can be made through the other.
func dayAfter(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil { // no plan has such a date
		return "the day after " + day
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// waivers are the flags that let a plan through its broken guards, each guard once.
func waivers(p *plan.Plan) []string {
	var out []string
	for _, g := range p.Guards {
		if flag := waiver(p, g); !slices.Contains(out, flag) {
			out = append(out, flag)
		}
	}
	return out
}

func waiver(p *plan.Plan, g plan.BrokenGuard) string {
	return "--waive " + g.Guard + "=" + p.Digest
}
