package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// cardData is one member of CardList.
type cardData struct {
	CardToken string
	CardName  string
	cardPrint
}

func withCards(row *customer, cards ...*card) customerData {
	data := customerData{DealerCustomer: row, CardListCount: len(cards), CardList: make([]cardData, 0, len(cards))}
	for _, owned := range cards {
		data.CardList = append(data.CardList, cardData{CardToken: owned.Token, CardName: owned.Name, cardPrint: owned.print()})
	}
	return data
}

// newCardMembers are what AddCard and AddCustomerWithCard say of the card
// (moka-api 2.2, 2.7).
type newCardMembers struct{ holder, number, month, year, name string }

// readNewCard checks no more than the form: Moka documents no code for a bad
// number or expiry (moka-api 1.6), and its own sample is long expired.
func readNewCard(m *members) newCardMembers {
	in := newCardMembers{
		holder: m.text("CardHolderFullName", 100).value,
		number: m.text("CardNumber", 0).value,
		month:  m.text("ExpMonth", 0).value,
		year:   m.text("ExpYear", 0).value,
		name:   m.text("CardName", 50).value,
	}
	if n := len(in.number); n < 12 || n > 19 || digits(in.number) != n {
		m.bad = true
	}
	if len(in.month) == 1 {
		in.month = "0" + in.month
	}
	if len(in.month) != 2 || digits(in.month) != 2 || in.month < "01" || in.month > "12" {
		m.bad = true
	}
	if len(in.year) != 4 || digits(in.year) != 4 {
		m.bad = true
	}
	return in
}

// newCard makes the row of a card; of its number only the ends and a keyed
// digest are kept.
func (c *call) newCard(in newCardMembers, customerID int64) *card {
	n := len(in.number)
	return &card{
		ID: take(&c.next.Card), Customer: customerID, Token: newGUID(), Name: in.name,
		Digest: c.cardDigest(customerID, in.number),
		Print: &cardPrint{
			Bank:     "TEST BANKASI " + string('1'+in.number[0]%3),
			FirstSix: in.number[:6], LastFour: in.number[n-4:],
			Holder: in.holder, ExpMonth: in.month, ExpYear: in.year,
		},
	}
}

func (c *call) cardDigest(customerID int64, number string) string {
	mac := hmac.New(sha256.New, c.salt)
	fmt.Fprintf(mac, "%d|%s", customerID, number)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// addCard answers with the new card alone. The same number twice is refused
// within one customer; the scope is not documented (moka-api 2.7).
func addCard(c *call) result {
	key, in := readCustomerKey(c.in), readNewCard(c.in)
	if c.in.bad {
		return c.invalid()
	}
	owner, reason := c.state.findCustomer(key, customerNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	digest := c.cardDigest(owner.ID, in.number)
	for _, known := range c.state.cardsOfCustomer(owner.ID) {
		if known.Digest == digest {
			return c.refuse("CardAlreadyExists")
		}
	}
	added := c.newCard(in, owner.ID)
	return done(withCards(owner, added), &record{Cards: []*card{added}})
}

// findCard selects a card by the member CardToken; reason is "" if it is there.
func (c *call) findCard() (row *card, reason string) {
	token := c.in.token("CardToken")
	switch {
	case c.in.bad:
		return nil, invalidRequest
	case !token.given():
		return nil, "CardTokenIsRequired"
	}
	if row = c.state.card(token.value); row == nil {
		return nil, "CardNotFound"
	}
	return row, ""
}

// cardAnswer shows a card with its owner. A test card that nobody has named has
// none: id 0 and empty texts stand there.
func (c *call) cardAnswer(row *card) customerData {
	owner := c.state.customers.get(row.Customer)
	if owner == nil {
		owner = &customer{}
	}
	return withCards(owner, row)
}

// updateCard changes the name, the one thing that can change. Its codes are
// printed as GetCard's (moka-api 2.8). An absent CardName is taken like an
// absent member of UpdateSchedule: nothing changes.
func updateCard(c *call) result {
	name := c.in.text("CardName", 50)
	old, reason := c.findCard()
	if reason != "" {
		return c.refuse(familyCustomer + "." + c.sw[swUpdateCardCodes] + "." + reason)
	}
	row := *old
	if name.sent {
		row.Name = name.value
	}
	if row.ID == 0 {
		row.ID = take(&c.next.Card)
	}
	return done(c.cardAnswer(&row), &record{Cards: []*card{&row}})
}

// removeCard removes a card; what becomes of sales and open steps that use it is
// a switch.
func removeCard(c *call) result {
	row, reason := c.findCard()
	if reason != "" {
		return c.refuse(reason)
	}
	change := &record{}
	if row.ID != 0 {
		change.Removed = &removed{Cards: []int64{row.ID}}
	}
	if row.isTest() {
		change.GoneTokens = []string{row.Token}
	}
	if c.sw.is(swRemoveCard, "break") {
		change.Sales = c.state.salesWithoutCard(row.Token)
		change.Steps = c.state.stepsWithoutCard(row.Token)
	}
	return done(true, change)
}

// salesWithoutCard are the sales that name a card, with that card left out.
func (s *state) salesWithoutCard(token string) []*sale {
	var broken []*sale
	for _, old := range s.sales.all() {
		row := *old
		for _, slot := range []*string{&row.Card1, &row.Card2, &row.Card3} {
			if *slot == token {
				*slot = ""
			}
		}
		if row != *old {
			broken = append(broken, &row)
		}
	}
	return broken
}

func getCard(c *call) result {
	row, reason := c.findCard()
	if reason != "" {
		return c.refuse(reason)
	}
	return done(c.cardAnswer(row), nil)
}

// getCardList lists a customer's cards. What Moka answers for none is not
// documented (moka-api 2.11): the switch for empty lists rules here too.
func getCardList(c *call) result {
	key := readCustomerKey(c.in)
	if c.in.bad {
		return c.invalid()
	}
	owner, reason := c.state.findCustomer(key, customerNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	cards := c.state.cardsOfCustomer(owner.ID)
	if len(cards) == 0 && !c.sw.is(swEmptyList, emptySuccess) {
		return c.refuse(c.emptyReason("CardNotFound"))
	}
	return done(withCards(owner, cards...), nil)
}

// claim lets a customer use a card in a sale: the customer's own, or a test card
// that has no owner yet, which then becomes the customer's. ok is false for any
// other; moved is the row to store when the owner changes.
func (c *call) claim(token string, customerID int64) (moved *card, ok bool) {
	row := c.state.card(token)
	if row == nil || row.Customer != 0 && row.Customer != customerID {
		return nil, false
	}
	if row.Customer == customerID {
		return nil, true
	}
	claimed := *row
	claimed.Customer = customerID
	if claimed.ID == 0 {
		claimed.ID = take(&c.next.Card)
	}
	return &claimed, true
}
