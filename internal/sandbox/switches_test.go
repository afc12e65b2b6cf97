package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestParseSwitch(t *testing.T) {
	for text, want := range map[string]Setting{
		"duplicate-sale-code=refuse": {"duplicate-sale-code", "refuse"},
		" read-delay = 1.5s ":        {"read-delay", "1.5s"},
		"failure-status=400":         {"failure-status", "400"},
	} {
		if got, err := ParseSwitch(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	// The error says what would be right.
	for text, hint := range map[string]string{
		"duplicate-sale-code":       "name=value",
		"duplicate-salecode=refuse": "there are duplicate-sale-code, ",
		"duplicate-sale-code=maybe": "accept, refuse, return-old",
		"read-delay=soon":           "duration",
		"read-delay=-1s":            "duration",
		"read-delay=2h":             "duration",
		"":                          "name=value",
	} {
		if _, err := ParseSwitch(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: got error %v, want one with %s", text, err, hint)
		}
	}
	if _, err := New(Options{Dealers: []Dealer{DefaultDealer()}, Switches: []Setting{{"numbers", "words"}}}); err == nil {
		t.Error("New took a wrong switch")
	}
}

// Every value of every switch can be set; the default is one of them; the list
// is what help shows, so it says something about each.
func TestKnownSwitches(t *testing.T) {
	s := newSandbox(t)
	for _, known := range KnownSwitches() {
		values := known.Values
		if values[0] == durationValue {
			values = []string{known.Default, "10ms"}
		}
		for _, value := range append(values, known.Default) {
			if err := s.SetSwitches(Setting{known.Name, value}); err != nil {
				t.Errorf("%s=%s: %v", known.Name, value, err)
			}
		}
		if known.Question == "" || known.Source == "" {
			t.Errorf("%s explains nothing", known.Name)
		}
	}
	for _, state := range s.Switches() {
		if state.Value != state.Default {
			t.Errorf("%s: got %s, want %s", state.Name, state.Value, state.Default)
		}
	}
}

// One bad setting among good ones changes nothing.
func TestSetSwitchesIsWhole(t *testing.T) {
	s := newSandbox(t)
	if err := s.SetSwitches(Setting{"numbers", "strings"}, Setting{"numbers", "words"}); err == nil {
		t.Fatal("no error")
	}
	must(t, s, "AddCustomer", `{"Gender":1}`)
}

func TestNumbersSwitch(t *testing.T) {
	s := newSandbox(t, "numbers=strings")
	must(t, s, "AddCustomer", `{"CustomerCode":"A","Gender":"1","BirthDate":"19900101"}`)
	wantCode(t, s, "AddCustomer", `{"Gender":1}`, "InvalidRequest")
	wantCode(t, s, "AddCustomer", `{"CustomerCode":1}`, "InvalidRequest")
	wantCode(t, s, "GetCustomer", `{"DealerCustomerId":1033}`, "InvalidRequest")
}

func TestFailureStatusSwitch(t *testing.T) {
	s := newSandbox(t, "failure-status=400")
	if r := ask(t, s, "GetSale", `{}`); r.status != 400 || r.ResultCode != "DealerSale.GetSale.SaleCodeOrDealerSaleIdMustBeGiven" {
		t.Errorf("a refusal: got %d %s", r.status, r.text)
	}
	if r := ask(t, s, "AddCustomer", `{}`); r.status != 200 {
		t.Errorf("a success: got %d", r.status)
	}
}

func TestEmptyListSwitch(t *testing.T) {
	s := newSandbox(t, "empty-list=success")
	for method, want := range map[string]string{
		"GetCustomerList": `{"DealerCustomerListCount":0,"DealerCustomerList":[]}`, "GetProductList": `{"ProductListCount":0,"ProductList":[]}`,
		"GetScheduleList": `{"SaleScheduleListCount":0,"SaleScheduleList":[]}`, "GetSaleList": `{"DealerSaleListCount":0,"DealerSaleList":[]}`,
	} {
		if got := must(t, s, method, "null"); got != want {
			t.Errorf("%s: got %s, want %s", method, got, want)
		}
	}
}

// A write takes effect although its answer says nothing, or EX; reads and
// refusals are answered as ever.
func TestWriteAnswerSwitch(t *testing.T) {
	s := newSandbox(t, "write-answer=ex")
	if r := ask(t, s, "AddCustomer", `{"CustomerCode":"A"}`); r.ResultCode != "EX" || r.ResultMessage == "" || string(r.Data) != "null" {
		t.Errorf("got %s, want EX", r.text)
	}
	wantCode(t, s, "AddCustomer", `{"CustomerCode":"A"}`, "CustomerCodeAlreadyUsing")
	must(t, s, "GetCustomer", `{"CustomerCode":"A"}`)

	if err := s.SetSwitches(Setting{"write-answer", "lost"}); err != nil {
		t.Fatal(err)
	}
	if !isCut(s, "AddCustomer", `{"CustomerCode":"B"}`) {
		t.Error("the connection was not cut")
	}
	must(t, s, "GetCustomer", `{"CustomerCode":"B"}`)
}

// Reads see a write only after the delay; writes see it at once.
func TestReadDelaySwitch(t *testing.T) {
	s := newSandbox(t, "read-delay=10s")
	now := stopElapsed(s)
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	wantCode(t, s, "AddCustomer", `{"CustomerCode":"A"}`, "CustomerCodeAlreadyUsing")
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"A"}`, "DealerCustomerNotFound")
	*now = now.Add(9 * time.Second)
	wantCode(t, s, "GetCustomerList", `null`, "NoDataFound")
	*now = now.Add(time.Second)
	must(t, s, "GetCustomer", `{"CustomerCode":"A"}`)
}

// stopElapsed stops the time by which hidden writes are measured, and hands it out.
func stopElapsed(s *Server) *time.Time {
	now := testNow
	s.elapsed = func() time.Time { return now }
	return &now
}
