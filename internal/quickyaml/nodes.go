package quickyaml

import "gopkg.in/yaml.v3"

// firstChunk is how many nodes a Reader begins with: a manifest has thirty or so.
const firstChunk = 64

// node gives a node that begins at a place of the line, nil if the document has too many.
func (r *Reader) node(kind yaml.Kind, tag string, at int) *yaml.Node {
	if len(r.chunks) == 0 || r.used == len(r.chunks[r.chunk]) {
		if !r.nextChunk() {
			return nil
		}
	}
	n := &r.chunks[r.chunk][r.used]
	r.used++
	n.Kind, n.Style, n.Tag, n.Value, n.Content = kind, 0, tag, "", nil
	n.Line, n.Column = r.line, r.column(at)
	return n
}

func (r *Reader) nextChunk() bool {
	next := 0
	if r.used > 0 {
		next = r.chunk + 1
	}
	if r.nodes += firstChunk << next; r.nodes > maxNodes {
		return false
	}
	if next == len(r.chunks) {
		r.chunks = append(r.chunks, make([]yaml.Node, firstChunk<<next))
	}
	r.chunk, r.used = next, 0
	return true
}

// enter begins a collection; false says that it is too deep.
func (r *Reader) enter() (mark int, ok bool) {
	r.depth++
	return len(r.open), r.depth <= maxDepth
}

// leave ends a collection whose children are those that were opened since mark.
func (r *Reader) leave(n *yaml.Node, mark int) *yaml.Node {
	r.depth--
	children := r.open[mark:]
	if len(r.lists)+len(children) > cap(r.lists) {
		r.lists = make([]*yaml.Node, 0, max(2*cap(r.lists), len(children), firstChunk)) // the nodes keep the old one
	}
	from := len(r.lists)
	r.lists = append(r.lists, children...)
	n.Content = r.lists[from:len(r.lists):len(r.lists)]
	r.open = r.open[:mark]
	return n
}
