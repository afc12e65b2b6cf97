package cli

import (
	"bytes"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/schollz/progressbar/v3"
)

// progress tells how far an apply is: a bar on a terminal, a line a change elsewhere, both on standard error. What comes in quick succession is written together, the
// last of it after progressPause: a hundred thousand changes cost a few hundred writes.
type progress struct {
	app *app

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	ended int          // changes that the bar does not show yet
	lines bytes.Buffer // that are not written yet
	timer *time.Timer  // that writes what has come meanwhile, nil while there is nothing
	stop  bool
}

const (
	progressPause = 100 * time.Millisecond
	// progressLines is how many bytes of lines are written before their time.
	progressLines = 1 << 15
)

func newProgress(a *app, changes int) *progress {
	p := &progress{app: a}
	if a.StderrTTY && changes > 0 {
		p.bar = progressbar.NewOptions(changes,
			progressbar.OptionSetWriter(a.Stderr), progressbar.OptionSetDescription("applying"), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("changes"), progressbar.OptionSetPredictTime(true),
			progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionUseANSICodes(true))
	}
	return p
}

// result takes in a change that has ended.
func (p *progress) result(r apply.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.ended++
	} else {
		p.lines.WriteString(render.Line(progressLine(&r)))
		p.lines.WriteByte('\n')
	}
	switch {
	case p.lines.Len() >= progressLines:
		p.write()
	case p.timer == nil:
		p.timer = time.AfterFunc(progressPause, p.late)
	}
}

func progressLine(r *apply.Result) string {
	text := r.Action.String() + " " + r.Address.String() + ": " + string(r.Status)
	switch {
	case r.Adopted:
		return text + " (found equal)"
	case r.Because != "":
		return text + ": because " + r.Because
	case r.Message != "":
		return text + ": " + r.Message
	}
	return text
}

// late writes what has come since the timer was set.
func (p *progress) late() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stop {
		p.timer = nil
		p.write()
	}
}

// write is called with the lock held. A terminal or pipe that cannot be written to does not stop the run.
func (p *progress) write() {
	if p.bar != nil && p.ended > 0 {
		p.bar.Add(p.ended)
		p.ended = 0
	}
	if p.lines.Len() > 0 {
		p.app.Stderr.Write(p.lines.Bytes())
		p.lines.Reset()
	}
}

// say writes a sentence of its own, behind what was told before it.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write()
	p.app.Stderr.Write([]byte(render.Line("mokasync: "+text) + "\n"))
}

// end writes the rest; nothing is written after it.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.write()
	if p.bar != nil {
		p.bar.Finish()
	}
}
