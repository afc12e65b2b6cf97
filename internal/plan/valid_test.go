package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

func newIn(t *testing.T, m map[string]string, today string) Input {
	t.Helper()
	return Input{Known: lockfile.New("test", "1731", lockfile.NewSalt()), Resources: read(t, t.TempDir(), join(m)), Whole: true, Today: today}
}

// Until when a plan can be applied, on the last day of 2034.
func TestExpiries(t *testing.T) {
	for _, row := range []struct {
		what   string
		change func(m map[string]string)
		want   string // "address field day", a line each
	}{
		{"the begin date, which comes before the end", func(map[string]string) {}, "sale/s beginDate 2035-01-15"},
		{"a sale date that is said", func(m map[string]string) { swap(m, "sale/s", "amount:", `saleDate: "2035-01-02", amount:`) }, "sale/s saleDate 2035-01-02"},
		{"two days that are one: the field that comes first", func(m map[string]string) { swap(m, "sale/s", "amount:", `saleDate: "2035-01-15", amount:`) }, "sale/s saleDate 2035-01-15"},
		{"of several creations the earliest first", func(m map[string]string) {
			m["sale/l"] = manifest("Sale", "l", `customer: elif, product: {productCode: P9}, cards: [bonus], amount: "5.00", planType: manual, beginDate: "2035-01-20", endDate: never`)
			m["paymentstep/a"] = manifest("PaymentStep", "a", `sale: l, paymentDate: "2035-01-10", amount: "120.00"`)
		}, "paymentstep/a paymentDate 2035-01-10\nsale/s beginDate 2035-01-15\nsale/l beginDate 2035-01-20"},
		{"nothing that Moka judges by its day", func(m map[string]string) { delete(m, "sale/s") }, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			m := base()
			row.change(m)
			p := Make(newIn(t, m, "2034-12-31"))
			var got []string
			for _, e := range p.Expiries {
				got = append(got, fmt.Sprintf("%s %s %s", e.Address, e.Field, e.Day))
			}
			if diff := cmp.Diff(row.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
			first := ""
			if len(p.Expiries) > 0 {
				first = p.Expiries[0].Day
			}
			if got := ValidThrough(p); got != first {
				t.Errorf("it can be applied through %q, want %q", got, first)
			}
		})
	}
}

// What is there already keeps its dates: only creations expire.
func TestUpdatesDoNotExpire(t *testing.T) {
	m := base()
	known := applied(read(t, t.TempDir(), join(m)))
	swap(m, "sale/s", "149.90", "159.90")
	p := Make(Input{Known: known, Resources: read(t, t.TempDir(), join(m)), Whole: true, Today: "2036-01-01"})
	if p.Counts[Update] != 1 || len(p.Expiries) != 0 || ValidThrough(p) != "" {
		t.Errorf("%d updates, which expire: %v", p.Counts[Update], p.Expiries)
	}
}

// A new sale that would be charged on the day on which it is made is told; what Moka does then is not documented.
func TestBeginToday(t *testing.T) {
	for _, row := range []struct {
		what, today string
		change      func(m map[string]string, in *Input)
		want        string // the part of the warning that varies, "" for none
	}{
		{"a payment today", "2035-01-15", nil, "begin with the next payment, 2035-02-15;"},
		{"a begin date that is not today", "2035-01-14", nil, ""},
		{"a begin date that the schedule does not name", "2035-01-15", func(m map[string]string, _ *Input) { swap(m, "schedule/m15", "[15]", "[20]") }, ""},
		{"a begin date that is charged in any case", "2035-01-15", func(m map[string]string, in *Input) {
			swap(m, "schedule/m15", "[15]", "[20]")
			in.Reading.BeginAlways = true
		}, "(read as begin-day: always): Moka"},
		{"no payment after it", "2035-01-15", func(m map[string]string, _ *Input) {
			swap(m, "sale/s", `endDate: "2036-01-15"`, `endDate: "2035-01-20"`)
		}, "begin with a later day;"},
		{"payments by hand alone", "2035-01-15", func(m map[string]string, _ *Input) { swap(m, "sale/s", "schedule: m15,", "planType: manual,") }, ""},
		{"a schedule that is kept elsewhere", "2035-01-15", func(m map[string]string, _ *Input) { swap(m, "sale/s", "schedule: m15", "schedule: {id: 9}") }, ""},
		{"a sale that is there already", "2035-01-15", func(m map[string]string, in *Input) {
			for _, e := range applied(in.Resources).Entries() {
				in.Known.Put(e)
			}
		}, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			m := base()
			in := newIn(t, m, row.today)
			if row.change != nil {
				row.change(m, &in)
				in.Resources = read(t, t.TempDir(), join(m))
			}
			var said []spec.Diagnostic
			for _, d := range Make(in).Diagnostics {
				if strings.HasPrefix(d.Message, "beginDate is today") {
					said = append(said, d)
				}
			}
			switch {
			case row.want == "" && len(said) == 0:
			case row.want == "" || len(said) != 1 || said[0].Severity != spec.Warning || !strings.Contains(said[0].Message, row.want):
				t.Errorf("got %v, want %q", said, row.want)
			}
		})
	}
}
