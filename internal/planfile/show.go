package planfile

import (
	"fmt"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Plan gives the plan that the file keeps, for showing: hidden values are hidden, and of manifests and lockfile there is no more than a reader is shown. The error is that of a file that this program could not have written.
func (f *File) Plan() (*plan.Plan, error) {
	p := &plan.Plan{Endpoint: f.Endpoint, Dealer: f.Dealer, Partial: f.Partial, Looked: f.Looked, Sealed: f.Uncompared, Confirm: f.Confirm, Digest: f.Digest, Moves: map[spec.Address]spec.Address{}}
	p.Money = f.Money
	for _, g := range f.Guards {
		p.Guards = append(p.Guards, plan.BrokenGuard{Guard: g.Guard, Message: g.Message, At: g.At})
	}
	for word, n := range f.Summary {
		action, ok := plan.ParseAction(word)
		if !ok {
			return nil, fmt.Errorf("it counts %q, which is no action", word)
		}
		p.Counts[action] = n
	}
	for from, to := range f.Moves {
		a, err := spec.ParseAddress(from)
		if err != nil {
			return nil, err
		}
		if p.Moves[a], err = spec.ParseAddress(to); err != nil {
			return nil, err
		}
	}
	for kept, err := range f.Changes.All() {
		if err != nil {
			return nil, err
		}
		c, err := kept.change()
		if err != nil {
			return nil, err
		}
		p.Changes = append(p.Changes, c)
	}
	p.Expiries = plan.Expiries(p)
	for _, d := range f.Diagnostics {
		p.Diagnostics = append(p.Diagnostics, spec.Diagnostic{Severity: spec.Severity(d.Severity), File: d.File, Line: d.Line, Column: d.Column, Address: d.Address, Message: d.Message})
	}
	return p, nil
}

func (c *Change) change() (*plan.Change, error) {
	action, ok := plan.ParseAction(c.Action)
	if !ok || c.Address.IsZero() {
		return nil, fmt.Errorf("%q is no action, or has no address", c.Action)
	}
	out := &plan.Change{Address: c.Address, Action: action, Code: c.Code, ID: c.ID, DependsOn: c.DependsOn, Reason: c.Reason, InDoubt: c.InDoubt, ReplacedBy: c.ReplacedBy}
	for _, f := range c.Fields {
		field := c.Address.Kind.Def().Field(f.Name)
		if field == nil {
			return nil, fmt.Errorf("a %s has no field %q", c.Address.Kind, f.Name)
		}
		out.Fields = append(out.Fields, plan.FieldChange{Field: field, From: plan.Masked(field, f.From), To: plan.Masked(field, f.To)})
	}
	c.restore(out)
	return out, nil
}
