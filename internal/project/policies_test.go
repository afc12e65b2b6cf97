package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

func TestPolicies(t *testing.T) {
	f := parse(t, `
spec:
  policies:
    - {name: a, expression: "true", message: one, severity: info}
  environments:
    live: {endpoint: live, lockfile: a.lock, policies: [{name: b, expression: true, message: "two "}]}
    other: {endpoint: live, lockfile: b.lock, policies: [{name: b, expression: "true", message: three}]}
    test: {endpoint: test}
`)
	names := func(rules []policy.Rule) string {
		var out []string
		for _, r := range rules {
			out = append(out, fmt.Sprintf("%s %s %s", r.Name, r.Severity, r.Message))
		}
		return strings.Join(out, ", ")
	}
	for _, row := range []struct {
		what, want string
		got        []policy.Rule
	}{
		{"no environment", "a info one", f.Settings(nil).Policies},
		{"an environment's come beside the project's", "a info one, b error two", f.Settings(environment(t, f, "live")).Policies},
		{"one without", "a info one", f.Settings(environment(t, f, "test")).Policies},
		{"at an endpoint hold those of all its environments", "a info one, b error two, b error three", f.PoliciesAt("live")},
		{"at another one", "a info one", f.PoliciesAt("sandbox")},
		{"all of the file", "a info one, b error two, b error three", f.Policies()},
		{"no file", "", (*project.File)(nil).PoliciesAt("live")},
	} {
		if got := names(row.got); got != row.want {
			t.Errorf("%s: got %s, want %s", row.what, got, row.want)
		}
	}
}

func TestPolicyMistakes(t *testing.T) {
	many := strings.Repeat("{name: a, expression: 'true', message: m}, ", policy.MaxRules)
	for i := range policy.MaxRules {
		many = strings.Replace(many, "name: a,", fmt.Sprintf("name: a%d,", i), 1)
	}
	for _, row := range []struct{ what, text, want string }{
		{"no list", "spec: {policies: {name: a}}\n", "m.yaml:3:18: write a list of policies, each with name, expression and message"},
		{"a key that is none", "spec:\n  policies:\n    - {name: a, expresion: 'true', message: m}\n", "m.yaml:5:17: expresion is not known here; did you mean expression?"},
		{"no message", "spec:\n  policies:\n    - {name: a, expression: 'true'}\n", "m.yaml:5:7: this policy has no message: it needs name, expression and message"},
		{"a name in capitals", "spec: {policies: [{name: OnlyLira, expression: 'true', message: m}]}\n",
			"m.yaml:3:26: a policy's name is words of small letters and digits joined by -, such as only-lira, with no more than 63 characters"},
		{"a severity that is none", "spec: {policies: [{name: a, expression: 'true', message: m, severity: fatal}]}\n", "m.yaml:3:71: write error or warning or info"},
		{"a message of two lines", "spec:\n  policies:\n    - name: a\n      expression: 'true'\n      message: \"a\\nb\"\n", "m.yaml:7:16: write a sentence of one line, with no more than 500 characters"},
		{"too long", "spec: {policies: [{name: a, expression: '" + strings.Repeat(" ", 4096) + "1', message: m}]}\n", "m.yaml:3:41: an expression has no more than 4096 bytes, and this one has 4097"},
		{"one name twice", "spec:\n  policies:\n    - {name: a, expression: 'true', message: m}\n    - {name: a, expression: 'true', message: m}\n", "m.yaml:6:14: another policy that holds here is called a: it is by its name that each is told"},
		{"the project's name in an environment", "spec:\n  environments:\n    live: {endpoint: live, policies: [{name: a, expression: 'true', message: m}]}\n  policies: [{name: a, expression: 'true', message: m}]\n",
			"m.yaml:5:46: another policy that holds here is called a: it is by its name that each is told"},
		{"a hundred and one", "spec: {policies: [" + many + "{name: b, expression: 'true', message: m}]}\n", "m.yaml:3:4516: more than 100 policies would hold here"},
	} {
		_, ds := project.Parse("m.yaml", []byte(head+row.text))
		got, _, _ := strings.Cut(told(ds), "\n")
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", row.what, diff)
		}
	}
}

// Wherever an expression stands, and however it is written, the place of its x is found; the excerpt ends where the expression does.
func TestPlacesInExpressions(t *testing.T) {
	for _, row := range []struct{ style, yaml string }{
		{"plain", "      expression: a && b || x == 1 # why"},
		{"plain over lines", "      expression: a && b\n        || c   \n        || x == 1"},
		{"single quotes", "      expression: 'a == ''ü'' && x == 1'"},
		{"single quotes over lines", "      expression: 'a == ''b''\n        && x == 1'"},
		{"double quotes", `      expression: "a == \"b\\n\" && x == 1"`},
		{"double quotes over lines", "      expression: \"a == \\\n        b && x == 1\""},
		{"a literal block", "      expression: |\n        a &&\n          b &&\n\n        x == 1"},
		{"a literal block without its end", "      expression: |-\n        a &&\n        x == 1"},
		{"a literal block that says its indentation", "      expression: |2\n        a &&\n        x == 1"},
		{"a folded block", "      expression: >\n        a &&\n        b &&\n        x == 1"},
		{"a folded block with empty lines", "      expression: >-\n        a &&\n\n\n        b &&\n        x == 1"},
		{"a folded block with a deeper line", "      expression: >-\n        a &&\n          b &&\n        x == 1"},
		{"with the line ends of Windows", "      expression: |\r\n        a &&\r\n        x == 1"},
		{"in one line with all", "      {name: n, message: m, expression: a && x == 1}"},
	} {
		t.Run(row.style, func(t *testing.T) {
			item := "    -\n      name: n\n      message: m\n" + row.yaml + "\n"
			if strings.HasPrefix(row.yaml, "      {") {
				item = "    -\n" + row.yaml + "\n"
			}
			text := head + "spec:\n  policies:\n" + item
			f, ds := project.Parse("m.yaml", []byte(text))
			if len(ds) > 0 {
				t.Fatal(told(ds))
			}
			rule := f.Policies()[0]
			at := strings.LastIndex(rule.Expression, "x")
			d := rule.At(len([]rune(rule.Expression[:at])))
			lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
			if d.Line < 1 || d.Line > len(lines) {
				t.Fatalf("line %d", d.Line)
			}
			line := []rune(lines[d.Line-1])
			if d.Column < 1 || d.Column > len(line) || line[d.Column-1] != 'x' || !strings.Contains(string(line[d.Column-1:]), "x == 1") {
				t.Errorf("%d:%d is not where x stands: %s", d.Line, d.Column, string(line))
			}
			if !strings.HasSuffix(d.Excerpt, "x == 1") || d.ExcerptColumn != d.Column {
				t.Errorf("the excerpt is %q with %d, which does not end with the expression", d.Excerpt, d.ExcerptColumn)
			}
		})
	}
}

// What cannot be placed is placed at the expression's beginning: an alias stands for what is written elsewhere.
func TestPlacesOfAnAlias(t *testing.T) {
	f := parse(t, `
spec:
  policies:
    - {name: a, expression: &e "x == 1 && y == 2", message: m}
    - {name: b, expression: *e, message: m}
`)
	if d := f.Policies()[1].At(10); d.Place() != "folder/mokasync.yaml:6:29" {
		t.Errorf("got %s, want the alias", d.Place())
	}
}

// Every place lies in the file, and a character that is found stands there.
func FuzzPlaces(f *testing.F) {
	for _, seed := range []string{"a && b", "'a'\n\n b", "|\n  a\n   b\n", ">+\n a\n\n b\n\n", "\"a\\\n  b\\t\"", "&x a", "\"0\\0  \"", "\"\\u00e7 x\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text := head + "spec:\n  policies:\n    - name: a\n      message: m\n      expression: " + value + "\n"
		file, ds := project.Parse("m.yaml", []byte(text))
		if spec.HasErrors(ds) {
			return
		}
		lines := strings.Split(text, "\n")
		for _, rule := range file.Policies() {
			for i, c := range []rune(rule.Expression) {
				d := rule.At(i)
				if d.Line < 1 || d.Line > len(lines) || d.Column < 1 || d.ExcerptColumn > len([]rune(d.Excerpt))+1 {
					t.Fatalf("%q: %c is at %d:%d, %+v", value, c, d.Line, d.Column, d)
				}
			}
		}
	})
}
