package cli_test

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/rogpeppe/go-internal/txtar"
)

// folder is the content of a folder, by the paths of its files.
type folder map[string]string

// dryInput is a folder of manifests of the suite.
type dryInput struct {
	name string
	// before is what is applied, with whatever lies beside it; each of later has other manifests in their place.
	before folder
	later  []folder
	env    map[string]string
}

// suite gives every folder of manifests that the examples and the tests of all packages have, each once: a folder of examples, a file of testdata, and the files of a script,
// of which those beside the manifests' folder take their place later on.
func suite(t *testing.T) []dryInput {
	t.Helper()
	var all []dryInput
	examples := map[string]folder{}
	for _, root := range []string{"../../examples", ".."} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(name, "testdata") && root == ".." {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, name)
			rel = filepath.ToSlash(rel)
			switch {
			case root != "..":
				top, below, _ := strings.Cut(rel, "/")
				if examples[top] == nil {
					examples[top] = folder{}
				}
				examples[top][below] = string(text)
			case strings.HasSuffix(name, ".yaml"):
				all = append(all, dryInput{name: rel, before: folder{"m.yaml": string(text)}})
			case strings.HasSuffix(name, ".txtar"):
				all = append(all, scriptInputs(rel, text)...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		all = append(all, dryInput{name: "examples/" + name, before: examples[name]})
	}
	return distinct(all)
}

// scriptInputs gives the folders of manifests of one script. They are run with the variables that the script sets first.
func scriptInputs(name string, text []byte) []dryInput {
	archive := txtar.Parse(text)
	env := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^env (.*)$`).FindAllSubmatch(archive.Comment, -1) {
		for _, word := range strings.Fields(string(found[1])) {
			name, value, _ := strings.Cut(word, "=")
			if _, said := env[name]; !said && value != "" && (!strings.HasPrefix(name, "MOKA") || name == "MOKASYNC_NOW" || name == "MOKASYNC_KEY") && name != "TERMINAL" && !strings.Contains(value, "$") {
				env[name] = value
			}
		}
	}
	folders, loose := map[string]folder{}, folder{}
	for _, f := range archive.Files {
		top, below, within := strings.Cut(path.Clean(f.Name), "/")
		switch {
		case within:
			if folders[top] == nil {
				folders[top] = folder{}
			}
			folders[top][below] = string(f.Data)
		case strings.HasSuffix(f.Name, ".yaml"):
			loose[f.Name] = string(f.Data)
		}
	}
	var all []dryInput
	for _, top := range slices.Sorted(maps.Keys(folders)) {
		in := dryInput{name: name + "/" + top, before: folders[top], env: env}
		for _, other := range slices.Sorted(maps.Keys(loose)) {
			later := maps.Clone(in.before)
			maps.DeleteFunc(later, func(name, _ string) bool { return isManifest(name) })
			later["m.yaml"] = loose[other]
			in.later = append(in.later, later)
		}
		all = append(all, in)
	}
	if len(folders) == 0 {
		for _, other := range slices.Sorted(maps.Keys(loose)) {
			all = append(all, dryInput{name: name + "/" + other, before: folder{"m.yaml": loose[other]}, env: env})
		}
	}
	return all
}

func isManifest(name string) bool {
	return (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")) && path.Base(name) != "mokasync.yaml"
}

// distinct leaves out what is there already, and what holds no manifest.
func distinct(all []dryInput) []dryInput {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(in dryInput) bool {
		key := fmt.Sprint(in.before, in.later, in.env["MOKASYNC_KEY"])
		empty := !slices.ContainsFunc(slices.Collect(maps.Keys(in.before)), isManifest)
		again := seen[key]
		seen[key] = true
		return again || empty
	})
}

// write makes a folder of it.
func (f folder) write(t *testing.T, at string) {
	t.Helper()
	for name, text := range f {
		file := filepath.Join(at, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readFolder reads what is at a place.
func readFolder(t *testing.T, at string) folder {
	t.Helper()
	f := folder{}
	for _, s := range snapshot(t, at) {
		if s.mode.IsRegular() {
			f[s.name] = s.text
		}
	}
	return f
}

// standing is what is seen of one file or folder.
type standing struct {
	name, text string
	mode       fs.FileMode
	moved      int64 // when it was changed last, in ns
}

// snapshot sees a folder with all that is below it: names, bytes, modes, times.
func snapshot(t *testing.T, at string) []standing {
	t.Helper()
	var all []standing
	err := filepath.WalkDir(at, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(at, name)
		if err != nil {
			return err
		}
		s := standing{name: filepath.ToSlash(rel), mode: info.Mode(), moved: info.ModTime().UnixNano()}
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			s.text = string(text)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// changed names what differs between two looks at a folder.
func changed(before, after []standing) []string {
	is := map[string]standing{}
	for _, s := range before {
		is[s.name] = s
	}
	var out []string
	for _, s := range after {
		was, there := is[s.name]
		delete(is, s.name)
		switch {
		case !there:
			out = append(out, s.name+" is new")
		case was.text != s.text:
			out = append(out, s.name+" has other bytes")
		case was != s:
			out = append(out, s.name+" was touched")
		}
	}
	for name := range is {
		out = append(out, name+" is gone")
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// restored puts back what was changed below a folder, and gives how it then is.
func restored(t *testing.T, root string, before []standing) []standing {
	t.Helper()
	was := map[string]standing{}
	for _, s := range before {
		was[s.name] = s
	}
	now := snapshot(t, root)
	if slices.Equal(now, before) {
		return before
	}
	for _, s := range now {
		if old, there := was[s.name]; !there {
			os.RemoveAll(filepath.Join(root, s.name)) // with what is in it
		} else if old.text == s.text {
			delete(was, s.name)
		}
	}
	for name, s := range was {
		if s.mode.IsRegular() {
			folder{name: s.text}.write(t, root)
		}
	}
	return snapshot(t, root)
}

// listed gives what one of Moka's lists holds.
func listed(t *testing.T, server *sandbox.Server, op string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, list := range callMoka(t, server, op, nil) {
		things, _ := list.([]any)
		for _, thing := range things {
			if members, ok := thing.(map[string]any); ok {
				out = append(out, members)
			}
		}
	}
	return out
}
