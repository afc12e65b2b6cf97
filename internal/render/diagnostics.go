package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/spec"
)

// DiagnosticsText writes diagnostics for people: place, severity, message, and the line with a caret under the value.
func DiagnosticsText(w io.Writer, ds []spec.Diagnostic, s Style) error {
	out := bufio.NewWriter(w)
	p := s.paint()
	for _, d := range ds {
		tint := map[spec.Severity]func(...any) string{spec.Error: p.red, spec.Warning: p.yellow, spec.Info: p.faint}[d.Severity]
		place := d.Place()
		if place != "" {
			place = p.bold(safeLine(place)) + ": "
		}
		label := ""
		if d.Severity != spec.Error {
			label = tint(string(d.Severity)) + ": "
		}
		fmt.Fprintf(out, "%s%s%s\n", place, label, safeLine(d.Message))
		if d.Excerpt != "" && d.ExcerptColumn > 0 {
			fmt.Fprintf(out, "    %s\n    %s%s\n", safeLine(d.Excerpt), indent(d.Excerpt, d.ExcerptColumn), tint("^"))
		}
	}
	return out.Flush()
}

// indent gives the blanks before a column, tabs kept so that the caret stands under its character.
func indent(line string, column int) string {
	var b strings.Builder
	for i := 1; i < column && line != ""; i++ {
		r, n := utf8.DecodeRuneInString(line)
		line = line[n:]
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}
