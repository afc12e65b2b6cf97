package lockfile

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/spec"
)

// appendEntry writes an entry as one JSON object, keys in a fixed order, empty ones left out.
func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, `{"address":`...)
	b = appendAddress(b, e.Address)
	return append(appendEntryRest(b, e), '}')
}

func appendEntryRest(b []byte, e *Entry) []byte {
	if e.ID != 0 {
		b = append(b, `,"id":`...)
		b = strconv.AppendInt(b, e.ID, 10)
	}
	if e.Code != "" {
		b = append(b, `,"code":`...)
		b = appendText(b, e.Code)
	}
	if e.Word != "" {
		b = append(b, `,"byWord":`...)
		b = appendText(b, e.Word)
	}
	b = appendMap(b, `,"labels":`, e.Labels)
	b = appendMap(b, `,"annotations":`, e.Annotations)
	if len(e.DependsOn) > 0 {
		b = append(b, `,"dependsOn":[`...)
		for i, a := range e.DependsOn {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendAddress(b, a)
		}
		b = append(b, ']')
	}
	b = e.Fields.append(b, `,"fields":`)
	return e.Defaults.append(b, `,"defaults":`)
}

// appendFields writes fields under a key, nothing where there are none.
func appendFields(b []byte, key string, fields []Locked) []byte {
	if len(fields) == 0 {
		return b
	}
	return appendLocked(append(b, key...), fields)
}

// appendLocked writes fields as one JSON object.
func appendLocked(b []byte, fields []Locked) []byte {
	for i, l := range fields {
		b = append(b, ",{"[btoi(i == 0)])
		b = appendText(b, l.Field.Name)
		b = append(b, ':')
		if !l.Field.IsList() {
			b = appendText(b, l.Text)
			continue
		}
		b = append(b, '[')
		for j, t := range l.List {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendText(b, t)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendMap(b []byte, key string, m map[string]string) []byte {
	if len(m) == 0 {
		return b
	}
	var few [8]string
	names := few[:0]
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	b = append(b, key...)
	for i, n := range names {
		b = append(b, ",{"[btoi(i == 0)])
		b = appendText(b, n)
		b = append(b, ':')
		b = appendText(b, m[n])
	}
	return append(b, '}')
}

func btoi(t bool) int {
	if t {
		return 1
	}
	return 0
}

// appendText writes a JSON string. Most texts need no escape; the others go through encoding/json.
func appendText(b []byte, s string) []byte {
	if plain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var buf strings.Builder
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.Encode(s) // a string always encodes
	return append(b, strings.TrimSuffix(buf.String(), "\n")...)
}

// plain reports whether a text stands for itself in JSON, as encoding/json writes it.
func plain(s string) bool {
	end, ascii := textEnd(s, 0)
	return end == len(s) && (ascii || wellWritten(s))
}

// textEnd gives the place of the first byte from a place on that JSON does not allow in a string as it is, or len(s), and whether all before it is ASCII.
func textEnd(s string, at int) (end int, ascii bool) {
	ascii = true
	for end = plainEnd(s, at); end < len(s) && s[end] >= utf8.RuneSelf; end = plainEnd(s, end+1) {
		ascii = false
	}
	return end, ascii
}

// wellWritten reports whether a text beyond ASCII is UTF-8 without the two separators, which are valid in JSON and which encoding/json writes as escapes.
func wellWritten(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\u2028") && !strings.Contains(s, "\u2029")
}

// appendAddress writes an address as a JSON string.
func appendAddress(b []byte, a spec.Address) []byte {
	if a.IsZero() || !plain(a.Name) {
		return appendText(b, a.String())
	}
	b = append(b, '"')
	b = append(b, a.Kind.Prefix()...)
	b = append(b, '/')
	b = append(b, a.Name...)
	return append(b, '"')
}

// wireEntry is how an entry is read. Its fields are looked up in the table of the address's kind.
type wireEntry struct {
	Address     spec.Address               `json:"address"`
	ID          int64                      `json:"id"`
	Code        string                     `json:"code"`
	Word        string                     `json:"byWord"`
	Labels      map[string]string          `json:"labels"`
	Annotations map[string]string          `json:"annotations"`
	DependsOn   []spec.Address             `json:"dependsOn"`
	Fields      map[string]json.RawMessage `json:"fields"`
	Defaults    map[string]json.RawMessage `json:"defaults"`
}

func (w *wireEntry) entry() (*Entry, error) {
	e := &Entry{Address: w.Address, ID: w.ID, Code: w.Code, Word: w.Word, Labels: w.Labels, Annotations: w.Annotations, DependsOn: w.DependsOn}
	fields, err := readFields(w.Address.Kind, w.Fields)
	if err != nil {
		return nil, err
	}
	defaults, err := readFields(w.Address.Kind, w.Defaults)
	if err != nil {
		return nil, err
	}
	e.Fields, e.Defaults = FieldsOf(fields), FieldsOf(defaults)
	return e, nil
}

func readFields(kind spec.Kind, raw map[string]json.RawMessage) ([]Locked, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	def := kind.Def()
	out := make([]Locked, 0, len(raw))
	for i := range def.Fields {
		f := &def.Fields[i]
		text, ok := raw[f.Name]
		if !ok {
			continue
		}
		l := Locked{Field: f}
		into := any(&l.Text)
		if f.IsList() {
			into = &l.List
		}
		if err := json.Unmarshal(text, into); err != nil {
			return nil, &FieldError{Kind: kind, Field: f.Name}
		}
		out = append(out, l)
	}
	if len(out) != len(raw) {
		for _, name := range slices.Sorted(maps.Keys(raw)) { // which of several is told is not chance
			if def.Field(name) == nil {
				return nil, &FieldError{Kind: kind, Field: name, Unknown: true}
			}
		}
	}
	return out, nil
}

// FieldError says that a line holds a field that cannot be read.
type FieldError struct {
	Kind    spec.Kind
	Field   string
	Unknown bool
}

func (e *FieldError) Error() string {
	if e.Unknown {
		return "a " + e.Kind.String() + " has no field " + strconv.Quote(e.Field) + ": was it written by a newer mokasync?"
	}
	return "the field " + strconv.Quote(e.Field) + " of the " + e.Kind.String() + " is not in the form it should have"
}
