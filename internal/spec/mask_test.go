package spec

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// marker is a text that stands for personal or secret data. It looks like nothing else, and like no key.
const marker = "Gğzli7#x"

// TestNothingMaskedLeaks plants a marker wherever personal and secret values, unknown values and comments may stand, in manifests with all kinds of mistakes around it.
func TestNothingMaskedLeaks(t *testing.T) {
	quoted := `"` + marker + `"`
	tests := []string{
		wrap("customer", "firstName: ["+quoted+"]\nlastName: {"+quoted+": x}"),
		wrap("customer", "gender: "+quoted+"\nbirthDate: "+quoted+"\nemail: "+quoted+"\nfirstName: 1"),
		wrap("customer", "password: "+quoted),
		wrap("customer", "password: {"+quoted+": "+quoted+", fromEnv: "+quoted+", version: "+quoted+"}"),
		wrap("customer", "password: {fromFile: \""+marker+"\\n\", version: 0}"),
		wrap("customer", "nickname: "+quoted+"\nfristName: "+quoted),
		wrap("customer", quoted+": x"),
		wrap("customer", "customerCode: ''  # "+marker),
		wrap("customer", "address: |\n    "+marker+"\n    x\n  gender: x"),
		wrap("customer", "address: "+quoted+"\naddress: "+quoted),
		wrap("customer", "address: \""+marker+"\n    zwei\", gender: x"),
		wrap("customer", "address: &a "+quoted+"\nlastName: *a\ngender: *a"),
		wrap("customer", "address: !!binary "+quoted),
		wrap("customer", "email: "+marker+"@x@y"),
		wrap("customer", "firstName: @"+marker),
		wrap("customer", "firstName: 'x'"+marker),
		wrap("customer", "firstName: x: "+quoted),
		wrap("customer", "\tfirstName: "+quoted),
		wrap("card", "token: "+quoted+"\ncardName: ["+quoted+"]"),
		wrap("card", "token: {"+quoted+"}"),
		wrap("card", "token: {fromEnv: "+quoted+"}"),
		wrap("card", "customer: {"+quoted+": "+quoted+"}"),
		wrap("sale", "cards: [{token: "+quoted+"}, {token: {fromEnv: "+quoted+"}}, {"+quoted+": 1}]"),
		"apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: x, labels: {" + quoted + ": " + quoted + ", a: [" + quoted + "]}, annotations: {b: " + quoted + ", mokasync/" + marker + ": x}}\nspec: {gender: x}\n",
		"apiVersion: mokasync/v1\nkind: " + quoted + "\nmetadata: {" + quoted + ": x}\nspec: {firstName: " + quoted + "}\n",
		"apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: x}\nspec: {}\n" + quoted + ": " + quoted + "\n",
		quoted, "- " + quoted,
	}
	for _, text := range tests {
		_, ds := loadText(text)
		if !HasErrors(ds) {
			t.Errorf("no mistake in\n%s", text)
		}
		noMarker(t, text, ds)
	}
}

func noMarker(t *testing.T, text string, ds []Diagnostic) {
	t.Helper()
	for _, d := range ds {
		if shown := d.Message + d.Excerpt + d.Address; strings.Contains(shown, marker) || strings.Contains(shown, "zwei") {
			t.Errorf("%s\n%s\nis shown of\n%s", d.Message, d.Excerpt, text)
		}
	}
}

// TestShow: on a terminal, asked to, personal values are shown. Secrets, unknown values and comments are not.
func TestShow(t *testing.T) {
	text := wrap("customer", "email: ELIF # secret1\nbirthDate: 18.12.1990\npassword: secret2\npasword: secret3\nfirstName: [Elif]\nannotations: {note: {x: y}}") + "---\n" + wrap("card", "token: secret4")
	_, ds := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text), Show: true})
	all := ""
	for _, d := range ds {
		all += fmt.Sprintln(d.Message, d.Excerpt)
	}
	for _, want := range []string{`email "ELIF" is not an e-mail address`, "  email: ELIF\n", `did you mean "1990-12-18"?`, "  firstName: [Elif]", "  password: (secret)", "  token: (secret)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	if strings.Contains(all, "secret1") || strings.Contains(all, "secret2") || strings.Contains(all, "secret3") || strings.Contains(all, "secret4") {
		t.Errorf("a secret is in\n%s", all)
	}
}

// TestExcerptColumn: the caret stands under the value, whatever is masked before it and however long the line is.
func TestExcerptColumn(t *testing.T) {
	tests := []struct {
		text, want string
	}{
		{wrap("customer", "gender: x"), "  gender: |(personal)"},
		{"apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: x}\nspec: {firstName: Elif, lastName: 'Yetimoğlu', gender: 1, frobs: 2}\n", "spec: {firstName: (personal), lastName: (personal), gender: |(personal), frobs: •••}"},
		{"apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: x}\nspec: {firstName: Elif, lastName: 'Yetimoğlu', gender: male, frobs: 2}\n", "spec: {firstName: (personal), lastName: (personal), gender: (personal), |frobs: •••}"},
		{wrap("sale", "amount:   [1]   # Elif"), "  amount:   |[1]"},
		{wrap("sale", "description: "+strings.Repeat("ğ", 201)), "  description: |" + strings.Repeat("ğ", excerptWidth-16) + "…"},
		{"{apiVersion: mokasync/v1, kind: Sale, metadata: {name: x, labels: {a: b}}, spec: {customer: {customerCode: C}, product: {productCode: P}, schedule: {id: 1}, customerTypeId: 1, beginDate: 2027-01-01, endDate: 2028-01-01, amount: 0}}",
			"…customer: {customerCode: C}, product: {productCode: P}, schedule: {id: 1}, customerTypeId: 1, beginDate: 2027-01-01, endDate: 2028-01-01, amount: |0}}"},
		{wrap("sale", "description: \"a\u202eb\"\ncurrency: \"\u202e\""), "  currency: |\"·\""},
		{wrap("product", "productName:\t1"), "  productName: |1"},
	}
	for _, test := range tests {
		_, ds := loadText(test.text)
		if len(ds) == 0 {
			t.Errorf("no mistake in %s", test.text)
			continue
		}
		d := ds[0]
		line := []rune(d.Excerpt)
		at := d.ExcerptColumn - 1
		if at < 0 || at > len(line) {
			t.Errorf("column %d of %q", d.ExcerptColumn, d.Excerpt)
			continue
		}
		got := string(line[:at]) + "|" + string(line[at:])
		if got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
