package lockfile

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// Fields are a resource's fields as they are kept. They are held as they stand in the lockfile and taken apart when they are asked for: a hundred thousand resources have a million of them.
// The zero Fields are none. Fields never change, and two that keep the same values in the same order are equal by ==.
type Fields struct {
	kind spec.Kind
	text string // a JSON object as appendLocked writes it, "" for none
}

// FieldsOf packs fields of one kind, in the order in which they are given.
func FieldsOf(fields []Locked) Fields {
	if len(fields) == 0 {
		return Fields{}
	}
	var room [512]byte
	return Fields{fields[0].Field.Kind(), string(appendLocked(room[:0], fields))}
}

// IsZero reports whether there are none.
func (f Fields) IsZero() bool { return f.text == "" }

// All gives the fields and their places, from 0.
func (f Fields) All() iter.Seq2[int, Locked] {
	return func(yield func(int, Locked) bool) { f.each(yield) }
}

func (f Fields) each(yield func(int, Locked) bool) {
	w := f.Walk()
	for i := 0; ; i++ {
		if l, ok := w.Next(); !ok || !yield(i, l) {
			return
		}
	}
}

// Walk begins to go through the fields, beside something else.
func (f Fields) Walk() Walk { return Walk{Fields: f} }

// Walk is a way through fields.
type Walk struct {
	Fields
	at  int // behind the last one's value
	row int // of the kind's table, at which the next one stands most probably
}

// Next gives the next field, and whether there is one.
func (w *Walk) Next() (l Locked, ok bool) {
	from := w.at + 2 // the brace or a comma, a quote
	if from > len(w.text) {
		return Locked{}, false
	}
	end := from + strings.IndexByte(w.text[from:], '"')
	field := fieldFrom(w.kind.Def(), w.row, w.text[from:end])
	w.row = field.Index() + 1
	l, w.at = unpack(field, w.text, end+2)
	return l, true
}

// List gives the fields, to be changed and packed again; nil for none.
func (f Fields) List() []Locked {
	var out []Locked
	for _, l := range f.All() {
		if out == nil {
			out = make([]Locked, 0, len(f.kind.Def().Fields))
		}
		out = append(out, l)
	}
	return out
}

// Find gives the value kept for the field called name, and whether there is one.
func Find(f Fields, name string) (Locked, bool) {
	if f.text == "" {
		return Locked{}, false
	}
	def := f.kind.Def()
	for at := 1; at < len(f.text); at++ { // the brace, a comma
		end := at + 1 + strings.IndexByte(f.text[at+1:], '"')
		key := f.text[at+1 : end]
		at = end + 2 // the colon
		if key == name {
			l, _ := unpack(def.Field(name), f.text, at)
			return l, true
		}
		at = skipValue(f.text, at)
	}
	return Locked{}, false
}

func (f Fields) append(b []byte, key string) []byte {
	if f.text == "" {
		return b
	}
	return append(append(b, key...), f.text...)
}

// fieldFrom finds a field, most probably at or soon behind a row of the table.
func fieldFrom(def *spec.Definition, row int, name string) *spec.Field {
	for i := row; i < len(def.Fields); i++ {
		if def.Fields[i].Name == name {
			return &def.Fields[i]
		}
	}
	return def.Field(name)
}

// unpack reads the value that begins at a place of a packed text, and gives the place behind it.
func unpack(field *spec.Field, text string, at int) (Locked, int) {
	l := Locked{Field: field}
	if !field.IsList() {
		l.Text, at = unquote(text, at)
		return l, at
	}
	l.List = []string{}
	for at++; text[at] != ']'; {
		var item string
		item, at = unquote(text, at)
		l.List = append(l.List, item)
		if text[at] == ',' {
			at++
		}
	}
	return l, at + 1
}

// skipValue gives the place behind the value that begins at a place of a packed text.
func skipValue(text string, at int) int {
	if text[at] == '"' {
		return quotedEnd(text, at)
	}
	for at++; text[at] != ']'; {
		if at = quotedEnd(text, at); text[at] == ',' {
			at++
		}
	}
	return at + 1
}

// unquote reads the JSON string that begins at a place of a packed text, and gives the place behind it.
func unquote(text string, at int) (string, int) {
	end := quotedEnd(text, at)
	inner := text[at+1 : end-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner, end
	}
	var out string
	json.Unmarshal([]byte(text[at:end]), &out) // it was written by encoding/json
	return out, end
}

// quotedEnd gives the place behind the JSON string that begins at a place of a packed text.
func quotedEnd(text string, at int) int {
	for at++; ; at += 2 { // a backslash, and what it stands before
		if at, _ = textEnd(text, at); text[at] == '"' {
			return at + 1
		}
	}
}
