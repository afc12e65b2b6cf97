package forge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Options make a Client.
type Options struct {
	Kind       Kind   // "" means GitHub
	Address    string // of the API, see ParseAddress; "" means that of Kind.Address
	Repository string // see ParseRepository
	Token      string // sent to Address alone
	UserAgent  string
	Timeout    time.Duration // of one call; 0 means 30 s
	// Wait is how long a Client waits in all, where the forge asks for fewer calls or does not answer.
	Wait time.Duration
	// Now and Sleep are the clock; nil means the machine's.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	HTTP  http.RoundTripper // nil means the network
	Log   *slog.Logger      // nil means none
}

// Client speaks to one repository of a forge. It is for one goroutine: a forge asks that calls be made one after another.
type Client struct {
	*wire
	host
}

// New makes a Client. It makes no call.
func New(o Options) (*Client, error) {
	if o.Kind == "" {
		o.Kind = GitHub
	}
	if o.Address == "" {
		o.Address = o.Kind.Address()
	}
	base, err := ParseAddress(o.Address)
	if err != nil {
		return nil, err
	}
	if o.Repository, err = ParseRepository(o.Kind, o.Repository); err != nil {
		return nil, err
	}
	o.Token = strings.TrimSpace(o.Token)
	if o.Token == "" || strings.ContainsFunc(o.Token, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' }) {
		return nil, errors.New("the token is empty, or has characters that no token has")
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = newTransport()
	}
	w := &wire{o: o, base: base, http: &http.Client{Transport: o.HTTP, CheckRedirect: sameServer}}
	switch o.Kind {
	case GitHub:
		return &Client{w, newGitHub(w)}, nil
	case GitLab:
		return &Client{w, newGitLab(w)}, nil
	}
	return nil, fmt.Errorf("the forge is %q, which is neither %s nor %s", o.Kind, GitHub, GitLab)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

var errProxy = errors.New("the proxy's address is not valid")

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		u, err := http.ProxyFromEnvironment(r)
		if err != nil {
			return nil, errProxy // net/http's own quotes the address, and with it perhaps a password
		}
		return u, nil
	}
	return t
}

// sameServer follows a redirect only where the token may go along and the call stays what it was. Any other is handed back as the answer.
func sameServer(r *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 4 || r.Method != first.Method || !sameOrigin(r.URL, first.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) && a.User == nil
}
