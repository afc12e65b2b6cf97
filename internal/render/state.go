package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// StateText lists what a lockfile knows: address, Moka's number, code.
func StateText(w io.Writer, l *lockfile.Lock) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, title("state list", l.Header.Endpoint, l.Header.Dealer))
	wide := 0
	for _, e := range l.Entries() {
		wide = max(wide, len(e.Address.String()))
	}
	for _, e := range l.Entries() {
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("  %-*s  %s", wide, e.Address, about(e)), " "))
	}
	for _, t := range l.Tombstones() {
		fmt.Fprintf(out, "  %-*s  deleted, was code %s: it is not used again\n", wide, t.Address, safe(t.Code))
	}
	for _, in := range l.Pending {
		fmt.Fprintf(out, "  %-*s  in doubt: %s sent at %s\n", wide, in.Entry.Address, in.Op, in.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	fmt.Fprintf(out, "%s.\n", plural(l.Len(), "resource", "resources"))
	return out.Flush()
}

func about(e *lockfile.Entry) string {
	var parts []string
	if e.ID != 0 {
		parts = append(parts, fmt.Sprintf("id %d", e.ID))
	}
	if e.Code != "" {
		parts = append(parts, "code "+safe(e.Code))
	}
	if e.Word != "" {
		parts = append(parts, e.Word+" by a person's word")
	}
	return strings.Join(parts, ", ")
}

// EntryText shows one resource's line. Fingerprints are not shown: they tell nothing.
func EntryText(w io.Writer, h lockfile.Header, e *lockfile.Entry, in *lockfile.Intent) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, title("state show", h.Endpoint, h.Dealer))
	if e != nil {
		fmt.Fprintln(out, e.Address, about(e))
		for _, a := range e.DependsOn {
			fmt.Fprintln(out, "  needs", a)
		}
		for _, l := range e.Fields.All() {
			fmt.Fprintf(out, "  %-18s %s\n", l.Field.Name, keptText(l))
		}
		for _, l := range e.Defaults.All() {
			fmt.Fprintf(out, "  %-18s %s (default, not managed)\n", l.Field.Name, keptText(l))
		}
	}
	if in != nil {
		fmt.Fprintf(out, "in doubt: %s sent at %s\n", in.Op, in.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return out.Flush()
}

func keptText(l lockfile.Locked) string {
	if lockfile.Sealed(l.Field) {
		if l.Field.Sensitivity == spec.Personal {
			return "(personal)"
		}
		return "(secret)"
	}
	if l.Field.Type == spec.Password {
		return "(secret, version " + l.Text + ")"
	}
	parts := make([]string, 0, len(l.Texts()))
	for _, t := range l.Texts() {
		parts = append(parts, safe(strings.TrimSpace(t)))
	}
	return strings.Join(parts, ", ")
}

type stateRow struct {
	Address   string            `json:"address"`
	Kind      string            `json:"kind"`
	Code      *string           `json:"code"`
	ID        *int64            `json:"id"`
	Labels    map[string]string `json:"labels,omitempty"`
	DependsOn []spec.Address    `json:"dependsOn"`
	Fields    map[string]any    `json:"fields,omitempty"`
	InDoubt   bool              `json:"inDoubt"`
}

// deletedRow is a sale that was deleted, whose code is not used again.
type deletedRow struct {
	Address string `json:"address"`
	Code    string `json:"code"`
}

type stateDocument struct {
	FormatVersion string       `json:"formatVersion"`
	Endpoint      string       `json:"endpoint"`
	Dealer        string       `json:"dealer"`
	Resources     []stateRow   `json:"resources"`
	Deleted       []deletedRow `json:"deleted"`
}

// StateJSON lists what a lockfile knows as one JSON document.
func StateJSON(w io.Writer, l *lockfile.Lock) error {
	doc := stateDocument{formatVersion, l.Header.Endpoint, l.Header.Dealer, []stateRow{}, []deletedRow{}}
	for _, t := range l.Tombstones() {
		doc.Deleted = append(doc.Deleted, deletedRow{t.Address.String(), t.Code})
	}
	for _, e := range l.Entries() {
		doc.Resources = append(doc.Resources, stateRowOf(e, l.Open(e.Address) != nil))
	}
	for _, in := range l.Pending {
		if l.Get(in.Entry.Address) == nil {
			doc.Resources = append(doc.Resources, stateRowOf(&in.Entry, true))
		}
	}
	return writeJSON(w, doc)
}

// EntryJSON shows one resource as one JSON document.
func EntryJSON(w io.Writer, h lockfile.Header, e *lockfile.Entry, in *lockfile.Intent) error {
	if e == nil {
		e = &in.Entry
	}
	row := stateRowOf(e, in != nil)
	row.Fields = map[string]any{}
	for _, l := range e.Fields.All() {
		row.Fields[l.Field.Name] = keptValue(l)
	}
	return writeJSON(w, struct {
		FormatVersion string `json:"formatVersion"`
		Endpoint      string `json:"endpoint"`
		Dealer        string `json:"dealer"`
		stateRow
	}{formatVersion, h.Endpoint, h.Dealer, row})
}

func keptValue(l lockfile.Locked) any {
	if lockfile.Sealed(l.Field) || l.Field.Type == spec.Password || !l.Field.IsList() {
		return keptText(l)
	}
	return l.List
}

func stateRowOf(e *lockfile.Entry, inDoubt bool) stateRow {
	row := stateRow{Address: e.Address.String(), Kind: e.Address.Kind.String(), Labels: e.Labels, DependsOn: append([]spec.Address{}, e.DependsOn...), InDoubt: inDoubt}
	if e.Code != "" {
		row.Code = &e.Code
	}
	if e.ID != 0 {
		row.ID = &e.ID
	}
	return row
}
