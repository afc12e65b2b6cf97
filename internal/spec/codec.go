package spec

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Type says how a field's values are written: in the manifest (canonical text) and on the wire.
type Type uint8

const (
	Text       Type = iota + 1 // any text, in NFC
	Code                       // the dealer's own key: text without blanks at its ends or control characters
	Email                      // an e-mail address
	Enum                       // one of Field.Words
	Date                       // YYYY-MM-DD here, YYYYMMDD on the wire
	EndDate                    // a Date or "never", which is "" on the wire
	Money                      // decimal string with two places, "149.90", here and on the wire
	Integer                    // decimal digits
	Days                       // a set of month days, ascending, "1,15" on the wire
	Weekdays                   // a set of week days, from monday, "1,4" on the wire
	Reference                  // one other resource
	References                 // one to three other resources, in order
	Token                      // a card token: a guid, lower case without braces here, upper case in braces on the wire
	Password                   // known by its version only
	MokaID                     // Moka's own number of the resource
)

// Never is the canonical text of an endDate that does not come.
const Never = "never"

// ToWire gives the wire text of a canonical text (moka-api 1.7). References are not texts of their own: what they stand for is sent.
func (f *Field) ToWire(text string) string {
	switch f.Type {
	case Date:
		return strings.ReplaceAll(text, "-", "")
	case EndDate:
		if text == Never {
			return ""
		}
		return strings.ReplaceAll(text, "-", "")
	case Enum:
		if f.Name == "currency" {
			return text
		}
		return f.wordNumber(text)
	case Weekdays:
		return f.wordNumber(text)
	case Token:
		return "{" + strings.ToUpper(text) + "}"
	}
	return text
}

// FromWire gives the canonical text of what Moka answered. A text that it does not understand comes back as it is, so that a comparison shows it.
func (f *Field) FromWire(wire string) string {
	switch f.Type {
	case Text, Code, Email:
		return nfc(wire)
	case Date:
		return dateFromWire(wire)
	case EndDate:
		if wire == "" {
			return Never
		}
		return dateFromWire(wire)
	case Enum, Weekdays:
		if n, err := strconv.Atoi(wire); err == nil && n >= 1 && n <= len(f.Words) {
			return f.Words[n-1]
		}
		return wire
	case Money:
		return MoneyFromWire(wire)
	case Integer, MokaID, Days:
		if n, err := strconv.ParseInt(strings.TrimSpace(wire), 10, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
		return wire
	case Token:
		return CanonicalToken(wire)
	}
	return wire
}

// SplitWire gives the canonical texts of a set of days as Moka answered it ("1,15"), in ascending order.
func (f *Field) SplitWire(wire string) []string {
	var out []string
	for _, part := range strings.Split(wire, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, f.FromWire(part))
		}
	}
	f.SortDays(out)
	return out
}

// SortDays puts the canonical texts of days in ascending order, weeks beginning on Monday.
func (f *Field) SortDays(days []string) {
	slices.SortStableFunc(days, func(a, b string) int { return cmp.Compare(f.dayRank(a), f.dayRank(b)) })
}

func (f *Field) sortDayValues(days []Value) {
	slices.SortStableFunc(days, func(a, b Value) int { return cmp.Compare(f.dayRank(a.Text), f.dayRank(b.Text)) })
}

// dayRank is a day's number on the wire; what is no day comes last.
func (f *Field) dayRank(day string) int {
	n, err := strconv.Atoi(f.ToWire(day))
	if err != nil {
		return maxInteger
	}
	return n
}

func (f *Field) wordNumber(word string) string {
	for i, w := range f.Words {
		if w == word {
			return strconv.Itoa(i + 1)
		}
	}
	return word
}

func dateFromWire(wire string) string {
	if len(wire) != 8 || strings.Trim(wire, "0123456789") != "" {
		return wire
	}
	return wire[:4] + "-" + wire[4:6] + "-" + wire[6:]
}

// MoneyFromWire gives the canonical text ("149.90") of an amount as Moka answered it (149.9, "149.90").
// An amount with more than two places keeps them, so that nothing is rounded away unseen.
func MoneyFromWire(wire string) string {
	d, err := decimal.NewFromString(wire)
	if err != nil {
		return wire
	}
	if d.Exponent() >= -2 || d.Equal(d.Truncate(2)) {
		return d.StringFixed(2)
	}
	return d.String()
}

// CanonicalToken gives a card token without braces in lower case. It does not check that it is one.
func CanonicalToken(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}"))
}
