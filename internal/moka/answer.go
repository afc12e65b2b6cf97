package moka

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

const (
	// maxAnswer bounds the body of an answer that is no list, and one element of a list: the longest documented object is under 4 KiB.
	maxAnswer = 8 << 20
	// maxText bounds what is kept of ResultMessage and Exception.
	maxText = 4 << 10
)

// envelope is what every answer carries beside its Data (moka-api 1.5).
type envelope struct{ code, message, exception string }

// data is what an answer's Data held.
type data struct {
	object   Record   // Data's own members
	customer Record   // those of its DealerCustomer
	cards    []Record // those of its CardList's elements, except of a list operation
	listed   bool     // a list was there, be it null
	seen     int      // elements of it
	said     string   // its count as it stood, "" when it was absent
	affirmed bool     // Data was true or an object
}

// reading is the reading of one answer.
type reading struct {
	row    row
	scan   scanner
	limit  limitReader
	parser parser
	each   func(Record) error
	env    envelope
	data   data
}

// callbackError carries an error of the caller's own function past everything that reads.
type callbackError struct{ err error }

func (e callbackError) Error() string { return e.err.Error() }

// readAnswer reads an envelope. Elements of a list go to each as they come, and at no time is more than one of them in memory; what each has seen counts only if
// no error is returned. Members may come in any order, and unknown ones are passed over. The error wraps one of the Err… of this package, callbackError, or an error of from.
func readAnswer(op Op, from io.Reader, each func(Record) error) (envelope, data, error) {
	r := readings.Get().(*reading)
	defer r.release()
	r.row, r.each = table[op], each
	r.limit = limitReader{from: from, left: maxAnswer}
	r.scan.from = &r.limit
	r.parser.many(r.row.shape == list)
	err := r.scan.begin()
	if err == nil {
		err = r.readEnvelope()
	}
	if err == nil && r.env.code == "" {
		err = fmt.Errorf("%w: it has no ResultCode", ErrShape)
	}
	return r.env, r.data, err
}

// readings are kept for the next answers, with their buffers and the members' names.
var readings = sync.Pool{New: func() any { return &reading{} }}

// maxBuffer is the greatest buffer that is kept.
const maxBuffer = 64 << 10

// release puts the reading back, without what it has read.
func (r *reading) release() {
	buf := r.scan.buf[:0]
	if cap(buf) > maxBuffer {
		buf = nil
	}
	clear(buf[:cap(buf)])
	*r = reading{scan: scanner{buf: buf}, parser: r.parser.emptied()}
	readings.Put(r)
}

func (r *reading) readEnvelope() error {
	if c, err := r.scan.peek(); err != nil {
		return broken(err)
	} else if c != '{' {
		return r.noObject(c, "it is not an object")
	}
	var seen [4]bool
	return r.members(func(name string) error {
		n := slices.Index(envelopeNames[:], name)
		if n >= 0 && seen[n] {
			return fmt.Errorf("%w: a member stands twice", ErrShape)
		}
		if err := broken(r.scan.colon()); err != nil {
			return err
		}
		var err error
		switch n {
		case 0:
			err = r.readData()
		case 1:
			r.env.code, err = r.text()
		case 2:
			r.env.message, err = r.text()
		case 3:
			r.env.exception, err = r.text()
		default:
			_, err = r.value()
			return err
		}
		seen[n] = true
		return err
	}, r.end)
}

var envelopeNames = [...]string{"Data", "ResultCode", "ResultMessage", "Exception"}

// members passes over the object on which the scanner stands. each gets the name of a member and has to read on from the colon.
func (r *reading) members(each func(name string) error, end func() error) error {
	more, err := r.scan.open()
	for more && err == nil {
		var name []byte
		if name, err = r.scan.name(); err != nil {
			break
		}
		if err := each(r.parser.name(name)); err != nil {
			return err
		}
		more, err = r.scan.further('}')
	}
	if err != nil || end == nil {
		return broken(err)
	}
	return end()
}

// noObject is the error for what stands where an object is expected, and begins with c. An array is not looked into.
func (r *reading) noObject(c byte, why string) error {
	if c != '[' {
		if _, err := r.value(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %s", ErrShape, why)
}

// end makes sure that nothing follows.
func (r *reading) end() error {
	c, err := r.scan.peek()
	if err == io.EOF {
		return nil
	}
	if err == nil && c != '{' && c != '[' {
		_, err = r.scan.value()
	}
	if err != nil {
		return broken(err)
	}
	return fmt.Errorf("%w: something follows the answer", ErrNotJSON)
}

// readData reads Data in the shape that the operation documents.
func (r *reading) readData() error {
	if r.row.shape == list {
		return r.readList()
	}
	raw, err := r.value()
	if err != nil {
		return err
	}
	r.data.affirmed = raw[0] == '{' || string(raw) == "true"
	if raw[0] != '{' {
		return nil // null, true, "": there is no object
	}
	object, err := r.parser.record(raw, func(name string, value []byte) (err error) {
		switch {
		case r.row.shape == flat, r.row.shape == gone:
		case name == "DealerCustomer" && value[0] == '{':
			r.data.customer, err = r.parser.record(value, nil)
		case name == "CardList" && value[0] == '[':
			err = r.readCards(value)
		}
		return err
	})
	r.data.object = object
	return err
}

// readCards reads the cards of a customer, out of valid JSON.
func (r *reading) readCards(raw []byte) error {
	c := cursor{raw: raw, at: 1}
	for c.next() != ']' {
		if c.raw[c.at] == ',' {
			c.at++
			c.next()
		}
		card, err := r.parser.record(c.value(), nil)
		if err != nil {
			return err
		}
		r.data.cards = append(r.data.cards, card)
	}
	return nil
}

// readList streams the elements of a list to each.
func (r *reading) readList() error {
	c, err := r.scan.peek()
	if err != nil {
		return broken(err)
	}
	if c != '{' {
		return r.noList(c)
	}
	counts, arrays := listNames(r.row.count), listNames(r.row.array)
	return r.members(func(name string) error {
		count, array := slices.Contains(counts[:], name), slices.Contains(arrays[:], name)
		if count && r.data.said != "" || array && r.data.listed {
			return fmt.Errorf("%w: %s stands twice", ErrShape, name)
		}
		err := broken(r.scan.colon())
		switch {
		case err != nil:
		case count:
			r.data.said, err = r.text()
		case array:
			err = r.readElements()
		default:
			_, err = r.value()
		}
		return err
	}, nil)
}

// noList reads a Data that is not an object: null, false and "" say that there is no list, and begin with c.
func (r *reading) noList(c byte) error {
	switch c {
	case 'n', 'f', '"':
		raw, err := r.value()
		if err != nil {
			return err
		}
		if c != '"' || len(raw) == 2 {
			return nil
		}
		return fmt.Errorf("%w: Data is not an object", ErrShape)
	}
	return r.noObject(c, "Data is not an object")
}

func (r *reading) readElements() error {
	c, err := r.scan.peek()
	if err != nil {
		return broken(err)
	}
	if c == 'n' {
		r.data.listed = true
		_, err := r.value()
		return err
	}
	if c != '[' {
		if c == '{' {
			c = '[' // nor is an object looked into
		}
		return r.noObject(c, r.row.array+" is not a list")
	}
	r.data.listed = true
	more, err := r.scan.open()
	for more && err == nil {
		r.limit.left = maxAnswer
		if err := r.readElement(); err != nil {
			return err
		}
		more, err = r.scan.further(']')
	}
	r.limit.left = maxAnswer
	return broken(err)
}

func (r *reading) readElement() error {
	raw, err := r.value()
	if err != nil {
		return err
	}
	rec, err := r.parser.record(raw, nil)
	if err != nil {
		return err
	}
	r.data.seen++
	if r.each == nil {
		return nil
	}
	if err := r.each(rec); err != nil {
		return callbackError{err}
	}
	return nil
}

// value gives the next value as it stands, until the next is read.
func (r *reading) value() ([]byte, error) {
	raw, err := r.scan.value()
	return raw, broken(err)
}

// text reads the next value as a text, cut to a length that is good to keep. A nested value gives its JSON.
func (r *reading) text() (string, error) {
	raw, err := r.value()
	if err != nil {
		return "", err
	}
	var s string
	switch {
	case string(raw) == `"`+codeSuccess+`"`:
		s = codeSuccess
	case raw[0] == '{', raw[0] == '[':
		s = string(raw)
	default:
		s = r.parser.text(raw)
	}
	if len(s) > maxText {
		s = s[:maxText]
	}
	return s, nil
}

// broken says what an error of the scanner means: an answer that stops in its middle, or what it is already.
func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ErrTruncated
	}
	return err
}
