package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// The checks that are made of the schemas' text are those that the validator's own reading of the schemas gives, member by member.
func TestQuickChecksAreTheSchemas(t *testing.T) {
	for _, k := range Kinds() {
		var got, want strings.Builder
		spell(t, &got, quickOf(k), "")
		spell(t, &want, quickFrom(compiled()[k]), "")
		if got.String() != want.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", k, got.String(), want.String())
		}
		if strings.Count(got.String(), "\n") < 20 {
			t.Errorf("%s: the check has hardly anything:\n%s", k, got.String())
		}
	}
}

// What is not known of a schema's keywords is not judged by.
func TestQuickCheckOfUnknown(t *testing.T) {
	for text, unsure := range map[string]bool{
		`{"type":"string"}`: false, `{"type":["string","null"],"title":"x"}`: false, `true`: false, `false`: false, `{"const":"a"}`: false, `{"minimum":0.25}`: false,
		`{"format":"date"}`: true, `{"type":"string","patternProperties":{}}`: true, `{"$ref":"#/$defs/none"}`: true, `{"$ref":"other.json"}`: true, `{"const":1}`: true, `{"const":null}`: true, `{"minimum":0.001}`: true,
	} {
		var s schemaText
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if got := s.check(s.Defs).unsure; got != unsure {
			t.Errorf("%s: unsure %t, want %t", text, got, unsure)
		}
	}
}

// spell writes all that a check has.
func spell(t *testing.T, b *strings.Builder, q *quickCheck, at string) {
	t.Helper()
	if q == nil {
		return
	}
	fmt.Fprintf(b, "%s: never %t unsure %t types %b words %q required %q closed %t unique %t counts %v combines %t", at, q.never, q.unsure, q.types, q.words, q.required, q.closed, q.unique, q.counts, q.combines)
	for i, bound := range q.above {
		if bound != nil {
			fmt.Fprintf(b, " above[%d] %d", i, *bound)
		}
	}
	if q.patternText != "" {
		fmt.Fprintf(b, " pattern %s", q.patternText)
	}
	b.WriteByte('\n')
	slices.SortFunc(q.properties, func(x, y property) int { return strings.Compare(x.name, y.name) })
	for _, p := range q.properties {
		spell(t, b, p.check, at+"/"+p.name)
	}
	parts := map[string]*quickCheck{"others": q.others, "names": q.names, "items": q.items, "ref": q.ref, "not": q.not, "if": q.ifs[0], "then": q.ifs[1], "else": q.ifs[2]}
	for name, list := range map[string][]*quickCheck{"all": q.all, "any": q.anyOf, "one": q.oneOf} {
		for i, part := range list {
			parts[fmt.Sprint(name, i)] = part
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		spell(t, b, parts[name], at+"#"+name)
	}
}

func patternText(s *jsonschema.Schema) string {
	if s.Pattern == nil {
		return ""
	}
	return s.Pattern.String()
}

// quickFrom makes a check of a compiled schema, nil of none.
func quickFrom(s *jsonschema.Schema) *quickCheck {
	if s == nil {
		return nil
	}
	q := &quickCheck{required: s.Required, unique: s.UniqueItems, patternText: patternText(s),
		counts: [6]int{s.MinProperties, s.MaxProperties, s.MinItems, s.MaxItems, s.MinLength, s.MaxLength},
		ref:    quickFrom(s.Ref), not: quickFrom(s.Not), names: quickFrom(s.PropertyNames), items: quickFrom(s.Items2020),
		ifs: [3]*quickCheck{quickFrom(s.If), quickFrom(s.Then), quickFrom(s.Else)},
		all: quickList(s.AllOf), anyOf: quickList(s.AnyOf), oneOf: quickList(s.OneOf)}
	q.combines = q.ref != nil || q.not != nil || q.ifs[0] != nil || len(q.all)+len(q.anyOf)+len(q.oneOf) > 0
	for _, name := range s.Types {
		q.types |= jsonTypes[name]
	}
	q.unsure = s.Format != "" || s.RecursiveRef != nil || s.DynamicRef != nil || len(s.PatternProperties) > 0 || len(s.Dependencies) > 0 ||
		len(s.DependentRequired) > 0 || len(s.DependentSchemas) > 0 || s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil || s.Items != nil ||
		len(s.PrefixItems) > 0 || s.Contains != nil || s.ContentEncoding != "" || s.ContentMediaType != "" || s.MultipleOf != nil || len(s.Extensions) > 0
	q.never = s.Always != nil && !*s.Always
	for _, w := range append(s.Enum[:len(s.Enum):len(s.Enum)], s.Constant...) {
		text, ok := w.(string)
		q.words, q.unsure = append(q.words, text), q.unsure || !ok
	}
	for name, p := range s.Properties {
		q.add(property{name, quickFrom(p)})
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
