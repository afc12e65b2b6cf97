package moka

import (
	"bufio"
	"io"
)

// limitReader fails with ErrTooLarge where an answer outgrows what it may be. Whoever reads a list gives it new room at every element.
type limitReader struct {
	from io.Reader
	left int
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, ErrTooLarge
	}
	if len(p) > l.left {
		p = p[:l.left]
	}
	n, err := l.from.Read(p)
	l.left -= n
	return n, err
}

// begins looks at how an answer begins: a byte order mark and blanks are taken off; an empty answer, and one that begins like HTML or XML, is an error.
// It gives a reader for the rest.
func begins(from io.Reader) (io.Reader, error) {
	in := bufio.NewReader(from)
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" {
		in.Discard(3)
	}
	for {
		switch c, err := in.ReadByte(); {
		case err == io.EOF:
			return nil, errEmpty
		case err != nil:
			return nil, broken(err)
		case c == ' ', c == '\t', c == '\r', c == '\n':
		case c == '<':
			return nil, errHTML
		default:
			return in, in.UnreadByte()
		}
	}
}
