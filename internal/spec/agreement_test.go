package spec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// The folders of testdata/agreement say what mokasync and the published schemas make of a manifest: good: both accept it; bad: both refuse it;
// beyond: the schema accepts what mokasync refuses. There is no fourth: the schemas refuse nothing that mokasync accepts.
const agreement = "testdata/agreement"

// TestAgreement makes a manifest a file of every case of testdata/rules that is one, in the folder of what is made of it, so that other
// validators can be held to the same files.
func TestAgreement(t *testing.T) {
	want := agreementFiles(t)
	if *update {
		if err := os.RemoveAll(agreement); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			path := filepath.Join(agreement, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	got := map[string]string{}
	paths, _ := filepath.Glob(agreement + "/*/*.yaml")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got[strings.TrimPrefix(filepath.ToSlash(path), agreement+"/")] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run go test -run TestAgreement -update (want -, got +):\n%s", diff)
	}
}

// agreementFiles gives folder/name and text of every case that is one document of ours.
func agreementFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	archives, _ := filepath.Glob("testdata/rules/*.txtar")
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		topic := strings.TrimSuffix(filepath.Base(path), ".txtar")
		for _, f := range archive.Files {
			if filepath.Ext(f.Name) == ".want" {
				continue
			}
			text := manifestOf(f)
			doc, ok := single(text)
			if !ok {
				continue
			}
			_, ds := loadText(text)
			name := topic + "-" + strings.NewReplacer(" ", "-", "'", "").Replace(strings.TrimSuffix(f.Name, filepath.Ext(f.Name))) + ".yaml"
			if slices.Contains(parserDecides, name) {
				continue
			}
			files[folderOf(t, f.Name, !HasErrors(ds), schemaAccepts(doc))+"/"+name] = text
		}
	}
	return files
}

// parserDecides lists what the published schemas accept or not as the YAML library reads it: some refuse keys that stand twice and tags, some read 1_0 as a text, some n as a boolean.
var parserDecides = []string{
	"documents-duplicate-at-the-top.yaml", "documents-duplicate-key.yaml", "integers-underscore.yaml", "money-thousands-underscore.yaml",
	"text-old-boolean-short.yaml", "text-binary.yaml", "text-infinity.yaml", "text-tag-of-its-own.yaml",
}

func folderOf(t *testing.T, name string, accepts, schema bool) string {
	switch {
	case accepts && schema:
		return "good"
	case !accepts && !schema:
		return "bad"
	case accepts:
		t.Errorf("%s: the schema refuses what mokasync accepts", name)
	}
	return "beyond"
}

// single decodes a text that is one document, whose aliases can be resolved; of all else no schema is asked.
func single(text string) (doc *manifest, ok bool) {
	spans := split([]byte(text))
	if len(spans) != 1 || whole([]byte(text)) != nil {
		return nil, false
	}
	s := newStream([]byte(text))
	n, err := s.next()
	if err != nil {
		return nil, false
	}
	doc = &manifest{src: &source{path: "-", data: []byte(text)}, span: spans[0], raw: n.Content[0], out: &outcome{}}
	return doc, doc.expand() != nil
}

// schemaAccepts asks the schema of the document's kind, or for want of a kind the one of all.
func schemaAccepts(doc *manifest) bool {
	root := doc.expand()
	kind, _ := nodeAt(root, "/kind")
	if k, ok := KindOf(kind.Value); ok {
		return compiled()[k].Validate(jsonOf(root)) == nil
	}
	return false
}

// TestReaderIsComplete: what a schema refuses, the reader has refused in its own words. Then checkSchema never has to say anything.
func TestReaderIsComplete(t *testing.T) {
	paths, _ := filepath.Glob(agreement + "/bad/*.yaml")
	if len(paths) == 0 {
		t.Fatal("no fixtures")
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, ds := loadText(string(text))
		for _, d := range ds {
			if strings.Contains(d.Message, "; see `mokasync schema") {
				t.Errorf("%s: left to the schema: %s", path, d.Message)
			}
		}
	}
}

// beyondSchemas says in words what mokasync refuses although the schemas accept it, and which files of testdata/agreement/beyond show it. docs/manifests.md lists it.
var beyondSchemas = []struct {
	words string
	files []string // glob patterns
}{
	{"Numbers in another spelling than plain digits: `1e2`, `0x10`, `007`, `.5`, `1_000`, `+5`, more than two places after the point, a whole number written `1.0`.",
		[]string{"money-*", "integers-*"}},
	{"Days that are not in the calendar (`2027-02-30`), an `endDate` before the `beginDate`.", []string{"dates-*"}},
	{"Where a text belongs, what some YAML libraries read as something else: `yes`, `no`, `on`, `off`, a date, `.inf`, `<<`.", []string{"text-old-*", "text-date*", "text-merge-sign*"}},
	{"YAML's tags (`!!binary`, `!!int`, `!secret`) before a value, but for `!!str`, `!!seq` and `!!map`; some libraries refuse these themselves.", nil},
	{"Codes with a blank at their ends that is not the common one (U+2003, for instance).", []string{"codes-wide-blank*"}},
	{"An e-mail address whose domain has no point (rule `email-domain`).", []string{"codes-e-mail-of-a-bare-host.yaml"}},
	{"Card numbers: 13 to 19 digits that pass the Luhn check, anywhere but in a token.", []string{"cardnumbers-*"}},
	{"The same card twice in one sale in two spellings of its token.", []string{"references-card-twice*"}},
	{"References to what is not in the manifests.", []string{"references-dangling*"}},
	{"`mokasync/accept` with a rule that does not exist.", []string{"metadata-accept-*"}},
	{"`movedFrom` and `replaces` with an address that is the resource's own or of another kind, and `replaces` of anything but a sale.", []string{"metadata-replaces-*", "metadata-moved-*"}},
	{"A key that stands twice in one mapping; some libraries refuse it themselves.", nil},
	{"Aliases that contain themselves, or that grow a document beyond all measure.", nil},
	{"What only several documents show: an address or a code twice, codes that differ only by case or Unicode form, two schedules without `id` under one name, two products under one name, two payment steps of a sale on one day, one of an automatic sale, an old address that is still there, two resources for one token or id, a sale with another customer's card.", nil},
	{"Dates of a new sale that have passed.", nil},
	{"What stands in a variable or a file and is no token, id or password.", nil},
}

// TestBeyondIsDocumented: every file in testdata/agreement/beyond belongs to one line of the list, and every line with patterns has a file.
func TestBeyondIsDocumented(t *testing.T) {
	paths, _ := filepath.Glob(agreement + "/beyond/*.yaml")
	matched := map[string]int{}
	for _, b := range beyondSchemas {
		any := b.files == nil
		for _, path := range paths {
			for _, pattern := range b.files {
				if ok, _ := filepath.Match(pattern, filepath.Base(path)); ok {
					matched[filepath.Base(path)]++
					any = true
				}
			}
		}
		if !any {
			t.Errorf("nothing shows: %s", b.words)
		}
	}
	for _, path := range paths {
		if n := matched[filepath.Base(path)]; n != 1 {
			t.Errorf("%s stands in %d lines of the list, want 1", path, n)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
