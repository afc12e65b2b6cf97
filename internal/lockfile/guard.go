package lockfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Holder says who holds a lockfile's guard.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"` // UTC
	Command string    `json:"command"`
}

// HeldError says that another run is at work on the lockfile.
type HeldError struct {
	Path   string
	Holder Holder // zero if the holder has not said who it is
}

func (e *HeldError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run is at work on %s", e.Path)
	}
	return fmt.Sprintf("another run is at work on %s: %q, process %d on %s, since %s",
		e.Path, e.Holder.Command, e.Holder.PID, e.Holder.Host, e.Holder.Since.UTC().Format(time.RFC3339))
}

// guard is the operating-system lock of a lockfile. It ends with its holder, however that dies.
type guard struct{ lock *flock.Flock }

func takeGuard(path string, self Holder) (*guard, error) {
	name := path + ".guard"
	lock := flock.New(name, flock.SetPermissions(0o644))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s (the folder of the lockfile must be writable): %w", name, cause(err))
	}
	if !held {
		held := &HeldError{Path: path}
		if text, err := os.ReadFile(name); err == nil {
			json.Unmarshal(text, &held.Holder) // a holder that is just writing its name goes without one
		}
		return nil, held
	}
	text, _ := json.Marshal(self) // plain struct, always encodes
	if err := os.WriteFile(name, append(text, '\n'), 0o644); err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("cannot write %s: %w", name, cause(err))
	}
	return &guard{lock}, nil
}

func (g *guard) release() { g.lock.Unlock() }

// cause drops the path from a *PathError, which our messages name themselves.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
