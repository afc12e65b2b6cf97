package spec

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	addresses := []string{"sale/elif-gold", "sale/elif-silver", "customer/elif", "sale/mert-gold", "sale/elif-golf"}
	tests := []struct {
		text string
		most int
		want []string
	}{
		{"sale/elif-gold", 3, []string{"sale/elif-gold", "sale/elif-golf", "sale/mert-gold"}},
		{"SALE/Elif-Gold", 1, []string{"sale/elif-gold"}},
		{"sale/elif-goldd", 2, []string{"sale/elif-gold", "sale/elif-golf"}},
		{"schedule/monthly", 3, nil},
		{"", 3, nil},
		{"sale/elif-gold", 0, nil},
	}
	for _, test := range tests {
		if got := Nearest(test.text, addresses, test.most); !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, want %v", test.text, got, test.want)
		}
	}
}
