package moka

import (
	"bytes"
	"io"
)

// scanner reads JSON out of a stream, value by value: of what it has read, no more than the value at hand is in memory. It takes for JSON what encoding/json takes for it.
// Its errors are ErrNotJSON, at the first byte that cannot be, or the reader's own; io.EOF where a value is not whole.
type scanner struct {
	from io.Reader
	buf  []byte // what was read, and may still be asked for
	at   int    // the next byte in it
	keep int    // what lies before may be dropped
	err  error  // with which from ended
}

// maxDepth is how deep encoding/json lets values be nested.
const maxDepth = 10000

// fill reads more into buf.
func (s *scanner) fill() error {
	if s.err != nil {
		return s.err
	}
	if s.keep > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.keep:])]
		s.at, s.keep = s.at-s.keep, 0
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, max(4096, 2*cap(s.buf))), s.buf...)
	}
	for range 100 {
		n, err := s.from.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if s.err = err; n > 0 || err != nil {
			break
		}
		s.err = io.ErrNoProgress
	}
	if s.at < len(s.buf) {
		return nil // the error comes when that is used up
	}
	return s.err
}

// byteHere gives the byte on which the scanner stands.
func (s *scanner) byteHere() (byte, error) {
	if s.at == len(s.buf) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.at], nil
}

// peek passes over blanks and gives the byte on which the scanner then stands.
func (s *scanner) peek() (byte, error) {
	for {
		for ; s.at < len(s.buf); s.at++ {
			switch c := s.buf[s.at]; c {
			case ' ', '\t', '\r', '\n':
			default:
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// begin looks at how an answer begins: a byte order mark and blanks are taken off; an empty answer, and one that begins like HTML or XML, is an error.
func (s *scanner) begin() error {
	mark := []byte("\xef\xbb\xbf")
	for len(s.buf) < len(mark) && s.fill() == nil { // what comes before an error is looked at first
	}
	if bytes.HasPrefix(s.buf, mark) {
		s.at = len(mark)
	}
	switch c, err := s.peek(); {
	case err == io.EOF:
		return errEmpty
	case err != nil:
		return broken(err)
	case c == '<':
		return errHTML
	}
	return nil
}

// value gives the next value as it stands, until the scanner is used again.
func (s *scanner) value() ([]byte, error) {
	s.keep = s.at
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	s.keep = s.at
	if err := s.pass(0); err != nil {
		return nil, err
	}
	return s.buf[s.keep:s.at], nil
}

// name gives the name of an object's next member as it stands in quotes, until the scanner is used again. What follows it is for colon.
func (s *scanner) name() ([]byte, error) {
	s.keep = s.at
	switch c, err := s.peek(); {
	case err != nil:
		return nil, err
	case c != '"':
		return nil, ErrNotJSON
	}
	s.keep = s.at
	if err := s.passString(); err != nil {
		return nil, err
	}
	return s.buf[s.keep:s.at], nil
}

// colon passes over what stands between a member's name and its value.
func (s *scanner) colon() error {
	switch c, err := s.peek(); {
	case err != nil:
		return err
	case c != ':':
		return ErrNotJSON
	}
	s.at++
	return nil
}

// open passes over the bracket that begins an object or an array, and reports whether there is anything in it. If there is nothing, the end is passed as well.
func (s *scanner) open() (more bool, err error) {
	s.keep = s.at
	end := s.buf[s.at] + 2 // as ASCII has it, for both kinds of brackets
	s.at++
	c, err := s.peek()
	if err != nil || c != end {
		return true, err
	}
	s.at++
	return false, nil
}

// further passes over the comma after a member or an element, or over the end of the object or array; it reports whether another one has to follow.
func (s *scanner) further(end byte) (more bool, err error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	s.at++
	if c != ',' && c != end {
		return false, ErrNotJSON
	}
	return c == ',', nil
}

// pass passes over one value.
func (s *scanner) pass(depth int) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		return s.passString()
	case '{', '[':
		return s.passNested(c, depth+1)
	case 't':
		return s.passWord("true")
	case 'f':
		return s.passWord("false")
	case 'n':
		return s.passWord("null")
	}
	return s.passNumber()
}

func (s *scanner) passNested(open byte, depth int) error {
	if depth > maxDepth {
		return ErrNotJSON
	}
	end := open + 2
	s.at++
	if c, err := s.peek(); err != nil {
		return err
	} else if c == end {
		s.at++
		return nil
	}
	for more := true; more; {
		if open == '{' {
			if err := s.passName(); err != nil {
				return err
			}
		}
		err := s.pass(depth)
		if err != nil {
			return err
		}
		if more, err = s.further(end); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) passName() error {
	if c, err := s.peek(); err != nil {
		return err
	} else if c != '"' {
		return ErrNotJSON
	}
	if err := s.passString(); err != nil {
		return err
	}
	return s.colon()
}

func (s *scanner) passString() error {
	s.at++
	for {
		for s.at < len(s.buf) {
			switch c := s.buf[s.at]; {
			case c == '"':
				s.at++
				return nil
			case c < ' ':
				return ErrNotJSON
			case c == '\\':
				if err := s.passEscape(); err != nil {
					return err
				}
			default:
				s.at++
			}
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

func (s *scanner) passEscape() error {
	s.at++
	c, err := s.byteHere()
	if err != nil {
		return err
	}
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
	default:
		return ErrNotJSON
	}
	for range 4 {
		c, err := s.byteHere()
		if err != nil {
			return err
		}
		if !isHex(c) {
			return ErrNotJSON
		}
		s.at++
	}
	return nil
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|' ' && c|' ' <= 'f' }

func (s *scanner) passWord(word string) error {
	for i := range len(word) {
		c, err := s.byteHere()
		if err != nil {
			return err
		}
		if c != word[i] {
			return ErrNotJSON
		}
		s.at++
	}
	return nil
}

// passNumber passes over a number, or fails on what is no value at all.
func (s *scanner) passNumber() error {
	if c, _ := s.byteHere(); c == '-' {
		s.at++
	}
	if c, err := s.byteHere(); err != nil {
		return err
	} else if c == '0' {
		s.at++
	} else if err := s.passDigits(); err != nil {
		return err
	}
	if c, _ := s.byteHere(); c == '.' {
		s.at++
		if err := s.passDigits(); err != nil {
			return err
		}
	}
	if c, _ := s.byteHere(); c == 'e' || c == 'E' {
		s.at++
		if c, _ := s.byteHere(); c == '+' || c == '-' {
			s.at++
		}
		return s.passDigits()
	}
	return nil
}

// passDigits passes over one digit or more.
func (s *scanner) passDigits() error {
	for n := 0; ; n++ {
		c, err := s.byteHere()
		if err == nil && '0' <= c && c <= '9' {
			s.at++
			continue
		}
		switch {
		case n > 0:
			return nil // whatever follows is not the number's
		case err != nil:
			return err
		}
		return ErrNotJSON
	}
}
