package render

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// Graph is what needs what among the manifests. It holds no personal and no secret value: of a card that is kept elsewhere it knows only that there is one.
type Graph struct {
	// Partial says in words what part of the manifests it is, "" for all.
	Partial string
	Nodes   []GraphNode
	Edges   []GraphEdge
}

// GraphNode is a resource, or something that the manifests refer to and that is not among them.
type GraphNode struct {
	// ID is an address, or "elsewhere/card/1" for what has none.
	ID   string
	Kind spec.Kind
	// Code is the dealer's own key, "" for a kind without one and for what is kept elsewhere.
	Code string
	// Elsewhere says in words what a thing that is no resource of this graph is known by: "customerCode CUST-7", "card kept elsewhere"; "" for a resource.
	Elsewhere string
}

// GraphEdge leads from what needs to what is needed, both by their IDs.
type GraphEdge struct {
	From, To string
	// Field is the manifest's field that says so, "replaces" for what its metadata says.
	Field string
	// Turn is a card's place in the order in which a sale's cards are tried, from 1; 0 where there is no order.
	Turn int
}

// NewGraph draws the resources that are selected, all for a nil selection. The nodes are grouped by kind, what is needed first, and ordered by address within a kind;
// what is kept elsewhere comes last. resources are ordered by address.
func NewGraph(resources []*spec.Resource, selected map[spec.Address]bool, partial string) *Graph {
	b := &graphBuilder{graph: &Graph{Partial: partial}, nodes: map[string]bool{}, elsewhere: map[foreign]string{}, count: map[spec.Kind]int{}}
	kinds := map[spec.Kind][]*spec.Resource{}
	for _, r := range resources {
		if selected == nil || selected[r.Address] {
			kinds[r.Address.Kind] = append(kinds[r.Address.Kind], r)
		}
	}
	for _, kind := range spec.Kinds() {
		for _, r := range kinds[kind] {
			b.add(GraphNode{ID: r.Address.String(), Kind: kind, Code: r.Code})
		}
	}
	for _, kind := range spec.Kinds() {
		for _, r := range kinds[kind] {
			b.references(r)
			b.replaces(r)
		}
	}
	slices.SortStableFunc(b.outside, func(a, c GraphNode) int { return int(a.Kind) - int(c.Kind) })
	b.graph.Nodes = append(b.graph.Nodes, b.outside...)
	return b.graph
}

// foreign is what a reference to a thing kept elsewhere says. It may hold a token, and serves to tell such things apart only.
type foreign struct {
	kind      spec.Kind
	key, text string
}

type graphBuilder struct {
	graph     *Graph
	nodes     map[string]bool
	outside   []GraphNode
	elsewhere map[foreign]string
	count     map[spec.Kind]int
}

func (b *graphBuilder) add(n GraphNode) {
	b.nodes[n.ID] = true
	b.graph.Nodes = append(b.graph.Nodes, n)
}

// references adds an edge for each thing that r names.
func (b *graphBuilder) references(r *spec.Resource) {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Field.IsReference() {
			continue
		}
		if !v.Field.IsList() {
			b.edge(r, v, 0)
			continue
		}
		for j := range v.Items() {
			turn := 0
			if len(v.Items()) > 1 {
				turn = j + 1
			}
			b.edge(r, &v.Items()[j], turn)
		}
	}
}

// replaces adds the sale that is ended before r is made. No manifest describes it any more.
func (b *graphBuilder) replaces(r *spec.Resource) {
	if r.Replaces().IsZero() {
		return
	}
	to := r.Replaces().String()
	if !b.nodes[to] {
		b.nodes[to] = true
		b.outside = append(b.outside, GraphNode{ID: to, Kind: r.Replaces().Kind, Elsewhere: "ended first"})
	}
	b.graph.Edges = append(b.graph.Edges, GraphEdge{From: r.Address.String(), To: to, Field: "replaces"})
}

func (b *graphBuilder) edge(r *spec.Resource, v *spec.Value, turn int) {
	to := ""
	if a, local := v.Local(); local {
		to = a.String()
		if !b.nodes[to] { // a selection left it out
			b.nodes[to] = true
			b.outside = append(b.outside, GraphNode{ID: to, Kind: a.Kind, Elsewhere: "left out"})
		}
	} else {
		to = b.outsider(v)
	}
	b.graph.Edges = append(b.graph.Edges, GraphEdge{From: r.Address.String(), To: to, Field: v.Field.Name, Turn: turn})
}

// outsider gives the node of a thing that is kept elsewhere, one for each of them.
func (b *graphBuilder) outsider(v *spec.Value) string {
	kind := v.Field.Target
	thing := foreign{kind, v.Key(), v.Text}
	if id, known := b.elsewhere[thing]; known {
		return id
	}
	b.count[kind]++
	id := "elsewhere/" + kind.Prefix() + "/" + strconv.Itoa(b.count[kind])
	b.elsewhere[thing] = id
	b.outside = append(b.outside, GraphNode{ID: id, Kind: kind, Elsewhere: keptElsewhere(v)})
	return id
}

func keptElsewhere(v *spec.Value) string {
	kind := strings.ToLower(v.Field.Target.String())
	switch {
	case v.Field.Target == spec.Card:
		return "card kept elsewhere"
	case v.FromSource():
		return kind + " kept elsewhere" // the variable's name tells a reader nothing
	}
	return v.Key() + " " + v.Text
}

// label is what stands at an arrow, "" for nothing.
func (e *GraphEdge) label() string {
	switch {
	case e.Turn > 0:
		return strconv.Itoa(e.Turn)
	case e.Field == "replaces":
		return "replaces"
	}
	return ""
}

// label is what stands in a node, a line an element.
func (n *GraphNode) label() []string {
	switch {
	case n.Elsewhere == "":
		if n.Code != "" && !strings.HasSuffix(n.ID, "/"+n.Code) {
			return []string{n.ID, "code " + safeLine(n.Code)}
		}
		return []string{n.ID}
	case !strings.HasPrefix(n.ID, "elsewhere/"):
		return []string{n.ID, n.Elsewhere}
	case strings.HasSuffix(n.Elsewhere, " kept elsewhere"):
		return []string{n.Elsewhere}
	}
	return []string{strings.ToLower(n.Kind.String()) + " kept elsewhere", safeLine(n.Elsewhere)}
}

// caption says what the drawing holds.
func (g *Graph) caption() string {
	text := plural(len(g.Nodes)-g.outsiders(), "resource", "resources") + ", " + plural(len(g.Edges), "reference", "references")
	if g.Partial != "" {
		text += "; a part of the manifests only: " + Line(g.Partial)
	}
	return text
}

func (g *Graph) outsiders() int {
	n := 0
	for i := len(g.Nodes) - 1; i >= 0 && g.Nodes[i].Elsewhere != ""; i-- {
		n++
	}
	return n
}

// groups calls each for the runs of nodes that are of one kind, resources and outsiders apart.
func (g *Graph) groups(each func(title string, nodes []GraphNode)) {
	resources := g.Nodes[:len(g.Nodes)-g.outsiders()]
	for from := 0; from < len(resources); {
		to := from + 1
		for to < len(resources) && resources[to].Kind == resources[from].Kind {
			to++
		}
		each(resources[from].Kind.String()+"s", resources[from:to])
		from = to
	}
	if outside := g.Nodes[len(resources):]; len(outside) > 0 {
		each("", outside)
	}
}

type graphDocument struct {
	FormatVersion string          `json:"formatVersion"`
	Partial       string          `json:"partial"`
	Nodes         []graphNodeRow  `json:"nodes"`
	Edges         []graphEdgeRow  `json:"edges"`
	Diagnostics   []diagnosticRow `json:"diagnostics"`
}

type graphNodeRow struct {
	ID        string  `json:"id"`
	Kind      string  `json:"kind"`
	Code      *string `json:"code"`
	Elsewhere string  `json:"elsewhere"`
}

type graphEdgeRow struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Field string `json:"field"`
	Turn  int    `json:"turn"`
}

// GraphJSON writes a graph as one JSON document.
func GraphJSON(w io.Writer, g *Graph, diagnostics []spec.Diagnostic) error {
	doc := graphDocument{
		FormatVersion: formatVersion, Partial: g.Partial, Nodes: make([]graphNodeRow, 0, len(g.Nodes)), Edges: make([]graphEdgeRow, 0, len(g.Edges)),
		Diagnostics: diagnosticRows(diagnostics),
	}
	for _, n := range g.Nodes {
		row := graphNodeRow{ID: n.ID, Kind: n.Kind.String(), Elsewhere: n.Elsewhere}
		if n.Code != "" {
			row.Code = &n.Code
		}
		doc.Nodes = append(doc.Nodes, row)
	}
	for _, e := range g.Edges {
		doc.Edges = append(doc.Edges, graphEdgeRow(e))
	}
	return writeJSON(w, doc)
}
