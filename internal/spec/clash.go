package spec

import (
	"hash/maphash"
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

// turkishLetters are those that change otherwise in Turkish than in English.
const turkishLetters = "iIıİ"

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
	if strings.ContainsAny(text, turkishLetters) {
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

// numbers makes a number of the plainKey of each resource's text, and where some text is not ASCII another of its turkishKey; a text "" gets 0.
// Texts that meet in clashes have a number in common. The other way round need not hold.
func numbers(rs []*Resource, text func(r *Resource) string) (plain, turkish []uint64) {
	plain = make([]uint64, len(rs))
	foreign := inSlices(len(rs), func(from, to int) bool {
		foreign := false
		var buf [128]byte
		for i := from; i < to; i++ {
			switch s := text(rs[i]); {
			case s == "":
			case !isASCII(s):
				foreign = true
				plain[i] = hashOf(rs[i].Address.Kind, plainKey(s))
			default:
				plain[i] = mixed(rs[i].Address.Kind, maphash.Bytes(hashSeed, appendLower(buf[:0], s, "i")))
			}
		}
		return foreign
	})
	if !foreign {
		return plain, nil // what is equal as Turkish has it is so in English too
	}
	turkish = make([]uint64, len(rs))
	inSlices(len(rs), func(from, to int) bool {
		var buf [128]byte
		for i := from; i < to; i++ {
			switch s := text(rs[i]); {
			case !strings.ContainsAny(s, turkishLetters):
			case !isASCII(s):
				turkish[i] = hashOf(rs[i].Address.Kind, turkishKey(s))
			default:
				turkish[i] = mixed(rs[i].Address.Kind, maphash.Bytes(hashSeed, appendLower(buf[:0], s, "ı")))
			}
		}
		return false
	})
	return plain, turkish
}

// appendLower adds a text of ASCII in lower case, with what I is in lower case.
func appendLower(b []byte, s, i string) []byte {
	for k := 0; k < len(s); k++ {
		switch c := s[k]; {
		case c == 'I':
			b = append(b, i...)
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return b
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
