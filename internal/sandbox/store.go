package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// store is the data file: a header and then one line a committed call, each a
// JSON object that begins with a checksum over the rest of the line. A line is
// written with one call before the answer goes out, so that a killed process
// loses nothing that was answered; at most its last line is torn. It is not
// synced to the disk: a power cut may lose the end of it.
type store struct {
	path  string
	file  *os.File
	guard *flock.Flock
	size  int64
	lines int // after the header
	// lineOf keeps its buffer from line to line.
	lineOf lineEncoder
	// broken is set when a line could neither be written nor taken back.
	broken error
}

// ErrInUse is returned by [New] when another process has the data file open.
var ErrInUse = errors.New("the sandbox's data file is in use by another process")

// DamagedError says that a data file cannot be read, and at which line.
type DamagedError struct {
	Path string
	Line int // from 1
	Err  error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s:%d: the sandbox's data file is damaged (%v); restore it, or remove it to start empty", e.Path, e.Line, e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }

const (
	dataFormat = "mokasync-sandbox/1"
	sumStart   = `{"sum":"`
	sumEnd     = `",`
	sumLen     = len(sumStart) + 8 + len(sumEnd)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C in eight hexadecimal digits.
func checksum(text []byte) (sum [8]byte) {
	hex.Encode(sum[:], binary.BigEndian.AppendUint32(nil, crc32.Checksum(text, castagnoli)))
	return sum
}

// lineEncoder writes records as lines of the data file.
type lineEncoder struct{ buf bytes.Buffer }

// encode gives a record's line, until it is called again.
func (e *lineEncoder) encode(r *record) ([]byte, error) {
	e.buf.Reset()
	e.buf.WriteString(sumStart + "00000000" + sumEnd[:1])
	if err := json.NewEncoder(&e.buf).Encode(r); err != nil { // it ends with a newline
		return nil, err
	}
	line := e.buf.Bytes()
	line[sumLen-1] = sumEnd[1] // in place of the brace, which is in sumStart
	rest := line[sumLen : len(line)-1]
	sum := checksum(rest)
	copy(line[len(sumStart):], sum[:])
	return line, nil
}

// decodeLine reads a line without its newline.
func decodeLine(line []byte) (*record, error) {
	if len(line) < sumLen || string(line[:len(sumStart)]) != sumStart {
		return nil, errors.New("not a line of a sandbox's data file")
	}
	rest := line[sumLen:]
	if sum := checksum(rest); string(line[len(sumStart):len(sumStart)+8]) != string(sum[:]) {
		return nil, errors.New("the checksum does not match")
	}
	var r record
	err := json.Unmarshal(line, &r) // the member sum is passed over
	return &r, err
}

// openStore takes the lock beside the file, waiting for it at most as long as
// given, and opens the file. The lock is the operating system's: it ends with
// the process. Its file stays.
func openStore(path string, wait time.Duration) (*store, error) {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved // a rewrite must not replace the link
	}
	st := &store{path: path, guard: flock.New(path+".guard", flock.SetPermissions(0o600))}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	locked, err := st.guard.TryLockContext(ctx, 20*time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !locked {
		return nil, fmt.Errorf("%w: %s; stop it, or use another file", ErrInUse, path)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the sandbox's data file: %w", err)
	}
	if err := st.open(); err != nil {
		st.guard.Unlock()
		return nil, err
	}
	return st, nil
}

func (st *store) open() error {
	file, err := os.OpenFile(st.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the sandbox's data file: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", st.path)
	}
	if err == nil {
		err = file.Chmod(0o600) // it holds customers' passwords
	}
	if err != nil {
		file.Close()
		return fmt.Errorf("opening the sandbox's data file: %w", err)
	}
	st.file, st.size = file, info.Size()
	return nil
}

func (st *store) close() error {
	err := st.file.Close()
	return errors.Join(err, st.guard.Unlock())
}

// append writes one record durably against a killed process. When it fails,
// nothing of the record stays in the file.
func (st *store) append(r *record) error {
	if st.broken != nil {
		return st.broken
	}
	line, err := st.lineOf.encode(r)
	if err != nil {
		return err
	}
	if _, err := st.file.WriteAt(line, st.size); err != nil {
		if undo := st.file.Truncate(st.size); undo != nil {
			st.broken = errors.Join(err, undo)
		}
		return err
	}
	st.size += int64(len(line))
	st.lines++
	return nil
}

// rewrite replaces the file by a header and what dump emits: written beside it,
// synced, renamed over it.
func (st *store) rewrite(h *header, dump func(emit func(*record) error) error) error {
	next, err := os.OpenFile(st.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("rewriting the sandbox's data file: %w", err)
	}
	size, lines, err := writeAll(next, h, dump)
	if err == nil && lines > 0 { // an empty one has nothing to lose
		err = next.Sync()
	}
	if err == nil {
		err = os.Rename(next.Name(), st.path)
	}
	if err != nil {
		next.Close()
		os.Remove(next.Name())
		return fmt.Errorf("rewriting the sandbox's data file: %w", err)
	}
	st.file.Close()
	st.file, st.size, st.lines, st.broken = next, size, lines, nil
	return nil
}

func writeAll(w io.Writer, h *header, dump func(emit func(*record) error) error) (size int64, lines int, err error) {
	buf := bufio.NewWriterSize(w, 1<<16)
	var lineOf lineEncoder
	emit := func(r *record) error {
		line, err := lineOf.encode(r)
		if err != nil {
			return err
		}
		size += int64(len(line))
		lines++
		_, err = buf.Write(line)
		return err
	}
	err = emit(&record{Header: h})
	if err == nil {
		err = dump(emit)
	}
	if err == nil {
		err = buf.Flush()
	}
	return size, lines - 1, err
}
