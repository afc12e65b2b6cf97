package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type planOptions struct {
	inputFlags
	targetFlags
	callFlags
	format           string
	moreFormats      []string // beside those of every command
	refresh          bool
	out              string // plan: the file to save the plan in, "" for none
	recreate         []string
	detailedExitcode bool
	full             bool // text: every change, however many
}

func (a *app) planCommand() *cobra.Command {
	o := planOptions{moreFormats: []string{"markdown", "github"}}
	cmd := &cobra.Command{
		Use:   "plan [PATH…]",
		Short: "Show what an apply would change; no credentials, no network, unless --refresh",
		Long: `Show what an apply would change: manifests against the lockfile, or with --refresh against what is at
Moka. Nothing is written, and no lock is taken.`,
		Example: "  mokasync plan\n  mokasync plan billing/ --endpoint live --format json\n  mokasync plan --endpoint live --refresh\n  mokasync plan --endpoint live --format markdown",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			if o.out == "" && cmd.Flags().Changed("out") {
				return usageError(cmd, errors.New("--out needs the name of a file"))
			}
			return a.plan(cmd.Context(), a.pathsOr(args), o)
		},
	}
	o.add(cmd)
	addFull(cmd.Flags(), &o.full)
	cmd.Flags().StringVar(&o.out, "out", "", "also save the plan in this file, for `apply --plan FILE`")
	cmd.Flags().BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

// add adds the flags that plan and apply share.
func (o *planOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.inputFlags.add(f)
	o.targetFlags.add(f)
	o.callFlags.add(f)
	addFormat(cmd, &o.format, o.moreFormats...)
	f.BoolVar(&o.refresh, "refresh", false, "plan against what is at Moka, not against the lockfile")
	f.BoolVar(&o.prune, "prune", false, "delete what the lockfile knows and the manifests do not")
	f.StringArrayVar(&o.recreate, "recreate", nil, "make this address anew if it is gone at Moka; means --refresh; may be given again")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
}

// addFull adds --full.
func addFull(f *pflag.FlagSet, full *bool) {
	f.BoolVar(full, "full", false, "text: show every change, not the first 200 of each kind")
}

// check judges the flags that plan and apply share.
func (o *planOptions) check(cmd *cobra.Command) error {
	if err := oneOf(cmd, "format", o.format, append(slices.Clone(formats), o.moreFormats...)...); err != nil {
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
	made, err := a.makePlan(ctx, paths, &o)
	if err != nil {
		return err
	}
	if o.out != "" && !made.bad() {
		if err := a.savePlan(ctx, made, o.out); err != nil {
			return err
		}
	}
	if o.format != "text" {
		made.name()
	}
	return a.showPlan(ctx, made, o)
}

// planned is a plan with what it was made from. Where the manifests are bad, the plan is empty and nothing was looked at.
type planned struct {
	plan        *plan.Plan
	diagnostics []spec.Diagnostic
	target      *target
	input       plan.Input
	options     planfile.Options
}

// name gives the plan its digest, for those who show it.
func (p *planned) name() {
	if !p.bad() {
		p.plan.Digest = planfile.Digest(p.plan, p.target.store.Key)
	}
}

// bad reports whether nothing may be done by the plan.
func (p *planned) bad() bool { return spec.HasErrors(p.diagnostics) }

// makePlan reads manifests and lockfile, with --refresh looks at Moka, and plans.
func (a *app) makePlan(ctx context.Context, paths []string, o *planOptions) (*planned, error) {
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return nil, err
	}
	if err := a.mayHoldPlan(o.out, t); err != nil {
		return nil, err
	}
	recreate, err := o.recreated()
	if err != nil {
		return nil, err
	}
	lock := a.beginKnown(t) // the manifests are read without it
	defer lock.wait()
	in, err := a.load(ctx, paths, o.inputFlags, a.StderrTTY && o.format == "text" && o.out == "") // a file keeps what is said, and nothing personal
	if err != nil {
		return nil, err
	}
	policies, err := a.judgesOf(ctx, t, in)
	if err != nil {
		return nil, err
	}
	known, err := lock.get()
	if err != nil {
		return nil, err
	}
	out := &planned{plan: &plan.Plan{Endpoint: t.name, Dealer: t.dealer()}, diagnostics: in.diagnostics, target: t, options: o.saved(paths)}
	if out.plan.Dealer == "" {
		out.plan.Dealer = known.Header.Dealer
	}
	if out.bad() {
		return out, nil
	}
	if out.input, err = in.input(t, known, paths, a.today()); err != nil {
		return nil, err
	}
	if out.input.Recreate, err = in.described("--recreate", recreate); err != nil {
		return nil, err
	}
	if o.refresh {
		if out.input.Live, err = a.lookAtMoka(ctx, out.input, t, o.callFlags); err != nil {
			return nil, err
		}
	}
	out.plan = plan.Make(out.input)
	a.guard(out)
	out.diagnostics = append(append(out.diagnostics, out.plan.Diagnostics...), in.past(a.today(), paths, out.plan, o.refresh, known, t.store.Key)...)
	judged, err := policies.plan(ctx, out.plan, in)
	out.diagnostics = append(out.diagnostics, judged...)
	return out, err
}

// lookAtMoka reads what a plan compares with.
func (a *app) lookAtMoka(ctx context.Context, in plan.Input, t *target, flags callFlags) (*plan.Live, error) {
	if in.Known.Keys().Blind() {
		return nil, &lockfile.KeyMissingError{Path: t.store.Path, Given: t.store.Key != ""}
	}
	conn, err := a.connectToLook(t, flags)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	live, err := apply.Look(ctx, conn.reader, in.Resources, in.Known, flags.parallelism, a.now)
	if err != nil {
		return nil, reading(err)
	}
	a.warnOfSkew(a.skewOf(conn.reader))
	return live, nil
}

// described gives addresses that a flag names, all of which the manifests must have.
func (in *inputs) described(flag string, named map[spec.Address]bool) (map[spec.Address]bool, error) {
	for a := range named {
		if in.set.Get(a) == nil {
			return nil, fmt.Errorf("%s: the manifests have no %s: check the name and the PATH", flag, a)
		}
	}
	return named, nil
}

// past judges dates that have passed: offline of what no lockfile knows, after a look of what would be created.
func (in *inputs) past(today string, paths []string, p *plan.Plan, looked bool, known *lockfile.Lock, key string) []spec.Diagnostic {
	if !looked {
		anywhere := knownAnywhere(paths, in.lockfiles, key)
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

// reading is the error of a Moka that cannot be read.
func reading(err error) error { return hinted(err, "nothing was sent that changes anything") }

func (a *app) showPlan(ctx context.Context, made *planned, o planOptions) error {
	p, ds, bad := made.plan, made.diagnostics, made.bad()
	var err error
	switch o.format {
	case "json":
		shown := p
		if bad {
			shown = &plan.Plan{Endpoint: p.Endpoint, Dealer: p.Dealer, Partial: p.Partial}
		}
		err = render.PlanJSON(a.Stdout, shown, ds)
	case "markdown":
		err = made.markdown(ctx, a.Stdout, 0)
	case "github":
		err = render.PlanGitHub(a.commands, p, ds, a.inWorkspace(), a.planStyle(a.StdoutTTY, false, true)) // the summary refers to the log for what it leaves out
		a.stepSummary(func(w io.Writer, limit int) error { return made.markdown(ctx, w, limit) })
	default:
		a.tellDiagnostics(ds, o.personal)
		if !bad {
			err = render.PlanText(a.Stdout, "plan", p, a.planStyle(a.StdoutTTY, o.personal, o.full))
		}
	}
	if err != nil {
		return writing(err)
	}
	switch {
	case bad:
		return codeError(exitRefused)
	case o.detailedExitcode && p.HasChanges():
		return codeError(exitChanges)
	}
	return nil
}

// markdown writes the plan as Markdown of at most limit bytes; 0 means what a comment may be.
func (p *planned) markdown(ctx context.Context, w io.Writer, limit int) error {
	return render.PlanMarkdown(w, p.plan, p.diagnostics, render.MarkdownOptions{
		Digest: p.plan.Digest, Commit: commitOf(ctx, folderOf(p.options.Paths)), Limit: limit, Full: p.command() + " --full",
	})
}
