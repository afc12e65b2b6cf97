package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"math/big"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func htmlOf(t failer, f *Forecast) string {
	t.Helper()
	var b bytes.Buffer
	if err := ForecastHTML(&b, f); err != nil {
		t.Fatalf("%v", err)
	}
	return b.String()
}

// pageParts are all elements of which a page is made, and their attributes. None loads, runs or sends anything.
var pageParts = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "header": "", "nav": "aria-label", "main": "", "section": "id",
	"h1": "", "h2": "", "h3": "", "p": "class", "dl": "class", "dt": "", "dd": "", "div": "class tabindex role aria-label style", "ul": "class", "li": "", "a": "href", "span": "class", "bdi": "", "br": "",
	"figure": "", "figcaption": "", "table": "class", "thead": "", "tbody": "", "tfoot": "", "tr": "", "th": "scope class", "td": "class",
	"svg": "class width height x y role aria-label aria-hidden style", "rect": "class x y width height", "line": "x1 x2 y1 y2", "text": "class x dx y",
}

// element is a part of a page as a parser reads it.
type element struct {
	name       string
	attributes map[string]string
	parts      []*element
	text       string // of it and all its parts
}

// readPage reads a page, which is written so that it is well-formed XML too, and fails at what is not among pageParts.
func readPage(t failer, page string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	open := []*element{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return open[0]
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: map[string]string{}}
			known, allowed := pageParts[e.name]
			if !allowed {
				t.Fatalf("the page has an element %s:\n%s", e.name, page)
			}
			for _, a := range token.Attr {
				if !slices.Contains(strings.Fields(known), a.Name.Local) {
					t.Fatalf("a %s of the page has an attribute %s:\n%s", e.name, a.Name.Local, page)
				}
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
					t.Fatalf("the page leads to %s", a.Value)
				}
				e.attributes[a.Name.Local] = a.Value
			}
			parent := open[len(open)-1]
			parent.parts = append(parent.parts, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(token)
			}
		case xml.Comment, xml.ProcInst:
			t.Fatalf("the page has a %T:\n%s", token, page)
		}
	}
}

// all gives the elements of a name in the order of the page, those inside of others too.
func (e *element) all(name string) (out []*element) {
	for _, part := range e.parts {
		if part.name == name {
			out = append(out, part)
		}
		out = append(out, part.all(name)...)
	}
	return out
}

func (e *element) cells() (out []string) {
	for _, part := range e.parts {
		out = append(out, strings.Join(strings.Fields(part.text), " "))
	}
	return out
}

// TestForecastPage holds a page with something in each of its parts against testdata/forecast.html.
func TestForecastPage(t *testing.T) {
	page := htmlOf(t, aStudio())
	readPage(t, page)
	golden(t, filepath.Join("testdata", "forecast.html"), page)
	if !IsForecastPage([]byte(page[:200])) || IsForecastPage([]byte("<!DOCTYPE html>\n<html lang=\"en\">\n")) {
		t.Error("a page is not known by its beginning")
	}
	if again := htmlOf(t, aStudio()); again != page {
		t.Error("the same forecast gives other bytes")
	}
}

// What is empty says so.
func TestForecastPageOfNothing(t *testing.T) {
	page := htmlOf(t, forecastOf("2027-01-01", "2027-12-31"))
	for _, want := range []string{"Nothing is charged in these days.", "No sale begins.", "No sale ends: no end date falls in the period.", "No sale: it is known of each when it is charged."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if svgs := readPage(t, page).all("svg"); len(svgs) != 0 {
		t.Errorf("an empty page has %d drawings", len(svgs))
	}
}

func drawForecast(t *rapid.T) *Forecast {
	var sales []forecast.Sale
	for i := range rapid.IntRange(0, 40).Draw(t, "sales") {
		s := forecast.Sale{
			Name: fmt.Sprintf("sale-%d", i), Kurus: rapid.OneOf(rapid.Int64Range(1, 1_000_000), rapid.Int64Range(1<<62, 1<<63-1)).Draw(t, "kurus"),
			Currency: rapid.SampledFrom([]string{"TL", "USD", "EUR"}).Draw(t, "currency"), Product: rapid.SampledFrom(strings.Split("|a|b|c|d|e|f|g|h|i|j|k", "|")).Draw(t, "product"),
		}
		if rapid.Bool().Draw(t, "scheduled") {
			s.Rhythm = &calendar.Rhythm{Frequency: "weekly", Every: rapid.IntRange(1, 9).Draw(t, "every"), Days: []string{"friday"}, Begin: drawIn2027(t, "begin")}
		}
		for range rapid.IntRange(0, 2).Draw(t, "steps") {
			s.Steps = append(s.Steps, forecast.Step{Day: drawIn2027(t, "day"), Kurus: rapid.Int64Range(1, 1000).Draw(t, "step"), Currency: rapid.SampledFrom([]string{"TL", "USD"}).Draw(t, "in")})
		}
		sales = append(sales, s)
	}
	return forecastOf(drawIn2027(t, "from"), drawIn2027(t, "to"), sales...)
}

func drawIn2027(t *rapid.T, name string) string {
	return fmt.Sprintf("2027-%02d-%02d", rapid.IntRange(1, 12).Draw(t, name+" month"), rapid.IntRange(1, 28).Draw(t, name+" day"))
}

// Every charge is counted once: a month's parts make its total, which is what forecast.Months says, and the months make the currency's.
func TestForecastPageCountsEachChargeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawForecast(t)
		want := map[string]forecast.Month{}
		for _, m := range forecast.Months(f.charges()) {
			want[m.Currency+m.Month] = m
		}
		for _, section := range readPage(t, htmlOf(t, f)).all("section") {
			if !strings.HasPrefix(section.attributes["id"], "currency-") {
				continue
			}
			currency := section.all("h2")[0].text
			var all forecast.Money
			charges := 0
			table := section.all("table")[0]
			for _, row := range table.all("tbody")[0].all("tr") {
				cells := row.cells()
				m := want[currency+cells[0][:len("2027-01")]]
				delete(want, currency+m.Month)
				if cells[1] != withCommas(m.Total) || cells[2] != digits(m.Charges) || partsOf(t, cells[3:]).Compare(m.Total) != 0 {
					t.Fatalf("%s in %s is %s, want %s in %d charges", cells[0], currency, cells, m.Total, m.Charges)
				}
				all.AddMoney(m.Total)
				charges += m.Charges
			}
			foot := table.all("tfoot")[0].all("tr")[0].cells()
			if foot[1] != withCommas(all) || foot[2] != digits(charges) || partsOf(t, foot[3:]).Compare(all) != 0 {
				t.Fatalf("%s in all is %s, want %s in %d charges", currency, foot, all, charges)
			}
		}
		if len(want) > 0 {
			t.Fatalf("the page lacks %v", want)
		}
	})
}

func partsOf(t failer, cells []string) (sum forecast.Money) {
	t.Helper()
	for _, cell := range cells {
		var m forecast.Money
		if cell == "–" {
			continue
		}
		if err := m.UnmarshalText([]byte(strings.ReplaceAll(cell, ",", ""))); err != nil {
			t.Fatalf("%v", err)
		}
		sum.AddMoney(m)
	}
	return sum
}

// Whatever names, products, currencies and reasons hold, they stay text.
func FuzzForecastPage(f *testing.F) {
	for _, text := range []string{
		"", "</script><img src=x onerror=alert(1)>", "</title><svg/onload=alert(1)>", "</style><script>", `"><a href="https://example.com">`, "--><!--", "<![CDATA[", "&lt;b&gt;&#x3c;", "'}*{background:url(x)}",
		"İğdır ve Çeşme şubeleri için yıllık üyelik, ğüşıöç, " + strings.Repeat("çok uzun ", 60), "עברית مرحبا", "a\u202eb\u2066c", "\x00\x1b[31m\r\n\t", "\xff\xfe", "{{.}}", "`${x}`", "\u2028\ufeff\U000e0001",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		days := &calendar.Rhythm{Frequency: "daily", Every: 9, Begin: "2027-01-03", End: "2027-02-20"}
		page := forecastOf("2027-01-01", "2027-02-28",
			forecast.Sale{Name: text, Product: text, Kurus: 100, Currency: text, Rhythm: days},
			forecast.Sale{Name: text, Product: text, Unknown: text + "x"},
			forecast.Sale{Name: "odd", Product: "b", Kurus: 100, Currency: "TL", Rhythm: &calendar.Rhythm{Frequency: "monthly", Days: []string{"1", text}, Begin: "2027-01-01"}},
		)
		page.Endpoint, page.Dealer, page.Partial = text, text, text
		root := readPage(t, htmlOf(t, page))
		for _, e := range root.all("bdi") {
			if !isPlain(e.text) && !strings.HasPrefix(e.text, `"`) {
				t.Errorf("the page shows %q", e.text)
			}
		}
		want := 4 + 2 // of the two currencies
		if text == "TL" {
			want--
		}
		if got := len(root.all("section")); got != want {
			t.Errorf("the page has %d sections, want %d", got, want)
		}
	})
}

// redated gives a forecast's charges, with another day of the first one, or at -1 of the last.
func redated(f *Forecast, at int, day string) iter.Seq[forecast.Charge] {
	charges := slices.Collect(f.Charges)
	charges[(at+len(charges))%len(charges)].Date = day
	return slices.Values(charges)
}

// A charge or a period whose days are none gives an error, never a wrong sum.
func TestForecastPageRefuses(t *testing.T) {
	for what, spoil := range map[string]func(*Forecast){
		"a charge before the period":   func(f *Forecast) { f.Charges = redated(f, 0, "2026-11-20") },
		"a charge after the period":    func(f *Forecast) { f.Charges = redated(f, -1, "2027-11-21") },
		"a charge on no day":           func(f *Forecast) { f.Charges = redated(f, 0, "soon") },
		"a period without beginning":   func(f *Forecast) { f.From = "" },
		"a period that ends on a 31st": func(f *Forecast) { f.To = "2027-11-31" },
	} {
		f := aStudio()
		spoil(f)
		if err := ForecastHTML(io.Discard, f); err == nil {
			t.Errorf("%s makes a page", what)
		}
	}
}

// However many sales there are, a page stays short: lists are cut, and say by how much.
func TestForecastPageStaysShort(t *testing.T) {
	f := aChain("2027-01-01", "2036-12-31", 3000, 30, "TL", "USD", "EUR")
	page := htmlOf(t, f)
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	root := readPage(t, page)
	for _, table := range root.all("table") {
		if n := len(table.all("tr")); n > 1+120+1 {
			t.Errorf("a table has %d rows", n)
		}
	}
	for _, want := range []string{"… and 980 smaller sales.", "more that begin.", "… and 550 more that end."} {
		if !strings.Contains(root.text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(root.text, "others (2 products)") {
		t.Error("the smaller products are not counted")
	}
}

// A sale begins if its first charge ever is in the period, and ends if its end date is.
func TestForecastPageTurns(t *testing.T) {
	f := forecastOf("2027-01-10", "2027-03-09",
		onDay(15, "began-before", "", 100, "TL", "2026-12-01", ""),
		onDay(15, "begins-by-its-schedule", "", 100, "TL", "2027-01-01", ""), // its begin date lies before, its first charge in the period
		onDay(20, "begins-and-ends", "", 100, "TL", "2027-01-12", "2027-03-01"),
		onDay(20, "begins-later", "", 100, "TL", "2027-03-01", ""),
		onDay(5, "ends-without-a-charge", "", 100, "TL", "2026-01-12", "2027-01-12"),
		onDay(5, "ends-later", "", 100, "TL", "2026-01-12", "2027-03-10"),
		forecast.Sale{Name: "begins-by-hand", Steps: []forecast.Step{{Day: "2027-02-01", Kurus: 1, Currency: "TL"}}},
	)
	root := readPage(t, htmlOf(t, f))
	got := map[string][]string{}
	for _, section := range root.all("section") {
		for _, row := range section.all("tbody") {
			for _, tr := range row.all("tr") {
				got[section.attributes["id"]] = append(got[section.attributes["id"]], strings.Join(tr.cells(), "|"))
			}
		}
	}
	for id, want := range map[string]string{
		"begins": "2027-01-15|begins-by-its-schedule|(none)|every month on the 15th|1.00 TL|open-ended\n" +
			"2027-01-20|begins-and-ends|(none)|every month on the 20th|1.00 TL|2027-03-01\n" +
			"2027-02-01|begins-by-hand|(none)|by hand|0.01 TL|last step known 2027-02-01",
		"ends": "none in the period|2027-01-12|ends-without-a-charge|(none)|every month on the 5th|1.00 TL\n" +
			"2027-02-20|2027-03-01|begins-and-ends|(none)|every month on the 20th|1.00 TL",
	} {
		if rows := strings.Join(got[id], "\n"); rows != want {
			t.Errorf("%s:\n%s\nwant\n%s", id, rows, want)
		}
	}
}

// What is summed by a label is summed over all months, each currency by itself.
func TestForecastPageGroups(t *testing.T) {
	f := aStudio()
	f.By, f.Groups = "label:city", []forecast.Group{
		{Group: "", Month: "2027-01", Currency: "TL", Total: lira("10.00"), Charges: 1}, {Group: "", Month: "2027-02", Currency: "TL", Total: lira("1000.00"), Charges: 2},
		{Group: "İzmir", Month: "2027-01", Currency: "TL", Total: lira("5.00"), Charges: 3}, {Group: "İzmir", Month: "2027-01", Currency: "USD", Total: lira("7.00"), Charges: 4},
	}
	var got []string
	for _, section := range readPage(t, htmlOf(t, f)).all("section") {
		if section.attributes["id"] == "groups" {
			for _, row := range section.all("tbody")[0].all("tr") {
				got = append(got, strings.Join(row.cells(), "|"))
			}
		}
	}
	if want := []string{"(none)|1,010.00|TL|3", "İzmir|5.00|TL|3", "İzmir|7.00|USD|4"}; !slices.Equal(got, want) {
		t.Errorf("the groups are %q, want %q", got, want)
	}
}

// The bars are as high as their sums, and no part of one lies outside of the plot.
func TestForecastPageBars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawForecast(t)
		sums, err := sumForecast(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range sums.currencies {
			drawn := sums.chart(c)
			highest := slices.MaxFunc(c.months, func(a, b monthSum) int { return a.total.Compare(b.total) })
			if a := axisOf(highest.total); a.pixels(highest.total.Kurus()) < 0 || a.pixels(highest.total.Kurus()) > plotHeight*50 {
				t.Fatalf("the highest bar begins at %d of %d", a.pixels(highest.total.Kurus()), plotHeight*100)
			}
			for i, bar := range drawn.Bars {
				at := float64(plotHeight)
				for _, part := range bar.Parts {
					y, height := lengthOf(t, part.Y), lengthOf(t, part.Height)
					if diff := at - y - height; diff > 0.001 || diff < -0.001 || y < 0 || height <= 0 {
						t.Fatalf("month %d: a part from %s, %s high, follows on %v", i, part.Y, part.Height, at)
					}
					at = y
				}
				if (bar.Total == "0") != (c.months[i].charges == 0) {
					t.Fatalf("month %d of %d charges says %s", i, c.months[i].charges, bar.Total)
				}
			}
		}
	})
}

func lengthOf(t failer, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return n
}

// An axis has at most four steps, each round, and says them in few characters.
func TestForecastAxis(t *testing.T) {
	for _, row := range []struct{ highest, want string }{
		{"0.01", "0 0.01"}, {"0.04", "0 0.01 0.02 0.03 0.04"}, {"0.05", "0 0.02 0.04 0.06"}, {"1.99", "0 0.50 1 1.50 2"}, {"149.90", "0 50 100 150"}, {"1824.60", "0 500 1,000 1,500 2,000"},
		{"9999.99", "0 5,000 10k"}, {"250000.00", "0 100k 200k 300k"}, {"1500000.00", "0 500k 1M 1.5M"}, {"7000000000.00", "0 2bn 4bn 6bn 8bn"}, {"92233720368547758.07", "0 50,000tn 100,000tn"},
	} {
		a := axisOf(lira(row.highest))
		var labels []string
		for i := range a.steps + 1 {
			labels = append(labels, axisLabel(new(big.Int).Mul(a.step, big.NewInt(int64(i)))))
		}
		if got := strings.Join(labels, " "); got != row.want {
			t.Errorf("up to %s the axis has %s, want %s", row.highest, got, row.want)
		}
	}
}
