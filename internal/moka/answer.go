package moka

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	parser *parser
	limit  *limitReader
	dec    *json.Decoder
	raw    json.RawMessage // scratch
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
	limit := &limitReader{from: from, left: maxAnswer}
	begin, err := begins(limit)
	if err != nil {
		return envelope{}, data{}, err
	}
	r := &reading{row: table[op], limit: limit, dec: json.NewDecoder(begin), each: each}
	r.parser = newParser(r.row.shape == list)
	err = r.readEnvelope()
	if err == nil && r.env.code == "" {
		err = fmt.Errorf("%w: it has no ResultCode", ErrShape)
	}
	return r.env, r.data, err
}

func (r *reading) readEnvelope() error {
	if tok, err := r.dec.Token(); err != nil {
		return broken(err)
	} else if tok != json.Delim('{') {
		return fmt.Errorf("%w: it is not an object", ErrShape)
	}
	seen := make(map[string]bool, 4)
	for r.dec.More() {
		name, err := r.memberName()
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%w: a member stands twice", ErrShape)
		}
		switch name {
		case "Data":
			err = r.readData()
		case "ResultCode":
			r.env.code, err = r.text()
		case "ResultMessage":
			r.env.message, err = r.text()
		case "Exception":
			r.env.exception, err = r.text()
		default:
			if err = r.value(); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		seen[name] = true
	}
	if _, err := r.dec.Token(); err != nil {
		return broken(err)
	}
	return r.end()
}

// end makes sure that nothing follows.
func (r *reading) end() error {
	switch _, err := r.dec.Token(); {
	case err == nil:
		return fmt.Errorf("%w: something follows the answer", ErrNotJSON)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return broken(err)
	}
}

// readData reads Data in the shape that the operation documents.
func (r *reading) readData() error {
	if r.row.shape == list {
		return r.readList()
	}
	if err := r.value(); err != nil {
		return err
	}
	r.data.affirmed = r.raw[0] == '{' || string(r.raw) == "true"
	if r.raw[0] != '{' {
		return nil // null, true, "": there is no object
	}
	object, err := r.parser.record(r.raw, func(name string, value []byte) (err error) {
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

func (r *reading) readCards(raw []byte) error {
	var cards []json.RawMessage
	if err := json.Unmarshal(raw, &cards); err != nil {
		return broken(err)
	}
	for _, c := range cards {
		card, err := r.parser.record(c, nil)
		if err != nil {
			return err
		}
		r.data.cards = append(r.data.cards, card)
	}
	return nil
}

// readList streams the elements of a list to each.
func (r *reading) readList() error {
	tok, err := r.dec.Token()
	if err != nil {
		return broken(err)
	}
	switch tok {
	case nil, false, "":
		return nil
	case json.Delim('{'):
	default:
		return fmt.Errorf("%w: Data is not an object", ErrShape)
	}
	counts, arrays := listNames(r.row.count), listNames(r.row.array)
	for r.dec.More() {
		name, err := r.memberName()
		if err != nil {
			return err
		}
		switch name {
		case counts[0], counts[1]:
			if r.data.said != "" {
				return fmt.Errorf("%w: %s stands twice", ErrShape, name)
			}
			r.data.said, err = r.text()
		case arrays[0], arrays[1]:
			if r.data.listed {
				return fmt.Errorf("%w: %s stands twice", ErrShape, name)
			}
			err = r.readElements()
		default:
			err = r.value()
		}
		if err != nil {
			return err
		}
	}
	_, err = r.dec.Token()
	return broken(err)
}

func (r *reading) readElements() error {
	tok, err := r.dec.Token()
	if err != nil {
		return broken(err)
	}
	r.data.listed = true
	if tok == nil {
		return nil
	}
	if tok != json.Delim('[') {
		return fmt.Errorf("%w: %s is not a list", ErrShape, r.row.array)
	}
	for r.dec.More() {
		r.limit.left = maxAnswer
		if err := r.value(); err != nil {
			return err
		}
		rec, err := r.parser.record(r.raw, nil)
		if err != nil {
			return err
		}
		r.data.seen++
		if r.each == nil {
			continue
		}
		if err := r.each(rec); err != nil {
			return callbackError{err}
		}
	}
	r.limit.left = maxAnswer
	_, err = r.dec.Token()
	return broken(err)
}

func (r *reading) memberName() (string, error) {
	tok, err := r.dec.Token()
	if err != nil {
		return "", broken(err)
	}
	name, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("%w: a member has no name", ErrNotJSON)
	}
	return name, nil
}

// value reads the next value into the scratch buffer.
func (r *reading) value() error {
	r.raw = r.raw[:0]
	return broken(r.dec.Decode(&r.raw))
}

// text reads the next value as a text, cut to a length that is good to keep. A nested value gives its JSON.
func (r *reading) text() (string, error) {
	if err := r.value(); err != nil {
		return "", err
	}
	s := string(r.raw)
	if r.raw[0] != '{' && r.raw[0] != '[' {
		s = r.parser.text(r.raw)
	}
	if len(s) > maxText {
		s = s[:maxText]
	}
	return s, nil
}

// broken says what an error of the decoder means: an answer that stops in its middle, one that is not JSON, or the reader's own error.
func broken(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrTruncated
	case errors.As(err, &syntax), errors.As(err, &kind):
		return ErrNotJSON
	}
	return err
}
