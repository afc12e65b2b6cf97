package forge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

// pausing does something while a client sleeps.
type pausing struct {
	*clock
	do func()
}

func (p *pausing) sleep(ctx context.Context, d time.Duration) error {
	p.do()
	return p.clock.sleep(ctx, d)
}

// TestLimits: a client waits as long as the forge asks, up to what it may, and then says until when.
func TestLimits(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		for _, row := range []struct {
			fault forgetest.Fault
			waits time.Duration // 0: it does not
		}{
			{forgetest.Fault{Kind: forgetest.Primary, For: 50 * time.Second}, 51 * time.Second},
			{forgetest.Fault{Kind: forgetest.Secondary, For: 30 * time.Second}, 30 * time.Second},
			{forgetest.Fault{Kind: forgetest.TooMany, For: 10 * time.Second}, 10 * time.Second},
			{forgetest.Fault{Kind: forgetest.TooMany}, time.Second},
			{forgetest.Fault{Kind: forgetest.Wordless}, time.Minute},
			{forgetest.Fault{Kind: forgetest.Primary, For: time.Hour}, 0},
			{forgetest.Fault{Kind: forgetest.Secondary, For: 121 * time.Second}, 0},
		} {
			for _, method := range []string{"GET", "POST", at.edit, "DELETE"} {
				t.Run(fmt.Sprint(method, row.fault.Kind, row.fault.For), func(t *testing.T) {
					f, s, c := at.serve(t)
					if method != "POST" {
						put(t, at.client(t, s, c, at.token), post("zero"))
						f.Say(7, at.author, f.Comments(7)[0].Body) // to be deleted
					}
					begin := c.now()
					row.fault.Method = method
					f.Fail(row.fault)
					_, err := at.client(t, s, c, at.token).Put(t.Context(), post("one"))
					if got := c.now().Sub(begin); got != row.waits {
						t.Errorf("waited %v, want %v", got, row.waits)
					}
					var limit *forge.LimitError
					if row.waits == 0 && !errors.As(err, &limit) {
						t.Errorf("got %v, want a LimitError", err)
					}
					if row.waits > 0 && (err != nil || !strings.HasSuffix(only(t, f).Body, "\none")) {
						t.Errorf("got %v", err)
					}
				})
			}
		}
	})
}

// TestLimitsTogether: several waits come to no more than is allowed in all.
func TestLimitsTogether(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		for range 3 {
			f.Fail(forgetest.Fault{Kind: forgetest.Secondary, For: 50 * time.Second})
		}
		begin := c.now()
		_, err := at.client(t, s, c, at.token).Put(t.Context(), post("one"))
		var limit *forge.LimitError
		if waited := c.now().Sub(begin); !errors.As(err, &limit) || waited != 100*time.Second {
			t.Errorf("got %v after %v", err, waited)
		}
	})
}

// TestRedirect: the token goes to no other server, by redirect or by a list's next page; on the same server a redirect is followed.
func TestRedirect(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		stolen := make(chan string, 10)
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stolen <- r.Header.Get("Authorization") + r.Header.Get("Private-Token")
		}))
		defer other.Close()
		for _, kind := range []forgetest.Kind{forgetest.Moved, forgetest.MovedPost} {
			for _, method := range []string{"GET", "POST"} {
				f, s, c := at.serve(t)
				f.Fail(forgetest.Fault{Kind: kind, Method: method, To: other.URL})
				_, err := at.client(t, s, c, at.token).Put(t.Context(), post("one"))
				var e *forge.Error
				if !errors.As(err, &e) || e.Status/100 != 3 || len(f.Comments(7)) != 0 {
					t.Errorf("%s %s: got %v", kind, method, err)
				}
				f.Fail(forgetest.Fault{Kind: kind, Method: method, To: s.URL})
				if _, err := at.client(t, s, c, at.token).Put(t.Context(), post("one")); (err == nil) != (kind == forgetest.Moved || method == "GET") {
					t.Errorf("%s %s on the same server: got %v", kind, method, err)
				}
			}
		}
		f, _, c := at.serve(t)
		pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, at.list) {
				w.Header().Set("Link", `<`+other.URL+`/more>; rel="next"`)
				fmt.Fprint(w, "[]")
				return
			}
			f.ServeHTTP(w, r)
		}))
		defer pages.Close()
		if _, err := at.client(t, pages, c, at.token).Put(t.Context(), post("one")); err == nil || len(f.Comments(7)) != 0 {
			t.Error("a list that goes on elsewhere is taken for whole")
		}
		select {
		case got := <-stolen:
			t.Errorf("another server was called, with %q", got)
		default:
		}
	})
}

// TestToken: the token stands in no error and no log, also where the forge says it.
func TestToken(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		const token = "ghs_AbCdEf0123456789"
		var log bytes.Buffer
		echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"message":"what is %s?\u202e\n::error::"}`, r.Header.Get("Authorization")+r.Header.Get("Private-Token"))
		}))
		defer echo.Close()
		c, err := forge.New(forge.Options{Kind: at.kind, Address: echo.URL, Repository: "a/b", Token: token + "\n", Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Put(t.Context(), post("one"))
		for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%#v", err), log.String()} {
			if text == "" || strings.Contains(text, token) || strings.ContainsAny(text, "\u202e") {
				t.Errorf("got %q", text)
			}
		}
		if strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("got %q, want one line", err)
		}
		for _, bad := range []string{"", " ", "a b", "ghs_ş", "a\nb"} {
			if _, err := forge.New(forge.Options{Kind: at.kind, Repository: "a/b", Token: bad}); err == nil || bad != "" && bad != " " && strings.Contains(err.Error(), bad) {
				t.Errorf("token %q: got %v", bad, err)
			}
		}
	})
}

// TestUnreachable: nobody there is tried again, and is an error without an address.
func TestUnreachable(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		s := httptest.NewServer(http.NotFoundHandler())
		s.Close()
		c := newClock()
		begin := c.now()
		_, err := at.client(t, s, c, at.token).Put(t.Context(), post("one"))
		var e *forge.Error
		if !errors.As(err, &e) || e.Status != 0 || e.Unknown || c.now().Equal(begin) {
			t.Errorf("got %v", err)
		}
	})
}

// TestStopped: the end of the context is the end, whatever there was to wait for.
func TestStopped(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		ctx, cancel := context.WithCancel(t.Context())
		f.Fail(forgetest.Fault{Method: "POST", Kind: forgetest.Secondary, For: time.Minute})
		k, err := forge.New(forge.Options{Kind: at.kind, Address: s.URL + at.under, Repository: forgetest.Repository, Token: at.token, UserAgent: "t", Wait: time.Hour, Now: c.now, Sleep: (&pausing{c, cancel}).sleep})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Put(ctx, post("one")); !errors.Is(err, context.Canceled) || len(f.Comments(7)) != 0 {
			t.Errorf("got %v", err)
		}
	})
}

// TestUnder: a forge of one's own may have its API below a path.
func TestUnder(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		f.Under("/forge")
		s.URL += "/forge"
		put(t, at.client(t, s, c, at.token), post("one"))
		only(t, f)
	})
}
