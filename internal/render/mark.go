package render

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// longText is from how many characters on, old and new together, the difference is marked inside the text instead of showing both.
const longText = 60

// mark shows two texts as one, with what is taken out and what is put in marked: in colour, or as [-out-] and {+in+}.
func (o *planWriter) mark(from, to string) string {
	var b strings.Builder
	for _, d := range differences(from, to) {
		switch {
		case d.Type == diffmatchpatch.DiffEqual:
			b.WriteString(d.Text)
		case d.Type == diffmatchpatch.DiffDelete:
			b.WriteString(o.paint.red("[-" + d.Text + "-]"))
		default:
			b.WriteString(o.paint.green("{+" + d.Text + "+}"))
		}
	}
	return b.String()
}

func differences(from, to string) []diffmatchpatch.Diff {
	differ := diffmatchpatch.New()
	differ.DiffTimeout = 0 // the same input gives the same bytes on any machine; manifests bound the texts to some hundred characters
	return differ.DiffCleanupSemantic(differ.DiffMain(from, to, false))
}

// markedSides shows two long texts in Markdown, the old one with what is taken out struck through, the new one with what is put in bold. ok is false where showing both as they are serves better.
func markedSides(from, to string) (was, is string, ok bool) {
	long := len([]rune(from)) + len([]rune(to))
	if long <= longText || long > 2*longestValue || !isPlain(from) || !isPlain(to) || strings.ContainsFunc(from+to, runsLeft) {
		return "", "", false
	}
	a, b := markedSide{mark: "~~"}, markedSide{mark: "**"}
	for _, d := range wordDifferences(from, to) {
		if d.Type != diffmatchpatch.DiffInsert {
			a.add(d.Text, d.Type != diffmatchpatch.DiffEqual)
		}
		if d.Type != diffmatchpatch.DiffDelete {
			b.add(d.Text, d.Type != diffmatchpatch.DiffEqual)
		}
	}
	return a.end(), b.end(), true
}

// wordDifferences finds whole words that differ. Neither text may hold a newline.
func wordDifferences(from, to string) []diffmatchpatch.Diff {
	differ := diffmatchpatch.New()
	differ.DiffTimeout = 0
	a, b, words := differ.DiffLinesToRunes(strings.ReplaceAll(from, " ", "\n"), strings.ReplaceAll(to, " ", "\n"))
	found := differ.DiffCharsToLines(differ.DiffMainRunes(a, b, false), words)
	for i := range found {
		found[i].Text = strings.ReplaceAll(found[i].Text, "\n", " ")
	}
	return found
}

// markedSide puts one of two texts together from code spans, those that differ marked. Two of a sort become one: side by side their fences would be.
type markedSide struct {
	mark    string
	done    strings.Builder
	open    string
	differs bool
}

func (m *markedSide) add(text string, differs bool) {
	if differs != m.differs {
		m.end()
	}
	m.open, m.differs = m.open+text, differs
}

func (m *markedSide) end() string {
	switch {
	case m.open == "":
	case m.differs:
		m.done.WriteString(m.mark + span(m.open) + m.mark)
	default:
		m.done.WriteString(span(m.open))
	}
	m.open = ""
	return m.done.String()
}
