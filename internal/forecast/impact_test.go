package forecast_test

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

func drawSale(t *rapid.T, name string) *forecast.Sale {
	if rapid.IntRange(0, 4).Draw(t, "none") == 0 {
		return nil
	}
	day := func(what string) string {
		return fmt.Sprintf("%d-%02d-%02d", rapid.IntRange(2026, 2028).Draw(t, what+" year"), rapid.IntRange(1, 12).Draw(t, what+" month"), rapid.IntRange(1, 28).Draw(t, what))
	}
	currency := func() string { return rapid.SampledFrom([]string{"TL", "USD"}).Draw(t, "currency") }
	s := &forecast.Sale{Name: name, Kurus: rapid.Int64Range(1, 99_999_999_999_999).Draw(t, "kurus"), Currency: currency()}
	if rapid.IntRange(0, 9).Draw(t, "elsewhere") == 0 {
		s.Unknown = "its schedule is kept elsewhere"
	}
	if rapid.IntRange(0, 3).Draw(t, "by hand") > 0 {
		r := calendar.Rhythm{Frequency: rapid.SampledFrom([]string{"daily", "weekly", "monthly"}).Draw(t, "frequency"), Every: rapid.IntRange(0, 4).Draw(t, "every"), Begin: day("begin")}
		if rapid.Bool().Draw(t, "ends") {
			r.End = day("end")
		}
		switch r.Frequency {
		case "weekly":
			r.Days = []string{rapid.SampledFrom([]string{"monday", "sunday"}).Draw(t, "weekday")}
		case "monthly":
			r.Days = []string{strconv.Itoa(rapid.IntRange(1, 31).Draw(t, "day of the month"))}
		}
		s.Rhythm = &r
	}
	for range rapid.IntRange(0, 2).Draw(t, "steps") {
		s.Steps = append(s.Steps, forecast.Step{Day: day("step"), Kurus: rapid.Int64Range(1, 1_000_000).Draw(t, "of step"), Currency: currency()})
	}
	return s
}

// The sums of an impact are those of the charges one by one, and a sale of unknown days is in none.
func TestImpactIsThatOfTheCharges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reading := drawReading(t)
		var pairs []forecast.Pair
		var before, after []forecast.Sale
		unknown := 0
		for i := range rapid.IntRange(0, 6).Draw(t, "sales") {
			p := forecast.Pair{Before: drawSale(t, fmt.Sprint("s", i))}
			p.After = p.Before
			if rapid.Bool().Draw(t, "changes") {
				p.After = drawSale(t, fmt.Sprint("s", i))
			}
			if p.Before == nil && p.After == nil {
				continue
			}
			pairs = append(pairs, p)
			if p.Before != nil && p.Before.Unknown != "" || p.After != nil && p.After.Unknown != "" {
				unknown++
				continue
			}
			if p.Before != nil {
				before = append(before, *p.Before)
			}
			if p.After != nil {
				after = append(after, *p.After)
			}
		}
		got := forecast.ImpactOf(pairs, reading, "2027-01-31") // the months are February 2027 to January 2028
		if len(got.Unknown) != unknown {
			t.Fatalf("%d sales are not known, want %d", len(got.Unknown), unknown)
		}
		for _, c := range got.Currencies {
			sum := func(sales []forecast.Sale) string {
				total := new(big.Int)
				for charge := range forecast.Charges(sales, reading, "2027-02-01", "2028-01-31") {
					if charge.Currency == c.Currency {
						total.Add(total, big.NewInt(charge.Kurus))
					}
				}
				total.Add(total, big.NewInt(6)).Div(total, big.NewInt(12)) // half up
				return new(big.Rat).SetFrac(total, big.NewInt(100)).FloatString(2)
			}
			count := func(to string) (n int) {
				for charge := range forecast.Charges(after, reading, "2027-01-31", to) {
					if charge.Currency == c.Currency {
						n++
					}
				}
				return n
			}
			if c.Before.String() != sum(before) || c.After.String() != sum(after) {
				t.Fatalf("%s %s → %s, want %s → %s", c.Currency, c.Before, c.After, sum(before), sum(after))
			}
			if c.Charges30 != count("2027-03-01") || c.Charges90 != count("2027-04-30") {
				t.Fatalf("%d and %d payments, want %d and %d", c.Charges30, c.Charges90, count("2027-03-01"), count("2027-04-30"))
			}
		}
	})
}

func drawReading(t *rapid.T) (reading calendar.Reading) {
	for _, rule := range calendar.Rules() {
		reading.Set(rule.Name, rule.Words[rapid.IntRange(0, 1).Draw(t, rule.Name)])
	}
	return reading
}

// A mean is rounded half up, and written and read as what it is, at any size.
func TestMoney(t *testing.T) {
	for kurus, want := range map[int64]string{0: "0.00", 5: "0.00", 6: "0.01", 18: "0.02", 17: "0.01", 179880: "149.90", -6: "-0.01", -5: "0.00"} {
		var m forecast.Money
		m.Add(kurus)
		if got := m.Mean(12).String(); got != want {
			t.Errorf("%d kuruş in twelve months are %s a month, want %s", kurus, got, want)
		}
	}
	var all, again forecast.Money
	all.AddTimes(99_999_999_999_999, 200_000)
	if got := all.String(); got != "199999999999998000.00" {
		t.Errorf("200,000 times 999999999999.99 is %s", got)
	}
	if text, err := all.MarshalText(); err != nil || again.UnmarshalText(text) != nil || again.Compare(all) != 0 {
		t.Errorf("%s is read as %s (%v)", all, again, err)
	}
	for _, text := range []string{"", "1", "1.5", "x.00", "1.0x"} {
		if again.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is read as %s", text, again)
		}
	}
	before := all
	all.Add(1)
	if before.Compare(all) == 0 {
		t.Error("a sum changed through its copy")
	}
}
