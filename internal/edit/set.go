package edit

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// Change is what one field of a resource is to be.
type Change struct {
	// Field is a field of spec, "amount", or a key of metadata that holds one text, "metadata.movedFrom".
	Field string
	// Value by its Key, Text (canonical) and Items, as spec.Value tells; its Field and place are not looked at. nil takes the field out.
	Value *spec.Value
}

// Error says why a manifest was not edited, and where. Nothing of a value stands in it.
type Error struct {
	File         string
	Line, Column int // from 1; 0 when the whole file is meant
	// Message says what stands in the way and what to do.
	Message string
}

// Error gives the place and the message.
func (e *Error) Error() string {
	return spec.Diagnostic{File: e.File, Line: e.Line, Column: e.Column}.Place() + ": " + e.Message
}

// Set changes fields of one resource in the bytes of its file and gives the new bytes. All else stays as it is, byte for byte: a changed value keeps
// its quotes where the new one allows it, a new field stands where the kind's table has it, and the comments beside a line that goes stay.
//
// The resource is found by its address and line, that of its document's kind (spec.Resource.Line); with line 0 the address must stand once.
// The result has been read again: exactly the fields that were asked for have changed. What cannot be done safely is an *Error, and nothing is
// changed: a value that comes from an alias, a merge key, a variable or a file, one that others refer to by an anchor, a tag, a manifest with mistakes.
func Set(path string, data []byte, at spec.Address, line int, changes ...Change) ([]byte, error) {
	text, mark := trimBOM(data)
	before := spec.ReadFile(path, text, spec.Options{})
	r, err := find(path, before, at, line)
	if err != nil {
		return nil, err
	}
	docs := spec.Documents(text)
	i := len(docs) - 1
	for i > 0 && docs[i].Line > r.Line {
		i--
	}
	doc := text[docs[i].Start:docs[i].End]
	if doc, err = setAll(path, doc, docs[i].Line-1, r, changes); err != nil {
		return nil, err
	}
	out := slices.Concat(text[:docs[i].Start], doc, text[docs[i].End:])
	if err := proven(path, text, out, docs[i], doc, before, r.Address, changes); err != nil {
		return nil, err
	}
	return append(mark, out...), nil
}

// find gives the resource that is meant.
func find(path string, r *spec.Reading, at spec.Address, line int) (*spec.Resource, error) {
	var found *spec.Resource
	for _, have := range r.Resources {
		if have.Address != at || line > 0 && have.Line != line {
			continue
		}
		if found != nil {
			return nil, &Error{File: path, Line: have.Line, Column: have.Column, Message: at.String() + " stands twice here: remove one"}
		}
		found = have
	}
	if found != nil {
		return found, nil
	}
	for _, d := range r.Diagnostics {
		if d.Severity == spec.Error && (d.Address == at.String() || d.Address == "") {
			return nil, &Error{File: path, Line: d.Line, Column: d.Column, Message: "the manifest of " + at.String() + " has mistakes (" + d.Message + "): mend them first"}
		}
	}
	return nil, &Error{File: path, Line: line, Message: at.String() + " does not stand here (any more): look where its manifest is now"}
}

// proven checks that an edit has changed what it was asked to, and nothing else.
func proven(path string, old, now []byte, d spec.Document, doc []byte, before *spec.Reading, at spec.Address, changes []Change) error {
	after := spec.ReadFile(path, now, spec.Options{})
	r, err := find(path, after, at, 0)
	if err != nil {
		for _, d := range after.Diagnostics {
			if d.Severity == spec.Error && d.Address == at.String() {
				return &Error{File: path, Line: d.Line, Column: d.Column, Message: "with this value the manifest would not be valid: " + d.Message}
			}
		}
	}
	failed := &Error{File: path, Line: d.Line, Column: 1, Message: "the edit of " + at.String() + " would change more than was asked for: change the line by hand"}
	if err != nil || len(after.Resources) != len(before.Resources) {
		return failed
	}
	for i, was := range before.Resources {
		if is := after.Resources[i]; was.Address != is.Address || was.Address != at && !reflect.DeepEqual(bare(was), bare(is)) {
			return failed
		}
	}
	p, err1 := read(old[d.Start:d.End])
	q, err2 := read(doc)
	if err1 != nil || err2 != nil || !sameComments(p, q) || differ(without(p.facts(), changes), without(q.facts(), changes), nil) != "" {
		return failed
	}
	for _, c := range changes {
		if !holdsValue(r, q.root, c) {
			return failed
		}
	}
	return nil
}

// without leaves the facts on the changed fields out, and how many keys there are where one may have come or gone.
func without(facts []fact, changes []Change) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool {
		for _, c := range changes {
			parent, key := c.place()
			parent = "\x00" + parent + "\x01!!str"
			if key = parent + "\x00" + key + "\x01"; f.path == parent || strings.HasPrefix(f.path, key) {
				return true
			}
		}
		return false
	})
}

// place gives the mapping in which a field stands, and its key.
func (c Change) place() (parent, key string) {
	if key, ok := strings.CutPrefix(c.Field, "metadata."); ok {
		return "metadata", key
	}
	return "spec", c.Field
}

// holdsValue reports whether a resource now says what a change asks for.
func holdsValue(r *spec.Resource, root *yaml.Node, c Change) bool {
	parent, key := c.place()
	if parent == "metadata" {
		n := child(child(root, parent), key)
		if c.Value == nil || n == nil {
			return c.Value == nil && n == nil
		}
		return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value == c.Value.Text
	}
	have := r.Value(key)
	if c.Value == nil || have == nil {
		return c.Value == nil && have == nil
	}
	want := wanted(have.Field, c.Value)
	return reflect.DeepEqual(bareValues([]spec.Value{*have}), bareValues([]spec.Value{want}))
}

// wanted gives a value as the manifest is to have it: of its field, without a place, days in ascending order.
func wanted(f *spec.Field, v *spec.Value) spec.Value {
	out := spec.Keyed(f, v.Key(), v.Text)
	if !f.IsList() {
		return out
	}
	texts := map[string]spec.Value{}
	var order []string
	items := []spec.Value{}
	for _, item := range v.Items() {
		clean := spec.Keyed(f, item.Key(), item.Text)
		texts[clean.Text], order = clean, append(order, clean.Text)
		items = append(items, clean)
	}
	if !f.IsReference() {
		f.SortDays(order)
		for i, text := range order {
			items[i] = texts[text]
		}
	}
	out.SetItems(items)
	return out
}

// splice is one cut: what stands from start to end becomes text.
type splice struct {
	start, end int
	text       []byte
}

// spliced makes cuts, what is inserted at a place before what begins there; false if they overlap.
func spliced(data []byte, cuts []splice) ([]byte, bool) {
	slices.SortStableFunc(cuts, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(min(a.end-a.start, 1), min(b.end-b.start, 1)))
	})
	var out bytes.Buffer
	at := 0
	for _, c := range cuts {
		if c.start < at {
			return nil, false
		}
		out.Write(data[at:c.start])
		out.Write(c.text)
		at = c.end
	}
	out.Write(data[at:])
	return out.Bytes(), true
}
