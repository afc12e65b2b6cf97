package spec

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// Load can read what a file is to hold before it holds it: the same rules, the same places.
func TestInstead(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "m.yaml")
	product := "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: gold}\nspec: {productName: Gold}\n"
	if err := os.WriteFile(path, []byte(product), 0o644); err != nil {
		t.Fatal(err)
	}
	set, ds := Load(context.Background(), []string{folder}, Options{Instead: map[string][]byte{path: []byte(product + "---\napiVersion: mokasync/v1\nkind: Product\nmetadata: {name: silver}\nspec: {productName: Gold}\n")}})
	if len(set.Resources) != 2 || len(ds) != 1 || ds[0].Severity != Error || ds[0].File != path || ds[0].Line != 9 {
		t.Errorf("%d resources, %v", len(set.Resources), ds)
	}
	if set, ds := Load(context.Background(), []string{folder}, Options{}); len(set.Resources) != 1 || len(ds) != 0 {
		t.Errorf("the file itself: %d resources, %v", len(set.Resources), ds)
	}
}
