package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The worked example of moka-api 1.4, and a password that is not ASCII.
func TestCheckKey(t *testing.T) {
	for _, c := range []struct {
		dealer Dealer
		want   string
	}{
		{DefaultDealer(), "e4f847ef42427d65f5d343ef5937415024a9bb9e516c5879c17dcf8bd4221c14"},
		{Dealer{"1731", "ApiUserDemo", "Şifre-1"}, "a2b76f16cd052f192b018a5d035b1d0e291cfabbaee35b214f3f6de4b2042ead"},
	} {
		if got := c.dealer.CheckKey(); got != c.want {
			t.Errorf("%v: got %s, want %s", c.dealer, got, c.want)
		}
	}
}

func TestDealerNeverPrintsItsPassword(t *testing.T) {
	for _, format := range []string{"%v", "%s", "%+v"} {
		if text := fmt.Sprintf(format, DefaultDealer()); strings.Contains(text, DefaultPassword) {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

// Everything that is wrong with the envelope ends as InvalidRequest, under every
// operation's name (UpdateCard's is printed as GetCard).
func TestEnvelopesThatAreRefused(t *testing.T) {
	key := DefaultDealer().CheckKey()
	auth := func(code, user, password, key string) string {
		return fmt.Sprintf(`{"DealerCode":%q,"Username":%q,"Password":%q,"CheckKey":%q}`, code, user, password, key)
	}
	good := authentication(DefaultDealer())
	bodies := map[string]string{
		"wrong key":                 `{"FAuthentication":` + auth("1731", "ApiUserDemo", "S3cretDemo", strings.Repeat("0", 64)) + `,"FRequest":{}}`,
		"key in upper case":         `{"FAuthentication":` + auth("1731", "ApiUserDemo", "S3cretDemo", strings.ToUpper(key)) + `,"FRequest":{}}`,
		"wrong user":                `{"FAuthentication":` + auth("1731", "Other", "S3cretDemo", key) + `,"FRequest":{}}`,
		"wrong password":            `{"FAuthentication":` + auth("1731", "ApiUserDemo", "other", key) + `,"FRequest":{}}`,
		"matching but unknown":      `{"FAuthentication":` + authentication(Dealer{"1731", "ApiUserDemo", "other"}) + `,"FRequest":{}}`,
		"unknown dealer":            `{"FAuthentication":` + authentication(Dealer{"1732", "ApiUserDemo", "S3cretDemo"}) + `,"FRequest":{}}`,
		"no key":                    `{"FAuthentication":{"DealerCode":"1731","Username":"ApiUserDemo","Password":"S3cretDemo"},"FRequest":{}}`,
		"no authentication":         `{"FRequest":{}}`,
		"authentication null":       `{"FAuthentication":null,"FRequest":{}}`,
		"authentication no object":  `{"FAuthentication":"1731","FRequest":{}}`,
		"other family":              `{"PaymentDealerAuthentication":` + good + `,"PaymentDealerRequest":{}}`,
		"request no object":         `{"FAuthentication":` + good + `,"FRequest":[1]}`,
		"broken JSON":               `{"FAuthentication":` + good + `,"FRequest":{}`,
		"two values":                `{"FAuthentication":` + good + `,"FRequest":{}} {}`,
		"no object":                 `[]`,
		"null":                      `null`,
		"nothing":                   ``,
		"not UTF-8":                 `{"FAuthentication":` + good + `,"FRequest":{"CustomerCode":"` + "\xff" + `"}}`,
		"deeply nested":             `{"FAuthentication":` + good + `,"FRequest":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		"form instead of JSON":      `DealerCode=1731&Username=ApiUserDemo`,
		"an XML prologue, of sorts": `<?xml version="1.0"?><a/>`,
	}
	s := shop(t)
	for path, op := range operations {
		code := op.name() + ".InvalidRequest"
		if op.method == "UpdateCard" {
			code = "DealerCustomer.GetCard.InvalidRequest"
		}
		for name, body := range bodies {
			r := read(t, s, path, strings.ReplaceAll(body, `"F`, `"`+op.family))
			if r.ResultCode != code || r.status != 200 || string(r.Data) != "null" {
				t.Errorf("%s, %s: got %d %s, want %s", path, name, r.status, r.text, code)
			}
		}
	}
	if l := s.Ledger(); l.Counts != (Counts{Customers: 2, Products: 1, Schedules: 1}) {
		t.Errorf("the refused requests left %+v", l.Counts)
	}
}

// A request member is needed where there is something to ask; the four lists
// take it absent, null or empty (moka-api 1.3).
func TestRequestMember(t *testing.T) {
	s := shop(t, "empty-list=success")
	for path, op := range operations {
		for name, body := range map[string]string{
			"absent": fmt.Sprintf(`{"%sAuthentication":%s}`, op.family, authentication(DefaultDealer())),
			"null":   wrap(op.family, "null"),
		} {
			r := read(t, s, path, body)
			if got := r.ResultCode == "Success"; got != op.bare {
				t.Errorf("%s, request %s: got %s", path, name, r.ResultCode)
			}
		}
		if op.bare {
			wantCode(t, s, op.method, `{}`, "Success")
			wantCode(t, s, op.method, `{"Page":2}`, "Success")
		}
	}
}

func TestHTTPRules(t *testing.T) {
	s := newSandbox(t)
	body := wrap(familySale, "null")
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/DealerSale/GetSaleList", 200},
		{"POST", "/DealerSale/GetSaleList?x=1", 200},
		{"GET", "/DealerSale/GetSaleList", 405},
		{"PUT", "/DealerSale/GetSaleList", 405},
		{"POST", "/dealersale/getsalelist", 404},
		{"POST", "/DealerSale/GetSaleList/", 404},
		{"POST", "//DealerSale/GetSaleList", 404},
		{"POST", "/DealerCustomer/GetSaleList", 404},
		{"POST", "/DealerSale/UpdateProduct", 404},
		{"POST", "/DealerSale/addPaymentPlan", 404},
		{"POST", "/", 404},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(body)))
		if w.Code != c.status {
			t.Errorf("%s %s: got status %d, want %d", c.method, c.path, w.Code, c.status)
		}
		if c.status == 405 && w.Header().Get("Allow") != "POST" {
			t.Errorf("%s %s: got Allow %q, want POST", c.method, c.path, w.Header().Get("Allow"))
		}
	}
}

// An answer is JSON in UTF-8 and dated by the sandbox's clock.
func TestAnswerHeaders(t *testing.T) {
	s := newSandbox(t)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("POST", "/DealerSale/GetSaleList", strings.NewReader("{}")))
	if got := w.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type: got %q", got)
	}
	if got, want := w.Header().Get("Date"), testNow.UTC().Format(http.TimeFormat); got != want {
		t.Errorf("Date: got %q, want %q", got, want)
	}
}

func TestRequestSize(t *testing.T) {
	s := newSandbox(t)
	r := read(t, s, "/DealerCustomer/AddCustomer", wrap(familyCustomer, `{"Unknown":"`+strings.Repeat("x", maxRequestBytes)+`"}`))
	if r.ResultCode != "DealerCustomer.AddCustomer.InvalidRequest" || r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("over the limit: got %d %s", r.status, r.text)
	}
	must(t, s, "AddCustomer", `{"Unknown":"`+strings.Repeat("x", maxRequestBytes-1000)+`"}`)
}

// Dealers see their own data only; the ids run on over all of them.
func TestDealersApart(t *testing.T) {
	other := Dealer{"2000", "u", "p"}
	s := open(t, Options{Dealers: []Dealer{DefaultDealer(), other}})
	asOther := func(path, family, request string) envelopeReply {
		return read(t, s, path, fmt.Sprintf(`{"%sAuthentication":%s,"%sRequest":%s}`, family, authentication(other), family, request))
	}
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	if r := asOther("/DealerCustomer/GetCustomer", familyCustomer, `{"DealerCustomerId":1033}`); r.ResultCode != "DealerCustomer.GetCustomer.DealerCustomerNotFound" {
		t.Errorf("the other dealer's customer: got %s", r.text)
	}
	r := asOther("/DealerCustomer/AddCustomer", familyCustomer, `{"CustomerCode":"A"}`)
	if id := field(t, field(t, string(r.Data), "DealerCustomer"), "DealerCustomerId"); id != "1034" {
		t.Errorf("same code at the other dealer: got id %s, want 1034", id)
	}
}

func TestDealerOptions(t *testing.T) {
	for name, dealers := range map[string][]Dealer{
		"none": {}, "no password": {{Code: "1", Username: "u"}}, "twice": {DefaultDealer(), DefaultDealer()},
	} {
		if _, err := New(Options{Dealers: dealers}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
