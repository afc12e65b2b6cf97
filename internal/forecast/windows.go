package forecast

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
)

// windows are the days that an impact looks at.
type windows struct {
	reading            calendar.Reading
	today, in30, in90  string
	months, monthsLast string // the first and the last day of the next 12 whole months
	profiles           map[rhythmKey]*profile
	firsts             map[rhythmKey]string // by rhythms as they are: the first days from today on
	// moved are the profiles of sales that have another one before than after.
	moved [][2]*profile
}

func newWindows(today string, reading calendar.Reading) *windows {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil { // who asks without a day gets no charge
		return &windows{profiles: map[rhythmKey]*profile{}, firsts: map[rhythmKey]string{}}
	}
	next := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	iso := func(t time.Time) string { return t.Format(time.DateOnly) }
	return &windows{
		reading: reading, today: today, in30: iso(day.AddDate(0, 0, 29)), in90: iso(day.AddDate(0, 0, 89)),
		months: iso(next), monthsLast: iso(next.AddDate(1, 0, -1)), profiles: map[rhythmKey]*profile{}, firsts: map[rhythmKey]string{},
	}
}

// counts are a sale's payments in the windows; total12 is what they make in the twelve months.
type counts struct {
	in30, in90, in12 int
	total12          Money
}

// profile is how often a rhythm charges in the windows.
type profile struct {
	in30, in90, in12 int
	sales            int // that have it before and after
}

// rhythmKey recognises rhythms that are the same in the windows.
type rhythmKey struct {
	frequency, days, begin, end string
	every                       int
}

// count tells a sale's payments in the windows, by currency, and gives the profile of those by its schedule, nil for none.
func (w *windows) count(s *Sale, tell func(currency string, c counts)) *profile {
	if s == nil {
		return nil
	}
	var p *profile
	var own counts
	if s.Rhythm != nil {
		p = w.profile(s.Rhythm)
		own.in30, own.in90, own.in12 = p.in30, p.in90, p.in12
		own.total12.AddTimes(s.Kurus, p.in12)
	}
	if len(s.Steps) > 0 {
		w.countSteps(s, own, tell)
	} else if p != nil {
		tell(s.Currency, own)
	}
	return p
}

// countSteps tells the payments of a sale that has some by hand; own are those by its schedule.
func (w *windows) countSteps(s *Sale, own counts, tell func(currency string, c counts)) {
	others := map[string]counts{}
	for _, step := range s.Steps {
		c := others[step.Currency]
		if step.Day >= w.today && step.Day <= w.in30 {
			c.in30++
		}
		if step.Day >= w.today && step.Day <= w.in90 {
			c.in90++
		}
		if step.Day >= w.months && step.Day <= w.monthsLast {
			c.in12++
			c.total12.Add(step.Kurus)
		}
		others[step.Currency] = c
	}
	if s.Rhythm != nil {
		c := others[s.Currency]
		own.in30 += c.in30
		own.in90 += c.in90
		own.in12 += c.in12
		own.total12.AddMoney(c.total12)
		others[s.Currency] = own
	}
	for _, currency := range slices.Sorted(maps.Keys(others)) {
		tell(currency, others[currency])
	}
}

// first gives the first day from today on on which a sale is charged, as Sale.first does; sales that have only a schedule in common with others are looked for once.
func (w *windows) first(s *Sale) string {
	r := s.Rhythm
	if r == nil || len(s.Steps) > 0 {
		return s.first(w.reading, w.today)
	}
	key := keyOf(r)
	day, known := w.firsts[key]
	if !known {
		day = s.first(w.reading, w.today)
		w.firsts[key] = day
	}
	return day
}

func keyOf(r *calendar.Rhythm) rhythmKey {
	return rhythmKey{r.Frequency, strings.Join(r.Days, ","), r.Begin, r.End, max(r.Every, 1)}
}

// profile counts a rhythm's payments once for all sales that have it.
func (w *windows) profile(r *calendar.Rhythm) *profile {
	key := keyOf(r)
	if key.every == 1 && key.begin < w.today { // the past decides nothing
		key.begin = "2001-01-01"
	}
	if key.end > w.in90 && key.end > w.monthsLast {
		key.end = ""
	}
	p := w.profiles[key]
	if p != nil {
		return p
	}
	p = &profile{}
	same := calendar.Rhythm{Frequency: r.Frequency, Every: key.every, Days: r.Days, Begin: key.begin, End: key.end}
	p.in30, p.in90, p.in12 = w.of(&same, w.reading)
	w.profiles[key] = p
	return p
}

func (w *windows) of(r *calendar.Rhythm, reading calendar.Reading) (in30, in90, in12 int) {
	for day := range r.Charges(reading, w.today, max(w.in90, w.monthsLast)) {
		if day <= w.in30 {
			in30++
		}
		if day <= w.in90 {
			in90++
		}
		if day >= w.months && day <= w.monthsLast {
			in12++
		}
	}
	return in30, in90, in12
}

// rests notes on which profiles the sums rest by a sale, nil for none.
func (w *windows) rests(before, after *profile) {
	if before == after && after != nil {
		after.sales++
	} else if before != after {
		w.moved = append(w.moved, [2]*profile{before, after})
	}
}

// matters finds the readings that decide something.
func (w *windows) matters() []Matter {
	var out []Matter
	for rule, other := range others(w.reading) {
		n, matters := 0, map[*profile]bool{}
		for key, p := range w.profiles {
			var days []string
			if key.days != "" {
				days = strings.Split(key.days, ",")
			}
			r := calendar.Rhythm{Frequency: key.frequency, Every: key.every, Days: days, Begin: key.begin, End: key.end}
			if in30, in90, in12 := w.of(&r, other); in30 != p.in30 || in90 != p.in90 || in12 != p.in12 {
				matters[p] = true
				n += p.sales
			}
		}
		for _, both := range w.moved {
			if matters[both[0]] || matters[both[1]] {
				n++
			}
		}
		if n > 0 {
			out = append(out, Matter{rule.Name, w.reading.Word(rule), n})
		}
	}
	return out
}
