package moka

import (
	"fmt"
	"net/http"
	"strings"
)

// readOnly is the transport of every Reader: it lets out the calls that the table of operations has as reads, and nothing else, whoever asks it to. What is refused is
// not handed on, so that not a byte of it leaves.
type readOnly struct {
	next http.RoundTripper
	base string // without a slash at its end
}

func (g readOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.reads(r) {
		if r.Body != nil {
			r.Body.Close() // as a RoundTripper must
		}
		return nil, &ReadOnlyError{Method: r.Method, Path: r.URL.EscapedPath()}
	}
	return g.next.RoundTrip(r)
}

// reads compares the address as it would be sent, letter by letter: one that a server might take for another (other case, dots, escapes, a query, another host) is none of ours.
func (g readOnly) reads(r *http.Request) bool {
	name, ours := strings.CutPrefix(r.URL.String(), g.base+"/")
	op, known := table[Op(name)]
	return ours && known && !op.write && r.Method == http.MethodPost && r.URL.Opaque == "" && (r.Host == "" || r.Host == r.URL.Host)
}

// ReadOnlyError is a request that a Reader did not let out, since the documentation does not have its path as a service that only reads (moka-api 2). Nothing was sent.
// No call of a Reader asks for one: it is a fault of this program. It comes wrapped in an Error of PhaseBefore.
type ReadOnlyError struct {
	Method string // of HTTP
	Path   string // as it would have been sent, with the base URL's own
}

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("%s %q is not a call that only reads, and nothing else may be sent here. This is a fault of mokasync: please report it", e.Method, e.Path)
}
