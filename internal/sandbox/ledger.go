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
	// DuplicateSteps has an entry for every sale and day with more than one
	// manual step that was or may be charged: not deleted, not failed for good.
	DuplicateSteps []DayFinding `json:"duplicateSteps"`
	// AutomaticAndManual has an entry for every sale and day with both a manual
	// step of that kind and an automatic one, or a due date that will make one
	// (moka-api 3.2: a plan of both kinds).
	AutomaticAndManual []DayFinding `json:"automaticAndManual"`
	// ChargedTwice has an entry for every SaleCode and day for which money was
	// taken more than once, in one step or in several.
	ChargedTwice []DayFinding `json:"chargedTwice"`
	// Attempts counts charges that were tried, by result.
	Attempts Attempts `json:"attempts"`
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
	Steps     int `json:"steps"` // of deleted sales too
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
	_ = s.catchUp() // what cannot be written is not done, and not in the account
	l := Ledger{
		Dealers: map[string]Counts{}, Duplicates: []Duplicate{},
		DuplicateSteps: []DayFinding{}, AutomaticAndManual: []DayFinding{}, ChargedTwice: []DayFinding{},
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
		l.findSteps(dealer, a.truth, s.sw)
	}
	l.sortFindings()
	slices.SortFunc(l.Duplicates, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(a.Dealer, b.Dealer), cmp.Compare(a.SaleCode, b.SaleCode))
	})
	return l
}

func (s *state) counts() Counts {
	return Counts{
		Customers: s.customers.len(), Cards: s.cards.len(), Products: s.products.len(),
		Schedules: s.schedules.len(), Sales: s.sales.len(), Steps: s.liveSteps,
	}
}

func (c Counts) plus(d Counts) Counts {
	return Counts{
		Customers: c.Customers + d.Customers, Cards: c.Cards + d.Cards, Products: c.Products + d.Products,
		Schedules: c.Schedules + d.Schedules, Sales: c.Sales + d.Sales, Steps: c.Steps + d.Steps,
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
