package lockfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/mokasync/mokasync/internal/crashpoint"
)

// Journal is the append-only record of a run under way. Its records come to disk in the order in which they were added: what is durable covers all that was
// added before it. One goroutine writes; records that come while the disk is busy share the next sync. It is safe for concurrent use. After an error it takes
// nothing more: what it cannot record must not happen.
type Journal struct {
	file  DiskFile
	ended chan struct{} // closed when the writing goroutine is done
	// came has a token after each sync and after an error, so that one goroutine can wait for either beside other things.
	came chan struct{}

	mu      sync.Mutex
	waiting *sync.Cond // the writer, for records
	changed *sync.Cond // all others, for the disk
	buf     []byte     // the records that the writer has not taken yet
	queued  Mark       // of the last record that was added
	durable Mark       // of the last record on disk
	closing bool
	size    int64
	err     error
}

// Mark is a place in the journal, behind what was added: the later, the greater. The zero Mark is durable always.
type Mark int64

// mostQueued is how many bytes of records may wait for the disk; who adds more waits for it. A buffer that has grown beyond it is not kept.
const mostQueued = 1 << 20

// createJournal begins a journal: its header, then the records of begin, all durable with the file's name.
func createJournal(disk Disk, name string, h Header, begin ...Record) (*Journal, error) {
	crashpoint.At("journal-create")
	f, err := disk.Create(name, 0o644)
	if err != nil {
		return nil, err
	}
	crashpoint.At("journal-created")
	j := &Journal{file: f, ended: make(chan struct{}), came: make(chan struct{}, 1), buf: appendRecords(appendHeader(nil, "journal", h), begin), queued: 1}
	j.waiting, j.changed = sync.NewCond(&j.mu), sync.NewCond(&j.mu)
	go j.write()
	if err = j.Wait(1); err == nil {
		err = disk.SyncDir(filepath.Dir(name))
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// Append adds records and returns when they are durable.
func (j *Journal) Append(records ...Record) error {
	mark, err := j.Add(records...)
	if err != nil {
		return err
	}
	return j.Wait(mark)
}

// Add queues records behind all that were added before, and gives their Mark. They come to disk as soon as it is free; nobody has to wait for that. Records that it
// refuses, with the error of the journal, will never be on disk.
func (j *Journal) Add(records ...Record) (Mark, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.buf) > mostQueued && j.err == nil && !j.closing {
		j.changed.Wait()
	}
	switch {
	case j.err != nil:
		return 0, j.err
	case j.closing:
		return 0, errClosed
	}
	j.buf = appendRecords(j.buf, records)
	j.queued++
	j.waiting.Signal()
	return j.queued, nil
}

func appendRecords(b []byte, records []Record) []byte {
	for _, r := range records {
		b = append(r.append(b), '\n')
	}
	return b
}

var errClosed = errors.New("the journal is closed")

// Wait returns when what has a Mark, and all before it, is durable. The error is the journal's, if it broke before that.
func (j *Journal) Wait(mark Mark) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.durable < mark && j.err == nil {
		j.changed.Wait()
	}
	if j.durable >= mark {
		return nil
	}
	return j.err
}

// Flush returns when everything that was added is durable.
func (j *Journal) Flush() error {
	j.mu.Lock()
	mark := j.queued
	j.mu.Unlock()
	return j.Wait(mark)
}

// Durable gives the Mark up to which everything is on disk.
func (j *Journal) Durable() Mark {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.durable
}

// Came gives a token whenever Durable has grown, or Err has come, since the last one was taken. It is for one goroutine.
func (j *Journal) Came() <-chan struct{} { return j.came }

// write brings what is queued to disk, again and again, until the journal is closed and nothing is left, or it breaks. Two buffers take turns.
func (j *Journal) write() {
	defer close(j.ended)
	var spare []byte
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		for j.durable == j.queued && !j.closing {
			j.waiting.Wait()
		}
		if j.durable == j.queued {
			return
		}
		batch, upTo := j.buf, j.queued
		j.buf = spare[:0]
		j.mu.Unlock()
		err := j.toDisk(batch)
		j.mu.Lock()
		if spare = batch; cap(spare) > 2*mostQueued {
			spare = nil
		}
		if err != nil {
			j.err, j.buf = fmt.Errorf("cannot write the journal: %w", err), nil
		} else {
			j.durable = upTo
		}
		j.changed.Broadcast()
		select {
		case j.came <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// toDisk writes and syncs records. What an error leaves written in part is a torn end: taking it off is tried, and reading drops it in any case.
func (j *Journal) toDisk(batch []byte) error {
	crashpoint.At("journal-write")
	_, err := j.file.Write(batch)
	if err == nil {
		crashpoint.At("journal-sync")
		err = j.file.Sync()
		crashpoint.At("journal-synced")
	}
	if err != nil {
		j.file.Truncate(j.size)
		return err
	}
	j.size += int64(len(batch))
	return nil
}

// Err gives the error after which the journal takes nothing more, nil while it works.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// close ends the journal when all that was added is durable. The error is that of the first record that is not.
func (j *Journal) close() error {
	j.mu.Lock()
	j.closing = true
	j.waiting.Signal()
	j.changed.Broadcast()
	j.mu.Unlock()
	<-j.ended
	err := j.file.Close()
	if broken := j.Err(); broken != nil {
		return broken
	}
	return err
}
