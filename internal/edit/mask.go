package edit

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// hidden stands for what is not known to be harmless.
const hidden = "•••"

// Masked gives a file for showing, line by line as it is: public values as they stand, personal ones, comments and what is not known masked unless
// personal is set, secrets masked always. Documents that are not ours, or have mistakes, are masked altogether.
func Masked(path string, data []byte, personal bool) string {
	text, mark := trimBOM(data)
	mistakes := spec.ReadFile(path, text, spec.Options{}).Diagnostics
	var out bytes.Buffer
	if mark != nil {
		out.WriteString("<U+FEFF>")
	}
	docs := spec.Documents(text)
	for i, d := range docs {
		bad := slices.ContainsFunc(mistakes, func(m spec.Diagnostic) bool {
			return m.Severity == spec.Error && m.Line >= d.Line && (i+1 == len(docs) || m.Line < docs[i+1].Line)
		})
		doc := text[d.Start:d.End]
		p, err := read(doc)
		def, ours := (*spec.Definition)(nil), false
		if err == nil {
			def, ours = owned(p.root)
		}
		if def == nil || !ours || bad {
			out.WriteString(maskLines(string(doc)))
			continue
		}
		m := masker{page: p, def: def, personal: personal}
		m.node(p.root, "", top)
		if !personal {
			m.comments()
		}
		if shown, ok := spliced(doc, m.cuts); ok {
			out.Write(shown)
		} else {
			out.WriteString(maskLines(string(doc)))
		}
	}
	return visible(out.String())
}

// maskLines masks what stands on each line, but for the markers of documents.
func maskLines(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		if rest := strings.TrimSpace(body); rest == "" || rest == "---" || rest == "..." {
			out.WriteString(line)
			continue
		}
		indent := len(body) - len(strings.TrimLeft(body, " \t"))
		out.WriteString(body[:indent] + hidden + line[len(body):])
	}
	return out.String()
}

// visible makes what does not print visible, so that it does nothing to a terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '␍'
		case !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// masker collects what is to be masked in a document of ours.
type masker struct {
	*page
	def      *spec.Definition
	personal bool
	cuts     []splice
}

// node masks the scalars in n. mask is what stands for them, "" if they may be seen.
func (m *masker) node(n *yaml.Node, mask string, z zone) {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.AliasNode {
		m.mask(n, mask)
		return
	}
	for i := 0; i < len(n.Content); i++ {
		if n.Kind == yaml.SequenceNode {
			m.node(n.Content[i], mask, elsewhere)
			continue
		}
		key, below := n.Content[i], m.maskOf(n.Content[i].Value, mask, z)
		if mask == m.unlessShown(hidden) {
			m.node(key, mask, elsewhere) // a label's
		}
		i++
		m.node(n.Content[i], below, z.child(key.Value))
	}
}

// maskOf tells what stands for the values under a key.
func (m *masker) maskOf(key, mask string, z zone) string {
	switch {
	case key == "token":
		return "(secret)"
	case mask != "" || z == elsewhere || z == top && slices.Contains(topOrder, key):
		return mask
	case z == inMetadata && key != "labels" && key != "annotations":
		return ""
	case z == inSpec && m.def.Field(key) != nil:
		switch m.def.Field(key).Sensitivity {
		case spec.Public:
			return ""
		case spec.Personal:
			return m.unlessShown("(personal)")
		}
		return "(secret)"
	}
	return m.unlessShown(hidden)
}

func (m *masker) unlessShown(mask string) string {
	if m.personal {
		return ""
	}
	return mask
}

// mask masks one scalar, line by line, its quotes left.
func (m *masker) mask(n *yaml.Node, mask string) {
	w := m.where[n]
	if mask == "" || w.start == w.end {
		return
	}
	start, end := w.start, w.end
	if w.mark > 0 {
		start = min(w.body, end) // the end of the text, where nothing follows the mark
	} else if c := m.data[start]; c == '"' || c == '\'' {
		start, end = start+1, end-1
	}
	for i := m.line(start); i <= m.line(max(start, end)) && start <= end; i++ {
		from, to := max(start, m.lines[i]), min(end, m.ending(i))
		for from < to && isBlank(m.data[from]) {
			from++
		}
		if from < to {
			m.cuts = append(m.cuts, splice{from, to, []byte(mask)})
		}
	}
}

// comments masks the comments.
func (m *masker) comments() {
	for i := range m.lines {
		end := m.ending(i)
		for at := m.lines[i]; at < end; at++ {
			if m.data[at] == '#' && !m.within(at) && (at == m.lines[i] || isBlank(m.data[at-1])) {
				m.cuts = append(m.cuts, splice{at + 1, end, []byte(" " + hidden)})
				break
			}
		}
	}
}
