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
	salesByCode    map[string][]int64 // every sale ever added, deleted ones too
	goneTokens     map[string]bool    // test cards that were removed
}

func newState() *state {
	return &state{
		customers: newTable[customer](), customerByCode: map[string]int64{},
		cards: newTable[card](), cardByToken: map[string]int64{}, cardsOf: map[int64][]int64{},
		products: newTable[product](), productByCode: map[string]int64{}, productByName: map[string]int64{},
		schedules: newTable[schedule](),
		sales:     newTable[sale](), salesByCode: map[string][]int64{},
		goneTokens: map[string]bool{},
	}
}

// cloneLists copies an index whose lists grow in place.
func cloneLists[K comparable](index map[K][]int64) map[K][]int64 {
	copied := make(map[K][]int64, len(index))
	for key, ids := range index {
		copied[key] = slices.Clone(ids)
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
		goneTokens: maps.Clone(s.goneTokens),
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
