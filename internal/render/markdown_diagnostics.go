package render

import (
	"io"

	"github.com/mokasync/mokasync/internal/spec"
)

// DiagnosticsMarkdown writes what a check of manifests found, as Markdown of at most limit bytes (0 means CommentLimit): how much was read (nothing of that with 0 files), and a table a severity. full is the
// command that tells all. A limit that is too small is a TooSmallError.
func DiagnosticsMarkdown(w io.Writer, resources, files int, ds []spec.Diagnostic, limit int, full string) error {
	title := "Manifests are valid"
	if n := countSeverity(ds, spec.Error); n > 0 {
		title = counted{severity: spec.Error}.words(n)
	}
	for _, s := range []spec.Severity{spec.Warning, spec.Info} {
		if n := countSeverity(ds, s); n > 0 {
			title += ", " + counted{severity: s}.words(n)
		}
	}
	page := &markdownPage{limit: limit, full: full, whole: "the whole list"}
	page.head = "## " + title + "\n\n"
	if files > 0 {
		page.head += many(resources, "resource", "resources") + " in " + many(files, "file", "files") + ".\n\n"
	}
	addDiagnostics(page, ds, spec.Error, "Mistakes", 50, weighsMistake)
	addDiagnostics(page, ds, spec.Warning, "Warnings", 10, weighsWarning)
	addDiagnostics(page, ds, spec.Info, "Notes", 0, weighsNote)
	return page.write(w)
}

// addDiagnostics adds the section of the diagnostics of one severity. open is how many are seen at once.
func addDiagnostics(page *markdownPage, ds []spec.Diagnostic, s spec.Severity, title string, open, weight int) {
	section := page.section(title, open, "Place", "What")
	for _, d := range ds {
		if d.Severity == s {
			page.add(markdownRow{weight: weight, section: section, counted: counted{severity: s}, cells: func() []string { return diagnosticCells(d) }})
		}
	}
}

func diagnosticCells(d spec.Diagnostic) []string {
	place := ""
	if p := d.Place(); p != "" {
		place = code(p)
	}
	return []string{place, sentence(d.Message)}
}
