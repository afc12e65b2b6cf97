package project_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/project"
)

// saidOf gives what is guarded in a currency, each bound that is said.
func saidOf(m project.MoneyGuards) string {
	var out []string
	add := func(name, at string, value any) {
		if at != "" {
			out = append(out, fmt.Sprintf("%s %v", name, value))
		}
	}
	add("maxAmount", m.MaxAmount.At, m.MaxAmount.Value)
	add("maxMonthlyChange", m.MaxMonthlyChange.At, m.MaxMonthlyChange.Value)
	add("percent", m.MaxMonthlyChangePercent.At, m.MaxMonthlyChangePercent.Value)
	add("maxNewSales", m.MaxNewSales.At, m.MaxNewSales.Value)
	add("openEnded", m.OpenEnded.At, m.OpenEnded.Value)
	add("leadDays", m.LeadDays.At, m.LeadDays.Value)
	return strings.Join(out, ", ")
}

func hoursOf(g project.Guards) string {
	var out []string
	for _, h := range g.NoWritesBetween.Value {
		out = append(out, h.String())
	}
	return strings.Join(out, " ")
}

// Amounts are kuruş, to the last one. What stands under `other` holds for each currency without an entry; an environment's goes before the project's, key by key.
func TestMoneyGuards(t *testing.T) {
	f := parse(t, `
spec:
  guards:
    noWritesBetween: ["22:00-24:00", "00:00-06:00"]
    money:
      TL: {maxAmount: 999999999999.99, leadDays: 3}
      other: {maxNewSales: 2, openEnded: false}
  environments:
    sandbox: {endpoint: sandbox, guards: {noWritesBetween: [], money: {other: {maxAmount: 0.5, openEnded: true}}}}
    live: {endpoint: live, guards: {noWritesBetween: [11:30-19:00], money: {TL: {maxAmount: "100", maxMonthlyChange: 1000.05}, EUR: {maxMonthlyChangePercent: 200}}}}
`)
	for _, row := range []struct {
		what                  string
		guards                project.Guards
		tl, usd, eur, strange string
		hours                 string
	}{
		{"the project", f.Settings(nil).Guards, "maxAmount 99999999999999, leadDays 3", "maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "22:00-24:00 00:00-06:00"},
		{"sandbox", f.Settings(environment(t, f, "sandbox")).Guards, "maxAmount 50, openEnded true, leadDays 3", "maxAmount 50, maxNewSales 2, openEnded true", "maxAmount 50, maxNewSales 2, openEnded true", "maxAmount 50, maxNewSales 2, openEnded true", ""},
		{"live", f.Settings(environment(t, f, "live")).Guards, "maxAmount 10000, maxMonthlyChange 100005, leadDays 3", "maxNewSales 2, openEnded false", "percent 200, maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "11:30-19:00"},
		{"no file", (*project.File)(nil).Settings(nil).Guards, "", "", "", "", ""},
	} {
		g := row.guards
		for _, got := range []struct{ currency, got, want string }{
			{"TL", saidOf(g.MoneyIn("TL")), row.tl}, {"USD", saidOf(g.MoneyIn("USD")), row.usd}, {"EUR", saidOf(g.MoneyIn("EUR")), row.eur}, {"GBP", saidOf(g.MoneyIn("GBP")), row.strange},
			{"hours", hoursOf(g), row.hours},
		} {
			if got.got != got.want {
				t.Errorf("%s, %s: got %s, want %s", row.what, got.currency, got.got, got.want)
			}
		}
	}
	if at := f.Settings(nil).Guards.MoneyIn("EUR").OpenEnded.At; at != "folder/mokasync.yaml:8:42" {
		t.Errorf("openEnded of EUR stands at %s", at)
	}
}

// Of several environments of one account the strictest of each bound holds, and the hours of all.
func TestMoneyGuardsAt(t *testing.T) {
	f := parse(t, `
spec:
  environments:
    a: {endpoint: live, lockfile: a.lock, guards: {noWritesBetween: ["11:30-19:00"], money: {TL: {maxAmount: 10, maxMonthlyChange: 5, openEnded: true, leadDays: 1}}}}
    b: {endpoint: live, lockfile: b.lock, guards: {noWritesBetween: ["11:30-19:00", "22:00-06:00"], money: {TL: {maxAmount: 9, maxMonthlyChangePercent: 7, maxNewSales: 3, openEnded: false, leadDays: 2}, USD: {maxAmount: 1}}}}
    c: {endpoint: test}
`)
	g := f.GuardsAt("live")
	if got, want := saidOf(g.MoneyIn("TL")), "maxAmount 900, maxMonthlyChange 500, percent 7, maxNewSales 3, openEnded false, leadDays 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := saidOf(g.MoneyIn("USD")), "maxAmount 100"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := hoursOf(g), "11:30-19:00 22:00-06:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := saidOf(f.GuardsAt("test").MoneyIn("TL")) + hoursOf(f.GuardsAt("test")); got != "" {
		t.Errorf("test has %s", got)
	}
}

// Hours are Istanbul's: the first minute counts, the last does not, and they may pass midnight.
func TestHours(t *testing.T) {
	day, night := project.Hours{From: 11*60 + 30, To: 19 * 60}, project.Hours{From: 22 * 60, To: 6 * 60}
	for _, row := range []struct {
		at         string
		day, night bool
	}{
		{"2035-01-15T11:29:59+03:00", false, false}, {"2035-01-15T11:30:00+03:00", true, false}, {"2035-01-15T18:59:59+03:00", true, false}, {"2035-01-15T19:00:00+03:00", false, false},
		{"2035-01-15T21:59:59+03:00", false, false}, {"2035-01-15T19:00:00Z", false, true}, {"2035-01-15T00:00:00+03:00", false, true}, {"2035-01-15T05:59:59+03:00", false, true}, {"2035-01-15T06:00:00+03:00", false, false},
	} {
		at, err := time.Parse(time.RFC3339, row.at)
		if err != nil {
			t.Fatal(err)
		}
		if day.Hold(at) != row.day || night.Hold(at) != row.night {
			t.Errorf("%s: got %v and %v, want %v and %v", row.at, day.Hold(at), night.Hold(at), row.day, row.night)
		}
	}
	if whole := (project.Hours{To: 24 * 60}); !whole.Hold(time.Now()) {
		t.Error("there is a time outside of the whole day")
	}
}
