package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Moka gives a payment step no key of ours (moka-api 2.25): it is known by its sale and its day, of which there is to be one, and by Moka's number once that is known.

// createStep adds a payment step where its sale has none on that day; each attempt looks first.
func (a *Applier) createStep(ctx context.Context, c *plan.Change) *verdict {
	w := a.creating(c)
	w.before = func(ctx context.Context) *verdict {
		byHand, byMoka, err := a.stepsOnceShown(ctx, w.entry)
		switch {
		case err != nil:
			return failed("%s", cannotLook(err))
		case len(byMoka) > 0:
			return failed("Moka has made a payment step of its own for this sale and day (id %d): another one would be charged too. Choose another day", byMoka[0].ID)
		case len(byHand) > 1:
			return failed("%s", plan.TwoSteps(byHand))
		case len(byHand) == 1:
			return a.foundBefore(c, byHand[0])
		}
		a.soldMu.Lock()
		defer a.soldMu.Unlock()
		a.stepped[c.Address] = w.entry
		return nil
	}
	unlock := a.lockSteps(ctx, w.entry)
	defer unlock()
	return a.send(ctx, w)
}

// lockSteps keeps the writes of one sale's payment steps apart, however they name the sale: what one adds the next must see. It is called before the look.
func (a *Applier) lockSteps(ctx context.Context, entry *lockfile.Entry) (unlock func()) {
	sale := entry.Text("sale")
	if number, ok := plan.ByNumber(sale); ok {
		sale = "" // if it cannot be read, neither can its steps
		if live, err := a.looks.reader.GetSale(ctx, moka.Record{{Name: "DealerSaleId", Value: number}}); err == nil {
			sale = live.Get("SaleCode")
		}
	}
	a.soldMu.Lock()
	lock := a.stepLocks[sale]
	if lock == nil {
		lock = &sync.Mutex{}
		a.stepLocks[sale] = lock
	}
	a.soldMu.Unlock()
	lock.Lock()
	return lock.Unlock
}

// stepsOnceShown gives what stepsOn does, once Moka shows the sale: it may have been made a moment ago.
func (a *Applier) stepsOnceShown(ctx context.Context, entry *lockfile.Entry) (byHand, byMoka []*plan.Found, err error) {
	begun := a.Now()
	for pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond); ; pause *= 2 {
		byHand, byMoka, err = a.stepsOn(ctx, entry)
		if waited := a.Now().Sub(begun); !moka.IsNoData(err) || waited >= a.Settle || !a.sleep(ctx, min(pause, a.Settle-waited)) {
			return byHand, byMoka, err
		}
	}
}

// stepSale gives the members that name the sale of a step, by Moka's number as well where the lockfile knows it.
func (a *Applier) stepSale(entry *lockfile.Entry) moka.Record {
	sale := entry.Text("sale")
	if number, ok := plan.ByNumber(sale); ok {
		return moka.Record{{Name: "DealerSaleId", Value: number}}
	}
	key := moka.Record{{Name: "SaleCode", Value: sale}}
	for _, address := range entry.DependsOn {
		if e := a.Session.Lock.Get(address); e != nil && e.Code == sale && e.ID != 0 {
			key = append(moka.Record{{Name: "DealerSaleId", Value: itoa(e.ID)}}, key...)
		}
	}
	return key
}

// stepsBetween reads the steps of an entry's sale that are due from first to last (YYYY-MM-DD).
func (a *Applier) stepsBetween(ctx context.Context, entry *lockfile.Entry, first, last string) ([]*plan.Found, error) {
	key := view(a, func() moka.Record { return a.stepSale(entry) })
	var found []*plan.Found
	err := a.looks.reader.GetPaymentPlanList(ctx, period(key, first, last), func(r moka.Record) error {
		if f := plan.FoundOf(spec.PaymentStep, r.Get); f.Day() >= first && f.Day() <= last {
			found = append(found, f)
		}
		return nil
	})
	if moka.IsNoData(err) && !strings.Contains(errorCode(err), "Sale") {
		return nil, nil // no steps; that there is no such sale is another matter
	}
	return found, err
}

func errorCode(err error) string {
	var e *moka.Error
	if errors.As(err, &e) {
		_, last, _ := strings.Cut(strings.TrimPrefix(e.Code, e.Op.Family()+"."), ".")
		return last
	}
	return ""
}

// stepsOn gives the steps of an entry's sale on the entry's day: those made by hand, and those that Moka made.
func (a *Applier) stepsOn(ctx context.Context, entry *lockfile.Entry) (byHand, byMoka []*plan.Found, err error) {
	day := entry.Text("paymentDate")
	found, err := a.stepsBetween(ctx, entry, day, day)
	for _, f := range found {
		if f.ByMoka {
			byMoka = append(byMoka, f)
		} else {
			byHand = append(byHand, f)
		}
	}
	return byHand, byMoka, err
}

// stepOn finds the step that was made by hand of an entry's sale on the entry's day; nil if there is none. More than one is an error that names them.
func (a *Applier) stepOn(ctx context.Context, entry *lockfile.Entry) (*plan.Found, error) {
	byHand, _, err := a.stepsOn(ctx, entry)
	switch {
	case err != nil || len(byHand) == 0:
		return nil, err
	case len(byHand) > 1:
		return nil, &TwiceError{plan.TwoSteps(byHand)}
	}
	return byHand[0], nil
}

// stepNumbered finds a step by Moka's number among all those of its sale: it may have been moved to another day. nil if it is not there, or its sale is not.
func (a *Applier) stepNumbered(ctx context.Context, entry *lockfile.Entry) (*plan.Found, error) {
	today := a.Now().In(calendar.Istanbul)
	first, last := today.AddDate(-1, 0, 0).Format(time.DateOnly), today.AddDate(20, 0, 0).Format(time.DateOnly)
	day := entry.Text("paymentDate")
	found, err := a.stepsBetween(ctx, entry, min(first, day), max(last, day))
	if moka.IsNoData(err) {
		if gone, err := a.saleGone(ctx, entry); gone || err != nil {
			return nil, err
		}
	}
	for _, f := range found {
		if f.ID == entry.ID {
			return f, err
		}
	}
	return nil, err
}

// saleGone reports whether a whole list of sales has none by the code that a step's entry names.
func (a *Applier) saleGone(ctx context.Context, entry *lockfile.Entry) (bool, error) {
	sale := entry.Text("sale")
	if _, ok := plan.ByNumber(sale); ok {
		return false, nil
	}
	found, err := a.looks.byCode(ctx, spec.Sale, sale, a.started)
	return found == nil && err == nil, err
}

// stepGone is what becomes of the delete of a step that is not there any more. Another step of the day may be it, made anew, and is charged.
func (a *Applier) stepGone(ctx context.Context, c *plan.Change) *verdict {
	byHand, _, err := a.stepsOn(ctx, c.Known)
	switch {
	case err != nil && !moka.IsNoData(err):
		return failed("%s", cannotLook(err))
	case len(byHand) > 0:
		return failed("step %d is not at Moka any more, and on its day there is another one made by hand (id %d), which Moka charges: delete that in Moka's panel, or `mokasync state rm %s`", c.ID, byHand[0].ID, c.Address)
	}
	return &verdict{status: Done, deleted: true, adopted: true}
}

// changeStep changes a step whose day has not come, sending every member (moka-api 2.26).
func (a *Applier) changeStep(ctx context.Context, c *plan.Change) *verdict {
	known := c.Known
	if known == nil { // it was found by looking
		known = view(a, func() *lockfile.Entry { return a.World.Entry(c.Desired, c.ID) })
	}
	day := c.Desired.Text("paymentDate")
	unlock := a.lockSteps(ctx, known)
	defer unlock()
	found, err := a.stepNumbered(ctx, known)
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case found == nil:
		return failed("Moka does not have this payment step any more: was it deleted there? See `mokasync plan --refresh`")
	}
	if names := a.editedToo(c, found); names != "" {
		return editedTooVerdict(names)
	}
	equal, entry, previous := a.equalAlready(c, found)
	if equal {
		return &verdict{status: Done, adopted: true, entry: entry}
	}
	if v := a.stillOpen(found); v != nil {
		return v
	}
	if day != found.Day() {
		byHand, byMoka, err := a.stepsOn(ctx, entry)
		if err != nil {
			return failed("%s", cannotLook(err))
		}
		if others := append(byHand, byMoka...); len(others) > 0 {
			return failed("its sale has a payment step on %s already (id %d), and both would be charged: choose another day", day, others[0].ID)
		}
	}
	set := view(a, func() moka.Record { return a.managed(c.Desired) })
	request := moka.Record{{Name: "DealerPaymentPlanId", Value: itoa(found.ID)}}
	for _, f := range spec.PaymentStep.Def().Fields {
		switch {
		case f.IsReference():
		case set.Has(f.Wire):
			request = append(request, moka.Member{Name: f.Wire, Value: set.Get(f.Wire)})
		default:
			request = append(request, moka.Member{Name: f.Wire, Value: f.ToWire(found.Texts(&f)[0])})
		}
	}
	return a.send(ctx, &write{op: moka.UpdatePaymentPlan, request: request, entry: entry, previous: previous, resource: c.Desired})
}

// stillOpen refuses to touch a step that was tried, or is tried today (moka-api 4.3).
func (a *Applier) stillOpen(found *plan.Found) *verdict {
	switch today := calendar.DayOf(a.Now()); {
	case found.Status == "1":
		return failed("Moka has charged this payment step already: it is history, nothing was sent")
	case found.Status == "2" || found.Status == "3":
		return failed("Moka has tried to charge this payment step already: nothing was sent")
	case found.Day() <= today:
		return failed("the day of this payment step, %s, has come: nothing was sent", found.Day())
	}
	return nil
}

// proveSteps reads the steps of all sales on the days of those that were added in this run, and shows that each stands there once.
func (a *Applier) proveSteps(ctx context.Context, account *Account) {
	if len(a.stepped) == 0 {
		return
	}
	written := a.Now()
	for pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond); ; pause *= 2 {
		begun := a.Now()
		unproved := a.proveStepsOnce(ctx, account)
		if len(unproved) == 0 {
			return
		}
		if begun.Sub(written) >= a.Settle || !a.sleep(ctx, min(pause, a.Settle-begun.Sub(written))) {
			for res, why := range unproved {
				a.owe(res, moka.AddPaymentPlan, fmt.Sprintf("Moka took the payment step%s, but %s", idText(res.ID), why))
			}
			return
		}
	}
}

func (a *Applier) proveStepsOnce(ctx context.Context, account *Account) map[*Result]string {
	unproved := map[*Result]string{}
	there, err := a.stepReport(ctx)
	for i := range account.Results {
		res := &account.Results[i]
		entry := a.stepped[res.Address]
		if entry == nil || res.Status != Done && res.Status != Failed {
			continue
		}
		var same []*plan.Found
		if err == nil {
			for _, f := range there[entry.Text("paymentDate")] {
				if sale := entry.Text("sale"); f.Equal(saleOfStep, []string{sale}) {
					same = append(same, f)
				}
			}
		}
		switch {
		case len(same) > 1:
			a.owe(res, moka.AddPaymentPlan, plan.TwoSteps(same))
		case res.Status != Done:
		case err != nil:
			unproved[res] = fmt.Sprintf("it could not be proved that it stands there once: %v", err)
		case len(same) == 0:
			unproved[res] = "its list does not show it: look in Moka's panel; `mokasync plan --refresh` looks too"
		}
	}
	return unproved
}

var saleOfStep = spec.PaymentStep.Def().Field("sale")

// stepReport reads the steps that were made by hand, of all sales, by day.
func (a *Applier) stepReport(ctx context.Context) (map[string][]*plan.Found, error) {
	var days []string
	for _, e := range a.stepped {
		days = append(days, e.Text("paymentDate"))
	}
	return stepsByDay(ctx, a.looks.reader, slices.Min(days), slices.Max(days))
}

// stepsByDay reads the steps of all sales that are due from first to last and were made by hand, by day.
func stepsByDay(ctx context.Context, reader reads, first, last string) (map[string][]*plan.Found, error) {
	there := map[string][]*plan.Found{}
	err := reader.GetPaymentPlanReport(ctx, period(nil, first, last), func(r moka.Record) error {
		if f := plan.FoundOf(spec.PaymentStep, r.Get); !f.ByMoka {
			there[f.Day()] = append(there[f.Day()], f)
		}
		return nil
	})
	if moka.IsNoData(err) {
		return there, nil
	}
	return there, err
}
