package cli_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/sandbox"
	"pgregory.net/rapid"
)

// chargingMoka is a Moka whose clock can be run forward, and a folder of manifests.
type chargingMoka struct {
	fatalf func(format string, args ...any)
	moka   *sandbox.Server
	at     atomic.Int64 // Unix seconds
	folder string
	env    map[string]string
}

// newChargingMoka begins at nine in the morning of a day in Istanbul. close ends it.
func newChargingMoka(fatalf func(string, ...any), folder, today string, settings ...sandbox.Setting) (m *chargingMoka, end func()) {
	m = &chargingMoka{fatalf: fatalf, folder: folder}
	m.sets(today, 9)
	var err error
	m.moka, err = sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Clock: func() time.Time { return time.Unix(m.at.Load(), 0) }, Switches: settings})
	if err != nil {
		fatalf("%v", err)
	}
	server := httptest.NewServer(m.moka)
	m.env = map[string]string{"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
		"MOKASYNC_SETTLE": "100ms", "TMPDIR": filepath.Dir(folder), "MOKASYNC_NOW": today + "T09:00:00+03:00"}
	return m, func() { server.Close(); m.moka.Close() }
}

// sets sets Moka's clock to an hour of a day in Istanbul.
func (m *chargingMoka) sets(day string, hour int) {
	at, err := time.Parse(time.RFC3339, fmt.Sprintf("%sT%02d:00:00+03:00", day, hour))
	if err != nil {
		m.fatalf("%v", err)
	}
	m.at.Store(at.Unix())
}

func (m *chargingMoka) run(args ...string) string {
	var stdout, stderr bytes.Buffer
	code := cli.Run(context.Background(), cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Version: "test",
		LookupEnv: func(name string) (string, bool) { v, ok := m.env[name]; return v, ok }}, append(args, m.folder))
	if code != 0 {
		m.fatalf("mokasync %s exits with %d\n%s%s", strings.Join(args, " "), code, &stdout, &stderr)
	}
	return stdout.String()
}

// foretold is what `forecast --format json` says.
type foretold struct {
	From, To string
	Charges  []struct{ Sale, Date, Amount, Currency string }
	Months   []struct {
		Month, Currency, Total string
		Charges                int
	}
	Unknown  []struct{ Sale, Reason string }
	Readings map[string]string
}

func (m *chargingMoka) forecast(args ...string) foretold {
	var out foretold
	if err := json.Unmarshal([]byte(m.run(append([]string{"forecast", "--format", "json"}, args...)...)), &out); err != nil {
		m.fatalf("%v", err)
	}
	return out
}

// lines gives charges one a line: day, sale, amount, currency.
func (f foretold) lines() []string {
	var out []string
	for _, c := range f.Charges {
		out = append(out, strings.Join([]string{c.Date, c.Sale, c.Amount, c.Currency}, " "))
	}
	slices.Sort(out) // two of a day and a sale come in any order
	return out
}

func (f foretold) sums() []string {
	var out []string
	for _, m := range f.Months {
		out = append(out, fmt.Sprintf("%s %s %s %d", m.Month, m.Currency, m.Total, m.Charges))
	}
	return out
}

// charged gives what Moka has charged from a day to another, in the same words, once its clock is past the last; names are the sales' by their codes.
func (m *chargingMoka) charged(names map[string]string, from, to string) (charges, sums []string) {
	m.sets(to, 23)
	totals, counts := map[string]*big.Rat{}, map[string]int{}
	for _, c := range m.moka.Charges() {
		if c.Date < from || c.Date > to {
			continue
		}
		if c.Status != sandbox.ChargeDone {
			m.fatalf("a charge has failed: %+v", c)
		}
		charges = append(charges, strings.Join([]string{c.Date, cmp.Or(names[c.SaleCode], c.SaleCode), c.Amount, c.Currency}, " "))
		month, amount := c.Date[:7]+" "+c.Currency, new(big.Rat)
		amount.SetString(c.Amount)
		if totals[month] == nil {
			totals[month] = new(big.Rat)
		}
		totals[month].Add(totals[month], amount)
		counts[month]++
	}
	for month, total := range totals {
		sums = append(sums, fmt.Sprintf("%s %s %d", month, total.FloatString(2), counts[month]))
	}
	slices.Sort(charges)
	slices.Sort(sums)
	return charges, sums
}

// names gives the names of the sales by their codes.
func (m *chargingMoka) names() map[string]string {
	var doc struct {
		Changes []struct{ Kind, Address, Code string }
	}
	if err := json.Unmarshal([]byte(m.run("plan", "--format", "json")), &doc); err != nil {
		m.fatalf("%v", err)
	}
	names := map[string]string{}
	for _, c := range doc.Changes {
		if c.Kind == "Sale" {
			names[c.Code] = strings.TrimPrefix(c.Address, "sale/")
		}
	}
	return names
}

// What the examples' forecast says is what Moka charges when its clock is run forward twelve months: each charge and each sum, before the apply and after it.
func TestForecastIsWhatMokaCharges(t *testing.T) {
	for _, example := range []string{"isp", "gym"} {
		t.Run(example, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "m")
			if err := os.CopyFS(folder, os.DirFS(filepath.Join("../../examples", example))); err != nil {
				t.Fatal(err)
			}
			first, today := "2035-03-01", "2035-02-20"
			if example == "gym" {
				first, today = "2035-01-01", "2034-12-20"
			}
			m, end := newChargingMoka(t.Fatalf, folder, today)
			defer end()
			names := m.names()
			planned := m.forecast("--from", first, "--months", "12")
			m.run("apply", "--auto-approve")
			known := m.forecast("--from", first, "--months", "12")
			if diff := gocmp.Diff(planned.Charges, known.Charges); diff != "" {
				t.Errorf("the apply makes a difference (before -, after +):\n%s", diff)
			}
			charges, sums := m.charged(names, known.From, known.To)
			if diff := gocmp.Diff(charges, known.lines()); diff != "" {
				t.Errorf("charges (Moka -, forecast +):\n%s", diff)
			}
			if diff := gocmp.Diff(sums, known.sums()); diff != "" {
				t.Errorf("sums (Moka -, forecast +):\n%s", diff)
			}
			if len(charges) < 20 || len(known.Unknown) > 0 {
				t.Errorf("only %d charges; not known: %v", len(charges), known.Unknown)
			}
		})
	}
}

// switchOf says which switch of the sandbox, at which values, a reading's words stand for.
var switchOf = map[string]struct {
	name  string
	words map[string]string
}{
	"end-day":     {"end-date", map[string]string{"included": "inclusive", "excluded": "exclusive"}},
	"begin-day":   {"begin-day", map[string]string{"if-named": "if-named", "always": "always"}},
	"every-from":  {"every-x-from", map[string]string{"begin-date": "begin-date", "calendar": "calendar"}},
	"short-month": {"short-month", map[string]string{"skip": "skip", "last-day": "last-day"}},
}

// Sales of every shape, under every reading: what is foretold is what Moka charges when it reads its own documentation in the same way.
func TestForecastAgreesOnEveryShape(t *testing.T) {
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		if runs++; raced && runs > 20 {
			return
		}
		folder := filepath.Join(root, fmt.Sprint(runs), "m")
		var readings strings.Builder
		var settings []sandbox.Setting
		for _, rule := range []string{"begin-day", "end-day", "every-from", "short-month"} {
			of := switchOf[rule]
			words := sortedKeys(of.words)
			word := rapid.SampledFrom(words).Draw(t, rule)
			fmt.Fprintf(&readings, "    %s: %s\n", rule, word)
			settings = append(settings, sandbox.Setting{Name: of.name, Value: of.words[word]})
		}
		today := rapid.SampledFrom([]string{"2027-01-10", "2027-12-31", "2028-01-30", "2035-02-27", "2096-02-29"}).Draw(t, "today")
		text := drawSales(t, today)
		for name, text := range map[string]string{"mokasync.yaml": "apiVersion: mokasync/v1\nkind: Project\nspec:\n  readings:\n" + readings.String(), "m.yaml": text} {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		m, end := newChargingMoka(t.Fatalf, folder, today, settings...)
		defer end()
		m.run("apply", "--auto-approve")
		from := dayAfter(today, rapid.IntRange(0, 70).Draw(t, "from"))
		f := m.forecast("--from", from, "--months", fmt.Sprint(rapid.IntRange(1, 26).Draw(t, "months")))
		charges, sums := m.charged(nil, f.From, f.To)
		if diff := gocmp.Diff(charges, f.lines()); diff != "" {
			t.Fatalf("charges (Moka -, forecast +):\n%s\n%s%s", diff, &readings, text)
		}
		if diff := gocmp.Diff(sums, f.sums()); diff != "" {
			t.Fatalf("sums (Moka -, forecast +):\n%s", diff)
		}
	})
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func dayAfter(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return at.AddDate(0, 0, n).Format(time.DateOnly)
}

// drawSales gives manifests of a few sales, each with a schedule of its own.
func drawSales(t *rapid.T, today string) string {
	var b strings.Builder
	b.WriteString("apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c}\nspec: {firstName: Elif}\n" +
		"---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k}\nspec: {customer: c, token: 7e57ca4d-0000-4000-8000-000000000001}\n" +
		"---\napiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p}\nspec: {productName: P}\n")
	amount := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%d.%02d", rapid.SampledFrom([]int{1, 9, 149, 99999, 12345678}).Draw(t, "lira"), rapid.IntRange(0, 99).Draw(t, "kuruş"))
	})
	currency := rapid.SampledFrom([]string{"TL", "USD", "EUR"})
	for i := range rapid.IntRange(1, 6).Draw(t, "sales") {
		planType := rapid.SampledFrom([]string{"automatic", "automatic", "both", "manual"}).Draw(t, "planType")
		begin := dayAfter(today, rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 28, 31, 59, 60, 90, 200}).Draw(t, "begin"))
		last := "never"
		if rapid.Bool().Draw(t, "ends") {
			last = dayAfter(begin, rapid.SampledFrom([]int{0, 1, 7, 28, 30, 31, 59, 181, 364, 365, 366, 430}).Draw(t, "end"))
		}
		fmt.Fprintf(&b, "---\napiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s%d}\nspec:\n  customer: c\n  product: p\n  cards: [k]\n  amount: %q\n  currency: %s\n  beginDate: %q\n  endDate: %q\n  planType: %s\n",
			i, amount.Draw(t, "amount"), currency.Draw(t, "currency"), begin, last, planType)
		if planType != "manual" {
			fmt.Fprintf(&b, "  schedule: d%d\n---\napiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d%d}\nspec: {%s}\n", i, i, drawSchedule(t))
		}
		if planType == "automatic" {
			continue
		}
		days := rapid.SliceOfNDistinct(rapid.IntRange(1, 400), 0, 4, rapid.ID).Draw(t, "steps")
		for j, day := range days {
			fmt.Fprintf(&b, "---\napiVersion: mokasync/v1\nkind: PaymentStep\nmetadata: {name: s%d-%d}\nspec: {sale: s%d, paymentDate: %q, amount: %q, currency: %s}\n",
				i, j, i, dayAfter(today, day), amount.Draw(t, "amount of a step"), currency.Draw(t, "currency of a step"))
		}
	}
	return b.String()
}

func drawSchedule(t *rapid.T) string {
	every := rapid.SampledFrom([]int{1, 1, 1, 2, 3, 5, 7, 12, 31}).Draw(t, "every")
	list := func(days []string) string { return "[" + strings.Join(days, ", ") + "]" }
	switch rapid.SampledFrom([]string{"daily", "weekly", "monthly", "monthly"}).Draw(t, "frequency") {
	case "daily":
		return fmt.Sprintf("frequency: daily, every: %d", every)
	case "weekly":
		days := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}), 1, 4, rapid.ID).Draw(t, "days of the week")
		return fmt.Sprintf("frequency: weekly, every: %d, daysOfWeek: %s", every, list(days))
	}
	days := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "10", "15", "27", "28", "29", "30", "31"}), 1, 4, rapid.ID).Draw(t, "days of the month")
	return fmt.Sprintf("frequency: monthly, every: %d, daysOfMonth: %s", every, list(days))
}
