package sandbox

// record is one line of the data file: everything one committed call changed,
// so that it is applied whole or not at all.
type record struct {
	Header *header `json:"header,omitempty"`
	Dealer string  `json:"dealer,omitempty"`
	// At is when the call was committed, RFC 3339: everything that was due until
	// then had been charged. "" in lines of old files.
	At        string      `json:"at,omitempty"`
	Method    string      `json:"method,omitempty"` // "" in lines that a compaction wrote
	Removed   *removed    `json:"removed,omitempty"`
	Customers []*customer `json:"customers,omitempty"`
	Cards     []*card     `json:"cards,omitempty"`
	Products  []*product  `json:"products,omitempty"`
	Schedules []*schedule `json:"schedules,omitempty"`
	Sales     []*sale     `json:"sales,omitempty"`
	// AddedOn is the day on which those of the sales that are new were added,
	// YYYYMMDD.
	AddedOn       string      `json:"addedOn,omitempty"`
	Steps         []*step     `json:"steps,omitempty"`
	Attempts      []*attempt  `json:"attempts,omitempty"`
	PastSales     []pastSale  `json:"pastSales,omitempty"`
	PastSchedules []*schedule `json:"pastSchedules,omitempty"`
	// GoneTokens are test cards that were removed and must not exist again.
	GoneTokens []string `json:"goneTokens,omitempty"`
}

// header is the first line of a data file.
type header struct {
	Format string           `json:"format"`
	Salt   string           `json:"salt"`   // hexadecimal; keys the digests of card numbers
	Next   ids              `json:"next"`   // ids of removed rows are not given again
	Writes map[string]int64 `json:"writes"` // committed writes a method, before the lines that follow
}

// removed names rows that a call took away, by id.
type removed struct {
	Customers []int64 `json:"customers,omitempty"`
	Cards     []int64 `json:"cards,omitempty"`
	Products  []int64 `json:"products,omitempty"`
	Schedules []int64 `json:"schedules,omitempty"`
	Sales     []int64 `json:"sales,omitempty"`
}

// pastSale is all that is kept of a deleted sale when the file is compacted.
type pastSale struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
}

// ids holds the next id of each kind. They run over all dealers, as Moka's do.
type ids struct {
	Customer int64 `json:"customer"`
	Card     int64 `json:"card"`
	Product  int64 `json:"product"`
	Schedule int64 `json:"schedule"`
	Sale     int64 `json:"sale"`
	Step     int64 `json:"step"`
	Attempt  int64 `json:"attempt"`
	Payment  int64 `json:"payment"` // DealerPaymentId
}

// firstIDs are the ids of the documented samples, so that the first object of
// each kind looks as it does on the page. No sample of a payment step was seen.
func firstIDs() ids {
	return ids{Customer: 1033, Card: 1, Product: 1009, Schedule: 1005, Sale: 1003, Step: 5001, Attempt: 7001, Payment: 9001}
}

// orFirst gives counters that an old file lacks their first id.
func (n ids) orFirst() ids {
	first := firstIDs()
	n.Step, n.Attempt, n.Payment = max(n.Step, first.Step), max(n.Attempt, first.Attempt), max(n.Payment, first.Payment)
	return n
}

// take returns the next id of a counter and moves it on.
func take(counter *int64) int64 {
	id := *counter
	*counter++
	return id
}

// raise moves the counters beyond every id that a record names.
func (n *ids) raise(r *record) {
	for _, row := range r.Customers {
		n.Customer = max(n.Customer, row.ID+1)
	}
	for _, row := range r.Cards {
		n.Card = max(n.Card, row.ID+1)
	}
	for _, row := range r.Products {
		n.Product = max(n.Product, row.ID+1)
	}
	for _, row := range r.Schedules {
		n.Schedule = max(n.Schedule, row.ID+1)
	}
	for _, row := range r.Sales {
		n.Sale = max(n.Sale, row.ID+1)
	}
	for _, row := range r.Steps {
		n.Step = max(n.Step, row.ID+1)
	}
	for _, row := range r.Attempts {
		n.Attempt, n.Payment = max(n.Attempt, row.ID+1), max(n.Payment, row.Payment+1)
	}
}

// apply brings a record's changes into the state.
func (s *state) apply(r *record) {
	if r.Removed != nil {
		s.remove(r.Removed)
	}
	for _, row := range r.Customers {
		s.putCustomer(row)
	}
	for _, row := range r.Cards {
		s.putCard(row)
	}
	for _, row := range r.Products {
		s.putProduct(row)
	}
	for _, row := range r.Schedules {
		s.schedules.put(row.ID, row)
	}
	for _, row := range r.Sales {
		if r.AddedOn != "" && s.sales.get(row.ID) == nil {
			s.addedOn[row.ID] = r.AddedOn
		}
		s.putSale(row)
	}
	for _, row := range r.Steps {
		s.putStep(row)
	}
	for _, row := range r.Attempts {
		s.putAttempt(row)
	}
	for _, row := range r.PastSchedules {
		s.pastSchedules[row.ID] = row
	}
	for _, past := range r.PastSales {
		s.rememberSale(past.ID, past.Code)
	}
	for _, token := range r.GoneTokens {
		s.goneTokens[token] = true
	}
}

func (s *state) remove(gone *removed) {
	for _, id := range gone.Customers {
		s.removeCustomer(id)
	}
	for _, id := range gone.Cards {
		s.removeCard(id)
	}
	for _, id := range gone.Products {
		s.removeProduct(id)
	}
	for _, id := range gone.Schedules {
		s.removeSchedule(id)
	}
	for _, id := range gone.Sales {
		s.removeSale(id)
	}
}

// dump lists the whole state as records, one row each, for a compaction.
func (s *state) dump(dealer string, emit func(*record) error) error {
	for _, row := range s.customers.all() {
		if err := emit(&record{Dealer: dealer, Customers: []*customer{row}}); err != nil {
			return err
		}
	}
	for _, row := range s.cards.all() {
		if err := emit(&record{Dealer: dealer, Cards: []*card{row}}); err != nil {
			return err
		}
	}
	for _, row := range s.products.all() {
		if err := emit(&record{Dealer: dealer, Products: []*product{row}}); err != nil {
			return err
		}
	}
	for _, row := range s.schedules.all() {
		if err := emit(&record{Dealer: dealer, Schedules: []*schedule{row}}); err != nil {
			return err
		}
	}
	for _, row := range s.sales.all() {
		if err := emit(&record{Dealer: dealer, Sales: []*sale{row}, AddedOn: s.addedOn[row.ID]}); err != nil {
			return err
		}
	}
	for _, row := range s.steps.all() {
		if err := emit(&record{Dealer: dealer, Steps: []*step{row}, Attempts: s.attempts[row.ID]}); err != nil {
			return err
		}
	}
	return s.dumpPast(dealer, emit)
}

// dumpPast lists what is remembered of rows that are gone.
func (s *state) dumpPast(dealer string, emit func(*record) error) error {
	past := record{Dealer: dealer}
	for code, ids := range s.salesByCode {
		for _, id := range ids {
			if s.sales.get(id) == nil {
				past.PastSales = append(past.PastSales, pastSale{ID: id, Code: code})
			}
		}
	}
	for token := range s.goneTokens {
		past.GoneTokens = append(past.GoneTokens, token)
	}
	for _, row := range s.pastSchedules {
		past.PastSchedules = append(past.PastSchedules, row)
	}
	if past.PastSales == nil && past.GoneTokens == nil && past.PastSchedules == nil {
		return nil
	}
	return emit(&past)
}
