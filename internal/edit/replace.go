package edit

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// replace changes a value that stands here.
func (e *editor) replace(n *yaml.Node, key string, want *spec.Value) error {
	if e.field == nil {
		if n.Kind != yaml.ScalarNode {
			return e.refuse(n, "%s holds more than one text: change it by hand", key)
		}
		e.scalar(n, want.Text, asText, false)
		return nil
	}
	v := wanted(e.field, want)
	if e.field.IsList() {
		if n.Kind != yaml.SequenceNode {
			return e.refuse(n, "%s is no list here: change it by hand", key)
		}
		return e.list(n, key, v.Items())
	}
	return e.single(n, key, &v, false)
}

// single changes one value: a text, or a mapping of one key. flow says that it stands in a list in [ ].
func (e *editor) single(n *yaml.Node, key string, want *spec.Value, flow bool) error {
	flow = flow || e.inFlow(n)
	switch {
	case want.Key() == "" && n.Kind == yaml.ScalarNode:
		e.scalar(n, want.Text, formOf(e.field, ""), flow)
		return nil
	case want.Key() != "" && n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == want.Key() && n.Content[1].Kind == yaml.ScalarNode:
		e.scalar(n.Content[1], want.Text, formOf(e.field, want.Key()), flow || e.isFlow(n))
		return nil
	}
	w := e.where[n]
	from := w.start
	if n.Kind != yaml.ScalarNode && !e.isFlow(n) || w.mark > 0 { // it begins below its key
		for from > 0 && (isBlank(e.data[from-1]) || isBreak(e.data[from-1])) {
			from--
		}
		if e.data[from-1] != ':' && e.data[from-1] != '-' {
			return e.refuse(n, "comments stand in %s: change it by hand", key)
		}
	}
	if len(e.commentsIn(from, w.end)) > 0 {
		return e.refuse(n, "comments stand in %s: change it by hand", key)
	}
	var text []byte
	if from < w.start || w.start == w.end {
		text = []byte(" ")
	}
	e.cut(from, w.end, appendItem(text, want, 0, flow, e.newline))
	return nil
}

// inFlow reports whether a node stands in { } or [ ].
func (e *editor) inFlow(n *yaml.Node) bool {
	for other, w := range e.where {
		if other != n && other.Style&yaml.FlowStyle != 0 && w.start < e.where[n].start && w.end > e.where[n].start {
			return true
		}
	}
	return false
}

// scalar gives a scalar another text, in the quotes that it has where that is possible.
func (e *editor) scalar(n *yaml.Node, text string, how form, flow bool) {
	w := e.where[n]
	if w.mark > 0 {
		e.blockScalar(n, text)
		return
	}
	var out []byte
	if w.start == w.end {
		out = []byte(" ")
	}
	indent := e.blanks(e.line(w.start))
	rest := bytes.TrimSpace(e.data[w.end:e.ending(e.line(w.end))])
	switch {
	case how == inDigits && isDigits(text):
		out = append(out, text...)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		out = appendQuoted(out, text)
	case n.Style&yaml.SingleQuotedStyle != 0:
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || !printable(r) }) {
			out = appendQuoted(out, text)
		} else {
			out = appendSingle(out, text)
		}
	case how == inQuotes && quotable.MatchString(n.Value) && quotable.MatchString(text):
		out = append(out, text...) // no quotes there, none here
	case how == inQuotes && text != spec.Never:
		out = appendQuoted(out, text)
	case how == asText && !flow && len(rest) == 0 && blockText(text):
		out = appendBlock(out, text, indent+2, e.newline)
	default:
		out = appendText(out, text, flow)
	}
	e.cut(w.start, w.end, out)
}

// blockScalar gives a block scalar another text: as a block again if it has several lines, in one line if not. A comment beside its header stays.
func (e *editor) blockScalar(n *yaml.Node, text string) {
	w := e.where[n]
	header := e.ending(e.line(w.start))
	if !blockText(text) {
		e.cut(w.start, w.mark, appendText(nil, text, false))
		e.cut(header, max(w.end, header), nil)
		return
	}
	body, ended := strings.CutSuffix(text, "\n")
	mark := "|-"
	if ended {
		mark = "|"
	}
	e.cut(w.start, w.mark, []byte(mark))
	e.cut(header, max(w.end, header), appendBody(nil, body, max(w.indent, 1), e.newline))
}

// list changes a list. Entries that stay are not touched, nor are their comments.
func (e *editor) list(n *yaml.Node, key string, want []spec.Value) error {
	have := make([]spec.Value, len(n.Content))
	v := e.resource.Value(key)
	for i, c := range n.Content {
		j := slices.IndexFunc(v.Items(), func(item spec.Value) bool { return int(item.Line) == c.Line+e.base && int(item.Column) == c.Column })
		if j < 0 {
			return e.refuse(c, "it is not clear which entry of %s this is: change it by hand", key)
		}
		have[i] = v.Items()[j]
	}
	if e.isFlow(n) {
		return e.flowList(n, key, have, want)
	}
	if !e.field.IsReference() {
		want = keepOrder(have, want)
	}
	return e.blockList(n, key, have, want)
}

func same(a, b spec.Value) bool { return a.Key() == b.Key() && a.Text == b.Text }

func indexIn(list []spec.Value, v spec.Value) int {
	return slices.IndexFunc(list, func(w spec.Value) bool { return same(v, w) })
}

// keepOrder gives the days that are wanted in the order in which they stand: those that stay keep their place, new ones take the place of those that go.
func keepOrder(have, want []spec.Value) []spec.Value {
	var fresh, out []spec.Value
	for _, w := range want {
		if indexIn(have, w) < 0 {
			fresh = append(fresh, w)
		}
	}
	for _, h := range have {
		switch {
		case indexIn(want, h) >= 0:
			out = append(out, h)
		case len(fresh) > 0:
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
	}
	return append(out, fresh...)
}

// flowList writes a list in [ ] anew, with the entries that stay as they are written.
func (e *editor) flowList(n *yaml.Node, key string, have, want []spec.Value) error {
	w := e.where[n]
	if len(e.commentsIn(w.start, w.end)) > 0 {
		return e.refuse(n, "comments stand in the list %s: change it by hand", key)
	}
	if len(n.Content) == 0 || len(want) == 0 {
		return e.refuse(n, "an empty list cannot be changed: change %s by hand", key)
	}
	var out []byte
	for i := range want {
		if i > 0 {
			out = append(out, ", "...)
		}
		if j := indexIn(have, want[i]); j >= 0 {
			at := e.where[n.Content[j]]
			out = append(out, e.data[at.start:at.end]...)
			continue
		}
		if want[i].FromSource() {
			return e.refuse(n, "an entry of %s comes from a variable or a file: change it by hand", key)
		}
		out = appendItem(out, &want[i], 0, true, e.newline)
	}
	e.cut(e.where[n.Content[0]].start, e.where[n.Content[len(n.Content)-1]].end, out)
	return nil
}

// blockList walks both lists at once and keeps, changes, inserts and removes lines.
func (e *editor) blockList(n *yaml.Node, key string, have, want []spec.Value) error {
	indent := string(e.data[e.lines[e.line(e.where[n].start)]:e.where[n].start])
	if strings.Trim(indent, " ") != "" {
		return e.refuse(n, "the list %s begins in the middle of a line: change it by hand", key)
	}
	after := e.line(e.where[child2key(child(e.root, "spec"), key)].colon) // the line behind which an entry goes
	i, j := 0, 0
	for i < len(have) || j < len(want) {
		switch {
		case i < len(have) && j < len(want) && same(have[i], want[j]):
			after = e.line(e.where[n.Content[i]].end)
			i, j = i+1, j+1
		case j == len(want) || i < len(have) && indexIn(want[j:], have[i]) < 0 && indexIn(have[i:], want[j]) >= 0:
			after = e.line(e.where[n.Content[i]].end)
			e.removeLines(e.line(e.where[n.Content[i]].dash), after)
			i++
		case i == len(have) || indexIn(want[j:], have[i]) >= 0:
			if indexIn(have[i:], want[j]) >= 0 {
				return e.refuse(n, "the entries of %s come in another order: change it by hand", key)
			}
			e.insertLine(after, appendItem([]byte(indent+"- "), &want[j], len(indent), false, e.newline))
			j++
		default:
			if have[i].FromSource() || want[j].FromSource() {
				return e.refuse(n.Content[i], "an entry of %s comes from a variable or a file: change it there", key)
			}
			if err := e.single(n.Content[i], key, &want[j], false); err != nil {
				return err
			}
			after = e.line(e.where[n.Content[i]].end)
			i, j = i+1, j+1
		}
	}
	return nil
}
