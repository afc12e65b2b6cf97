package moka

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What the opening read proves.
func TestProve(t *testing.T) {
	for _, row := range []struct {
		name, body string
		status     int
		proven     bool
		is         error
	}{
		{"a list", `{"Data":{"ProductListCount":1,"ProductList":[{"ProductCode":"a"}]},"ResultCode":"Success"}`, 200, true, nil},
		{"an empty list", `{"Data":{"ProductListCount":0,"ProductList":[]},"ResultCode":"Success"}`, 200, true, nil},
		{"nothing to list", failure("DealerSale.GetProductList.ProductNotFound"), 200, true, nil},
		{"a list with a wrong count", `{"Data":{"ProductListCount":9,"ProductList":[{"ProductCode":"a"}]},"ResultCode":"Success"}`, 200, true, nil},
		{"wrong credentials", failure("DealerSale.GetProductList.InvalidRequest"), 200, false, ErrCredentials},
		{"wrong credentials, said by the payment services' words", failure("PaymentDealer.CheckPaymentDealerAuthentication.InvalidAccount"), 200, false, ErrCredentials},
		{"an HTML page", "<html>", 404, false, ErrNotJSON},
		{"EX", failure("EX"), 200, false, nil},
		{"another API", `{"error":"x"}`, 200, false, ErrShape},
	} {
		base, _ := answering(t, row.status, row.body)
		c := newTestClient(t, base)
		err := c.Prove(t.Context())
		if (err == nil) != row.proven || row.is != nil && !errors.Is(err, row.is) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestWrongCredentialsAreNamed(t *testing.T) {
	base, _ := answering(t, 200, failure("DealerSale.GetProductList.InvalidRequest"))
	err := newTestClient(t, base).Prove(t.Context())
	for _, want := range []string{"dealer code", "user name", "password", "endpoint", strings.TrimPrefix(base, "http://")} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name the %s", err, want)
		}
	}
}

func TestSkew(t *testing.T) {
	now := time.Date(2031, 4, 1, 12, 0, 0, 0, time.UTC)
	date := now.Add(90 * time.Second)
	base := serving(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date.Format(http.TimeFormat))
		w.WriteHeader(404)
	})
	c := newTestClient(t, base, func(o *Options) { o.Now = func() time.Time { return now } })
	if _, known := c.Skew(); known {
		t.Error("the skew is known before any answer")
	}
	_ = addSale(t.Context(), c)
	if got, known := c.Skew(); !known || got < 90*time.Second || got > 91*time.Second {
		t.Errorf("skew %v, %v", got, known)
	}
}
