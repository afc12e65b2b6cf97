package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// indented writes a JSON object with long lists as writeJSON does, an element at a time. The first error stays, and is told at the end.
type indented struct {
	w   *bufio.Writer
	buf bytes.Buffer
	enc *json.Encoder
	err error
}

func newIndented(w io.Writer) *indented {
	out := &indented{w: bufio.NewWriterSize(w, 1<<16)}
	out.enc = json.NewEncoder(&out.buf)
	out.enc.SetEscapeHTML(false)
	return out
}

// value writes a value whose lines but the first begin with a prefix, without its last bytes.
func (o *indented) value(v any, prefix, without string) {
	if o.err != nil {
		return
	}
	o.buf.Reset()
	o.enc.SetIndent(prefix, " ")
	if o.err = o.enc.Encode(v); o.err == nil {
		_, o.err = o.w.Write(bytes.TrimSuffix(o.buf.Bytes(), []byte(without)))
	}
}

func (o *indented) text(s string) {
	if o.err == nil {
		_, o.err = o.w.WriteString(s)
	}
}

// begin writes the members of an object, of which there must be some: lists follow.
func (o *indented) begin(object any) { o.value(object, "", "\n}\n") }

// list writes a member that is an array.
func (o *indented) list(name string, n int, element func(i int) any) {
	o.text(",\n \"" + name + "\": [")
	for i := 0; i < n && o.err == nil; i++ {
		if i > 0 {
			o.text(",")
		}
		o.text("\n  ")
		o.value(element(i), "  ", "\n")
	}
	if n > 0 {
		o.text("\n ")
	}
	o.text("]")
}

func (o *indented) end() error {
	o.text("\n}\n")
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}
