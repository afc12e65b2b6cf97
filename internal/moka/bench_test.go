package moka

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
)

// answeringInProcess answers every call with one body.
func answeringInProcess(b *testing.B, body []byte) *Client {
	header := http.Header{"Content-Type": {"application/json"}, "Date": {"Fri, 01 Jan 2027 10:00:00 GMT"}}
	c, err := NewClient(Options{BaseURL: "http://localhost", Credentials: dealer, HTTP: roundTripper(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(body))}, err
	})})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// oneSale is a sale as AddSale answers it (moka-api 2.20).
const oneSale = `{"DealerSaleId":1003,"SaleCode":"satis","DealerCustomerId":1033,"CustomerCode":"Müşteri","DealerProductId":1009,"ProductCode":"Product01","Amount":149.90,` +
	`"Currency":"TL","InstallmentNumber":1,"DealerSaleScheduleId":1005,"SaleDate":"20310101","BeginDate":"20310115","EndDate":"","HowManyTrial":1,"Description":"","PlanType":1,` +
	`"DealerCustomerTypeId":0,"DefaultCard1Token":"9de41bb0-e82f-4670-b36b-d71ff27a3111","DefaultCard2Token":"","DefaultCard3Token":""}`

// BenchmarkAddSale makes a call without network or simulator: what is measured is the client's own work.
func BenchmarkAddSale(b *testing.B) {
	c := answeringInProcess(b, []byte(`{"Data":`+oneSale+`,"ResultCode":"Success","ResultMessage":"","Exception":null}`))
	b.ReportAllocs()
	for b.Loop() {
		if err := addSale(context.Background(), c); err != nil {
			b.Fatal(err)
		}
	}
}
