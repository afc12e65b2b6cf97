package spec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// root is one PATH of the command line.
type root struct {
	path   string
	folder bool
	// excused: nothing was read under it for a reason that is said elsewhere, or is none to complain of.
	excused bool
}

// finder turns PATHs into the files to read.
type finder struct {
	stdin   io.Reader
	sources []*source
	skipped []Diagnostic
	folders []string
	// projects are the mokasync.yaml that were met.
	projects []string
	roots    []root
	seen     map[string]bool // real paths
}

// ignoreFile lists what a folder's reading passes over.
const ignoreFile = ".mokasyncignore"

// projectFile holds settings, and no manifests.
const projectFile = "mokasync.yaml"

// passedOver reports whether a file of this name in a folder is no manifest of ours, whatever it holds.
func passedOver(name string) bool {
	return strings.HasPrefix(name, ".") || name == projectFile || name == "kustomization.yaml"
}

// isManifestName reports whether a file found in a folder is read.
func isManifestName(name string) bool {
	ext := filepath.Ext(name)
	return strings.EqualFold(ext, ".yaml") || strings.EqualFold(ext, ".yml")
}

func (f *finder) add(ctx context.Context, i int, path string) {
	f.roots = append(f.roots, root{path: path})
	here := &source{path: path, root: i}
	if path == "-" {
		if f.once("-") {
			here.readFrom(f.stdin)
			f.sources = append(f.sources, here)
		}
		return
	}
	f.sources = append(f.sources, here)
	info, err := os.Stat(path)
	if err != nil {
		here.fail(0, "%s", unreadable(err))
		return
	}
	real := realPath(path)
	if !info.IsDir() {
		f.addNamed(here, real)
		return
	}
	f.roots[i].folder = true
	f.folders = append(f.folders, path)
	f.walk(ctx, folder{path: path, real: real, root: i})
}

// addNamed takes a file that was named itself: it is read whatever its name ends with.
func (f *finder) addNamed(src *source, real string) {
	if name := filepath.Base(src.path); name == projectFile || name == "kustomization.yaml" {
		if name == projectFile {
			f.projects = append(f.projects, src.path)
		}
		f.skipped = append(f.skipped, Diagnostic{Severity: Info, File: src.path, Message: "passed over: a " + name + " holds no manifests"})
		f.roots[src.root].excused = true
		return
	}
	if f.once(real) {
		src.lazy = true
		return
	}
	f.roots[src.root].excused = true
}

// once reports whether real was not met before.
func (f *finder) once(real string) bool {
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	if f.seen[real] {
		f.roots[len(f.roots)-1].excused = true
		return false
	}
	f.seen[real] = true
	return true
}

// folder is one folder on a walk.
type folder struct {
	path, real string // as given, and without links
	rel        string // below the PATH, with slashes, "" for itself
	root       int
	ignore     *ignoreList
}

// walk reads a folder in the order of names. Links to files are followed, links to folders are not, so that it always ends.
func (f *finder) walk(ctx context.Context, d folder) {
	if ctx.Err() != nil {
		return
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		src := &source{path: d.path, root: d.root}
		src.fail(0, "%s", unreadable(err))
		f.sources = append(f.sources, src)
		return
	}
	if text, err := os.ReadFile(filepath.Join(d.path, ignoreFile)); err == nil {
		d.ignore = d.ignore.with(d.rel, string(text))
	}
	for _, e := range entries {
		f.entry(ctx, d, e)
	}
}

func (f *finder) entry(ctx context.Context, d folder, e fs.DirEntry) {
	name := e.Name()
	if name == projectFile && !e.IsDir() && !d.ignore.matches(joinRel(d.rel, name), false) {
		f.projects = append(f.projects, joinGiven(d.path, name))
	}
	if passedOver(name) {
		return
	}
	rel := joinRel(d.rel, name)
	path, real := joinGiven(d.path, name), filepath.Join(d.real, name)
	switch {
	case e.IsDir():
		if !d.ignore.matches(rel, true) {
			f.walk(ctx, folder{path: path, real: real, rel: rel, root: d.root, ignore: d.ignore})
		}
	case d.ignore.matches(rel, false):
	case e.Type()&fs.ModeSymlink != 0:
		f.link(d, path, name)
	case e.Type().IsRegular() && isManifestName(name) && f.once(real):
		f.sources = append(f.sources, &source{path: path, root: d.root, lazy: true})
	}
}

func joinRel(rel, name string) string {
	if rel == "" {
		return name
	}
	return rel + "/" + name
}

// link follows a symbolic link to a file; of one to a folder it says that it does not.
func (f *finder) link(d folder, path, name string) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		f.skipped = append(f.skipped, Diagnostic{Severity: Info, File: path, Message: "passed over: a link to a folder is not followed; give it as a PATH to read it"})
	case !isManifestName(name):
	case err != nil:
		src := &source{path: path, root: d.root}
		src.fail(0, "the link leads nowhere (%s); mend or remove it", unreadable(err))
		f.sources = append(f.sources, src)
	case info.Mode().IsRegular() && f.once(realPath(path)):
		f.sources = append(f.sources, &source{path: path, root: d.root, lazy: true})
	}
}

// joinGiven keeps the spelling of the PATH: "./m" gives "./m/x.yaml". Only "." itself is left out.
func joinGiven(dir, name string) string {
	if dir == "." {
		return name
	}
	if strings.HasSuffix(dir, "/") || os.IsPathSeparator(dir[len(dir)-1]) {
		return dir + name
	}
	return dir + string(filepath.Separator) + name
}

// realPath gives an absolute path without links, or the best there is.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}

// unreadable says in words why a file or folder cannot be read.
func unreadable(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder; check the PATH"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied; change its permissions"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Sprintf("cannot be read: %v", err)
}

// nothingFound is the mistake of a PATH under which there is no manifest. passed counts the documents of other tools.
func nothingFound(r root, passed int) Diagnostic {
	d := Diagnostic{Severity: Error, File: r.path}
	switch {
	case passed == 1:
		d.Message = "no manifest in it: its one document belongs to another tool (its apiVersion is not " + APIVersion + ")"
	case passed > 1:
		d.Message = fmt.Sprintf("no manifest in it: its %d documents belong to other tools (their apiVersion is not %s)", passed, APIVersion)
	case r.folder:
		d.Message = "no manifest in this folder or below it: looked for *.yaml and *.yml with apiVersion: " + APIVersion
	case r.path == "-":
		d.Message = "standard input is empty: no manifest came"
	default:
		d.Message = "no manifest in this file: it should begin with apiVersion: " + APIVersion
	}
	return d
}
