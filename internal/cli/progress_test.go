package cli

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// countedWriter is standard error that counts its writes.
type countedWriter struct {
	mu     sync.Mutex
	text   strings.Builder
	writes int
	wrote  chan struct{}
}

func (w *countedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	select {
	case w.wrote <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func doneResult(i int) apply.Result {
	return apply.Result{Address: spec.Address{Kind: spec.Customer, Name: fmt.Sprintf("c%d", i)}, Action: plan.Create, Status: apply.Done}
}

// Off a terminal every change has its line, in order and behind what was said before, in far fewer writes than lines; a line that nothing follows is written all the same.
func TestProgressLines(t *testing.T) {
	w := &countedWriter{wrote: make(chan struct{}, 1)}
	a := &app{}
	a.Stderr = w
	p := newProgress(a, 10_000)
	var want strings.Builder
	for i := range 10_000 {
		p.result(doneResult(i))
		fmt.Fprintf(&want, "create customer/c%d: done\n", i)
	}
	p.say("looking at Moka")
	want.WriteString("mokasync: looking at Moka\n")
	<-w.wrote // of those above
	w.mu.Lock()
	if w.writes > 1000 {
		t.Errorf("%d writes for 10,000 lines", w.writes)
	}
	w.mu.Unlock()
	p.result(doneResult(1))
	<-w.wrote // by the timer: nothing else comes
	want.WriteString("create customer/c1: done\n")
	p.result(doneResult(2))
	p.end()
	want.WriteString("create customer/c2: done\n")
	if w.text.String() != want.String() {
		t.Errorf("got\n%s\nwant\n%s", w.text.String(), want.String())
	}
}

func TestProgressLine(t *testing.T) {
	for _, row := range []struct {
		change func(*apply.Result)
		want   string
	}{
		{func(*apply.Result) {}, "create customer/c1: done"},
		{func(r *apply.Result) { r.Adopted = true }, "create customer/c1: done (found equal)"},
		{func(r *apply.Result) { r.Status, r.Because = apply.Skipped, "customer/x failed" }, "create customer/c1: skipped: because customer/x failed"},
		{func(r *apply.Result) { r.Status, r.Message = apply.Failed, "no" }, "create customer/c1: failed: no"},
	} {
		r := doneResult(1)
		row.change(&r)
		if got := progressLine(&r); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}
