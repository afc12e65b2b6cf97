package render

import (
	"regexp"
	"strings"
)

// word is a word of a sentence with the punctuation around it, which means nothing to any Markdown reader.
var word = regexp.MustCompile(`^([("]*)(.*?)([)".,;:?!]*)$`)

// plainWord is one that may stand in Markdown as it is: Latin letters with hyphens between, or a number too short for a commit's.
var plainWord = regexp.MustCompile(`^(?:\p{Latin}+(?:[-'’]\p{Latin}+)*|[0-9]{1,6}|[→–—…]|)$`)

// commitLike is what a forge may take for a commit.
var commitLike = regexp.MustCompile(`^[0-9A-Fa-f]{7,}$`)

// sentence shows a sentence of this program in which texts of manifests may stand: what stands in backticks, and each word that is not plain, becomes a code span.
func sentence(s string) string {
	if cut := []rune(s); len(cut) > longestSentence {
		s = string(cut[:longestSentence]) + "…"
	}
	var b sentenceBuilder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteString("<br>")
		}
		b.line(line)
	}
	return b.String()
}

// sentenceBuilder holds back the last word that is not plain, and the punctuation behind it: a next one may belong to it.
type sentenceBuilder struct {
	strings.Builder
	held, tail string
}

func (b *sentenceBuilder) line(line string) {
	parts := strings.Split(line, "`")
	if len(parts)%2 == 0 { // a backtick without its partner: none of them means anything
		parts = []string{line}
	}
	for i, part := range parts {
		if i%2 == 1 && part != "" {
			b.code(part)
			continue
		}
		for j, w := range strings.Split(part, " ") {
			b.word(w, j > 0)
		}
		b.release()
	}
}

// word writes a word, after says whether a blank comes before it.
func (b *sentenceBuilder) word(w string, after bool) {
	parts := word.FindStringSubmatch(w)
	if parts == nil { // a character that is none, or one that ends a line
		parts = []string{w, "", w, ""}
	}
	for strings.HasPrefix(parts[3], ")") && strings.Count(parts[2], "(") > strings.Count(parts[2], ")") { // it closes a bracket of the word's own: kurus("1.00")
		parts[2], parts[3] = parts[2]+")", parts[3][1:]
	}
	plain := plainWord.MatchString(parts[2]) && !commitLike.MatchString(parts[2])
	if !plain && after && b.held != "" && parts[1] == "" && (b.tail == "" || b.tail == ":") {
		b.held, b.tail = b.held+b.tail+" "+parts[2], parts[3]
		return
	}
	b.release()
	if after {
		b.WriteByte(' ')
	}
	if plain {
		b.WriteString(w)
		return
	}
	b.WriteString(parts[1])
	b.held, b.tail = parts[2], parts[3]
}

func (b *sentenceBuilder) release() {
	if b.held != "" {
		b.code(b.held)
		b.WriteString(b.tail)
	}
	b.held, b.tail = "", ""
}

// code keeps two code spans apart: their fences side by side would be one.
func (b *sentenceBuilder) code(s string) {
	if strings.HasSuffix(b.String(), "`") {
		b.WriteByte(' ')
	}
	b.WriteString(code(s))
}
