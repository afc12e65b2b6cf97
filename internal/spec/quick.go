package spec

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// quickCheck judges a YAML tree by a compiled JSON Schema without making JSON of it, in a tenth of the validator's time. It is made from the schema,
// so that there is nothing to keep in step, and where it is not sure the validator decides. A fuzz test holds the two together.
type quickCheck struct {
	never, unsure bool // the schema false; a schema with keywords that are not known here
	types         []string
	words         []string // enum or const
	required      []string
	properties    map[string]*quickCheck
	closed        bool        // no other keys
	others        *quickCheck // what other keys hold
	names         *quickCheck
	items         *quickCheck
	unique        bool
	counts        [6]int // least and most properties, items, characters; -1 for no bound
	pattern       *regexp.Regexp
	above         [4]*int64 // minimum, exclusiveMinimum, maximum, exclusiveMaximum, in hundredths
	ref, not      *quickCheck
	ifs           [3]*quickCheck // if, then, else
	all           []*quickCheck
	anyOf, oneOf  []*quickCheck
}

// finding is what a quickCheck makes of a node.
type finding uint8

const (
	unsure finding = iota
	fits
	fails
)

var quickChecks = sync.OnceValue(func() map[Kind]*quickCheck {
	out := map[Kind]*quickCheck{}
	for k, s := range compiled() {
		out[k] = quickFrom(s)
	}
	return out
})

func quickOf(k Kind) *quickCheck { return quickChecks()[k] }

// quickFrom makes a check of a schema, nil of none.
func quickFrom(s *jsonschema.Schema) *quickCheck {
	if s == nil {
		return nil
	}
	q := &quickCheck{types: s.Types, required: s.Required, unique: s.UniqueItems, pattern: s.Pattern,
		counts: [6]int{s.MinProperties, s.MaxProperties, s.MinItems, s.MaxItems, s.MinLength, s.MaxLength},
		ref:    quickFrom(s.Ref), not: quickFrom(s.Not), names: quickFrom(s.PropertyNames), items: quickFrom(s.Items2020),
		ifs: [3]*quickCheck{quickFrom(s.If), quickFrom(s.Then), quickFrom(s.Else)},
		all: quickList(s.AllOf), anyOf: quickList(s.AnyOf), oneOf: quickList(s.OneOf)}
	q.unsure = s.Format != "" || s.RecursiveRef != nil || s.DynamicRef != nil || len(s.PatternProperties) > 0 || len(s.Dependencies) > 0 ||
		len(s.DependentRequired) > 0 || len(s.DependentSchemas) > 0 || s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil || s.Items != nil ||
		len(s.PrefixItems) > 0 || s.Contains != nil || s.ContentEncoding != "" || s.ContentMediaType != "" || s.MultipleOf != nil || len(s.Extensions) > 0
	q.never = s.Always != nil && !*s.Always
	for _, w := range append(s.Enum[:len(s.Enum):len(s.Enum)], s.Constant...) {
		text, ok := w.(string)
		q.words, q.unsure = append(q.words, text), q.unsure || !ok
	}
	if len(s.Properties) > 0 {
		q.properties = make(map[string]*quickCheck, len(s.Properties))
		for name, p := range s.Properties {
			q.properties[name] = quickFrom(p)
		}
	}
	switch more := s.AdditionalProperties.(type) {
	case bool:
		q.closed = !more
	case *jsonschema.Schema:
		q.others = quickFrom(more)
	}
	for i, bound := range []*big.Rat{s.Minimum, s.ExclusiveMinimum, s.Maximum, s.ExclusiveMaximum} {
		if bound != nil {
			n := new(big.Rat).Mul(bound, big.NewRat(100, 1))
			hundredths := n.Num().Int64()
			q.above[i], q.unsure = &hundredths, q.unsure || !n.IsInt() || !n.Num().IsInt64()
		}
	}
	return q
}

func quickList(list []*jsonschema.Schema) []*quickCheck {
	var out []*quickCheck
	for _, s := range list {
		out = append(out, quickFrom(s))
	}
	return out
}

// judge tells what the schema makes of a node without aliases whose keys are texts that stand once.
func (q *quickCheck) judge(n *yaml.Node) finding {
	switch {
	case q.unsure:
		return unsure
	case q.never:
		return fails
	}
	kind, hundredths, ok := quickType(n)
	if !ok {
		return unsure
	}
	if len(q.types) > 0 && !q.takes(kind, hundredths) {
		return fails
	}
	v := fits
	if len(q.words) > 0 {
		v = sure(kind == "string" && contains(q.words, n.Value))
	}
	switch kind {
	case "string":
		length := utf8.RuneCountInString(n.Value)
		v = both(v, sure(q.within(4, length) && (q.pattern == nil || q.pattern.MatchString(n.Value))))
	case "number":
		v = both(v, sure(q.inBounds(hundredths)))
	case "object":
		v = both(v, q.object(n))
	case "array":
		v = both(v, q.array(n))
	}
	return both(v, q.combined(n))
}

// quickType gives the JSON type of what a node becomes, and a number's value in hundredths; ok is false for numbers in other spellings than money's.
func quickType(n *yaml.Node) (kind string, hundredths int64, ok bool) {
	switch n.Kind {
	case yaml.MappingNode:
		return "object", 0, true
	case yaml.SequenceNode:
		return "array", 0, true
	}
	switch n.Tag {
	case "!!bool":
		return "boolean", 0, true
	case "!!null":
		return "null", 0, true
	case "!!int", "!!float":
		if !moneyForm.MatchString(n.Value) {
			return "", 0, false
		}
		whole, cents, _ := strings.Cut(n.Value, ".")
		hundredths, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
		return "number", hundredths, err == nil
	}
	return "string", 0, true
}

func (q *quickCheck) takes(kind string, hundredths int64) bool {
	return contains(q.types, kind) || kind == "number" && hundredths%100 == 0 && contains(q.types, "integer")
}

// within reports whether a count keeps to the bounds at i and i+1.
func (q *quickCheck) within(i, count int) bool {
	return (q.counts[i] < 0 || count >= q.counts[i]) && (q.counts[i+1] < 0 || count <= q.counts[i+1])
}

func (q *quickCheck) inBounds(n int64) bool {
	return (q.above[0] == nil || n >= *q.above[0]) && (q.above[1] == nil || n > *q.above[1]) &&
		(q.above[2] == nil || n <= *q.above[2]) && (q.above[3] == nil || n < *q.above[3])
}

func (q *quickCheck) object(n *yaml.Node) finding {
	v := sure(q.within(0, len(n.Content)/2))
	for _, key := range q.required {
		v = both(v, sure(childOf(n, key) != nil))
	}
	for i := 0; i+1 < len(n.Content) && v != fails; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if q.names != nil {
			v = both(v, q.names.judge(key))
		}
		switch p := q.properties[key.Value]; {
		case p != nil:
			v = both(v, p.judge(value))
		case q.closed:
			v = fails
		case q.others != nil:
			v = both(v, q.others.judge(value))
		}
	}
	return v
}

func (q *quickCheck) array(n *yaml.Node) finding {
	v := sure(q.within(2, len(n.Content)))
	for i, c := range n.Content {
		if q.items != nil {
			v = both(v, q.items.judge(c))
		}
		for _, before := range n.Content[:i] {
			if q.unique && (len(n.Content) > 20 || quickEqual(before, c)) {
				v = both(v, unsure) // the validator knows what is equal
			}
		}
	}
	return v
}

// quickEqual reports whether two nodes may be equal as JSON.
func quickEqual(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.ScalarNode {
		plain := a.Tag == b.Tag && (a.Tag == "!!str" || integerForm.MatchString(a.Value) && integerForm.MatchString(b.Value))
		return !plain || a.Value == b.Value
	}
	for i := range a.Content {
		if a.Kind == yaml.SequenceNode && !quickEqual(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return a.Kind == yaml.SequenceNode || len(a.Content) != 2 || a.Content[0].Value == b.Content[0].Value && quickEqual(a.Content[1], b.Content[1])
}

// combined judges the keywords that hold other schemas for the same node.
func (q *quickCheck) combined(n *yaml.Node) finding {
	v := fits
	if q.ref != nil {
		v = q.ref.judge(n)
	}
	if q.not != nil {
		v = both(v, opposite(q.not.judge(n)))
	}
	for _, c := range q.all {
		v = both(v, c.judge(n))
	}
	if len(q.anyOf) > 0 {
		v = both(v, count(q.anyOf, n, func(fitting int) bool { return fitting > 0 }))
	}
	if len(q.oneOf) > 0 {
		v = both(v, count(q.oneOf, n, func(fitting int) bool { return fitting == 1 }))
	}
	if q.ifs[0] != nil {
		v = both(v, q.conditional(n))
	}
	return v
}

func (q *quickCheck) conditional(n *yaml.Node) finding {
	var branch *quickCheck
	switch q.ifs[0].judge(n) {
	case fits:
		branch = q.ifs[1]
	case fails:
		branch = q.ifs[2]
	default:
		return unsure
	}
	if branch == nil {
		return fits
	}
	return branch.judge(n)
}

func count(list []*quickCheck, n *yaml.Node, enough func(int) bool) finding {
	fitting := 0
	for _, c := range list {
		switch c.judge(n) {
		case fits:
			fitting++
		case unsure:
			return unsure
		}
	}
	return sure(enough(fitting))
}

func sure(ok bool) finding {
	if ok {
		return fits
	}
	return fails
}

func opposite(v finding) finding { return [...]finding{unsure: unsure, fits: fails, fails: fits}[v] }

// both is what two judgements come to that must both hold.
func both(a, b finding) finding {
	if a == fails || b == fails {
		return fails
	}
	return min(a, b)
}

func contains(list []string, s string) bool {
	for _, t := range list {
		if t == s {
			return true
		}
	}
	return false
}
