package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// documentedCodes are all result codes of moka-api 2.1 to 2.31 that a page
// prints, as it spells them, and those that only client code shows. EX has
// tests of its own.
var documentedCodes = strings.Fields(`
DealerCustomer.AddCustomer.InvalidRequest
DealerCustomer.AddCustomer.CustomerCodeAlreadyUsing
DealerCustomer.AddCustomer.InvalidEmailFormat
DealerCustomer.AddCustomerWithCard.CustomerCodeAlreadyUsing
DealerCustomer.UpdateCustomer.InvalidRequest
DealerCustomer.UpdateCustomer.CustomerCodeAlreadyUsing
DealerCustomer.UpdateCustomer.InvalidEmailFormat
DealerCustomer.UpdateCustomer.CustomerCodeOrDealerCustomerIdMustBeGiven
DealerCustomer.UpdateCustomer.DealerCustomerNotFound
DealerCustomer.UpdateCustomer.CustomerCodeDoesntMatchDealerCustomerId
DealerCustomer.RemoveCustomer.InvalidRequest
DealerCustomer.RemoveCustomer.CustomerCodeOrDealerCustomerIdMustBeGiven
DealerCustomer.RemoveCustomer.DealerCustomerNotFound
DealerCustomer.RemoveCustomer.CustomerCodeDoesntMatchDealerCustomerId
DealerCustomer.GetCustomer.InvalidRequest
DealerCustomer.AddCard.CardAlreadyExists
DealerCustomer.GetCard.InvalidRequest
DealerCustomer.GetCard.CardTokenIsRequired
DealerCustomer.GetCard.CardNotFound
DealerCustomer.RemoveCard.InvalidRequest
DealerCustomer.RemoveCard.CardTokenIsRequired
DealerCustomer.RemoveCard.CardNotFound
DealerSale.AddProduct.InvalidRequest
DealerSale.AddProduct.ProductNameIsRequired
DealerSale.AddProduct.ProductCodeAlreadyUsing
DealerSale.AddProduct.ProductNameAlreadyExists
DealerSale.DeleteProduct.InvalidRequest
DealerSale.DeleteProduct.ProductCodeOrDealerProductIdMustBeGiven
DealerSale.DeleteProduct.ProductNotFound
DealerSale.DeleteProduct.ProductCodeDoesntMatchDealerProductId
DealerSale.GetProductList.InvalidRequest
DealerSale.GetProductList.ProductNotFound
DealerSale.GetProductList.NoDataFound
DealerSale.UpdateSchedule.InvalidRequest
DealerSale.UpdateSchedule.DealerSaleScheduleIdIsRequired
DealerSale.UpdateSchedule.ScheduleNotFound
DealerSale.UpdateSchedule.DaysOfWeekIsRequired
DealerSale.UpdateSchedule.DaysOfMonthIsRequired
DealerSale.UpdateSchedule.DaysOfWeekFormatError
DealerSale.UpdateSchedule.DaysOfMonthFormatError
DealerSale.DeleteSchedule.InvalidRequest
DealerSale.DeleteSchedule.DealerSaleScheduleIdIsRequired
DealerSale.DeleteSchedule.ScheduleNotFound
DealerSale.GetScheduleList.InvalidRequest
DealerSale.AddSale.InvalidRequest
DealerSale.AddSale.CustomerCodeOrDealerCustomerIdMustBeGiven
DealerSale.AddSale.ProductCodeOrDealerProductIdMustBeGiven
DealerSale.AddSale.SaleDateIsRequired
DealerSale.AddSale.AmountIsRequired
DealerSale.AddSale.DealerSaleScheduleIdIsRequired
DealerSale.AddSale.BeginDateIsRequired
DealerSale.AddSale.EndDateIsRequired
DealerSale.AddSale.DefaultCard1TokenIsRequired
DealerSale.AddSale.DealerProductIdNotFound
DealerSale.AddSale.ProductCodeDoesntMatchDealerProductId
DealerSale.AddSale.DealerCustomerIdNotFound
DealerSale.AddSale.CustomerCodeDoesntMatchDealerCustomerId
DealerSale.AddSale.SaleDateAlreadyPassed
DealerSale.AddSale.BeginDateAlreadyPassed
DealerSale.AddSale.EndDateAlreadyPassed
DealerSale.AddSale.BeginSaleEndDateException
DealerSale.AddSale.DealerSaleScheduleNotFound
DealerSale.AddSale.InvalidCardToken
DealerSale.AddSale.InvalidDefaultCard2Token
DealerSale.AddSale.InvalidDefaultCard3Token
DealerSale.AddSale.InvalidDealerCustomerTypeId
DealerSale.AddSale.InvalidCurrencyCode
DealerSale.DeleteSale.InvalidRequest
DealerSale.DeleteSale.SaleCodeOrDealerSaleIdMustBeGiven
DealerSale.DeleteDealer.DealerSaleNotFund
DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId
DealerSale.DeletePaymentPlan.InvalidRequest
DealerSale.DeletePaymentPlan.DealerPaymentPlanIdIsRequired
DealerSale.DeletePaymentPlan.PaymentPlanNotFound
DealerSale.DeletePaymentPlan.PaymentDatePassed
`)

const (
	noSuchCard = `"00000000-0000-0000-0000-000000000000"`
	newCard    = `"CardHolderFullName":"a b","CardNumber":"5127541122223332","ExpMonth":"01","ExpYear":"2018","CardName":"n"`
)

// codeCase is a request and the code it ends with: all of it, or what follows
// the method's name.
type codeCase struct {
	method, request, code string
	settings              []string
}

// codeCases provoke every refusal, in the shop with a sale s1 (id 1003) of
// customer A on test card 1, and a second product Q (1010).
var codeCases = []codeCase{
	{"AddCustomer", `{"Gender":"3"}`, "InvalidRequest", nil},
	{"AddCustomer", `{"CustomerCode":"A"}`, "CustomerCodeAlreadyUsing", nil},
	{"AddCustomer", `{"CustomerCode":"N","Email":"elif"}`, "InvalidEmailFormat", nil},
	{"AddCustomerWithCard", `{"CustomerCode":"N"}`, "InvalidRequest", nil},
	{"AddCustomerWithCard", `{"CustomerCode":"A",` + newCard + `}`, "CustomerCodeAlreadyUsing", nil},
	{"AddCustomerWithCard", `{"CustomerCode":"N","Email":"@x.y",` + newCard + `}`, "InvalidEmailFormat", nil},
	{"UpdateCustomer", `{"CustomerCode":["A"]}`, "InvalidRequest", nil},
	{"UpdateCustomer", `{"CustomerCode":"B","DealerCustomerId":"1033"}`, "CustomerCodeAlreadyUsing", []string{"update-customer-code=rename"}},
	{"UpdateCustomer", `{"CustomerCode":"A","Email":"a@b"}`, "InvalidEmailFormat", nil},
	{"UpdateCustomer", `{"FirstName":"A"}`, "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"UpdateCustomer", `{"CustomerCode":"Z"}`, "DealerCustomerNotFound", nil},
	{"UpdateCustomer", `{"DealerCustomerId":"9"}`, "DealerCustomerNotFound", nil},
	{"UpdateCustomer", `{"CustomerCode":"B","DealerCustomerId":"1033"}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"UpdateCustomer", `{"CustomerCode":"Z","DealerCustomerId":"1033"}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"RemoveCustomer", `{"DealerCustomerId":"x"}`, "InvalidRequest", nil},
	{"RemoveCustomer", `{"DealerCustomerId":0,"CustomerCode":null}`, "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"RemoveCustomer", `{"DealerCustomerId":9}`, "DealerCustomerNotFound", nil},
	{"RemoveCustomer", `{"DealerCustomerId":1033,"CustomerCode":"B"}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"GetCustomer", `{"CustomerCode":true}`, "InvalidRequest", nil},
	{"GetCustomer", `{}`, "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"GetCustomer", `{"CustomerCode":"Z"}`, "DealerCustomerNotFound", nil},
	{"GetCustomer", `{"CustomerCode":"B","DealerCustomerId":1033}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"GetCustomerList", `"x"`, "InvalidRequest", nil},
	{"AddCard", `{"CustomerCode":"A","CardNumber":"5127","ExpMonth":"01","ExpYear":"2030"}`, "InvalidRequest", nil},
	{"AddCard", `{"CustomerCode":"B","CardNumber":"5127541122223333","ExpMonth":"1","ExpYear":"2030"}`, "CardAlreadyExists", nil},
	{"AddCard", `{` + newCard + `}`, "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"AddCard", `{"CustomerCode":"Z",` + newCard + `}`, "DealerCustomerNotFound", nil},
	{"AddCard", `{"CustomerCode":"B","DealerCustomerId":1033,` + newCard + `}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"UpdateCard", `{"CardToken":{}}`, "DealerCustomer.GetCard.InvalidRequest", nil},
	{"UpdateCard", `{"CardToken":""}`, "DealerCustomer.GetCard.CardTokenIsRequired", nil},
	{"UpdateCard", `{"CardToken":` + noSuchCard + `}`, "DealerCustomer.GetCard.CardNotFound", nil},
	{"UpdateCard", `{"CardToken":{}}`, "InvalidRequest", []string{"update-card-codes=UpdateCard"}},
	{"UpdateCard", `{}`, "CardTokenIsRequired", []string{"update-card-codes=UpdateCard"}},
	{"UpdateCard", `{"CardToken":` + noSuchCard + `}`, "CardNotFound", []string{"update-card-codes=UpdateCard"}},
	{"RemoveCard", `{"CardToken":[]}`, "InvalidRequest", nil},
	{"RemoveCard", `{}`, "CardTokenIsRequired", nil},
	{"RemoveCard", `{"CardToken":` + noSuchCard + `}`, "CardNotFound", nil},
	{"GetCard", `{"CardToken":false}`, "InvalidRequest", nil},
	{"GetCard", `{"CardToken":null}`, "CardTokenIsRequired", nil},
	{"GetCard", `{"CardToken":"no guid"}`, "CardNotFound", nil},
	{"GetCardList", `{"CustomerCode":{}}`, "InvalidRequest", nil},
	{"GetCardList", `{}`, "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"GetCardList", `{"DealerCustomerId":"9"}`, "DealerCustomerNotFound", nil},
	{"GetCardList", `{"DealerCustomerId":"1033","CustomerCode":"B"}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"AddProduct", `{"ProductName":{}}`, "InvalidRequest", nil},
	{"AddProduct", `{"ProductCode":"N"}`, "ProductNameIsRequired", nil},
	{"AddProduct", `{"ProductCode":"P","ProductName":"Gold"}`, "ProductCodeAlreadyUsing", nil},
	{"AddProduct", `{"ProductCode":"N","ProductName":"Gold"}`, "ProductNameAlreadyExists", nil},
	{"DeleteProduct", `{"DealerProductId":"Product"}`, "InvalidRequest", nil},
	{"DeleteProduct", `{}`, "ProductCodeOrDealerProductIdMustBeGiven", nil},
	{"DeleteProduct", `{"ProductCode":"Z"}`, "ProductNotFound", nil},
	{"DeleteProduct", `{"ProductCode":"P","DealerProductId":"1010"}`, "ProductCodeDoesntMatchDealerProductId", nil},
	{"GetProductList", `[]`, "InvalidRequest", nil},
	{"AddSchedule", `{"ScheduleName":"x"}`, "InvalidRequest", nil},
	{"AddSchedule", `{"DailyWeeklyMonthly":"2"}`, "DaysOfWeekIsRequired", nil},
	{"AddSchedule", `{"DailyWeeklyMonthly":"3","DaysOfWeek":"1"}`, "DaysOfMonthIsRequired", nil},
	{"AddSchedule", `{"DailyWeeklyMonthly":"2","DaysOfWeek":"0,8"}`, "DaysOfWeekFormatError", nil},
	{"AddSchedule", `{"DailyWeeklyMonthly":"3","DaysOfMonth":"1.15"}`, "DaysOfMonthFormatError", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"1005","EveryX":"0"}`, "InvalidRequest", nil},
	{"UpdateSchedule", `{"ScheduleName":"x"}`, "DealerSaleScheduleIdIsRequired", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"9"}`, "ScheduleNotFound", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"1005","DailyWeeklyMonthly":"2","DaysOfWeek":""}`, "DaysOfWeekIsRequired", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"1005","DailyWeeklyMonthly":"3"}`, "DaysOfMonthIsRequired", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"1005","DailyWeeklyMonthly":"2","DaysOfWeek":"1, 2"}`, "DaysOfWeekFormatError", nil},
	{"UpdateSchedule", `{"DealerSaleScheduleId":"1005","DaysOfMonth":"32"}`, "DaysOfMonthFormatError", nil},
	{"DeleteSchedule", `{"DealerSaleScheduleId":"1.5"}`, "InvalidRequest", nil},
	{"DeleteSchedule", `{"DealerSaleScheduleId":""}`, "DealerSaleScheduleIdIsRequired", nil},
	{"DeleteSchedule", `{"DealerSaleScheduleId":"9"}`, "ScheduleNotFound", nil},
	{"GetSchedule", `{"DealerSaleScheduleId":{}}`, "InvalidRequest", nil},
	{"GetSchedule", `{}`, "DealerSaleScheduleIdIsRequired", nil},
	{"GetSchedule", `{"DealerSaleScheduleId":9}`, "ScheduleNotFound", nil},
	{"GetScheduleList", `1`, "InvalidRequest", nil},
	{"AddSale", saleRequest("Amount", `"0"`), "InvalidRequest", nil},
	{"AddSale", saleRequest("CustomerCode", `""`), "CustomerCodeOrDealerCustomerIdMustBeGiven", nil},
	{"AddSale", saleRequest("ProductCode", ``), "ProductCodeOrDealerProductIdMustBeGiven", nil},
	{"AddSale", saleRequest("SaleDate", ``), "SaleDateIsRequired", nil},
	{"AddSale", saleRequest("Amount", `""`), "AmountIsRequired", nil},
	{"AddSale", saleRequest("DealerSaleScheduleId", `0`), "DealerSaleScheduleIdIsRequired", nil},
	{"AddSale", saleRequest("BeginDate", `""`), "BeginDateIsRequired", nil},
	{"AddSale", saleRequest("EndDate", `""`), "EndDateIsRequired", []string{"end-date-required=yes"}},
	{"AddSale", saleRequest("DefaultCard1Token", `""`), "DefaultCard1TokenIsRequired", nil},
	{"AddSale", saleRequest("ProductCode", `"Z"`), "DealerProductIdNotFound", nil},
	{"AddSale", saleRequest("DealerProductId", `"1010"`), "ProductCodeDoesntMatchDealerProductId", nil},
	{"AddSale", saleRequest("CustomerCode", `"Z"`), "DealerCustomerIdNotFound", nil},
	{"AddSale", saleRequest("DealerCustomerId", `"1034"`), "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"AddSale", saleRequest("SaleDate", `"20270109"`), "SaleDateAlreadyPassed", nil},
	{"AddSale", saleRequest("BeginDate", `"20270109"`), "BeginDateAlreadyPassed", nil},
	{"AddSale", saleRequest("EndDate", `"20270109"`), "EndDateAlreadyPassed", nil},
	{"AddSale", saleRequest("EndDate", `"20270114"`), "BeginSaleEndDateException", nil},
	{"AddSale", saleRequest("SaleDate", `"20280116"`), "BeginSaleEndDateException", nil},
	{"AddSale", saleRequest("DealerSaleScheduleId", `"9"`), "DealerSaleScheduleNotFound", nil},
	{"AddSale", saleRequest("DefaultCard1Token", noSuchCard), "InvalidCardToken", nil},
	{"AddSale", saleRequest("DefaultCard2Token", noSuchCard), "InvalidDefaultCard2Token", nil},
	{"AddSale", saleRequest("DefaultCard3Token", `"x"`), "InvalidDefaultCard3Token", nil},
	{"AddSale", saleRequest("CustomerCode", `"B"`), "InvalidCardToken", nil},
	{"AddSale", saleRequest("DealerCustomerTypeId", `"1000"`), "InvalidDealerCustomerTypeId", nil},
	{"AddSale", saleRequest("Currency", `"TRY"`), "InvalidCurrencyCode", nil},
	{"AddSale", saleRequest(), "SaleCodeAlreadyUsing", []string{"duplicate-sale-code=refuse"}},
	{"UpdateSale", `{"SaleCode":"s1","Amount":"1,5"}`, "InvalidRequest", nil},
	{"UpdateSale", `{"Amount":"1"}`, "SaleCodeOrDealerSaleIdMustBeGiven", nil},
	{"UpdateSale", `{"SaleCode":"zz"}`, "DealerSaleNotFound", nil},
	{"UpdateSale", `{"SaleCode":"zz","DealerSaleId":1003}`, "SaleCodeDoesntMatchDealerSaleId", nil},
	{"UpdateSale", `{"SaleCode":"s1","SaleDate":""}`, "SaleDateIsRequired", nil},
	{"UpdateSale", `{"SaleCode":"s1","BeginDate":""}`, "BeginDateIsRequired", nil},
	{"UpdateSale", `{"SaleCode":"s1","DefaultCard1Token":""}`, "DefaultCard1TokenIsRequired", nil},
	{"UpdateSale", `{"SaleCode":"s1","ProductCode":"Z"}`, "DealerProductIdNotFound", nil},
	{"UpdateSale", `{"SaleCode":"s1","ProductCode":"P","DealerProductId":1010}`, "ProductCodeDoesntMatchDealerProductId", nil},
	{"UpdateSale", `{"SaleCode":"s1","CustomerCode":"Z"}`, "DealerCustomerIdNotFound", nil},
	{"UpdateSale", `{"SaleCode":"s1","CustomerCode":"A","DealerCustomerId":1034}`, "CustomerCodeDoesntMatchDealerCustomerId", nil},
	{"UpdateSale", `{"SaleCode":"s1","SaleDate":"20270109"}`, "SaleDateAlreadyPassed", nil},
	{"UpdateSale", `{"SaleCode":"s1","BeginDate":"20270109"}`, "BeginDateAlreadyPassed", nil},
	{"UpdateSale", `{"SaleCode":"s1","EndDate":"20270109"}`, "EndDateAlreadyPassed", nil},
	{"UpdateSale", `{"SaleCode":"s1","EndDate":"20270111"}`, "BeginSaleEndDateException", nil},
	{"UpdateSale", `{"SaleCode":"s1","DealerSaleScheduleId":"9"}`, "DealerSaleScheduleNotFound", nil},
	{"UpdateSale", `{"SaleCode":"manual","PlanType":"1"}`, "DealerSaleScheduleIdIsRequired", nil},
	{"UpdateSale", `{"SaleCode":"s1","DefaultCard1Token":` + noSuchCard + `}`, "InvalidCardToken", nil},
	{"UpdateSale", `{"SaleCode":"s1","DefaultCard2Token":` + noSuchCard + `}`, "InvalidDefaultCard2Token", nil},
	{"UpdateSale", `{"SaleCode":"s1","DefaultCard3Token":` + noSuchCard + `}`, "InvalidDefaultCard3Token", nil},
	{"UpdateSale", `{"SaleCode":"s1","CustomerCode":"B"}`, "InvalidCardToken", nil},
	{"UpdateSale", `{"SaleCode":"s1","DealerCustomerTypeId":"1000"}`, "InvalidDealerCustomerTypeId", nil},
	{"UpdateSale", `{"SaleCode":"s1","Currency":"tl"}`, "InvalidCurrencyCode", nil},
	{"DeleteSale", `{"DealerSaleId":"x"}`, "InvalidRequest", nil},
	{"DeleteSale", `{}`, "SaleCodeOrDealerSaleIdMustBeGiven", nil},
	{"DeleteSale", `{"SaleCode":"zz"}`, "DealerSale.DeleteDealer.DealerSaleNotFund", nil},
	{"DeleteSale", `{"SaleCode":"zz","DealerSaleId":1003}`, "DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId", nil},
	{"GetSale", `{"DealerSaleId":"x"}`, "InvalidRequest", nil},
	{"GetSale", `{}`, "SaleCodeOrDealerSaleIdMustBeGiven", nil},
	{"GetSale", `{"SaleCode":"zz"}`, "DealerSaleNotFound", nil},
	{"GetSale", `{"SaleCode":"zz","DealerSaleId":1003}`, "SaleCodeDoesntMatchDealerSaleId", nil},
	{"GetSaleList", `""`, "InvalidRequest", nil},
}

// stepRequest is a good AddPaymentPlan for the sale "manual", edited like
// saleRequest.
func stepRequest(changes ...string) string {
	return edit([]string{"SaleCode", `"manual"`, "PaymentDate", `"20270120"`, "Amount", `"25.45"`, "Currency", `"TL"`, "InstallmentNumber", `"1"`}, changes)
}

const inJanuary = `"PaymentPlanPaymentDateStart":"20270101","PaymentPlanPaymentDateEnd":"20270131"`

// stepCases are those of the payment steps, with step 5001 of sale "manual" due
// on 20 January, 5002 due today, and 5003, an automatic one of today.
var stepCases = []codeCase{
	{"AddPaymentPlan", stepRequest("Amount", `"-1"`), "InvalidRequest", nil},
	{"AddPaymentPlan", stepRequest("PaymentDate", `"2027-01-20"`), "InvalidRequest", nil},
	{"AddPaymentPlan", stepRequest("InstallmentNumber", `13`), "InvalidRequest", nil},
	{"AddPaymentPlan", stepRequest("SaleCode", ``, "DealerPaymentPlanId", `5001`), "SaleCodeOrDealerSaleIdMustBeGiven", nil},
	{"AddPaymentPlan", stepRequest("SaleCode", `"zz"`), "DealerSaleNotFound", nil},
	{"AddPaymentPlan", stepRequest("DealerSaleId", `1003`), "SaleCodeDoesntMatchDealerSaleId", nil},
	{"AddPaymentPlan", stepRequest("PaymentDate", `""`), "PaymentDateIsRequired", nil},
	{"AddPaymentPlan", stepRequest("Amount", ``), "AmountIsRequired", nil},
	{"AddPaymentPlan", stepRequest("PaymentDate", `"20270109"`), "PaymentDatePassed", nil},
	{"AddPaymentPlan", stepRequest("PaymentDate", `"20270110"`), "PaymentDatePassed", []string{"step-today=passed"}},
	{"AddPaymentPlan", stepRequest("Currency", `"TRY"`), "InvalidCurrencyCode", nil},
	{"AddPaymentPlan", stepRequest("SaleCode", `"s1"`), "PlanTypeNotManual", []string{"add-step-automatic=refuse"}},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":5001,"Amount":"1,5"}`, "InvalidRequest", nil},
	{"UpdatePaymentPlan", `{"Amount":"1"}`, "DealerPaymentPlanIdIsRequired", nil},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":9}`, "PaymentPlanNotFound", nil},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":5001,"PaymentDate":""}`, "PaymentDateIsRequired", nil},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":5001,"PaymentDate":"20270109"}`, "PaymentDatePassed", nil},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":5002,"Amount":"1"}`, "PaymentDatePassed", []string{"step-today=passed"}},
	{"UpdatePaymentPlan", `{"DealerPaymentPlanId":5001,"Currency":"try"}`, "InvalidCurrencyCode", nil},
	{"DeletePaymentPlan", `{"DealerPaymentPlanId":{}}`, "InvalidRequest", nil},
	{"DeletePaymentPlan", `{"DealerPaymentPlanId":""}`, "DealerPaymentPlanIdIsRequired", nil},
	{"DeletePaymentPlan", `{"DealerPaymentPlanId":9}`, "PaymentPlanNotFound", nil},
	{"DeletePaymentPlan", `{"DealerPaymentPlanId":5003}`, "PaymentPlanNotFound", nil},
	{"DeletePaymentPlan", `{"DealerPaymentPlanId":5002}`, "PaymentDatePassed", []string{"step-today=passed"}},
	{"GetPaymentPlan", `{"DealerPaymentPlanId":true}`, "InvalidRequest", nil},
	{"GetPaymentPlan", `{}`, "DealerPaymentPlanIdIsRequired", nil},
	{"GetPaymentPlan", `{"DealerPaymentPlanId":9}`, "PaymentPlanNotFound", nil},
	{"GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"1 May","PaymentPlanPaymentDateEnd":"20270131"}`, "InvalidRequest", nil},
	{"GetPaymentPlanList", `{` + inJanuary + `}`, "SaleCodeOrDealerSaleIdMustBeGiven", nil},
	{"GetPaymentPlanList", `{"SaleCode":"zz",` + inJanuary + `}`, "DealerSaleNotFound", nil},
	{"GetPaymentPlanList", `{"SaleCode":"zz","DealerSaleId":1003,` + inJanuary + `}`, "SaleCodeDoesntMatchDealerSaleId", nil},
	{"GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateEnd":"20270131"}`, "PaymentPlanPaymentDateStartIsRequired", nil},
	{"GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"20270101"}`, "PaymentPlanPaymentDateEndIsRequired", nil},
	{"GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"20280101","PaymentPlanPaymentDateEnd":"20280101"}`, "NoDataFound", nil},
	{"GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"20280101","PaymentPlanPaymentDateEnd":"20280101"}`, "PaymentPlanNotFound", []string{"empty-list=not-found"}},
	{"GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":[]}`, "InvalidRequest", nil},
	{"GetPaymentPlanHistoryList", `{}`, "DealerPaymentPlanIdIsRequired", nil},
	{"GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":9}`, "PaymentPlanNotFound", nil},
	{"GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5001}`, "NoDataFound", nil},
	{"GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5001}`, "PaymentPlanHistoryNotFound", []string{"empty-list=not-found"}},
	{"GetPaymentPlanReport", `{"PaymentPlanPaymentDateStart":[],"PaymentPlanPaymentDateEnd":"20270131"}`, "InvalidRequest", nil},
	{"GetPaymentPlanReport", `{}`, "PaymentPlanPaymentDateStartIsRequired", nil},
	{"GetPaymentPlanReport", `{"PaymentPlanPaymentDateStart":"20270101"}`, "PaymentPlanPaymentDateEndIsRequired", nil},
	{"GetPaymentPlanReport", `{"PaymentPlanPaymentDateStart":"20280101","PaymentPlanPaymentDateEnd":"20271231"}`, "NoDataFound", nil},
}

// stepShop is the account of stepCases, on the morning of 10 January.
func stepShop(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := shop(t)
	s.SetClock(testNow.AddDate(0, 0, -1))
	must(t, s, "AddSale", saleRequest())
	must(t, s, "AddSale", saleRequest("SaleCode", `"manual"`, "PlanType", `"2"`))
	must(t, s, "AddPaymentPlan", stepRequest())
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270110"`))
	must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":3,"DaysOfMonth":"10"}`)
	must(t, s, "AddSale", saleRequest("SaleCode", `"due"`, "DealerSaleScheduleId", `"1006"`, "BeginDate", `"20270110"`))
	s.SetClock(testNow)
	if err := s.SetSwitches(parseSwitches(t, settings...)...); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStepCodes(t *testing.T) {
	for _, c := range stepCases {
		s := stepShop(t, c.settings...)
		before, _ := json.Marshal(snapshot(s.account(DefaultDealerCode).truth))
		r := ask(t, s, c.method, c.request)
		if want := "DealerSale." + c.method + "." + c.code; r.ResultCode != want || string(r.Data) != "null" || r.status != 200 {
			t.Errorf("%s %s: got %d %s, want %s", c.method, c.request, r.status, r.text, want)
		}
		if after, _ := json.Marshal(snapshot(s.account(DefaultDealerCode).truth)); string(after) != string(before) {
			t.Errorf("%s %s: the refused call changed something", c.method, c.request)
		}
	}
}

// emptyListCases are the codes of lists with nothing in them.
var emptyListCases = []struct{ method, setting, code string }{
	{"GetCustomerList", "no-data-found", "NoDataFound"}, {"GetCustomerList", "not-found", "DealerCustomerNotFound"},
	{"GetProductList", "no-data-found", "NoDataFound"}, {"GetProductList", "not-found", "ProductNotFound"},
	{"GetScheduleList", "no-data-found", "NoDataFound"}, {"GetScheduleList", "not-found", "ScheduleNotFound"},
	{"GetSaleList", "no-data-found", "NoDataFound"}, {"GetSaleList", "not-found", "DealerSaleNotFound"},
}

func TestCodes(t *testing.T) {
	provoked := map[string]bool{}
	for _, c := range codeCases {
		s := shop(t, c.settings...)
		must(t, s, "AddProduct", `{"ProductCode":"Q","ProductName":"Silver"}`)
		must(t, s, "AddSale", saleRequest())
		must(t, s, "AddSale", saleRequest("SaleCode", `"manual"`, "PlanType", `"2"`))
		must(t, s, "AddCard", `{"CustomerCode":"B","CardNumber":"5127541122223333","ExpMonth":"01","ExpYear":"2030"}`)
		before := s.Ledger()
		code := c.code
		if !strings.Contains(code, ".") {
			_, family := pathOf(c.method)
			code = family + "." + c.method + "." + code
		}
		r := ask(t, s, c.method, c.request)
		if r.ResultCode != code || string(r.Data) != "null" || r.ResultMessage != "" || r.Exception != nil || r.status != 200 {
			t.Errorf("%s %s: got %d %s, want %s", c.method, c.request, r.status, r.text, code)
		}
		if after := s.Ledger(); before.Counts != after.Counts || after.Writes["DealerSale.AddSale"] != 2 {
			t.Errorf("%s %s: the refused call changed something", c.method, c.request)
		}
		provoked[code] = true
	}
	for _, c := range stepCases { // provoked in TestStepCodes
		provoked["DealerSale."+c.method+"."+c.code] = true
	}
	for _, c := range emptyListCases {
		_, family := pathOf(c.method)
		code := family + "." + c.method + "." + c.code
		s := newSandbox(t, "empty-list="+c.setting)
		wantCode(t, s, c.method, "null", code)
		provoked[code] = true
	}
	for _, code := range documentedCodes {
		if !provoked[code] {
			t.Errorf("no case provokes the documented code %s", code)
		}
	}
	for path, op := range operations {
		if !slices.ContainsFunc(slices.Concat(codeCases, stepCases), func(c codeCase) bool { return c.method == op.method }) {
			t.Errorf("%s has no case", path)
		}
	}
}

// A customer without cards is a list with nothing in it as well.
func TestCardListOfNobody(t *testing.T) {
	for setting, code := range map[string]string{"no-data-found": "NoDataFound", "not-found": "CardNotFound", "success": "Success"} {
		s := shop(t, "empty-list="+setting)
		wantCode(t, s, "GetCardList", `{"CustomerCode":"A"}`, code)
	}
}

// When several things are wrong, the code that the page lists first is answered.
func TestOrderOfChecks(t *testing.T) {
	s := shop(t)
	wrong := []string{
		"Currency", `"XX"`, "DealerCustomerTypeId", `"1000"`, "DefaultCard1Token", noSuchCard, "DealerSaleScheduleId", `"9"`,
		"EndDate", `"20260103"`, "BeginDate", `"20260102"`, "SaleDate", `"20260101"`, "CustomerCode", `"Z"`, "ProductCode", `"Z"`,
	}
	codes := []string{
		"InvalidCurrencyCode", "InvalidDealerCustomerTypeId", "InvalidCardToken", "DealerSaleScheduleNotFound",
		"EndDateAlreadyPassed", "BeginDateAlreadyPassed", "SaleDateAlreadyPassed", "DealerCustomerIdNotFound", "DealerProductIdNotFound",
	}
	for i, code := range codes {
		wantCode(t, s, "AddSale", saleRequest(wrong[:2*i+2]...), code)
	}
}
