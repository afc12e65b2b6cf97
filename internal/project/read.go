package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

const kindName = "Project"

// environmentName is what an environment may be called; word what of a key that is not known is shown.
var (
	environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	word            = regexp.MustCompile(`^[A-Za-z-][A-Za-z-]{0,39}$`)
)

// Load reads the file at path, "" giving nil. All mistakes come in one run, each at its place, ordered by line and column; every one of them is an error. With mistakes the
// file holds what could be read, which is nothing to go by.
func Load(path string) (*File, []spec.Diagnostic) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return &File{Path: path}, []spec.Diagnostic{{Severity: spec.Error, File: path, Message: "cannot be read: " + cause(err).Error()}}
	}
	return Parse(path, data)
}

// Parse reads a file's text; path is for messages, and relative paths in it begin at path's folder.
func Parse(path string, data []byte) (*File, []spec.Diagnostic) {
	r := &reader{file: &File{Path: path}, lines: bytes.Split(data, []byte("\n")), shown: map[*yaml.Node]bool{}, seen: map[string][]string{}, names: map[*[]policy.Rule][]*yaml.Node{}}
	r.read(data)
	slices.SortStableFunc(r.ds, func(a, b spec.Diagnostic) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.file, r.ds
}

func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

type reader struct {
	file  *File
	ds    []spec.Diagnostic
	lines [][]byte
	root  *yaml.Node
	shown map[*yaml.Node]bool // keys and values that are harmless to show
	seen  map[string][]string // the keys of each mapping that was read, for the tests
	// defaultAt is where defaultEnvironment stands.
	defaultAt *yaml.Node
	// names are those of the policies of a list, with their places.
	names map[*[]policy.Rule][]*yaml.Node
}

func (r *reader) read(data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := decoder.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		r.whole("it is empty: write apiVersion: %s and kind: %s first", spec.APIVersion, kindName)
		return
	case err != nil:
		r.syntax(data)
		return
	}
	r.root = doc.Content[0]
	r.project(r.root)
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.errorf(second.Content[0], "a second document: one file holds one %s", kindName)
	case !errors.Is(err, io.EOF):
		r.syntax(data)
	}
}

func (r *reader) whole(format string, args ...any) {
	r.ds = append(r.ds, spec.Diagnostic{Severity: spec.Error, File: r.file.Path, Message: fmt.Sprintf(format, args...)})
}

// syntax tells where and why a text is no YAML.
func (r *reader) syntax(text []byte) {
	d := spec.Diagnostic{Severity: spec.Error, File: r.file.Path}
	d.Line, d.Column, d.Message = spec.SyntaxMistake(text)
	r.ds = append(r.ds, d)
}

func (r *reader) at(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", r.file.Path, n.Line, n.Column)
}

func (r *reader) project(n *yaml.Node) {
	var version, kind bool
	r.each(n, "", map[string]func(*yaml.Node){
		"apiVersion": func(v *yaml.Node) { version = true; r.word(v, nil, spec.APIVersion) },
		"kind":       func(v *yaml.Node) { kind = true; r.word(v, nil, kindName) },
		"metadata":   r.metadata,
		"spec":       r.spec,
	})
	if n.Kind == yaml.MappingNode && !(version && kind) {
		r.errorf(n, "apiVersion or kind is missing: write apiVersion: %s and kind: %s first", spec.APIVersion, kindName)
	}
	r.together()
}

// metadata is let be: other tools put things there.
func (r *reader) metadata(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "write a mapping of key: value here")
	}
}

func (r *reader) spec(n *yaml.Node) {
	known := r.settings(&r.file.settings)
	known["environments"] = r.environments
	known["defaultEnvironment"] = func(v *yaml.Node) {
		if v = r.scalar(v, "the name of an environment", "!!str", "!!int"); v != nil {
			r.file.Default, r.defaultAt = v.Value, v
		}
	}
	r.each(n, "spec", known)
}

// settings are the keys that a project and an environment have.
func (r *reader) settings(s *Settings) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"updateSale": func(v *yaml.Node) { r.word(v, &s.UpdateSale, "full", "changed") },
		"defaults":   func(v *yaml.Node) { r.defaults(v, &s.Defaults) },
		"guards":     func(v *yaml.Node) { r.guards(v, &s.Guards) },
		"readings":   func(v *yaml.Node) { r.readings(v, &s.Readings) },
		"policies":   func(v *yaml.Node) { r.policies(v, &s.Policies) },
	}
}

func (r *reader) environments(n *yaml.Node) {
	n = r.mapping(n)
	if n == nil {
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || !environmentName.MatchString(key.Value):
			r.errorf(key, "an environment's name consists of letters, digits and . _ -, begins with a letter or digit, and has no more than 63 characters")
			continue
		case seen[key.Value]:
			r.shown[key] = true
			r.errorf(key, "%s stands here twice", key.Value)
			continue
		}
		seen[key.Value], r.shown[key] = true, true
		e := &Environment{Name: key.Value, At: r.at(key), place: r.place(key)}
		r.file.Environments = append(r.file.Environments, e)
		r.environment(key, value, e)
	}
}

func (r *reader) environment(key, n *yaml.Node, e *Environment) {
	endpoint := false
	known := r.settings(&e.settings)
	known["endpoint"] = func(v *yaml.Node) { endpoint = true; r.endpoint(v, e) }
	known["lockfile"] = func(v *yaml.Node) {
		e.Lockfile = r.path(v)
		e.lockfile = r.place(v)
	}
	known["manifests"] = func(v *yaml.Node) { r.manifests(v, e) }
	if r.each(n, "environment", known) >= 0 && !endpoint {
		r.errorf(key, "environment %s has no endpoint: say sandbox, test, live, or a base URL", e.Name)
	}
}

func (r *reader) endpoint(n *yaml.Node, e *Environment) {
	v := r.scalar(n, "sandbox, test, live, or a base URL", "!!str")
	if v == nil {
		return
	}
	delete(r.shown, v) // until it is seen to hold no password
	name, err := EndpointName(v.Value)
	if err != nil {
		guess := ""
		if near := spec.Nearest(v.Value, []string{"sandbox", moka.Test, moka.Live}, 1); len(near) > 0 {
			guess = "; did you mean " + near[0] + "?"
		}
		r.errorf(v, "%v%s", err, guess)
		return
	}
	r.shown[v] = true
	e.Endpoint, e.EndpointName = v.Value, name
}

// EndpointName gives the name under which an endpoint is known: sandbox, test, live, or host_port. The errors show nothing of what was said.
func EndpointName(endpoint string) (string, error) {
	if endpoint == "sandbox" {
		return endpoint, nil
	}
	name, _, err := moka.Endpoint(endpoint)
	return name, err
}

func (r *reader) manifests(n *yaml.Node, e *Environment) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		r.errorf(n, "write a list of files and folders, such as [billing]")
		return
	}
	for _, item := range n.Content {
		if path := r.path(item); path != "" {
			e.Manifests = append(e.Manifests, path)
			d := r.place(item)
			d.Message = "there is no such file or folder; the path begins at the folder of " + FileName
			e.manifests = append(e.manifests, d)
		}
	}
}

// path reads a path, which begins at the file's folder unless it is absolute. "" after a mistake.
func (r *reader) path(n *yaml.Node) string {
	v := r.scalar(n, "a path", "!!str")
	switch {
	case v == nil:
		return ""
	case v.Value == "" || v.Value == "-" || strings.ContainsFunc(v.Value, func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 }):
		r.errorf(v, "write a path: not empty, not -, and without control characters")
		return ""
	}
	path := filepath.FromSlash(v.Value)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file.Path), path)
}

// together judges what the parts say together.
func (r *reader) together() {
	if n := r.defaultAt; n != nil && !slices.Contains(r.file.names(), r.file.Default) {
		guess := near(r.file.Default, r.file.names())
		if len(r.file.Environments) == 0 {
			guess = ": there is none"
		}
		r.errorf(n, "environments has no such name%s", guess)
	}
	r.apartPolicies()
	for i, e := range r.file.Environments {
		for _, before := range r.file.Environments[:i] {
			r.apart(before, e)
		}
	}
}

// apart refuses two environments with one lockfile: what the one does not describe would look to the other as if it had left the manifests.
func (r *reader) apart(a, b *Environment) {
	switch {
	case b.Lockfile != "" && b.Lockfile == a.Lockfile:
		d := b.lockfile
		d.Message = fmt.Sprintf("environment %s has this lockfile too: what one does not describe would look gone to the other", a.Name)
		r.ds = append(r.ds, d)
	case a.Lockfile == "" && b.Lockfile == "" && a.EndpointName != "" && a.EndpointName == b.EndpointName:
		d := b.place
		d.Message = fmt.Sprintf("environments %s and %s have one endpoint: give one of them a lockfile of its own", a.Name, b.Name)
		r.ds = append(r.ds, d)
	}
}
