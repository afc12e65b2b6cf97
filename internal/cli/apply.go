package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type applyOptions struct {
	planOptions
	waiveFlags
	autoApprove   bool
	planFile      string // the saved plan that this run carries out, "" for none
	duringCharges bool
	settle        time.Duration
	settleSaid    bool
	// confirmDeletes is the number of deletes that was confirmed, -1 for none.
	confirmDeletes int
	// moves is the number of sales outside the manifests that changed schedules may move, -1 for none.
	moves int
}

func (a *app) applyCommand() *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [PATH…]",
		Short: "Look, plan, ask, and make the changes",
		Long: `Look at Moka, settle what an earlier run left open, plan, ask, and make the changes in the order in
which they depend on each other. What was done is recorded as it happens: a run that dies is taken up by the next one.

With --plan FILE it plans as that saved plan was made, and goes on only if the changes, and all that they rest on, are still
those in FILE. It does not ask then: the plan was reviewed.`,
		Example: "  mokasync apply\n  mokasync apply billing/ --endpoint test --auto-approve\n  mokasync plan billing/ --out plan.json && mokasync apply billing/ --plan plan.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			if err := o.decidedByPlan(cmd); err != nil {
				return err
			}
			if err := o.waiveFlags.read(cmd); err != nil {
				return err
			}
			o.settleSaid = cmd.Flags().Changed("settle")
			return a.apply(cmd.Context(), args, o)
		},
	}
	o.planOptions.add(cmd)
	o.waiveFlags.add(cmd)
	f := cmd.Flags()
	addFull(f, &o.full)
	f.StringVar(&o.planFile, "plan", "", "carry out this saved plan (plan --out), and nothing else; it says what is planned and with which flags")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	f.IntVar(&o.confirmDeletes, "confirm-deletes", -1, "confirm that so many resources are deleted: the number that `mokasync plan --prune` gives")
	f.IntVar(&o.moves, "moves", -1, "confirm that changed schedules move so many sales outside the manifests")
	f.BoolVar(&o.duringCharges, "during-charges", false, "change sales also between 11:30 and 19:00 in Istanbul on days on which Moka charges them")
	f.DurationVar(&o.settle, "settle", 0, "how long after giving up on a call its absence at Moka is believed (default 1m0s); also MOKASYNC_SETTLE")
	return cmd
}

// applying is one apply under way.
type applying struct {
	*app
	o     applyOptions
	t     *target
	in    *inputs
	paths []string
	// reviewed is the saved plan, nil without one.
	reviewed *planfile.File
	session  *lockfile.Session
	policies *judges
	conn     *connection
	stop     chan struct{}
	// looking is the context of what is read before the first write; the first signal ends it.
	looking       context.Context
	cancelLooking context.CancelFunc
}

// runGarbage is how much garbage may stand beside what an apply keeps, in per cent, in place of Go's 100. What it keeps grows to the end; collecting somewhat more often costs one
// that waits for calls nothing that can be measured.
const runGarbage = 60

func (a *app) apply(ctx context.Context, paths []string, o applyOptions) error {
	if a.getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(runGarbage))
	}
	run := &applying{app: a, o: o, paths: paths, stop: make(chan struct{})}
	if err := run.check(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run.looking, run.cancelLooking = context.WithCancel(ctx)
	defer run.cancelLooking()
	go run.listen(ctx, cancel)
	run.t.store.Died = accountOfTheDead
	var err error
	if run.session, err = run.t.store.Begin(run.command(), a.now(), func() *lockfile.Lock { return a.freshLock(run.t) }); err != nil {
		return err
	}
	defer run.session.End()
	if run.conn, err = a.connect(run.t, o.callFlags); err != nil {
		return err
	}
	defer run.conn.close()
	return run.run(ctx)
}

// check refuses what can be refused before anything is touched.
func (r *applying) check(ctx context.Context) (err error) {
	if err := r.openReviewed(); err != nil {
		return err
	}
	if r.t, err = r.target(r.o.targetFlags, r.paths); err != nil {
		return err
	}
	if must := r.t.settings.Guards.RequirePlan; must.Value && r.reviewed == nil {
		return hinted(fmt.Errorf("an apply to %s needs a saved plan: guards.requirePlan asks for it (%s)", r.t.name, must.At), "`%s --out plan.json`, have it reviewed, then apply it with --plan plan.json", r.planCommand())
	}
	if r.t.inProcess && !r.t.said && r.anyCredential() {
		return hinted(errors.New("credentials are set, but no endpoint: they would not be used"), "say --endpoint test, --endpoint live, or --endpoint sandbox")
	}
	if !r.o.settleSaid {
		r.o.settle = time.Minute
		if text := r.getenv("MOKASYNC_SETTLE"); text != "" {
			if r.o.settle, err = time.ParseDuration(text); err != nil {
				return fmt.Errorf("MOKASYNC_SETTLE is not a duration such as 60s: %q", text)
			}
		}
	}
	if r.o.settle < 0 {
		return fmt.Errorf("--settle is a duration from 0s, such as 60s, not %v", r.o.settle)
	}
	if !r.o.autoApprove && r.reviewed == nil && !(r.StdinTTY && r.StderrTTY) {
		return hinted(errors.New("apply asks before it changes anything, and there is no terminal to ask on"), "look at `%s`, then say --auto-approve", r.planCommand())
	}
	if err := r.t.missingCredentials(); err != nil {
		return err
	}
	if err := r.fits(); err != nil {
		return err
	}
	if r.in, err = r.load(ctx, r.paths, r.o.inputFlags, r.StderrTTY && r.o.format == "text"); err != nil {
		return err
	}
	if r.policies, err = r.judgesOf(ctx, r.t, r.in); err != nil {
		return err
	}
	return r.refuse(r.in.diagnostics)
}

// refuse tells diagnostics, and ends the run if one is an error.
func (r *applying) refuse(ds []spec.Diagnostic) error {
	if r.o.format == "json" && spec.HasErrors(ds) {
		if err := render.PlanJSON(r.Stdout, &plan.Plan{Endpoint: r.t.name, Dealer: r.t.dealer()}, ds); err != nil {
			return writing(err)
		}
		return codeError(exitRefused)
	}
	r.tellDiagnostics(ds, r.o.personal)
	if spec.HasErrors(ds) {
		return codeError(exitRefused)
	}
	return nil
}

// listen turns the first signal into "no new call", the second into "wait for nothing".
func (r *applying) listen(ctx context.Context, cancel context.CancelFunc) {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case s := <-r.signals:
			if n == 0 {
				fmt.Fprintf(r.Stderr, "\nmokasync: %v: no new call is made, those in flight are waited for (again: stop waiting)\n", s)
				close(r.stop)
				r.cancelLooking()
				continue
			}
			fmt.Fprintf(r.Stderr, "\nmokasync: %v: not waiting any longer; calls in flight are recorded as unknown\n", s)
			cancel()
			return
		}
	}
}

func (r *applying) command() string {
	return "mokasync apply " + strings.Join(r.paths, " ")
}

// run looks, plans, asks and applies.
func (r *applying) run(ctx context.Context) error {
	if r.t.store.Key != "" && !r.session.Lock.Keys().Keyed() {
		r.warn("MOKASYNC_KEY is set and not used: %s was begun without it. docs/lockfile.md tells how to change over to the key", r.t.store.Path)
	}
	if r.t.name == moka.Live && r.t.store.Key == "" {
		r.warn("whoever has the lockfile can guess at the personal data in it: its fingerprints are made without a key. Set MOKASYNC_KEY for live (docs/lockfile.md)")
	}
	applier := apply.New(apply.Options{
		Client: r.conn.client, Session: r.session, World: plan.NewWorld(r.in.set.Resources, r.session.Lock),
		Parallelism: r.o.parallelism, Rate: r.o.rateTo(r.t), Settle: r.o.settle, Timeout: r.o.timeout, Now: r.now, Today: r.today(), Stop: r.stop, Log: r.logger(),
		UpdateChanged: r.t.settings.UpdateChanged(), DuringCharges: r.o.duringCharges,
		Say: func(text string) { fmt.Fprintln(r.Stderr, render.Line("mokasync: "+text)) },
	})
	if err := applier.Prove(r.looking); err != nil {
		return reading(err)
	}
	r.warnOfSkew(r.skewOf(r.conn.client.Reader))
	r.sayPending()
	if err := applier.SettlePending(r.looking); err != nil {
		return err
	}
	for _, note := range applier.Notes {
		fmt.Fprintf(r.Stderr, "mokasync: %s\n", render.Line(note))
	}
	p, err := r.decide(r.looking, applier)
	if err != nil {
		return err
	}
	if p.Planned() > 0 {
		if err := r.ask(p); err != nil {
			return err
		}
		if err := r.stillGuarded(p); err != nil {
			return err
		}
	}
	if err := r.looking.Err(); err != nil {
		return err // stopped before the first write
	}
	return r.carryOut(ctx, applier, p)
}

// sayPending says what earlier runs left to look into: calls of which nobody knows what became of them, and what the last one made or deleted and did not come to prove.
func (r *applying) sayPending() {
	open, owed := 0, 0
	for _, in := range r.session.Lock.Pending {
		if r.session.Owes(in.Entry.Address) {
			owed++
		} else {
			open++
		}
	}
	var what []string
	if open > 0 {
		what = append(what, counted(open, "open call"))
	}
	if owed > 0 {
		what = append(what, counted(owed, "change")+" to be proved")
	}
	if len(what) > 0 {
		fmt.Fprintf(r.Stderr, "mokasync: %s from an earlier run: looking at Moka\n", strings.Join(what, " and "))
	}
}

// decide makes the plan, shows it, and refuses what must not begin.
func (r *applying) decide(ctx context.Context, applier *apply.Applier) (*plan.Plan, error) {
	input, err := r.in.input(r.t, r.session.Lock, r.paths, r.today())
	if err != nil {
		return nil, err
	}
	recreate, err := r.o.recreated()
	if err != nil {
		return nil, err
	}
	if input.Recreate, err = r.in.described("--recreate", recreate); err != nil {
		return nil, err
	}
	if r.o.refresh {
		live, err := apply.Look(ctx, r.conn.client.Reader, input.Resources, input.Known, r.o.parallelism, r.now)
		if err != nil {
			return nil, reading(err)
		}
		input.Live = live
	}
	p := plan.Make(input)
	judged, err := r.policies.plan(ctx, p, r.in)
	if err != nil {
		return nil, err
	}
	if err := r.refuse(slices.Concat(p.Diagnostics, judged)); err != nil {
		return nil, err
	}
	if err := r.stillReviewed(&planned{plan: p, target: r.t, input: input}); err != nil {
		return nil, err
	}
	if err := r.sameDay(p); err != nil {
		return nil, err
	}
	if err := r.confirmed(p); err != nil {
		return nil, err
	}
	if err := r.guarded(p); err != nil {
		return nil, err
	}
	applier.Follow(p)
	if err := r.movesConfirmed(ctx, applier, p); err != nil {
		return nil, err
	}
	if err := r.readSources(applier, p); err != nil {
		return nil, err
	}
	past, err := applier.Preflight(ctx, p, r.in.past(r.today(), r.paths, p, true, r.session.Lock, ""))
	if err != nil {
		return nil, reading(err)
	}
	if err := r.refuse(past); err != nil {
		if r.o.format == "text" {
			fmt.Fprintln(r.Stderr, "mokasync: refused before the first write: nothing was done")
		}
		return nil, err
	}
	if r.o.format == "text" {
		if err := render.PlanText(r.Stdout, "apply", p, r.planStyle(r.StdoutTTY, r.o.personal, r.o.full)); err != nil {
			return nil, writing(err)
		}
	}
	return p, nil
}

// confirmed refuses deletes that are many and were not confirmed by their number, or by another.
func (r *applying) confirmed(p *plan.Plan) error {
	n := p.Counts[plan.Delete]
	look := "look at `" + r.planCommand() + "`"
	switch {
	case r.o.confirmDeletes >= 0 && r.o.confirmDeletes != n:
		return hinted(fmt.Errorf("--confirm-deletes %d, but %s", r.o.confirmDeletes, counted(n, "resource")+" would be deleted"), "%s", look)
	case p.Confirm != 0 && r.o.confirmDeletes < 0:
		return hinted(fmt.Errorf("%s would be deleted, which must be confirmed: nothing was done", counted(n, "resource")), "%s, then say --confirm-deletes %d", look, n)
	}
	return nil
}

// movesConfirmed refuses changes of schedules that move sales outside the manifests, unless their number was given.
func (r *applying) movesConfirmed(ctx context.Context, applier *apply.Applier, p *plan.Plan) error {
	outside, err := applier.MovedOutside(ctx, p)
	if err != nil {
		return reading(err)
	}
	n := 0
	for _, codes := range outside {
		n += len(codes)
	}
	if n == max(r.o.moves, 0) {
		return nil
	}
	var ds []spec.Diagnostic
	for _, c := range p.Changes {
		if codes := outside[c.Address]; len(codes) > 0 {
			ds = append(ds, spec.Diagnostic{Severity: spec.Error, File: c.Desired.File, Line: c.Desired.Line, Column: c.Desired.Column, Address: c.Address.String(),
				Message: c.Address.String() + ": " + plan.OutsideText(codes)})
		}
	}
	if len(ds) == 0 {
		return hinted(fmt.Errorf("--moves %d, but no sale outside the manifests would be moved", r.o.moves), "leave --moves out")
	}
	if err := r.refuse(ds); err != nil && r.o.format == "json" {
		return err
	}
	return hinted(fmt.Errorf("%s outside the manifests would be moved by a changed schedule: nothing was done", counted(n, "sale")), "look at them in Moka's panel; if they are meant too, say --moves %d", n)
}

// readSources reads the passwords that the plan sends, and refuses a plan that needs a value which is not there.
func (r *applying) readSources(applier *apply.Applier, p *plan.Plan) error {
	applier.Passwords = map[spec.Address]string{}
	var ds []spec.Diagnostic
	for _, c := range p.Changes {
		if c.Desired == nil || c.Action == plan.Blocked {
			continue
		}
		for i := range c.Desired.Values {
			v := &c.Desired.Values[i]
			if err := r.readSource(applier, c, v); err != nil {
				ds = append(ds, spec.Diagnostic{Severity: spec.Error, File: c.Desired.File, Line: int(v.Line), Column: int(v.Column), Address: c.Address.String(), Message: err.Error()})
			}
		}
	}
	return r.refuse(ds)
}

func (r *applying) readSource(applier *apply.Applier, c *plan.Change, v *spec.Value) error {
	if v.Field.Type == spec.Password {
		if c.Action != plan.Create && !changes(c, v.Field) {
			return nil
		}
		password, err := v.ReadPassword(r.LookupEnv, os.ReadFile)
		applier.Passwords[c.Address] = password
		return err
	}
	if _, state := applier.World.Texts(v); state == plan.Unread {
		return fmt.Errorf("%s is needed by this plan, and its value is missing: set %s", v.Field.Name, strings.Join(sourcesOf(v), ", "))
	}
	return nil
}

// sourcesOf names the variables and files that a value stands in.
func sourcesOf(v *spec.Value) []string {
	if v.FromSource() {
		return []string{v.Text}
	}
	var out []string
	for i := range v.Items() {
		out = append(out, sourcesOf(&v.Items()[i])...)
	}
	if len(out) == 0 {
		return []string{"the variable or file that holds the token of the card it refers to"}
	}
	return out
}

func changes(c *plan.Change, field *spec.Field) bool {
	for _, f := range c.Fields {
		if f.Field == field {
			return true
		}
	}
	return false
}

// ask asks on the terminal whether to go on.
func (r *applying) ask(p *plan.Plan) error {
	if r.o.autoApprove || r.reviewed != nil {
		return nil
	}
	fmt.Fprintf(r.Stderr, "\nApply %s to %s (dealer %s)? Only \"yes\" goes on: ", counted(p.Planned(), "change"), p.Endpoint, p.Dealer)
	if r.yes(r.looking) { // which ends at the first signal
		return nil
	}
	return errors.New("not applied: nothing was changed")
}

// carryOut makes the changes and gives the account.
func (r *applying) carryOut(ctx context.Context, applier *apply.Applier, p *plan.Plan) error {
	progress := newProgress(r.app, p.Planned())
	applier.Progress, applier.Say, applier.Closed = progress.result, progress.say, r.closed(p)
	account, err := applier.Run(ctx, p)
	progress.end()
	code := r.codeOf(account, err)
	if err := r.showAccount(account); err != nil {
		r.tell(err)
		if code == exitDone {
			code = exitIncomplete
		}
	}
	if err != nil {
		r.tell(err)
	}
	if code == exitDone {
		return nil
	}
	return codeError(code)
}

// codeOf gives the exit code of a run: doubt goes before everything.
func (r *applying) codeOf(account *apply.Account, err error) int {
	switch {
	case account.Count(apply.InDoubt) > 0 || len(r.session.Lock.Pending) > 0:
		return exitInDoubt
	case err != nil && account.Count(apply.NotTried) == len(account.Results) && len(account.Results) > 0:
		return exitRefused // nothing was begun
	case err != nil || !account.Complete():
		return exitIncomplete
	}
	return exitDone
}

func (r *applying) showAccount(account *apply.Account) error {
	if err := r.session.WriteReport(func(w io.Writer) error { return render.AccountJSON(w, account) }); err != nil {
		r.warn("%v", err)
	}
	if r.o.format == "json" {
		return writing(render.AccountJSON(r.Stdout, account))
	}
	if len(account.Results) == 0 && len(account.Notes) == 0 {
		return nil // the plan has said that there is nothing to do
	}
	fmt.Fprintln(r.Stdout)
	return writing(render.AccountText(r.Stdout, account, r.flags.verbose, r.style(r.StdoutTTY, false)))
}
