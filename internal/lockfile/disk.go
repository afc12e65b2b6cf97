package lockfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mokasync/mokasync/internal/crashpoint"
)

// Disk is what this package needs of a file system. Tests put one in its place that loses what was not synced.
type Disk interface {
	ReadFile(name string) ([]byte, error)
	Open(name string) (io.ReadCloser, error)
	// Create opens a new or emptied file for writing.
	Create(name string, perm fs.FileMode) (DiskFile, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
}

// DiskFile is a file open for writing.
type DiskFile interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// OS is the operating system's file system.
type OS struct{}

// ReadFile reads a whole file.
func (OS) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Open opens a file for reading.
func (OS) Open(name string) (io.ReadCloser, error) { return os.Open(name) }

// Create opens a new or emptied file for appending.
func (OS) Create(name string, perm fs.FileMode) (DiskFile, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, perm)
}

// Rename puts a file in another's place.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir syncs a folder. File systems that cannot are believed: there the rename is all there is.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// WriteFile writes a file whole or not at all, durably. What is no regular file (a pipe, a device) is written to as it is; of a symbolic link the file that it leads to is replaced.
func WriteFile(name string, text []byte) error {
	return WriteFileFrom(name, func(w io.Writer) error { _, err := w.Write(text); return err })
}

// WriteFileFrom is WriteFile of what write writes; its error is given back as it is.
func WriteFileFrom(name string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return writeTo(name, write)
	}
	return replaceFile(OS{}, name, write)
}

// writeTo writes to what is there.
func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// replaceFile puts new contents in a file's place so that, whatever dies, the file holds the old contents or the new ones: a temporary
// file beside it, synced, renamed, and the folder synced.
func replaceFile(disk Disk, name string, write func(io.Writer) error) (err error) {
	temporary := name + ".tmp"
	f, err := disk.Create(temporary, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			disk.Remove(temporary)
		}
	}()
	crashpoint.At("file-write")
	err = write(f)
	if err == nil {
		crashpoint.At("file-sync")
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	crashpoint.At("file-rename")
	if err = disk.Rename(temporary, name); err != nil {
		return err
	}
	crashpoint.At("file-renamed")
	return disk.SyncDir(filepath.Dir(name))
}
