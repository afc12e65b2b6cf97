package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
)

// Wherever a Text has its texts from, what is personal or secret shows in none of the ways of asking, and all ways say the same.
func TestTextSaysTheSameHowever(t *testing.T) {
	field := func(k spec.Kind, name string) *spec.Field { return k.Def().Field(name) }
	email, password, cardToken := field(spec.Customer, "email"), field(spec.Customer, "password"), field(spec.Card, "token")
	amount, schedule, days, cards := field(spec.Sale, "amount"), field(spec.Sale, "schedule"), field(spec.Schedule, "daysOfMonth"), field(spec.Sale, "cards")
	of := func(v spec.Value) Text { return DesiredText(&v) }
	for _, row := range []struct {
		text Text
		want []string
	}{
		{Text{}, nil},
		{of(spec.Value{Field: amount, Text: "149.90"}), []string{"149.90"}},
		{of(spec.Keyed(schedule, "id", "77")), []string{"{id: 77}"}},
		{of(spec.ListOf(days, spec.Value{Field: days, Text: "1"}, spec.Value{Field: days, Text: "15"})), []string{"1", "15"}},
		{of(spec.ListOf(cards, spec.Keyed(cards, "token", token), spec.Value{Field: cards, Text: "bonus"})), []string{"{token: (secret)}", "bonus"}},
		{of(spec.Value{Field: email, Text: "elif@example.com"}), []string{"(personal)"}},
		{of(spec.Value{Field: cardToken, Text: token}), []string{"(secret)"}},
		{of(spec.Value{Field: password, Version: 2}), []string{"version 2"}},
		{shown(password, []string{token}), []string{"(secret)"}},
		{shown(email, []string{"elif@example.com"}), []string{"(personal)"}},
		{shown(nil, []string{"1003"}), []string{"1003"}},
		{sealed(cardToken), []string{"(secret)"}},
		{sealed(email), []string{"(personal)"}},
		{Masked(email, []string{"(personal)"}), []string{"(personal)"}},
	} {
		if got := row.text.Mask(); !slices.Equal(got, row.want) {
			t.Errorf("masked: %q, want %q", got, row.want)
		}
		if got := row.text.AppendMask([]string{"before"}); !slices.Equal(got, append([]string{"before"}, row.want...)) {
			t.Errorf("appended: %q, want %q", got, row.want)
		}
		if got := row.text.String(); got != strings.Join(row.want, ", ") {
			t.Errorf("printed: %q, want %q", got, row.want)
		}
	}
}
