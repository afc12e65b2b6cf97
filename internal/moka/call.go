package moka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// caller makes single calls.
type caller struct {
	base, host string
	who        func() []byte // Credentials.member; a function, since whatever prints this by reflection cannot look into one
	http       http.RoundTripper
	own        *http.Transport // http, when it is our own
	timeout    time.Duration
	agent      string
	log        *slog.Logger
	now        func() time.Time
	limit      *rate.Limiter

	attempts            int
	pause, longestPause time.Duration

	skew *atomic.Pointer[time.Duration]
}

func newLimiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), 1)
}

// once makes one attempt of a call. Its error is an *Error, or the one of each as it was.
func (c *caller) once(ctx context.Context, op Op, what Record, attempt int, each func(Record) error) (data, error) {
	e := &Error{Op: op, Phase: PhaseBefore, host: c.host, limit: c.timeout}
	body, err := encodeRequest(op, c.who(), what)
	if err != nil {
		e.Err = err
		return data{}, e
	}
	if err := c.turn(ctx); err != nil {
		e.Err = err
		return data{}, e
	}
	begun := time.Now()
	got, err := c.exchange(ctx, e, body, what, each)
	c.logCall(ctx, e, err, attempt, time.Since(begun))
	return got, err
}

// turn waits until the rate allows another call.
func (c *caller) turn(ctx context.Context) error {
	err := c.limit.Wait(ctx)
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if err != nil {
		return context.DeadlineExceeded // the limiter knows that the turn would come too late
	}
	return nil
}

// exchange sends a request and reads its answer. It keeps in e how far it got, and gives e when the call did not succeed.
func (c *caller) exchange(ctx context.Context, e *Error, body []byte, what Record, each func(Record) error) (data, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.send(bounded, e, body)
	if err != nil {
		e.Err = cause(ctx, bounded, err)
		return data{}, e
	}
	defer resp.Body.Close()
	e.Phase, e.Status = PhaseRead, resp.StatusCode
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), c.now())

	env, got, err := readAnswer(e.Op, resp.Body, each)
	if theirs := (callbackError{}); errors.As(err, &theirs) {
		return data{}, theirs.err
	}
	if err != nil {
		e.Err = cause(ctx, bounded, err)
		if e.Status/100 == 3 && errors.Is(err, ErrNotJSON) {
			e.Err = ErrRedirect
		}
		return data{seen: got.seen}, e
	}
	e.Phase, e.Code, e.Message, e.Exception = PhaseAnswer, env.code, env.message, env.exception
	if e.Err = judge(e, what, got); e.Err != nil || e.Code != codeSuccess {
		return data{seen: got.seen}, e
	}
	return got, nil
}

// send hands the request to the transport and gives the answer's head. The transport is used without an http.Client: there is nothing that could follow a redirect,
// which would post the body anew (moka-api 4.5), and nothing but the transport that could repeat a request.
func (c *caller) send(ctx context.Context, e *Error, body []byte) (*http.Response, error) {
	p := &passage{network: c.own != nil, body: newRequestBody(body)}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, p.hooks()), http.MethodPost, c.base+"/"+string(e.Op), p.body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.agent)

	sent := c.now()
	resp, err := c.http.RoundTrip(req)
	if err == nil && resp == nil {
		err = errors.New("the transport gave no answer")
	}
	if err != nil {
		e.Phase = p.phase()
		if errors.As(err, new(*ReadOnlyError)) {
			e.Phase = PhaseBefore // it did not come as far as a connection
		}
		return nil, err
	}
	c.noteDate(resp.Header.Get("Date"), sent, c.now())
	return resp, nil
}

// cause tells the end of the caller's context from the call's own time limit, and takes off what may quote an address.
func cause(ctx, bounded context.Context, err error) error {
	var quoting *url.Error
	var cert *tls.CertificateVerificationError
	switch {
	case isOurs(err):
		return err
	case ctx.Err() != nil:
		return stopped(ctx)
	case bounded.Err() != nil:
		return ErrTimeout
	case errors.As(err, &cert):
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	case errors.As(err, &quoting):
		err = quoting.Err
	}
	var timed net.Error
	if errors.As(err, &timed) && timed.Timeout() { // the dialer's and the TLS handshake's own limits
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return err
}

// stopped gives why the caller's context ended; it always wraps one of the errors of package context.
func stopped(ctx context.Context) error {
	if why := context.Cause(ctx); !isStop(why) {
		return fmt.Errorf("%w: %w", ctx.Err(), why)
	}
	return ctx.Err()
}

// isOurs reports whether reading came to a judgement of its own, which a context that ended in the same moment does not change.
func isOurs(err error) bool {
	return errors.Is(err, ErrNotJSON) || errors.Is(err, ErrShape) || errors.Is(err, ErrTooLarge)
}

// retryAfter reads the header's two forms, seconds and a date; 0 for anything else.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// noteDate keeps how far the server's clock is ahead. Its Date is cut to seconds, and was set somewhere between sending and receiving.
func (c *caller) noteDate(header string, sent, received time.Time) {
	at, err := http.ParseTime(header)
	if err != nil {
		return
	}
	skew := at.Add(500 * time.Millisecond).Sub(sent.Add(received.Sub(sent) / 2))
	c.skew.Store(&skew)
}

// logCall tells of one attempt, without anything that was sent or answered but the result code.
func (c *caller) logCall(ctx context.Context, e *Error, err error, attempt int, took time.Duration) {
	if !c.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	code := e.Code
	if code != "" {
		code = printable(code)
	}
	attrs := []slog.Attr{slog.String("op", string(e.Op)), slog.Int("status", e.Status), slog.String("code", code),
		slog.Duration("took", took.Round(time.Microsecond)), slog.Int("attempt", attempt), slog.String("phase", e.Phase.String())}
	if err == error(e) {
		attrs = append(attrs, slog.String("outcome", OutcomeOf(err).String()), slog.String("error", e.Error()))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "call", attrs...)
}
