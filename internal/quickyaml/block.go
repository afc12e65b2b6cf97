package quickyaml

import "gopkg.in/yaml.v3"

// Columns of block collections are counted from 0 here, as indentation is. Before a collection's first byte there are only spaces and dashes on its line.
//
// A collection ends before the first line that does not go on with it at its column. Where that line stands too far right for what is around it, nobody takes it:
// then the text does not end with the root, and the document is not read.

// atEntry reports whether a list's dash is next.
func (r *Reader) atEntry() bool {
	return r.pos < len(r.text) && r.text[r.pos] == '-' && (r.lineEnds(r.pos+1) || r.text[r.pos+1] == ' ')
}

// atColon reports whether the colon behind a key is next, for which the key may not have begun too long before.
func (r *Reader) atColon(begin int) bool {
	return r.pos < len(r.text) && r.text[r.pos] == ':' && r.pos-begin <= maxKey && (r.lineEnds(r.pos+1) || r.text[r.pos+1] == ' ')
}

// nested reads a mapping or sequence that begins the line.
func (r *Reader) nested() *yaml.Node {
	if r.atEntry() {
		return r.sequence(r.indent)
	}
	begin := r.pos
	if key := r.scalar(false); key != nil && r.atColon(begin) {
		return r.mapping(key, r.indent)
	}
	return nil
}

// mapping reads a mapping whose first key was read. The colon is next.
func (r *Reader) mapping(key *yaml.Node, column int) *yaml.Node {
	n := r.node(yaml.MappingNode, "!!map", r.start)
	mark, ok := r.enter()
	if n == nil || !ok {
		return nil
	}
	n.Line, n.Column = key.Line, key.Column
	for {
		r.pos++
		value := r.value(column, -1)
		if value == nil {
			return nil
		}
		r.open = append(r.open, key, value)
		if r.indent != column {
			break
		}
		begin := r.pos
		if key = r.scalar(false); key == nil || !r.atColon(begin) {
			return nil
		}
	}
	return r.leave(n, mark)
}

// sequence reads a sequence. A dash is next. It may stand at the column of the mapping that it is a value of.
func (r *Reader) sequence(column int) *yaml.Node {
	n := r.node(yaml.SequenceNode, "!!seq", r.pos)
	mark, ok := r.enter()
	if n == nil || !ok {
		return nil
	}
	for {
		r.pos++
		value := r.value(column, column)
		if value == nil {
			return nil
		}
		r.open = append(r.open, value)
		if r.indent != column || !r.atEntry() {
			break
		}
	}
	return r.leave(n, mark)
}

// value reads what follows a colon (entry is -1) or a dash (entry is its column) in a collection at a column, and goes on to the next line that holds something.
func (r *Reader) value(column, entry int) *yaml.Node {
	at, ended := r.rest()
	if ended {
		return r.below(at, column, entry < 0)
	}
	if at == r.pos {
		return nil
	}
	r.pos = at
	switch r.text[at] {
	case '[', '{':
		return r.lastOnLine(r.flow())
	case '|', '>':
		return r.block(column)
	}
	if entry >= 0 && r.atEntry() {
		return r.sequence(at - r.start)
	}
	n := r.scalar(false)
	if n != nil && entry >= 0 && r.atColon(at) {
		return r.mapping(n, at-r.start)
	}
	return r.lastOnLine(n)
}

// below reads a value of which nothing stands on the line of its colon or dash. The line ends at end.
func (r *Reader) below(end, column int, ofKey bool) *yaml.Node {
	line, place := r.line, r.column(r.pos)
	r.skipLine(end)
	if !r.next() {
		return nil
	}
	switch {
	case r.indent > column:
		return r.nested()
	case r.indent == column && ofKey && r.atEntry():
		return r.sequence(column)
	}
	n := r.node(yaml.ScalarNode, "!!null", r.start)
	if n != nil {
		n.Line, n.Column = line, place
	}
	return n
}

// lastOnLine gives n if nothing follows it on its line.
func (r *Reader) lastOnLine(n *yaml.Node) *yaml.Node {
	if n == nil || !r.endLine() {
		return nil
	}
	return n
}
