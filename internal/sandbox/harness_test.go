package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// testNow is the moment at which tests begin: 10 January 2027, 09:00 in Istanbul.
var testNow = time.Date(2027, 1, 10, 9, 0, 0, 0, istanbul)

// fixedClock stands still at testNow.
func fixedClock() time.Time { return testNow }

// newSandbox makes a sandbox in memory with the default dealer, whose clock
// stands still, and with the control surface. Each setting is "name=value".
func newSandbox(t testing.TB, settings ...string) *Server {
	t.Helper()
	return open(t, Options{Switches: parseSwitches(t, settings...)})
}

// open makes a sandbox, with what the options leave out filled in for tests.
func open(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Dealers == nil {
		o.Dealers = []Dealer{DefaultDealer()}
	}
	if o.Clock == nil {
		o.Clock = fixedClock
	}
	o.Control = true
	s, err := New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func parseSwitches(t testing.TB, settings ...string) []Setting {
	t.Helper()
	var parsed []Setting
	for _, text := range settings {
		setting, err := ParseSwitch(text)
		if err != nil {
			t.Fatalf("ParseSwitch(%q): %v", text, err)
		}
		parsed = append(parsed, setting)
	}
	return parsed
}

// envelopeReply is an answer as a client reads it.
type envelopeReply struct {
	status        int
	text          string
	Data          json.RawMessage
	ResultCode    string
	ResultMessage string
	Exception     *string
}

// post sends a body to a path and returns status and text.
func post(s http.Handler, path, body string) (status int, text string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// authentication is the default dealer's authentication object.
func authentication(d Dealer) string {
	return fmt.Sprintf(`{"DealerCode":%q,"Username":%q,"Password":%q,"CheckKey":%q}`, d.Code, d.Username, d.Password, d.CheckKey())
}

// wrap puts a request object into the envelope of a family.
func wrap(family, request string) string {
	return fmt.Sprintf(`{"%sAuthentication":%s,"%sRequest":%s}`, family, authentication(DefaultDealer()), family, request)
}

// pathOf finds the path of a method; methods are unique over both families.
func pathOf(method string) (path, family string) {
	for path, op := range operations {
		if op.method == method {
			return path, op.family
		}
	}
	panic("no method " + method)
}

// ask calls a method with a request object as the default dealer.
func ask(t testing.TB, s http.Handler, method, request string) envelopeReply {
	t.Helper()
	path, family := pathOf(method)
	return read(t, s, path, wrap(family, request))
}

func read(t testing.TB, s http.Handler, path, body string) envelopeReply {
	t.Helper()
	status, text := post(s, path, body)
	r := envelopeReply{status: status, text: text}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%s answered %q, which is no envelope: %v", path, text, err)
	}
	return r
}

// must calls a method that is to succeed, and returns its Data.
func must(t testing.TB, s http.Handler, method, request string) string {
	t.Helper()
	r := ask(t, s, method, request)
	if r.ResultCode != "Success" {
		t.Fatalf("%s %s: got %s, want Success", method, request, r.text)
	}
	return string(r.Data)
}

// wantCode calls a method that is to end with a code, all of it or its last part.
func wantCode(t testing.TB, s http.Handler, method, request, code string) {
	t.Helper()
	if !strings.Contains(code, ".") && code != "Success" && code != "EX" {
		_, family := pathOf(method)
		code = family + "." + method + "." + code
	}
	if r := ask(t, s, method, request); r.ResultCode != code {
		t.Errorf("%s %s: got %s, want %s", method, request, r.ResultCode, code)
	}
}

// field returns a member of a JSON object as it is spelled.
func field(t testing.TB, object, name string) string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &members); err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	return string(members[name])
}

// shop is a sandbox with what a sale needs: customers 1033 (A) and 1034 (B),
// product 1009 (P) and schedule 1005. Test cards 1 and 2 are nobody's yet.
func shop(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := newSandbox(t, settings...)
	stock(t, s)
	return s
}

func stock(t testing.TB, s http.Handler) {
	t.Helper()
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	must(t, s, "AddCustomer", `{"CustomerCode":"B"}`)
	must(t, s, "AddProduct", `{"ProductCode":"P","ProductName":"Gold"}`)
	must(t, s, "AddSchedule", `{"ScheduleName":"m","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfMonth":"15"}`)
}

// saleRequest is a good AddSale of customer A for the shop, with members
// replaced or added ("Amount", `"5"`) and, where the value is "", left out.
func saleRequest(changes ...string) string {
	members := []string{
		"CustomerCode", `"A"`, "ProductCode", `"P"`, "SaleCode", `"s1"`, "Amount", `"149.90"`, "DealerSaleScheduleId", `"1005"`,
		"SaleDate", `"20270110"`, "BeginDate", `"20270115"`, "EndDate", `"20280115"`, "DefaultCard1Token", `"` + TestCardToken(1) + `"`,
	}
	return edit(members, changes)
}

// edit writes an object of name and value pairs after some changes.
func edit(members, changes []string) string {
	members = append([]string{}, members...)
	for i := 0; i < len(changes); i += 2 {
		at := 0
		for at < len(members) && members[at] != changes[i] {
			at += 2
		}
		if at == len(members) {
			members = append(members, changes[i], "")
		}
		members[at+1] = changes[i+1]
	}
	var parts []string
	for i := 0; i < len(members); i += 2 {
		if members[i+1] != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", members[i], members[i+1]))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// control calls the control surface.
func control(t testing.TB, s http.Handler, method, path, body string) (status int, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	out, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(out)
}

// logTo makes a logger for an http.Server, to see what it would print.
func logTo(w io.Writer) *log.Logger { return log.New(w, "", 0) }
