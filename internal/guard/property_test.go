package guard_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/guard"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/project"
	"pgregory.net/rapid"
)

// drawSales are the manifests of a few sales.
func drawSales(t *rapid.T, label string) string {
	text := rest
	for _, name := range []string{"a", "b", "c"} {
		if !rapid.Bool().Draw(t, label+" has "+name) {
			continue
		}
		fields := []string{
			fmt.Sprintf("amount: %d.%02d", rapid.IntRange(0, 300).Draw(t, "lira"), rapid.IntRange(1, 99).Draw(t, "kuruş")),
			"currency: " + rapid.SampledFrom([]string{"TL", "USD", "EUR"}).Draw(t, "currency"),
			fmt.Sprintf("beginDate: 2035-0%d-01", rapid.IntRange(2, 9).Draw(t, "month")),
			"endDate: " + rapid.SampledFrom([]string{"never", "2036-01-01", "2040-01-01"}).Draw(t, "end"),
		}
		if rapid.IntRange(0, 4).Draw(t, "schedule") == 0 {
			fields = append(fields, "schedule: {id: 77}")
		}
		text += sale(name, fields...)
	}
	return text
}

// bounds are guards that a test can raise.
type bounds struct {
	amount, change, percent, sales, lead int
	openEnded                            bool
	from, to                             int // hours
}

func drawBounds(t *rapid.T) bounds {
	n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
	return bounds{n("maxAmount", 300), n("maxMonthlyChange", 600), n("maxMonthlyChangePercent", 200), n("maxNewSales", 3), n("leadDays", 300), rapid.Bool().Draw(t, "openEnded"), n("from", 23), n("to", 24)}
}

func (b bounds) guards(t *rapid.T) project.Guards {
	text := fmt.Sprintf("money: {other: {maxAmount: %d, maxMonthlyChange: %d, maxMonthlyChangePercent: %d, maxNewSales: %d, leadDays: %d, openEnded: %v}}", b.amount, b.change, b.percent, b.sales, b.lead, b.openEnded)
	if b.from != b.to {
		text += fmt.Sprintf(`, noWritesBetween: ["%02d:00-%02d:00"]`, b.from, b.to)
	}
	return guards(t, text)
}

// raised lets more through in one of its bounds.
func (b bounds) raised(t *rapid.T) bounds {
	by := rapid.IntRange(1, 500).Draw(t, "by")
	switch rapid.IntRange(0, 6).Draw(t, "bound") {
	case 0:
		b.amount += by
	case 1:
		b.change += by
	case 2:
		b.percent += by
	case 3:
		b.sales += by
	case 4:
		b.lead = max(0, b.lead-by)
	case 5:
		b.openEnded = true
	default:
		b.to = b.from
	}
	return b
}

// sides are the manifests before and after a plan.
type sides struct{ before, after string }

// property checks something of any plan, any guards and any moment.
func property(t *testing.T, holds func(t *rapid.T, s sides, p *plan.Plan, b bounds, now time.Time)) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := sides{drawSales(t, "before"), drawSales(t, "after")}
		now := morning.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "minute")) * time.Minute)
		holds(t, s, planned(t, folder, s.before, s.after), drawBounds(t), now)
	})
}

// names are the broken guards, each with its currency.
func names(broken []plan.BrokenGuard) []string {
	var out []string
	for _, b := range broken {
		currency := ""
		for _, c := range []string{"TL", "USD", "EUR"} {
			if strings.Contains(b.Message, " "+c) {
				currency = c
			}
		}
		out = append(out, b.Guard+" "+currency)
	}
	return out
}

func TestRaisingABoundBreaksNothing(t *testing.T) {
	property(t, func(t *rapid.T, _ sides, p *plan.Plan, b bounds, now time.Time) {
		before := guard.Check(guard.Input{Plan: p, Guards: b.guards(t), Now: now})
		raised := b.raised(t)
		for _, name := range names(guard.Check(guard.Input{Plan: p, Guards: raised.guards(t), Now: now})) {
			if !slices.Contains(names(before), name) {
				t.Fatalf("%s is broken by %+v, and was not by %+v: %s", name, raised, b, told(before))
			}
		}
	})
}

func TestWhatPlansNothingBreaksNothing(t *testing.T) {
	folder := t.TempDir()
	property(t, func(t *rapid.T, s sides, p *plan.Plan, b bounds, now time.Time) {
		if still := planned(t, folder, s.after, s.after); still.Planned() > 0 {
			t.Fatalf("%d changes are planned of what was applied", still.Planned())
		} else if broken := guard.Check(guard.Input{Plan: still, Guards: b.guards(t), Now: now}); len(broken) > 0 {
			t.Fatalf("nothing is planned, and it breaks %s", told(broken))
		}
		for _, c := range p.Changes { // nor does what is blocked
			c.Action = plan.Blocked
		}
		if broken := guard.Check(guard.Input{Plan: p, Guards: b.guards(t), Now: now}); len(broken) > 0 {
			t.Fatalf("all is blocked, and it breaks %s", told(broken))
		}
	})
}

// A waiver by the plan's own digest always lets it through, one by that of any other plan never.
func TestWaivers(t *testing.T) {
	folder := t.TempDir()
	property(t, func(t *rapid.T, s sides, p *plan.Plan, b bounds, now time.Time) {
		broken := guard.Check(guard.Input{Plan: p, Guards: b.guards(t), Now: now})
		own, other := planfile.Digest(p, "key"), planfile.Digest(planned(t, folder, s.before, drawSales(t, "other")), "key")
		waive := func(digest string) []guard.Waiver {
			var out []guard.Waiver
			for _, name := range guard.Names() {
				w, err := guard.ParseWaiver(guard.Waiver{Guard: name, Digest: digest}.String())
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, w)
			}
			return out
		}
		if v := guard.Judge(broken, waive(own), own); len(v.Stops)+len(v.Foreign) > 0 || len(v.Used)+len(v.Idle) != len(guard.Names()) {
			t.Fatalf("its own digest gives %+v", v)
		}
		if v := guard.Judge(broken, waive(other), own); own != other && (len(v.Stops) != len(broken) || len(v.Foreign) != len(guard.Names())) {
			t.Fatalf("another plan's digest gives %+v of %s", v, told(broken))
		}
		if len(broken) > 0 { // all but one
			last := broken[len(broken)-1].Guard
			some := slices.DeleteFunc(waive(own), func(w guard.Waiver) bool { return w.Guard == last })
			if v := guard.Judge(broken, some, own); len(v.Stops) == 0 || slices.ContainsFunc(v.Stops, func(s plan.BrokenGuard) bool { return s.Guard != last }) {
				t.Fatalf("%s is not waived, and stops are %+v", last, v.Stops)
			}
		}
	})
}

func TestParseWaiver(t *testing.T) {
	const digest = "0123456789abcdef0123456789abcdef"
	for _, row := range []struct{ text, want string }{
		{"maxAmount=" + digest, ""},
		{"noWritesBetween=" + digest, ""},
		{"maxAmount", "a waiver names a guard and the plan that it is for: GUARD=DIGEST, such as maxAmount=0123456789abcdef0123456789abcdef"},
		{"maxAmuont=" + digest, `"maxAmuont" is no guard that can be waived: there are maxAmount, maxMonthlyChange, maxMonthlyChangePercent, maxNewSales, openEnded, leadDays, noWritesBetween; did you mean maxAmount?`},
		{"requirePlan=" + digest, `"requirePlan" is no guard that can be waived: there are maxAmount, maxMonthlyChange, maxMonthlyChangePercent, maxNewSales, openEnded, leadDays, noWritesBetween`},
		{"leadDays=", `leadDays= wants the digest of a plan, 32 hexadecimal digits in lower case, not ""`},
		{"leadDays=all", `leadDays= wants the digest of a plan, 32 hexadecimal digits in lower case, not "all"`},
		{"leadDays=" + digest + "0", `leadDays= wants the digest of a plan, 32 hexadecimal digits in lower case, not "` + digest + `0"`},
	} {
		w, err := guard.ParseWaiver(row.text)
		if got := fmt.Sprint(err); row.want != "" && got != row.want {
			t.Errorf("%s: got %s, want %s", row.text, got, row.want)
		}
		if row.want == "" && (err != nil || w.String() != row.text) {
			t.Errorf("%s: got %s, %v", row.text, w, err)
		}
	}
}

// docs/project.md names every guard that can be waived.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/project.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range guard.Names() {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/project.md does not name `%s`", name)
		}
	}
}
