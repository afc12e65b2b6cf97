package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// answer is what goes out: the envelope of moka-api 1.5.
type answer struct {
	status    int
	code      string
	message   string
	exception string // "" is null
	data      any    // nil is null
	countOff  int    // how far a list's count is from its length (fault wrong-count)
}

// success is the result code of every success (moka-api 1.5).
const success = "Success"

// list is a Data with a count and an array, written row by row so that a long
// one is never held as text.
type list struct {
	keyName             string // a number before the count; "" for none
	key                 int64
	countName, listName string
	n                   int
	row                 func(i int) any
}

// listed answers with a list of rows. An empty one is a failure code unless the
// switch says otherwise (moka-api 2.14); notFound is the kind's own.
func listed[T any](c *call, countName, listName string, rows []*T, notFound string) result {
	if len(rows) == 0 && !c.sw.is(swEmptyList, emptySuccess) {
		return c.refuse(c.emptyReason(notFound))
	}
	return done(list{countName: countName, listName: listName, n: len(rows), row: func(i int) any { return rows[i] }}, nil)
}

// emptyReason is the reason of an empty list: the one in the documented example
// or the one in the documented table (moka-api 2.14).
func (c *call) emptyReason(notFound string) string {
	if c.sw.is(swEmptyList, emptyNotFound) {
		return notFound
	}
	return "NoDataFound"
}

// buffers are kept from answer to answer; none is much longer than flushAt or
// one row.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeTo writes the envelope, members in the documented order.
func (a *answer) writeTo(w io.Writer) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false) // Moka's samples hold letters, not escapes
	flush := func() error {
		_, err := w.Write(buf.Bytes())
		buf.Reset()
		return err
	}
	put := func(v any) error {
		if err := enc.Encode(v); err != nil {
			return err
		}
		buf.Truncate(buf.Len() - 1) // the newline that Encode ends with
		return nil
	}
	buf.WriteString(`{"Data":`)
	var err error
	switch data := a.data.(type) {
	case list:
		err = data.write(buf, put, flush, a.countOff)
	case customerData:
		data.CardListCount += a.countOff
		err = put(data)
	default:
		err = put(data)
	}
	if err != nil {
		return err
	}
	tail := struct {
		ResultCode    string
		ResultMessage string
		Exception     *string
	}{ResultCode: a.code, ResultMessage: a.message}
	if a.exception != "" {
		tail.Exception = &a.exception
	}
	start := buf.Len()
	if err := put(tail); err != nil {
		return err
	}
	buf.Bytes()[start] = ',' // the tail's brace becomes the comma before it
	return flush()
}

// flushAt is how much of a list is gathered before it is written.
const flushAt = 32 << 10

func (l list) write(buf *bytes.Buffer, put func(any) error, flush func() error, countOff int) error {
	buf.WriteByte('{')
	if l.keyName != "" {
		fmt.Fprintf(buf, `%q:%d,`, l.keyName, l.key)
	}
	fmt.Fprintf(buf, `%q:%d,%q:[`, l.countName, l.n+countOff, l.listName)
	for i := range l.n {
		if i > 0 {
			buf.WriteByte(',')
		}
		if err := put(l.row(i)); err != nil {
			return err
		}
		if buf.Len() > flushAt {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	buf.WriteString("]}")
	return nil
}
