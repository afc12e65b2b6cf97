package spec

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// clashes finds texts that are equal, or that a person or a database may take for equal: by plain or by Turkish casing, or by Unicode form.
// Two keys are needed: "I" and "i" differ by case in English, "I" and "ı" in Turkish, but "ı" and "i" are two letters.
type clashes struct {
	plain, turkish map[string]*met
}

// met is a text that was met, with whose it is.
type met struct {
	r    *Resource
	text string
}

func newClashes(size int) *clashes {
	return &clashes{plain: make(map[string]*met, size), turkish: map[string]*met{}}
}

// meet notes r's text and gives the first resource with an equal one or with one that may be taken for it; exact tells the two apart.
func (c *clashes) meet(r *Resource, text string) (first *Resource, exact bool) {
	this := &met{r, text}
	before := c.plain[plainKey(text)]
	if before == nil {
		c.plain[plainKey(text)] = this
	}
	if strings.ContainsAny(text, "iIıİ") {
		key := turkishKey(text)
		if other := c.turkish[key]; other == nil {
			c.turkish[key] = this
		} else if before == nil {
			before = other
		}
	}
	if before == nil {
		return nil, false
	}
	return before.r, before.text == text
}

// plainKey is the same for texts that differ only by case, as in English, or by Unicode form.
func plainKey(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// turkishKey is the same for texts that differ only by case, as in Turkish, or by Unicode form.
func turkishKey(s string) string {
	return plainKey(cases.Lower(language.Turkish).String(norm.NFKC.String(s)))
}
