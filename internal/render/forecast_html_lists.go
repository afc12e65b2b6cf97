package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/forecast"
)

// listedSale is a sale that belongs in a list, with the day by which the list is ordered, "" for none.
type listedSale struct {
	sale *forecast.Sale
	day  string
}

// begins lists the sales whose first charge ever lies in the period, by that day.
func (s *forecastSums) begins(f *Forecast) saleList {
	var found []listedSale
	for i := range f.Sales {
		sale := &f.Sales[i]
		if first := firstEver(f, sale); first >= f.From && first <= f.To && sale.Unknown == "" {
			found = append(found, listedSale{sale, first})
		}
	}
	return cutList(found, "begins", "begin", func(l listedSale) saleRow {
		row := s.turn(l.sale)
		row.First = l.day
		return row
	})
}

// firstEver gives the first day on which a sale is charged, "" for none up to the end of the period.
func firstEver(f *Forecast, sale *forecast.Sale) (first string) {
	for _, step := range sale.Steps {
		if first == "" || step.Day < first {
			first = step.Day
		}
	}
	if sale.Rhythm == nil {
		return first
	}
	for day := range sale.Rhythm.Charges(f.Reading, sale.Rhythm.Begin, f.To) {
		if first == "" || day < first {
			first = day
		}
		break
	}
	return first
}

// ends lists the sales whose end lies in the period, by their last charge in it, those without one first.
func (s *forecastSums) ends(f *Forecast) saleList {
	var found []listedSale
	for i := range f.Sales {
		sale := &f.Sales[i]
		if sale.Unknown != "" || sale.Rhythm == nil || sale.Rhythm.End < f.From || sale.Rhythm.End > f.To {
			continue
		}
		last := ""
		for _, sum := range s.bySale[sale.Name] {
			last = max(last, sum.last)
		}
		found = append(found, listedSale{sale, last})
	}
	return cutList(found, "ends", "end", func(l listedSale) saleRow {
		row := s.turn(l.sale)
		row.Last = l.day
		return row
	})
}

// turn gives what the lists of what begins and what ends say of a sale.
func (s *forecastSums) turn(sale *forecast.Sale) saleRow {
	row := saleRow{Name: saleLabel(sale), Product: nameOrNone(sale.Product), Schedule: scheduleWords(sale), End: endWords(sale), LastStep: lastStep(sale)}
	for _, sum := range s.bySale[sale.Name] {
		row.Amounts = append(row.Amounts, sum.amount()+" "+visible(sum.currency))
	}
	if len(row.Amounts) == 0 {
		row.Amounts = []string{groupedKurus(sale.Kurus) + " " + visible(sale.Currency)}
	}
	return row
}

// unknownOf lists the sales of which nobody here knows when they are charged, by name.
func unknownOf(f *Forecast) saleList {
	var found []listedSale
	for i := range f.Sales {
		if sale := &f.Sales[i]; sale.Unknown != "" {
			found = append(found, listedSale{sale: sale})
		}
	}
	return cutList(found, "is not known", "are not known", func(l listedSale) saleRow {
		return saleRow{Name: saleLabel(l.sale), Product: nameOrNone(l.sale.Product), Reason: visible(l.sale.Unknown)}
	})
}

// groupsOf sums the groups that were asked for over the whole period, in their order; nil for none.
func groupsOf(f *Forecast) *groupList {
	if f.By == "" || len(f.Groups) == 0 {
		return nil
	}
	type key struct{ group, currency string }
	sums := map[key]*forecast.Group{}
	var order []*forecast.Group
	for _, g := range f.Groups {
		sum := sums[key{g.Group, g.Currency}]
		if sum == nil {
			sum = &forecast.Group{Group: g.Group, Currency: g.Currency}
			sums[key{g.Group, g.Currency}] = sum
			order = append(order, sum)
		}
		sum.Total.AddMoney(g.Total)
		sum.Charges += g.Charges
	}
	out := &groupList{By: visible(f.By)}
	for _, g := range order[:min(listedGroups, len(order))] {
		out.Rows = append(out.Rows, groupRow{nameOrNone(g.Group), visible(g.Currency), withCommas(g.Total), digits(g.Charges)})
	}
	if more := len(order) - listedGroups; more > 0 {
		out.Rest = "and " + many(more, "more sum", "more sums")
	}
	return out
}

// cutList orders sales by their days, then by name, and shows the first of them.
func cutList(found []listedSale, does, do string, row func(listedSale) saleRow) saleList {
	slices.SortStableFunc(found, func(a, b listedSale) int {
		return cmp.Or(strings.Compare(a.day, b.day), strings.Compare(a.sale.Name, b.sale.Name))
	})
	out := saleList{Count: many(len(found), "sale "+does, "sales "+do)}
	for _, l := range found[:min(listedSales, len(found))] {
		out.Rows = append(out.Rows, row(l))
	}
	if more := len(found) - listedSales; more > 0 {
		out.Rest = "and " + many(more, "more that "+does, "more that "+do)
	}
	return out
}

// row gives a sale's line among the biggest of a currency.
func (sum *saleSum) row() saleRow {
	return saleRow{
		Name: saleLabel(sum.sale), Product: nameOrNone(sum.sale.Product), Schedule: scheduleWords(sum.sale),
		Amounts: []string{sum.amount()}, Total: withCommas(sum.total), First: sum.first, Last: sum.last, End: endWords(sum.sale), LastStep: lastStep(sum.sale),
	}
}

func saleLabel(sale *forecast.Sale) label { return label{Name: visible(sale.Name)} }

// amount is that of each charge, or the least and the most.
func (sum *saleSum) amount() string {
	if sum.least == sum.most {
		return groupedKurus(sum.least)
	}
	return groupedKurus(sum.least) + " to " + groupedKurus(sum.most)
}
