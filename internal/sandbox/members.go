package sandbox

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// members reads the typed members of a request object. Names are compared
// exactly; what it does not know it passes over (moka-api 1.7).
//
// A member that cannot be read sets bad, and the call ends as InvalidRequest:
// no documented code says what is wrong with a single value (moka-api 1.6).
type members struct {
	of object
	// quotedOnly refuses numbers that are not in quotes (switch "numbers").
	quotedOnly bool
	bad        bool
}

// text is a text, date or token member. sent is false when the member is absent
// or null; an empty text that was sent is an empty text.
type text struct {
	value string
	sent  bool
}

// given reports whether there is something in it.
func (t text) given() bool { return t.value != "" }

// integer is an integer member. sent is false when it is absent, null or "".
type integer struct {
	value int64
	sent  bool
}

// or returns the value, or the given default if none was sent.
func (i integer) or(otherwise int64) int64 {
	if i.sent {
		return i.value
	}
	return otherwise
}

// scalar returns the member's text, whether it was quoted or a bare number.
func (m *members) scalar(name string) text {
	raw := m.of.get(name)
	if len(raw) == 0 || string(raw) == "null" {
		return text{}
	}
	if raw[0] == '"' {
		return text{value: string(unquoted(raw)), sent: true}
	}
	if m.quotedOnly || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		m.bad = true
		return text{}
	}
	return text{value: string(raw), sent: true}
}

// text reads a text of at most limit code points; 0 is no limit. What Moka does
// with a longer one is not documented (moka-api 1.6); here it is refused.
func (m *members) text(name string, limit int) text {
	t := m.scalar(name)
	if limit > 0 && utf8.RuneCountInString(t.value) > limit {
		m.bad = true
	}
	return t
}

// integer reads an integer of 32 bits, quoted or bare, from least up to most.
func (m *members) integer(name string, least, most int64) integer {
	t := m.scalar(name)
	if !t.given() {
		return integer{}
	}
	value, err := strconv.ParseInt(t.value, 10, 32)
	if err != nil || t.value[0] == '+' || value < least || value > most {
		m.bad = true
		return integer{}
	}
	return integer{value: value, sent: true}
}

// maxInteger is the greatest integer a member can hold.
const maxInteger = 1<<31 - 1

// id reads one of Moka's ids. Absent, null, "" and 0 are all 0: no id.
func (m *members) id(name string) int64 { return m.integer(name, 0, maxInteger).value }

// amount reads a decimal as hundredths. It must be above zero: what Moka does
// with others is not documented (moka-api 3.5).
func (m *members) amount(name string) (value kurus, sent bool) {
	t := m.scalar(name)
	if !t.given() {
		return 0, false
	}
	value, err := parseAmount(t.value)
	if err != nil || value <= 0 {
		m.bad = true
		return 0, false
	}
	return value, true
}

// date reads a day as YYYYMMDD; an empty one may be sent.
func (m *members) date(name string) text {
	t := m.scalar(name)
	if !t.given() {
		return t
	}
	// time.Parse alone would let signs and blanks through.
	if _, err := time.Parse("20060102", t.value); err != nil || digits(t.value) != 8 {
		m.bad = true
	}
	return t
}

// token reads a card token in any case, with or without braces, and returns it
// as it is answered: lower case, without braces (moka-api 1.7). Anything else
// is returned as it is; no card will be found by it.
func (m *members) token(name string) text {
	t := m.scalar(name)
	bare := t.value
	if strings.HasPrefix(bare, "{") && strings.HasSuffix(bare, "}") && len(bare) > 1 {
		bare = bare[1 : len(bare)-1]
	}
	if isGUID(bare) {
		t.value = strings.ToLower(bare)
	}
	return t
}

// isGUID reports whether text has the form 8-4-4-4-12 of hexadecimal digits.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') {
			return false
		}
		if c != '-' && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}
