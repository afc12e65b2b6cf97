package edit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// Formatted is a file in the project's style.
type Formatted struct {
	// Data is the file's new bytes; the old ones where nothing is to be changed.
	Data []byte
	// Changed reports whether Data differs from what was given.
	Changed bool
	// Diagnostics are what YAML cannot read, as errors: the file is then left as it is. Warnings tell of documents that are left as they are for
	// another reason, notes of those that belong to another tool.
	Diagnostics []spec.Diagnostic
}

// Format puts the documents of ours in a file into the project's style: newlines alone at the ends of lines, no byte order mark, no blanks at the ends
// of lines, one blank line in a row at most, two blanks of indentation, keys in the order of the tables, dates and amounts in double quotes. Comments
// move with their keys. A document with anchors, aliases, tags or merge keys keeps its order. Documents with another apiVersion, or none, stay as they are.
//
// What comes out says the same as what went in, has the same comments, and is not changed by formatting it again: this is checked by reading it, and
// a document for which it does not hold is left as it is, with a warning. path stands in the diagnostics.
func Format(path string, data []byte) Formatted {
	out, ds := format(path, data)
	f := Formatted{Data: out, Changed: !bytes.Equal(out, data), Diagnostics: ds}
	if f.Changed {
		if why := unproven(path, data, out); why != "" {
			f = Formatted{Data: data, Diagnostics: append(ds, spec.Diagnostic{Severity: spec.Warning, File: path,
				Message: "left as it is: it could not be shown that formatting keeps " + why + "; please report this"})}
		}
	}
	return f
}

// unproven says what formatting would not keep, "" if it is right.
func unproven(path string, data, out []byte) string {
	before, after := spec.ReadFile(path, data, spec.Options{}), spec.ReadFile(path, out, spec.Options{})
	if !sameReading(before, after) {
		return "what it says"
	}
	if !sameDocuments(data, out) {
		return "a value or a comment"
	}
	if again, _ := format(path, out); !bytes.Equal(again, out) {
		return "its own result"
	}
	return ""
}

// part is one document of a file on its way.
type part struct {
	spec.Document
	text []byte // what becomes of it
	done bool   // it is ours, or nothing but comments, and was formatted
	ours bool   // it is ours
	note *spec.Diagnostic
}

func format(path string, data []byte) ([]byte, []spec.Diagnostic) {
	text, mark := trimBOM(data)
	if len(text) > spec.MaxFile {
		return data, []spec.Diagnostic{{Severity: spec.Error, File: path, Message: "is too large for a file of manifests"}}
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) { // UTF-16, which the parser would read
		return data, spec.ReadFile(path, data, spec.Options{}).Diagnostics
	}
	var ds []spec.Diagnostic
	ours, bad := false, false
	docs := spec.Documents(text)
	parts := make([]part, len(docs))
	inParallel(len(docs), func(i int) {
		parts[i].Document = docs[i]
		parts[i].format(path, text[docs[i].Start:docs[i].End])
	})
	for i := range parts {
		ours, bad = ours || parts[i].ours, bad || parts[i].text == nil
		if parts[i].note != nil {
			ds = append(ds, *parts[i].note)
		}
	}
	if bad {
		r := spec.ReadFile(path, data, spec.Options{})
		if errs := unreadable(r, parts); len(errs) > 0 {
			return data, errs
		}
		for i := range parts { // what cannot be read belongs to another tool: a template
			if parts[i].text == nil {
				parts[i].text = text[parts[i].Start:parts[i].End]
			}
		}
	}
	if !ours {
		return data, ds
	}
	if !parts[0].done {
		return append(mark, join(parts)...), ds
	}
	return join(parts), ds
}

// unreadable gives the errors on the documents that YAML cannot read.
func unreadable(r *spec.Reading, parts []part) []spec.Diagnostic {
	var out []spec.Diagnostic
	for i, p := range parts {
		for _, d := range r.Diagnostics {
			if p.text == nil && d.Severity == spec.Error && d.Line >= p.Line && (i+1 == len(parts) || d.Line < parts[i+1].Line) {
				out = append(out, d)
			}
		}
	}
	return out
}

// format fills in what becomes of a document; text stays nil if YAML cannot read it.
func (p *part) format(path string, data []byte) {
	old := data
	data = breaks(data)
	page, err := read(data)
	if page == nil {
		if errors.Is(err, errLayout) {
			p.text = old
		}
		return
	}
	p.text = old
	if page.root == nil {
		if p.done = err == nil && !hasDirective(data); p.done {
			p.text = page.tidy()
		}
		return
	}
	def, ours := owned(page.root)
	if p.ours = ours; !ours {
		p.say(path, spec.Info, page.root, "passed over: it is no manifest of apiVersion "+spec.APIVersion)
		return
	}
	if err == nil && hasDirective(data) {
		err = fmt.Errorf("%w: it has a %% directive", errLayout)
	}
	var out []byte
	ordered := true
	if err == nil {
		out, ordered, err = tidied(page, def)
	}
	switch {
	case err != nil:
		p.say(path, spec.Warning, page.root, "this document is left as it is: it "+err.Error())
		return
	case !ordered:
		p.say(path, spec.Warning, page.root, "this document keeps its order and indentation: it "+errLayout.Error())
	}
	p.text, p.done = out, true
}

func (p *part) say(path string, severity spec.Severity, at *yaml.Node, message string) {
	p.note = &spec.Diagnostic{Severity: severity, File: path, Line: at.Line + p.Line - 1, Column: at.Column, Message: message}
}

// owned reports whether a document is a manifest of ours, and its kind's definition, nil if that is not known.
func owned(root *yaml.Node) (*spec.Definition, bool) {
	if version := child(root, "apiVersion"); version == nil || version.Value != spec.APIVersion {
		return nil, false
	}
	if kind := child(root, "kind"); kind != nil && kind.Kind == yaml.ScalarNode {
		if k, ok := spec.KindOf(kind.Value); ok {
			return k.Def(), true
		}
	}
	return nil, true
}

// child gives the value of a key, nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func hasDirective(data []byte) bool {
	return data[0] == '%' || bytes.Contains(data, []byte("\n%"))
}

// tidied gives a document without needless blanks and, where that is safe, in order; ordered is false where that could not be done. Each step is
// taken only if its result says the same.
func tidied(p *page, def *spec.Definition) (out []byte, ordered bool, err error) {
	text := p.tidy()
	plain := p
	if !bytes.Equal(text, p.data) {
		if plain, err = read(text); err != nil || !p.sameAs(plain, nil) {
			return nil, false, fmt.Errorf("%w: a text in it depends on how its lines end", errLayout)
		}
	}
	if def == nil || plain.kept {
		return text, true, nil
	}
	better, ok := plain.print(def)
	if !ok || bytes.Equal(better, text) {
		return text, ok, nil
	}
	if after, err := read(better); err != nil || !plain.sameAs(after, def) {
		return text, false, nil
	}
	return better, true, nil
}
