package quickyaml

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// generator writes YAML that is nearly plain: most of it is right, and now and then something is amiss.
type generator struct {
	*rand.Rand
	b strings.Builder
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) rarely() bool { return g.IntN(40) == 0 }

func (g *generator) document() string {
	g.b.Reset()
	if g.IntN(3) == 0 {
		g.comments(0)
	}
	if g.IntN(3) == 0 {
		g.b.WriteString("---" + pick(g, "", "", "", " ", " # c") + g.end())
	}
	g.node(g.start(), 3)
	if g.rarely() {
		g.b.WriteString(pick(g, "---", "...", "--- a", "a: b", "  ", "# end") + g.end())
	}
	text := g.b.String()
	if g.IntN(4) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	if g.IntN(20) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	for g.IntN(3) == 0 && text != "" {
		text = g.mutate(text)
	}
	return text
}

func (g *generator) start() int {
	if g.rarely() {
		return g.IntN(4)
	}
	return 0
}

func (g *generator) end() string {
	if g.rarely() {
		return pick(g, " \n", "\n\n", "  # c\n", "#c\n", " #\n", "\t\n", "\n  \n", "\n# c\n", "\n      # deep\n", "\u00a0\n")
	}
	return "\n"
}

func (g *generator) comments(indent int) {
	for range g.IntN(3) {
		g.b.WriteString(strings.Repeat(" ", max(0, indent+pick(g, 0, 0, 0, 1, -1, 2, 7))) + pick(g, "# c", "#", "# a: b", "", "", "#- x", "# ğ") + "\n")
	}
}

// node writes a block collection at an indentation.
func (g *generator) node(indent, depth int) {
	if g.IntN(3) == 0 {
		for range 1 + g.IntN(3) {
			g.b.WriteString(strings.Repeat(" ", g.indent(indent)))
			g.entry(indent, depth)
		}
		return
	}
	for range 1 + g.IntN(4) {
		if g.IntN(6) == 0 {
			g.comments(indent)
		}
		g.b.WriteString(strings.Repeat(" ", g.indent(indent)))
		g.pair(indent, depth)
	}
}

func (g *generator) indent(n int) int {
	if g.rarely() {
		return max(0, n+pick(g, -2, -1, 1, 2))
	}
	return n
}

func (g *generator) entry(indent, depth int) {
	gap := 1 + g.IntN(5)/4
	g.b.WriteString("-" + strings.Repeat(" ", gap))
	switch n := g.IntN(8); {
	case n == 0 && depth > 0:
		g.entry(indent+1+gap, depth-1)
	case n <= 2 && depth > 0:
		g.pair(indent+1+gap, depth-1)
		for range g.IntN(3) {
			g.b.WriteString(strings.Repeat(" ", g.indent(indent+1+gap)))
			g.pair(indent+1+gap, depth-1)
		}
	default:
		g.rest(indent, depth)
	}
}

func (g *generator) pair(indent, depth int) {
	key := pick(g, "a", "b", "name", "kind", "c d", "ülke", `"q r"`, `'s'`, "1", "true", "a-b", "x#y", "a:b")
	if g.rarely() {
		key = pick(g, "? a", "&a b", "*a", "<<", "[a]", "{a: b}", "", "-", "- a", "!t a", "%a", "@a", "a\tb", "\ufeffa", "#a", `"a`, strings.Repeat("k", 1010))
	}
	g.b.WriteString(key + pick(g, ":", ":", ":", ":", ":", ":", ":", ":", ":", ":", ":", " :", "", "::", ": :"))
	g.rest(indent, depth)
}

// rest writes a value behind a colon or dash.
func (g *generator) rest(indent, depth int) {
	switch n := g.IntN(12); {
	case n <= 5:
		g.b.WriteString(" " + g.scalar() + g.end())
	case n <= 7:
		g.b.WriteString(" " + g.flow(2) + g.end())
	case n == 8:
		g.b.WriteString(" " + g.blockScalar(indent))
	case n == 9 || depth == 0:
		g.b.WriteString(pick(g, "", "", " ", " #c", "#c") + g.end())
	default:
		g.b.WriteString(g.end())
		if g.IntN(6) == 0 {
			g.comments(indent)
		}
		g.node(indent+pick(g, 2, 2, 2, 1, 4, 0), depth-1)
	}
}

func (g *generator) scalar() string {
	if g.rarely() {
		return pick(g, "&a b", "*a", "!!str b", "!b", "@b", "`b", "%b", "? b", "- b", "b: c", "b:", "\"b\nc\"", "b\n    c", "'b", "\"b", "#b", "|", ">", ",b", "]b", "}", "\tb", "b\tc", "\u2028", "b\u0085c", "\ufeff", ": b")
	}
	switch g.IntN(16) {
	case 0:
		return g.number()
	case 1: // of which some are plain in a block only, and some nowhere
		return pick(g, "http://x.y/z?a=b#c", "b, c", "[b", "b]", "b }", "~", "+b", "-b", "=", "<", "..b", `"\t"`, `"\u0041"`, `"b"c`)
	}
	return pick(g, "b", "b c", "b  c", "it's", `say "x"`, "a#b", "a:b", "Çiğdem Öztürk", "(b)", "b - c", "yes", "true", "False", "null", "n", "/a/b", "$a", "b\\n", "12", "129.90", "2035-01-31",
		`"b"`, `"b c: d # e"`, `""`, `'b'`, `'it''s'`, `''`, `' b '`, `"\"b\""`, `"b\\"`, `"\n"`, `"ğ"`, `'"'`, `"'"`, `"b" `, "\u00a0", "\u3000x", "7e57ca4d-0000-4000-8000-000000000001")
}

// number writes what looks like a number or a time, or nearly so.
func (g *generator) number() string {
	var b strings.Builder
	b.WriteString(pick(g, "", "", "", "", "-", "+", "0", "0x", "0b", "-0o", "20", "2035-", "."))
	for range 1 + g.IntN(5) {
		b.WriteString(pick(g, "1", "2", "0", "9", "12", "05", "28", "31", "-", "-", ".", ":", "e", "E", "+", "_", "a", "f", "T", "Z", "x", "b", "o", " ", "2035-01-0", "129.9", "02-29"))
	}
	return b.String()
}

func (g *generator) flow(depth int) string {
	var b strings.Builder
	list := g.IntN(2) == 0
	open, end := "{", "}"
	if list {
		open, end = "[", "]"
	}
	b.WriteString(open + g.gap())
	for i := range g.IntN(4) {
		if i > 0 {
			b.WriteString(g.gap() + "," + pick(g, " ", " ", " ", ""))
		}
		if !list {
			b.WriteString(pick(g, "a", "b", `"c"`, "d e", "ğ", "1") + pick(g, ": ", ": ", ": ", ": ", ": ", ": ", ": ", ": ", ":  ", ": ", ": ", ":", " : "))
		}
		if depth > 0 && g.IntN(4) == 0 {
			b.WriteString(g.flow(depth - 1))
		} else {
			b.WriteString(g.scalar())
		}
	}
	if g.rarely() {
		b.WriteString(pick(g, ",", " #c", "\n", "]", "}", "?", ":"))
	}
	b.WriteString(g.gap() + end)
	return b.String()
}

func (g *generator) gap() string { return pick(g, "", "", "", "", "", " ", "  ") }

func (g *generator) blockScalar(indent int) string {
	var b strings.Builder
	b.WriteString(pick(g, "|", ">") + pick(g, "", "", "", "", "-", "-", "-", "-", "+", "2", "-1") + pick(g, "", "", "", "", "", " ", " # c", "#c", "x") + "\n")
	in := indent + pick(g, 2, 2, 2, 1, 4, 0)
	for range 5 - g.IntN(6) {
		spaces := in
		if g.IntN(10) == 0 {
			spaces = max(0, in+pick(g, -2, -1, 1, 2))
		}
		b.WriteString(strings.Repeat(" ", spaces) + pick(g, "b", "b c", "b  ", "# d", "a: b", "- b", "ğ", "---", "", "", "  ") + "\n")
	}
	return b.String()
}

// mutate changes a byte or a few.
func (g *generator) mutate(text string) string {
	at := g.IntN(len(text) + 1)
	to := min(len(text), at+g.IntN(3))
	return text[:at] + pick(g, "", "", " ", "  ", "\n", ":", ": ", "#", " #", "-", "- ", "\n---\n", "\n...\n", "'", "\"", "[", "]", "{", "}", ",", "?", "? ", "!", "&a ", "*a", "%", "@", "`", "|", ">", "\t", "\r", "\\", "ğ", "\u00a0", "\u2028", "\u0085", "\x00", "\xff", "~", "<<", "0") + text[to:]
}

func generate(seed uint64) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
	return g.document()
}

// FuzzNearlyPlain goes on with what TestGenerated begins.
func FuzzNearlyPlain(f *testing.F) {
	f.Add(uint64(1))
	var r Reader
	f.Fuzz(func(t *testing.T, seed uint64) { agree(t, &r, generate(seed)) })
}

// TestGenerated holds the quick reader to yaml.v3 on many made-up documents, of which enough must be read and enough must not, so that both are tried.
func TestGenerated(t *testing.T) {
	const n = 50_000
	var r Reader
	read := 0
	for seed := range n {
		if agree(t, &r, generate(uint64(seed))) {
			read++
		}
	}
	if t.Logf("%d of %d read quickly", read, n); read < n/6 || read > n*3/4 {
		t.Errorf("%d of %d are read quickly: the generator tries too little", read, n)
	}
}
