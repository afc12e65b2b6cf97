package spec

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// schemaText is a JSON Schema as it is written.
type schemaText struct {
	always, never bool // the schemas true and false
	unknown       bool // it has a keyword that is not among these

	Ref                  string                 `json:"$ref"`
	Defs                 map[string]*schemaText `json:"$defs"`
	Type                 typeNames              `json:"type"`
	Enum                 []any                  `json:"enum"`
	Const                json.RawMessage        `json:"const"`
	Required             []string               `json:"required"`
	Properties           map[string]*schemaText `json:"properties"`
	AdditionalProperties *schemaText            `json:"additionalProperties"`
	PropertyNames        *schemaText            `json:"propertyNames"`
	MinProperties        *int                   `json:"minProperties"`
	MaxProperties        *int                   `json:"maxProperties"`
	Items                *schemaText            `json:"items"`
	MinItems             *int                   `json:"minItems"`
	MaxItems             *int                   `json:"maxItems"`
	UniqueItems          bool                   `json:"uniqueItems"`
	MinLength            *int                   `json:"minLength"`
	MaxLength            *int                   `json:"maxLength"`
	Pattern              *string                `json:"pattern"`
	Minimum              json.Number            `json:"minimum"`
	ExclusiveMinimum     json.Number            `json:"exclusiveMinimum"`
	Maximum              json.Number            `json:"maximum"`
	ExclusiveMaximum     json.Number            `json:"exclusiveMaximum"`
	Not                  *schemaText            `json:"not"`
	If                   *schemaText            `json:"if"`
	Then                 *schemaText            `json:"then"`
	Else                 *schemaText            `json:"else"`
	AllOf                []*schemaText          `json:"allOf"`
	AnyOf                []*schemaText          `json:"anyOf"`
	OneOf                []*schemaText          `json:"oneOf"`

	// These judge nothing.
	Schema      nothing `json:"$schema"`
	ID          nothing `json:"$id"`
	Title       nothing `json:"title"`
	Description nothing `json:"description"`
	Default     nothing `json:"default"`
}

// nothing passes over a value.
type nothing struct{}

// UnmarshalJSON takes whatever there is.
func (*nothing) UnmarshalJSON([]byte) error { return nil }

// typeNames are one or more.
type typeNames []string

// UnmarshalJSON takes a name or a list of them.
func (t *typeNames) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		*t = make(typeNames, 1)
		return json.Unmarshal(text, &(*t)[0])
	}
	return json.Unmarshal(text, (*[]string)(t))
}

// UnmarshalJSON reads a schema; a keyword that is not known is noted.
func (s *schemaText) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		s.always = true
		return nil
	case "false":
		s.never = true
		return nil
	}
	type plain schemaText // without this method
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode((*plain)(s)) == nil {
		return nil
	}
	*s = schemaText{}
	err := json.Unmarshal(text, (*plain)(s))
	s.unknown = true
	return err
}

// check makes a check of a schema, nil of none. defs are those of its document.
func (s *schemaText) check(defs map[string]*schemaText) *quickCheck {
	if s == nil {
		return nil
	}
	q := &quickCheck{never: s.never, unsure: s.unknown, required: s.Required, unique: s.UniqueItems, counts: [6]int{-1, -1, -1, -1, -1, -1},
		not: s.Not.check(defs), names: s.PropertyNames.check(defs), items: s.Items.check(defs), ifs: [3]*quickCheck{s.If.check(defs), s.Then.check(defs), s.Else.check(defs)},
		all: checksOf(s.AllOf, defs), anyOf: checksOf(s.AnyOf, defs), oneOf: checksOf(s.OneOf, defs)}
	if s.Ref != "" {
		name, ours := strings.CutPrefix(s.Ref, "#/$defs/")
		q.ref = defs[name].check(defs)
		q.unsure = q.unsure || !ours || q.ref == nil
	}
	q.combines = q.ref != nil || q.not != nil || q.ifs[0] != nil || len(q.all)+len(q.anyOf)+len(q.oneOf) > 0
	for i, bound := range []*int{s.MinProperties, s.MaxProperties, s.MinItems, s.MaxItems, s.MinLength, s.MaxLength} {
		if bound != nil {
			q.counts[i] = *bound
		}
	}
	if s.Pattern != nil {
		q.patternText, q.pattern = *s.Pattern, quickPattern(*s.Pattern)
	}
	for _, name := range s.Type {
		q.types |= jsonTypes[name]
	}
	s.words(q)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		q.add(property{name, s.Properties[name].check(defs)})
	}
	switch more := s.AdditionalProperties; {
	case more == nil || more.always:
	case more.never:
		q.closed = true
	default:
		q.others = more.check(defs)
	}
	for i, bound := range []json.Number{s.Minimum, s.ExclusiveMinimum, s.Maximum, s.ExclusiveMaximum} {
		if bound != "" {
			q.above[i] = hundredths(bound)
			q.unsure = q.unsure || q.above[i] == nil
		}
	}
	return q
}

func checksOf(list []*schemaText, defs map[string]*schemaText) (out []*quickCheck) {
	for _, s := range list {
		out = append(out, s.check(defs))
	}
	return out
}

// words takes what enum and const name, as far as it is texts.
func (s *schemaText) words(q *quickCheck) {
	names := slices.Clone(s.Enum)
	if len(s.Const) > 0 {
		var constant any
		q.unsure = q.unsure || json.Unmarshal(s.Const, &constant) != nil
		names = append(names, constant)
	}
	for _, w := range names {
		text, ok := w.(string)
		q.words, q.unsure = append(q.words, text), q.unsure || !ok
	}
}

// hundredths gives a number in hundredths, nil if it is no whole number of them.
func hundredths(number json.Number) *int64 {
	n, ok := new(big.Rat).SetString(string(number))
	if !ok {
		return nil
	}
	n.Mul(n, big.NewRat(100, 1))
	if !n.IsInt() || !n.Num().IsInt64() {
		return nil
	}
	out := n.Num().Int64()
	return &out
}
