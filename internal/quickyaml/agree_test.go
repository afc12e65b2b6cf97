package quickyaml

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"gopkg.in/yaml.v3"
)

// differs names the first difference between a node of yaml.v3's and one of ours, whose lines are further on by lines; "" if there is none.
func differs(want, got *yaml.Node, lines int) string {
	if got.HeadComment+got.LineComment+got.FootComment != "" {
		return "a comment"
	}
	w, g := *want, *got
	w.Line += lines
	w.HeadComment, w.LineComment, w.FootComment = "", "", ""
	if a, b := outside(w), outside(g); a != b || w.Value != g.Value || w.Alias != g.Alias {
		return fmt.Sprintf("yaml.v3 has %s\nquickyaml    %s", a, b)
	}
	for i := range w.Content {
		if d := differs(w.Content[i], g.Content[i], lines); d != "" {
			return d
		}
	}
	return ""
}

func outside(n yaml.Node) string {
	return fmt.Sprintf("%d:%d kind %d style %d %s &%s %.200q of %d", n.Line, n.Column, n.Kind, n.Style, n.Tag, n.Anchor, n.Value, len(n.Content))
}

// decode gives the only document of a text, as yaml.v3 reads it.
func decode(text string) (n *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if err := dec.Decode(&more); err != io.EOF {
		return nil, fmt.Errorf("a second document, or %v", err)
	}
	return doc.Content[0], nil
}

// agree holds the quick reader to yaml.v3, and reports whether it reads the text at all.
func agree(t testing.TB, r *Reader, text string) bool {
	t.Helper()
	got, ok := r.Read(text, 7)
	if !ok {
		return false
	}
	want, err := decode(text)
	if err != nil {
		t.Fatalf("read quickly, though yaml.v3 says: %v\n%.2000q", err, text)
	}
	if d := differs(want, got, 6); d != "" {
		t.Fatalf("%s\n%.2000q", d, text)
	}
	return true
}
