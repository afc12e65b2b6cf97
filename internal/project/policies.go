package project

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// policyName is what a policy may be called: words of small letters and digits, joined by single hyphens.
var policyName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// maxPolicyName and maxPolicyMessage are in characters.
const (
	maxPolicyName    = 63
	maxPolicyMessage = 500
)

// Policies gives every policy of the file: those under spec, then those of each environment.
func (f *File) Policies() []policy.Rule {
	if f == nil {
		return nil
	}
	all := slices.Clone(f.settings.Policies)
	for _, e := range f.Environments {
		all = append(all, e.settings.Policies...)
	}
	return all
}

// PoliciesAt gives the policies at an endpoint, by its name, where the lockfile in force is not that of an environment in force: like guards, those of every environment of that endpoint.
func (f *File) PoliciesAt(endpointName string) []policy.Rule {
	if f == nil {
		return nil
	}
	rules := slices.Clone(f.settings.Policies)
	for _, e := range f.Environments {
		if e.EndpointName == endpointName {
			rules = append(rules, e.settings.Policies...)
		}
	}
	return rules
}

// policies reads a list of policies.
func (r *reader) policies(n *yaml.Node, into *[]policy.Rule) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, "write a list of policies, each with name, expression and message")
		return
	}
	for _, item := range n.Content {
		if rule, name, ok := r.policy(item); ok {
			*into = append(*into, rule)
			r.names[into] = append(r.names[into], name)
		}
	}
}

// policy reads one policy, and gives its name's place too; false after a mistake.
func (r *reader) policy(item *yaml.Node) (rule policy.Rule, name *yaml.Node, ok bool) {
	before := len(r.ds)
	rule.Severity = spec.Error
	keys := r.each(item, "policy", map[string]func(*yaml.Node){
		"name":       func(v *yaml.Node) { name = v; rule.Name = r.policyName(v) },
		"expression": func(v *yaml.Node) { r.expression(v, &rule) },
		"message":    func(v *yaml.Node) { rule.Message = r.message(v) },
		"severity": func(v *yaml.Node) {
			var said Said[string]
			if r.word(v, &said, string(spec.Error), string(spec.Warning), string(spec.Info)); said.At != "" {
				rule.Severity = spec.Severity(said.Value)
			}
		},
	})
	if keys < 0 || len(r.ds) > before {
		return rule, name, false
	}
	for _, part := range []struct{ key, is string }{{"name", rule.Name}, {"expression", rule.Expression}, {"message", rule.Message}} {
		if part.is == "" {
			r.errorf(item, "this policy has no %s: it needs name, expression and message", part.key)
			return rule, name, false
		}
	}
	return rule, &yaml.Node{Kind: yaml.ScalarNode, Value: rule.Name, Line: name.Line, Column: name.Column}, true
}

func (r *reader) policyName(n *yaml.Node) string {
	v := r.scalar(n, "a name such as only-lira", "!!str", "!!int")
	if v == nil {
		return ""
	}
	if !policyName.MatchString(v.Value) || len(v.Value) > maxPolicyName {
		r.errorf(v, "a policy's name is words of small letters and digits joined by -, such as only-lira, with no more than %d characters", maxPolicyName)
		return ""
	}
	return v.Value
}

func (r *reader) expression(n *yaml.Node, rule *policy.Rule) {
	v := r.scalar(n, "an expression, in quotes if it holds a colon or a #", "!!str", "!!bool")
	switch {
	case v == nil:
	case v.Value == "":
		r.errorf(v, "write an expression, such as resource.kind == \"Sale\" && resource.spec.currency != \"TL\"")
	case len(v.Value) > policy.MaxExpression:
		r.errorf(v, "an expression has no more than %d bytes, and this one has %d", policy.MaxExpression, len(v.Value))
	default:
		rule.Expression, rule.At = v.Value, r.inside(v)
	}
}

func (r *reader) message(n *yaml.Node) string {
	v := r.scalar(n, "a sentence that says what is wrong and what to do", "!!str")
	if v == nil {
		return ""
	}
	text := strings.TrimSpace(v.Value) // a block ends with a line break
	if text == "" || utf8.RuneCountInString(text) > maxPolicyMessage || strings.ContainsFunc(text, unicode.IsControl) {
		r.errorf(v, "write a sentence of one line, with no more than %d characters", maxPolicyMessage)
		return ""
	}
	return text
}

// apartPolicies judges the policies that hold together: those under spec, and those of an environment beside them.
func (r *reader) apartPolicies() {
	base := r.names[&r.file.settings.Policies]
	r.oneName(nil, base)
	for _, e := range r.file.Environments {
		r.oneName(base, r.names[&e.settings.Policies])
	}
}

// oneName refuses a name for two policies, and more policies than may hold.
func (r *reader) oneName(base, own []*yaml.Node) {
	seen := map[string]bool{}
	for i, n := range slices.Concat(base, own) {
		switch {
		case i < len(base):
		case i == policy.MaxRules:
			r.errorf(n, "more than %d policies would hold here", policy.MaxRules)
			return
		case seen[n.Value]:
			r.errorf(n, "another policy that holds here is called %s: it is by its name that each is told", n.Value)
		}
		seen[n.Value] = true
	}
}
