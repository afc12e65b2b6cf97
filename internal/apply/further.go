package apply

import (
	"context"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// LookFurther adds to what Look has read what the lockfile knows and no manifest leads to: cards whose tokens are not at hand, among all cards of their customers, and payment
// steps that are on none of the days which manifests and lockfile name, among all that still come. After it, what is not in live is not at Moka.
// of limits that to some of the entries.
func LookFurther(ctx context.Context, reader *moka.Reader, live *plan.Live, known *lockfile.Lock, of func(*lockfile.Entry) bool, now time.Time) error {
	f := further{reader: reader, live: live, read: map[string]bool{}, cards: map[string]bool{}}
	for token := range live.Cards {
		f.cards[known.Keys().Token(token)] = true
	}
	seen := map[int64]bool{}
	for _, day := range live.Steps {
		for _, found := range day {
			seen[found.ID] = true
		}
	}
	today := calendar.DayOf(now)
	steps := map[int64]bool{} // those that were not seen, by Moka's number
	for _, e := range known.Entries() {
		switch {
		case !of(e):
		case e.Address.Kind == spec.Card && !f.cards[e.Text("token")]:
			if err := f.cardsOf(ctx, e.Text("customer")); err != nil {
				return err
			}
		case e.Address.Kind == spec.PaymentStep && e.ID != 0 && !seen[e.ID] && e.Text("paymentDate") >= today:
			steps[e.ID] = true
		}
	}
	return f.stepsNumbered(ctx, steps, today)
}

type further struct {
	reader *moka.Reader
	live   *plan.Live
	read   map[string]bool // the customers whose cards were read
	cards  map[string]bool // the cards that were seen, by their tokens' fingerprints
}

// cardsOf reads the cards of a customer, whom the lockfile keeps by code or by Moka's number (moka-api 2.11).
func (f *further) cardsOf(ctx context.Context, customer string) error {
	if f.read[customer] {
		return nil
	}
	f.read[customer] = true
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

// stepsNumbered adds the payment steps with these numbers of Moka's, out of one report of all that still come (moka-api 2.31). It names no sale: that may be gone while its steps
// are not, and are charged (moka-api 3.6).
func (f *further) stepsNumbered(ctx context.Context, wanted map[int64]bool, today string) error {
	if len(wanted) == 0 {
		return nil
	}
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return err
	}
	last := day.AddDate(farAhead, 0, 0).Format(time.DateOnly)
	err = f.reader.GetPaymentPlanReport(ctx, period(nil, today, last), func(r moka.Record) error {
		if !wanted[r.ID(spec.PaymentStep.Def().IDMember)] {
			return nil
		}
		if step := plan.FoundOf(spec.PaymentStep, r.Get); !step.ByMoka {
			if f.live.Steps == nil {
				f.live.Steps = map[string][]*plan.Found{}
			}
			f.live.Steps[step.Day()] = append(f.live.Steps[step.Day()], step)
		}
		return nil
	})
	if moka.IsNoData(err) {
		return nil
	}
	return err
}
