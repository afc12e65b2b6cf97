package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// scan looks at every key and scalar of the document for what is wrong wherever it stands: explicit tags, keys that are no texts or stand twice, card numbers.
func (m *manifest) scan(n *yaml.Node, s spot) {
	if n.Style&yaml.TaggedStyle != 0 && !m.tagFits(n) {
		m.distinct = false // what is below was not looked at
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if !s.token && holdsCardNumber(n.Value) {
			m.errorf(n, cardNumberMessage)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if !harmless(c) {
				m.scan(c, s)
			}
		}
	case yaml.MappingNode:
		m.scanKeys(n, s)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if c := n.Content[i+1]; !harmless(c) {
				m.scan(c, s.child(n.Content[i].Value))
			}
		}
	}
}

// harmless reports whether a scalar may stand at any spot.
func harmless(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 && !holdsCardNumber(n.Value)
}

const cardNumberMessage = "looks like a card number. No card number may stand in a manifest, not even in a text: take it out, and use the card's token"

// tagFits refuses explicit tags that would make something else of a value than it looks like.
func (m *manifest) tagFits(n *yaml.Node) bool {
	want := map[yaml.Kind]string{yaml.ScalarNode: "!!str", yaml.SequenceNode: "!!seq", yaml.MappingNode: "!!map"}[n.Kind]
	if n.Tag == want {
		return true
	}
	name := "a tag of its own (!…)"
	if slices.Contains([]string{"!!binary", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!set", "!!omap", "!!str", "!!map", "!!seq"}, n.Tag) {
		name = "the tag " + n.Tag
	}
	m.errorf(n, "%s stands before the value: tags are not read; write the value alone, a text in quotes", name)
	return false
}

func (m *manifest) scanKeys(n *yaml.Node, s spot) {
	var seen map[string]*yaml.Node
	if len(n.Content) > 2*maxFields {
		seen = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	var marks uint64 // of the keys so far, a bit each: most differ in it from all before
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			m.errorf(key, "a key is a plain text, not %s; if this is a text with { or [ in it, put it in quotes", shape(key))
			continue
		}
		var first *yaml.Node
		if mark := keyMark(key.Value); marks&mark == 0 {
			marks |= mark
		} else if first = earlier(n, i, seen); first != nil {
			m.distinct = false
		}
		if key.Style&yaml.TaggedStyle != 0 && !m.tagFits(key) {
			m.distinct = false
			continue
		}
		if holdsCardNumber(key.Value) {
			m.errorf(key, cardNumberMessage)
		}
		if first != nil {
			m.errorf(key, "%s stands twice here, first in line %d: keep one", m.keyName(key, s), first.Line+m.base)
		} else if i > 0 && n.Style&yaml.FlowStyle != 0 && key.Tag == "!!int" && isNull(n.Content[i+1]) {
			m.errorf(key, "within { } a comma ends a value, so that this number stands alone: write a decimal point, as in 25.45")
		} else if made := misread(key); made != "" || isNull(key) {
			m.errorf(key, "a key is a text, and YAML does not read this one as a text: put it in quotes")
		}
		if seen != nil {
			seen[key.Value] = key
		}
	}
}

// keyMark gives one of 64 bits by a text's length and ends.
func keyMark(s string) uint64 {
	if s == "" {
		return 1
	}
	return 1 << ((uint(len(s))*5 + uint(s[0])*3 + uint(s[len(s)-1])) % 64)
}

// earlier finds a key of the same text before the one at i.
func earlier(n *yaml.Node, i int, seen map[string]*yaml.Node) *yaml.Node {
	if seen != nil {
		return seen[n.Content[i].Value]
	}
	for j := 0; j < i; j += 2 {
		if k := n.Content[j]; k.Kind == yaml.ScalarNode && k.Value == n.Content[i].Value {
			return k
		}
	}
	return nil
}

// keyName names a key in a message, as far as it may be shown.
func (m *manifest) keyName(key *yaml.Node, s spot) string {
	switch v := s.keyView(key.Value); {
	case v == open || v == personal && m.show:
		return "the key " + key.Value
	default:
		return "a key"
	}
}

// unknownKey reports a key that may not stand at s. A hint follows.
func (m *manifest) unknownKey(key *yaml.Node, s spot, hint string) {
	if v := s.keyView(key.Value); v == open || v == personal && m.show {
		m.errorf(key, "%s is not known here%s", key.Value, hint)
		return
	}
	m.errorf(key, "this key is not known here%s", hint)
}

// minCardDigits and maxCardDigits: the lengths of card numbers.
const (
	minCardDigits = 13
	maxCardDigits = 19
)

// holdsCardNumber reports whether a run of 13 to 19 digits in s passes the Luhn check. Blanks and dashes between the digits do not end a run.
func holdsCardNumber(s string) bool {
	if len(s) < minCardDigits {
		return false
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'0' <= 9 {
			digits++
		}
	}
	return digits >= minCardDigits && hasCardRun(s)
}

func hasCardRun(s string) bool {
	var run [maxCardDigits]byte
	n := 0
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			if n < maxCardDigits {
				run[n] = byte(c - '0')
			}
			n++
		case strings.ContainsRune(cardSeparators, c):
		default:
			if isCardNumber(run[:min(n, maxCardDigits)], n) {
				return true
			}
			n = 0
		}
	}
	return isCardNumber(run[:min(n, maxCardDigits)], n)
}

// cardSeparators are blanks, line breaks and the dashes that word processors make.
const cardSeparators = " \t\r\n\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212"

func isCardNumber(digits []byte, n int) bool {
	if n < minCardDigits || n > maxCardDigits {
		return false
	}
	sum := 0
	for i, d := range digits {
		v := int(d)
		if (n-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
