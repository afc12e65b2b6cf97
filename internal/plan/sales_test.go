package plan

import (
	"fmt"
	"slices"
	"strconv"
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
		{"a sale in whose place another comes", func(m map[string]string, _ *Input) {
			delete(m, "sale/s")
			m["product/silver"] = manifest("Product", "silver", "productName: Silver")
			m["sale/new"] = replacing("sale/s", `customer: elif, product: silver, schedule: m15, cards: [bonus], amount: "99.90", beginDate: "2035-02-01", endDate: "2036-12-31"`)
		}, "TL 149.90 → 99.90, 0 and 2 payments\ns ends: 149.90 → 0.00 TL,  to \nnew begins: 0.00 → 99.90 TL, 2035-02-15 to 2036-12-15"},
		{"a sale in whose place another comes, though its product is blocked", func(m map[string]string, _ *Input) {
			delete(m, "sale/s")
			swap(m, "product/gold", "Gold", "Altın")
			m["product/silver"] = manifest("Product", "silver", "productName: Silver")
			m["sale/new"] = replacing("sale/s", `customer: elif, product: silver, schedule: m15, cards: [bonus], amount: "99.90", beginDate: "2035-02-01", endDate: "2036-12-31"`)
		}, "TL 149.90 → 99.90, 0 and 2 payments\ns ends: 149.90 → 0.00 TL,  to \nnew begins: 0.00 → 99.90 TL, 2035-02-15 to 2036-12-15"},
		{"a sale in whose place another was to come that is blocked", func(m map[string]string, _ *Input) {
			delete(m, "sale/s")
			swap(m, "product/gold", "Gold", "Altın")
			m["sale/new"] = replacing("sale/s", `customer: elif, product: gold, schedule: m15, cards: [bonus], amount: "99.90", beginDate: "2035-02-01", endDate: "2036-12-31"`)
		}, stays},
		{"a sale that is deleted, though its product is blocked", func(m map[string]string, in *Input) {
			delete(m, "sale/s")
			swap(m, "product/gold", "Gold", "Altın")
			in.Prune = true
		}, "TL 149.90 → 0.00, 0 and 0 payments\ns ends: 149.90 → 0.00 TL,  to "},
		{"a schedule that gets another number: the sales follow that are changed with it", func(m map[string]string, _ *Input) {
			m["schedule/m15"] = manifest("Schedule", "m15", "id: 77, frequency: monthly, every: 1, daysOfMonth: [1, 15]")
		}, "TL 149.90 → 299.80, 1 and 5 payments\ns changes: 149.90 → 299.80 TL, 2035-01-15 to 2036-01-15"},
		{"a schedule that gets another number: those stay that are not changed with it", func(m map[string]string, in *Input) {
			m["schedule/m15"] = manifest("Schedule", "m15", "id: 77, frequency: monthly, daysOfMonth: [1, 15]")
			in.Selected = map[spec.Address]bool{{Kind: spec.Schedule, Name: "m15"}: true}
		}, stays},
		{"a schedule that gets another number, of which the manifest leaves a part to Moka", func(m map[string]string, _ *Input) {
			m["schedule/m15"] = manifest("Schedule", "m15", "id: 77, frequency: monthly, daysOfMonth: [1, 15]")
		}, "s: of its schedule: its every is left to Moka and not known here: say it in the manifest, or plan with --refresh (changed: true)"},
		{"a sale that is deleted, but for a payment step whose day has come", func(m map[string]string, in *Input) {
			delete(m, "sale/s")
			in.Prune, in.Today = true, "2035-02-10"
			in.Known.Put(&lockfile.Entry{Address: spec.Address{Kind: spec.PaymentStep, Name: "a"}, ID: 9, DependsOn: []spec.Address{{Kind: spec.Sale, Name: "s"}}, Fields: lockfile.FieldsOf([]lockfile.Locked{
				{Field: saleOfStep, Text: "s"}, {Field: dayOfStep, Text: "2035-02-10"}, {Field: stepMoney.amount, Text: "7.00"}, {Field: stepMoney.currency, Text: "TL"}})})
		}, "TL 137.41 → 137.41, 2 and 4 payments"},
		{"a sale that is deleted, though another was to come in its place that is blocked", func(m map[string]string, in *Input) {
			delete(m, "sale/s")
			m["sale/new"] = replacing("sale/s", `customer: elif, product: gold, schedule: m15, cards: [bonus], amount: "99.90", beginDate: "2035-01-10", endDate: "2036-12-31"`)
			in.Prune = true
		}, stays},
		{"a field that was left to Moka", func(_ map[string]string, in *Input) {
			e := in.Known.Get(spec.Address{Kind: spec.Sale, Name: "s"})
			e.Defaults = lockfile.Fields{}
		}, "s: its planType is left to Moka and not known here: say it in the manifest, or plan with --refresh (changed: false)"},
		{"an end that has passed", func(m map[string]string, in *Input) {
			in.Today = "2035-04-01"
			swap(m, "sale/s", `endDate: "2036-01-15"`, `endDate: "2035-03-31"`)
		}, "TL 112.43 → 0.00, 0 and 0 payments\ns ends: 112.43 → 0.00 TL,  to "},
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

// A payment step that is known of a sale that is kept elsewhere is charged before and after; the sale's own manifest, when it comes, makes no more of it.
func TestStepOfSaleElsewhere(t *testing.T) {
	m := base()
	m["paymentstep/a"] = manifest("PaymentStep", "a", `sale: {saleCode: L1}, paymentDate: "2035-03-20", amount: "120.00"`)
	known := applied(read(t, t.TempDir(), join(m)))
	const before = "TL 159.90 → 159.90, 1 and 4 payments"
	if got := told(Make(Input{Known: known, Resources: read(t, t.TempDir(), join(m)), Whole: true, Today: "2035-01-01"})); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
	m["sale/lessons"] = manifest("Sale", "lessons", `saleCode: L1, customer: elif, product: {productCode: P9}, cards: [bonus], amount: "5.00", planType: manual, beginDate: "2035-01-15"`)
	if got := told(Make(Input{Known: known, Resources: read(t, t.TempDir(), join(m)), Whole: true, Today: "2035-01-01"})); got != before {
		t.Errorf("with its sale: got %s, want %s", got, before)
	}
}

// What was seen at Moka goes before what the lockfile remembers, thing by thing: a schedule is known by its old number while its manifest names another, and two sales with one code are not
// known to be either.
func TestMoneyOfWhatWasSeen(t *testing.T) {
	m := base()
	in := Input{Known: applied(read(t, t.TempDir(), join(m))), Whole: true, Today: "2035-01-01"}
	id := func(kind spec.Kind, name string) string {
		return fmt.Sprint(in.Known.Get(spec.Address{Kind: kind, Name: name}).ID)
	}
	schedule := func(number, days, every string) *Found {
		return found(spec.Schedule, map[string]string{"DealerSaleScheduleId": number, "DailyWeeklyMonthly": "3", "EveryX": every, "DaysOfMonth": days, "ScheduleName": "m" + number})
	}
	sale := func(amount string) *Found {
		return found(spec.Sale, map[string]string{"DealerSaleId": id(spec.Sale, "s"), "SaleCode": "s", "CustomerCode": "C1", "ProductCode": "P1", "DealerSaleScheduleId": id(spec.Schedule, "m15"),
			"Amount": amount, "Currency": "TL", "BeginDate": "20350115", "EndDate": "20360115", "PlanType": "1", "InstallmentNumber": "1", "HowManyTrial": "1", "DefaultCard1Token": token})
	}
	for _, row := range []struct {
		what  string
		sales []*Found
		m15   string // its manifest
		want  string
	}{
		{"an amount that a colleague changed there", []*Found{sale("200.00")}, "frequency: monthly, daysOfMonth: [15]", "TL 200.00 → 149.90, 1 and 3 payments\ns changes: 200.00 → 149.90 TL, 2035-01-15 to 2036-01-15"},
		{"a schedule that gets another number", []*Found{sale("149.90")}, "id: 77, frequency: monthly, daysOfMonth: [1, 15]",
			"TL 149.90 → 299.80, 1 and 5 payments\ns changes: 149.90 → 299.80 TL, 2035-01-15 to 2036-01-15"},
		{"two sales with one code", []*Found{sale("149.90"), sale("149.90")}, "frequency: monthly, daysOfMonth: [15]", "s: Moka has 2 sales with the code"},
		{"a schedule that gets another number, and what the manifest leaves of it", []*Found{sale("149.90")}, "id: 78, frequency: monthly, daysOfMonth: [15]",
			"TL 149.90 → 49.97, 1 and 1 payments\ns changes: 149.90 → 49.97 TL, 2035-01-15 to 2036-01-15"},
	} {
		t.Run(row.what, func(t *testing.T) {
			m["schedule/m15"] = manifest("Schedule", "m15", row.m15)
			in.Resources = read(t, t.TempDir(), join(m))
			number, _ := strconv.ParseInt(id(spec.Schedule, "m15"), 10, 64)
			in.Live = &Live{
				Customers: map[string]*Found{"C1": found(spec.Customer, map[string]string{"DealerCustomerId": id(spec.Customer, "elif"), "CustomerCode": "C1", "FirstName": "Elif", "Email": "elif@example.com"})},
				Products:  map[string]*Found{"P1": found(spec.Product, map[string]string{"DealerProductId": id(spec.Product, "gold"), "ProductCode": "P1", "ProductName": "Gold"})},
				Schedules: map[int64]*Found{number: schedule(fmt.Sprint(number), "15", "1"), 77: schedule("77", "1,15", "1"), 78: schedule("78", "15", "3")}, Sales: map[string][]*Found{"s": row.sales},
				Cards: map[string]*Found{token: found(spec.Card, map[string]string{"CardToken": token, "CustomerCode": "C1", "CardName": "Bonus"})}}
			if got := told(Make(in)); !strings.HasPrefix(got, row.want) {
				t.Errorf("got %s\nwant %s", got, row.want)
			}
		})
	}
}

// A default that went with the creation is no change when the manifest says it in words later; what was only seen is looked at anew.
func TestDefaultsInWords(t *testing.T) {
	m := base()
	for _, row := range []struct{ field, remembered, said, want string }{
		{"saleDate", "2034-12-01", `saleDate: "2034-12-01"`, ""},
		{"saleDate", "2034-12-01", `saleDate: "2034-12-02"`, "update sale/s"},
		{"currency", "TL", "currency: TL", ""},
		{"currency", "USD", "currency: USD", "update sale/s"},
		{"currency", "USD", "currency: TL", "update sale/s"},
	} {
		known := applied(read(t, t.TempDir(), join(m)))
		e := known.Get(spec.Address{Kind: spec.Sale, Name: "s"})
		f := spec.Sale.Def().Field(row.field)
		e.Defaults = lockfile.FieldsOf(append(slices.DeleteFunc(e.Defaults.List(), func(l lockfile.Locked) bool { return l.Field == f }), lockfile.Locked{Field: f, Text: row.remembered}))
		said := base()
		swap(said, "sale/s", "amount:", row.said+", amount:")
		if got := actions(Make(Input{Known: known, Resources: read(t, t.TempDir(), join(said)), Whole: true, Today: "2034-12-01"})); got != row.want {
			t.Errorf("%s remembered, %s said: %q, want %q", row.remembered, row.said, got, row.want)
		}
	}
}

// What is taken over is remembered as it was found, in place of what was remembered of another thing; what is no longer managed is remembered as it was.
func TestTaken(t *testing.T) {
	m := base()
	swap(m, "schedule/m15", "frequency", "every: 1, frequency")
	known := applied(read(t, t.TempDir(), join(m)))
	swap(m, "schedule/m15", "every: 1, frequency", "id: 77, frequency")
	resources := read(t, t.TempDir(), join(m))
	w := NewWorld(resources, known)
	a := spec.Address{Kind: spec.Schedule, Name: "m15"}
	defaults := func(e *lockfile.Entry) string {
		var out []string
		for _, l := range e.Defaults.All() {
			out = append(out, l.Field.Name+" "+l.Text)
		}
		return strings.Join(out, ", ")
	}
	there := found(spec.Schedule, map[string]string{"DealerSaleScheduleId": "77", "DailyWeeklyMonthly": "3", "EveryX": "3", "DaysOfMonth": "15", "ScheduleName": "Üç ayda bir"})
	if got := defaults(w.Taken(w.Desired[a], 77, there)); got != "scheduleName Üç ayda bir, every 3" {
		t.Errorf("taken over as %s", got)
	}
	if got := defaults(w.Entry(w.Desired[a], known.Get(a).ID)); got != "every 1" {
		t.Errorf("no longer managed, it is remembered as %s", got)
	}
	if got := defaults(w.Entry(w.Desired[a], 77)); got != "" {
		t.Errorf("of another thing it is remembered as %s", got)
	}
}

func found(kind spec.Kind, members map[string]string) *Found {
	return FoundOf(kind, func(member string) string { return members[member] })
}

func replacing(old, body string) string {
	return strings.Replace(manifest("Sale", "new", body), "{name: new}", "{name: new, replaces: "+old+"}", 1)
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
