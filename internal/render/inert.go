package render

import (
	"errors"
	"io"
	"io/fs"
	"sync"
)

// Inert gives a writer that passes text on in which a CI runner of GitHub finds no workflow command. The runner reads every line of a step's output: after any blanks "::" begins a
// command, and "##[" does anywhere in a line. Where either would come to stand, a blank goes in between; in a JSON document, which is known by its first character, the bracket is
// written as \u005b, so that it says the same. Everything else is passed on as it is, at once. Several goroutines may write; each Write is passed on whole.
func Inert(w io.Writer) io.Writer { return &inert{to: w, line: begins} }

// inert knows of the text so far what the next byte could complete.
type inert struct {
	mu    sync.Mutex
	to    io.Writer
	begun bool // something else than blanks has come
	json  bool
	line  linePart
	signs int // so many # came just now
}

// linePart says where in a line the text is: before anything but blanks, after a colon with which it begins, or further on.
type linePart int

const (
	begins linePart = iota
	colon
	within
)

func (i *inert) Write(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := make([]byte, 0, len(p)+8)
	for _, c := range p {
		out = i.add(out, c)
	}
	if _, err := i.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Stat tells of the file behind it, where there is one.
func (i *inert) Stat() (fs.FileInfo, error) {
	if file, ok := i.to.(interface{ Stat() (fs.FileInfo, error) }); ok {
		return file.Stat()
	}
	return nil, errors.ErrUnsupported
}

func (i *inert) add(out []byte, c byte) []byte {
	if !i.begun && !mayBeBlank(c) {
		i.begun, i.json = true, c == '{'
	}
	switch {
	case c == '[' && i.signs >= 2 && i.json:
		i.signs, i.line = 0, within
		return append(out, `\u005b`...)
	case c == '[' && i.signs >= 2, c == ':' && i.line == colon:
		out = append(out, ' ')
	}
	i.follow(c)
	return append(out, c)
}

// follow notes what a byte means for the next one.
func (i *inert) follow(c byte) {
	if c == '#' {
		i.signs++
	} else {
		i.signs = 0
	}
	switch {
	case c == '\n' || c == '\r':
		i.line = begins
	case i.line == begins && c == ':':
		i.line = colon
	case i.line == begins && mayBeBlank(c):
	default:
		i.line = within
	}
}

// mayBeBlank reports whether a byte may belong to a blank, or to a character without width. Beyond ASCII all may: a colon too many that is set apart does no harm.
func mayBeBlank(c byte) bool { return c <= ' ' || c >= 0x7f }
