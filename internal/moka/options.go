package moka

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// Options say to whom a Reader or a Client speaks, and how. The zero value of everything but BaseURL and Credentials is good.
type Options struct {
	// BaseURL is the endpoint's, as Endpoint gives it. Plain http is for loopback addresses only.
	BaseURL     string
	Credentials Credentials
	// HTTP carries the calls in place of the network, for a simulator in the same process. A call that it fails counts as not sent only if it did not touch the request's body.
	HTTP http.RoundTripper
	// Parallel is how many calls may be in flight without waiting for new connections; 0 means 4. It does not limit them.
	Parallel int
	// Rate is how many calls may begin in a second, attempts included; 0 means any number.
	Rate float64
	// Timeout bounds one attempt of a call, from its turn to the end of its answer; 0 means 30 s.
	Timeout time.Duration
	// Attempts is how often a read is tried; 0 means 4, 1 means never again. A write is tried once.
	Attempts int
	// Pause is the mean pause before a read's second attempt, doubled for each further one; 0 means 300 ms.
	Pause time.Duration
	// LongestPause bounds a pause. A server that asks for a longer one is taken at its word: the read fails at once. 0 means 30 s.
	LongestPause time.Duration
	// RootCAs are trusted in place of the system's, if set.
	RootCAs *x509.CertPool
	// Log is told of every attempt at level debug: operation, status, result code, duration. nil means no log.
	Log       *slog.Logger
	UserAgent string           // "" means "mokasync"
	Now       func() time.Time // nil means time.Now; used for Skew and Retry-After
}

// NewReader gives a Reader, or an error that says what is missing or wrong. It does not touch the network. What a Reader holds can write nothing: there is no Client behind it,
// and its transport lets nothing out but reads.
func NewReader(o Options) (*Reader, error) {
	c, err := newCaller(o)
	if err != nil {
		return nil, err
	}
	return &Reader{c.readOnly()}, nil
}

// NewClient is NewReader for a Client.
func NewClient(o Options) (*Client, error) {
	c, err := newCaller(o)
	if err != nil {
		return nil, err
	}
	return &Client{Reader: &Reader{c.readOnly()}, writes: c}, nil
}

func newCaller(o Options) (*caller, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if err := o.Credentials.check(); err != nil && o.HTTP == nil {
		return nil, err
	}
	o = o.filled()
	member := o.Credentials.member()
	c := &caller{
		base: base.String(), host: base.Host, who: func() []byte { return member }, http: o.HTTP, timeout: o.Timeout, agent: o.UserAgent, log: o.Log, now: o.Now,
		attempts: o.Attempts, pause: o.Pause, longestPause: o.LongestPause, limit: newLimiter(o.Rate),
		skew: new(atomic.Pointer[time.Duration]),
	}
	if c.http == nil {
		c.own = newTransport(o)
		c.http = c.own
	}
	return c, nil
}

// readOnly is the same caller over a transport that lets nothing out but reads. Connections, rate and clock are shared.
func (c *caller) readOnly() *caller {
	only := *c
	only.http = readOnly{next: c.http, base: c.base}
	return &only
}

func (o Options) filled() Options {
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Attempts <= 0 {
		o.Attempts = 4
	}
	if o.Pause <= 0 {
		o.Pause = 300 * time.Millisecond
	}
	if o.LongestPause <= 0 {
		o.LongestPause = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.UserAgent == "" {
		o.UserAgent = "mokasync"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (c Credentials) check() error {
	switch {
	case c.DealerCode == "":
		return errors.New("the dealer code is missing")
	case c.Username == "":
		return errors.New("the user name is missing")
	case c.Password == "":
		return errors.New("the password is missing")
	}
	return nil
}
