package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

// judges are the policies that hold for a run, ready to judge.
type judges struct {
	set   *policy.Set
	world policy.World
}

// judgesOf compiles the policies that hold for an account, and judges the manifests by those that need no plan. What is found is told beside the manifests' own mistakes.
func (a *app) judgesOf(ctx context.Context, t *target, in *inputs) (*judges, error) {
	j := &judges{world: policy.World{Resources: in.set.Resources, Today: a.today(), Endpoint: t.name}}
	if t.environment != nil {
		j.world.Environment = t.environment.Name
	}
	var mistakes []spec.Diagnostic
	j.set, mistakes = policy.Compile(t.settings.Policies)
	ds, err := j.set.Manifests(ctx, j.world)
	in.diagnostics = append(append(in.diagnostics, mistakes...), ds...)
	in.order(in.diagnostics)
	return j, err
}

// plan judges a plan by the policies that need one.
func (j *judges) plan(ctx context.Context, p *plan.Plan, in *inputs) ([]spec.Diagnostic, error) {
	ds, err := j.set.Plan(ctx, j.world, p, in.selected)
	in.order(ds)
	return ds, err
}

// order puts what is told of mokasync.yaml before what is told of manifests, and those in their order.
func (in *inputs) order(ds []spec.Diagnostic) {
	in.set.Sort(ds)
	of := func(d spec.Diagnostic) int {
		if filepath.Base(d.File) == project.FileName {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(ds, func(a, b spec.Diagnostic) int { return of(a) - of(b) })
}

// judgeManifests is what validate says by policies: those of the project and of the environment in force, if there is one, judge the manifests.
func (a *app) judgeManifests(ctx context.Context, in *inputs) ([]spec.Diagnostic, error) {
	file, env := a.project.file, a.project.env
	set, _ := policy.Compile(file.Settings(env).Policies) // mistakes are told with those of the whole file
	world := policy.World{Resources: in.set.Resources, Today: a.today()}
	if env != nil {
		world.Endpoint, world.Environment = env.EndpointName, env.Name
	}
	return set.Manifests(ctx, world)
}

// policyMistakes are those of all policies of a mokasync.yaml, whichever environment is in force.
func policyMistakes(file *project.File) []spec.Diagnostic {
	_, ds := policy.Compile(file.Policies())
	return ds
}
