package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oddMoka answers with rows that no documented call can make, and that Moka may have all the same: an account is older than its documentation.
type oddMoka struct {
	customers, products, schedules, sales, steps []wire
	cards                                        map[int][]wire // by the customer's number
}

func (o *oddMoka) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body) // a request that breaks off is answered as one without members
	var request map[string]map[string]string
	json.Unmarshal(text, &request) // numbers come quoted
	var data any
	list := func(count, name string, rows []wire) { data = wire{count: len(rows), name: append([]wire{}, rows...)} }
	switch op := strings.TrimPrefix(r.URL.Path, "/"); op {
	case "DealerCustomer/GetCustomerList":
		list("DealerCustomerListCount", "DealerCustomerList", o.customers)
	case "DealerCustomer/GetCardList":
		var id int
		fmt.Sscan(request["DealerCustomerRequest"]["DealerCustomerId"], &id)
		list("CardListCount", "CardList", o.cards[id])
	case "DealerCustomer/GetCard":
		data = o.card(strings.ToLower(strings.Trim(request["DealerCustomerRequest"]["CardToken"], "{}")))
	case "DealerSale/GetProductList":
		list("ProductListCount", "ProductList", o.products)
	case "DealerSale/GetScheduleList":
		list("SaleScheduleListCount", "SaleScheduleList", o.schedules)
	case "DealerSale/GetSaleList":
		list("DealerSaleListCount", "DealerSaleList", o.sales)
	case "DealerSale/GetPaymentPlanReport", "DealerSale/GetPaymentPlanList":
		list("PaymentPlanListCount", "PaymentPlanList", o.steps)
	default:
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(wire{"Data": data, "ResultCode": "Success", "ResultMessage": "", "Exception": nil})
}

func (o *oddMoka) card(token string) any {
	for _, c := range o.customers {
		for _, card := range o.cards[c["DealerCustomerId"].(int)] {
			if card["CardToken"] == token {
				return wire{"DealerCustomer": c, "CardListCount": 1, "CardList": []wire{card}}
			}
		}
	}
	return nil
}

const oddToken = "9de41bb0-e82f-4670-b36b-d71ff27a3111"

// oddSale is a good sale but for what is said.
func oddSale(id int, code string, but wire) wire {
	sale := wire{"DealerSaleId": id, "SaleCode": code, "DealerCustomerId": 1, "CustomerCode": "elif", "DealerProductId": 1, "ProductCode": "gold", "Amount": 10, "Currency": "TL", "InstallmentNumber": 1,
		"DealerSaleScheduleId": 1, "SaleDate": "20200101", "BeginDate": "20200101", "EndDate": "20990101", "HowManyTrial": 1, "Description": "", "PlanType": 1, "DealerCustomerTypeId": 0, "DefaultCard1Token": oddToken}
	for member, value := range but {
		sale[member] = value
	}
	return sale
}

// Each oddity has a manifest that says what can be said, with a comment on what cannot, or is named as left out; what is written is valid, and both plans are empty.
func TestImportOdd(t *testing.T) {
	moka := &oddMoka{
		customers: []wire{
			{"DealerCustomerId": 1, "CustomerCode": "elif", "FirstName": "Elif", "Gender": 3, "BirthDate": "1990", "Email": "elif at home", "Address": strings.Repeat("uzun ", 90), "LastName": "a\ufffeb"},
			{"DealerCustomerId": 2, "CustomerCode": "Elif", "FirstName": "Elif", "Email": "elif@localhost", "BirthDate": "19900230"},
			{"DealerCustomerId": 3, "CustomerCode": ""},
			{"DealerCustomerId": 4, "CustomerCode": " ada"},
			{"DealerCustomerId": 5, "CustomerCode": "caf\u00e9"},
			{"DealerCustomerId": 6, "CustomerCode": "cafe\u0301"},
			{"DealerCustomerId": 7, "CustomerCode": strings.Repeat("ş", 101)},
		},
		cards: map[int][]wire{
			1: {{"CardToken": oddToken, "CardName": strings.Repeat("x", 51), "BankName": "GARANTİ"}, {"CardToken": "not-a-guid", "CardName": "x"}},
			3: {{"CardToken": "7e57ca4d-0000-4000-8000-000000000001", "CardName": "", "BankName": ""}},
		},
		products: []wire{{"DealerProductId": 1, "ProductCode": "gold", "ProductName": "Gold"}, {"DealerProductId": 2, "ProductCode": "gold2", "ProductName": "GOLD"}, {"DealerProductId": 3, "ProductCode": "gold3", "ProductName": "Gold"},
			{"DealerProductId": 4, "ProductCode": "nameless", "ProductName": ""}, {"DealerProductId": 5, "ProductCode": strings.Repeat("p", 2<<20), "ProductName": "Long"}},
		schedules: []wire{
			{"DealerSaleScheduleId": 1, "ScheduleName": "Aylık", "DailyWeeklyMonthly": 3, "EveryX": 1, "DaysOfMonth": "15", "DaysOfWeek": ""},
			{"DealerSaleScheduleId": 2, "ScheduleName": "Aylık", "DailyWeeklyMonthly": 3, "EveryX": 0, "DaysOfMonth": " 31, 1", "DaysOfWeek": "1"},
			{"DealerSaleScheduleId": 3, "ScheduleName": "", "DailyWeeklyMonthly": 4, "EveryX": 1},
			{"DealerSaleScheduleId": 4, "ScheduleName": "", "DailyWeeklyMonthly": 2, "EveryX": 1, "DaysOfWeek": "1,8"},
		},
		sales: []wire{
			oddSale(1, "past", nil),
			oddSale(2, "pounds", wire{"Currency": "GBP", "InstallmentNumber": 0, "HowManyTrial": 0}),
			oddSale(3, "places", wire{"Amount": json.Number("10.005")}),
			oddSale(4, "free", wire{"Amount": 0}),
			oddSale(5, "no-begin", wire{"BeginDate": "soon"}),
			oddSale(6, "ends-first", wire{"EndDate": "20190101"}),
			oddSale(7, "sold-later", wire{"SaleDate": "20210101"}),
			oddSale(8, "sold-never", wire{"SaleDate": ""}),
			oddSale(9, "cardless", wire{"DefaultCard1Token": ""}),
			oddSale(10, "requests", wire{"DefaultCard1Token": nil, "DealerCustomerTypeId": 7}),
			oddSale(11, "second-card", wire{"DefaultCard1Token": "", "DefaultCard2Token": oddToken}),
			oddSale(12, "same-cards", wire{"DefaultCard2Token": oddToken}),
			oddSale(13, "others-card", wire{"DealerCustomerId": 2, "CustomerCode": "Elif"}),
			oddSale(14, "gone", wire{"DealerCustomerId": 99, "CustomerCode": "was", "DealerProductId": 99, "ProductCode": "was", "DealerSaleScheduleId": 99, "DefaultCard1Token": "{7E57CA4D-0000-4000-8000-000000000009}"}),
			oddSale(15, "taken-anew", wire{"DealerCustomerId": 98, "DealerProductId": 98}),
			oddSale(16, "codeless-customer", wire{"DealerCustomerId": 3, "CustomerCode": "", "DefaultCard1Token": "7e57ca4d-0000-4000-8000-000000000001"}),
			oddSale(17, "manual", wire{"PlanType": 2, "DealerSaleScheduleId": 5}),
			oddSale(18, "no-schedule", wire{"DealerSaleScheduleId": 0}),
			oddSale(19, "plan-9", wire{"PlanType": 9}),
			oddSale(20, "bare", wire{"CustomerCode": nil, "DealerCustomerId": nil}),
			oddSale(21, "twice", nil), oddSale(22, "twice", nil),
			oddSale(23, "", nil),
			oddSale(24, "Past", wire{"Description": "kart 4111 1111 1111 1111", "EndDate": ""}),
			oddSale(25, "bad-customer", wire{"DealerCustomerId": 4, "CustomerCode": " ada"}),
			oddSale(26, "manual-steps", wire{"PlanType": 2, "DealerSaleScheduleId": 0}),
			oddSale(27, "quoted", wire{"Amount": "10.50", "DealerSaleScheduleId": "1", "PlanType": "1"}),
			oddSale(28, "4111 1111 1111 1111", nil),
		},
		steps: []wire{
			{"DealerPaymentPlanId": 1, "DealerSaleId": 26, "SaleCode": "manual-steps", "PaymentDate": "20990101", "Amount": 5, "Currency": "GBP", "InstallmentNumber": 0, "IsManualPlan": true, "PlanStatus": 0},
			{"DealerPaymentPlanId": 2, "DealerSaleId": 26, "SaleCode": "manual-steps", "PaymentDate": "20200101", "Amount": 5, "Currency": "TL", "IsManualPlan": true, "PlanStatus": 1},
			{"DealerPaymentPlanId": 3, "DealerSaleId": 22, "SaleCode": "twice", "PaymentDate": "20990101", "Amount": 5, "Currency": "TL", "InstallmentNumber": 2, "IsManualPlan": true, "PlanStatus": 0},
			{"DealerPaymentPlanId": 4, "DealerSaleId": 1, "SaleCode": "past", "PaymentDate": "20990101", "Amount": 5, "Currency": "TL", "InstallmentNumber": 1, "IsManualPlan": false, "PlanStatus": 0},
			{"DealerPaymentPlanId": 5, "DealerSaleId": 1, "SaleCode": "past", "PaymentDate": "20990102", "Amount": 5, "Currency": "TL", "InstallmentNumber": 1, "IsManualPlan": true, "PlanStatus": 0},
		},
	}
	server := httptest.NewServer(moka)
	defer server.Close()
	w := &world{t: t, folder: filepath.Join(t.TempDir(), "billing"), env: map[string]string{
		"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": "1731", "MOKA_USERNAME": "u", "MOKA_PASSWORD": "p", "TMPDIR": t.TempDir()}}
	var got struct {
		Summary    map[string]int
		Accepted   map[string]int
		NotManaged []struct{ Address, Field string }
		LeftOut    []struct {
			Kind, Code string
			ID         int
		}
	}
	if err := json.Unmarshal([]byte(w.run(0, "import", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	w.run(0, "validate")
	w.settled()
	w.run(0, "fmt", "--check")

	var lines bytes.Buffer
	fmt.Fprintln(&lines, got.Summary, got.Accepted)
	for _, x := range got.NotManaged {
		fmt.Fprintln(&lines, x.Address, x.Field)
	}
	for _, x := range got.LeftOut {
		fmt.Fprintln(&lines, x.Kind, x.ID)
	}
	if diff := cmp.Diff(oddOutcome, lines.String()); diff != "" {
		t.Errorf("want -, got +:\n%s\n%s", diff, manifestsIn(w.folder))
	}
	if text := manifestsIn(w.folder); strings.Contains(text, "4111") {
		t.Errorf("a card number is written:\n%s", text)
	}
}

const oddOutcome = `map[card:2 customer:2 paymentstep:2 product:2 sale:17 schedule:2] map[card-owner:1 code-form:2 days-29-31:1 email-domain:1 open-end:2 product-name-form:1 sale-date-order:1]
customer/elif gender
customer/elif birthDate
customer/elif email
customer/elif address
customer/Elif-2 birthDate
schedule/aylik-2 every
schedule/aylik-2 daysOfWeek
card/elif-garanti cardName
sale/pounds currency
sale/pounds howManyTrial
sale/ends-first endDate
sale/manual schedule
sale/plan-9 planType
sale/Past-2 description
paymentstep/manual-steps-2099-01-01 currency
customer 3
customer 4
customer 5
customer 6
customer 7
product 3
product 4
product 5
schedule 3
schedule 4
card 0
sale 3
sale 4
sale 5
sale 9
sale 12
sale 18
sale 20
sale 21
sale 22
sale 23
sale 28
paymentstep 5
`
