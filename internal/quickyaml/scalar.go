package quickyaml

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// scalar reads a plain or quoted scalar in one line, and stops behind it. flow: it stands within [ ] or { }.
func (r *Reader) scalar(flow bool) *yaml.Node {
	begin := r.pos
	switch r.text[begin] {
	case '"':
		return r.quoted(yaml.DoubleQuotedStyle, begin)
	case '\'':
		return r.quoted(yaml.SingleQuotedStyle, begin)
	}
	if !r.mayBegin(begin) {
		return nil
	}
	end := r.plainEnd(begin+1, flow)
	if end < 0 {
		return nil
	}
	value := r.text[begin:end]
	tag := tagOf(value)
	if tag == "" {
		return nil
	}
	n := r.node(yaml.ScalarNode, tag, begin)
	if n != nil {
		n.Value, r.pos = value, end
	}
	return n
}

// mayBegin reports whether a plain scalar may surely begin at a place.
func (r *Reader) mayBegin(at int) bool {
	if class[r.text[at]]&begins != 0 {
		return true
	}
	return r.text[at] == '-' && at+1 < len(r.text) && class[r.text[at+1]]&word != 0
}

// plainEnd finds the end of a plain scalar of which the byte before at is part, -1 if it is not clear.
func (r *Reader) plainEnd(at int, flow bool) int {
	stop := stops
	if flow {
		stop = stops | flowStops
	}
	for ; at < len(r.text); at++ {
		c := r.text[at]
		if class[c]&stop == 0 {
			continue
		}
		if c == '#' && r.text[at-1] != ' ' {
			continue
		}
		if c == ':' && !r.lineEnds(at+1) && r.text[at+1] != ' ' {
			if flow && class[r.text[at+1]]&word == 0 {
				return -1
			}
			continue
		}
		break
	}
	for r.text[at-1] == ' ' {
		at--
	}
	return at
}

func (r *Reader) quoted(style yaml.Style, begin int) *yaml.Node {
	quote, at, escaped := r.text[begin], begin+1, false
	for {
		if r.lineEnds(at) {
			return nil
		}
		c := r.text[at]
		if c == '\\' && quote == '"' {
			escaped = true
			at += 2
			if at > len(r.text) {
				return nil
			}
			continue
		}
		if c == quote {
			if quote == '"' || at+1 == len(r.text) || r.text[at+1] != quote {
				break
			}
			escaped = true
			at++
		}
		at++
	}
	value := r.text[begin+1 : at]
	if escaped {
		var ok bool
		if value, ok = unescape(value, quote); !ok {
			return nil
		}
	}
	n := r.node(yaml.ScalarNode, "!!str", begin)
	if n != nil {
		n.Style, n.Value, r.pos = style, value, at+1
	}
	return n
}

// unescape resolves what is usual: quotes and backslashes, in double quotes \n too.
func unescape(text string, quote byte) (string, bool) {
	if quote == '\'' {
		return strings.ReplaceAll(text, "''", "'"), true
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			i++
			switch c = text[i]; c {
			case '"', '\\':
			case 'n':
				c = '\n'
			default:
				return "", false
			}
		}
		b.WriteByte(c)
	}
	return b.String(), true
}
