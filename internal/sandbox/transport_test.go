package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"
)

// send posts through a client, and reads the whole answer.
func send(c *http.Client, base, method, request string) (status int, text string, err error) {
	path, family := pathOf(method)
	answer, err := c.Post(base+path, "application/json", strings.NewReader(wrap(family, request)))
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

// The in-process transport answers as a served sandbox does, whatever goes wrong.
func TestTransportIsLikeServed(t *testing.T) {
	direct := &http.Client{}
	for _, kind := range append([]FaultKind{""}, faultKinds...) {
		s := shop(t)
		served := httptest.NewServer(s)
		inProcess := &http.Client{Transport: s.Transport()}
		fault := Fault{Operation: "GetCustomerList", Kind: kind}
		if fault.needsDelay() {
			fault.Delay = Duration(time.Millisecond)
		}
		if kind != "" {
			setFaults(t, s, fault)
		}
		status, text, err := send(direct, served.URL, "GetCustomerList", "null")
		status2, text2, err2 := send(inProcess, "http://sandbox", "GetCustomerList", "null")
		if status != status2 || text != text2 || (err == nil) != (err2 == nil) {
			t.Errorf("%q: served %d %q %v, in process %d %q %v", kind, status, text, err, status2, text2, err2)
		}
		if err2 != nil && !errors.Is(err2, io.ErrUnexpectedEOF) {
			t.Errorf("%q: got %v, want an unexpected end", kind, err2)
		}
		served.Close()
	}
}

// A caller learns that its request went out, so that it takes a cut connection
// for an unknown outcome.
func TestTransportTraces(t *testing.T) {
	s := newSandbox(t)
	setFaults(t, s, Fault{Kind: FaultDropAfter})
	var wrote, answered bool
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		WroteRequest:         func(info httptrace.WroteRequestInfo) { wrote = info.Err == nil },
		GotFirstResponseByte: func() { answered = true },
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sandbox/DealerSale/GetSale", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Transport().RoundTrip(r); !errors.Is(err, io.ErrUnexpectedEOF) || !wrote || answered {
		t.Errorf("got error %v, wrote %v, answered %v", err, wrote, answered)
	}
}

// A caller that gives up while the answer trickles in gets its own error and
// not a short answer.
func TestTransportCancelledInBody(t *testing.T) {
	s := shop(t)
	setFaults(t, s, Fault{Kind: FaultSlowBody, Delay: Duration(time.Hour)})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sandbox/DealerSale/GetSaleList", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, cancel)
	answer, err := s.Transport().RoundTrip(r)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's own", err)
	}
	if _, err := s.Transport().RoundTrip(r); !errors.Is(err, context.Canceled) {
		t.Errorf("already cancelled: got %v", err)
	}
}

// A caller that closes a long answer early leaves nothing behind that waits.
func TestTransportClosedEarly(t *testing.T) {
	s := newSandbox(t)
	stock(t, s)
	fill(t, s, 500)
	for range 10 {
		answer, err := (&http.Client{Transport: s.Transport()}).Post("http://sandbox/DealerSale/GetSaleList", "", strings.NewReader(wrap(familySale, "null")))
		if err != nil {
			t.Fatal(err)
		}
		io.ReadFull(answer.Body, make([]byte, 100))
		answer.Body.Close()
	}
	must(t, s, "GetSaleList", "null")
}

// A list is written as it is made, never held whole: while the first piece is
// read, the rest is not yet there.
func TestListIsStreamed(t *testing.T) {
	s := newSandbox(t)
	stock(t, s)
	fill(t, s, 1000)
	var pieces pieceCounter
	s.ServeHTTP(&pieces, httptest.NewRequest("POST", "/DealerSale/GetSaleList", strings.NewReader(wrap(familySale, "null"))))
	if pieces.largest > 2*flushAt || pieces.n < 5 {
		t.Errorf("got %d pieces, the largest of %d bytes", pieces.n, pieces.largest)
	}
	var list struct {
		Data struct {
			DealerSaleListCount int
			DealerSaleList      []struct{ SaleCode string }
		}
	}
	if err := json.Unmarshal(pieces.Bytes(), &list); err != nil || list.Data.DealerSaleListCount != 1000 || len(list.Data.DealerSaleList) != 1000 {
		t.Errorf("got %d of %d sales, %v", len(list.Data.DealerSaleList), list.Data.DealerSaleListCount, err)
	}
}

// pieceCounter is a ResponseWriter that watches how it is written to.
type pieceCounter struct {
	bytes.Buffer
	n, largest int
}

func (*pieceCounter) Header() http.Header { return http.Header{} }
func (*pieceCounter) WriteHeader(int)     {}
func (p *pieceCounter) Write(b []byte) (int, error) {
	p.n, p.largest = p.n+1, max(p.largest, len(b))
	return p.Buffer.Write(b)
}

// Many callers at once: every answered write is there, and the ids are apart.
// The race detector watches.
func TestConcurrentCallers(t *testing.T) {
	s := open(t, Options{Data: t.TempDir() + "/data"})
	stock(t, s)
	client := &http.Client{Transport: s.Transport()}
	const callers, each = 8, 30
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				calls := []struct{ method, request string }{
					{"AddSale", saleRequest("SaleCode", "", "DefaultCard1Token", `"`+TestCardToken(int64(c*each+i))+`"`)},
					{"GetSaleList", "null"}, {"GetCardList", `{"CustomerCode":"A"}`},
					{"UpdateCustomer", `{"CustomerCode":"A","FirstName":"x"}`},
				}
				for _, call := range calls {
					if _, text, err := send(client, "http://sandbox", call.method, call.request); err != nil || !strings.Contains(text, `"Success"`) {
						t.Errorf("%s: got %s %v", call.method, text, err)
					}
				}
				s.AdvanceClock(time.Nanosecond)
				s.SetSwitches(Setting{"read-delay", "1ns"})
				s.SetFaults([]Fault{{Kind: FaultWrongCount, Calls: []int64{1000}}})
				s.Ledger()
			}
		})
	}
	wg.Wait()
	if l := s.Ledger(); l.Counts.Sales != callers*each || l.SalesEverAdded != callers*each || l.Counts.Cards != callers*each || len(l.Duplicates) != 0 {
		t.Errorf("got %+v", l)
	}
	if l := reopen(t, s).Ledger(); l.Counts.Sales != callers*each {
		t.Errorf("reopened: got %d sales", l.Counts.Sales)
	}
}
