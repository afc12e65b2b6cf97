package edit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
)

func text(s string) *spec.Value { return &spec.Value{Text: s} }

func keyed(key, s string) *spec.Value { v := spec.Keyed(nil, key, s); return &v }

func items(values ...spec.Value) *spec.Value { v := spec.ListOf(nil, values...); return &v }

func texts(words ...string) *spec.Value {
	v := &spec.Value{}
	for _, w := range words {
		v.SetItems(append(v.Items(), spec.Value{Text: w}))
	}
	return v
}

// sale is a manifest with a spec that holds these lines and what a sale needs besides.
func sale(lines ...string) string {
	return "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s}\nspec:\n  # above\n  customer: {customerCode: C}\n  product: {productCode: P}\n" + strings.Join(lines, "\n") + "\n"
}

func full(more ...string) string {
	return sale(append([]string{"  schedule: {id: 7}", "  cards: [a]", `  amount: "1.00"`, `  beginDate: "2035-01-15"`, "  endDate: never"}, more...)...)
}

var saleAt = spec.Address{Kind: spec.Sale, Name: "s"}

// TestSet: one change, and what the text is then. `old` and `now` are the lines that differ.
func TestSet(t *testing.T) {
	customer := func(lines string) string {
		return "apiVersion: mokasync/v1\nkind: Customer\nmetadata:\n  name: c\n  # moved in March\n  labels: {a: b}\nspec:\n" + lines
	}
	schedule := func(lines string) string {
		return "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d}\nspec:\n  frequency: monthly\n" + lines
	}
	tests := []struct {
		name, file string
		field      string
		value      *spec.Value
		old, now   string
	}{
		{"a double-quoted amount", full(), "amount", text("149.90"), `amount: "1.00"`, `amount: "149.90"`},
		{"a plain amount stays plain", strings.Replace(full(), `"1.00"`, "1  # lira", 1), "amount", text("149.90"), "amount: 1  # lira", "amount: 149.90  # lira"},
		{"a single-quoted amount", strings.Replace(full(), `"1.00"`, "'1.00'", 1), "amount", text("149.90"), `'1.00'`, `'149.90'`},
		{"a date", full(), "beginDate", text("2036-02-29"), "2035-01-15", "2036-02-29"},
		{"never becomes a date", full(), "endDate", text("2036-01-15"), "endDate: never", `endDate: "2036-01-15"`},
		{"a date becomes never", strings.Replace(full(), "never", "'2036-01-15' # end", 1), "endDate", text("never"), "'2036-01-15' # end", "'never' # end"},
		{"an integer", full("  howManyTrial: 2"), "howManyTrial", text("3"), "howManyTrial: 2", "howManyTrial: 3"},
		{"a new field by the table's order", full(), "currency", text("USD"), "\"1.00\"\n", "\"1.00\"\n  currency: USD\n"},
		{"a new amount of instalments", full("  description: x"), "installmentNumber", text("3"), "\"1.00\"\n", "\"1.00\"\n  installmentNumber: 3\n"},
		{"a new date in quotes", full(), "saleDate", text("2035-01-01"), "\"1.00\"\n", "\"1.00\"\n  saleDate: \"2035-01-01\"\n"},
		{"the first field of all", full(), "saleCode", text("007"), "spec:\n", "spec:\n  saleCode: \"007\"\n"},
		{"a field goes", full("  howManyTrial: 2"), "howManyTrial", nil, "  howManyTrial: 2\n", ""},
		{"a field goes, the comment beside it stays", full("  howManyTrial: 2 # often"), "howManyTrial", nil, "  howManyTrial: 2 # often\n", "  # often\n"},
		{"text that needs quotes gets them", full("  description: old"), "description", text("no: #1"), "description: old", `description: "no: #1"`},
		{"a word that YAML takes for a boolean", full("  description: old"), "description", text("yes"), "description: old", `description: "yes"`},
		{"text to clear", full("  description: old"), "description", text(""), "description: old", `description: ""`},
		{"single quotes are doubled", full("  description: 'old'"), "description", text("it's"), "'old'", "'it''s'"},
		{"single quotes give way to what they cannot hold", full("  description: 'old'"), "description", text("a\tb"), "'old'", `"a\tb"`},
		{"a plain text over two lines", full("  description: one", "    two # both"), "description", text("three"), "one\n    two # both", "three # both"},
		{"lines become a block", full("  description: old"), "description", text("one\ntwo\n"), "description: old", "description: |\n    one\n    two"},
		{"a block gets other lines", full("  description: |  # long", "     one", "", "       two", "  # after"), "description", text("# three\nfour"), "|  # long\n     one\n\n       two", "|-  # long\n     # three\n     four"},
		{"a block becomes one line", full("  description: >-  # long", "     one", "     two"), "description", text("three"), ">-  # long\n     one\n     two", "three  # long"},
		{"a reference by name", full(), "customer", text("elif"), "{customerCode: C}", "elif"},
		{"a reference by key", strings.Replace(full(), "{customerCode: C}", "elif # her", 1), "customer", keyed("customerCode", "007"), "elif # her", `{customerCode: "007"} # her`},
		{"the key's own text", full(), "customer", keyed("customerCode", "C,2"), "{customerCode: C}", `{customerCode: "C,2"}`},
		{"another key", full(), "customer", keyed("dealerCustomerId", "12"), "{customerCode: C}", "{dealerCustomerId: 12}"},
		{"a key in lines", strings.Replace(full(), "{id: 7}", "\n    id: 7 # seven", 1), "schedule", keyed("id", "8"), "id: 7 # seven", "id: 8 # seven"},
		{"a key in lines becomes a name", strings.Replace(full(), "{id: 7}", "\n    id: 7", 1), "schedule", text("monthly"), "schedule: \n    id: 7", "schedule: monthly"},
		{"a list in brackets", strings.Replace(full(), "[a]", "[ 'a', b ]", 1), "cards", texts("b", "c", "a"), "[ 'a', b ]", "[ b, c, 'a' ]"},
		{"a card by its token", full(), "cards", items(spec.Value{Text: "a"}, spec.Keyed(nil, "token", "7e57ca4d-0000-4000-8000-000000000001")), "[a]", `[a, {token: "7e57ca4d-0000-4000-8000-000000000001"}]`},
		{"a list in lines: one more", strings.Replace(full(), "[a]", "\n    - a # first", 1), "cards", texts("a", "b"), "- a # first\n", "- a # first\n    - b\n"},
		{"a list in lines: one before", strings.Replace(full(), "[a]", "\n    # best\n    - a # first", 1), "cards", texts("b", "a"), "cards: \n", "cards: \n    - b\n"},
		{"a list in lines: one less", strings.Replace(full(), "[a]", "\n  - a # first\n  - b # second\n  - c", 1), "cards", texts("a", "c"), "  - b # second\n", "  # second\n"},
		{"a list in lines: another", strings.Replace(full(), "[a]", "\n  - a # first\n  - b # second", 1), "cards", texts("a", "c"), "- b # second", "- c # second"},
		{"days in brackets come in order", schedule("  daysOfMonth: [15,1] # x\n"), "daysOfMonth", texts("20", "5", "1"), "[15,1]", "[1, 5, 20]"},
		{"days in lines keep their order", schedule("  daysOfMonth:\n  - 15 # pay day\n  - 1\n"), "daysOfMonth", texts("1", "5", "15"), "- 1\n", "- 1\n  - 5\n"},
		{"metadata: a key goes", strings.Replace(full(), "{name: s}", "{name: s, labels: {a: b}}", 1), "metadata.labels", nil, ", labels: {a: b}", ""},
		{"metadata: a block's key goes", customer("  firstName: Elif\n"), "metadata.labels", nil, "  labels: {a: b}\n", ""},
		{"metadata: a key more", full(), "metadata.movedFrom", text("sale/old"), "{name: s}", "{name: s, movedFrom: sale/old}"},
		{"metadata: a line more", customer("  firstName: Elif\n"), "metadata.movedFrom", text("customer/old"), "{a: b}\n", "{a: b}\n  movedFrom: customer/old\n"},
		{"metadata: a text goes", strings.Replace(customer("  firstName: Elif\n"), "labels", "movedFrom: customer/old # c\n  labels", 1), "metadata.movedFrom", nil, "  movedFrom: customer/old # c\n", "  # c\n"},
		{"all in one line", "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: s}\nspec: {productName: Gold üyelik }\n", "productName", text("Altın, yeni"), "Gold üyelik ", `"Altın, yeni" `},
		{"a key more in one line", "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: s}\nspec: {productName: Gold}\n", "productCode", text("P:1"), "{productName", `{productCode: "P:1", productName`},
		{"one key less in one line", "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: s}\nspec: {productCode: P, productName: Gold}\n", "productCode", nil, "productCode: P, ", ""},
		{"a personal text", customer("  firstName: Elif\n  birthDate: 1990-12-18\n"), "birthDate", text("1990-12-19"), "1990-12-18", "1990-12-19"},
		{"beside an anchor that nobody uses", customer("  firstName: &n Elif\n"), "firstName", text("Ada"), "&n Elif", "&n Ada"},
		{"beside an alias", "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c}\nspec:\n  firstName: &n Elif\n  lastName: *n\n  email: a@example.com\n", "email", text("b@example.com"), "a@example.com", "b@example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := spec.ReadFile("m.yaml", []byte(tt.file), spec.Options{})
			if len(set.Resources) != 1 {
				t.Fatal(set.Diagnostics)
			}
			if !strings.Contains(tt.file, tt.old) {
				t.Fatalf("%q does not stand in\n%s", tt.old, tt.file)
			}
			for name, wrap := range map[string]func(string) string{
				"alone":      func(s string) string { return s },
				"Windows":    func(s string) string { return "\xef\xbb\xbf" + strings.ReplaceAll(s, "\n", "\r\n") },
				"among more": func(s string) string { return "# head\n---\n" + s + "...\n---\napiVersion: other/v1\na:   b\n" },
			} {
				got, err := Set("m.yaml", []byte(wrap(tt.file)), set.Resources[0].Address, 0, Change{tt.field, tt.value})
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if diff := cmp.Diff(wrap(strings.Replace(tt.file, tt.old, tt.now, 1)), string(got)); diff != "" {
					t.Errorf("%s (want -, got +):\n%s", name, diff)
				}
			}
		})
	}
}

// TestSetRefuses: what cannot be changed safely is refused, at its place, and nothing comes back.
func TestSetRefuses(t *testing.T) {
	tests := []struct {
		name, file, field string
		value             *spec.Value
		line, column      int
		says              string
	}{
		{"an amount of nothing", full(), "amount", text("0"), 10, 11, "would not be valid"},
		{"a value by an alias", strings.Replace(full("  description: *c"), "customerCode: C", "customerCode: &c C", 1), "description", text("x"), 13, 16, "alias"},
		{"an anchor that is used", strings.Replace(full("  description: *c"), "customerCode: C", "customerCode: &c C", 1), "customer", text("x"), 6, 13, "anchor"},
		{"a merge key", "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: s}\nspec:\n  <<: {productName: G}\n  productCode: P\n", "productName", text("x"), 5, 3, "merge key"},
		{"a tag", full("  description: !!str x"), "description", text("y"), 13, 16, "tag"},
		{"a variable", "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: s}\nspec:\n  customer: a\n  token: {fromEnv: T}\n", "token", text("7e57ca4d-0000-4000-8000-000000000001"), 6, 10, "variable"},
		{"what is not there", full(), "description", nil, 6, 3, "does not stand here"},
		{"a field of another kind", full(), "email", text("x"), 1, 1, "no field of a Sale"},
		{"a value against the rules", full(), "currency", text("GBP"), 0, 0, "would not be valid"},
		{"a list with comments in it", strings.Replace(full(), "[a]", "[a, # first\n    b]", 1), "cards", texts("a"), 9, 10, "comments"},
		{"another order in lines", strings.Replace(full(), "[a]", "\n  - a\n  - b", 1), "cards", texts("b", "a"), 10, 3, "order"},
		{"a field that must be there", full(), "amount", nil, 0, 0, "would not be valid"},
		{"a manifest with mistakes", full("  currency: GBP"), "amount", text("2.00"), 13, 13, "has mistakes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := saleAt
			if k, ok := spec.KindOf(strings.Fields(tt.file)[3]); ok {
				at.Kind = k
			}
			got, err := Set("m.yaml", []byte(tt.file), at, 0, Change{tt.field, tt.value})
			var e *Error
			if !errors.As(err, &e) || got != nil {
				t.Fatalf("got %q, %v", got, err)
			}
			if !strings.Contains(e.Message, tt.says) || tt.line > 0 && e.Line != tt.line || tt.column > 0 && e.Column != tt.column {
				t.Errorf("got %v, want %q at %d:%d", e, tt.says, tt.line, tt.column)
			}
		})
	}
}

// TestSetAmong: of several resources the one that is meant is changed, by several changes at once.
func TestSetAmong(t *testing.T) {
	file := full() + "---\n" + strings.Replace(full(), "name: s", "name: other", 1)
	got, err := Set("m.yaml", []byte(file), spec.Address{Kind: spec.Sale, Name: "other"}, 0,
		Change{"cards", texts("b", "c")}, Change{"description", text("new")}, Change{"amount", text("2.00")}, Change{"endDate", text("2036-01-15")})
	if err != nil {
		t.Fatal(err)
	}
	want := full() + "---\n" + strings.NewReplacer("name: s", "name: other", "[a]", "[b, c]", "1.00", "2.00", "endDate: never", "endDate: \"2036-01-15\"\n  description: new").Replace(full())
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	weekly, err := Set("m.yaml", []byte("apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d}\nspec: {frequency: monthly, daysOfMonth: [1]}\n"), spec.Address{Kind: spec.Schedule, Name: "d"}, 0,
		Change{"daysOfMonth", nil}, Change{"daysOfWeek", texts("friday", "monday")}, Change{"frequency", text("weekly")}, Change{"every", text("2")})
	if err != nil || !strings.HasSuffix(string(weekly), "spec: {frequency: weekly, every: 2, daysOfWeek: [monday, friday]}\n") {
		t.Errorf("%s, %v", weekly, err)
	}
	if _, err := Set("m.yaml", []byte(full()+"---\n"+full()), saleAt, 0, Change{"amount", text("2.00")}); err == nil {
		t.Error("one of two was chosen")
	}
}
