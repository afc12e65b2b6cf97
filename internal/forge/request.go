package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds what is read of one answer, in bytes; a page of a hundred comments of full length is well below it.
const maxAnswer = 64 << 20

// tries is how often a call is made that ends without an answer, or with one of a server in trouble.
const tries = 5

// wire sends calls to a forge, one after another.
type wire struct {
	o    Options
	base *url.URL
	http *http.Client
	// header says who we are, and which version of the API is meant.
	header http.Header
	// waited is how much of Options.Wait is used up.
	waited time.Duration
}

// path gives the URL of something below the API's address: segments are escaped one by one.
func (c *wire) path(segments ...string) string {
	out := c.base.String()
	for _, s := range segments {
		out += "/" + url.PathEscape(s)
	}
	return out
}

// call is one call to the forge.
type call struct {
	doing, method, url string
	body               any
	// again: it may be repeated although it may have taken effect.
	again bool
	// found is the status that it is to end with.
	found int
	into  any
}

// do makes a call, and repeats it where that is safe: where the forge refused it for coming too soon, where not a byte of it can have left, and where it
// may be made twice. It gives the address of the next page, "" if there is none.
func (c *wire) do(ctx context.Context, k call) (next string, err error) {
	for try := 1; ; try++ {
		a, err := c.send(ctx, k)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err == nil {
			return a.next, nil
		}
		var pause time.Duration
		switch {
		case a.limited:
			if pause = a.wait << (try - 1); a.exact {
				pause = a.wait
			}
			if c.waited+pause > c.o.Wait {
				return "", &LimitError{Doing: k.doing, Until: c.o.Now().Add(pause), Wait: pause}
			}
		case a.repeat:
			pause = time.Second << (try - 1)
			if try == tries || c.waited+pause > c.o.Wait {
				return "", err
			}
		default:
			return "", err
		}
		c.o.Log.Info("waiting", "to", k.doing, "for", pause)
		if err := c.pause(ctx, pause); err != nil {
			return "", err
		}
	}
}

// pause waits, and takes it from what may be waited in all.
func (c *wire) pause(ctx context.Context, d time.Duration) error {
	c.waited += d
	return c.o.Sleep(ctx, d)
}

// answer is what a call came to.
type answer struct {
	next    string
	limited bool          // refused for coming too soon: nothing was done
	wait    time.Duration // how long to wait then
	exact   bool          // wait is the forge's own word
	repeat  bool          // it may be made again
}

func (c *wire) send(ctx context.Context, k call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	var body io.Reader
	if k.body != nil {
		text, err := json.Marshal(k.body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, k.method, k.url, body)
	if err != nil {
		return answer{}, &Error{Doing: k.doing, Message: "its address is not valid"}
	}
	maps.Copy(r.Header, c.header)
	r.Header.Set("User-Agent", c.o.UserAgent)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	begin := c.o.Now()
	response, err := c.http.Do(r)
	if err != nil {
		c.o.Log.Debug("call", "method", k.method, "path", r.URL.Path, "error", c.why(err))
		unsent := notSent(err)
		return answer{repeat: unsent || k.again}, &Error{Doing: k.doing, Message: c.why(err), Unknown: k.method != http.MethodGet && !unsent}
	}
	defer response.Body.Close()
	c.o.Log.Debug("call", "method", k.method, "path", r.URL.Path, "status", response.StatusCode, "took", c.o.Now().Sub(begin))
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return c.judge(k, response, text, err)
}

// judge says what an answer means.
func (c *wire) judge(k call, r *http.Response, text []byte, broken error) (answer, error) {
	e := &Error{Doing: k.doing, Status: r.StatusCode}
	if r.StatusCode == k.found {
		if broken == nil && k.into != nil {
			broken = json.Unmarshal(text, k.into)
		}
		if broken != nil {
			e.Status, e.Message, e.Unknown = 0, "the answer cannot be read", k.method != http.MethodGet
			return answer{repeat: k.again}, e
		}
		next, err := c.nextPage(k.url, r.Header)
		if err != nil {
			e.Status, e.Message = 0, err.Error()
			return answer{}, e
		}
		return answer{next: next}, nil
	}
	if broken == nil {
		e.Message = c.plain(sentence(text))
	}
	if a := c.limit(r, e.Message); a.limited {
		return a, e
	}
	switch {
	case r.StatusCode >= 500:
		e.Unknown = k.method != http.MethodGet
		return answer{repeat: k.again}, e
	case r.StatusCode >= 300 && r.StatusCode < 400:
		e.Message = "it lies at another address now; the token is sent to no other server"
	case r.StatusCode < 300:
		e.Message, e.Unknown = "this is not the answer of a forge", k.method != http.MethodGet
	}
	return answer{}, e
}

// why tells in words why there is no answer. The address is left out: a proxy's may hold a password.
func (c *wire) why(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return "no answer in " + c.o.Timeout.String()
		}
		err = u.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed before the answer"
	}
	return c.plain(err.Error())
}

// notSent reports whether there was no connection at all, so that nothing was done.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.Is(err, errProxy)
}
