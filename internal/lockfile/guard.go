package lockfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	What   string // the lockfile's path, or dealer and endpoint
	Holder Holder // zero if the holder has not said who it is
}

func (e *HeldError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run is at work on %s", e.What)
	}
	return fmt.Sprintf("another run is at work on %s: %q, process %d on %s, since %s",
		e.What, e.Holder.Command, e.Holder.PID, e.Holder.Host, e.Holder.Since.UTC().Format(time.RFC3339))
}

// guard is the operating-system lock of a lockfile, and of its account on this machine. It ends with its holder, however that dies.
type guard struct{ locks []*flock.Flock }

// takeGuards takes the lockfile's guard, and that of its account on this machine.
func (s *Store) takeGuards(self Holder) (*guard, error) {
	names := [][2]string{{s.Path, s.Path + ".guard"}}
	if s.Machine != "" {
		account := sha256.Sum256([]byte(s.Endpoint + "\x00" + s.Dealer))
		names = append(names, [2]string{"dealer " + s.Dealer + " at " + s.Endpoint, filepath.Join(s.Machine, "mokasync-"+hex.EncodeToString(account[:8])+".guard")})
	}
	g := &guard{}
	for _, name := range names {
		lock, err := takeGuard(name[0], name[1], self)
		if err != nil {
			g.release()
			return nil, err
		}
		g.locks = append(g.locks, lock)
	}
	return g, nil
}

func takeGuard(what, name string, self Holder) (*flock.Flock, error) {
	lock := flock.New(name, flock.SetPermissions(0o666))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s (the folder of the lockfile must be writable): %w", name, cause(err))
	}
	if !held {
		held := &HeldError{What: what}
		if text, err := os.ReadFile(name); err == nil {
			json.Unmarshal(text, &held.Holder) // a holder that is just writing its name goes without one
		}
		return nil, held
	}
	text, _ := json.Marshal(self) // plain struct, always encodes
	// On a machine that several people share the account's guard may be another's file: it is locked all the same, and goes on naming its last holder.
	if err := os.WriteFile(name, append(text, '\n'), 0o644); err != nil && !errors.Is(err, fs.ErrPermission) {
		lock.Unlock()
		return nil, fmt.Errorf("cannot write %s: %w", name, cause(err))
	}
	return lock, nil
}

func (g *guard) release() {
	for _, lock := range g.locks {
		lock.Unlock()
	}
}

// cause drops the path from a *PathError, which our messages name themselves.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
