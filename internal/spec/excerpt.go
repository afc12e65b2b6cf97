package spec

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// Excerpts are built from what is known to be harmless: keys, punctuation and public values. All else on the line is replaced, so that
// what nobody thought of stays hidden.

// masked stands in an excerpt for what is not known to be harmless; personal and secret fields' values are named as such.
const masked = "•••"

// excerptWidth is how many characters of a long line are shown.
const excerptWidth = 150

// token is a key or scalar that begins on the line.
type token struct {
	node *yaml.Node
	view view
	mask string
}

// excerpt gives the line of the file with what may not be seen masked, and where column is in it.
func (m *manifest) excerpt(line, column int) (string, int) {
	content := []rune(lineOf(m.src.data[m.span.start:m.span.end], line-m.span.line+1))
	if len(content) == 0 {
		return "", 0
	}
	l := lineMasker{content: content, column: column, show: m.show}
	l.collect(m.raw, spot{level: atRoot, def: m.def}, line-m.base)
	slices.SortStableFunc(l.tokens, func(a, b token) int { return a.node.Column - b.node.Column })
	return l.build()
}

// lineMasker builds an excerpt of one line.
type lineMasker struct {
	content []rune
	column  int
	show    bool
	tokens  []token
	out     []rune
	at      int // where column is in out, from 1
}

// collect finds the keys and scalars that begin on the line.
func (l *lineMasker) collect(n *yaml.Node, s spot, line int) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Line == line && key.Kind == yaml.ScalarNode {
				l.tokens = append(l.tokens, token{key, s.keyView(key.Value), masked})
			} else if key.Kind != yaml.ScalarNode {
				l.collect(key, spot{}, line)
			}
			l.collect(n.Content[i+1], s.child(key.Value), line)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			l.collect(c, s, line)
		}
	case yaml.ScalarNode, yaml.AliasNode:
		if n.Line == line && n.Column <= len(l.content) {
			if s.word && !identifier(n.Value) {
				s.view = hidden
			}
			l.tokens = append(l.tokens, token{n, s.view, maskOf(s)})
		}
	}
}

func maskOf(s spot) string {
	if s.field != nil && s.field.Sensitivity != Public {
		return "(" + s.field.Sensitivity.String() + ")"
	}
	return masked
}

func (l *lineMasker) build() (string, int) {
	pos := 0
	for i, t := range l.tokens {
		start := t.node.Column - 1
		if start < pos || start > len(l.content) {
			continue
		}
		l.gap(pos, start)
		next := len(l.content)
		if i+1 < len(l.tokens) {
			next = min(next, max(start, l.tokens[i+1].node.Column-1))
		}
		l.mark(start, start)
		pos = l.token(t, start, next)
		l.mark(start+1, pos-1) // a column within what was masked is that of its beginning
	}
	l.gap(pos, len(l.content))
	if l.at == 0 {
		l.at = len(l.out) + 1
	}
	return l.window()
}

// mark notes where column is, if it is one of the positions from to to, which are about to be written.
func (l *lineMasker) mark(from, to int) {
	if l.at == 0 && l.column-1 >= from && l.column-1 <= to {
		l.at = len(l.out) + 1
	}
}

// gap writes the punctuation between two tokens.
func (l *lineMasker) gap(from, to int) {
	hiding := false
	for i := from; i < to; i++ {
		c := l.content[i]
		if c == '#' && (i == 0 || unicode.IsSpace(l.content[i-1])) {
			l.mark(i, to-1)
			return // a comment
		}
		l.mark(i, i)
		switch {
		case strings.ContainsRune(" \t-:,[]{}?|>", c):
			l.out = append(l.out, c)
			hiding = false
		case !hiding:
			l.out = append(l.out, []rune(masked)...)
			hiding = true
		}
	}
}

// token writes a key or value, or its mask, and gives the position behind it. What is shown is compared with what YAML has read.
func (l *lineMasker) token(t token, start, next int) int {
	n := t.node
	if n.Kind == yaml.ScalarNode && (n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Value == "" && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0) {
		return start // | and > are punctuation, the text is on other lines
	}
	end, whole := l.end(n, start)
	if !whole {
		end = next
	}
	text := l.content[start:end]
	show := t.view == open || t.view == personal && l.show
	if show && whole && n.Kind == yaml.ScalarNode && !holdsCardNumber(n.Value) && !isToken(n.Value) {
		l.out = append(l.out, text...)
		return end
	}
	l.out = append(l.out, []rune(t.mask)...)
	if !whole && end < len(l.content) {
		l.out = append(l.out, ' ')
	}
	return end
}

// end finds the end of a scalar that begins at start, if it ends on this line and says what YAML has read.
func (l *lineMasker) end(n *yaml.Node, start int) (int, bool) {
	rest := l.content[start:]
	if len(rest) == 0 {
		return start, false
	}
	value := []rune(n.Value)
	switch quote := rest[0]; {
	case n.Kind == yaml.AliasNode:
		return start + min(len(rest), len(value)+1), true
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if quote != '"' && quote != '\'' || len(rest) < len(value)+2 || !slices.Equal(rest[1:len(value)+1], value) || rest[len(value)+1] != quote {
			return start, false
		}
		return start + len(value) + 2, true
	}
	if len(rest) < len(value) || !slices.Equal(rest[:len(value)], value) {
		return start, false
	}
	return start + len(value), true
}

// window cuts a long line to what is around the column, and replaces what does not print.
func (l *lineMasker) window() (string, int) {
	out, at := l.out, l.at
	if len(out) > excerptWidth {
		from := max(0, min(at-1-excerptWidth/2, len(out)-excerptWidth))
		to := min(len(out), from+excerptWidth)
		cut := slices.Clone(out[from:to])
		if at -= from; from > 0 {
			cut[0] = '…'
		}
		if to < len(out) {
			cut[len(cut)-1] = '…'
		}
		out = cut
	}
	for i, c := range out {
		if c == '\t' {
			out[i] = ' '
		} else if !unicode.IsPrint(c) {
			out[i] = '·'
		}
	}
	return strings.TrimRight(string(out), " "), at
}

var bareLine = regexp.MustCompile(`^([ ]*(?:- +)*)([A-Za-z]+)(:)(?: |$)`)

// bareExcerpt gives what is harmless of a line that YAML cannot read: its indentation, and its key if that is one of ours.
func bareExcerpt(line string) string {
	parts := bareLine.FindStringSubmatch(line)
	if parts == nil || !knownAnywhere(parts[2]) {
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		return strings.Repeat(" ", indent) + masked
	}
	if len(parts[0]) == len(line) {
		return parts[1] + parts[2] + ":"
	}
	return parts[1] + parts[2] + ": " + masked
}

// knownAnywhere reports whether key is one of a manifest's.
func knownAnywhere(key string) bool {
	if slices.Contains(topKeys, key) || slices.Contains(metadataKeys, key) {
		return true
	}
	return slices.ContainsFunc(Kinds(), func(k Kind) bool { return k.Def().Field(key) != nil })
}
