package quickyaml

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzQuickYAML: whatever is read quickly, yaml.v3 reads too, as one document and to the same nodes.
func FuzzQuickYAML(f *testing.F) {
	for _, text := range fixtures(f) {
		f.Add(text)
	}
	for _, test := range reads {
		f.Add(test)
	}
	for _, test := range leaves {
		f.Add(test)
	}
	var r Reader
	f.Fuzz(func(t *testing.T, text string) { agree(t, &r, text) })
}

// fixtures are the documents of this project: manifests good and bad, in the tests and in the examples.
func fixtures(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, root := range []string{"../spec/testdata", "../edit/testdata/format", "../../examples"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".yaml":
				data, err := os.ReadFile(path)
				out = append(out, documents(string(data))...)
				return err
			case ".txtar":
				archive, err := txtar.ParseFile(path)
				if err != nil {
					return err
				}
				for _, file := range archive.Files {
					out = append(out, documents(string(file.Data))...)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// documents cuts a text before its markers.
func documents(text string) []string {
	out := strings.Split(text, "\n---\n")
	for i := 1; i < len(out); i++ {
		out[i-1], out[i] = out[i-1]+"\n", "---\n"+out[i]
	}
	return out
}
