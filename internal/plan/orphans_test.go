package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// whole is the little account with a second sale whose steps are made by hand.
func whole() map[string]string {
	m := base()
	m["sale/m"] = manifest("Sale", "m", `customer: elif, product: {productCode: OTHER}, cards: [bonus], amount: 450, beginDate: "2035-01-15", endDate: "2036-01-15", planType: manual`)
	m["paymentstep/feb"] = manifest("PaymentStep", "feb", `sale: m, paymentDate: "2035-02-15", amount: 450`)
	m["paymentstep/mar"] = manifest("PaymentStep", "mar", `sale: m, paymentDate: "2035-03-15", amount: 450`)
	return m
}

// What --prune makes of what left the manifests.
func TestPrune(t *testing.T) {
	drop := func(m map[string]string, keys ...string) {
		for _, k := range keys {
			delete(m, k)
		}
	}
	tests := []struct {
		name   string
		before func(m map[string]string)
		change func(m map[string]string)
		known  func(l *lockfile.Lock)
		want   string
		reason string // part of the first change's
	}{
		{"a sale", nil, func(m map[string]string) { drop(m, "sale/s") }, nil, "delete sale/s", "it makes no more payments"},
		{"a customer with all that depends on it", nil, func(m map[string]string) {
			drop(m, "customer/elif", "card/bonus", "sale/s", "sale/m", "paymentstep/feb", "paymentstep/mar")
		}, nil, "delete paymentstep/mar, forget paymentstep/feb, delete sale/s, delete sale/m, forget card/bonus, delete customer/elif", ""},
		{"a card that may be removed", func(m map[string]string) {
			swap(m, "card/bonus", "{name: bonus}", `{name: bonus, annotations: {mokasync/prune: "true"}}`)
		}, func(m map[string]string) {
			drop(m, "card/bonus", "sale/s", "sale/m", "paymentstep/feb", "paymentstep/mar")
		}, nil,
			"delete paymentstep/mar, forget paymentstep/feb, delete sale/s, delete sale/m, delete card/bonus", ""},
		{"a card that may not, whose customer stays", nil, func(m map[string]string) {
			drop(m, "card/bonus", "sale/s", "sale/m", "paymentstep/feb", "paymentstep/mar")
		}, nil,
			"orphan card/bonus, delete paymentstep/mar, forget paymentstep/feb, delete sale/s, delete sale/m", "removed only if its manifest had the annotation"},
		{"a protected sale keeps what it needs", func(m map[string]string) {
			swap(m, "sale/s", "{name: s}", `{name: s, annotations: {mokasync/protect: "true"}}`)
		}, func(m map[string]string) { drop(m, "sale/s", "schedule/m15", "product/gold") }, nil, "orphan product/gold, orphan schedule/m15, orphan sale/s", "sale/s still uses it"},
		{"what a manifest names by Moka's key", nil, func(m map[string]string) {
			drop(m, "product/gold")
			swap(m, "sale/s", "product: gold", "product: {productCode: P1}")
		}, nil, "orphan product/gold", "sale/s still uses it"},
		{"what a manifest names by Moka's number", nil, func(m map[string]string) {
			drop(m, "schedule/m15")
			swap(m, "sale/s", "schedule: m15", "schedule: {id: 1003}")
		}, nil, "orphan schedule/m15", "sale/s still uses it"},
		{"what may be there under a new name", nil, func(m map[string]string) {
			drop(m, "product/gold")
			m["product/silver"] = manifest("Product", "silver", product)
			swap(m, "sale/s", "product: gold", "product: silver")
		}, nil, "orphan product/gold, blocked product/silver", "may be the same under a new name"},
		{"what is in doubt", nil, func(m map[string]string) { drop(m, "sale/s") }, func(l *lockfile.Lock) {
			e := *l.Get(spec.Address{Kind: spec.Sale, Name: "s"})
			l.AddPending(&lockfile.Intent{Op: "DealerSale/UpdateSale", Entry: e, Previous: e.Fields.List()})
		}, "orphan sale/s", "in doubt|its outcome is not known"},
		{"a step of today is neither deleted nor history", nil, func(m map[string]string) { drop(m, "paymentstep/mar") }, nil, "orphan paymentstep/mar", "its day has come"},
		{"a step whose day has passed", nil, func(m map[string]string) { drop(m, "paymentstep/feb") }, nil, "forget paymentstep/feb", "history"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := whole()
			if test.before != nil {
				test.before(m)
			}
			known := applied(read(t, t.TempDir(), join(m)))
			if test.known != nil {
				test.known(known)
			}
			test.change(m)
			today := "2035-03-01"
			if strings.Contains(test.name, "of today") {
				today = "2035-03-15"
			}
			p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true, Prune: true, Today: today})
			if got := actions(p); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			ok := false
			for _, part := range strings.Split(test.reason, "|") {
				ok = ok || strings.Contains(p.Changes[0].Reason, part)
			}
			if !ok {
				t.Errorf("reason: got %q, want %q in it", p.Changes[0].Reason, test.reason)
			}
		})
	}
}

// More than 10 deletes that are also more than 30 % want their number, and so does an empty folder.
func TestConfirm(t *testing.T) {
	for _, test := range []struct{ products, gone, want int }{
		{14, 10, 0}, {14, 11, 11}, {36, 11, 11}, {37, 11, 0}, {100, 30, 0}, {100, 31, 31}, {3, 3, 3}, {1, 1, 1}, {5, 4, 0}, {5, 0, 0},
	} {
		m := map[string]string{}
		for i := range test.products {
			name := fmt.Sprintf("p%03d", i)
			m["product/"+name] = manifest("Product", name, "productName: "+name)
		}
		known := applied(read(t, t.TempDir(), join(m)))
		for i := range test.gone {
			delete(m, fmt.Sprintf("product/p%03d", i))
		}
		var left []*spec.Resource
		if len(m) > 0 {
			left = read(t, t.TempDir(), join(m))
		}
		p := Make(Input{Resources: left, Known: known, Whole: true, Prune: true})
		if p.Counts[Delete] != test.gone || p.Confirm != test.want || (len(p.Diagnostics) > 0) != (test.want > 0) {
			t.Errorf("%d of %d: %d deletes, to be confirmed %d, %d diagnostics; want %d", test.gone, test.products, p.Counts[Delete], p.Confirm, len(p.Diagnostics), test.want)
		}
	}
}

// Each bound of a project holds by itself, and takes nothing away of what is confirmed in any case.
func TestConfirmAbove(t *testing.T) {
	at := func(n int) *int { return &n }
	for _, test := range []struct {
		above       ConfirmAbove
		gone, known int
		want        bool
	}{
		{ConfirmAbove{}, 100, 100, false},
		{ConfirmAbove{Count: at(0)}, 1, 100, true},
		{ConfirmAbove{Count: at(3)}, 3, 4, false},
		{ConfirmAbove{Count: at(3)}, 4, 1000, true},
		{ConfirmAbove{Percent: at(5)}, 5, 100, false},
		{ConfirmAbove{Percent: at(5)}, 6, 100, true},
		{ConfirmAbove{Percent: at(100)}, 100, 100, false},
		{ConfirmAbove{Count: at(1000), Percent: at(5)}, 6, 100, true},
		{ConfirmAbove{Count: at(5), Percent: at(100)}, 6, 100, true},
	} {
		if got := test.above.exceeded(test.gone, test.known); got != test.want {
			t.Errorf("%d of %d: got %v, want %v", test.gone, test.known, got, test.want)
		}
	}
	m := map[string]string{}
	for i := range 14 {
		name := fmt.Sprintf("p%03d", i)
		m["product/"+name] = manifest("Product", name, "productName: "+name)
	}
	known := applied(read(t, t.TempDir(), join(m)))
	left := func(gone int) []*spec.Resource {
		for i := range gone {
			delete(m, fmt.Sprintf("product/p%03d", i))
		}
		return read(t, t.TempDir(), join(m))
	}
	if p := Make(Input{Resources: left(1), Known: known, Whole: true, Prune: true, ConfirmAbove: ConfirmAbove{Count: at(0)}}); p.Confirm != 1 || len(p.Diagnostics) != 1 {
		t.Errorf("one delete: to be confirmed %d, %v", p.Confirm, p.Diagnostics)
	}
	if p := Make(Input{Resources: left(11), Known: known, Whole: true, Prune: true, ConfirmAbove: ConfirmAbove{Count: at(1000)}}); p.Confirm != 11 {
		t.Errorf("a wide bound: to be confirmed %d, want 11 as without it", p.Confirm)
	}
}

// A sale in another's place: when it may, and why it may not.
func TestReplaces(t *testing.T) {
	const later = `customer: elif, product: gold, schedule: m15, cards: [bonus], amount: "149.90", beginDate: "2035-04-15", endDate: "2036-01-15"`
	replacing := func(name, body string) string {
		return strings.Replace(manifest("Sale", name, body), "{name: "+name+"}", "{name: "+name+", replaces: sale/s}", 1)
	}
	tests := []struct {
		name   string
		new    string
		known  func(l *lockfile.Lock)
		want   string
		reason string // part of that of the change of sale/t
	}{
		{"later, under a new code", replacing("t", later), nil, "delete sale/s, create sale/t", "in the place of sale/s"},
		{"under the old code", replacing("t", "saleCode: s, "+later), nil, "orphan sale/s, blocked sale/t", "has the code of sale/s"},
		{"not later", replacing("t", strings.Replace(later, "2035-04-15", "2035-01-15", 1)), nil, "orphan sale/s, blocked sale/t", "not later than that of sale/s"},
		{"today", replacing("t", strings.Replace(later, "2035-04-15", "2035-03-15", 1)), nil, "orphan sale/s, blocked sale/t", "not later than today"},
		{"of one that is protected", replacing("t", later), func(l *lockfile.Lock) {
			e := *l.Get(spec.Address{Kind: spec.Sale, Name: "s"})
			e.Annotations = map[string]string{spec.AnnotationProtect: "true"}
			l.Put(&e)
		}, "orphan sale/s, blocked sale/t", "protected"},
		{"of one that nobody knows", replacing("t", later), func(l *lockfile.Lock) { l.Drop(spec.Address{Kind: spec.Sale, Name: "s"}) }, "blocked sale/t", "does not know sale/s"},
		{"of one that is gone already", replacing("t", later), func(l *lockfile.Lock) {
			l.Record(&lockfile.Outcome{Address: spec.Address{Kind: spec.Sale, Name: "s"}, Status: "done", Deleted: true, By: spec.Address{Kind: spec.Sale, Name: "t"}})
		}, "create sale/t", ""},
		{"of one that was deleted for itself", replacing("t", later), func(l *lockfile.Lock) {
			l.Record(&lockfile.Outcome{Address: spec.Address{Kind: spec.Sale, Name: "s"}, Status: "done", Deleted: true})
		}, "blocked sale/t", "does not know sale/s, nor that it was ended for this one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := base()
			known := applied(read(t, t.TempDir(), join(m)))
			if test.known != nil {
				test.known(known)
			}
			delete(m, "sale/s")
			m["sale/t"] = test.new
			p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true, Today: "2035-03-15"})
			if got := actions(p); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			last := p.Changes[len(p.Changes)-1]
			if !strings.Contains(last.Reason, test.reason) {
				t.Errorf("reason: got %q, want %q in it", last.Reason, test.reason)
			}
			if first := p.Changes[0]; first.Action == Delete && (first.Late() || fmt.Sprint(first.After) != "[card/bonus customer/elif product/gold schedule/m15]" || !strings.Contains(fmt.Sprint(last.DependsOn), "sale/s")) {
				t.Errorf("the delete is late %v and waits for %v, the create needs %v", first.Late(), first.After, last.DependsOn)
			}
		})
	}
}

// A rename that is said is no change, for every kind, also of what refers to it; one that is not said is proposed.
func TestMovedFrom(t *testing.T) {
	renames := []struct{ key, field string }{
		{"customer/elif", "customer: elif"}, {"product/gold", "product: gold"}, {"schedule/m15", "schedule: m15"}, {"card/bonus", "[bonus]"}, {"sale/m", "sale: m,"}, {"sale/s", ""}, {"paymentstep/mar", ""},
	}
	for _, rename := range renames {
		t.Run(rename.key, func(t *testing.T) {
			m := whole()
			// Nothing is written that could be left to a default, so that a default must stay what it was.
			swap(m, "customer/elif", "customerCode: C1, ", "")
			swap(m, "product/gold", "productCode: P1, ", "")
			known := applied(read(t, t.TempDir(), join(m)))
			kind, name, _ := strings.Cut(rename.key, "/")
			swap(m, rename.key, "{name: "+name+"}", "{name: new}")
			for key := range m {
				if rename.field != "" && strings.Contains(m[key], rename.field) {
					swap(m, key, rename.field, strings.Replace(rename.field, name, "new", 1))
				}
			}
			p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true, Prune: true, Today: "2035-03-01"})
			if kind == "card" || kind == "paymentstep" { // these have a key that the name is no part of
				if got := actions(p); !strings.Contains(got, "blocked "+kind+"/new") || !strings.Contains(got, "orphan "+rename.key) {
					t.Errorf("not said: %q", got)
				}
			}
			swap(m, kind+"/"+name, "{name: new}", "{name: new, movedFrom: "+rename.key+"}")
			p = Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true, Prune: true, Today: "2035-03-01"})
			if got := actions(p); got != "" || len(p.Moves) != 1 {
				t.Errorf("said: %q, %d moves", got, len(p.Moves))
			}
			after := known.Moved(p.Moves)
			if p = Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: after, Whole: true, Prune: true, Today: "2035-03-01"}); actions(p) != "" || len(p.Moves)+len(p.Behind) != 0 {
				t.Errorf("afterwards: %q, %d moves, %d behind", actions(p), len(p.Moves), len(p.Behind))
			}
		})
	}
}

// The code of a deleted sale is an error wherever it comes back, and nowhere else.
func TestTombstone(t *testing.T) {
	m := base()
	known := applied(read(t, t.TempDir(), join(m)))
	known.Record(&lockfile.Outcome{Address: spec.Address{Kind: spec.Sale, Name: "s"}, Status: "done", Deleted: true})
	p := Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true})
	if !spec.HasErrors(p.Diagnostics) || !strings.Contains(p.Diagnostics[0].Message, `"s" was that of sale/s`) {
		t.Errorf("got %v", p.Diagnostics)
	}
	swap(m, "sale/s", "spec: {", "spec: {saleCode: s-2, ")
	if p = Make(Input{Resources: read(t, t.TempDir(), join(m)), Known: known, Whole: true}); spec.HasErrors(p.Diagnostics) || actions(p) != "create sale/s" {
		t.Errorf("got %v, %q", p.Diagnostics, actions(p))
	}
}
