package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/pflag"
)

// inputFlags choose manifests and say how diagnostics look.
type inputFlags struct {
	selector string
	targets  []string
	excluded []string
	kinds    []string
	personal bool
	// prune: what is not in the manifests is meant too; a folder may hold none.
	prune bool
}

func (i *inputFlags) add(f *pflag.FlagSet) {
	f.StringVarP(&i.selector, "selector", "l", "", "only resources whose labels match, with what they depend on: segment=gold,!trial")
	f.StringArrayVar(&i.targets, "target", nil, "only this address, with what it depends on; may be given again")
	f.StringArrayVar(&i.excluded, "exclude", nil, "all but this address and what depends on it; may be given again")
	f.StringSliceVar(&i.kinds, "kind", nil, "only resources of this kind, with what they depend on; may be given again")
	i.addPersonal(f)
}

func (i *inputFlags) addPersonal(f *pflag.FlagSet) {
	f.BoolVar(&i.personal, "show-personal", false, "show personal data, in text on a terminal only")
}

// inputs are the manifests as a command wants them.
type inputs struct {
	set         *spec.Set
	diagnostics []spec.Diagnostic
	selected    map[spec.Address]bool // nil for all
	partial     string
	chosen      func(spec.Address, map[string]string) bool // of what is not in the manifests; nil for all
	excludes    func(*lockfile.Lock) map[spec.Address]bool
	prune       bool
	strangers   []spec.Address // targets that the manifests do not have, and the lockfile must
	lockfiles   []string       // of the project's environments, whatever they are called
}

// load reads the manifests and chooses among them. Mistakes in them are diagnostics, mistakes in the flags an error.
func (a *app) load(ctx context.Context, paths []string, flags inputFlags, terminal bool) (*inputs, error) {
	in := &inputs{lockfiles: a.project.file.Lockfiles()}
	in.set, in.diagnostics = spec.Load(ctx, paths, spec.Options{Stdin: a.Stdin, Show: flags.personal && terminal, Empty: flags.prune, Reading: a.readings().Reading()})
	in.diagnostics = append(in.diagnostics, in.set.ResolveSources(a.LookupEnv, os.ReadFile)...)
	if a.flags.verbose {
		in.diagnostics = append(in.diagnostics, in.set.Skipped...)
	}
	in.set.Sort(in.diagnostics)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if spec.HasErrors(in.diagnostics) {
		return in, nil
	}
	in.prune = flags.prune
	return in, in.choose(flags)
}

// choose takes the part of the manifests that the flags mean.
func (in *inputs) choose(flags inputFlags) error {
	s, err := selectionOf(flags)
	if s == nil || err != nil {
		return err
	}
	missing := s.missing(in.set)
	if len(missing) > 0 && !flags.prune {
		return fmt.Errorf("the manifests have no %s: check the name and the PATH", missing[0])
	}
	in.strangers, in.chosen, in.excludes = missing, s.matches, s.excludes
	in.selected, in.partial = s.choose(in.set)
	if in.selected != nil && len(in.selected) == 0 && !flags.prune {
		return errors.New("nothing is chosen: no resource fits -l, --target, --kind and --exclude taken together")
	}
	return nil
}

// tell writes diagnostics for people.
func (a *app) tellDiagnostics(ds []spec.Diagnostic, personal bool) {
	render.DiagnosticsText(a.Stderr, ds, a.style(a.StderrTTY, personal)) // nothing is left to do where standard error is closed
}

// knownAnywhere gives the addresses that some lockfile beside the manifests, or one of lockfiles, knows: those are not judged by today's date without looking at Moka.
// They are read when the first is asked for: most manifests have no date in the past.
func knownAnywhere(paths, lockfiles []string, key string) func(spec.Address) bool {
	known := sync.OnceValues(func() ([]*lockfile.Lock, map[spec.Address]bool) { return readKnown(paths, lockfiles, key) })
	return func(a spec.Address) bool {
		locks, pending := known()
		return pending[a] || slices.ContainsFunc(locks, func(l *lockfile.Lock) bool { return l.Get(a) != nil })
	}
}

// readKnown reads the lockfiles beside the manifests, and others; pending are the addresses of calls that are open in one of them.
func readKnown(paths, lockfiles []string, key string) (locks []*lockfile.Lock, pending map[spec.Address]bool) {
	pending = map[spec.Address]bool{}
	seen := map[string]bool{}
	folders := upToRoot(folderOf(paths))
	for _, p := range paths {
		folders = append(folders, folderOf([]string{p}))
	}
	for _, folder := range folders {
		names, _ := filepath.Glob(filepath.Join(globQuote(folder), "mokasync.*.lock")) // the pattern is well formed
		lockfiles = append(lockfiles[:len(lockfiles):len(lockfiles)], names...)
	}
	for _, name := range lockfiles {
		if seen[name] {
			continue
		}
		seen[name] = true
		l, err := (&lockfile.Store{Path: name, Key: key}).Read()
		if err != nil || l == nil {
			continue // who uses that lockfile is told
		}
		locks = append(locks, l)
		for _, in := range l.Pending {
			pending[in.Entry.Address] = true
		}
	}
	return locks, pending
}

func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// covers reports whether the PATHs take in the lockfile's whole folder, so that what is missing among the manifests is gone on purpose.
func covers(paths []string, lockfilePath string) bool {
	folder, err := realPath(filepath.Dir(lockfilePath))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(paths, func(p string) bool {
		at, err := realPath(p)
		if err != nil || p == "-" {
			return false
		}
		rel, err := filepath.Rel(at, folder)
		return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
	})
}

func realPath(path string) (string, error) {
	at, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(at)
}

// known reads the target's lockfile, or makes an empty one in memory.
func (a *app) known(t *target) (*lockfile.Lock, error) { return a.beginKnown(t).get() }

// knowing is a target's lockfile that is being read while something else is done.
type knowing struct {
	app    *app
	target *target
	store  lockfile.Store // a copy: reading follows a symbolic link, while the target is in use
	ended  chan struct{}
	lock   *lockfile.Lock
	err    error
}

// beginKnown begins to read the target's lockfile. Whoever begins must wait for it, or get it, before the command ends.
func (a *app) beginKnown(t *target) *knowing {
	k := &knowing{app: a, target: t, store: *t.store, ended: make(chan struct{})}
	go func() {
		defer close(k.ended)
		k.lock, k.err = k.store.Read()
	}()
	return k
}

func (k *knowing) wait() { <-k.ended }

// get gives the lockfile, or an empty one in memory where there is none.
func (k *knowing) get() (*lockfile.Lock, error) {
	k.wait()
	k.target.store.Path = k.store.Path
	if k.err != nil {
		return nil, k.err
	}
	if k.lock == nil {
		return k.app.freshLock(k.target), nil
	}
	return k.lock, k.target.store.Check(k.lock, k.target.name, k.target.dealer())
}

func (a *app) freshLock(t *target) *lockfile.Lock {
	if t.store.Key != "" {
		return lockfile.New(t.name, t.dealer(), lockfile.NewKeyring(t.store.Key))
	}
	return lockfile.New(t.name, t.dealer(), lockfile.NewSalt())
}

// input puts together what a plan is made from.
func (in *inputs) input(t *target, known *lockfile.Lock, paths []string, today string) (plan.Input, error) {
	if t.unclear != nil {
		return plan.Input{}, t.unclear
	}
	dealer := t.dealer()
	if dealer == "" {
		dealer = known.Header.Dealer
	}
	out := plan.Input{
		Endpoint: t.name, Dealer: dealer, Resources: in.set.Resources, Selected: in.selected, Partial: in.partial, Known: known,
		Whole: covers(paths, t.store.Path) || t.describesAll(paths), Today: today, Prune: in.prune, Chosen: in.chosen,
		Reading: t.settings.Readings.Reading(),
	}
	above := t.settings.Guards.ConfirmDeletesAbove
	if above.Count.At != "" {
		out.ConfirmAbove.Count = &above.Count.Value
	}
	if above.Percent.At != "" {
		out.ConfirmAbove.Percent = &above.Percent.Value
	}
	if in.excludes != nil {
		out.Excluded = in.excludes(known)
	}
	if in.prune && !out.Whole && known.Len() > 0 {
		return out, hinted(fmt.Errorf("--prune deletes what is not in the manifests, and PATH does not cover the folder of the lockfile %s: manifests elsewhere would look as if they were gone", t.store.Path),
			"give that folder as PATH")
	}
	for _, a := range in.strangers {
		if known.Get(a) == nil {
			return out, fmt.Errorf("neither the manifests nor the lockfile have %s", a)
		}
	}
	return out, nil
}
