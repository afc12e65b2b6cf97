package moka

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// documentedReads and documentedWrites are the paths of moka-api 2, written down a second time: the table of operations must not be its own judge.
var (
	documentedReads = []string{
		"/DealerCustomer/GetCustomer", "/DealerCustomer/GetCustomerList", "/DealerCustomer/GetCard", "/DealerCustomer/GetCardList",
		"/DealerSale/GetProductList", "/DealerSale/GetSchedule", "/DealerSale/GetScheduleList", "/DealerSale/GetSale", "/DealerSale/GetSaleList",
		"/DealerSale/GetPaymentPlanList", "/DealerSale/GetPaymentPlanReport",
	}
	documentedWrites = []string{
		"/DealerCustomer/AddCustomer", "/DealerCustomer/AddCustomerWithCard", "/DealerCustomer/UpdateCustomer", "/DealerCustomer/RemoveCustomer",
		"/DealerCustomer/AddCard", "/DealerCustomer/UpdateCard", "/DealerCustomer/RemoveCard",
		"/DealerSale/AddProduct", "/DealerSale/DeleteProduct", "/DealerSale/AddSchedule", "/DealerSale/UpdateSchedule", "/DealerSale/DeleteSchedule",
		"/DealerSale/AddSale", "/DealerSale/UpdateSale", "/DealerSale/DeleteSale", "/DealerSale/AddPaymentPlan", "/DealerSale/UpdatePaymentPlan", "/DealerSale/DeletePaymentPlan",
		"/PaymentDealer/DoDirectPayment", "/PaymentDealer/DoDirectPaymentThreeD", "/PaymentDealer/DoVoid", "/PaymentDealer/DoCreateRefundRequest", "/PaymentDealer/DoCapture",
	}
	// unusedReads are read services that no call here needs. They are not let out either.
	unusedReads = []string{"/DealerSale/GetPaymentPlan", "/DealerSale/GetPaymentPlanHistoryList", "/PaymentDealer/GetDealerPaymentTrxDetailList"}
)

// passes reports whether the transport of Readers lets a request out.
func passes(t interface{ Fatal(...any) }, base string, r *http.Request) bool {
	out := false
	answer, err := readOnly{base: base, next: roundTripper(func(*http.Request) (*http.Response, error) { out = true; return responding("{}"), nil })}.RoundTrip(r)
	var refused *ReadOnlyError
	if out != (answer != nil && err == nil) || !out && !errors.As(err, &refused) {
		t.Fatal("handed on:", out, "answer:", answer, "error:", err)
	}
	return out
}

func post(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every documented write is refused and every read passes, below every base URL that is accepted.
func TestReadOnly(t *testing.T) {
	for _, given := range []string{"http://127.0.0.1:8080", "https://service.refmoka.com/", "https://EXAMPLE.com/Moka/v1", "https://example.com/a%20b/ş/", "https://example.com/a%2Fb/[c]", "http://[::1]:80/x", "https://example.com/DealerSale"} {
		_, base, err := Endpoint(given)
		if err != nil {
			t.Fatal(given, err)
		}
		for _, path := range documentedReads {
			if !passes(t, base, post(t, base+path)) {
				t.Errorf("%s below %s is refused, and only reads", path, base)
			}
		}
		for _, path := range slices.Concat(documentedWrites, unusedReads) {
			if passes(t, base, post(t, base+path)) {
				t.Errorf("%s below %s passes", path, base)
			}
		}
	}
}

// The lists above are whole: they have every operation that this package names, each on the side that its name says.
func TestReadOnlyIsWhole(t *testing.T) {
	for _, s := range sections {
		path := "/" + string(s.op)
		listed := slices.Contains(documentedWrites, path)
		if !strings.HasPrefix(s.op.Method(), "Get") != listed {
			t.Errorf("%s is listed as a write: %v", path, listed)
		}
		if !listed && !slices.Contains(documentedReads, path) && !slices.Contains(unusedReads, path) {
			t.Errorf("%s is in no list", path)
		}
	}
	for op := range table {
		if !slices.ContainsFunc(sections, func(s struct {
			op     Op
			number string
		}) bool {
			return s.op == op
		}) {
			t.Errorf("%s has no section", op)
		}
	}
}

// What a server might take for a write, or for anything but the read that it looks like, does not slip through.
func TestReadOnlyNearly(t *testing.T) {
	const base = "https://moka.example.com"
	for _, rest := range []string{
		"", "/", "/DealerSale", "/DealerSale/", "/DealerSale//GetSale", "//DealerSale/GetSale", "/dealersale/getsale", "/DealerSale/getSale", "/DEALERSALE/GETSALE",
		"/DealerSale/GetSale/", "/DealerSale/GetSale/../AddSale", "/DealerSale/../DealerSale/GetSale", "/./DealerSale/GetSale", "/DealerSale/GetSale/.", "/DealerSale/GetSale/..",
		"/DealerSale/GetSale%2f..%2fAddSale", "/DealerSale%2FGetSale", "/DealerSale/%47etSale", "/DealerSale/GetSale%00", "/DealerSale/GetSale%20", "/DealerSale/GetSale;x=/AddSale",
		"/DealerSale/GetSale?op=AddSale", "/DealerSale/GetSale?", "/DealerSale/GetSale#AddSale", "/DealerSale/GetSale\\..\\AddSale", "/DealerSale/AddSale?/DealerSale/GetSale",
		"/DealerSale/AddSale#/DealerSale/GetSale", "/DealerSale/GetSaleX", "/DealerSale/GetSal", "/DealerCustomer/GetSale", "/DealerSale/GetCustomer", "/x/DealerSale/GetSale", "/_sandbox/reset",
	} {
		if passes(t, base, post(t, base+rest)) {
			t.Errorf("%q passes", rest)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"another method":            func(r *http.Request) { r.Method = http.MethodGet },
		"another host":              func(r *http.Request) { r.URL.Host = "moka.example.org" },
		"another scheme":            func(r *http.Request) { r.URL.Scheme = "http" },
		"another Host header":       func(r *http.Request) { r.Host = "moka.example.org" },
		"a user":                    func(r *http.Request) { r.URL.User = url.User("x") },
		"a path of its own":         func(r *http.Request) { r.URL.Opaque = "//moka.example.com/DealerSale/AddSale" },
		"the same, of a read":       func(r *http.Request) { r.URL.Opaque = "//moka.example.com/DealerSale/GetSale" },
		"an encoding of its own":    func(r *http.Request) { r.URL.RawPath = "/DealerSale%2FGetSale" },
		"a name with another query": func(r *http.Request) { r.URL.RawQuery = "AddSale" },
	} {
		r := post(t, base+"/DealerSale/GetSale")
		if change(r); passes(t, base, r) {
			t.Errorf("%s passes", name)
		}
	}
	if r := post(t, base+"/DealerSale/GetSale"); !passes(t, base, r) {
		t.Error("the request that these are changed from does not pass")
	}
}

// Whatever is asked for: what passes is a documented read, letter by letter as it goes out.
func TestReadOnlyAnything(t *testing.T) {
	const base = "https://moka.example.com/v1"
	piece := rapid.SampledFrom([]string{"DealerSale", "dealersale", "DealerCustomer", "GetSale", "AddSale", "getsale", "GetCard", "UpdateCard", "GetSaleList", "/", "//", "%2F", ".", "..", "%2e%2e", ";", "?", "#", "%00", "%20", "\\", "x"})
	rapid.Check(t, func(t *rapid.T) {
		rest := "/" + strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
		r, err := http.NewRequest(http.MethodPost, base+rest, nil)
		if err != nil {
			return
		}
		if passes(t, base, r) != slices.Contains(documentedReads, rest) {
			t.Errorf("%q passes: %v", rest, passes(t, base, r))
		}
	})
}

// A write that a Reader is made to send all the same, past its methods, fails by an error of its own type, proven not sent, and is not tried again.
func TestReaderSendsNoWrite(t *testing.T) {
	base, calls := answering(t, 200, saleDone)
	o := Options{BaseURL: base, Credentials: dealer}
	r, err := NewReader(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for name, send := range map[string]func() error{
		"its caller":                 func() error { _, err := r.calls.once(t.Context(), AddSale, sale, 1, nil); return err },
		"its caller, as a read":      func() error { _, err := r.calls.read(t.Context(), AddSale, sale, nil); return err },
		"the Reader of a Client":     func() error { _, err := c.Reader.calls.once(t.Context(), AddSale, sale, 1, nil); return err },
		"put into a Client":          func() error { return addSale(t.Context(), &Client{Reader: r}) },
		"taken from one into one":    func() error { return addSale(t.Context(), &Client{Reader: c.Reader}) },
		"put into a Client, deletes": func() error { return (&Client{Reader: r}).Delete(t.Context(), DeleteSale, sale[2:3]) },
		"put into a Client, a card":  func() error { _, _, err := (&Client{Reader: r}).UpdateCard(t.Context(), sale[7:]); return err },
	} {
		err := send()
		if refused := (*ReadOnlyError)(nil); !errors.As(err, &refused) || OutcomeOf(err) != NotSent || IsTemporary(err) {
			t.Errorf("%s: %v, %v", name, OutcomeOf(err), err)
		}
	}
	if calls.Load() != 0 {
		t.Errorf("%d calls arrived", calls.Load())
	}
	if err := addSale(t.Context(), c); err != nil || calls.Load() != 1 {
		t.Errorf("a Client's own write: %v, %d calls", err, calls.Load())
	}
}

// All that a Reader can do is read: its methods are those of moka-api 2 that begin with Get, and some that make no call.
func TestReaderHasNoWriteMethod(t *testing.T) {
	calls := map[string]bool{}
	for i := range reflect.TypeFor[*Reader]().NumMethod() {
		switch m := reflect.TypeFor[*Reader]().Method(i); m.Name {
		case "Prove", "Skew", "Close", "Format":
		default:
			calls[m.Name] = true
		}
	}
	for _, path := range documentedReads {
		method := path[strings.LastIndexByte(path, '/')+1:]
		if !calls[method] {
			t.Errorf("a Reader has no %s", method)
		}
		delete(calls, method)
	}
	for name := range calls {
		t.Errorf("a Reader has a method %s: is it a read?", name)
	}
	if r := reflect.TypeFor[Reader](); slices.ContainsFunc(reflect.VisibleFields(r), func(f reflect.StructField) bool { return f.IsExported() }) {
		t.Error("a Reader hands out what is in it")
	}
}

// A simulator in the same process is behind the same transport.
func TestReadOnlyInProcess(t *testing.T) {
	var paths atomic.Pointer[string]
	r, err := NewReader(Options{BaseURL: "http://127.0.0.1", HTTP: roundTripper(func(r *http.Request) (*http.Response, error) {
		io.Copy(io.Discard, r.Body)
		paths.Store(&r.URL.Path)
		return responding(failure("DealerSale.GetSale.DealerSaleNotFound")), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.calls.once(context.Background(), DeleteSale, sale, 1, nil); OutcomeOf(err) != NotSent || paths.Load() != nil {
		t.Errorf("a write: %v", err)
	}
	if _, err := r.GetSale(t.Context(), sale[2:3]); OutcomeOf(err) != Refused || paths.Load() == nil || *paths.Load() != "/DealerSale/GetSale" {
		t.Errorf("a read: %v", err)
	}
}
