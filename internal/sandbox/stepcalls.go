package sandbox

import "slices"

// The payment step services (moka-api 2.25 to 2.31). Only DeletePaymentPlan's
// page was seen to its end; its codes are exact. Those below are guessed for the
// other services, under each method's own name, from the nearest page that
// prints a code for the same thing.
const (
	reasonNoStepKey     = "DealerPaymentPlanIdIsRequired"         // DeletePaymentPlan's
	reasonNoStep        = "PaymentPlanNotFound"                   // DeletePaymentPlan's
	reasonStepPassed    = "PaymentDatePassed"                     // DeletePaymentPlan's; also for a step added in the past
	reasonNoPaymentDate = "PaymentDateIsRequired"                 // as AddSale's SaleDateIsRequired
	reasonNoAmount      = "AmountIsRequired"                      // AddSale's
	reasonBadCurrency   = "InvalidCurrencyCode"                   // AddSale's
	reasonNoStart       = "PaymentPlanPaymentDateStartIsRequired" // as SaleDateIsRequired
	reasonNoEnd         = "PaymentPlanPaymentDateEndIsRequired"   // as SaleDateIsRequired
	reasonNoHistory     = "PaymentPlanHistoryNotFound"            // as PaymentPlanNotFound
	// reasonAutomatic has no page at all: switch add-step-automatic.
	reasonAutomatic = "PlanTypeNotManual"
)

// stepMembers are the members that AddPaymentPlan and UpdatePaymentPlan share.
type stepMembers struct {
	paymentDate, currency text
	amount                kurus
	amountSent            bool
	installments          integer // 0 and 1 are single (moka-api 2.28)
}

func readStep(m *members) stepMembers {
	in := stepMembers{
		paymentDate:  m.date("PaymentDate"),
		currency:     m.text("Currency", 0),
		installments: m.integer("InstallmentNumber", 0, 12),
	}
	in.amount, in.amountSent = m.amount("Amount")
	return in
}

// passed reports whether a payment date has come too near to touch its step.
// Whether today's has is a switch.
func (c *call) passed(date string) bool {
	return date < c.today || date == c.today && c.sw.is(swStepToday, "passed")
}

// stepAnswer is a step as it is answered: the members of the last attempt and
// of payment requests may be blank, and how is a switch.
func (c *call) stepAnswer(row *step) any {
	if !c.sw.is(swBlankMembers, "null") {
		return &row.stepData
	}
	type blank struct {
		*stepData
		HistoryDate          *string
		CardToken            *string
		DealerCustomerTypeId *int64
		UserPosPaymentId     *int64
		DealerPaymentId      *int64
	}
	return blank{
		stepData: &row.stepData, HistoryDate: orNull(row.HistoryDate), CardToken: orNull(row.CardToken),
		DealerCustomerTypeId: orNull(row.TypeID), UserPosPaymentId: orNull(row.UserPosPaymentID), DealerPaymentId: orNull(row.PaymentID),
	}
}

// orNull is nil for a zero value.
func orNull[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

// addPaymentPlan adds a manual step. A step has no key of the dealer's: the same
// call twice is two steps (moka-api 2.25, 4.3). The page's sample sends
// DealerPaymentPlanId, which is passed over, and no key of the sale, which is
// needed.
func addPaymentPlan(c *call) result {
	in := readStep(c.in)
	of, reason := c.findSale(plainSaleReasons)
	switch {
	case reason != "":
	case !in.paymentDate.given():
		reason = reasonNoPaymentDate
	case !in.amountSent:
		reason = reasonNoAmount
	case of.PlanType == planAutomatic && c.sw.is(swAddStepAutomatic, "refuse"):
		reason = reasonAutomatic
	}
	if reason != "" {
		return c.refuse(reason)
	}
	row := &step{stepData: stepData{
		SaleID: of.ID, SaleCode: of.Code, PaymentDate: in.paymentDate.value, Amount: in.amount,
		Currency: in.currency.value, Installments: in.installments.or(1), TypeID: of.TypeID, Manual: true,
	}, Cards: of.given(), Trials: of.Trials, SetOn: c.today}
	if reason := c.checkStep(row); reason != "" {
		return c.refuse(reason)
	}
	row.ID = take(&c.next.Step)
	return done(c.stepAnswer(row), &record{Steps: []*step{row}})
}

// checkStep fills in TL and checks date and currency.
func (c *call) checkStep(row *step) (reason string) {
	if row.Currency == "" {
		row.Currency = "TL"
	}
	if c.passed(row.PaymentDate) {
		return reasonStepPassed
	}
	if !slices.Contains(currencies, row.Currency) {
		return reasonBadCurrency
	}
	return ""
}

// findStep selects by the member DealerPaymentPlanId.
func (c *call) findStep() (row *step, reason string) {
	id := c.in.id("DealerPaymentPlanId")
	switch {
	case c.in.bad:
		return nil, invalidRequest
	case id == 0:
		return nil, reasonNoStepKey
	}
	if row = c.state.step(id); row == nil {
		return nil, reasonNoStep
	}
	return row, ""
}

// touched gives the reason why a step can no longer be changed or deleted: its
// date has passed, or it was tried already.
func (c *call) touched(row *step) (reason string) {
	if row.HistoryDate != "" || c.passed(row.PaymentDate) {
		return reasonStepPassed
	}
	return ""
}

// updatePaymentPlan changes a step whose date has not come, of either origin:
// the page excludes none (moka-api 2.26).
func updatePaymentPlan(c *call) result {
	in := readStep(c.in)
	old, reason := c.findStep()
	if reason == "" {
		reason = c.touched(old)
	}
	if reason == "" && in.paymentDate.sent && !in.paymentDate.given() {
		reason = reasonNoPaymentDate
	}
	if reason != "" {
		return c.refuse(reason)
	}
	row := *old
	in.onto(&row, c.sw.is(swUpdateStepOmitted, omittedDefault))
	if row.PaymentDate != old.PaymentDate {
		row.SetOn = c.today
	}
	if reason := c.checkStep(&row); reason != "" {
		return c.refuse(reason)
	}
	return done(c.stepAnswer(&row), &record{Steps: []*step{&row}})
}

// onto lays what was sent over a step. Omitted date and amount stay in any case:
// they have no default.
func (in stepMembers) onto(row *step, defaults bool) {
	if in.paymentDate.sent {
		row.PaymentDate = in.paymentDate.value
	}
	if in.amountSent {
		row.Amount = in.amount
	}
	if in.currency.sent || defaults {
		row.Currency = in.currency.value
	}
	if in.installments.sent || defaults {
		row.Installments = in.installments.or(1)
	}
}

// deletePaymentPlan deletes manual steps only. Its page has no code for another
// (moka-api 2.27): an automatic one is answered as if it were not there.
func deletePaymentPlan(c *call) result {
	old, reason := c.findStep()
	switch {
	case reason != "":
	case !old.Manual:
		reason = reasonNoStep
	default:
		reason = c.touched(old)
	}
	if reason != "" {
		return c.refuse(reason)
	}
	row := *old
	row.Gone = true
	return done(true, &record{Steps: []*step{&row}})
}

// getPaymentPlan: what Moka answers for no step was not seen; some answers have
// no Data (moka-api 4.3), which is a switch.
func getPaymentPlan(c *call) result {
	row, reason := c.findStep()
	switch {
	case reason == reasonNoStep && c.sw.is(swMissingStep, "null"):
		return done(nil, nil)
	case reason != "":
		return c.refuse(reason)
	}
	return done(c.stepAnswer(row), nil)
}

// getPaymentPlanHistoryList lists a step's attempts in the order in which they
// were made.
func getPaymentPlanHistoryList(c *call) result {
	row, reason := c.findStep()
	if reason != "" {
		return c.refuse(reason)
	}
	tries := c.state.attempts[row.ID]
	if len(tries) == 0 && !c.sw.is(swEmptyList, emptySuccess) {
		return c.refuse(c.emptyReason(reasonNoHistory))
	}
	return done(list{
		keyName: "DealerPaymentPlanId", key: row.ID, countName: "PaymentPlanHistoryListCount", listName: "PaymentPlanHistoryList",
		n: len(tries), row: func(i int) any { return tries[i].data() },
	}, nil)
}

// span is the range of payment dates that a list is asked for.
type span struct{ start, end string }

// readSpan reads the range; both ends are needed, by analogy.
func (c *call) readSpan() (s span, reason string) {
	start, end := c.in.date("PaymentPlanPaymentDateStart"), c.in.date("PaymentPlanPaymentDateEnd")
	switch {
	case c.in.bad:
		return span{}, invalidRequest
	case !start.given():
		return span{}, reasonNoStart
	case !end.given():
		return span{}, reasonNoEnd
	}
	return span{start.value, end.value}, ""
}

// holds reports whether a date is in the range; whether the ends are is a
// switch.
func (s span) holds(date string, inclusive bool) bool {
	if inclusive {
		return s.start <= date && date <= s.end
	}
	return s.start < date && date < s.end
}

// listSteps answers with the steps in a range.
func (c *call) listSteps(rows []*step, in span) result {
	inclusive := c.sw.is(swStepRange, "inclusive")
	var listed []*step
	for _, row := range rows {
		if !row.Gone && in.holds(row.PaymentDate, inclusive) {
			listed = append(listed, row)
		}
	}
	if len(listed) == 0 && !c.sw.is(swEmptyList, emptySuccess) {
		return c.refuse(c.emptyReason(reasonNoStep))
	}
	return done(list{
		countName: "PaymentPlanListCount", listName: "PaymentPlanList",
		n: len(listed), row: func(i int) any { return c.stepAnswer(listed[i]) },
	}, nil)
}

// getPaymentPlanReport lists the steps of all sales (moka-api 2.31).
func getPaymentPlanReport(c *call) result {
	in, reason := c.readSpan()
	if reason != "" {
		return c.refuse(reason)
	}
	return c.listSteps(c.state.steps.all(), in)
}

// getPaymentPlanList lists the steps of one sale (moka-api 2.29).
func getPaymentPlanList(c *call) result {
	in, spanReason := c.readSpan()
	ids, reason := c.findSaleOfSteps()
	if reason == "" {
		reason = spanReason
	}
	if reason != "" {
		return c.refuse(reason)
	}
	var rows []*step
	for _, id := range ids {
		for _, stepID := range c.state.stepsOf[id] {
			rows = append(rows, c.state.steps.get(stepID))
		}
	}
	return c.listSteps(rows, in)
}

// findSaleOfSteps selects a sale, also a deleted one that has steps unless the
// switch hides them. A code may then stand for several deleted sales.
func (c *call) findSaleOfSteps() (ids []int64, reason string) {
	row, reason := c.findSale(plainSaleReasons)
	switch {
	case reason == "":
		return []int64{row.ID}, ""
	case reason != plainSaleReasons.notFound || c.sw.is(swDeletedSaleSteps, "hidden"):
		return nil, reason
	}
	id, code := c.in.id("DealerSaleId"), c.in.text("SaleCode", 100).value
	candidates := []int64{id}
	if id == 0 {
		candidates = c.state.salesByCode[code]
	}
	for _, candidate := range candidates {
		steps := c.state.stepsOf[candidate]
		if len(steps) == 0 {
			continue
		}
		if code != "" && c.state.steps.get(steps[0]).SaleCode != code {
			return nil, plainSaleReasons.mismatch
		}
		ids = append(ids, candidate)
	}
	if len(ids) == 0 {
		return nil, reason
	}
	return ids, ""
}
