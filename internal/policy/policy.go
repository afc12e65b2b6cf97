// Package policy has expressions of a merchant's own judge manifests and plans. They are written in CEL, the Common Expression Language, in mokasync.yaml; docs/policies.md tells what they can use.
//
// An expression sees values and nothing else: no file, no clock, no network. What it may cost is bounded, in the same way on every machine.
// environment.go holds what CEL is told, cost.go what an evaluation may cost, object.go how values look from inside an expression, words.go what is known to be never true, mistake.go what is said of errors.
package policy

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/mokasync/mokasync/internal/spec"
)

// MaxExpression is how many bytes an expression may have, MaxRules how many rules may hold at once.
const (
	MaxExpression = 4 << 10
	MaxRules      = 100
)

// Rule is one policy as mokasync.yaml says it.
type Rule struct {
	// Name is unique among the rules that hold together.
	Name string
	// Expression is CEL; what it is true of is told, with Message.
	Expression, Message string
	Severity            spec.Severity
	// At gives the place of a character of Expression, from 0, as a Diagnostic without a message. -1 stands for the whole expression, and so does what cannot be placed.
	At func(char int) spec.Diagnostic
}

// Set is rules that are ready to judge.
type Set struct{ rules []*compiled }

// compiled is a rule that is ready to judge.
type compiled struct {
	Rule
	ast     *cel.Ast
	program func() (cel.Program, error)
	uses    map[string]bool // of the variables
}

// Compile reads rules. Each mistake comes at its place, and is an error; the Set holds the rules without one.
func Compile(rules []Rule) (*Set, []spec.Diagnostic) {
	set := &Set{}
	if len(rules) == 0 {
		return set, nil
	}
	env, err := environment()
	if err != nil {
		return set, []spec.Diagnostic{rules[0].mistake(-1, "policies cannot be read: %v", err)}
	}
	var ds []spec.Diagnostic
	for _, rule := range rules {
		c, mistakes := compile(env, rule)
		if ds = append(ds, mistakes...); c != nil {
			set.rules = append(set.rules, c)
		}
	}
	return set, ds
}

func compile(env *cel.Env, rule Rule) (*compiled, []spec.Diagnostic) {
	ast, issues := env.Compile(rule.Expression)
	if issues.Err() != nil {
		return nil, rule.mistakes(issues.Errors())
	}
	if out := ast.OutputType(); !out.IsExactType(cel.BoolType) {
		return nil, []spec.Diagnostic{rule.mistake(-1, "the expression gives %s, and is to give true or false: compare it with something", typeWord(out))}
	}
	if ds := slices.Concat(rule.neverTrue(ast.NativeRep()), rule.badPatterns(ast.NativeRep()), rule.badZones(ast.NativeRep()), rule.badValues(ast.NativeRep())); len(ds) > 0 {
		return nil, ds
	}
	c := &compiled{Rule: rule, ast: ast, uses: map[string]bool{}}
	for _, r := range ast.NativeRep().ReferenceMap() {
		c.uses[r.Name] = true
	}
	c.program = sync.OnceValues(func() (cel.Program, error) {
		return env.Program(ast, append(bounded(), cel.EvalOptions(cel.OptOptimize))...)
	})
	if _, err := c.program(); err != nil {
		return nil, []spec.Diagnostic{rule.mistake(-1, "the expression cannot be used: %s", plain(err.Error()))}
	}
	return c, nil
}

// perResource reports whether a rule judges one resource after another.
func (c *compiled) perResource() bool { return c.uses["resource"] || c.uses["change"] }

// planned reports whether a rule judges what is planned, so that manifests alone are not enough.
func (c *compiled) planned() bool { return c.uses["change"] || c.uses["money"] }

// placed reports whether a rule asks for which account and environment it judges.
func (c *compiled) placed() bool { return c.uses["endpoint"] || c.uses["environment"] }

// judge tells whether a rule's expression is true. The error is what CEL says, or ctx's.
func (c *compiled) judge(ctx context.Context, v *variables) (bool, error) {
	program, err := c.program()
	if err != nil {
		return false, err
	}
	out, _, err := program.ContextEval(ctx, v)
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, err
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("no such overload")
	}
	return yes, nil
}
