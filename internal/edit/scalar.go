package edit

import (
	"gopkg.in/yaml.v3"
)

// scalar measures a scalar that begins at pos; indent is that of the block that holds it.
func (m *measurer) scalar(n *yaml.Node, w *place, indent int) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		m.quoted('"', '\\')
	case n.Style&yaml.SingleQuotedStyle != 0:
		m.quoted('\'', '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		m.block(n, w, indent)
		return
	default:
		m.plain(n.Value)
	}
	if m.err == nil && m.pos > w.start {
		m.leaves = append(m.leaves, leaf{w.start, m.pos, n.Style})
	}
}

// quoted steps over a text in quotes. escape takes the special meaning of the character behind it away; in single quotes that is the quote itself.
func (m *measurer) quoted(quote, escape byte) {
	if m.pos >= len(m.data) || m.data[m.pos] != quote {
		m.fail()
		return
	}
	for m.pos++; m.pos < len(m.data); m.pos++ {
		c := m.data[m.pos]
		switch {
		case c == escape && quote != escape:
			m.pos++
		case c == quote && quote == escape && m.pos+1 < len(m.data) && m.data[m.pos+1] == quote:
			m.pos++
		case c == quote:
			m.pos++
			return
		}
	}
	m.fail()
}

// plain steps over a text without quotes by what the parser has read of it: one line break reads as a blank, more as one less.
func (m *measurer) plain(value string) {
	i := 0
	for i < len(value) {
		if m.pos >= len(m.data) {
			m.fail()
			return
		}
		if c := m.data[m.pos]; !isBlank(c) && !isBreak(c) {
			if c != value[i] {
				m.fail()
				return
			}
			m.pos, i = m.pos+1, i+1
			continue
		}
		gap, breaks := m.gap()
		want := m.data[m.pos:gap]
		switch {
		case breaks == 1:
			want = []byte(" ")
		case breaks > 1:
			want = []byte("\n\n\n\n\n\n\n\n")[:min(breaks-1, 8)]
		}
		if len(value)-i < len(want) || value[i:i+len(want)] != string(want) || breaks > 9 {
			m.fail()
			return
		}
		m.pos, i = gap, i+len(want)
	}
}

// gap gives the end of the blanks and line breaks at pos, and how many breaks there are.
func (m *measurer) gap() (end, breaks int) {
	for end = m.pos; end < len(m.data); end++ {
		switch c := m.data[end]; {
		case c == '\n', c == '\r' && (end+1 == len(m.data) || m.data[end+1] != '\n'):
			breaks++
		case !isBlank(c) && c != '\r':
			return end, breaks
		}
	}
	return end, breaks
}

// block steps over a block scalar: its header (| or >, with signs), and the lines that are indented more than what holds it. The blank lines at its
// end belong to it only if its header says so (+).
func (m *measurer) block(n *yaml.Node, w *place, parent int) {
	at := w.start
	if at >= len(m.data) || m.data[at] != '|' && m.data[at] != '>' {
		m.fail()
		return
	}
	keep, given := false, 0
	for at++; at < len(m.data) && !isBlank(m.data[at]) && !isBreak(m.data[at]); at++ {
		switch c := m.data[at]; {
		case c == '+':
			keep = true
		case '1' <= c && c <= '9':
			given = int(c - '0')
		}
	}
	w.mark = at
	first := m.line(w.start) + 1
	m.pos = m.ending(first - 1)
	w.body, w.indent = m.pos, max(parent, 0)+given
	if first < len(m.lines) {
		w.body = m.lines[first]
	}
	if given == 0 {
		w.indent = m.bodyIndent(first, parent)
	}
	last := first - 1 // the last line that belongs to it
	for i := first; i < len(m.lines) && m.lines[i] < len(m.data); i++ {
		blanks := m.blanks(i)
		switch {
		case blanks >= w.indent && m.lines[i]+blanks < m.ending(i), blanks > w.indent:
			last = i
		case m.lines[i]+blanks < m.ending(i):
			i = len(m.lines) // less indented: it belongs to what follows
		case keep:
			last = i
		}
	}
	m.pos = max(m.pos, m.ending(last))
	m.leaves = append(m.leaves, leaf{w.start, w.mark, 0})
	if last >= first {
		end := m.pos
		if keep { // the last line's break too
			end = min(end+1, len(m.data))
		}
		m.leaves = append(m.leaves, leaf{w.body, end, n.Style})
	}
}

// blanks counts the blanks at the beginning of a line.
func (p *page) blanks(line int) int {
	i := p.lines[line]
	for i < len(p.data) && p.data[i] == ' ' {
		i++
	}
	return i - p.lines[line]
}

// bodyIndent finds how far a block scalar's text is indented: as its first line that is not blank.
func (m *measurer) bodyIndent(first, parent int) int {
	for i := first; i < len(m.lines); i++ {
		if blanks := m.blanks(i); m.lines[i]+blanks < m.ending(i) {
			return max(blanks, parent+1)
		}
	}
	return max(parent+1, 1)
}
