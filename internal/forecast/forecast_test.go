package forecast_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

func monthly(day string) *calendar.Rhythm {
	return &calendar.Rhythm{Frequency: "monthly", Days: []string{day}, Begin: "2027-01-10", End: "2027-12-31"}
}

func lines(charges []forecast.Charge) string {
	var out []string
	for _, c := range charges {
		out = append(out, fmt.Sprintf("%s %s %d %s", c.Date, c.Sale, c.Kurus, c.Currency))
	}
	return strings.Join(out, "\n")
}

func TestCharges(t *testing.T) {
	sales := []forecast.Sale{
		{Name: "veli", Kurus: 14990, Currency: "TL", Rhythm: monthly("15")},
		{Name: "ayse", Kurus: 500, Currency: "USD", Rhythm: monthly("15")},
		{Name: "lessons", Kurus: 100, Currency: "TL", Steps: []forecast.Step{{"2027-02-20", 90000, "TL"}, {"2027-02-01", 1, "TL"}, {"2027-09-01", 1, "TL"}}},
		{Name: "elsewhere", Kurus: 100, Currency: "TL", Rhythm: monthly("1"), Unknown: "its schedule is kept elsewhere", Steps: []forecast.Step{{"2027-02-20", 7, "TL"}}},
	}
	charges := slices.Collect(forecast.Charges(sales, calendar.Reading{}, "2027-01-01", "2027-02-28"))
	want := "2027-01-15 ayse 500 USD\n2027-01-15 veli 14990 TL\n2027-02-01 lessons 1 TL\n2027-02-15 ayse 500 USD\n2027-02-15 veli 14990 TL\n2027-02-20 lessons 90000 TL"
	if diff := cmp.Diff(want, lines(charges)); diff != "" {
		t.Error(diff)
	}
	var months []string
	for _, m := range forecast.Months(slices.Values(charges)) {
		months = append(months, fmt.Sprintf("%s %s %s %d", m.Month, m.Total, m.Currency, m.Charges))
	}
	if diff := cmp.Diff([]string{"2027-01 149.90 TL 1", "2027-01 5.00 USD 1", "2027-02 1049.91 TL 3", "2027-02 5.00 USD 1"}, months); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("2027-02-15 veli 14990 TL\n2027-03-15 veli 14990 TL", lines(sales[0].Next(calendar.Reading{}, "2027-01-16", 2))); diff != "" {
		t.Error(diff)
	}
	if got := sales[0].Next(calendar.Reading{}, "2027-11-16", 5); len(got) != 1 {
		t.Errorf("%d payments are left before the end, want 1", len(got))
	}
}

// The next payments are looked for fifty years ahead, and no further than days can be written; whether more may come is told.
func TestNextIsBounded(t *testing.T) {
	yearly := func(every int, begin, end string) forecast.Sale {
		return forecast.Sale{Name: "s", Kurus: 100, Currency: "TL", Rhythm: &calendar.Rhythm{Frequency: "monthly", Every: every, Days: []string{"15"}, Begin: begin, End: end}}
	}
	for _, row := range []struct {
		what    string
		sale    forecast.Sale
		charges int
		last    string
		whole   bool
	}{
		{"open-ended", yearly(12, "2027-01-15", ""), 51, "2077-01-15", false},
		{"an end that is near", yearly(12, "2027-01-15", "2029-12-31"), 3, "2029-01-15", true},
		{"an end that is far", yearly(12, "2027-01-15", "2099-12-31"), 51, "2077-01-15", false},
		{"begins late", yearly(12, "2990-01-15", "3000-12-31"), 11, "3000-01-15", true},
		{"begins in the last years", yearly(12, "9990-01-15", ""), 10, "9999-01-15", false},
		{"by steps alone", forecast.Sale{Name: "s", Currency: "TL", Steps: []forecast.Step{{Day: "2027-02-01", Kurus: 1, Currency: "TL"}}}, 1, "2027-02-01", true},
	} {
		got := row.sale.Next(calendar.Reading{}, "2027-01-01", 1000)
		last := ""
		if len(got) > 0 {
			last = got[len(got)-1].Date
		}
		if whole := row.sale.InSight("2027-01-01"); len(got) != row.charges || last != row.last || whole != row.whole {
			t.Errorf("%s: %d charges up to %s, all: %v; want %d, %s, %v", row.what, len(got), last, whole, row.charges, row.last, row.whole)
		}
	}
}

// Sums are those of the charges, exactly, beyond what 64 bits hold, and each currency by itself.
func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		charges := rapid.SliceOf(rapid.Custom(func(t *rapid.T) forecast.Charge {
			return forecast.Charge{
				Sale: "s", Date: rapid.SampledFrom([]string{"2027-01-15", "2027-01-31", "2027-02-01", "2028-01-01"}).Draw(t, "day"),
				Kurus: rapid.Int64Range(1, 1<<62).Draw(t, "kurus"), Currency: rapid.SampledFrom([]string{"TL", "USD", "EUR"}).Draw(t, "currency"),
			}
		})).Draw(t, "charges")
		sums, counted := map[string]*big.Int{}, 0
		for _, c := range charges {
			k := c.Date[:7] + c.Currency
			if sums[k] == nil {
				sums[k] = new(big.Int)
			}
			sums[k].Add(sums[k], big.NewInt(c.Kurus))
		}
		months := forecast.Months(slices.Values(charges))
		for _, m := range months {
			counted += m.Charges
			want := new(big.Rat).SetFrac(sums[m.Month+m.Currency], big.NewInt(100)).FloatString(2)
			if m.Total.String() != want {
				t.Fatalf("%s %s is %s, want %s", m.Month, m.Currency, m.Total, want)
			}
		}
		if len(months) != len(sums) || counted != len(charges) {
			t.Fatalf("%d months with %d charges, want %d with %d", len(months), counted, len(sums), len(charges))
		}
		if !slices.IsSortedFunc(months, func(a, b forecast.Month) int { return strings.Compare(a.Month+a.Currency, b.Month+b.Currency) }) {
			t.Fatalf("not in order: %v", months)
		}
	})
}

func TestKurus(t *testing.T) {
	for text, want := range map[string]int64{"149.90": 14990, "0.01": 1, "999999999999.99": 99999999999999} {
		if got, err := forecast.Kurus(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
		var m forecast.Money
		if m.Add(want); m.String() != text {
			t.Errorf("%d is %s, want %s", want, m, text)
		}
	}
	for _, text := range []string{"", "149", "149.9", "x.yz", "99999999999999999999.00"} {
		if got, err := forecast.Kurus(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}
