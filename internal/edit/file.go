package edit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrChangedMeanwhile says that a file is no longer what was read of it. It is left alone.
var ErrChangedMeanwhile = errors.New("it was changed by someone else in the meantime: try again")

// ReplaceFile puts new bytes in the place of a file that was read as old, all of them or none: they are written to a temporary file beside it, which then
// takes its name. The file's mode is kept; of a symbolic link the file that it leads to is replaced. ErrChangedMeanwhile if the file is not old any more.
func ReplaceFile(path string, old, now []byte) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := mayWrite(path); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name()) // what is told is why nothing was written
		}
	}()
	if err = fill(temp, now, info.Mode().Perm()); err != nil {
		return err
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, old) {
		return ErrChangedMeanwhile
	}
	return os.Rename(temp.Name(), path)
}

// mayWrite refuses a file that its owner has protected against writing: the rename would not ask.
func mayWrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

func fill(temp *os.File, data []byte, mode fs.FileMode) error {
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Chmod(mode); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	return temp.Close()
}
