package sandbox

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// compact takes the white space out of a printed sample.
func compact(t *testing.T, sample string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := json.Compact(&buf, []byte(sample)); err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	return buf.String()
}

// The answers to the documentation's sample requests are, byte for byte, its
// sample answers: members in that order, numbers bare, absent things as there.
func TestDocumentedSamples(t *testing.T) {
	s := open(t, Options{Clock: func() time.Time { return time.Date(2017, 8, 21, 12, 0, 0, 0, istanbul) }})
	auth := authentication(DefaultDealer())
	steps := []struct{ name, path, request, answer string }{
		{"AddCustomer", "/DealerCustomer/AddCustomer", `{
			"DealerCustomerAuthentication": AUTH,
			"DealerCustomerRequest": {"CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y", "Gender": "2",
				"BirthDate": "19901218", "GsmNumber": "5301111111", "Email": "elif.y@moka.com", "Address": "TAŞDELEN"}}`, `{
			"Data": {"DealerCustomer": {"DealerCustomerId": 1033, "CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y", "Gender": 2,
				"BirthDate": "19901218", "GsmNumber": "5301111111", "Email": "elif.y@moka.com", "Address": "TAŞDELEN"},
				"CardListCount": 0, "CardList": []},
			"ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"AddCustomer, code in use", "/DealerCustomer/AddCustomer",
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CustomerCode": "Customer"}}`,
			`{"Data": null, "ResultCode": "DealerCustomer.AddCustomer.CustomerCodeAlreadyUsing", "ResultMessage": "", "Exception": null}`},
		// The sample leaves Address out, and its answer still has it.
		{"UpdateCustomer", "/DealerCustomer/UpdateCustomer", `{
			"DealerCustomerAuthentication": AUTH,
			"DealerCustomerRequest": {"DealerCustomerId": "", "CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y", "Gender": "2",
				"BirthDate": "19850710", "GsmNumber": "5301111111", "Email": "elif.y@moka.com"}}`, `{
			"Data": {"DealerCustomer": {"DealerCustomerId": 1033, "CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y", "Gender": 2,
				"BirthDate": "19850710", "GsmNumber": "5301111111", "Email": "elif.y@moka.com", "Address": "TAŞDELEN"},
				"CardListCount": 0, "CardList": []},
			"ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"UpdateCustomer without key", "/DealerCustomer/UpdateCustomer",
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"DealerCustomerId": "", "CustomerCode": ""}}`,
			`{"Data": null, "ResultCode": "DealerCustomer.UpdateCustomer.CustomerCodeOrDealerCustomerIdMustBeGiven", "ResultMessage": "", "Exception": null}`},
		// The request member has a blank before its name, as printed.
		{"AddProduct", "/DealerSale/AddProduct",
			`{"DealerSaleAuthentication": AUTH, " DealerSaleRequest": {"ProductName": "Gold", "ProductCode": "Product01"}}`,
			`{"Data": {"DealerProductId": 1009, "ProductName": "Gold", "ProductCode": "Product01"}, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"AddSchedule", "/DealerSale/AddSchedule",
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"ScheduleName": "monthly", "DailyWeeklyMonthly": "3", "EveryX": "1", "DaysOfWeek": "", "DaysOfMonth": "15"}}`,
			`{"Data": {"DealerSaleScheduleId": 1005, "ScheduleName": "monthly", "DailyWeeklyMonthly": 3, "EveryX": 1, "DaysOfWeek": "", "DaysOfMonth": "15"},
			 "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		// The sample leaves the required id out, which is its sample of a failure too.
		{"UpdateSchedule as printed", "/DealerSale/UpdateSchedule",
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"ScheduleName": "newschedule", "DailyWeeklyMonthly": "3", "EveryX": "1", "DaysOfWeek": "", "DaysOfMonth": "15"}}`,
			`{"Data": null, "ResultCode": "DealerSale.UpdateSchedule.DealerSaleScheduleIdIsRequired", "ResultMessage": "", "Exception": null}`},
		{"UpdateSchedule", "/DealerSale/UpdateSchedule",
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"DealerSaleScheduleId": "1005", "ScheduleName": "newschedule", "DailyWeeklyMonthly": "2", "EveryX": "1", "DaysOfWeek": "1,2,3"}}`,
			`{"Data": {"DealerSaleScheduleId": 1005, "ScheduleName": "newschedule", "DailyWeeklyMonthly": 2, "EveryX": 1, "DaysOfWeek": "1,2,3", "DaysOfMonth": ""},
			 "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"AddSale", "/DealerSale/AddSale", `{
			"DealerSaleAuthentication": AUTH,
			"DealerSaleRequest": {"CustomerCode": "Customer", "DealerCustomerId": "", "ProductCode": "Product01", "DealerProductId": "", "SaleCode": "satis",
				"Amount": "0.01", "Currency": "TL", "InstallmentNumber": "1", "DealerSaleScheduleId": "1005", "BeginDate": "20170821", "EndDate": "20171230",
				"HowManyTrial": "1", "Description": "", "PlanType": "1", "DealerCustomerTypeId": "",
				"DefaultCard1Token": "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}", "DefaultCard2Token": "", "DefaultCard3Token": "", "SaleDate": "20170821"}}`, `{
			"Data": {"DealerSaleId": 1003, "SaleCode": "satis", "DealerCustomerId": 1033, "CustomerCode": "Customer", "DealerProductId": 1009, "ProductCode": "Product01",
				"Amount": 0.01, "Currency": "TL", "InstallmentNumber": 1, "DealerSaleScheduleId": 1005, "SaleDate": "20170821", "BeginDate": "20170821", "EndDate": "20171230",
				"HowManyTrial": 1, "Description": "", "PlanType": 1, "DealerCustomerTypeId": 0,
				"DefaultCard1Token": "9de41bb0-e82f-4670-b36b-d71ff27a3111", "DefaultCard2Token": "", "DefaultCard3Token": ""},
			"ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"AddSale without card", "/DealerSale/AddSale", `{
			"DealerSaleAuthentication": AUTH,
			"DealerSaleRequest": {"CustomerCode": "Customer", "ProductCode": "Product01", "Amount": "0.01", "DealerSaleScheduleId": "1005",
				"BeginDate": "20170821", "DefaultCard1Token": "", "SaleDate": "20170821"}}`,
			`{"Data": null, "ResultCode": "DealerSale.AddSale.DefaultCard1TokenIsRequired", "ResultMessage": "", "Exception": null}`},
		{"UpdateSale with the other printed card", "/DealerSale/UpdateSale",
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"SaleCode": "satis", "EndDate": "20171230", "DefaultCard2Token": "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}}`, ""},
		// The year differs from the sample: the sandbox's cards do not expire soon.
		{"UpdateCard", "/DealerCustomer/UpdateCard",
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CardToken": "{51937236-82E0-4637-A8F5-2E1EC56EC870}", "CardName": "Bonus kartım"}}`, `{
			"Data": {"DealerCustomer": {"DealerCustomerId": 1033, "CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y", "Gender": 2,
				"BirthDate": "19850710", "GsmNumber": "5301111111", "Email": "elif.y@moka.com", "Address": "TAŞDELEN"},
				"CardListCount": 1,
				"CardList": [{"CardToken": "51937236-82e0-4637-a8f5-2e1ec56ec870", "CardName": "Bonus kartım", "BankName": "BANKAADI", "CardNumberFirstSix": "112233",
					"CardNumberLastFour": "7788", "CardHolderFullName": "elif y", "ExpMonth": "01", "ExpYear": "2048"}]},
			"ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"UpdateCard without token", "/DealerCustomer/UpdateCard",
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CardName": "Bonus kartım"}}`,
			`{"Data": null, "ResultCode": "DealerCustomer.GetCard.CardTokenIsRequired", "ResultMessage": "", "Exception": null}`},
		{"GetProductList", "/DealerSale/GetProductList", `{"DealerSaleAuthentication": AUTH}`,
			`{"Data": {"ProductListCount": 1, "ProductList": [{"DealerProductId": 1009, "ProductName": "Gold", "ProductCode": "Product01"}]},
			 "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"GetSchedule, bare number", "/DealerSale/GetSchedule", `{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"DealerSaleScheduleId": 1005}}`,
			`{"Data": {"DealerSaleScheduleId": 1005, "ScheduleName": "newschedule", "DailyWeeklyMonthly": 2, "EveryX": 1, "DaysOfWeek": "1,2,3", "DaysOfMonth": ""},
			 "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"GetScheduleList", "/DealerSale/GetScheduleList", `{"DealerSaleAuthentication": AUTH}`,
			`{"Data": {"SaleScheduleListCount": 1, "SaleScheduleList": [{"DealerSaleScheduleId": 1005, "ScheduleName": "newschedule", "DailyWeeklyMonthly": 2, "EveryX": 1, "DaysOfWeek": "1,2,3", "DaysOfMonth": ""}]},
			 "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		// The sample sends a word where the id belongs.
		{"DeleteProduct", "/DealerSale/DeleteProduct", `{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"DealerProductId": "Product", "ProductCode": "Product01"}}`,
			`{"Data": true, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"GetProductList, empty", "/DealerSale/GetProductList", `{"DealerSaleAuthentication": AUTH}`,
			`{"Data": null, "ResultCode": "DealerSale.GetProductList.NoDataFound", "ResultMessage": "", "Exception": null}`},
		{"RemoveCard", "/DealerCustomer/RemoveCard", `{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CardToken": "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}}`,
			`{"Data": true, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"DeleteSale", "/DealerSale/DeleteSale", `{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"DealerSaleId": "1003", "SaleCode": "satis"}}`,
			`{"Data": true, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"DeleteSchedule", "/DealerSale/DeleteSchedule", `{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"DealerSaleScheduleId": "1005"}}`,
			`{"Data": true, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
		{"RemoveCustomer", "/DealerCustomer/RemoveCustomer", `{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CustomerCode": "Customer"}}`,
			`{"Data": {}, "ResultCode": "Success", "ResultMessage": "", "Exception": null}`},
	}
	for _, step := range steps {
		status, got := post(s, step.path, strings.Replace(step.request, "AUTH", auth, 1))
		if status != 200 {
			t.Errorf("%s: got HTTP status %d, want 200", step.name, status)
		}
		if step.answer == "" {
			continue
		}
		if want := compact(t, step.answer); got != want {
			t.Errorf("%s:\n got %s\nwant %s", step.name, got, want)
		}
	}
}

// The rest of the answers, whose samples no stored copy shows whole, in the form
// that the pages describe.
func TestListAnswers(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest("EndDate", "", "DealerCustomerTypeId", `"7"`, "Description", `"<b>&amp; Ş"`))
	saleText := `{"DealerSaleId":1003,"SaleCode":"s1","DealerCustomerId":1033,"CustomerCode":"A","DealerProductId":1009,"ProductCode":"P","Amount":149.90,"Currency":"TL",` +
		`"InstallmentNumber":1,"DealerSaleScheduleId":1005,"SaleDate":"20270110","BeginDate":"20270115","EndDate":"","HowManyTrial":1,"Description":"<b>&amp; Ş","PlanType":1,` +
		`"DealerCustomerTypeId":7,"DefaultCard1Token":"7e57ca4d-0000-4000-8000-000000000001","DefaultCard2Token":"","DefaultCard3Token":""}`
	customerText := func(id, code string) string {
		return `{"DealerCustomerId":` + id + `,"CustomerCode":"` + code + `","Password":"","FirstName":"","LastName":"","Gender":0,"BirthDate":"","GsmNumber":"","Email":"","Address":""}`
	}
	cardText := `{"CardToken":"7e57ca4d-0000-4000-8000-000000000001","CardName":"Test card 1","BankName":"TEST BANKASI 2","CardNumberFirstSix":"000002",` +
		`"CardNumberLastFour":"0001","CardHolderFullName":"TEST CARD 1","ExpMonth":"02","ExpYear":"2041"}`
	for _, want := range []struct{ method, request, data string }{
		{"GetSale", `{"SaleCode":"s1"}`, saleText},
		{"GetSaleList", `null`, `{"DealerSaleListCount":1,"DealerSaleList":[` + saleText + `]}`},
		{"GetCustomer", `{"CustomerCode":"A"}`, `{"DealerCustomer":` + customerText("1033", "A") + `,"CardListCount":0,"CardList":[]}`},
		{"GetCustomerList", `null`, `{"DealerCustomerListCount":2,"DealerCustomerList":[` + customerText("1033", "A") + `,` + customerText("1034", "B") + `]}`},
		{"GetCardList", `{"DealerCustomerId":1033}`, `{"DealerCustomer":` + customerText("1033", "A") + `,"CardListCount":1,"CardList":[` + cardText + `]}`},
		{"GetCard", `{"CardToken":"` + TestCardToken(1) + `"}`, `{"DealerCustomer":` + customerText("1033", "A") + `,"CardListCount":1,"CardList":[` + cardText + `]}`},
	} {
		if got := must(t, s, want.method, want.request); got != want.data {
			t.Errorf("%s:\n got %s\nwant %s", want.method, got, want.data)
		}
	}
}
