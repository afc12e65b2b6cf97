package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Transport answers requests inside this process, without a network: give it to
// an [http.Client]. Each request is handled as a served one would be, a cut
// connection becomes an error that wraps [io.ErrUnexpectedEOF], and a long
// answer is read while it is written. Host and scheme of the URL do not matter.
//
// The hooks of [httptrace] that tell how far a request got are called, since a
// caller may only repeat what was never sent.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ handler http.Handler }

// errCut is what a caller sees of a connection that the sandbox closed.
var errCut = fmt.Errorf("the sandbox closed the connection: %w", io.ErrUnexpectedEOF)

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
	}
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	traceSent(trace)

	in := r.WithContext(ctx) // a copy whose header and URL are the caller's: the sandbox only reads them
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "in-process"
	read, write := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: write, started: make(chan struct{})}
	go t.handle(w, in)
	select {
	case <-w.started:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		read.CloseWithError(err)
		return nil, err
	}
	if w.cut {
		return nil, errCut
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return w.response(r, read), nil
}

// traceSent reports that connection and request went well, in the order of
// net/http.
func traceSent(trace *httptrace.ClientTrace) {
	if trace == nil {
		return
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Reused: true})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// handle runs the handler and ends the answer as it ended.
func (t transport) handle(w *pipeWriter, r *http.Request) {
	defer func() {
		switch failure := recover(); failure {
		case nil:
			w.WriteHeader(http.StatusOK)
			// A caller that gave up gets its own error, not the end of a short answer.
			w.body.CloseWithError(r.Context().Err())
		case http.ErrAbortHandler:
			w.abort()
		default:
			panic(failure)
		}
	}()
	t.handler.ServeHTTP(w, r)
}

// pipeWriter is the ResponseWriter of one in-process request. Only the handler's
// goroutine uses it until started is closed; then the caller reads header,
// status and cut, which no longer change.
type pipeWriter struct {
	header  http.Header
	sent    http.Header
	status  int
	cut     bool
	body    *io.PipeWriter
	started chan struct{}
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	close(w.started)
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush does nothing: a pipe holds nothing back.
func (w *pipeWriter) Flush() {}

// abort ends the answer as a closed connection would.
func (w *pipeWriter) abort() {
	if w.status == 0 {
		w.cut, w.status = true, -1
		close(w.started)
	}
	w.body.CloseWithError(errCut)
}

func (w *pipeWriter) response(r *http.Request, body io.ReadCloser) *http.Response {
	length := int64(-1)
	if text := w.sent.Get("Content-Length"); text != "" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			length = n
		}
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: length, Request: r,
	}
}
