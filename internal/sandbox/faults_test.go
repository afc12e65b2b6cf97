package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// isCut reports whether a call ends with a cut connection instead of an answer.
func isCut(s *Server, method, request string) (cut bool) {
	path, family := pathOf(method)
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(wrap(family, request)))
	defer func() { cut = recover() == http.ErrAbortHandler }()
	s.ServeHTTP(httptest.NewRecorder(), r)
	return false
}

func setFaults(t testing.TB, s *Server, faults ...Fault) {
	t.Helper()
	if err := s.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
}

// What each kind does to the answer of AddSale, over a real connection, and
// whether the sale is there afterwards.
func TestFaultKinds(t *testing.T) {
	for _, c := range []struct {
		fault     Fault
		status    int    // 0: no answer at all
		body      string // what the body is to hold
		retry     string
		committed bool
		readErr   bool // the body ends too early
	}{
		{fault: Fault{Kind: FaultDropBefore}},
		{fault: Fault{Kind: FaultDropAfter}, committed: true},
		{fault: Fault{Kind: Fault500Before}, status: 500, body: "Internal Server Error"},
		{fault: Fault{Kind: Fault500After}, status: 500, body: "Internal Server Error", committed: true},
		{fault: Fault{Kind: FaultEXBefore}, status: 200, body: `{"Data":null,"ResultCode":"EX","ResultMessage":"An unexpected error has occurred","Exception":null}`},
		{fault: Fault{Kind: FaultEXAfter, Text: "boom", TextIn: "exception"}, status: 200, body: `{"Data":null,"ResultCode":"EX","ResultMessage":"","Exception":"boom"}`, committed: true},
		{fault: Fault{Kind: FaultGarbage}, status: 200, body: "not json", committed: true},
		{fault: Fault{Kind: FaultHTML}, status: 200, body: "<!DOCTYPE html>", committed: true},
		{fault: Fault{Kind: FaultTruncated}, status: 200, body: `{"Data":{"DealerSaleId":1003,`, committed: true, readErr: true},
		{fault: Fault{Kind: Fault429, RetryAfter: 7}, status: 429, retry: "7"},
		{fault: Fault{Kind: Fault503}, status: 503, retry: "1"},
		{fault: Fault{Kind: FaultLatency, Delay: Duration(time.Millisecond)}, status: 200, body: `"Success"`, committed: true},
		{fault: Fault{Kind: FaultSlowBody, Delay: Duration(10 * time.Millisecond)}, status: 200, body: `"Success"`, committed: true},
		{fault: Fault{Kind: FaultDelayedVisibility, Delay: Duration(time.Nanosecond)}, status: 200, body: `"Success"`, committed: true},
		{fault: Fault{Kind: FaultWrongCount}, status: 200, body: `"Success"`, committed: true},
	} {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			s := shop(t)
			c.fault.Operation = "AddSale"
			setFaults(t, s, c.fault)
			var noise strings.Builder
			served := httptest.NewUnstartedServer(s)
			served.Config.ErrorLog = logTo(&noise)
			served.Start()
			defer served.Close()
			answer, err := http.Post(served.URL+"/DealerSale/AddSale", "application/json", strings.NewReader(wrap(familySale, saleRequest())))
			if (err != nil) != (c.status == 0) {
				t.Fatalf("got error %v, want status %d", err, c.status)
			}
			if err == nil {
				text, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if answer.StatusCode != c.status || !strings.Contains(string(text), c.body) || (err != nil) != c.readErr || answer.Header.Get("Retry-After") != c.retry {
					t.Errorf("got %d %s %v, want %d %s", answer.StatusCode, text, err, c.status, c.body)
				}
			}
			served.Close() // waits for the handler, so that noise is whole
			if got := s.Ledger().Counts.Sales == 1; got != c.committed {
				t.Errorf("committed: got %v, want %v", got, c.committed)
			}
			if noise.String() != "" {
				t.Errorf("the server printed %s", noise.String())
			}
		})
	}
}

// The rules over which calls a fault meets.
func TestFaultRules(t *testing.T) {
	calls := func(f Fault, n int) (fired []int) {
		s := newSandbox(t, "empty-list=success")
		f.Operation, f.Kind = "GetSaleList", FaultEXBefore
		setFaults(t, s, f)
		for i := range n {
			if ask(t, s, "GetSaleList", "null").ResultCode == "EX" {
				fired = append(fired, i+1)
			}
		}
		return fired
	}
	for _, c := range []struct {
		name  string
		fault Fault
		want  []int
	}{
		{"no rule is every call", Fault{}, []int{1, 2, 3, 4, 5, 6}},
		{"by number", Fault{Calls: []int64{2, 5}}, []int{2, 5}},
		{"every third", Fault{Every: 3}, []int{3, 6}},
		{"numbers and every add up", Fault{Calls: []int64{1}, Every: 3}, []int{1, 3, 6}},
		{"at most twice", Fault{Times: 2}, []int{1, 2}},
		{"every second, once", Fault{Every: 2, Times: 1}, []int{2}},
		{"never", Fault{Calls: []int64{99}}, nil},
	} {
		if got := calls(c.fault, 6); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	// Chance is the same for the same seed, differs for another, and is about
	// as often as it says.
	a, b, c := calls(Fault{Probability: 0.3, Seed: 1}, 400), calls(Fault{Probability: 0.3, Seed: 1}, 400), calls(Fault{Probability: 0.3, Seed: 2}, 400)
	if !slices.Equal(a, b) || slices.Equal(a, c) || len(a) < 80 || len(a) > 160 {
		t.Errorf("chance: %d and %d of the same seed, %d of another", len(a), len(b), len(c))
	}
}

func TestFaultOperations(t *testing.T) {
	for operation, want := range map[string][]string{
		"*":                          {"AddCustomer", "GetCustomer", "AddProduct", "GetSaleList"},
		"read":                       {"GetCustomer", "GetSaleList"},
		"write":                      {"AddCustomer", "AddProduct"},
		"GetCustomer":                {"GetCustomer"},
		"DealerCustomer.GetCustomer": {"GetCustomer"},
		"":                           {"AddCustomer", "GetCustomer", "AddProduct", "GetSaleList"},
	} {
		s := newSandbox(t)
		setFaults(t, s, Fault{Operation: operation, Kind: FaultEXBefore})
		var hit []string
		for _, method := range []string{"AddCustomer", "GetCustomer", "AddProduct", "GetSaleList"} {
			if ask(t, s, method, `{}`).ResultCode == "EX" {
				hit = append(hit, method)
			}
		}
		if !slices.Equal(hit, want) {
			t.Errorf("%q: got %v, want %v", operation, hit, want)
		}
	}
}

// Of rules that decide the answer the first that fires is played, and only that
// one counts as fired; a count that is off goes together with them.
func TestFaultsTogether(t *testing.T) {
	s := shop(t)
	setFaults(t, s,
		Fault{Operation: "read", Kind: FaultWrongCount, CountOff: -1},
		Fault{Operation: "GetCustomerList", Kind: FaultEXBefore, Calls: []int64{2}},
		Fault{Operation: "*", Kind: Fault429, Calls: []int64{2, 3}},
	)
	if got := field(t, must(t, s, "GetCustomerList", "null"), "DealerCustomerListCount"); got != "1" {
		t.Errorf("got count %s of 2 customers, want 1", got)
	}
	wantCode(t, s, "GetCustomerList", "null", "EX")
	if status, _ := post(s, "/DealerSale/GetSale", wrap(familySale, "{}")); status != 429 {
		t.Errorf("got status %d, want 429", status)
	}
	var fired []int64
	for _, rule := range s.Faults() {
		fired = append(fired, rule.Matched, rule.Fired)
	}
	if want := []int64{3, 2, 2, 1, 3, 1}; !slices.Equal(fired, want) {
		t.Errorf("matched and fired: got %v, want %v", fired, want)
	}
	setFaults(t, s)
	must(t, s, "GetCustomerList", "null")
}

// Faults meet a call before it is judged: a refused one too.
func TestFaultOnRefusedCall(t *testing.T) {
	s := newSandbox(t)
	setFaults(t, s, Fault{Kind: FaultDropAfter})
	if !isCut(s, "AddProduct", `{}`) {
		t.Error("the connection was not cut")
	}
}

// A card list's count can be wrong as well.
func TestWrongCountOfCards(t *testing.T) {
	s := shop(t, "empty-list=success")
	setFaults(t, s, Fault{Kind: FaultWrongCount})
	if got := field(t, must(t, s, "GetCardList", `{"CustomerCode":"A"}`), "CardListCount"); got != "1" {
		t.Errorf("got count %s of no cards, want 1", got)
	}
}

// Reads do not see the one write that is hidden.
func TestDelayedVisibility(t *testing.T) {
	s := newSandbox(t)
	now := stopElapsed(s)
	setFaults(t, s, Fault{Operation: "AddCustomer", Kind: FaultDelayedVisibility, Delay: Duration(5 * time.Second), Calls: []int64{1}})
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"B"}`)
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"A"}`, "DealerCustomerNotFound")
	must(t, s, "GetCustomer", `{"CustomerCode":"B"}`)
	*now = now.Add(5 * time.Second)
	must(t, s, "GetCustomer", `{"CustomerCode":"A"}`)
}

// A caller that gives up ends the waiting; nothing was done.
func TestLatencyEndsWithTheCaller(t *testing.T) {
	s := newSandbox(t)
	setFaults(t, s, Fault{Kind: FaultLatency, Delay: Duration(time.Hour)})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sandbox/DealerCustomer/AddCustomer", strings.NewReader(wrap(familyCustomer, `{}`)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&http.Client{Transport: s.Transport()}).Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the caller's deadline", err)
	}
	if l := s.Ledger(); l.Counts.Customers != 0 {
		t.Errorf("got %d customers", l.Counts.Customers)
	}
}

func TestBadFaults(t *testing.T) {
	s := newSandbox(t)
	setFaults(t, s, Fault{Kind: FaultHTML})
	for name, f := range map[string]Fault{
		"no kind": {}, "unknown kind": {Kind: "fire"}, "unknown operation": {Kind: FaultHTML, Operation: "Addsale"},
		"latency without delay": {Kind: FaultLatency}, "delay without use": {Kind: FaultHTML, Delay: 1}, "negative delay": {Kind: FaultLatency, Delay: -1},
		"probability": {Kind: FaultHTML, Probability: 1.5}, "call 0": {Kind: FaultHTML, Calls: []int64{0}}, "every": {Kind: FaultHTML, Every: -1},
		"times": {Kind: FaultHTML, Times: -1}, "textIn": {Kind: FaultEXAfter, TextIn: "title"}, "retry": {Kind: Fault429, RetryAfter: -1},
	} {
		if err := s.SetFaults([]Fault{{Kind: FaultGarbage}, f}); err == nil || !strings.HasPrefix(err.Error(), "fault 2: ") {
			t.Errorf("%s: got error %v, want one about fault 2", name, err)
		}
	}
	if rules := s.Faults(); len(rules) != 1 || rules[0].Kind != FaultHTML {
		t.Errorf("the bad rules left %+v", rules)
	}
	if _, err := New(Options{Dealers: []Dealer{DefaultDealer()}, Faults: []Fault{{Kind: "fire"}}}); err == nil {
		t.Error("New took a bad fault")
	}
}
