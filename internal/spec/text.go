package spec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// misread says what YAML makes of a scalar that is meant as a text, "" if it makes a text of it. Null is not asked about.
func misread(n *yaml.Node) string {
	switch n.Tag {
	case "!!str":
		if isPlain(n) && oldBoolean(n.Value) {
			return "a yes-or-no value (older YAML does)"
		}
		return ""
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a yes-or-no value"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return ""
	}
	return "a sign of its own"
}

// oldBoolean reports whether YAML 1.1, which many tools still read, takes a plain scalar for a boolean.
func oldBoolean(s string) bool {
	if len(s) < 2 || len(s) > 3 || !isASCII(s) {
		return false
	}
	switch strings.ToLower(s) {
	case "yes", "no", "on", "off":
		return true
	}
	return false
}

// quoteIt says what YAML made of a text and what to do about it. The value is named if it may be seen.
func (m *manifest) quoteIt(n *yaml.Node, v view) string {
	made := misread(n)
	if v == hidden || v == personal && !m.show || holdsCardNumber(n.Value) {
		return "YAML reads this as " + made + ": put it in quotes"
	}
	var got any
	if made == "a number" && n.Decode(&got) == nil && fmt.Sprint(got) != n.Value {
		made = fmt.Sprintf("the number %v", got)
	}
	return fmt.Sprintf("YAML reads %s as %s: put it in quotes, %q", n.Value, made, n.Value)
}

// isText reports whether n is a scalar that YAML reads as a text.
func (m *manifest) isText(f *Field, n *yaml.Node) bool {
	if !m.isSingle(f, n, "one text") {
		return false
	}
	if misread(n) != "" {
		m.errorf(n, "%s: %s", f.Name, m.quoteIt(n, fieldSpot(f).view))
		return false
	}
	m.warnYesNo(n, f.Name)
	return true
}

// warnYesNo warns of y and n without quotes. Only some readers of older YAML take them for booleans, so they are no mistake.
func (m *manifest) warnYesNo(n *yaml.Node, what string) {
	if len(n.Value) == 1 && isPlain(n) && strings.Contains("ynYN", n.Value) {
		m.breach(ruleYesNo, n, "%s: some readers of older YAML take this for yes or no: put it in quotes", what)
	}
}

func isPlain(n *yaml.Node) bool { return n.Style&^yaml.FlowStyle == 0 }

func (m *manifest) readText(v *Value, n *yaml.Node) bool {
	f := v.Field
	if !m.isText(f, n) {
		return false
	}
	v.Text = nfc(n.Value)
	if v.Text == "" {
		if !f.Clearable {
			m.errorf(n, "%s may not be \"\": give it a value, or leave the line out", f.Name)
		}
		return f.Clearable
	}
	if !m.fits(f, n) {
		return false
	}
	switch f.Type {
	case Code:
		return m.isCode(f.Name, n)
	case Email:
		return m.isEmail(v, n)
	}
	if i := firstControl(v.Text, true); i >= 0 {
		r, _ := utf8.DecodeRuneInString(v.Text[i:])
		m.errorf(n, "%s has a control character in it (%U): remove it", f.Name, r)
		return false
	}
	return true
}

// fits checks a text's length, as it is written and in its canonical form.
func (m *manifest) fits(f *Field, n *yaml.Node) bool {
	canonical := nfc(n.Value)
	if f.MaxRunes == 0 || len(n.Value) <= f.MaxRunes && len(canonical) <= f.MaxRunes {
		return true
	}
	have := max(utf8.RuneCountInString(n.Value), utf8.RuneCountInString(canonical))
	if have > f.MaxRunes {
		m.errorf(n, "%s is %d characters long: Moka takes %d at most", f.Name, have, f.MaxRunes)
		return false
	}
	return true
}

// isCode checks what is asked of a dealer's key: no blanks at its ends, no control characters.
func (m *manifest) isCode(name string, n *yaml.Node) bool {
	switch {
	case hasControl(n.Value):
		m.errorf(n, "%s has a line break, a tab or another control character in it: write it in one line, in quotes", name)
	case !isTrimmed(n.Value):
		m.errorf(n, "%s has a space at its beginning or end: remove it", name)
	default:
		return true
	}
	return false
}

// isTrimmed reports whether a text has no blank at its ends, in any of Unicode's forms.
func isTrimmed(s string) bool {
	if s != "" && s[0] > ' ' && s[0] < 0x7f && s[len(s)-1] > ' ' && s[len(s)-1] < 0x7f {
		return true
	}
	return strings.TrimFunc(s, unicode.IsSpace) == s
}

func (m *manifest) isEmail(v *Value, n *yaml.Node) bool {
	if !isAddress(v.Text) || !isASCII(v.Text) && strings.ContainsFunc(v.Text, unicode.IsSpace) {
		m.errorf(n, "%s %s is not an e-mail address: it is written name@example.com, without spaces", v.Field.Name, m.seen(v.Field, v.Text))
		return false
	}
	_, domain, _ := strings.Cut(v.Text, "@")
	if strings.IndexByte(domain, '.') < 0 || domain[0] == '.' || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		m.breach(ruleEmailDomain, n, "%s: the part after the @ is no full domain, such as example.com", v.Field.Name)
		return m.res.accepts(ruleEmailDomain)
	}
	return true
}

// readWord reads one of an enumeration's words.
func (m *manifest) readWord(v *Value, n *yaml.Node) bool {
	f := v.Field
	if n.Kind != yaml.ScalarNode {
		return m.isSingle(f, n, "one of "+list(f.Words, "or"))
	}
	word, ok := wordOf(f, n)
	if !ok {
		m.notAWord(f, n)
	}
	v.Text = word
	return ok
}

// wordOf gives the table's own spelling, so that the document's text can be forgotten.
func wordOf(f *Field, n *yaml.Node) (string, bool) {
	if n.Tag == "!!str" {
		for _, w := range f.Words {
			if w == n.Value {
				return w, true
			}
		}
	}
	return "", false
}

func (m *manifest) notAWord(f *Field, n *yaml.Node) {
	allowed := list(f.Words, "or")
	if !m.may(f) {
		m.errorf(n, "%s is not one of %s", f.Name, allowed)
		return
	}
	hint := didYouMean(n.Value, f.Words)
	if hint == "" && n.Tag == "!!int" && f.Type == Enum {
		if w := f.FromWire(n.Value); w != n.Value {
			hint = "; Moka's " + n.Value + " is " + w
		}
	}
	m.errorf(n, "%s %s is not one of %s%s", f.Name, m.seen(f, n.Value), allowed, hint)
}
