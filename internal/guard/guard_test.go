package guard_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/guard"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/spec"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func manifest(kind, name, body string) string {
	return fmt.Sprintf("apiVersion: mokasync/v1\nkind: %s\nmetadata: {name: %s}\nspec: {%s}\n---\n", kind, name, body)
}

// rest is what the sales of these tests need.
var rest = manifest("Customer", "elif", "firstName: Elif") + manifest("Product", "gold", "productName: Gold") + manifest("Schedule", "m15", "frequency: monthly, daysOfMonth: [15]")

const parties = "customer: elif, product: gold, customerTypeId: 1, "

// sale is one of 149.90 a month; more may say its fields otherwise.
func sale(name string, fields ...string) string {
	body := []string{"schedule: m15", `amount: "149.90"`, `beginDate: "2035-02-01"`, `endDate: "2036-02-01"`}
	for _, f := range fields {
		key, value, _ := strings.Cut(f, ":")
		for i := range body {
			if strings.HasPrefix(body[i], key+":") {
				body[i] = ""
			}
		}
		if value != "" {
			body = append(body, f)
		}
	}
	said := ""
	for _, f := range body {
		if f != "" {
			said += f + ", "
		}
	}
	return manifest("Sale", name, parties+said)
}

// byHand is a sale that has no schedule.
func byHand(name string, fields ...string) string {
	return sale(name, append(fields, "planType: manual", "schedule:")...)
}

func step(name, saleName string, fields string) string {
	return manifest("PaymentStep", name, "sale: "+saleName+", "+fields)
}

func read(t fataler, folder, text string) []*spec.Resource {
	t.Helper()
	path := filepath.Join(folder, "m.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatalf("%v", err)
	}
	set, ds := spec.Load(context.Background(), []string{path}, spec.Options{})
	if spec.HasErrors(ds) {
		t.Fatalf("%v\n%s", ds, text)
	}
	return set.Resources
}

// applied is the lockfile after manifests were applied.
func applied(resources []*spec.Resource) *lockfile.Lock {
	known := lockfile.New("test", "1731", lockfile.NewSalt())
	w := plan.NewWorld(resources, known)
	for i, kind := range spec.Kinds() {
		for j, r := range resources {
			if r.Address.Kind == kind {
				e := w.Entry(r, int64(1000*(i+1)+j))
				e.Defaults = lockfile.FieldsOf(sent(r))
				known.Put(e)
			}
		}
	}
	return known
}

// sent are the defaults that go with a creation.
func sent(r *spec.Resource) []lockfile.Locked {
	var out []lockfile.Locked
	fields := r.Address.Kind.Def().Fields
	for i := range fields {
		if f := &fields[i]; f.Default != "" && f.Default != spec.DefaultName && f.Default != spec.DefaultToday && r.Value(f.Name) == nil {
			out = append(out, lockfile.Locked{Field: f, Text: f.Default})
		}
	}
	return out
}

// planned is the plan from one set of manifests to another, on 1 January 2035.
func planned(t fataler, folder, before, after string) *plan.Plan {
	t.Helper()
	known := applied(read(t, folder, before))
	return plan.Make(plan.Input{Endpoint: "test", Dealer: "1731", Resources: read(t, folder, after), Known: known, Whole: true, Today: "2035-01-01"})
}

func guards(t fataler, text string) project.Guards {
	t.Helper()
	f, ds := project.Parse("mokasync.yaml", []byte("apiVersion: mokasync/v1\nkind: Project\nspec:\n  guards: {"+text+"}\n"))
	if len(ds) > 0 {
		t.Fatalf("%v", ds)
	}
	return f.Settings(nil).Guards
}

// morning is half past nine in Istanbul on 1 January 2035.
var morning = time.Date(2035, 1, 1, 6, 30, 0, 0, time.UTC)

func told(broken []plan.BrokenGuard) string {
	var out []string
	for _, b := range broken {
		out = append(out, b.Guard+": "+b.Message)
	}
	return strings.Join(out, "\n")
}

func tl(text string) string { return "money: {TL: {" + text + "}}" }

func TestCheck(t *testing.T) {
	elsewhere := "schedule: {id: 77}"
	for _, row := range []struct {
		what          string
		guards        string
		before, after string
		want          string
	}{
		{"nothing is guarded", "requirePlan: true", "", sale("a"), ""},
		{"within every bound", tl(`maxAmount: "149.90", maxMonthlyChange: 149.90, maxNewSales: 1, openEnded: false, leadDays: 31`), "", sale("a"), ""},
		{"all at once, in their order", tl("maxAmount: 100, maxMonthlyChange: 100, maxMonthlyChangePercent: 100, maxNewSales: 0, openEnded: false, leadDays: 32"), "", sale("a", "endDate: never"),
			"maxAmount: a payment of sale/a would be 149.90 TL, above 100.00\n" +
				"maxMonthlyChange: the payments of a month would go from 0.00 to 149.90 TL, by 149.90, more than 100.00; the largest part: sale a\n" +
				"maxMonthlyChangePercent: the payments of a month would go from 0.00 to 149.90 TL, by 149.90, more than 100 per cent; the largest part: sale a\n" +
				"maxNewSales: the new sales in TL would be 1, more than 0; the biggest is sale/a\n" +
				"openEnded: sale/a would be charged in TL until somebody ends it\n" +
				"leadDays: sale/a would begin on 2035-02-01, and in TL nothing may begin before 2035-02-02 (leadDays 32)"},

		{"the biggest amount of several, by a kuruş", tl(`maxAmount: "149.90"`), "", sale("a") + sale("b", `amount: "149.91"`) + sale("c", "amount: 200") + sale("d", "amount: 200.00"),
			"maxAmount: a payment of sale/c would be 200.00 TL, above 149.90; and 2 more"},
		{"a payment step", tl("maxAmount: 100"), sale("a", "planType: both"), sale("a", "planType: both") + step("s", "a", `paymentDate: "2035-03-01", amount: "100.01"`),
			"maxAmount: a payment of paymentstep/s would be 100.01 TL, above 100.00"},
		{"an amount that changes, also where it falls", tl("maxAmount: 100"), sale("a", "amount: 300") + sale("b", "amount: 50"), sale("a", "amount: 200") + sale("b", "amount: 120"),
			"maxAmount: a payment of sale/a would be 200.00 TL, above 100.00; and 1 more"},
		{"a currency that changes", "money: {TL: {maxAmount: 500}, USD: {maxAmount: 100}}", sale("a", "currency: TL"), sale("a", "currency: USD"),
			"maxAmount: a payment of sale/a would be 149.90 USD, above 100.00"},
		{"an amount that stays is not judged", tl("maxAmount: 100"), sale("a"), sale("a", `endDate: "2035-12-01"`), ""},
		{"each currency has its own bounds", "money: {TL: {maxAmount: 500}, other: {maxAmount: 1}}", "", sale("a") + sale("b", "currency: USD") + sale("c", "currency: EUR"),
			"maxAmount: a payment of sale/b would be 149.90 USD, above 1.00\nmaxAmount: a payment of sale/c would be 149.90 EUR, above 1.00"},
		{"what a currency's own entry does not say, the others' does", "money: {TL: {leadDays: 1}, other: {maxAmount: 1, leadDays: 3650}}", "", sale("a"), "maxAmount: a payment of sale/a would be 149.90 TL, above 1.00"},

		{"a month's sum, down", tl("maxMonthlyChange: 149.88"), sale("a"), sale("a", `amount: "0.01"`),
			"maxMonthlyChange: the payments of a month would go from 149.90 to 0.01 TL, by 149.89, more than 149.88; the largest part: sale a"},
		{"ten per cent, exactly", tl("maxMonthlyChangePercent: 10"), sale("a", "amount: 100"), sale("a", "amount: 110"), ""},
		{"ten per cent and a kuruş", tl("maxMonthlyChangePercent: 10"), sale("a", "amount: 100"), sale("a", "amount: 110.01"),
			"maxMonthlyChangePercent: the payments of a month would go from 100.00 to 110.01 TL, by 10.01, more than 10 per cent; the largest part: sale a"},
		{"from nothing any rise is too much", tl("maxMonthlyChangePercent: 1000000"), "", sale("a", "amount: 0.01"),
			"maxMonthlyChangePercent: the payments of a month would go from 0.00 to 0.01 TL, by 0.01, more than 1000000 per cent; the largest part: sale a"},
		{"a schedule that moves its sales", tl("maxMonthlyChange: 100"), sale("a"), strings.Replace(rest, "[15]", "[1, 15]", 1) + sale("a"),
			"maxMonthlyChange: the payments of a month would go from 149.90 to 299.80 TL, by 149.90, more than 100.00; the largest part: sale a"},
		{"a changed sale of unknown days breaks both", tl("maxMonthlyChange: 1000000, maxMonthlyChangePercent: 1000"), sale("a", elsewhere), sale("a", elsewhere, "amount: 1"),
			"maxMonthlyChange: what sale a changes per month in TL is not known here: its schedule (id 77) is kept elsewhere\n" +
				"maxMonthlyChangePercent: what sale a changes per month in TL is not known here: its schedule (id 77) is kept elsewhere"},
		{"one of unknown days beside too much", tl("maxMonthlyChange: 1"), sale("a", elsewhere), sale("a", elsewhere, "amount: 1") + sale("b"),
			"maxMonthlyChange: the payments of a month would go from 0.00 to 149.90 TL, by 149.90, more than 1.00; the largest part: sale b; what sale a changes is not known here"},
		{"one of unknown days in another currency", tl("maxMonthlyChange: 1000"), sale("a", elsewhere, "currency: EUR"), sale("a", elsewhere, "currency: EUR", "amount: 1"), ""},
		{"one of unknown days that stays as it is", tl("maxMonthlyChange: 1000"), sale("a", elsewhere), sale("a", elsewhere) + sale("b"), ""},

		{"new sales are counted by currency", "money: {TL: {maxNewSales: 1}, EUR: {maxNewSales: 0}}", "", sale("a") + sale("b", "amount: 1") + sale("c", "currency: EUR"),
			"maxNewSales: the new sales in TL would be 2, more than 1; the biggest is sale/a\nmaxNewSales: the new sales in EUR would be 1, more than 0; the biggest is sale/c"},
		{"a changed sale is not new", tl("maxNewSales: 0"), sale("a"), sale("a", "amount: 1"), ""},

		{"no end is said", tl("openEnded: false"), "", sale("a", "endDate:"), "openEnded: sale/a would be charged in TL until somebody ends it"},
		{"an end is taken away", tl("openEnded: false"), sale("a") + sale("b"), sale("a", "endDate: never") + sale("b", "endDate: never"), "openEnded: sale/a would be charged in TL until somebody ends it; and 1 more"},
		{"there was no end before", tl("openEnded: false"), sale("a", "endDate: never"), sale("a", "endDate: never", "amount: 1"), ""},
		{"a sale that is charged by hand alone does not go on", tl("openEnded: false"), "", byHand("a", "endDate: never") + byHand("b", "endDate:"), ""},
		{"nor does one that was there", tl("openEnded: false"), byHand("a"), byHand("a", "endDate: never"), ""},
		{"one that is charged both ways does", tl("openEnded: false"), "", sale("a", "planType: both", "endDate: never"), "openEnded: sale/a would be charged in TL until somebody ends it"},
		{"open ends are allowed", tl("openEnded: true"), "", sale("a", "endDate: never"), ""},

		{"the first of several days", tl("leadDays: 40"), "", sale("a") + sale("b", `beginDate: "2035-01-20"`),
			"leadDays: sale/b would begin on 2035-01-20, and in TL nothing may begin before 2035-02-10 (leadDays 40); and 1 more"},
		{"a begin date that changes", tl("leadDays: 40"), sale("a", `beginDate: "2035-04-01"`), sale("a"), "leadDays: sale/a would begin on 2035-02-01, and in TL nothing may begin before 2035-02-10 (leadDays 40)"},
		{"a begin date that stays", tl("leadDays: 40"), sale("a"), sale("a", "amount: 1"), ""},
		{"the day of a payment step", tl("leadDays: 40"), sale("a", "planType: both"), sale("a", "planType: both") + step("s", "a", `paymentDate: "2035-02-09", amount: 1`),
			"leadDays: paymentstep/s would begin on 2035-02-09, and in TL nothing may begin before 2035-02-10 (leadDays 40)"},

		{"what is blocked does not happen, nor what depends on it", tl("maxAmount: 1, maxMonthlyChange: 0, maxNewSales: 0"), "", strings.Replace(rest, "Gold", "Silver", 1) + sale("a"), ""},
		{"nothing is planned", tl("maxAmount: 0, maxMonthlyChange: 0, maxMonthlyChangePercent: 0, maxNewSales: 0, openEnded: false, leadDays: 3650") + `, noWritesBetween: ["00:00-24:00"]`, sale("a"), sale("a"), ""},

		{"hours", `noWritesBetween: ["08:00-09:00", "09:00-10:00"]`, sale("a"), sale("a", "amount: 1"), "noWritesBetween: it is 09:30 in Istanbul, and nothing is changed in the hours 09:00-10:00"},
		{"hours that pass midnight", `noWritesBetween: ["22:00-09:31"]`, sale("a"), sale("a", "amount: 1"), "noWritesBetween: it is 09:30 in Istanbul, and nothing is changed in the hours 22:00-09:31"},
		{"hours that have ended", `noWritesBetween: ["22:00-09:30"]`, sale("a"), sale("a", "amount: 1"), ""},
		{"hours, and a change that is no money", `noWritesBetween: ["09:00-10:00"]`, "", strings.Replace(rest, "Elif", "Ayşe", 1), "noWritesBetween: it is 09:30 in Istanbul, and nothing is changed in the hours 09:00-10:00"},
	} {
		t.Run(row.what, func(t *testing.T) {
			after := row.after
			if !strings.Contains(after, "kind: Customer") {
				after = rest + after
			}
			in := guard.Input{Plan: planned(t, t.TempDir(), rest+row.before, after), Guards: guards(t, row.guards), Now: morning}
			if diff := cmp.Diff(row.want, told(guard.Check(in))); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// A sale that is taken over is judged by what that changes there, and by whether it has an end: in the manifest, or at Moka where the manifest leaves it.
func TestTakenOver(t *testing.T) {
	all := guards(t, tl("maxAmount: 100, maxNewSales: 0, openEnded: false, leadDays: 40"))
	field := func(name string) plan.FieldChange { return plan.FieldChange{Field: spec.Sale.Def().Field(name)} }
	for _, row := range []struct {
		what   string
		fields []string
		change []plan.FieldChange
		want   string
	}{
		{"it is there just so", nil, nil, ""},
		{"with another amount", nil, []plan.FieldChange{field("amount")}, "maxAmount: a payment of sale/a would be 149.90 TL, above 100.00"},
		{"with another beginning", nil, []plan.FieldChange{field("beginDate")}, "leadDays: sale/a would begin on 2035-02-01, and in TL nothing may begin before 2035-02-10 (leadDays 40)"},
		{"without an end", []string{"endDate: never"}, nil, "openEnded: sale/a would be charged in TL until somebody ends it"},
		{"with an end that is not said here, nor known", []string{"endDate:"}, nil, "openEnded: sale/a would be charged in TL until somebody ends it"},
	} {
		t.Run(row.what, func(t *testing.T) {
			p := planned(t, t.TempDir(), rest, rest+sale("a", row.fields...))
			p.Changes[0].Action, p.Changes[0].Fields = plan.Adopt, row.change
			if diff := cmp.Diff(row.want, told(guard.Check(guard.Input{Plan: p, Guards: all, Now: morning}))); diff != "" {
				t.Error(diff)
			}
			p.Sales[0].After.Rhythm.End = "2036-01-01" // as Moka says
			if got := told(guard.Check(guard.Input{Plan: p, Guards: all, Now: morning})); strings.Contains(got, "openEnded") && row.fields[0] == "endDate:" {
				t.Errorf("an end at Moka is one: %s", got)
			}
		})
	}
}

// A sale whose currency was left to Moka, and that nobody saw, breaks the bounds of whichever currency it may have.
func TestCurrencyNotKnown(t *testing.T) {
	folder := t.TempDir()
	known := applied(read(t, folder, rest+sale("a")))
	known.Get(spec.Address{Kind: spec.Sale, Name: "a"}).Defaults = lockfile.Fields{}
	p := plan.Make(plan.Input{Endpoint: "test", Dealer: "1731", Resources: read(t, folder, rest+sale("a", "amount: 150")), Known: known, Whole: true, Today: "2035-01-01"})
	for _, currency := range []string{"TL", "USD", "EUR"} {
		got := told(guard.Check(guard.Input{Plan: p, Guards: guards(t, "money: {"+currency+": {maxAmount: 100, maxMonthlyChange: 1000}}"), Now: morning}))
		if !strings.Contains(got, "maxAmount: a payment of sale/a would be 150.00 "+currency) || !strings.Contains(got, "maxMonthlyChange: ") {
			t.Errorf("%s: got %q", currency, got)
		}
	}
}

// The place of a guard is that of the bound which is broken.
func TestPlace(t *testing.T) {
	g := guards(t, `money: {other: {maxAmount: 1}}, noWritesBetween: ["00:00-01:00", "09:00-10:00"]`)
	broken := guard.Check(guard.Input{Plan: planned(t, t.TempDir(), rest, rest+sale("a", "currency: EUR")), Guards: g, Now: morning})
	if len(broken) != 2 || broken[0].At != "mokasync.yaml:4:39" || broken[1].At != "mokasync.yaml:4:77" {
		t.Errorf("got %+v", broken)
	}
}

// A plan that does not say what it comes to breaks every bound on that.
func TestWithoutMoney(t *testing.T) {
	p := planned(t, t.TempDir(), rest, rest+sale("a"))
	p.Money, p.Sales = nil, nil
	got := told(guard.Check(guard.Input{Plan: p, Guards: guards(t, tl("maxMonthlyChange: 1000")), Now: morning}))
	if got != "maxMonthlyChange: what it changes per month in TL is not known here" {
		t.Error(got)
	}
}
