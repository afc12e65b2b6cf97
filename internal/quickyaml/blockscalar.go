package quickyaml

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// block reads a literal or folded scalar in a collection at a column: |, |-, > or >-, and text that begins on the next line and is not indented further anywhere
// if it is folded. It goes on to the next line that holds something.
func (r *Reader) block(column int) *yaml.Node {
	n := r.node(yaml.ScalarNode, "!!str", r.pos)
	if n == nil {
		return nil
	}
	n.Style = yaml.LiteralStyle
	if r.text[r.pos] == '>' {
		n.Style = yaml.FoldedStyle
	}
	r.pos++
	strip := r.at('-')
	if strip {
		r.pos++
	}
	at, ended := r.rest()
	if !ended {
		return nil
	}
	r.skipLine(at)
	indent := r.blanks(r.pos) - r.pos
	if indent <= column || r.lineEnds(r.pos+indent) {
		return nil
	}
	var ok bool
	if n.Value, ok = r.blockText(indent, n.Style == yaml.FoldedStyle, strip); !ok || !r.next() {
		return nil
	}
	return n
}

// blockText reads the lines of a block scalar, the first of which has text. Most have no second one, and are part of the document's text as they are.
func (r *Reader) blockText(indent int, fold, strip bool) (string, bool) {
	from := r.pos + indent
	first, broken := r.textLine(indent)
	r.folded = r.folded[:0]
	for {
		blank, more := r.emptyLines(indent)
		if !more {
			break
		}
		if fold && r.text[r.pos+indent] == ' ' {
			return "", false
		}
		if len(r.folded) == 0 {
			r.folded = append(r.folded, first...)
		}
		r.join(fold, blank)
		var line string
		line, broken = r.textLine(indent)
		r.folded = append(r.folded, line...)
	}
	broken = broken && !strip
	switch end := from + len(first); {
	case len(r.folded) > 0 && broken:
		return string(append(r.folded, '\n')), true
	case len(r.folded) > 0:
		return string(r.folded), true
	case !broken:
		return first, true
	case r.text[end] == '\n':
		return r.text[from : end+1], true
	}
	return first + "\n", true
}

// emptyLines goes over lines without text, and reports whether one with text follows.
func (r *Reader) emptyLines(indent int) (n int, more bool) {
	for {
		at := r.blanks(r.pos)
		switch spaces := at - r.pos; {
		case spaces > indent:
			return n, true
		case at == len(r.text):
			r.pos = at
			return n, false
		case !r.lineEnds(at):
			return n, spaces == indent
		}
		n++
		r.skipLine(at)
	}
}

// join writes what stands for the end of a line with text and the empty lines behind it.
func (r *Reader) join(fold bool, blank int) {
	if fold && blank == 0 {
		r.folded = append(r.folded, ' ')
		return
	}
	if !fold {
		blank++
	}
	for range blank {
		r.folded = append(r.folded, '\n')
	}
}

// textLine gives a line without its indentation, and reports whether it has an end.
func (r *Reader) textLine(indent int) (line string, broken bool) {
	from := r.pos + indent
	r.skipLine(from)
	line = r.text[from:r.pos]
	if !strings.HasSuffix(line, "\n") {
		return line, false
	}
	return strings.TrimSuffix(line[:len(line)-1], "\r"), true
}
