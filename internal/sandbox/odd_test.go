package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Accounts as they grow by hand and by other clients: what the documentation
// does not require may be missing, and texts hold anything.
func TestOddAccount(t *testing.T) {
	s := newSandbox(t)
	// Customers with nothing at all, and more than one of them.
	for range 2 {
		must(t, s, "AddCustomer", `{}`)
	}
	must(t, s, "AddCustomer", `{"CustomerCode":" A ","Gender":""}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"a","BirthDate":"18991231","GsmNumber":"+90 (532) 000 00 00"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"ı/İ\t\"'\\\u0000\ud83d\ude00: #- *&!|>%@"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"`+strings.Repeat("Ş", 100)+`","Address":"`+strings.Repeat("\U0001F600", 200)+`"}`)
	wantCode(t, s, "GetCardList", `{"DealerCustomerId":1033}`, "NoDataFound")
	// Products without a code, and with names that only look alike.
	must(t, s, "AddProduct", `{"ProductName":"Gold"}`)
	must(t, s, "AddProduct", `{"ProductName":"gold","ProductCode":"`+strings.Repeat("x", 300)+`"}`)
	must(t, s, "AddProduct", `{"ProductName":"null","ProductCode":"007"}`)
	// Schedules without a name, two alike, days repeated and out of order.
	for range 2 {
		must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":3,"EveryX":"","DaysOfMonth":"31,1,31"}`)
	}
	must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":1,"EveryX":2147483647}`)
	must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":3,"EveryX":12,"DaysOfMonth":"30"}`)
	// Sales: without a code, of a nameless customer, manual with schedule 0, with
	// one card thrice, that never charge, of nothing but a request type.
	sale := func(changes ...string) string {
		members := []string{"DealerCustomerId", `1033`, "DealerProductId", `1009`, "Amount", `"0.01"`, "SaleDate", `"20270110"`, "BeginDate", `"20270110"`,
			"DealerSaleScheduleId", `1005`, "DefaultCard1Token", cardText(1)}
		return must(t, s, "AddSale", edit(members, changes))
	}
	if code := field(t, sale(), "SaleCode"); len(code) != 38 {
		t.Errorf("made-up code: got %s, want a guid", code)
	}
	for _, schedule := range []string{`0`, `"0"`, `""`, `null`, `1005`} {
		if got := field(t, sale("PlanType", `2`, "DealerSaleScheduleId", schedule), "DealerSaleScheduleId"); got != "0" {
			t.Errorf("manual with schedule %s: got %s, want 0", schedule, got)
		}
	}
	sale("SaleCode", `"7"`, "Description", `"`+strings.Repeat("ğ\\n", 100)+`"`, "Currency", `"USD"`, "InstallmentNumber", `12`, "HowManyTrial", `0`)
	sale("SaleCode", `"7"`, "DefaultCard2Token", cardText(1), "DefaultCard3Token", cardText(1), "SaleDate", `"20280101"`, "Amount", `999999999999.99`)
	sale("SaleCode", `" 7"`, "DealerSaleScheduleId", `1008`, "BeginDate", `"20270201"`, "EndDate", `"20270201"`, "PlanType", `3`)
	sale("SaleCode", `"yes"`, "DefaultCard1Token", "", "DealerCustomerTypeId", `999`)
	must(t, s, "RemoveCustomer", `{"DealerCustomerId":1034}`)
	must(t, s, "DeleteSchedule", `{"DealerSaleScheduleId":1005}`)
	must(t, s, "DeleteProduct", `{"DealerProductId":1009}`)
	if got := s.Ledger().Counts; got != (Counts{Customers: 6, Cards: 1, Products: 2, Schedules: 3, Sales: 10}) {
		t.Errorf("got %+v", got)
	}
	// A year goes by, and all of it can be read and charged.
	s.SetClock(testNow.AddDate(1, 0, 0))
	for method, request := range map[string]string{
		"GetCustomerList": `null`, "GetProductList": `null`, "GetScheduleList": `null`, "GetSaleList": `null`,
		"GetPaymentPlanReport": `{"PaymentPlanPaymentDateStart":"20270101","PaymentPlanPaymentDateEnd":"20991231"}`,
	} {
		must(t, s, method, request)
	}
}

// Any text that JSON can carry comes back as it was sent, within the documented
// lengths.
func TestAnyText(t *testing.T) {
	s := newSandbox(t)
	rapid.Check(t, func(r *rapid.T) {
		for member, limit := range map[string]int{"Password": 50, "FirstName": 50, "LastName": 50, "GsmNumber": 20, "Address": 200, "CustomerCode": 90} {
			text := rapid.StringN(1, limit, -1).Draw(r, member)
			if member == "CustomerCode" {
				text = fmt.Sprint(s.Ledger().Counts.Customers) + text // codes are unique
			}
			sent, err := json.Marshal(text)
			if err != nil {
				r.Fatal(err)
			}
			data := field(t, must(t, s, "AddCustomer", fmt.Sprintf(`{%q:%s}`, member, sent)), "DealerCustomer")
			var got string
			if err := json.Unmarshal([]byte(field(t, data, member)), &got); err != nil || got != text {
				r.Errorf("%s: got %q, want %q: %v", member, got, text, err)
			}
		}
	})
}
