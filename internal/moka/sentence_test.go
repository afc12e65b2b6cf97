package moka

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a user reads. The network's errors are as net/http gives them.
func TestSentences(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	cert := func(err error) error {
		return fmt.Errorf("%w: %w", ErrUntrusted, &tls.CertificateVerificationError{Err: err})
	}
	for _, row := range []struct {
		e    Error
		want string
	}{
		{Error{Phase: PhaseConnect, Err: dial(refused)}, "host h does not answer (connection refused)"},
		{Error{Phase: PhaseConnect, Err: ErrTimeout}, "host h does not answer (no connection in time)"},
		{Error{Phase: PhaseConnect, Err: dial(os.NewSyscallError("connect", syscall.ENETUNREACH))}, "host h does not answer (no way there)"},
		{Error{Phase: PhaseConnect, Err: dial(&net.DNSError{Name: "h", IsNotFound: true})}, "there is no host h: is the endpoint right?"},
		{Error{Phase: PhaseConnect, Err: dial(&net.DNSError{Name: "h", IsTimeout: true})}, "the name of host h cannot be looked up: is there a network?"},
		{Error{Phase: PhaseConnect, Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(refused)}}, "the proxy on the way to h does not answer (connection refused)"},
		{Error{Phase: PhaseConnect, Err: errProxy}, "the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be used: check its address"},
		{Error{Phase: PhaseConnect, Err: cert(x509.UnknownAuthorityError{})}, "the certificate of h is not trusted: it is signed by an unknown authority"},
		{Error{Phase: PhaseConnect, Err: cert(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"})}, "the certificate of h is not trusted: it is for another host"},
		{Error{Phase: PhaseConnect, Err: cert(x509.CertificateInvalidError{Reason: x509.Expired})}, "the certificate of h is not trusted: it has expired, or is not valid yet"},
		{Error{Phase: PhaseConnect, Err: cert(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign})}, "the certificate of h is not trusted: it is not valid"},
		{Error{Phase: PhaseConnect, Err: tls.RecordHeaderError{}}, "host h does not speak TLS: is the endpoint right?"},
		{Error{Phase: PhaseConnect, Err: &net.OpError{Op: "remote error", Err: tls.AlertError(70)}}, "host h does not answer (TLS 1.2 or newer was not agreed on)"},
		{Error{Phase: PhaseConnect, Err: errors.New("proxy https://user:S3cretDemo@p: bad")}, "host h does not answer (network error)"},
		{Error{Phase: PhaseBefore, Err: errors.New("the request has no SaleCode")}, "not sent: the request has no SaleCode"},
		{Error{Phase: PhaseBefore, Err: context.Canceled}, "stopped before it was sent"},
		{Error{Phase: PhaseWait, Err: context.Canceled}, "stopped before it was answered"},
		{Error{Phase: PhaseRead, Status: 200, Err: context.DeadlineExceeded}, "stopped while its answer was read"},
		{Error{Phase: PhaseWait, Err: ErrTimeout}, "no answer of h within 30s"},
		{Error{Phase: PhaseSend, Err: &net.OpError{Op: "write", Err: syscall.ECONNRESET}}, "h broke off the connection before it answered (connection reset)"},
		{Error{Phase: PhaseWait, Err: io.EOF}, "h broke off the connection before it answered (connection closed)"},
		{Error{Phase: PhaseRead, Status: 200, Err: ErrTruncated}, "the answer of h broke off (connection closed, status 200)"},
		{Error{Phase: PhaseRead, Status: 200, Err: ErrTimeout}, "the answer of h was not complete within 30s"},
		{Error{Phase: PhaseRead, Status: 200, Err: ErrTooLarge}, "the answer of h is longer than 8 MiB (status 200)"},
		{Error{Phase: PhaseRead, Status: 502, Err: errHTML}, "h answered with an HTML page, not with Moka's JSON (status 502): is the endpoint right?"},
		{Error{Phase: PhaseRead, Status: 404, Err: errEmpty}, "h answered with nothing (status 404): is the endpoint right?"},
		{Error{Phase: PhaseRead, Status: 400, Err: ErrNotJSON}, "h answered with something that is not JSON (status 400): is the endpoint right?"},
		{Error{Phase: PhaseRead, Status: 200, Err: fmt.Errorf("%w: it has no ResultCode", ErrShape)}, "h answered with JSON that is not in Moka's form (status 200): is the endpoint right?"},
		{Error{Phase: PhaseRead, Status: 302, Err: ErrRedirect}, "h answered with a redirect, which is not followed (status 302): is the endpoint right?"},
		{Error{Phase: PhaseRead, Status: 429, Err: errEmpty, RetryAfter: 7 * time.Second}, "h asks for fewer calls, and to wait 7s (status 429)"},
		{Error{Phase: PhaseRead, Status: 429, Err: errEmpty}, "h asks for fewer calls (status 429)"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "DealerSale.AddSale.AmountIsRequired"}, "the sale has no amount (DealerSale.AddSale.AmountIsRequired)"},
		{Error{Phase: PhaseAnswer, Status: 500, Code: "EX", Message: "S3cretDemo"}, "Moka met an unexpected error of its own, and does not say whether the call took effect (EX)"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "DealerSale.AddSale.New"}, "Moka answered with a result code that its documentation does not have: DealerSale.AddSale.New (status 200)"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "S3cretDemo of elif@example.com"}, "Moka answered with a result code that its documentation does not have: (not a result code) (status 200)"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "Success", Err: fmt.Errorf("%w: its SaleCode is not the one that was sent", ErrMismatch)},
			"Moka's answer is not to be relied on: the answer is about something else: its SaleCode is not the one that was sent (Success, status 200)"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "Success", Err: &CountError{GetSaleList, 5, 4}}, "the list is not complete: it is said to hold 5, and 4 came"},
		{Error{Phase: PhaseAnswer, Status: 200, Code: "Success", Err: &CountError{GetSaleList, -1, 4}}, "the list does not say how long it is; 4 came"},
	} {
		row.e.Op, row.e.host, row.e.limit = AddSale, "h", 30*time.Second
		if got := row.e.Error(); got != "AddSale: "+row.want {
			t.Errorf("phase %v, %v:\n got %s\nwant AddSale: %s", row.e.Phase, row.e.Err, got, row.want)
		}
	}
	if got := (&Error{Op: AddSale}).Error(); got != "AddSale: no answer of Moka" {
		t.Errorf("an empty error reads %q", got)
	}
}

// The log tells of every attempt what the account of a bad night needs, and nothing of what was sent or answered.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	base, _ := answering(t, 503, `{"Data":null,"ResultCode":"EX","ResultMessage":"elif@example.com","Exception":"S3cretDemo"}`)
	c := newTestClient(t, base, func(o *Options) { o.Log, o.Attempts = log, 2 })
	_, _ = c.GetSale(t.Context(), Record{{"SaleCode", "satis"}})
	_ = addSale(t.Context(), c)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	for i, line := range lines {
		var got struct {
			Level, Op, Code, Phase, Outcome, Error string
			Status, Attempt                        int
			Took                                   int64
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		op, attempt := []Op{GetSale, GetSale, AddSale}[i], []int{1, 2, 1}[i]
		if got.Level != "DEBUG" || got.Op != string(op) || got.Attempt != attempt || got.Status != 503 || got.Code != "EX" || got.Phase != "answer" || got.Outcome != "unknown" || got.Error == "" || got.Took <= 0 {
			t.Errorf("line %d: %s", i, line)
		}
	}
	for _, s := range append(secrets, "satis", "elif@example.com", "9DE41BB0", "Customer\"") {
		if strings.Contains(out.String(), s) {
			t.Errorf("the log shows %q", s)
		}
	}
}
