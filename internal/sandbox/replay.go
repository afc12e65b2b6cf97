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

// load reads the whole file: its header, or nil if the file is new, and the
// records after it. A torn last line is cut off the file.
func (st *store) load() (*header, []*record, error) {
	data := make([]byte, st.size)
	if _, err := io.ReadFull(io.NewSectionReader(st.file, 0, st.size), data); err != nil {
		return nil, nil, fmt.Errorf("reading the sandbox's data file: %w", err)
	}
	h, records, whole, err := readData(data)
	if err != nil {
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			damaged.Path = st.path
		}
		return nil, nil, err
	}
	if int64(whole) < st.size {
		if err := st.file.Truncate(int64(whole)); err != nil {
			return nil, nil, fmt.Errorf("cutting a torn line off the sandbox's data file: %w", err)
		}
		st.size = int64(whole)
	}
	st.lines = len(records)
	return h, records, nil
}

// readData reads what is in a data file, up to whole bytes of it: a last line
// that a killed process has torn is left out, any other damage is a
// *[DamagedError] with the line's number. No bytes at all are a new file.
func readData(data []byte) (h *header, records []*record, whole int, err error) {
	if len(data) == 0 {
		return nil, nil, 0, nil
	}
	damaged := func(line int, err error) error { return &DamagedError{Line: line, Err: err} }
	whole = bytes.LastIndexByte(data, '\n') + 1
	if whole == 0 {
		// The header is never torn: it comes with a rename.
		return nil, nil, 0, damaged(1, errors.New("it is not a sandbox's data file"))
	}
	lines := bytes.Split(data[:whole-1], []byte("\n"))
	torn := string(data[whole:])
	if !strings.HasPrefix(torn, sumStart) && !strings.HasPrefix(sumStart, torn) {
		return nil, nil, 0, damaged(len(lines)+1, errors.New("not a line of a sandbox's data file"))
	}
	records, failed, err := decodeLines(lines)
	if err != nil {
		return nil, nil, 0, damaged(failed+1, err)
	}
	if h = records[0].Header; h == nil || h.Format != dataFormat {
		return nil, nil, 0, damaged(1, fmt.Errorf("not of format %s", dataFormat))
	}
	return h, records[1:], whole, nil
}

// decodeLines decodes all lines, on all processors: this is most of the time
// that opening a large file takes. failed is the first bad line, from 0.
func decodeLines(lines [][]byte) (records []*record, failed int, err error) {
	records = make([]*record, len(lines))
	errs := make([]error, len(lines))
	workers := min(runtime.GOMAXPROCS(0), len(lines)/256+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * len(lines) / workers; i < (w+1)*len(lines)/workers; i++ {
				if records[i], errs[i] = decodeLine(lines[i]); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, i, err
		}
	}
	return records, 0, nil
}
