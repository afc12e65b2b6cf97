package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// group is rows that are measured together.
type group struct {
	name    string
	peer    bool // it needs another's program
	measure func(*bencher) ([]row, error)
}

// groups are in the order of the table.
var groups = []group{
	{"plan", false, (*bencher).planRows},
	{"validate", true, (*bencher).validateRows},
	{"tofu", true, (*bencher).tofuRows},
	{"lockfile", false, (*bencher).lockfileRows},
	{"latency", false, (*bencher).latencyRows},
	{"apply", false, (*bencher).applyRows},
}

func groupNames() (names []string) {
	for _, g := range groups {
		names = append(names, g.name)
	}
	return names
}

// chosen are the groups that were asked for, all if none was; without the peers those that need one are left out.
func chosen(names []string, peers bool) (out []group, err error) {
	for _, name := range names {
		if !slices.Contains(groupNames(), name) {
			return nil, fmt.Errorf("-rows: no group %q; there are %s", name, strings.Join(groupNames(), ", "))
		}
	}
	for _, g := range groups {
		if (len(names) == 0 || slices.Contains(names, g.name)) && (peers || !g.peer) {
			out = append(out, g)
		}
	}
	return out, nil
}

// bencher holds what the rows share.
type bencher struct {
	options
	ctx      context.Context
	mokasync string // the binary
	self     string // bench's own
	// accounts by the number of resources that was asked for.
	accounts map[int]*state
	// versions are those of what else was measured.
	versions []string
}

// state is one account's manifests, as new and as applied.
type state struct {
	account
	// applied is a folder with the same manifests and the lockfile after their apply.
	applied string
}

func newBencher(ctx context.Context, o options) (*bencher, error) {
	b := &bencher{options: o, ctx: ctx, mokasync: filepath.Join(o.folder, "mokasync"), accounts: map[int]*state{}}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.mokasync, "./cmd/mokasync")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w (run it from the repository's root)", err)
	}
	return b, nil
}

// small is the size of the small account.
func (b *bencher) small() int { return b.large / 10 }

// environment is that of every measured program: no credentials, no settings of the user's.
func (b *bencher) environment(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.folder, "NO_COLOR=1", fmt.Sprint("GOMAXPROCS=", b.procs)}, more...)
}

// command is a run of mokasync.
func (b *bencher) command(folder string, args ...string) program {
	return program{Dir: folder, Env: b.environment(), Args: append([]string{b.mokasync}, args...)}
}

// part is a part of bench in a process of its own.
func (b *bencher) part(name string, args ...string) program {
	return program{Dir: b.folder, Env: b.environment(partVariable + "=" + name), Args: append([]string{b.self}, args...), Took: ownTime}
}

// account writes an account twice, the first time that it is asked for, and applies one of the two to the embedded sandbox.
func (b *bencher) account(n int) (*state, error) {
	if s := b.accounts[n]; s != nil {
		return s, nil
	}
	s := &state{applied: filepath.Join(b.folder, fmt.Sprint("applied-", n))}
	fresh := filepath.Join(b.folder, fmt.Sprint("new-", n))
	for _, folder := range []string{s.applied, fresh} {
		err := os.RemoveAll(folder)
		if err == nil {
			s.account, err = writeAccount(folder, n)
		}
		if err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(os.Stderr, "bench: applying %d resources to the embedded sandbox\n", s.Resources)
	if _, err := b.apply(s.applied).run(b.ctx); err != nil {
		return nil, err
	}
	b.accounts[n] = s
	return s, nil
}

// both are the small and the large account.
func (b *bencher) both() (small, large *state, err error) {
	if small, err = b.account(b.small()); err == nil {
		large, err = b.account(b.large)
	}
	return small, large, err
}

// apply applies a folder to the embedded sandbox as if for the first time.
func (b *bencher) apply(folder string) program {
	p := b.command(folder, "apply", "--auto-approve", "--parallelism", "16")
	p.Before = func() error { return forget(folder) }
	return p
}

// forget removes what an apply leaves beside the manifests: lockfile, report and the sandbox's data.
func forget(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, "mokasync.*"))
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return err
}
