// Package quickyaml reads plain YAML, as most manifests are written, to the nodes that yaml.v3 gives, several times as quickly and without garbage.
//
// It knows block mappings and sequences, flow collections in one line, scalars in one line, block scalars and comments. Of all else it says that it is
// not for it to read, and so it does of whatever it is not sure of: then yaml.v3 decides. A fuzz test holds the two together.
package quickyaml

import (
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	// maxNodes and maxDepth bound what a Reader keeps between two documents, and how deeply it calls itself.
	maxNodes = 4032
	maxDepth = 40
	// maxKey is how long a key may be, in bytes. yaml.v3 finds none whose colon is more than 1,024 characters behind its beginning.
	maxKey = 1000
)

// Reader reads documents one after another. The zero value is ready. A Reader is not for several goroutines at once.
type Reader struct {
	text   string
	pos    int // of the next byte
	line   int // of pos
	start  int // of the line of pos
	indent int // how many spaces the line of pos begins with; -1 at the end of the text
	depth  int

	ascii   bool
	counted int // up to where of the line characters were counted
	wide    int // how many bytes before counted do not begin a character

	chunks [][]yaml.Node // each twice as large as the one before
	chunk  int           // the one that nodes are taken from
	used   int           // of its nodes
	nodes  int           // of all
	open   []*yaml.Node  // the children of what is not closed yet
	lists  []*yaml.Node  // the children of what is
	folded []byte
}

// Read gives the root node of a text that is one document: what yaml.v3's Decoder has as the document's content, but for comments, which no node has.
// The text's first line has the number line. Values are parts of the text where they stand in it as they are.
//
// false says that the document is not read here, be it YAML or not. The nodes are good until the next Read; nobody may change them.
func (r *Reader) Read(text string, line int) (*yaml.Node, bool) {
	ascii, clean := inspect(text)
	if !clean {
		return nil, false
	}
	r.text, r.pos, r.line, r.start, r.depth, r.ascii = text, 0, line, 0, 0, ascii
	r.chunk, r.used, r.nodes = 0, 0, 0
	r.open, r.lists = r.open[:0], r.lists[:0]
	root := r.document()
	return root, root != nil
}

func (r *Reader) document() *yaml.Node {
	marked := !r.next()
	if marked && (r.text[r.pos] != '-' || !r.beyondMarker()) {
		return nil
	}
	if r.indent < 0 {
		return r.nothing(marked)
	}
	var root *yaml.Node
	switch {
	case r.atEntry():
		root = r.sequence(r.indent)
	case r.text[r.pos] == '[' || r.text[r.pos] == '{':
		root = r.lastOnLine(r.flow())
	default:
		root = r.nested()
	}
	if root == nil || r.indent >= 0 {
		return nil
	}
	return root
}

// nothing gives the content of a document of a marker only: it stands at the beginning of the line behind the text.
func (r *Reader) nothing(marked bool) *yaml.Node {
	if !marked {
		return nil
	}
	if !strings.HasSuffix(r.text, "\n") {
		r.line++
	}
	r.begin()
	return r.node(yaml.ScalarNode, "!!null", r.pos)
}

func (r *Reader) beyondMarker() bool {
	r.pos += len("---")
	return r.endLine()
}

// next goes from a line's beginning to the first byte that is neither blank nor in a comment. It reports whether that is no marker of a document.
func (r *Reader) next() bool {
	for r.pos < len(r.text) {
		at := r.blanks(r.pos)
		if at == len(r.text) {
			break
		}
		switch r.text[at] {
		case '\n', '\r', '#':
			r.skipLine(at)
			continue
		}
		r.begin()
		r.indent, r.pos = at-r.pos, at
		return r.indent > 0 || !isMarker(r.text[at:])
	}
	r.pos, r.indent = len(r.text), -1
	return true
}

// begin notes that a line begins at pos.
func (r *Reader) begin() { r.start, r.counted, r.wide = r.pos, r.pos, 0 }

// blanks gives the place of the first byte from at that is no space.
func (r *Reader) blanks(at int) int {
	for at < len(r.text) && r.text[at] == ' ' {
		at++
	}
	return at
}

// skipLine goes from at to the next line's beginning.
func (r *Reader) skipLine(at int) {
	end := strings.IndexByte(r.text[at:], '\n')
	if end < 0 {
		r.pos = len(r.text)
		return
	}
	r.pos = at + end + 1
	r.line++
}

// endLine goes to the next line that holds something, if nothing but blanks and a comment follow on this one.
func (r *Reader) endLine() bool {
	at, ended := r.rest()
	if !ended {
		return false
	}
	r.skipLine(at)
	return r.next()
}

// rest gives the place behind the blanks at pos, and reports whether the line ends there or a comment begins.
func (r *Reader) rest() (at int, ended bool) {
	at = r.blanks(r.pos)
	return at, r.lineEnds(at) || r.text[at] == '#' && at > r.pos
}

func (r *Reader) lineEnds(at int) bool {
	return at == len(r.text) || r.text[at] == '\n' || r.text[at] == '\r'
}

func isMarker(text string) bool {
	if len(text) < 3 || text[:3] != "---" && text[:3] != "..." {
		return false
	}
	return len(text) == 3 || text[3] == ' ' || text[3] == '\n' || text[3] == '\r'
}

// column counts characters, from 1. On one line it is asked for rising places only.
func (r *Reader) column(at int) int {
	if !r.ascii {
		for ; r.counted < at; r.counted++ {
			if r.text[r.counted]&0xc0 == 0x80 {
				r.wide++
			}
		}
	}
	return at - r.start - r.wide + 1
}
