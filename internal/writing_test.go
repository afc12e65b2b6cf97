package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// speakers may use the network.
var speakers = []string{"internal/moka", "internal/sandbox", "internal/forge", "internal/forge/forgetest", "internal/cli/sandbox.go"}

// ways are the ways to what can change something at Moka, or speak to anybody at all, and who may use each; a folder stands for the files in it.
var ways = []struct {
	name  string
	used  func(file *ast.File, at ast.Node) bool
	files []string
	why   string
}{
	{"app.connect", calls("connect"), []string{"internal/cli/apply.go"}, "it gives a client that can write: every other command looks by connectToLook"},
	{"moka.NewClient", names("internal/moka", "NewClient"), []string{"internal/cli/connect.go"}, "it makes a client that can write"},
	{"moka.Client", names("internal/moka", "Client"), []string{"internal/cli/connect.go", "internal/apply"}, "it can write: what only looks takes a *moka.Reader"},
	{"net/http", imports("net/http"), speakers, "Moka is spoken to by internal/moka, and a forge by internal/forge, which knows nothing of Moka"},
	{"net", imports("net"), speakers, "Moka is spoken to by internal/moka, and a forge by internal/forge, which knows nothing of Moka"},
}

// A dry run cannot write: nothing but apply gets at what can.
func TestOneWayToWrite(t *testing.T) {
	used := map[string]bool{}
	fset := token.NewFileSet()
	for _, root := range []string{"../internal", "../cmd", "../schemas"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name = strings.TrimPrefix(filepath.ToSlash(name), "../")
			ast.Inspect(file, func(at ast.Node) bool {
				for _, w := range ways {
					if at == nil || !w.used(file, at) {
						continue
					}
					used[w.name] = true
					if !slices.Contains(w.files, name) && !slices.Contains(w.files, path.Dir(name)) {
						t.Errorf("%s: %s is for %s only: %s", fset.Position(at.Pos()), w.name, strings.Join(w.files, ", "), w.why)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range ways {
		if !used[w.name] {
			t.Errorf("nothing uses %s: does the rule look for the right thing?", w.name)
		}
	}
}

// calls tells a method by its name, called or handed on.
func calls(method string) func(*ast.File, ast.Node) bool {
	return func(_ *ast.File, at ast.Node) bool {
		s, ok := at.(*ast.SelectorExpr)
		return ok && s.Sel.Name == method
	}
}

// names tells what a package of ours exports, by the name under which a file imports it.
func names(pkg, what string) func(*ast.File, ast.Node) bool {
	return func(file *ast.File, at ast.Node) bool {
		s, ok := at.(*ast.SelectorExpr)
		if !ok || s.Sel.Name != what {
			return false
		}
		x, ok := s.X.(*ast.Ident)
		return ok && slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
			if i.Path.Value != `"`+module+pkg+`"` {
				return false
			}
			return i.Name == nil && x.Name == path.Base(pkg) || i.Name != nil && (i.Name.Name == x.Name || i.Name.Name == ".")
		})
	}
}

func imports(pkg string) func(*ast.File, ast.Node) bool {
	return func(_ *ast.File, at ast.Node) bool {
		i, ok := at.(*ast.ImportSpec)
		return ok && i.Path.Value == `"`+pkg+`"`
	}
}
