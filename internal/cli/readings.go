package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/project"
)

// Guards in money and policies rest on how charges are read, so that readings follow the account as those do, however it was named.

// readings are those of the account that is meant, or else of the environment in force.
func (a *app) readings() project.Readings {
	if a.project.readings != nil {
		return *a.project.readings
	}
	return a.project.file.Settings(a.project.env).Readings
}

// readTogether gives a target the readings that hold there. Where files or environments read differently, and something that may refuse rests on it, no plan is made: t.unclear says why.
func (a *app) readTogether(t *target) {
	own, err := a.readingsIn(a.project.file, t)
	if t.beside != nil {
		beside, errBeside := a.readingsIn(t.beside, t)
		switch {
		case a.project.file == nil:
			own = beside
		case err == nil && errBeside == nil && own.Reading() != beside.Reading():
			errBeside = fmt.Errorf("%s and %s, above the lockfile, have different readings", a.project.file.Path, t.beside.Path)
		}
		err = errors.Join(err, errBeside)
	}
	t.settings.Readings = own
	a.project.readings = &t.settings.Readings
	if err != nil && t.settings.RestsOnReadings() {
		t.unclear = a.whichReadings(err)
	}
}

// readingsIn gives the readings of a file at a target: of the environment in force, or of the one whose lockfile it is, or of the endpoint.
func (a *app) readingsIn(file *project.File, t *target) (project.Readings, error) {
	if file == nil {
		return nil, nil
	}
	if e := a.project.env; e != nil && file == a.project.file && !(t.lockfileSaid && !samePath(t.store.Path, e.Lockfile)) {
		return file.Settings(e).Readings, nil
	}
	for _, e := range file.Environments {
		if e.EndpointName == t.name && e.Lockfile != "" && samePath(e.Lockfile, t.store.Path) {
			return file.Settings(e).Readings, nil
		}
	}
	return file.ReadingsAt(t.name)
}

// whichReadings says what to do where readings differ.
func (a *app) whichReadings(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	said := errors.New(first + ": by which of them guards and policies judge is not guessed")
	var differ *project.DifferentReadingsError
	switch {
	case !errors.As(err, &differ):
		return hinted(said, "write the same readings into both")
	case a.project.env != nil:
		return hinted(said, "leave out the lockfile (--lockfile, MOKASYNC_LOCKFILE), or write the same readings into both")
	}
	return hinted(said, "say --env %s or --env %s, or write the same readings into both", differ.A.Name, differ.B.Name)
}
