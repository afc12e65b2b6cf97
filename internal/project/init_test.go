package project_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/project"
	"pgregory.net/rapid"
)

// files gives what is in a folder, by name.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, _ := filepath.Rel(folder, path) // both begin alike
		if d.IsDir() {
			out[filepath.ToSlash(name)] = "(folder)"
			return nil
		}
		text, err := os.ReadFile(path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What init writes is a good project, and a second init finds all of it in the way.
func TestInit(t *testing.T) {
	folder := t.TempDir()
	written, err := project.Init(folder, "2027-01-12")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range written {
		names = append(names, w.Name)
	}
	want := []string{".mokasync/project.schema.json", ".mokasync/mokasync.schema.json", "billing/first.yaml", ".gitignore", ".gitattributes", "mokasync.yaml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	file, ds := project.Load(filepath.Join(folder, project.FileName))
	if len(ds)+len(file.Missing()) > 0 {
		t.Error(told(append(ds, file.Missing()...)))
	}
	before := files(t, folder)
	_, err = project.Init(folder, "2027-01-12")
	var way *project.InTheWayError
	if !errors.As(err, &way) || !cmp.Equal(way.Names, []string{"mokasync.yaml"}) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, files(t, folder)); diff != "" {
		t.Error(diff)
	}
}

// An init that was killed is gone on with: what it left is not in the way.
func TestInitAfterAKill(t *testing.T) {
	whole := t.TempDir()
	if _, err := project.Init(whole, "2027-01-12"); err != nil {
		t.Fatal(err)
	}
	want := files(t, whole)
	folder := t.TempDir()
	for _, name := range []string{".mokasync/project.schema.json", "billing/first.yaml", ".gitignore"} {
		put(t, filepath.Join(folder, name), want[name])
	}
	if _, err := project.Init(folder, "2027-01-12"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, files(t, folder)); diff != "" {
		t.Error(diff)
	}
}

// Whatever cannot be written, the folder is afterwards what it was.
func TestInitTakesBack(t *testing.T) {
	for _, name := range []string{".gitignore", ".gitattributes"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			put(t, filepath.Join(folder, "billing/own.yaml"), "mine")
			put(t, filepath.Join(folder, name, "a-folder-in-its-place"), "")
			if name != ".gitignore" {
				put(t, filepath.Join(folder, ".gitignore"), "/build\n")
			}
			before := files(t, folder)
			if _, err := project.Init(folder, "2027-01-12"); err == nil {
				t.Fatal("it went well")
			}
			if diff := cmp.Diff(before, files(t, folder)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The sale begins on a day of its schedule that is at least a week away and at most five, whatever today is.
func TestInitDates(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		today := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 3000).Draw(rt, "days"))
		folder := t.TempDir()
		if _, err := project.Init(folder, today.Format(time.DateOnly)); err != nil {
			rt.Fatal(err)
		}
		text := files(t, folder)[project.FirstManifest]
		_, after, _ := strings.Cut(text, `beginDate: "`)
		begin, err := time.Parse(time.DateOnly, after[:10])
		if err != nil || begin.Day() != 15 || begin.Before(today.AddDate(0, 0, 7)) || begin.After(today.AddDate(0, 0, 38)) {
			rt.Errorf("today %s, begin %s", today, begin)
		}
	})
}

// Lines for git stand once, also where a folder above has them, up to the repository's root.
func TestIgnore(t *testing.T) {
	const all = "mokasync.sandbox.data*\nmokasync.sandbox.lock\n*.lock.journal\n*.lock.guard\n*.lock.report\n.mokasync-import/\n"
	const head = "# mokasync: what the sandbox keeps, and what runs leave beside the lockfile\n"
	for _, row := range []struct {
		what        string
		root, below string // "" for none
		repository  bool
		want        string
	}{
		{"nothing there", "", "", false, head + all},
		{"other lines, without a newline at their end", "", "/build", false, "/build\n\n" + head + all},
		{"some of them", "", "*.lock.guard\r\n", false, "*.lock.guard\r\n\n" + head + strings.Replace(all, "*.lock.guard\n", "", 1)},
		{"all above, in the repository", all, "", true, ""},
		{"all above, in no repository", all, "", false, head + all},
	} {
		t.Run(row.what, func(t *testing.T) {
			root := t.TempDir()
			folder := filepath.Join(root, "below")
			put(t, filepath.Join(folder, "x"), "")
			if row.repository {
				put(t, filepath.Join(root, ".git/HEAD"), "")
			}
			if row.root != "" {
				put(t, filepath.Join(root, ".gitignore"), row.root)
			}
			if row.below != "" {
				put(t, filepath.Join(folder, ".gitignore"), row.below)
			}
			for range 2 {
				if _, err := project.Ignore(folder); err != nil {
					t.Fatal(err)
				}
				if got := files(t, folder)[".gitignore"]; got != row.want {
					t.Errorf("got %q, want %q", got, row.want)
				}
			}
		})
	}
}
