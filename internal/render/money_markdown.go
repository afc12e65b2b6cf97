package render

import (
	"strings"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
)

// guardAlert is the box about broken guards, "" where none is. There are no more guards than mokasync.yaml has keys, so that all of them are told.
func guardAlert(p *plan.Plan) string {
	if len(p.Guards) == 0 {
		return ""
	}
	flags := waivers(p)
	unless := "unless each of them is waived for it."
	if len(flags) == 1 {
		unless = "unless it is waived for it."
	}
	text := alert("WARNING", many(len(flags), "guard is broken:", "guards are broken:"), "apply refuses this plan, "+unless)
	text = strings.TrimSuffix(text, "\n") + ">\n"
	for _, g := range p.Guards {
		text += "> - " + code(g.Guard) + ": " + sentence(g.Message) + " (" + code(g.At) + ")\n"
	}
	for i, f := range flags {
		flags[i] = code(f)
	}
	return text + ">\n> To apply this plan, and no other, all the same:<br>" + strings.Join(flags, "<br>") + "\n\n"
}

// moneyHead says first on a page what a plan means for the charges, and until when it can be applied. Every list is cut, so that what it takes is bounded: it is not what is left out for want of room.
func moneyHead(p *plan.Plan) string {
	text := ""
	if m := p.Money; m != nil {
		text += sumsTable(m) + biggestTable(m) + unknownTable(m)
		if decides(m) {
			text += readingsLine(m)
		}
	}
	if text != "" {
		text = "### Money\n\n" + text
	}
	return text + validLine(p)
}

func sumsTable(m *forecast.Impact) string {
	if len(m.Currencies) == 0 {
		return ""
	}
	text := numbersTable("Currency", "Per month before", "after", "Difference", "Next 30 days", "Next 90 days")
	var moves []string
	for i := range m.Currencies {
		c := &m.Currencies[i]
		text += tableRow([]string{
			code(c.Currency), withCommas(c.Before), withCommas(c.After), "**" + difference(c.Before, c.After, withCommas) + "**",
			many(c.Charges30, "charge", "charges"), many(c.Charges90, "charge", "charges"),
		})
		if sales := salesOf(m, c); sales != "" {
			moves = append(moves, code(c.Currency)+": "+sentence(sales))
		}
	}
	text += "\nPer month is the mean of the 12 months from " + monthsFrom(m) + "; the charges are those after the change, from " + m.Today + " on.\n\n"
	if len(moves) == 0 {
		return text + "No sale begins, ends or changes.\n\n"
	}
	return text + "Sales in " + strings.Join(moves, "; in ") + ".\n\n"
}

// numbersTable is the head of a table whose first column is text and whose others are numbers.
func numbersTable(columns ...string) string {
	return "| " + strings.Join(columns, " | ") + " |\n|---|" + strings.Repeat("--:|", len(columns)-1) + "\n"
}

// biggestTable folds what changes most.
func biggestTable(m *forecast.Impact) string {
	rows, shown, all := "", 0, 0
	for i := range m.Currencies {
		c := &m.Currencies[i]
		effects, n := effectsIn(m, c)
		shown, all = shown+len(effects), all+n
		for j := range effects {
			e := &effects[j]
			about := e.What + ", " + daysOf(e)
			if often := oftenOf(e); often != "" {
				about += ", " + often
			}
			rows += tableRow([]string{
				code(e.Sale), difference(e.Before, e.After, withCommas), withCommas(e.Before) + " → " + withCommas(e.After) + " " + code(e.Currency), sentence(about),
			})
		}
	}
	if rows == "" {
		return ""
	}
	summary := many(all, "sale", "sales") + " by what changes most"
	if shown < all {
		summary = "The " + digits(shown) + " of " + digits(all) + " sales that change most"
	}
	head := "| Sale | Difference | Per month | Charges |\n|---|--:|--:|---|\n"
	return foldOpens + summary + "</summary>\n\n" + head + rows + foldCloses + "\n"
}

// unknownTable lists the sales that are in no sum; they are folded if the plan leaves them as they are.
func unknownTable(m *forecast.Impact) string {
	list, changed := unknownFirst(m)
	if len(list) == 0 {
		return ""
	}
	table := "| Sale | Why |\n|---|---|\n"
	for _, u := range list[:min(len(list), mostUnknown)] {
		table += tableRow([]string{code(u.Sale), sentence(u.Reason)})
	}
	if n := len(list) - mostUnknown; n > 0 {
		table += "\nand " + digits(n) + " more\n"
	}
	head := many(len(list), "sale is", "sales are") + " in no sum"
	switch changed {
	case 0:
		return foldOpens + head + "</summary>\n\n" + table + foldCloses + "\n"
	case len(list):
		head = "**" + many(changed, "sale, which this plan changes, is", "sales, which this plan changes, are") + " in no sum**"
	default:
		head = "**" + head + "**, " + digits(changed) + " of which this plan changes"
	}
	return "⚠️ " + head + ": what that means in money is not known here.\n\n" + table + "\n"
}

func readingsLine(m *forecast.Impact) string {
	var parts []string
	for _, r := range m.Readings {
		parts = append(parts, code(r.Rule+": "+r.Word)+" for "+many(r.Sales, "sale", "sales"))
	}
	return "What Moka's documentation leaves open is read as " + strings.Join(parts, ", ") + ". Another reading would give other days.\n\n"
}

// validLine says until when the plan can be applied.
func validLine(p *plan.Plan) string {
	day, list := validThrough(p), p.Expiries
	if day == "" {
		return ""
	}
	text := "Can be applied until **" + code(day) + "**, 24:00 in Istanbul. From then on Moka refuses"
	if len(list) == 1 {
		return text + " " + code(list[0].Address.String()) + " (" + list[0].Field + " " + code(list[0].Day) + ").\n\n"
	}
	text += ":\n\n"
	for _, e := range list[:min(len(list), mostExpiries)] {
		text += "- " + code(e.Address.String()) + " from " + code(dayAfter(e.Day)) + " on (" + e.Field + " " + code(e.Day) + ")\n"
	}
	if n := len(list) - mostExpiries; n > 0 {
		text += "- and " + digits(n) + " more\n"
	}
	return text + "\n"
}
