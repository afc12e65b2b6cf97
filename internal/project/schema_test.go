package project

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/schemas"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

const head = "apiVersion: mokasync/v1\nkind: Project\n"

// full uses every key.
const full = head + `metadata: {name: shop, team: [billing]}
spec:
  defaultEnvironment: sandbox
  updateSale: changed
  defaults: {color: never, detailed-exitcode: true, format: github, log-format: json, log-level: info, parallelism: 8, rate: 0.5, refresh: true, settle: 0s, timeout: 1m30s}
  guards: {confirmDeletesAbove: {count: 0, percent: 100}, requirePlan: true, noWritesBetween: [11:30-19:00, "22:00-06:00"], money: {TL: {maxAmount: "1000.00", maxMonthlyChange: 5000.5, maxMonthlyChangePercent: 10, maxNewSales: 20, openEnded: false, leadDays: 3}, USD: {maxAmount: 0}, EUR: {openEnded: true}, other: {maxNewSales: 0}}}
  policies: [{name: only-lira, expression: 'resource.spec.currency != "TL"', message: sales are in lira, severity: warning}]
  readings: {end-day: excluded, begin-day: always, every-from: calendar, short-month: last-day}
  environments:
    sandbox: {endpoint: sandbox}
    "2027": {endpoint: "https://moka.example.com/x", lockfile: locks/a.lock, manifests: [billing], updateSale: full, defaults: {rate: 3}, guards: {requirePlan: false}}
`

// object is what of a JSON Schema the tests read.
type object struct {
	Ref         string             `json:"$ref"`
	Description string             `json:"description"`
	Properties  map[string]*object `json:"properties"`
	More        json.RawMessage    `json:"additionalProperties"`
	Defs        map[string]*object `json:"$defs"`
}

func schema(t *testing.T) *object {
	t.Helper()
	var s object
	if err := json.Unmarshal(schemas.For(schemas.Project), &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// The reader and the schema know the same keys, everywhere.
func TestReaderAndSchemaKnowTheSameKeys(t *testing.T) {
	r := &reader{file: &File{Path: "m.yaml"}, lines: bytes.Split([]byte(full), []byte("\n")), shown: map[*yaml.Node]bool{}, seen: map[string][]string{}, names: map[*[]policy.Rule][]*yaml.Node{}}
	if r.read([]byte(full)); len(r.ds) > 0 {
		t.Fatal(r.ds)
	}
	s := schema(t)
	keys := func(o *object) []string {
		if string(o.More) != "false" {
			t.Errorf("the schema lets any key in beside %v", slices.Sorted(maps.Keys(o.Properties)))
		}
		return slices.Sorted(maps.Keys(o.Properties))
	}
	want := map[string][]string{
		"": keys(s), "spec": keys(s.Properties["spec"]), "environment": keys(s.Defs["environment"]), "defaults": keys(s.Defs["defaults"]),
		"readings": keys(s.Defs["readings"]), "policy": keys(s.Defs["policy"]), "guards": keys(s.Defs["guards"]), "guards.confirmDeletesAbove": keys(s.Defs["guards"].Properties["confirmDeletesAbove"]),
		"guards.money": keys(s.Defs["guards"].Properties["money"]), "guards.money.CURRENCY": keys(s.Defs["moneyGuards"]),
	}
	if diff := cmp.Diff(want, r.seen); diff != "" {
		t.Errorf("schema -, reader +:\n%s", diff)
	}
}

// The schema refuses nothing that the reader accepts. What it accepts and the reader refuses is what one value cannot tell, or its spelling.
func TestAgreement(t *testing.T) {
	compiled, err := jsonschema.CompileString("project.schema.json", string(schemas.For(schemas.Project)))
	if err != nil {
		t.Fatal(err)
	}
	env := func(text string) string { return head + "spec: {environments: {a: " + text + "}}\n" }
	policies := func(text string) string { return head + "spec: {policies: [" + text + "]}\n" }
	defaults := func(text string) string { return head + "spec: {defaults: {" + text + "}}\n" }
	money := func(text string) string { return head + "spec: {guards: {money: {TL: " + text + "}}}\n" }
	hours := func(text string) string { return head + "spec: {guards: {noWritesBetween: " + text + "}}\n" }
	for _, row := range []struct {
		text           string
		reader, schema bool
	}{
		{full, true, true},
		{head, true, true},
		{head + "metadata: 1\n", false, false},
		{head + "spec: {}\n", true, true},
		{head + "spec:\n", false, false},
		{head + "spec: []\n", false, false},
		{head + "spec: {updateSale: Full}\n", false, false},
		{head + "spec: {updateSales: full}\n", false, false},
		{"apiVersion: mokasync/v2\nkind: Project\n", false, false},
		{"kind: Project\n", false, false},
		{head + "spec: {defaultEnvironment: a}\n", false, true}, // there is none
		{head + "spec: {defaultEnvironment: [a]}\n", false, false},
		{head + "spec: {defaultEnvironment: 1, environments: {1: {endpoint: test}}}\n", true, true},
		{env("{endpoint: test}"), true, true},
		{env("{}"), false, false},
		{env("{endpoint: tset}"), false, true},                    // what an endpoint is
		{env("{endpoint: http://moka.example.com}"), false, true}, // plain http
		{env("{endpoint: test, lockfile: ''}"), false, false},
		{env("{endpoint: test, manifests: []}"), false, false},
		{env("{endpoint: test, manifests: ['-']}"), false, true}, // standard input
		{env("{endpoint: test, manifests: a}"), false, false},
		{env("{endpoint: test, password: x}"), false, false},
		{env("{endpoint: test}, b: {endpoint: test}"), false, true}, // one endpoint, and so one lockfile
		{env("{endpoint: test}, _b: {endpoint: live}"), false, false},
		{defaults("parallelism: 256"), true, true},
		{defaults("parallelism: 257"), false, false},
		{defaults("parallelism: 0x10"), false, true}, // spelling
		{defaults("parallelism: '4'"), false, false},
		{defaults("rate: 1"), true, true},
		{defaults("rate: 0"), false, false},
		{defaults("rate: fast"), false, false},
		{defaults("timeout: 1.5h30m2.25s100ms"), true, true},
		{defaults("timeout: 0s"), false, true}, // nothing is no time limit
		{defaults("timeout: -1s"), false, false},
		{defaults("timeout: 1 s"), false, false},
		{defaults("timeout: 30"), false, false},
		{defaults("settle: 0s"), true, true},
		{defaults("settle: 1..5s"), false, true}, // spelling
		{defaults("format: dot"), false, false},
		{defaults("format: json"), true, true},
		{defaults("refresh: 'true'"), false, false},
		{defaults("prune: true"), false, false},
		{head + "spec: {readings: {}}\n", true, true},
		{policies("{name: a-1, expression: 'true', message: m}"), true, true},
		{policies("{name: a, expression: true, message: m, severity: info}"), true, true},
		{policies("{name: A, expression: 'true', message: m}"), false, false},
		{policies("{name: a, expression: '', message: m}"), false, false},
		{policies("{name: a, expression: 'true', message: ''}"), false, false},
		{policies("{name: a, expression: 'true', message: m, severity: fatal}"), false, false},
		{policies("{name: a, message: m}"), false, false},
		{policies("{name: a, expression: 'true', message: m}, {name: a, expression: 'true', message: m}"), false, true}, // one name
		{head + "spec: {policies: {}}\n", false, false},
		{head + "spec: {policies: []}\n", true, true},
		{head + "spec: {readings: {end-day: Excluded}}\n", false, false},
		{head + "spec: {readings: {end-of-day: excluded}}\n", false, false},
		{money("{maxAmount: 0, maxMonthlyChange: 999999999999.99}"), true, true},
		{money("{maxAmount: '0.5'}"), true, true},
		{money("{maxAmount: 1,000}"), false, false},
		{money("{maxAmount: -1}"), false, false},
		{money("{maxAmount: 1e3}"), false, true}, // spelling
		{money("{maxAmount: 1000000000000}"), false, false},
		{money("{maxAmount: '1000.001'}"), false, false},
		{money("{maxMonthlyChangePercent: 10.5}"), false, false},
		{money("{openEnded: 0}"), false, false},
		{money("{leadDays: 3651}"), false, false},
		{money("{}"), false, false},
		{head + "spec: {guards: {money: {}}}\n", false, false},
		{head + "spec: {guards: {money: {TRY: {leadDays: 1}}}}\n", false, false},
		{hours("['11:30-19:00', 22:00-06:00, 00:00-24:00]"), true, true},
		{hours("[]"), true, true},
		{hours("['11:30-11:30']"), false, true}, // no hours at all
		{hours("['24:00-01:00']"), false, false},
		{hours("['9:00-10:00']"), false, false},
		{hours("[1130]"), false, false},
		{hours("11:30-19:00"), false, false},
		{head + "spec: {guards: {confirmDeletesAbove: {}}}\n", false, false},
		{head + "spec: {guards: {confirmDeletesAbove: {count: -1}}}\n", false, false},
		{head + "spec: {guards: {confirmDeletesAbove: {percent: 1.5}}}\n", false, false},
	} {
		_, ds := Parse("m.yaml", []byte(row.text))
		var value any
		if err := yaml.Unmarshal([]byte(row.text), &value); err != nil {
			t.Fatal(err)
		}
		_, bad := compiled.Validate(texts(value)).(*jsonschema.ValidationError)
		if len(ds) == 0 != row.reader || !bad != row.schema {
			t.Errorf("reader %v, schema %v, want %v and %v: %s%v", len(ds) == 0, !bad, row.reader, row.schema, row.text, ds)
		}
		if len(ds) == 0 && bad {
			t.Errorf("the schema refuses what the reader accepts: %s", row.text)
		}
	}
}

// texts makes every key a text, as JSON has them.
func texts(v any) any {
	switch v := v.(type) {
	case map[any]any:
		out := map[string]any{}
		for key, value := range v {
			data, _ := yaml.Marshal(key)
			out[strings.TrimSpace(string(data))] = texts(value)
		}
		return out
	case map[string]any:
		for key, value := range v {
			v[key] = texts(value)
		}
	case []any:
		for i := range v {
			v[i] = texts(v[i])
		}
	}
	return v
}

// docs/project.md names every key, and its examples are good.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../../docs/project.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	s := schema(t)
	for _, o := range []*object{s.Properties["spec"], s.Defs["environment"], s.Defs["defaults"], s.Defs["readings"], s.Defs["policy"], s.Defs["guards"], s.Defs["guards"].Properties["confirmDeletesAbove"], s.Defs["guards"].Properties["money"], s.Defs["moneyGuards"]} {
		for key, property := range o.Properties {
			if !strings.Contains(page, "`"+key+"`") {
				t.Errorf("docs/project.md does not name `%s`", key)
			}
			if property.Description == "" && property.Ref == "" {
				t.Errorf("the schema does not say what %s means", key)
			}
		}
	}
	examples := 0
	for i, part := range strings.Split(page, "```") {
		if text, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 && strings.Contains(text, "kind: Project") {
			examples++
			if _, ds := Parse("docs/project.md", []byte(text)); len(ds) > 0 {
				t.Error(ds)
			}
		}
	}
	if examples == 0 {
		t.Error("docs/project.md has no example")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(head + "spec: &a {environments: *a}\n"))
	f.Add([]byte("? [a]\n: b\n--- x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, ds := Parse("m.yaml", data)
		for _, d := range ds {
			if d.Message == "" || d.ExcerptColumn > len([]rune(d.Excerpt))+1 {
				t.Errorf("%+v", d)
			}
		}
		if len(ds) == 0 {
			file.GuardsAt("live")
			for _, e := range file.Environments {
				if e.Endpoint == "" || e.EndpointName == "" {
					t.Errorf("%+v", e)
				}
			}
		}
	})
}
