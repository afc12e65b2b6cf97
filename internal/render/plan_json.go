package render

import (
	"encoding/json"
	"io"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// formatVersion of all JSON documents.
const formatVersion = "1.0"

// planDocument is the beginning of a plan's document; changes and diagnostics follow.
type planDocument struct {
	FormatVersion string      `json:"formatVersion"`
	Endpoint      string      `json:"endpoint"`
	Dealer        string      `json:"dealer"`
	Partial       string      `json:"partial,omitempty"`
	Digest        string      `json:"digest,omitempty"`
	Summary       planSummary `json:"summary"`
	planMoney
}

type planSummary struct {
	Create    int `json:"create"`
	Adopt     int `json:"adopt"`
	Update    int `json:"update"`
	Delete    int `json:"delete"`
	Forget    int `json:"forget"`
	Blocked   int `json:"blocked"`
	Orphan    int `json:"orphan"`
	Unchanged int `json:"unchanged"`
}

type planChange struct {
	Address   string         `json:"address"`
	Kind      string         `json:"kind"`
	Action    string         `json:"action"`
	Code      *string        `json:"code"`
	ID        *int64         `json:"id"`
	Fields    []planField    `json:"fields"`
	DependsOn []spec.Address `json:"dependsOn"`
	Reason    string         `json:"reason"`
	InDoubt   bool           `json:"inDoubt"`
}

type planField struct {
	Name      string `json:"name"`
	From      any    `json:"from"`
	To        any    `json:"to"`
	Sensitive string `json:"sensitive"`
}

type diagnosticRow struct {
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Address  string `json:"address"`
	Message  string `json:"message"`
}

// PlanJSON writes a plan as one JSON document, a change at a time: a hundred thousand of them take no more memory than one. Personal and secret values are masked.
func PlanJSON(w io.Writer, p *plan.Plan, diagnostics []spec.Diagnostic) error {
	doc := planDocument{
		FormatVersion: formatVersion, Endpoint: p.Endpoint, Dealer: p.Dealer, Partial: p.Partial, Digest: p.Digest,
		Summary: planSummary{
			Create: p.Counts[plan.Create], Adopt: p.Counts[plan.Adopt], Update: p.Counts[plan.Update], Delete: p.Counts[plan.Delete],
			Forget: p.Counts[plan.Forget], Blocked: p.Counts[plan.Blocked], Orphan: p.Counts[plan.Orphan], Unchanged: p.Counts[plan.Unchanged],
		},
		planMoney: moneyOfPlan(p),
	}
	out := newIndented(w)
	out.begin(doc)
	out.list("changes", len(p.Changes), func(i int) any { return changeRow(p.Changes[i]) })
	rows := diagnosticRows(diagnostics)
	out.list("diagnostics", len(rows), func(i int) any { return rows[i] })
	return out.end()
}

func changeRow(c *plan.Change) planChange {
	row := planChange{
		Address: c.Address.String(), Kind: c.Address.Kind.String(), Action: c.Action.String(), Fields: make([]planField, 0, len(c.Fields)),
		DependsOn: append([]spec.Address{}, c.DependsOn...), Reason: c.Reason, InDoubt: c.InDoubt,
	}
	if c.Code != "" {
		row.Code = &c.Code
	}
	if c.ID != 0 {
		row.ID = &c.ID
	}
	room := make(sides, 0, 2*len(c.Fields))
	for _, f := range c.Fields {
		row.Fields = append(row.Fields, planField{f.Field.Name, room.side(f.From), room.side(f.To), f.Field.Sensitivity.String()})
	}
	return row
}

// side is a value as the JSON has it: null, a text, or an array of texts. What is masked is one text.
func side(t plan.Text) any { return new(sides).side(t) }

// sides has the texts of several values: a pointer to one takes no memory of its own.
type sides []string

func (s *sides) side(t plan.Text) any {
	switch {
	case !t.Present():
		return nil
	case t.List():
		return t.AppendMask([]string{})
	}
	first := len(*s)
	if *s = t.AppendMask(*s); len(*s) == first {
		return ""
	}
	return &(*s)[first]
}

func diagnosticRows(ds []spec.Diagnostic) []diagnosticRow {
	rows := make([]diagnosticRow, 0, len(ds))
	for _, d := range ds {
		rows = append(rows, diagnosticRow{string(d.Severity), d.File, d.Line, d.Column, d.Address, d.Message})
	}
	return rows
}

// DiagnosticsJSON writes diagnostics as one JSON document.
func DiagnosticsJSON(w io.Writer, ds []spec.Diagnostic) error {
	return writeJSON(w, struct {
		FormatVersion string          `json:"formatVersion"`
		Diagnostics   []diagnosticRow `json:"diagnostics"`
	}{formatVersion, diagnosticRows(ds)})
}

func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(doc)
}
