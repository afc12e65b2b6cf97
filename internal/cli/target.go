package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/spf13/pflag"
)

// targetFlags say whose account is meant.
type targetFlags struct{ endpoint, lockfile string }

func (t *targetFlags) add(f *pflag.FlagSet) {
	f.StringVar(&t.endpoint, "endpoint", "", "sandbox (embedded, the default), test, live, or a base URL; also MOKA_ENDPOINT")
	f.StringVar(&t.lockfile, "lockfile", "", "lockfile; also MOKASYNC_LOCKFILE (default: the environment's, or the nearest mokasync.<endpoint>.lock)")
}

// target is the account that a command is about.
type target struct {
	name        string // sandbox, test, live, or host_port
	baseURL     string
	inProcess   bool
	said        bool                 // not the default
	environment *project.Environment // nil for none
	settings    project.Settings
	credentials moka.Credentials
	store       *lockfile.Store
	// lockfileSaid: its path was said, and not found.
	lockfileSaid bool
	// beside is another mokasync.yaml, above the lockfile; nil for none.
	beside *project.File
	// unclear says why no plan is made: how charges are read is not known; nil where it is.
	unclear error
}

// dealer is the dealer code, "" if it is not known.
func (t *target) dealer() string { return t.credentials.DealerCode }

// flags name the account on a command line: whoever types what a hint says must come to the same.
func (t *target) flags() []string {
	switch {
	case t.environment != nil:
		return []string{"--env", t.environment.Name}
	case t.inProcess, t.name == moka.Test, t.name == moka.Live:
		return []string{"--endpoint", t.name}
	}
	return []string{"--endpoint", t.baseURL}
}

// target finds out which account is meant, and what mokasync.yaml says about it; paths are the manifests' PATHs.
func (a *app) target(flags targetFlags, paths []string) (*target, error) {
	t, err := a.account(flags, paths)
	if err != nil {
		return nil, err
	}
	return t, a.holdTogether(t)
}

// account finds out which endpoint, dealer and lockfile are meant.
func (a *app) account(flags targetFlags, paths []string) (*target, error) {
	t := &target{}
	endpoint, from, err := a.saidEndpoint(flags)
	if err != nil {
		return nil, err
	}
	t.said, t.environment = endpoint != "", a.project.env
	if endpoint == "" || endpoint == "sandbox" {
		t.name, t.inProcess, t.baseURL = "sandbox", true, "http://127.0.0.1"
		d := sandbox.InProcessDealer()
		t.credentials = moka.Credentials{DealerCode: d.Code, Username: d.Username, Password: d.Password}
	} else {
		if t.name, t.baseURL, err = moka.Endpoint(endpoint); err != nil {
			return nil, fmt.Errorf("%s %q: %w", from, endpoint, err)
		}
		if t.credentials, err = a.credentials(); err != nil {
			return nil, err
		}
	}
	if t.name == moka.Live && !a.start.IsZero() {
		return nil, errors.New("MOKASYNC_NOW is for tests and is refused on live: unset it")
	}
	path, said, err := a.lockfilePath(flags, t.name, a.pathsOr(paths))
	if err != nil {
		return nil, err
	}
	t.lockfileSaid = said
	t.store = &lockfile.Store{Path: path, Key: a.getenv("MOKASYNC_KEY"), Endpoint: t.name, Dealer: t.dealer(), Disk: a.Disk}
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

// lockfilePath finds the lockfile: said by flag, variable or environment, or the nearest of the endpoint's from the first PATH's folder up to the repository's root, else a new one in
// that folder.
func (a *app) lockfilePath(flags targetFlags, endpoint string, paths []string) (path string, said bool, err error) {
	if path, err := a.saidLockfile(flags); path != "" || err != nil {
		return path, path != "", err
	}
	name := "mokasync." + endpoint + ".lock"
	for _, folder := range foldersOf(paths) {
		for _, up := range upToRoot(folder) {
			here := filepath.Join(up, name)
			if !begun(here) {
				continue
			}
			if path == "" {
				path = here
			}
			if !samePath(path, here) {
				return "", false, hinted(fmt.Errorf("%s has the lockfile %s, and by the symbolic link that leads there %s", folder, here, path), "say with --lockfile which of them is meant")
			}
			break
		}
	}
	if path == "" {
		path = filepath.Join(folderOf(paths), name)
		if below := lockfileBelow(folderOf(paths), name); below != "" {
			a.warn("there is a lockfile of this endpoint below, %s, which is not used: what it knows looks new here. Give its folder as PATH, or name it with --lockfile", below)
		}
	}
	return path, false, nil
}

// begun reports whether there is a lockfile at path, or the journal of a run that died before it wrote one.
func begun(path string) bool {
	for _, file := range []string{path, path + ".journal"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// underlying drops the path from a *PathError, which our messages name themselves.
func underlying(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
