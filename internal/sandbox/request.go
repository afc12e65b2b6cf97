package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxRequestBytes is far above any documented request; Moka's own limit is not
// documented (moka-api 1.2).
const maxRequestBytes = 1 << 20

// errTooLarge is a body over maxRequestBytes.
var errTooLarge = errors.New("request too large")

// readBody reads a request's body within the limit.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxRequestBytes {
		return nil, errTooLarge
	}
	return body, nil
}

// envelope is a parsed request (moka-api 1.3).
type envelope struct {
	credentials credentials
	request     object // nil when absent or null
}

// parseEnvelope reads a body as the family's pair of members. ok is false for
// broken JSON and for a wrong object: both are InvalidRequest, as a wrong
// CheckKey is (moka-api 1.6).
func parseEnvelope(family string, body []byte) (e envelope, ok bool) {
	// Some .NET writers put a byte order mark before their JSON.
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) || !json.Valid(body) {
		return e, false
	}
	top, ok := readObject(body)
	if !ok {
		return e, false
	}
	authentication, ok := readObject(top.get(family + "Authentication"))
	if !ok || authentication == nil {
		return e, false
	}
	auth := members{of: authentication}
	e.credentials = credentials{
		code:     auth.text("DealerCode", 0).value,
		username: auth.text("Username", 0).value,
		password: auth.text("Password", 0).value,
		checkKey: auth.text("CheckKey", 0).value,
	}
	raw := top.get(family + "Request")
	if raw == nil {
		// AddProduct's sample has a blank before the name (moka-api 2.12).
		raw = top.get(" " + family + "Request")
	}
	e.request, ok = readObject(raw)
	return e, ok && !auth.bad
}
