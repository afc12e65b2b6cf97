package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// readMoney takes an amount from the scalar's text, quoted or not, so that none of it is lost.
func (m *manifest) readMoney(v *Value, n *yaml.Node) bool {
	const want = `an amount such as "149.90"`
	if !m.isSingle(v.Field, n, want) {
		return false
	}
	if !isMoney(n.Value) || strings.Trim(n.Value, "0.") == "" {
		m.errorf(n, "%s %s is not an amount: %s", v.Field.Name, m.seen(v.Field, n.Value), moneyHint(n.Value))
		return false
	}
	whole, cents, _ := strings.Cut(n.Value, ".")
	if v.Text = n.Value; len(cents) < 2 {
		v.Text = whole + "." + (cents + "00")[:2]
	}
	return true
}

var (
	thousands   = regexp.MustCompile(`^[0-9]{1,3}([.,_' ][0-9]{3})+([.,][0-9]{1,2})?$`)
	exponent    = regexp.MustCompile(`^[0-9.]+[eE]`)
	barePoint   = regexp.MustCompile(`^(\.[0-9]+|[0-9]+\.)$`)
	leadingZero = regexp.MustCompile(`^0[0-9]`)
	currencyTag = regexp.MustCompile(`(?i)(tl|try|usd|eur|₺|\$|€)`)
)

func moneyHint(text string) string {
	switch {
	case text == "":
		return `write the amount, for example "149.90"`
	case strings.Trim(text, "0.") == "":
		return "it must be above zero"
	case strings.HasPrefix(text, "-"):
		return "it must be above zero, and has no sign"
	case currencyTag.MatchString(text):
		return `write the number alone; the currency has a field of its own`
	case thousands.MatchString(text) && !isMoney(text) && strings.ContainsAny(text, ",_' ") || strings.Count(text, ".") > 1:
		return `write it without signs between the thousands, with a point before the kuruş: "1000.00"`
	case strings.Contains(text, ","):
		return `write a point, not a comma: "25.45"`
	case exponent.MatchString(text):
		return "write it out in digits"
	case leadingZero.MatchString(text):
		return "remove the zero at its beginning"
	case barePoint.MatchString(text):
		return "write digits on both sides of the point"
	}
	whole, cents, _ := strings.Cut(text, ".")
	switch {
	case len(cents) > 2:
		return "it has at most 2 digits after the point"
	case len(whole) > 12:
		return "it has at most 12 digits before the point"
	}
	return `write digits, with a point before the kuruş: "149.90"`
}

func (m *manifest) readInteger(v *Value, n *yaml.Node) bool {
	f := v.Field
	text, ok := m.integer(f.Name, n, f.Min, f.Max, m.may(f))
	v.Text = text
	return ok
}

// integer reads a whole number written in plain digits, without quotes. max 0 stands for the largest that Moka takes.
func (m *manifest) integer(name string, n *yaml.Node, low, high int64, may bool) (string, bool) {
	if high == 0 {
		high = maxInteger
	}
	if (n.Tag == "!!int" || n.Tag == "!!float") && n.Kind == yaml.ScalarNode && isInteger(n.Value) {
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && i >= low && i <= high {
			return n.Value, true
		}
	}
	return m.noInteger(name, n, low, high, may)
}

// noInteger says why a node is no whole number of those that may stand there.
func (m *manifest) noInteger(name string, n *yaml.Node, low, high int64, may bool) (string, bool) {
	got := ""
	if may && n.Kind == yaml.ScalarNode && !holdsCardNumber(n.Value) {
		got = " " + shorten(n.Value)
		if n.Tag == "!!int" || n.Tag == "!!float" {
			got = " " + n.Value
		}
	}
	switch {
	case n.Kind != yaml.ScalarNode:
		m.errorf(n, "%s is %s, not one value; write a whole number", name, shape(n))
	case isNull(n):
		m.errorf(n, "%s is empty (null): write a whole number", name)
	case n.Tag == "!!str" && isInteger(n.Value):
		m.errorf(n, "%s is a text because of its quotes: write the number without quotes", name)
	case n.Tag != "!!int" && n.Tag != "!!float":
		m.errorf(n, "%s%s is not a whole number: write plain digits", name, got)
	case n.Value == "-0", !isInteger(n.Value) && !strings.HasPrefix(n.Value, "-"):
		m.errorf(n, "%s%s is not written in plain digits: write a whole number such as 1, without sign, point or leading zero", name, got)
	default:
		m.errorf(n, "%s%s is out of range: it is a whole number from %d to %d", name, got, low, high)
	}
	return "", false
}

func (m *manifest) readDate(v *Value, n *yaml.Node) bool {
	f := v.Field
	want := `a date such as "2027-01-15"`
	if f.Type == EndDate {
		want = `a date such as "2027-01-15", or never`
	}
	if !m.isSingle(f, n, want) {
		return false
	}
	text := n.Value
	if f.Type == EndDate && text == Never {
		v.Text = Never
		return true
	}
	day, ok := dayOf(text)
	switch {
	case text == "":
		m.errorf(n, `%s may not be "": write %s, or leave the line out`, f.Name, want)
	case !ok:
		m.errorf(n, "%s %s is not a date: write it as year-month-day%s%s", f.Name, m.seen(f, text), strings.TrimPrefix(want, "a date"), m.dateHint(f, text))
	case !realDate(day):
		m.errorf(n, "%s %s is not a day of the calendar", f.Name, m.seen(f, text))
	default:
		v.Text = day
		return true
	}
	return false
}

// dateHint guesses which day was meant.
func (m *manifest) dateHint(f *Field, text string) string {
	if !m.may(f) {
		return ""
	}
	for _, form := range []string{"20060102", "2.1.2006", "2/1/2006", "2-1-2006", "2006-1-2", "2006/1/2", "2006.1.2", time.RFC3339, "2006-01-02 15:04:05"} {
		if t, err := time.Parse(form, text); err == nil {
			return "; did you mean " + strconv.Quote(t.Format(time.DateOnly)) + "?"
		}
	}
	return ""
}

// readDays reads a set of month days or week days.
func (m *manifest) readDays(v *Value, n *yaml.Node) bool {
	f := v.Field
	example := "[15]"
	if f.Type == Weekdays {
		example = "[monday]"
	}
	if n.Kind != yaml.SequenceNode {
		m.errorf(n, "%s is %s, not a list; write %s: %s", f.Name, shape(n), f.Name, example)
		return false
	}
	if len(n.Content) == 0 {
		m.errorf(n, "%s is an empty list: name at least one day, for example %s", f.Name, example)
		return false
	}
	good := true
	texts := make([]string, 0, min(len(n.Content), 31))
	for _, c := range n.Content {
		day, ok := m.readDay(f, c)
		if ok && slices.Contains(texts, day) {
			m.errorf(c, "%s names %s twice: keep one", f.Name, day)
			ok = false
		}
		if !ok {
			good = false
			continue
		}
		texts = append(texts, day)
	}
	if !good {
		return false
	}
	v.items = m.out.space().list(len(texts))
	for i, c := range n.Content {
		v.Items()[i] = Value{Field: f, Text: texts[i], Line: int32(c.Line + m.base), Column: int32(c.Column)}
	}
	f.sortDayValues(v.Items())
	return true
}

func (m *manifest) readDay(f *Field, n *yaml.Node) (string, bool) {
	if f.Type == Days {
		return m.integer("a day of "+f.Name, n, f.Min, f.Max, true)
	}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		m.errorf(n, "a day of %s is %s; write one of %s", f.Name, shape(n), list(f.Words, "or"))
		return "", false
	}
	word, ok := wordOf(f, n)
	if !ok {
		m.notAWord(f, n)
	}
	return word, ok
}
