package policy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/policy"
	"github.com/mokasync/mokasync/internal/spec"
)

// rule makes a rule whose places are characters of the expression, from 1, in a line of their own.
func rule(name, expression string) policy.Rule {
	return policy.Rule{Name: name, Expression: expression, Message: "told", Severity: spec.Error, At: func(char int) spec.Diagnostic {
		return spec.Diagnostic{File: "m.yaml", Line: 1, Column: char + 1}
	}}
}

// told gives diagnostics as "column: message".
func told(ds []spec.Diagnostic) string {
	var out []string
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%d: %s", d.Column, d.Message))
	}
	return strings.Join(out, "\n")
}

// manifests reads resources as a command does.
func manifests(t testing.TB, text string) []*spec.Resource {
	t.Helper()
	set, ds := spec.Load(context.Background(), []string{"-"}, spec.Options{Stdin: strings.NewReader(text)})
	if spec.HasErrors(ds) {
		t.Fatal(ds)
	}
	set.ResolveSources(func(string) (string, bool) { return "", false }, nil)
	return set.Resources
}

const shop = `
apiVersion: mokasync/v1
kind: Customer
metadata: {name: elif, annotations: {owner: print}}
spec: {firstName: Elif, email: elif@example.com, password: {fromEnv: PW, version: 1}}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: gold}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: twice}
spec: {frequency: monthly, daysOfMonth: [15, 1]}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: visa}
spec: {customer: elif, token: 11111111-2222-3333-4444-555555555555}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: elif-gold, labels: {team: print}}
spec:
  customer: elif
  product: {productCode: P-1}
  schedule: twice
  cards: [visa, {token: 66666666-2222-3333-4444-555555555555}]
  amount: 149.9
  beginDate: "2027-01-15"
`

// What an expression sees of a manifest. Each is true of the resource that it names, and of no other.
func TestResources(t *testing.T) {
	resources := manifests(t, shop)
	for _, row := range []struct{ what, of, expression string }{
		{"an amount is a text with two places", "sale/elif-gold", `resource.spec.amount == "149.90"`},
		{"kuruş are exact", "sale/elif-gold", `kurus(resource.spec.amount) == 14990`},
		{"a default is filled in", "sale/elif-gold", `resource.spec.currency == "TL" && resource.spec.planType == "automatic" && resource.spec.endDate == "never"`},
		{"a whole number is an int", "sale/elif-gold", `resource.spec.installmentNumber + resource.spec.howManyTrial == 2`},
		{"a code that is left out is the name", "sale/elif-gold", `resource.spec.saleCode == resource.metadata.name`},
		{"so is a schedule's name", "schedule/twice", `resource.spec.scheduleName == "twice"`},
		{"what has no default and is left out is absent", "sale/elif-gold", `!has(resource.spec.description) && !has(resource.spec.saleDate) && !has(resource.spec.customerTypeId)`},
		{"what another kind has is absent", "sale/elif-gold", `!has(resource.spec.frequency)`},
		{"a reference is a name", "sale/elif-gold", `resource.spec.customer == "elif"`},
		{"or a mapping", "sale/elif-gold", `resource.spec.product.productCode == "P-1"`},
		{"a list of references; a token is hidden", "sale/elif-gold", `resource.spec.cards.size() == 2 && resource.spec.cards[0] == "visa" && resource.spec.cards[1].token == "(secret)"`},
		{"days are numbers in order", "schedule/twice", `resource.spec.daysOfMonth == [1, 15]`},
		{"personal fields are there", "customer/elif", `resource.spec.email.endsWith("@example.com")`},
		{"labels and annotations", "sale/elif-gold", `resource.metadata.labels["team"] == "print"`},
		{"annotations", "customer/elif", `"owner" in resource.metadata.annotations`},
		{"an address", "product/gold", `resource.address == "product/gold"`},
		{"what some of a list is", "sale/elif-gold", `resource.spec.cards.filter(c, type(c) == string) == ["visa"]`},
		{"what a list comes to", "schedule/twice", `resource.spec.daysOfMonth.map(d, d * 2) == [2, 30] && resource.spec.daysOfMonth.map(d, d > 1, d + 1) == [16]`},
		{"lists are joined", "schedule/twice", `[0] + resource.spec.daysOfMonth + [31] == [0, 1, 15, 31] && dyn(["a"]) + dyn([1]) == ["a", 1]`},
		{"mappings are made", "sale/elif-gold", `{"code": resource.spec.saleCode, "days": [today]}["days"] == [today]`},
		{"one list after another", "schedule/twice", `resource.spec.daysOfMonth.map(d, string(d)).filter(d, d.size() > 1).exists(d, d == "15")`},
		{"in a list of what there is", "sale/elif-gold", `[resource].exists(r, r.kind == "Sale" && r.spec.currency == "TL" && has(r.spec.amount) && r.metadata == resource.metadata)`},
		{"today", "sale/elif-gold", `resource.spec.beginDate > today && endpoint == "live" && environment == "shop"`},
		{"a time in a zone that is written out", "sale/elif-gold", `[timestamp("2026-12-31T23:00:00Z")].all(t, t.getHours("Europe/Istanbul") == 2 && t.getDate("+03:00") == 1 && t.getFullYear("UTC") == 2026 && t.getMonth() == 11)`},
		{"days between", "sale/elif-gold", `timestamp(resource.spec.beginDate + "T00:00:00Z") - timestamp(today + "T00:00:00Z") == duration("336h")`},
	} {
		t.Run(row.what, func(t *testing.T) {
			kind, _, _ := strings.Cut(row.of, "/")
			guarded := fmt.Sprintf(`resource.address.startsWith("%s/") && (%s)`, kind, row.expression)
			set, ds := policy.Compile([]policy.Rule{rule("a", guarded)})
			if len(ds) > 0 {
				t.Fatal(told(ds))
			}
			ds, err := set.Manifests(context.Background(), policy.World{Resources: resources, Today: "2027-01-01", Endpoint: "live", Environment: "shop"})
			if err != nil {
				t.Fatal(err)
			}
			if len(ds) != 1 || ds[0].Address != row.of {
				t.Errorf("told of %v, want of %s", ds, row.of)
			}
		})
	}
}

// Mistakes are found before anything is judged, each at its character.
func TestMistakes(t *testing.T) {
	for _, row := range []struct{ expression, want string }{
		{`resource.kind == "Sales"`, `18: this is never "Sales"; did you mean Sale? (policy a)`},
		{`resource.kind in ["Sale", "Crad"]`, `27: this is never "Crad"; did you mean Card? (policy a)`},
		{`"TRY" != resource.spec.currency`, `1: this is never "TRY": there are TL, USD, EUR (policy a)`},
		{`change.action == "remove"`, `18: this is never "remove": there are create, adopt, update, delete, forget, blocked, orphan, unchanged (policy a)`},
		{`resource.spec.amout == "1"`, `14: there is no "amout" here; did you mean amount? (policy a)`},
		{`resource.spec.token == "x"`, `14: token is secret: no policy sees it (policy a)`},
		{`resource.spec.password == "x"`, `14: password is secret: no policy sees it (policy a)`},
		{`resourc.kind == "Sale"`, `1: there is no "resourc" here; did you mean resource? (policy a)`},
		{`resource.spec.amount > 100`, `22: > does not take (string, int); an amount is a text: kurus(resource.spec.amount) > 10000 (policy a)`},
		{`100 < money["TL"].perMonthAfter`, `5: < does not take (int, string); an amount is a text: kurus(money["TL"].perMonthAfter) > 10000 (policy a)`},
		{`resource.metadata.name > 100`, `24: > does not take (string, int) (policy a)`},
		{`kurus(100) > 1`, `6: kurus does not take (int) (policy a)`},
		{`resource.spec.amount`, `0: the expression gives a text, and is to give true or false: compare it with something (policy a)`},
		{`resource.spec.customer`, `0: the expression gives a value of any type, and is to give true or false: compare it with something (policy a)`},
		{`resource.kind == `, `18: the expression ends too early: something is to follow, such as a closing bracket (policy a)`},
		{`resource.kind = "Sale"`, "15: `=` compares nothing: write `==` (policy a)"},
		{`resource.kind="Sale"`, "14: `=` compares nothing: write `==` (policy a)"},
		{`resource.kind === "Sale"`, "17: `=` compares nothing: write `==` (policy a)"},
		{`resource.kind.matches("[")`, "23: the pattern cannot be read: error parsing regexp: missing closing ]: `[` (policy a)"},
		{`resource.kind.matches("(a{1000}){1000}")`, "23: the pattern cannot be read: error parsing regexp: invalid repeat count: `{1000}` (policy a)"},
		{`resource.kind.matches("((a{10}b{10}){10}c*){10}")`, "23: the pattern repeats too much: make it simpler (policy a)"},
		{`resource.kind.matches(resource.address)`, "31: the pattern of matches is to be written out, as a text in quotes (policy a)"},
		{`[1] + 2 == [1, 2]`, `5: + does not take (list(int), int) (policy a)`},
		{`[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))`, "41: loops (all, exists, map, …) nest 3 deep at most (policy a)"},
		{`timestamp(today + "T00:00:00Z").getHours("Local") == 0`, `42: a time zone is written out: "Europe/Istanbul", "UTC", or an offset such as "+03:00" (policy a)`},
		{`timestamp(0).getDayOfWeek(resource.metadata.name) == 0`, `44: a time zone is written out: "Europe/Istanbul", "UTC", or an offset such as "+03:00" (policy a)`},
		{`timestamp(0).getDate("America/New_York") == 1`, `22: a time zone is written out: "Europe/Istanbul", "UTC", or an offset such as "+03:00" (policy a)`},
		{`google.protobuf.ListValue{values: [1]} == [1]`, `26: an expression makes no values of types such as "google.protobuf.ListValue": it judges what there is (policy a)`},
		{strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), "0: expression recursion limit exceeded: 100 (policy a)"},
	} {
		_, ds := policy.Compile([]policy.Rule{rule("a", row.expression)})
		if diff := cmp.Diff(row.want, told(ds)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", row.expression, diff)
		}
	}
}

// What goes wrong while judging is told once for a policy, and shows no value of a manifest.
func TestFailures(t *testing.T) {
	for _, row := range []struct{ expression, want string }{
		{`resource.spec.currency == "EUR"`, "14: card/visa and 3 more: there is no currency here: ask with `has` or for the kind first (policy a)"},
		{`resource.metadata.labels.team == "x"`, "25: card/visa and 3 more: there is no key \"team\" here: ask with `in` first (policy a)"},
		{`resource.kind == "Customer" && dyn(resource.spec)[resource.spec.firstName] == "x"`, "50: customer/elif: there is no such field here: ask with `has` or for the kind first (policy a)"},
		{`resource.kind == "Customer" && {"a": true}[resource.spec.email]`, "43: customer/elif: there is no such key: ask with `in` first (policy a)"},
		{`resource.kind == "Customer" && int(resource.spec.email) > 0`, "35: customer/elif: a value does not fit what is done with it (policy a)"},
		{`resource.kind == "Customer" && kurus(resource.spec.email) > 0`, `37: customer/elif: kurus takes an amount with up to two decimal places, such as "149.90" (policy a)`},
		{`resource.kind == "Sale" && kurus("92233720368547758.08") > 0`, "33: sale/elif-gold: an amount in kuruş is larger than 64 bits hold (policy a)"},
		{`resource.kind == "Sale" && kurus("92233720368547758.07") + kurus(resource.spec.amount) > 0`, "58: sale/elif-gold: a number is larger than 64 bits hold (policy a)"},
		{`resource.kind == "Sale" && 1 / (resource.spec.installmentNumber - 1) > 0`, "30: sale/elif-gold: it divides by zero (policy a)"},
		{`resource.kind == "Sale" && resource.spec.customer.customerCode == "x"`, "50: sale/elif-gold: there is no key \"customerCode\" here: ask with `in` first (policy a)"},
		{`resource.kind == "Sale" && ` + long, "0: sale/elif-gold: the expression runs too long: make it simpler (policy a)"},
	} {
		set, ds := policy.Compile([]policy.Rule{rule("a", row.expression)})
		if len(ds) > 0 {
			t.Fatal(told(ds))
		}
		ds, err := set.Manifests(context.Background(), policy.World{Resources: manifests(t, shop), Today: "2027-01-01"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row.want, told(ds)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", row.expression, diff)
		}
		if strings.Contains(told(ds), "example.com") {
			t.Errorf("%s shows personal data", row.expression)
		}
	}
}

// long costs more than an evaluation may.
var long = func() string {
	hundred := "[" + strings.Repeat("1,", 99) + "1]"
	return hundred + ".all(x, " + hundred + ".all(y, x + y > 0))"
}()

// planOf has a sale that is made, one whose price changes, one that is deleted, and what that comes to.
func planOf(t *testing.T) ([]*spec.Resource, *plan.Plan) {
	resources := manifests(t, shop)
	amount, name := spec.Sale.Def().Field("amount"), spec.Customer.Def().Field("firstName")
	texts := func(f *spec.Field, text string) plan.Text { return plan.Masked(f, []string{text}) }
	var tl forecast.Currency
	tl.Currency, tl.Charges30, tl.Charges90 = "TL", 1, 3
	tl.After.Add(14990)
	return resources, &plan.Plan{
		Changes: []*plan.Change{
			{Address: spec.Address{Kind: spec.Sale, Name: "elif-gold"}, Action: plan.Update, Fields: []plan.FieldChange{{Field: amount, From: texts(amount, "99.90"), To: texts(amount, "149.90")}}},
			{Address: spec.Address{Kind: spec.Customer, Name: "elif"}, Action: plan.Create, Fields: []plan.FieldChange{{Field: name, To: texts(name, "(personal)")}}},
			{Address: spec.Address{Kind: spec.Sale, Name: "old"}, Action: plan.Delete, Known: &lockfile.Entry{Labels: map[string]string{"team": "web"}}},
		},
		Money: &forecast.Impact{Currencies: []forecast.Currency{tl}},
	}
}

// What an expression sees of a plan, and of which addresses it is true; "once" for the plan as a whole.
func TestPlan(t *testing.T) {
	resources, p := planOf(t)
	for _, row := range []struct{ what, expression, want string }{
		{"an update", `change.action == "update" && kurus(change.fields.amount.to) > kurus(change.fields.amount.from)`, "sale/elif-gold"},
		{"what is hidden in a plan is hidden here", `change.action == "create" && change.fields["firstName"].to == "(personal)" && !has(change.fields.firstName.from)`, "customer/elif"},
		{"what is deleted has kind, address and metadata", `change.action == "delete" && resource.kind == "Sale" && resource.address == "sale/old" && resource.metadata.labels.team == "web" && !has(resource.spec.amount)`, "sale/old"},
		{"nothing changes", `change.action == "unchanged" && change.kind == "Card" && change.fields.size() == 0`, "card/visa"},
		{"change and resource together", `resource.kind == "Sale" && change.action != "delete" && resource.spec.currency == "TL"`, "sale/elif-gold"},
		{"money, once", `money.TL.charges90 == 3 && money["TL"].charges30 == 1 && money.TL.perMonthBefore == "0.00" && !("USD" in money)`, "once"},
		{"money of all currencies", `money.exists(c, kurus(money[c].perMonthAfter) > 100)`, "once"},
		{"money beside a resource", `resource.kind == "Card" && money.size() == 1`, "card/visa"},
		{"a rule for manifests is not asked again", `resource.kind == "Sale"`, ""},
	} {
		set, ds := policy.Compile([]policy.Rule{rule("a", row.expression)})
		if len(ds) > 0 {
			t.Fatal(told(ds))
		}
		ds, err := set.Plan(context.Background(), policy.World{Resources: resources, Today: "2027-01-01", Endpoint: "live"}, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range ds {
			if d.Address == "" {
				d.Address = "once"
			}
			got = append(got, d.Address)
		}
		if diff := cmp.Diff(row.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: want -, got +:\n%s\n%s", row.what, diff, told(ds))
		}
	}
}

// A part of the manifests is judged where only a part is planned.
func TestPlanOfAPart(t *testing.T) {
	resources, p := planOf(t)
	p.Changes = nil
	set, _ := policy.Compile([]policy.Rule{rule("a", `change.action == "unchanged"`)})
	ds, err := set.Plan(context.Background(), policy.World{Resources: resources}, p, map[spec.Address]bool{{Kind: spec.Card, Name: "visa"}: true})
	if err != nil || len(ds) != 1 || ds[0].Address != "card/visa" {
		t.Errorf("%v %v, want card/visa alone", ds, err)
	}
}

// Which account is meant is not known without an environment: who asks for it is not asked then.
func TestManifestsWithoutAnAccount(t *testing.T) {
	set, _ := policy.Compile([]policy.Rule{rule("a", `endpoint != "live" && resource.kind == "Card"`), rule("b", `change.action == "create"`), rule("c", `today > "2026-01-01"`)})
	ds, err := set.Manifests(context.Background(), policy.World{Resources: manifests(t, shop), Today: "2027-01-01"})
	if got, want := told(ds), "0: told (policy c)"; got != want || err != nil {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
}

// The place is the manifest's, the words are the rule's.
func TestTold(t *testing.T) {
	r := rule("only-dollars", `resource.kind == "Sale" && resource.spec.currency != "USD"`)
	r.Severity, r.Message = spec.Warning, "sales are in dollars"
	set, _ := policy.Compile([]policy.Rule{r})
	ds, err := set.Manifests(context.Background(), policy.World{Resources: manifests(t, shop)})
	want := []spec.Diagnostic{{Severity: spec.Warning, File: "-", Line: 23, Column: 7, Address: "sale/elif-gold", Message: "sale/elif-gold: sales are in dollars (policy only-dollars)"}}
	if diff := cmp.Diff(want, ds); diff != "" || err != nil {
		t.Errorf("%v want -, got +:\n%s", err, diff)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	set, _ := policy.Compile([]policy.Rule{rule("a", `resource.kind == "Sale"`)})
	if _, err := set.Manifests(ctx, policy.World{Resources: manifests(t, shop)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// No expression panics, runs on, or shows what is personal or secret.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`resource.kind == "Sale" && resource.spec.currency != "TL"`, `kurus("149.90") > 1`, `[1, 2].all(x, x > 0)`, `money.exists(c, kurus(money[c].perMonthAfter) > 0)`, long,
		`resource.spec.email.matches("a+")`, `{"a": 1}[resource.spec.email] == 1`, `int(resource.spec.email) == 1`, `timestamp(resource.spec.email) > timestamp(today)`, `type(resource) == type(1)`,
		`resource == change`, `[resource, resource].exists_one(r, r.spec == resource.spec)`, `dyn(resource).spec.token == "x"`, `dyn(resource.spec)["token"] == 1`, `Spec{}.amount == ""`,
		`["a"].map(s, s + s + s + s).map(s, s + s + s + s).exists(s, s == resource.spec.lastName)`, `b"a" + b"b" == b"ab"`, `1u + 2u > 0u && 1.5 / 0.0 > 1.0`, `has(change.fields.amount.from)`,
		`resource.spec.cards.map(c, [c, c]).filter(c, c == c).map(c, c + c) == [[""]]`, `[dyn([1])].map(x, dyn(x) + dyn(x) + x).exists(x, x == [1] || x in [x, [x]])`, `{"a": [resource, resource]} == {"a": [change]}`,
	} {
		f.Add(seed)
	}
	resources := manifests(f, strings.Replace(shop, "Elif,", `Elif, lastName: "hunter2secret",`, 1))
	p := &plan.Plan{Money: &forecast.Impact{Currencies: []forecast.Currency{{Currency: "TL"}}}}
	f.Fuzz(func(t *testing.T, expression string) {
		began := time.Now()
		defer func() {
			if took := time.Since(began); took > 5*time.Second && len(expression) <= policy.MaxExpression {
				t.Errorf("%q takes %v", expression, took)
			}
		}()
		set, ds := policy.Compile([]policy.Rule{rule("a", expression)})
		world := policy.World{Resources: resources, Today: "2027-01-01", Endpoint: "live"}
		for _, judge := range []func() ([]spec.Diagnostic, error){
			func() ([]spec.Diagnostic, error) { return set.Manifests(context.Background(), world) },
			func() ([]spec.Diagnostic, error) { return set.Plan(context.Background(), world, p, nil) },
		} {
			more, err := judge()
			if err != nil {
				t.Error(err)
			}
			ds = append(ds, more...)
		}
		for _, d := range ds {
			for _, secret := range []string{"hunter2secret", "elif@example.com", "11111111-2222", "66666666-2222"} {
				if strings.Contains(d.Message, secret) && !strings.Contains(expression, secret) {
					t.Errorf("%q shows %s: %s", expression, secret, d.Message)
				}
			}
		}
	})
}
