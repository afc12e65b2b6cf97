package moka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// sentence says in plain words what happened. It quotes nothing but the host's name, numbers and what looks like a result code.
func (e *Error) sentence() string {
	host := e.host
	if host == "" {
		host = "Moka"
	}
	switch {
	case errors.Is(e.Err, ErrCredentials):
		return fmt.Sprintf("%s does not accept the credentials: check dealer code, user name and password, and that they are for this endpoint (%s)", host, printable(e.Code))
	case e.Phase == PhaseBefore && !isStop(e.Err) && e.Err != nil:
		return "not sent: " + e.Err.Error()
	case isStop(e.Err):
		return "stopped " + e.where()
	case e.Phase == PhaseConnect:
		return e.noConnection(host)
	case e.Phase == PhaseAnswer, e.Code != "":
		return e.answered()
	case e.Status != 0:
		return e.unreadable(host)
	case errors.Is(e.Err, ErrTimeout):
		return fmt.Sprintf("no answer of %s within %s", host, e.limit)
	case e.Err == nil:
		return "no answer of " + host
	}
	return fmt.Sprintf("%s broke off the connection before it answered (%s)", host, reason(e.Err))
}

func (e *Error) where() string {
	switch e.Phase {
	case PhaseBefore, PhaseConnect:
		return "before it was sent"
	case PhaseRead, PhaseAnswer:
		return "while its answer was read"
	}
	return "before it was answered"
}

func (e *Error) noConnection(host string) string {
	var op *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(e.Err, errProxy):
		return "the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be used: check its address"
	case errors.As(e.Err, &op) && op.Op == "proxyconnect":
		return fmt.Sprintf("the proxy on the way to %s does not answer (%s)", host, reason(e.Err))
	case errors.As(e.Err, &cert):
		return fmt.Sprintf("the certificate of %s is not trusted: %s", host, distrust(cert.Err))
	case errors.As(e.Err, &record):
		return fmt.Sprintf("host %s does not speak TLS: is the endpoint right?", host)
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no host %s: is the endpoint right?", host)
	case errors.As(e.Err, &dns):
		return fmt.Sprintf("the name of host %s cannot be looked up: is there a network?", host)
	}
	return fmt.Sprintf("host %s does not answer (%s)", host, reason(e.Err))
}

// distrust says why a certificate is refused, without what it says of itself.
func distrust(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "it is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired, or is not valid yet"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "it is signed by an unknown authority"
	}
	return "it is not valid"
}

// answered speaks of an answer in Moka's form.
func (e *Error) answered() string {
	var count *CountError
	switch {
	case errors.As(e.Err, &count):
		return count.Error()
	case e.Err != nil:
		return fmt.Sprintf("Moka's answer is not to be relied on: %v (%s, status %d)", e.Err, printable(e.Code), e.Status)
	}
	if meaning, known := Meaning(e.Code); known {
		return fmt.Sprintf("%s (%s)", meaning, printable(e.Code))
	}
	return fmt.Sprintf("Moka answered with a result code that its documentation does not have: %s (status %d)", printable(e.Code), e.Status)
}

// unreadable speaks of an answer that is not in Moka's form.
func (e *Error) unreadable(host string) string {
	what := ""
	switch {
	case e.Status == 429:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("%s asks for fewer calls, and to wait %s (status 429)", host, e.RetryAfter.Round(time.Second))
		}
		return host + " asks for fewer calls (status 429)"
	case errors.Is(e.Err, ErrRedirect):
		return fmt.Sprintf("%s answered with a redirect, which is not followed (status %d): is the endpoint right?", host, e.Status)
	case errors.Is(e.Err, ErrTimeout):
		return fmt.Sprintf("the answer of %s was not complete within %s", host, e.limit)
	case errors.Is(e.Err, ErrTooLarge):
		return fmt.Sprintf("the answer of %s is longer than %d MiB (status %d)", host, maxAnswer>>20, e.Status)
	case errors.Is(e.Err, errHTML):
		what = "an HTML page, not with Moka's JSON"
	case errors.Is(e.Err, errEmpty):
		what = "nothing"
	case errors.Is(e.Err, ErrNotJSON):
		what = "something that is not JSON"
	case errors.Is(e.Err, ErrShape):
		what = "JSON that is not in Moka's form"
	default:
		return fmt.Sprintf("the answer of %s broke off (%s, status %d)", host, reason(e.Err), e.Status)
	}
	return fmt.Sprintf("%s answered with %s (status %d): is the endpoint right?", host, what, e.Status)
}

// reason says in a few words why the network failed. It does not quote an error that it does not know: such may hold an address with a password.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no way there"
	case errors.Is(err, ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return "no connection in time"
	case errors.Is(err, ErrTruncated), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	case errors.As(err, new(tls.AlertError)):
		return "TLS 1.2 or newer was not agreed on"
	}
	return "network error"
}

// isStop reports whether the caller's context ended.
func isStop(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isNetwork reports whether err is of the kind that may be gone at the next attempt.
func isNetwork(err error) bool {
	var dns *net.DNSError
	switch {
	case err == nil, isStop(err), errors.Is(err, ErrUntrusted), errors.Is(err, errProxy), errors.As(err, new(tls.RecordHeaderError)):
		return false
	case errors.As(err, &dns) && dns.IsNotFound:
		return false
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrTruncated), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return true
	}
	for _, ours := range []error{ErrRedirect, ErrNotJSON, ErrTooLarge, ErrShape, ErrMismatch, ErrCredentials} {
		if errors.Is(err, ours) {
			return false
		}
	}
	return !errors.As(err, new(*CountError)) && !errors.As(err, new(*ReadOnlyError))
}
