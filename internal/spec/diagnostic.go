package spec

import "fmt"

// Severity of a Diagnostic: "error", "warning" or "info".
type Severity string

// Errors stop a command before it does anything; warnings and notes do not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Diagnostic is one finding about a manifest, at its place.
type Diagnostic struct {
	Severity Severity
	File     string // as given on the command line; "" when no file is concerned
	Line     int    // from 1; 0 when the whole file is meant
	Column   int    // from 1, in characters
	Address  string // "sale/elif-gold", "" when no resource is concerned
	// Message names what is wrong and what to do. Values of personal, secret and unknown fields are masked in it unless the reader was told to show them.
	Message string
	// Rule names the rule that `mokasync/accept` can turn off on this resource, "" for what cannot be accepted. Message ends with it.
	Rule string
	// Excerpt is the source line, masked like the message; "" when there is none to show. It is never longer than a screen is wide.
	Excerpt string
	// ExcerptColumn is where the value stands in Excerpt, from 1, in characters. It differs from Column where something before it is masked.
	ExcerptColumn int
}

// Place gives "path:line:column", as much of it as is known.
func (d Diagnostic) Place() string {
	switch {
	case d.Line == 0:
		return d.File
	case d.Column == 0:
		return fmt.Sprintf("%s:%d", d.File, d.Line)
	}
	return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
}

// HasErrors reports whether any diagnostic is an error.
func HasErrors(ds []Diagnostic) bool {
	for _, d := range ds {
		if d.Severity == Error {
			return true
		}
	}
	return false
}
