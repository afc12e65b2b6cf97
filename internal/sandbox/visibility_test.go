package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A later write that is not hidden shows at once, with the newest state of its
// row, and the hidden ones before it do not bring the row back.
func TestHiddenWritesOfOneRow(t *testing.T) {
	s := newSandbox(t)
	now := stopElapsed(s)
	hide := func(d time.Duration) {
		if err := s.SetSwitches(Setting{"read-delay", d.String()}); err != nil {
			t.Fatal(err)
		}
	}
	hide(10 * time.Second)
	must(t, s, "AddCustomer", `{"CustomerCode":"A","FirstName":"1"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"B"}`)
	hide(0)
	must(t, s, "UpdateCustomer", `{"CustomerCode":"A","FirstName":"2"}`)
	if got := field(t, customerOf(t, s, `{"CustomerCode":"A"}`), "FirstName"); got != `"2"` {
		t.Errorf("after the update: got %s, want 2", got)
	}
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"B"}`, "DealerCustomerNotFound")
	*now = now.Add(10 * time.Second)
	must(t, s, "GetCustomer", `{"CustomerCode":"B"}`)
	if got := field(t, customerOf(t, s, `{"CustomerCode":"A"}`), "FirstName"); got != `"2"` {
		t.Errorf("after the delay: got %s, want 2", got)
	}
}

// A hidden delete: the row shows until then.
func TestHiddenDelete(t *testing.T) {
	s := shop(t)
	now := stopElapsed(s)
	must(t, s, "AddSale", saleRequest())
	if err := s.SetSwitches(Setting{"read-delay", "1s"}); err != nil {
		t.Fatal(err)
	}
	must(t, s, "DeleteSale", `{"SaleCode":"s1"}`)
	must(t, s, "RemoveCustomer", `{"CustomerCode":"A"}`)
	must(t, s, "GetSale", `{"SaleCode":"s1"}`)
	if got := ownerOf(t, s, TestCardToken(1)); got != "1033" {
		t.Errorf("the card's owner: got %s, want 1033 still", got)
	}
	*now = now.Add(time.Second)
	wantCode(t, s, "GetSale", `{"SaleCode":"s1"}`, "DealerSaleNotFound")
	if got := ownerOf(t, s, TestCardToken(1)); got != "0" {
		t.Errorf("the card's owner: got %s, want none", got)
	}
}

// Whatever was hidden, in the end reads see exactly what is.
func TestReadsCatchUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newSandbox(t, "update-customer-code=rename", "empty-list=success")
		stock(t, s)
		now := stopElapsed(s)
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			delay := rapid.SampledFrom([]string{"0s", "1s", "3s"}).Draw(r, "delay")
			if err := s.SetSwitches(Setting{"read-delay", delay}); err != nil {
				r.Fatal(err)
			}
			id := rapid.IntRange(1033, 1037).Draw(r, "id")
			code := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(r, "code")
			card := TestCardToken(int64(rapid.IntRange(1, 3).Draw(r, "card")))
			call := rapid.SampledFrom([]struct{ method, request string }{
				{"AddCustomer", fmt.Sprintf(`{"CustomerCode":%q}`, code)},
				{"UpdateCustomer", fmt.Sprintf(`{"DealerCustomerId":%d,"CustomerCode":%q}`, id, code)},
				{"RemoveCustomer", fmt.Sprintf(`{"DealerCustomerId":%d}`, id)},
				{"AddSale", saleRequest("CustomerCode", fmt.Sprintf("%q", code), "DefaultCard1Token", fmt.Sprintf("%q", card))},
				{"DeleteSale", `{"SaleCode":"s1"}`},
				{"RemoveCard", fmt.Sprintf(`{"CardToken":%q}`, card)},
				{"GetSaleList", `null`},
				{"DeleteProduct", `{"ProductCode":"P"}`},
				{"AddProduct", `{"ProductCode":"P","ProductName":"Gold"}`},
			}).Draw(r, "call")
			ask(t, s, call.method, call.request)
			*now = now.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "passes")) * time.Second)
		}
		*now = now.Add(time.Hour)
		a := s.account(DefaultDealerCode)
		seen, truth := a.view(s.elapsed()), a.truth
		if diff := cmp.Diff(snapshot(seen), snapshot(truth)); diff != "" {
			r.Errorf("reads see (-), there is (+):\n%s", diff)
		}
	})
}

// snapshot is a state without what only the ledger needs.
func snapshot(s *state) map[string]any {
	return map[string]any{
		"customers": s.customers.all(), "codes": s.customerByCode, "cards": s.cards.all(), "tokens": s.cardByToken, "cardsOf": s.cardsOf,
		"products": s.products.all(), "productCodes": s.productByCode, "names": s.productByName, "schedules": s.schedules.all(), "sales": s.sales.all(),
		"gone": s.goneTokens, "steps": fmt.Sprintf("%+v", deref(s.steps.all())), "stepsOf": s.stepsOf, "open": s.openSteps, "attempts": s.attempts,
	}
}

// deref makes rows printable.
func deref[T any](rows []*T) (list []T) {
	for _, row := range rows {
		list = append(list, *row)
	}
	return list
}
