package spec

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBadInput: what is no text, no UTF-8, or far too much, each told in a line, at its place, and quickly.
func TestBadInput(t *testing.T) {
	good := product("a")
	tests := []struct {
		name string
		text string
		want []string
		set  []string
	}{
		{"NUL byte", good + "---\n" + strings.Replace(product("b"), "b}", "\x00}", 1),
			[]string{"-:8:18: error: a NUL byte (at byte 140 of the file): this is not a text file, or it is damaged"}, []string{"a"}},
		{"not UTF-8", good + "---\n" + strings.Replace(product("b"), "productName: b", "productName: \xddstanbul", 1),
			[]string{"-:9:21: error: not UTF-8 (at byte 163 of the file): save the file as UTF-8; older editors write Windows-1254 or ISO-8859-9"}, []string{"a"}},
		{"UTF-16", "\xff\xfea\x00", []string{"-:1:1: error: is written in UTF-16; save it as UTF-8"}, []string{}},
		{"byte order mark", "\xef\xbb\xbf" + good, []string{}, []string{"a"}},
		{"byte order marks of joined files", "\xef\xbb\xbf" + good + "\xef\xbb\xbf---\n" + product("b"), []string{}, []string{"a", "b"}},
		{"CRLF", strings.ReplaceAll(good+"---\n"+product("b"), "\n", "\r\n"), []string{}, []string{"a", "b"}},
		{"CRLF and a mistake", strings.ReplaceAll(good+"---\n"+product("1"), "\n", "\r\n"),
			[]string{`-:8:18: error: name: YAML reads 1 as a number: put it in quotes, "1"`, `-:9:21: error: productName: YAML reads 1 as a number: put it in quotes, "1"`}, []string{"a"}},
		{"no line break at the end", strings.TrimSuffix(good, "\n"), []string{}, []string{"a"}},
		{"a control character", strings.Replace(good, "Name: a", "Name: \x01a", 1),
			[]string{"-:4:1: error: not valid YAML: a control character stands in the text: remove it"}, []string{}},
		{"10 MB in one scalar", good + "---\n" + strings.Replace(product("b"), "Name: b", "Name: "+strings.Repeat("b", 10<<20), 1),
			[]string{"-:5:1: error: this document is 10.0 MiB long, a manifest is at most 1 MiB: was something else pasted into it?"}, []string{"a"}},
		{"1 MB in one scalar", strings.Replace(product("b"), "Name: b", "Name: "+strings.Repeat("b", 1_000_000), 1),
			[]string{"-:4:21: error: productName is 1000000 characters long: Moka takes 100 at most"}, []string{}},
		{"a deep nest", strings.Replace(good, "Name: a", "Name: "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000), 1),
			[]string{"-:4:52: error: nests too deeply for a manifest, or an alias contains itself"}, []string{}},
		{"a nest that is not closed", strings.Replace(good, "Name: a", "Name: "+strings.Repeat("[", 500_000), 1),
			[]string{"-:4:1: error: not valid YAML: is nested too deeply for a manifest"}, []string{}},
		{"others' large document", "apiVersion: v1\nkind: ConfigMap\ndata: {a: " + strings.Repeat("b", 2<<20) + "}\n---\n" + good, []string{}, []string{"a"}},
		{"another tool's Latin-5", "apiVersion: v1\nkind: \xdd\n---\n" + good, []string{}, []string{"a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			set, ds := loadText(test.text)
			if diff := cmp.Diff(test.want, messages(ds)); diff != "" {
				t.Errorf("want -, got +:\n%.2000s", diff)
			}
			if diff := cmp.Diff(test.set, names(set)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestManyMistakes: who pastes something else into a manifest gets the first hundred mistakes of the document.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: x}\nspec:\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "  nothing%d: x\n", i)
	}
	set, ds := loadText(b.String())
	if len(ds) != maxFindings || len(set.Resources) != 0 {
		t.Errorf("got %d diagnostics and %d resources, want %d and none", len(ds), len(set.Resources), maxFindings)
	}
}

// TestOrder: whatever the number of files and workers, the same comes out.
func TestOrder(t *testing.T) {
	var b bytes.Buffer
	for i := range 3000 {
		if i%7 == 0 {
			b.WriteString("apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p}\nspec: {productName: 1}\n---\n")
		}
		if i%100 == 0 {
			b.WriteString("a: b: c\n---\n")
		}
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c%d}\nspec: {}\n---\n", (i*7919)%3000)
	}
	first := verdict(b.String())
	for range 3 {
		if diff := cmp.Diff(first, verdict(b.String())); diff != "" {
			t.Fatal(diff)
		}
	}
	set, ds := loadText(b.String())
	for i := 1; i < len(ds); i++ {
		if ds[i].Line < ds[i-1].Line {
			t.Fatalf("line %d comes after line %d", ds[i].Line, ds[i-1].Line)
		}
	}
	for i := 1; i < len(set.Resources); i++ {
		if set.Resources[i-1].Address.Compare(set.Resources[i].Address) >= 0 {
			t.Fatalf("%s comes before %s", set.Resources[i-1].Address, set.Resources[i].Address)
		}
	}
	for _, r := range set.Resources {
		if set.Get(r.Address) != r {
			t.Fatalf("Get does not find %s", r.Address)
		}
	}
	if set.Get(Address{Sale, "x"}) != nil {
		t.Error("Get finds what is not there")
	}
}

// TestSplit: the documents of a stream are found by their markers, and together are the whole stream.
func TestSplit(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"a", "1:a"},
		{"---\na\n---\nb", "1:---\na\n|3:---\nb"},
		{"# x\n---\na\n", "1:# x\n---\na\n"},
		{"---\n---\n", "1:---\n|2:---\n"},
		{"%YAML 1.1\n---\na\n...\n%YAML 1.1\n---\nb\n", "1:%YAML 1.1\n---\na\n...\n|5:%YAML 1.1\n---\nb\n"},
		{"a\n...\nb\n", "1:a\n...\n|3:b\n"},
		{"a: |\n ---\n----\n---x\n", "1:a: |\n ---\n----\n---x\n"},
		{"--- a\r\n---\tb\r\n", "1:--- a\r\n|2:---\tb\r\n"},
	}
	for _, test := range tests {
		var got []string
		for _, sp := range split([]byte(test.text)) {
			got = append(got, fmt.Sprintf("%d:%s", sp.line, test.text[sp.start:sp.end]))
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", test.text, diff)
		}
	}
}

// TestMany: many documents with one broken among them, over batch borders, are all judged, each at its own lines.
func TestMany(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		text := product(fmt.Sprintf("p%d", i))
		if i == 2500 {
			text = strings.Replace(text, "spec:", "\tspec:", 1)
		}
		b.WriteString(text + "---\n")
	}
	set, ds := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(b.String())})
	want := []string{"-:12504:2: error: not valid YAML: a tab is used for indentation: use spaces"}
	if diff := cmp.Diff(want, messages(ds)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if len(set.Resources) != 4999 {
		t.Errorf("got %d resources", len(set.Resources))
	}
	if r := set.Get(Address{Product, "p4999"}); r.Line != 4999*5+2 || r.Value("productName").Line != 4999*5+4 {
		t.Errorf("the last one is at line %d, its name at %d", r.Line, r.Value("productName").Line)
	}
}
