package spec

import (
	"slices"
	"strings"
)

// Resource is one manifest: what is wanted of one thing at Moka.
type Resource struct {
	Address Address
	// Code is what Moka calls the thing by: the manifest's code or metadata.name; "" for kinds without one (Card, Schedule).
	Code        string
	Labels      map[string]string
	Annotations map[string]string
	// MovedFrom is the address that the resource had before, Replaces that of the sale that is ended before this one is made; zero for none.
	MovedFrom, Replaces Address
	// Values are the managed fields, in the order of the kind's table. A field that is left out is not here and is not managed.
	Values []Value
	// Sources are the values that the manifest only names, in the order of Values; a password is none.
	Sources []Source
	// File is the path as it was given; Line and Column are those of the document's `kind` value, from 1.
	File         string
	Line, Column int
}

// Source says where a value stands that the manifest only names.
type Source struct {
	Field string // its manifest name
	Item  int    // of a list, from 0; -1 for a scalar
	From  string // "fromEnv ELIF_CARD"
}

// Outside reports whether a field's value (of a list its item, from 0, else -1) stands outside the manifest, read or not.
func (r *Resource) Outside(field string, item int) bool {
	return slices.ContainsFunc(r.Sources, func(s Source) bool { return s.Field == field && s.Item == item })
}

// Value is one managed field's value.
type Value struct {
	Field *Field
	// Key says under which key of a mapping the text stood: "" for a plain scalar (of a reference: the name of a resource here), else one of Field.Elsewhere ("customerCode", "token"),
	// "fromEnv" or "fromFile" (Text then names the variable or the file), or "token.fromEnv" and so on for both.
	Key string
	// Text is the canonical text (see Type); "" for a list.
	Text string
	// Items are a list's elements; days are sorted, references in the manifest's order.
	Items []Value
	// Version of a password, from 1.
	Version int
	// Line and Column of the value in the resource's file, from 1.
	Line, Column int
}

// Value finds the value of a managed field by its manifest name, nil if the field is not managed.
func (r *Resource) Value(name string) *Value {
	for i := range r.Values {
		if r.Values[i].Field.Name == name {
			return &r.Values[i]
		}
	}
	return nil
}

// Text gives a managed scalar's canonical text, "" if it is not managed.
func (r *Resource) Text(name string) string {
	if v := r.Value(name); v != nil {
		return v.Text
	}
	return ""
}

// FromSource reports whether the value stands outside the manifest and has not been read yet.
func (v *Value) FromSource() bool {
	return strings.HasSuffix(v.Key, "fromEnv") || strings.HasSuffix(v.Key, "fromFile")
}

// Local gives the address of the resource here that a reference names, and false for one kept elsewhere.
func (v *Value) Local() (Address, bool) {
	if v.Key != "" || v.Text == "" || !v.Field.IsReference() {
		return Address{}, false
	}
	return Address{v.Field.Target, v.Text}, true
}

// Texts gives what a person wrote, in canonical form: one text, or a list's texts. Secrets and personal values are in it: mask before showing.
func (v *Value) Texts() []string {
	if !v.Field.IsList() {
		return []string{v.manifestText()}
	}
	out := make([]string, len(v.Items))
	for i := range v.Items {
		out[i] = v.Items[i].manifestText()
	}
	return out
}

func (v *Value) manifestText() string {
	switch keys := strings.Split(v.Key, "."); {
	case v.Key == "":
		return v.Text
	case strings.HasPrefix(v.Key, "token"):
		return "{token: (secret)}"
	default:
		text := "{" + strings.Join(keys, ": {") + ": " + v.Text + strings.Repeat("}", len(keys))
		return text
	}
}

// References gives the addresses of the resources here that r names, in the order of its fields, each once.
func (r *Resource) References() []Address {
	var out []Address
	add := func(v *Value) {
		a, ok := v.Local()
		if !ok {
			return
		}
		for _, have := range out {
			if have == a {
				return
			}
		}
		out = append(out, a)
	}
	for i := range r.Values {
		add(&r.Values[i])
		for j := range r.Values[i].Items {
			add(&r.Values[i].Items[j])
		}
	}
	return out
}
