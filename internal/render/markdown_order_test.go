package render

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// pageOf gives a plan as Markdown, and what a reader sees of it.
func pageOf(t *testing.T, p *plan.Plan, ds ...spec.Diagnostic) (string, *seen) {
	t.Helper()
	var b strings.Builder
	if err := PlanMarkdown(&b, p, ds, MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String(), look(t, b.String())
}

// raised is a sale whose price changes.
func raised(i int, from, to string) *plan.Change {
	return changed(spec.Sale, fmt.Sprintf("member-%05d", i), plan.Update, field{"amount", from, to})
}

// withKnown gives a change the line that the lockfile has of it: name, text, and so on in turn.
func withKnown(c *plan.Change, texts ...string) *plan.Change {
	var fields []lockfile.Locked
	for i := 0; i < len(texts); i += 2 {
		fields = append(fields, lockfile.Locked{Field: c.Address.Kind.Def().Field(texts[i]), Text: texts[i+1]})
	}
	c.Known = &lockfile.Entry{Address: c.Address, Fields: lockfile.FieldsOf(fields)}
	return c
}

// names are the resources of the first n rows.
func names(got *seen, n int) []string {
	var out []string
	for _, row := range got.rows[:n] {
		first, _, _ := strings.Cut(row[0], "\n")
		out = append(out, first)
	}
	return out
}

// TestOneWrongPrice: among ten thousand prices that go up by a tenth those that do something else stand first, whatever their names are.
func TestOneWrongPrice(t *testing.T) {
	p := planOf()
	for i := range 10_000 {
		p.Changes = append(p.Changes, raised(i, "515.00", "566.50"))
	}
	p.Changes[1] = changed(spec.Sale, "member-00001", plan.Update, field{"endDate", "2028-01-15", "never"})
	p.Changes[7000] = raised(7000, "515.00", "56500.00")
	p.Changes[8000] = raised(8000, "515.00", "5.66")
	p.Changes[9000] = changed(spec.Sale, "member-09000", plan.Update, field{"currency", "TL", "USD"})
	page, got := pageOf(t, p)
	want := []string{"sale/member-09000", "sale/member-07000", "sale/member-08000", "sale/member-00000", "sale/member-00002"}
	if diff := gocmp.Diff(names(got, 5), want); diff != "" {
		t.Errorf("got, want:\n%s", diff)
	}
	if !strings.Contains(page, "Those whose amount changes most, up or down, come first.") {
		t.Error("the page does not say its order")
	}
	if strings.Contains(page, "member-00001`") {
		t.Error("a change that moves no amount stands before those that do")
	}
}

// TestFewByAddress: a table that is read whole stays in the order of addresses.
func TestFewByAddress(t *testing.T) {
	p := planOf()
	for i := range 20 + foldLeast {
		p.Changes = append(p.Changes, raised(i, "100.00", fmt.Sprintf("%d.00", 101+i)))
	}
	page, got := pageOf(t, p)
	if list := names(got, len(p.Changes)); !slices.IsSorted(list) {
		t.Errorf("the order is %q", list)
	}
	if strings.Contains(page, "come first") {
		t.Error("the page names an order that it does not have")
	}
}

// TestNewOutliers: of many sales that begin the largest and the smallest of each currency stand first, in turn.
func TestNewOutliers(t *testing.T) {
	p := planOf()
	add := func(name, amount, currency string) {
		fields := []field{{"amount", "", amount}}
		if currency != "" {
			fields = append(fields, field{"currency", "", currency})
		}
		p.Changes = append(p.Changes, changed(spec.Sale, name, plan.Create, fields...))
	}
	for i := range 5000 {
		add(fmt.Sprintf("member-%05d", i), "149.90", "")
	}
	add("x-large", "14990.00", "")
	add("x-small", "1.49", "")
	add("y-dollars", "149.90", "USD")
	_, got := pageOf(t, p)
	want := []string{"sale/x-large", "sale/y-dollars", "sale/x-small", "sale/member-00000"}
	if diff := gocmp.Diff(names(got, 4), want); diff != "" {
		t.Errorf("got, want:\n%s", diff)
	}
	if want := "begins: amount 14990.00 TL"; got.rows[0][1] != want+"\n⚠️ open-ended: it charges until it is ended" {
		t.Errorf("the row says %q, want %q", got.rows[0][1], want)
	}
}

// A sale that is charged by hand alone does not go on by itself.
func TestOpenEnded(t *testing.T) {
	for _, row := range []struct {
		planType string
		want     bool
	}{{"", true}, {"both", true}, {"manual", false}} {
		c := changed(spec.Sale, "a", plan.Create, field{"amount", "", "1.00"}, field{"endDate", "", spec.Never})
		if row.planType != "" {
			c = changed(spec.Sale, "a", plan.Create, field{"amount", "", "1.00"}, field{"planType", "", row.planType}, field{"endDate", "", spec.Never})
		}
		if got := len(consequences(c)) > 0; got != row.want {
			t.Errorf("%q: got %v, want %v", row.planType, got, row.want)
		}
	}
}

// TestSwing: the exact order of ratios, in both directions.
func TestSwing(t *testing.T) {
	amount := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%d.%02d", rapid.Int64Range(1, 999_999_999_999).Draw(t, "whole"), rapid.IntRange(0, 99).Draw(t, "cents"))
	})
	ratio := func(from, to string) *big.Rat {
		a, _ := new(big.Rat).SetString(from)
		b, _ := new(big.Rat).SetString(to)
		r := new(big.Rat).Quo(a, b)
		if r.Cmp(big.NewRat(1, 1)) < 0 {
			r.Inv(r)
		}
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c, d := amount.Draw(t, "a"), amount.Draw(t, "b"), amount.Draw(t, "c"), amount.Draw(t, "d")
		got, want := swingOf(raised(1, a, b)).compare(swingOf(raised(2, c, d))), ratio(c, d).Cmp(ratio(a, b))
		if got != want {
			t.Fatalf("%s → %s against %s → %s: %d, want %d", a, b, c, d, got, want)
		}
	})
}

// TestOrderOfPlan: whatever order a plan's changes are in, the page is the same.
func TestOrderOfPlan(t *testing.T) {
	p := studio(400)
	want, _ := pageOf(t, p)
	slices.SortFunc(p.Changes, func(a, b *plan.Change) int { return -cmp.Compare(a.Address.Name, b.Address.Name) })
	if got, _ := pageOf(t, p); got != want {
		t.Error("another order of the changes gives another page")
	}
}

// TestRounds: much of one sort does not push out another.
func TestRounds(t *testing.T) {
	p := planOf()
	for i := range 20_000 {
		left := changed(spec.Sale, fmt.Sprintf("left-%05d", i), plan.Orphan)
		left.Reason = "it goes on charging"
		gone := changed(spec.Sale, fmt.Sprintf("gone-%05d", i), plan.Delete)
		gone.Reason = "it ends"
		p.Changes = append(p.Changes, left, gone, raised(i, "100.00", "110.00"), newSale(i))
	}
	_, got := pageOf(t, p)
	counts := map[string]int{}
	for _, row := range got.rows {
		name, _, _ := strings.Cut(strings.TrimPrefix(row[0], "sale/"), "-0")
		counts[name]++
	}
	for _, name := range []string{"left", "gone", "member"} {
		if counts[name] < roundRows {
			t.Errorf("%d rows of %s are shown, want at least %d: %v", counts[name], name, roundRows, counts)
		}
	}
}

// TestWhoseMoney: a row of a sale says whose it is and what it charges, with its currency, as far as anybody knows.
func TestWhoseMoney(t *testing.T) {
	needs := []spec.Address{{Kind: spec.Customer, Name: "elif"}, {Kind: spec.Product, Name: "gold"}}
	price := field{"amount", "129.90", "149.90"}
	for _, test := range []struct {
		name   string
		change *plan.Change
		want   string
	}{
		{"the lockfile knows the currency", withKnown(changed(spec.Sale, "s", plan.Update, price), "amount", "129.90", "currency", "USD"), "changes: amount 129.90 USD → 149.90 USD\ncustomer elif · product gold"},
		{"a saved plan does not", changed(spec.Sale, "s", plan.Update, price), "changes: amount 129.90 → 149.90\ncustomer elif · product gold"},
		{"another currency", changed(spec.Sale, "s", plan.Update, price, field{"currency", "TL", "EUR"}), "changes: amount 129.90 TL → 149.90 EUR\ncustomer elif · product gold"},
		{"another currency, the same amount", withKnown(changed(spec.Sale, "s", plan.Update, field{"currency", "TL", "EUR"}), "amount", "129.90"), "changes: amount 129.90 TL → 129.90 EUR\ncustomer elif · product gold"},
		{"a currency that was a default", withKnown(changed(spec.Sale, "s", plan.Update, price, field{"currency", "", "EUR"}), "currency", "TL"), "changes: amount 129.90 TL → 149.90 EUR\ncustomer elif · product gold"},
		{"only the end", withKnown(changed(spec.Sale, "s", plan.Update, field{"endDate", "2028-01-15", "never"}), "amount", "129.90", "currency", "TL"),
			"changes: endDate 2028-01-15 → never\ncustomer elif · product gold · at 129.90 TL"},
		{"it ends", withKnown(changed(spec.Sale, "s", plan.Delete), "amount", "129.90", "currency", "TL"), "ends: customer elif · product gold · at 129.90 TL"},
		{"it is kept", withKnown(changed(spec.Sale, "s", plan.Orphan), "amount", "129.90", "currency", "TL"), "left the manifests and stays: customer elif · product gold · at 129.90 TL"},
		{"blocked", withKnown(changed(spec.Sale, "s", plan.Blocked, field{"product", "gold", "silver"}), "amount", "129.90", "currency", "TL"),
			"⛔ blocked\nWhat it would change: product gold → silver\ncustomer elif · at 129.90 TL"},
		{"blocked before it begins", changed(spec.Sale, "s", plan.Blocked, field{"customer", "", "elif"}, field{"product", "", "gold"}, field{"amount", "", "149.90"}),
			"⛔ blocked\nWhat it would change: customer elif · product gold · amount 149.90 TL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.change.DependsOn = needs
			_, got := pageOf(t, planOf(test.change))
			if got.rows[0][1] != test.want {
				t.Errorf("got %q, want %q", got.rows[0][1], test.want)
			}
		})
	}
}

// TestCustomerElsewhere: who is kept elsewhere is named by what the lockfile has.
func TestCustomerElsewhere(t *testing.T) {
	c := withKnown(changed(spec.Sale, "s", plan.Delete), "customer", "CUST-7", "product", " #12", "amount", "129.90")
	_, got := pageOf(t, planOf(c))
	if want := "ends: customer code CUST-7 · product id 12 · at 129.90"; got.rows[0][1] != want {
		t.Errorf("got %q, want %q", got.rows[0][1], want)
	}
}

// TestStepsMoney: a payment step says its sale.
func TestStepsMoney(t *testing.T) {
	c := withKnown(changed(spec.PaymentStep, "s-1", plan.Update, field{"amount", "10.00", "20.00"}), "currency", "TL")
	c.DependsOn = []spec.Address{{Kind: spec.Sale, Name: "s"}}
	_, got := pageOf(t, planOf(c))
	if want := "changes: amount 10.00 TL → 20.00 TL\nsale s"; got.rows[0][1] != want {
		t.Errorf("got %q, want %q", got.rows[0][1], want)
	}
}

// TestSharedReason: a sentence that rows share stands once.
func TestSharedReason(t *testing.T) {
	gone := func(kind spec.Kind, name, reason string) *plan.Change {
		c := changed(kind, name, plan.Delete)
		c.Reason = reason
		return c
	}
	const ends, replaced = "it makes no more payments", "sale/z comes in its place"
	for _, test := range []struct {
		name    string
		changes []*plan.Change
		want    string // above the table
		rows    []string
	}{
		{"one alone", []*plan.Change{gone(spec.Sale, "a", ends)}, "", []string{"ends: " + ends}},
		{"all", []*plan.Change{gone(spec.Sale, "a", ends), gone(spec.Sale, "b", ends), gone(spec.Customer, "c", "")}, "Each sale: " + ends + ".", []string{"ends", "ends", "is deleted"}},
		{"all but one", []*plan.Change{gone(spec.Sale, "a", ends), gone(spec.Sale, "b", ends), gone(spec.Sale, "c", replaced)}, "Each sale that says nothing else: " + ends + ".", []string{"ends", "ends", "ends: " + replaced}},
		{"one says nothing", []*plan.Change{gone(spec.Sale, "a", ends), gone(spec.Sale, "b", ends), gone(spec.Sale, "c", "")}, "", []string{"ends: " + ends, "ends: " + ends, "ends"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, got := pageOf(t, planOf(test.changes...))
			for i, want := range test.rows {
				if got.rows[i][1] != want {
					t.Errorf("row %d says %q, want %q", i, got.rows[i][1], want)
				}
			}
			if _, above, _ := strings.Cut(page, "### Deleted\n\n"); strings.HasPrefix(above, "Each") != (test.want != "") || !strings.HasPrefix(above, test.want) {
				t.Errorf("above the table stands %q, want %q", above[:min(len(above), 100)], test.want)
			}
		})
	}
}

// TestConfirmStandsWithDeletes: the warning that asks for a confirmation stands above what is deleted, or, if nothing of that is there, with the others.
func TestConfirmStandsWithDeletes(t *testing.T) {
	warning := spec.Diagnostic{Severity: spec.Warning, Message: "12 of the lockfile's 20 resources would be deleted. apply does that only with `--confirm-deletes 12`"}
	const text = "12 of the lockfile's 20 resources would be deleted. apply does that only with `--confirm-deletes 12`"
	page, got := pageOf(t, planOf(changed(spec.Sale, "a", plan.Delete)), warning)
	if !strings.Contains(page, "### Deleted\n\n⚠️ "+text+"\n\n|") || len(got.rows) != 1 {
		t.Errorf("the warning is not above the deletes:\n%s", page)
	}
	if page, _ := pageOf(t, planOf(), warning); !strings.Contains(page, text) {
		t.Errorf("the warning is lost:\n%s", page)
	}
}

// TestDigits groups digits of counts.
func TestDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12345: "12,345", 100_000: "100,000", 1_234_567: "1,234,567"} {
		if got := digits(n); got != want {
			t.Errorf("digits(%d) = %q, want %q", n, got, want)
		}
	}
}

// BenchmarkPlanMarkdown is a page of a hundred thousand prices that change.
func BenchmarkPlanMarkdown(b *testing.B) {
	p := planOf()
	for i := range 100_000 {
		p.Changes = append(p.Changes, raised(i, fmt.Sprintf("%d.00", 100+i%977), fmt.Sprintf("%d.00", 111+i%971)))
	}
	for b.Loop() {
		var out strings.Builder
		if err := PlanMarkdown(&out, p, nil, MarkdownOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
