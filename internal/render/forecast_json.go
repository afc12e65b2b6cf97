package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/spec"
)

type chargeRow struct {
	Sale     string `json:"sale"`
	Date     string `json:"date"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type monthSumRow struct {
	Month    string         `json:"month"`
	Currency string         `json:"currency"`
	Total    forecast.Money `json:"total"`
	Charges  int            `json:"charges"`
}

type groupSumRow struct {
	Group string `json:"group"`
	monthSumRow
}

type unknownSaleRow struct {
	Sale   string `json:"sale"`
	Reason string `json:"reason"`
}

// ForecastJSON writes a forecast as one JSON document, a charge a line. It is written as it goes: a million charges need no more memory than they have.
func ForecastJSON(w io.Writer, f *Forecast, diagnostics []spec.Diagnostic) error {
	out := &jsonStream{w: bufio.NewWriterSize(w, 1<<16)}
	out.enc = json.NewEncoder(&out.buf)
	out.enc.SetEscapeHTML(false)
	out.member("formatVersion", formatVersion)
	out.member("endpoint", f.Endpoint)
	out.member("dealer", f.Dealer)
	if f.Partial != "" {
		out.member("partial", f.Partial)
	}
	out.member("from", f.From)
	out.member("to", f.To)
	listOf(out, "charges", f.charges(), func(c forecast.Charge) any { return chargeRow{c.Sale, c.Date, amountText(c.Kurus), c.Currency} })
	months := forecast.Months(f.charges())
	out.list("months", len(months), func(i int) any { return monthSumRow(months[i]) })
	if f.By != "" {
		out.member("by", f.By)
		out.list("groups", len(f.Groups), func(i int) any {
			g := &f.Groups[i]
			return groupSumRow{groupName(g.Group), monthSumRow{g.Month, g.Currency, g.Total, g.Charges}}
		})
	}
	unknown := f.unknown()
	out.list("unknown", len(unknown), func(i int) any { return unknown[i] })
	readings := map[string]string{}
	for _, rule := range calendar.Rules() {
		readings[rule.Name] = f.Reading.Word(rule)
	}
	out.member("readings", readings)
	rows := diagnosticRows(diagnostics)
	out.list("diagnostics", len(rows), func(i int) any { return rows[i] })
	return out.end()
}

// unknown lists the sales of which nobody knows when they are charged.
func (f *Forecast) unknown() []unknownSaleRow {
	var out []unknownSaleRow
	for i := range f.Sales {
		if s := &f.Sales[i]; s.Unknown != "" {
			out = append(out, unknownSaleRow{s.Name, s.Unknown})
		}
	}
	return out
}

// jsonStream writes a JSON object member by member. The first error stays, and is told at the end.
type jsonStream struct {
	w     *bufio.Writer
	buf   bytes.Buffer
	enc   *json.Encoder
	begun bool
	err   error
}

func (o *jsonStream) text(s string) { o.w.WriteString(s) } // a bufio.Writer keeps its error for Flush

func (o *jsonStream) value(v any) {
	o.buf.Reset()
	if err := o.enc.Encode(v); err != nil && o.err == nil {
		o.err = err
	}
	o.w.Write(bytes.TrimSuffix(o.buf.Bytes(), []byte("\n")))
}

func (o *jsonStream) name(name string) {
	o.text(map[bool]string{false: "{\n ", true: ",\n "}[o.begun])
	o.begun = true
	o.value(name)
	o.text(": ")
}

func (o *jsonStream) member(name string, v any) {
	o.name(name)
	o.value(v)
}

// list writes an array, an element a line.
func (o *jsonStream) list(name string, n int, element func(i int) any) {
	listOf(o, name, func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}, element)
}

// listOf is list of whatever comes.
func listOf[T any](o *jsonStream, name string, all iter.Seq[T], element func(T) any) {
	o.name(name)
	o.text("[")
	before, end := "\n  ", "]"
	for one := range all {
		o.text(before)
		o.value(element(one))
		before, end = ",\n  ", "\n ]"
	}
	o.text(end)
}

func (o *jsonStream) end() error {
	o.text("\n}\n")
	if err := o.w.Flush(); err != nil {
		return err
	}
	return o.err
}
