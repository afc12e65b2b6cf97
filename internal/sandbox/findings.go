package sandbox

import (
	"cmp"
	"slices"
)

// DayFinding is something that was found about one sale on one payment date.
type DayFinding struct {
	Dealer   string `json:"dealer"`
	SaleCode string `json:"saleCode"`
	// SaleIDs are the sales it is about: one, but for sales under one code.
	SaleIDs     []int64 `json:"saleIds"`
	PaymentDate string  `json:"paymentDate"` // YYYYMMDD
	// StepIDs are the steps it is about, ascending. A due date that has no step
	// yet is not among them.
	StepIDs []int64 `json:"stepIds"`
	// PaymentIDs are the payments that took money, ascending.
	PaymentIDs []int64 `json:"paymentIds"`
}

// Attempts counts tried charges: entries of the history.
type Attempts struct {
	Charged int64 `json:"charged"`
	Failed  int64 `json:"failed"`
	// Taken of the failed ones took the money all the same.
	Taken int64 `json:"taken"`
}

// saleDay is what the findings about one sale are gathered by.
type saleDay struct {
	sale int64
	date string
}

// codeDay is what payments are gathered by: two sales under one code charge one
// subscriber.
type codeDay struct{ code, date string }

// findSteps adds what there is to say about a dealer's payment steps.
func (l *Ledger) findSteps(dealer string, s *state, sw positions) {
	manual, automatic := map[saleDay][]int64{}, map[saleDay][]int64{}
	paid := map[codeDay]*DayFinding{}
	for _, row := range s.steps.all() {
		l.countPayments(paid, dealer, s, row)
		if row.Gone || row.Status == stepFailed {
			continue
		}
		key := saleDay{row.SaleID, row.PaymentDate}
		if row.Manual {
			manual[key] = append(manual[key], row.ID)
		} else {
			automatic[key] = append(automatic[key], row.ID)
		}
	}
	for key, ids := range manual {
		of := s.steps.get(ids[0])
		finding := DayFinding{Dealer: dealer, SaleCode: of.SaleCode, SaleIDs: []int64{key.sale}, PaymentDate: key.date, PaymentIDs: []int64{}}
		if len(ids) > 1 {
			finding.StepIDs = ids
			l.DuplicateSteps = append(l.DuplicateSteps, finding)
		}
		others := automatic[key]
		if len(others) > 0 || s.willBeDue(key, sw) {
			finding.StepIDs = slices.Sorted(slices.Values(slices.Concat(ids, others)))
			l.AutomaticAndManual = append(l.AutomaticAndManual, finding)
		}
	}
	for _, finding := range paid {
		if len(finding.PaymentIDs) > 1 {
			l.ChargedTwice = append(l.ChargedTwice, *finding)
		}
	}
}

// countPayments counts a step's attempts, and notes those that took money.
func (l *Ledger) countPayments(paid map[codeDay]*DayFinding, dealer string, s *state, row *step) {
	for _, a := range s.attempts[row.ID] {
		switch {
		case a.OK:
			l.Attempts.Charged++
		case a.Taken:
			l.Attempts.Failed++
			l.Attempts.Taken++
		default:
			l.Attempts.Failed++
			continue
		}
		key := codeDay{row.SaleCode, row.PaymentDate}
		finding := paid[key]
		if finding == nil {
			finding = &DayFinding{Dealer: dealer, SaleCode: row.SaleCode, PaymentDate: row.PaymentDate}
			paid[key] = finding
		}
		finding.SaleIDs = insertID(finding.SaleIDs, row.SaleID)
		finding.StepIDs = insertID(finding.StepIDs, row.ID)
		finding.PaymentIDs = insertID(finding.PaymentIDs, a.Payment)
	}
}

// willBeDue reports whether a live sale is due on a day by its schedule and has
// no step for it yet.
func (s *state) willBeDue(key saleDay, sw positions) bool {
	row := s.sales.get(key.sale)
	number, ok := dayCalled(key.date)
	if row == nil || !ok || s.lastDue[key.sale] >= key.date {
		return false
	}
	rule, ok := s.rhythmOf(row, sw)
	return ok && rule.due(dateOf(number))
}

// sortFindings puts the findings in order: dealer, code, day, steps.
func (l *Ledger) sortFindings() {
	for _, list := range [][]DayFinding{l.DuplicateSteps, l.AutomaticAndManual, l.ChargedTwice} {
		slices.SortFunc(list, func(a, b DayFinding) int {
			return cmp.Or(cmp.Compare(a.Dealer, b.Dealer), cmp.Compare(a.SaleCode, b.SaleCode), cmp.Compare(a.PaymentDate, b.PaymentDate), slices.Compare(a.StepIDs, b.StepIDs))
		})
	}
}
