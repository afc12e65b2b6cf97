package sandbox

import (
	"bytes"
	"encoding/json"
)

// object holds the members of a JSON object in their order, those that stand
// twice twice. Values are as they stand in the text.
type object []struct{ name, value []byte }

// get gives a member's value, nil when it is absent. Of two members with one
// name the last counts, as most readers of JSON have it.
func (o object) get(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if string(o[i].name) == name {
			return o[i].value
		}
	}
	return nil
}

// readObject reads an object out of valid JSON; nothing and null give nil, and
// anything else is not ok.
func readObject(text []byte) (o object, ok bool) {
	p := passer{text: text}
	switch p.next() {
	case 0:
		return nil, true
	case 'n':
		return nil, true
	case '{':
	default:
		return nil, false
	}
	p.at++
	o = make(object, 0, 24)
	for p.next() != '}' {
		if p.text[p.at] == ',' {
			p.at++
			p.next()
		}
		name := p.value()
		p.next()
		p.at++ // the colon
		p.next()
		o = append(o, struct{ name, value []byte }{unquoted(name), p.value()})
	}
	return o, true
}

// unquoted is the text of a JSON string of valid UTF-8; it may be part of it.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // it is valid
	return []byte(text)
}

// passer walks over valid JSON.
type passer struct {
	text []byte
	at   int
}

// next passes over blanks; it gives the byte after them, 0 at the end.
func (p *passer) next() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return c
		}
	}
	return 0
}

// value passes over a value and gives it.
func (p *passer) value() []byte {
	start := p.at
	for depth := 0; p.at < len(p.text); {
		switch p.text[p.at] {
		case '"':
			p.passString()
			if depth == 0 {
				return p.text[start:p.at]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // a number or a word ends here
				return p.text[start:p.at]
			}
			if depth--; depth == 0 {
				p.at++
				return p.text[start:p.at]
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return p.text[start:p.at]
			}
		}
		p.at++
	}
	return p.text[start:]
}

func (p *passer) passString() {
	for p.at++; p.text[p.at] != '"'; p.at++ {
		if p.text[p.at] == '\\' {
			p.at++
		}
	}
	p.at++
}
