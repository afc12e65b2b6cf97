package cli

import (
	"fmt"
	"slices"

	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

// What mokasync.yaml says about an account holds however the account was named: by an environment, by an endpoint, by a lockfile, or through a symbolic link.

// holdTogether sees that environment, endpoint and lockfile of a target belong together, and gives it the settings that hold there.
func (a *app) holdTogether(t *target) error {
	if err := a.ownLockfile(t); err != nil {
		return err
	}
	if err := a.onlyLockfile(t); err != nil {
		return err
	}
	t.settings = a.project.file.Settings(a.project.env)
	if e := a.project.env; e == nil || t.lockfileSaid && !samePath(t.store.Path, e.Lockfile) {
		t.settings.Guards = a.project.file.GuardsAt(t.name)
		t.settings.Policies = a.project.file.PoliciesAt(t.name)
	}
	if err := a.guardLockfile(t); err != nil {
		return err
	}
	a.readTogether(t)
	return nil
}

// ownLockfile refuses an environment with the lockfile of another one: what its manifests do not describe would look gone, and guards would not be those of the account.
func (a *app) ownLockfile(t *target) error {
	own := a.project.env
	if own == nil {
		return nil
	}
	for _, e := range a.project.file.Environments {
		if e == own || e.Lockfile == "" || !samePath(e.Lockfile, t.store.Path) {
			continue
		}
		err := fmt.Errorf("the lockfile %s is that of environment %s (%s), and the environment is %s (%s)", t.store.Path, e.Name, e.At, own.Name, own.At)
		if !t.lockfileSaid || own.Lockfile != "" && samePath(own.Lockfile, t.store.Path) {
			return hinted(err, "give %s a lockfile of its own in %s", own.Name, a.project.file.Path)
		}
		return hinted(err, "say --env %s, or leave out the lockfile (--lockfile, MOKASYNC_LOCKFILE)", e.Name)
	}
	return nil
}

// onlyLockfile notices that a second lockfile of an endpoint would begin, since no environment was said: what the first one knows would look new, and be made again.
func (a *app) onlyLockfile(t *target) error {
	if a.project.file == nil || a.project.env != nil || t.lockfileSaid || begun(t.store.Path) {
		return nil
	}
	for _, e := range a.project.file.Environments {
		if e.EndpointName != t.name || e.Lockfile == "" || !begun(e.Lockfile) {
			continue
		}
		what := fmt.Sprintf("environment %s (%s) of the endpoint %s has the lockfile %s, which is not used here: what it knows looks new", e.Name, e.At, t.name, e.Lockfile)
		if a.project.command == "apply" {
			return hinted(fmt.Errorf("%s, and a second lockfile would begin", what), "say --env %s, or --lockfile FILE", e.Name)
		}
		a.warn("%s; say --env %s, or --lockfile FILE", what, e.Name)
		return nil
	}
	return nil
}

// guardLockfile adds the guards and policies of another mokasync.yaml above the lockfile: of each guard the strictest holds, and every policy.
func (a *app) guardLockfile(t *target) error {
	path, err := projectAbove(lockfileFolders(t.store.Path))
	if err != nil || path == "" || a.project.file != nil && samePath(path, a.project.file.Path) {
		return err
	}
	file, mistakes := project.Load(path)
	if spec.HasErrors(mistakes) {
		return hinted(fmt.Errorf("%s, above the lockfile %s, has mistakes: which guards hold is not known", path, t.store.Path), "`mokasync validate %s` tells them", path)
	}
	t.beside = file
	t.settings.Guards = t.settings.Guards.Strictest(file.GuardsAt(t.name))
	t.settings.Policies = slices.Concat(t.settings.Policies, file.PoliciesAt(t.name))
	return nil
}
