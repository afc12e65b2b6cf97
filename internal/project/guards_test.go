package project_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/project"
	"pgregory.net/rapid"
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

// Amounts are kuruş, to the last one. What a currency's own entry does not say is what stands under `other`, key by key; of each an environment's goes before the project's.
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
		{"the project", f.Settings(nil).Guards, "maxAmount 99999999999999, maxNewSales 2, openEnded false, leadDays 3", "maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "22:00-24:00 00:00-06:00"},
		{"sandbox", f.Settings(environment(t, f, "sandbox")).Guards, "maxAmount 99999999999999, maxNewSales 2, openEnded true, leadDays 3", "maxAmount 50, maxNewSales 2, openEnded true", "maxAmount 50, maxNewSales 2, openEnded true", "maxAmount 50, maxNewSales 2, openEnded true", ""},
		{"live", f.Settings(environment(t, f, "live")).Guards, "maxAmount 10000, maxMonthlyChange 100005, maxNewSales 2, openEnded false, leadDays 3", "maxNewSales 2, openEnded false", "percent 200, maxNewSales 2, openEnded false", "maxNewSales 2, openEnded false", "11:30-19:00"},
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

// No `other` loosens what another layer or another environment says of a currency itself, nor hides what it says under `other`.
func TestOtherLoosensNothing(t *testing.T) {
	f := parse(t, `
spec:
  guards: {money: {TL: {maxAmount: 100}, other: {maxNewSales: 5}}}
  environments:
    loose: {endpoint: test, lockfile: a.lock, guards: {money: {other: {maxAmount: 5000, maxNewSales: 50}}}}
    own: {endpoint: live, lockfile: b.lock, guards: {money: {TL: {maxMonthlyChange: 10}, USD: {maxAmount: 900, maxNewSales: 1}}}}
    all: {endpoint: live, lockfile: c.lock, guards: {money: {other: {maxAmount: 50, maxMonthlyChange: 20, maxNewSales: 9}}}}
`)
	for _, row := range []struct {
		what, currency string
		guards         project.Guards
		want           string
	}{
		{"an environment's other, and the project's own", "TL", f.Settings(environment(t, f, "loose")).Guards, "maxAmount 10000, maxNewSales 50"},
		{"an environment's other, and the project's", "EUR", f.Settings(environment(t, f, "loose")).Guards, "maxAmount 500000, maxNewSales 50"},
		{"own of one, other of the other", "USD", f.GuardsAt("live"), "maxAmount 5000, maxMonthlyChange 2000, maxNewSales 1"},
		{"own of the project, own of one, other of the other", "TL", f.GuardsAt("live"), "maxAmount 10000, maxMonthlyChange 1000, maxNewSales 5"},
		{"the project's other, other of one", "EUR", f.GuardsAt("live"), "maxAmount 5000, maxMonthlyChange 2000, maxNewSales 5"},
		{"a currency that nobody knows", "GBP", f.GuardsAt("live"), "maxAmount 5000, maxMonthlyChange 2000, maxNewSales 5"},
	} {
		if got := saidOf(row.guards.MoneyIn(row.currency)); got != row.want {
			t.Errorf("%s, %s: got %s, want %s", row.what, row.currency, got, row.want)
		}
	}
}

// The strictest of two lets nothing through that one of them stops, in any currency; laying guards over others keeps every own entry.
func TestStrictestMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawMoney(t, "a"), drawMoney(t, "b")
		both := a.Strictest(b)
		for _, currency := range []string{"TL", "USD", "EUR", "GBP"} {
			got := both.MoneyIn(currency).MaxAmount
			for _, one := range []project.Guards{a, b} {
				if g := one.MoneyIn(currency).MaxAmount; g.At != "" && (got.At == "" || got.Value > g.Value) {
					t.Fatalf("%s: %+v of %+v and %+v", currency, got, a.Money, b.Money)
				}
			}
			if again := b.Strictest(a).MoneyIn(currency).MaxAmount; again.Value != got.Value || (again.At == "") != (got.At == "") {
				t.Fatalf("%s: %+v, and the other way round %+v", currency, got, again)
			}
		}
	})
}

// drawMoney draws the biggest amounts of some currencies.
func drawMoney(t *rapid.T, label string) project.Guards {
	g := project.Guards{Money: map[string]project.MoneyGuards{}}
	for _, name := range []string{"TL", "USD", project.Other} {
		if rapid.Bool().Draw(t, label+" says "+name) {
			g.Money[name] = project.MoneyGuards{MaxAmount: project.Said[int64]{Value: rapid.Int64Range(0, 5).Draw(t, name), At: "m.yaml:1:1"}}
		}
	}
	return g
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
