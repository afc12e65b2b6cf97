package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ignored are the files that runs leave beside the manifests and that do not belong in git. The lockfile itself does, but for that of the embedded sandbox, whose data nobody else has.
var ignored = []string{"mokasync.sandbox.data*", "mokasync.sandbox.lock", "*.lock.journal", "*.lock.guard", "*.lock.report", ".mokasync-import/"}

const ignoredHead = "# mokasync: what the sandbox keeps, and what runs leave beside the lockfile"

// merged has git call mokasync where two branches changed a lockfile.
const merged = "mokasync.*.lock merge=mokasync"

// Begun reports whether a file or folder of this name may lie in a folder of manifests before there is any: git's, and what `mokasync init` writes.
func Begun(name string) bool {
	return slices.Contains([]string{".git", ".gitignore", ".gitattributes", ".gitkeep", ".mokasync", FileName}, name)
}

// Ignore has git pass over what runs leave in a folder: it adds lines to the folder's .gitignore, or makes one. Lines that stand there already, or above it up to the
// repository's root, are not said again. changed is false where nothing was left to say.
func Ignore(folder string) (changed bool, err error) {
	missing := ignored
	for _, above := range folders(folder) {
		text, err := os.ReadFile(filepath.Join(above, ".gitignore"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("cannot read %s: %w", filepath.Join(above, ".gitignore"), cause(err))
		}
		missing = without(missing, string(text))
	}
	path := filepath.Join(folder, ".gitignore")
	os.Remove(temporary(path)) // of a run that died after the file had its name; mostly there is none
	return add(path, ignoredHead, missing)
}

// folders gives a folder and those above it up to the repository's root; outside of a repository the folder alone.
func folders(folder string) []string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return []string{folder}
	}
	out := []string{folder}
	for here := at; ; {
		if _, err := os.Lstat(filepath.Join(here, ".git")); err == nil {
			return out
		}
		parent := filepath.Dir(here)
		if parent == here {
			return out[:1]
		}
		here = parent
		out = append(out, here)
	}
}

// without gives the lines that do not stand in a text.
func without(lines []string, text string) []string {
	var out []string
	have := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for _, line := range lines {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.TrimSpace(h) == line }) {
			out = append(out, line)
		}
	}
	return out
}

// add puts lines at the end of a file that need not be there, all or none.
func add(path, head string, lines []string) (changed bool, err error) {
	if len(lines) == 0 {
		return false, nil
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	made := err != nil
	text := string(old)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if text != "" && head != "" {
		text += "\n"
	}
	if head != "" {
		text += head + "\n"
	}
	text += strings.Join(lines, "\n") + "\n"
	if made {
		return true, create(path, []byte(text))
	}
	return true, replace(path, old, []byte(text))
}
