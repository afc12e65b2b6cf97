package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Values of [Charge.Status].
const (
	ChargeDone   = "charged"
	ChargeFailed = "failed"
	ChargeTaken  = "taken" // failed for Moka, but the bank took the money
)

// Charge is one try of one card, as a bookkeeper sees it: deleted sales and
// steps are among them.
type Charge struct {
	Dealer   string `json:"dealer"`
	SaleCode string `json:"saleCode"`
	SaleID   int64  `json:"saleId"`
	StepID   int64  `json:"stepId"`
	Manual   bool   `json:"manual"`
	// PaymentDate is the day for which the step stands, Date that of the
	// attempt: later when it was a retry. Both as 2027-01-15.
	PaymentDate string `json:"paymentDate"`
	Date        string `json:"date"`
	Time        string `json:"time"`   // 12:00 or 18:00, Istanbul
	Amount      string `json:"amount"` // with two places: 149.90
	Currency    string `json:"currency"`
	// Installments is how the one payment is split by the bank.
	Installments int64  `json:"installmentNumber"`
	Card         string `json:"card"` // token; "" when there was none to try
	PaymentID    int64  `json:"paymentId"`
	Status       string `json:"status"`
	Message      string `json:"message"` // ServiceMessage
}

// Charges lists every attempt made so far, in the order of time, then of
// payments.
func (s *Server) Charges() []Charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.catchUp() // what cannot be written is not done
	return s.charges()
}

func (s *Server) charges() []Charge {
	list := []Charge{}
	for dealer, a := range s.accounts {
		for stepID, tries := range a.truth.attempts {
			of := a.truth.steps.get(stepID)
			for _, try := range tries {
				list = append(list, try.charge(dealer, of))
			}
		}
	}
	slices.SortFunc(list, func(a, b Charge) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Time, b.Time), cmp.Compare(a.PaymentID, b.PaymentID))
	})
	return list
}

func (a *attempt) charge(dealer string, of *step) Charge {
	date, clock, _ := strings.Cut(a.At, "T")
	c := Charge{
		Dealer: dealer, SaleCode: of.SaleCode, SaleID: of.SaleID, StepID: of.ID, Manual: of.Manual,
		PaymentDate: of.PaymentDate[:4] + "-" + of.PaymentDate[4:6] + "-" + of.PaymentDate[6:], Date: date, Time: clock[:5],
		Amount: a.Amount.String(), Currency: a.Currency, Installments: a.Installments,
		Card: a.Card, PaymentID: a.Payment, Status: ChargeFailed, Message: a.Message,
	}
	switch {
	case a.OK:
		c.Status = ChargeDone
	case a.Taken:
		c.Status = ChargeTaken
	}
	return c
}

// getCharges answers with the charges, of one sale or with one status if the
// query says so.
func (s *Server) getCharges(r *http.Request) (any, error) {
	query := r.URL.Query()
	for name := range query {
		if name != "sale" && name != "status" {
			return nil, fmt.Errorf("%q: want sale=CODE, status=%s, %s or %s, or nothing", name, ChargeDone, ChargeFailed, ChargeTaken)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.catchUp(); err != nil {
		return nil, fmt.Errorf("what has fallen due cannot be written: %w", err)
	}
	list := slices.DeleteFunc(s.charges(), func(c Charge) bool {
		return query.Has("sale") && c.SaleCode != query.Get("sale") || query.Has("status") && c.Status != query.Get("status")
	})
	return map[string]any{"charges": list}, nil
}
