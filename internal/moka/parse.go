package moka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// parser turns JSON objects into Records. It keeps one copy of each member's name and of values that come again and again (a currency, a date, an empty text), so that
// a list of a hundred thousand sales costs little more than what differs between them. Not for use by several goroutines.
type parser struct {
	names  map[string]string
	values []string // nil: values are not looked up, as it does not pay for a single object
	member []Member // scratch
}

func newParser(many bool) *parser {
	p := &parser{names: make(map[string]string)}
	if many {
		p.values = make([]string, 512)
	}
	return p
}

// maxMembers bounds an object; the longest documented one has 21.
const maxMembers = 256

// errDuplicate is an object with one name twice: it says two things, so it says nothing.
var errDuplicate = errors.New("a member stands twice")

// record reads one object from raw, which must be valid JSON. Scalars become members in their order, null becoming "". An object or an array is given to nested, as it stands,
// with its name; with a nested of nil it is passed over.
func (p *parser) record(raw []byte, nested func(name string, value []byte) error) (Record, error) {
	c := cursor{raw: raw}
	if c.next() != '{' {
		return nil, fmt.Errorf("%w: not an object", ErrShape)
	}
	c.at++
	p.member = p.member[:0]
	for c.next() != '}' {
		if c.raw[c.at] == ',' {
			c.at++
			c.next()
		}
		name := p.name(c.value())
		c.next()
		c.at++ // the colon
		first := c.next()
		value := c.value()
		if len(p.member) == maxMembers {
			return nil, fmt.Errorf("%w: an object with too many members", ErrShape)
		}
		if Record(p.member).Has(name) {
			return nil, fmt.Errorf("%w: %w", ErrShape, errDuplicate)
		}
		if first != '{' && first != '[' {
			p.member = append(p.member, Member{name, p.text(value)})
			continue
		}
		if nested == nil {
			continue
		}
		// nested may use the parser itself.
		saved := p.member
		p.member = nil
		err := nested(name, value)
		p.member = saved
		if err != nil {
			return nil, err
		}
	}
	return append(make(Record, 0, len(p.member)), p.member...), nil
}

// name gives the one copy of a member's name, from its JSON string.
func (p *parser) name(raw []byte) string {
	if s, known := p.names[string(raw)]; known {
		return s
	}
	s := unquote(raw)
	if len(p.names) < 256 {
		p.names[string(raw)] = s
	}
	return s
}

// text gives the text of a scalar.
func (p *parser) text(raw []byte) string {
	switch raw[0] {
	case 'n': // null
		return ""
	case '"':
		if bytes.IndexByte(raw, '\\') >= 0 || !plain(raw) {
			return unquote(raw)
		}
		raw = raw[1 : len(raw)-1]
	}
	if len(raw) > 24 || p.values == nil {
		return string(raw)
	}
	slot := &p.values[hash(raw)%uint32(len(p.values))]
	if *slot != string(raw) {
		*slot = string(raw)
	}
	return *slot
}

// plain reports whether raw is ASCII, so that it needs no look at its encoding.
func plain(raw []byte) bool {
	for _, c := range raw {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// hash is FNV-1a.
func hash(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func unquote(raw []byte) string {
	var s string
	_ = json.Unmarshal(raw, &s) // raw is a valid JSON string
	return s
}

// cursor walks over valid JSON.
type cursor struct {
	raw []byte
	at  int
}

// next passes over blanks and gives the byte that it then stands on, 0 at the end.
func (c *cursor) next() byte {
	for c.at < len(c.raw) {
		switch b := c.raw[c.at]; b {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return b
		}
	}
	return 0
}

// value passes over the value on which the cursor stands and gives its bytes.
func (c *cursor) value() []byte {
	start := c.at
	switch c.raw[c.at] {
	case '"':
		c.passString()
	case '{', '[':
		c.passNested()
	default:
		for c.at < len(c.raw) && !ends(c.raw[c.at]) {
			c.at++
		}
	}
	return c.raw[start:c.at]
}

// ends reports whether a number or a literal is over at b.
func ends(b byte) bool {
	switch b {
	case ',', ']', '}', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

func (c *cursor) passString() {
	for c.at++; c.raw[c.at] != '"'; c.at++ {
		if c.raw[c.at] == '\\' {
			c.at++
		}
	}
	c.at++
}

func (c *cursor) passNested() {
	for depth := 0; ; {
		switch c.raw[c.at] {
		case '"':
			c.passString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		c.at++
		if depth == 0 {
			return
		}
	}
}
