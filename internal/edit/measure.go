package edit

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// measurer walks a document's nodes in the order in which they stand and finds where each ends.
type measurer struct {
	*page
	pos int // behind what was measured last
	err error
}

func (m *measurer) fail() { m.err = errLayout }

// node measures n. indent is that of the block that holds it, -1 for none; flow says that it stands in { } or [ ].
func (m *measurer) node(n *yaml.Node, indent int, flow bool) {
	start := m.at(n.Line, n.Column)
	if start < m.pos || start > len(m.data) {
		m.fail()
	}
	if m.err != nil {
		return
	}
	m.pos = start
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		m.kept = true
		m.properties(n)
	}
	w := place{start: m.pos, colon: -1, dash: -1}
	if old, ok := m.where[n]; ok {
		w.dash = old.dash
	}
	switch n.Kind {
	case yaml.AliasNode:
		m.kept = true
		m.pos += 1 + len(n.Value)
		if m.pos > len(m.data) || m.data[w.start] != '*' || string(m.data[w.start+1:m.pos]) != n.Value {
			m.fail()
			return
		}
		m.leaves = append(m.leaves, leaf{w.start, m.pos, n.Style})
	case yaml.ScalarNode:
		m.scalar(n, &w, indent)
	case yaml.MappingNode, yaml.SequenceNode:
		m.collection(n, w.start, flow)
	default:
		m.fail()
	}
	w.end = m.pos
	m.where[n] = w
}

// properties steps over anchors and tags.
func (m *measurer) properties(n *yaml.Node) {
	for m.pos < len(m.data) && (m.data[m.pos] == '&' || m.data[m.pos] == '!') {
		for m.pos < len(m.data) && !isBlank(m.data[m.pos]) && !isBreak(m.data[m.pos]) && !(n.Value == "" && bytes.IndexByte([]byte(",]}"), m.data[m.pos]) >= 0) {
			m.pos++
		}
		if next := m.skip(m.pos, true); n.Kind != yaml.ScalarNode || n.Value != "" || next < len(m.data) && bytes.IndexByte([]byte(`"'|>&!`), m.data[next]) >= 0 {
			m.pos = next
		}
	}
}

// skip gives where the next thing stands that is neither blank nor comment, over line breaks if breaks is set.
func (m *page) skip(at int, breaks bool) int {
	for at < len(m.data) {
		switch c := m.data[at]; {
		case isBlank(c) || breaks && isBreak(c):
			at++
		case c == '#' && (at == 0 || isBlank(m.data[at-1]) || isBreak(m.data[at-1])):
			for at < len(m.data) && !isBreak(m.data[at]) {
				at++
			}
		default:
			return at
		}
	}
	return at
}

func (m *measurer) collection(n *yaml.Node, start int, flow bool) {
	opener := byte(0)
	if start < len(m.data) {
		opener = m.data[start]
	}
	switch {
	case n.Style&yaml.FlowStyle != 0 && (opener == '{' || opener == '['):
		m.flow(n, opener)
	case flow || n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0:
		m.fail()
	case n.Kind == yaml.MappingNode:
		m.blockMapping(n, start)
	default:
		m.blockList(n, start)
	}
}

func (m *measurer) blockMapping(n *yaml.Node, start int) {
	indent := m.indentOf(start)
	for i := 0; i+1 < len(n.Content) && m.err == nil; i += 2 {
		if isMerge(n.Content[i]) {
			m.kept = true
		}
		m.node(n.Content[i], indent, false)
		m.colon(n.Content[i])
		m.node(n.Content[i+1], indent, false)
	}
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.Tag == "!!merge" }

// colon steps over the colon behind a key.
func (m *measurer) colon(key *yaml.Node) {
	if m.err != nil {
		return
	}
	at := m.skip(m.pos, false)
	if key.Kind != yaml.ScalarNode || at >= len(m.data) || m.data[at] != ':' {
		m.fail()
		return
	}
	w := m.where[key]
	w.colon = at
	m.where[key] = w
	m.pos = at + 1
}

func (m *measurer) blockList(n *yaml.Node, start int) {
	indent := m.indentOf(start)
	for _, c := range n.Content {
		at := m.skip(m.pos, true)
		if m.err != nil || at >= len(m.data) || m.data[at] != '-' || m.indentOf(at) != indent && at != start {
			m.fail()
			return
		}
		m.where[c] = place{dash: at}
		m.pos = at + 1
		m.node(c, indent, false)
	}
}

func (m *measurer) flow(n *yaml.Node, opener byte) {
	closer := byte('}')
	if opener == '[' {
		closer = ']'
	}
	m.pos++
	for i, c := range n.Content {
		key := n.Kind == yaml.MappingNode && i%2 == 0
		m.node(c, 0, true)
		if m.err != nil {
			return
		}
		if key {
			if isMerge(c) {
				m.kept = true
			}
			if at := m.skip(m.pos, true); at < len(m.data) && m.data[at] == ':' && c.Kind == yaml.ScalarNode {
				w := m.where[c]
				w.colon = at
				m.where[c] = w
				m.pos = at + 1
			}
			continue
		}
		if at := m.skip(m.pos, true); at < len(m.data) && m.data[at] == ',' {
			m.where[c] = m.where[c].endingAt(m.pos)
			m.pos = at + 1
		}
	}
	at := m.skip(m.pos, true)
	if at >= len(m.data) || m.data[at] != closer {
		m.fail()
		return
	}
	m.pos = at + 1
}

func (w place) endingAt(end int) place { w.end = end; return w }
