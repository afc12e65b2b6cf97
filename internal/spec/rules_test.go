package spec

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the expected texts anew, to be looked at before they are kept")

// TestRules holds every rule to the cases in testdata/rules. A case is one file of a txtar archive, followed by what comes of it.
//
// A case.yaml is a whole file. A case.sale, case.customer and so on holds lines of a spec; what the kind needs besides is added after them, unless
// a line says that it is left out ("amount~"). A line of annotations goes to metadata.
func TestRules(t *testing.T) {
	archives, err := filepath.Glob("testdata/rules/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { runArchive(t, path) })
	}
}

func runArchive(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []txtar.File
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".want") {
			continue
		}
		name := f.Name[:strings.LastIndex(f.Name, ".")]
		got := verdict(manifestOf(f))
		out = append(out, f, txtar.File{Name: name + ".want", Data: []byte(got)})
		if *update {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if i+1 == len(archive.Files) || archive.Files[i+1].Name != name+".want" {
				t.Fatal("the case has no .want behind it: run go test -run TestRules -update")
			}
			if diff := cmp.Diff(string(archive.Files[i+1].Data), got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: out}), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// needed are the lines that a kind cannot do without, and some that keep warnings away.
var needed = map[string][]string{
	".customer": nil,
	".card":     {"customer: {customerCode: C}", "token: 9de41bb0-e82f-4670-b36b-d71ff27a3111"},
	".product":  {"productName: Gold"},
	".schedule": nil,
	".sale": {"customer: {customerCode: C}", "product: {productCode: P}", "schedule: {id: 1}", "cards: [{token: 9de41bb0-e82f-4670-b36b-d71ff27a3111}]",
		`amount: "149.90"`, `beginDate: "2027-01-15"`, `endDate: "2028-01-15"`},
}

func manifestOf(f txtar.File) string {
	ext := filepath.Ext(f.Name)
	if ext == ".yaml" {
		return string(f.Data)
	}
	return wrap(ext[1:], string(f.Data))
}

// wrap makes a manifest of lines of a spec.
func wrap(kind, lines string) string {
	metadata, spec := "{name: x}", ""
	has := map[string]bool{}
	for _, line := range strings.SplitAfter(strings.TrimSuffix(lines, "\n"), "\n") {
		key, _, _ := strings.Cut(line, ":")
		switch {
		case strings.HasSuffix(strings.TrimSpace(line), "~") && !strings.Contains(line, ":"):
			has[strings.TrimSuffix(strings.TrimSpace(line), "~")] = true
		case key == "annotations":
			metadata = "{name: x, " + strings.TrimSpace(line) + "}"
		default:
			has[key] = true
			spec += "  " + strings.TrimSuffix(line, "\n") + "\n"
		}
	}
	for _, line := range needed["."+kind] {
		if key, _, _ := strings.Cut(line, ":"); !has[key] {
			spec += "  " + line + "\n"
		}
	}
	if spec == "" {
		spec = "  {}\n"
	}
	return fmt.Sprintf("apiVersion: mokasync/v1\nkind: %s\nmetadata: %s\nspec:\n%s", kindNamed(kind), metadata, spec)
}

// kindNamed gives the kind as `kind:` says it.
func kindNamed(prefix string) string {
	k, _ := kindOfPrefix(prefix)
	return k.String()
}

// loadText loads one text as standard input.
func loadText(text string) (*Set, []Diagnostic) {
	return Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text)})
}

// verdict tells what comes of a text: its diagnostics, with the lines that they show, and the resources if there is no error.
func verdict(text string) string {
	set, ds := loadText(text)
	var b strings.Builder
	for _, d := range append(set.Skipped, ds...) {
		fmt.Fprintf(&b, "%d:%d: %s: %s\n", d.Line, d.Column, d.Severity, d.Message)
		if d.Excerpt != "" {
			fmt.Fprintf(&b, "\t%s\n\t%*s\n", d.Excerpt, d.ExcerptColumn, "^")
		}
	}
	if HasErrors(ds) {
		return b.String()
	}
	for _, r := range set.Resources {
		fmt.Fprintf(&b, "%s\n", describe(r))
	}
	return b.String()
}

// describe prints all that a manifest says.
func describe(r *Resource) string {
	var b strings.Builder
	b.WriteString(r.Address.String())
	if r.Code != "" {
		fmt.Fprintf(&b, " code %q", r.Code)
	}
	if len(r.Labels) > 0 {
		fmt.Fprintf(&b, " labels %q", r.Labels)
	}
	for _, from := range []Address{r.MovedFrom(), r.Replaces()} {
		if !from.IsZero() {
			fmt.Fprintf(&b, " from %s", from)
		}
	}
	if len(r.Annotations) > 0 {
		fmt.Fprintf(&b, " annotations %q", r.Annotations)
	}
	for i := range r.Values {
		fmt.Fprintf(&b, "\n  %s", describeValue(r.Values[i].Field.Name+" =", &r.Values[i]))
	}
	return b.String()
}

func describeValue(text string, v *Value) string {
	if v.Key() != "" {
		text += " " + v.Key() + ":"
	}
	if !v.Field.IsList() || len(v.Items()) == 0 {
		text += fmt.Sprintf(" %q", v.Text)
	}
	if v.Version > 0 {
		text += fmt.Sprintf(" version %d", v.Version)
	}
	for i := range v.Items() {
		text = describeValue(text, &v.Items()[i])
	}
	return text
}
