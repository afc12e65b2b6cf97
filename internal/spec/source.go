package spec

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"unsafe"
)

// maxFile and maxDocument bound what is read, in bytes: a manifest is a few hundred, and a file that holds more than this is none of ours.
const (
	maxFile     = 512 << 20
	maxDocument = 1 << 20
)

// source is one file, or what stands for a PATH that could not be read.
type source struct {
	path  string // as given
	order int    // among all sources
	root  int    // the PATH that it came from
	lazy  bool   // data is yet to be read from path
	data  []byte // without a byte order mark; kept for the excerpts of later diagnostics, and for the values, which are parts of it
	spans []span
	ds    []Diagnostic
}

func (s *source) fail(line int, format string, args ...any) {
	d := Diagnostic{Severity: Error, File: s.path, Line: line, Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		d.Column = 1
	}
	s.ds = append(s.ds, d)
}

// read fills data from the file.
func (s *source) read() {
	if !s.lazy {
		return
	}
	if info, err := os.Stat(s.path); err == nil && info.Mode().IsRegular() && info.Size() > maxFile {
		s.tooBig()
		return
	}
	file, err := os.Open(s.path)
	if err != nil {
		s.fail(0, "%s", unreadable(err))
		return
	}
	defer file.Close()
	s.readFrom(file)
}

// readFrom fills data from r; nil stands for nothing.
func (s *source) readFrom(r io.Reader) {
	if s.data = []byte{}; r == nil {
		return
	}
	var buf bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			buf.Grow(int(min(info.Size(), maxFile)) + bytes.MinRead)
		}
	}
	n, err := buf.ReadFrom(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		s.fail(0, "%s", unreadable(err))
	case n > maxFile:
		s.tooBig()
	default:
		s.take(buf.Bytes())
	}
}

func (s *source) tooBig() {
	s.fail(0, "is larger than %d MiB: is it a file of manifests? Split it, or take it out", maxFile>>20)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (s *source) take(data []byte) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		s.fail(1, "is written in UTF-16; save it as UTF-8")
		return
	}
	s.data = bytes.TrimPrefix(data, byteOrderMark)
}

// span is one YAML document's bytes in a source.
type span struct {
	start, end int
	line       int // of its first byte, from 1
}

// batch is a run of documents that one worker decodes.
type batch struct {
	src   *source
	spans []span
}

// batchBytes is how much text one batch holds at least, so that handing it to a worker costs little.
const batchBytes = 64 << 10

// batches cuts the source into pieces for parallel decoding.
func (s *source) batches() []batch {
	if len(s.data) == 0 {
		return nil
	}
	s.spans = split(s.data)
	var out []batch
	from := 0
	for i, sp := range s.spans {
		if i+1 == len(s.spans) || sp.end-s.spans[from].start >= batchBytes {
			out = append(out, batch{s, s.spans[from : i+1 : i+1]})
			from = i + 1
		}
	}
	return out
}

// text gives a document's text without a copy of it. Values are cut out of it, so that a file is held once: nobody changes data any more.
func (s *source) text(sp span) string {
	return unsafe.String(unsafe.SliceData(s.data[sp.start:sp.end]), sp.end-sp.start)
}

// split finds the documents of a stream by its markers. A line that begins with --- or ... is a marker wherever it stands: YAML allows it in no scalar.
// Directives stand before the marker of their document, so a marker ends a document only if something stood in it.
func split(data []byte) []span {
	out := make([]span, 0, 1+len(data)/512)
	cur := span{line: 1}
	filled := false // cur has more than comments and directives
	line := 1
	odd := oddBreaks(data)
	search := !odd && !bytes.Contains(data, []byte("\n...")) // for the next marker, which is then of one form only
	for at := 0; at < len(data); {
		if filled && search {
			next := nextMarker(data, at)
			line += bytes.Count(data[at:next], []byte("\n"))
			if at = next; at == len(data) {
				break
			}
		}
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		text := bytes.TrimPrefix(data[at:end], byteOrderMark)
		lines := 1
		if odd {
			lines = countBreaks(data[at:end])
		}
		switch {
		case isMarker(text, "---"):
			if filled {
				cur.end = at
				out = append(out, cur)
				cur = span{start: end - len(text), line: line}
			}
			filled = true
		case isMarker(text, "..."):
			cur.end = end
			out = append(out, cur)
			cur, filled = span{start: end, line: line + lines}, false
		case !filled:
			filled = !isFiller(text)
			readAsOlder(text)
		}
		at = end
		line += lines
	}
	if cur.start < len(data) {
		cur.end = len(data)
		out = append(out, cur)
	}
	return out
}

// nextMarker gives the beginning of the first line from at, which begins one, that may be the marker ---; the end of data if there is none.
func nextMarker(data []byte, at int) int {
	if at > 0 {
		at-- // with the break before it
	}
	if i := bytes.Index(data[at:], []byte("\n---")); i >= 0 {
		return at + i + 1
	}
	return len(data)
}

// yamlBreak is what YAML 1.1 takes for the end of a line, and what the parser counts.
var yamlBreak = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

func countBreaks(text []byte) int { return len(yamlBreak.FindAllIndex(text, -1)) }

// oddBreaks reports whether a line may end otherwise than with a newline, or begin with a byte order mark.
func oddBreaks(data []byte) bool {
	if i := bytes.IndexByte(data, '\r'); i >= 0 && bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return true
	}
	return bytes.Contains(data, []byte("\u0085")) || bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029")) || bytes.Contains(data, byteOrderMark)
}

// readAsOlder makes a %YAML 1.2 directive one of 1.1, the only version that the parser takes by name. It reads both alike.
func readAsOlder(line []byte) {
	if bytes.HasPrefix(line, []byte("%YAML 1.2")) {
		line[len("%YAML 1.")] = '1'
	}
}

func isMarker(line []byte, marker string) bool {
	if len(line) < 3 || line[0] != marker[0] || string(line[:3]) != marker {
		return false
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0
}

// isFiller reports whether a line before a document's beginning is blank, a comment or a directive.
func isFiller(line []byte) bool {
	if len(line) > 0 && line[0] == '%' {
		return true
	}
	line = bytes.TrimLeft(line, " \t\r\n")
	return len(line) == 0 || line[0] == '#'
}
