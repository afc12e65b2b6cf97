package forge

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Error is a call that did not do what it should.
type Error struct {
	Doing  string // what the call was for, such as "edit comment 17"
	Status int    // HTTP status, 0 if no answer was read
	// Message is the forge's own sentence, one line of plain characters, or what went wrong on the way.
	Message string
	// Unknown: a write that may or may not have taken effect.
	Unknown bool
}

// Error gives one line, without the token and without a URL.
func (e *Error) Error() string {
	text := "cannot " + e.Doing
	if e.Unknown {
		text = "it is not known whether it worked to " + e.Doing
	}
	if e.Status != 0 {
		text += fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// ReadOnly reports whether the token may read and not write, as the one of a GitHub workflow that a fork's pull request started, or a GitLab token without the scope api.
func (e *Error) ReadOnly() bool {
	said := strings.ToLower(e.Message)
	return e.Status == http.StatusForbidden && (strings.Contains(said, "resource not accessible by") || strings.Contains(said, "insufficient_scope"))
}

// BadToken reports whether the forge does not know the token.
func (e *Error) BadToken() bool { return e.Status == http.StatusUnauthorized }

// NotFound reports whether it is not there, or must not be seen with this token: the forge does not tell one from the other.
func (e *Error) NotFound() bool {
	return e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// refused reports whether the forge said no to this one call; others may work.
func (e *Error) refused() bool {
	return e.Status == http.StatusForbidden || e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusBadRequest || e.NotFound()
}

// LimitError: the forge asks to wait longer than was allowed.
type LimitError struct {
	Doing string
	Until time.Time     // when it may be tried again
	Wait  time.Duration // how long that is from now
}

// Error gives one line.
func (e *LimitError) Error() string {
	return fmt.Sprintf("cannot %s: too many calls; the forge takes the next one at %s, in %s",
		e.Doing, e.Until.UTC().Format("15:04:05 UTC"), e.Wait.Round(time.Second))
}

// maxMessage is the length in bytes up to which a forge's own sentence is shown.
const maxMessage = 200

// plain makes a sentence of the forge's safe to show: one line, plain characters, no token.
func (c *wire) plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), c.o.Token, "***")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return shorten(strings.Join(strings.Fields(s), " "), maxMessage)
}

// shorten cuts a text to n bytes, between characters, and says so.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// sentence takes the forge's own words out of an answer: GitHub's message and the messages of its errors; GitLab's message, which may be texts by field, or its
// error with a description.
func sentence(text []byte) string {
	var said struct {
		Message     any `json:"message"`
		Error       any `json:"error"`
		Description any `json:"error_description"`
		Errors      []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	// What has another form is left out, and what is no JSON says nothing.
	_ = json.Unmarshal(text, &said)
	out := slices.Concat(words(said.Message), words(said.Error), words(said.Description))
	for _, more := range said.Errors {
		out = append(out, words(more.Message)...)
	}
	return strings.Join(out, ": ")
}

// words gives the texts in a value of JSON, in a fixed order.
func words(v any) (out []string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			out = append(out, v)
		}
	case []any:
		for _, one := range v {
			out = append(out, words(one)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if said := words(v[name]); len(said) > 0 {
				out = append(out, name+" "+strings.Join(said, ", "))
			}
		}
	}
	return out
}
