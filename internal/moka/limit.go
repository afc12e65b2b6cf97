package moka

import "io"

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
