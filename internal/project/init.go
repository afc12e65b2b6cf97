package project

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/mokasync/mokasync/schemas"
)

//go:embed start
var start embed.FS

// FirstManifest is the manifest of a new project, below its folder.
const FirstManifest = "billing/first.yaml"

// InTheWayError says which files a new project would overwrite.
type InTheWayError struct{ Names []string }

func (e *InTheWayError) Error() string {
	return "nothing was written: " + strings.Join(e.Names, ", ") + " would be overwritten"
}

// Written is one file of a new project. Added says that lines were added to a file that was there.
type Written struct {
	Name  string // below the project's folder, with slashes
	Added bool
}

// newFile is a file that a new project has.
type newFile struct {
	name string
	data []byte
}

// Init writes a new project into a folder: mokasync.yaml, a first manifest whose dates lie after today (YYYY-MM-DD), the schemas that editors check them by, and what git is to know.
// A file that is there already is not overwritten: the error is an *InTheWayError then, and nothing is written. mokasync.yaml is written last; what fails on the way is taken back.
func Init(folder, today string) ([]Written, error) {
	files, err := newFiles(today)
	if err != nil {
		return nil, err
	}
	in := initing{folder: folder}
	if err := in.look(files); err != nil {
		return nil, err
	}
	if err := in.write(files); err != nil {
		return nil, errors.Join(err, in.takeBack())
	}
	return in.written, nil
}

func newFiles(today string) ([]newFile, error) {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return nil, err
	}
	begin := time.Date(day.Year(), day.Month(), 15, 0, 0, 0, 0, time.UTC)
	for begin.Before(day.AddDate(0, 0, 7)) { // so that there is time to look around before the first payment is due
		begin = begin.AddDate(0, 1, 0)
	}
	dates := struct{ Begin, End string }{begin.Format(time.DateOnly), begin.AddDate(1, 0, 0).Format(time.DateOnly)}
	first, err := fill("start/first.yaml", dates)
	if err != nil {
		return nil, err
	}
	settings, err := fill("start/"+FileName, dates)
	if err != nil {
		return nil, err
	}
	return []newFile{
		{".mokasync/project.schema.json", schemas.For(schemas.Project)},
		{".mokasync/mokasync.schema.json", schemas.All()},
		{FirstManifest, first},
		{FileName, settings},
	}, nil
}

func fill(name string, dates any) ([]byte, error) {
	page, err := template.ParseFS(start, name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, dates)
	return out.Bytes(), err
}

// initing is one Init under way.
type initing struct {
	folder  string
	written []Written
	// undo takes back what was done, the last first.
	undo []func() error
}

func (in *initing) at(name string) string { return filepath.Join(in.folder, filepath.FromSlash(name)) }

// look refuses what would be overwritten. A file that holds the same bytes already is none: an Init that was killed has left it.
func (in *initing) look(files []newFile) error {
	var names []string
	for _, f := range files {
		_, err := os.Lstat(in.at(f.name))
		have, readErr := os.ReadFile(in.at(f.name))
		if err == nil && (f.name == FileName || readErr != nil || !bytes.Equal(have, f.data)) {
			names = append(names, f.name)
		}
	}
	if len(names) > 0 {
		return &InTheWayError{names}
	}
	return nil
}

func (in *initing) write(files []newFile) error {
	last := len(files) - 1
	for _, f := range files[:last] {
		if err := in.create(f); err != nil {
			return err
		}
	}
	if err := in.change(".gitignore", func() (bool, error) { return Ignore(in.folder) }); err != nil {
		return err
	}
	if err := in.change(".gitattributes", in.attributes); err != nil {
		return err
	}
	return in.create(files[last])
}

func (in *initing) create(f newFile) error {
	path := in.at(f.name)
	if have, err := os.ReadFile(path); err == nil && f.name != FileName && bytes.Equal(have, f.data) {
		return nil
	}
	folder := filepath.Dir(path)
	if _, err := os.Lstat(folder); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("cannot make the folder %s: %w", folder, cause(err))
		}
		in.undo = append(in.undo, func() error { return os.Remove(folder) })
	}
	if err := create(path, f.data); err != nil {
		return err
	}
	in.undo = append(in.undo, func() error { return os.Remove(path) })
	in.written = append(in.written, Written{Name: f.name})
	return nil
}

func (in *initing) attributes() (bool, error) {
	path := in.at(".gitattributes")
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return add(path, "", without([]string{merged}, string(have)))
}

// change adds lines to a file, and notes how to take them back.
func (in *initing) change(name string, add func() (bool, error)) error {
	path := in.at(name)
	old, err := os.ReadFile(path)
	there := err == nil
	changed, err := add()
	if err != nil || !changed {
		return err
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	in.undo = append(in.undo, func() error {
		if !there {
			return os.Remove(path)
		}
		return replace(path, now, old)
	})
	in.written = append(in.written, Written{Name: name, Added: there})
	return nil
}

func (in *initing) takeBack() error {
	var errs []error
	for i := len(in.undo) - 1; i >= 0; i-- {
		errs = append(errs, in.undo[i]())
	}
	return errors.Join(errs...)
}
