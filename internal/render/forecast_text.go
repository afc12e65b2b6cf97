package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/forecast"
)

// ForecastText writes a forecast for people: what is charged in each month, or the next payments of one sale; then what is not known, and on which readings it rests.
func ForecastText(w io.Writer, f *Forecast, s Style) error {
	out := &forecastWriter{w: bufio.NewWriter(w), paint: s.paint()}
	out.line(out.paint.bold(title("forecast", f.Endpoint, f.Dealer)))
	if f.Partial != "" {
		out.line(out.paint.yellow("This is a part only: " + safeLine(f.Partial)))
	}
	if f.Sale != "" {
		out.next(f)
	} else {
		out.months(f)
		out.groups(f)
	}
	out.unknown(f)
	out.readings(f)
	return out.w.Flush()
}

type forecastWriter struct {
	w     *bufio.Writer
	paint paint
}

func (o *forecastWriter) line(s string) { fmt.Fprintln(o.w, strings.TrimRight(s, " ")) }

// next tells the next payments of one sale.
func (o *forecastWriter) next(f *Forecast) {
	charges := slices.Collect(f.charges())
	switch {
	case len(charges) == 0 && len(f.unknown()) > 0:
		return
	case len(charges) == 0:
		o.line(fmt.Sprintf("%s is not charged %sfrom %s on.", safe(f.Sale), f.sight(), f.From))
		return
	}
	o.line(fmt.Sprintf("The next %s of %s from %s on:", strings.TrimPrefix(plural(len(charges), "charge", "charges"), "1 "), safe(f.Sale), f.From))
	wide := 0
	for _, c := range charges {
		wide = max(wide, len(amountText(c.Kurus)))
	}
	for _, c := range charges {
		o.line(fmt.Sprintf("  %s  %*s %s", c.Date, wide, amountText(c.Kurus), c.Currency))
	}
	if len(charges) < f.Next {
		o.line(strings.TrimRight("These are all "+f.sight(), " ") + ".")
	}
}

// sight is how far the next payments of one sale were looked for, "" for up to its end.
func (f *Forecast) sight() string {
	if len(f.Sales) == 1 && !f.Sales[0].InSight(f.From) {
		return "within fifty years "
	}
	return ""
}

// months tells the sums of each month, with those in which nothing is charged.
func (o *forecastWriter) months(f *Forecast) {
	sales := map[string]bool{}
	n := 0
	for c := range f.charges() {
		sales[c.Sale] = true
		n++
	}
	if n == 0 {
		o.line(fmt.Sprintf("Nothing is charged from %s to %s.", f.From, f.To))
	} else {
		o.line(fmt.Sprintf("From %s to %s: %s of %s.", f.From, f.To, plural(n, "charge", "charges"), plural(len(sales), "sale", "sales")))
	}
	if f.Orphans > 0 {
		o.line(plural(f.Orphans, "sale is", "sales are") + " not in the manifests and counted in: what is at Moka goes on charging until it is deleted.")
	}
	if n == 0 {
		return
	}
	byMonth := map[string][]forecast.Month{}
	sums := &sums{}
	for _, m := range forecast.Months(f.charges()) {
		byMonth[m.Month] = append(byMonth[m.Month], m)
		sums.add(m)
	}
	t := &moneyTable{currencies: sums.currencies(), heads: []string{"Month"}}
	for month := range monthsBetween(f.From, f.To) {
		t.row(byMonth[month], month)
	}
	t.row(sums.all(), "all")
	if part := partMonthsOf(f); part != "" {
		o.line("Months covered in part: " + part + ".")
	}
	o.table(t)
}

// partMonthsOf names the months of which a forecast covers a part, "" for none.
func partMonthsOf(f *Forecast) string {
	from, err := time.Parse(time.DateOnly, f.From)
	to, errTo := time.Parse(time.DateOnly, f.To)
	if err != nil || errTo != nil {
		return ""
	}
	return partMonths(from, to)
}

// groups tells the sums of each month for each group.
func (o *forecastWriter) groups(f *Forecast) {
	if len(f.Groups) == 0 {
		return
	}
	type key struct{ group, month string }
	at, order, all := map[key][]forecast.Month{}, []key{}, &sums{}
	for _, g := range f.Groups {
		k := key{g.Group, g.Month}
		if at[k] == nil {
			order = append(order, k)
		}
		m := forecast.Month{Month: g.Month, Currency: g.Currency, Total: g.Total, Charges: g.Charges}
		at[k] = append(at[k], m)
		all.add(m)
	}
	t := &moneyTable{currencies: all.currencies(), heads: []string{"By " + safeLine(f.By), "Month"}}
	for i, k := range order {
		t.row(at[k], safe(groupName(k.group)), k.month)
		if i+1 == len(order) || order[i+1].group != k.group {
			sum := &sums{}
			for j := i; j >= 0 && order[j].group == k.group; j-- {
				for _, m := range at[order[j]] {
					sum.add(m)
				}
			}
			t.row(sum.all(), safe(groupName(k.group)), "all")
		}
	}
	o.table(t)
}

func (o *forecastWriter) unknown(f *Forecast) {
	rows := f.unknown()
	if len(rows) == 0 {
		return
	}
	if f.Sale == "" {
		o.line("")
		head := plural(len(rows), "sale is", "sales are") + " in no sum, since it is not known when "
		if len(rows) == 1 {
			head += "it is charged:"
		} else {
			head += "they are charged:"
		}
		o.line(o.paint.yellow(head))
	}
	for _, r := range rows {
		o.line(o.paint.yellow("  " + safe(r.Sale) + ": " + safeLine(r.Reason)))
	}
}

// readings tells on which readings of what the documentation leaves open the charges rest.
func (o *forecastWriter) readings(f *Forecast) {
	to := f.To
	if f.Sale != "" && len(slices.Collect(f.charges())) < f.Next { // where it ends is told too
		for i := range f.Sales {
			if r := f.Sales[i].Rhythm; r != nil {
				to = max(to, r.End)
			}
		}
	}
	matters := forecast.Matters(f.Sales, forecast.Span{Reading: f.Reading, From: f.From, To: to})
	if len(matters) == 0 {
		return
	}
	o.line("")
	for _, m := range matters {
		o.line(fmt.Sprintf("Reading %s: %s, for %s; another reading would give other days", m.Rule, m.Word, plural(m.Sales, "sale", "sales")))
	}
}

// sums are what is charged in each currency.
type sums struct{ by map[string]*forecast.Month }

func (s *sums) add(m forecast.Month) {
	if s.by == nil {
		s.by = map[string]*forecast.Month{}
	}
	if s.by[m.Currency] == nil {
		s.by[m.Currency] = &forecast.Month{Currency: m.Currency}
	}
	s.by[m.Currency].Total.AddMoney(m.Total)
	s.by[m.Currency].Charges += m.Charges
}

func (s *sums) currencies() []string { return slices.Sorted(maps.Keys(s.by)) }

func (s *sums) all() []forecast.Month {
	var out []forecast.Month
	for _, currency := range s.currencies() {
		out = append(out, *s.by[currency])
	}
	return out
}

// monthsBetween gives the months from one day's to another's, YYYY-MM.
func monthsBetween(from, to string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		at, err := time.Parse("2006-01", from[:min(7, len(from))])
		if err != nil {
			return
		}
		for month := at.Format("2006-01"); month <= to[:min(7, len(to))] && yield(month); month = at.Format("2006-01") {
			at = at.AddDate(0, 1, 0)
		}
	}
}

// moneyTable has a few columns of texts, and two of numbers for each currency.
type moneyTable struct {
	currencies, heads []string
	rows              [][]string
}

func (t *moneyTable) row(sums []forecast.Month, texts ...string) {
	for _, currency := range t.currencies {
		at := slices.IndexFunc(sums, func(m forecast.Month) bool { return m.Currency == currency })
		if at < 0 {
			texts = append(texts, "-", "-")
			continue
		}
		texts = append(texts, sums[at].Total.String(), fmt.Sprint(sums[at].Charges))
	}
	t.rows = append(t.rows, texts)
}

// table writes a table, the numbers at the right of their columns.
func (o *forecastWriter) table(t *moneyTable) {
	head := t.heads
	for _, currency := range t.currencies {
		head = append(head, currency, "charges")
	}
	wide := make([]int, len(head))
	for _, row := range append([][]string{head}, t.rows...) {
		for i, text := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(text))
		}
	}
	o.line("")
	for i, row := range append([][]string{head}, t.rows...) {
		var line strings.Builder
		for j, text := range row {
			blanks := strings.Repeat(" ", wide[j]-utf8.RuneCountInString(text))
			if j < len(t.heads) {
				line.WriteString(text + blanks)
			} else {
				line.WriteString(blanks + text)
			}
			line.WriteString(strings.Repeat(" ", cmp.Compare(len(row)-1, j)*2))
		}
		if i == 0 {
			o.line(o.paint.bold(strings.TrimRight(line.String(), " ")))
		} else {
			o.line(line.String())
		}
	}
}
