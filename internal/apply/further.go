package apply

import (
	"context"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// LookFurther adds to what Look has read what the lockfile knows and no manifest leads to: cards whose tokens are not at hand, among all cards of their customers, and payment
// steps that are on none of the days which manifests and lockfile name, among all steps of their sales that still come. After it, what is not in live is not at Moka.
// of limits that to some of the entries.
func LookFurther(ctx context.Context, reader *moka.Reader, live *plan.Live, known *lockfile.Lock, of func(*lockfile.Entry) bool, now time.Time) error {
	f := further{reader: reader, live: live, today: calendar.DayOf(now), read: map[string]bool{}, cards: map[string]bool{}, steps: map[int64]bool{}}
	for token := range live.Cards {
		f.cards[known.Keys().Token(token)] = true
	}
	for _, day := range live.Steps {
		for _, found := range day {
			f.steps[found.ID] = true
		}
	}
	for _, e := range known.Entries() {
		if !of(e) {
			continue
		}
		var err error
		switch {
		case e.Address.Kind == spec.Card && !f.cards[e.Text("token")]:
			err = f.cardsOf(ctx, e.Text("customer"))
		case e.Address.Kind == spec.PaymentStep && !f.steps[e.ID] && e.Text("paymentDate") >= f.today:
			err = f.stepsOf(ctx, e.Text("sale"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type further struct {
	reader *moka.Reader
	live   *plan.Live
	today  string
	read   map[string]bool // the customers and sales that were read
	cards  map[string]bool // the cards that were seen, by their tokens' fingerprints
	steps  map[int64]bool  // the payment steps that were seen
}

// once reports whether something is asked for the first time.
func (f *further) once(what string) bool {
	first := !f.read[what]
	f.read[what] = true
	return first
}

// cardsOf reads the cards of a customer, whom the lockfile keeps by code or by Moka's number (moka-api 2.11).
func (f *further) cardsOf(ctx context.Context, customer string) error {
	if !f.once("customer " + customer) {
		return nil
	}
	key := moka.Record{{Name: "CustomerCode", Value: customer}}
	if number, ok := plan.ByNumber(customer); ok {
		key = moka.Record{{Name: "DealerCustomerId", Value: number}}
	}
	err := f.reader.GetCardList(ctx, key, func(card moka.Record) error {
		found := cardFound(key, card)
		f.live.Cards[found.Texts(tokenField)[0]] = found
		return nil
	})
	if moka.IsNoData(err) || moka.IsNotFound(err) {
		return nil
	}
	return err
}

// farAhead is how many years of payment steps are asked for.
const farAhead = 100

// stepsOf reads the payment steps of a sale that still come (moka-api 2.29).
func (f *further) stepsOf(ctx context.Context, sale string) error {
	if !f.once("sale " + sale) {
		return nil
	}
	key := moka.Record{{Name: "SaleCode", Value: sale}}
	if number, ok := plan.ByNumber(sale); ok {
		key = moka.Record{{Name: "DealerSaleId", Value: number}}
	}
	day, err := time.Parse(time.DateOnly, f.today)
	if err != nil {
		return err
	}
	err = f.reader.GetPaymentPlanList(ctx, period(key, f.today, day.AddDate(farAhead, 0, 0).Format(time.DateOnly)), func(r moka.Record) error {
		step := plan.FoundOf(spec.PaymentStep, r.Get)
		if !step.ByMoka && !f.steps[step.ID] {
			f.steps[step.ID] = true
			if f.live.Steps == nil {
				f.live.Steps = map[string][]*plan.Found{}
			}
			f.live.Steps[step.Day()] = append(f.live.Steps[step.Day()], step)
		}
		return nil
	})
	if moka.IsNoData(err) || moka.IsNotFound(err) || strings.Contains(errorCode(err), "NotFound") {
		return nil // no steps, or no such sale: then there are none either
	}
	return err
}
