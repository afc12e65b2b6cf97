package moka

import (
	"context"
	"errors"
	"net/http"
)

// Client is a Reader that can also write. Every write is one attempt; OutcomeOf(err) says what is known of it. A record holds the members to send, in their order and
// in wire form: dates as YYYYMMDD, amounts with two places, card tokens in upper case and braces (moka-api 1.7). What comes back is the object as Moka answered it.
//
// Success counts only if the answer holds the object's id, and the id and the code that were sent, if any were.
//
// NewClient alone makes one that writes: a Reader put into a Client sends no write (ReadOnlyError).
type Client struct {
	*Reader
	writes *caller
}

// AddCustomer adds a customer (moka-api 2.1). A CustomerCode that exists is refused by CustomerCodeAlreadyUsing, so that it may be repeated. It must be given.
func (c *Client) AddCustomer(ctx context.Context, customer Record) (Record, error) {
	return c.write(ctx, AddCustomer, customer)
}

// UpdateCustomer changes the customer that DealerCustomerId or CustomerCode names (moka-api 2.3). Moka does not say that omitted members are kept: send all of them.
func (c *Client) UpdateCustomer(ctx context.Context, customer Record) (Record, error) {
	return c.write(ctx, UpdateCustomer, customer)
}

// UpdateCard changes the name of the stored card with a CardToken, and nothing else (moka-api 2.8).
func (c *Client) UpdateCard(ctx context.Context, card Record) (customer, updated Record, err error) {
	got, err := c.send(ctx, UpdateCard, card)
	if err != nil {
		return nil, nil, err
	}
	return got.main(table[UpdateCard]), got.card(card.Get("CardToken")), nil
}

// AddProduct adds a product (moka-api 2.12). A ProductCode or ProductName that exists is refused, so that it may be repeated. The code must be given.
func (c *Client) AddProduct(ctx context.Context, product Record) (Record, error) {
	return c.write(ctx, AddProduct, product)
}

// AddSchedule adds a schedule (moka-api 2.15). A schedule has no code of the dealer's: repeating it makes a second one.
func (c *Client) AddSchedule(ctx context.Context, schedule Record) (Record, error) {
	return c.write(ctx, AddSchedule, schedule)
}

// UpdateSchedule changes the schedule that DealerSaleScheduleId names; omitted members are kept (moka-api 2.16).
func (c *Client) UpdateSchedule(ctx context.Context, schedule Record) (Record, error) {
	return c.write(ctx, UpdateSchedule, schedule)
}

// AddSale adds a sale, upon which Moka charges a card again and again (moka-api 2.20). A SaleCode that exists may be accepted, and then be charged twice: after an outcome
// that is not known, look (moka-api 4.1). The code must be given.
func (c *Client) AddSale(ctx context.Context, sale Record) (Record, error) {
	return c.write(ctx, AddSale, sale)
}

// UpdateSale changes the sale that DealerSaleId or SaleCode names (moka-api 2.21). Nothing says that an omitted member is kept, and of EndDate the page suggests the contrary:
// send all of them, and read the sale again.
func (c *Client) UpdateSale(ctx context.Context, sale Record) (Record, error) {
	return c.write(ctx, UpdateSale, sale)
}

// AddPaymentPlan adds a payment step to the sale that DealerSaleId or SaleCode names: Moka charges it on its PaymentDate (moka-api 2.25). A step has no key of the dealer's:
// repeating the call makes a second one, and a second charge.
func (c *Client) AddPaymentPlan(ctx context.Context, step Record) (Record, error) {
	return c.write(ctx, AddPaymentPlan, step)
}

// UpdatePaymentPlan changes the step that DealerPaymentPlanId names, before its day has come (moka-api 2.26). Moka does not say that omitted members are kept: send all of them.
func (c *Client) UpdatePaymentPlan(ctx context.Context, step Record) (Record, error) {
	return c.write(ctx, UpdatePaymentPlan, step)
}

// Delete makes one of the calls that take a thing away: RemoveCustomer, RemoveCard, DeleteProduct, DeleteSchedule, DeleteSale, DeletePaymentPlan (moka-api 2.4, 2.9, 2.13, 2.17,
// 2.22, 2.27). key names the thing, by Moka's number, and by its code too where it has one, so that no other can be meant.
func (c *Client) Delete(ctx context.Context, op Op, key Record) error {
	if table[op].shape != gone {
		return &Error{Op: op, Phase: PhaseBefore, Err: errNoDelete}
	}
	_, err := c.send(ctx, op, key)
	return err
}

var errNoDelete = errors.New("this call takes nothing away")

func (c *Client) write(ctx context.Context, op Op, what Record) (Record, error) {
	got, err := c.send(ctx, op, what)
	if err != nil {
		return nil, err
	}
	return got.main(table[op]), nil
}

// send makes a write's one attempt.
func (c *Client) send(ctx context.Context, op Op, what Record) (data, error) {
	if c.writes == nil {
		return data{}, &Error{Op: op, Phase: PhaseBefore, Err: &ReadOnlyError{Method: http.MethodPost, Path: "/" + string(op)}}
	}
	return c.writes.once(ctx, op, what, 1, nil)
}
