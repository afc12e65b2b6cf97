package moka

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

// A server that closes its connections after every answer, without saying so, is what a client meets whose connections lay idle for too long. However the call then ends,
// the server must have had each sale once at most, exactly once where the client says done, and never where it says not sent.
func TestNoWriteIsSentTwiceOnDyingConnections(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[string]int)
	address := listening(t, func(conn *net.TCPConn) {
		in := bufio.NewReader(conn)
		call, ok := readCall(in)
		if !ok {
			return
		}
		mu.Lock()
		seen[call["SaleCode"]]++
		n := len(seen)
		mu.Unlock()
		body := fmt.Sprintf(`{"Data":{"DealerSaleId":%d,"SaleCode":%q},"ResultCode":"Success"}`, n, call["SaleCode"])
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if n%3 == 0 {
			reset(conn)
		}
	})
	c := newTestClient(t, "http://"+address, func(o *Options) { o.Parallel = 8 })
	outcomes := make(map[string]Outcome)
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			for i := range 100 {
				code := strconv.Itoa(w) + "-" + strconv.Itoa(i)
				_, err := c.AddSale(context.Background(), Record{{"SaleCode", code}})
				mu.Lock()
				outcomes[code] = OutcomeOf(err)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	mu.Lock()
	defer mu.Unlock()
	tally := make(map[Outcome]int)
	for code, outcome := range outcomes {
		n := seen[code]
		tally[outcome]++
		if n > 1 || outcome == Done && n != 1 || outcome == NotSent && n != 0 || outcome == Refused {
			t.Errorf("sale %s: %v, and the server had it %d times", code, outcome, n)
		}
	}
	t.Log(tally)
}

// deafConn takes the first request and nothing after it, as a connection does whose other end has gone.
type deafConn struct {
	net.Conn
	deaf  *atomic.Bool
	takes int // bytes of the second request that it takes
}

func (c *deafConn) Write(p []byte) (int, error) {
	if c.deaf.Load() {
		n := min(c.takes, len(p))
		c.Conn.Write(p[:n])
		return n, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

// A kept connection that takes not a byte of the call proves that it was not sent; one that takes a single byte proves nothing. Neither is tried again on a new connection,
// although the transport would do so for a request that it could rewind.
func TestKeptConnectionThatDied(t *testing.T) {
	for _, row := range []struct {
		takes  int
		secure bool
		want   Outcome
	}{{0, false, NotSent}, {1, false, Unknown}, {0, true, NotSent}, {1, true, Unknown}} {
		var calls atomic.Int32
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			io.WriteString(w, saleDone)
		}))
		s.Config.ErrorLog = quietLog()
		trusted := x509.NewCertPool()
		if row.secure {
			s.StartTLS()
			trusted.AddCert(s.Certificate())
		} else {
			s.Start()
		}
		t.Cleanup(s.Close)
		c := newTestClient(t, s.URL, func(o *Options) { o.RootCAs = trusted })
		var deaf atomic.Bool
		var dials atomic.Int32
		c.calls.own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &countedConn{Conn: &deafConn{Conn: conn, deaf: &deaf, takes: row.takes}}, nil
		}
		if err := addSale(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		deaf.Store(true)
		err := addSale(t.Context(), c)
		if got := OutcomeOf(err); got != row.want {
			t.Errorf("%+v: outcome %v (%v)", row, got, err)
		}
		if calls.Load() != 1 || dials.Load() != 1 {
			t.Errorf("%+v: %d calls on %d connections, want 1 on 1", row, calls.Load(), dials.Load())
		}
	}
}

func TestSealedConnectionTakesNothing(t *testing.T) {
	here, there := net.Pipe()
	go io.Copy(io.Discard, there)
	c := &countedConn{Conn: here}
	if n, err := c.Write([]byte("abc")); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if got := c.seal(); got != 3 {
		t.Errorf("count %d, want 3", got)
	}
	if n, err := c.Write([]byte("d")); n != 0 || err == nil {
		t.Errorf("a sealed connection took %d bytes (%v)", n, err)
	}
	if got := c.seal(); got != 3 {
		t.Errorf("count %d, want 3", got)
	}
}

// Redirects are not followed, for a follower would post the sale a second time.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		base, calls := answering(t, status, saleDone, "Location", "/DealerSale/AddSale")
		if err := addSale(t.Context(), newTestClient(t, base)); OutcomeOf(err) != Unknown {
			t.Errorf("%d: outcome %v", status, OutcomeOf(err))
		}
		if calls.Load() != 1 {
			t.Errorf("%d: %d calls", status, calls.Load())
		}
	}
}

// What goes out carries no header that would let anything repeat it, and nothing beside what it must.
func TestHeaders(t *testing.T) {
	var got http.Header
	var rewind bool
	c := newTestClient(t, "http://localhost", func(o *Options) {
		o.UserAgent = "mokasync/1.0"
		o.HTTP = roundTripper(func(r *http.Request) (*http.Response, error) {
			got, rewind = r.Header, r.GetBody != nil
			io.ReadAll(r.Body)
			return responding(saleDone), nil
		})
	})
	if err := addSale(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if rewind {
		t.Error("the request can be rewound, and so sent again")
	}
	want := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "mokasync/1.0"}
	for name, values := range got {
		if want[name] != values[0] {
			t.Errorf("header %s: %s", name, values)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// As many connections are kept as calls are made at once. A connection that is not back yet when the next wave begins makes net/http dial a spare one, so the bound is not the
// number itself; with net/http's default of two kept connections there would be more than four new ones a wave.
func TestConnectionsAreKept(t *testing.T) {
	const parallel = 6
	var connections atomic.Int32
	s := newCountingServer(t, &connections, saleDone)
	c := newTestClient(t, s, func(o *Options) { o.Parallel = parallel })
	for range 20 {
		var all sync.WaitGroup
		for range parallel {
			all.Go(func() {
				if err := addSale(context.Background(), c); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if got := connections.Load(); got > 3*parallel {
		t.Errorf("%d connections for 20 waves of %d calls", got, parallel)
	}
}
