package render

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
)

// lineWidth is how many characters a line takes before it is broken.
const lineWidth = 80

// effectSigns begin an effect's line.
var effectSigns = map[string]string{forecast.Begins: "+", forecast.Ends: "-", forecast.Changes: "~"}

// money writes what a plan means for the charges, until when it can be applied, and which guards it breaks.
func (o *planWriter) money(p *plan.Plan) {
	if p.Money != nil {
		o.sums(p.Money)
		o.unknown(p.Money)
		if decides(p.Money) {
			o.readings(p.Money)
		}
	}
	o.expires(p)
	o.guards(p)
}

// sums writes a block a currency; a line where nothing changes.
func (o *planWriter) sums(m *forecast.Impact) {
	lines := false
	for i := range m.Currencies {
		c := &m.Currencies[i]
		effects, all := effectsIn(m, c)
		if all > 0 {
			o.line("")
			o.currency(m, c, effects, all)
			lines = false
			continue
		}
		if !lines {
			o.line("")
		}
		o.line(o.paint.bold("Money, "+safe(c.Currency)) + fmt.Sprintf(": %s per month, as before; %s in 30 days, %d in 90", c.After, plural(c.Charges30, "charge", "charges"), c.Charges90))
		lines = true
	}
}

func (o *planWriter) currency(m *forecast.Impact, c *forecast.Currency, effects []forecast.Effect, all int) {
	o.line(o.paint.bold("Money, "+safe(c.Currency)) + o.paint.faint(" (per month: the mean of the 12 months from "+monthsFrom(m)+")"))
	o.line(fmt.Sprintf("  per month  %s → %s  (%s)", c.Before, c.After, difference(c.Before, c.After, forecast.Money.String)))
	o.line(fmt.Sprintf("  charges    %d in the next 30 days, %d in the next 90", c.Charges30, c.Charges90))
	o.line("  sales      " + safeLine(salesOf(m, c)))
	name, from, to := 0, 0, 0
	for _, e := range effects {
		name, from, to = max(name, utf8.RuneCountInString(safe(e.Sale))), max(from, len(e.Before.String())), max(to, len(e.After.String()))
	}
	for i := range effects {
		e := &effects[i]
		head := fmt.Sprintf("  %s %-*s", effectSigns[e.What], min(name, 40), safe(e.Sale))
		rest := fmt.Sprintf("  %*s → %*s  %s", from, e.Before, to, e.After, safeLine(daysOf(e)))
		often := oftenOf(e)
		if often != "" && utf8.RuneCountInString(head+rest+", "+often) <= lineWidth {
			rest, often = rest+", "+often, ""
		}
		o.line(o.effectTint(e)(head) + rest)
		if often != "" {
			o.line("      " + often)
		}
	}
	o.more(all - len(effects))
}

func (o *planWriter) effectTint(e *forecast.Effect) func(...any) string {
	switch e.What {
	case forecast.Begins:
		return o.paint.green
	case forecast.Ends:
		return o.paint.red
	}
	return o.paint.yellow
}

// salesOf counts the sales that begin, end and change: "1 begins (first charge on 2027-01-15), 2 change".
func salesOf(m *forecast.Impact, c *forecast.Currency) string {
	text := ""
	add := func(n int, one, many, about string) {
		if n == 0 {
			return
		}
		if text != "" {
			text += ", "
		}
		text += plural(n, one, many) + about
	}
	first := ""
	if c.First != "" {
		first = " (first charge on " + c.First
		if later(m, c.First) {
			first += ", after those 12 months"
		}
		first += ")"
	}
	add(c.Begins, "begins", "begin", first)
	add(c.Ends, "ends", "end", "")
	add(c.Changes, "changes", "change", "")
	return text
}

// more counts what a list leaves out.
func (o *planWriter) more(n int) {
	if n > 0 {
		o.line(o.paint.faint("  and " + strconv.Itoa(n) + " more"))
	}
}

// unknown lists the sales that are in no sum.
func (o *planWriter) unknown(m *forecast.Impact) {
	list, changed := unknownFirst(m)
	if len(list) == 0 {
		return
	}
	o.line("")
	head := "In no sum: " + plural(len(list), "sale", "sales")
	switch {
	case changed == len(list):
		head += o.paint.yellow(", changed by this plan")
	case changed > 0:
		head += o.paint.yellow(", " + strconv.Itoa(changed) + " of them changed by this plan")
	}
	o.line(head)
	shown, wide := list[:min(len(list), mostUnknown)], 0
	for _, u := range shown {
		wide = max(wide, utf8.RuneCountInString(safe(u.Sale)))
	}
	for _, u := range shown {
		o.line(fmt.Sprintf("  %-*s  %s", min(wide, 40), safe(u.Sale), safeLine(u.Reason)))
	}
	o.more(len(list) - mostUnknown)
}

// readings lists those that decide something of the sums.
func (o *planWriter) readings(m *forecast.Impact) {
	o.line("")
	for _, r := range m.Readings {
		o.line(fmt.Sprintf("Reading %s: %s, for %s; another reading would give other days", safe(r.Rule), safe(r.Word), plural(r.Sales, "sale", "sales")))
	}
}

// expires says until when the plan can be applied.
func (o *planWriter) expires(p *plan.Plan) {
	day, list := validThrough(p), p.Expiries
	if day == "" {
		return
	}
	o.line("")
	if o.style.Today > day {
		o.line(o.paint.yellow("Could be applied until " + safe(day) + ", 24:00 in Istanbul; that has passed. Moka refuses"))
	} else {
		o.line("Can be applied until " + safe(day) + ", 24:00 in Istanbul. From then on Moka refuses")
	}
	shown, wide := list[:min(len(list), mostExpiries)], 0
	for _, e := range shown {
		wide = max(wide, len(e.Address.String()))
	}
	for _, e := range shown {
		o.line(fmt.Sprintf("  %-*s  from %s on (%s %s)", min(wide, 40), e.Address, safe(dayAfter(e.Day)), e.Field, safe(e.Day)))
	}
	o.more(len(list) - mostExpiries)
}

// guards lists the broken ones, and how apply treats the plan.
func (o *planWriter) guards(p *plan.Plan) {
	if len(p.Guards) == 0 {
		return
	}
	o.line("")
	o.line(o.paint.yellow("Broken guards: apply refuses this plan"))
	for _, g := range p.Guards {
		o.line(o.paint.yellow("  guard "+safe(g.Guard)+": "+safeLine(g.Message)) + " (" + safe(g.At) + ")")
	}
	o.line("  To apply this plan, and no other, all the same:")
	for _, flag := range waivers(p) {
		o.line("    " + safeLine(flag))
	}
}
