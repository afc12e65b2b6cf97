package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/spec"
)

// Expiry says until when one creation can be made: Moka takes no date that has passed for a new sale (moka-api 2.20: SaleDateAlreadyPassed and its like), and a payment step whose day has
// passed is history (moka-api 2.26).
type Expiry struct {
	Address spec.Address
	// Field holds the date by its name in the manifest, saleDate for one; Day is that date (YYYY-MM-DD): the last day in Istanbul on which the creation can be made.
	Field, Day string
}

// Expiries gives the creations of a plan that fail after a midnight in Istanbul, the earliest first, then in the order of the plan. A date that the manifest leaves out, as saleDate, is the
// day of the apply, and never passes.
func Expiries(p *Plan) []Expiry {
	var out []Expiry
	for _, c := range p.Changes {
		if e := expiry(c); e.Day != "" {
			out = append(out, e)
		}
	}
	if byDay := func(a, b Expiry) int { return cmp.Compare(a.Day, b.Day) }; !slices.IsSortedFunc(out, byDay) {
		slices.SortStableFunc(out, byDay)
	}
	return out
}

// ValidThrough is the last day (YYYY-MM-DD, Europe/Istanbul) on which all that a plan creates can be made, "" for no limit: the day of the first of its Expiries.
func ValidThrough(p *Plan) string {
	last := ""
	for _, c := range p.Changes {
		if day := expiry(c).Day; day != "" && (last == "" || day < last) {
			last = day
		}
	}
	return last
}

// expiry finds the earliest date of a creation; no day for what has none.
func expiry(c *Change) Expiry {
	out := Expiry{Address: c.Address}
	if c.Action != Create || c.Address.Kind != spec.Sale && c.Address.Kind != spec.PaymentStep {
		return out
	}
	for _, f := range c.Fields {
		if f.Field.Type != spec.Date && f.Field.Type != spec.EndDate || !f.To.Present() {
			continue
		}
		if day := f.To.String(); day != spec.Never && (out.Day == "" || day < out.Day) {
			out.Field, out.Day = f.Field.Name, day
		}
	}
	return out
}

// beginToday warns of new sales that may be charged on the day on which they are made: whether Moka does that is not documented, and may turn on the hour (moka-api 3.4, 4.8).
func (m *maker) beginToday() {
	var first map[string]string // made where there is such a sale
	for _, c := range m.plan.Changes {
		if c.Action != Create || c.Address.Kind != spec.Sale || c.Desired.Text("beginDate") != m.Today {
			continue
		}
		if first == nil {
			first = m.chargedToday()
		}
		if what := first[c.Address.Name]; what != "" {
			m.plan.Diagnostics = append(m.plan.Diagnostics, diagnose(spec.Warning, c.Desired, c.Desired.Value("beginDate"), what))
		}
	}
}

// chargedToday says, by the names of the sales that begin today and have a payment today, what is not known about it.
func (m *maker) chargedToday() map[string]string {
	out := map[string]string{}
	for _, p := range m.plan.Sales {
		if s := p.After; p.Before == nil && s != nil && s.Unknown == "" && s.Rhythm != nil && s.Rhythm.Begin == m.Today {
			if what := m.firstToday(s.Rhythm); what != "" {
				out[s.Name] = what
			}
		}
	}
	return out
}

// lastDay is the last that YYYY-MM-DD can write.
const lastDay = "9999-12-31"

// firstToday says what is not known of a first payment today, "" where there is none.
func (m *maker) firstToday(rhythm *calendar.Rhythm) string {
	var days []string
	for day := range rhythm.Charges(m.Reading, m.Today, lastDay) {
		if days = append(days, day); len(days) == 2 {
			break
		}
	}
	if len(days) == 0 || days[0] != m.Today {
		return ""
	}
	why, instead := "", "a later day"
	if m.Reading.BeginAlways {
		named := m.Reading
		named.BeginAlways = false
		if !slices.Contains(slices.Collect(rhythm.Charges(named, m.Today, m.Today)), m.Today) {
			why = " (read as begin-day: always)"
		}
	}
	if len(days) == 2 {
		instead = "the next payment, " + days[1]
	}
	return fmt.Sprintf("beginDate is today, and so is the first payment%s: Moka charges at 12:00 and 18:00 in Istanbul, and does not say whether it still does so today for a sale made today. To be sure, begin with %s; else look in Moka's panel tomorrow whether it was charged", why, instead)
}
