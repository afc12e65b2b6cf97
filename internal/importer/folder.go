package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/project"
)

// Folder is the folder into which is imported. While an import is under way it holds another, in which everything is written first:
//
//	.mokasync-import/import.json   what is imported, and from the commit on what is to be put in place
//	.mokasync-import/new/…         the manifests
//	.mokasync-import/lock          the lockfile
//
// Its name begins with a point: nobody reads what is in it as manifests.
type Folder struct {
	Path string
	// Begun is the import that was begun here and not finished, nil for none.
	Begun *Begun
}

// Begun is what is known of an import that is under way.
type Begun struct {
	Endpoint string   `json:"endpoint"`
	Dealer   string   `json:"dealer"`
	Lockfile string   `json:"lockfile,omitempty"` // where it was named: its absolute path
	Layout   Layout   `json:"layout"`
	Kinds    []string `json:"kinds,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	// Result is what was done, once all is written and only has to be put in place; Entries are the files and folders for that.
	Result  *Result  `json:"result,omitempty"`
	Entries []string `json:"entries,omitempty"`
}

// Written reports whether all is written and only has to be put in place: Moka is not needed for that.
func (b *Begun) Written() bool { return b != nil && b.Result != nil }

const (
	stage      = ".mokasync-import"
	markerFile = "import.json"
	newFolder  = "new"
	lockFile   = "lock"
)

// NotEmptyError says that a folder holds something that is none of an unfinished import.
type NotEmptyError struct {
	Folder, Name string
	// Unfinished: it lies beside an import that was begun.
	Unfinished bool
}

func (e *NotEmptyError) Error() string {
	if e.Unfinished {
		return fmt.Sprintf("%s holds %s beside an import that was begun there", e.Folder, e.Name)
	}
	return fmt.Sprintf("%s is not empty: it holds %s", e.Folder, e.Name)
}

// ours are files that do not make a folder full: the guards, and what the embedded sandbox keeps, whose data is the account that is imported.
var ours = regexp.MustCompile(`^mokasync\.(.+\.lock\.guard|sandbox\.data(\.guard)?)$`)

// Open looks at a folder, which need not be there, and touches nothing. What git and `mokasync init` have put there does not make it full. The error is a *NotEmptyError if nothing can be imported into it.
func Open(path string) (*Folder, error) {
	f := &Folder{Path: path}
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	if f.Begun, err = f.readMarker(); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if name := e.Name(); name != stage && !ours.MatchString(name) && !project.Begun(name) && !f.Begun.Written() {
			return nil, &NotEmptyError{path, name, f.Begun != nil}
		}
	}
	return f, nil
}

func (f *Folder) at(names ...string) string {
	return filepath.Join(append([]string{f.Path, stage}, names...)...)
}

func (f *Folder) readMarker() (*Begun, error) {
	text, err := os.ReadFile(f.at(markerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var b Begun
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s, which an unfinished import left (%w): remove the folder %s and import again", f.at(markerFile), cause(err), f.at())
	}
	return &b, nil
}

// writeMarker replaces the marker, durably: afterwards it is the old one or the new one, whatever dies.
func (f *Folder) writeMarker(b *Begun) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	temporary := f.at(markerFile + ".tmp")
	if err := os.WriteFile(temporary, append(text, '\n'), fileMode); err != nil {
		return err
	}
	if err := syncFile(temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, f.at(markerFile)); err != nil {
		return err
	}
	return syncFolder(f.at())
}

// clear takes away what an import that died before its commit has written, or this one. The marker goes last.
func (f *Folder) clear() error {
	for _, name := range []string{newFolder, lockFile, markerFile + ".tmp", markerFile} {
		if err := os.RemoveAll(f.at(name)); err != nil {
			return err
		}
	}
	if err := os.Remove(f.at()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(f.Path)
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncFolder(name string) error { return lockfile.OS{}.SyncDir(name) }

// cause drops the path from a *PathError: our messages name it themselves.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
