package importer

import (
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"CUST-0001": "CUST-0001", "elif@example.com": "elif@example.com", "Üye 7": "Uye-7", "çğıöşü ÇĞİÖŞÜ": "cgiosu-CGIOSU", "a/b\\c": "a-b-c", " .x ": "x", "-": "",
		"日本": "", "Straße": "Strasse", "café": "cafe", "a — b": "a-b", strings.Repeat("ş", 200): strings.Repeat("s", 100), "": "",
	} {
		if got := slug(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What the customers, cards and steps of an account may be called by, and what that gives.
func TestNames(t *testing.T) {
	n := newNamer()
	for _, row := range []struct{ base, tail, otherwise, want string }{
		{"ali", "", "customer-1", "ali"},
		{"Ali", "", "customer-2", "Ali-2"}, // for who does not tell upper from lower case
		{"ali", "", "customer-3", "ali-3"},
		{"", "", "customer-4", "customer-4"},
		{"4111-1111-1111-1111", "", "customer-5", "customer-5"},
		{"4111-1111-1111-1111", "-2027-01-15", "paymentstep-6", "paymentstep-6"}, // with its tail it is too long for a card number, and holds one all the same
		{"elif", "-2027-01-15", "paymentstep-7", "elif-2027-01-15"},
		{"elif", "-2027-01-15", "paymentstep-8", "elif-2-2027-01-15"},
		{strings.Repeat("x", 100), "-2027-01-15", "", strings.Repeat("x", 89) + "-2027-01-15"},
		{strings.Repeat("x", 100), "-2027-01-15", "", strings.Repeat("x", 87) + "-2-2027-01-15"},
	} {
		if got := n.name(row.base, row.tail, row.otherwise); got != row.want {
			t.Errorf("%s%s: got %s, want %s", row.base, row.tail, got, row.want)
		}
	}
}

// Whatever things are called at Moka, each gets a good name of its own.
func TestNamesAreGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, taken := newNamer(), map[string]bool{}
		for _, text := range rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a", "A", "a-2", "ı", "4111111111111111", "customer-1", "123456789012"})), 1, 40).Draw(t, "texts") {
			name := n.name(slug(text), rapid.SampledFrom([]string{"", "-card", "-2027-01-15"}).Draw(t, "tail"), "customer-1")
			if !spec.ValidName(name) || spec.HoldsCardNumber(name) || taken[strings.ToLower(name)] {
				t.Fatalf("%q is called %q", text, name)
			}
			taken[strings.ToLower(name)] = true
		}
	})
}
