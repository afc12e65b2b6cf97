package forecast_test

import (
	"testing"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

// The largest amount that a manifest takes, of more sales than 64 bits can sum in kuruş: the sums are exact, in a forecast and beside a plan.
func TestSumsBeyond64Bits(t *testing.T) {
	const sales, kurus = 200_000, 99_999_999_999_999 // 999999999999.99
	pairs, after := make([]forecast.Pair, sales), make([]forecast.Sale, sales)
	for i := range after {
		after[i] = forecast.Sale{Name: "s", Kurus: kurus, Currency: "TL", Rhythm: monthly("15")}
		pairs[i].After = &after[i]
	}
	const want = "199999999999998000.00" // 1.9 * 10^19 kuruş
	months := forecast.Months(forecast.Charges(after, calendar.Reading{}, "2027-02-01", "2027-02-28"))
	if len(months) != 1 || months[0].Total.String() != want || months[0].Charges != sales {
		t.Errorf("a month is %v, want %d charges of %s", months, sales, want)
	}
	money := forecast.ImpactOf(pairs, calendar.Reading{}, "2026-12-01").Currencies
	if len(money) != 1 || money[0].After.String() != want || money[0].Begins != sales {
		t.Errorf("a month is %v, want %d sales that begin with %s", money, sales, want)
	}
}
