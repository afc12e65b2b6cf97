package spec

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

const docsFile = "../../docs/manifests.md"

// TestDocs: docs/manifests.md says what the schemas, the table of kinds and the rules say. Its prose stands in testdata/docs.
func TestDocs(t *testing.T) {
	want := docs(t)
	if *update {
		if err := os.WriteFile(docsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/manifests.md is stale: run go test ./internal/spec -run TestDocs -update (want -, got +):\n%s", diff)
	}
}

// TestDocsExamples: the examples are good manifests, and use every field.
func TestDocsExamples(t *testing.T) {
	set, ds := Load(context.Background(), []string{"testdata/docs"}, Options{})
	if len(ds) > 0 {
		t.Error(messages(ds))
	}
	for _, r := range set.Resources {
		for _, f := range r.Address.Kind.Def().Fields {
			if f.Name == "daysOfWeek" || f.Name == "id" || f.Name == "customerTypeId" {
				continue // not together with the others
			}
			if r.Value(f.Name) == nil {
				t.Errorf("the example of %s has no %s", r.Address.Kind, f.Name)
			}
		}
	}
}

// docKind, docField and docKey are what the template shows.
type docKind struct {
	Name, Prefix, Meaning, ID, Changes, Example string
	Fields                                      []docField
}

type docField struct{ Name, Meaning, Wire, Needed, Change string }

type docKey struct{ Key, Meaning string }

func docs(t *testing.T) []byte {
	t.Helper()
	tmpl, err := template.ParseFiles("testdata/docs/manifests.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	data := struct {
		Kinds    []docKind
		Metadata []docKey
		Rules    []Rule
		Beyond   []string
	}{Rules: Rules(), Metadata: docMetadata(t)}
	for _, k := range Kinds() {
		data.Kinds = append(data.Kinds, docOf(t, k))
	}
	for _, b := range beyondSchemas {
		data.Beyond = append(data.Beyond, b.words)
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func docMetadata(t *testing.T) []docKey {
	s := schemaOf(t, Product)
	m := s.Properties["metadata"].resolve(s)
	var out []docKey
	for _, key := range metadataKeys {
		p := m.Properties[key]
		meaning := p.Description
		if p.Pattern != "" {
			meaning += " It consists of 1 to 100 letters, digits and `. _ @ : + -`, and begins with a letter or a digit."
		}
		out = append(out, docKey{key, cell(meaning)})
		if key == "annotations" {
			for _, a := range annotationKeys {
				out = append(out, docKey{a, cell(p.Properties[a].Description)})
			}
		}
	}
	return out
}

func docOf(t *testing.T, k Kind) docKind {
	t.Helper()
	def, root := k.Def(), schemaOf(t, k)
	example, err := os.ReadFile("testdata/docs/" + def.Prefix + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := docKind{Name: def.Name, Prefix: def.Prefix, Meaning: root.Description, ID: def.IDMember, Example: string(example)}
	if k == Sale {
		d.Changes = "A change is sent by UpdateSale with every member of the sale, and the sale is read again afterwards; what cannot change needs a new sale that `replaces` the old one."
	}
	for i := range def.Fields {
		f := &def.Fields[i]
		s := root.Properties["spec"].Properties[f.Name].resolve(root)
		d.Fields = append(d.Fields, docField{f.Name, cell(meaningOf(f, s)), wireOf(f), neededOf(f), changeOf(f)})
	}
	return d
}

// cell makes a text fit for a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func meaningOf(f *Field, s *jsonSchema) string {
	text := s.Description
	if len(f.Words) > 0 && f.Type == Enum {
		text += " One of `" + strings.Join(f.Words, "`, `") + "`."
	}
	if s.MaxLength > 0 {
		text += " At most " + jsonText(s.MaxLength) + " characters."
	}
	if f.Max > 0 && f.Type == Integer {
		text += " " + jsonText(f.Min) + " to " + jsonText(f.Max) + "."
	}
	if f.Sensitivity != Public {
		text += " *(" + f.Sensitivity.String() + ")*"
	}
	return text
}

func wireOf(f *Field) string {
	names := []string{f.Wire}
	if f.Type == References {
		names = CardWires[:]
	}
	for _, k := range f.Elsewhere {
		switch k {
		case "dealerCustomerId":
			names = append(names, "DealerCustomerId")
		case "dealerProductId":
			names = append(names, "DealerProductId")
		}
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

func neededOf(f *Field) string {
	switch f.Default {
	case DefaultName:
		return "default: the metadata.name"
	case DefaultToday:
		return "default: the day of the apply"
	}
	switch {
	case f.Required:
		return "required"
	case f.Default != "":
		return "default: `" + f.Default + "`"
	}
	return map[string]string{
		"daysOfWeek": "required if weekly", "daysOfMonth": "required if monthly", "schedule": "required unless `planType: manual`", "cards": "required without customerTypeId",
	}[f.Name]
}

func changeOf(f *Field) string {
	switch {
	case f.Change == Fixed:
		return "no"
	case f.Change == Selecting:
		return "another one is taken over"
	case f.Type == Password:
		return "yes, with its version"
	}
	return "yes"
}
