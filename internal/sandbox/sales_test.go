package sandbox

import (
	"regexp"
	"testing"
	"time"
)

func TestAddSaleDefaults(t *testing.T) {
	s := shop(t)
	data := must(t, s, "AddSale", saleRequest("EndDate", "", "SaleCode", ""))
	for member, want := range map[string]string{
		"Currency": `"TL"`, "InstallmentNumber": "1", "HowManyTrial": "1", "PlanType": "1", "DealerCustomerTypeId": "0", "EndDate": `""`, "Description": `""`,
		"DefaultCard2Token": `""`, "DefaultCard3Token": `""`,
	} {
		if got := field(t, data, member); got != want {
			t.Errorf("%s: got %s, want %s", member, got, want)
		}
	}
	if code := field(t, data, "SaleCode"); !regexp.MustCompile(`^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$`).MatchString(code) {
		t.Errorf("SaleCode: got %s, want a guid", code)
	}
}

// A manual plan needs no schedule and has none, whatever is sent.
func TestManualPlan(t *testing.T) {
	for _, id := range []string{"", `"1005"`, `"9"`} {
		s := shop(t)
		data := must(t, s, "AddSale", saleRequest("PlanType", `"2"`, "DealerSaleScheduleId", id))
		if got := field(t, data, "DealerSaleScheduleId"); got != "0" {
			t.Errorf("schedule %s: got %s, want 0", id, got)
		}
	}
	must(t, shop(t), "AddSale", saleRequest("PlanType", `3`))
}

// A sale that is collected by payment requests needs no card.
func TestCustomerType(t *testing.T) {
	s := shop(t)
	data := must(t, s, "AddSale", saleRequest("DefaultCard1Token", "", "DealerCustomerTypeId", `"999"`))
	if got := field(t, data, "DealerCustomerTypeId"); got != "999" {
		t.Errorf("got %s, want 999", got)
	}
}

// The day in Istanbul decides what has passed: three hours ahead of UTC.
func TestDatesPassByIstanbul(t *testing.T) {
	beforeMidnight := time.Date(2027, 1, 10, 20, 59, 59, 0, time.UTC)
	for _, c := range []struct {
		now  time.Time
		code string
	}{{beforeMidnight, "Success"}, {beforeMidnight.Add(time.Second), "SaleDateAlreadyPassed"}} {
		s := open(t, Options{Clock: func() time.Time { return c.now }})
		stock(t, s)
		wantCode(t, s, "AddSale", saleRequest(), c.code)
	}
}

// One code twice is two sales unless the switch says otherwise.
func TestDuplicateSaleCode(t *testing.T) {
	for setting, want := range map[string]struct {
		second string
		sales  int
		writes int64
	}{
		"accept": {"1004", 2, 2}, "return-old": {"1003", 1, 1},
	} {
		s := shop(t, "duplicate-sale-code="+setting)
		must(t, s, "AddSale", saleRequest())
		if got := field(t, must(t, s, "AddSale", saleRequest("Amount", `"5"`)), "DealerSaleId"); got != want.second {
			t.Errorf("%s: got id %s, want %s", setting, got, want.second)
		}
		if l := s.Ledger(); l.Counts.Sales != want.sales || l.Writes["DealerSale.AddSale"] != want.writes {
			t.Errorf("%s: got %d sales of %d writes", setting, l.Counts.Sales, l.Writes["DealerSale.AddSale"])
		}
	}
	// Refused is only what lives.
	s := shop(t, "duplicate-sale-code=refuse")
	must(t, s, "AddSale", saleRequest())
	must(t, s, "DeleteSale", `{"SaleCode":"s1"}`)
	must(t, s, "AddSale", saleRequest())
}

// Of two sales with one code, the code means the older one.
func TestSaleByCodeIsTheOldest(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest())
	must(t, s, "AddSale", saleRequest())
	must(t, s, "DeleteSale", `{"SaleCode":"s1"}`)
	if got := field(t, must(t, s, "GetSale", `{"SaleCode":"s1"}`), "DealerSaleId"); got != "1004" {
		t.Errorf("got %s, want 1004", got)
	}
	wantCode(t, s, "GetSale", `{"DealerSaleId":1003}`, "DealerSaleNotFound")
	must(t, s, "DeleteSale", `{"SaleCode":"s1","DealerSaleId":"1004"}`)
	wantCode(t, s, "GetSale", `{"SaleCode":"s1"}`, "DealerSaleNotFound")
}

// What UpdateSale does with members that are not sent is a switch.
func TestUpdateSaleOmitted(t *testing.T) {
	full := saleRequest("Currency", `"USD"`, "InstallmentNumber", `"3"`, "HowManyTrial", `"5"`, "Description", `"d"`, "DealerCustomerTypeId", `"7"`,
		"DefaultCard2Token", `"`+TestCardToken(2)+`"`)
	type members map[string]string
	for setting, want := range map[string]members{
		"keep": {"Currency": `"USD"`, "InstallmentNumber": "3", "HowManyTrial": "5", "Description": `"d"`, "DealerCustomerTypeId": "7", "EndDate": `"20280115"`,
			"DefaultCard2Token": `"` + TestCardToken(2) + `"`, "BeginDate": `"20270115"`, "DealerSaleScheduleId": "1005"},
		"default": {"Currency": `"TL"`, "InstallmentNumber": "1", "HowManyTrial": "1", "Description": `""`, "DealerCustomerTypeId": "0", "EndDate": `""`,
			"DefaultCard2Token": `""`, "BeginDate": `"20270115"`, "DealerSaleScheduleId": "1005"},
		"clear": {"Currency": `"TL"`, "InstallmentNumber": "1", "HowManyTrial": "1", "Description": `""`, "DealerCustomerTypeId": "0", "EndDate": `""`,
			"DefaultCard2Token": `""`, "BeginDate": `""`, "DealerSaleScheduleId": "0", "SaleDate": `""`, "DefaultCard1Token": `""`},
	} {
		s := shop(t, "update-sale-omitted="+setting)
		must(t, s, "AddSale", full)
		data := must(t, s, "UpdateSale", `{"DealerSaleId":1003,"Amount":"5"}`)
		want["Amount"], want["SaleCode"], want["CustomerCode"], want["ProductCode"] = "5.00", `"s1"`, `"A"`, `"P"`
		for member, value := range want {
			if got := field(t, data, member); got != value {
				t.Errorf("%s, %s: got %s, want %s", setting, member, got, value)
			}
		}
		if stored := must(t, s, "GetSale", `{"SaleCode":"s1"}`); stored != data {
			t.Errorf("%s: stored %s, answered %s", setting, stored, data)
		}
	}
}

// An update that sends every member comes out the same under every reading.
func TestFullUpdateSale(t *testing.T) {
	for _, setting := range []string{"keep", "default", "clear"} {
		s := shop(t, "update-sale-omitted="+setting)
		must(t, s, "AddSale", saleRequest())
		data := must(t, s, "UpdateSale", saleRequest("DealerSaleId", `"1003"`, "CustomerCode", "", "DealerCustomerId", `"1033"`, "Amount", `"7.50"`, "EndDate", `""`,
			"Currency", `"EUR"`, "InstallmentNumber", `"2"`, "HowManyTrial", `"2"`, "Description", `""`, "PlanType", `"1"`, "DealerCustomerTypeId", `""`,
			"DefaultCard1Token", `"{`+TestCardToken(3)+`}"`, "DefaultCard2Token", `""`, "DefaultCard3Token", `""`))
		want := `{"DealerSaleId":1003,"SaleCode":"s1","DealerCustomerId":1033,"CustomerCode":"A","DealerProductId":1009,"ProductCode":"P","Amount":7.50,"Currency":"EUR",` +
			`"InstallmentNumber":2,"DealerSaleScheduleId":1005,"SaleDate":"20270110","BeginDate":"20270115","EndDate":"","HowManyTrial":2,"Description":"","PlanType":1,` +
			`"DealerCustomerTypeId":0,"DefaultCard1Token":"` + TestCardToken(3) + `","DefaultCard2Token":"","DefaultCard3Token":""}`
		if data != want {
			t.Errorf("%s:\n got %s\nwant %s", setting, data, want)
		}
	}
}

// A running sale has dates that have passed. Whether they may be sent back is a
// switch; a new date in the past is refused in any case.
func TestUpdateRunningSale(t *testing.T) {
	for setting, code := range map[string]string{"unchanged": "Success", "refuse": "SaleDateAlreadyPassed"} {
		s := shop(t, "update-sale-past-date="+setting)
		must(t, s, "AddSale", saleRequest())
		s.AdvanceClock(20 * 24 * time.Hour)
		wantCode(t, s, "UpdateSale", saleRequest("Amount", `"9"`), code)
		wantCode(t, s, "UpdateSale", `{"SaleCode":"s1","BeginDate":"20270116"}`, "BeginDateAlreadyPassed")
		must(t, s, "UpdateSale", `{"SaleCode":"s1","EndDate":"20270201"}`)
	}
}

// A sale can pass to another customer with that customer's cards, and to
// another product.
func TestUpdateSaleMovesIt(t *testing.T) {
	s := shop(t)
	must(t, s, "AddProduct", `{"ProductCode":"Q","ProductName":"Silver"}`)
	must(t, s, "AddSale", saleRequest())
	data := must(t, s, "UpdateSale", `{"SaleCode":"s1","CustomerCode":"B","ProductCode":"Q","DefaultCard1Token":"`+TestCardToken(9)+`"}`)
	if field(t, data, "DealerCustomerId") != "1034" || field(t, data, "ProductCode") != `"Q"` {
		t.Errorf("got %s", data)
	}
}

// Nothing refuses to be deleted while a sale uses it; the sale stays as it is.
func TestDeletesLeaveSales(t *testing.T) {
	s := shop(t)
	before := must(t, s, "AddSale", saleRequest())
	must(t, s, "DeleteProduct", `{"ProductCode":"P"}`)
	must(t, s, "DeleteSchedule", `{"DealerSaleScheduleId":1005}`)
	must(t, s, "RemoveCard", `{"CardToken":"`+TestCardToken(1)+`"}`)
	must(t, s, "RemoveCustomer", `{"CustomerCode":"A"}`)
	if after := must(t, s, "GetSale", `{"SaleCode":"s1"}`); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
	must(t, s, "AddProduct", `{"ProductCode":"P","ProductName":"Gold"}`)
}

func TestSchedules(t *testing.T) {
	s := newSandbox(t)
	for _, c := range []struct{ name, request, want string }{
		{"daily has no days", `{"ScheduleName":"d","DailyWeeklyMonthly":"1","EveryX":"2","DaysOfWeek":"1","DaysOfMonth":"1"}`, `"DailyWeeklyMonthly":1,"EveryX":2,"DaysOfWeek":"","DaysOfMonth":""`},
		{"weekly has no month days", `{"DailyWeeklyMonthly":"2","DaysOfWeek":"1,7","DaysOfMonth":"31"}`, `"DailyWeeklyMonthly":2,"EveryX":1,"DaysOfWeek":"1,7","DaysOfMonth":""`},
		{"days stay in their order", `{"DailyWeeklyMonthly":"3","DaysOfMonth":"15,1,31"}`, `"DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":"","DaysOfMonth":"15,1,31"`},
	} {
		data := must(t, s, "AddSchedule", c.request)
		if got := data[len(data)-len(c.want)-1 : len(data)-1]; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, data, c.want)
		}
	}
	for _, bad := range []string{`""`, `"1,"`, `","`, `"1,,2"`, `" 1"`, `"01"`, `"0"`, `"32"`, `"x"`, `"1;2"`, `"+1"`} {
		code := "DaysOfMonthFormatError"
		if bad == `""` {
			code = "DaysOfMonthIsRequired"
		}
		wantCode(t, s, "AddSchedule", `{"DailyWeeklyMonthly":"3","DaysOfMonth":`+bad+`}`, code)
	}
}

// UpdateSchedule leaves alone what is not sent; a new rhythm drops the old days.
func TestUpdateSchedule(t *testing.T) {
	for _, c := range []struct{ request, want string }{
		{`{"DealerSaleScheduleId":"1005","ScheduleName":"n"}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"n","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":"","DaysOfMonth":"15"}`},
		{`{"DealerSaleScheduleId":1005,"DaysOfMonth":"1,2"}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":"","DaysOfMonth":"1,2"}`},
		{`{"DealerSaleScheduleId":1005,"DaysOfWeek":"1"}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":"","DaysOfMonth":"15"}`},
		{`{"DealerSaleScheduleId":1005,"DailyWeeklyMonthly":2,"DaysOfWeek":"3"}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":2,"EveryX":1,"DaysOfWeek":"3","DaysOfMonth":""}`},
		{`{"DealerSaleScheduleId":1005,"DailyWeeklyMonthly":1,"EveryX":3}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":1,"EveryX":3,"DaysOfWeek":"","DaysOfMonth":""}`},
		{`{"DealerSaleScheduleId":1005}`, `{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":"","DaysOfMonth":"15"}`},
	} {
		s := shop(t)
		if got := must(t, s, "UpdateSchedule", c.request); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.request, got, c.want)
		}
		if got := must(t, s, "GetSchedule", `{"DealerSaleScheduleId":1005}`); got != c.want {
			t.Errorf("%s: stored %s", c.request, got)
		}
	}
}
