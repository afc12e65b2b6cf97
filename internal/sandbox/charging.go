package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Moka makes a payment step on each due date and tries its cards at 12:00 and
// 18:00 (moka-api 3.1, 3.3), here in Istanbul. The sandbox does what fell due
// since it was last asked when it is asked again, day by day in order, each day
// as one record: whole in the data file, or not at all and then done anew.
//
// A clock that is set back makes days pass again. What was done for them stands:
// a sale has one automatic step a due date, and a step is not tried twice at one
// moment.

// chargingHours are when cards are tried.
var chargingHours = [...]int{12, 18}

// lastChargingHour ends a day of attempts.
const lastChargingHour = 18

// catchUp charges what has fallen due, for every dealer. s.mu is held.
func (s *Server) catchUp() error {
	now := s.clock.now()
	for _, dealer := range slices.Sorted(maps.Keys(s.accounts)) {
		a := s.accounts[dealer]
		if a.charged.IsZero() || now.Before(nextCharging(a.charged)) {
			a.charged = now // earlier than it was, if the clock was set back
			continue
		}
		if err := s.charge(dealer, a, now); err != nil {
			return err
		}
	}
	return nil
}

// nextCharging is the first moment after t at which something may be done:
// midnight, when the day's steps are made, or a charging hour.
func nextCharging(t time.Time) time.Time {
	today := dateOf(dayOf(t))
	for _, hour := range chargingHours {
		if at := today.at(hour); at.After(t) {
			return at
		}
	}
	return dateOf(today.number + 1).at(0)
}

// charge plays the days of one account up to now.
func (s *Server) charge(dealer string, a *account, now time.Time) error {
	pass := newPass(a.truth, s.sw, dayOf(a.charged))
	for day := dayOf(a.charged); day <= dayOf(now) && !pass.idle(); day++ {
		pass.next, pass.change = s.next, nil
		pass.day(dateOf(day), a.charged, now)
		if pass.change == nil {
			continue
		}
		end := now
		if midnight := dateOf(day + 1).at(0); midnight.Before(now) {
			end = midnight.Add(-time.Second)
		}
		pass.change.Dealer, pass.change.At = dealer, end.Format(time.RFC3339)
		if s.store != nil {
			if err := s.store.append(pass.change); err != nil {
				return err
			}
		}
		a.commit(pass.change, 0, s.elapsed())
		s.next, a.charged = pass.next, end
	}
	a.charged = now
	return nil
}

// pass is one account on its way through some days. No call comes between, so
// what sales and switches say is read once.
type pass struct {
	state  *state
	sw     positions
	sales  []dueSale
	agenda map[int][]*step // open steps by the next day on which they are tried
	next   ids
	change *record              // of the day that is played; nil when there is nothing
	rows   map[int64]*step      // made or changed on that day
	tried  map[int64][]*attempt // that day, by step
}

// dueSale is a sale with automatic payments.
type dueSale struct {
	*sale
	rhythm rhythm
}

// newPass reads what is to be charged from a day on.
func newPass(s *state, sw positions, from int) *pass {
	p := &pass{state: s, sw: sw, agenda: map[int][]*step{}}
	for _, row := range s.sales.all() {
		if rule, ok := s.rhythmOf(row, sw); ok && rule.final >= from {
			p.sales = append(p.sales, dueSale{row, rule})
		}
	}
	for id := range s.openSteps {
		p.plan(s.steps.get(id), from)
	}
	return p
}

// rhythmOf is when a sale is due by its schedule, a deleted one too unless the
// switch says otherwise.
func (s *state) rhythmOf(row *sale, sw positions) (rhythm, bool) {
	plan := s.schedules.get(row.ScheduleID)
	if plan == nil && sw.is(swDeleteSchedule, "keep") {
		plan = s.pastSchedules[row.ScheduleID]
	}
	return rhythmOf(row, plan, s.addedOn[row.ID], sw)
}

// idle reports that nothing can happen on any later day.
func (p *pass) idle() bool { return len(p.sales) == 0 && len(p.agenda) == 0 }

// plan puts an open step down for its next day of attempts, from a day on, if it
// has one left.
func (p *pass) plan(row *step, from int) {
	first, ok := dayCalled(row.PaymentDate)
	if day := max(first, from); ok && day <= p.lastDay(row, first) {
		p.agenda[day] = append(p.agenda[day], row)
	}
}

// lastDay is the last day of attempts of a step whose first is given.
// HowManyTrial is their number, or that of the days after the first (moka-api
// 3.3); 0 is as 1.
func (p *pass) lastDay(row *step, first int) int {
	days := int(max(row.Trials, 1))
	if p.sw.is(swHowManyTrial, "more-days") {
		days = int(row.Trials) + 1
	}
	return first + days - 1
}

// day plays what of a day lies after one moment and up to another.
func (p *pass) day(d date, after, upTo time.Time) {
	within := func(hour int) bool {
		t := d.at(hour)
		return t.After(after) && !t.After(upTo)
	}
	p.rows, p.tried = map[int64]*step{}, map[int64][]*attempt{}
	hours := slices.DeleteFunc(slices.Clone(chargingHours[:]), func(hour int) bool { return !within(hour) })
	if within(0) || len(hours) > 0 {
		p.makeSteps(d)
	}
	today := p.agenda[d.number]
	delete(p.agenda, d.number)
	slices.SortFunc(today, func(a, b *step) int { return cmp.Compare(a.ID, b.ID) })
	for _, hour := range hours {
		moment := d.at(hour).Format(momentText)
		for i, row := range today {
			if row.open() {
				today[i] = p.try(row, d, moment, hour == lastChargingHour)
			}
		}
	}
	for _, row := range today {
		if row.open() {
			p.plan(row, d.number+1)
		}
	}
	p.gather()
}

// makeSteps makes the automatic steps of a day that are not there yet.
func (p *pass) makeSteps(d date) {
	for i := range p.sales {
		of := &p.sales[i]
		if !of.rhythm.due(d) || p.state.hasDue(of.ID, d.text) {
			continue
		}
		row := &step{stepData: stepData{
			ID: take(&p.next.Step), SaleID: of.ID, SaleCode: of.Code, PaymentDate: d.text, Amount: of.Amount,
			Currency: of.Currency, Installments: of.Installments, TypeID: of.TypeID,
		}, Cards: of.given(), Trials: of.Trials, SetOn: d.text, Due: d.text}
		p.rows[row.ID] = row
		p.agenda[d.number] = append(p.agenda[d.number], row)
	}
}

// try makes the attempt of one moment and returns the step after it. final is
// true for the day's last moment.
func (p *pass) try(old *step, d date, moment string, final bool) *step {
	switch {
	case old.HistoryDate >= moment: // the clock was set back
		return old
	case old.Manual && old.SetOn == d.text && p.sw.is(swSameDayCharge, "no"):
		return old
	case len(old.Cards) == 0 && old.TypeID != 0: // a payment request: not played
		return old
	}
	row := p.own(old)
	paid := false
	for _, token := range p.cardsToTry(row) {
		if paid = p.tryCard(row, token, d, moment); paid {
			break
		}
	}
	first, _ := dayCalled(row.PaymentDate)
	switch {
	case paid:
		row.Status = stepCharged
	case final && d.number >= p.lastDay(row, first):
		row.Status = stepFailed
	default:
		row.Status = stepRetrying
	}
	if !row.open() {
		row.Cards = nil // no longer needed, and there are many steps
	}
	return row
}

// own is the step as it may be changed on the day that is played.
func (p *pass) own(row *step) *step {
	if mine := p.rows[row.ID]; mine != nil {
		return mine
	}
	mine := *row
	p.rows[row.ID] = &mine
	return &mine
}

// cardsToTry are the cards of one attempt: all in their order, or by the switch
// one at an attempt, in turn. A step without cards is tried with none.
func (p *pass) cardsToTry(row *step) []string {
	switch {
	case len(row.Cards) == 0:
		return []string{""}
	case p.sw.is(swFallbackCards, "next-attempt"):
		turn := len(p.history(row.ID)) % len(row.Cards)
		return row.Cards[turn : turn+1]
	}
	return row.Cards
}

// history are a step's attempts, those of the day included.
func (p *pass) history(id int64) []*attempt {
	return slices.Concat(p.state.attempts[id], p.tried[id])
}

// tryCard tries a card and reports whether it was charged.
func (p *pass) tryCard(row *step, token string, d date, moment string) bool {
	result := outcome{message: noCardMessage}
	if token != "" {
		before := 0
		if isFailing(token) {
			for _, a := range p.history(row.ID) {
				if a.Card == token {
					before++
				}
			}
		}
		result = askBank(token, d.text, before)
	}
	entry := &attempt{
		ID: take(&p.next.Attempt), Step: row.ID, At: moment, Amount: row.Amount, Currency: row.Currency, Installments: row.Installments,
		Card: token, TypeID: row.TypeID, Payment: take(&p.next.Payment),
		OK: result.ok, Taken: result.taken && !result.ok, Message: result.message,
	}
	p.made().Attempts = append(p.made().Attempts, entry)
	p.tried[row.ID] = append(p.tried[row.ID], entry)
	row.HistoryDate, row.CardToken, row.PaymentID = moment, token, entry.Payment
	return result.ok
}

// made is what the day changes.
func (p *pass) made() *record {
	if p.change == nil {
		p.change = &record{}
	}
	return p.change
}

// gather puts the steps that the day has made or changed into its record.
func (p *pass) gather() {
	for _, id := range slices.Sorted(maps.Keys(p.rows)) {
		p.made().Steps = append(p.made().Steps, p.rows[id])
	}
}
