package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// thing is one thing at Moka. It holds personal data and tokens, in memory only.
type thing struct {
	*plan.Found
	// customer, product and sale are Moka's numbers of what it belongs to, 0 where it belongs to none or Moka does not say.
	customer, product, sale int64
	// bank is that of a card.
	bank string
	// recoded: Moka's code of it is not in the Unicode form (NFC) in which mokasync would send it.
	recoded bool
}

// account is what was read at Moka, by kind, in the order of Moka's lists.
type account map[spec.Kind][]*thing

// reading reads an account.
type reading struct {
	reader      *moka.Reader
	parallelism int
	today       string // YYYY-MM-DD, the day in Istanbul
	progress    func(Progress)
	account     account
}

// Progress says how far the reading is.
type Progress struct {
	// What is read: "customers", "cards", …
	What string
	// Done of Total calls are made; Things have been read.
	Done, Total, Things int
}

// words name the kinds in the plural.
var words = map[spec.Kind]string{
	spec.Customer: "customers", spec.Product: "products", spec.Schedule: "schedules", spec.Card: "cards", spec.Sale: "sales", spec.PaymentStep: "payment steps",
}

// list reads the list of a kind. One that says that there is nothing is an empty one; one that is shorter than its count is an error.
func (r *reading) list(ctx context.Context, kind spec.Kind) error {
	var things []*thing
	each := func(record moka.Record) error {
		if t := r.thing(kind, record); t != nil {
			things = append(things, t)
		}
		return nil
	}
	var err error
	switch kind {
	case spec.Customer:
		err = r.reader.GetCustomerList(ctx, each)
	case spec.Product:
		err = r.reader.GetProductList(ctx, each)
	case spec.Schedule:
		err = r.reader.GetScheduleList(ctx, each)
	case spec.Sale:
		err = r.reader.GetSaleList(ctx, each)
	case spec.PaymentStep:
		err = r.reader.GetPaymentPlanReport(ctx, r.period(), each)
	}
	if err != nil && !moka.IsNoData(err) {
		return incomplete(err)
	}
	r.account[kind] = things
	r.progress(Progress{What: words[kind], Done: 1, Total: 1, Things: len(things)})
	return nil
}

// incomplete tells what to do about a list that is shorter than it says.
func incomplete(err error) error {
	if errors.As(err, new(*moka.CountError)) {
		return fmt.Errorf("%w; an account is imported whole or not at all: import again, and ask Moka if it stays so", err)
	}
	return err
}

// farAhead is how many years of payment steps are asked for.
const farAhead = 100

// period is that of the payment steps which still come. Whether its two days count is not documented: it begins a day early (moka-api 2.29).
func (r *reading) period() moka.Record {
	day, _ := time.Parse(time.DateOnly, r.today) // the caller's own form
	const wire = "20060102"
	return moka.Record{
		{Name: "PaymentPlanPaymentDateStart", Value: day.AddDate(0, 0, -1).Format(wire)},
		{Name: "PaymentPlanPaymentDateEnd", Value: day.AddDate(farAhead, 0, 0).Format(wire)},
	}
}

// thing reads one element of a list, nil for a payment step that is none of the dealer's or is history.
func (r *reading) thing(kind spec.Kind, record moka.Record) *thing {
	t := &thing{Found: plan.FoundOf(kind, record.Get)}
	switch kind {
	case spec.Customer:
		t.customer = t.ID
	case spec.Product:
		t.product = t.ID
	case spec.Sale:
		t.customer, t.product, t.sale = record.ID("DealerCustomerId"), record.ID("DealerProductId"), t.ID
	case spec.PaymentStep:
		t.sale = record.ID("DealerSaleId")
		if !strings.EqualFold(record.Get("IsManualPlan"), "true") || r.isHistory(t, record.Get("PlanStatus")) {
			return nil
		}
	}
	if f := kind.Def().CodeField(); f != nil {
		t.recoded = t.Code != record.Get(f.Wire)
	}
	return t
}

// isHistory reports whether a payment step has passed, or was tried to its end: nothing can change it any more (moka-api 2.26, 2.28).
func (r *reading) isHistory(t *thing, status string) bool {
	date := t.Texts(spec.PaymentStep.Def().Field("paymentDate"))[0]
	return len(date) == len(r.today) && date < r.today || status == "1" || status == "3"
}

// cards reads the stored cards of customers, several at once. Moka has no list of all (moka-api 2.11).
func (r *reading) cards(ctx context.Context, customers []*thing) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lists := make([][]*thing, len(customers))
	var next, done, things atomic.Int64
	var wg sync.WaitGroup
	var telling sync.Mutex
	for range min(r.parallelism, len(customers)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(customers) {
					return
				}
				var err error
				if lists[i], err = r.cardsOf(ctx, customers[i]); err != nil {
					cancel(err)
					return
				}
				things.Add(int64(len(lists[i])))
				telling.Lock()
				r.progress(Progress{What: words[spec.Card], Done: int(done.Add(1)), Total: len(customers), Things: int(things.Load())})
				telling.Unlock()
			}
		})
	}
	wg.Wait()
	for _, list := range lists {
		r.account[spec.Card] = append(r.account[spec.Card], list...)
	}
	return context.Cause(ctx)
}

// cardsOf reads one customer's cards.
func (r *reading) cardsOf(ctx context.Context, customer *thing) ([]*thing, error) {
	var cards []*thing
	key := moka.Record{{Name: "DealerCustomerId", Value: fmt.Sprint(customer.ID)}}
	err := r.reader.GetCardList(ctx, key, func(card moka.Record) error {
		found := plan.FoundOf(spec.Card, func(member string) string {
			switch member {
			case "CustomerCode":
				return customer.Code
			case "DealerCustomerId":
				return fmt.Sprint(customer.ID)
			}
			return card.Get(member)
		})
		found.Owner = customer.Code
		cards = append(cards, &thing{Found: found, customer: customer.ID, bank: card.Get("BankName")})
		return nil
	})
	switch {
	case moka.IsNoData(err):
		return nil, nil
	case moka.IsNotFound(err):
		return nil, fmt.Errorf("customer %d was removed while the account was read: import again (%w)", customer.ID, err)
	case err != nil:
		return nil, incomplete(err)
	}
	return cards, nil
}
