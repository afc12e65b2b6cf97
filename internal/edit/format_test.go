package edit

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFormat: what files become. An archive tells what it is about in its first lines, and has pairs of files: X and X.want, or X alone that stays as it is.
func TestFormat(t *testing.T) {
	names, err := filepath.Glob("testdata/format/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range archive.Files {
			files[f.Name] = f.Data
		}
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".want") {
				continue
			}
			t.Run(filepath.Base(name)+"/"+f.Name, func(t *testing.T) {
				want, ok := files[f.Name+".want"]
				if !ok {
					want = f.Data
				}
				if diff := cmp.Diff(string(want), string(holds(t, f.Data).Data)); diff != "" {
					t.Errorf("want -, got +:\n%s", diff)
				}
			})
		}
	}
}

// TestFormatBytes: what does not show in a text file.
func TestFormatBytes(t *testing.T) {
	const product = "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p}\nspec: {productName: P}\n"
	tests := []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"blank lines alone", "\n\n", "\n\n"},
		{"Windows", "\xef\xbb\xbf" + strings.ReplaceAll(product, "\n", "\r\n"), product},
		{"old Macintosh", strings.ReplaceAll(product, "\n", "\r"), product},
		{"no newline at the end", strings.TrimSpace(product), product},
		{"blanks", "\n\n" + strings.ReplaceAll(product, "\n", " \t\n\n\n") + "\n\n", strings.ReplaceAll(product, "\n", "\n\n")[:len(product)+3]},
		{"another tool's document keeps its line ends", product + "---\r\napiVersion: v1\r\na:  b", product + "---\r\napiVersion: v1\r\na:  b"},
		{"another tool's file", "\xef\xbb\xbfapiVersion: v1\r\na:  b  \r\n\r\n\r\n", "\xef\xbb\xbfapiVersion: v1\r\na:  b  \r\n\r\n\r\n"},
		{"a block that ends with the file", strings.TrimSuffix(product, "\n") + "\n---\n" + product[:80] + "spec:\n  productName: |\n    P", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" && tt.data != "" {
				tt.want = tt.data
			}
			if diff := cmp.Diff(tt.want, string(holds(t, []byte(tt.data)).Data)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFormatUnreadable: what YAML cannot read is an error at its place, and nothing of the file is changed.
func TestFormatUnreadable(t *testing.T) {
	for _, data := range []string{
		"apiVersion: mokasync/v1\nkind:   Product\n---\napiVersion: mokasync/v1\n  kind: x\n", "a: b\n\x00", "\xff\xfe a", "apiVersion: mokasync/v1\nkind: \"x\n",
	} {
		f := Format("m.yaml", []byte(data))
		if f.Changed || string(f.Data) != data || !spec.HasErrors(f.Diagnostics) {
			t.Errorf("%q gives %+v", data, f)
		}
	}
}

// TestReplaceFile: all or nothing, the mode kept, links followed.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(real, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.yaml", link); err != nil {
		t.Skip("no links here")
	}
	if err := ReplaceFile(link, []byte("other"), []byte("new")); err != ErrChangedMeanwhile {
		t.Errorf("got %v", err)
	}
	if err := ReplaceFile(link, []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(real)
	if err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
	info, err := os.Lstat(real)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestDiff: the unified form.
func TestDiff(t *testing.T) {
	before := strings.Repeat("same\n", 9) + "old\n" + strings.Repeat("same\n", 9)
	after := strings.Repeat("same\n", 9) + "new\nmore\n" + strings.Repeat("same\n", 9) + "end"
	want := "--- m.yaml\n+++ m.yaml\n@@ -7,7 +7,8 @@\n same\n same\n same\n-old\n+new\n+more\n same\n same\n same\n@@ -17,3 +18,4 @@\n same\n same\n same\n+end\n\\ No newline at end of file\n"
	if diff := cmp.Diff(want, Diff("m.yaml", before, after)); diff != "" {
		t.Error(diff)
	}
	if got := Diff("m.yaml", before, before); got != "" {
		t.Errorf("got %q", got)
	}
	if got, want := Diff("x", "", "a\n"), "--- x\n+++ x\n@@ -0,0 +1 @@\n+a\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// TestMasked: what a diff may show.
func TestMasked(t *testing.T) {
	const file = "\xef\xbb\xbf# secret remark\napiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: elif, labels: {secret-key: 'secret label'}}\nspec:\n  firstName: \"secret name\" # secret beside\n" +
		"  address: |\n    secret street\n\n    secret town\r\n  customerCode: C\n  password: {fromEnv: SECRET_VARIABLE, version: 1}\n---\napiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s}\nspec:\n" +
		"  cards: [a, {token: 7e57ca4d-0000-4000-8000-5ec4e7000001}]\n  customer: secret mistake\n---\napiVersion: v1\nkind: Secret\n"
	want := "<U+FEFF># •••\napiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: elif, labels: {•••: '•••'}}\nspec:\n  firstName: \"(personal)\" # •••\n" +
		"  address: |\n    (personal)\n\n    (personal)␍\n  customerCode: C\n  password: {fromEnv: (secret), version: (secret)}\n---\n•••\n•••\n•••\n•••\n  •••\n  •••\n---\n•••\n•••\n"
	if diff := cmp.Diff(want, Masked("m.yaml", []byte(file), false)); diff != "" {
		t.Error(diff)
	}
	shown := Masked("m.yaml", []byte(file), true)
	if strings.Contains(shown, "SECRET_VARIABLE") || strings.Contains(shown, "5ec4e7") || !strings.Contains(shown, "secret name") {
		t.Error(shown)
	}
	if bytes.Count([]byte(shown), []byte("\n")) != strings.Count(file, "\n") {
		t.Error("the lines are not those of the file")
	}
}
