package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

// payment is what a change makes of the payments of a sale, or of a payment step.
type payment struct {
	address spec.Address
	// currencies are those that may be meant: one where it is known, else all.
	currencies []string
	kurus      int64
	// charged: it brings payments of this amount. created: it is a new sale. endless: it makes a sale, or takes one over, that has no end, or takes its end away.
	charged, created, endless bool
	// begins is the day (YYYY-MM-DD) from which it brings payments, "" where it does not say one anew.
	begins string
}

func (c *check) allPayments() []*payment {
	var out []*payment
	sales := c.salesByName()
	for _, change := range c.acting {
		kind := change.Address.Kind
		if change.Desired == nil || kind != spec.Sale && kind != spec.PaymentStep {
			continue
		}
		pair := forecast.Pair{}
		if kind == spec.Sale {
			pair = sales[change.Address.Name]
		}
		out = append(out, c.payment(change, pair))
	}
	return out
}

// salesByName finds the sales of the manifests. What is kept elsewhere goes by its code, which may look like a name, and has no currency of its own.
func (c *check) salesByName() map[string]forecast.Pair {
	out := make(map[string]forecast.Pair, len(c.Plan.Sales))
	for _, p := range c.Plan.Sales {
		if p.After != nil && p.After.Currency != "" {
			out[p.After.Name] = p
		}
	}
	return out
}

func (c *check) payment(change *plan.Change, pair forecast.Pair) *payment {
	r, created := change.Desired, change.Action == plan.Create
	touches := func(field string) bool {
		return created || slices.ContainsFunc(change.Fields, func(f plan.FieldChange) bool { return f.Field.Name == field })
	}
	p := &payment{address: change.Address, charged: touches("amount") || touches("currency"), currencies: c.currencies}
	p.kurus, _ = forecast.Kurus(r.Text("amount")) // which spec has read
	if known := currencyOf(change, pair); known != "" {
		p.currencies = []string{known}
	}
	if change.Address.Kind == spec.PaymentStep {
		if touches("paymentDate") {
			p.begins = r.Text("paymentDate")
		}
		return p
	}
	p.created = created
	p.endless = endless(change, pair)
	if touches("beginDate") {
		p.begins = r.Text("beginDate")
	}
	return p
}

// currencyOf gives the currency of a sale or payment step after a change, "" where nobody here knows it.
func currencyOf(change *plan.Change, pair forecast.Pair) string {
	switch v := change.Desired.Value("currency"); {
	case v != nil:
		return v.Text
	case change.Action == plan.Create:
		return change.Address.Kind.Def().Field("currency").Default
	case pair.After != nil:
		return pair.After.Currency
	case change.Known != nil:
		if kept := change.Known.Text("currency"); kept != "" {
			return kept
		}
		for _, l := range change.Known.Defaults.All() {
			if l.Field.Name == "currency" {
				return l.Text
			}
		}
	}
	return ""
}

// endless reports whether a change brings a sale without an end, or takes one's end away. A sale that is charged by hand alone has nothing that could go on.
func endless(change *plan.Change, pair forecast.Pair) bool {
	end := change.Desired.Value("endDate")
	switch {
	case byHand(change, pair):
		return false
	case end != nil && end.Text != spec.Never:
		return false
	case change.Action == plan.Create:
		return true
	case change.Action == plan.Adopt:
		// An end that the manifest leaves to Moka is one all the same.
		return end != nil || pair.After == nil || pair.After.Rhythm == nil || pair.After.Rhythm.End == ""
	}
	return slices.ContainsFunc(change.Fields, func(f plan.FieldChange) bool {
		return f.Field.Name == "endDate" && !slices.Equal(f.From.Mask(), []string{spec.Never})
	})
}

// byHand reports whether a sale is known to be charged by its payment steps alone.
func byHand(change *plan.Change, pair forecast.Pair) bool {
	if v := change.Desired.Value("planType"); v != nil || change.Action == plan.Create {
		return v != nil && v.Text == "manual"
	}
	return pair.After != nil && pair.After.Rhythm == nil && pair.After.Unknown == ""
}

// of gives the payments in a currency that a guard is about.
func (c *check) of(currency string, about func(*payment) bool) []*payment {
	var out []*payment
	for _, p := range c.payments {
		if slices.Contains(p.currencies, currency) && about(p) {
			out = append(out, p)
		}
	}
	return out
}

// worst gives the first of the payments than which none is worse; there is one.
func worst(list []*payment, worse func(a, b *payment) bool) *payment {
	out := list[0]
	for _, p := range list[1:] {
		if worse(p, out) {
			out = p
		}
	}
	return out
}

func bigger(a, b *payment) bool { return a.kurus > b.kurus }

func (c *check) amount(currency string, m project.MoneyGuards) (message, at string) {
	g := m.MaxAmount
	if g.At == "" {
		return "", ""
	}
	above := c.of(currency, func(p *payment) bool { return p.charged && p.kurus > g.Value })
	if len(above) == 0 {
		return "", ""
	}
	p := worst(above, bigger)
	return fmt.Sprintf("a payment of %s would be %s %s, above %s%s", p.address, kurus(p.kurus), currency, kurus(g.Value), more(len(above)-1)), g.At
}

func (c *check) newSales(currency string, m project.MoneyGuards) (message, at string) {
	g := m.MaxNewSales
	created := c.of(currency, func(p *payment) bool { return p.created })
	if g.At == "" || len(created) <= g.Value {
		return "", ""
	}
	return fmt.Sprintf("the new sales in %s would be %d, more than %d; the biggest is %s", currency, len(created), g.Value, worst(created, bigger).address), g.At
}

func (c *check) openEnded(currency string, m project.MoneyGuards) (message, at string) {
	g := m.OpenEnded
	if g.At == "" || g.Value {
		return "", ""
	}
	list := c.of(currency, func(p *payment) bool { return p.endless })
	if len(list) == 0 {
		return "", ""
	}
	return fmt.Sprintf("%s would be charged in %s until somebody ends it%s", worst(list, bigger).address, currency, more(len(list)-1)), g.At
}

func (c *check) lead(currency string, m project.MoneyGuards) (message, at string) {
	g := m.LeadDays
	if g.At == "" {
		return "", ""
	}
	earliest := daysAfter(c.today, g.Value)
	early := c.of(currency, func(p *payment) bool { return p.begins != "" && p.begins < earliest })
	if len(early) == 0 {
		return "", ""
	}
	p := worst(early, func(a, b *payment) bool { return a.begins < b.begins })
	return fmt.Sprintf("%s would begin on %s, and in %s nothing may begin before %s (leadDays %d)%s", p.address, p.begins, currency, earliest, g.Value, more(len(early)-1)), g.At
}

// daysAfter counts on from a day, YYYY-MM-DD.
func daysAfter(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil { // of a year that no calendar has
		return day
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

func kurus(n int64) string {
	var m forecast.Money
	m.Add(n)
	return m.String()
}
