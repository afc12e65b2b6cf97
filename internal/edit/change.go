package edit

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// editor makes one change in one document.
type editor struct {
	*page
	path     string
	base     int // what is added to a node's line to get the file's
	resource *spec.Resource
	field    *spec.Field // nil for a key of metadata
	newline  string
	cuts     []splice
}

// setAll makes changes in a document, of which base lines stand before it in its file.
func setAll(path string, doc []byte, base int, r *spec.Resource, changes []Change) ([]byte, error) {
	p, err := read(doc)
	if err != nil || p.root == nil {
		if !errors.Is(err, errLayout) {
			err = errLayout
		}
		return nil, &Error{File: path, Line: r.Line, Column: r.Column, Message: "the manifest of " + r.Address.String() + " " + err.Error() + ": change it by hand"}
	}
	e := &editor{page: p, path: path, base: base, resource: r, newline: newlineOf(doc)}
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b Change) int { return e.rankOf(a.place()) - e.rankOf(b.place()) })
	for _, c := range changes {
		if err := e.begin(c); err != nil {
			return nil, err
		}
	}
	out, ok := spliced(doc, e.cuts)
	if !ok {
		return nil, e.refuse(p.root, "these changes touch each other: make them one by one", "")
	}
	return out, nil
}

func (e *editor) begin(c Change) error {
	parentName, key := c.place()
	e.field = nil
	if parentName == "spec" {
		if e.field = e.resource.Address.Kind.Def().Field(key); e.field == nil {
			return e.refuse(e.root, "%s is no field of a "+e.resource.Address.Kind.String(), key)
		}
		if e.field.Type == spec.Password || c.Value != nil && strings.Contains(c.Value.Key(), "from") {
			return e.refuse(e.root, "%s stands outside the manifest: change it there", key)
		}
	}
	list := e.field != nil && e.field.IsList()
	if c.Value != nil && (list && c.Value.Text != "" || !list && c.Value.Items() != nil) {
		return e.refuse(e.root, "%s does not hold this sort of value", key)
	}
	return e.change(parentName, key, c.Value)
}

// newlineOf gives the line break that a document uses.
func newlineOf(doc []byte) string {
	if i := bytes.IndexByte(doc, '\n'); i > 0 && doc[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// refuse is the error of what cannot be done at a node. %s in the message stands for key.
func (e *editor) refuse(n *yaml.Node, message, key string) error {
	return &Error{File: e.path, Line: n.Line + e.base, Column: n.Column, Message: strings.ReplaceAll(message, "%s", key)}
}

func (e *editor) change(parentName, key string, want *spec.Value) error {
	parent := child(e.root, parentName)
	if parent == nil || parent.Kind != yaml.MappingNode {
		at := e.root
		if parent != nil {
			at = parent
		}
		return e.refuse(at, parentName+" does not stand in this document as a mapping (an alias or a merge key gives it): write %s by hand", key)
	}
	if e.used(e.root, false) || e.used(parent, false) {
		return e.refuse(parent, "%s stands in what others refer to by an anchor (&): a change would reach them; change it by hand", key)
	}
	i := indexOf(parent, key)
	switch {
	case i < 0 && e.merged(parent, key):
		return e.refuse(parent, "%s comes from a merge key (<<): change it where it is written", key)
	case i < 0 && want == nil:
		return e.refuse(parent, "%s does not stand here, so that it cannot be taken out", key)
	case i < 0:
		return e.insert(parent, parentName, key, want)
	}
	value := parent.Content[i+1]
	if err := e.mayChange(value, key); err != nil {
		return err
	}
	if want == nil {
		return e.remove(parent, i)
	}
	return e.replace(value, key, want)
}

// mayChange refuses a value that is not written here, or not only for this field.
func (e *editor) mayChange(n *yaml.Node, key string) error {
	switch {
	case n.Kind == yaml.AliasNode:
		return e.refuse(n, "%s comes from an alias (*): change it where its anchor (&) is", key)
	case e.used(n, true):
		return e.refuse(n, "others refer to %s by its anchor (&): a change would reach them; change it by hand", key)
	case tagged(n):
		return e.refuse(n, "%s has a tag (!): remove the tag, then try again", key)
	}
	if e.field == nil {
		return nil
	}
	if v := e.resource.Value(key); v != nil && v.FromSource() {
		return e.refuse(n, "%s comes from a variable or a file: change it there", key)
	}
	return nil
}

func tagged(n *yaml.Node) bool {
	if n.Style&yaml.TaggedStyle != 0 {
		return true
	}
	for _, c := range n.Content {
		if c.Kind == yaml.AliasNode || tagged(c) {
			return true
		}
	}
	return false
}

// used reports whether an alias in the document refers to n or, with deep, to something in it.
func (e *editor) used(n *yaml.Node, deep bool) bool {
	if n.Anchor != "" && refersTo(e.root, n) {
		return true
	}
	for _, c := range n.Content {
		if deep && e.used(c, true) {
			return true
		}
	}
	return false
}

func refersTo(n, target *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		return n.Alias == target
	}
	for _, c := range n.Content {
		if refersTo(c, target) {
			return true
		}
	}
	return false
}

// merged reports whether a mapping has a merge key by which the key may come.
func (e *editor) merged(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			return e.field == nil || e.resource.Value(key) != nil
		}
	}
	return false
}

func indexOf(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func (e *editor) cut(start, end int, text []byte) { e.cuts = append(e.cuts, splice{start, end, text}) }

// commentsIn gives the comments from one offset to another.
func (e *editor) commentsIn(from, to int) []string {
	part := &page{data: e.data[:to], lines: lineStarts(e.data[:to])}
	for _, l := range e.leaves {
		if l.start < to {
			part.leaves = append(part.leaves, l)
		}
	}
	all := part.comments()
	part.data, part.lines = e.data[:from], lineStarts(e.data[:from])
	for i, l := range part.leaves {
		if l.start >= from {
			part.leaves = part.leaves[:i]
			break
		}
	}
	return all[len(part.comments()):]
}

// isFlow reports whether a collection is written in { } or [ ].
func (p *page) isFlow(n *yaml.Node) bool {
	c := p.data[p.where[n].start]
	return n.Kind != yaml.ScalarNode && (c == '{' || c == '[')
}

// rankOf gives a key's place among those of its mapping; keys of no place come last.
func (e *editor) rankOf(parentName, key string) int {
	f := printer{def: e.resource.Address.Kind.Def()}
	if parentName == "spec" {
		return f.rank(inSpec, key)
	}
	return f.rank(inMetadata, key)
}

// insert writes a new key behind those that come before it in the table.
func (e *editor) insert(parent *yaml.Node, parentName, key string, want *spec.Value) error {
	last := -1
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if !isMerge(parent.Content[i]) && e.rankOf(parentName, parent.Content[i].Value) <= e.rankOf(parentName, key) {
			last = i
		}
	}
	if e.isFlow(parent) {
		e.insertFlow(parent, last, key, want)
		return nil
	}
	first := e.where[parent.Content[0]].start
	indent := string(e.data[e.lines[e.line(first)]:first])
	text := e.appendNew([]byte(indent+key+": "), want, len(indent), false)
	line := e.line(e.where[child2key(e.root, parentName)].colon)
	if last >= 0 {
		line = e.line(e.where[parent.Content[last+1]].end)
	}
	e.insertLine(line, text)
	return nil
}

// child2key gives the node of a key itself.
func child2key(n *yaml.Node, key string) *yaml.Node { return n.Content[indexOf(n, key)] }

// insertLine writes a line of its own behind line i.
func (e *editor) insertLine(i int, text []byte) {
	if end := e.ending(i); end == len(e.data) {
		e.cut(end, end, append([]byte(e.newline), text...))
		return
	}
	e.cut(e.lines[i+1], e.lines[i+1], append(text, e.newline...))
}

func (e *editor) insertFlow(parent *yaml.Node, last int, key string, want *spec.Value) {
	text := e.appendNew([]byte(key+": "), want, 0, true)
	switch {
	case len(parent.Content) == 0:
		e.cut(e.where[parent].start+1, e.where[parent].start+1, text)
	case last < 0:
		at := e.where[parent.Content[0]].start
		e.cut(at, at, append(text, ", "...))
	default:
		at := e.where[parent.Content[last+1]].end
		e.cut(at, at, append([]byte(", "), text...))
	}
}

// appendNew writes a value of which nothing stands here yet.
func (e *editor) appendNew(b []byte, want *spec.Value, indent int, flow bool) []byte {
	if e.field == nil {
		return appendText(b, want.Text, flow)
	}
	v := wanted(e.field, want)
	return appendValue(b, &v, indent, flow, e.newline)
}

// remove takes out a key with its value. The comments beside them stay, on lines of their own.
func (e *editor) remove(parent *yaml.Node, i int) error {
	key, value := parent.Content[i], parent.Content[i+1]
	k, v := e.where[key], e.where[value]
	if len(parent.Content) == 2 {
		return e.refuse(key, "%s is all that stands here: change it by hand", key.Value)
	}
	if !e.isFlow(parent) {
		e.removeLines(e.line(k.start), e.line(max(v.end, k.colon)))
		return nil
	}
	from, to := k.start, v.end
	if i == 0 {
		to = e.where[parent.Content[2]].start
	} else {
		from = e.where[parent.Content[i-1]].end
	}
	if len(e.commentsIn(from, to)) > 0 {
		return e.refuse(key, "comments stand around %s in { }: change it by hand", key.Value)
	}
	e.cut(from, to, nil)
	return nil
}

// removeLines takes out whole lines, but for their comments.
func (e *editor) removeLines(first, last int) {
	start, end := e.lines[first], len(e.data)
	if last+1 < len(e.lines) {
		end = e.lines[last+1]
	}
	indent := e.data[start : start+e.blanks(first)]
	var rest []byte
	for _, c := range e.commentsIn(start, e.ending(last)) {
		rest = append(append(append(rest, indent...), c...), e.newline...)
	}
	e.cut(start, end, rest)
}
