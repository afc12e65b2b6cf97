package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/spf13/pflag"
)

// lookout reaches Moka to look, and for nothing else: whoever holds one has no way to write. It is what every command gets but apply.
type lookout struct {
	reader *moka.Reader
	close  func() // ends the embedded sandbox
}

// connection reaches Moka to write. An apply has one, and nothing else may ask for it (internal/imports_test.go).
type connection struct {
	client *moka.Client
	close  func() // ends the embedded sandbox
}

// callFlags say how calls are made.
type callFlags struct {
	parallelism int
	rate        float64
	timeout     time.Duration
}

func (c *callFlags) add(f *pflag.FlagSet) {
	f.IntVar(&c.parallelism, "parallelism", 4, "calls in flight at once")
	f.Float64Var(&c.rate, "rate", 0, "calls a second at most (default 5 on live, else no limit)")
	f.DurationVar(&c.timeout, "timeout", 30*time.Second, "one call's time limit")
}

func (c *callFlags) check() error {
	switch {
	case c.parallelism < 1 || c.parallelism > 256:
		return fmt.Errorf("--parallelism is a number from 1 to 256, not %d", c.parallelism)
	case c.rate < 0:
		return fmt.Errorf("--rate is a number of calls a second above 0, not %v", c.rate)
	case c.timeout <= 0:
		return fmt.Errorf("--timeout is a duration above zero, not %v", c.timeout)
	}
	return nil
}

// rateTo is how many calls a second a target gets at most, 0 for any number.
func (c *callFlags) rateTo(t *target) float64 {
	if c.rate == 0 && t.name == moka.Live {
		return 5
	}
	return c.rate
}

// connect makes a client of the target that can write. It makes no call yet.
func (a *app) connect(t *target, flags callFlags) (*connection, error) {
	o, end, err := a.reach(t, flags, t.sandboxData())
	if err != nil {
		return nil, err
	}
	client, err := moka.NewClient(o)
	if err != nil {
		end()
		return nil, err
	}
	return &connection{client, end}, nil
}

// connectToLook makes a reader of the target. It makes no call yet. The embedded sandbox works on a copy of its data: who looks writes nothing and takes no lock.
func (a *app) connectToLook(t *target, flags callFlags) (*lookout, error) {
	data, remove, err := t.copyOfData()
	if err != nil {
		return nil, err
	}
	o, end, err := a.reach(t, flags, data)
	if err != nil {
		remove()
		return nil, err
	}
	reader, err := moka.NewReader(o)
	if err != nil {
		end()
		remove()
		return nil, err
	}
	return &lookout{reader, func() { end(); remove() }}, nil
}

// sandboxData is the file in which the embedded sandbox of the target keeps its data.
func (t *target) sandboxData() string {
	return filepath.Join(filepath.Dir(t.store.Path), "mokasync.sandbox.data")
}

// copyOfData copies the embedded sandbox's data to where it is lost; "" while there is none, which the sandbox takes for memory. remove takes the copy away.
func (t *target) copyOfData() (copied string, remove func(), err error) {
	remove = func() {}
	if !t.inProcess {
		return "", remove, nil
	}
	data, err := os.Open(t.sandboxData())
	if errors.Is(err, os.ErrNotExist) {
		return "", remove, nil
	}
	if err != nil {
		return "", remove, fmt.Errorf("cannot read the sandbox's data: %w", err)
	}
	defer data.Close()
	folder, err := os.MkdirTemp("", "mokasync-sandbox-")
	if err != nil {
		return "", remove, err
	}
	remove = func() { os.RemoveAll(folder) } // what cannot be removed is in the folder for temporary files
	copied = filepath.Join(folder, "data")
	if err := copyTo(copied, data); err != nil {
		remove()
		return "", func() {}, fmt.Errorf("cannot copy the sandbox's data: %w", err)
	}
	return copied, remove, nil
}

// copyTo writes what is left of from into a new file of one's own.
func copyTo(name string, from io.Reader) error {
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// reach says how the target is spoken to, and begins the embedded sandbox where that is the target: data is its file, "" for memory. end ends it.
func (a *app) reach(t *target, flags callFlags, data string) (o moka.Options, end func(), err error) {
	if err := t.missingCredentials(); err != nil {
		return o, nil, err
	}
	o = moka.Options{
		BaseURL: t.baseURL, Credentials: t.credentials, Parallel: flags.parallelism, Rate: flags.rateTo(t), Timeout: flags.timeout,
		Log: a.logger(), UserAgent: "mokasync/" + a.Version, Now: a.Env.Now,
	}
	if !t.inProcess {
		return o, func() {}, nil
	}
	server, err := sandbox.New(sandbox.Options{Data: data, Dealers: []sandbox.Dealer{sandbox.InProcessDealer()}, Clock: a.now})
	if err != nil {
		return o, nil, err
	}
	o.HTTP = server.Transport()
	return o, func() { server.Close() }, nil
}
