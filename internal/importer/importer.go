package importer

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/spec"
)

// Options say what is imported, and how.
type Options struct {
	Reader *moka.Reader
	Store  *lockfile.Store
	// Command and Now tell others who holds the guard.
	Command string
	Now     time.Time
	// Fresh makes the lockfile: whose account it is, and its key or salt.
	Fresh func() *lockfile.Lock
	// Today is the day in Istanbul, YYYY-MM-DD.
	Today  string
	Choice Choice
	Layout Layout
	// Named is the absolute path of a lockfile that was named, "" for the folder's own.
	Named string
	// Parallelism is how many calls are in flight at once, from 1.
	Parallelism int
	Progress    func(Progress)
}

// Result is what was imported. No personal value and no secret is in it.
type Result struct {
	// Counts says how many manifests there are of a kind, by the kind's name in an address.
	Counts map[string]int `json:"counts"`
	// Accepted counts the manifests that are excused from a rule, by the rule.
	Accepted   map[string]int `json:"accepted"`
	NotManaged []NotManaged   `json:"notManaged"`
	LeftOut    []LeftOut      `json:"leftOut"`
	// KeptLockfile: a lockfile came to be in the folder since the import was begun; it stays, and the next apply takes over what it does not know.
	KeptLockfile bool `json:"keptLockfile"`
}

// NotManaged is a field that stands in no manifest, since what Moka has in it breaks a rule.
type NotManaged struct {
	Address string `json:"address"`
	Field   string `json:"field"`
	Reason  string `json:"reason"`
}

// KnownError says that the lockfile knows resources already.
type KnownError struct {
	Path  string
	Known int
}

func (e *KnownError) Error() string {
	return fmt.Sprintf("the lockfile %s knows %d resources already: an import needs a new one", e.Path, e.Known)
}

// Import writes manifests and lockfile into the folder, or finishes what was begun there. Nothing is in place before all is written and proved; from then on it is finished by
// whoever comes, whatever dies. The error is a *lockfile.HeldError if another run is at work, a *KnownError, a *MissingError, or of package moka where Moka cannot be read.
func (f *Folder) Import(ctx context.Context, o Options) (*Result, error) {
	if f.Begun.Written() {
		return f.finish(o)
	}
	known, err := o.Store.Read()
	if err == nil {
		err = unknown(o.Store.Path, known)
	}
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.Path, folderMode); err != nil {
		return nil, fmt.Errorf("cannot make %s: %w", f.Path, cause(err))
	}
	session, err := o.Store.Begin(o.Command, o.Now, o.Fresh)
	if err != nil {
		return nil, err
	}
	defer session.End()
	if err := f.begin(o, session); err != nil {
		return nil, err
	}
	result, entries, err := f.collect(ctx, o, session)
	if err == nil {
		err = f.commit(session, result, entries)
	}
	if err != nil {
		f.clear() // the error that stopped it is the one to tell; what is left is an unfinished import
		return nil, err
	}
	return result, f.publish(session)
}

func unknown(path string, l *lockfile.Lock) error {
	if l == nil || l.Len()+len(l.Pending) == 0 {
		return nil
	}
	return &KnownError{path, l.Len() + len(l.Pending)}
}

// begin marks the folder, now that nobody else is at work in it.
func (f *Folder) begin(o Options, session *lockfile.Session) error {
	if _, err := Open(f.Path); err != nil {
		return err
	}
	if err := unknown(o.Store.Path, session.Lock); err != nil {
		return err
	}
	f.Begun = &Begun{Endpoint: session.Lock.Header.Endpoint, Dealer: session.Lock.Header.Dealer, Layout: o.Layout, Codes: o.Choice.Codes, Lockfile: o.Named}
	for _, kind := range o.Choice.Kinds {
		f.Begun.Kinds = append(f.Begun.Kinds, kind.Prefix())
	}
	err := f.clear()
	if err == nil {
		err = os.Mkdir(f.at(), folderMode)
	}
	if err == nil {
		err = f.writeMarker(f.Begun)
	}
	if err != nil {
		return fmt.Errorf("cannot write into %s: %w", f.Path, cause(err))
	}
	crashpoint.At("import-begun")
	return nil
}

// collect reads Moka, and writes and proves everything, out of sight. It gives what is to be put in place.
func (f *Folder) collect(ctx context.Context, o Options, session *lockfile.Session) (*Result, []string, error) {
	r := &reading{reader: o.Reader, parallelism: o.Parallelism, today: o.Today, progress: o.Progress}
	chosen, err := r.read(ctx, o.Choice)
	if err != nil {
		return nil, nil, err
	}
	crashpoint.At("import-read")
	ds := newDrafts(r.account, newIndex(r.account), chosen)
	r.account = nil
	o.Progress(Progress{What: "manifests", Things: len(ds.list)})
	for {
		settled, err := f.round(ctx, ds, o.Layout, session.Lock)
		if err != nil {
			return nil, nil, err
		}
		if settled {
			break
		}
	}
	entries, err := f.written()
	return ds.result(), entries, err
}

// round writes all manifests and has them judged and proved. Every round but the last accepts a rule, drops a field or leaves a thing out, so that they come to an end.
func (f *Folder) round(ctx context.Context, ds *drafts, layout Layout, lock *lockfile.Lock) (settled bool, err error) {
	folder := f.at(newFolder)
	if err = os.RemoveAll(folder); err == nil {
		err = os.Mkdir(folder, folderMode)
	}
	if err == nil {
		err = ds.write(folder, layout)
	}
	if err != nil {
		return false, fmt.Errorf("cannot write into %s: %w", f.Path, cause(err))
	}
	crashpoint.At("import-written")
	resources, settled, err := ds.judge(ctx, folder)
	if err != nil || !settled {
		return false, err
	}
	return ds.prove(resources, lock)
}

// result counts what was written.
func (ds *drafts) result() *Result {
	r := &Result{Counts: map[string]int{}, Accepted: map[string]int{}, NotManaged: []NotManaged{}, LeftOut: []LeftOut{}}
	for _, kind := range spec.Kinds() {
		r.Counts[kind.Prefix()] = 0
	}
	for _, d := range ds.list {
		if d.out != "" {
			r.LeftOut = append(r.LeftOut, d.leftOut())
			continue
		}
		r.Counts[d.Kind.Prefix()]++
		for _, rule := range d.accepted {
			r.Accepted[rule]++
		}
		for _, x := range d.dropped {
			r.NotManaged = append(r.NotManaged, NotManaged{d.address().String(), x.field.Name, x.why})
		}
	}
	return r
}
