package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/project"
)

// written makes the names of what was written durable, and gives those that are to be put in place.
func (f *Folder) written() ([]string, error) {
	entries, err := os.ReadDir(f.at(newFolder))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			if err := syncFolder(f.at(newFolder, e.Name())); err != nil {
				return nil, err
			}
		}
		names = append(names, e.Name())
	}
	return names, syncFolder(f.at(newFolder))
}

// commit is the moment from which the import is finished by whoever comes.
func (f *Folder) commit(session *lockfile.Session, result *Result, entries []string) error {
	err := writeFile(f.at(lockFile), func(w io.Writer) error { _, err := session.Lock.WriteTo(w); return err })
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", f.at(lockFile), cause(err))
	}
	crashpoint.At("import-commit")
	f.Begun.Result, f.Begun.Entries = result, entries
	if err := f.writeMarker(f.Begun); err != nil {
		f.Begun.Result = nil
		return fmt.Errorf("cannot write %s: %w", f.at(markerFile), cause(err))
	}
	crashpoint.At("import-committed")
	return nil
}

// publish puts the manifests in place, and then the lockfile: manifests that no lockfile knows are taken over by an apply, a lockfile without its manifests would be full of orphans.
func (f *Folder) publish(session *lockfile.Session) error {
	if _, err := project.Ignore(f.Path); err != nil {
		return fmt.Errorf("%w; `mokasync import %s` finishes the import", err, f.Path)
	}
	for _, name := range f.Begun.Entries {
		if err := f.place(name); err != nil {
			return fmt.Errorf("%w; `mokasync import %s` finishes the import", err, f.Path)
		}
		crashpoint.At("import-placed")
	}
	if err := syncFolder(f.Path); err != nil {
		return err
	}
	if err := session.Save(); err != nil {
		return err
	}
	crashpoint.At("import-saved")
	if err := f.clear(); err != nil {
		return fmt.Errorf("all is imported, but %s cannot be removed: remove it (%w)", f.at(), cause(err))
	}
	return nil
}

// place moves one file or folder of manifests to where it belongs, unless a run before has.
func (f *Folder) place(name string) error {
	from, to := f.at(newFolder, name), filepath.Join(f.Path, name)
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is in the way: move it away", to)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("cannot write %s: %w", to, cause(err))
	}
	return nil
}

// finish puts in place what an import that died had written.
func (f *Folder) finish(o Options) (*Result, error) {
	text, err := os.ReadFile(f.at(lockFile))
	made := false
	var lock *lockfile.Lock
	switch {
	case err == nil:
		if lock, err = lockfile.Parse(f.at(lockFile), text, o.Store.Key); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("cannot read %s: %w", f.at(lockFile), cause(err))
	default: // it died at the very end, when the lockfile stood already
		lock = o.Fresh()
	}
	session, err := o.Store.Begin(o.Command, o.Now, func() *lockfile.Lock { made = true; return lock })
	if err != nil {
		return nil, err
	}
	defer session.End()
	var there bytes.Buffer
	session.Lock.WriteTo(&there) // a buffer takes everything
	f.Begun.Result.KeptLockfile = !made && text != nil && !bytes.Equal(there.Bytes(), text)
	return f.Begun.Result, f.publish(session)
}
