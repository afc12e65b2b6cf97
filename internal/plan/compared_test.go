package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// spelled gives all that a plan says, in lines.
func spelled(p *Plan) string {
	var b strings.Builder
	change := func(what string, c *Change) {
		fmt.Fprintln(&b, what, c.Address, c.Action, c.Code, c.ID, c.DependsOn, c.Reason, c.InDoubt, c.After, c.ReplacedBy, c.Known != nil)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "  %s %q %q %v\n", f.Field.Name, f.From.Reveal(), f.To.Reveal(), f.To.Hidden())
		}
	}
	for _, c := range p.Changes {
		change("change", c)
	}
	for _, c := range p.Behind {
		change("behind", c)
	}
	for _, r := range p.Steered {
		fmt.Fprintln(&b, "steered", r.Address)
	}
	for _, s := range p.Sales {
		text, err := json.Marshal(s)
		fmt.Fprintln(&b, string(text), err, s.Before == s.After)
	}
	money, err := json.Marshal(p.Money)
	fmt.Fprintln(&b, string(money), err, p.Counts, p.Moves, p.Confirm, p.Expiries, p.Sealed, p.Partial)
	for _, d := range p.Diagnostics {
		fmt.Fprintf(&b, "%+v\n", d)
	}
	return b.String()
}

// edits are what may become of an account after it was applied.
var edits = []func(m map[string]string){
	func(map[string]string) {},
	func(m map[string]string) { swap(m, "customer/elif", "elif@example.com", "e@example.com") },
	func(m map[string]string) { swap(m, "customer/elif", "firstName: Elif, ", "") },
	func(m map[string]string) { swap(m, "customer/elif", "firstName", "lastName: Can, firstName") },
	func(m map[string]string) { swap(m, "product/gold", "Gold", "Altın") },
	func(m map[string]string) { swap(m, "schedule/m15", "[15]", "[1, 15]") },
	func(m map[string]string) { swap(m, "schedule/m15", "frequency", "id: 1003, frequency") },
	func(m map[string]string) { swap(m, "schedule/m15", "frequency", "id: {fromEnv: NOWHERE}, frequency") },
	func(m map[string]string) { swap(m, "card/bonus", "Bonus", "Yeni") },
	func(m map[string]string) { swap(m, "card/bonus", "token: "+token, "token: {fromEnv: NOWHERE}") },
	func(m map[string]string) { swap(m, "sale/s", "149.90", "159.90") },
	func(m map[string]string) { swap(m, "sale/s", "amount:", "currency: TL, amount:") },
	func(m map[string]string) { swap(m, "sale/s", "amount:", "currency: USD, amount:") },
	func(m map[string]string) { swap(m, "sale/s", "customer: elif", "customer: {customerCode: C1}") },
	func(m map[string]string) { swap(m, "sale/s", "customer: elif", "customer: {dealerCustomerId: 1001}") },
	func(m map[string]string) { swap(m, "sale/s", "{name: s}", "{name: s, labels: {a: b}}") },
	func(m map[string]string) {
		swap(m, "sale/s", "{name: s}", `{name: s, annotations: {note: x, mokasync/protect: "true"}}`)
	},
	func(m map[string]string) { swap(m, "sale/s", `, endDate: "2036-01-15"`, "") },
	func(m map[string]string) { delete(m, "sale/s"); m["sale/t"] = manifest("Sale", "t", sale) },
	func(m map[string]string) {
		m["paymentstep/x"] = manifest("PaymentStep", "x", `sale: {saleCode: ELSEWHERE}, paymentDate: "2035-02-01", amount: "5.00"`)
	},
}

// entryEdits are what may have become of a lockfile's entry: by hand, by a merge, by an older version.
var entryEdits = []func(e *lockfile.Entry){
	func(*lockfile.Entry) {},
	func(e *lockfile.Entry) { e.Code += "x" },
	func(e *lockfile.Entry) { e.ID = 0 },
	func(e *lockfile.Entry) { e.Labels = map[string]string{"a": "b"} },
	func(e *lockfile.Entry) { e.Annotations = map[string]string{spec.AnnotationProtect: "true"} },
	func(e *lockfile.Entry) { e.DependsOn = append(e.DependsOn, e.DependsOn...) },
	func(e *lockfile.Entry) { e.DependsOn = nil },
	func(e *lockfile.Entry) { e.Defaults = lockfile.Fields{} },
	func(e *lockfile.Entry) {
		all := e.Fields.List()
		e.Fields = lockfile.FieldsOf(all[:len(all)-1])
	},
	func(e *lockfile.Entry) {
		all := e.Fields.List()
		all[0], all[len(all)-1] = all[len(all)-1], all[0]
		e.Fields = lockfile.FieldsOf(all)
	},
	func(e *lockfile.Entry) {
		all := append(e.Defaults.List(), e.Fields.List()...)
		e.Defaults = lockfile.FieldsOf(all)
	},
}

// What the lockfile says just so is not compared whole, and the rest many at once: the plan is the same, whatever manifests and lockfile are.
func TestComparedManyAtOnce(t *testing.T) {
	settled := 0
	rapid.Check(t, comparedAlike(t.TempDir(), &settled))
	if settled == 0 {
		t.Error("nothing was ever settled")
	}
}

// FuzzCompared is TestComparedManyAtOnce, led by what of the code is reached.
func FuzzCompared(f *testing.F) {
	folder := f.TempDir()
	f.Fuzz(rapid.MakeFuzz(comparedAlike(folder, new(int))))
}

// comparedAlike makes a plan of drawn manifests and a drawn lockfile in both ways, and compares whole what is settled, of which it counts how much there was.
func comparedAlike(folder string, settled *int) func(*rapid.T) {
	return func(t *rapid.T) {
		m := base()
		for i := range rapid.IntRange(0, 6).Draw(t, "customers") {
			m[fmt.Sprint("customer/c", i)] = manifest("Customer", fmt.Sprint("c", i), fmt.Sprintf("customerCode: K%d, firstName: Ömer, email: \"\"", i))
			m[fmt.Sprint("sale/c", i)] = manifest("Sale", fmt.Sprint("c", i), strings.Replace(sale, "customer: elif, product: gold, schedule: m15, cards: [bonus]", fmt.Sprintf("customer: c%d, product: gold, schedule: m15, cards: [{token: 7e57ca4d-0000-4000-8000-%012d}]", i, i), 1))
		}
		resources := read(t, folder, join(m))
		known := applied(resources)
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			r := rapid.SampledFrom(resources).Draw(t, "entry")
			e := *known.Get(r.Address)
			rapid.SampledFrom(entryEdits).Draw(t, "edit of the entry")(&e)
			known.Put(&e)
		}
		if rapid.Bool().Draw(t, "in doubt") {
			r := rapid.SampledFrom(resources).Draw(t, "doubtful")
			known.AddPending(&lockfile.Intent{Op: "an operation", Entry: *known.Get(r.Address), At: time.Unix(0, 0)})
		}
		rapid.SampledFrom(edits).Draw(t, "edit")(m)
		in := Input{Resources: read(t, folder, join(m)), Known: known, Whole: rapid.Bool().Draw(t, "whole"), Prune: rapid.Bool().Draw(t, "prune"), Today: "2035-01-01"}
		if rapid.Bool().Draw(t, "a part") {
			in.Selected = map[spec.Address]bool{}
			for _, r := range in.Resources {
				in.Selected[r.Address] = rapid.Bool().Draw(t, "selected")
			}
		}
		one := spelled(makePlan(in, 0))
		window := rapid.SampledFrom([]int{1, 3, compareWindow}).Draw(t, "window")
		if many := spelled(makePlan(in, window)); many != one {
			t.Fatalf("many at once:\n%s\none after the other:\n%s", many, one)
		}
		w := NewWorld(in.Resources, in.Known)
		for _, r := range in.Resources {
			if e := in.Known.Get(r.Address); e != nil && w.settled(r, e) {
				*settled++
				if c := compareKnown(w, r, e); len(c.fields)+len(c.notes)+len(c.reasons) > 0 || c.behind() || c.change().Action != Unchanged {
					t.Fatalf("%s is settled, and compared whole it is not: %+v", r.Address, c.fields)
				}
			}
		}
	}
}

// An account as it was applied is settled: nothing of it is compared whole.
func TestAppliedIsSettled(t *testing.T) {
	m := base()
	m["paymentstep/x"] = manifest("PaymentStep", "x", `sale: {saleCode: ELSEWHERE}, paymentDate: "2035-02-01", amount: "5.00"`)
	resources := read(t, t.TempDir(), join(m))
	known := applied(resources)
	w := NewWorld(resources, known)
	for _, r := range resources {
		if !w.settled(r, known.Get(r.Address)) {
			t.Errorf("%s is compared whole", r.Address)
		}
	}
}
