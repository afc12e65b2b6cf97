package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/project"
)

func TestLoad(t *testing.T) {
	const head = "apiVersion: mokasync/v1\nkind: Project\n"
	for _, row := range []struct {
		what, text string
		changed    bool
		err        string // "" for none
	}{
		{"full", head + "spec: {updateSale: full}\n", false, ""},
		{"changed", head + "spec:\n  updateSale: changed # tried on 2026-11-02\n", true, ""},
		{"nothing said", head, false, ""},
		{"another word", head + "spec: {updateSale: partial}\n", false, ":3:20: this is full or changed"},
		{"a key that is not known", head + "spec: {updateSales: full}\n", false, ":3:8: updateSales is not known here"},
		{"a key twice", head + "spec: {updateSale: full, updateSale: full}\n", false, ":3:26: updateSale stands here twice"},
		{"no kind", "apiVersion: mokasync/v1\n", false, "kind: Project"},
		{"another kind", "apiVersion: mokasync/v1\nkind: Sale\n", false, ":2:7: this is Project"},
		{"a list", "- 1\n", false, ":1:1: a mapping"},
		{"nothing", "", false, "is empty"},
		{"no YAML", "a: [", false, "line 1"},
	} {
		t.Run(row.what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), project.FileName)
			if err := os.WriteFile(path, []byte(row.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := project.Load(path)
			switch {
			case row.err == "" && err != nil:
				t.Fatal(err)
			case row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)):
				t.Fatalf("the error is %v, want %q", err, row.err)
			case err == nil && got.UpdateChanged != row.changed:
				t.Errorf("UpdateChanged is %v, want %v", got.UpdateChanged, row.changed)
			}
		})
	}
}

func TestFindGivesTheNearest(t *testing.T) {
	near, far := t.TempDir(), t.TempDir()
	if got := project.Find([]string{near, far}); got != "" {
		t.Errorf("found %q where there is none", got)
	}
	want := filepath.Join(far, project.FileName)
	if err := os.WriteFile(want, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := project.Find([]string{near, far}); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}
