package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/spf13/pflag"
)

// targetFlags say whose account is meant.
type targetFlags struct{ endpoint, lockfile string }

func (t *targetFlags) add(f *pflag.FlagSet) {
	f.StringVar(&t.endpoint, "endpoint", "", "sandbox (embedded, the default), test, live, or a base URL; also MOKA_ENDPOINT")
	f.StringVar(&t.lockfile, "lockfile", "", "lockfile; also MOKASYNC_LOCKFILE (default: the nearest mokasync.<endpoint>.lock)")
}

// target is the account that a command is about.
type target struct {
	name        string // sandbox, test, live, or host_port
	baseURL     string
	inProcess   bool
	said        bool // not the default
	credentials moka.Credentials
	store       *lockfile.Store
}

// dealer is the dealer code, "" if it is not known.
func (t *target) dealer() string { return t.credentials.DealerCode }

// target finds out which account is meant; paths are the manifests' PATHs.
func (a *app) target(flags targetFlags, paths []string) (*target, error) {
	t := &target{}
	endpoint := flags.endpoint
	if endpoint == "" {
		endpoint = a.getenv("MOKA_ENDPOINT")
	}
	t.said = endpoint != ""
	if endpoint == "" || endpoint == "sandbox" {
		t.name, t.inProcess, t.baseURL = "sandbox", true, "http://127.0.0.1"
		d := sandbox.InProcessDealer()
		t.credentials = moka.Credentials{DealerCode: d.Code, Username: d.Username, Password: d.Password}
	} else {
		var err error
		if t.name, t.baseURL, err = moka.Endpoint(endpoint); err != nil {
			from := "--endpoint"
			if flags.endpoint == "" {
				from = "MOKA_ENDPOINT"
			}
			return nil, fmt.Errorf("%s %q: %w", from, endpoint, err)
		}
		if t.credentials, err = a.credentials(); err != nil {
			return nil, err
		}
	}
	if t.name == moka.Live && !a.start.IsZero() {
		return nil, errors.New("MOKASYNC_NOW is for tests and is refused on live: unset it")
	}
	path, err := a.lockfilePath(flags, t.name, paths)
	if err != nil {
		return nil, err
	}
	t.store = &lockfile.Store{Path: path, Key: a.getenv("MOKASYNC_KEY"), Endpoint: t.name, Dealer: t.dealer()}
	if !t.inProcess && t.dealer() != "" {
		t.store.Machine = a.lockFolder()
	}
	return t, nil
}

// lockFolder is where the runs of one machine keep out of each other's way, whatever folder they work in.
func (a *app) lockFolder() string {
	if folder := a.getenv("TMPDIR"); folder != "" {
		return folder
	}
	return os.TempDir()
}

// credentialVariables are the variables of the credentials, in the order in which they are asked for.
var credentialVariables = []string{"MOKA_DEALER_CODE", "MOKA_USERNAME", "MOKA_PASSWORD"}

// credentials reads what is there of them.
func (a *app) credentials() (moka.Credentials, error) {
	var values [3]string
	for i, name := range credentialVariables {
		values[i] = a.getenv(name)
		file := a.getenv(name + "_FILE")
		if file == "" || values[i] != "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return moka.Credentials{}, fmt.Errorf("%s_FILE: cannot read %s: %w", name, file, underlying(err))
		}
		values[i] = strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	}
	return moka.Credentials{DealerCode: values[0], Username: values[1], Password: values[2]}, nil
}

// missingCredentials names what is not set.
func (t *target) missingCredentials() error {
	var missing []string
	for i, value := range []string{t.credentials.DealerCode, t.credentials.Username, t.credentials.Password} {
		if value == "" {
			missing = append(missing, credentialVariables[i])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return hinted(fmt.Errorf("no credentials for the endpoint %s: %s not set", t.name, strings.Join(missing, ", ")+map[bool]string{true: " is", false: " are"}[len(missing) == 1]),
		"set them in the environment, or give a file's path in %s_FILE", missing[0])
}

func (a *app) anyCredential() bool {
	for _, name := range credentialVariables {
		if a.getenv(name) != "" || a.getenv(name+"_FILE") != "" {
			return true
		}
	}
	return false
}

// lockfilePath finds the lockfile: named, or the nearest of the endpoint's from the first PATH's folder up to the repository's root, else a new one in that folder.
func (a *app) lockfilePath(flags targetFlags, endpoint string, paths []string) (string, error) {
	if flags.lockfile != "" {
		return flags.lockfile, nil
	}
	if path := a.getenv("MOKASYNC_LOCKFILE"); path != "" {
		return path, nil
	}
	first := folderOf(paths)
	name := "mokasync." + endpoint + ".lock"
	for _, folder := range upToRoot(first) {
		for _, file := range []string{name, name + ".journal"} {
			if _, err := os.Stat(filepath.Join(folder, file)); err == nil {
				return filepath.Join(folder, name), nil
			}
		}
	}
	return filepath.Join(first, name), nil
}

// folderOf is the folder of the first PATH: itself, a file's, or the working folder for standard input.
func folderOf(paths []string) string {
	if len(paths) == 0 || paths[0] == "-" {
		return "."
	}
	if info, err := os.Stat(paths[0]); err == nil && !info.IsDir() {
		return filepath.Dir(paths[0])
	}
	return paths[0]
}

// upToRoot gives a folder and those above it up to the repository's root; outside of a repository the folder alone.
func upToRoot(folder string) []string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return []string{folder}
	}
	folders := []string{folder}
	for up := folder; ; {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return folders
		}
		parent := filepath.Dir(at)
		if parent == at {
			return folders[:1]
		}
		at, up = parent, filepath.Join(up, "..")
		if filepath.IsAbs(folder) {
			up = at
		}
		folders = append(folders, up)
	}
}

// connection holds what reaches Moka; close ends the embedded sandbox.
type connection struct {
	client *moka.Client
	close  func()
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
		return fmt.Errorf("--rate is calls a second, not %v", c.rate)
	case c.timeout <= 0:
		return fmt.Errorf("--timeout is a duration above zero, not %v", c.timeout)
	}
	return nil
}

// connect makes a client of the target. It makes no call yet.
func (a *app) connect(t *target, flags callFlags) (*connection, error) {
	return a.connectOver(t, flags, filepath.Join(filepath.Dir(t.store.Path), "mokasync.sandbox.data"))
}

// connectToLook makes a client for reading. The embedded sandbox then works on a copy of its data: a plan writes nothing and takes no lock.
func (a *app) connectToLook(t *target, flags callFlags) (*connection, error) {
	if !t.inProcess {
		return a.connect(t, flags)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(t.store.Path), "mokasync.sandbox.data"))
	if errors.Is(err, os.ErrNotExist) {
		return a.connectOver(t, flags, "")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the sandbox's data: %w", err)
	}
	folder, err := os.MkdirTemp("", "mokasync-sandbox-")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	if err = os.WriteFile(data, text, 0o600); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	conn, err := a.connectOver(t, flags, data)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	closed := conn.close
	conn.close = func() { closed(); os.RemoveAll(folder) }
	return conn, nil
}

// connectOver makes a client; the embedded sandbox keeps its data in a file, or in memory.
func (a *app) connectOver(t *target, flags callFlags, data string) (*connection, error) {
	if err := t.missingCredentials(); err != nil {
		return nil, err
	}
	o := moka.Options{
		BaseURL: t.baseURL, Credentials: t.credentials, Parallel: flags.parallelism, Rate: flags.rate, Timeout: flags.timeout,
		Log: a.logger(), UserAgent: "mokasync/" + a.Version,
	}
	if o.Rate == 0 && t.name == moka.Live {
		o.Rate = 5
	}
	conn := &connection{close: func() {}}
	if t.inProcess {
		server, err := sandbox.New(sandbox.Options{
			Data: data, Dealers: []sandbox.Dealer{sandbox.InProcessDealer()}, Clock: a.now,
		})
		if err != nil {
			return nil, err
		}
		o.HTTP = server.Transport()
		conn.close = func() { server.Close() }
	}
	client, err := moka.NewClient(o)
	if err != nil {
		conn.close()
		return nil, err
	}
	conn.client = client
	return conn, nil
}

// underlying drops the path from a *PathError, which our messages name themselves.
func underlying(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
