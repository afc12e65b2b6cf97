package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

const head = "apiVersion: mokasync/v1\nkind: Project\n"

// told gives diagnostics as lines, and under one that has an excerpt the line with a caret.
func told(ds []spec.Diagnostic) string {
	var lines []string
	for _, d := range ds {
		lines = append(lines, d.Place()+": "+d.Message)
		if d.Excerpt != "" {
			lines = append(lines, "  "+d.Excerpt, "  "+strings.Repeat(" ", d.ExcerptColumn-1)+"^")
		}
	}
	return strings.Join(lines, "\n")
}

func TestMistakes(t *testing.T) {
	for _, row := range []struct{ what, text, want string }{
		{"none", head + "spec: {updateSale: full}\n", ""},
		{"nothing said", head, ""},
		{"another word", head + "spec: {updateSale: partial}\n",
			"m.yaml:3:20: write full or changed\n  spec: {updateSale: partial}\n                     ^"},
		{"a misspelt key, and what stands at it is not shown", head + "spec: {updateSales: full}\n",
			"m.yaml:3:8: updateSales is not known here; did you mean updateSale?\n  spec: {updateSales: •••\n         ^"},
		{"a key that is none", head + "spec: {4242: x}\n",
			"m.yaml:3:8: this key is not known here: known are defaultEnvironment, defaults, environments, guards, policies, readings, updateSale\n  spec: {•••\n         ^"},
		{"a key twice", head + "spec: {updateSale: full, updateSale: full}\n",
			"m.yaml:3:26: updateSale stands here twice\n  spec: {updateSale: full, updateSale: •••\n                           ^"},
		{"no kind", "apiVersion: mokasync/v1\n", "m.yaml:1:1: apiVersion or kind is missing: write apiVersion: mokasync/v1 and kind: Project first\n  •••\n  ^"},
		{"another kind", "apiVersion: mokasync/v1\nkind: Sale\n", "m.yaml:2:7: write Project\n  kind: Sale\n        ^"},
		{"a list", "- 1\n", "m.yaml:1:1: write a mapping of key: value here\n  •••\n  ^"},
		{"nothing", "", "m.yaml: it is empty: write apiVersion: mokasync/v1 and kind: Project first"},
		{"no YAML", "a: [", "m.yaml:1:1: not valid YAML: a value is missing, or a text that begins with a special character needs quotes"},
		{"a tab", head + "spec:\n\tupdateSale: full\n", "m.yaml:4:2: not valid YAML: a tab is used for indentation: use spaces"},
		{"a merge that is not finished", head + "<<<<<<< ours\nspec: {}\n=======\n>>>>>>> theirs\n", "m.yaml:3:1: a merge is not finished here: solve what stands between git's markers (<<<<<<< and >>>>>>>), and delete the markers"},
		{"two documents", head + "---\na: b\n", "m.yaml:4:1: a second document: one file holds one Project\n  •••\n  ^"},
		{"an empty key", head + "spec:\n", "m.yaml:3:6: nothing is written here: fill it in, or take the key out"},
		{"all of them in one run", head + "spec:\n  updateSale: no\n  defaults: {parallelism: 0}\n  guards: {requirePlan: 1}\n",
			"m.yaml:4:15: write full or changed\n    updateSale: no\n                ^\n" +
				"m.yaml:5:27: write a whole number from 1 to 256\n    defaults: {parallelism: 0}\n                            ^\n" +
				"m.yaml:6:25: write true or false\n    guards: {requirePlan: 1}\n                          ^"},

		{"an environment without an endpoint", head + "spec: {environments: {live: {}}}\n",
			"m.yaml:3:23: environment live has no endpoint: say sandbox, test, live, or a base URL\n  spec: {environments: {live: {}}}\n                        ^"},
		{"a misspelt endpoint", head + "spec: {environments: {live: {endpoint: lvie}}}\n",
			"m.yaml:3:40: the endpoint is sandbox, test, live, or a base URL such as https://moka.example.com; did you mean live?\n  spec: {environments: {live: {endpoint: •••\n                                         ^"},
		{"a password in an endpoint is not shown", head + "spec: {environments: {live: {endpoint: \"https://u:hunter2@x.example\"}}}\n",
			"m.yaml:3:40: a base URL has no user, query or fragment: credentials are given in the environment\n  spec: {environments: {live: {endpoint: •••\n                                         ^"},
		{"a name that is none", head + "spec: {environments: {a b: {endpoint: live}}}\n",
			"m.yaml:3:23: an environment's name consists of letters, digits and . _ -, begins with a letter or digit, and has no more than 63 characters\n  spec: {environments: {•••\n                        ^"},
		{"a default that is not there", head + "spec: {defaultEnvironment: liv, environments: {live: {endpoint: live}}}\n",
			"m.yaml:3:28: environments has no such name; did you mean live?\n  spec: {defaultEnvironment: liv, •••\n                             ^"},
		{"a default without environments", head + "spec: {defaultEnvironment: live}\n",
			"m.yaml:3:28: environments has no such name: there is none\n  spec: {defaultEnvironment: live}\n                             ^"},
		{"one lockfile twice", head + "spec:\n  environments:\n    a: {endpoint: live, lockfile: x.lock}\n    b: {endpoint: test, lockfile: ./x.lock}\n",
			"m.yaml:6:35: environment a has this lockfile too: what one does not describe would look gone to the other\n      b: {endpoint: test, lockfile: ./x.lock}\n                                    ^"},
		{"one endpoint twice, under two names", head + "spec:\n  environments:\n    a: {endpoint: live}\n    b: {endpoint: \"https://service.moka.com\"}\n",
			"m.yaml:6:5: environments a and b have one endpoint: give one of them a lockfile of its own\n      b: { •••\n      ^"},
		{"one endpoint twice, with lockfiles", head + "spec:\n  environments:\n    a: {endpoint: live, lockfile: a.lock}\n    b: {endpoint: live, lockfile: b.lock}\n", ""},
		{"manifests that are no list", head + "spec: {environments: {a: {endpoint: live, manifests: billing}}}\n",
			"m.yaml:3:54: write a list of files and folders, such as [billing]\n  spec: {environments: {a: {endpoint: live, manifests: •••\n                                                       ^"},
		{"standard input among the manifests", head + "spec: {environments: {a: {endpoint: live, manifests: [\"-\"]}}}\n",
			"m.yaml:3:55: write a path: not empty, not -, and without control characters\n  spec: {environments: {a: {endpoint: live, manifests: [\"-\"]}}}\n                                                        ^"},

		{"a default that approves", head + "spec: {defaults: {auto-approve: true}}\n",
			"m.yaml:3:19: --auto-approve may not have a default: approval is given to one run; a CI job says --auto-approve itself. Defaults are for color, detailed-exitcode, format, log-format, log-level, parallelism, rate, refresh, settle, timeout\n  spec: {defaults: {auto-approve: •••\n                    ^"},
		{"a default with dashes", head + "spec: {defaults: {--rate: 2}}\n", "m.yaml:3:19: write rate without dashes\n  spec: {defaults: {--rate: •••\n                    ^"},
		{"a default that nobody knows", head + "spec: {defaults: {timeuot: 2s}}\n", "m.yaml:3:19: timeuot is not known here; did you mean timeout?\n  spec: {defaults: {timeuot: •••\n                    ^"},
		{"a duration without its unit", head + "spec: {defaults: {timeout: 30}}\n", "m.yaml:3:28: write a duration above zero such as 30s\n  spec: {defaults: {timeout: 30}}\n                             ^"},
		{"a number in quotes", head + "spec: {defaults: {parallelism: \"4\"}}\n", "m.yaml:3:32: write a whole number from 1 to 256, without quotes\n  spec: {defaults: {parallelism: \"4\"}}\n                                 ^"},

		{"a guard without bounds", head + "spec: {guards: {confirmDeletesAbove: {}}}\n", "m.yaml:3:38: say count, percent, or both\n  spec: {guards: {confirmDeletesAbove: {}}}\n                                       ^"},
		{"a share above all", head + "spec: {guards: {confirmDeletesAbove: {percent: 101}}}\n",
			"m.yaml:3:48: write per cent of the resources in the lockfile, a whole number from 0 to 100\n  spec: {guards: {confirmDeletesAbove: {percent: 101}}}\n                                                 ^"},
		{"guards of no currency", head + "spec: {guards: {money: {}}}\n", "m.yaml:3:24: say for which currency: TL, USD, EUR, other\n  spec: {guards: {money: {}}}\n                         ^"},
		{"a currency that is none", head + "spec: {guards: {money: {TRY: {}}}}\n",
			"m.yaml:3:25: TRY is not known here: known are EUR, TL, USD, other\n  spec: {guards: {money: {TRY: {}}}}\n                          ^"},
		{"a bound that is none", head + "spec: {guards: {money: {TL: {maxAmuont: 1}}}}\n",
			"m.yaml:3:30: maxAmuont is not known here; did you mean maxAmount?\n  spec: {guards: {money: {TL: {maxAmuont: •••\n                               ^"},
		{"a currency without bounds", head + "spec: {guards: {money: {TL: {}}}}\n",
			"m.yaml:3:29: say what is guarded: known are leadDays, maxAmount, maxMonthlyChange, maxMonthlyChangePercent, maxNewSales, openEnded\n  spec: {guards: {money: {TL: {}}}}\n                              ^"},
		{"an amount with a comma", head + "spec: {guards: {money: {TL: {maxAmount: \"1.000,00\"}}}}\n",
			"m.yaml:3:41: write an amount such as \"1000.00\": digits, at most 12 before and 2 after a point, and no sign between thousands\n  spec: {guards: {money: {TL: {maxAmount: \"1.000,00\"}}}}\n                                          ^"},
		{"all amounts that are none", head + "spec:\n  guards:\n    money:\n      TL:\n        maxAmount: 1e3\n        maxMonthlyChange: -1\n",
			"m.yaml:7:20: write an amount such as \"1000.00\": digits, at most 12 before and 2 after a point, and no sign between thousands\n          maxAmount: 1e3\n                     ^\n" +
				"m.yaml:8:27: write an amount such as \"1000.00\": digits, at most 12 before and 2 after a point, and no sign between thousands\n          maxMonthlyChange: -1\n                            ^"},
		{"hours that are no list", head + "spec: {guards: {noWritesBetween: 11:30-19:00}}\n",
			"m.yaml:3:34: write a list of hours in Istanbul, such as [\"11:30-19:00\"]\n  spec: {guards: {noWritesBetween: •••\n                                   ^"},
		{"hours that are a number", head + "spec: {guards: {noWritesBetween: [1130]}}\n",
			"m.yaml:3:35: write hours in Istanbul such as \"11:30-19:00\", in quotes, since YAML may take them for a number\n  spec: {guards: {noWritesBetween: [1130]}}\n                                    ^"},
		{"a time alone, without quotes", head + "spec: {guards: {noWritesBetween: [11:30, \"9:00-10:00\"]}}\n",
			"m.yaml:3:35: write hours in Istanbul such as \"11:30-19:00\", in quotes, since YAML may take them for a number\n  spec: {guards: {noWritesBetween: [11:30, •••\n                                    ^\n" +
				"m.yaml:3:42: write hours in Istanbul such as \"11:30-19:00\", in quotes, since YAML may take them for a number\n  spec: {guards: {noWritesBetween: [11:30, \"9:00-10:00\"]}}\n                                           ^"},
		{"hours that end when they begin", head + "spec: {guards: {noWritesBetween: [\"09:00-09:00\"]}}\n",
			"m.yaml:3:35: these hours end when they begin: write \"00:00-24:00\" for the whole day\n  spec: {guards: {noWritesBetween: [\"09:00-09:00\"]}}\n                                    ^"},
		{"an anchor", head + "spec:\n  defaults: &d {rate: 2}\n  environments:\n    live: {endpoint: live, defaults: *d}\n", ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			_, ds := project.Parse("m.yaml", []byte(row.text))
			if diff := cmp.Diff(row.want, told(ds)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// An environment goes before the project, key by key.
func TestSettings(t *testing.T) {
	f := parse(t, `
spec:
  updateSale: changed
  defaults: {rate: 5, timeout: 10s}
  guards: {confirmDeletesAbove: {count: 5, percent: 10}, requirePlan: true}
  environments:
    sandbox:
      endpoint: sandbox
      updateSale: full
      defaults: {rate: 100}
      guards: {requirePlan: false, confirmDeletesAbove: {count: 50}}
    live: {endpoint: live, lockfile: locks/live.lock, manifests: [billing, /shared]}
`)
	sandbox, live := environment(t, f, "sandbox"), environment(t, f, "live")
	if diff := cmp.Diff([]string{"folder/billing", "/shared"}, live.Manifests); diff != "" {
		t.Error(diff)
	}
	if got, want := live.Lockfile, "folder/locks/live.lock"; got != want {
		t.Errorf("the lockfile is %s, want %s", got, want)
	}
	type holds struct {
		changed        bool
		rate, timeout  string
		count, percent int
		plan           bool
	}
	of := func(s project.Settings) holds {
		above := s.Guards.ConfirmDeletesAbove
		return holds{s.UpdateChanged(), s.Defaults["rate"].Value, s.Defaults["timeout"].Value, above.Count.Value, above.Percent.Value, s.Guards.RequirePlan.Value}
	}
	for _, row := range []struct {
		what string
		got  holds
		want holds
	}{
		{"no environment", of(f.Settings(nil)), holds{true, "5", "10s", 5, 10, true}},
		{"sandbox", of(f.Settings(sandbox)), holds{false, "100", "10s", 50, 10, false}},
		{"live", of(f.Settings(live)), holds{true, "5", "10s", 5, 10, true}},
		{"no file", of((*project.File)(nil).Settings(nil)), holds{}},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %+v, want %+v", row.what, row.got, row.want)
		}
	}
	if got, want := f.Settings(sandbox).Guards.RequirePlan.At, "folder/mokasync.yaml:12:29"; got != want {
		t.Errorf("requirePlan stands at %s, want %s", got, want)
	}
}

// Guards hold at an endpoint, also where its environment was not asked for; of several environments the strictest.
func TestGuardsAt(t *testing.T) {
	f := parse(t, `
spec:
  guards: {confirmDeletesAbove: {count: 8}}
  environments:
    a: {endpoint: live, lockfile: a.lock, guards: {requirePlan: true, confirmDeletesAbove: {percent: 5}}}
    b: {endpoint: "https://service.mokaunited.com", lockfile: b.lock, guards: {requirePlan: false, confirmDeletesAbove: {count: 2, percent: 50}}}
    c: {endpoint: sandbox, guards: {confirmDeletesAbove: {count: 100}}}
`)
	for _, row := range []struct {
		endpoint       string
		count, percent int
		plan           bool
	}{
		{"live", 2, 5, true},
		{"sandbox", 100, 0, false},
		{"test", 8, 0, false},
	} {
		got := f.GuardsAt(row.endpoint)
		if got.ConfirmDeletesAbove.Count.Value != row.count || got.ConfirmDeletesAbove.Percent.Value != row.percent || got.RequirePlan.Value != row.plan {
			t.Errorf("%s: got %+v, want %+v", row.endpoint, got, row)
		}
	}
}

func TestUnknownEnvironment(t *testing.T) {
	f := parse(t, "spec: {environments: {test: {endpoint: test}, live: {endpoint: live}}}")
	for _, row := range []struct{ name, want string }{
		{"lvie", `folder/mokasync.yaml has no environment "lvie": there are test, live; did you mean live?`},
		{"a\nb", "folder/mokasync.yaml has no environment of that name: there are test, live"},
	} {
		_, err := f.Environment(row.name)
		if err == nil || err.Error() != row.want {
			t.Errorf("got %v, want %s", err, row.want)
		}
	}
}

func parse(t *testing.T, text string) *project.File {
	t.Helper()
	f, ds := project.Parse("folder/mokasync.yaml", []byte(head+strings.TrimPrefix(text, "\n")))
	if len(ds) > 0 {
		t.Fatal(told(ds))
	}
	return f
}

func environment(t *testing.T, f *project.File, name string) *project.Environment {
	t.Helper()
	e, err := f.Environment(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFindGivesTheNearest(t *testing.T) {
	near, far := t.TempDir(), t.TempDir()
	if got := project.Find([]string{near, far}); got != "" {
		t.Errorf("found %q where there is none", got)
	}
	want := filepath.Join(far, project.FileName)
	if err := os.WriteFile(want, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := project.Find([]string{near, far}); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}
