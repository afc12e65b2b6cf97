package forecast

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
)

// Pair is one sale before a change and after it; nil where it is not charged at all. The same pointer twice is a sale that stays as it is.
type Pair struct{ Before, After *Sale }

// Impact says in money what changes mean: what is charged before them and after them. It is told beside a plan.
type Impact struct {
	// Today is the day in Istanbul (YYYY-MM-DD) from which it looks ahead.
	Today string `json:"today"`
	// Currencies that anything is charged in, in the order of their names. Nothing is summed across them.
	Currencies []Currency `json:"currencies"`
	// Biggest are, of each currency, the ten effects that move most.
	Biggest []Effect `json:"biggest"`
	// Unknown are sales of which nobody here knows when they are charged, by their names. They are in no sum.
	Unknown []Unknown `json:"unknown"`
	// Readings are those of what the documentation leaves open on which the sums rest.
	Readings []Matter `json:"readings"`
}

// Currency is what is charged in one currency.
type Currency struct {
	Currency string `json:"currency"` // TL, USD or EUR
	// Before and After are the mean of the next 12 whole months, which begin with the first of the next one, rounded half up to the kuruş.
	Before Money `json:"perMonthBefore"`
	After  Money `json:"perMonthAfter"`
	// Charges30 and Charges90 count the payments after the change: those of today and the 29, or 89, days after it.
	Charges30 int `json:"charges30"`
	Charges90 int `json:"charges90"`
	// Begins, Ends and Changes count the sales that do.
	Begins  int `json:"begins"`
	Ends    int `json:"ends"`
	Changes int `json:"changes"`
	// First is the first day (YYYY-MM-DD) on which one of those that begin is charged, "" for none.
	First string `json:"first"`
}

// The ways in which a sale's payments change: they begin; there are no more of them; they are others.
const (
	Begins  = "begins"
	Ends    = "ends"
	Changes = "changes"
)

// Effect is what becomes of one sale's payments in one currency.
type Effect struct {
	Sale     string `json:"sale"`
	Currency string `json:"currency"`
	What     string `json:"what"` // Begins, Ends or Changes
	// Before and After are means a month, as in Currency.
	Before Money `json:"perMonthBefore"`
	After  Money `json:"perMonthAfter"`
	// First and Last are the first day from today on and the last one (YYYY-MM-DD) on which it is charged after the change: "" for never, and Last also where it is open-ended.
	First string `json:"first"`
	Last  string `json:"last"`
	// OpenEnded: after the change it is charged until somebody ends it. GetsEnd: it was so before, and is not any more.
	OpenEnded bool `json:"openEnded"`
	GetsEnd   bool `json:"getsEnd"`
	// Charges12 counts its payments after the change in the twelve months.
	Charges12 int `json:"charges12"`

	swing  Money // what of twelve months' payments comes or goes
	amount int64 // of a payment, in kuruş
	after  *Sale // nil for none
}

// Unknown is a sale that is in no sum.
type Unknown struct {
	Sale   string `json:"sale"`
	Reason string `json:"reason"`
	// Changed: the change begins, ends or changes it, so that what it means in money is not known.
	Changed bool `json:"changed"`
}

// Matter is a reading on which sums rest: with its other word some sales would be charged on other days of the next 90 days, or of the twelve months.
type Matter struct {
	Rule  string `json:"rule"`
	Word  string `json:"word"`
	Sales int    `json:"sales"` // how many
}

// biggest is how many effects of each currency are kept.
const biggest = 10

// ImpactOf compares what is charged before and after, looking ahead from today (YYYY-MM-DD in Istanbul).
func ImpactOf(pairs []Pair, reading calendar.Reading, today string) *Impact {
	w := newWindows(today, reading)
	out := &Impact{Today: today, Currencies: []Currency{}, Biggest: []Effect{}, Unknown: []Unknown{}, Readings: []Matter{}}
	sums := map[string]*tally{}
	var effects []Effect
	for i := range pairs {
		p := &pairs[i]
		if why := p.Unknown(); why != "" {
			out.Unknown = append(out.Unknown, Unknown{p.Name(), why, !p.Same()})
			continue
		}
		if p.Same() {
			w.count(p.After, func(currency string, c counts) {
				t := tallyOf(sums, currency)
				t.before.AddMoney(c.total12)
				t.after.AddMoney(c.total12)
				t.count(c)
			})
			w.rests(p)
			continue
		}
		effects = append(effects, w.effects(p, sums)...)
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		t := sums[name]
		t.Currency.Currency, t.Before, t.After = name, t.before.Mean(12), t.after.Mean(12)
		out.Currencies = append(out.Currencies, t.Currency)
	}
	for _, e := range biggestOf(effects) {
		e.lasts(w)
		out.Biggest = append(out.Biggest, e)
	}
	slices.SortFunc(out.Unknown, func(a, b Unknown) int { return strings.Compare(a.Sale, b.Sale) })
	out.Readings = append(out.Readings, w.matters()...)
	return out
}

// Name is the sale's.
func (p *Pair) Name() string {
	if p.After != nil {
		return p.After.Name
	}
	return p.Before.Name
}

// Unknown says why it is not known what the sale is charged on one of the sides, "" if it is.
func (p *Pair) Unknown() string {
	for _, s := range []*Sale{p.After, p.Before} {
		if s != nil && s.Unknown != "" {
			return s.Unknown
		}
	}
	return ""
}

// Same reports whether the sale is charged as before.
func (p *Pair) Same() bool {
	if p.Before == p.After || p.Before == nil || p.After == nil {
		return p.Before == p.After
	}
	a, b := p.Before, p.After
	scheduled := a.Rhythm != nil || b.Rhythm != nil || a.Unknown != "" // without a schedule the sale's own amount is charged by nothing
	if a.Unknown != b.Unknown || scheduled && (a.Kurus != b.Kurus || a.Currency != b.Currency) {
		return false
	}
	return reflect.DeepEqual(a.Rhythm, b.Rhythm) && slices.Equal(a.Steps, b.Steps)
}

// tally is what is summed of a currency.
type tally struct {
	Currency
	before, after Money // of twelve months
}

func tallyOf(sums map[string]*tally, currency string) *tally {
	t := sums[currency]
	if t == nil {
		t = &tally{}
		sums[currency] = t
	}
	return t
}

func (t *tally) count(c counts) {
	t.Charges30 += c.in30
	t.Charges90 += c.in90
}

// effects gives what becomes of a sale that does not stay as it is, and adds it to the sums.
func (w *windows) effects(p *Pair, sums map[string]*tally) []Effect {
	byCurrency := map[string]*Effect{}
	of := func(currency string) *Effect {
		e := byCurrency[currency]
		if e == nil {
			e = &Effect{Sale: p.Name(), Currency: currency}
			byCurrency[currency] = e
		}
		return e
	}
	w.count(p.Before, func(currency string, c counts) { of(currency).Before.AddMoney(c.total12) })
	w.count(p.After, func(currency string, c counts) {
		e := of(currency)
		e.After.AddMoney(c.total12)
		e.Charges12 = c.in12
		tallyOf(sums, currency).count(c)
	})
	w.rests(p)
	var out []Effect
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		e, t := byCurrency[currency], tallyOf(sums, currency)
		t.before.AddMoney(e.Before)
		t.after.AddMoney(e.After)
		e.swing = e.After.Minus(e.Before).Abs()
		e.Before, e.After = e.Before.Mean(12), e.After.Mean(12)
		if was, is := p.Before.in(e.Currency), p.After.in(e.Currency); !(&Pair{was, is}).Same() { // else it changes in another currency alone
			e.describe(was, is, w)
			t.note(e)
			out = append(out, *e)
		}
	}
	return out
}

// describe says what becomes of a sale's payments in the effect's currency.
func (e *Effect) describe(was, is *Sale, w *windows) {
	e.amount, e.after = max(was.amount(), is.amount()), is
	switch {
	case was == nil:
		e.What, e.First = Begins, is.first(w.reading, w.today)
	case is == nil || is.first(w.reading, w.today) == "" && was.first(w.reading, w.today) != "":
		e.What = Ends
	default:
		e.What, e.GetsEnd = Changes, was.openEnded() && !is.openEnded()
	}
}

// lasts says from when to when the sale is charged: of the few that are told.
func (e *Effect) lasts(w *windows) {
	if e.after == nil {
		return
	}
	e.First, e.OpenEnded = e.after.first(w.reading, w.today), e.after.openEnded()
	if !e.OpenEnded {
		e.Last = e.after.last(w.reading, w.today)
	}
}

func (t *tally) note(e *Effect) {
	switch e.What {
	case Begins:
		t.Begins++
		if e.First != "" && (t.First == "" || e.First < t.First) {
			t.First = e.First
		}
	case Ends:
		t.Ends++
	default:
		t.Changes++
	}
}

// biggestOf gives the effects that move most, each currency's together.
func biggestOf(effects []Effect) []Effect {
	slices.SortFunc(effects, func(a, b Effect) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), b.swing.Compare(a.swing), cmp.Compare(b.amount, a.amount), strings.Compare(a.Sale, b.Sale))
	})
	var out []Effect
	of := 0
	for i, e := range effects {
		if i == 0 || e.Currency != effects[i-1].Currency {
			of = 0
		}
		if of++; of <= biggest {
			out = append(out, e)
		}
	}
	return out
}

// windows are the days that an impact looks at.
type windows struct {
	reading            calendar.Reading
	today, in30, in90  string
	months, monthsLast string // the first and the last day of the next 12 whole months
	profiles           map[rhythmKey]*profile
	// moved are the profiles of sales that have another one before than after.
	moved [][2]*profile
}

func newWindows(today string, reading calendar.Reading) *windows {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil { // who asks without a day gets no charge
		return &windows{profiles: map[rhythmKey]*profile{}}
	}
	next := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	iso := func(t time.Time) string { return t.Format(time.DateOnly) }
	return &windows{
		reading: reading, today: today, in30: iso(day.AddDate(0, 0, 29)), in90: iso(day.AddDate(0, 0, 89)),
		months: iso(next), monthsLast: iso(next.AddDate(1, 0, -1)), profiles: map[rhythmKey]*profile{},
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

// count tells a sale's payments in the windows, by currency.
func (w *windows) count(s *Sale, tell func(currency string, c counts)) {
	if s == nil {
		return
	}
	var own counts
	if s.Rhythm != nil {
		p := w.profile(s.Rhythm)
		own.in30, own.in90, own.in12 = p.in30, p.in90, p.in12
		own.total12.AddTimes(s.Kurus, p.in12)
	}
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

// profile counts a rhythm's payments once for all sales that have it.
func (w *windows) profile(r *calendar.Rhythm) *profile {
	key := rhythmKey{r.Frequency, strings.Join(r.Days, ","), r.Begin, r.End, max(r.Every, 1)}
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

// rests notes on which rhythms the sums rest by a sale.
func (w *windows) rests(p *Pair) {
	of := func(s *Sale) *profile {
		if s == nil || s.Rhythm == nil {
			return nil
		}
		return w.profile(s.Rhythm)
	}
	before, after := of(p.Before), of(p.After)
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
