package moka

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// authentication is how the samples authenticate, for the dealer of these tests.
const authentication = `{
	"DealerCode": "1731",
	"Username": "ApiUserDemo",
	"Password": "S3cretDemo",
	"CheckKey": "e4f847ef42427d65f5d343ef5937415024a9bb9e516c5879c17dcf8bd4221c14"
}`

// Requests are the documentation's samples byte for byte, apart from blanks between them.
func TestRequestsLookLikeTheSamples(t *testing.T) {
	for _, row := range []struct {
		op     Op
		what   Record
		sample string
	}{
		{AddCustomer, Record{{"CustomerCode", "Customer"}, {"Password", "Elif1234"}, {"FirstName", "Elif"}, {"LastName", "Yetimoğlu"}, {"Gender", "2"}, {"BirthDate", "19901218"},
			{"GsmNumber", "5301111111"}, {"Email", "elif.y@moka.com"}, {"Address", "TAŞDELEN"}},
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Yetimoğlu", "Gender": "2",
			"BirthDate": "19901218", "GsmNumber": "5301111111", "Email": "elif.y@moka.com", "Address": "TAŞDELEN"}}`},
		{UpdateCustomer, Record{{"DealerCustomerId", ""}, {"CustomerCode", "Customer"}, {"Password", "Elif1234"}, {"FirstName", "Elif"}, {"LastName", "Y"}, {"Gender", "2"},
			{"BirthDate", "19850710"}, {"GsmNumber", "5301111111"}, {"Email", "elif.y@moka.com"}},
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"DealerCustomerId": "", "CustomerCode": "Customer", "Password": "Elif1234", "FirstName": "Elif", "LastName": "Y",
			"Gender": "2", "BirthDate": "19850710", "GsmNumber": "5301111111", "Email": "elif.y@moka.com"}}`},
		{UpdateCard, Record{{"CardToken", "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}, {"CardName", "Bonus kartım"}},
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CardToken": "{51937236-82E0-4637-A8F5-2E1EC56EC870}", "CardName": "Bonus kartım"}}`},
		{UpdateSchedule, Record{{"ScheduleName", "newschedule"}, {"DailyWeeklyMonthly", "3"}, {"EveryX", "1"}, {"DaysOfWeek", ""}, {"DaysOfMonth", "15"}},
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"ScheduleName": "newschedule", "DailyWeeklyMonthly": "3", "EveryX": "1", "DaysOfWeek": "", "DaysOfMonth": "15"}}`},
		{AddSale, Record{{"CustomerCode", "Customer"}, {"DealerCustomerId", ""}, {"ProductCode", "Product01"}, {"DealerProductId", ""}, {"SaleCode", "satis"}, {"Amount", "0.01"},
			{"Currency", "TL"}, {"InstallmentNumber", "1"}, {"DealerSaleScheduleId", "1005"}, {"BeginDate", "20170821"}, {"EndDate", "20171230"}, {"HowManyTrial", "1"}, {"Description", ""},
			{"PlanType", "1"}, {"DealerCustomerTypeId", ""}, {"DefaultCard1Token", "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}"}, {"DefaultCard2Token", ""}, {"DefaultCard3Token", ""},
			{"SaleDate", "20170821"}},
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"CustomerCode": "Customer", "DealerCustomerId": "", "ProductCode": "Product01", "DealerProductId": "", "SaleCode": "satis",
			"Amount": "0.01", "Currency": "TL", "InstallmentNumber": "1", "DealerSaleScheduleId": "1005", "BeginDate": "20170821", "EndDate": "20171230", "HowManyTrial": "1", "Description": "",
			"PlanType": "1", "DealerCustomerTypeId": "", "DefaultCard1Token": "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}", "DefaultCard2Token": "", "DefaultCard3Token": "", "SaleDate": "20170821"}}`},
		{AddProduct, Record{{"ProductName", `Gold & <b>"more"</b>`}, {"ProductCode", "Product01"}},
			`{"DealerSaleAuthentication": AUTH, "DealerSaleRequest": {"ProductName": "Gold & <b>\"more\"</b>", "ProductCode": "Product01"}}`},
		{GetCustomer, Record{{"CustomerCode", "Customer"}},
			`{"DealerCustomerAuthentication": AUTH, "DealerCustomerRequest": {"CustomerCode": "Customer"}}`},
		{GetSaleList, nil, `{"DealerSaleAuthentication": AUTH}`},
		{GetCustomerList, nil, `{"DealerCustomerAuthentication": AUTH}`},
	} {
		got, err := encodeRequest(row.op, dealer.member(), row.what)
		if err != nil {
			t.Errorf("%s: %v", row.op, err)
			continue
		}
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(strings.Replace(row.sample, "AUTH", authentication, 1))); err != nil {
			t.Fatal(err)
		}
		if string(got) != want.String() {
			t.Errorf("%s:\n got %s\nwant %s", row.op, got, want.String())
		}
	}
}

// Each method posts to its own path, and asks by what it was given.
func TestCallsGoToTheirPath(t *testing.T) {
	const token = "9de41bb0-e82f-4670-b36b-d71ff27a3111"
	key := Record{{"CustomerCode", "Customer"}}
	var method, path, body string
	c := newTestClient(t, "http://localhost/base/", func(o *Options) {
		o.Attempts = 1
		o.HTTP = roundTripper(func(r *http.Request) (*http.Response, error) {
			b, _ := io.ReadAll(r.Body)
			method, path, body = r.Method, r.URL.String(), string(b)
			return responding(failure("EX")), nil
		})
	})
	ctx := t.Context()
	each, _ := collect()
	for _, row := range []struct {
		op   Op
		call func() error
		asks string
	}{
		{GetCustomer, func() error { _, err := c.GetCustomer(ctx, key); return err }, `{"CustomerCode":"Customer"}`},
		{GetCustomerList, func() error { return c.GetCustomerList(ctx, each) }, ""},
		{GetCard, func() error { _, _, err := c.GetCard(ctx, token); return err }, `{"CardToken":"{9DE41BB0-E82F-4670-B36B-D71FF27A3111}"}`},
		{GetCardList, func() error { return c.GetCardList(ctx, key, each) }, `{"CustomerCode":"Customer"}`},
		{GetProductList, func() error { return c.GetProductList(ctx, each) }, ""},
		{GetScheduleList, func() error { return c.GetScheduleList(ctx, each) }, ""},
		{GetSchedule, func() error { _, err := c.GetSchedule(ctx, 1005); return err }, `{"DealerSaleScheduleId":"1005"}`},
		{GetSale, func() error { _, err := c.GetSale(ctx, Record{{"SaleCode", "satis"}}); return err }, `{"SaleCode":"satis"}`},
		{GetSaleList, func() error { return c.GetSaleList(ctx, each) }, ""},
		{GetProductList, func() error { return c.Prove(ctx) }, ""},
		{AddCustomer, func() error { _, err := c.AddCustomer(ctx, key); return err }, `{"CustomerCode":"Customer"}`},
		{UpdateCustomer, func() error { _, err := c.UpdateCustomer(ctx, key); return err }, `{"CustomerCode":"Customer"}`},
		{UpdateCard, func() error { _, _, err := c.UpdateCard(ctx, Record{{"CardToken", "{X}"}}); return err }, `{"CardToken":"{X}"}`},
		{AddProduct, func() error { _, err := c.AddProduct(ctx, Record{{"ProductCode", "p"}}); return err }, `{"ProductCode":"p"}`},
		{AddSchedule, func() error { _, err := c.AddSchedule(ctx, Record{{"ScheduleName", "s"}}); return err }, `{"ScheduleName":"s"}`},
		{UpdateSchedule, func() error { _, err := c.UpdateSchedule(ctx, Record{{"DealerSaleScheduleId", "5"}}); return err }, `{"DealerSaleScheduleId":"5"}`},
		{AddSale, func() error { _, err := c.AddSale(ctx, Record{{"SaleCode", "s"}}); return err }, `{"SaleCode":"s"}`},
	} {
		method, path, body = "", "", ""
		if err := row.call(); err == nil {
			t.Errorf("%s: EX is no error", row.op)
		}
		if method != "POST" || path != "http://localhost/base/"+string(row.op) {
			t.Errorf("%s: %s %s", row.op, method, path)
		}
		want := `"` + row.op.Family() + `Request":` + row.asks + "}"
		if row.asks == "" {
			if strings.Contains(body, "Request") {
				t.Errorf("%s asks for something: %s", row.op, body)
			}
		} else if !strings.HasSuffix(body, want) {
			t.Errorf("%s: %s, want the end %s", row.op, body, want)
		}
	}
}

// FuzzAppendString: a text is written as encoding/json writes it, and the short way for most texts is the same way.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "TAŞDELEN", `a"b\c`, "<&>", "\u2028", "€ – \u2029", "\x7f\x00\t", "\xff", "\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if got := string(appendString(nil, s)) + "\n"; got != want.String() {
			t.Errorf("got %q, want %q", got, want.String())
		}
	})
}
