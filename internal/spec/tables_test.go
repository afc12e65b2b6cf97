package spec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mokasync/mokasync/schemas"
)

// jsonSchema is as much of a JSON Schema as is compared with the table.
type jsonSchema struct {
	Ref                  string                 `json:"$ref"`
	Defs                 map[string]*jsonSchema `json:"$defs"`
	ID                   string                 `json:"$id"`
	Description          string                 `json:"description"`
	Type                 any                    `json:"type"`
	Const                any                    `json:"const"`
	Enum                 []string               `json:"enum"`
	Default              any                    `json:"default"`
	Required             []string               `json:"required"`
	Properties           map[string]*jsonSchema `json:"properties"`
	AdditionalProperties any                    `json:"additionalProperties"`
	Items                *jsonSchema            `json:"items"`
	MinLength            int                    `json:"minLength"`
	MaxLength            int                    `json:"maxLength"`
	Minimum              *int64                 `json:"minimum"`
	Maximum              *float64               `json:"maximum"`
	MinItems             int                    `json:"minItems"`
	MaxItems             int                    `json:"maxItems"`
	UniqueItems          bool                   `json:"uniqueItems"`
	Pattern              string                 `json:"pattern"`
}

func schemaOf(t *testing.T, k Kind) *jsonSchema {
	t.Helper()
	var s jsonSchema
	if err := json.Unmarshal(schemas.For(k.String()), &s); err != nil {
		t.Fatalf("%s: %v", k, err)
	}
	return &s
}

// resolve puts what a $ref names behind what stands beside it.
func (s *jsonSchema) resolve(root *jsonSchema) *jsonSchema {
	if s == nil || s.Ref == "" {
		return s
	}
	out := *root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	if s.Description != "" {
		out.Description = s.Description
	}
	if s.MaxLength != 0 {
		out.MaxLength = s.MaxLength
	}
	if s.MinLength != 0 {
		out.MinLength = s.MinLength
	}
	return &out
}

// TestTableAndSchemas holds the table of kinds and the JSON Schemas together, in both directions.
func TestTableAndSchemas(t *testing.T) {
	if diff := cmp.Diff(schemas.Kinds(), kindNames()); diff != "" {
		t.Errorf("kinds: schemas -, table +:\n%s", diff)
	}
	for _, k := range Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			root, def := schemaOf(t, k), k.Def()
			spec := root.Properties["spec"]
			if root.ID != schemas.URL(k.String()) {
				t.Errorf("$id is %s, want %s", root.ID, schemas.URL(k.String()))
			}
			if got := []any{root.Properties["kind"].Const, root.Properties["apiVersion"].Const}; !cmp.Equal(got, []any{k.String(), APIVersion}) {
				t.Errorf("kind and apiVersion are %v", got)
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(spec.Properties)), slices.Sorted(slices.Values(fieldNames(def)))); diff != "" {
				t.Errorf("fields: schema -, table +:\n%s", diff)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(spec.Required)), slices.Sorted(slices.Values(requiredNames(def)))); diff != "" {
				t.Errorf("required: schema -, table +:\n%s", diff)
			}
			closed(t, "", root, root)
			for i := range def.Fields {
				if s := spec.Properties[def.Fields[i].Name]; s != nil {
					compareField(t, &def.Fields[i], s.resolve(root), root)
				}
			}
		})
	}
}

func kindNames() []string {
	var out []string
	for _, k := range Kinds() {
		out = append(out, k.String())
	}
	return out
}

func fieldNames(d *Definition) []string {
	var out []string
	for _, f := range d.Fields {
		out = append(out, f.Name)
	}
	return out
}

func requiredNames(d *Definition) []string {
	var out []string
	for _, f := range d.Fields {
		if f.Required {
			out = append(out, f.Name)
		}
	}
	return out
}

// closed: every mapping of a schema says which keys it has, and every key is described.
func closed(t *testing.T, path string, s, root *jsonSchema) {
	s = s.resolve(root)
	if s.Properties != nil && s.AdditionalProperties == nil {
		t.Errorf("%s does not say what other keys it takes", path)
	}
	for name, p := range s.Properties {
		if p.resolve(root).Description == "" {
			t.Errorf("%s/%s is not described", path, name)
		}
		closed(t, path+"/"+name, p, root)
	}
}

func compareField(t *testing.T, f *Field, s, root *jsonSchema) {
	t.Helper()
	same := func(what string, schema, table any) {
		if !cmp.Equal(schema, table) {
			t.Errorf("%s: %s is %v in the schema and %v in the table", f.Name, what, schema, table)
		}
	}
	same("the longest", s.MaxLength, max(0, f.MaxRunes*btoi(f.Type != Password)))
	if wire := strings.TrimRight(f.Wire, "123"); !strings.Contains(s.Description, wire) {
		t.Errorf("%s: the description does not name Moka's %s", f.Name, wire)
	}
	if n := strings.Count(s.Description, ". ") + 1; n > 2 {
		t.Errorf("%s: the description has %d sentences; one or two are read", f.Name, n)
	}
	switch f.Type {
	case Text, Code:
		same("the empty text", s.MinLength == 0 && f.Type == Text, f.Clearable)
	case Enum:
		same("words", s.Enum, f.Words)
	case Weekdays:
		same("words", s.Items.Enum, f.Words)
		same("a set", s.UniqueItems && s.MinItems == 1, true)
	case Integer, MokaID:
		compareBounds(t, f, s)
	case Days:
		compareBounds(t, f, s.Items)
		same("a set", s.UniqueItems && s.MinItems == 1, true)
	case References:
		same("the number of cards", []int{s.MinItems, s.MaxItems}, []int{1, maxCards})
		same("keys of what is kept elsewhere", slices.Sorted(maps.Keys(s.Items.resolve(root).Properties)), slices.Sorted(slices.Values(f.Elsewhere)))
	case Reference:
		same("keys of what is kept elsewhere", slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(slices.Values(f.Elsewhere)))
	}
	if f.Sources {
		same("sources", slices.Sorted(maps.Keys(s.Properties)), []string{"fromEnv", "fromFile"})
	}
	compareDefault(t, f, s)
}

func compareBounds(t *testing.T, f *Field, s *jsonSchema) {
	t.Helper()
	high := f.Max
	if high == 0 {
		high = maxInteger
	}
	if s.Minimum == nil || *s.Minimum != f.Min || s.Maximum == nil || int64(*s.Maximum) != high {
		t.Errorf("%s: bounds are %v and %v in the schema, %d and %d in the table", f.Name, s.Minimum, s.Maximum, f.Min, high)
	}
}

func compareDefault(t *testing.T, f *Field, s *jsonSchema) {
	t.Helper()
	want := f.Default
	if want == DefaultName || want == DefaultToday {
		want = "" // cannot be said in a schema
	}
	got := ""
	if s.Default != nil {
		got = strings.Trim(jsonText(s.Default), `"`)
	}
	if got != want {
		t.Errorf("%s: the default is %q in the schema, %q in the table", f.Name, got, want)
	}
}

func jsonText(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestTable: what the code takes for granted of the table.
func TestTable(t *testing.T) {
	for _, k := range Kinds() {
		d := k.Def()
		if len(d.Fields) > maxFields {
			t.Errorf("%s has %d fields, a manifest takes %d", k, len(d.Fields), maxFields)
		}
		for i := range d.Fields {
			f := &d.Fields[i]
			if f.Kind() != k || f.Index() != i {
				t.Errorf("%s.%s does not know its place", k, f.Name)
			}
			if len(f.Words) > 0 != (f.Type == Enum || f.Type == Weekdays) || (f.Target != 0) != f.IsReference() {
				t.Errorf("%s.%s has words or a target that its type has not, or lacks them", k, f.Name)
			}
		}
	}
	if a := AddressesInOrder(); !slices.IsSortedFunc(a, Address.Compare) {
		t.Errorf("addresses are not ordered as they are printed: %v", a)
	}
}

// AddressesInOrder lists one address a kind, in the order of their printed forms.
func AddressesInOrder() []Address {
	var out []Address
	for _, k := range Kinds() {
		out = append(out, Address{k, "x"})
	}
	slices.SortFunc(out, func(a, b Address) int { return strings.Compare(a.String(), b.String()) })
	return out
}
