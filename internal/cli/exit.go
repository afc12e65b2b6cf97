package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/spf13/cobra"
)

// Exit codes. The README's table tells them to users.
const (
	exitDone       = 0
	exitRefused    = 1 // refused before any write
	exitChanges    = 2 // there are changes, where that was asked
	exitIncomplete = 3 // something failed, was skipped or was not tried
	exitInDoubt    = 4 // a call may or may not have taken effect
	exitLocked     = 5 // another run holds the lock
)

// codeError is a result that has been told already; only the code is left to give.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// hintError is an error with a line of what to do.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func hinted(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

func usageError(cmd *cobra.Command, err error) error {
	return hinted(err, "`%s --help` tells how it is used", cmd.CommandPath())
}

// exit turns an error into an exit code, and tells it.
func (a *app) exit(err error) int {
	var code codeError
	var held *lockfile.HeldError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		a.tell(errors.New("stopped"))
		return exitIncomplete
	case errors.As(err, &held):
		a.tell(hinted(err, "wait for it to end; if that process is gone, so is its lock"))
		return exitLocked
	}
	a.tell(err)
	return exitRefused
}

func (a *app) tell(err error) {
	fmt.Fprintf(a.Stderr, "mokasync: %s\n", strings.TrimSpace(err.Error()))
	var h *hintError
	if errors.As(err, &h) {
		fmt.Fprintf(a.Stderr, "hint: %s\n", h.hint)
	}
}

// warn tells something that stops nothing.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.Stderr, "mokasync: warning: %s\n", fmt.Sprintf(format, args...))
}
