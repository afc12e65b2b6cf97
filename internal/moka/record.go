package moka

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// Member is one member of an object on the wire. Outgoing, Value is sent as a quoted text, which is how the documentation's samples send integers and decimals too.
// Incoming, Value is the text of a string, a number or a boolean as it stood; "" stands for null and for an empty string (moka-api 1.7).
type Member struct{ Name, Value string }

// Record is an object's members in their order. It prints its members' names and never their values, which may be personal or secret, and refuses to be marshalled.
// Package fmt cannot ask it where it stands in an unexported field: a struct that keeps records in one needs a Format of its own before it is printed.
type Record []Member

// Get gives a member's text, "" when it is absent.
func (r Record) Get(name string) string {
	for i := range r {
		if r[i].Name == name {
			return r[i].Value
		}
	}
	return ""
}

// Has reports whether the member is there, be it empty.
func (r Record) Has(name string) bool {
	for i := range r {
		if r[i].Name == name {
			return true
		}
	}
	return false
}

// ID reads one of Moka's own numbers, however it was written: 1005, "1005", 1005.0. It gives 0 when the member is absent, empty, zero or not a positive integer;
// Moka numbers from above zero and writes 0 for "none".
func (r Record) ID(name string) int64 { return parseID(r.Get(name)) }

func parseID(text string) int64 {
	text = strings.TrimSpace(text)
	if whole, fraction, found := strings.Cut(text, "."); found && fraction != "" && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// String lists the names of the members.
func (r Record) String() string {
	names := make([]string, len(r))
	for i := range r {
		names[i] = r[i].Name
	}
	return "record(" + strings.Join(names, " ") + ")"
}

// GoString is String.
func (r Record) GoString() string { return r.String() }

// Format prints String for every verb.
func (r Record) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue gives String.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// errNotMarshalled is what every encoder gets: a record may hold a password, a card token or personal data.
var errNotMarshalled = errors.New("a record is not marshalled: it may hold secrets")

// MarshalText always fails, and with it JSON and every other encoding that asks for text.
func (r Record) MarshalText() ([]byte, error) { return nil, errNotMarshalled }

// String is the member's name.
func (m Member) String() string { return m.Name }

// GoString is String.
func (m Member) GoString() string { return m.String() }

// Format prints String for every verb.
func (m Member) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.Name) }

// LogValue gives String.
func (m Member) LogValue() slog.Value { return slog.StringValue(m.Name) }

// MarshalText always fails.
func (m Member) MarshalText() ([]byte, error) { return nil, errNotMarshalled }
