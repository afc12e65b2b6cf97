package moka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Reader makes the calls that change nothing. Whoever holds one cannot write, nor get at anything that can: it has no such method, and its transport lets out nothing but the
// reads of the table of operations (ReadOnlyError). Every error of a call is an *Error, or the error of the function that was given to it.
// Reads are repeated while that may help (IsTemporary), within Options.Attempts and the context. All methods may be called at the same time.
type Reader struct{ calls *caller }

// Format prints to whom the Reader speaks, for every verb.
func (r Reader) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "moka at %s", r.calls.host) }

// GetCustomer reads one customer, by DealerCustomerId or CustomerCode in key (moka-api 2.5). The record holds the customer's password as Moka echoes it.
// IsNotFound tells a customer that is not there.
func (r *Reader) GetCustomer(ctx context.Context, key Record) (Record, error) {
	return r.object(ctx, GetCustomer, key)
}

// GetCustomerList hands every customer of the dealer to each, as they arrive and one at a time (moka-api 2.6). What each was given counts only if nil is returned: the list may
// break off, fail after its last element, or not be as long as it says (CountError). IsNoData tells an empty list that Moka reports as a failure; each was not called then.
// A list that broke off after its first record is not begun anew: IsTemporary tells whether that is worth while. An error of each ends the list and is returned as it is.
func (r *Reader) GetCustomerList(ctx context.Context, each func(Record) error) error {
	return r.list(ctx, GetCustomerList, nil, each)
}

// GetCard reads one stored card and its customer by the card's token (moka-api 2.10).
func (r *Reader) GetCard(ctx context.Context, token string) (customer, card Record, err error) {
	got, err := r.calls.read(ctx, GetCard, Record{{"CardToken", wireToken(token)}}, nil)
	if err != nil {
		return nil, nil, err
	}
	return got.main(table[GetCard]), got.card(token), nil
}

// GetCardList hands every stored card of one customer, named by DealerCustomerId or CustomerCode in key, to each (moka-api 2.11), as GetCustomerList does.
func (r *Reader) GetCardList(ctx context.Context, key Record, each func(Record) error) error {
	return r.list(ctx, GetCardList, key, each)
}

// GetProductList hands every product to each (moka-api 2.14), as GetCustomerList does.
func (r *Reader) GetProductList(ctx context.Context, each func(Record) error) error {
	return r.list(ctx, GetProductList, nil, each)
}

// GetScheduleList hands every schedule to each (moka-api 2.19), as GetCustomerList does.
func (r *Reader) GetScheduleList(ctx context.Context, each func(Record) error) error {
	return r.list(ctx, GetScheduleList, nil, each)
}

// GetSchedule reads one schedule by Moka's number (moka-api 2.18).
func (r *Reader) GetSchedule(ctx context.Context, id int64) (Record, error) {
	return r.object(ctx, GetSchedule, Record{{"DealerSaleScheduleId", strconv.FormatInt(id, 10)}})
}

// GetSale reads one sale, by DealerSaleId or SaleCode in key (moka-api 2.23). That it fails is no proof that the sale is absent: only a whole GetSaleList is (moka-api 4.1).
func (r *Reader) GetSale(ctx context.Context, key Record) (Record, error) {
	return r.object(ctx, GetSale, key)
}

// GetSaleList hands every sale of the dealer to each (moka-api 2.24), as GetCustomerList does.
func (r *Reader) GetSaleList(ctx context.Context, each func(Record) error) error {
	return r.list(ctx, GetSaleList, nil, each)
}

// GetPaymentPlanList hands the payment steps of the sale that DealerSaleId or SaleCode names, due from PaymentPlanPaymentDateStart to PaymentPlanPaymentDateEnd (YYYYMMDD), to each
// (moka-api 2.29). Whether the two days themselves count is not documented: ask for one more on either side.
func (r *Reader) GetPaymentPlanList(ctx context.Context, key Record, each func(Record) error) error {
	return r.list(ctx, GetPaymentPlanList, key, each)
}

// GetPaymentPlanReport does the same over all sales of the dealer; key holds the two days only (moka-api 2.31).
func (r *Reader) GetPaymentPlanReport(ctx context.Context, key Record, each func(Record) error) error {
	return r.list(ctx, GetPaymentPlanReport, key, each)
}

// Prove makes a harmless call to see that Moka can be read with these credentials, and gives ErrCredentials when it says InvalidRequest: a request without members leaves
// nothing else that could be wrong (moka-api 1.6, 4.5). That there is nothing to list proves them as well.
func (r *Reader) Prove(ctx context.Context) error {
	err := r.GetProductList(ctx, func(Record) error { return nil })
	var e *Error
	switch {
	case err == nil, IsNoData(err), errors.As(err, new(*CountError)):
		return nil
	case errors.As(err, &e) && (strings.HasSuffix(e.Code, "."+invalidRequest) || strings.HasSuffix(e.Code, ".InvalidAccount")):
		e.Err = ErrCredentials
	}
	return err
}

// Skew is how far Moka's clock is ahead of this machine's, to about a second, by the Date of the last answer; known is false before one came.
func (r *Reader) Skew() (ahead time.Duration, known bool) {
	if skew := r.calls.skew.Load(); skew != nil {
		return *skew, true
	}
	return 0, false
}

// Close closes the connections that are not in use.
func (r *Reader) Close() {
	if r.calls.own != nil {
		r.calls.own.CloseIdleConnections()
	}
}

func (r *Reader) object(ctx context.Context, op Op, key Record) (Record, error) {
	got, err := r.calls.read(ctx, op, key, nil)
	if err != nil {
		return nil, err
	}
	return got.main(table[op]), nil
}

func (r *Reader) list(ctx context.Context, op Op, key Record, each func(Record) error) error {
	_, err := r.calls.read(ctx, op, key, each)
	return err
}

// wireToken gives a card token as the samples send it: upper case, in braces (moka-api 1.7).
func wireToken(token string) string { return "{" + strings.ToUpper(bareToken(token)) + "}" }
