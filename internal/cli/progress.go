package cli

import (
	"fmt"
	"time"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/schollz/progressbar/v3"
)

// progress tells how far an apply is: a bar on a terminal, a line a change elsewhere, both on standard error.
type progress struct {
	app *app
	bar *progressbar.ProgressBar
}

func newProgress(a *app, changes int) *progress {
	p := &progress{app: a}
	if a.StderrTTY && changes > 0 {
		p.bar = progressbar.NewOptions(changes,
			progressbar.OptionSetWriter(a.Stderr), progressbar.OptionSetDescription("applying"), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("changes"), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionUseANSICodes(true))
	}
	return p
}

func (p *progress) result(r apply.Result) {
	if p.bar != nil {
		p.bar.Add(1) // a terminal that cannot be written to does not stop the run
		return
	}
	text := string(r.Status)
	switch {
	case r.Adopted:
		text += " (found equal)"
	case r.Because != "":
		text += ": because " + r.Because
	case r.Message != "":
		text += ": " + r.Message
	}
	fmt.Fprintln(p.app.Stderr, render.Line(fmt.Sprintf("%s %s: %s", r.Action, r.Address, text)))
}

func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
