package edit

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func lineOf(kind spec.Kind, field, text string) Line {
	return Line{Value: spec.Value{Field: kind.Def().Field(field), Text: text}}
}

func written(t interface{ Fatal(...any) }, ms ...*Manifest) string {
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, m := range ms {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWriter: the style of what is written.
func TestWriter(t *testing.T) {
	field := spec.Sale.Def().Field
	got := written(t,
		&Manifest{Kind: spec.Customer, Name: "elif", Labels: map[string]string{"segment": "gold", "city": "no"}, Comment: "Found at Moka.\nTwo lines.", Fields: []Line{
			lineOf(spec.Customer, "gsmNumber", "5301111111"), lineOf(spec.Customer, "firstName", "Elif"), lineOf(spec.Customer, "birthDate", "1990-12-18"),
			lineOf(spec.Customer, "address", "Kadıköy, İstanbul"), lineOf(spec.Customer, "lastName", "Yetimoğlu: #1"), lineOf(spec.Customer, "email", "elif@example.com")}},
		&Manifest{Kind: spec.Sale, Name: "12", Fields: []Line{
			{Value: spec.Value{Field: field("customer"), Text: "elif"}},
			{Value: spec.Keyed(field("product"), "dealerProductId", "12"), Comment: "broken: it has a code that\x00cannot be kept"},
			{Value: spec.ListOf(field("cards"), spec.Value{Field: field("cards"), Text: "card"}, spec.Keyed(field("cards"), "token", "7e57ca4d-0000-4000-8000-000000000001"))},
			lineOf(spec.Sale, "amount", "149.90"), lineOf(spec.Sale, "beginDate", "2035-01-15"), lineOf(spec.Sale, "endDate", "never"), lineOf(spec.Sale, "howManyTrial", "3"),
			lineOf(spec.Sale, "description", "one\ntwo")}},
		&Manifest{Kind: spec.Schedule, Name: "x", Fields: nil})
	want := `# Found at Moka.
# Two lines.
apiVersion: mokasync/v1
kind: Customer
metadata:
  name: elif
  labels: {city: "no", segment: gold}
spec:
  firstName: Elif
  lastName: "Yetimoğlu: #1"
  birthDate: "1990-12-18"
  gsmNumber: "5301111111"
  email: elif@example.com
  address: Kadıköy, İstanbul
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: "12"}
spec:
  customer: elif
  # broken: it has a code that cannot be kept
  product: {dealerProductId: 12}
  cards: [card, {token: "7e57ca4d-0000-4000-8000-000000000001"}]
  amount: "149.90"
  beginDate: "2035-01-15"
  endDate: never
  howManyTrial: 3
  description: |-
    one
    two
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: x}
spec: {}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f := Format("m.yaml", []byte(got)); f.Changed {
		t.Errorf("formatting changes it:\n%s", f.Data)
	}
	if err := NewWriter(io.Discard).Write(&Manifest{Kind: spec.Customer, Name: "x", Fields: []Line{lineOf(spec.Customer, "address", "\xff")}}); err == nil {
		t.Error("what is not UTF-8 was written")
	}
	if err := NewWriter(io.Discard).Write(&Manifest{Kind: spec.Sale, Name: "x", Fields: []Line{lineOf(spec.Customer, "address", "x")}}); err == nil {
		t.Error("a field of another kind was written")
	}
}

// anyText draws texts of which some reader of YAML may make something else.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "yes", "No", "null", "~", "Null", "true", "on", "y", "1", "0x1F", "0o17", "1e3", "1_000", "12:30:45", "2027-01-15", "2027-01-15T00:00:00Z", ".5", "5.", "-1", "+1", ".inf", ".NaN",
			"nan", "- a", "? a", "a: b", "a:", ": a", "a #b", "#a", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "{a}", "[a]", "a,b", "'a'", `"a"`, `\`, "---", "...", "--- a", "<<", "=", " a", "a ", "a\n", "\na", "a\n\n", "a\n b", " a\nb", "a \nb",
			"a\n---\nb", "a\n...\nb", "a\n# b", "a\tb", "a\r\nb", "a\rb", "a\u0085b", "a\u2028b", "\ufeffa", "a\u00a0b", "\u200eabc", "👩‍💻", "🇹🇷", "e\u0301", "\x00", "\x7f", "\x1b[31m", "\ufffd", "\ufffe", "7e57ca4d-0000-4000-8000-000000000001", strings.Repeat("çok uzun ", 2000)}),
		rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" :#'\"\n\t-,[]{}&*!|>%@`?0123456789.eExXoO_yn\u2028\u0085\ufeff")))),
		rapid.String(),
	)
}

// TestWriterAnyText: whatever the text, YAML reads back the same one, in whatever place it stands.
func TestWriterAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(spec.Kinds()).Draw(t, "kind")
		m := &Manifest{Kind: kind, Name: anyText().Draw(t, "name"), Comment: anyText().Draw(t, "comment"),
			Labels: map[string]string{"a" + anyText().Filter(func(s string) bool { return len(s) < maxKey }).Draw(t, "label"): anyText().Draw(t, "label's value")}}
		want := map[string]string{}
		for i := range kind.Def().Fields {
			f := &kind.Def().Fields[i]
			v := spec.Value{Field: f, Text: anyText().Draw(t, f.Name), Version: 3}
			if len(f.Elsewhere) > 0 {
				v.SetKey(f.Elsewhere[0])
			} else if f.Type == spec.Password {
				v.SetKey("fromEnv")
			}
			want[f.Name] = v.Text
			if f.IsList() {
				v = spec.ListOf(f, v)
			}
			m.Fields = append(m.Fields, Line{v, anyText().Draw(t, "comment on it")})
		}
		if valid := utf8.ValidString(fmt.Sprint(m.Name, m.Labels, want)); !valid {
			t.Skip("no text")
		}
		out := written(t, m, m)
		docs := spec.Documents([]byte(out))
		if len(docs) != 2 {
			t.Fatalf("%d documents in\n%s", len(docs), out)
		}
		root, err := parse([]byte(out[docs[1].Start:docs[1].End]))
		if err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		metadata := child(root, "metadata")
		isText(t, child(metadata, "name"), m.Name, false)
		for key, value := range m.Labels {
			isText(t, child(child(metadata, "labels"), key), value, false)
		}
		for name, text := range want {
			n := child(child(root, "spec"), name)
			for n.Kind != yaml.ScalarNode {
				n = n.Content[min(len(n.Content)-1, map[yaml.Kind]int{yaml.MappingNode: 1}[n.Kind])]
			}
			isText(t, n, text, isDigits(text))
		}
	})
}

func isText(t *rapid.T, n *yaml.Node, want string, number bool) {
	t.Helper()
	if n == nil || n.Value != want || n.ShortTag() != "!!str" && !number {
		t.Errorf("%q is read as %+v", want, n)
	}
}

// TestWriterIsRead: what is written of valid resources is what spec reads, and needs no formatting.
func TestWriterIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &layout{t: t, newline: "\n"}
		l.document()
		before := spec.ReadFile("m.yaml", []byte(l.b.String()), spec.Options{})
		if len(before.Resources) != 1 {
			t.Skip("not valid")
		}
		r := before.Resources[0]
		m := &Manifest{Kind: r.Address.Kind, Name: r.Address.Name, Labels: r.Labels, Annotations: r.Annotations}
		for _, v := range r.Values {
			m.Fields = append(m.Fields, Line{Value: v})
		}
		out := written(t, m)
		after := spec.ReadFile("m.yaml", []byte(out), spec.Options{})
		if len(after.Resources) != 1 {
			t.Fatalf("%v\n%s", after.Diagnostics, out)
		}
		if !reflect.DeepEqual(bare(r), bare(after.Resources[0])) {
			t.Errorf("something else is written than was read of\n%s\n%s", l.b.String(), out)
		}
		if f := Format("m.yaml", []byte(out)); f.Changed {
			t.Errorf("formatting changes\n%s\nto\n%s", out, f.Data)
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	m := &Manifest{Kind: spec.Customer, Name: "c-1", Labels: map[string]string{"city": "izmir"}, Fields: []Line{lineOf(spec.Customer, "customerCode", "C-1"),
		lineOf(spec.Customer, "firstName", "Elif"), lineOf(spec.Customer, "birthDate", "1990-12-18"), lineOf(spec.Customer, "gsmNumber", "5301111111")}}
	w := NewWriter(io.Discard)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(m); err != nil {
			b.Fatal(err)
		}
	}
}
