package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A run that is stopped takes back what it announced and has not sent. Killed in the middle of that, with calls in flight that Moka takes or never sees, it leaves nothing that the next
// apply makes twice or forgets.
func TestKilledWhileTakingBack(t *testing.T) {
	const slots = 4 // and as many again wait: the account begins with eight changes that need no other
	program := buildWithCrashPoints(t)
	stage := killStages()[0]
	for _, row := range []struct {
		nth   int // of those taken back
		taken bool
	}{{1, true}, {2, false}, {slots, true}} {
		a := newArena(t, program, stage)
		cmd, out := a.command([]string{fmt.Sprintf("MOKASYNC_CRASH=before-withdrawal@%d", row.nth)}, a.apply("--parallelism", fmt.Sprint(slots))...)
		var arrived atomic.Int32
		died := make(chan struct{})
		hook := func(serve func(), isWrite bool) {
			if isWrite {
				arrived.Add(1)
				<-died
				if !row.taken {
					panic(http.ErrAbortHandler)
				}
			}
			serve()
		}
		a.hook.Store(&hook)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); a.intents() < 2*slots || arrived.Load() < slots; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d intents, %d calls", a.intents(), arrived.Load())
			}
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		close(died)
		a.hook.Store(nil)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("it was not killed: %v\n%s", err, out)
		}
		if n := arrived.Load(); n != slots {
			t.Errorf("%d calls went out, want %d", n, slots)
		}
		a.recover(fmt.Sprintf("killed while it took back, %+v", row))
	}
}

// intents counts the intents in the journal.
func (a *arena) intents() int {
	text, err := os.ReadFile(a.lockfile() + ".journal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		a.t.Fatal(err)
	}
	return bytes.Count(text, []byte("\n{\"intent\":"))
}
