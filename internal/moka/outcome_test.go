package moka

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ending is one way in which a call can end, and what must be concluded from it.
type ending struct {
	name string
	// serve gives the base URL of a server at which AddSale ends this way.
	serve  func(t *testing.T) string
	change func(*Options)
	call   func(ctx context.Context, c *Client) error // nil: AddSale
	ctx    func() context.Context                     // nil: one that does not end

	outcome Outcome
	phase   Phase
	is      error // nil: not looked at
}

func (e ending) run(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	if e.ctx != nil {
		ctx = e.ctx()
	}
	call := e.call
	if call == nil {
		call = addSale
	}
	c := newTestClient(t, e.serve(t), func(o *Options) {
		if e.change != nil {
			e.change(o)
		}
	})
	err := call(ctx, c)
	if got := OutcomeOf(err); got != e.outcome {
		t.Errorf("outcome %v, want %v (%v)", got, e.outcome, err)
	}
	var failed *Error
	if !errors.As(err, &failed) {
		if e.outcome != Done {
			t.Fatalf("error %T, want *Error", err)
		}
		return
	}
	if failed.Phase != e.phase {
		t.Errorf("phase %v, want %v (%v)", failed.Phase, e.phase, err)
	}
	if e.is != nil && !errors.Is(err, e.is) {
		t.Errorf("error %v, want one that is %q", err, e.is)
	}
	for _, s := range append(secrets, "9DE41BB0", "9de41bb0") {
		if strings.Contains(err.Error(), s) {
			t.Errorf("the error shows %q", s)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has several lines: %v", err)
	}
}

var errOwnReason = errors.New("enough")

func shortTime(o *Options) { o.Timeout = 400 * time.Millisecond }

// big makes a request that does not fit into the buffers between client and server.
func big(ctx context.Context, c *Client) error {
	_, err := c.AddSale(ctx, append(Record{{"Description", strings.Repeat("x", 16<<20)}}, sale...))
	return err
}

// afterCall serves a connection by a function once it has read a whole call.
func afterCall(serve func(conn *net.TCPConn)) func(t *testing.T) string {
	return func(t *testing.T) string {
		return "http://" + listening(t, func(conn *net.TCPConn) {
			if _, ok := readCall(bufio.NewReader(conn)); ok {
				serve(conn)
			}
		})
	}
}

// untilGone keeps a connection open until its other end is gone.
func untilGone(conn net.Conn) { io.Copy(io.Discard, conn) }

func reset(conn *net.TCPConn) {
	conn.SetLinger(0)
	conn.Close()
}

// The network ends the call.
func TestOutcomeOfTheNetwork(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(saleDone)) + "\r\n\r\n"
	for _, e := range []ending{
		{name: "nobody listens", outcome: NotSent, phase: PhaseConnect, is: syscall.ECONNREFUSED,
			serve: func(t *testing.T) string {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				l.Close()
				return "http://" + l.Addr().String()
			}},
		{name: "certificate not trusted", outcome: NotSent, phase: PhaseConnect, is: ErrUntrusted,
			serve: func(t *testing.T) string {
				s := httptest.NewUnstartedServer(nil)
				s.Config.ErrorLog = quietLog()
				s.StartTLS()
				t.Cleanup(s.Close)
				return s.URL
			}},
		{name: "TLS 1.1", outcome: NotSent, phase: PhaseConnect,
			serve: func(t *testing.T) string {
				s := httptest.NewUnstartedServer(nil)
				s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
				s.Config.ErrorLog = quietLog()
				s.StartTLS()
				t.Cleanup(s.Close)
				return s.URL
			}},
		{name: "no TLS at all", outcome: NotSent, phase: PhaseConnect,
			serve: func(t *testing.T) string {
				base, _ := answering(t, 200, saleDone)
				return strings.Replace(base, "http:", "https:", 1)
			}},
		{name: "time-out during the TLS handshake", outcome: NotSent, phase: PhaseConnect, is: ErrTimeout, change: shortTime,
			serve: func(t *testing.T) string { return "https://" + listening(t, func(c *net.TCPConn) { untilGone(c) }) }},
		{name: "context ended before", outcome: NotSent, phase: PhaseBefore, is: context.Canceled,
			serve: func(t *testing.T) string { base, _ := answering(t, 200, saleDone); return base },
			ctx: func() context.Context {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				return ctx
			}},
		{name: "context ends before the rate allows the call", outcome: NotSent, phase: PhaseBefore, is: context.DeadlineExceeded,
			serve:  func(t *testing.T) string { base, _ := answering(t, 200, saleDone); return base },
			change: func(o *Options) { o.Rate = 0.001 },
			call: func(ctx context.Context, c *Client) error {
				if err := addSale(ctx, c); err != nil {
					return fmt.Errorf("the first call: %w", err)
				}
				ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
				defer cancel()
				return addSale(ctx, c)
			}},
		{name: "time-out while writing", outcome: Unknown, phase: PhaseSend, is: ErrTimeout, change: shortTime, call: big,
			serve: func(t *testing.T) string {
				done := make(chan bool)
				t.Cleanup(func() { close(done) })
				return "http://" + listening(t, func(*net.TCPConn) { <-done })
			}},
		{name: "reset while writing", outcome: Unknown, phase: PhaseSend, call: big,
			serve: func(t *testing.T) string {
				return "http://" + listening(t, func(conn *net.TCPConn) {
					io.CopyN(io.Discard, conn, 100)
					reset(conn)
				})
			}},
		{name: "closed after the call was read", outcome: Unknown, phase: PhaseWait, is: io.EOF,
			serve: afterCall(func(conn *net.TCPConn) {})},
		{name: "reset after the call was read", outcome: Unknown, phase: PhaseWait, is: syscall.ECONNRESET,
			serve: afterCall(reset)},
		{name: "time-out while waiting", outcome: Unknown, phase: PhaseWait, is: ErrTimeout, change: shortTime,
			serve: afterCall(func(conn *net.TCPConn) { untilGone(conn) })},
		{name: "context ends while waiting", outcome: Unknown, phase: PhaseWait, is: context.DeadlineExceeded,
			serve: afterCall(func(conn *net.TCPConn) { untilGone(conn) }),
			call: func(ctx context.Context, c *Client) error {
				ctx, cancel := context.WithTimeout(ctx, 400*time.Millisecond)
				defer cancel()
				return addSale(ctx, c)
			}},
		{name: "closed within the head", outcome: Unknown, phase: PhaseRead,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, "HTTP/1.1 200 OK\r\nConte") })},
		{name: "not HTTP", outcome: Unknown, phase: PhaseRead,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, "220 smtp.example.com ESMTP\r\n\r\n") })},
		{name: "closed before the body", outcome: Unknown, phase: PhaseRead, is: ErrTruncated,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, head) })},
		{name: "closed one byte before the end", outcome: Unknown, phase: PhaseRead, is: ErrTruncated,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, head+saleDone[:len(saleDone)-1]) })},
		{name: "closed within a chunk", outcome: Unknown, phase: PhaseRead, is: ErrTruncated,
			serve: afterCall(func(conn *net.TCPConn) {
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"+saleDone[:10])
			})},
		{name: "closed after a chunk that is the whole answer, before the last one", outcome: Unknown, phase: PhaseRead, is: ErrTruncated,
			serve: afterCall(func(conn *net.TCPConn) {
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(saleDone), saleDone)
			})},
		{name: "reset within the body", outcome: Unknown, phase: PhaseRead, is: syscall.ECONNRESET,
			serve: func(t *testing.T) string {
				return "http://" + listening(t, func(conn *net.TCPConn) {
					in := bufio.NewReader(conn)
					if _, ok := readCall(in); !ok {
						return
					}
					io.WriteString(conn, head+saleDone[:20])
					reset(conn)
				})
			}},
		{name: "time-out within the body", outcome: Unknown, phase: PhaseRead, is: ErrTimeout, change: shortTime,
			serve: afterCall(func(conn *net.TCPConn) {
				io.WriteString(conn, head+saleDone[:20])
				untilGone(conn)
			})},
		{name: "the caller ends its context for a reason of its own", outcome: Unknown, phase: PhaseWait, is: errOwnReason,
			serve: afterCall(func(conn *net.TCPConn) { untilGone(conn) }),
			call: func(ctx context.Context, c *Client) error {
				ctx, cancel := context.WithTimeoutCause(ctx, 400*time.Millisecond, errOwnReason)
				defer cancel()
				return addSale(ctx, c)
			}},
		{name: "answered at last", outcome: Done,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, head+saleDone) })},
		{name: "answered without a length", outcome: Done,
			serve: afterCall(func(conn *net.TCPConn) { io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"+saleDone) })},
	} {
		t.Run(e.name, e.run)
	}
}

// A server that hangs up before it reads anything may be noticed before or after the first byte left; nothing else may be concluded.
func TestOutcomeOfAHangUp(t *testing.T) {
	address := listening(t, func(conn *net.TCPConn) { reset(conn) })
	for range 50 {
		err := addSale(t.Context(), newTestClient(t, "http://"+address))
		if got := OutcomeOf(err); got != Unknown && got != NotSent {
			t.Fatalf("outcome %v (%v)", got, err)
		}
	}
}

// The answer's head ends the call: what each HTTP status is worth without an answer in Moka's form, and with one.
func TestOutcomeOfTheStatus(t *testing.T) {
	for _, status := range []int{200, 201, 202, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 501, 502, 503, 504, 520} {
		bare := ending{name: fmt.Sprint(status, " with nothing"), outcome: Unknown, phase: PhaseRead, is: ErrNotJSON}
		bare.serve = func(t *testing.T) string {
			base, _ := answering(t, status, "", "Location", "/elsewhere")
			return base
		}
		if status/100 == 3 {
			bare.is = ErrRedirect
		}
		t.Run(bare.name, bare.run)
		if status == 304 {
			continue // has no body
		}
		refused := ending{name: fmt.Sprint(status, " with a refusal"), outcome: Refused, phase: PhaseAnswer}
		refused.serve = func(t *testing.T) string {
			base, _ := answering(t, status, failure("DealerSale.AddSale.InvalidCardToken"))
			return base
		}
		t.Run(refused.name, refused.run)

		done := ending{name: fmt.Sprint(status, " with Success"), outcome: Unknown, phase: PhaseAnswer}
		if status == 200 {
			done.outcome = Done
		}
		done.serve = func(t *testing.T) string {
			base, _ := answering(t, status, saleDone)
			return base
		}
		t.Run(done.name, done.run)
	}
}

// The answer's body ends the call. All of these come with status 200.
func TestOutcomeOfTheAnswer(t *testing.T) {
	answer := func(data string) string {
		return `{"Data":` + data + `,"ResultCode":"Success","ResultMessage":"","Exception":null}`
	}
	for _, row := range []struct {
		name, body string
		outcome    Outcome
		phase      Phase
		is         error
	}{
		{"all is well", saleDone, Done, 0, nil},
		{"the id is a text", answer(`{"DealerSaleId":"1003","SaleCode":"satis"}`), Done, 0, nil},
		{"the id has a fraction of zero", answer(`{"DealerSaleId":1003.0,"SaleCode":"satis"}`), Done, 0, nil},
		{"other order, further members, blanks, a byte order mark",
			"\ufeff \r\n{ \"More\" : [ {} , { \"a\" : [ ] } ] ,\t\"Exception\":null , \"ResultMessage\":null,\"ResultCode\" : \"Success\" , \"Data\":{ \"New\":{\"x\":[1]} , \"SaleCode\" : \"satis\" , \"DealerSaleId\" : 1003 } }\n", Done, 0, nil},

		{"nothing", "", Unknown, PhaseRead, ErrNotJSON},
		{"blanks", " \n\t ", Unknown, PhaseRead, ErrNotJSON},
		{"HTML", "<!DOCTYPE html><html><body>Success</body></html>", Unknown, PhaseRead, errHTML},
		{"HTML after blanks and a mark", "\ufeff\r\n<html>", Unknown, PhaseRead, errHTML},
		{"XML", `<?xml version="1.0"?><a/>`, Unknown, PhaseRead, ErrNotJSON},
		{"text", "Success", Unknown, PhaseRead, ErrNotJSON},
		{"a NUL byte", "\x00", Unknown, PhaseRead, ErrNotJSON},
		{"cut JSON", saleDone[:len(saleDone)-1], Unknown, PhaseRead, ErrTruncated},
		{"cut within Data", `{"Data":{"DealerSaleId":1003,"SaleCode":"sat`, Unknown, PhaseRead, ErrTruncated},
		{"cut after a refusal", `{"Data":null,"ResultCode":"DealerSale.AddSale.InvalidCardToken"`, Unknown, PhaseRead, ErrTruncated},
		{"two answers", saleDone + saleDone, Unknown, PhaseRead, ErrNotJSON},
		{"something after the answer", saleDone + "x", Unknown, PhaseRead, ErrNotJSON},
		{"bad JSON", `{"Data":{"DealerSaleId":1003 "SaleCode":"satis"},"ResultCode":"Success"}`, Unknown, PhaseRead, ErrNotJSON},
		{"too long", `{"Data":null,"ResultMessage":"` + strings.Repeat("x", maxAnswer) + `"}`, Unknown, PhaseRead, ErrTooLarge},
		{"too long, blanks only", strings.Repeat(" ", maxAnswer+1), Unknown, PhaseRead, ErrTooLarge},

		{"a list", "[" + saleDone + "]", Unknown, PhaseRead, ErrShape},
		{"a text", `"Success"`, Unknown, PhaseRead, ErrShape},
		{"null", `null`, Unknown, PhaseRead, ErrShape},
		{"an empty object", `{}`, Unknown, PhaseRead, ErrShape},
		{"no result code", `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"}}`, Unknown, PhaseRead, ErrShape},
		{"result code null", `{"Data":null,"ResultCode":null}`, Unknown, PhaseRead, ErrShape},
		{"names in another case", `{"data":{"DealerSaleId":1003,"SaleCode":"satis"},"resultCode":"Success"}`, Unknown, PhaseRead, ErrShape},
		{"two result codes", `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"},"ResultCode":"EX","ResultCode":"Success"}`, Unknown, PhaseRead, ErrShape},
		{"two ids", answer(`{"DealerSaleId":1003,"DealerSaleId":1004,"SaleCode":"satis"}`), Unknown, PhaseRead, ErrShape},

		{"result code in another case", `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"},"ResultCode":"success"}`, Unknown, PhaseAnswer, nil},
		{"result code a number", `{"Data":null,"ResultCode":0}`, Unknown, PhaseAnswer, nil},
		{"no Data", `{"ResultCode":"Success"}`, Unknown, PhaseAnswer, ErrShape},
		{"Data null", answer(`null`), Unknown, PhaseAnswer, ErrShape},
		{"Data true", answer(`true`), Unknown, PhaseAnswer, ErrShape},
		{"Data a list", answer(`[{"DealerSaleId":1003,"SaleCode":"satis"}]`), Unknown, PhaseAnswer, ErrShape},
		{"Data empty", answer(`{}`), Unknown, PhaseAnswer, ErrShape},
		{"id absent", answer(`{"SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"id zero", answer(`{"DealerSaleId":0,"SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"id empty", answer(`{"DealerSaleId":"","SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"id null", answer(`{"DealerSaleId":null,"SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"id below zero", answer(`{"DealerSaleId":-1,"SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"id no number", answer(`{"DealerSaleId":"new","SaleCode":"satis"}`), Unknown, PhaseAnswer, ErrShape},
		{"another code", answer(`{"DealerSaleId":1003,"SaleCode":"satis-2"}`), Unknown, PhaseAnswer, ErrMismatch},
		{"the code in another case", answer(`{"DealerSaleId":1003,"SaleCode":"SATIS"}`), Unknown, PhaseAnswer, ErrMismatch},
		{"no code", answer(`{"DealerSaleId":1003}`), Unknown, PhaseAnswer, ErrMismatch},
		{"Success with an exception", `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"},"ResultCode":"Success","Exception":"deadlock victim"}`, Unknown, PhaseAnswer, ErrShape},

		{"EX with text in ResultMessage", `{"Data":null,"ResultCode":"EX","ResultMessage":"Object reference not set","Exception":null}`, Unknown, PhaseAnswer, nil},
		{"EX with text in Exception", `{"Data":null,"ResultCode":"EX","ResultMessage":"","Exception":"Object reference not set"}`, Unknown, PhaseAnswer, nil},
		{"EX with an object in Exception", `{"Data":null,"ResultCode":"EX","ResultMessage":"","Exception":{"Message":"x"}}`, Unknown, PhaseAnswer, nil},
		{"EX without a text", failure("EX"), Unknown, PhaseAnswer, nil},
		{"EX with data", `{"Data":{"DealerSaleId":1003,"SaleCode":"satis"},"ResultCode":"EX"}`, Unknown, PhaseAnswer, nil},

		{"a refusal", failure("DealerSale.AddSale.InvalidCardToken"), Refused, PhaseAnswer, nil},
		{"a refusal for the request as such", failure("DealerSale.AddSale.InvalidRequest"), Refused, PhaseAnswer, nil},
		{"a refusal with a text", `{"Data":null,"ResultCode":"DealerSale.AddSale.InvalidCardToken","ResultMessage":"x","Exception":"y"}`, Refused, PhaseAnswer, nil},
		{"a refusal with empty data", `{"Data":{},"ResultCode":"DealerSale.AddSale.InvalidCardToken"}`, Refused, PhaseAnswer, nil},
		{"a refusal under another method's name", failure("DealerSale.AddNewSale.InvalidCardToken"), Refused, PhaseAnswer, nil},
		{"a refusal that names an id", `{"Data":{"DealerSaleId":1003},"ResultCode":"DealerSale.AddSale.InvalidCardToken"}`, Unknown, PhaseAnswer, ErrShape},
		{"an unknown code", failure("DealerSale.AddSale.SaleCodeAlreadyUsing"), Unknown, PhaseAnswer, nil},
		{"a code of another family", failure("DealerCustomer.AddSale.InvalidRequest"), Unknown, PhaseAnswer, nil},
		{"a code of the payment services", failure("PaymentDealer.CheckPaymentDealerAuthentication.InvalidRequest"), Unknown, PhaseAnswer, nil},
		{"a code that another operation has", failure("DealerSale.DeletePaymentPlan.PaymentDatePassed"), Unknown, PhaseAnswer, nil},
		{"a code's last segment alone", failure("InvalidCardToken"), Unknown, PhaseAnswer, nil},
		{"a code in another case", failure("DealerSale.AddSale.invalidcardtoken"), Unknown, PhaseAnswer, nil},
		{"a code that is none", failure(`Müşteri <b>elif@example.com</b>`), Unknown, PhaseAnswer, nil},
	} {
		t.Run(row.name, ending{
			serve:   func(t *testing.T) string { base, _ := answering(t, 200, row.body); return base },
			outcome: row.outcome, phase: row.phase, is: row.is,
		}.run)
	}
}

// What each of the other writes takes for done.
func TestOutcomeOfEveryWrite(t *testing.T) {
	const customerAnswer = `{"DealerCustomer":{"DealerCustomerId":1033,"CustomerCode":"Customer"},"CardListCount":0,"CardList":[]}`
	for _, row := range []struct {
		op      Op
		sent    Record
		data    string
		outcome Outcome
	}{
		{AddCustomer, Record{{"CustomerCode", "Customer"}}, customerAnswer, Done},
		{AddCustomer, Record{{"CustomerCode", "Customer"}}, `{"DealerCustomerId":1033,"CustomerCode":"Customer","CardList":null}`, Done},
		{AddCustomer, Record{{"CustomerCode", "Kunde"}}, customerAnswer, Unknown},
		{AddCustomer, Record{{"CustomerCode", "Customer"}}, `{"DealerCustomer":null}`, Unknown},
		{AddCustomer, Record{{"FirstName", "Elif"}}, customerAnswer, NotSent},
		{UpdateCustomer, Record{{"DealerCustomerId", "1033"}}, customerAnswer, Done},
		{UpdateCustomer, Record{{"DealerCustomerId", "1034"}}, customerAnswer, Unknown},
		{UpdateCustomer, Record{{"DealerCustomerId", ""}, {"CustomerCode", "Customer"}}, customerAnswer, Done},
		{UpdateCustomer, Record{{"CustomerCode", "Kunde"}}, customerAnswer, Unknown},
		{AddProduct, Record{{"ProductCode", "Product01"}, {"ProductName", "Gold"}}, `{"DealerProductId":61,"ProductCode":"Product01","ProductName":"Gold"}`, Done},
		{AddProduct, Record{{"ProductCode", "Product01"}, {"ProductName", "Gold"}}, `{"DealerProductId":61,"ProductCode":"5e9f"}`, Unknown},
		{AddProduct, Record{{"ProductName", "Gold"}}, `{"DealerProductId":61,"ProductCode":"5e9f"}`, NotSent},
		{AddSchedule, Record{{"ScheduleName", "monthly"}}, `{"DealerSaleScheduleId":1005}`, Done},
		{AddSchedule, Record{{"ScheduleName", "monthly"}}, `{"DealerSaleScheduleId":0}`, Unknown},
		{UpdateSchedule, Record{{"DealerSaleScheduleId", "1005"}}, `{"DealerSaleScheduleId":1005}`, Done},
		{UpdateSchedule, Record{{"DealerSaleScheduleId", "1005"}}, `{"DealerSaleScheduleId":1006}`, Unknown},
		{UpdateCard, Record{{"CardToken", "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}}, `{"DealerCustomer":{"DealerCustomerId":1034},"CardListCount":1,"CardList":[{"CardToken":"51937236-82e0-4637-a8f5-2e1ec56ec870"}]}`, Done},
		{UpdateCard, Record{{"CardToken", "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}}, `{"DealerCustomer":{"DealerCustomerId":1034},"CardListCount":1,"CardList":[{"CardToken":"51937236-82e0-4637-a8f5-000000000000"}]}`, Unknown},
		{UpdateCard, Record{{"CardToken", "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}}, `{"DealerCustomer":{"DealerCustomerId":1034},"CardListCount":0,"CardList":null}`, Unknown},
		{UpdateCard, Record{{"CardToken", ""}}, `{"CardList":[{"CardToken":""}]}`, NotSent},
		{AddSale, nil, `{"DealerSaleId":1003}`, NotSent},
		{AddSale, Record{{"SaleCode", ""}, {"Amount", "1.00"}}, `{"DealerSaleId":1003}`, NotSent},
		{AddSale, Record{{"SaleCode", "\xff"}}, `{"DealerSaleId":1003}`, NotSent},
		{AddSale, Record{{"SaleCode", "a"}, {"SaleCode", "a"}}, `{"DealerSaleId":1003,"SaleCode":"a"}`, NotSent},
	} {
		base, calls := answering(t, 200, `{"Data":`+row.data+`,"ResultCode":"Success","ResultMessage":"","Exception":null}`)
		c := newTestClient(t, base)
		_, err := c.write(t.Context(), row.op, row.sent)
		if got := OutcomeOf(err); got != row.outcome {
			t.Errorf("%s answered %s: outcome %v, want %v (%v)", row.op, row.data, got, row.outcome, err)
		}
		want := int32(1)
		if row.outcome == NotSent {
			want = 0
		}
		if got := calls.Load(); got != want {
			t.Errorf("%s: %d calls, want %d", row.op, got, want)
		}
	}
}

// Errors that are none of ours, and errors made by hand, lead to nothing but caution.
func TestOutcomeOfForeignErrors(t *testing.T) {
	for _, row := range []struct {
		err  error
		want Outcome
	}{
		{nil, Done},
		{errors.New("anything"), Unknown},
		{context.Canceled, Unknown},
		{&Error{}, Unknown},
		{&Error{Op: AddSale}, Unknown},
		{&Error{Op: AddSale, Err: context.Canceled}, Unknown},
		{&Error{Op: AddSale, Code: "Success"}, Unknown},
		{fmt.Errorf("apply: %w", &Error{Op: AddSale, Code: "DealerSale.AddSale.AmountIsRequired", Phase: PhaseAnswer}), Refused},
		{&Error{Op: AddSale, Code: "DealerSale.AddSale.AmountIsRequired", Phase: PhaseRead}, Unknown},
		{&Error{Op: AddSale, Phase: PhaseConnect}, NotSent},
		{&CountError{}, Unknown},
	} {
		if got := OutcomeOf(row.err); got != row.want {
			t.Errorf("%#v: outcome %v, want %v", row.err, got, row.want)
		}
	}
}

// A transport in the same process counts as not reached only where it did not look at the request.
func TestOutcomeOfAnInProcessTransport(t *testing.T) {
	lost := errors.New("lost")
	for _, row := range []struct {
		name    string
		http    roundTripper
		outcome Outcome
	}{
		{"fails at once", func(*http.Request) (*http.Response, error) { return nil, lost }, NotSent},
		{"fails after it read the call", func(r *http.Request) (*http.Response, error) { io.ReadAll(r.Body); return nil, lost }, Unknown},
		{"fails after it read a byte", func(r *http.Request) (*http.Response, error) { r.Body.Read(make([]byte, 1)); return nil, lost }, Unknown},
		{"gives nothing", func(r *http.Request) (*http.Response, error) { io.ReadAll(r.Body); return nil, nil }, Unknown},
		{"answers", func(r *http.Request) (*http.Response, error) { io.ReadAll(r.Body); return responding(saleDone), nil }, Done},
	} {
		c := newTestClient(t, "http://localhost", func(o *Options) { o.HTTP = row.http; o.Credentials = Credentials{} })
		if err := addSale(t.Context(), c); OutcomeOf(err) != row.outcome {
			t.Errorf("%s: outcome %v, want %v (%v)", row.name, OutcomeOf(err), row.outcome, err)
		}
	}
}

func TestThrottled(t *testing.T) {
	for _, row := range []struct {
		status     int
		body       string
		retryAfter string
		throttled  bool
		wait       time.Duration
	}{
		{429, "", "7", true, 7 * time.Second},
		{429, "slow down", "", true, 0},
		{429, failure("EX"), "1", true, time.Second},
		{429, failure("DealerSale.AddSale.AmountIsRequired"), "1", false, time.Second},
		{503, "", "2", false, 2 * time.Second},
		{503, "", "Mon, 01 Jan 2031 00:00:30 GMT", false, 30 * time.Second},
		{503, "", "Mon, 01 Jan 2001 00:00:30 GMT", false, 0},
		{503, "", "soon", false, 0},
		{503, "", "-5", false, 0},
		{503, "", "99999999999999999999", false, 0},
	} {
		base, calls := answering(t, row.status, row.body, "Retry-After", row.retryAfter)
		c := newTestClient(t, base, func(o *Options) {
			o.Now = func() time.Time { return time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) }
		})
		var e *Error
		if err := addSale(t.Context(), c); !errors.As(err, &e) {
			t.Fatalf("%d: %v", row.status, err)
		}
		if e.Throttled() != row.throttled || e.RetryAfter != row.wait {
			t.Errorf("%d %q: throttled %v, wait %v; want %v, %v", row.status, row.retryAfter, e.Throttled(), e.RetryAfter, row.throttled, row.wait)
		}
		if calls.Load() != 1 {
			t.Errorf("%d: a write was sent %d times", row.status, calls.Load())
		}
	}
}
