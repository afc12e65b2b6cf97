package main

import (
	"io/fs"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
)

// slowDisk is the operating system's file system, but that every fsync, of a file or of a folder, takes just so long: it sleeps in place of asking the disk. It does one at a time, and none for two.
type slowDisk struct {
	lockfile.OS
	fsync time.Duration
	busy  *sync.Mutex
}

func newSlowDisk(fsync time.Duration) slowDisk { return slowDisk{fsync: fsync, busy: new(sync.Mutex)} }

// Create opens a new or emptied file whose fsync is slow.
func (d slowDisk) Create(name string, perm fs.FileMode) (lockfile.DiskFile, error) {
	f, err := d.OS.Create(name, perm)
	if err != nil {
		return nil, err
	}
	return slowFile{f, d}, nil
}

// SyncDir takes its time.
func (d slowDisk) SyncDir(string) error {
	d.busy.Lock()
	defer d.busy.Unlock()
	time.Sleep(d.fsync)
	return nil
}

type slowFile struct {
	lockfile.DiskFile
	disk slowDisk
}

// Sync takes its time.
func (f slowFile) Sync() error { return f.disk.SyncDir("") }
