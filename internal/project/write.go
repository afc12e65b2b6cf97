package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mokasync/mokasync/internal/edit"
)

// create writes a file that must not be there yet, whole or not at all: a temporary file beside it gets its name by a link, which fails where the name is taken.
func create(path string, data []byte) error {
	if err := createFile(path, data); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, underlying(err))
	}
	return nil
}

// temporary is the name of the file from which one is made: always the same, so that what a run leaves behind that dies is used, or removed, by the next.
func temporary(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".mokasync.tmp")
}

func createFile(path string, data []byte) error {
	temp, err := os.OpenFile(temporary(path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // under its own name the file stays
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	err = os.Link(temp.Name(), path)
	if err != nil && !errors.Is(err, os.ErrExist) { // a file system without links
		if _, there := os.Lstat(path); there == nil {
			return os.ErrExist
		}
		return os.Rename(temp.Name(), path)
	}
	return err
}

// replace puts new bytes in the place of a file's old ones.
func replace(path string, old, now []byte) error {
	if err := edit.ReplaceFile(path, old, now); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, underlying(err))
	}
	return nil
}

func underlying(err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return cause(err)
}
