// Package internal holds the rules of who may import whom.
package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mokasync/mokasync/"

// allowed is the table: a package, what of the project it may import, and why. Imports run downwards only.
var allowed = map[string][]string{
	"bench":                    {"internal/cli", "internal/render", "internal/planfile", "internal/plan", "internal/lockfile", "internal/spec", "internal/moka", "schemas"}, // measures the rest
	"cmd/mokasync":             {"internal/cli"},
	"internal/cli":             {"internal/git", "internal/gitlock", "internal/forge", "internal/planfile", "internal/importer", "internal/edit", "internal/render", "internal/apply", "internal/plan", "internal/lockfile", "internal/spec", "internal/moka", "internal/sandbox", "internal/calendar", "internal/forecast", "internal/guard", "internal/policy", "internal/project", "schemas"}, // puts the parts together
	"internal/render":          {"internal/forecast", "internal/calendar", "internal/importer", "internal/apply", "internal/plan", "internal/lockfile", "internal/spec"},                                                                                                                                                                                                                         // shows plans, accounts and states
	"internal/planfile":        {"internal/calendar", "internal/forecast", "internal/plan", "internal/lockfile", "internal/spec"},                                                                                                                                                                                                                                                                // keeps a plan between review and apply
	"internal/importer":        {"internal/edit", "internal/project", "internal/plan", "internal/lockfile", "internal/spec", "internal/moka", "internal/crashpoint"},                                                                                                                                                                                                                             // reads Moka, writes manifests
	"internal/apply":           {"internal/plan", "internal/lockfile", "internal/spec", "internal/moka", "internal/calendar", "internal/crashpoint"},                                                                                                                                                                                                                                             // joins plan and Moka
	"internal/plan":            {"internal/forecast", "internal/calendar", "internal/lockfile", "internal/spec"},                                                                                                                                                                                                                                                                                 // pure: knows no network
	"internal/lockfile":        {"internal/spec", "internal/crashpoint"},                                                                                                                                                                                                                                                                                                                         // keeps fields by the table of kinds
	"internal/edit":            {"internal/spec"},                                                                                                                                                                                                                                                                                                                                                // changes manifests as text, and proves it by reading them
	"internal/spec":            {"internal/quickyaml", "internal/calendar", "schemas"},                                                                                                                                                                                                                                                                                                           // checks against the schemas
	"internal/quickyaml":       {},                                                                                                                                                                                                                                                                                                                                                               // plain YAML only
	"internal/moka":            {},                                                                                                                                                                                                                                                                                                                                                               // its own reading of the API
	"internal/sandbox":         {},                                                                                                                                                                                                                                                                                                                                                               // another reading of the API: shares nothing with the client
	"internal/gitlock":         {"internal/git", "internal/lockfile"},                                                                                                                                                                                                                                                                                                                            // the lockfile on a remote's branch
	"internal/git":             {},                                                                                                                                                                                                                                                                                                                                                               // asks the installed git
	"internal/forecast":        {"internal/calendar"},                                                                                                                                                                                                                                                                                                                                            // charges and sums; pure
	"internal/calendar":        {},                                                                                                                                                                                                                                                                                                                                                               // pure: knows no day of its own
	"internal/forge":           {},                                                                                                                                                                                                                                                                                                                                                               // GitHub's and GitLab's comments: knows nothing of plans
	"internal/forge/forgetest": {},                                                                                                                                                                                                                                                                                                                                                               // another reading of the same APIs: shares nothing with the client
	"internal/project":         {"internal/calendar", "internal/policy", "internal/edit", "internal/spec", "internal/moka", "schemas"},                                                                                                                                                                                                                                                           // mokasync.yaml: its mistakes are diagnostics, its endpoints Moka's
	"internal/guard":           {"internal/project", "internal/plan", "internal/forecast", "internal/calendar", "internal/spec"},                                                                                                                                                                                                                                                                 // what mokasync.yaml forbids of a plan
	"internal/policy":          {"internal/plan", "internal/forecast", "internal/spec"},                                                                                                                                                                                                                                                                                                          // expressions of a merchant's own
	"internal/crashpoint":      {},                                                                                                                                                                                                                                                                                                                                                               // nothing, but in the kill harness's build
	"schemas":                  {},
}

// owners says which packages may import a library. Tests are free.
var owners = map[string][]string{
	"gopkg.in/yaml.v3":                         {"internal/quickyaml", "internal/spec", "internal/edit", "internal/project", "bench"}, // manifests, mokasync.yaml, and what a plan is measured against
	"github.com/santhosh-tekuri/jsonschema/v5": {"internal/spec"},
	"github.com/google/cel-go":                 {"internal/policy"},
	"github.com/spf13/pflag":                   {"internal/cli"},
	"github.com/spf13/cobra":                   {"internal/cli"},
	"github.com/schollz/progressbar/v3":        {"internal/cli"},
	"github.com/sergi/go-diff":                 {"internal/render", "internal/edit"},
	"github.com/fatih/color":                   {"internal/render"},
	"github.com/shopspring/decimal":            {"internal/spec", "internal/sandbox"},     // each reads amounts for itself
	"github.com/agext/levenshtein":             {"internal/spec", "internal/sandbox"},     // "did you mean", each of its own words
	"github.com/gofrs/flock":                   {"internal/lockfile", "internal/sandbox"}, // each locks its own file
	"golang.org/x/time":                        {"internal/moka"},
	"golang.org/x/text":                        {"internal/spec", "internal/lockfile", "internal/importer"},
	"golang.org/x/term":                        {"cmd/mokasync"},
}

func TestImports(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(filepath.ToSlash(path), "../")))
		rules, known := allowed[pkg]
		if !known {
			t.Errorf("%s is in no row of the table: say what %s may import, and why", path, pkg)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, module); ok {
				if !slices.Contains(rules, own) {
					t.Errorf("%s imports %s, which the table does not allow", path, own)
				}
				continue
			}
			if !strings.Contains(strings.Split(name, "/")[0], ".") {
				continue // the standard library
			}
			library := libraryOf(name)
			used[library] = true
			if !slices.Contains(owners[library], pkg) {
				t.Errorf("%s imports %s, whose owners are %v", path, name, owners[library])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for library := range owners {
		if !used[library] {
			t.Errorf("%s has owners and no user", library)
		}
	}
}

func libraryOf(name string) string {
	for library := range owners {
		if name == library || strings.HasPrefix(name, library+"/") {
			return library
		}
	}
	return name
}
