package sandbox

import "slices"

// Values of PlanStatus (moka-api 2.28).
const (
	stepWaiting  = 0 // created, not its turn yet
	stepCharged  = 1
	stepRetrying = 2 // failed, will be tried again
	stepFailed   = 3 // failed, will not be tried again
)

// stepData is the Data of the payment step services, members in the order of
// the page (moka-api 2.28). HistoryDate, CardToken and DealerPaymentId are of
// the last attempt; "" and 0 before the first.
type stepData struct {
	ID               int64  `json:"DealerPaymentPlanId"`
	SaleID           int64  `json:"DealerSaleId"`
	SaleCode         string `json:"SaleCode"`
	PaymentDate      string `json:"PaymentDate"` // YYYYMMDD
	Amount           kurus  `json:"Amount"`
	Currency         string `json:"Currency"`
	Installments     int64  `json:"InstallmentNumber"`
	HistoryDate      string `json:"HistoryDate"` // see momentText
	CardToken        string `json:"CardToken"`
	TypeID           int64  `json:"DealerCustomerTypeId"`
	UserPosPaymentID int64  `json:"UserPosPaymentId"` // of payment requests, which are not played
	PaymentID        int64  `json:"DealerPaymentId"`
	Manual           bool   `json:"IsManualPlan"`
	Status           int64  `json:"PlanStatus"`
}

// step is a payment step: what is answered, and what only the sandbox knows.
// Like every row it never changes once it is stored.
type step struct {
	stepData
	// Cards and Trials are the sale's when the step was created: a step outlives
	// its sale, and a changed sale reaches it or not (switch update-sale-steps).
	Cards  []string `json:"cards,omitempty"`
	Trials int64    `json:"trials"`
	// SetOn is the day on which the step was created or its date was last
	// changed, YYYYMMDD.
	SetOn string `json:"setOn"`
	// Due is the due date for which Moka created the step, YYYYMMDD; "" for a
	// manual one. A sale has one automatic step a due date.
	Due string `json:"due,omitempty"`
	// Gone is set when the step was deleted: it is kept for the bookkeeping.
	Gone bool `json:"gone,omitempty"`
}

// open reports whether the step is still to be charged.
func (row *step) open() bool {
	return !row.Gone && (row.Status == stepWaiting || row.Status == stepRetrying)
}

// attempt is one try of one card: an entry of PaymentPlanHistoryList (moka-api
// 2.30), stored under short names since there are many.
type attempt struct {
	ID           int64  `json:"i"`
	Step         int64  `json:"s"`
	At           string `json:"d"` // see momentText
	Amount       kurus  `json:"a"`
	Currency     string `json:"c"`
	Installments int64  `json:"n"`
	Card         string `json:"t,omitempty"`
	TypeID       int64  `json:"y,omitempty"`
	Payment      int64  `json:"p"`
	OK           bool   `json:"ok,omitempty"`
	Message      string `json:"m,omitempty"`
	// Taken is set when the bank took the money although Moka was told that it
	// failed; only the bookkeeping knows.
	Taken bool `json:"taken,omitempty"`
}

// attemptData is an attempt as it is answered. The card's member has another
// name than in the step (moka-api 2.30).
type attemptData struct {
	ID           int64  `json:"DealerPaymentPlanHistoryId"`
	At           string `json:"HistoryDate"`
	Amount       kurus  `json:"Amount"`
	Currency     string `json:"Currency"`
	Installments int64  `json:"InstallmentNumber"`
	Card         string `json:"CreditCardToken"`
	TypeID       int64  `json:"DealerCustomerTypeId"`
	Payment      int64  `json:"DealerPaymentId"`
	Status       int64  `json:"HistoryStatus"` // 0 failed, 1 succeeded
	Message      string `json:"ServiceMessage"`
}

func (a *attempt) data() attemptData {
	data := attemptData{
		ID: a.ID, At: a.At, Amount: a.Amount, Currency: a.Currency, Installments: a.Installments,
		Card: a.Card, TypeID: a.TypeID, Payment: a.Payment, Message: a.Message,
	}
	if a.OK {
		data.Status = 1
	}
	return data
}

// momentText is how HistoryDate is written: Istanbul's time without a zone.
// Moka's format is not documented (moka-api 1.7).
const momentText = "2006-01-02T15:04:05"

// putStep stores a step and keeps the indexes: a sale's steps, the open ones,
// and the last due date that has a step.
func (s *state) putStep(row *step) {
	if old := s.steps.get(row.ID); old != nil && !old.Gone {
		s.liveSteps--
	}
	if !row.Gone {
		s.liveSteps++
	}
	s.steps.put(row.ID, row)
	s.stepsOf[row.SaleID] = insertID(s.stepsOf[row.SaleID], row.ID)
	if row.open() {
		s.openSteps[row.ID] = true
	} else {
		delete(s.openSteps, row.ID)
	}
	if row.Due > s.lastDue[row.SaleID] {
		s.lastDue[row.SaleID] = row.Due
	}
}

// putAttempt stores an attempt, once.
func (s *state) putAttempt(row *attempt) {
	list := s.attempts[row.Step]
	at, known := slices.BinarySearchFunc(list, row.ID, func(a *attempt, id int64) int { return int(a.ID - id) })
	if !known {
		s.attempts[row.Step] = slices.Insert(list, at, row)
	}
}

// step finds a step that was not deleted.
func (s *state) step(id int64) *step {
	if row := s.steps.get(id); row != nil && !row.Gone {
		return row
	}
	return nil
}

// hasDue reports whether a sale has an automatic step for a due date. Dates
// come in order but for a clock that was set back.
func (s *state) hasDue(saleID int64, due string) bool {
	if due > s.lastDue[saleID] {
		return false
	}
	return slices.ContainsFunc(s.stepsOf[saleID], func(id int64) bool { return s.steps.get(id).Due == due })
}

// openStepsOf are the open steps of a sale, each a copy that may be changed.
func (s *state) openStepsOf(saleID int64) []*step {
	var list []*step
	for _, id := range s.stepsOf[saleID] {
		if s.openSteps[id] {
			row := *s.steps.get(id)
			list = append(list, &row)
		}
	}
	return list
}

// droppedSteps are a deleted sale's open steps, deleted with it.
func (s *state) droppedSteps(saleID int64) []*step {
	dropped := s.openStepsOf(saleID)
	for _, row := range dropped {
		row.Gone = true
	}
	return dropped
}

// reachedSteps are a sale's open steps after a change of the sale that reaches
// them: cards and trials of all, the amount of the automatic ones.
func (s *state) reachedSteps(changed *sale) []*step {
	reached := s.openStepsOf(changed.ID)
	for _, row := range reached {
		row.Cards, row.Trials = changed.given(), changed.Trials
		if !row.Manual {
			row.Amount, row.Currency, row.Installments = changed.Amount, changed.Currency, changed.Installments
		}
	}
	return reached
}

// stepsWithoutCard are the open steps that would try a card, with that card
// left out.
func (s *state) stepsWithoutCard(token string) []*step {
	var broken []*step
	for id := range s.openSteps {
		old := s.steps.get(id)
		if slices.Contains(old.Cards, token) {
			row := *old
			row.Cards = slices.DeleteFunc(slices.Clone(old.Cards), func(card string) bool { return card == token })
			broken = append(broken, &row)
		}
	}
	return broken
}

// given are the card slots that hold a token, in the order of trial.
func (row *sale) given() []string {
	var tokens []string
	for _, token := range row.cards() {
		if token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens
}
