package moka

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Outcome says what is known of a write after its call (moka-api 4).
type Outcome uint8

// The outcomes. The zero Outcome is Unknown, the one from which nothing may be concluded.
const (
	Unknown Outcome = iota // it may or may not have taken effect: look before anything else
	Done                   // Success, with the id and the code that belong there
	Refused                // a documented refusal: nothing was written
	NotSent                // proven: not a byte of the request left
)

// String gives "unknown", "done", "refused" or "not sent".
func (o Outcome) String() string { return [...]string{"unknown", "done", "refused", "not sent"}[o] }

// OutcomeOf judges a call by its error. It is the only place where that is done.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Done
	}
	var e *Error
	if !errors.As(err, &e) {
		return Unknown
	}
	switch {
	case e.Phase == PhaseBefore, e.Phase == PhaseConnect:
		return NotSent
	case e.refused():
		return Refused
	}
	return Unknown
}

// Phase says how far a call got.
type Phase uint8

// The phases. Up to PhaseConnect not a byte of the request left.
const (
	PhaseUnknown Phase = iota // not known; taken for the worst
	PhaseBefore               // not begun: it was not well formed, or the context ended before its turn
	PhaseConnect              // no connection, or one that took not a byte of the request
	PhaseSend                 // something of the request may have left, not the whole of it
	PhaseWait                 // the request left, no byte of an answer came
	PhaseRead                 // an answer began; it was not read to its end, or was not Moka's
	PhaseAnswer               // an answer in Moka's form was read: Code, Message and Exception are its members
)

// String names the phase in a word, for logs.
func (p Phase) String() string {
	return [...]string{"unknown", "before", "connect", "send", "wait", "read", "answer"}[p]
}

// What can be the matter with a call, besides a result code. An Error wraps one of them, the end of the caller's context, or an error of the network.
var (
	ErrTimeout     = errors.New("the call's time limit passed")
	ErrUntrusted   = errors.New("the certificate is not trusted")
	ErrRedirect    = errors.New("a redirect, which is not followed")
	ErrNotJSON     = errors.New("not JSON")
	ErrTruncated   = errors.New("the answer stops in its middle")
	ErrTooLarge    = errors.New("the answer is too long")
	ErrShape       = errors.New("not an answer of Moka's form")
	ErrMismatch    = errors.New("the answer is about something else")
	ErrCredentials = errors.New("the credentials are wrong, or not for this endpoint")

	errHTML  = fmt.Errorf("%w: an HTML page", ErrNotJSON)
	errEmpty = fmt.Errorf("%w: an empty answer", ErrNotJSON)
)

// Error is what every call gives that did not succeed. Its text is one sentence without secrets or personal data. Message and Exception are Moka's own words,
// about which that cannot be said: they are for decisions, and stand in no text, log or encoding of an Error.
type Error struct {
	Op Op
	// Code is the ResultCode of an answer that was read whole, be it Success; "" without one.
	Code string
	// Message is ResultMessage, Exception is Exception; with the code EX the pages disagree which of them holds the text (moka-api 1.6).
	Message, Exception string
	// Status is the HTTP status, 0 without an answer.
	Status int
	// RetryAfter is how long the server asked to be left alone, 0 if it did not say.
	RetryAfter time.Duration
	Phase      Phase
	Err        error

	host  string
	limit time.Duration
}

// Error is one sentence.
func (e *Error) Error() string { return e.Op.Method() + ": " + e.sentence() }

// Unwrap gives Err.
func (e *Error) Unwrap() error { return e.Err }

// Format prints Error for every verb, so that %+v shows no more.
func (e Error) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.Error()) }

// MarshalText gives Error; JSON uses it.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// LogValue gives Error.
func (e Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Throttled reports that the server asked for fewer calls (status 429) and said nothing about this one. Its outcome is Unknown; wait RetryAfter, and look before sending an AddSale again.
func (e *Error) Throttled() bool { return e.Status == http.StatusTooManyRequests && !e.refused() }

// refused reports whether the answer is a documented refusal, at whatever HTTP status (moka-api 4.5). An answer that contradicts itself is none.
func (e *Error) refused() bool {
	if e.Phase < PhaseAnswer && e.Phase != PhaseUnknown || errors.Is(e.Err, ErrShape) {
		return false
	}
	return isRefusal(e.Op, e.Code) || isNoData(e.Op, e.Code) || isNotFound(e.Op, e.Code)
}

// IsNoData reports whether a list call failed with the code by which Moka says that there is nothing to list. Whether that proves absence is the caller's to judge (moka-api 4.5).
func IsNoData(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.refused() && isNoData(e.Op, e.Code)
}

// IsNotFound reports whether a read of one thing failed with a code that says it is not there. Of GetSale no copy of the page shows that code: it is no proof that a sale is absent (moka-api 4.1).
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.refused() && isNotFound(e.Op, e.Code)
}

// IsTemporary reports whether the same read may succeed a little later. Reads are repeated by themselves while this holds, but a list only until its first record was handed over.
func IsTemporary(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.refused() {
		return false
	}
	if isStop(e.Err) {
		return false
	}
	return e.Code == codeUnexpected || temporaryStatus(e.Status) || isNetwork(e.Err)
}

func temporaryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// CountError is a list whose length is not the one that it states: it is not complete, and proves nothing (moka-api 4.5). It comes wrapped in an Error.
type CountError struct {
	Op   Op
	Said int64 // -1: it did not say, or not in digits
	Got  int
}

func (e *CountError) Error() string {
	if e.Said < 0 {
		return fmt.Sprintf("the list does not say how long it is; %d came", e.Got)
	}
	return fmt.Sprintf("the list is not complete: it is said to hold %d, and %d came", e.Said, e.Got)
}
