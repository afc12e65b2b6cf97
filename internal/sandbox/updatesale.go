package sandbox

// updateSale changes a sale (moka-api 2.21; the page's end was never seen, so
// the codes are AddSale's under its own name). SaleCode selects and is never
// changed. What an omitted member means is a switch; an empty text, date or
// token that is sent empties its member.
func updateSale(c *call) result {
	in := readSale(c.in)
	old, reason := c.findSale(plainSaleReasons)
	if reason != "" {
		return c.refuse(reason)
	}
	row := *old
	in.onto(&row, c.sw[swUpdateSaleOmitted])
	row.settle()
	if reason := c.checkUpdate(old, &row, in); reason != "" {
		return c.refuse(reason)
	}
	claimed, reason := c.claimCards(row.CustomerID, in.cardsToCheck(old, &row))
	if reason == "" {
		reason = row.checkTerms()
	}
	if reason != "" {
		return c.refuse(reason)
	}
	change := &record{Sales: []*sale{&row}, Cards: claimed}
	if c.sw.is(swUpdateSaleSteps, "reach") {
		change.Steps = c.state.reachedSteps(&row)
	}
	return done(&row, change)
}

// checkUpdate finds what the row names and checks it, in the order in which
// AddSale's codes are documented.
func (c *call) checkUpdate(old, row *sale, in saleMembers) (reason string) {
	if reason = in.emptied(row); reason != "" {
		return reason
	}
	if in.product != (productKey{}) {
		if reason = c.sell(row, in.product); reason != "" {
			return reason
		}
	}
	if in.customer != (customerKey{}) {
		if reason = c.sellTo(row, in.customer); reason != "" {
			return reason
		}
	}
	if reason = c.updatedDatesPassed(old, in); reason != "" {
		return reason
	}
	if row.disordered() {
		return "BeginSaleEndDateException"
	}
	if in.scheduleID != 0 && row.ScheduleID != 0 && c.state.schedules.get(row.ScheduleID) == nil {
		return "DealerSaleScheduleNotFound"
	}
	return ""
}

// updatedDatesPassed judges the dates that were sent. Whether a date that has
// passed may be sent back as it stands is a switch (moka-api 4.2).
func (c *call) updatedDatesPassed(old *sale, in saleMembers) string {
	judged := func(t text, stored string) string {
		if t.value == stored && c.sw.is(swUpdateSalePastDate, "unchanged") {
			return ""
		}
		return t.value
	}
	return c.datesPassed(judged(in.saleDate, old.SaleDate), judged(in.beginDate, old.BeginDate), judged(in.endDate, old.EndDate))
}

// cardsToCheck are the tokens that were sent, or all of the row's when the
// customer changes, since cards belong to a customer.
func (in saleMembers) cardsToCheck(old, row *sale) [3]string {
	tokens := row.cards()
	for i := range tokens {
		if !in.cards[i].sent && row.CustomerID == old.CustomerID {
			tokens[i] = ""
		}
	}
	return tokens
}

// onto lays what was sent over the row, and over the rest what omitted means:
// keep it, give it AddSale's default where there is one, or empty it as well
// where there is none. Customer and product cannot be empty and are kept.
func (in saleMembers) onto(row *sale, omitted string) {
	setText := func(into *string, t text) {
		if t.sent || omitted != omittedKeep {
			*into = t.value
		}
	}
	setInteger := func(into *int64, i integer, otherwise int64) {
		if i.sent || omitted != omittedKeep {
			*into = i.or(otherwise)
		}
	}
	required := func(into *string, t text) {
		if t.sent || omitted == omittedClear {
			*into = t.value
		}
	}
	setText(&row.Currency, in.currency)
	setText(&row.EndDate, in.endDate)
	setText(&row.Description, in.description)
	setText(&row.Card2, in.cards[1])
	setText(&row.Card3, in.cards[2])
	setInteger(&row.Installments, in.installments, 1)
	setInteger(&row.Trials, in.trials, 1)
	setInteger(&row.PlanType, in.planType, planAutomatic)
	setInteger(&row.TypeID, in.typeID, 0)
	required(&row.SaleDate, in.saleDate)
	required(&row.BeginDate, in.beginDate)
	required(&row.Card1, in.cards[0])
	if in.amountSent || omitted == omittedClear {
		row.Amount = in.amount
	}
	if in.scheduleID != 0 || omitted == omittedClear {
		row.ScheduleID = in.scheduleID
	}
}

// emptied gives the reason when a required member was sent empty, or when the
// plan now needs a schedule that the sale does not have.
func (in saleMembers) emptied(row *sale) string {
	switch {
	case in.saleDate.sent && !in.saleDate.given():
		return "SaleDateIsRequired"
	case in.planType.sent && row.PlanType != planManual && row.ScheduleID == 0:
		return "DealerSaleScheduleIdIsRequired"
	case in.beginDate.sent && !in.beginDate.given():
		return "BeginDateIsRequired"
	case in.cards[0].sent && !in.cards[0].given() && row.TypeID == 0:
		return "DefaultCard1TokenIsRequired"
	}
	return ""
}
