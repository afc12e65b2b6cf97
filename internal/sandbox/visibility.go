package sandbox

import "time"

// account is one dealer's state, twice if need be: as it is, and as reads see
// it. They differ only while writes are hidden from reads (switch read-delay,
// fault delayed-visibility).
type account struct {
	truth *state
	// seen is nil until the first hidden write; from then on it is kept, since
	// copying a large account for every hidden write would cost too much.
	seen   *state
	hidden []hiddenChange
	// charged is the moment up to which everything due has been charged; zero
	// before the first look at the clock.
	charged time.Time
}

// hiddenChange is a committed change that reads do not see before until.
type hiddenChange struct {
	until  time.Time
	change *record
}

// commit applies a change and hides it from reads for delay.
func (a *account) commit(change *record, delay time.Duration, now time.Time) {
	if delay > 0 && a.seen == nil {
		a.seen = a.truth.clone()
	}
	a.truth.apply(change)
	switch {
	case delay > 0:
		a.hidden = append(a.hidden, hiddenChange{until: now.Add(delay), change: change})
	case a.seen != nil:
		a.seen.follow(a.truth, change)
	}
}

// view is what a read sees now.
func (a *account) view(now time.Time) *state {
	if a.seen == nil {
		return a.truth
	}
	waiting := a.hidden[:0]
	for _, h := range a.hidden {
		if h.until.After(now) {
			waiting = append(waiting, h)
		} else {
			a.seen.follow(a.truth, h.change)
		}
	}
	clear(a.hidden[len(waiting):])
	a.hidden = waiting
	return a.seen
}

// follow brings every row that a change names to where truth has it now. The
// change itself is not replayed: a later, unhidden change of the same row may
// have been followed before.
func (s *state) follow(truth *state, change *record) {
	gone := change.Removed
	if gone == nil {
		gone = &removed{}
	}
	follow(&truth.customers, rowIDs(change.Customers, func(r *customer) int64 { return r.ID }, gone.Customers), s.putCustomer, s.removeCustomer)
	follow(&truth.cards, rowIDs(change.Cards, func(r *card) int64 { return r.ID }, gone.Cards), s.putCard, s.removeCard)
	follow(&truth.products, rowIDs(change.Products, func(r *product) int64 { return r.ID }, gone.Products), s.putProduct, s.removeProduct)
	follow(&truth.schedules, rowIDs(change.Schedules, func(r *schedule) int64 { return r.ID }, gone.Schedules),
		func(r *schedule) { s.schedules.put(r.ID, r) }, s.schedules.remove)
	follow(&truth.sales, rowIDs(change.Sales, func(r *sale) int64 { return r.ID }, gone.Sales), s.putSale, s.sales.remove)
	follow(&truth.steps, rowIDs(change.Steps, func(r *step) int64 { return r.ID }, nil), s.putStep, s.steps.remove)
	for _, row := range change.Attempts {
		s.putAttempt(row)
	}
	for _, token := range change.GoneTokens {
		s.goneTokens[token] = true
	}
}

func rowIDs[T any](rows []*T, id func(*T) int64, gone []int64) []int64 {
	ids := make([]int64, 0, len(rows)+len(gone))
	for _, row := range rows {
		ids = append(ids, id(row))
	}
	return append(ids, gone...)
}

func follow[T any](truth *table[T], ids []int64, put func(*T), remove func(int64)) {
	for _, id := range ids {
		if row := truth.get(id); row != nil {
			put(row)
		} else {
			remove(id)
		}
	}
}
