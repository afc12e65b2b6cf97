package lockfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
)

// A deleted sale leaves its code behind, in the text too; other kinds leave nothing.
func TestTombstones(t *testing.T) {
	l := New("test", "1731", saltKeyring("00"))
	sale := spec.Address{Kind: spec.Sale, Name: "s"}
	l.Put(&Entry{Address: sale, ID: 7, Code: "S-1"})
	l.Put(&Entry{Address: spec.Address{Kind: spec.Product, Name: "p"}, ID: 8, Code: "P-1"})
	other := spec.Address{Kind: spec.Sale, Name: "t"}
	l.Record(&Outcome{Address: sale, Status: "done", Deleted: true, By: other})
	l.Record(&Outcome{Address: spec.Address{Kind: spec.Product, Name: "p"}, Status: "done", Deleted: true})
	l.Put(&Entry{Address: sale, ID: 9, Code: "S-2"}) // the same name, another code
	want := `{"address":"sale/s","id":9,"code":"S-2"}` + "\n" + `{"address":"sale/s","deleted":true,"id":7,"code":"S-1","replacedBy":"sale/t"}` + "\n"
	if got := text(t, l); !strings.HasSuffix(got, want) || strings.Contains(got, "P-1") {
		t.Fatalf("got\n%s", got)
	}
	again, err := Parse("x.lock", []byte(text(t, l)), "")
	if err != nil {
		t.Fatal(err)
	}
	if text(t, again) != text(t, l) || again.Tombstone("S-1") == nil || again.Tombstone("S-2") != nil || again.Tombstone("P-1") != nil || again.Replaced(sale, other) == nil || again.Replaced(sale, sale) != nil {
		t.Errorf("read again:\n%s", text(t, again))
	}
}

// A delete in doubt that is settled later, by a run that no longer knows the resource, leaves a tombstone as well.
func TestTombstoneOfAnOpenDelete(t *testing.T) {
	l := New("test", "1731", saltKeyring("00"))
	sale := spec.Address{Kind: spec.Sale, Name: "s"}
	l.AddPending(&Intent{Op: "DealerSale/DeleteSale", Delete: true, Entry: Entry{Address: sale, ID: 7, Code: "S-1"}})
	l.Record(&Outcome{Address: sale, Status: "done", Deleted: true})
	if l.Tombstone("S-1") == nil || len(l.Pending) != 0 {
		t.Errorf("got\n%s", text(t, l))
	}
}

// A merge may leave what no program writes.
func TestDamagedTombstones(t *testing.T) {
	const header = `{"mokasync":"lockfile","formatVersion":"1.0","endpoint":"test","dealer":"1731","salt":"00"}` + "\n"
	for _, row := range []struct{ what, lines, want string }{
		{"twice", `{"address":"sale/a","deleted":true,"code":"S"}` + "\n" + `{"address":"sale/b","deleted":true,"code":"S"}` + "\n", "x.lock:3: the code \"S\" of a deleted sale stands twice"},
		{"of a product", `{"address":"product/a","deleted":true,"code":"S"}` + "\n", "x.lock:2: the line of the deleted product/a is damaged"},
		{"without a code", `{"address":"sale/a","deleted":true}` + "\n", "x.lock:2: the line of the deleted sale/a is damaged"},
		{"with fields", `{"address":"sale/a","deleted":true,"code":"S","fields":{"amount":"1.00"}}` + "\n", "x.lock:2: the line of the deleted sale/a is damaged"},
	} {
		if _, err := Parse("x.lock", []byte(header+row.lines), ""); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: the error is %v, want %q", row.what, err, row.want)
		}
	}
}

// A move changes addresses everywhere, and nothing else; one to what is known, or from what is not, changes nothing.
func TestMoved(t *testing.T) {
	l := New("test", "1731", saltKeyring("00"))
	at := func(kind spec.Kind, name string) spec.Address { return spec.Address{Kind: kind, Name: name} }
	customer, sale := at(spec.Customer, "a"), at(spec.Sale, "s")
	l.Put(&Entry{Address: customer, ID: 1, Code: "C"})
	l.Put(&Entry{Address: at(spec.Customer, "b"), ID: 2, Code: "D"})
	l.Put(&Entry{Address: sale, ID: 3, Code: "S", DependsOn: []spec.Address{at(spec.Card, "k"), customer}})
	l.AddPending(&Intent{Op: "DealerSale/AddSale", Entry: Entry{Address: at(spec.Sale, "t"), Code: "T", DependsOn: []spec.Address{customer}}})
	before := text(t, l)

	got := text(t, l.Moved(map[spec.Address]spec.Address{customer: at(spec.Customer, "z"), at(spec.Sale, "t"): at(spec.Sale, "r")}))
	want := strings.ReplaceAll(before, `customer/a`, `customer/z`) // what has an open call stays where that was announced
	if sorted(got) != sorted(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := Parse("x.lock", []byte(got), ""); err != nil {
		t.Errorf("what was moved cannot be read: %v", err)
	}
	for _, moves := range []map[spec.Address]spec.Address{{customer: at(spec.Customer, "b")}, {at(spec.Customer, "nobody"): at(spec.Customer, "z")}, {sale: at(spec.Sale, "t")}, nil} {
		if got := text(t, l.Moved(moves)); got != before {
			t.Errorf("%v changes\n%sto\n%s", moves, before, got)
		}
	}
	if text(t, l) != before {
		t.Error("the lock that was moved has changed")
	}
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
