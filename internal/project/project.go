// Package project reads mokasync.yaml, the settings that a merchant keeps beside the manifests, and writes a first one.
//
// A file names environments (which endpoint, lockfile and manifests belong together), defaults of flags, guards, readings of what is open about charges, and policies; docs/project.md tells of every key.
// read.go reads it, defaults.go, guards.go, readings.go and policies.go hold what may be said there, inside.go finds places inside of a value, environment.go what holds for a run; init.go writes a first project.
package project

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
)

// FileName is the name of the file, in the manifests' folder or above it.
const FileName = "mokasync.yaml"

// File is one mokasync.yaml. A nil *File stands for none: it has no environments, and its settings are what holds without one.
type File struct {
	// Path is the file's path as it was found.
	Path string
	// Environments in the order in which they stand in the file.
	Environments []*Environment
	// Default names the environment of a command that says none, "" for none.
	Default string

	settings Settings
}

// Environment is an endpoint with what belongs to it.
type Environment struct {
	Name string
	// Endpoint as the file says it: sandbox, test, live, or a base URL. EndpointName is the name under which it is known: sandbox, test, live, or host_port.
	Endpoint, EndpointName string
	// Lockfile is its path, "" for the endpoint's own name beside the manifests. Manifests are the PATHs, none for what the command line says. Both begin at the file's folder.
	Lockfile  string
	Manifests []string
	// At is where the file names it, path:line:column.
	At string

	settings  Settings
	manifests []spec.Diagnostic // one for each of Manifests, told if it is not there
	// place and lockfile tell at the environment's name and lockfile what another environment has too.
	place, lockfile spec.Diagnostic
}

// Said is a value with the place at which a file says it, path:line:column. The zero Said says nothing.
type Said[T any] struct {
	Value T
	At    string
}

// or gives what is said, and where nothing is, what base says.
func (s Said[T]) or(base Said[T]) Said[T] {
	if s.At == "" {
		return base
	}
	return s
}

// Settings steer a run; the zero value is what holds where no file says anything.
type Settings struct {
	// UpdateSale is full or changed; "" means full.
	UpdateSale Said[string]
	// Defaults are values of flags, as they would be typed, by the flags' names.
	Defaults map[string]Said[string]
	Guards   Guards
	// Readings say how what Moka's documentation leaves open about charges is read.
	Readings Readings
	// Policies are a merchant's own: those of an environment come after those of the project, and hold with them.
	Policies []policy.Rule
}

// UpdateChanged reports whether UpdateSale sends the changed members only, for merchants who have tried at Moka that it keeps the others (moka-api 4.2). Otherwise every
// member is sent.
func (s Settings) UpdateChanged() bool { return s.UpdateSale.Value == "changed" }

// over lays settings over others, key by key.
func (s Settings) over(base Settings) Settings {
	out := Settings{UpdateSale: s.UpdateSale.or(base.UpdateSale), Defaults: map[string]Said[string]{}, Guards: s.Guards.over(base.Guards), Readings: s.Readings.over(base.Readings),
		Policies: slices.Concat(base.Policies, s.Policies)}
	for _, layer := range []Settings{base, s} {
		for flag, value := range layer.Defaults {
			out.Defaults[flag] = value
		}
	}
	return out
}

// Find gives the path of the nearest settings among folders, "" if there are none.
func Find(folders []string) string {
	for _, folder := range folders {
		if name := filepath.Join(folder, FileName); Holds(name) {
			return name
		}
	}
	return ""
}

// Holds reports whether there is a file at path.
func Holds(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
