package sandbox

import (
	"maps"
	"slices"
)

// state is everything one dealer has, with the indexes that keep each lookup
// from growing with the account.
type state struct {
	customers      table[customer]
	customerByCode map[string]int64
	cards          table[card]
	cardByToken    map[string]int64
	cardsOf        map[int64][]int64 // customer id → card ids
	products       table[product]
	productByCode  map[string]int64
	productByName  map[string]int64
	schedules      table[schedule]
	sales          table[sale]
	salesByCode    map[string][]int64   // every sale ever added, deleted ones too
	steps          table[step]          // deleted ones too
	stepsOf        map[int64][]int64    // sale id → step ids
	liveSteps      int                  // those not deleted
	openSteps      map[int64]bool       // step ids
	attempts       map[int64][]*attempt // step id → its history
	goneTokens     map[string]bool      // test cards that were removed

	// What only charging asks for; it never looks at a state as reads see it.
	lastDue       map[int64]string    // sale id → last due date that has a step, YYYYMMDD
	addedOn       map[int64]string    // sale id → day on which it was added, YYYYMMDD
	pastSchedules map[int64]*schedule // deleted ones, by which sales may go on
}

func newState() *state {
	return &state{
		customers: newTable[customer](), customerByCode: map[string]int64{},
		cards: newTable[card](), cardByToken: map[string]int64{}, cardsOf: map[int64][]int64{},
		products: newTable[product](), productByCode: map[string]int64{}, productByName: map[string]int64{},
		schedules: newTable[schedule](),
		sales:     newTable[sale](), salesByCode: map[string][]int64{},
		steps: newTable[step](), stepsOf: map[int64][]int64{}, openSteps: map[int64]bool{}, attempts: map[int64][]*attempt{},
		goneTokens: map[string]bool{},
		lastDue:    map[int64]string{}, addedOn: map[int64]string{}, pastSchedules: map[int64]*schedule{},
	}
}

// cloneLists copies an index whose lists grow in place.
func cloneLists[K comparable, V any](index map[K][]V) map[K][]V {
	copied := make(map[K][]V, len(index))
	for key, list := range index {
		copied[key] = slices.Clone(list)
	}
	return copied
}

// clone copies tables and indexes; the rows are shared, since they never change.
func (s *state) clone() *state {
	return &state{
		customers: s.customers.clone(), customerByCode: maps.Clone(s.customerByCode),
		cards: s.cards.clone(), cardByToken: maps.Clone(s.cardByToken), cardsOf: cloneLists(s.cardsOf),
		products: s.products.clone(), productByCode: maps.Clone(s.productByCode), productByName: maps.Clone(s.productByName),
		schedules: s.schedules.clone(),
		sales:     s.sales.clone(), salesByCode: cloneLists(s.salesByCode),
		steps: s.steps.clone(), liveSteps: s.liveSteps, stepsOf: cloneLists(s.stepsOf), openSteps: maps.Clone(s.openSteps), attempts: cloneLists(s.attempts),
		goneTokens: maps.Clone(s.goneTokens),
		lastDue:    maps.Clone(s.lastDue), addedOn: maps.Clone(s.addedOn), pastSchedules: maps.Clone(s.pastSchedules),
	}
}

// An index entry is dropped only while it points at the row that leaves: with
// delayed visibility, rows may arrive here in another order than they were made.
func unindex(index map[string]int64, key string, id int64) {
	if index[key] == id {
		delete(index, key)
	}
}

func (s *state) putCustomer(row *customer) {
	if old := s.customers.get(row.ID); old != nil {
		unindex(s.customerByCode, old.Code, old.ID)
	}
	s.customers.put(row.ID, row)
	if row.Code != "" {
		s.customerByCode[row.Code] = row.ID
	}
}

func (s *state) removeCustomer(id int64) {
	if old := s.customers.get(id); old != nil {
		unindex(s.customerByCode, old.Code, id)
		s.customers.remove(id)
	}
}

func (s *state) putCard(row *card) {
	s.removeCard(row.ID)
	s.cards.put(row.ID, row)
	s.cardByToken[row.Token] = row.ID
	if row.Customer != 0 {
		s.cardsOf[row.Customer] = insertID(s.cardsOf[row.Customer], row.ID)
	}
}

func (s *state) removeCard(id int64) {
	old := s.cards.get(id)
	if old == nil {
		return
	}
	unindex(s.cardByToken, old.Token, id)
	if old.Customer != 0 {
		rest := slices.DeleteFunc(s.cardsOf[old.Customer], func(other int64) bool { return other == id })
		if len(rest) == 0 {
			delete(s.cardsOf, old.Customer)
		} else {
			s.cardsOf[old.Customer] = rest
		}
	}
	s.cards.remove(id)
}

func (s *state) putProduct(row *product) {
	s.removeProduct(row.ID)
	s.products.put(row.ID, row)
	s.productByCode[row.Code] = row.ID
	s.productByName[row.Name] = row.ID
}

func (s *state) removeProduct(id int64) {
	if old := s.products.get(id); old != nil {
		unindex(s.productByCode, old.Code, id)
		unindex(s.productByName, old.Name, id)
		s.products.remove(id)
	}
}

func (s *state) putSale(row *sale) {
	s.sales.put(row.ID, row)
	s.rememberSale(row.ID, row.Code)
}

// removeSchedule keeps what it was: its sales may go on by it.
func (s *state) removeSchedule(id int64) {
	if old := s.schedules.get(id); old != nil {
		s.pastSchedules[id] = old
		s.schedules.remove(id)
	}
}

// removeSale leaves the sale's steps and its code in memory.
func (s *state) removeSale(id int64) {
	delete(s.addedOn, id)
	s.sales.remove(id)
}

// rememberSale notes that a sale was once added under a code, whether or not it
// still lives: the ledger counts duplicates by it. A sale never changes its code.
func (s *state) rememberSale(id int64, code string) {
	s.salesByCode[code] = insertID(s.salesByCode[code], id)
}

// insertID puts an id into an ascending list, once. Ids mostly come in order.
func insertID(ids []int64, id int64) []int64 {
	if n := len(ids); n == 0 || ids[n-1] < id {
		return append(ids, id)
	}
	at, listed := slices.BinarySearch(ids, id)
	if listed {
		return ids
	}
	return slices.Insert(ids, at, id)
}

// saleByCode finds the oldest live sale of a code. Which of several Moka would
// take is not documented (moka-api 4.1).
func (s *state) saleByCode(code string) *sale {
	for _, id := range s.salesByCode[code] {
		if row := s.sales.get(id); row != nil {
			return row
		}
	}
	return nil
}

// card finds a card by its normalised token: a stored one, or a test card that
// exists without having been added. Such a card has ID 0 until it is stored.
func (s *state) card(token string) *card {
	if id, stored := s.cardByToken[token]; stored {
		return s.cards.get(id)
	}
	if s.goneTokens[token] {
		return nil
	}
	return testCard(token)
}

// cardsOfCustomer lists a customer's cards in the order they came to it.
func (s *state) cardsOfCustomer(id int64) []*card {
	ids := s.cardsOf[id]
	list := make([]*card, 0, len(ids))
	for _, cardID := range ids {
		list = append(list, s.cards.get(cardID))
	}
	return list
}
