package cli

import (
	"context"
	"fmt"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type planOptions struct {
	inputFlags
	targetFlags
	callFlags
	format           string
	refresh          bool
	recreate         []string
	detailedExitcode bool
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan [PATH…]",
		Short: "Show what an apply would change; no credentials, no network, unless --refresh",
		Long: `Show what an apply would change: manifests against the lockfile, or with --refresh against what is at
Moka. Nothing is written, and no lock is taken.`,
		Example: "  mokasync plan\n  mokasync plan billing/ --endpoint live --format json\n  mokasync plan --endpoint live --refresh",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return a.plan(cmd.Context(), pathsOr(args), o)
		},
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

// add adds the flags that plan and apply share.
func (o *planOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.inputFlags.add(f)
	o.targetFlags.add(f)
	o.callFlags.add(f)
	addFormat(cmd, &o.format)
	f.BoolVar(&o.refresh, "refresh", false, "plan against what is at Moka, not against the lockfile")
	f.BoolVar(&o.prune, "prune", false, "delete what the lockfile knows and the manifests do not")
	f.StringArrayVar(&o.recreate, "recreate", nil, "make this address anew if it is gone at Moka; means --refresh; may be given again")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
}

// check judges the flags that plan and apply share.
func (o *planOptions) check(cmd *cobra.Command) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	if err := o.callFlags.check(); err != nil {
		return usageError(cmd, err)
	}
	return nil
}

// recreated reads --recreate, which looks at Moka.
func (o *planOptions) recreated() (map[spec.Address]bool, error) {
	out := map[spec.Address]bool{}
	for _, text := range o.recreate {
		address, err := spec.ParseAddress(text)
		if err != nil {
			return nil, fmt.Errorf("--recreate: %w", err)
		}
		out[address] = true
		o.refresh = true
	}
	return out, nil
}

func (a *app) plan(ctx context.Context, paths []string, o planOptions) error {
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return err
	}
	recreate, err := o.recreated()
	if err != nil {
		return err
	}
	in, err := a.load(ctx, paths, o.inputFlags, a.StderrTTY && o.format == "text")
	if err != nil {
		return err
	}
	known, err := a.known(t)
	if err != nil {
		return err
	}
	p := &plan.Plan{Endpoint: t.name, Dealer: t.dealer()}
	if p.Dealer == "" {
		p.Dealer = known.Header.Dealer
	}
	ds := in.diagnostics
	if !spec.HasErrors(ds) {
		input, err := in.input(t, known, paths, a.today())
		if err != nil {
			return err
		}
		if input.Recreate, err = in.described("--recreate", recreate); err != nil {
			return err
		}
		if p, err = a.makePlan(ctx, input, t, o); err != nil {
			return err
		}
		ds = append(append(ds, p.Diagnostics...), in.past(a.today(), paths, p, o.refresh, known, t.store.Key)...)
	}
	return a.showPlan(p, ds, o)
}

// described gives addresses that a flag names, all of which the manifests must have.
func (in *inputs) described(flag string, named map[spec.Address]bool) (map[spec.Address]bool, error) {
	for a := range named {
		if in.set.Get(a) == nil {
			return nil, fmt.Errorf("%s: the manifests have no %s", flag, a)
		}
	}
	return named, nil
}

// past judges dates that have passed: offline of what no lockfile knows, after a look of what would be created.
func (in *inputs) past(today string, paths []string, p *plan.Plan, looked bool, known *lockfile.Lock, key string) []spec.Diagnostic {
	if !looked {
		anywhere := knownAnywhere(paths, key)
		return in.set.PastDates(today, func(a spec.Address) bool { return known.Get(a) != nil || known.Open(a) != nil || anywhere(a) })
	}
	new := created(p)
	return in.set.PastDates(today, func(a spec.Address) bool { return !new[a] })
}

// created gives the addresses of what a plan makes.
func created(p *plan.Plan) map[spec.Address]bool {
	out := map[spec.Address]bool{}
	for _, c := range p.Changes {
		if c.Action == plan.Create {
			out[c.Address] = true
		}
	}
	return out
}

func (a *app) makePlan(ctx context.Context, in plan.Input, t *target, o planOptions) (*plan.Plan, error) {
	if o.refresh {
		if in.Known.Keys().Blind() {
			return nil, &lockfile.KeyMissingError{Path: t.store.Path, Given: t.store.Key != ""}
		}
		conn, err := a.connectToLook(t, o.callFlags)
		if err != nil {
			return nil, err
		}
		defer conn.close()
		if in.Live, err = apply.Look(ctx, conn.client.Reader, in.Resources, in.Known, a.now); err != nil {
			return nil, reading(err)
		}
	}
	return plan.Make(in), nil
}

// reading is the error of a Moka that cannot be read.
func reading(err error) error { return hinted(err, "nothing was sent that changes anything") }

func (a *app) showPlan(p *plan.Plan, ds []spec.Diagnostic, o planOptions) error {
	bad := spec.HasErrors(ds)
	if o.format == "json" {
		if bad {
			p = &plan.Plan{Endpoint: p.Endpoint, Dealer: p.Dealer, Partial: p.Partial}
		}
		if err := render.PlanJSON(a.Stdout, p, ds); err != nil {
			return writing(err)
		}
	} else {
		a.tellDiagnostics(ds, o.personal)
		if !bad {
			if err := render.PlanText(a.Stdout, "plan", p, a.style(a.StdoutTTY, o.personal)); err != nil {
				return writing(err)
			}
		}
	}
	switch {
	case bad:
		return codeError(exitRefused)
	case o.detailedExitcode && p.HasChanges():
		return codeError(exitChanges)
	}
	return nil
}
