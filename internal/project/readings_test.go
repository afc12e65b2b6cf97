package project_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/project"
)

// An environment's readings go before the project's, rule by rule.
func TestReadings(t *testing.T) {
	f := parse(t, `
spec:
  readings: {end-day: excluded, short-month: last-day}
  environments:
    sandbox: {endpoint: sandbox, readings: {end-day: included, every-from: calendar}}
    live: {endpoint: live}
`)
	for _, row := range []struct {
		what string
		got  project.Settings
		want calendar.Reading
	}{
		{"no environment", f.Settings(nil), calendar.Reading{EndExcluded: true, ShortMonthLastDay: true}},
		{"one with readings of its own", f.Settings(environment(t, f, "sandbox")), calendar.Reading{EveryFromCalendar: true, ShortMonthLastDay: true}},
		{"one without", f.Settings(environment(t, f, "live")), calendar.Reading{EndExcluded: true, ShortMonthLastDay: true}},
		{"no file", (*project.File)(nil).Settings(nil), calendar.Reading{}},
	} {
		if diff := cmp.Diff(row.want, row.got.Readings.Reading()); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", row.what, diff)
		}
	}
	if got, want := f.Settings(nil).Readings["short-month"].At, "folder/mokasync.yaml:4:46"; got != want {
		t.Errorf("short-month stands at %s, want %s", got, want)
	}
}

// Readings follow the account as guards do: without an environment in force they are those of the endpoint's environments, where these agree.
func TestReadingsAt(t *testing.T) {
	f := parse(t, `
spec:
  readings: {end-day: excluded}
  environments:
    a: {endpoint: test, lockfile: a.lock, readings: {begin-day: always}}
    b: {endpoint: test, lockfile: b.lock, readings: {begin-day: always, end-day: excluded, short-month: skip}}
    c: {endpoint: live, lockfile: c.lock, readings: {end-day: included}}
    d: {endpoint: live, lockfile: d.lock}
    e: {endpoint: live, lockfile: e.lock}
`)
	spec := calendar.Reading{EndExcluded: true}
	for _, row := range []struct {
		endpoint string
		want     calendar.Reading
		differ   string
	}{
		{"test", calendar.Reading{EndExcluded: true, BeginAlways: true}, ""},
		{"live", spec, "the environments c (folder/mokasync.yaml:8:5) and d (folder/mokasync.yaml:9:5) of the endpoint live have different readings"},
		{"sandbox", spec, ""},
	} {
		got, err := f.ReadingsAt(row.endpoint)
		var differ *project.DifferentReadingsError
		if got.Reading() != row.want || errors.As(err, &differ) != (row.differ != "") || err != nil && err.Error() != row.differ {
			t.Errorf("%s: %+v %v, want %+v %s", row.endpoint, got.Reading(), err, row.want, row.differ)
		}
	}
	if got, err := (*project.File)(nil).ReadingsAt("live"); got != nil || err != nil {
		t.Errorf("no file: %v %v", got, err)
	}
}

func TestRestsOnReadings(t *testing.T) {
	for _, row := range []struct {
		spec string
		want bool
	}{
		{"{guards: {requirePlan: true, noWritesBetween: [\"11:00-12:00\"]}}", false},
		{"{guards: {money: {TL: {maxMonthlyChange: 1}}}}", true},
		{"{guards: {money: {other: {maxNewSales: 0}}}}", true},
		{"{policies: [{name: a, expression: 'true', message: m}]}", true},
		{"{readings: {end-day: excluded}}", false},
	} {
		f := parse(t, "spec: "+row.spec+"\n")
		joined := f.Settings(nil)
		joined.Guards = joined.Guards.Strictest(project.Guards{})
		for _, s := range []project.Settings{f.Settings(nil), joined} {
			if got := s.RestsOnReadings(); got != row.want {
				t.Errorf("%s: %v, want %v", row.spec, got, row.want)
			}
		}
	}
}

func TestReadingsMistakes(t *testing.T) {
	for _, row := range []struct{ what, text, want string }{
		{"a rule that nobody knows", "spec: {readings: {endday: excluded}}\n", "m.yaml:3:19: endday is not known here; did you mean end-day?\n  spec: {readings: {endday: •••\n                    ^"},
		{"a word of another rule", "spec: {readings: {end-day: last-day}}\n", "m.yaml:3:28: write included or excluded\n  spec: {readings: {end-day: last-day}}\n                             ^"},
		{"no mapping", "spec: {readings: excluded}\n", "m.yaml:3:18: write a mapping of key: value here\n  spec: {readings: •••\n                   ^"},
		{"a rule twice", "spec: {readings: {end-day: excluded, end-day: included}}\n", "m.yaml:3:38: end-day stands here twice\n  spec: {readings: {end-day: excluded, end-day: •••\n                                       ^"},
	} {
		_, ds := project.Parse("m.yaml", []byte(head+row.text))
		if diff := cmp.Diff(row.want, told(ds)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", row.what, diff)
		}
	}
}

// Whatever calendar can be told is a reading here, by the same names and words.
func TestReadingsAreTheRules(t *testing.T) {
	for _, rule := range calendar.Rules() {
		for _, word := range rule.Words {
			f := parse(t, "spec: {readings: {"+rule.Name+": "+word+"}}\n")
			if got := f.Settings(nil).Readings.Reading().Word(rule); got != word {
				t.Errorf("%s is read as %s, want %s", rule.Name, got, word)
			}
		}
	}
}
