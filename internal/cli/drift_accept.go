package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
)

// editedFile is a file of manifests before and after what is accepted.
type editedFile struct {
	path     string
	old, now []byte
}

// accept has manifests and lockfile say what Moka says. All is worked out, and shown to come out even, before anything is written.
//
// The manifests are written first. A run that dies behind them leaves manifests that say what Moka has beside a lockfile that is behind: no drift, and no call by which
// anything is changed; the same --accept, or `apply --refresh`, mends the lockfile. The other way round the lockfile would say what Moka has, the manifest would look like a
// change that waits to be applied, and the next apply would undo what a colleague did.
func (r *drifting) accept(ctx context.Context, d *plan.Drift, input plan.Input) error {
	chosen, err := r.choose(d)
	if err != nil {
		return err
	}
	d.Drifted = chosen
	if len(chosen) == 0 {
		if r.o.format == "json" {
			return writing(render.AcceptedJSON(r.Stdout, d, nil))
		}
		_, err := fmt.Fprintln(r.Stdout, "Nothing to accept: nothing was changed at Moka.")
		return writing(err)
	}
	files, ds := edits(d, chosen)
	if len(ds) > 0 {
		return r.refuse(d, ds)
	}
	lock, err := r.prove(ctx, d, input, chosen, files)
	if err != nil {
		return err
	}
	if r.o.format == "text" {
		if err := r.showAccepting(d, files); err != nil {
			return err
		}
	}
	if err := r.askToAccept(chosen); err != nil {
		return err
	}
	if err := r.write(files, lock); err != nil {
		return err
	}
	return r.tellAccepted(d, files)
}

// choose gives what is accepted, in the order of addresses.
func (r *drifting) choose(d *plan.Drift) ([]*plan.Drifted, error) {
	var chosen []*plan.Drifted
	if r.whole {
		for _, x := range slices.Concat(d.Drifted, d.Behind) {
			if x.Where != plan.Here && x.Where != plan.Gone {
				chosen = append(chosen, x)
			}
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(r.named), spec.Address.Compare) {
		x := d.Get(a)
		if x == nil {
			return nil, r.notDrifted(a, d)
		}
		if x.Where == plan.Gone && x.Desired != nil {
			return nil, hinted(fmt.Errorf("%s is gone at Moka, and a manifest cannot say that", a),
				"if that is meant, take its manifest out, then accept it; to make it anew, `mokasync apply --recreate %s`", a)
		}
		if !slices.Contains(chosen, x) {
			chosen = append(chosen, x)
		}
	}
	slices.SortFunc(chosen, func(a, b *plan.Drifted) int { return a.Address.Compare(b.Address) })
	return chosen, nil
}

// notDrifted says why there is nothing to accept at an address.
func (r *drifting) notDrifted(a spec.Address, d *plan.Drift) error {
	for _, u := range d.Unjudged {
		if u.Address == a {
			err := fmt.Errorf("%s: %s", a, u.Reason)
			if d.Known.Open(a) == nil {
				return err
			}
			return hinted(err, "`mokasync apply` settles what is in doubt, or `mokasync resolve %s` by your word", a)
		}
	}
	world := plan.NewWorld(r.in.set.Resources, d.Known)
	switch desired, known := world.Desired[a], d.Known.Get(a); {
	case desired == nil && known == nil:
		return notHere(a, world)
	case known == nil:
		return hinted(fmt.Errorf("the lockfile does not know %s: nothing can have drifted", a), "`mokasync plan --refresh` tells whether it is at Moka already, `mokasync apply` makes it or takes it over")
	case desired == nil && !covers(r.paths, r.t.store.Path):
		return fmt.Errorf("no manifest here describes %s, and PATH does not cover the folder of the lockfile %s: give that folder as PATH", a, r.t.store.Path)
	}
	return hinted(fmt.Errorf("%s has not drifted: there is nothing to accept", a), "`mokasync drift` tells what has")
}

// edits works out what the files of the accepted resources become. Whatever stands in the way is told at once, at its place.
func edits(d *plan.Drift, chosen []*plan.Drifted) ([]*editedFile, []spec.Diagnostic) {
	var ds []spec.Diagnostic
	byPath := map[string]*editedFile{}
	var files []*editedFile
	for _, x := range chosen {
		if x.Desired == nil {
			continue
		}
		path := x.Desired.File
		f := byPath[path]
		if f == nil {
			data, err := readManifests(path)
			if path == "-" {
				err = errors.New("standard input cannot be edited: give the file as PATH")
			}
			if err != nil {
				return nil, append(ds, spec.Diagnostic{Severity: spec.Error, File: path, Address: x.Address.String(), Message: err.Error()})
			}
			f = &editedFile{path, data, data}
			byPath[path], files = f, append(files, f)
		}
		if finding := f.edit(d, x); finding != nil {
			ds = append(ds, *finding)
		}
	}
	files = slices.DeleteFunc(files, func(f *editedFile) bool { return bytes.Equal(f.old, f.now) })
	slices.SortFunc(files, func(a, b *editedFile) int { return strings.Compare(a.path, b.path) })
	return files, ds
}

// edit changes the manifest of one resource.
func (f *editedFile) edit(d *plan.Drift, x *plan.Drifted) *spec.Diagnostic {
	written := written(f, x.Address)
	if written == nil {
		return &spec.Diagnostic{Severity: spec.Error, File: f.path, Line: x.Desired.Line, Column: x.Desired.Column, Address: x.Address.String(), Message: "the manifest is not here any more, the file was changed meanwhile: run the command again"}
	}
	todo, finding := d.Edits(x, written)
	if finding != nil || len(todo) == 0 {
		return finding
	}
	changes := make([]edit.Change, len(todo))
	for i, t := range todo {
		changes[i] = edit.Change{Field: t.Field.Name, Value: t.Value}
	}
	now, err := edit.Set(f.path, f.now, x.Address, 0, changes...)
	if err == nil {
		f.now = now
		return nil
	}
	if _, first := edit.Set(f.path, f.old, x.Address, 0, changes...); first != nil {
		err = first // with the lines of the file as it is
	}
	finding = &spec.Diagnostic{Severity: spec.Error, File: f.path, Line: x.Desired.Line, Column: x.Desired.Column, Address: x.Address.String(), Message: err.Error()}
	var e *edit.Error
	if errors.As(err, &e) {
		finding.Line, finding.Column, finding.Message = e.Line, e.Column, e.Message
	}
	return finding
}

// written gives a resource as it stands in a file: with the names of variables and files, not what is in them.
func written(f *editedFile, a spec.Address) *spec.Resource {
	for _, r := range spec.ReadFile(f.path, f.now, spec.Options{}).Resources {
		if r.Address == a {
			return r
		}
	}
	return nil
}

// prove gives the lockfile that goes with the edited manifests. It reads them as every command does, and shows that neither a drift nor a plan finds anything more at the
// accepted addresses.
func (r *drifting) prove(ctx context.Context, d *plan.Drift, input plan.Input, chosen []*plan.Drifted, files []*editedFile) (*lockfile.Lock, error) {
	instead := make(map[string][]byte, len(files))
	for _, f := range files {
		instead[f.path] = f.now
	}
	set, ds := spec.Load(ctx, r.paths, spec.Options{Instead: instead, Show: r.o.personal && r.StderrTTY && r.o.format == "text", Reading: r.t.settings.Readings.Reading()})
	ds = append(ds, set.ResolveSources(r.LookupEnv, os.ReadFile)...)
	set.Sort(ds)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if spec.HasErrors(ds) {
		r.warn("with what Moka has, the manifests would not be valid: nothing was written")
		return nil, r.refuse(d, slices.DeleteFunc(ds, func(x spec.Diagnostic) bool { return x.Severity != spec.Error }))
	}
	input.Resources, input.Known = set.Resources, d.Accept(chosen, set.Resources)
	offline := input
	offline.Live = nil
	after := plan.FindDrift(input)
	for _, p := range []*plan.Plan{plan.Make(offline), plan.Make(input)} {
		for _, x := range chosen {
			if left := after.Get(x.Address); left != nil || stillPlanned(p, x.Address) {
				return nil, hinted(fmt.Errorf("accepting %s alone does not settle it: what it refers to was changed too", x.Address), "accept that with it: `mokasync drift` and `mokasync plan --refresh` tell what")
			}
		}
	}
	return input.Known, nil
}

// stillPlanned reports whether a plan would change something at an address. A new version of a password is not Moka's matter.
func stillPlanned(p *plan.Plan, a spec.Address) bool {
	for _, c := range p.Changes {
		if c.Address != a || c.Action == plan.Orphan {
			continue
		}
		return slices.ContainsFunc(c.Fields, func(f plan.FieldChange) bool { return f.Field.Type != spec.Password }) || len(c.Fields) == 0
	}
	return false
}

// showAccepting shows what is accepted and what becomes of the files.
func (r *drifting) showAccepting(d *plan.Drift, files []*editedFile) error {
	if err := render.DriftText(r.Stdout, d, true, r.style(r.StdoutTTY, r.o.personal)); err != nil {
		return writing(err)
	}
	for _, f := range files {
		if _, err := fmt.Fprintln(r.Stdout, edit.MaskedDiff(f.path, f.old, f.now, r.o.personal && r.StdoutTTY)); err != nil {
			return writing(err)
		}
	}
	return nil
}

// askToAccept asks on the terminal whether to go on.
func (r *drifting) askToAccept(chosen []*plan.Drifted) error {
	if r.o.autoApprove {
		return nil
	}
	fmt.Fprintf(r.Stderr, "Have manifests and lockfile say what Moka says of %s? Only \"yes\" goes on: ", counted(len(chosen), "resource"))
	line, _ := bufio.NewReader(r.Stdin).ReadString('\n') // no answer is no
	if strings.TrimSpace(line) != "yes" {
		return errors.New("not accepted: nothing was written")
	}
	return nil
}

// write writes the manifests, then the lockfile.
func (r *drifting) write(files []*editedFile, lock *lockfile.Lock) error {
	for i, f := range files {
		if err := edit.ReplaceFile(f.path, f.old, f.now); err != nil {
			return r.halfway(fmt.Errorf("cannot write %s: %w", f.path, underlying(err)), files[:i])
		}
	}
	r.session.Lock = lock
	if err := r.session.Save(); err != nil {
		return r.halfway(err, files)
	}
	return nil
}

// halfway says what was written before something went wrong.
func (r *drifting) halfway(err error, done []*editedFile) error {
	if len(done) == 0 {
		return err
	}
	var names []string
	for _, f := range done {
		names = append(names, f.path)
	}
	r.tell(hinted(err, "%s written, the lockfile is not: run the same command again, or `mokasync apply --refresh`", strings.Join(names, ", ")+map[bool]string{true: " is", false: " are"}[len(names) == 1]))
	return codeError(exitIncomplete)
}

func (r *drifting) tellAccepted(d *plan.Drift, files []*editedFile) error {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.path
	}
	if r.o.format == "json" {
		return writing(render.AcceptedJSON(r.Stdout, d, names))
	}
	text := fmt.Sprintf("Accepted: %s. Written: %s.", counted(len(d.Drifted), "resource"), strings.Join(append(names, r.t.store.Path), ", "))
	_, err := fmt.Fprintln(r.Stdout, render.Line(text))
	return writing(err)
}

// accountOfTheDead is the report of a run that died, from its journal.
func accountOfTheDead(w io.Writer, log *lockfile.Log) error {
	return render.AccountJSON(w, apply.AccountOf(log))
}
