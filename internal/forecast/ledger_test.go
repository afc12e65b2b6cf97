package forecast_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

// All payments together are those of each sale by itself, by day, then by name, and a sale's in the order in which it has them: the same as a stable sort of them would give, however often they
// are gone through and wherever that is broken off.
func TestChargesAreInOrder(t *testing.T) {
	days := []string{"2027-01-10", "2027-01-15", "2027-01-31", "2027-02-15", "2027-03-01"}
	day := rapid.SampledFrom(days)
	rapid.Check(t, func(t *rapid.T) {
		sales := make([]forecast.Sale, rapid.IntRange(0, 6).Draw(t, "sales"))
		for i := range sales {
			s := &sales[i]
			*s = forecast.Sale{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"), Kurus: int64(i + 1), Currency: "TL"}
			if rapid.IntRange(0, 5).Draw(t, "not known") == 0 {
				s.Unknown = "nobody knows"
			}
			if rapid.Bool().Draw(t, "by schedule") {
				s.Rhythm = &calendar.Rhythm{Frequency: "monthly", Days: rapid.SliceOfN(rapid.SampledFrom([]string{"10", "15", "31"}), 1, 2).Draw(t, "days"), Begin: day.Draw(t, "begin"), End: rapid.SampledFrom([]string{"", "2027-02-20"}).Draw(t, "end")}
			}
			for n := range rapid.IntRange(0, 3).Draw(t, "steps") {
				s.Steps = append(s.Steps, forecast.Step{Day: day.Draw(t, "day"), Kurus: int64(100 + n), Currency: "USD"})
			}
		}
		reading, from, to := drawReading(t), day.Draw(t, "from"), day.Draw(t, "to")
		want := []forecast.Charge{}
		for i := range sales {
			want = append(want, onTheirOwn(&sales[i], reading, from, to)...)
		}
		slices.SortStableFunc(want, func(a, b forecast.Charge) int {
			return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Sale, b.Sale))
		})
		all := forecast.Charges(sales, reading, from, to)
		for range 2 {
			if diff := gocmp.Diff(want, slices.Collect(all), cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
			n := rapid.IntRange(0, len(want)).Draw(t, "some")
			var some []forecast.Charge
			for c := range all {
				if len(some) == n {
					break
				}
				some = append(some, c)
			}
			if diff := gocmp.Diff(want[:n], some, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(fmt.Sprint("the first ", n), diff)
			}
		}
	})
}

// onTheirOwn gives a sale's payments, those by its schedule first.
func onTheirOwn(s *forecast.Sale, reading calendar.Reading, from, to string) (out []forecast.Charge) {
	if s.Unknown != "" {
		return nil
	}
	if s.Rhythm != nil {
		for day := range s.Rhythm.Charges(reading, from, to) {
			out = append(out, forecast.Charge{Sale: s.Name, Date: day, Kurus: s.Kurus, Currency: s.Currency})
		}
	}
	for _, step := range s.Steps {
		if from <= step.Day && step.Day <= to {
			out = append(out, forecast.Charge{Sale: s.Name, Date: step.Day, Kurus: step.Kurus, Currency: step.Currency})
		}
	}
	return out
}
