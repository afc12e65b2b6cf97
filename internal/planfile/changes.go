package planfile

import (
	"bytes"
	"encoding/json"
	"iter"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Changes are the changes of a file that was read, in its order. Each is held as its text, and read when it is asked for: taken apart, those of a hundred thousand take twice the memory.
type Changes []kept

// kept is a change with what is asked of all of them.
type kept struct {
	Address spec.Address
	action  plan.Action // Unchanged for one that is none
	line    []byte      // as it stands in the file, with the newline at its end
}

// All gives the changes one after the other. An error is about a text that Decode has not read.
func (all Changes) All() iter.Seq2[*Change, error] {
	return func(yield func(*Change, error) bool) {
		for i := range all {
			if c, err := all[i].change(); !yield(c, err) || err != nil {
				return
			}
		}
	}
}

func (k *kept) change() (*Change, error) {
	c := &Change{}
	if err := json.Unmarshal(k.line, c); err != nil {
		return nil, err
	}
	return c, nil
}

// readChanges reads changes out of a decoder over a text, and keeps those that stand there just as they are written.
func readChanges(dec *json.Decoder, text []byte) (Changes, error) {
	if err := expect(dec, json.Delim('[')); err != nil {
		return nil, err
	}
	var all Changes
	lines := newLineWriter()
	for dec.More() {
		from := dec.InputOffset()
		var c Change
		if err := dec.Decode(&c); err != nil {
			return nil, err
		}
		line := bytes.TrimLeft(text[from:min(int(dec.InputOffset())+1, len(text))], "\n,") // what stands between two changes, write compares
		if again, err := lines.of(&c); err != nil || !bytes.Equal(again, line) {
			return nil, errChanged
		}
		action, _ := plan.ParseAction(c.Action)
		all = append(all, kept{c.Address, action, line})
	}
	return all, expect(dec, json.Delim(']'))
}

// lineWriter writes values as they stand in a file, each with a newline at its end.
type lineWriter struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newLineWriter() *lineWriter {
	l := &lineWriter{}
	l.enc = json.NewEncoder(&l.buf)
	l.enc.SetEscapeHTML(false)
	return l
}

// of gives a value's text, until the next is asked for.
func (l *lineWriter) of(v any) ([]byte, error) {
	l.buf.Reset()
	err := l.enc.Encode(v)
	return l.buf.Bytes(), err
}
