package render

import (
	"fmt"
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

// forecastOf makes a forecast of sales, with their charges.
func forecastOf(from, to string, sales ...forecast.Sale) *Forecast {
	f := &Forecast{Endpoint: "live", Dealer: "1731", From: from, To: to, Sales: sales}
	f.Charges = forecast.Charges(sales, f.Reading, from, to)
	return f
}

// onDay is a sale that is charged each month on one day.
func onDay(day int, name, product string, kurus int64, currency, begin, end string) forecast.Sale {
	return forecast.Sale{
		Name: name, Kurus: kurus, Currency: currency, Product: product, Schedule: "monthly",
		Rhythm: &calendar.Rhythm{Frequency: "monthly", Days: []string{strconv.Itoa(day)}, Begin: begin, End: end},
	}
}

// aStudio is a small forecast with something in each of its parts.
func aStudio() *Forecast {
	f := forecastOf("2026-11-21", "2027-11-20",
		onDay(15, "elif-gold", "gold", 14990, "TL", "2026-03-15", ""),
		onDay(15, "can-gold", "gold", 14990, "TL", "2027-01-15", ""),
		onDay(1, "deniz-silver", "silver", 9990, "TL", "2026-05-01", "2027-06-01"),
		onDay(31, "ece-silver", "silver", 9990, "TL", "2027-02-10", "2027-04-30"),
		forecast.Sale{
			Name: "efe-classes", Kurus: 2500, Currency: "TL", Product: "classes", Schedule: "twice-a-week",
			Rhythm: &calendar.Rhythm{Frequency: "weekly", Every: 2, Days: []string{"thursday", "monday"}, Begin: "2026-09-01"},
			Steps:  []forecast.Step{{Day: "2027-03-08", Kurus: 120000, Currency: "TL"}},
		},
		forecast.Sale{Name: "hand", Steps: []forecast.Step{{Day: "2026-12-24", Kurus: 10050, Currency: "USD"}, {Day: "2027-05-02", Kurus: 1, Currency: "USD"}}},
		forecast.Sale{Name: "asleep", Kurus: 500, Currency: "TL", Product: "gold"},
		forecast.Sale{Name: "elsewhere", Kurus: 500, Currency: "TL", Product: "gold", Unknown: "its schedule (id 77) is kept elsewhere"},
	)
	f.Orphans = 1
	return f
}

// aChain is a forecast of n sales of so many products in some currencies.
func aChain(from, to string, n, products int, currencies ...string) *Forecast {
	sales := make([]forecast.Sale, n)
	for i := range sales {
		end := ""
		if i%5 == 0 {
			end = fmt.Sprintf("2027-%02d-28", 1+i%12)
		}
		p := i % products
		kurus := int64(9990 + 1500*p*p + 10*(i%97))
		begin := fmt.Sprintf("2026-%02d-01", 1+i%12)
		if i%7 == 0 {
			begin = fmt.Sprintf("2027-%02d-01", 1+i%12)
		}
		sales[i] = onDay(1+i%28, fmt.Sprintf("member-%06d", i), fmt.Sprintf("product-%02d", p), kurus, currencies[i%len(currencies)], begin, end)
	}
	return forecastOf(from, to, sales...)
}
