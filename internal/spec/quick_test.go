package spec

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"gopkg.in/yaml.v3"
)

// FuzzQuickCheck: wherever the quick check is sure, the validator says the same, whatever the document and whatever the kind it is held against.
func FuzzQuickCheck(f *testing.F) {
	archives, _ := filepath.Glob("testdata/rules/*.txtar")
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) != ".want" {
				f.Add(manifestOf(file))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, ok := single(text)
		if !ok {
			return
		}
		root := doc.expand()
		if !plainKeys(root) {
			return // never asked about
		}
		json := jsonOf(root)
		for _, k := range Kinds() {
			got := quickOf(k).judge(root)
			if want := sure(compiled()[k].Validate(json) == nil); got != unsure && got != want {
				t.Errorf("%s: the quick check says %d, the validator %d, of\n%s", k, got, want, text)
			}
		}
	})
}

// plainKeys reports whether all keys are texts that stand once.
func plainKeys(n *yaml.Node) bool {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && (c.Kind != yaml.ScalarNode || c.Tag != "!!str" || earlier(n, i, nil) != nil) {
			return false
		}
		if !plainKeys(c) {
			return false
		}
	}
	return true
}

// TestQuickCheckIsSure: the validator is hardly ever needed for a good manifest; else nothing would be won.
func TestQuickCheckIsSure(t *testing.T) {
	good, _ := filepath.Glob(agreement + "/good/*.yaml")
	if len(good) == 0 {
		t.Fatal("no fixtures")
	}
	for _, path := range good {
		archive := readFile(t, path)
		doc, _ := single(archive)
		root := doc.expand()
		kind, _ := nodeAt(root, "/kind")
		k, _ := KindOf(kind.Value)
		if got := quickOf(k).judge(root); got != fits {
			t.Errorf("%s: got %d, want %d", path, got, fits)
		}
	}
}
