package project

import (
	"fmt"
	"os"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// UnknownEnvironmentError says that a file has no environment of a name.
type UnknownEnvironmentError struct {
	Name  string
	Path  string   // of the file
	Names []string // of the environments that it has
}

func (e *UnknownEnvironmentError) Error() string {
	name := "of that name"
	if environmentName.MatchString(e.Name) {
		name = fmt.Sprintf("%q", e.Name)
	}
	if len(e.Names) == 0 {
		return fmt.Sprintf("%s has no environment %s: it has none at all", e.Path, name)
	}
	guess := ""
	if near := spec.Nearest(e.Name, e.Names, 1); len(near) > 0 {
		guess = "; did you mean " + near[0] + "?"
	}
	return fmt.Sprintf("%s has no environment %s: there are %s%s", e.Path, name, strings.Join(e.Names, ", "), guess)
}

// Environment finds an environment by its name. The error is an *UnknownEnvironmentError.
func (f *File) Environment(name string) (*Environment, error) {
	for _, e := range f.Environments {
		if e.Name == name {
			return e, nil
		}
	}
	return nil, &UnknownEnvironmentError{Name: name, Path: f.Path, Names: f.names()}
}

func (f *File) names() []string {
	var names []string
	for _, e := range f.Environments {
		names = append(names, e.Name)
	}
	return names
}

// Settings gives what holds in an environment, and with nil what holds outside of all.
func (f *File) Settings(e *Environment) Settings {
	switch {
	case f == nil:
		return Settings{}
	case e == nil:
		return f.settings
	}
	return e.settings.over(f.settings)
}

// GuardsAt gives the guards at an endpoint, by its name, where the lockfile in force is not that of an environment in force. Guards follow the account and not the way it was named: those of every
// environment of that endpoint hold, the strictest of each.
func (f *File) GuardsAt(endpointName string) Guards {
	guards, found := f.Settings(nil).Guards, false
	if f == nil {
		return guards
	}
	for _, e := range f.Environments {
		if e.EndpointName != endpointName {
			continue
		}
		own := f.Settings(e).Guards
		if found {
			own = own.Strictest(guards)
		}
		guards, found = own, true
	}
	return guards
}

// Lockfiles gives the paths of the environments' own lockfiles.
func (f *File) Lockfiles() []string {
	if f == nil {
		return nil
	}
	var paths []string
	for _, e := range f.Environments {
		if e.Lockfile != "" {
			paths = append(paths, e.Lockfile)
		}
	}
	return paths
}

// Missing tells which manifests the environments name that are not there.
func (f *File) Missing() []spec.Diagnostic {
	if f == nil {
		return nil
	}
	var ds []spec.Diagnostic
	for _, e := range f.Environments {
		for i, path := range e.Manifests {
			if _, err := os.Stat(path); err != nil && i < len(e.manifests) {
				ds = append(ds, e.manifests[i])
			}
		}
	}
	return ds
}
