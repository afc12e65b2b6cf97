package render

import (
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
	// Charges are the payments of the known ones, by day, then by sale.
	Charges []forecast.Charge
}
