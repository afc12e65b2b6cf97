package edit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// errLayout says that a document is laid out in a way that this package does not take apart. It is then left as it is.
var errLayout = errors.New("is laid out in a way that cannot be edited safely")

// page is one document's bytes, and where each of its nodes stands in them. The parser gives the beginnings; the ends are found here.
type page struct {
	data  []byte
	lines []int      // where each line begins
	root  *yaml.Node // nil for a document of nothing but comments
	where map[*yaml.Node]place
	// leaves are the scalars' own bytes, in order: what looks like a comment in them is none.
	leaves []leaf
	// kept says that the document has anchors, aliases, tags or merge keys, so that moving its parts could change what they mean.
	kept bool
}

// place is where a node stands, without its anchor and tag, from its first byte to behind its last.
type place struct {
	start, end int
	// colon is, for a key, where its colon stands; dash, for an item of a block list, its dash. -1 for none.
	colon, dash int
	// Of a block scalar: mark is behind its indicators (|, >-), body where its text begins, indent how far its lines are indented.
	mark, body, indent int
}

// leaf is a run of bytes that belongs to a scalar, from start to behind its last byte.
type leaf struct {
	start, end int
	style      yaml.Style
}

// read parses one document and finds out where everything stands. The error is the parser's, or errLayout.
func read(data []byte) (*page, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	p := &page{data: data, root: root, where: map[*yaml.Node]place{}, lines: lineStarts(data)}
	if bytes.ContainsAny(data, "\u0085\u2028\u2029") {
		return p, fmt.Errorf("%w: it has a character (U+0085, U+2028 or U+2029) that YAML takes for the end of a line", errLayout)
	}
	if root == nil {
		return p, nil
	}
	m := measurer{page: p}
	if m.node(root, -1, false); m.err == nil && !filler(data[m.pos:]) {
		m.fail()
	}
	return p, m.err
}

// parse gives the root of a stream of one document, nil if there is none. A parser's panic is an error too.
func parse(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(asOlder(data)))
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case err == io.EOF:
			return root, nil
		case err != nil:
			return nil, err
		case root != nil:
			return nil, errLayout
		}
		root = doc.Content[0]
		if root.Kind == yaml.ScalarNode && root.Tag == "!!null" && root.Value == "" {
			root = nil
		}
	}
}

// asOlder reads a %YAML 1.2 directive as one of 1.1, the only version that the parser takes by name.
func asOlder(data []byte) []byte {
	if bytes.Contains(data, []byte("%YAML 1.2")) {
		return bytes.Replace(data, []byte("%YAML 1.2"), []byte("%YAML 1.1"), 1)
	}
	return data
}

// lineStarts gives where each line begins, the first at 0.
func lineStarts(data []byte) []int {
	out := []int{0}
	for i, c := range data {
		if c == '\n' || c == '\r' && (i+1 == len(data) || data[i+1] != '\n') {
			out = append(out, i+1)
		}
	}
	return out
}

// at gives the offset of a line and a column, both from 1, the column in characters.
func (p *page) at(line, column int) int {
	if line < 1 || line > len(p.lines) {
		return -1
	}
	i := p.lines[line-1]
	for ; column > 1; column-- {
		if i >= len(p.data) {
			return -1
		}
		_, n := utf8.DecodeRune(p.data[i:])
		i += n
	}
	return i
}

// line gives the number, from 0, of the line in which an offset stands.
func (p *page) line(at int) int {
	low, high := 0, len(p.lines)
	for high-low > 1 {
		if mid := (low + high) / 2; p.lines[mid] <= at {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// ending gives the end of line i, before its line break.
func (p *page) ending(i int) int {
	end := len(p.data)
	if i+1 < len(p.lines) {
		end = p.lines[i+1]
	}
	for end > p.lines[i] && (p.data[end-1] == '\n' || p.data[end-1] == '\r') {
		end--
	}
	return end
}

// indentOf gives how far an offset stands from its line's beginning, in bytes.
func (p *page) indentOf(at int) int { return at - p.lines[p.line(at)] }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isBreak(c byte) bool { return c == '\n' || c == '\r' }

// filler reports whether text is nothing but blanks, line breaks, comments and an end marker (...).
func filler(text []byte) bool {
	for _, line := range bytes.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = bytes.TrimLeft(bytes.TrimPrefix(line, []byte("...")), " \t")
		if len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}
