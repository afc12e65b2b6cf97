package moka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// parser turns JSON objects into Records. It keeps one copy of each member's name and of values that come again and again (a currency, a date, an empty text), so that
// a list of a hundred thousand sales costs little more than what differs between them. Not for use by several goroutines.
type parser struct {
	names  map[string]string
	values []string // nil: values are not looked up, as it does not pay for a single object
	member []Member // scratch
}

// many makes the parser ready for a list, or for a single object.
func (p *parser) many(list bool) {
	if list {
		p.values = make([]string, 512)
	}
}

// emptied is the parser without anything but the names that it knows.
func (p *parser) emptied() parser {
	clear(p.member[:cap(p.member)])
	return parser{names: p.names, member: p.member[:0]}
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
	base := len(p.member) // below it are the members of the object around this one
	var passed []string   // the names of those that are no scalars
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
		if len(p.member)-base+len(passed) == maxMembers {
			return nil, fmt.Errorf("%w: an object with too many members", ErrShape)
		}
		if Record(p.member[base:]).Has(name) || slices.Contains(passed, name) {
			return nil, fmt.Errorf("%w: %w", ErrShape, errDuplicate)
		}
		if first != '{' && first != '[' {
			p.member = append(p.member, Member{name, p.text(value)})
			continue
		}
		passed = append(passed, name)
		if nested == nil {
			continue
		}
		if err := nested(name, value); err != nil {
			return nil, err
		}
	}
	own := p.member[base:]
	p.member = p.member[:base]
	return append(make(Record, 0, len(own)), own...), nil
}

// name gives the one copy of a member's name, from its JSON string.
func (p *parser) name(raw []byte) string {
	if s, known := p.names[string(raw)]; known {
		return s
	}
	s := plainText(raw)
	if p.names == nil {
		p.names = map[string]string{}
	}
	if len(p.names) < 256 && len(raw) < 64 {
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
		if !asItStands(raw) {
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

// asItStands reports whether a JSON string is its text with quotes around it: it has no escapes, and nothing in it is broken UTF-8.
func asItStands(raw []byte) bool {
	return bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// plainText is the text of a JSON string.
func plainText(raw []byte) string {
	if asItStands(raw) {
		return string(raw[1 : len(raw)-1])
	}
	return unquote(raw)
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
