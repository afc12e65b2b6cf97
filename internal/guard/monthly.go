package guard

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/project"
)

// monthly judges by how much what is charged a month changes, in the currency's own unit.
func (c *check) monthly(currency string, m project.MoneyGuards) (message, at string) {
	g := m.MaxMonthlyChange
	if g.At == "" {
		return "", ""
	}
	return c.change(currency, "more than "+kurus(g.Value), func(_, by *big.Int) bool { return by.Cmp(big.NewInt(g.Value)) > 0 }), g.At
}

// percent judges the same as a share of what is charged before. From nothing any rise is more than any share.
func (c *check) percent(currency string, m project.MoneyGuards) (message, at string) {
	g := m.MaxMonthlyChangePercent
	if g.At == "" {
		return "", ""
	}
	return c.change(currency, fmt.Sprintf("more than %d per cent", g.Value), func(before, by *big.Int) bool {
		share := new(big.Int).Mul(before, big.NewInt(int64(g.Value)))
		return new(big.Int).Mul(by, big.NewInt(100)).Cmp(share) > 0
	}), g.At
}

// change tells of a currency whose payments a month change by too much, or by nobody knows how much; "" for one whose do not. before and by are kuruş.
func (c *check) change(currency, bound string, tooMuch func(before, by *big.Int) bool) string {
	if c.Plan.Money == nil {
		return "what it changes per month in " + currency + " is not known here"
	}
	unknown := c.unknown[currency]
	message := ""
	for i := range c.Plan.Money.Currencies {
		sum := &c.Plan.Money.Currencies[i]
		by := sum.After.Minus(sum.Before).Abs()
		if sum.Currency == currency && tooMuch(sum.Before.Kurus(), by.Kurus()) {
			message = fmt.Sprintf("the payments of a month would go from %s to %s %s, by %s, %s%s", sum.Before, sum.After, currency, by, bound, c.most(currency))
		}
	}
	switch {
	case len(unknown) == 0:
		return message
	case message != "":
		return fmt.Sprintf("%s; what sale %s changes is not known here%s", message, unknown[0].Sale, more(len(unknown)-1))
	}
	return fmt.Sprintf("what sale %s changes per month in %s is not known here: %s%s", unknown[0].Sale, currency, unknown[0].Reason, more(len(unknown)-1))
}

// most names the sale that moves most in a currency.
func (c *check) most(currency string) string {
	for i := range c.Plan.Money.Biggest {
		if e := &c.Plan.Money.Biggest[i]; e.Currency == currency {
			return "; the largest part: sale " + e.Sale
		}
	}
	return ""
}

func (c *check) allUnknown() map[string][]forecast.Unknown {
	if c.Plan.Money == nil {
		return nil
	}
	currencies := map[string][]string{} // by name
	for _, p := range c.Plan.Sales {
		for _, s := range []*forecast.Sale{p.Before, p.After} {
			if s != nil && s.Unknown != "" {
				currencies[s.Name] = append(currencies[s.Name], currenciesOf(p)...)
			}
		}
	}
	out := map[string][]forecast.Unknown{}
	for _, u := range c.Plan.Money.Unknown {
		if !u.Changed {
			continue
		}
		own := currencies[u.Sale]
		if len(own) == 0 {
			own = c.currencies
		}
		for _, currency := range slices.Compact(slices.Sorted(slices.Values(own))) {
			out[currency] = append(out[currency], u)
		}
	}
	return out
}

// currenciesOf are those of a sale's payments before a change and after it.
func currenciesOf(p forecast.Pair) []string {
	var out []string
	for _, s := range []*forecast.Sale{p.Before, p.After} {
		if s == nil {
			continue
		}
		if s.Currency != "" {
			out = append(out, s.Currency)
		}
		for _, step := range s.Steps {
			out = append(out, step.Currency)
		}
	}
	return out
}
