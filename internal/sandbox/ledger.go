package sandbox

import (
	"cmp"
	"maps"
	"slices"
)

// Ledger is the sandbox's own account of what happened to it.
type Ledger struct {
	// Counts are the live rows of all dealers; Dealers the same for each.
	Counts  Counts            `json:"counts"`
	Dealers map[string]Counts `json:"dealers"`
	// SalesEverAdded counts sales since the data began, deleted ones too.
	SalesEverAdded int64 `json:"salesEverAdded"`
	// Duplicates has an entry for every SaleCode that was ever given to more
	// than one sale of a dealer, by dealer and code.
	Duplicates []Duplicate `json:"duplicates"`
	// Writes counts committed writes by method ("DealerSale.AddSale") since
	// the data began.
	Writes map[string]int64 `json:"writes"`
	// Calls counts requests by method since this Server began or was reset,
	// whatever became of them.
	Calls map[string]int64 `json:"calls"`
}

// Counts are numbers of live rows.
type Counts struct {
	Customers int `json:"customers"`
	Cards     int `json:"cards"` // test cards count from when they were first written to
	Products  int `json:"products"`
	Schedules int `json:"schedules"`
	Sales     int `json:"sales"`
}

// Duplicate is one SaleCode with several sales.
type Duplicate struct {
	Dealer   string `json:"dealer"`
	SaleCode string `json:"saleCode"`
	// IDs are all sales ever added under the code, Live those not deleted;
	// both ascending.
	IDs  []int64 `json:"ids"`
	Live []int64 `json:"live"`
}

// Ledger returns the account as it stands.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Ledger{
		Dealers: map[string]Counts{}, Duplicates: []Duplicate{},
		Writes: maps.Clone(s.writes), Calls: maps.Clone(s.calls),
	}
	for dealer, a := range s.accounts {
		counts := a.truth.counts()
		l.Dealers[dealer] = counts
		l.Counts = l.Counts.plus(counts)
		for code, ids := range a.truth.salesByCode {
			l.SalesEverAdded += int64(len(ids))
			if len(ids) > 1 {
				l.Duplicates = append(l.Duplicates, a.truth.duplicate(dealer, code))
			}
		}
	}
	slices.SortFunc(l.Duplicates, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(a.Dealer, b.Dealer), cmp.Compare(a.SaleCode, b.SaleCode))
	})
	return l
}

func (s *state) counts() Counts {
	return Counts{
		Customers: s.customers.len(), Cards: s.cards.len(), Products: s.products.len(),
		Schedules: s.schedules.len(), Sales: s.sales.len(),
	}
}

func (c Counts) plus(d Counts) Counts {
	return Counts{
		Customers: c.Customers + d.Customers, Cards: c.Cards + d.Cards, Products: c.Products + d.Products,
		Schedules: c.Schedules + d.Schedules, Sales: c.Sales + d.Sales,
	}
}

func (s *state) duplicate(dealer, code string) Duplicate {
	d := Duplicate{Dealer: dealer, SaleCode: code, IDs: slices.Clone(s.salesByCode[code]), Live: []int64{}}
	for _, id := range d.IDs {
		if s.sales.get(id) != nil {
			d.Live = append(d.Live, id)
		}
	}
	return d
}
