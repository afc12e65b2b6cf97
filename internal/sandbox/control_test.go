package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLedger(t *testing.T) {
	s := shop(t)
	for range 2 {
		must(t, s, "AddSale", saleRequest("SaleCode", `"twice"`))
	}
	must(t, s, "AddSale", saleRequest("SaleCode", `"again"`))
	must(t, s, "DeleteSale", `{"SaleCode":"again"}`)
	must(t, s, "AddSale", saleRequest("SaleCode", `"again"`))
	must(t, s, "AddSale", saleRequest("SaleCode", `"once"`))
	wantCode(t, s, "AddSale", `{}`, "CustomerCodeOrDealerCustomerIdMustBeGiven")
	must(t, s, "GetSaleList", "null")
	counts := Counts{Customers: 2, Cards: 1, Products: 1, Schedules: 1, Sales: 4}
	want := Ledger{
		Counts: counts, Dealers: map[string]Counts{"1731": counts}, SalesEverAdded: 5,
		Duplicates: []Duplicate{
			{Dealer: "1731", SaleCode: "again", IDs: []int64{1005, 1006}, Live: []int64{1006}},
			{Dealer: "1731", SaleCode: "twice", IDs: []int64{1003, 1004}, Live: []int64{1003, 1004}},
		},
		DuplicateSteps: []DayFinding{}, AutomaticAndManual: []DayFinding{}, ChargedTwice: []DayFinding{},
		Writes: map[string]int64{
			"DealerCustomer.AddCustomer": 2, "DealerSale.AddProduct": 1, "DealerSale.AddSchedule": 1, "DealerSale.AddSale": 5, "DealerSale.DeleteSale": 1,
		},
		Calls: map[string]int64{
			"DealerCustomer.AddCustomer": 2, "DealerSale.AddProduct": 1, "DealerSale.AddSchedule": 1, "DealerSale.AddSale": 6, "DealerSale.DeleteSale": 1,
			"DealerSale.GetSaleList": 1,
		},
	}
	if diff := cmp.Diff(s.Ledger(), want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	status, text := control(t, s, "GET", "/_sandbox/ledger", "")
	var served Ledger
	if err := json.Unmarshal([]byte(text), &served); err != nil || status != 200 {
		t.Fatalf("got %d %s: %v", status, text, err)
	}
	if diff := cmp.Diff(served, want); diff != "" {
		t.Errorf("served (-), want (+):\n%s", diff)
	}
	if _, text := control(t, newSandbox(t), "GET", "/_sandbox/ledger", ""); !strings.Contains(text, `"duplicates":[]`) {
		t.Errorf("nothing twice: got %s, want an empty list", text)
	}
}

func TestClock(t *testing.T) {
	s := newSandbox(t)
	for _, step := range []struct{ method, body, want string }{
		{"GET", "", `{"now":"2027-01-10T09:00:00+03:00","set":false,"today":"20270110"}`},
		{"PUT", `{"advance":"15h"}`, `{"now":"2027-01-11T00:00:00+03:00","set":true,"today":"20270111"}`},
		{"PUT", `{"now":"2030-06-01T22:30:00Z"}`, `{"now":"2030-06-02T01:30:00+03:00","set":true,"today":"20300602"}`},
		{"PUT", `{"advance":"-2h"}`, `{"now":"2030-06-01T23:30:00+03:00","set":true,"today":"20300601"}`},
		{"PUT", `{"real":true}`, `{"now":"2027-01-10T09:00:00+03:00","set":false,"today":"20270110"}`},
	} {
		if status, got := control(t, s, step.method, "/_sandbox/clock", step.body); status != 200 || strings.TrimSpace(got) != step.want {
			t.Errorf("%s %s: got %d %s, want %s", step.method, step.body, status, got, step.want)
		}
	}
	// A clock that was set goes on at the pace of its base.
	base := testNow
	running := open(t, Options{Clock: func() time.Time { return base }})
	running.SetClock(testNow.AddDate(1, 0, 0))
	base = base.Add(time.Hour)
	if got, want := running.Now(), testNow.AddDate(1, 0, 0).Add(time.Hour); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestControlSwitches(t *testing.T) {
	s := newSandbox(t)
	status, text := control(t, s, "PUT", "/_sandbox/switches", `{"duplicate-sale-code":"refuse","read-delay":"5ms"}`)
	if status != 200 || !strings.Contains(text, `"name":"duplicate-sale-code","values":["accept","refuse","return-old"],"default":"accept",`) || !strings.Contains(text, `"value":"refuse"`) {
		t.Errorf("got %d %s", status, text)
	}
	_, after := control(t, s, "GET", "/_sandbox/switches", "")
	if after != text {
		t.Errorf("GET: got %s, want %s", after, text)
	}
	if status, text := control(t, s, "PUT", "/_sandbox/switches", `{"duplicate-sale-code":"accept","numbers":"words"}`); status != 400 || !strings.Contains(text, `{"error":"switch numbers: `) {
		t.Errorf("a wrong value: got %d %s", status, text)
	}
	if _, text := control(t, s, "GET", "/_sandbox/switches", ""); text != after {
		t.Errorf("after a wrong value: got %s", text)
	}
}

func TestControlFaults(t *testing.T) {
	s := shop(t)
	rule := `{"operation":"AddSale","kind":"drop-after","calls":[1]}`
	if status, text := control(t, s, "PUT", "/_sandbox/faults", `{"rules":[`+rule+`,{"kind":"latency","delay":"1ms","probability":0.5,"seed":7}]}`); status != 200 {
		t.Fatalf("got %d %s", status, text)
	}
	if !isCut(s, "AddSale", saleRequest()) {
		t.Error("the connection was not cut")
	}
	_, text := control(t, s, "GET", "/_sandbox/faults", "")
	if !strings.Contains(text, `"kind":"drop-after","calls":[1],`) || !strings.Contains(text, `"matched":1,"fired":1`) || !strings.Contains(text, `"delay":"1ms"`) {
		t.Errorf("got %s", text)
	}
	// What GET gives may be sent back; the counts begin anew.
	if status, back := control(t, s, "PUT", "/_sandbox/faults", text); status != 200 || strings.Contains(back, `"matched":1`) {
		t.Errorf("sent back: got %d %s", status, back)
	}
	for _, body := range []string{`{"rules":[{"kind":"fire"}]}`, `{"rules":[{"kind":"html","often":1}]}`, `{}`, `[]`, ``, `{"rules":[{"kind":"latency","delay":5}]}`} {
		if status, text := control(t, s, "PUT", "/_sandbox/faults", body); status != 400 || !strings.Contains(text, `"error":`) {
			t.Errorf("%s: got %d %s", body, status, text)
		}
	}
	if status, text := control(t, s, "DELETE", "/_sandbox/faults", ""); status != 200 || strings.TrimSpace(text) != `{"rules":[]}` {
		t.Errorf("got %d %s", status, text)
	}
}

// A reset makes everything as it was at the start, or the data alone.
func TestReset(t *testing.T) {
	begin := Options{Switches: []Setting{{"empty-list", "success"}}, Faults: []Fault{{Operation: "GetSale", Kind: FaultHTML}}}
	for query, settings := range map[string]bool{"": true, "?only=data": false} {
		begin.Data = t.TempDir() + "/data"
		s := open(t, begin)
		stock(t, s)
		s.AdvanceClock(time.Hour)
		setFaults(t, s, Fault{Operation: "GetCard", Kind: FaultGarbage})
		if err := s.SetSwitches(Setting{"empty-list", "not-found"}); err != nil {
			t.Fatal(err)
		}
		if status, text := control(t, s, "POST", "/_sandbox/reset"+query, ""); status != 200 || !strings.Contains(text, `"customers":0`) {
			t.Fatalf("got %d %s", status, text)
		}
		back := s.Now().Equal(testNow) && s.Faults()[0].Kind == FaultHTML && s.sw.is("empty-list", "success")
		kept := !s.Now().Equal(testNow) && s.Faults()[0].Kind == FaultGarbage && s.sw.is("empty-list", "not-found")
		if settings && !back || !settings && !kept {
			t.Errorf("%q: clock %v, faults %+v, empty-list %s", query, s.Now(), s.Faults(), s.sw["empty-list"])
		}
		stock(t, s) // the ids begin anew: it asks for schedule 1005 and the like
		must(t, s, "GetCustomer", `{"DealerCustomerId":"1033"}`)
		if l := reopen(t, s).Ledger(); l.Counts.Customers != 2 || l.Writes["DealerCustomer.AddCustomer"] != 2 {
			t.Errorf("%q, reopened: got %+v", query, l)
		}
	}
	if status, _ := control(t, newSandbox(t), "POST", "/_sandbox/reset?only=all", ""); status != 400 {
		t.Errorf("only=all: got %d", status)
	}
}

// Without the option there is no control surface; with it, only these paths.
func TestControlPaths(t *testing.T) {
	closed, err := New(Options{Dealers: []Dealer{InProcessDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := control(t, closed, "GET", "/_sandbox/ledger", ""); status != 404 {
		t.Errorf("without control: got %d", status)
	}
	s := newSandbox(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/_sandbox/", 404}, {"GET", "/_sandbox/Ledger", 404}, {"POST", "/_sandbox/ledger", 405}, {"GET", "/_sandbox/reset", 405}, {"GET", "/_sandbox", 404},
	} {
		if status, _ := control(t, s, c.method, c.path, ""); status != c.status {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, status, c.status)
		}
	}
	for _, body := range []string{``, `{}`, `{"now":"tomorrow"}`, `{"advance":"1h","real":true}`, `{"time":1}`} {
		if status, text := control(t, s, "PUT", "/_sandbox/clock", body); status != 400 || !strings.Contains(text, `"error":`) {
			t.Errorf("clock %s: got %d %s", body, status, text)
		}
	}
}
