package sandbox

import (
	"strings"
	"testing"
)

// customerOf returns the DealerCustomer that GetCustomer shows.
func customerOf(t *testing.T, s *Server, request string) string {
	t.Helper()
	return field(t, must(t, s, "GetCustomer", request), "DealerCustomer")
}

func TestUpdateCustomer(t *testing.T) {
	const whole = `{"CustomerCode":"C","Password":"pw","FirstName":"f","LastName":"l","Gender":"2","BirthDate":"19900101","GsmNumber":"1","Email":"a@b.c","Address":"x"}`
	for _, c := range []struct{ name, setting, request, member, want string }{
		{"left out is kept", "update-customer-omitted=keep", `{"CustomerCode":"C","FirstName":"g"}`, "Address", `"x"`},
		{"null is left out", "update-customer-omitted=keep", `{"CustomerCode":"C","Address":null}`, "Address", `"x"`},
		{"empty is emptied", "update-customer-omitted=keep", `{"CustomerCode":"C","Address":""}`, "Address", `""`},
		{"an empty integer is left out", "update-customer-omitted=keep", `{"CustomerCode":"C","Gender":""}`, "Gender", `2`},
		{"left out is cleared", "update-customer-omitted=clear", `{"CustomerCode":"C","FirstName":"g"}`, "Address", `""`},
		{"cleared integer", "update-customer-omitted=clear", `{"CustomerCode":"C","FirstName":"g"}`, "Gender", `0`},
		{"the code is never cleared", "update-customer-omitted=clear", `{"DealerCustomerId":"1033"}`, "CustomerCode", `"C"`},
		{"sent is sent", "update-customer-omitted=clear", `{"CustomerCode":"C","FirstName":"g"}`, "FirstName", `"g"`},
	} {
		s := newSandbox(t, c.setting)
		must(t, s, "AddCustomer", whole)
		answered := field(t, must(t, s, "UpdateCustomer", c.request), "DealerCustomer")
		if got := field(t, answered, c.member); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if stored := customerOf(t, s, `{"DealerCustomerId":1033}`); stored != answered {
			t.Errorf("%s: stored %s, answered %s", c.name, stored, answered)
		}
	}
}

// A rename reaches the customer's sales and frees the old code.
func TestRenameCustomer(t *testing.T) {
	s := shop(t, "update-customer-code=rename")
	must(t, s, "AddSale", saleRequest())
	must(t, s, "UpdateCustomer", `{"DealerCustomerId":"1033","CustomerCode":"A2"}`)
	if got := field(t, must(t, s, "GetSale", `{"SaleCode":"s1"}`), "CustomerCode"); got != `"A2"` {
		t.Errorf("the sale's customer code: got %s, want A2", got)
	}
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"A"}`, "DealerCustomerNotFound")
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	must(t, s, "UpdateCustomer", `{"DealerCustomerId":"1033","CustomerCode":"A2","FirstName":"same code"}`)
}

// Customers without a code are found by id alone, and any number may be so.
func TestCustomersWithoutCode(t *testing.T) {
	s := newSandbox(t)
	must(t, s, "AddCustomer", `{"FirstName":"a"}`)
	must(t, s, "AddCustomer", `{"FirstName":"b","CustomerCode":""}`)
	if got := field(t, customerOf(t, s, `{"DealerCustomerId":1034}`), "FirstName"); got != `"b"` {
		t.Errorf("got %s, want b", got)
	}
}

// With a customer go its own cards; its test cards are nobody's again; its sales
// stay, and show its code still.
func TestRemoveCustomer(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest())
	own := cardTokens(t, must(t, s, "AddCard", `{"CustomerCode":"A",`+newCard+`}`))[0]
	must(t, s, "RemoveCustomer", `{"CustomerCode":"A"}`)
	wantCode(t, s, "GetCard", `{"CardToken":"`+own+`"}`, "CardNotFound")
	wantCode(t, s, "GetCustomer", `{"DealerCustomerId":1033}`, "DealerCustomerNotFound")
	if got := field(t, must(t, s, "GetSale", `{"SaleCode":"s1"}`), "CustomerCode"); got != `"A"` {
		t.Errorf("the sale's customer code: got %s, want A", got)
	}
	must(t, s, "AddSale", saleRequest("CustomerCode", `"B"`, "SaleCode", `"s2"`))
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	if list := must(t, s, "GetCustomerList", "null"); strings.Index(list, `"DealerCustomerId":1034`) > strings.Index(list, `"DealerCustomerId":1035`) {
		t.Errorf("the list is not in the order of ids: %s", list)
	}
}
