package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Where mokasync.yaml and lockfile are looked for. Symbolic links give a folder two names, and what lies above either counts.

// folderOf is the folder of the first PATH: itself, a file's, or the working folder for standard input.
func folderOf(paths []string) string {
	if len(paths) == 0 || paths[0] == "-" {
		return "."
	}
	if info, err := os.Stat(paths[0]); err == nil && !info.IsDir() {
		return filepath.Dir(paths[0])
	}
	return paths[0]
}

// upToRoot gives a folder and those above it up to the repository's root; outside of a repository the folder alone.
func upToRoot(folder string) []string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return []string{folder}
	}
	folders := []string{folder}
	for up := folder; ; {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return folders
		}
		parent := filepath.Dir(at)
		if parent == at {
			return folders[:1]
		}
		at, up = parent, filepath.Join(up, "..")
		if filepath.IsAbs(folder) {
			up = at
		}
		folders = append(folders, up)
	}
}

// upToProject gives a folder and those above it in which its mokasync.yaml may be: up to the repository's root, and outside of a repository up to the working folder.
func upToProject(folder string) []string {
	folders := upToRoot(folder)
	at, err := filepath.Abs(folder)
	if _, repository := os.Lstat(filepath.Join(folder, ".git")); repository == nil || len(folders) > 1 || err != nil {
		return folders
	}
	below := belowHere(at)
	for below != "." && below != "" {
		below = filepath.Dir(below)
		folders = append(folders, below)
	}
	return folders
}

// belowHere gives the path of a folder from the working folder on, "" if it is not below it.
func belowHere(at string) string {
	for _, name := range []func(string) (string, error){filepath.Abs, realPath} {
		here, err := name(".")
		if err != nil {
			continue
		}
		if below, err := filepath.Rel(here, at); err == nil && filepath.IsLocal(below) {
			return below
		}
	}
	return ""
}

// foldersOf gives the folder of the first PATH by its name, and where symbolic links lead elsewhere, also by where they lead.
func foldersOf(paths []string) []string {
	named := folderOf(paths)
	at := named
	if len(paths) > 0 && paths[0] != "-" {
		at = paths[0]
	}
	return twoNames(named, at)
}

// lockfileFolders gives the folder of a lockfile by its name, and where symbolic links lead elsewhere, also by where they lead.
func lockfileFolders(path string) []string { return twoNames(filepath.Dir(path), path) }

// twoNames gives a folder's name, and beside it the real folder of what lies there.
func twoNames(named, at string) []string {
	real := realFolder(at)
	if abs, err := filepath.Abs(named); err != nil || real == "" || real == abs {
		return []string{named}
	}
	return []string{named, real}
}

// realFolder gives the folder of what is at a path, itself if it is one, without symbolic links; of what is not there yet the one that is above it. "" where nothing is known.
func realFolder(path string) string {
	at, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	for {
		real, err := filepath.EvalSymlinks(at)
		if err == nil {
			if info, err := os.Stat(real); err == nil && !info.IsDir() {
				real = filepath.Dir(real)
			}
			return real
		}
		if filepath.Dir(at) == at {
			return ""
		}
		at = filepath.Dir(at)
	}
}

// samePath reports whether two paths lead to one file, also to one that is not there yet.
func samePath(a, b string) bool { return realPlace(a) == realPlace(b) }

// realPlace gives a path without symbolic links; of what is not there yet its folder's, and its name.
func realPlace(path string) string {
	if real, err := realPath(path); err == nil {
		return real
	}
	if folder, err := realPath(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	return at
}

// lockfileBelow gives the first lockfile of a name that lies somewhere below a folder, "" for none. Folders whose names begin with a point are passed over, as in reading manifests.
func lockfileBelow(folder, name string) string {
	found := ""
	filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { // what cannot be read is passed over: this is for a warning
		switch {
		case err != nil:
			return nil
		case d.IsDir() && path != folder && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && d.Name() == name:
			found = path
			return fs.SkipAll
		}
		return nil
	})
	return found
}
