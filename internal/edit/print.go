package edit

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// printer puts a document of ours into the project's style: two blanks of indentation, keys in order, dates and amounts in quotes. A key moves with
// the comments above it, beside it and, set off by a blank line, below it. It takes a tidy document without anchors, aliases and tags.
type printer struct {
	*page
	def  *spec.Definition
	next int // the first line that has not been printed
	err  error
}

// zone is the part of a manifest in which a mapping stands. It says in which order its keys come.
type zone uint8

const (
	elsewhere zone = iota
	top
	inMetadata
	inSpec
)

var topOrder = []string{"apiVersion", "kind", "metadata", "spec"}
var metadataOrder = []string{"name", "labels", "annotations"}

func (z zone) child(key string) zone {
	switch {
	case z == top && key == "metadata":
		return inMetadata
	case z == top && key == "spec":
		return inSpec
	}
	return elsewhere
}

// rank gives a key's place among the keys of its mapping; keys of no place keep their order behind the others.
func (f *printer) rank(z zone, key string) int {
	order := topOrder
	switch z {
	case elsewhere:
		return 0
	case inMetadata:
		order = metadataOrder
	case inSpec:
		if field := f.def.Field(key); field != nil {
			return field.Index()
		}
		return len(f.def.Fields)
	}
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

// entry is one key of a mapping with all that belongs to it, in finished lines.
type entry struct {
	rank               int
	above, text, below []byte
}

// print gives the document in order. The second result is false where it is laid out in a way that this does not take apart.
func (p *page) print(def *spec.Definition) ([]byte, bool) {
	f := printer{page: p, def: def}
	first := p.line(p.where[p.root].start)
	var out []byte
	for i := range first {
		out = append(append(out, p.data[p.lines[i]:p.ending(i)]...), '\n')
	}
	f.next = first
	if start := p.lines[first]; !bytes.HasPrefix(p.data[start:], []byte("---")) {
		out = append(out, f.all()...)
	} else {
		return nil, false
	}
	for ; f.next < len(p.lines) && p.lines[f.next] < len(p.data); f.next++ {
		line := bytes.TrimSpace(p.data[p.lines[f.next]:p.ending(f.next)])
		if len(line) > 0 && line[0] != '#' && !bytes.HasPrefix(line, []byte("...")) {
			return nil, false
		}
		out = append(append(out, line...), '\n')
	}
	return out, f.err == nil
}

func (f *printer) all() []byte {
	if f.isFlow(f.root) {
		return f.inline(f.root, 0, 0, top)
	}
	return f.mapping(f.root, 0, top)
}

func (f *printer) fail() []byte {
	f.err = errLayout
	return nil
}

// mapping prints a block mapping, its keys in order.
func (f *printer) mapping(n *yaml.Node, indent int, z zone) []byte {
	column := f.indentOf(f.where[n].start)
	var entries []entry
	for i := 0; i+1 < len(n.Content) && f.err == nil; i += 2 {
		key := n.Content[i]
		line := f.line(f.where[key].start)
		if line < f.next || z != elsewhere && slices.ContainsFunc(entries, func(e entry) bool { return e.rank == f.rank(z, key.Value) && e.rank < f.unknown(z) }) {
			return f.fail()
		}
		e := entry{rank: f.rank(z, key.Value)}
		above, below := f.between(f.next, line, indent, i > 0)
		if i > 0 {
			entries[len(entries)-1].below = below
		}
		if i == 0 {
			above = bytes.TrimLeft(above, "\n")
		}
		e.above, f.next = above, line
		e.text = f.pair(key, n.Content[i+1], indent, z)
		entries = append(entries, e)
	}
	last := f.foot(column, indent)
	slices.SortStableFunc(entries, func(a, b entry) int { return a.rank - b.rank })
	var out []byte
	for i, e := range entries {
		switch {
		case i == 0:
			e.above = bytes.TrimLeft(e.above, "\n")
		case len(entries[i-1].below) > 0 && !bytes.HasPrefix(e.above, []byte("\n")):
			out = append(out, '\n')
		}
		out = append(append(append(out, e.above...), e.text...), e.below...)
	}
	return append(out, last...)
}

// unknown is the rank of keys that have no place of their own.
func (f *printer) unknown(z zone) int { return f.rank(z, "") }

// between prints the comments and blank lines from one line to another. What stands directly below a key and is set off from the next by a blank
// line belongs to the key; the rest to the next.
func (f *printer) between(from, to, indent int, has bool) (above, below []byte) {
	cut := from
	if has {
		for cut < to && !f.isBlankLine(cut) {
			cut++
		}
		if cut == to {
			cut = from
		}
	}
	return f.remarks(cut, to, indent), f.remarks(from, cut, indent)
}

func (f *printer) isBlankLine(i int) bool {
	return len(bytes.TrimSpace(f.data[f.lines[i]:f.ending(i)])) == 0
}

// remarks prints lines that hold comments or nothing.
func (f *printer) remarks(from, to, indent int) []byte {
	var out []byte
	for i := from; i < to; i++ {
		line := bytes.TrimSpace(f.data[f.lines[i]:f.ending(i)])
		switch {
		case len(line) == 0:
			out = append(out, '\n')
		case line[0] == '#':
			out = append(append(append(out, strings.Repeat(" ", indent)...), line...), '\n')
		default:
			return f.fail()
		}
	}
	return out
}

// foot prints the comments behind the last key or item of a block, as far as they are indented like it.
func (f *printer) foot(column, indent int) []byte {
	to := f.next
	for i := f.next; i < len(f.lines) && f.lines[i] < len(f.data); i++ {
		at := f.lines[i] + f.blanks(i)
		if f.isBlankLine(i) {
			continue
		}
		if f.data[at] != '#' || at-f.lines[i] < max(column, 1) {
			break
		}
		to = i + 1
	}
	out := f.remarks(f.next, to, indent)
	f.next = to
	return out
}

// pair prints a key and its value. The key stands on line next.
func (f *printer) pair(key, value *yaml.Node, indent int, z zone) []byte {
	k, v := f.where[key], f.where[value]
	out := append([]byte(strings.Repeat(" ", indent)), f.data[k.start:k.end]...)
	out = append(out, ':')
	if value.Kind != yaml.ScalarNode && !f.isFlow(value) {
		out = append(out, f.beside(k.colon+1)...)
		if f.line(v.start) < f.next {
			return f.fail()
		}
		if value.Kind == yaml.SequenceNode {
			return append(out, f.list(value, indent+2, f.indentOf(k.start))...)
		}
		return append(out, f.mapping(value, indent+2, z.child(key.Value))...)
	}
	if v.end == v.start {
		return append(out, f.beside(v.end)...)
	}
	return append(append(out, ' '), f.value(key, value, k.colon+1, indent, z)...)
}

// value prints a scalar or a flow collection, and what stands beside it. from is behind the colon or dash before it.
func (f *printer) value(key, value *yaml.Node, from, indent int, z zone) []byte {
	v := f.where[value]
	if len(bytes.TrimSpace(f.data[from:v.start])) > 0 {
		return f.fail()
	}
	if v.mark > 0 {
		return f.block(value, indent)
	}
	old := f.blanks(f.line(from))
	if key != nil {
		old = f.indentOf(f.where[key].start)
	}
	if value.Kind == yaml.ScalarNode {
		if key != nil && z == inSpec && f.quotable(key.Value, value) {
			return append(appendQuoted(nil, value.Value), f.beside(v.end)...)
		}
		return append(f.shifted(f.data[v.start:v.end], v.start, old, indent, indent+2), f.beside(v.end)...)
	}
	child := elsewhere
	if key != nil {
		child = z.child(key.Value)
	}
	return f.inline(value, old, indent, child)
}

// inline prints a flow collection and what stands beside it.
func (f *printer) inline(n *yaml.Node, old, indent int, z zone) []byte {
	v := f.where[n]
	return append(f.shifted(f.flow(n, z), v.start, old, indent, indent), f.beside(v.end)...)
}

// beside prints the rest of a line behind a value: a comment, or nothing. The next line comes next.
func (f *printer) beside(at int) []byte {
	i := f.line(at)
	rest := f.data[at:f.ending(i)]
	text := bytes.TrimLeft(rest, " \t")
	if len(text) > 0 && (text[0] != '#' || len(text) == len(rest)) {
		return f.fail()
	}
	f.next = i + 1
	if len(text) == 0 {
		rest = nil
	}
	return append(bytes.Clone(rest), '\n')
}

// shifted moves the lines behind the first of a text with what it belongs to, from column old to column indent, to column least at least.
func (f *printer) shifted(text []byte, start, old, indent, least int) []byte {
	if bytes.IndexByte(text, '\n') < 0 {
		return text
	}
	lines := bytes.Split(text, []byte("\n"))
	out := bytes.Clone(lines[0])
	for _, line := range lines[1:] {
		body := bytes.TrimLeft(line, " ")
		out = append(out, '\n')
		if len(body) > 0 {
			out = append(append(out, strings.Repeat(" ", max(len(line)-len(body)-old+indent, least))...), body...)
		}
	}
	return out
}

// block prints a block scalar: its header with what stands beside it, and its lines, moved together.
func (f *printer) block(n *yaml.Node, indent int) []byte {
	v := f.where[n]
	header := f.line(v.start)
	out := append(bytes.TrimRight(bytes.Clone(f.data[v.start:f.ending(header)]), " \t"), '\n')
	given := bytes.ContainsAny(f.data[v.start:v.mark], "123456789")
	shift := indent + 2 - v.indent
	if given {
		shift = indent - (v.indent - int(f.data[v.start+bytes.IndexAny(f.data[v.start:v.mark], "123456789")]-'0'))
	}
	last := f.line(max(v.end, v.start))
	for i := header + 1; i <= last; i++ {
		line := f.data[f.lines[i]:f.ending(i)]
		blanks := f.blanks(i)
		if len(line) > blanks || blanks > v.indent {
			if blanks+shift < 0 {
				return f.fail()
			}
			out = append(append(out, strings.Repeat(" ", blanks+shift)...), line[blanks:]...)
		}
		out = append(out, '\n')
	}
	f.next = last + 1
	return out
}

// list prints a block list; its order is kept. outer is the column of its key, at which a list may begin too.
func (f *printer) list(n *yaml.Node, indent, outer int) []byte {
	column := max(f.indentOf(f.where[n].start), outer+1)
	var out []byte
	for i, c := range n.Content {
		w := f.where[c]
		line := f.line(w.dash)
		if line < f.next || f.err != nil {
			return f.fail()
		}
		above := f.remarks(f.next, line, indent)
		if i == 0 {
			above = bytes.TrimLeft(above, "\n")
		}
		f.next = line
		out = append(append(append(out, above...), strings.Repeat(" ", indent)...), '-')
		out = append(out, f.item(c, indent)...)
	}
	return append(out, f.foot(column, indent)...)
}

func (f *printer) item(c *yaml.Node, indent int) []byte {
	w := f.where[c]
	switch {
	case w.end == w.start:
		return f.beside(w.end)
	case c.Kind == yaml.ScalarNode || f.isFlow(c):
		return append([]byte(" "), f.value(nil, c, w.dash+1, indent, elsewhere)...)
	case c.Kind == yaml.SequenceNode || f.line(w.start) != f.line(w.dash):
		return f.fail()
	}
	return append([]byte(" "), bytes.TrimLeft(f.mapping(c, indent+2, elsewhere), " ")...)
}

var quotable = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00:00Z)?|[0-9]{1,12}(\.[0-9]+)?)$`)

// quotable reports whether a field of spec holds a date or an amount that our style puts in double quotes.
func (f *printer) quotable(key string, n *yaml.Node) bool {
	field := f.def.Field(key)
	return field != nil && formOf(field, "") == inQuotes && n.Kind == yaml.ScalarNode && n.Style&yaml.DoubleQuotedStyle == 0 && quotable.MatchString(n.Value)
}

// flow gives a flow collection, its pairs in order where no comment stands between them.
func (f *printer) flow(n *yaml.Node, z zone) []byte {
	w := f.where[n]
	if z == elsewhere || n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return f.data[w.start:w.end]
	}
	var order []int
	commented, at := false, w.start
	for i := 0; i+1 < len(n.Content); i += 2 {
		order = append(order, i)
		commented = commented || bytes.IndexByte(f.data[at:f.where[n.Content[i]].start], '#') >= 0
		at = f.where[n.Content[i+1]].end
	}
	if !commented && bytes.IndexByte(f.data[at:w.end], '#') < 0 {
		slices.SortStableFunc(order, func(a, b int) int { return f.rank(z, n.Content[a].Value) - f.rank(z, n.Content[b].Value) })
	}
	out, at := []byte{}, w.start
	for i, from := range order {
		out = append(out, f.data[at:f.where[n.Content[2*i]].start]...)
		out = append(out, f.flowPair(n.Content[from], n.Content[from+1], z)...)
		at = f.where[n.Content[2*i+1]].end
	}
	return append(out, f.data[at:w.end]...)
}

func (f *printer) flowPair(key, value *yaml.Node, z zone) []byte {
	k, v := f.where[key], f.where[value]
	out := bytes.Clone(f.data[k.start:v.start])
	switch {
	case z == inSpec && f.quotable(key.Value, value):
		return appendQuoted(out, value.Value)
	case value.Kind == yaml.MappingNode:
		return append(out, f.flow(value, z.child(key.Value))...)
	}
	return append(out, f.data[v.start:v.end]...)
}
