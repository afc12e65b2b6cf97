// Package guard says which guards of mokasync.yaml a plan breaks, and which of them are let through for that very plan. It is pure: it reads nothing, and its clock is given.
//
// Judged is what an apply would do: what is blocked, or depends on something blocked, does not happen and breaks nothing. Sums are exact, and what is not known counts as broken.
package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

// The guards, by their keys in mokasync.yaml.
const (
	maxAmount               = "maxAmount"
	maxMonthlyChange        = "maxMonthlyChange"
	maxMonthlyChangePercent = "maxMonthlyChangePercent"
	maxNewSales             = "maxNewSales"
	openEnded               = "openEnded"
	leadDays                = "leadDays"
	noWritesBetween         = "noWritesBetween"
)

// Names lists the guards that a plan can break, in the order in which they are told.
func Names() []string {
	return []string{maxAmount, maxMonthlyChange, maxMonthlyChangePercent, maxNewSales, openEnded, leadDays, noWritesBetween}
}

// Input is all that is judged by.
type Input struct {
	Plan   *plan.Plan
	Guards project.Guards
	// Now is the moment at which the plan would be applied; days and hours are Istanbul's.
	Now time.Time
}

// Check gives the guards that a plan breaks, in the order of Names and, of each, of the currencies: one a guard and currency.
func Check(in Input) []plan.BrokenGuard {
	c := newCheck(in)
	if len(c.acting) == 0 {
		return nil
	}
	for _, g := range []struct {
		name  string
		judge func(currency string, m project.MoneyGuards) (message, at string)
	}{
		{maxAmount, c.amount}, {maxMonthlyChange, c.monthly}, {maxMonthlyChangePercent, c.percent}, {maxNewSales, c.newSales}, {openEnded, c.openEnded}, {leadDays, c.lead},
	} {
		for _, currency := range c.currencies {
			if message, at := g.judge(currency, c.Guards.MoneyIn(currency)); message != "" {
				c.broken = append(c.broken, plan.BrokenGuard{Guard: g.name, Message: message, At: at})
			}
		}
	}
	if hours, in := InHours(c.Guards, c.Now); in && slices.ContainsFunc(c.acting, writes) {
		message := fmt.Sprintf("it is %s in Istanbul, and nothing is changed in the hours %s", c.Now.In(calendar.Istanbul).Format("15:04"), hours)
		c.broken = append(c.broken, plan.BrokenGuard{Guard: noWritesBetween, Message: message, At: hours.At})
	}
	return c.broken
}

// InHours gives those of the hours without writes in which a moment lies.
func InHours(g project.Guards, now time.Time) (hours project.Hours, in bool) {
	for _, h := range g.NoWritesBetween.Value {
		if h.Hold(now) {
			return h, true
		}
	}
	return project.Hours{}, false
}

// WaivesHours reports whether one of the waivers is of the hours without writes.
func WaivesHours(waivers []Waiver) bool {
	return slices.ContainsFunc(waivers, func(w Waiver) bool { return w.Guard == noWritesBetween })
}

// check is one plan being judged.
type check struct {
	Input
	today      string
	acting     []*plan.Change
	payments   []*payment
	currencies []string // Moka's first, then others by name
	// unknown are the sales that the plan changes while nobody here knows when they are charged, by currency.
	unknown map[string][]forecast.Unknown
	broken  []plan.BrokenGuard
}

func newCheck(in Input) *check {
	c := &check{Input: in, today: calendar.DayOf(in.Now), acting: acting(in.Plan)}
	if len(c.acting) > 0 {
		c.currencies = c.allCurrencies()
		c.payments = c.allPayments()
		c.unknown = c.allUnknown()
	}
	return c
}

// acting gives the changes that an apply would make.
func acting(p *plan.Plan) []*plan.Change {
	var out []*plan.Change
	stuck := p.Stuck()
	for _, c := range p.Changes {
		if c.Action.Planned() && !stuck[c.Address] {
			out = append(out, c)
		}
	}
	return out
}

// allCurrencies are Moka's (moka-api 2.20), and whatever else something is charged in.
func (c *check) allCurrencies() []string {
	known := spec.Sale.Def().Field("currency").Words
	var others []string
	add := func(currency string) {
		if currency != "" && !slices.Contains(known, currency) && !slices.Contains(others, currency) {
			others = append(others, currency)
		}
	}
	if c.Plan.Money != nil {
		for i := range c.Plan.Money.Currencies {
			add(c.Plan.Money.Currencies[i].Currency)
		}
	}
	for i := range c.Plan.Sales {
		for _, currency := range currenciesOf(c.Plan.Sales[i]) {
			add(currency)
		}
	}
	slices.Sort(others)
	return append(slices.Clone(known), others...)
}

// Writes reports whether a plan comes to any call that changes something at Moka.
func Writes(p *plan.Plan) bool { return slices.ContainsFunc(acting(p), writes) }

// writes reports whether a change comes to a call that changes something at Moka.
func writes(c *plan.Change) bool {
	return c.Action != plan.Forget && (c.Action != plan.Adopt || len(c.Fields) > 0)
}

// more says of how many others the same is true.
func more(n int) string {
	if n < 1 {
		return ""
	}
	return fmt.Sprintf("; and %d more", n)
}
