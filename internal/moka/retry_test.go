package moka

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// Which answers make a read try again, and which end it. A write is sent once in every one of these cases.
func TestReadsAreRepeatedWhereItHelps(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		body   string
		again  bool
	}{
		{"EX", 200, failure("EX"), true},
		{"EX with status 500", 500, failure("EX"), true},
		{"408", 408, "", true},
		{"429", 429, "", true},
		{"500", 500, "", true},
		{"502 with HTML", 502, "<html>", true},
		{"503", 503, "", true},
		{"504", 504, "", true},
		{"cut short", 200, `{"Data":{"DealerSaleId":1`, true},
		{"a refusal", 200, failure("DealerSale.GetSale.InvalidRequest"), false},
		{"a refusal with status 503", 503, failure("DealerSale.GetSale.InvalidRequest"), false},
		{"not found", 200, failure("DealerSale.GetSale.DealerSaleNotFound"), false},
		{"an unknown code", 200, failure("DealerSale.GetSale.Whatever"), false},
		{"HTML", 200, "<html>", false},
		{"404", 404, "", false},
		{"401", 401, "", false},
		{"a redirect", 302, "", false},
		{"another sale", 200, `{"Data":{"DealerSaleId":1,"SaleCode":"other"},"ResultCode":"Success"}`, false},
		{"wrong shape", 200, `[]`, false},
	} {
		base, calls := answering(t, row.status, row.body)
		c := newTestClient(t, base, func(o *Options) { o.Attempts = 3 })
		if _, err := c.GetSale(t.Context(), Record{{"SaleCode", "satis"}}); err == nil || IsTemporary(err) != row.again {
			t.Errorf("%s: temporary %v (%v)", row.name, IsTemporary(err), err)
		}
		want := int32(1)
		if row.again {
			want = 3
		}
		if got := calls.Swap(0); got != want {
			t.Errorf("%s: read %d times, want %d", row.name, got, want)
		}
		if err := addSale(t.Context(), c); err == nil || calls.Load() != 1 {
			t.Errorf("%s: written %d times (%v)", row.name, calls.Load(), err)
		}
	}
}

func TestReadSucceedsInTheEnd(t *testing.T) {
	var calls atomic.Int32
	base := "http://" + listening(t, func(conn *net.TCPConn) {
		if _, ok := readCall(bufio.NewReader(conn)); !ok {
			return
		}
		switch calls.Add(1) {
		case 1:
			reset(conn)
		case 2:
			io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		case 3:
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s", saleDone)
		}
	})
	got, err := newTestClient(t, base).GetSale(t.Context(), Record{{"SaleCode", "satis"}})
	if err != nil || got.ID("DealerSaleId") != 1003 || calls.Load() != 3 {
		t.Errorf("%v, %v after %d calls", got, err, calls.Load())
	}
}

// A list is not begun anew under the hands of a caller that has had a part of it; before that, it is.
func TestListIsRepeatedOnlyBeforeItsFirstRecord(t *testing.T) {
	for _, row := range []struct {
		first string
		calls int32
		seen  int
		fails bool
	}{
		{`{"Data":{"DealerSaleListCount":2,"DealerSaleList":[`, 2, 2, false},
		{`{"Data":{"DealerSaleListCount":2,"DealerSaleList":[{"SaleCode":"a"},`, 1, 1, true},
	} {
		var calls atomic.Int32
		base := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) == 1 {
				io.WriteString(w, row.first)
				return
			}
			io.WriteString(w, `{"Data":{"DealerSaleListCount":2,"DealerSaleList":[{"SaleCode":"a"},{"SaleCode":"b"}]},"ResultCode":"Success"}`)
		})
		each, got := collect()
		err := newTestClient(t, base).GetSaleList(t.Context(), each)
		if (err != nil) != row.fails || calls.Load() != row.calls || len(*got) != row.seen {
			t.Errorf("%d calls, %d records, %v", calls.Load(), len(*got), err)
		}
		if row.fails && !IsTemporary(err) {
			t.Errorf("the caller is not told that another attempt may help: %v", err)
		}
	}
}

// The server's own wish is kept, unless it asks for more patience than there is: then the read ends at once.
func TestRetryAfterIsKept(t *testing.T) {
	for _, row := range []struct {
		after string
		calls int32
	}{{"1", 2}, {"3600", 1}} {
		base, calls := answering(t, 503, "", "Retry-After", row.after)
		c := newTestClient(t, base, func(o *Options) { o.Attempts, o.LongestPause = 2, 10*time.Second })
		begun := time.Now()
		_, err := c.GetSchedule(t.Context(), 1)
		var e *Error
		if !errors.As(err, &e) || e.RetryAfter == 0 || calls.Load() != row.calls {
			t.Errorf("Retry-After %s: %d calls, %v", row.after, calls.Load(), err)
		}
		if row.calls == 2 && time.Since(begun) < time.Second {
			t.Errorf("Retry-After %s: came back after %v", row.after, time.Since(begun))
		}
	}
}

// The end of the context ends a pause.
func TestContextEndsAPause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	base := serving(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(503)
		time.AfterFunc(50*time.Millisecond, cancel)
	})
	c := newTestClient(t, base, func(o *Options) { o.Pause, o.LongestPause = time.Hour, time.Hour })
	if _, err := c.GetSchedule(ctx, 1); err == nil || ctx.Err() == nil {
		t.Errorf("%v, %v", err, ctx.Err())
	}
}

func TestPauses(t *testing.T) {
	c := &caller{pause: 100 * time.Millisecond, longestPause: time.Second}
	for attempt, mean := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 3: 400 * time.Millisecond, 5: time.Second, 60: time.Second} {
		for range 100 {
			if got := c.pauseAfter(attempt, 0); got < mean/2 || got > mean {
				t.Fatalf("after attempt %d: %v, want %v to %v", attempt, got, mean/2, mean)
			}
		}
	}
	if got := c.pauseAfter(1, 5*time.Second); got != 5*time.Second {
		t.Errorf("asked for 5s: %v", got)
	}
}

// The rate holds for all calls together.
func TestRate(t *testing.T) {
	base, _ := answering(t, 200, saleDone)
	c := newTestClient(t, base, func(o *Options) { o.Rate = 50 })
	begun := time.Now()
	for range 6 {
		if err := addSale(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took < 95*time.Millisecond {
		t.Errorf("6 calls at 50 a second took %v", took)
	}
}
