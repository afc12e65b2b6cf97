package edit

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// holds checks what must hold of every formatting, without the package's own means of comparing.
func holds(t interface {
	Helper()
	Errorf(string, ...any)
}, data []byte) Formatted {
	t.Helper()
	f := Format("m.yaml", bytes.Clone(data))
	for _, d := range f.Diagnostics {
		if strings.Contains(d.Message, "please report") {
			t.Errorf("%s\n%s", d.Message, data)
		}
	}
	if f.Changed == bytes.Equal(f.Data, data) {
		t.Errorf("changed is %v", f.Changed)
	}
	if again := Format("m.yaml", f.Data); again.Changed {
		t.Errorf("formatted again, it changes:\n%s\n--- first\n%s\n--- second\n%s", data, f.Data, again.Data)
	}
	if got, want := letters(f.Data), letters(data); got != want {
		t.Errorf("the characters have changed:\n%s\nto\n%s", data, f.Data)
	}
	before, after := spec.ReadFile("m.yaml", data, spec.Options{}), spec.ReadFile("m.yaml", f.Data, spec.Options{})
	if !sameReading(before, after) {
		t.Errorf("it says something else:\n%s\nis now\n%s", data, f.Data)
	}
	return f
}

// letters gives the characters of a file in order of the alphabet, without those that formatting may add or take away.
func letters(data []byte) string {
	data = bytes.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\"'-.\ufeff", r) {
			return -1
		}
		return r
	}, data)
	slices.Sort(data)
	return string(data)
}

// FuzzFormat: whatever the bytes, a file says the same after it is formatted, and formatting it again changes nothing.
func FuzzFormat(f *testing.F) {
	for _, pattern := range []string{"../../examples/*/*.yaml", "../../examples/*/*/*.yaml", "../spec/testdata/agreement/*/*.yaml"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data[:min(len(data), 3000)])
		}
	}
	archives, _ := filepath.Glob("testdata/format/*.txtar")
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 1<<16 {
			holds(t, data)
		}
	})
}

// layout draws a manifest of ours as a careless person writes it.
type layout struct {
	t       *rapid.T
	b       strings.Builder
	newline string
	comment int
}

func (l *layout) some(label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(l.t, label)
}

func (l *layout) line(indent int, text string) {
	blanks := strings.Repeat(" ", indent)
	if rapid.IntRange(0, 5).Draw(l.t, "above") == 0 {
		l.b.WriteString(l.some("blank", "", "", "  ", l.newline) + l.newline)
	}
	if rapid.IntRange(0, 3).Draw(l.t, "commented") == 0 {
		l.remark(blanks)
	}
	l.b.WriteString(blanks + text)
	if strings.Contains(text, l.newline) {
		l.b.WriteString(l.newline)
		return
	}
	if rapid.IntRange(0, 5).Draw(l.t, "beside") == 0 {
		l.b.WriteString(l.some("gap", " ", "   ", "\t") + "# beside " + text)
	}
	l.b.WriteString(l.some("end", "", "", "  ") + l.newline)
}

func (l *layout) remark(blanks string) {
	l.comment++
	l.b.WriteString(blanks + "# remark " + strings.Repeat("x", l.comment) + l.newline)
	if rapid.IntRange(0, 3).Draw(l.t, "apart") == 0 {
		l.b.WriteString(l.newline)
	}
}

func (l *layout) document() {
	parts := map[string]func(){
		"apiVersion": func() { l.line(0, "apiVersion: mokasync/v1") },
		"kind":       func() { l.line(0, "kind:"+l.some("gap", " ", "   ")+"Sale") },
		"metadata":   l.metadata,
		"spec":       l.spec,
	}
	for _, key := range rapid.Permutation([]string{"apiVersion", "kind", "metadata", "spec"}).Draw(l.t, "order") {
		parts[key]()
	}
	if rapid.Bool().Draw(l.t, "foot") {
		l.remark(l.some("foot indent", "", "  ", "    "))
	}
}

func (l *layout) metadata() {
	if rapid.Bool().Draw(l.t, "flow") {
		l.line(0, l.some("metadata", "metadata: {labels: {a: b}, name: x}", "metadata: { name: x }", "metadata: {annotations: {mokasync/accept: open-end},"+l.newline+"   name: x}"))
		return
	}
	l.line(0, "metadata:")
	indent := rapid.IntRange(1, 5).Draw(l.t, "indent")
	for _, text := range rapid.Permutation([]string{"name: x", "labels: {a: b}", "annotations: {c: d}"}).Draw(l.t, "keys") {
		l.line(indent, text)
	}
}

func (l *layout) spec() {
	l.line(0, "spec:")
	in := rapid.IntRange(1, 5).Draw(l.t, "indent")
	blanks := strings.Repeat(" ", in)
	cards := l.some("cards", "cards: [a, b]", "cards:"+l.newline+blanks+"- a"+l.newline+blanks+"# b is new"+l.newline+blanks+"- token: 7e57ca4d-0000-4000-8000-000000000001 # t",
		"cards: [a,   # first"+l.newline+blanks+"  b]", "cards:"+l.newline+blanks+"   - a"+l.newline)
	text := l.some("description", "description: |"+l.newline+blanks+"  # no comment  "+l.newline+l.newline+l.newline+blanks+"    more",
		"description: >-"+l.newline+blanks+"   folded"+l.newline+blanks+"   text"+l.newline, "description: |2+"+l.newline+blanks+"   kept"+l.newline+l.newline,
		"description: one"+l.newline+blanks+"  two # beside"+l.newline, `description: "a  `+l.newline+l.newline+blanks+`   b\`+l.newline+blanks+` c # no comment"`, "description: 'it''s'", `description: ""`)
	fields := []string{"customer: {customerCode: C}", "product: {productCode: \"P\"}", "schedule: {id: 7}", cards, "amount: " + l.some("amount", "149.9", "'149.90'", `"149.90"`, "1"),
		"beginDate: " + l.some("date", "2035-01-15", `"2035-01-15"`, "2035-01-15T00:00:00Z"), "endDate: " + l.some("end", "never", "2036-01-15"), text}
	for _, field := range rapid.Permutation(fields).Draw(l.t, "fields") {
		l.line(in, field)
	}
}

// TestFormatAnyLayout: however a manifest is laid out, formatting it keeps what it says and all its comments, and finds nothing more to do.
func TestFormatAnyLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &layout{t: t, newline: "\n"}
		if rapid.IntRange(0, 3).Draw(t, "windows") == 0 {
			l.newline = "\r\n"
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "documents") {
			if i > 0 {
				l.b.WriteString(l.some("marker", "---", "--- # next", "...", "---"+l.newline) + l.newline)
			}
			l.document()
		}
		data := []byte(l.b.String())
		f := holds(t, data)
		if got, want := bytes.Count(f.Data, []byte("#")), bytes.Count(data, []byte("#")); got != want {
			t.Errorf("%d comments become %d", want, got)
		}
		if bytes.Contains(data, []byte("|2+")) {
			return // a text that ends in blank lines cannot stand above a blank line: its document may keep its order
		}
		for _, d := range f.Diagnostics {
			t.Errorf("%s: %s\n%s", d.Place(), d.Message, data)
		}
		inStyle(t, data, f.Data)
	})
}

// inStyle: of a manifest that is read without mistakes, the result is in order.
func inStyle(t *rapid.T, before, after []byte) {
	if bytes.ContainsAny(after, "\r") || bytes.Contains(after, []byte("\n\n\n")) && !bytes.Contains(before, []byte("# no comment")) {
		t.Errorf("not tidy:\n%q", after)
	}
	last := -1
	for line := range strings.SplitSeq(string(after), "\n") {
		key, _, _ := strings.Cut(line, ":")
		if i := slices.Index([]string{"---", "apiVersion", "kind", "metadata", "spec"}, strings.TrimSuffix(key, " # next")); i >= 0 {
			if i > 0 && i <= last {
				t.Errorf("%s comes late in\n%s\nwhich was\n%s", key, after, before)
			}
			last = i
		}
	}
}
