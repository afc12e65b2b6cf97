package sandbox

import "strings"

// customerData is the Data of the customer and card services (moka-api 2,
// shared objects).
type customerData struct {
	DealerCustomer *customer
	CardListCount  int
	CardList       []cardData
}

// withoutCards is how the customer services answer: they never list cards, so
// a count of 0 says nothing (moka-api 2.3, 2.5).
func withoutCards(row *customer) customerData {
	return customerData{DealerCustomer: row, CardList: []cardData{}}
}

// customerMembers are the members of AddCustomer that UpdateCustomer and
// AddCustomerWithCard share (moka-api 2.1).
type customerMembers struct {
	code, password, firstName, lastName, birthDate, gsm, email, address text
	gender                                                              integer
}

func readCustomer(m *members) customerMembers {
	in := customerMembers{
		code:      m.text("CustomerCode", 100),
		password:  m.text("Password", 50),
		firstName: m.text("FirstName", 50),
		lastName:  m.text("LastName", 50),
		gender:    m.integer("Gender", 0, 2),
		birthDate: m.date("BirthDate"),
		gsm:       m.text("GsmNumber", 20),
		email:     m.text("Email", 100),
		address:   m.text("Address", 200),
	}
	return in
}

// onto lays what was sent over a row. clear empties what was not sent; the code
// is not among it, since it selects the customer.
func (in customerMembers) onto(row *customer, clear bool) {
	set := func(into *string, t text) {
		if t.sent || clear {
			*into = t.value
		}
	}
	set(&row.Password, in.password)
	set(&row.FirstName, in.firstName)
	set(&row.LastName, in.lastName)
	set(&row.BirthDate, in.birthDate)
	set(&row.Gsm, in.gsm)
	set(&row.Email, in.email)
	set(&row.Address, in.address)
	if in.gender.sent || clear {
		row.Gender = in.gender.value
	}
}

// isEmail is the format check of moka-api 2.1, which does not give the format:
// one @ with something before it, and after it a domain with an inner dot; no
// blanks. An empty address is not checked.
func isEmail(address string) bool {
	local, domain, found := strings.Cut(address, "@")
	dot := strings.LastIndexByte(domain, '.')
	return found && local != "" && !strings.ContainsAny(address, " \t\r\n") &&
		!strings.Contains(domain, "@") && !strings.HasPrefix(domain, ".") &&
		dot > 0 && dot < len(domain)-1
}

// newCustomer checks an addition and makes its row; reason is "" if it is good.
func (c *call) newCustomer(in customerMembers) (row *customer, reason string) {
	if in.code.given() {
		if _, taken := c.state.customerByCode[in.code.value]; taken {
			return nil, "CustomerCodeAlreadyUsing"
		}
	}
	if in.email.given() && !isEmail(in.email.value) {
		return nil, "InvalidEmailFormat"
	}
	row = &customer{ID: take(&c.next.Customer), Code: in.code.value}
	in.onto(row, true)
	return row, ""
}

func addCustomer(c *call) result {
	in := readCustomer(c.in)
	if c.in.bad {
		return c.invalid()
	}
	row, reason := c.newCustomer(in)
	if reason != "" {
		return c.refuse(reason)
	}
	return done(withoutCards(row), &record{Customers: []*customer{row}})
}

// addCustomerWithCard adds both or neither; whether Moka keeps the customer
// when the card fails is not documented (moka-api 2.2).
func addCustomerWithCard(c *call) result {
	in := readCustomer(c.in)
	face := readNewCard(c.in)
	if c.in.bad {
		return c.invalid()
	}
	row, reason := c.newCustomer(in)
	if reason != "" {
		return c.refuse(reason)
	}
	added := c.newCard(face, row.ID)
	return done(withCards(row, added), &record{Customers: []*customer{row}, Cards: []*card{added}})
}

// customerKey is the pair of members that select a customer.
type customerKey struct {
	code string
	id   int64
}

func readCustomerKey(m *members) customerKey {
	return customerKey{code: m.text("CustomerCode", 100).value, id: m.id("DealerCustomerId")}
}

// findCustomer selects by id, by code, or by both if they agree. notFound is
// the reason when there is no such customer: the sale services name it after
// the id (moka-api 2.20).
func (s *state) findCustomer(key customerKey, notFound string) (row *customer, reason string) {
	switch {
	case key.id == 0 && key.code == "":
		return nil, "CustomerCodeOrDealerCustomerIdMustBeGiven"
	case key.id == 0:
		row = s.customers.get(s.customerByCode[key.code])
	default:
		row = s.customers.get(key.id)
	}
	if row == nil {
		return nil, notFound
	}
	if key.code != "" && key.code != row.Code {
		return nil, "CustomerCodeDoesntMatchDealerCustomerId"
	}
	return row, ""
}

const customerNotFound = "DealerCustomerNotFound"

func updateCustomer(c *call) result {
	key, in := readCustomerKey(c.in), readCustomer(c.in)
	if c.in.bad {
		return c.invalid()
	}
	rename := ""
	if c.sw.is(swUpdateCustCode, "rename") && key.id != 0 {
		rename, key.code = key.code, ""
	}
	old, reason := c.state.findCustomer(key, customerNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	if in.email.given() && !isEmail(in.email.value) {
		return c.refuse("InvalidEmailFormat")
	}
	row := *old
	in.onto(&row, c.sw.is(swUpdateCustOmitted, omittedClear))
	change := &record{Customers: []*customer{&row}}
	if rename != "" && rename != old.Code {
		if _, taken := c.state.customerByCode[rename]; taken {
			return c.refuse("CustomerCodeAlreadyUsing")
		}
		row.Code = rename
		change.Sales = c.state.renamedSales(row.ID, rename)
	}
	return done(withoutCards(&row), change)
}

// renamedSales are the sales of a customer under the customer's new code.
func (s *state) renamedSales(customerID int64, code string) []*sale {
	var renamed []*sale
	for _, old := range s.sales.all() {
		if old.CustomerID == customerID {
			row := *old
			row.CustomerCode = code
			renamed = append(renamed, &row)
		}
	}
	return renamed
}

// removeCustomer takes the customer's cards with it; test cards lose their
// owner and can be named again. Sales stay, and would go on charging: the
// effect on them is not documented (moka-api 3.6).
func removeCustomer(c *call) result {
	key := readCustomerKey(c.in)
	if c.in.bad {
		return c.invalid()
	}
	row, reason := c.state.findCustomer(key, customerNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	change := &record{Removed: &removed{Customers: []int64{row.ID}}}
	for _, owned := range c.state.cardsOfCustomer(row.ID) {
		if owned.isTest() {
			freed := *owned
			freed.Customer = 0
			change.Cards = append(change.Cards, &freed)
		} else {
			change.Removed.Cards = append(change.Removed.Cards, owned.ID)
		}
	}
	return done(struct{}{}, change)
}

func getCustomer(c *call) result {
	key := readCustomerKey(c.in)
	if c.in.bad {
		return c.invalid()
	}
	row, reason := c.state.findCustomer(key, customerNotFound)
	if reason != "" {
		return c.refuse(reason)
	}
	return done(withoutCards(row), nil)
}

func getCustomerList(c *call) result {
	return listed(c, "DealerCustomerListCount", "DealerCustomerList", c.state.customers.all(), customerNotFound)
}
