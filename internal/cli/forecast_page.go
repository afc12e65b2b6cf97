package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/render"
)

// mayHoldPage refuses a place for the page of a forecast where something else would be lost with it: a file that is no page, one that a run keeps, and the one that standard output goes
// to. What is no regular file (a pipe, a device) is written to as it is.
func (a *app) mayHoldPage(path string, t *target) error {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return otherPage("%s is a link to something that is not there", path)
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return fmt.Errorf("--html: cannot write %s: %w", path, underlying(err))
		}
		real = filepath.Join(folder, filepath.Base(path))
	} else if err != nil {
		return fmt.Errorf("--html: cannot write %s: %w", path, underlying(err))
	}
	info, err := os.Stat(real)
	switch {
	case err == nil && info.IsDir():
		return otherPage("%s is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		return nil
	case keptName(filepath.Base(path)) || keptName(filepath.Base(real)) || t.keeps(real):
		return otherPage("%s is a name that mokasync keeps for a file of its own", path)
	case otherTools(filepath.Base(path)) || otherTools(filepath.Base(real)):
		return otherPage("%s would be read as a manifest, or by another tool", path)
	case err == nil && (goesTo(a.Stdout, info) || goesTo(a.Stderr, info)):
		return otherPage("%s is the file that standard output or standard error goes to", path)
	}
	for _, name := range []string{real, real + ".tmp"} { // which is what the file is called while it is written
		if err := holdsPage(name); err != nil {
			return err
		}
	}
	return nil
}

// otherTools reports whether a name is that of a manifest, or begins with a dot and so belongs to another tool: git, an editor, a CI.
func otherTools(base string) bool {
	end := strings.ToLower(filepath.Ext(base))
	return strings.HasPrefix(base, ".") || end == ".yaml" || end == ".yml"
}

// holdsPage refuses a file that is there and is neither empty nor the page of a forecast.
func holdsPage(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return otherPage("%s is no file of its own", name)
	}
	head, err := beginningOf(name)
	if err != nil {
		return otherPage("%s is there and cannot be read (%v)", name, underlying(err))
	}
	if len(head) > 0 && !render.IsForecastPage(head) {
		return otherPage("%s is there and is no page of a forecast: it would be lost", name)
	}
	return nil
}

func otherPage(format string, args ...any) error {
	return hinted(fmt.Errorf("--html: "+format, args...), "nothing was written. Choose another name for the page, such as forecast.html")
}

// savePage writes a forecast's page, whole or not at all.
func (a *app) savePage(path string, f *render.Forecast, t *target) error {
	var page bytes.Buffer
	if err := render.ForecastHTML(&page, f); err != nil {
		return fmt.Errorf("cannot make the page: %w", err)
	}
	if err := a.mayHoldPage(path, t); err != nil { // it may have come to be meanwhile
		return err
	}
	if err := lockfile.WriteFile(path, page.Bytes()); err != nil {
		return fmt.Errorf("--html: cannot write %s: %w", path, underlying(err))
	}
	return nil
}
