package moka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// encodeRequest builds the body of a call as the documentation's samples are built: the family's authentication member, then its request member, which is left out
// when there is nothing to ask (moka-api 1.3). Every value is a quoted text; HTML characters and letters beyond ASCII stand as they are.
// authentication is what Credentials.member gives. It fails rather than send another text than the one it was given.
func encodeRequest(op Op, authentication []byte, what Record) ([]byte, error) {
	for i, m := range what {
		if !utf8.ValidString(m.Value) {
			return nil, fmt.Errorf("the value of %s is not UTF-8", m.Name)
		}
		if what[:i].Has(m.Name) {
			return nil, fmt.Errorf("the request holds %s twice", m.Name)
		}
	}
	if key := table[op].key; table[op].keyed && what.Get(key) == "" {
		return nil, fmt.Errorf("the request has no %s", key)
	}
	if table[op].write && len(what) == 0 {
		return nil, errNothing
	}
	body := make([]byte, 0, 1024)
	body = append(body, `{"`...)
	body = append(body, op.Family()...)
	body = append(body, `Authentication":`...)
	body = append(body, authentication...)
	if what != nil {
		body = append(body, `,"`...)
		body = append(body, op.Family()...)
		body = append(body, `Request":`...)
		body = appendRecord(body, what)
	}
	return append(body, '}'), nil
}

// member is the value of a request's authentication member (moka-api 1.3). It is the same for every call.
func (c Credentials) member() []byte {
	return appendRecord(nil, Record{{"DealerCode", c.DealerCode}, {"Username", c.Username}, {"Password", c.Password}, {"CheckKey", c.CheckKey()}})
}

// appendRecord writes a record as a JSON object whose values are texts.
func appendRecord(to []byte, r Record) []byte {
	to = append(to, '{')
	for i, m := range r {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendString(to, m.Name), ':')
		to = appendString(to, m.Value)
	}
	return append(to, '}')
}

// appendString writes a JSON string without escaping what only HTML needs escaped. Most texts are written as they stand; encoding/json writes the others.
func appendString(to []byte, s string) []byte {
	if standsInQuotes(s) {
		return append(append(append(to, '"'), s...), '"')
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer cannot fail
	return append(to, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// standsInQuotes reports whether a text needs nothing but quotes to be JSON as encoding/json writes it.
func standsInQuotes(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == '"', c == '\\':
			return false
		case c == 0xe2: // the line separators U+2028 and U+2029 begin with it
			return false
		}
	}
	return utf8.ValidString(s)
}

// requestBody is the body of one call. It is not a bytes.Reader, so that net/http cannot rewind it: a request whose body cannot be had again is not sent again
// (http.Request.GetBody, and moka-api 4.5 on the transport's own retries).
type requestBody struct {
	left *bytes.Reader
	read atomic.Bool // a byte of it was handed out, or asked for
}

func newRequestBody(b []byte) *requestBody { return &requestBody{left: bytes.NewReader(b)} }

func (b *requestBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.left.Read(p)
}

func (b *requestBody) Close() error { return nil }

// touched reports whether anything of the body may have left.
func (b *requestBody) touched() bool { return b.read.Load() }

var (
	_ io.ReadCloser = (*requestBody)(nil)

	errNothing = errors.New("there is nothing to send")
)

// sameKey compares what was sent with what came back. Card tokens are compared without braces and in lower case, since Moka takes them in one form and gives
// them in the other (moka-api 1.7); everything else must be the same text.
func sameKey(name, sent, got string) bool {
	if name == "CardToken" {
		return bareToken(sent) == bareToken(got)
	}
	return sent == got
}

func bareToken(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "{"), "}"))
}
