package project

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

func (r *reader) errorf(n *yaml.Node, format string, args ...any) {
	d := r.place(n)
	d.Message = fmt.Sprintf(format, args...)
	r.ds = append(r.ds, d)
}

// place is a mistake at a key or value, without its message yet.
func (r *reader) place(n *yaml.Node) spec.Diagnostic {
	d := spec.Diagnostic{Severity: spec.Error, File: r.file.Path, Line: n.Line, Column: n.Column}
	d.Excerpt, d.ExcerptColumn = r.excerpt(n)
	return d
}

// mapping gives a mapping, nil after a mistake.
func (r *reader) mapping(n *yaml.Node) *yaml.Node {
	at := n
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case n.Kind == yaml.MappingNode:
		return n
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		r.errorf(at, "nothing is written here: fill it in, or take the key out")
	default:
		r.errorf(at, "write a mapping of key: value here")
	}
	return nil
}

// each hands a mapping's values to those who know their keys; each key may stand once. It gives the number of keys, -1 for no mapping.
func (r *reader) each(n *yaml.Node, what string, known map[string]func(*yaml.Node)) int {
	return r.eachOr(n, what, known, func(*yaml.Node) bool { return false })
}

// eachOr is each where some unknown keys are told of by refused, which says whether it did.
func (r *reader) eachOr(n *yaml.Node, what string, known map[string]func(*yaml.Node), refused func(key *yaml.Node) bool) int {
	keys := slices.Sorted(maps.Keys(known))
	r.seen[what] = keys
	if n = r.mapping(n); n == nil {
		return -1
	}
	done := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read := known[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.errorf(key, "a key is one word%s", near("", keys))
		case read == nil && refused(key):
		case read == nil && !word.MatchString(key.Value):
			r.errorf(key, "this key is not known here%s", near(key.Value, keys))
		case read == nil:
			r.shown[key] = true
			r.errorf(key, "%s is not known here%s", key.Value, near(key.Value, keys))
		case done[key.Value]:
			r.shown[key] = true
			r.errorf(key, "%s stands here twice", key.Value)
		default:
			r.shown[key], done[key.Value] = true, true
			read(value)
		}
	}
	return len(n.Content) / 2
}

// scalar gives a single value of one of the tags, nil after a mistake.
func (r *reader) scalar(n *yaml.Node, what string, tags ...string) *yaml.Node {
	at := n
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode {
		r.shown[n] = true
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.ShortTag()) {
		hint := ""
		switch {
		case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
			hint = ", or take the key out"
		case n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
			hint = ", without quotes"
		}
		r.errorf(at, "write %s%s", what, hint)
		return nil
	}
	if at == n {
		return n
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: n.Tag, Value: n.Value, Line: at.Line, Column: at.Column}
}

func (r *reader) word(n *yaml.Node, into *Said[string], allowed ...string) {
	what := strings.Join(allowed, " or ")
	v := r.scalar(n, what, "!!str")
	switch {
	case v == nil:
	case !slices.Contains(allowed, v.Value):
		r.errorf(v, "write %s", what)
	case into != nil:
		*into = Said[string]{v.Value, r.at(v)}
	}
}

func (r *reader) boolean(n *yaml.Node, into *Said[bool]) {
	if v := r.scalar(n, "true or false", "!!bool"); v != nil {
		*into = Said[bool]{strings.EqualFold(v.Value, "true"), r.at(v)}
	}
}

func (r *reader) integer(n *yaml.Node, least, most int, what string, into *Said[int]) {
	v := r.scalar(n, what, "!!int")
	if v == nil {
		return
	}
	i, err := strconv.Atoi(v.Value)
	if err != nil || i < least || i > most {
		r.errorf(v, "write %s", what)
		return
	}
	*into = Said[int]{i, r.at(v)}
}

// excerptWidth is how many characters of a line are shown; longer lines are not.
const excerptWidth = 150

// masked stands for what is not known to be harmless.
const masked = "•••"

// excerpt gives the line up to the end of a key or value, and the column of that. Keys that are not known are shown if they are words, their values never; a line on which
// such a thing stands before is not shown at all.
func (r *reader) excerpt(n *yaml.Node) (string, int) {
	if n.Line < 1 || n.Line > len(r.lines) || r.hiddenBefore(r.root, n) {
		return "", 0
	}
	line := []rune(strings.TrimRight(string(r.lines[n.Line-1]), "\r"))
	if n.Column < 1 || n.Column > len(line) || len(line) > excerptWidth || !utf8.Valid(r.lines[n.Line-1]) {
		return "", 0
	}
	before, rest := string(line[:n.Column-1]), string(line[n.Column-1:])
	value := ""
	if r.shown[n] {
		for _, quoted := range []string{n.Value, `"` + n.Value + `"`, "'" + n.Value + "'"} {
			if strings.HasPrefix(rest, quoted) {
				value = quoted
			}
		}
	}
	rest = rest[len(value):]
	if at := strings.Index(rest, " #"); at >= 0 {
		rest = rest[:at]
	}
	signs := strings.TrimRight(rest[:len(rest)-len(strings.TrimLeft(rest, " :,[]{}"))], " ")
	if strings.TrimLeft(rest, " :,[]{}") != "" {
		signs += " " + masked
		if value == "" {
			signs = masked
		}
	}
	return before + value + signs, n.Column
}

// hiddenBefore reports whether something that may not be shown begins on the line of n before it.
func (r *reader) hiddenBefore(at, n *yaml.Node) bool {
	if at == nil {
		return true
	}
	if at.Kind == yaml.ScalarNode && !r.shown[at] && at.Line == n.Line && at.Column < n.Column {
		return true
	}
	return slices.ContainsFunc(at.Content, func(c *yaml.Node) bool { return r.hiddenBefore(c, n) })
}
