package sandbox

import "slices"

// Values of PlanType (moka-api 3.2).
const (
	planAutomatic = 1
	planManual    = 2
	planBoth      = 3
)

// maxCustomerType is the greatest DealerCustomerTypeId that a dealer of the
// sandbox has; 1 up to it are valid. Moka issues these ids by hand
// (moka-api 2.20), so no call could make one.
const maxCustomerType = 999

// currencies are the codes of moka-api 3.5.
var currencies = []string{"TL", "USD", "EUR"}

// saleMembers are the members of AddSale and UpdateSale (moka-api 2.20, 2.21).
type saleMembers struct {
	customer                               customerKey
	product                                productKey
	code, currency, description            text
	amount                                 kurus
	amountSent                             bool
	installments, trials, planType, typeID integer
	scheduleID                             int64
	saleDate, beginDate, endDate           text
	cards                                  [3]text
}

func readSale(m *members) saleMembers {
	in := saleMembers{
		customer:     readCustomerKey(m),
		product:      productKey{code: m.text("ProductCode", 0).value, id: m.id("DealerProductId")},
		code:         m.text("SaleCode", 100),
		currency:     m.text("Currency", 0),
		installments: m.integer("InstallmentNumber", 1, 12),
		scheduleID:   m.id("DealerSaleScheduleId"),
		saleDate:     m.date("SaleDate"),
		beginDate:    m.date("BeginDate"),
		endDate:      m.date("EndDate"),
		trials:       m.integer("HowManyTrial", 0, maxInteger),
		description:  m.text("Description", 200),
		planType:     m.integer("PlanType", planAutomatic, planBoth),
		typeID:       m.integer("DealerCustomerTypeId", 0, maxInteger),
		cards:        [3]text{m.token("DefaultCard1Token"), m.token("DefaultCard2Token"), m.token("DefaultCard3Token")},
	}
	in.amount, in.amountSent = m.amount("Amount")
	return in
}

// missing gives the reason of the first required member that AddSale lacks, in
// the order in which the page lists the codes (moka-api 2.20). A card may be
// left out when payment is collected by request (DealerCustomerTypeId).
func (in saleMembers) missing(endDateRequired bool) string {
	switch {
	case in.customer == customerKey{}:
		return "CustomerCodeOrDealerCustomerIdMustBeGiven"
	case in.product == productKey{}:
		return "ProductCodeOrDealerProductIdMustBeGiven"
	case !in.saleDate.given():
		return "SaleDateIsRequired"
	case !in.amountSent:
		return "AmountIsRequired"
	case in.scheduleID == 0 && in.planType.value != planManual:
		return "DealerSaleScheduleIdIsRequired"
	case !in.beginDate.given():
		return "BeginDateIsRequired"
	case endDateRequired && !in.endDate.given():
		return "EndDateIsRequired"
	case !in.cards[0].given() && in.typeID.value == 0:
		return "DefaultCard1TokenIsRequired"
	}
	return ""
}

// row makes the sale that AddSale asks for, with the documented defaults.
func (in saleMembers) row() *sale {
	row := &sale{
		Code: in.code.value, Amount: in.amount, Currency: in.currency.value,
		Installments: in.installments.or(1), ScheduleID: in.scheduleID,
		SaleDate: in.saleDate.value, BeginDate: in.beginDate.value, EndDate: in.endDate.value,
		Trials: in.trials.or(1), Description: in.description.value,
		PlanType: in.planType.or(planAutomatic), TypeID: in.typeID.value,
		Card1: in.cards[0].value, Card2: in.cards[1].value, Card3: in.cards[2].value,
	}
	row.settle()
	return row
}

// settle applies what Moka fills in by itself: TL, and no schedule for a manual
// plan (moka-api 2.20).
func (row *sale) settle() {
	if row.Currency == "" {
		row.Currency = "TL"
	}
	if row.PlanType == planManual {
		row.ScheduleID = 0
	}
}

// cards are the sale's card slots in the order in which they are tried.
func (row *sale) cards() [3]string { return [3]string{row.Card1, row.Card2, row.Card3} }

// sell finds the sale's product and puts it into the row.
func (c *call) sell(row *sale, key productKey) (reason string) {
	sold, reason := c.state.findProduct(key, "DealerProductIdNotFound")
	if reason == "" {
		row.ProductID, row.ProductCode = sold.ID, sold.Code
	}
	return reason
}

// sellTo finds the sale's customer and puts it into the row.
func (c *call) sellTo(row *sale, key customerKey) (reason string) {
	buyer, reason := c.state.findCustomer(key, "DealerCustomerIdNotFound")
	if reason == "" {
		row.CustomerID, row.CustomerCode = buyer.ID, buyer.Code
	}
	return reason
}

// datesPassed gives the reason for the first date before today; today has not
// passed (moka-api 2.20).
func (c *call) datesPassed(saleDate, beginDate, endDate string) string {
	past := func(date string) bool { return date != "" && date < c.today }
	switch {
	case past(saleDate):
		return "SaleDateAlreadyPassed"
	case past(beginDate):
		return "BeginDateAlreadyPassed"
	case past(endDate):
		return "EndDateAlreadyPassed"
	}
	return ""
}

// disordered reports an end before the beginning or before the sale itself. The
// page names no rule for its BeginSaleEndDateException; a beginning before the
// sale's own date is let through.
func (row *sale) disordered() bool {
	return row.EndDate != "" && (row.EndDate < row.BeginDate || row.EndDate < row.SaleDate)
}

// cardReasons are the codes of the three card slots (moka-api 4.6).
var cardReasons = [3]string{"InvalidCardToken", "InvalidDefaultCard2Token", "InvalidDefaultCard3Token"}

// claimCards checks the given card slots and returns the test cards that now
// get an owner.
func (c *call) claimCards(customerID int64, tokens [3]string) (claimed []*card, reason string) {
	for i, token := range tokens {
		if token == "" || slices.Index(tokens[:], token) < i {
			continue
		}
		moved, ok := c.claim(token, customerID)
		if !ok {
			return nil, cardReasons[i]
		}
		if moved != nil {
			claimed = append(claimed, moved)
		}
	}
	return claimed, ""
}

// checkTerms checks customer type and currency.
func (row *sale) checkTerms() (reason string) {
	if row.TypeID > maxCustomerType {
		return "InvalidDealerCustomerTypeId"
	}
	if !slices.Contains(currencies, row.Currency) {
		return "InvalidCurrencyCode"
	}
	return ""
}

// checkAddition checks the finished row in the order of the documented codes.
func (c *call) checkAddition(row *sale) (claimed []*card, reason string) {
	if reason = c.datesPassed(row.SaleDate, row.BeginDate, row.EndDate); reason != "" {
		return nil, reason
	}
	if row.disordered() {
		return nil, "BeginSaleEndDateException"
	}
	if row.PlanType != planManual && c.state.schedules.get(row.ScheduleID) == nil {
		return nil, "DealerSaleScheduleNotFound"
	}
	if claimed, reason = c.claimCards(row.CustomerID, row.cards()); reason != "" {
		return nil, reason
	}
	return claimed, row.checkTerms()
}

// addSale adds a sale: the one call that puts money in motion
// (moka-api 3.1). A SaleCode that lives already makes a second sale unless the
// switch says otherwise; no code for it is documented (moka-api 4.1).
func addSale(c *call) result {
	in := readSale(c.in)
	if c.in.bad {
		return c.invalid()
	}
	if reason := in.missing(c.sw.is(swEndDateRequired, "yes")); reason != "" {
		return c.refuse(reason)
	}
	row := in.row()
	if reason := c.sell(row, in.product); reason != "" {
		return c.refuse(reason)
	}
	if reason := c.sellTo(row, in.customer); reason != "" {
		return c.refuse(reason)
	}
	claimed, reason := c.checkAddition(row)
	if reason != "" {
		return c.refuse(reason)
	}
	if old := c.state.saleByCode(row.Code); old != nil {
		switch c.sw[swDuplicateSaleCode] {
		case duplicateRefuse:
			return c.refuse("SaleCodeAlreadyUsing")
		case duplicateReturnOld:
			return done(old, nil)
		}
	}
	row.ID = take(&c.next.Sale)
	if row.Code == "" {
		row.Code = newGUID()
	}
	return done(row, &record{Sales: []*sale{row}, AddedOn: c.today, Cards: claimed})
}

// saleReasons are the codes of selecting a sale. DeleteSale's are misspelt and
// carry another method's name (moka-api 2.22).
type saleReasons struct{ notFound, mismatch string }

var (
	plainSaleReasons  = saleReasons{"DealerSaleNotFound", "SaleCodeDoesntMatchDealerSaleId"}
	deleteSaleReasons = saleReasons{"DealerSale.DeleteDealer.DealerSaleNotFund", "DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId"}
)

// findSale selects by DealerSaleId, by SaleCode, or by both if they agree.
func (c *call) findSale(reasons saleReasons) (row *sale, reason string) {
	id, code := c.in.id("DealerSaleId"), c.in.text("SaleCode", 100)
	switch {
	case c.in.bad:
		return nil, invalidRequest
	case id == 0 && !code.given():
		return nil, "SaleCodeOrDealerSaleIdMustBeGiven"
	case id == 0:
		row = c.state.saleByCode(code.value)
	default:
		row = c.state.sales.get(id)
	}
	if row == nil {
		return nil, reasons.notFound
	}
	if code.given() && code.value != row.Code {
		return nil, reasons.mismatch
	}
	return row, ""
}

// deleteSale ends the regular charges. What becomes of steps that are open is a
// switch (moka-api 3.6).
func deleteSale(c *call) result {
	row, reason := c.findSale(deleteSaleReasons)
	if reason != "" {
		return c.refuse(reason)
	}
	change := &record{Removed: &removed{Sales: []int64{row.ID}}}
	if c.sw.is(swDeleteSaleSteps, "drop") {
		change.Steps = c.state.droppedSteps(row.ID)
	}
	return done(true, change)
}

func getSale(c *call) result {
	row, reason := c.findSale(plainSaleReasons)
	if reason != "" {
		return c.refuse(reason)
	}
	return done(row, nil)
}

func getSaleList(c *call) result {
	return listed(c, "DealerSaleListCount", "DealerSaleList", c.state.sales.all(), plainSaleReasons.notFound)
}
