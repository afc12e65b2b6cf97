package render

import (
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
)

// planMoney is what a plan means for the charges, until when it can be applied, and which guards it breaks. All keys are always there.
type planMoney struct {
	Money map[string]moneyRow `json:"money"` // by currency
	// Effects are the ten biggest of each currency.
	Effects      []effectRow       `json:"effects"`
	UnknownSales []unknownRow      `json:"unknownSales"`
	Readings     []forecast.Matter `json:"readings"`
	ValidThrough *string           `json:"validThrough"` // YYYY-MM-DD, the day in Istanbul
	Guards       []guardRow        `json:"guards"`
}

type moneyRow struct {
	Before    forecast.Money `json:"perMonthBefore"`
	After     forecast.Money `json:"perMonthAfter"`
	Charges30 int            `json:"charges30"`
	Charges90 int            `json:"charges90"`
}

type effectRow struct {
	Sale        string         `json:"sale"`
	Currency    string         `json:"currency"`
	Effect      string         `json:"effect"`
	Before      forecast.Money `json:"perMonthBefore"`
	After       forecast.Money `json:"perMonthAfter"`
	FirstCharge *string        `json:"firstCharge"`
	LastCharge  *string        `json:"lastCharge"`
	OpenEnded   bool           `json:"openEnded"`
	GetsEnd     bool           `json:"getsEnd"`
	Charges12   int            `json:"charges12"`
}

type unknownRow struct {
	Sale   string `json:"sale"`
	Reason string `json:"reason"`
}

type guardRow struct {
	Guard   string `json:"guard"`
	Message string `json:"message"`
	At      string `json:"at"`
}

func moneyOfPlan(p *plan.Plan) planMoney {
	out := planMoney{Money: map[string]moneyRow{}, Effects: []effectRow{}, UnknownSales: []unknownRow{}, Readings: []forecast.Matter{}, Guards: []guardRow{}}
	if m := p.Money; m != nil {
		for _, c := range m.Currencies {
			out.Money[c.Currency] = moneyRow{c.Before, c.After, c.Charges30, c.Charges90}
		}
		for _, e := range m.Biggest {
			out.Effects = append(out.Effects, effectRow{e.Sale, e.Currency, e.What, e.Before, e.After, orNull(e.First), orNull(e.Last), e.OpenEnded, e.GetsEnd, e.Charges12})
		}
		for _, u := range m.Unknown {
			out.UnknownSales = append(out.UnknownSales, unknownRow{u.Sale, u.Reason})
		}
		out.Readings = append(out.Readings, m.Readings...)
	}
	out.ValidThrough = orNull(validThrough(p))
	for _, g := range p.Guards {
		out.Guards = append(out.Guards, guardRow(g))
	}
	return out
}
