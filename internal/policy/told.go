package policy

import (
	"context"
	"fmt"

	"github.com/google/cel-go/common/types/ref"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// World is what expressions see beside a plan.
type World struct {
	// Resources are all manifests, in the order in which they are told of.
	Resources []*spec.Resource
	// Today is the day in Europe/Istanbul, YYYY-MM-DD.
	Today string
	// Endpoint is its name: sandbox, test, live, or host_port; "" where none is meant yet: rules that ask for endpoint or environment are left out then. Environment is "" for none.
	Endpoint, Environment string
}

// Manifests judges by the rules for which manifests are enough: those that ask neither for change nor for money. The error is ctx's.
func (s *Set) Manifests(ctx context.Context, w World) ([]spec.Diagnostic, error) {
	return s.each(func(c *compiled) bool { return !c.planned() && (w.Endpoint != "" || !c.placed()) }, func(c *compiled) ([]spec.Diagnostic, error) {
		j := c.judging(ctx, w, nil)
		if !c.perResource() {
			return j.once()
		}
		return j.resources()
	})
}

// Plan judges by the rules that Manifests leaves to it. selected are the manifests that the plan is about, nil for all. The error is ctx's.
func (s *Set) Plan(ctx context.Context, w World, p *plan.Plan, selected map[spec.Address]bool) ([]spec.Diagnostic, error) {
	money := moneyOf(p)
	var steps []*step // made when the first rule asks for them
	return s.each((*compiled).planned, func(c *compiled) ([]spec.Diagnostic, error) {
		j := c.judging(ctx, w, money)
		switch {
		case !c.perResource():
			return j.once()
		case !c.uses["change"]:
			return j.resources()
		}
		if steps == nil {
			steps = stepsOf(w.Resources, p, selected)
		}
		return j.steps(steps)
	})
}

func (s *Set) each(meant func(*compiled) bool, judge func(*compiled) ([]spec.Diagnostic, error)) ([]spec.Diagnostic, error) {
	var ds []spec.Diagnostic
	for _, c := range s.rules {
		if !meant(c) {
			continue
		}
		told, err := judge(c)
		if err != nil {
			return nil, err
		}
		ds = append(ds, told...)
	}
	return ds, nil
}

// stepsOf gives what becomes of each resource: those with a manifest first, in their order, then those that only the lockfile knows.
func stepsOf(resources []*spec.Resource, p *plan.Plan, selected map[spec.Address]bool) []*step {
	changes := make(map[spec.Address]*plan.Change, len(p.Changes))
	for _, c := range p.Changes {
		changes[c.Address] = c
	}
	steps := make([]*step, 0, len(resources))
	described := make(map[spec.Address]bool, len(resources))
	for _, r := range resources {
		c := changes[r.Address]
		described[r.Address] = true
		if selected == nil || selected[r.Address] || c != nil {
			steps = append(steps, &step{r.Address, c})
		}
	}
	for _, c := range p.Changes {
		if !described[c.Address] {
			steps = append(steps, &step{c.Address, c})
		}
	}
	return steps
}

// judging is one rule at work.
type judging struct {
	*compiled
	ctx   context.Context
	world World
	vars  variables
	told  []spec.Diagnostic
	// failed counts the resources at which the expression failed; the others say why it did at the first.
	failed   int
	failedAt spec.Address
	char     int
	why      string
	over     bool // it ran too long: it is not asked again
}

func (c *compiled) judging(ctx context.Context, w World, money ref.Val) *judging {
	return &judging{compiled: c, ctx: ctx, world: w, vars: variables{money: money, today: w.Today, endpoint: w.Endpoint, environment: w.Environment}}
}

func (j *judging) once() ([]spec.Diagnostic, error) {
	if err := j.ask(spec.Address{}, nil); err != nil {
		return nil, err
	}
	return j.all(), nil
}

func (j *judging) resources() ([]spec.Diagnostic, error) {
	for _, r := range j.world.Resources {
		j.vars.resource = resourceClass.of(thingOf(r))
		if err := j.ask(r.Address, r); err != nil || j.over {
			return j.all(), err
		}
	}
	return j.all(), nil
}

func (j *judging) steps(steps []*step) ([]spec.Diagnostic, error) {
	manifests := make(map[spec.Address]*spec.Resource, len(j.world.Resources))
	for _, r := range j.world.Resources {
		manifests[r.Address] = r
	}
	for _, s := range steps {
		r := manifests[s.address]
		seen := &thing{address: s.address}
		switch {
		case r != nil:
			seen = thingOf(r)
		case s.change.Known != nil:
			seen.labels, seen.annotations = s.change.Known.Labels, s.change.Known.Annotations
		}
		j.vars.resource, j.vars.change = resourceClass.of(seen), changeClass.of(s)
		if err := j.ask(s.address, r); err != nil || j.over {
			return j.all(), err
		}
	}
	return j.all(), nil
}

// ask evaluates once, and keeps what is to be told. r is the manifest at whose place that is, nil for the rule's own.
func (j *judging) ask(a spec.Address, r *spec.Resource) error {
	yes, err := j.judge(j.ctx, &j.vars)
	switch {
	case j.ctx.Err() != nil:
		return j.ctx.Err()
	case err != nil:
		j.fail(a, err)
	case yes:
		j.tell(a, r)
	}
	return nil
}

func (j *judging) tell(a spec.Address, r *spec.Resource) {
	d := j.At(-1)
	if r != nil {
		d = spec.Diagnostic{File: r.File, Line: r.Line, Column: r.Column}
	}
	d.Severity, d.Message = j.Severity, j.Message+" (policy "+j.Name+")"
	if !a.IsZero() {
		d.Address, d.Message = a.String(), a.String()+": "+d.Message
	}
	j.told = append(j.told, d)
}

// fail keeps the first failure, and counts the others: they are mostly the same.
func (j *judging) fail(a spec.Address, err error) {
	char, why := j.compiled.failure(err)
	j.over = why == runsTooLong
	if j.failed++; j.failed == 1 {
		j.failedAt, j.char, j.why = a, char, why
	}
}

// all gives what the rule tells, its own failure first.
func (j *judging) all() []spec.Diagnostic {
	if j.failed == 0 {
		return j.told
	}
	more := ""
	if j.failed > 1 {
		more = fmt.Sprintf(" and %d more", j.failed-1)
	}
	where := ""
	if !j.failedAt.IsZero() {
		where = j.failedAt.String() + more + ": "
	}
	d := j.mistake(j.char, "%s", where+j.why)
	d.Address = j.failedAt.String()
	return append([]spec.Diagnostic{d}, j.told...)
}
