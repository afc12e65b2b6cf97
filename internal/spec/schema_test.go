package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSchemaWords: should a schema ever refuse what the rules let through, it is said in words, at the value, without the value.
func TestSchemaWords(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"type", wrap("customer", "firstName: 12"), "5:14: is not of the type that belongs here"},
		{"length", wrap("customer", "firstName: "+strings.Repeat("x", 51)), "5:14: is too long"},
		{"empty", wrap("customer", `firstName: ""`), "5:14: is too short"},
		{"pattern", wrap("sale", `beginDate: "15.01.2027"`), "5:14: is not written in the form that belongs here"},
		{"enum", wrap("customer", "gender: x"), "5:11: is not one of the words that are allowed here"},
		{"minimum", wrap("sale", "howManyTrial: 0"), "5:17: is too small"},
		{"exclusive minimum", wrap("sale", "amount: -1"), "5:11: is too small"},
		{"maximum", wrap("sale", "installmentNumber: 13"), "5:22: is too large"},
		{"required", wrap("product", "productName~"), "5:3: lacks a key that it needs"},
		{"unknown key", wrap("product", "color: x"), "5:3: has a key that is not known here"},
		{"twice", wrap("schedule", "frequency: monthly\ndaysOfMonth: [1, 1]"), "6:16: lists something twice"},
		{"not allowed together", wrap("sale", "planType: manual"), "8:13: does not fit the schema of Sale"},
		{"a list's item", wrap("schedule", "frequency: monthly\ndaysOfMonth: [1, 32]"), "6:20: is too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, ok := single(test.text)
			if !ok {
				t.Fatal("no document")
			}
			m.root = m.expand()
			m.kind, _ = nodeAt(m.root, "/kind")
			m.readKind()
			m.checkSchema()
			if len(m.ds) != 1 {
				t.Fatalf("got %v, want one mistake", messages(m.ds))
			}
			want := "-:" + strings.Replace(test.want, ": ", ": error: ", 1) + "; see `mokasync schema " + m.def.Name + "`"
			if diff := cmp.Diff(want, messages(m.ds)[0]); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}
