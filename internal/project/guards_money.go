package project

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// Other is the name under which guards stand of every currency, as far as its own entry does not say them.
const Other = "other"

// MoneyGuards are the bounds of one currency. What is not said bounds nothing.
type MoneyGuards struct {
	// MaxAmount is the largest payment that a plan may make or change, MaxMonthlyChange by how much it may change what is charged a month; both in kuruş, from 0.
	MaxAmount, MaxMonthlyChange Said[int64]
	// MaxMonthlyChangePercent is the same as a share of what is charged before, in per cent, from 0.
	MaxMonthlyChangePercent Said[int]
	// MaxNewSales is how many sales a plan may create.
	MaxNewSales Said[int]
	// OpenEnded false: a sale that begins, or is taken over, has an end.
	OpenEnded Said[bool]
	// LeadDays is how many days after today (in Istanbul) the first payment of what is new may be due at the earliest.
	LeadDays Said[int]
}

// MoneyIn gives the guards of a currency: its own, and key by key what stands under Other where they say nothing.
func (g Guards) MoneyIn(currency string) MoneyGuards {
	return g.Money[currency].over(g.Money[Other])
}

func (m MoneyGuards) over(base MoneyGuards) MoneyGuards {
	return MoneyGuards{
		MaxAmount: m.MaxAmount.or(base.MaxAmount), MaxMonthlyChange: m.MaxMonthlyChange.or(base.MaxMonthlyChange),
		MaxMonthlyChangePercent: m.MaxMonthlyChangePercent.or(base.MaxMonthlyChangePercent), MaxNewSales: m.MaxNewSales.or(base.MaxNewSales),
		OpenEnded: m.OpenEnded.or(base.OpenEnded), LeadDays: m.LeadDays.or(base.LeadDays),
	}
}

func (m MoneyGuards) strictest(h MoneyGuards) MoneyGuards {
	return MoneyGuards{
		MaxAmount: lower(m.MaxAmount, h.MaxAmount), MaxMonthlyChange: lower(m.MaxMonthlyChange, h.MaxMonthlyChange),
		MaxMonthlyChangePercent: lower(m.MaxMonthlyChangePercent, h.MaxMonthlyChangePercent), MaxNewSales: lower(m.MaxNewSales, h.MaxNewSales),
		OpenEnded: held(m.OpenEnded, h.OpenEnded, false), LeadDays: higher(m.LeadDays, h.LeadDays),
	}
}

// moneyOver lays the entries of one over those of another. Own entries and Other stay apart, so that no Other, whosever it is, goes before a currency's own.
func moneyOver(g, base Guards) map[string]MoneyGuards {
	return eachCurrency(func(name string) MoneyGuards { return g.Money[name].over(base.Money[name]) })
}

// moneyStrictest takes the stricter of what each of two gives for a currency. Each is asked for all that it gives, lest the entry of one hides what the other says under Other.
func moneyStrictest(g, h Guards) map[string]MoneyGuards {
	return eachCurrency(func(name string) MoneyGuards { return g.MoneyIn(name).strictest(h.MoneyIn(name)) })
}

func eachCurrency(give func(name string) MoneyGuards) map[string]MoneyGuards {
	out := map[string]MoneyGuards{}
	for _, name := range currencyKeys() {
		out[name] = give(name)
	}
	return out
}

// currencyKeys are Moka's currencies (moka-api 2.20), and Other.
func currencyKeys() []string {
	return append(slices.Clone(spec.Sale.Def().Field("currency").Words), Other)
}

// money reads the guards of the currencies.
func (r *reader) money(n *yaml.Node, into *map[string]MoneyGuards) {
	said := map[string]MoneyGuards{}
	known := map[string]func(*yaml.Node){}
	for _, currency := range currencyKeys() {
		known[currency] = func(v *yaml.Node) {
			var m MoneyGuards
			r.moneyGuards(v, &m)
			said[currency] = m
		}
	}
	if r.each(n, "guards.money", known) == 0 {
		r.errorf(n, "say for which currency: %s", strings.Join(currencyKeys(), ", "))
	}
	*into = said
}

func (r *reader) moneyGuards(n *yaml.Node, m *MoneyGuards) {
	known := map[string]func(*yaml.Node){
		"maxAmount":        func(v *yaml.Node) { r.amount(v, &m.MaxAmount) },
		"maxMonthlyChange": func(v *yaml.Node) { r.amount(v, &m.MaxMonthlyChange) },
		"maxMonthlyChangePercent": func(v *yaml.Node) {
			r.integer(v, 0, 1_000_000, "per cent of what is charged a month before the change, a whole number from 0", &m.MaxMonthlyChangePercent)
		},
		"maxNewSales": func(v *yaml.Node) { r.integer(v, 0, 1_000_000_000, "a number of sales, from 0", &m.MaxNewSales) },
		"openEnded":   func(v *yaml.Node) { r.boolean(v, &m.OpenEnded) },
		"leadDays":    func(v *yaml.Node) { r.integer(v, 0, 3650, "a number of days, from 0 to 3650", &m.LeadDays) },
	}
	if r.each(n, "guards.money.CURRENCY", known) == 0 {
		r.errorf(n, "say what is guarded%s", near("", slices.Sorted(maps.Keys(known))))
	}
}

// amountForm is that of an amount in a manifest: digits, at most 12 before and 2 after a point, no zero before others.
var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`)

// amount reads a bound from the scalar's text, quoted or not, into kuruş, so that none of it is lost.
func (r *reader) amount(n *yaml.Node, into *Said[int64]) {
	const what = `an amount such as "1000.00": digits, at most 12 before and 2 after a point, and no sign between thousands`
	v := r.scalar(n, what, "!!str", "!!int", "!!float")
	if v == nil {
		return
	}
	if !amountForm.MatchString(v.Value) {
		r.errorf(v, "write %s", what)
		return
	}
	whole, cents, _ := strings.Cut(v.Value, ".")
	kurus, _ := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64) // of 14 digits
	*into = Said[int64]{kurus, r.at(v)}
}
