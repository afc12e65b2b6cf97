package render

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the expected files anew, to be looked at before they are kept")

// lira is a sum of a test, "149.90".
func lira(text string) (m forecast.Money) {
	if err := m.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return m
}

// hostileMoneyRows are the rows of the tables about money on a page of hostileMoney: a currency, an effect and ten sales that are in no sum.
const hostileMoneyRows = 12

func hostileMoney(next func(int) string) *forecast.Impact {
	m := &forecast.Impact{
		Today:      "2027-01-10",
		Currencies: []forecast.Currency{{Currency: next(26), Before: lira("1.00"), After: lira("1234567.89"), Changes: 1, First: next(27)}},
		Biggest:    []forecast.Effect{{Sale: next(28), Currency: next(26), What: next(29), Before: lira("1.00"), After: lira("1234567.89"), First: next(27), Last: next(30)}},
		Readings:   []forecast.Matter{{Rule: next(31), Word: next(32), Sales: 1}},
	}
	for i := range mostUnknown + 1 {
		m.Unknown = append(m.Unknown, forecast.Unknown{Sale: next(28 + i), Reason: "its schedule is " + next(27+i), Changed: i == 0})
	}
	return m
}

// review is a plan whose money has everything that can be shown.
func review() *plan.Plan {
	p := planOf(changed(spec.Sale, "elif-gold", plan.Create), changed(spec.Sale, "veli-gold", plan.Update))
	p.Digest = "0123456789abcdef0123456789abcdef"
	p.Money = &forecast.Impact{
		Today: "2027-01-10",
		Currencies: []forecast.Currency{
			{Currency: "TL", Before: lira("1049.30"), After: lira("1199.20"), Charges30: 12, Charges90: 34, Begins: 2, Ends: 1, Changes: 10, First: "2027-01-15"},
			{Currency: "USD", Before: lira("20.00"), After: lira("20.00"), Charges30: 1, Charges90: 3},
		},
		Biggest: []forecast.Effect{
			{Sale: "elif-gold", Currency: "TL", What: forecast.Begins, Before: lira("0.00"), After: lira("149.90"), First: "2027-01-15", OpenEnded: true, Charges12: 12},
			{Sale: "veli-gold", Currency: "TL", What: forecast.Changes, Before: lira("100.00"), After: lira("137.50"), First: "2027-02-01", Last: "2027-12-01", Charges12: 11},
			{Sale: "can-gold", Currency: "TL", What: forecast.Changes, Before: lira("1049.30"), After: lira("999.30"), First: "2027-01-15", Last: "2029-12-31", GetsEnd: true, Charges12: 12},
			{Sale: "lessons", Currency: "TL", What: forecast.Changes, Before: lira("173.33"), After: lira("177.67"), First: "2027-01-12", OpenEnded: true, Charges12: 52},
			{Sale: "one-last-payment", Currency: "TL", What: forecast.Changes, Before: lira("10.00"), After: lira("0.00"), First: "2027-01-15", Last: "2027-01-15"},
			{Sale: "deniz-gold", Currency: "TL", What: forecast.Ends, Before: lira("12.00"), After: lira("0.00")},
			{Sale: "ece-gold", Currency: "TL", What: forecast.Begins, Before: lira("0.00"), After: lira("0.00")},
		},
		Unknown: []forecast.Unknown{
			{Sale: "efe-gold", Reason: "its schedule (id 77) is kept elsewhere"},
			{Sale: "naz-gold", Reason: "its schedule (id 77) is kept elsewhere", Changed: true},
		},
		Readings: []forecast.Matter{{Rule: "end-day", Word: "included", Sales: 1}, {Rule: "short-month", Word: "skip", Sales: 2000}},
	}
	for i := range 7 {
		p.Expiries = append(p.Expiries, plan.Expiry{Address: spec.Address{Kind: spec.Sale, Name: fmt.Sprintf("new-%d", i)}, Field: "beginDate", Day: fmt.Sprintf("2027-01-%d", 15+i)})
	}
	p.Guards = []plan.BrokenGuard{
		{Guard: "maxAmount", Message: "sale/elif-gold is charged 149.90 TL at once, and 100.00 TL is the most", At: "mokasync.yaml:12:5"},
		{Guard: "leadDays", Message: "sale/elif-gold begins on 2027-01-15, in 5 days, and 7 is the least", At: "mokasync.yaml:14:5"},
		{Guard: "leadDays", Message: "sale/new-1 begins in 6 days, and 7 is the least", At: "mokasync.yaml:18:5"},
	}
	return p
}

// TestMoneyShown holds the three ways to show it against testdata/money.
func TestMoneyShown(t *testing.T) {
	var asText, asJSON, asMarkdown, quiet strings.Builder
	still := &plan.Plan{Endpoint: "live", Dealer: "1731", Money: &forecast.Impact{Today: "2027-01-10", Currencies: []forecast.Currency{
		{Currency: "TL", Before: lira("1049.30"), After: lira("1049.30"), Charges30: 12, Charges90: 34}, {Currency: "USD", Before: lira("20.00"), After: lira("20.00")},
	}, Readings: []forecast.Matter{{Rule: "end-day", Word: "included", Sales: 1}}}}
	for _, err := range []error{
		PlanText(&asText, "plan", review(), Style{}), PlanText(&quiet, "plan", still, Style{}), PlanJSON(&asJSON, review(), nil), PlanMarkdown(&asMarkdown, review(), nil, MarkdownOptions{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	look(t, asMarkdown.String())
	for name, got := range map[string]string{"plan.txt": asText.String(), "unchanged.txt": quiet.String(), "plan.json": asJSON.String(), "plan.md": asMarkdown.String()} {
		golden(t, filepath.Join("testdata", "money", name), got)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (want -, got +):\n%s", file, diff)
	}
}

// TestDifference: a difference has its sign in every form, and one way to say that there is none.
func TestDifference(t *testing.T) {
	for _, test := range []struct{ before, after, want string }{
		{"0.00", "149.90", "+149.90"}, {"149.90", "137.90", "-12.00"}, {"149.90", "149.90", "±0.00"}, {"0.01", "0.00", "-0.01"},
		{"0.00", "1234567.89", "+1,234,567.89"}, {"100000000000000000000.00", "0.00", "-100,000,000,000,000,000,000.00"}, {"0.00", "999.99", "+999.99"},
	} {
		if got := difference(lira(test.before), lira(test.after), withCommas); got != test.want {
			t.Errorf("from %s to %s it is %q, want %q", test.before, test.after, got, test.want)
		}
	}
}

// TestEffectWords: an effect's line says from when to when the sale is charged after the change, and how often where its mean a month does not tell.
func TestEffectWords(t *testing.T) {
	for _, test := range []struct {
		effect      forecast.Effect
		days, often string
	}{
		{forecast.Effect{What: forecast.Begins, First: "2027-01-15", OpenEnded: true, Charges12: 12}, "from 2027-01-15, open-ended", ""},
		{forecast.Effect{What: forecast.Begins, First: "2027-03-15", Last: "2029-12-15", Charges12: 11}, "from 2027-03-15 to 2029-12-15", "11 charges in the 12 months"},
		{forecast.Effect{What: forecast.Begins, First: "2031-03-15", OpenEnded: true}, "from 2031-03-15, open-ended", "0 charges in the 12 months"},
		{forecast.Effect{What: forecast.Begins}, "never charged", ""},
		{forecast.Effect{What: forecast.Begins, OpenEnded: true}, "not charged within fifty years", ""},
		{forecast.Effect{What: forecast.Begins, Last: "2099-12-15"}, "not charged within fifty years", ""},
		{forecast.Effect{What: forecast.Changes, First: "2027-01-15", Last: "2027-08-15", Charges12: 1}, "next 2027-01-15, last 2027-08-15", "1 charge in the 12 months"},
		{forecast.Effect{What: forecast.Changes, First: "2027-01-15", Last: "2029-12-15", GetsEnd: true, Charges12: 12}, "gets an end: last charge 2029-12-15", ""},
		{forecast.Effect{What: forecast.Changes}, "not charged, as before", ""},
		{forecast.Effect{What: forecast.Ends}, "charged no more", ""},
		{forecast.Effect{What: forecast.Changes, First: "2027-01-15", OpenEnded: true, After: lira("149.90")}, "next 2027-01-15, open-ended", ""}, // of a saved plan that did not count
	} {
		if got := daysOf(&test.effect); got != test.days {
			t.Errorf("%+v is %q, want %q", test.effect, got, test.days)
		}
		if got := oftenOf(&test.effect); got != test.often {
			t.Errorf("%+v comes %q, want %q", test.effect, got, test.often)
		}
	}
}

// TestUnknownWords counts the sales that are in no sum, and those of them that the plan changes.
func TestUnknownWords(t *testing.T) {
	for _, test := range []struct {
		unchanged, changed int
		text, markdown     string
	}{
		{0, 1, "In no sum: 1 sale, changed by this plan\n", "⚠️ **1 sale, which this plan changes, is in no sum**: "},
		{0, 2, "In no sum: 2 sales, changed by this plan\n", "⚠️ **2 sales, which this plan changes, are in no sum**: "},
		{2, 1, "In no sum: 3 sales, 1 of them changed by this plan\n", "⚠️ **3 sales are in no sum**, 1 of which this plan changes: "},
		{1, 0, "In no sum: 1 sale\n", "<summary>1 sale is in no sum</summary>"},
	} {
		p := &plan.Plan{Money: &forecast.Impact{}}
		for i := range test.unchanged + test.changed {
			p.Money.Unknown = append(p.Money.Unknown, forecast.Unknown{Sale: fmt.Sprint("s", i), Reason: "not here", Changed: i < test.changed})
		}
		var text, page strings.Builder
		if err := PlanText(&text, "plan", p, Style{}); err != nil {
			t.Fatal(err)
		}
		if err := PlanMarkdown(&page, p, nil, MarkdownOptions{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), test.text) || !strings.Contains(page.String(), test.markdown) {
			t.Errorf("of %d sales %d change:\n%s\n%s\nwant %q and %q", test.unchanged+test.changed, test.changed, text.String(), page.String(), test.text, test.markdown)
		}
	}
}

// TestMoneyKeys: the JSON has every key, be there nothing to say, also with mistakes in the manifests.
func TestMoneyKeys(t *testing.T) {
	var b strings.Builder
	if err := PlanJSON(&b, &plan.Plan{}, []spec.Diagnostic{{Severity: spec.Error, Message: "x"}}); err != nil {
		t.Fatal(err)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"money": "{}", "effects": "[]", "unknownSales": "[]", "readings": "[]", "validThrough": "null", "guards": "[]"} {
		if got := string(doc[key]); got != want {
			t.Errorf("%s is %q, want %s", key, got, want)
		}
	}
}

// TestMoneyStaysShort: whatever the number of sales, what stands above a page's tables keeps within bounds and is never left out.
func TestMoneyStaysShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := studio(rapid.IntRange(0, 400).Draw(t, "changes"))
		p.Money = review().Money
		p.Money.Currencies[0].Changes = rapid.IntRange(1, 1_000_000).Draw(t, "sales")
		for i := range rapid.IntRange(0, 3000).Draw(t, "unknown") {
			p.Money.Unknown = append(p.Money.Unknown, forecast.Unknown{Sale: fmt.Sprintf("sale-%d", i), Reason: "its schedule (id 77) is kept elsewhere", Changed: i%2 == 0})
			p.Expiries = append(p.Expiries, plan.Expiry{Address: spec.Address{Kind: spec.Sale, Name: fmt.Sprintf("sale-%d", i)}, Field: "beginDate", Day: "2027-01-15"})
		}
		limit := rapid.IntRange(6_000, CommentLimit).Draw(t, "limit")
		got := checkWithin(t, p, nil, limit)
		if got == nil {
			t.Fatalf("a limit of %d bytes is too small for what stands above the tables", limit)
		}
		if want := len(p.Money.Currencies) + len(p.Money.Biggest) + min(mostUnknown, len(p.Money.Unknown)); len(got.money) != want {
			t.Errorf("%d rows about money, want %d", len(got.money), want)
		}
	})
}

// TestGuardAnnotations: a broken guard is told at its place in mokasync.yaml, with what lets the plan through.
func TestGuardAnnotations(t *testing.T) {
	p := &plan.Plan{Digest: "abc", Guards: []plan.BrokenGuard{{Guard: "maxAmount", Message: "150.00 TL is too much", At: "a:b/mokasync.yaml:12:5"}, {Guard: "openEnded", Message: "no end", At: "mokasync.yaml"}}}
	var b strings.Builder
	if err := PlanGitHub(&b, p, nil, inRepository, Style{}); err != nil {
		t.Fatal(err)
	}
	got, _, _ := strings.Cut(b.String(), "::stop-commands::")
	want := `::warning file=repo/a%3Ab/mokasync.yaml,line=12,col=5,title=guard maxAmount is broken::150.00 TL is too much; apply refuses this plan, unless it is given --waive maxAmount=abc
::warning file=repo/mokasync.yaml,title=guard openEnded is broken::no end; apply refuses this plan, unless it is given --waive openEnded=abc
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("annotations (want -, got +):\n%s", diff)
	}
}
