package spec

import "slices"

// Resource is one manifest: what is wanted of one thing at Moka.
type Resource struct {
	Address Address
	// Code is what Moka calls the thing by: the manifest's code or metadata.name; "" for kinds without one (Card, Schedule).
	Code string
	// Labels and Annotations are not to be written: resources with equal ones share one map.
	Labels, Annotations map[string]string
	// Values are the managed fields, in the order of the kind's table. A field that is left out is not here and is not managed.
	Values []Value
	// File is the path as it was given; Line and Column are those of the document's `kind` value, from 1.
	File         string
	Line, Column int
	rare         *rare
}

// rare is what few resources have.
type rare struct {
	movedFrom, replaces Address
	sources             []Source
}

// MovedFrom is the address that the resource had before, zero for none.
func (r *Resource) MovedFrom() Address {
	if r.rare == nil {
		return Address{}
	}
	return r.rare.movedFrom
}

// Replaces is the address of the sale that is ended before this one is made, zero for none.
func (r *Resource) Replaces() Address {
	if r.rare == nil {
		return Address{}
	}
	return r.rare.replaces
}

// Sources are the values that the manifest only names, in the order of Values; a password is none.
func (r *Resource) Sources() []Source {
	if r.rare == nil {
		return nil
	}
	return r.rare.sources
}

func (r *Resource) rarely() *rare {
	if r.rare == nil {
		r.rare = &rare{}
	}
	return r.rare
}

// Source says where a value stands that the manifest only names.
type Source struct {
	Field string // its manifest name
	Item  int    // of a list, from 0; -1 for a scalar
	From  string // "fromEnv ELIF_CARD"
}

// Outside reports whether a field's value (of a list its item, from 0, else -1) stands outside the manifest, read or not.
func (r *Resource) Outside(field string, item int) bool {
	return slices.ContainsFunc(r.Sources(), func(s Source) bool { return s.Field == field && s.Item == item })
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
		items := r.Values[i].Items()
		for j := range items {
			add(&items[j])
		}
	}
	return out
}
