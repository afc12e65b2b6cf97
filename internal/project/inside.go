package project

import (
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// spot is where a character stands: line and column from 0, in characters.
type spot struct{ line, column int }

// inside gives the places of a text's characters in the file, whatever style the text is written in; of -1, and where the place cannot be told, that of the text's beginning.
func (r *reader) inside(n *yaml.Node) func(char int) spec.Diagnostic {
	return func(char int) spec.Diagnostic {
		whole := r.place(n)
		if char < 0 {
			return whole
		}
		spots := r.spots(n)
		if len(spots) == 0 {
			return whole
		}
		at := spots[min(char, len(spots)-1)]
		if char >= len(spots) { // behind the last one
			at.column++
		}
		d := spec.Diagnostic{Severity: spec.Error, File: r.file.Path, Line: at.line + 1, Column: at.column + 1}
		if at.line+1 > n.Line || whole.Excerpt != "" {
			d.Excerpt, d.ExcerptColumn = r.part(spots, at)
		}
		return d
	}
}

// part gives a text's line as far as the text goes there.
func (r *reader) part(spots []spot, at spot) (string, int) {
	end := at.column + 1
	for _, s := range spots {
		if s.line == at.line {
			end = max(end, s.column+1)
		}
	}
	line := r.runes(at.line)
	if len(line) > excerptWidth {
		return "", 0
	}
	return string(line[:min(end, len(line))]), at.column + 1
}

func (r *reader) runes(line int) []rune {
	return []rune(strings.TrimRight(string(r.lines[line]), "\r"))
}

// spots walks the file and the text side by side, and finds where each character of the text comes from; nil where the two do not fit.
func (r *reader) spots(n *yaml.Node) []spot {
	w := &walk{reader: r, line: n.Line - 1, column: n.Column - 1, style: n.Style}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		w.block = true
		w.next()
	} else if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		w.column++
	}
	var out []spot
	for _, c := range strings.TrimRight(n.Value, "\n") {
		at, ok := w.find(c)
		if !ok {
			return nil
		}
		out = append(out, at)
	}
	return out
}

type walk struct {
	*reader
	line, column int
	style        yaml.Style
	block        bool
	indent       int // of a block's lines, once it is known
}

// next goes to the beginning of what the next line says; false at the end of the file.
func (w *walk) next() bool {
	if w.line++; w.line >= len(w.lines) {
		return false
	}
	text := w.runes(w.line)
	lead := 0
	for lead < len(text) && (text[lead] == ' ' || !w.block && text[lead] == '\t') {
		lead++
	}
	if w.block && w.indent == 0 && lead < len(text) {
		w.indent = lead
	}
	w.column = lead
	if w.block {
		w.column = min(lead, w.indent)
	}
	return true
}

// find gives the place of the next character of the text.
func (w *walk) find(c rune) (spot, bool) {
	for w.line < len(w.lines) {
		text := w.runes(w.line)
		at := spot{w.line, w.column}
		if w.column < len(text) {
			if length := w.stands(c, text[w.column:]); length > 0 {
				w.column += length
				return at, true
			}
		}
		rest := strings.TrimSpace(string(text[min(w.column, len(text)):]))
		if rest != "" && !(rest == `\` && w.style&yaml.DoubleQuotedStyle != 0) {
			return at, false
		}
		if !w.next() {
			return at, false
		}
		if c == ' ' || c == '\n' {
			return at, true
		}
	}
	return spot{}, false
}

// escapes are those of double quotes that an expression may need.
var escapes = map[rune]rune{'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t'}

// stands gives how many characters of the file stand for c, 0 if it is not c that stands there.
func (w *walk) stands(c rune, text []rune) int {
	switch {
	case w.style&yaml.DoubleQuotedStyle != 0 && text[0] == '\\':
		if len(text) > 1 && escapes[text[1]] == c {
			return 2
		}
		return 0
	case w.style&yaml.SingleQuotedStyle != 0 && text[0] == '\'':
		if c == '\'' && len(text) > 1 && text[1] == '\'' {
			return 2
		}
		return 0
	case text[0] == c:
		return 1
	}
	return 0
}
