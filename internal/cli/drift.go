package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type driftOptions struct {
	inputFlags
	targetFlags
	callFlags
	format      string
	accept      []string
	autoApprove bool
}

func (a *app) driftCommand() *cobra.Command {
	var o driftOptions
	cmd := &cobra.Command{
		Use:   "drift [PATH…]",
		Short: "Tell what was changed at Moka from what was changed here; take over what Moka has with --accept",
		Long: `Compare manifests, lockfile and Moka, field by field, and tell what was changed at Moka (there), what was changed
in the manifests and waits to be applied (here), what was changed on both sides (both), and what Moka does not have any
more (gone). Nothing is written, and no lock is taken. The exit code is 2 if there is drift, 0 if there is none.

With --accept the manifest of an ADDRESS is edited in its place, comments and order kept, and the lockfile with it, so
that both say what Moka says. Nothing is sent that changes anything at Moka. --accept all means every address that was
changed at Moka.`,
		Example: "  mokasync drift\n  mokasync drift billing/ --endpoint live --format json\n  mokasync drift --endpoint live --accept sale/elif-gold",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return a.drift(cmd.Context(), a.pathsOr(args), o)
		},
	}
	f := cmd.Flags()
	o.inputFlags.add(f)
	o.targetFlags.add(f)
	o.callFlags.add(f)
	addFormat(cmd, &o.format)
	f.StringArrayVar(&o.accept, "accept", nil, "have manifest and lockfile say what Moka says of this address; all for every address that was changed at Moka; may be given again")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "with --accept: do not ask")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
	return cmd
}

func (o *driftOptions) check(cmd *cobra.Command) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	if err := o.callFlags.check(); err != nil {
		return usageError(cmd, err)
	}
	if o.autoApprove && len(o.accept) == 0 {
		return usageError(cmd, errors.New("--auto-approve goes with --accept: without that, `mokasync drift` writes nothing"))
	}
	return nil
}

// everything is the word that --accept takes for all addresses that were changed at Moka.
const everything = "all"

// accepted reads --accept. whole says that every address is meant which was changed at Moka.
func (o *driftOptions) accepted() (named map[spec.Address]bool, whole bool, err error) {
	named = map[spec.Address]bool{}
	for _, text := range o.accept {
		if text == everything {
			whole = true
			continue
		}
		address, err := spec.ParseAddress(text)
		if err != nil {
			return nil, false, fmt.Errorf("--accept: %w", err)
		}
		named[address] = true
	}
	if len(named) > 0 && !whole && (o.selector != "" || len(o.targets)+len(o.excluded)+len(o.kinds) > 0) {
		return nil, false, errors.New("--accept names what is meant: leave -l, --target, --exclude and --kind out, or say --accept all")
	}
	return named, whole, nil
}

// drifting is one drift under way.
type drifting struct {
	*app
	o     driftOptions
	paths []string
	t     *target
	in    *inputs
	// named and whole are what is accepted.
	named map[spec.Address]bool
	whole bool
	// session is the right to change the lockfile, nil without --accept.
	session *lockfile.Session
}

func (a *app) drift(ctx context.Context, paths []string, o driftOptions) (err error) {
	run := &drifting{app: a, o: o, paths: paths}
	if run.named, run.whole, err = o.accepted(); err != nil {
		return err
	}
	if len(o.accept) > 0 && !o.autoApprove && !(a.StdinTTY && a.StderrTTY) {
		return hinted(errors.New("drift --accept asks before it writes anything, and there is no terminal to ask on"), "look at `mokasync drift`, then say --auto-approve")
	}
	if run.t, err = a.target(o.targetFlags, paths); err != nil {
		return err
	}
	if run.in, err = a.load(ctx, paths, o.inputFlags, a.StderrTTY && o.format == "text"); err != nil {
		return err
	}
	if spec.HasErrors(run.in.diagnostics) {
		return run.refuse(&plan.Drift{Endpoint: run.t.name, Dealer: run.t.dealer()}, run.in.diagnostics)
	}
	known, err := run.begin()
	if err != nil {
		return err
	}
	defer run.end()
	input, err := run.look(ctx, known)
	if err != nil {
		return err
	}
	d := plan.FindDrift(input)
	switch {
	case spec.HasErrors(d.Diagnostics):
		return run.refuse(d, d.Diagnostics)
	case len(o.accept) > 0:
		return run.accept(ctx, d, input)
	}
	return run.show(d)
}

// begin reads the lockfile; where something is accepted it takes the right to change it first, so that nothing that is compared changes before it is written.
func (r *drifting) begin() (*lockfile.Lock, error) {
	if len(r.o.accept) == 0 {
		return r.known(r.t)
	}
	r.t.store.Died = accountOfTheDead
	var err error
	r.session, err = r.t.store.Begin("mokasync drift --accept", r.now(), func() *lockfile.Lock { return r.freshLock(r.t) })
	if err != nil {
		return nil, err
	}
	return r.session.Lock, nil
}

func (r *drifting) end() {
	if r.session != nil {
		r.session.End()
	}
}

// look reads what is at Moka of what is compared.
func (r *drifting) look(ctx context.Context, known *lockfile.Lock) (plan.Input, error) {
	input, err := r.in.input(r.t, known, r.paths, r.today())
	if err != nil {
		return input, err
	}
	if known.Keys().Blind() {
		return input, &lockfile.KeyMissingError{Path: r.t.store.Path, Given: r.t.store.Key != ""}
	}
	if len(r.named) > 0 && !r.whole {
		input.Selected = r.named
		input.Chosen = func(a spec.Address, _ map[string]string) bool { return r.named[a] }
	}
	input = input.Following()
	conn, err := r.connectToLook(r.t, r.o.callFlags)
	if err != nil {
		return input, err
	}
	defer conn.close()
	var resources []*spec.Resource // what is read one by one is read only if it is compared
	for _, resource := range input.Resources {
		if !oneByOne(resource.Address.Kind) || input.Selected == nil || input.Selected[resource.Address] {
			resources = append(resources, resource)
		}
	}
	if input.Live, err = apply.Look(ctx, conn.reader, resources, input.Known, r.o.parallelism, r.now); err == nil {
		err = apply.LookFurther(ctx, conn.reader, input.Live, input.Known, input.Judged(), r.now())
	}
	if err != nil {
		return input, reading(err)
	}
	r.warnOfSkew(r.skewOf(conn.reader))
	return input, nil
}

// refuse tells what stands in the way.
func (r *drifting) refuse(d *plan.Drift, ds []spec.Diagnostic) error {
	if r.o.format == "json" {
		if err := render.DriftJSON(r.Stdout, &plan.Drift{Endpoint: d.Endpoint, Dealer: d.Dealer, Partial: d.Partial}, ds); err != nil {
			return writing(err)
		}
	} else {
		r.tellDiagnostics(ds, r.o.personal)
	}
	return codeError(exitRefused)
}

func (r *drifting) show(d *plan.Drift) error {
	var err error
	if r.o.format == "json" {
		err = render.DriftJSON(r.Stdout, d, d.Diagnostics)
	} else {
		err = render.DriftText(r.Stdout, d, false, r.style(r.StdoutTTY, r.o.personal))
	}
	switch {
	case err != nil:
		return writing(err)
	case len(d.Drifted) > 0:
		return codeError(exitChanges)
	}
	return nil
}
