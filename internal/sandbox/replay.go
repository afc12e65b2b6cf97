package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
)

// load reads the file from its beginning: its header, and then the records in
// their order, of which no more than a few are in memory at a time. old is
// false for a new file, which has neither. A torn last line is cut off the file.
func (st *store) load(begin func(*header) error, replay func(*record)) (old bool, err error) {
	lines := -1 // the header is not counted
	whole, err := readData(io.NewSectionReader(st.file, 0, st.size), func(r *record) error {
		if lines++; lines == 0 {
			return begin(r.Header)
		}
		replay(r)
		return nil
	})
	if err != nil {
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			damaged.Path = st.path
			return false, err
		}
		return false, fmt.Errorf("reading the sandbox's data file: %w", err)
	}
	if whole < st.size {
		if err := st.file.Truncate(whole); err != nil {
			return false, fmt.Errorf("cutting a torn line off the sandbox's data file: %w", err)
		}
		st.size = whole
	}
	st.lines = max(lines, 0)
	return whole > 0, nil
}

// readData reads what is in a data file and gives each record to each, up to
// whole bytes of it: a last line that a killed process has torn is left out,
// any other damage, and an error of each, is a *[DamagedError] with the line's
// number. No bytes at all are a new file. What each was given counts only if
// there is no error.
func readData(from io.Reader, each func(*record) error) (whole int64, err error) {
	damaged := func(line int, err error) error { return &DamagedError{Line: line, Err: err} }
	in := lineReader{from: from}
	for done := 0; ; {
		lines, err := in.next()
		if err != nil {
			return 0, err
		}
		if lines == nil {
			return whole, checkTorn(in.rest, done)
		}
		records, errs := decodeLines(lines)
		for i, r := range records {
			err := errs[i]
			if err == nil && done == 0 && (r.Header == nil || r.Header.Format != dataFormat) {
				err = fmt.Errorf("not of format %s", dataFormat)
			}
			if err == nil {
				err = each(r)
			}
			done++
			if err != nil {
				return 0, damaged(done, err)
			}
			whole += int64(len(lines[i]) + 1)
		}
	}
}

// checkTorn judges what follows the last of some lines: nothing, or the
// beginning of a line of ours.
func checkTorn(rest []byte, lines int) error {
	torn := string(rest)
	switch {
	case torn == "":
		return nil
	case lines == 0:
		// The header is never torn: it comes with a rename.
		return &DamagedError{Line: 1, Err: errors.New("it is not a sandbox's data file")}
	case !strings.HasPrefix(torn, sumStart) && !strings.HasPrefix(sumStart, torn):
		return &DamagedError{Line: lines + 1, Err: errors.New("not a line of a sandbox's data file")}
	}
	return nil
}

// lineReader reads whole lines, many at a time.
type lineReader struct {
	from io.Reader
	buf  []byte
	rest []byte // the end of buf, after the last whole line
}

// linesAtOnce is how many bytes of lines are read at a time, unless one line is
// longer.
const linesAtOnce = 512 << 10

// next gives the next lines without their newlines, until it is called again;
// none at the end, where rest holds what has no newline.
func (l *lineReader) next() ([][]byte, error) {
	kept := copy(l.buf, l.rest)
	for {
		if kept == len(l.buf) {
			l.buf = append(make([]byte, 0, max(linesAtOnce, 2*kept)), l.buf[:kept]...)
			l.buf = l.buf[:cap(l.buf)]
		}
		n, err := io.ReadFull(l.from, l.buf[kept:])
		read := l.buf[:kept+n]
		kept = len(read)
		end := bytes.LastIndexByte(read, '\n')
		l.rest = read[end+1:]
		switch {
		case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
			return nil, err
		case end >= 0:
			return bytes.Split(read[:end], []byte("\n")), nil
		case err != nil:
			return nil, nil
		}
	}
}

// decodeLines decodes lines on all processors: this is most of the time that
// opening a large file takes.
func decodeLines(lines [][]byte) (records []*record, errs []error) {
	records, errs = make([]*record, len(lines)), make([]error, len(lines))
	workers := min(runtime.GOMAXPROCS(0), len(lines)/256+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * len(lines) / workers; i < (w+1)*len(lines)/workers; i++ {
				if records[i], errs[i] = decodeLine(lines[i]); errs[i] != nil {
					return // the first is the one that is told
				}
			}
		})
	}
	wg.Wait()
	return records, errs
}
