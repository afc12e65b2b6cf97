package render

import (
	"iter"
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

// Forecast is what will be charged, as it is shown.
type Forecast struct {
	Endpoint, Dealer string
	// Partial says in words what part of the manifests it covers, "" for all.
	Partial string
	// From and To are the first and the last day, YYYY-MM-DD in Istanbul.
	From, To string
	// Reading is how what Moka's documentation leaves open is read.
	Reading calendar.Reading
	// Sales are all that it covers, those of which nobody knows when they are charged (Sale.Unknown) too.
	Sales []forecast.Sale
	// Charges are the payments of the known ones, by day, then by sale; nil for none. They are gone through more than once.
	Charges iter.Seq[forecast.Charge]
	// Orphans is how many of the sales are in no manifest any more: they go on charging.
	Orphans int
	// By is what Groups are made by, as the user said it: "product", "label:city"; "" for no groups.
	By     string
	Groups []forecast.Group
	// Sale is, where only the next payments of one sale were asked for, its address, and Next how many; To is then the day of the last of them, "" for none.
	Sale string
	Next int
}

// charges are the forecast's payments.
func (f *Forecast) charges() iter.Seq[forecast.Charge] {
	if f.Charges == nil {
		return func(func(forecast.Charge) bool) {}
	}
	return f.Charges
}

// none stands for the group of what has nothing in common.
const none = "(none)"

func groupName(name string) string {
	if name == "" {
		return none
	}
	return name
}

// amountText gives kuruş, not negative, with two decimal places: 14990 is "149.90".
func amountText(kurus int64) string {
	cents := strconv.FormatInt(kurus%100, 10)
	if len(cents) < 2 {
		cents = "0" + cents
	}
	return strconv.FormatInt(kurus/100, 10) + "." + cents
}
