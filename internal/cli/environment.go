package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/spf13/cobra"
)

// Which environment of mokasync.yaml is in force, and what of it is meant beside flags and variables.

// addEnvironment gives --env to every command that takes PATHs or an endpoint.
func (a *app) addEnvironment(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if cmd.Flags().Lookup("endpoint") != nil || takesPaths(cmd) {
			cmd.Flags().StringVar(&a.flags.env, "env", "", "environment of mokasync.yaml: its endpoint, lockfile and manifests; also MOKASYNC_ENV")
			completeEnvironments(cmd)
		}
		a.addEnvironment(cmd)
	}
}

func takesPaths(cmd *cobra.Command) bool { return strings.Contains(cmd.Use, "[PATH…]") }

// completeEnvironments has the shell offer the environments of the working folder's project.
func completeEnvironments(cmd *cobra.Command) {
	err := cmd.RegisterFlagCompletionFunc("env", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		path, _ := projectOf(nil) // who runs the command is told what is wrong
		if file, _ := project.Load(path); file != nil {
			for _, e := range file.Environments {
				names = append(names, e.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that the command does not have: a mistake in this program
	}
}

// ownManifests refuses an environment whose manifests lie under another mokasync.yaml.
func (a *app) ownManifests(e *project.Environment) error {
	for _, p := range e.Manifests {
		other, err := projectOf([]string{p})
		if err != nil {
			return err
		}
		if other != "" && !samePath(other, a.project.file.Path) {
			return hinted(fmt.Errorf("the manifests %s of environment %s (%s) lie under another mokasync.yaml, %s", p, e.Name, e.At, other), "take the path out of the environment, or remove the other mokasync.yaml")
		}
	}
	return nil
}

// chooseEnvironment takes the environment that was asked for, or else the default one where no endpoint is said.
func (a *app) chooseEnvironment(cmd *cobra.Command, paths []string) (err error) {
	name, asked := a.flags.env, "--env "+a.flags.env
	if !cmd.Flags().Changed("env") {
		name = a.getenv("MOKASYNC_ENV")
		asked = "MOKASYNC_ENV=" + name
	} else if name == "" {
		return usageError(cmd, errors.New("--env needs the name of an environment"))
	}
	f := a.project.file
	switch {
	case name == "" && (f == nil || f.Default == "" || a.endpointSaid(cmd)):
		return nil
	case name == "":
		name, asked = f.Default, ""
	case f == nil:
		return hinted(fmt.Errorf("%s asks for an environment, and there is no %s in %s or above it", strings.SplitN(asked, "=", 2)[0], project.FileName, folderOf(paths)),
			"`mokasync init` writes one; without it say --endpoint")
	}
	a.project.env, err = f.Environment(name)
	a.project.asked = asked
	return err
}

// endpointSaid reports whether flag or variable names an endpoint.
func (a *app) endpointSaid(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup("endpoint")
	return flag != nil && flag.Value.String() != "" || a.getenv("MOKA_ENDPOINT") != ""
}

// pathsOr gives the PATHs, and where none is said those of the environment, or else the working folder.
func (a *app) pathsOr(args []string) []string {
	switch {
	case len(args) > 0:
		return args
	case a.project.env != nil && len(a.project.env.Manifests) > 0:
		return slices.Clone(a.project.env.Manifests)
	}
	return []string{"."}
}

// saidEndpoint gives the endpoint that is meant, "" for none, and where it was said. An environment that was asked for and another endpoint beside it are refused: either may be
// the slip, and a wrong guess would charge somebody.
func (a *app) saidEndpoint(flags targetFlags) (endpoint, from string, err error) {
	endpoint, from = flags.endpoint, "--endpoint"
	if endpoint == "" {
		endpoint, from = a.getenv("MOKA_ENDPOINT"), "MOKA_ENDPOINT"
	}
	e := a.project.env
	switch {
	case e == nil:
		return endpoint, from, nil
	case endpoint == "":
		return e.Endpoint, e.At, nil
	}
	name, err := project.EndpointName(endpoint)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", from, err)
	}
	if !sameEndpoint(endpoint, e.Endpoint) {
		return "", "", hinted(fmt.Errorf("%s means the endpoint %s (%s), and %s says %s", a.project.asked, e.Endpoint, e.At, from, name), "take one of the two away: which of them is meant is not guessed")
	}
	return endpoint, from, nil
}

// sameEndpoint compares two endpoints that are good. All hosts of Moka's own environments are one (moka-api 1.1).
func sameEndpoint(a, b string) bool {
	if a == b {
		return true
	}
	x, xURL, errX := moka.Endpoint(a)
	y, yURL, errY := moka.Endpoint(b)
	return errX == nil && errY == nil && x == y && (xURL == yURL || x == moka.Test || x == moka.Live)
}

// saidLockfile gives the lockfile that was named by flag, variable or environment, "" for none.
func (a *app) saidLockfile(flags targetFlags) (string, error) {
	if flags.lockfile != "" {
		return flags.lockfile, nil
	}
	path, e := a.getenv("MOKASYNC_LOCKFILE"), a.project.env
	if e == nil || e.Lockfile == "" {
		return path, nil
	}
	if path != "" && a.project.asked != "" && !samePath(path, e.Lockfile) {
		return "", hinted(fmt.Errorf("%s means the lockfile %s (%s), and MOKASYNC_LOCKFILE says %s", a.project.asked, e.Lockfile, e.At, path), "take one of the two away, or say --lockfile")
	}
	if path == "" {
		path = e.Lockfile
	}
	return path, nil
}

// describesAll reports whether the PATHs are all manifests of the environment's own lockfile.
func (t *target) describesAll(paths []string) bool {
	e := t.environment
	return e != nil && len(e.Manifests) > 0 && e.Lockfile != "" && samePath(t.store.Path, e.Lockfile) && slices.Equal(paths, e.Manifests)
}
