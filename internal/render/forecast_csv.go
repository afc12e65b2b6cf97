package render

import (
	"encoding/csv"
	"io"
	"strings"
)

// ForecastCSV writes a forecast's charges as comma-separated values: a header line, then a line a charge, by day, then by sale.
func ForecastCSV(w io.Writer, f *Forecast) error {
	type about struct{ product, schedule string }
	of := make(map[string]about, len(f.Sales))
	for i := range f.Sales {
		s := &f.Sales[i]
		of[s.Name] = about{s.Product, s.Schedule}
	}
	out := csv.NewWriter(w)
	out.Write([]string{"date", "sale", "product", "schedule", "amount", "currency"}) // it keeps its error for Error
	for c := range f.charges() {
		a := of[c.Sale]
		out.Write([]string{c.Date, harmless(c.Sale), harmless(a.product), harmless(a.schedule), amountText(c.Kurus), c.Currency})
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula. Names begin with a letter or a digit, and what is kept elsewhere with a brace: this is for whatever else may come.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
