package forecast

import (
	"maps"
	"reflect"
	"slices"
	"strings"

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

// ImpactOf compares what is charged before and after, looking ahead from today (YYYY-MM-DD in Istanbul).
func ImpactOf(pairs []Pair, reading calendar.Reading, today string) *Impact {
	w := newWindows(today, reading)
	out := &Impact{Today: today, Currencies: []Currency{}, Biggest: []Effect{}, Unknown: []Unknown{}, Readings: []Matter{}}
	sums := map[string]*tally{}
	most := biggest{}
	for i := range pairs {
		p := &pairs[i]
		if why := p.Unknown(); why != "" {
			out.Unknown = append(out.Unknown, Unknown{p.Name(), why, !p.Same()})
			continue
		}
		if p.Same() {
			had := w.count(p.After, func(currency string, c counts) {
				t := tallyOf(sums, currency)
				t.before.AddMoney(c.total12)
				t.after.AddMoney(c.total12)
				t.count(c)
			})
			w.rests(had, had)
			continue
		}
		w.effects(p, sums, most)
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		t := sums[name]
		t.Currency.Currency, t.Before, t.After = name, t.before.Mean(12), t.after.Mean(12)
		out.Currencies = append(out.Currencies, t.Currency)
	}
	for _, e := range most.all() {
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

// effects finds what becomes of a sale that does not stay as it is, and adds it to the sums.
func (w *windows) effects(p *Pair, sums map[string]*tally, most biggest) {
	var few [3]Effect
	byCurrency := few[:0]
	of := func(currency string) *Effect {
		i := slices.IndexFunc(byCurrency, func(e Effect) bool { return e.Currency == currency })
		if i < 0 {
			i = len(byCurrency)
			byCurrency = append(byCurrency, Effect{Sale: p.Name(), Currency: currency})
		}
		return &byCurrency[i]
	}
	before := w.count(p.Before, func(currency string, c counts) { of(currency).Before.AddMoney(c.total12) })
	after := w.count(p.After, func(currency string, c counts) {
		e := of(currency)
		e.After.AddMoney(c.total12)
		e.Charges12 = c.in12
		tallyOf(sums, currency).count(c)
	})
	w.rests(before, after)
	for i := range byCurrency {
		e, t := &byCurrency[i], tallyOf(sums, byCurrency[i].Currency)
		t.before.AddMoney(e.Before)
		t.after.AddMoney(e.After)
		e.swing = e.After.Minus(e.Before).Abs()
		e.Before, e.After = e.Before.Mean(12), e.After.Mean(12)
		if was, is := p.Before.in(e.Currency), p.After.in(e.Currency); !(&Pair{was, is}).Same() { // else it changes in another currency alone
			e.describe(was, is, w)
			t.note(e)
			most.add(e)
		}
	}
}

// describe says what becomes of a sale's payments in the effect's currency.
func (e *Effect) describe(was, is *Sale, w *windows) {
	e.amount, e.after = max(was.amount(), is.amount()), is
	switch {
	case was == nil:
		e.What, e.First = Begins, w.first(is)
	case is == nil || w.first(is) == "" && w.first(was) != "":
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
