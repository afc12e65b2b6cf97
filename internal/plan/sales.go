package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// money finds who is charged what before the plan and after it.
//
// Before is what is at Moka, as far as it was looked at, else what the lockfile remembers; after is that with what the plan does. What is blocked, or depends on what is blocked, stays as it
// is; what left the manifests goes on charging until it is deleted.
func (m *maker) money() {
	b := &billing{maker: m, changes: make(map[spec.Address]*Change, len(m.plan.Changes)), stuck: map[spec.Address]bool{}, byCode: map[string]int{}}
	for _, c := range m.plan.Changes { // what it depends on comes before
		b.changes[c.Address] = c
		if c.Action == Blocked || slices.ContainsFunc(c.DependsOn, func(a spec.Address) bool { return b.stuck[a] }) {
			b.stuck[c.Address] = true
		}
	}
	b.schedules()
	b.each(spec.Sale, b.sale)
	b.each(spec.PaymentStep, b.step)
	slices.SortStableFunc(b.pairs, func(x, y forecast.Pair) int { return strings.Compare(nameOf(x), nameOf(y)) })
	m.plan.Sales = b.pairs
	m.plan.Money = forecast.ImpactOf(b.pairs, m.Reading, m.Today)
}

func nameOf(p forecast.Pair) string { return cmp.Or(p.After, p.Before).Name }

// billing finds the sales of a plan.
type billing struct {
	*maker
	changes map[spec.Address]*Change
	stuck   map[spec.Address]bool // blocked, or depending on what is
	pairs   []forecast.Pair
	byCode  map[string]int // a sale's place among the pairs, by its code
	shapes  map[spec.Address]shapes
	numbers map[string]spec.Address // schedules by Moka's number
}

// each tells of every resource of a kind what it is before and after; nil where it is not there.
func (b *billing) each(kind spec.Kind, tell func(a spec.Address, before, after *standing)) {
	for _, r := range b.Resources {
		if r.Address.Kind == kind {
			b.sides(r.Address, r, tell)
		}
	}
	for _, e := range b.missing {
		if e.Address.Kind == kind {
			b.sides(e.Address, nil, tell)
		}
	}
	for _, in := range b.Known.Pending {
		if a := in.Entry.Address; a.Kind == kind && b.world.Desired[a] == nil && b.Known.Get(a) == nil {
			tell(a, &standing{entry: &in.Entry, doubt: true}, &standing{entry: &in.Entry, doubt: true})
		}
	}
}

// standing is a resource as it is at Moka on one side of the plan. What says most comes first: the manifest once it is applied, what was seen, what the lockfile remembers.
type standing struct {
	desired *spec.Resource
	found   *Found
	entry   *lockfile.Entry
	doubt   bool // a call is in doubt
}

func (b *billing) sides(a spec.Address, r *spec.Resource, tell func(a spec.Address, before, after *standing)) {
	c := b.changes[a]
	before := b.before(a)
	after := before
	if c != nil && !b.stuck[a] {
		switch c.Action {
		case Create, Adopt, Update:
			after = &standing{desired: r}
			if before != nil {
				after.found, after.entry = before.found, before.entry
			}
		case Delete:
			after = nil
		}
	}
	if c != nil && c.InDoubt {
		before, after = doubtful(before, c), doubtful(after, c)
	}
	tell(a, before, after)
}

// doubtful marks a side of what is in doubt.
func doubtful(s *standing, c *Change) *standing {
	out := standing{desired: c.Desired, entry: c.Known}
	if s != nil {
		out = *s
	}
	out.doubt = true
	return &out
}

// before gives what is at Moka now, as far as it is known; nil for nothing.
func (b *billing) before(a spec.Address) *standing {
	entry := b.Known.Get(a)
	if b.Live == nil {
		if entry == nil {
			return nil
		}
		return &standing{entry: entry}
	}
	found, _ := b.Live.Lookup(b.world, a)
	if found == nil && (entry == nil || b.goneAtMoka(entry) || a.Kind == spec.PaymentStep) { // other things may be gone, and what they meant goes on: a schedule's sales
		return nil
	}
	return &standing{found: found, entry: entry}
}

// texts gives a field's texts in the form in which the lockfile keeps them, nil where nobody here knows them.
func (b *billing) texts(s *standing, f *spec.Field) []string {
	if s.desired != nil {
		if v := s.desired.Value(f.Name); v != nil {
			if texts, state := b.world.Texts(v); state == Settled {
				return texts
			}
		}
	}
	if s.found != nil {
		return s.found.Texts(f)
	}
	if s.entry != nil {
		if l, ok := lockfile.Find(s.entry.Fields, f.Name); ok {
			return l.Texts()
		}
		if l, ok := lockfile.Find(s.entry.Defaults, f.Name); ok {
			return l.Texts()
		}
	}
	return nil
}

// text gives a scalar field's text, or its default.
func (b *billing) text(s *standing, f *spec.Field) string {
	if texts := b.texts(s, f); len(texts) > 0 && texts[0] != "" {
		return texts[0]
	}
	return f.Default
}

func (b *billing) sale(a spec.Address, before, after *standing) {
	p := forecast.Pair{Before: b.saleOn(a, before, shapes.before)}
	p.After = p.Before
	if after != before || b.moves(before) {
		p.After = b.saleOn(a, after, shapes.after)
	}
	if p.Before == nil && p.After == nil {
		return
	}
	code := b.world.CodeOf(a)
	if code == "" && after != nil && after.entry != nil {
		code = after.entry.Code // of a call that is in doubt
	}
	b.byCode[code] = len(b.pairs)
	b.pairs = append(b.pairs, p)
}

// The fields of what is charged.
var (
	saleMoney   = moneyFields(spec.Sale)
	stepMoney   = moneyFields(spec.PaymentStep)
	beginOfSale = spec.Sale.Def().Field("beginDate")
	scheduleOf  = spec.Sale.Def().Field("schedule")
)

type moneyOf struct{ amount, currency *spec.Field }

func moneyFields(k spec.Kind) moneyOf {
	return moneyOf{k.Def().Field("amount"), k.Def().Field("currency")}
}

// saleOn makes the sale of one side, nil for none.
func (b *billing) saleOn(a spec.Address, s *standing, side func(shapes) *shape) *forecast.Sale {
	if s == nil {
		return nil
	}
	out := &forecast.Sale{Name: a.Name, Currency: b.text(s, saleMoney.currency)}
	out.Kurus, _ = forecast.Kurus(b.text(s, saleMoney.amount)) // which spec has read, or Moka told
	out.Product = b.named(s, productOfSale)
	out.Labels = labelsOf(s)
	if s.doubt {
		out.Unknown = "a call is in doubt: apply looks at Moka first"
	}
	if b.text(s, planOfSale) == "manual" {
		return out
	}
	out.Schedule = b.named(s, scheduleOf)
	sh, why := b.shapeOf(s, side)
	if why != "" {
		out.Unknown = cmp.Or(out.Unknown, why)
		return out
	}
	rhythm := sh.rhythm
	rhythm.Begin, rhythm.End = b.text(s, beginOfSale), b.text(s, endOfSale)
	if rhythm.End == spec.Never {
		rhythm.End = ""
	}
	out.Rhythm = &rhythm
	return out
}

// named gives the name by which people know what a reference stands for, "" for none.
func (b *billing) named(s *standing, f *spec.Field) string {
	if s.desired != nil {
		if v := s.desired.Value(f.Name); v != nil {
			return v.Texts()[0]
		}
	}
	if kept := b.text(s, f); kept != "" {
		return b.world.manifestName(f, kept)
	}
	return ""
}

func labelsOf(s *standing) map[string]string {
	switch {
	case s.desired != nil:
		return s.desired.Labels
	case s.entry != nil:
		return s.entry.Labels
	}
	return nil
}

// A step is a payment of a sale of its own day and amount.
func (b *billing) step(_ spec.Address, before, after *standing) {
	b.addStep(before, func(p *forecast.Pair) **forecast.Sale { return &p.Before })
	b.addStep(after, func(p *forecast.Pair) **forecast.Sale { return &p.After })
}

func (b *billing) addStep(s *standing, side func(*forecast.Pair) **forecast.Sale) {
	if s == nil {
		return
	}
	code := b.world.asCode(saleOfStep, b.text(s, saleOfStep))
	i, known := b.byCode[code]
	if !known { // its sale is kept elsewhere
		i = len(b.pairs)
		b.byCode[code] = i
		b.pairs = append(b.pairs, forecast.Pair{})
	}
	p := &b.pairs[i]
	if p.Before == p.After && p.Before != nil { // the two part ways
		copied := *p.Before
		copied.Steps = slices.Clone(copied.Steps)
		p.After = &copied
	}
	sale := side(p)
	if *sale == nil {
		if known { // it is not there on this side, and its steps go with it
			return
		}
		*sale = &forecast.Sale{Name: b.world.manifestName(saleOfStep, code)}
	}
	kurus, _ := forecast.Kurus(b.text(s, stepMoney.amount))
	(*sale).Steps = append((*sale).Steps, forecast.Step{Day: b.text(s, dayOfStep), Kurus: kurus, Currency: b.text(s, stepMoney.currency)})
	if s.doubt {
		(*sale).Unknown = cmp.Or((*sale).Unknown, "a call is in doubt: apply looks at Moka first")
	}
}

var dayOfStep = spec.PaymentStep.Def().Field("paymentDate")

// shape is a schedule on one side of the plan: its rhythm, or why that is not known.
type shape struct {
	rhythm calendar.Rhythm
	why    string
}

// shapes are a schedule before and after; the same twice where it stays as it is.
type shapes [2]*shape

func (s shapes) before() *shape { return s[0] }
func (s shapes) after() *shape  { return s[1] }

// schedules reads all schedules, and finds them by Moka's numbers.
func (b *billing) schedules() {
	b.shapes, b.numbers = map[spec.Address]shapes{}, map[string]spec.Address{}
	b.each(spec.Schedule, func(a spec.Address, before, after *standing) {
		s := shapes{b.shape(before)}
		s[1] = s[0]
		if after != before {
			s[1] = b.shape(after)
		}
		b.shapes[a] = s
		if number, state := b.world.key(a); state == Settled && number != "" {
			b.numbers[number] = a
		}
		if e := b.Known.Get(a); e != nil && e.ID != 0 {
			b.numbers[strconv.FormatInt(e.ID, 10)] = a
		}
	})
}

func (b *billing) shape(s *standing) *shape {
	switch {
	case s == nil:
		return &shape{why: "its schedule is not known here"}
	case s.doubt:
		return &shape{why: "a call about its schedule is in doubt: apply looks at Moka first"}
	}
	return &shape{rhythm: spec.RhythmOf(func(field string) []string { return b.texts(s, spec.Schedule.Def().Field(field)) })}
}

// moves reports whether what a sale's schedule says becomes another thing, though the sale stays as it is.
func (b *billing) moves(s *standing) bool {
	if s == nil {
		return false
	}
	sh := b.shapes[b.scheduleOf(s)]
	return sh[0] != sh[1]
}

// scheduleOf gives the address of a sale's schedule, zero for one that is kept elsewhere.
func (b *billing) scheduleOf(s *standing) spec.Address {
	if s.desired != nil {
		if v := s.desired.Value(scheduleOf.Name); v != nil {
			if a, local := v.Local(); local {
				return a
			}
		}
	}
	return b.numbers[b.text(s, scheduleOf)]
}

// shapeOf finds the rhythm of a sale's schedule, or says why it is not known.
func (b *billing) shapeOf(s *standing, side func(shapes) *shape) (*shape, string) {
	if a := b.scheduleOf(s); !a.IsZero() {
		sh := side(b.shapes[a])
		if sh == nil {
			return nil, "its schedule is not known here"
		}
		return sh, sh.why
	}
	number := b.text(s, scheduleOf)
	if number == "" {
		return nil, "its schedule is not known here"
	}
	if id, err := strconv.ParseInt(number, 10, 64); err == nil && b.Live != nil {
		if found := b.Live.Schedules[id]; found != nil {
			sh := b.shape(&standing{found: found})
			return sh, sh.why
		}
	}
	return nil, "its schedule (id " + number + ") is kept elsewhere"
}
