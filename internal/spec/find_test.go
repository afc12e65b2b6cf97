package spec

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func product(name string) string {
	return fmt.Sprintf("apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: %s}\nspec: {productName: %s}\n", name, name)
}

// tree writes files below a new folder and makes it the working folder.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func names(s *Set) []string {
	out := []string{}
	for _, r := range s.Resources {
		out = append(out, r.Address.Name)
	}
	return out
}

func messages(ds []Diagnostic) []string {
	out := []string{}
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%s: %s: %s", d.Place(), d.Severity, d.Message))
	}
	return out
}

func TestFiles(t *testing.T) {
	tests := []struct {
		name     string
		files    map[string]string
		paths    []string
		want     []string // names of resources
		files2   []string // Set.Files
		ds       []string
		skipped  []string
		noFolder bool
	}{
		{
			name: "a folder with all that is below it, in the order of names",
			files: map[string]string{"b.yaml": product("b"), "a/x.yml": product("x"), "a/deep/z.YAML": product("z"),
				"notes.txt": "no manifest", "a/README.md": "# nothing"},
			paths: []string{"."}, want: []string{"b", "x", "z"}, files2: []string{"a/deep/z.YAML", "a/x.yml", "b.yaml"},
		},
		{
			name: "the spelling of a PATH is kept", files: map[string]string{"m/a.yaml": product("a")},
			paths: []string{"./m/"}, want: []string{"a"}, files2: []string{"./m/a.yaml"},
		},
		{
			name: "names that are passed over",
			files: map[string]string{"a.yaml": product("a"), ".hidden.yaml": "x", ".git/b.yaml": "x", "mokasync.yaml": "x",
				"kustomization.yaml": "x", "overlay/kustomization.yaml": "x"},
			paths: []string{"."}, want: []string{"a"}, files2: []string{"a.yaml"},
		},
		{
			name: "an ignore file",
			files: map[string]string{"a.yaml": product("a"), "drafts/b.yaml": "x", "sub/c.yaml": product("c"), "sub/d.yaml": "x",
				".mokasyncignore": "# not yet\ndrafts/\n", "sub/.mokasyncignore": "d.yaml\n"},
			paths: []string{"."}, want: []string{"a", "c"}, files2: []string{"a.yaml", "sub/c.yaml"},
		},
		{
			name: "a file that is named is read whatever its name", files: map[string]string{"a.txt": product("a"), ".b": product("b")},
			paths: []string{".b", "a.txt"}, want: []string{"a", "b"}, files2: []string{".b", "a.txt"}, noFolder: true,
		},
		{
			name: "one file by two ways is read once", files: map[string]string{"m/a.yaml": product("a")},
			paths: []string{"m", "m/a.yaml", "./m"}, want: []string{"a"}, files2: []string{"m/a.yaml"},
		},
		{
			name: "a shell's m/* names what holds no manifests too", files: map[string]string{"a.yaml": product("a"), "mokasync.yaml": "x", "kustomization.yaml": "x"},
			paths: []string{"a.yaml", "mokasync.yaml", "kustomization.yaml"}, want: []string{"a"}, files2: []string{"a.yaml"}, noFolder: true,
			skipped: []string{"mokasync.yaml: info: passed over: a mokasync.yaml holds no manifests", "kustomization.yaml: info: passed over: a kustomization.yaml holds no manifests"},
		},
		{
			name: "missing", paths: []string{"nowhere"}, want: []string{}, noFolder: true,
			ds: []string{"nowhere: error: there is no such file or folder; check the PATH"},
		},
		{
			name: "a folder without manifests", files: map[string]string{"m/notes.txt": "x"}, paths: []string{"m"}, want: []string{},
			ds: []string{"m: error: no manifest in this folder or below it: looked for *.yaml and *.yml with apiVersion: mokasync/v1"},
		},
		{
			name: "an empty file", files: map[string]string{"a.yaml": "# nothing yet\n"}, paths: []string{"a.yaml"}, want: []string{}, files2: []string{"a.yaml"}, noFolder: true,
			ds: []string{"a.yaml: error: no manifest in this file: it should begin with apiVersion: mokasync/v1"},
		},
		{
			name: "others' documents alone", files: map[string]string{"m/a.yaml": "apiVersion: v1\nkind: Service\n"}, paths: []string{"m"}, want: []string{}, files2: []string{"m/a.yaml"},
			ds:      []string{"m: error: no manifest in it: its one document belongs to another tool (its apiVersion is not mokasync/v1)"},
			skipped: []string{`m/a.yaml:1:13: info: passed over: a document with apiVersion "v1" belongs to another tool`},
		},
		{
			name: "an empty file among others is no mistake", files: map[string]string{"m/a.yaml": "", "m/b.yaml": product("b")}, paths: []string{"m"},
			want: []string{"b"}, files2: []string{"m/a.yaml", "m/b.yaml"},
		},
		{
			name:  "mistakes come in the order of files, lines and columns",
			files: map[string]string{"m/b.yaml": product("b") + "---\nkind: Product\n", "m/a.yaml": "hello\n", "z.yaml": "- 1\n"}, paths: []string{"z.yaml", "m"},
			want: []string{"b"}, files2: []string{"z.yaml", "m/a.yaml", "m/b.yaml"},
			ds: []string{
				"z.yaml:1:1: error: a manifest is a list, not a mapping of key: value; it begins with apiVersion: mokasync/v1",
				"m/a.yaml:1:1: error: a manifest is a single value, not a mapping of key: value; it begins with apiVersion: mokasync/v1",
				"m/b.yaml:6:7: error: metadata is missing: write metadata: {name: …}",
				"m/b.yaml:6:7: error: apiVersion is missing: write apiVersion: mokasync/v1",
				"m/b.yaml:6:7: error: spec is missing: it holds the fields of the Product",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree(t, test.files)
			set, ds := Load(context.Background(), test.paths, Options{})
			if diff := cmp.Diff(append([]string{}, test.ds...), messages(ds)); diff != "" {
				t.Errorf("diagnostics: want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, test.skipped...), messages(set.Skipped)); diff != "" {
				t.Errorf("skipped: want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(test.want, names(set)); diff != "" {
				t.Errorf("resources: want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(test.files2, set.Files); diff != "" {
				t.Errorf("files: want -, got +:\n%s", diff)
			}
			if got := len(set.Folders) == 0; got != test.noFolder {
				t.Errorf("folders are %q", set.Folders)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	tree(t, map[string]string{"m/a.yaml": product("a"), "shared/b.yaml": product("b"), "shared/sub/c.yaml": product("c")})
	for link, target := range map[string]string{
		"m/loop": "..", "m/link.yaml": "../shared/b.yaml", "m/again.yaml": "a.yaml", "m/broken.yaml": "nowhere.yaml", "m/sub": "../shared/sub",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	set, ds := Load(context.Background(), []string{"m"}, Options{})
	want := []string{"m/broken.yaml: error: the link leads nowhere (there is no such file or folder; check the PATH); mend or remove it"}
	if diff := cmp.Diff(want, messages(ds)); diff != "" {
		t.Errorf("diagnostics: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, names(set)); diff != "" {
		t.Errorf("a link to a file is followed, once; one to a folder is not: want -, got +:\n%s", diff)
	}
	if len(set.Skipped) != 2 {
		t.Errorf("got %q, want a note on each link to a folder", messages(set.Skipped))
	}
	set, _ = Load(context.Background(), []string{"m/sub"}, Options{})
	if diff := cmp.Diff([]string{"c"}, names(set)); diff != "" {
		t.Errorf("a link to a folder that is a PATH is followed: want -, got +:\n%s", diff)
	}
}

func TestStandardInput(t *testing.T) {
	set, ds := Load(context.Background(), []string{"-", "-"}, Options{Stdin: strings.NewReader(product("a") + "---\n" + product("b"))})
	if len(ds) > 0 || !slices.Equal(names(set), []string{"a", "b"}) || !slices.Equal(set.Files, []string{"-"}) {
		t.Errorf("got %v %v %v", messages(ds), names(set), set.Files)
	}
	for _, stdin := range []*strings.Reader{strings.NewReader(""), strings.NewReader("---\n# nothing\n")} {
		if _, ds = Load(context.Background(), []string{"-"}, Options{Stdin: stdin}); len(ds) != 1 || ds[0].Place() != "-" {
			t.Errorf("got %v, want one mistake", messages(ds))
		}
	}
	if _, ds = Load(context.Background(), []string{"-"}, Options{}); len(ds) != 1 {
		t.Errorf("got %v without standard input, want one mistake", messages(ds))
	}
}

func TestUnreadable(t *testing.T) {
	tree(t, map[string]string{"m/a.yaml": product("a"), "m/b.yaml": product("b"), "m/c/d.yaml": product("d")})
	os.Chmod("m/a.yaml", 0)
	os.Chmod("m/c", 0)
	defer os.Chmod("m/c", 0o755)
	if _, err := os.ReadFile("m/a.yaml"); err == nil {
		t.Skip("this user may read all files")
	}
	set, ds := Load(context.Background(), []string{"m"}, Options{})
	want := []string{
		"m/a.yaml: error: may not be read: permission denied; change its permissions",
		"m/c: error: may not be read: permission denied; change its permissions",
	}
	if diff := cmp.Diff(want, messages(ds)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b"}, names(set)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// A file that nobody can read, root neither, is one mistake; the others are read.
func TestUnreadableByAll(t *testing.T) {
	tree(t, map[string]string{"m/b.yaml": product("b")})
	if err := os.Symlink("a.yaml", "m/a.yaml"); err != nil {
		t.Fatal(err)
	}
	set, ds := Load(context.Background(), []string{"m"}, Options{})
	if len(ds) != 1 || ds[0].File != "m/a.yaml" || ds[0].Severity != Error {
		t.Errorf("got %v, want one error at m/a.yaml", messages(ds))
	}
	if diff := cmp.Diff([]string{"b"}, names(set)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestStopped(t *testing.T) {
	tree(t, map[string]string{"a.yaml": product("a")})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, ds := Load(ctx, []string{"."}, Options{}); !HasErrors(ds) {
		t.Error("a Load that was stopped half-way reports no error")
	}
}

// ignoreCases are ignore files, and names of files below them.
var (
	ignoreFiles = []string{
		"*.yaml", "a.yaml", "/a.yaml", "sub/", "sub", "sub/a.yaml", "/sub/a.yaml", "**/b.yaml", "sub/**", "**/deep/**", "a?.yaml", "[ab].yaml", "[!a].yaml",
		"*.yaml\n!a.yaml", "sub/*\n!sub/a.yaml", "!a.yaml\n*.yaml", "# a.yaml", `\#a.yaml`, `\!a.yaml`, "a.yaml ", `a.yaml\ `, "a.yaml\r", "", "   ", "/", "deep/*.yaml",
		"sub/**/b.yaml", "*", "**", "[a-b]*.yaml", "s*b/", "a.*", "**/sub", `sub\/`, "[", "[a", "a[]b].yaml", "[^a].yaml", "***", "x**y", "sub//a.yaml", "İ*.yaml",
	}
	ignoreNames = []string{"a.yaml", "b.yaml", "ab.yaml", "#a.yaml", "!a.yaml", "sub/a.yaml", "sub/b.yaml", "sub/deep/a.yaml", "sub/deep/b.yaml", "deep/a.yaml", "xzy/a.yaml", "İz.yaml", "a.yaml "}
)

// TestIgnoreAsGit: an ignore file means what git makes of it.
func TestIgnoreAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git here")
	}
	t.Chdir(t.TempDir())
	if out, err := exec.Command(git, "init", "-q", ".").CombinedOutput(); err != nil {
		t.Skip(string(out))
	}
	for _, name := range ignoreNames {
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Skip(err)
		}
	}
	for _, file := range ignoreFiles {
		if err := os.WriteFile(".gitignore", []byte(file+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(git, "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin", "-z")
		cmd.Stdin = strings.NewReader(strings.Join(ignoreNames, "\x00"))
		out, _ := cmd.Output()
		want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		list := (*ignoreList)(nil).with("", file+"\n")
		for _, name := range ignoreNames {
			if got := ignoredWithParents(list, name); got != slices.Contains(want, name) {
				t.Errorf("%q makes of %q: ignored %v, git says %v", file, name, got, !got)
			}
		}
	}
}

// ignoredWithParents walks to a file as the finder does.
func ignoredWithParents(l *ignoreList, name string) bool {
	parts := strings.Split(name, "/")
	for i := 1; i < len(parts); i++ {
		if l.matches(strings.Join(parts[:i], "/"), true) {
			return true
		}
	}
	return l.matches(name, false)
}
