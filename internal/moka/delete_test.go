package moka

import (
	"testing"
)

// What an answer to a delete says: true is done, and so is the empty object of RemoveCustomer; the codes that the pages print, misspelt ones too, are refusals; all else is not known.
func TestDelete(t *testing.T) {
	const done = `{"Data":true,"ResultCode":"Success","ResultMessage":"","Exception":null}`
	for _, row := range []struct {
		name   string
		op     Op
		status int
		body   string
		want   Outcome
	}{
		{"true", DeleteSale, 200, done, Done},
		{"an empty object", RemoveCustomer, 200, `{"Data":{},"ResultCode":"Success","ResultMessage":"","Exception":null}`, Done},
		{"null", DeleteSale, 200, `{"Data":null,"ResultCode":"Success","ResultMessage":"","Exception":null}`, Unknown},
		{"false", DeleteSale, 200, `{"Data":false,"ResultCode":"Success","ResultMessage":"","Exception":null}`, Unknown},
		{"true with a status that says otherwise", DeleteSale, 500, done, Unknown},
		{"an exception", DeleteSale, 200, `{"Data":true,"ResultCode":"Success","ResultMessage":"","Exception":"x"}`, Unknown},
		{"EX", DeleteSale, 200, failure("EX"), Unknown},
		{"not found, as printed", DeleteSale, 200, failure("DealerSale.DeleteDealer.DealerSaleNotFund"), Refused},
		{"not found, corrected", DeleteSale, 400, failure("DealerSale.DeleteSale.DealerSaleNotFound"), Refused},
		{"another sale's code", DeleteSale, 200, failure("DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId"), Refused},
		{"a code of another family", DeleteSale, 200, failure("DealerCustomer.RemoveCustomer.DealerCustomerNotFound"), Unknown},
		{"a code that nobody knows", DeleteProduct, 200, failure("DealerSale.DeleteProduct.ProductInUse"), Unknown},
		{"a day that has passed", DeletePaymentPlan, 200, failure("DealerSale.DeletePaymentPlan.PaymentDatePassed"), Refused},
		{"no card", RemoveCard, 200, failure("DealerCustomer.RemoveCard.CardNotFound"), Refused},
		{"a failure with data", DeleteSchedule, 200, `{"Data":{"DealerSaleScheduleId":7},"ResultCode":"DealerSale.DeleteSchedule.ScheduleNotFound"}`, Unknown},
		{"half an answer", DeleteSale, 200, done[:40], Unknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			base, calls := answering(t, row.status, row.body)
			key := Record{{table[row.op].id, "7"}}
			if row.op == RemoveCard {
				key = Record{{"CardToken", "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}"}}
			}
			if got := OutcomeOf(newTestClient(t, base).Delete(t.Context(), row.op, key)); got != row.want {
				t.Errorf("the outcome is %v, want %v", got, row.want)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

// Delete deletes, and nothing else; without a key nothing is sent.
func TestDeleteRefuses(t *testing.T) {
	base, calls := answering(t, 200, saleDone)
	c := newTestClient(t, base)
	for _, op := range []Op{AddSale, UpdateSale, GetSale, GetSaleList, "DealerSale/Unheard"} {
		if got := OutcomeOf(c.Delete(t.Context(), op, Record{{"DealerSaleId", "7"}})); got != NotSent {
			t.Errorf("%s: %v, want not sent", op, got)
		}
	}
	if got := OutcomeOf(c.Delete(t.Context(), DeleteSale, nil)); got != NotSent {
		t.Errorf("without a key: %v, want not sent", got)
	}
	if got := OutcomeOf(c.Delete(t.Context(), RemoveCard, Record{{"CardToken", ""}})); got != NotSent {
		t.Errorf("without a token: %v, want not sent", got)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}

// A payment step's answer must name the step, and the sale that it was sent for.
func TestPaymentPlanAnswers(t *testing.T) {
	step := Record{{"SaleCode", "satis"}, {"PaymentDate", "20310821"}, {"Amount", "1.00"}}
	for _, row := range []struct {
		name, body string
		want       Outcome
	}{
		{"just so", `{"Data":{"DealerPaymentPlanId":5,"DealerSaleId":3,"SaleCode":"satis","PlanStatus":0},"ResultCode":"Success"}`, Done},
		{"of another sale", `{"Data":{"DealerPaymentPlanId":5,"SaleCode":"other"},"ResultCode":"Success"}`, Unknown},
		{"without a number", `{"Data":{"SaleCode":"satis"},"ResultCode":"Success"}`, Unknown},
		{"true", `{"Data":true,"ResultCode":"Success"}`, Unknown},
		{"a day that has passed", failure("DealerSale.AddPaymentPlan.PaymentDatePassed"), Refused},
		{"a code that nobody knows", failure("DealerSale.AddPaymentPlan.PlanTypeNotManual"), Unknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			base, _ := answering(t, 200, row.body)
			if _, err := newTestClient(t, base).AddPaymentPlan(t.Context(), step); OutcomeOf(err) != row.want {
				t.Errorf("the outcome is %v, want %v", OutcomeOf(err), row.want)
			}
		})
	}
}
