package plan

import (
	"cmp"
	"slices"
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
	b := &billing{maker: m, changes: map[spec.Address]*Change{}, stuck: m.plan.Stuck(), byCode: map[string]int{}, elsewhere: map[int]bool{}}
	for _, c := range m.plan.Changes {
		switch c.Address.Kind {
		case spec.Schedule, spec.Sale, spec.PaymentStep:
			b.changes[c.Address] = c
		}
	}
	b.schedules()
	b.sales()
	b.each(spec.PaymentStep, b.step)
	if byName := func(x, y forecast.Pair) int { return strings.Compare(x.Name(), y.Name()) }; !slices.IsSortedFunc(b.pairs, byName) {
		slices.SortStableFunc(b.pairs, byName)
	}
	m.plan.Sales = b.pairs
	m.plan.Money = forecast.ImpactOf(b.pairs, m.Reading, m.Today)
}

// billing finds the sales of a plan.
type billing struct {
	*maker
	changes map[spec.Address]*Change
	stuck   map[spec.Address]bool
	pairs   []forecast.Pair
	// byCode is a sale's place among the pairs, by its code; elsewhere are the places of those that no manifest and no line of the lockfile describes.
	byCode    map[string]int
	elsewhere map[int]bool
	// here are the schedules that manifests name, as they are after the plan; numbered are schedules by Moka's numbers, on both sides.
	here     map[spec.Address]*shape
	numbered map[string]shapes
}

// each tells of every resource of a kind what it is before and after; nil where it is not there.
func (b *billing) each(kind spec.Kind, tell func(a spec.Address, before, after *standing)) {
	for _, one := range b.all(kind) {
		before, after := b.sides(one)
		tell(one.address, before, after)
	}
}

// subject is a resource that a manifest describes, or that the lockfile knows; or that a call in doubt may have made: nothing else knows that.
type subject struct {
	address spec.Address
	desired *spec.Resource
	open    *lockfile.Intent
}

// all gives the resources of a kind on both sides of the plan.
func (b *billing) all(kind spec.Kind) []subject {
	n := 0
	for _, r := range b.Resources {
		if r.Address.Kind == kind {
			n++
		}
	}
	out := make([]subject, 0, n)
	for _, r := range b.Resources {
		if r.Address.Kind == kind {
			out = append(out, subject{address: r.Address, desired: r})
		}
	}
	for _, e := range b.missing {
		if e.Address.Kind == kind {
			out = append(out, subject{address: e.Address})
		}
	}
	for _, in := range b.Known.Pending {
		if a := in.Entry.Address; a.Kind == kind && b.world.Desired[a] == nil && b.Known.Get(a) == nil {
			out = append(out, subject{address: a, open: in})
		}
	}
	return out
}

// standing is a resource as it is at Moka on one side of the plan. What says most comes first: the manifest once it is applied, what was seen, what the lockfile remembers.
type standing struct {
	desired *spec.Resource
	found   *Found
	entry   *lockfile.Entry
	taken   bool   // it is at Moka already, and the lockfile does not know it
	why     string // it is not known what it is, "" if it is
}

const inDoubtText = "a call is in doubt: apply looks at Moka first"

// sides gives what a resource is before and after; the same twice where it stays as it is.
func (b *billing) sides(one subject) (before, after *standing) {
	if one.open != nil {
		before = &standing{entry: &one.open.Entry, why: inDoubtText}
		return before, before
	}
	a, r := one.address, one.desired
	c := b.changes[a]
	before = b.before(a)
	after = before
	if c != nil && !b.stuck[a] {
		switch c.Action {
		case Create, Adopt, Update:
			after = b.applied(r, before)
		case Delete:
			after = nil
		}
	}
	if c != nil && c.InDoubt {
		before, after = doubtful(before, c), doubtful(after, c)
	}
	return before, after
}

// applied is what a manifest makes of what is there: of that very thing, or of another that it takes over by Moka's number.
func (b *billing) applied(r *spec.Resource, before *standing) *standing {
	after := &standing{desired: r}
	id := newID(r)
	if id != 0 && (before == nil || before.entry == nil || before.entry.ID != id) {
		after.taken = true
		if b.Live != nil {
			after.found = b.Live.Schedules[id]
		}
		return after
	}
	if before != nil {
		after.found, after.entry = before.found, before.entry
	}
	return after
}

// doubtful marks a side of what is in doubt.
func doubtful(s *standing, c *Change) *standing {
	out := standing{desired: c.Desired, entry: c.Known}
	if s != nil {
		out = *s
	}
	out.why = inDoubtText
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
	found, why := b.seen(a, entry)
	if found == nil && why == "" && (entry == nil || b.goneAtMoka(entry) || a.Kind == spec.PaymentStep) { // other things may be gone, and what they meant goes on: a schedule's sales
		return nil
	}
	return &standing{found: found, entry: entry, why: why}
}

// seen gives what was seen at Moka: of what the lockfile knows that very thing, whatever the manifest names now. The text says why it cannot be told.
func (b *billing) seen(a spec.Address, entry *lockfile.Entry) (*Found, string) {
	switch {
	case entry != nil && a.Kind == spec.Schedule:
		return b.Live.Schedules[entry.ID], ""
	case entry != nil && a.Kind == spec.Sale:
		if same := b.Live.Sales[entry.Code]; len(same) > 1 {
			return nil, TwoSales(entry.Code, same)
		} else if len(same) == 1 {
			return same[0], ""
		}
		return nil, ""
	case entry != nil && a.Kind == spec.PaymentStep:
		return b.Live.stepNumbered(entry.ID), ""
	}
	return b.Live.Lookup(b.world, a)
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

// scalar gives a scalar field's text in the form in which the lockfile keeps it, and false where nobody here knows it.
func (b *billing) scalar(s *standing, f *spec.Field) (string, bool) {
	if s.desired != nil {
		if v := s.desired.Value(f.Name); v != nil {
			if text, state := b.world.text(v); state == Settled {
				return text, true
			}
		}
	}
	if s.found != nil {
		if texts := s.found.Texts(f); len(texts) > 0 {
			return texts[0], true
		}
		return "", false
	}
	if s.entry != nil {
		if l, ok := lockfile.Find(s.entry.Fields, f.Name); ok {
			return l.Text, true
		}
		if l, ok := lockfile.Find(s.entry.Defaults, f.Name); ok {
			return l.Text, true
		}
	}
	return "", false
}

// text gives a scalar field's text, or its default.
func (b *billing) text(s *standing, f *spec.Field) string {
	if text, _ := b.scalar(s, f); text != "" {
		return text
	}
	return f.Default
}

// hidden names the first of some scalar fields that nobody here knows: it was left to Moka when the thing was taken over, and neither seen nor remembered.
func (b *billing) hidden(s *standing, fields ...*spec.Field) string {
	if s.found != nil || s.entry == nil && !s.taken { // a default is sent with what is made
		return ""
	}
	for _, f := range fields {
		if _, known := b.scalar(s, f); !known {
			return f.Name
		}
	}
	return ""
}

// hiddenText says why something is not known.
func hiddenText(field string) string {
	return "its " + field + " is left to Moka and not known here: say it in the manifest, or plan with --refresh"
}

// sales finds all sales, many at once where nobody looked at Moka: what was seen there is indexed when it is first asked for.
func (b *billing) sales() {
	all := b.all(spec.Sale)
	steps := len(b.all(spec.PaymentStep)) > 0
	pairs := make([]forecast.Pair, len(all))
	if b.window > 0 && b.Live == nil {
		inParallel(len(all), func(i int) { pairs[i] = b.sale(all[i]) })
	} else {
		for i := range all {
			pairs[i] = b.sale(all[i])
		}
	}
	b.pairs = pairs[:0]
	for i, p := range pairs {
		if p.Before == nil && p.After == nil {
			continue
		}
		if steps {
			b.byCode[b.codeOf(all[i])] = len(b.pairs)
		}
		b.pairs = append(b.pairs, p)
	}
}

func (b *billing) sale(one subject) forecast.Pair {
	before, after := b.sides(one)
	p := forecast.Pair{Before: b.saleOn(one.address, before, false)}
	p.After = p.Before
	if after != before || b.moves(before) {
		p.After = b.saleOn(one.address, after, true)
	}
	return p
}

// codeOf gives the code by which payment steps name a sale.
func (b *billing) codeOf(one subject) string {
	if one.open != nil {
		return one.open.Entry.Code
	}
	return b.world.CodeOf(one.address)
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
func (b *billing) saleOn(a spec.Address, s *standing, after bool) *forecast.Sale {
	if s == nil {
		return nil
	}
	both := &struct { // one piece of memory: of a hundred thousand sales that is felt
		forecast.Sale
		rhythm calendar.Rhythm
	}{}
	out := &both.Sale
	out.Name, out.Currency = a.Name, b.text(s, saleMoney.currency)
	out.Kurus, _ = forecast.Kurus(b.text(s, saleMoney.amount)) // which spec has read, or Moka told
	out.Product = b.named(s, productOfSale)
	out.Labels = labelsOf(s)
	out.Unknown = s.why
	if b.hidden(s, saleMoney.currency) != "" {
		out.Currency = "" // a guard of any currency may be meant
	}
	if f := b.hidden(s, planOfSale, saleMoney.currency); f != "" {
		out.Unknown = cmp.Or(out.Unknown, hiddenText(f))
	}
	if b.text(s, planOfSale) == "manual" {
		return out
	}
	if f := b.hidden(s, endOfSale); f != "" {
		out.Unknown = cmp.Or(out.Unknown, hiddenText(f))
	}
	out.Schedule = b.named(s, scheduleOf)
	sh := b.shapeOf(s, after)
	if sh.why != "" {
		out.Unknown = cmp.Or(out.Unknown, sh.why)
		return out
	}
	both.rhythm = sh.rhythm
	out.Rhythm = &both.rhythm
	out.Rhythm.Begin, out.Rhythm.End = b.text(s, beginOfSale), b.text(s, endOfSale)
	if out.Rhythm.End == spec.Never {
		out.Rhythm.End = ""
	}
	return out
}

// named gives the name by which people know what a reference stands for, "" for none.
func (b *billing) named(s *standing, f *spec.Field) string {
	if s.desired != nil {
		if v := s.desired.Value(f.Name); v != nil && v.Key() == "" {
			return v.Text
		} else if v != nil {
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
	b.addStep(before, false)
	b.addStep(after, true)
}

func (b *billing) addStep(s *standing, after bool) {
	if s == nil {
		return
	}
	code := b.world.asCode(saleOfStep, b.text(s, saleOfStep))
	i, known := b.byCode[code]
	if !known { // its sale is kept elsewhere
		i = len(b.pairs)
		b.byCode[code], b.elsewhere[i] = i, true
		b.pairs = append(b.pairs, forecast.Pair{})
	}
	p := &b.pairs[i]
	if p.Before == p.After && p.Before != nil { // the two part ways
		copied := *p.Before
		copied.Steps = slices.Clone(copied.Steps)
		p.After = &copied
	}
	side := &p.Before
	if after {
		side = &p.After
	}
	if *side == nil {
		if after && !b.elsewhere[i] { // the plan deletes the sale, and its steps go with it
			return
		}
		*side = &forecast.Sale{Name: b.stepsOfName(p, code)} // there is a step, so there is the sale
	}
	sale := *side
	kurus, _ := forecast.Kurus(b.text(s, stepMoney.amount))
	sale.Steps = append(sale.Steps, forecast.Step{Day: b.text(s, dayOfStep), Kurus: kurus, Currency: b.text(s, stepMoney.currency)})
	sale.Unknown = cmp.Or(sale.Unknown, s.why)
	if f := b.hidden(s, stepMoney.currency); f != "" {
		sale.Unknown = cmp.Or(sale.Unknown, hiddenText(f))
	}
}

// stepsOfName is the name of a sale that only its steps show.
func (b *billing) stepsOfName(p *forecast.Pair, code string) string {
	for _, s := range []*forecast.Sale{p.After, p.Before} {
		if s != nil {
			return s.Name
		}
	}
	return b.world.manifestName(saleOfStep, code)
}

var dayOfStep = spec.PaymentStep.Def().Field("paymentDate")
