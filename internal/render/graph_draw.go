package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mokasync/mokasync/internal/spec"
)

// tints are the colours of the kinds; a kind without one is white.
var tints = map[spec.Kind]string{
	spec.Customer: "#dbeafe", spec.Card: "#ede9fe", spec.Product: "#fef3c7", spec.Schedule: "#dcfce7", spec.Sale: "#fee2e2", spec.PaymentStep: "#fce7f3",
}

// GraphDOT writes a graph in Graphviz's language: `dot -Tsvg` draws it.
func GraphDOT(w io.Writer, g *Graph) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "// mokasync graph: %s\ndigraph mokasync {\n", g.caption())
	fmt.Fprintln(out, "\trankdir=LR;\n\tranksep=1.2;\n\tfontname=\"Helvetica\";\n\tnode [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"Helvetica\"];\n\tedge [color=\"#6b7280\", fontname=\"Helvetica\", fontsize=10];")
	if g.Partial != "" {
		fmt.Fprintf(out, "\tlabel=%s;\n", dotLabel("A part of the manifests only: "+Line(g.Partial)))
	}
	g.groups(func(title string, nodes []GraphNode) {
		indent := "\t"
		if title != "" {
			indent = "\t\t"
			fmt.Fprintf(out, "\tsubgraph %s {\n\t\tlabel=%s;\n\t\tcolor=\"#d1d5db\";\n", dotLabel("cluster_"+nodes[0].Kind.Prefix()), dotLabel(title))
			if tint := tints[nodes[0].Kind]; tint != "" {
				fmt.Fprintf(out, "\t\tnode [fillcolor=%q];\n", tint)
			}
		}
		for i := range nodes {
			style := ""
			if nodes[i].Elsewhere != "" {
				style = ", style=\"rounded,dashed\""
			}
			fmt.Fprintf(out, "%s%s [label=%s%s];\n", indent, dotLabel(nodes[i].ID), dotLabel(nodes[i].label()...), style)
		}
		if title != "" {
			fmt.Fprintln(out, "\t}")
		}
	})
	outside := outsideIDs(g)
	for _, e := range g.Edges {
		var about []string
		if label := e.label(); label != "" {
			about = append(about, "label="+dotLabel(label))
		}
		if outside[e.To] {
			about = append(about, "style=dashed")
		}
		attributes := ""
		if len(about) > 0 {
			attributes = " [" + strings.Join(about, ", ") + "]"
		}
		fmt.Fprintf(out, "\t%s -> %s%s;\n", dotLabel(e.From), dotLabel(e.To), attributes)
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// dotEscapes are the characters that mean something in a quoted label: the quote, the backslash of an escape, and the ampersand of an entity.
var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)

// dotLabel quotes lines as one text.
func dotLabel(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = dotEscapes.Replace(l)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

// GraphMermaid writes a graph as a Mermaid flow chart, which GitHub and GitLab draw in Markdown.
func GraphMermaid(w io.Writer, g *Graph) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%%%% mokasync graph: %s\nflowchart LR\n", g.caption())
	var dashed []string
	g.groups(func(title string, nodes []GraphNode) {
		indent := "  "
		if title != "" {
			indent = "    "
			fmt.Fprintf(out, "  subgraph group_%s[%s]\n", mermaidID(nodes[0].Kind.Prefix()), mermaidLabel(title))
		}
		for i := range nodes {
			id := mermaidID(nodes[i].ID)
			fmt.Fprintf(out, "%s%s[%s]\n", indent, id, mermaidLabel(nodes[i].label()...))
			if nodes[i].Elsewhere != "" {
				dashed = append(dashed, id)
			}
		}
		if title != "" {
			fmt.Fprintln(out, "  end")
		}
	})
	outside := outsideIDs(g)
	for _, e := range g.Edges {
		arrow := "-->"
		if outside[e.To] {
			arrow = "-.->"
		}
		if label := e.label(); label != "" {
			arrow += "|" + label + "|"
		}
		fmt.Fprintf(out, "  %s %s %s\n", mermaidID(e.From), arrow, mermaidID(e.To))
	}
	if len(dashed) > 0 {
		fmt.Fprintln(out, "  classDef elsewhere stroke-dasharray: 4 4")
		for _, id := range dashed {
			fmt.Fprintf(out, "  class %s elsewhere\n", id)
		}
	}
	return out.Flush()
}

// MermaidEdges is how many edges Mermaid draws unless it is told otherwise (its setting maxEdges).
const MermaidEdges = 500

func outsideIDs(g *Graph) map[string]bool {
	ids := map[string]bool{}
	for _, n := range g.Nodes[len(g.Nodes)-g.outsiders():] {
		ids[n.ID] = true
	}
	return ids
}

// mermaidID gives a node's name: letters and digits as they are, a slash as two low lines, all else as one and two hexadecimal digits. So two IDs never get one name,
// and as each begins with a kind, none is a word of Mermaid's.
func mermaidID(id string) string {
	var b strings.Builder
	for _, part := range strings.Split(id, "/") {
		if b.Len() > 0 {
			b.WriteString("__")
		}
		for i := range len(part) {
			c := part[i]
			if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "_%02x", c)
			}
		}
	}
	return b.String()
}

// mermaidLabel quotes lines as one text. What is no letter, digit or harmless sign becomes its number, so that nothing is read as a quote, an entity, HTML or Markdown.
func mermaidLabel(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, l := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for _, r := range l {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" /.:@+-,", r) {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
