package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// paths are the services' addresses in a fixed order.
func paths() []string {
	var list []string
	for path := range operations {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

// checkEnvelope holds for every answer to a POST: four members, no data with a
// failure, and a code of the service or Success.
func checkEnvelope(t *testing.T, op *operation, text string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var e struct {
		Data                      json.RawMessage
		ResultCode, ResultMessage *string
		Exception                 json.RawMessage
	}
	if err := dec.Decode(&e); err != nil || e.Data == nil || e.ResultCode == nil || e.ResultMessage == nil || e.Exception == nil {
		t.Fatalf("%s answered %q, no envelope: %v", op.name(), text, err)
	}
	failed := *e.ResultCode != "Success"
	if failed != (string(e.Data) == "null") {
		t.Errorf("%s answered %s", op.name(), text)
	}
	if failed && !strings.HasPrefix(*e.ResultCode, op.family+".") {
		t.Errorf("%s answered with the code %s", op.name(), *e.ResultCode)
	}
}

// No body makes the sandbox panic or answer without an envelope.
func FuzzBody(f *testing.F) {
	list := paths()
	for i, path := range list {
		op := operations[path]
		f.Add(uint8(i), []byte(wrap(op.family, saleRequest("DealerSaleId", "1003", "CardToken", `"{`+TestCardToken(1)+`}"`, "ProductName", `"n"`))))
		f.Add(uint8(i), []byte(wrap(op.family, `{"DealerCustomerId":1033,"Email":"a@b.c",`+newCard+`}`)))
	}
	f.Add(uint8(0), []byte(`{"DealerCustomerAuthentication":{"DealerCode":1731`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		path := list[int(which)%len(list)]
		s := shop(t)
		must(t, s, "AddSale", saleRequest())
		_, text := post(s, path, string(body))
		checkEnvelope(t, operations[path], text)
	})
}

// No request of an authenticated caller does either, and the state that it
// leaves can be written to a file and read back.
func FuzzRequest(f *testing.F) {
	list := paths()
	for i := range list {
		f.Add(uint8(i), saleRequest("DealerSaleId", "1003", "Amount", "1e2"))
		f.Add(uint8(i), `{"CustomerCode":"A","CardNumber":"5127541122223332","ExpMonth":"1","ExpYear":"2030","CardName":"\u0000"}`)
		f.Add(uint8(i), `{"DealerSaleScheduleId":1005,"DailyWeeklyMonthly":2,"DaysOfWeek":"1,2","ProductName":"x","ProductCode":"P"}`)
		f.Add(uint8(i), `{"CardToken":"`+TestCardToken(1)+`","CardName":"x"}`)
		f.Add(uint8(i), `{"DealerPaymentPlanId":"5001","SaleCode":"s1","PaymentDate":"20270120","Amount":1,"Currency":"EUR","InstallmentNumber":0,`+inJanuary+`}`)
	}
	f.Fuzz(func(t *testing.T, which uint8, request string) {
		path := list[int(which)%len(list)]
		op := operations[path]
		s := shop(t, "update-sale-omitted=clear", "remove-card=break", "update-customer-code=rename", "update-sale-steps=reach", "delete-sale-steps=drop")
		must(t, s, "AddSale", saleRequest())
		must(t, s, "AddPaymentPlan", stepRequest("SaleCode", `"s1"`))
		_, text := post(s, path, wrap(op.family, request))
		checkEnvelope(t, op, text)
		s.SetClock(istanbulTime(2, 20, 0))

		a := s.account(DefaultDealerCode)
		copied := newState()
		err := a.truth.dump("d", func(r *record) error {
			line, err := new(lineEncoder).encode(r)
			if err != nil {
				return err
			}
			back, err := decodeLine(bytes.TrimSuffix(line, []byte("\n")))
			if err == nil {
				copied.apply(back)
			}
			return err
		})
		if err != nil {
			t.Fatalf("%s %s: %v", path, request, err)
		}
		before, _ := json.Marshal([]any{a.truth.sales.all(), a.truth.steps.all(), a.truth.attempts, a.truth.addedOn})
		after, _ := json.Marshal([]any{copied.sales.all(), copied.steps.all(), copied.attempts, copied.addedOn})
		if !bytes.Equal(before, after) || copied.counts() != a.truth.counts() {
			t.Errorf("%s %s: read back %s, want %s", path, request, after, before)
		}
	})
}

// No data file makes the reader panic; what it leaves of a file, it reads again.
func FuzzDataFile(f *testing.F) {
	var good []byte
	for _, r := range []*record{{Header: &header{Format: dataFormat}}, {Dealer: "d", Products: []*product{{ID: 1, Code: "p"}}}} {
		line, err := new(lineEncoder).encode(r)
		if err != nil {
			f.Fatal(err)
		}
		good = append(good, line...)
	}
	f.Add(good)
	f.Add(good[:len(good)-20])
	f.Add([]byte(sumStart))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(data []byte) (records []*record, whole int64, err error) {
			whole, err = readData(bytes.NewReader(data), func(r *record) error {
				records = append(records, r)
				return nil
			})
			return records, whole, err
		}
		records, whole, err := read(data)
		if err != nil {
			return
		}
		again, rest, err := read(data[:whole])
		if err != nil || len(again) != len(records) || rest != whole {
			t.Fatalf("%d of %d bytes read again: %d records of %d, %v", rest, whole, len(again), len(records), err)
		}
		st := newState()
		for _, r := range records {
			st.apply(r)
		}
	})
}

// The control surface answers JSON to whatever it is sent.
func FuzzControl(f *testing.F) {
	routes := []string{"clock", "switches", "faults"}
	f.Add(uint8(0), `{"advance":"1h"}`)
	f.Add(uint8(1), `{"read-delay":"1s"}`)
	f.Add(uint8(2), `{"rules":[{"operation":"write","kind":"ex-after","every":2,"textIn":"exception"}]}`)
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		w := httptest.NewRecorder()
		newSandbox(t).ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/_sandbox/"+routes[int(which)%len(routes)], strings.NewReader(body)))
		if !json.Valid(w.Body.Bytes()) || w.Code != 200 && w.Code != 400 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
