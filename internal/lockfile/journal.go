package lockfile

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/mokasync/mokasync/internal/crashpoint"
)

// Journal is the append-only record of a run under way. Append returns when its records are on disk; calls that come while the disk is
// busy share one sync. It is safe for concurrent use. After an error it takes nothing more: what it cannot record must not happen.
type Journal struct {
	file DiskFile

	mu      sync.Mutex
	flushed *sync.Cond
	buf     []byte
	queued  int // appends accepted
	durable int // appends on disk
	busy    bool
	size    int64
	err     error
}

// createJournal begins a journal: its header, then the records of begin, all durable with the file's name.
func createJournal(disk Disk, name string, h Header, begin ...Record) (*Journal, error) {
	crashpoint.At("journal-create")
	f, err := disk.Create(name, 0o644)
	if err != nil {
		return nil, err
	}
	crashpoint.At("journal-created")
	j := &Journal{file: f}
	j.flushed = sync.NewCond(&j.mu)
	j.buf = appendHeader(nil, "journal", h)
	if err := j.Append(begin...); err != nil {
		f.Close()
		return nil, err
	}
	if err := disk.SyncDir(filepath.Dir(name)); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// Append writes records and returns when they are durable.
func (j *Journal) Append(records ...Record) error {
	var b []byte
	for _, r := range records {
		b = append(r.append(b), '\n')
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	j.buf = append(j.buf, b...)
	j.queued++
	mine := j.queued
	for j.durable < mine && j.err == nil {
		if j.busy {
			j.flushed.Wait()
			continue
		}
		j.flush()
	}
	if j.durable >= mine {
		return nil
	}
	return j.err
}

// flush writes and syncs what is queued; it is called with the lock held and gives it up while the disk works.
func (j *Journal) flush() {
	batch, upTo, at := j.buf, j.queued, j.size
	j.buf, j.busy = nil, true
	j.mu.Unlock()
	crashpoint.At("journal-write")
	_, err := j.file.Write(batch)
	if err == nil {
		crashpoint.At("journal-sync")
		err = j.file.Sync()
		crashpoint.At("journal-synced")
	}
	if err != nil {
		// Best effort: what was written in part is a torn end, which reading drops in any case.
		j.file.Truncate(at)
	}
	j.mu.Lock()
	j.busy = false
	if err != nil {
		j.err = fmt.Errorf("cannot write the journal: %w", err)
	} else {
		j.durable, j.size = upTo, at+int64(len(batch))
	}
	j.flushed.Broadcast()
}

// Err gives the error after which the journal takes nothing more, nil while it works.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *Journal) close() error { return j.file.Close() }
