package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/guard"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

// waiveFlags let guards through for one plan.
type waiveFlags struct {
	texts   []string
	waivers []guard.Waiver
}

func (w *waiveFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&w.texts, "waive", nil, "let this guard of mokasync.yaml through for the plan of this digest and no other: GUARD=DIGEST; may be given again")
}

func (w *waiveFlags) read(cmd *cobra.Command) error {
	for _, text := range w.texts {
		waiver, err := guard.ParseWaiver(text)
		if err != nil {
			return usageError(cmd, fmt.Errorf("--waive: %w", err))
		}
		w.waivers = append(w.waivers, waiver)
	}
	return nil
}

// guard finds the guards that a plan breaks; one that breaks any gets its digest, by which they are waived.
func (a *app) guard(made *planned) {
	made.plan.Guards = guard.Check(guard.Input{Plan: made.plan, Guards: made.target.settings.Guards, Now: a.now()})
	if len(made.plan.Guards) > 0 {
		made.name()
	}
}

// guarded refuses a plan that breaks a guard which is not waived for it, and tells of waivers. Where nothing is left to do, those for other plans are no matter: it is what a job comes to
// that is run again.
func (r *applying) guarded(p *plan.Plan) error {
	broken := r.broken(p)
	if len(broken) == 0 && len(r.o.waivers) == 0 {
		return nil
	}
	digests := r.digestsOf(p)
	v := guard.Judge(broken, r.o.waivers, digests...)
	if p.Planned() == 0 {
		for _, w := range r.o.waivers {
			r.warn("--waive %s: nothing is left to do", w)
		}
		return nil
	}
	if len(v.Stops) > 0 || len(v.Foreign) > 0 {
		return r.refuseGuarded(v, digests[0])
	}
	for _, w := range v.Used {
		fmt.Fprintf(r.Stderr, "mokasync: guard %s is waived for this plan (digest %s)\n", w.Guard, w.Digest)
	}
	for _, w := range v.Idle {
		if guard.WaivesHours([]guard.Waiver{w}) && len(r.t.settings.Guards.NoWritesBetween.Value) > 0 {
			fmt.Fprintf(r.Stderr, "mokasync: guard %s is waived for this plan (digest %s), should its hours begin\n", w.Guard, w.Digest)
			continue
		}
		r.warn("--waive %s: this plan does not break %s", w, w.Guard)
	}
	return nil
}

// stillGuarded asks once more, after somebody was waited for: hours may have begun, or a day.
func (r *applying) stillGuarded(p *plan.Plan) error {
	digests := r.digestsOf(p)
	if v := guard.Judge(r.broken(p), r.o.waivers, digests...); len(v.Stops) > 0 {
		return r.refuseGuarded(guard.Verdict{Stops: v.Stops}, digests[0])
	}
	return nil
}

func (r *applying) broken(p *plan.Plan) []plan.BrokenGuard {
	return guard.Check(guard.Input{Plan: p, Guards: r.t.settings.Guards, Now: r.now()})
}

// digestsOf gives those under which a plan goes: its own, and that of the saved plan which it was found to be. The two differ where that was made without knowing the dealer.
func (r *applying) digestsOf(p *plan.Plan) []string {
	key := r.t.store.Key
	digests := []string{planfile.Digest(p, key)}
	if r.reviewed != nil && r.reviewed.Dealer != p.Dealer {
		as := *p
		as.Dealer = r.reviewed.Dealer
		digests = append(digests, planfile.Digest(&as, key))
	}
	return digests
}

// refuseGuarded ends a run before its first write, naming the guards and the waivers that would let the plan through.
func (r *applying) refuseGuarded(v guard.Verdict, digest string) error {
	var ds []spec.Diagnostic
	for _, w := range v.Foreign {
		ds = append(ds, spec.Diagnostic{Severity: spec.Error, Message: fmt.Sprintf("--waive %s is for another plan: the digest of this one is %s", w, digest)})
	}
	var flags []string
	for _, b := range v.Stops {
		flag := "--waive " + guard.For(b, digest).String()
		d := spec.Diagnostic{Severity: spec.Error, Message: "guard " + b.Guard + ": " + b.Message}
		if r.o.format == "json" { // in text a hint names all of them
			d.Message += "; " + flag + " lets this plan through"
		}
		d.File, d.Line, d.Column = b.Place()
		ds = append(ds, d)
		if len(flags) == 0 || flags[len(flags)-1] != flag { // those of one guard stand together
			flags = append(flags, flag)
		}
	}
	if err := r.refuse(ds); err != nil && r.o.format == "json" {
		return err
	}
	what, hint := fmt.Sprintf("%s of mokasync.yaml refuse this plan: nothing was done", counted(len(flags), "guard")), "look at `"+r.planCommand()+"`; if all of it is meant, say "+strings.Join(flags, " ")
	switch {
	case len(flags) == 0:
		what, hint = "what was waived is another plan: nothing was done", "look at `"+r.planCommand()+"`: it is not the plan that was let through"
	case len(flags) == 1:
		what = "a guard of mokasync.yaml refuses this plan: nothing was done"
	}
	return hinted(errors.New(what), "%s", hint)
}

// closed says why no call that changes anything may begin at a moment, "" where it may: hours of mokasync.yaml without writes. nil where they are waived, and for a plan that makes no such call.
func (r *applying) closed(p *plan.Plan) func(time.Time) string {
	if guard.WaivesHours(r.o.waivers) || !guard.Writes(p) { // waivers for other plans were refused
		return nil
	}
	guards := r.t.settings.Guards
	return func(now time.Time) string {
		hours, in := guard.InHours(guards, now)
		if !in {
			return ""
		}
		return fmt.Sprintf("the hours %s in Istanbul have begun, in which nothing is changed (noWritesBetween, %s); the next apply goes on", hours, hours.At)
	}
}
