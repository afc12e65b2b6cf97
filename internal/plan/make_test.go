package plan

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// read reads manifests, which must have no mistakes.
func read(t interface {
	Helper()
	Fatalf(string, ...any)
}, folder, text string) []*spec.Resource {
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

func manifest(kind, name, body string) string {
	return fmt.Sprintf("apiVersion: mokasync/v1\nkind: %s\nmetadata: {name: %s}\nspec: {%s}\n---\n", kind, name, body)
}

const (
	customer = "customerCode: C1, firstName: Elif, email: elif@example.com"
	product  = "productCode: P1, productName: Gold"
	schedule = "frequency: monthly, daysOfMonth: [15]"
	token    = "9de41bb0-e82f-4670-b36b-d71ff27a3111"
	card     = "customer: elif, token: " + token + ", cardName: Bonus"
	sale     = `customer: elif, product: gold, schedule: m15, cards: [bonus], amount: "149.90", beginDate: "2035-01-15", endDate: "2036-01-15"`
)

// base is a whole little account.
func base() map[string]string {
	return map[string]string{
		"customer/elif": manifest("Customer", "elif", customer), "product/gold": manifest("Product", "gold", product),
		"schedule/m15": manifest("Schedule", "m15", schedule), "card/bonus": manifest("Card", "bonus", card), "sale/s": manifest("Sale", "s", sale),
	}
}

func join(m map[string]string) string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	text := ""
	for _, k := range keys {
		text += m[k]
	}
	return text
}

// applied gives the lockfile after these manifests were applied: Moka's numbers are counted up.
func applied(resources []*spec.Resource) *lockfile.Lock {
	known := lockfile.New("test", "1731", lockfile.NewSalt())
	w := NewWorld(resources, known)
	id := int64(1000)
	for _, kind := range spec.Kinds() {
		for _, r := range resources {
			if r.Address.Kind != kind {
				continue
			}
			id++
			e := w.Entry(r, id)
			if kind == spec.Card {
				e.ID = 0
			}
			e.Defaults = lockfile.FieldsOf(sent(r))
			known.Put(e)
		}
	}
	return known
}

// sent are the defaults that go with a creation.
func sent(r *spec.Resource) []lockfile.Locked {
	var out []lockfile.Locked
	def := r.Address.Kind.Def()
	for i := range def.Fields {
		f := &def.Fields[i]
		if f.Default != "" && f.Default != spec.DefaultName && f.Default != spec.DefaultToday && r.Value(f.Name) == nil {
			out = append(out, lockfile.Locked{Field: f, Text: f.Default})
		}
	}
	return out
}

func actions(p *Plan) string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.Action.String()+" "+c.Address.String())
	}
	return strings.Join(out, ", ")
}

func TestActions(t *testing.T) {
	tests := []struct {
		name   string
		change func(m map[string]string)
		want   string // actions in order
		fields string // changed fields of the first change
		reason string // part of the first change's reason
	}{
		{"nothing", func(map[string]string) {}, "", "", ""},
		{"a personal field", func(m map[string]string) { swap(m, "customer/elif", "elif@example.com", "e@example.com") }, "update customer/elif", "email", ""},
		{"a customer's code", func(m map[string]string) { swap(m, "customer/elif", "C1", "C2") }, "blocked customer/elif, blocked card/bonus, blocked sale/s", "customerCode", "cannot change"},
		{"a product's name", func(m map[string]string) { swap(m, "product/gold", "Gold", "Altın") }, "blocked product/gold", "productName", "no call to change a product"},
		{"a schedule's days", func(m map[string]string) { swap(m, "schedule/m15", "[15]", "[1]") }, "update schedule/m15", "daysOfMonth", ""},
		{"a card's name", func(m map[string]string) { swap(m, "card/bonus", "Bonus", "Yeni") }, "update card/bonus", "cardName", ""},
		{"a card's token", func(m map[string]string) { swap(m, "card/bonus", "3111", "3222") }, "adopt card/bonus, update sale/s", "customer token cardName", "another token"},
		{"a sale's amount", func(m map[string]string) { swap(m, "sale/s", "149.90", "159.90") }, "update sale/s", "amount", ""},
		{"a sale's default said in words", func(m map[string]string) { swap(m, "sale/s", "amount:", "currency: TL, amount:") }, "", "", ""},
		{"a sale's default changed", func(m map[string]string) { swap(m, "sale/s", "amount:", "currency: USD, amount:") }, "update sale/s", "currency", ""},
		{"a sale's product", func(m map[string]string) {
			m["product/silver"] = manifest("Product", "silver", "productName: Silver")
			swap(m, "sale/s", "gold", "silver")
		}, "create product/silver, blocked sale/s", "productName", ""},
		{"another sale of another product", func(m map[string]string) {
			m["product/silver"] = manifest("Product", "silver", "productName: Silver")
			m["sale/t"] = manifest("Sale", "t", strings.Replace(sale, "gold", "silver", 1))
		}, "create product/silver, create sale/t", "productName", ""},
		{"a sale removed", func(m map[string]string) { delete(m, "sale/s") }, "orphan sale/s", "", "goes on charging"},
		{"a sale renamed, code and all", func(m map[string]string) { delete(m, "sale/s"); m["sale/t"] = manifest("Sale", "t", sale) },
			"orphan sale/s, blocked sale/t", "", "goes on charging"},
		{"a customer renamed", func(m map[string]string) {
			delete(m, "customer/elif")
			m["customer/deniz"] = manifest("Customer", "deniz", customer)
			swap(m, "card/bonus", "elif", "deniz")
			swap(m, "sale/s", "elif", "deniz")
		}, "blocked customer/deniz, orphan customer/elif", "customerCode firstName email", "has the code of customer/elif"},
		{"a reference said by code", func(m map[string]string) { swap(m, "sale/s", "customer: elif", "customer: {customerCode: C1}") }, "", "", ""},
		{"a reference said by Moka's number", func(m map[string]string) {
			swap(m, "sale/s", "customer: elif", "customer: {dealerCustomerId: 1001}")
		}, "", "", ""},
		{"a schedule said by Moka's number", func(m map[string]string) { swap(m, "sale/s", "schedule: m15", "schedule: {id: 1003}") }, "", "", ""},
		{"a schedule's own id", func(m map[string]string) { swap(m, "schedule/m15", "frequency", "id: 1003, frequency") }, "", "", ""},
		{"another schedule's id", func(m map[string]string) { swap(m, "schedule/m15", "frequency", "id: 7, frequency") },
			"adopt schedule/m15, update sale/s", "id frequency daysOfMonth", "another id"},
		{"a label", func(m map[string]string) { swap(m, "sale/s", "{name: s}", "{name: s, labels: {a: b}}") }, "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := base()
			known := applied(read(t, t.TempDir(), join(m)))
			test.change(m)
			p := Make(Input{Endpoint: "test", Dealer: "1731", Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true})
			if got := actions(p); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if test.want == "" {
				return
			}
			var fields []string
			for _, f := range p.Changes[0].Fields {
				fields = append(fields, f.Field.Name)
			}
			if got := strings.Join(fields, " "); got != test.fields {
				t.Errorf("fields: got %q, want %q", got, test.fields)
			}
			if !strings.Contains(p.Changes[0].Reason, test.reason) {
				t.Errorf("reason: got %q, want %q in it", p.Changes[0].Reason, test.reason)
			}
		})
	}
}

func swap(m map[string]string, key, old, new string) {
	if !strings.Contains(m[key], old) {
		panic(key + " lacks " + old)
	}
	m[key] = strings.ReplaceAll(m[key], old, new)
}

// A label changes nothing at Moka, and the lockfile is mended by the next apply.
func TestBehind(t *testing.T) {
	m := base()
	known := applied(read(t, t.TempDir(), join(m)))
	swap(m, "sale/s", "{name: s}", `{name: s, labels: {a: b}, annotations: {mokasync/protect: "true"}}`)
	p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true})
	if len(p.Behind) != 1 || p.Behind[0].Address.String() != "sale/s" || p.HasChanges() {
		t.Errorf("got %d behind and changes %q", len(p.Behind), actions(p))
	}
}

// A managed end date must not vanish silently; any other field may.
func TestNoLongerManaged(t *testing.T) {
	m := base()
	known := applied(read(t, t.TempDir(), join(m)))
	swap(m, "customer/elif", ", email: elif@example.com", "")
	p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known})
	if len(p.Diagnostics) != 1 || p.Diagnostics[0].Severity != spec.Info || !strings.Contains(p.Diagnostics[0].Message, "email is no longer managed") {
		t.Errorf("got %v", p.Diagnostics)
	}
	swap(m, "sale/s", `, endDate: "2036-01-15"`, "")
	p = Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known})
	if !spec.HasErrors(p.Diagnostics) {
		t.Errorf("got %v, want an error", p.Diagnostics)
	}
}

// What may have been created under another name counts as created: it blocks what would charge twice.
func TestPendingBlocksRename(t *testing.T) {
	m := base()
	resources := read(t, t.TempDir(), join(m))
	known := applied(resources)
	e := *known.Get(spec.Address{Kind: spec.Sale, Name: "s"})
	e.ID = 0
	known.Drop(e.Address)
	known.AddPending(&lockfile.Intent{Op: "DealerSale/AddSale", Entry: e})
	delete(m, "sale/s")
	m["sale/t"] = manifest("Sale", "t", sale)
	p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true})
	if got, want := actions(p), "orphan sale/s, blocked sale/t"; got != want || !p.InDoubt() || !p.HasChanges() {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Offline, what Moka's own key names is adopted; all else that is not known is created. Changes come by depth, then by address.
func TestOrder(t *testing.T) {
	m := base()
	m["schedule/ours"] = manifest("Schedule", "ours", "id: 1005, frequency: daily")
	p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: lockfile.New("test", "1731", lockfile.NewSalt()), Whole: true})
	want := "create customer/elif, create product/gold, create schedule/m15, adopt schedule/ours, adopt card/bonus, create sale/s"
	if got := actions(p); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := p.Changes[5].DependsOn; fmt.Sprint(got) != "[card/bonus customer/elif product/gold schedule/m15]" {
		t.Errorf("dependsOn: %v", got)
	}
}

// Personal and secret values come out of a plan only when they are asked for, secrets never.
func TestMasked(t *testing.T) {
	p := Make(Input{Resources: read(t, t.TempDir(), join(base())), Known: lockfile.New("test", "1731", lockfile.NewSalt())})
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			for _, verb := range []string{"%v", "%+v", "%s"} {
				text := fmt.Sprintf(verb, f.To)
				for _, value := range []string{"elif@example.com", "Elif", token, "Bonus"} {
					if strings.Contains(text, value) {
						t.Errorf("%s of %s.%s shows %q", verb, c.Address, f.Field.Name, text)
					}
				}
			}
			if f.Field.Sensitivity == spec.Secret && strings.Contains(strings.Join(f.To.Reveal(), ""), token) {
				t.Errorf("%s shows a secret", f.Field.Name)
			}
		}
	}
}

// For any account: planned from nothing everything is created or adopted, planned from what was applied nothing is left, and the plan is the
// same however often it is made.
func TestConverges(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		m := map[string]string{}
		customers := rapid.IntRange(1, 4).Draw(t, "customers")
		for i := range customers {
			m[fmt.Sprint("c", i)] = manifest("Customer", fmt.Sprint("c", i), fmt.Sprintf("firstName: F%d, email: %s", i, rapid.SampledFrom([]string{`""`, "a@b.co", "x.y@example.com"}).Draw(t, "email")))
			m[fmt.Sprint("k", i)] = manifest("Card", fmt.Sprint("k", i), fmt.Sprintf("customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d", i, i))
		}
		m["p"] = manifest("Product", "p", "productName: P")
		m["d"] = manifest("Schedule", "d", rapid.SampledFrom([]string{"frequency: daily", "frequency: weekly, daysOfWeek: [sunday, monday]", "frequency: monthly, every: 2, daysOfMonth: [28, 1]"}).Draw(t, "schedule"))
		for i := range rapid.IntRange(0, 6).Draw(t, "sales") {
			of := rapid.IntRange(0, customers-1).Draw(t, "of")
			m[fmt.Sprint("s", i)] = manifest("Sale", fmt.Sprint("s", i), fmt.Sprintf(`customer: c%d, product: p, schedule: d, cards: [k%d], amount: %d.%02d, beginDate: 2035-01-%02d`,
				of, of, rapid.IntRange(1, 99999).Draw(t, "lira"), rapid.IntRange(0, 99).Draw(t, "kuruş"), rapid.IntRange(1, 31).Draw(t, "day")))
		}
		resources := read(t, folder, join(m))
		empty := Input{Resources: resources, Known: lockfile.New("test", "1731", lockfile.NewSalt()), Whole: true}
		first := Make(empty)
		if first.Counts[Create]+first.Counts[Adopt] != len(resources) {
			t.Fatalf("from nothing: %s", actions(first))
		}
		if again := Make(empty); actions(again) != actions(first) || !reflect.DeepEqual(again.Counts, first.Counts) {
			t.Fatal("the plan differs when it is made again")
		}
		after := Make(Input{Resources: resources, Known: applied(resources), Whole: true})
		if after.HasChanges() || len(after.Behind) > 0 || after.Counts[Unchanged] != len(resources) {
			t.Fatalf("after an apply: %s, %d behind", actions(after), len(after.Behind))
		}
	})
}
