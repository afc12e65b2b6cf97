package render

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

//go:embed forecast_html.tmpl forecast_html.css
var forecastFiles embed.FS

// forecastTemplate is parsed when it is asked for: few commands do.
var forecastTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").ParseFS(forecastFiles, "forecast_html.tmpl", "forecast_html.css"))
})

// How many rows the lists of a page have; what is left out is counted.
const (
	biggestSales = 20 // of each currency
	listedSales  = 50
	listedGroups = 200
)

// ForecastHTML writes a forecast as one HTML page that needs nothing else: no network, no script, no font of its own. The same forecast gives the same bytes.
// Amounts are exact; nothing is summed across currencies. The error is the writer's, or tells of a charge or a period whose days are none.
func ForecastHTML(w io.Writer, f *Forecast) error {
	sums, err := sumForecast(f)
	if err != nil {
		return err
	}
	return forecastTemplate().ExecuteTemplate(w, "forecast_html.tmpl", htmlPageOf(f, sums))
}

// forecastMark is what the page of a forecast begins with, and no other one.
const forecastMark = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"generator\" content=\"mokasync forecast\"/>\n"

// IsForecastPage reports whether a file that begins so is a page that ForecastHTML wrote. It wants to see the first 200 bytes.
func IsForecastPage(head []byte) bool { return bytes.HasPrefix(head, []byte(forecastMark)) }

// forecastPage is what the template shows. Its texts are as visible gives them, ready to be escaped.
type forecastPage struct {
	Endpoint, Dealer, Partial string
	From, To                  string
	// PartMonths tells of months of which the period covers a part, "" for none.
	PartMonths   string
	Sales        string // counts them, in words
	Orphans      string // counts those that are in no manifest any more, "" for none
	Currencies   []currencySection
	Groups       *groupList // nil where none were asked for
	Begins, Ends saleList
	Unknown      saleList
	Readings     []readingRow
}

// currencySection is all that is said of one currency.
type currencySection struct {
	Number               int // from 1, in the order of the page
	Currency             string
	Total, Charges, Mean string
	Products             []productRow
	Chart                *chart // nil where there is nothing to draw
	Months               []monthRow
	Biggest              []saleRow
	Rest                 string // counts the sales that are not among the biggest, "" for none
}

// productRow is a part of the stacked bars. Class is its colour's number; 0 is that of all others.
type productRow struct {
	Class int
	label
	Total string
}

// label is a name from a manifest, or, where there is none, words of our own.
type label struct{ Name, Words string }

type monthRow struct {
	Month, Part    string // "2027-01", and which part of it, "" for all
	Total, Charges string
	Cells          []string // by product, in the order of the columns
}

// saleRow is a line of a list of sales; each list shows some of it.
type saleRow struct {
	Name, Product label
	Schedule      string // in words
	Amounts       []string
	Total         string
	First, Last   string // days
	End           string // a day, or words
	LastStep      string // a day, of a sale that is charged by steps alone: it has no end of its own, more may come
	Reason        string
}

// saleList is a list that is cut. Rest counts what is not in it, "" for nothing.
type saleList struct {
	Count string // in words
	Rows  []saleRow
	Rest  string
}

// groupList is a list of sums that is cut, as saleList is.
type groupList struct {
	By   string
	Rows []groupRow
	Rest string
}

type groupRow struct {
	label
	Currency, Total, Charges string
}

type readingRow struct {
	Rule, Word, Meaning string
	Default             bool
	Touches             string // counts the sales that the rule's other word would charge on other days
}

func htmlPageOf(f *Forecast, sums *forecastSums) *forecastPage {
	p := &forecastPage{
		Endpoint: visible(f.Endpoint), Dealer: visible(cmp.Or(f.Dealer, "not known")), From: f.From, To: f.To, PartMonths: partMonths(sums.from, sums.to),
		Sales: sums.counts(f),
	}
	if f.Partial != "" {
		p.Partial = visible(f.Partial)
	}
	for i, c := range sums.currencies {
		p.Currencies = append(p.Currencies, sums.section(i+1, c))
	}
	p.Groups = groupsOf(f)
	p.Begins, p.Ends, p.Unknown = sums.begins(f), sums.ends(f), unknownOf(f)
	if f.Orphans > 0 {
		p.Orphans = many(f.Orphans, "sale is", "sales are") + " in no manifest any more, and counted in"
	}
	p.Readings = readingsOf(f)
	return p
}

// readingsOf gives all rules, also those on which nothing rests here.
func readingsOf(f *Forecast) (out []readingRow) {
	touched := map[string]int{}
	for _, m := range forecast.Matters(f.Sales, forecast.Span{Reading: f.Reading, From: f.From, To: f.To}) {
		touched[m.Rule] = m.Sales
	}
	for _, rule := range calendar.Rules() {
		word, touches := f.Reading.Word(rule), "no sale"
		if n := touched[rule.Name]; n > 0 {
			touches = many(n, "sale", "sales")
		}
		out = append(out, readingRow{rule.Name, word, rule.Meaning, word == rule.Words[0], touches})
	}
	return out
}

// section says all of a currency.
func (s *forecastSums) section(number int, c *currencySums) currencySection {
	out := currencySection{Number: number, Currency: visible(c.currency), Total: withCommas(c.total), Charges: digits(c.charges)}
	if n := wholeMonths(s.from, s.to); n > 0 {
		out.Mean = withCommas(c.total.Mean(int64(n)))
	}
	for i, p := range c.parts {
		out.Products = append(out.Products, productRow{Class: p.class, label: c.labelOf(i), Total: withCommas(p.total)})
	}
	out.Chart = s.chart(c)
	for i, m := range c.months {
		row := monthRow{Month: s.months[i], Part: s.partOf(i), Total: withCommas(m.total), Charges: digits(m.charges)}
		for _, cell := range m.parts {
			row.Cells = append(row.Cells, nothingOr(cell))
		}
		out.Months = append(out.Months, row)
	}
	for _, sale := range c.sales[:min(biggestSales, len(c.sales))] {
		out.Biggest = append(out.Biggest, sale.row())
	}
	if more := len(c.sales) - biggestSales; more > 0 {
		out.Rest = "and " + many(more, "smaller sale", "smaller sales")
	}
	return out
}

// counts tells of the sales how many there are: each is charged, or not charged, in the period, or not known.
func (s *forecastSums) counts(f *Forecast) string {
	charged, idle, unknown := 0, 0, 0
	for i := range f.Sales {
		switch {
		case f.Sales[i].Unknown != "":
			unknown++
		case len(s.bySale[f.Sales[i].Name]) > 0:
			charged++
		default:
			idle++
		}
	}
	if charged > 0 && charged == len(f.Sales) {
		return digits(charged) + ", all charged in these days"
	}
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{{charged, "charged in these days"}, {idle, "not charged in them"}, {unknown, "not known"}} {
		if part.n > 0 {
			parts = append(parts, digits(part.n)+" "+part.text)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return digits(len(f.Sales)) + ": " + strings.Join(parts, ", ")
}
