package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/project"
)

// mayHoldPlan refuses a place for a saved plan where something else would be lost with it: a file that is no saved plan, one that a run keeps, and the one that standard output
// goes to. What is no regular file (a pipe, a device) is written to as it is. Nothing is changed yet; "" is no place, and fits.
func (a *app) mayHoldPlan(path string, t *target) error {
	if path == "" {
		return nil
	}
	real, info, err := placeOf(path)
	switch {
	case err != nil:
		return err
	case info != nil && info.IsDir():
		return otherPlace("%s is a folder", path)
	case info != nil && !info.Mode().IsRegular():
		return nil
	case keptName(filepath.Base(path)) || keptName(filepath.Base(real)) || t.keeps(real):
		return otherPlace("%s is a name that mokasync keeps for a file of its own (lockfile, journal, guard, report, sandbox, settings)", path)
	case info != nil && (goesTo(a.Stdout, info) || goesTo(a.Stderr, info)):
		return otherPlace("%s is the file that standard output or standard error goes to, and only one of the two would be left", path)
	}
	for _, name := range []string{real, real + ".tmp"} { // which is what the file is called while it is written
		if err := holdsNothingElse(name); err != nil {
			return err
		}
	}
	return nil
}

func otherPlace(format string, args ...any) error {
	return hinted(fmt.Errorf("--out: "+format, args...), "nothing was written. Choose another name for the plan, such as plan.json")
}

// placeOf follows links: real is the file that would be replaced, info what is there, nil for nothing.
func placeOf(path string) (real string, info fs.FileInfo, err error) {
	info, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return "", nil, otherPlace("%s is a link to something that is not there", path)
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", nil, fmt.Errorf("cannot write %s: %w", path, underlying(err))
		}
		return filepath.Join(folder, filepath.Base(path)), nil, nil
	}
	if err == nil && info.Mode().IsRegular() {
		real, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", nil, fmt.Errorf("cannot write %s: %w", path, underlying(err))
	}
	return real, info, nil
}

// keptName reports whether files of mokasync are called so, whatever lockfile they belong to: a run at work on another one must not lose its guard.
func keptName(base string) bool {
	base = strings.TrimSuffix(strings.ToLower(base), ".tmp")
	for _, end := range []string{".lock", ".journal", ".guard", ".report"} {
		if strings.HasSuffix(base, end) {
			return true
		}
	}
	return base == project.FileName || strings.HasPrefix(base, "mokasync.sandbox.data")
}

// keeps reports whether a path is that of the target's lockfile or of something beside it, there or not, under whatever spelling.
func (t *target) keeps(real string) bool {
	lockfiles := []string{t.store.Path}
	if followed, err := filepath.EvalSymlinks(t.store.Path); err == nil {
		lockfiles = append(lockfiles, followed)
	}
	for _, lock := range lockfiles {
		for _, kept := range []string{lock, lock + ".journal", lock + ".guard", lock + ".report", lock + ".tmp", filepath.Join(filepath.Dir(lock), "mokasync.sandbox.data")} {
			if samePlace(real, kept) {
				return true
			}
		}
	}
	return false
}

// samePlace reports whether two paths are one file, or would be: upper and lower case make no other on many disks.
func samePlace(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil && os.SameFile(x, y) {
		return true
	}
	if !strings.EqualFold(filepath.Base(a), filepath.Base(b)) {
		return false
	}
	x, errX = os.Stat(filepath.Dir(a))
	y, errY = os.Stat(filepath.Dir(b))
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// goesTo reports whether a stream of the program is the file.
func goesTo(stream io.Writer, file fs.FileInfo) bool {
	s, ok := stream.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := s.Stat()
	return err == nil && os.SameFile(info, file)
}

// Stat tells of the file behind a stream, where there is one.
func (w *oneAtATime) Stat() (fs.FileInfo, error) {
	if file, ok := w.to.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return file.Stat()
	}
	return nil, errors.ErrUnsupported
}

// holdsNothingElse refuses a file that is there and is neither empty nor a saved plan.
func holdsNothingElse(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return otherPlace("%s is no file of its own", name)
	}
	head, err := beginningOf(name)
	if err != nil {
		return otherPlace("%s is there and cannot be read (%v), so that nobody can tell what would be lost", name, underlying(err))
	}
	if len(head) > 0 && !planfile.IsPlan(head) {
		return otherPlace("%s is there and is no saved plan: it would be lost", name)
	}
	return nil
}

// beginningOf reads as much of a file as it takes to know a saved plan, or the page of a forecast.
func beginningOf(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 200))
}
