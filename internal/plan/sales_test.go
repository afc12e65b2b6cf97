package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// told is a plan's money in lines: a currency each, then what becomes of which sale, then what is not known.
func told(p *Plan) string {
	var out []string
	for _, c := range p.Money.Currencies {
		out = append(out, fmt.Sprintf("%s %s → %s, %d and %d payments", c.Currency, c.Before, c.After, c.Charges30, c.Charges90))
	}
	for _, e := range p.Money.Biggest {
		span := e.First + " to " + e.Last
		if e.OpenEnded {
			span = e.First + " on"
		}
		out = append(out, fmt.Sprintf("%s %s: %s → %s %s, %s", e.Sale, e.What, e.Before, e.After, e.Currency, span))
	}
	for _, u := range p.Money.Unknown {
		out = append(out, fmt.Sprintf("%s: %s (changed: %v)", u.Sale, u.Reason, u.Changed))
	}
	return strings.Join(out, "\n")
}

// What a change means in money, from 1 January 2035 on: the base is one sale of 149.90 on each 15th, which ends on 15 January 2036.
func TestMoney(t *testing.T) {
	const stays = "TL 149.90 → 149.90, 1 and 3 payments"
	for _, row := range []struct {
		what   string
		change func(m map[string]string, in *Input)
		want   string
	}{
		{"nothing", func(map[string]string, *Input) {}, stays},
		{"a price", func(m map[string]string, _ *Input) { swap(m, "sale/s", "149.90", "159.95") },
			"TL 149.90 → 159.95, 1 and 3 payments\ns changes: 149.90 → 159.95 TL, 2035-01-15 to 2036-01-15"},
		{"a currency", func(m map[string]string, _ *Input) { swap(m, "sale/s", "amount:", "currency: USD, amount:") },
			"TL 149.90 → 0.00, 0 and 0 payments\nUSD 0.00 → 149.90, 1 and 3 payments\ns ends: 149.90 → 0.00 TL,  to \ns begins: 0.00 → 149.90 USD, 2035-01-15 to 2036-01-15"},
		{"an earlier end", func(m map[string]string, _ *Input) {
			swap(m, "sale/s", `endDate: "2036-01-15"`, `endDate: "2035-03-31"`)
		},
			"TL 149.90 → 24.98, 1 and 3 payments\ns changes: 149.90 → 24.98 TL, 2035-01-15 to 2035-03-15"},
		{"no end", func(m map[string]string, _ *Input) { swap(m, "sale/s", `endDate: "2036-01-15"`, "endDate: never") },
			"TL 149.90 → 149.90, 1 and 3 payments\ns changes: 149.90 → 149.90 TL, 2035-01-15 on"},
		{"the schedule, which moves a sale that stays as it is", func(m map[string]string, _ *Input) { swap(m, "schedule/m15", "[15]", "[1, 15]") },
			"TL 149.90 → 299.80, 1 and 5 payments\ns changes: 149.90 → 299.80 TL, 2035-01-15 to 2036-01-15"},
		{"another schedule", func(m map[string]string, _ *Input) {
			m["schedule/quarterly"] = manifest("Schedule", "quarterly", "frequency: monthly, every: 3, daysOfMonth: [15]")
			swap(m, "sale/s", "schedule: m15", "schedule: quarterly")
		}, "TL 149.90 → 49.97, 1 and 1 payments\ns changes: 149.90 → 49.97 TL, 2035-01-15 to 2036-01-15"},
		{"a schedule that is kept elsewhere", func(m map[string]string, _ *Input) { swap(m, "sale/s", "schedule: m15", "schedule: {id: 77}") },
			"s: its schedule (id 77) is kept elsewhere (changed: true)"},
		{"a new sale beside it", func(m map[string]string, _ *Input) {
			m["product/silver"] = manifest("Product", "silver", "productName: Silver")
			m["sale/new"] = manifest("Sale", "new", `customer: elif, product: silver, schedule: m15, cards: [bonus], amount: "0.50", beginDate: "2035-02-01"`)
		}, "TL 149.90 → 150.40, 1 and 5 payments\nnew begins: 0.00 → 0.50 TL, 2035-02-15 on"},
		{"a new sale that is blocked is not charged", func(m map[string]string, _ *Input) {
			delete(m, "sale/s")
			m["sale/new"] = manifest("Sale", "new", `customer: elif, product: gold, schedule: m15, cards: [bonus], amount: "0.50", beginDate: "2035-02-01"`)
		}, stays},
		{"a change that is blocked changes nothing, nor what depends on it", func(m map[string]string, _ *Input) {
			swap(m, "product/gold", "Gold", "Altın")
			swap(m, "sale/s", "149.90", "1.00")
		}, stays},
		{"a sale that left the manifests goes on charging", func(m map[string]string, _ *Input) { delete(m, "sale/s") }, stays},
		{"a sale that left the manifests and is deleted", func(m map[string]string, in *Input) { delete(m, "sale/s"); in.Prune = true },
			"TL 149.90 → 0.00, 0 and 0 payments\ns ends: 149.90 → 0.00 TL,  to "},
		{"a part of the manifests: the others stay as they are", func(m map[string]string, in *Input) {
			swap(m, "sale/s", "149.90", "1.00")
			in.Selected = map[spec.Address]bool{}
		}, stays},
		{"payment steps beside the schedule", func(m map[string]string, _ *Input) {
			m["sale/lessons"] = manifest("Sale", "lessons", `customer: elif, product: {productCode: P9}, cards: [bonus], amount: "5.00", planType: manual, beginDate: "2035-01-15"`)
			m["paymentstep/a"] = manifest("PaymentStep", "a", `sale: lessons, paymentDate: "2035-01-20", amount: "120.00"`)
			m["paymentstep/b"] = manifest("PaymentStep", "b", `sale: lessons, paymentDate: "2035-06-20", amount: "240.00"`)
		}, "TL 149.90 → 169.90, 2 and 4 payments\nlessons begins: 0.00 → 20.00 TL, 2035-01-20 to 2035-06-20"},
		{"a payment step of a sale that is kept elsewhere", func(m map[string]string, _ *Input) {
			m["paymentstep/a"] = manifest("PaymentStep", "a", `sale: {saleCode: OTHER}, paymentDate: "2035-03-20", amount: "120.00", currency: EUR`)
		}, "EUR 0.00 → 10.00, 0 and 1 payments\n" + stays + "\n{saleCode: OTHER} begins: 0.00 → 10.00 EUR, 2035-03-20 to 2035-03-20"},
		{"another reading", func(m map[string]string, in *Input) { in.Reading.EndExcluded = true }, "TL 137.41 → 137.41, 1 and 3 payments"},
		{"a call that is in doubt", func(m map[string]string, in *Input) {
			e := *in.Known.Get(spec.Address{Kind: spec.Sale, Name: "s"})
			in.Known.AddPending(&lockfile.Intent{Op: "UpdateSale", Entry: e})
		}, "s: a call is in doubt: apply looks at Moka first (changed: false)"},
	} {
		t.Run(row.what, func(t *testing.T) {
			m := base()
			known := applied(read(t, t.TempDir(), join(m)))
			in := Input{Known: known, Whole: true, Today: "2035-01-01"}
			row.change(m, &in)
			in.Resources = read(t, t.TempDir(), join(m))
			if diff := cmp.Diff(row.want, told(Make(in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The readings on which sums rest are told with how many sales they decide about, and the others are not.
func TestReadingsThatMatter(t *testing.T) {
	m := base()
	swap(m, "schedule/m15", "[15]", "[15, 31]")
	p := Make(Input{Known: lockfile.New("test", "1731", lockfile.NewSalt()), Resources: read(t, t.TempDir(), join(m)), Whole: true, Today: "2035-01-01"})
	want := []forecast.Matter{{Rule: "end-day", Word: "included", Sales: 1}, {Rule: "short-month", Word: "skip", Sales: 1}}
	if diff := cmp.Diff(want, p.Money.Readings); diff != "" {
		t.Error(diff)
	}
	if rules := calendar.Rules(); !slices.ContainsFunc(rules, func(r calendar.Rule) bool { return r.Name == want[0].Rule }) {
		t.Errorf("%s is none of the rules", want[0].Rule)
	}
}

// A new manifest is charged as the lockfile says that it is once it was applied: the plan after an apply has the money before it that the plan had after it.
func TestMoneyAfterIsMoneyBefore(t *testing.T) {
	m := base()
	m["sale/lessons"] = manifest("Sale", "lessons", `customer: elif, product: {productCode: P9}, cards: [bonus], amount: "5.00", planType: both, schedule: m15, beginDate: "2035-01-15"`)
	m["paymentstep/a"] = manifest("PaymentStep", "a", `sale: lessons, paymentDate: "2035-02-20", amount: "120.00"`)
	resources := read(t, t.TempDir(), join(m))
	first := Make(Input{Known: lockfile.New("test", "1731", lockfile.NewSalt()), Resources: resources, Whole: true, Today: "2035-01-01"})
	second := Make(Input{Known: applied(resources), Resources: resources, Whole: true, Today: "2035-01-01"})
	for i, c := range second.Money.Currencies {
		if c.Before.Compare(c.After) != 0 || c.After.Compare(first.Money.Currencies[i].After) != 0 || c.Charges90 != first.Money.Currencies[i].Charges90 {
			t.Errorf("%+v, and it was to be %+v", c, first.Money.Currencies[i])
		}
	}
	if len(second.Money.Biggest) > 0 {
		t.Errorf("nothing is to change, and %+v does", second.Money.Biggest)
	}
}
