package render

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/forecast"
)

// stackedProducts is how many products have a colour of their own; the others are one part.
const stackedProducts = 8

// forecastSums are a forecast's charges, summed for a page.
type forecastSums struct {
	from, to   time.Time
	months     []string                  // YYYY-MM, all that the period touches
	currencies []*currencySums           // in the order of their names
	bySale     map[string][]*saleSum     // by name, in the order of the currencies
	sales      map[string]*forecast.Sale // by name
}

// currencySums are the charges of one currency.
type currencySums struct {
	currency string
	total    forecast.Money
	charges  int
	sales    []*saleSum     // the biggest first
	parts    []productSum   // of a bar, the biggest first, all others last
	others   int            // how many products those are
	months   []monthSum     // by forecastSums.months
	partOf   map[string]int // a product's place in parts
}

// saleSum is what one sale is charged in one currency.
type saleSum struct {
	sale        *forecast.Sale
	currency    string
	total       forecast.Money
	sum         quickSum // becomes total
	charges     int
	least, most int64  // of a charge, in kuruş
	first, last string // days
}

// productSum is a part of a bar. Class is its colour's number, 0 for all others together.
type productSum struct {
	product string
	class   int
	total   forecast.Money
}

type monthSum struct {
	total   forecast.Money
	charges int
	parts   []forecast.Money // by currencySums.parts
	sums    []quickSum       // become parts
}

// quickSum adds a million amounts quickly: as a whole number as long as 64 bits hold it.
type quickSum struct {
	near int64
	far  forecast.Money
}

func (q *quickSum) add(kurus int64) {
	sum := q.near + kurus
	if (sum > q.near) != (kurus > 0) { // it does not fit
		q.far.Add(q.near)
		sum = kurus
	}
	q.near = sum
}

func (q *quickSum) money() forecast.Money {
	out := q.far
	out.Add(q.near)
	return out
}

// sumForecast sums in two passes: the first finds which products are big enough for a colour.
func sumForecast(f *Forecast) (*forecastSums, error) {
	s := &forecastSums{bySale: map[string][]*saleSum{}, sales: make(map[string]*forecast.Sale, len(f.Sales))}
	if err := s.period(f); err != nil {
		return nil, err
	}
	for i := range f.Sales {
		if _, known := s.sales[f.Sales[i].Name]; !known {
			s.sales[f.Sales[i].Name] = &f.Sales[i]
		}
	}
	s.sumSales(f.charges())
	if err := s.sumMonths(f.charges()); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *forecastSums) period(f *Forecast) (err error) {
	if s.from, err = time.Parse(time.DateOnly, f.From); err != nil {
		return fmt.Errorf("the forecast begins on %q, which is no day", f.From)
	}
	if s.to, err = time.Parse(time.DateOnly, f.To); err != nil {
		return fmt.Errorf("the forecast ends on %q, which is no day", f.To)
	}
	for m := firstOfMonth(s.from); !m.After(s.to); m = m.AddDate(0, 1, 0) {
		s.months = append(s.months, m.Format("2006-01"))
	}
	return nil
}

func firstOfMonth(t time.Time) time.Time { return t.AddDate(0, 0, 1-t.Day()) }

// sumSales sums by sale, then by product.
func (s *forecastSums) sumSales(charges iter.Seq[forecast.Charge]) {
	type key struct{ sale, currency string }
	sums := map[key]*saleSum{}
	currencies := map[string]*currencySums{}
	for c := range charges {
		sum := sums[key{c.Sale, c.Currency}]
		if sum == nil {
			sum = &saleSum{sale: s.sale(c.Sale), currency: c.Currency, least: c.Kurus, most: c.Kurus, first: c.Date}
			sums[key{c.Sale, c.Currency}] = sum
			of := currencies[c.Currency]
			if of == nil {
				of = &currencySums{currency: c.Currency, months: make([]monthSum, len(s.months)), partOf: map[string]int{}}
				currencies[c.Currency] = of
				s.currencies = append(s.currencies, of)
			}
			of.sales = append(of.sales, sum)
		}
		sum.add(&c)
	}
	slices.SortFunc(s.currencies, func(a, b *currencySums) int { return strings.Compare(a.currency, b.currency) })
	for _, c := range s.currencies {
		for _, sum := range c.sales {
			sum.total = sum.sum.money()
		}
		slices.SortFunc(c.sales, func(a, b *saleSum) int {
			return cmp.Or(b.total.Compare(a.total), strings.Compare(a.sale.Name, b.sale.Name))
		})
		for _, sum := range c.sales {
			s.bySale[sum.sale.Name] = append(s.bySale[sum.sale.Name], sum)
		}
		c.stack()
	}
}

func (s *forecastSums) sale(name string) *forecast.Sale {
	sale := s.sales[name]
	if sale == nil {
		sale = &forecast.Sale{Name: name}
		s.sales[name] = sale
	}
	return sale
}

func (sum *saleSum) add(c *forecast.Charge) {
	sum.sum.add(c.Kurus)
	sum.charges++
	sum.least, sum.most = min(sum.least, c.Kurus), max(sum.most, c.Kurus)
	sum.first, sum.last = min(sum.first, c.Date), max(sum.last, c.Date)
}

// stack decides of what parts the bars are made.
func (c *currencySums) stack() {
	totals := map[string]*productSum{}
	var all []*productSum
	for _, sum := range c.sales {
		p := totals[sum.sale.Product]
		if p == nil {
			p = &productSum{product: sum.sale.Product}
			totals[p.product] = p
			all = append(all, p)
		}
		p.total.AddMoney(sum.total)
		c.total.AddMoney(sum.total)
		c.charges += sum.charges
	}
	slices.SortFunc(all, func(a, b *productSum) int {
		return cmp.Or(b.total.Compare(a.total), strings.Compare(a.product, b.product))
	})
	for i, p := range all {
		if i < stackedProducts {
			p.class = i + 1
			c.parts = append(c.parts, *p)
			c.partOf[p.product] = i
			continue
		}
		if i == stackedProducts {
			c.parts = append(c.parts, productSum{})
		}
		c.parts[stackedProducts].total.AddMoney(p.total)
		c.partOf[p.product] = stackedProducts
		c.others++
	}
	for i := range c.months {
		c.months[i].parts, c.months[i].sums = make([]forecast.Money, len(c.parts)), make([]quickSum, len(c.parts))
	}
}

// sumMonths sums by month, currency and part of the bar.
func (s *forecastSums) sumMonths(charges iter.Seq[forecast.Charge]) error {
	at := make(map[string]*currencySums, len(s.currencies))
	for _, c := range s.currencies {
		at[c.currency] = c
	}
	day, month := "", 0
	for charge := range charges {
		if charge.Date != day {
			date, err := time.Parse(time.DateOnly, charge.Date)
			if err != nil || date.Before(s.from) || date.After(s.to) {
				return fmt.Errorf("a charge of %s is on %q, which is no day of the forecast", charge.Sale, charge.Date)
			}
			day, month = charge.Date, (date.Year()-s.from.Year())*12+int(date.Month()-s.from.Month())
		}
		c := at[charge.Currency]
		m := &c.months[month]
		m.sums[c.partOf[s.sales[charge.Sale].Product]].add(charge.Kurus)
		m.charges++
	}
	for _, c := range s.currencies {
		for i := range c.months {
			m := &c.months[i]
			for p := range m.sums {
				m.parts[p] = m.sums[p].money()
				m.total.AddMoney(m.parts[p])
			}
		}
	}
	return nil
}

// labelOf names a part of the bars.
func (c *currencySums) labelOf(part int) label {
	if c.parts[part].class == 0 {
		return label{Words: "others (" + many(c.others, "product", "products") + ")"}
	}
	return nameOrNone(c.parts[part].product)
}

func nameOrNone(name string) label {
	if name == "" {
		return label{Words: none}
	}
	return label{Name: visible(name)}
}

// partOf says which part of a month the period covers, "" for all of it.
func (s *forecastSums) partOf(month int) string {
	return partOf(s.months[month], s.from, s.to)
}

// partOf says which part of a month (YYYY-MM) a period covers that touches it, "" for all of it.
func partOf(month string, from, to time.Time) string {
	late := from.Format("2006-01") == month && from.Day() > 1
	early := to.Format("2006-01") == month && to.AddDate(0, 0, 1).Day() > 1
	switch {
	case late && early:
		return "from the " + ordinal(from.Day()) + " to the " + ordinal(to.Day())
	case late:
		return "from the " + ordinal(from.Day()) + " on"
	case early:
		return "up to the " + ordinal(to.Day())
	}
	return ""
}

// partMonths names the months of which a period covers a part, "" for none: they are its first and its last.
func partMonths(from, to time.Time) string {
	first, last := from.Format("2006-01"), to.Format("2006-01")
	var out []string
	if part := partOf(first, from, to); part != "" {
		out = append(out, first+" "+part)
	}
	if part := partOf(last, from, to); part != "" && last != first {
		out = append(out, last+" "+part)
	}
	return strings.Join(out, ", ")
}

// wholeMonths counts the months of a period that is made of whole ones, each from a day to the day before that day of the next month; 0 for any other.
func wholeMonths(from, to time.Time) int {
	n := (to.Year()-from.Year())*12 + int(to.Month()-from.Month())
	for months := max(n, 1); months <= n+1; months++ {
		next := firstOfMonth(from).AddDate(0, months, 0)
		last := next.AddDate(0, 1, -1).Day()
		if next.AddDate(0, 0, min(from.Day(), last)-2).Equal(to) {
			return months
		}
	}
	return 0
}
