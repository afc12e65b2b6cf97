// Package project reads mokasync.yaml, the settings that a merchant keeps beside the manifests.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// FileName is the name of the file, in the manifests' folder or above it.
const FileName = "mokasync.yaml"

// Settings are what the file says; the zero value is what holds without one.
type Settings struct {
	// UpdateChanged: UpdateSale sends the changed members only, for merchants who have tried at Moka that it keeps the others (moka-api 4.2). Otherwise every member is sent.
	UpdateChanged bool
}

// Find gives the path of the nearest settings among folders, "" if there are none.
func Find(folders []string) string {
	for _, folder := range folders {
		name := filepath.Join(folder, FileName)
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			return name
		}
	}
	return ""
}

// Load reads the settings at path; "" gives those that hold without a file. The errors name file, line and column.
func Load(path string) (Settings, error) {
	if path == "" {
		return Settings{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return Settings{}, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := &reader{path: path}
	if doc.Kind == 0 {
		return Settings{}, fmt.Errorf("%s is empty: it begins with apiVersion: mokasync/v1 and kind: Project", path)
	}
	return r.project(doc.Content[0])
}

func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

type reader struct{ path string }

func (r *reader) errorf(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", r.path, n.Line, n.Column, fmt.Sprintf(format, args...))
}

func (r *reader) project(n *yaml.Node) (s Settings, err error) {
	var version, kind bool
	err = r.each(n, map[string]func(*yaml.Node) error{
		"apiVersion": func(v *yaml.Node) error { version = true; return r.word(v, "mokasync/v1") },
		"kind":       func(v *yaml.Node) error { kind = true; return r.word(v, "Project") },
		"metadata":   func(*yaml.Node) error { return nil },
		"spec":       func(v *yaml.Node) error { return r.spec(v, &s) },
	})
	if err == nil && !(version && kind) {
		err = r.errorf(n, "it begins with apiVersion: mokasync/v1 and kind: Project")
	}
	return s, err
}

func (r *reader) spec(n *yaml.Node, s *Settings) error {
	return r.each(n, map[string]func(*yaml.Node) error{
		"updateSale": func(v *yaml.Node) error {
			s.UpdateChanged = v.Value == "changed"
			return r.word(v, "full", "changed")
		},
	})
}

// each hands a mapping's values to those who know their keys; each key may stand once.
func (r *reader) each(n *yaml.Node, known map[string]func(*yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return r.errorf(n, "a mapping of key: value stands here")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read := known[key.Value]
		switch {
		case read == nil:
			return r.errorf(key, "%s is not known here", key.Value)
		case seen[key.Value]:
			return r.errorf(key, "%s stands here twice", key.Value)
		}
		seen[key.Value] = true
		if err := read(value); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) word(n *yaml.Node, allowed ...string) error {
	for _, w := range allowed {
		if n.Kind == yaml.ScalarNode && n.Value == w {
			return nil
		}
	}
	return r.errorf(n, "this is %s", strings.Join(allowed, " or "))
}
