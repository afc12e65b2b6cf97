package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Requests as two public client libraries write them, over a real connection.
// The PHP one sends every member it knows, null where nothing was set, escapes
// what is not ASCII as well as slashes, and sends null as the request of a list.
// The Node one sends what it is given, as it is, and leaves the request of a
// list out.
const clientAuthentication = `{"DealerCode":"1731","Username":"ApiUserDemo","Password":"S3cretDemo","CheckKey":"e4f847ef42427d65f5d343ef5937415024a9bb9e516c5879c17dcf8bd4221c14"}`

type clientCall struct{ path, body, data string }

func TestPHPClient(t *testing.T) {
	customer := func(request string) string {
		return `{"DealerCustomerAuthentication":` + clientAuthentication + `,"DealerCustomerRequest":` + request + `}`
	}
	sale := func(request string) string {
		return `{"DealerSaleAuthentication":` + clientAuthentication + `,"DealerSaleRequest":` + request + `}`
	}
	run(t, []clientCall{
		{"/DealerCustomer/AddCustomer", customer(`{"CustomerCode":"c\/1","Password":null,"FirstName":"Elif","LastName":"Yetimo\u011flu","Gender":2,"BirthDate":"19901218","GsmNumber":"5301111111","Email":"elif@example.com","Address":"TA\u015eDELEN"}`),
			`"CustomerCode":"c/1","Password":"","FirstName":"Elif","LastName":"Yetimoğlu","Gender":2`},
		{"/DealerCustomer/AddCustomerWithCard", customer(`{"CustomerCode":"c2","Password":null,"FirstName":null,"LastName":null,"Gender":null,"BirthDate":null,"GsmNumber":null,"Email":null,"Address":null,"CardHolderFullName":"Deniz Ornek","CardNumber":"5127541122223332","ExpMonth":"12","ExpYear":"2030","CardName":null}`),
			`"CardListCount":1,"CardList":[{"CardToken":"`},
		{"/DealerCustomer/UpdateCustomer", customer(`{"DealerCustomerId":1033,"CustomerCode":null,"Password":null,"FirstName":"Elifnur","LastName":null,"Gender":null,"BirthDate":null,"GsmNumber":null,"Email":null,"Address":null}`),
			`"FirstName":"Elifnur","LastName":"Yetimoğlu"`},
		{"/DealerCustomer/GetCustomer", customer(`{"DealerCustomerId":null,"CustomerCode":"c\/1"}`), `"DealerCustomerId":1033`},
		{"/DealerCustomer/GetCustomerList", customer(`null`), `"DealerCustomerListCount":2`},
		{"/DealerCustomer/AddCard", customer(`{"DealerCustomerId":1033,"CustomerCode":null,"CardHolderFullName":"Elif Y","CardNumber":"5127541122223340","ExpMonth":"01","ExpYear":"2031","CardName":"Bonus"}`),
			`"CardNumberFirstSix":"512754","CardNumberLastFour":"3340"`},
		{"/DealerCustomer/GetCardList", customer(`{"DealerCustomerId":null,"CustomerCode":"c\/1"}`), `"CardListCount":1`},
		{"/DealerCustomer/UpdateCard", customer(`{"CardToken":"7e57ca4d-0000-4000-8000-000000000001","CardName":"kart\u0131m"}`), `"CardName":"kartım"`},
		{"/DealerSale/AddProduct", sale(`{"ProductName":"Gold","ProductCode":null}`), `"ProductName":"Gold","ProductCode":"`},
		{"/DealerSale/AddProduct", sale(`{"ProductName":"Silver","ProductCode":"p2"}`), `"DealerProductId":1010`},
		{"/DealerSale/GetProductList", sale(`null`), `"ProductListCount":2`},
		{"/DealerSale/AddSchedule", sale(`{"ScheduleName":"monthly","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfWeek":null,"DaysOfMonth":"1,15"}`), `"DaysOfWeek":"","DaysOfMonth":"1,15"`},
		{"/DealerSale/UpdateSchedule", sale(`{"DealerSaleScheduleId":1005,"ScheduleName":null,"DailyWeeklyMonthly":null,"EveryX":2,"DaysOfWeek":null,"DaysOfMonth":null}`),
			`"ScheduleName":"monthly","DailyWeeklyMonthly":3,"EveryX":2`},
		{"/DealerSale/AddSale", sale(`{"CustomerCode":"c\/1","DealerCustomerId":null,"ProductCode":"p2","DealerProductId":null,"SaleCode":"php-1","Amount":149.9,"Currency":null,"InstallmentNumber":null,"DealerSaleScheduleId":1005,"SaleDate":"20270110","BeginDate":"20270115","EndDate":null,"HowManyTrial":null,"Description":null,"PlanType":null,"DealerCustomerTypeId":null,"DefaultCard1Token":"7e57ca4d-0000-4000-8000-000000000001","DefaultCard2Token":null,"DefaultCard3Token":null}`),
			`"Amount":149.90,"Currency":"TL","InstallmentNumber":1,"DealerSaleScheduleId":1005,"SaleDate":"20270110","BeginDate":"20270115","EndDate":"","HowManyTrial":1`},
		{"/DealerSale/UpdateSale", sale(`{"DealerSaleId":1003,"SaleCode":null,"Amount":10.0,"CustomerCode":null,"DealerCustomerId":null,"ProductCode":null,"DealerProductId":null,"Currency":null,"InstallmentNumber":null,"DealerSaleScheduleId":null,"SaleDate":null,"BeginDate":null,"EndDate":"20281231","HowManyTrial":null,"Description":null,"PlanType":null,"DealerCustomerTypeId":null,"DefaultCard1Token":null,"DefaultCard2Token":null,"DefaultCard3Token":null}`),
			`"Amount":10.00,"Currency":"TL"`},
		{"/DealerSale/GetSale", sale(`{"DealerSaleId":null,"SaleCode":"php-1"}`), `"EndDate":"20281231"`},
		{"/DealerSale/GetSaleList", sale(`null`), `"DealerSaleListCount":1`},
		{"/DealerSale/DeleteSale", sale(`{"DealerSaleId":1003,"SaleCode":null}`), `true`},
		{"/DealerSale/DeleteSchedule", sale(`{"DealerSaleScheduleId":1005}`), `true`},
		{"/DealerSale/DeleteProduct", sale(`{"DealerProductId":1010,"ProductCode":null}`), `true`},
		{"/DealerCustomer/RemoveCard", customer(`{"CardToken":"7e57ca4d-0000-4000-8000-000000000001"}`), `true`},
		{"/DealerCustomer/RemoveCustomer", customer(`{"DealerCustomerId":1033,"CustomerCode":null}`), `{}`},
	})
}

func TestNodeClient(t *testing.T) {
	customer := func(request string) string {
		return `{"DealerCustomerAuthentication":` + clientAuthentication + request + `}`
	}
	sale := func(request string) string {
		return `{"DealerSaleAuthentication":` + clientAuthentication + request + `}`
	}
	run(t, []clientCall{
		{"/DealerCustomer/AddCustomer", customer(`,"DealerCustomerRequest":{"CustomerCode":"n1","FirstName":"Çağla","Gender":1}`), `"FirstName":"Çağla"`},
		{"/DealerCustomer/GetCustomerList", customer(``), `"DealerCustomerListCount":1`},
		{"/DealerSale/AddProduct", sale(`,"DealerSaleRequest":{"ProductName":"Gold","ProductCode":"p"}`), `"DealerProductId":1009`},
		{"/DealerSale/AddSchedule", sale(`,"DealerSaleRequest":{"ScheduleName":"w","DailyWeeklyMonthly":2,"EveryX":1,"DaysOfWeek":"1,3"}`), `"DaysOfWeek":"1,3"`},
		{"/DealerSale/AddSale", sale(`,"DealerSaleRequest":{"CustomerCode":"n1","ProductCode":"p","SaleCode":"node-1","Amount":0.01,"DealerSaleScheduleId":1005,"SaleDate":"20270110","BeginDate":"20270110","DefaultCard1Token":"{7E57CA4D-0000-4000-8000-000000000002}"}`),
			`"Amount":0.01`},
		{"/DealerSale/GetSaleList", sale(``), `"DealerSaleListCount":1`},
		{"/DealerSale/GetScheduleList", sale(``), `"SaleScheduleListCount":1`},
		{"/DealerSale/GetProductList", sale(``), `"ProductListCount":1`},
		{"/DealerSale/DeleteSale", sale(`,"DealerSaleRequest":{"SaleCode":"node-1"}`), `true`},
	})
}

// run posts the calls one after the other and looks for a part of each Data.
func run(t *testing.T, calls []clientCall) {
	t.Helper()
	served := httptest.NewServer(newSandbox(t))
	defer served.Close()
	for _, call := range calls {
		r, err := http.NewRequest(http.MethodPost, served.URL+call.path, strings.NewReader(call.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %d %v", call.path, answer.StatusCode, err)
		}
		data, tail, _ := strings.Cut(strings.TrimPrefix(string(text), `{"Data":`), `,"ResultCode":`)
		if !strings.HasPrefix(tail, `"Success"`) || !strings.Contains(data, call.data) {
			t.Errorf("%s %s:\n got %s\nwant %s in it", call.path, call.body, text, call.data)
		}
	}
}
