package quickyaml

import "gopkg.in/yaml.v3"

// flow reads a node within [ ] or { }, or one of these.
func (r *Reader) flow() *yaml.Node {
	if r.pos == len(r.text) {
		return nil
	}
	switch r.text[r.pos] {
	case '[':
		return r.flowCollection(yaml.SequenceNode, "!!seq", ']')
	case '{':
		return r.flowCollection(yaml.MappingNode, "!!map", '}')
	}
	return r.scalar(true)
}

func (r *Reader) flowCollection(kind yaml.Kind, tag string, end byte) *yaml.Node {
	n := r.node(kind, tag, r.pos)
	mark, ok := r.enter()
	if n == nil || !ok {
		return nil
	}
	n.Style = yaml.FlowStyle
	r.skip(1)
	for !r.at(end) {
		if kind == yaml.MappingNode && !r.flowKey() {
			return nil
		}
		child := r.flow()
		if child == nil {
			return nil
		}
		r.open = append(r.open, child)
		r.skip(0)
		if r.at(end) {
			break
		}
		if !r.at(',') {
			return nil
		}
		if r.skip(1); r.at(end) {
			return nil // a comma before the end may be allowed: yaml.v3 knows
		}
	}
	r.pos++
	return r.leave(n, mark)
}

// flowKey reads a key and its colon.
func (r *Reader) flowKey() bool {
	begin := r.pos
	if begin == len(r.text) {
		return false
	}
	key := r.scalar(true)
	if key == nil || !r.atColon(begin) {
		return false
	}
	r.open = append(r.open, key)
	r.skip(1)
	return true
}

func (r *Reader) at(c byte) bool { return r.pos < len(r.text) && r.text[r.pos] == c }

// skip goes n bytes on, and over blanks.
func (r *Reader) skip(n int) { r.pos = r.blanks(r.pos + n) }
