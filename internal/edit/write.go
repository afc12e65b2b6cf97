package edit

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/spec"
)

// Manifest is a new manifest to be written.
type Manifest struct {
	Kind spec.Kind
	Name string
	// Labels and Annotations may be nil. They are written in the order of their keys.
	Labels, Annotations map[string]string
	// Comment stands above the manifest, one comment line a line of it; "" for none.
	Comment string
	// Fields of spec; they are written in the order of the kind's table.
	Fields []Line
}

// Line is one field of a new manifest.
type Line struct {
	// Value by its Field, Key, Text, Items and Version, as spec.Value tells. A Text that breaks mokasync's rules is written so that YAML reads the same text back.
	Value spec.Value
	// Comment stands above the field, one comment line a line of it; "" for none.
	Comment string
}

// Writer writes manifests one after the other. What it writes is buffered: end with Flush.
type Writer struct {
	w     *bufio.Writer
	buf   []byte
	order []*Line // the fields of the manifest at hand, in the order of the table
	begun bool
}

// NewWriter writes to w. Nothing is kept of a manifest once it is written.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriterSize(w, 64<<10)} }

// Flush writes out what is buffered.
func (w *Writer) Flush() error { return w.w.Flush() }

// Write writes one manifest, and --- before all but the first. An error is the underlying writer's, or tells of what no manifest can hold: a text
// that is not UTF-8, a label's key of more than 1000 bytes, a field of another kind; nothing of the manifest is written then.
func (w *Writer) Write(m *Manifest) error {
	if err := m.check(); err != nil {
		return err
	}
	b := w.buf[:0]
	if w.begun {
		b = append(b, "---\n"...)
	}
	b = appendComment(b, m.Comment, "")
	b = append(b, "apiVersion: "+spec.APIVersion+"\nkind: "...)
	b = append(b, m.Kind.String()...)
	b = m.appendMetadata(append(b, '\n'))
	b = append(b, "spec:"...)
	if len(m.Fields) == 0 {
		b = append(b, " {}"...)
	}
	b = append(b, '\n')
	w.sort(m)
	for _, l := range w.order {
		b = appendComment(b, l.Comment, "  ")
		b = append(append(append(b, "  "...), l.Value.Field.Name...), ": "...)
		b = append(appendValue(b, &l.Value, 2, false, "\n"), '\n')
	}
	w.buf, w.begun = b, true
	_, err := w.w.Write(b)
	return err
}

// maxKey is the longest key of a label that every reader of YAML takes, in bytes.
const maxKey = 1000

// check refuses what cannot be written so that it reads back the same.
func (m *Manifest) check() error {
	good := utf8.ValidString(m.Name)
	for _, pairs := range []map[string]string{m.Labels, m.Annotations} {
		for key, value := range pairs {
			good = good && utf8.ValidString(key) && utf8.ValidString(value) && len(key) <= maxKey
		}
	}
	for i := range m.Fields {
		v := &m.Fields[i].Value
		if v.Field.Kind() != m.Kind {
			return fmt.Errorf("%s is a field of %s, not of %s", v.Field.Name, v.Field.Kind(), m.Kind)
		}
		good = good && utf8.ValidString(v.Text)
		for j := range v.Items() {
			good = good && utf8.ValidString(v.Items()[j].Text)
		}
	}
	if !good {
		return fmt.Errorf("%s/%s has a text that is not UTF-8, or a label with too long a key", m.Kind.Prefix(), strings.ToValidUTF8(m.Name, "�"))
	}
	return nil
}

func (w *Writer) sort(m *Manifest) {
	w.order = w.order[:0]
	for i := range m.Fields {
		w.order = append(w.order, &m.Fields[i])
	}
	slices.SortStableFunc(w.order, func(a, b *Line) int { return a.Value.Field.Index() - b.Value.Field.Index() })
}

func (m *Manifest) appendMetadata(b []byte) []byte {
	if len(m.Labels) == 0 && len(m.Annotations) == 0 {
		return append(appendText(append(b, "metadata: {name: "...), m.Name, true), "}\n"...)
	}
	b = append(appendText(append(b, "metadata:\n  name: "...), m.Name, false), '\n')
	b = appendPairs(b, "labels", m.Labels)
	return appendPairs(b, "annotations", m.Annotations)
}

func appendPairs(b []byte, name string, pairs map[string]string) []byte {
	if len(pairs) == 0 {
		return b
	}
	b = append(append(append(b, "  "...), name...), ": {"...)
	for i, key := range slices.Sorted(maps.Keys(pairs)) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendText(b, key, true), ": "...)
		b = appendText(b, pairs[key], true)
	}
	return append(b, "}\n"...)
}

// appendComment writes comment lines. What would end the line, or cannot be seen, becomes a blank.
func appendComment(b []byte, text, indent string) []byte {
	if text == "" {
		return b
	}
	for line := range strings.SplitSeq(text, "\n") {
		b = append(append(b, indent...), '#')
		if line = strings.TrimRight(line, " \t\r"); line != "" {
			b = append(b, ' ')
		}
		for _, r := range line {
			if !unicode.IsPrint(r) || !printable(r) || r == utf8.RuneError {
				r = ' '
			}
			b = utf8.AppendRune(b, r)
		}
		for len(b) > 0 && b[len(b)-1] == ' ' {
			b = b[:len(b)-1]
		}
		b = append(b, '\n')
	}
	return b
}

// appendValue writes a field's value. indent is that of the line on which it stands; flow says that it stands in { } or [ ].
func appendValue(b []byte, v *spec.Value, indent int, flow bool, newline string) []byte {
	switch {
	case v.Field.IsList() && v.Items() != nil, v.Field.IsList() && v.Text == "":
		b = append(b, '[')
		for i := range v.Items() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendItem(b, &v.Items()[i], indent, true, newline)
		}
		return append(b, ']')
	}
	return appendItem(b, v, indent, flow, newline)
}

// appendItem writes one text of a value, under its key if it has one: {customerCode: …}, {token: {fromEnv: …}}.
func appendItem(b []byte, v *spec.Value, indent int, flow bool, newline string) []byte {
	if v.Key() == "" {
		return appendScalar(b, v, indent, flow, newline)
	}
	deep := 0
	for key := range strings.SplitSeq(v.Key(), ".") {
		b = append(append(append(b, '{'), key...), ": "...)
		deep++
	}
	b = appendScalar(b, v, indent, true, newline)
	if v.Field.Type == spec.Password {
		b = strconv.AppendInt(append(b, ", version: "...), int64(v.Version), 10)
	}
	for ; deep > 0; deep-- {
		b = append(b, '}')
	}
	return b
}

func appendScalar(b []byte, v *spec.Value, indent int, flow bool, newline string) []byte {
	switch how := formOf(v.Field, v.Key()); {
	case how == inDigits && isDigits(v.Text):
		return append(b, v.Text...)
	case how == inQuotes && v.Text != spec.Never:
		return appendQuoted(b, v.Text)
	case !flow && blockText(v.Text):
		return appendBlock(b, v.Text, indent+2, newline)
	}
	return appendText(b, v.Text, flow)
}

// form is how a value is written in our own style.
type form uint8

const (
	asText form = iota
	inQuotes
	inDigits
)

// formOf tells how a field's text is written, or the text under a key of its mapping.
func formOf(f *spec.Field, key string) form {
	if key == "fromEnv" || key == "fromFile" || strings.HasSuffix(key, ".fromEnv") || strings.HasSuffix(key, ".fromFile") {
		return asText
	}
	if key != "" && f.IsReference() { // as the field of that name is written there; Moka's own numbers have none
		if f = f.Target.Def().Field(key); f == nil {
			return inDigits
		}
	}
	switch f.Type {
	case spec.Date, spec.EndDate, spec.Money:
		return inQuotes
	case spec.Integer, spec.MokaID, spec.Days:
		return inDigits
	}
	return asText
}

// isDigits reports whether a text is a whole number in plain digits, which every YAML reads as these digits.
func isDigits(text string) bool {
	return text != "" && len(text) <= 15 && strings.Trim(text, "0123456789") == "" && (text == "0" || text[0] != '0')
}
