package forecast_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

func TestBy(t *testing.T) {
	sale := &forecast.Sale{Product: "gold", Schedule: "m15", Labels: map[string]string{"city": "izmir", "a:b": "c"}}
	for text, want := range map[string]string{"product": "gold", "schedule": "m15", "label:city": "izmir", "label:a:b": "c", "label:none": ""} {
		if by, err := forecast.By(text); err != nil || by(sale) != want {
			t.Errorf("by %s: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"", "label:", "Product", "customer"} {
		if _, err := forecast.By(text); err == nil {
			t.Errorf("%q is something to sum by", text)
		}
	}
}

func TestGroups(t *testing.T) {
	sales := []forecast.Sale{
		{Name: "veli", Kurus: 14990, Currency: "TL", Product: "gold", Rhythm: monthly("15")},
		{Name: "ayse", Kurus: 500, Currency: "USD", Product: "gold", Rhythm: monthly("15")},
		{Name: "ali", Kurus: 10, Currency: "TL", Product: "gold", Rhythm: monthly("31")},
		{Name: "lessons", Currency: "TL", Steps: []forecast.Step{{Day: "2027-02-20", Kurus: 90000, Currency: "TL"}}},
		{Name: "silver", Kurus: 1, Currency: "TL", Product: "silver", Rhythm: monthly("1")},
		{Name: "elsewhere", Kurus: 7, Currency: "TL", Product: "gold", Unknown: "its schedule is kept elsewhere", Steps: []forecast.Step{{Day: "2027-02-20", Kurus: 90000, Currency: "TL"}}},
	}
	by, err := forecast.By("product")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range forecast.Groups(sales, forecast.Span{From: "2027-01-01", To: "2027-02-28"}, by) {
		got = append(got, fmt.Sprintf("%s %s %s %s %d", g.Group, g.Month, g.Total, g.Currency, g.Charges))
	}
	want := []string{"gold 2027-01 150.00 TL 2", "gold 2027-01 5.00 USD 1", "gold 2027-02 149.90 TL 1", "gold 2027-02 5.00 USD 1", "silver 2027-02 0.01 TL 1", " 2027-02 900.00 TL 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// drawSales gives sales in few groups.
func drawSales(t *rapid.T) []forecast.Sale {
	days := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "15", "28", "29", "30", "31"}), 1, 3, rapid.ID)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) forecast.Sale {
		r := &calendar.Rhythm{Frequency: "monthly", Every: rapid.IntRange(1, 3).Draw(t, "every"), Days: days.Draw(t, "days"), Begin: "2027-01-15"}
		if rapid.Bool().Draw(t, "daily") {
			r.Frequency, r.Days = "daily", nil
		}
		r.End = rapid.SampledFrom([]string{"", "2027-01-15", "2027-02-28", "2027-05-30"}).Draw(t, "end")
		return forecast.Sale{Name: "s", Kurus: rapid.Int64Range(1, 1<<40).Draw(t, "kuruş"), Currency: rapid.SampledFrom([]string{"TL", "EUR"}).Draw(t, "currency"),
			Product: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "product"), Rhythm: r}
	}), 0, 5).Draw(t, "sales")
}

func drawSpan(t *rapid.T) forecast.Span {
	span := forecast.Span{From: rapid.SampledFrom([]string{"2026-12-01", "2027-01-15", "2027-02-28", "2027-03-01"}).Draw(t, "from"), To: rapid.SampledFrom([]string{"2027-03-01", "2027-05-30", "2028-02-29"}).Draw(t, "to")}
	for _, rule := range calendar.Rules() {
		span.Reading.Set(rule.Name, rapid.SampledFrom(rule.Words[:]).Draw(t, rule.Name))
	}
	return span
}

// The groups of a month and a currency come to that month: nothing is in two of them, and nothing in none.
func TestGroupsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sales, span := drawSales(t), drawSpan(t)
		by, err := forecast.By("product")
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]*forecast.Month{}
		for _, g := range forecast.Groups(sales, span, by) {
			k := g.Month + g.Currency
			if sums[k] == nil {
				sums[k] = &forecast.Month{}
			}
			sums[k].Total.AddMoney(g.Total)
			sums[k].Charges += g.Charges
		}
		months := forecast.Months(forecast.Charges(sales, span.Reading, span.From, span.To))
		for _, m := range months {
			got := sums[m.Month+m.Currency]
			if got == nil || got.Total.Compare(m.Total) != 0 || got.Charges != m.Charges {
				t.Fatalf("%s %s: the groups have %+v, the month %+v", m.Month, m.Currency, got, m)
			}
		}
		if len(months) != len(sums) {
			t.Fatalf("%d months and currencies, want %d", len(sums), len(months))
		}
	})
}

// A reading matters to a sale just if its charges are other ones by the rule's other word: what is left out without counting days would not have counted.
func TestMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sales, span := drawSales(t), drawSpan(t)
		var want []string
		for _, rule := range calendar.Rules() {
			other := span.Reading
			other.Set(rule.Name, rule.Other(span.Reading.Word(rule)))
			n := 0
			for i := range sales {
				one := sales[i : i+1]
				if lines(slices.Collect(forecast.Charges(one, span.Reading, span.From, span.To))) != lines(slices.Collect(forecast.Charges(one, other, span.From, span.To))) {
					n++
				}
			}
			if n > 0 {
				want = append(want, fmt.Sprint(rule.Name, " ", span.Reading.Word(rule), " ", n))
			}
		}
		var got []string
		for _, m := range forecast.Matters(sales, span) {
			got = append(got, fmt.Sprint(m.Rule, " ", m.Word, " ", m.Sales))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("what matters is %q, want %q", got, want)
		}
	})
}
