package render

import (
	"io"

	"github.com/mokasync/mokasync/internal/spec"
)

// FormattedJSON writes the result of fmt: the files that were changed, or would be, in order, and how many are in order.
func FormattedJSON(w io.Writer, changed []string, inOrder int, ds []spec.Diagnostic) error {
	if changed == nil {
		changed = []string{}
	}
	return writeJSON(w, struct {
		FormatVersion string          `json:"formatVersion"`
		Changed       []string        `json:"changed"`
		InOrder       int             `json:"inOrder"`
		Diagnostics   []diagnosticRow `json:"diagnostics"`
	}{formatVersion, changed, inOrder, diagnosticRows(ds)})
}
