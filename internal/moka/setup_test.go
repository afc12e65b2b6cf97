package moka

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The dealer of moka-api 1.4's worked example, and what of it may be seen nowhere.
var (
	dealer  = Credentials{DealerCode: "1731", Username: "ApiUserDemo", Password: "S3cretDemo"}
	secrets = []string{"ApiUserDemo", "S3cretDemo", "e4f847ef42427d65f5d343ef5937415024a9bb9e516c5879c17dcf8bd4221c14"}
)

// sale is a sale as it is sent.
var sale = Record{
	{"CustomerCode", "Customer"}, {"ProductCode", "Product01"}, {"SaleCode", "satis"}, {"Amount", "0.01"}, {"DealerSaleScheduleId", "1005"},
	{"BeginDate", "20310821"}, {"SaleDate", "20310821"}, {"DefaultCard1Token", "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}"},
}

// saleDone answers it.
const saleDone = `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"},"ResultCode":"Success","ResultMessage":"","Exception":null}`

func failure(code string) string {
	return `{"Data":null,"ResultCode":"` + code + `","ResultMessage":"","Exception":null}`
}

// newTestClient makes a client that tries reads again quickly.
func newTestClient(t *testing.T, base string, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{BaseURL: base, Credentials: dealer, Pause: time.Millisecond, Timeout: 20 * time.Second}
	for _, c := range change {
		c(&o)
	}
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// answering serves one answer to every call, and counts the calls.
func answering(t *testing.T, status int, body string, header ...string) (base string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	return serving(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}), calls
}

func serving(t *testing.T, h http.HandlerFunc) (base string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// listening serves raw connections, one goroutine each.
func listening(t *testing.T, serve func(conn *net.TCPConn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

// readCall reads one request from a raw connection and gives its members; false when there was none.
func readCall(from *bufio.Reader) (map[string]string, bool) {
	req, err := http.ReadRequest(from)
	if err != nil {
		return nil, false
	}
	var body struct{ DealerSaleRequest map[string]string }
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, false
	}
	io.Copy(io.Discard, req.Body)
	return body.DealerSaleRequest, true
}

// collect gives a function for a list's records, and the records.
func collect() (each func(Record) error, got *[]Record) {
	got = new([]Record)
	return func(r Record) error {
		*got = append(*got, r)
		return nil
	}, got
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func responding(body string) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func addSale(ctx context.Context, c *Client) error {
	_, err := c.AddSale(ctx, sale)
	return err
}

// newCountingServer answers every call the same and counts the connections made to it.
func newCountingServer(t *testing.T, connections *atomic.Int32, body string) (base string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, body)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}
