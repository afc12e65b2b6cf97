package render

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// longText is from how many characters on, old and new together, the difference is marked inside the text instead of showing both.
const longText = 60

// mark shows two texts as one, with what is taken out and what is put in marked: in colour, or as [-out-] and {+in+}.
func (o *planWriter) mark(from, to string) string {
	differ := diffmatchpatch.New()
	differ.DiffTimeout = 0 // the same input gives the same bytes on any machine; manifests bound the texts to some hundred characters
	var b strings.Builder
	for _, d := range differ.DiffCleanupSemantic(differ.DiffMain(from, to, false)) {
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
