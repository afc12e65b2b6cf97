package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type explainOptions struct {
	inputFlags // of which only --show-personal is offered: an address chooses already
	targetFlags
	callFlags
	format  string
	refresh bool
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [CODE | ADDRESS [PATH…]]",
		Short: "Say what a result code means, or where a resource stands: manifests, lockfile, Moka, plan",
		Long: `Say what a result code of Moka's means, whether something was written, and what to do. Its last part is
enough, in any case; banks' codes of a payment step's history are known too. Without an argument all codes are listed.

Of an ADDRESS, show the resource in the manifests, in the lockfile and, with --refresh, at Moka, side by side; what a
plan would do about it and why; what is in doubt; what it needs and what needs it. Nothing is written. Without
--refresh it needs no credentials and no network.`,
		Example: "  mokasync explain DealerSale.AddSale.InvalidCardToken\n  mokasync explain 021\n  mokasync explain sale/elif-gold billing/ --endpoint live --refresh",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return err
			}
			switch {
			case len(args) == 0:
				return a.explainCodes(o.format)
			case !strings.Contains(args[0], "/"):
				return a.explainCode(args[0], o.format)
			}
			return a.explain(cmd.Context(), args[0], a.pathsOr(args[1:]), o)
		},
	}
	o.addPersonal(cmd.Flags())
	o.targetFlags.add(cmd.Flags())
	o.callFlags.add(cmd.Flags())
	addFormat(cmd, &o.format)
	cmd.Flags().BoolVar(&o.refresh, "refresh", false, "of an address: look at Moka too")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
	return cmd
}

func (o *explainOptions) check(cmd *cobra.Command, args []string) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	if err := o.callFlags.check(); err != nil {
		return usageError(cmd, err)
	}
	aboutResource := len(args) > 0 && strings.Contains(args[0], "/")
	switch {
	case !aboutResource && len(args) > 1:
		return usageError(cmd, fmt.Errorf("%q is one word too many: a result code stands alone, and an address is kind/name", args[1]))
	case !aboutResource && o.refresh:
		return usageError(cmd, errors.New("--refresh is for an address: kind/name"))
	}
	return nil
}

// explain tells where one resource stands.
func (a *app) explain(ctx context.Context, text string, paths []string, o explainOptions) error {
	address, err := spec.ParseAddress(text)
	if err != nil {
		return err
	}
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return err
	}
	lock := a.beginKnown(t)
	defer lock.wait()
	in, err := a.load(ctx, paths, o.inputFlags, a.StderrTTY && o.format == "text")
	if err != nil {
		return err
	}
	known, err := lock.get()
	if err != nil {
		return err
	}
	world := plan.NewWorld(in.set.Resources, known)
	bad := spec.HasErrors(in.diagnostics)
	if bad && o.format == "text" {
		a.tellDiagnostics(in.diagnostics, o.personal)
	}
	e := &render.Explained{Endpoint: t.name, Dealer: t.dealer(), Address: newName(address, world, in.set.Resources), World: world, Lockfile: t.store.Path}
	if world.Desired[e.Address] == nil && known.Get(address) == nil && known.Open(address) == nil {
		return notHere(address, world)
	}
	if e.Dealer == "" {
		e.Dealer = known.Header.Dealer
	}
	if err := a.explainPlan(ctx, e, in, t, paths, o); err != nil {
		return err
	}
	if account, err := a.lastAccount(t); err == nil { // without one there is nothing to say
		e.Last = resultOf(account, address)
	}
	if o.format == "json" {
		err = render.ExplainJSON(a.Stdout, e)
	} else {
		err = render.ExplainText(a.Stdout, e, a.style(a.StdoutTTY, o.personal))
	}
	if err == nil && bad {
		return codeError(exitRefused)
	}
	return writing(err)
}

// newName gives the address under which the manifests have what was called address before.
func newName(address spec.Address, w *plan.World, resources []*spec.Resource) spec.Address {
	if w.Desired[address] != nil {
		return address
	}
	for _, r := range resources {
		if r.MovedFrom() == address {
			return r.Address
		}
	}
	return address
}

// explainPlan looks at Moka where that is asked, makes the plan and takes out of it what concerns the one address. With mistakes in the manifests there is no plan; what is
// known is shown all the same.
func (a *app) explainPlan(ctx context.Context, e *render.Explained, in *inputs, t *target, paths []string, o explainOptions) error {
	input, err := in.input(t, e.World.Known, paths, a.today())
	if err != nil {
		return err
	}
	if o.refresh {
		live, err := a.lookAround(ctx, e.Address, input, t, o)
		if err != nil {
			return err
		}
		input.Live = live
	}
	if spec.HasErrors(in.diagnostics) {
		e.See(input.Live)
		e.NoPlan = "make nothing: the manifests have mistakes"
		if o.format == "json" { // people have been told
			e.Diagnostics = in.diagnostics
		}
		return nil
	}
	p := plan.Make(input)
	if len(p.Moves) > 0 { // the lockfile as it will be: under the new names
		e.World = plan.NewWorld(in.set.Resources, e.World.Known.Moved(p.Moves))
	}
	e.See(input.Live)
	e.Change, e.NoPlan = changeOf(p, e, input)
	mine := &plan.Plan{}
	if e.Change != nil {
		mine.Changes = []*plan.Change{e.Change} // the dates of the others are not asked about
	}
	ds := append(append(in.diagnostics, p.Diagnostics...), in.past(a.today(), paths, mine, o.refresh, e.World.Known, t.store.Key)...)
	for _, d := range ds {
		if d.Address == e.Address.String() || d.Address == "" && d.Severity != spec.Info {
			e.Diagnostics = append(e.Diagnostics, d)
		}
	}
	return nil
}

// oneByOne reports whether Moka has no list of all things of a kind (moka-api 2.10, 2.29).
func oneByOne(kind spec.Kind) bool { return kind == spec.Card || kind == spec.PaymentStep }

// lookAround reads what is at Moka as a plan with --refresh does, but of what is read one by one only what the address has to do with.
func (a *app) lookAround(ctx context.Context, address spec.Address, input plan.Input, t *target, o explainOptions) (*plan.Live, error) {
	if input.Known.Keys().Blind() {
		return nil, &lockfile.KeyMissingError{Path: t.store.Path, Given: t.store.Key != ""}
	}
	needs := map[spec.Address]bool{address: true}
	for _, r := range input.Resources {
		if r.Address == address {
			for _, need := range r.References() {
				needs[need] = true
			}
		}
	}
	described := false
	var resources []*spec.Resource
	for _, r := range input.Resources {
		described = described || r.Address == address
		if !oneByOne(r.Address.Kind) || needs[r.Address] {
			resources = append(resources, r)
		}
	}
	if !described && !oneByOne(address.Kind) {
		resources = append(resources, &spec.Resource{Address: address}) // so that its kind is listed
	}
	conn, err := a.connectToLook(t, o.callFlags)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	live, err := apply.Look(ctx, conn.reader, resources, input.Known, o.parallelism, a.now)
	if err != nil {
		return nil, reading(err)
	}
	return live, nil
}

// changeOf finds what a plan does about the address, or says why it does nothing.
func changeOf(p *plan.Plan, e *render.Explained, input plan.Input) (*plan.Change, string) {
	for _, c := range p.Changes {
		if c.Address == e.Address {
			return c, ""
		}
	}
	if e.World.Desired[e.Address] == nil {
		return nil, "not look for it: the PATHs do not cover the lockfile's folder, so that what no manifest describes may be described elsewhere"
	}
	c := &plan.Change{Address: e.Address, Action: plan.Unchanged, Reason: "the manifest is as the lockfile remembers; Moka was not compared (--refresh does that)"}
	if input.Live != nil {
		c.Reason = "it is at Moka as the manifest says"
	}
	for _, behind := range p.Behind {
		if behind.Address == e.Address {
			c.Reason += ". The next apply mends the lockfile's line, without a call"
		}
	}
	return c, ""
}

func resultOf(account *apply.Account, address spec.Address) *apply.Result {
	for i := range account.Results {
		if account.Results[i].Address == address {
			return &account.Results[i]
		}
	}
	return nil
}

// mostGuesses is how many addresses are offered for one that is not known.
const mostGuesses = 3

// notHere says that nobody knows an address, and offers those that may have been meant: the same name as another kind, a slip of the fingers, a longer name.
func notHere(address spec.Address, w *plan.World) error {
	for _, t := range w.Known.Tombstones() {
		if t.Address == address {
			return hinted(fmt.Errorf("%s was deleted, or was gone at Moka and accepted as that (code %q)", address, t.Code), "its code is not used again: a new sale needs another one")
		}
	}
	err := fmt.Errorf("neither the manifests nor the lockfile know %s", address)
	var all, same, longer []string
	consider := func(a spec.Address) {
		text := a.String()
		all = append(all, text)
		switch {
		case a.Name == address.Name:
			same = append(same, text)
		case a.Kind == address.Kind && strings.HasPrefix(a.Name, address.Name):
			longer = append(longer, text)
		}
	}
	for a := range w.Desired {
		consider(a)
	}
	for _, e := range w.Known.Entries() {
		if w.Desired[e.Address] == nil {
			consider(e.Address)
		}
	}
	slices.Sort(same)
	slices.Sort(longer)
	var guesses []string
	for _, text := range slices.Concat(same, spec.Nearest(address.String(), all, mostGuesses), longer) {
		if len(guesses) < mostGuesses && !slices.Contains(guesses, text) {
			guesses = append(guesses, text)
		}
	}
	if len(guesses) == 0 {
		return hinted(err, "`mokasync state list` tells what the lockfile knows; is the PATH right?")
	}
	return hinted(err, "did you mean %s?", strings.Join(guesses, ", "))
}
