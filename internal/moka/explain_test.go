package moka

import (
	"slices"
	"strings"
	"testing"
)

// What is listed of an operation is what its page prints, letter for letter.
func TestAllSaidIsWhatThePagesPrint(t *testing.T) {
	listed := map[Op][]string{}
	for _, s := range AllSaid() {
		for _, op := range s.Ops {
			listed[op] = append(listed[op], s.Code)
		}
		if s.Meaning == "" || len(s.Sources) == 0 {
			t.Errorf("%s has no meaning or no source: %+v", s.Code, s)
		}
		if s.Service && s.Cure == "" {
			t.Errorf("%s has no cure", s.Code)
		}
	}
	for op, text := range printed {
		want := strings.Fields(text)
		slices.Sort(want)
		if got := listed[op]; !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", op, got, want)
		}
	}
	for op := range table {
		if sectionOf(op) == "" && op.Method() != "" {
			t.Errorf("%s has no section", op)
		}
	}
}

// Whatever is listed is explained, in any case, and says the same of what was written.
func TestEveryListedCodeIsExplained(t *testing.T) {
	for _, s := range AllSaid() {
		for _, code := range []string{s.Code, strings.ToLower(s.Code), strings.ToUpper(s.Code), " " + s.Code + " "} {
			found := Explain(code)
			at := slices.IndexFunc(found, func(f Said) bool { return f.Code == s.Code && slices.Equal(f.Ops, s.Ops) })
			if at < 0 || found[at].Outcome != s.Outcome || found[at].Meaning != s.Meaning {
				t.Errorf("%s: %+v, want %+v", code, found, s)
			}
		}
		if len(Explain(lastPart(s.Code))) == 0 {
			t.Errorf("%s: its last part is not explained", s.Code)
		}
	}
}

// An explanation and OutcomeOf never disagree about a write.
func TestExplainAgreesWithOutcomeOf(t *testing.T) {
	for _, op := range sections {
		for last := range words {
			if last == codeSuccess || last == codeUnexpected {
				continue
			}
			code := op.op.Family() + "." + op.op.Method() + "." + last
			want := OutcomeOf(&Error{Op: op.op, Code: code, Phase: PhaseAnswer})
			for _, s := range Explain(code) {
				if (slices.Contains(s.Ops, op.op) || slices.Contains(s.LentTo, op.op)) && s.Outcome != want {
					t.Errorf("%s: %v, and the call %v", code, s.Outcome, want)
				}
			}
		}
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		code    string
		want    string // the code it is told as, "" for none
		outcome Outcome
		ops     []Op
		lentTo  []Op
	}{
		{"DealerSale.AddSale.BeginDateAlreadyPassed", "DealerSale.AddSale.BeginDateAlreadyPassed", Refused, []Op{AddSale}, nil},
		{"begindatealreadypassed", "BeginDateAlreadyPassed", Refused, []Op{AddSale}, []Op{UpdateSale}},
		{"DealerSaleNotFund", "DealerSaleNotFound", Refused, []Op{DeleteSale}, []Op{UpdateSale, GetSale, AddPaymentPlan}},
		{"DealerSale.DeleteSale.DealerSaleNotFound", "DealerSale.DeleteDealer.DealerSaleNotFund", Refused, []Op{DeleteSale}, nil},
		{"DealerSale.UpdateSale.EndDateAlreadyPassed", "DealerSale.UpdateSale.EndDateAlreadyPassed", Refused, nil, []Op{UpdateSale}},
		{"DealerSale.AddSale.DealerSaleNotFound", "DealerSale.AddSale.DealerSaleNotFound", Unknown, nil, []Op{AddSale}},
		{"ex", "EX", Unknown, nil, nil},
		{"success", "Success", Done, nil, nil},
		{"21", "021", Unknown, nil, nil},
		{"002", "002", Refused, nil, nil},
		{"0", "000", Refused, nil, nil},
		{"threedrequired", "PaymentDealer.DoDirectPayment.ThreeDRequired", Refused, nil, nil},
		{"CardAlreadyExists", "CardAlreadyExists", Unknown, nil, nil},
		{"027", "", Unknown, nil, nil},
		{"0021", "", Unknown, nil, nil},
		{"DealerSale.AddSale.Whatever", "", Unknown, nil, nil},
		{"DealerCustomer.AddSale.AmountIsRequired", "", Unknown, nil, nil},
		{"a.b.c.AmountIsRequired", "", Unknown, nil, nil},
		{"", "", Unknown, nil, nil},
	}
	for _, test := range tests {
		found := Explain(test.code)
		if test.want == "" {
			if len(found) > 0 {
				t.Errorf("%q: %+v, want nothing", test.code, found)
			}
			continue
		}
		if len(found) == 0 {
			t.Errorf("%q: nothing", test.code)
			continue
		}
		if got := found[0]; got.Code != test.want || got.Outcome != test.outcome || !slices.Equal(got.Ops, test.ops) || !slices.Equal(got.LentTo, test.lentTo) {
			t.Errorf("%q: %+v", test.code, got)
		}
	}
}

// After these three the bank may have taken the money, and whoever charges elsewhere may charge twice (moka-api 2.32).
func TestBanksThatDoNotKnow(t *testing.T) {
	var got []string
	for _, s := range AllSaid() {
		if s.Service && s.Outcome == Unknown {
			got = append(got, s.Code)
		}
	}
	if want := []string{"008", "017", "021"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
