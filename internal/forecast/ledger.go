package forecast

import (
	"iter"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
)

// Charges gives the payments from one day to another (YYYY-MM-DD, both included) in the order of their days, then of the sales' names. They are made as they are asked for, and can be
// asked for again: what is kept of each is four bytes. sales must stay as they are meanwhile.
func Charges(sales []Sale, reading calendar.Reading, from, to string) iter.Seq[Charge] {
	l := &ledger{sales: sales, reading: reading, from: from, to: to, places: map[string]int32{}, rhythms: map[rhythmKey][]int32{}}
	byName := make([]int32, len(sales))
	for i := range byName {
		byName[i] = int32(i)
	}
	compare := func(a, b int32) int { return strings.Compare(sales[a].Name, sales[b].Name) }
	if !slices.IsSortedFunc(byName, compare) {
		slices.SortStableFunc(byName, compare)
	}
	l.count()
	l.fill(byName)
	return l.all
}

// ledger has a column for each day, in which its payments stand in order: a sale's by its schedule before those by hand.
type ledger struct {
	sales    []Sale
	reading  calendar.Reading
	from, to string

	days    []string              // in the order in which they were found
	places  map[string]int32      // of the days
	rhythms map[rhythmKey][]int32 // the days of a rhythm: most sales have one in common with others
	order   []int32               // the days' places, the first day first
	ends    []int                 // of each day's column among the lines, by the day's place
	lines   []int32               // a sale, or below 0 a step: -1 - its place among steps
	steps   []struct{ sale, step int32 }
}

func (l *ledger) place(day string) int32 {
	at, known := l.places[day]
	if !known {
		at = int32(len(l.days))
		l.places[day], l.days = at, append(l.days, day)
	}
	return at
}

// bySchedule gives the days of a sale's payments by its schedule.
func (l *ledger) bySchedule(s *Sale) []int32 {
	if s.Unknown != "" || s.Rhythm == nil {
		return nil
	}
	key := keyOf(s.Rhythm)
	days, known := l.rhythms[key]
	if !known {
		for day := range s.Rhythm.Charges(l.reading, l.from, l.to) {
			days = append(days, l.place(day))
		}
		l.rhythms[key] = days
	}
	return days
}

// byHand tells the days of a sale's payments by hand, and which steps they are.
func (l *ledger) byHand(s *Sale, tell func(day int32, step int)) {
	if s.Unknown != "" {
		return
	}
	for i := range s.Steps {
		if day := s.Steps[i].Day; day >= l.from && day <= l.to {
			tell(l.place(day), i)
		}
	}
}

// count finds the days, how many payments each has, and where its column begins: ends has the beginnings until the columns are filled.
func (l *ledger) count() {
	for i := range l.sales {
		for _, day := range l.bySchedule(&l.sales[i]) {
			l.more(day)
		}
		l.byHand(&l.sales[i], func(day int32, _ int) { l.more(day) })
	}
	l.order = make([]int32, len(l.days))
	for i := range l.order {
		l.order[i] = int32(i)
	}
	slices.SortFunc(l.order, func(a, b int32) int { return strings.Compare(l.days[a], l.days[b]) })
	n := 0
	for _, day := range l.order {
		l.ends[day], n = n, n+l.ends[day]
	}
	l.lines = make([]int32, n)
}

func (l *ledger) more(day int32) {
	for int(day) >= len(l.ends) {
		l.ends = append(l.ends, 0)
	}
	l.ends[day]++
}

func (l *ledger) fill(byName []int32) {
	put := func(day, line int32) {
		l.lines[l.ends[day]] = line
		l.ends[day]++
	}
	for _, i := range byName {
		s := &l.sales[i]
		for _, day := range l.bySchedule(s) {
			put(day, i)
		}
		l.byHand(s, func(day int32, step int) {
			l.steps = append(l.steps, struct{ sale, step int32 }{i, int32(step)})
			put(day, -int32(len(l.steps)))
		})
	}
	l.places, l.rhythms = nil, nil
}

func (l *ledger) all(yield func(Charge) bool) {
	at := 0
	for _, day := range l.order {
		for ; at < l.ends[day]; at++ {
			if !yield(l.charge(l.days[day], l.lines[at])) {
				return
			}
		}
	}
}

func (l *ledger) charge(day string, line int32) Charge {
	if line >= 0 {
		s := &l.sales[line]
		return Charge{s.Name, day, s.Kurus, s.Currency}
	}
	by := l.steps[-1-line]
	s := &l.sales[by.sale]
	step := &s.Steps[by.step]
	return Charge{s.Name, day, step.Kurus, step.Currency}
}
