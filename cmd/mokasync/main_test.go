package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram has the test's binary be mokasync.
const asProgram = "MOKASYNC_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is mokasync in an empty folder of its own, with one manifest.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // one that does not end is killed, and told by that
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Dir = t.TempDir()
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "MOKA") { // an account of the developer's
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, asProgram+"=1", "TMPDIR="+cmd.Dir)
	manifest := "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: gold}\nspec: {productName: Gold}\n"
	if err := os.WriteFile(filepath.Join(cmd.Dir, "gold.yaml"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// ended gives how a program ended: its exit code, or the signal that ended it.
func ended(t *testing.T, err error) (code int, by syscall.Signal) {
	t.Helper()
	if err == nil {
		return 0, 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return -1, status.Signal()
	}
	return exit.ExitCode(), 0
}

// Who does not read what apply prints does not end it half-way: a plan that nobody can read is not carried out, and what was carried out is recorded, the exit code saying that the
// account could not be written. Of other commands that is the end, as of any program in a pipe.
func TestReaderGoesAway(t *testing.T) {
	for _, c := range []struct {
		args    []string
		code    int
		by      syscall.Signal
		applied bool
	}{
		{[]string{"apply", "--auto-approve"}, 1, 0, false},
		{[]string{"apply", "--auto-approve", "--format", "json"}, 3, 0, true}, // which prints the account alone
		{[]string{"plan"}, -1, syscall.SIGPIPE, false},
	} {
		cmd := program(t, c.args...)
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close() // nobody will ever read
		cmd.Stdout = write
		code, by := ended(t, cmd.Run())
		write.Close()
		if code != c.code || by != c.by {
			t.Errorf("%v: ended with %d by signal %v, want %d by %v", c.args, code, by, c.code, c.by)
		}
		if _, err := os.Stat(filepath.Join(cmd.Dir, "mokasync.sandbox.lock")); (err == nil) != c.applied {
			t.Errorf("%v: lockfile: %v, want applied %t", c.args, err, c.applied)
		}
	}
}

// The served sandbox ends in good order at a signal.
func TestSandboxEndsAtASignal(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := program(t, "sandbox", "--listen", "127.0.0.1:0")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(stdout)
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, lines)
		if code, by := ended(t, cmd.Wait()); code != 0 || by != 0 {
			t.Errorf("%v: ended with %d by signal %v, want 0", s, code, by)
		}
	}
}

// Of a command that only reads a signal is the end.
func TestSignalEndsAPlan(t *testing.T) {
	cmd := program(t, "plan", "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: when it is written the plan is at its manifests, and waits for their end.
	if _, err := io.WriteString(stdin, strings.Repeat("# nothing yet\n", 1<<17)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, by := ended(t, cmd.Wait()); by != syscall.SIGTERM {
		t.Errorf("ended with %d by signal %v, want by SIGTERM", code, by)
	}
}
