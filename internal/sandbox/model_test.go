package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
)

// fields is a JSON object, and a row of the model.
type fields = map[string]any

// model is the naive picture of one dealer's account that the sandbox is tested
// against: rows in slices, everything found by looking at all of them. It knows
// valid values only, default switches but for UpdateSale, which keeps what is
// left out.
type model struct {
	customers, products, schedules, sales []fields
	owner                                 map[string]float64 // card token → customer id, 0 nobody
	cardNames                             map[string]string
	numbers                               map[string]string // card token → number, of added cards
	order                                 []string          // tokens in the order they were first stored
	gone                                  map[string]bool
	nextCustomer, nextProduct             float64
	nextSchedule, nextSale                float64
	today                                 string
}

func newModel() *model {
	return &model{
		owner: map[string]float64{}, cardNames: map[string]string{}, numbers: map[string]string{}, gone: map[string]bool{},
		nextCustomer: 1033, nextProduct: 1009, nextSchedule: 1005, nextSale: 1003, today: "20270110",
	}
}

// expected is what the model thinks of a call: the end of its result code, and
// for Success the Data, unless it is not looked at (nil).
type expected struct {
	code string
	data any
}

func refused(code string) expected { return expected{code: code} }
func succeeds(data any) expected   { return expected{code: "Success", data: data} }

func textOf(o fields, name string) string { s, _ := o[name].(string); return s }
func number(o fields, name string) float64 {
	n, _ := o[name].(float64)
	return n
}

func find(rows []fields, name string, value any) fields {
	for _, row := range rows {
		if row[name] == value {
			return row
		}
	}
	return nil
}

func without(rows []fields, gone fields) []fields {
	return slices.DeleteFunc(slices.Clone(rows), func(row fields) bool { return row["_"] == gone["_"] })
}

// selected finds a row by id, code or both; the reasons are those of the kind.
func selected(rows []fields, in fields, idName, codeName, missing, notFound, mismatch string) (fields, string) {
	id, code := number(in, idName), textOf(in, codeName)
	var row fields
	switch {
	case id == 0 && code == "":
		return nil, missing
	case id != 0:
		row = find(rows, idName, id)
	default:
		row = find(rows, codeName, code)
	}
	if row == nil {
		return nil, notFound
	}
	if code != "" && row[codeName] != code {
		return nil, mismatch
	}
	return row, ""
}

func (m *model) customer(in fields, notFound string) (fields, string) {
	return selected(m.customers, in, "DealerCustomerId", "CustomerCode",
		"CustomerCodeOrDealerCustomerIdMustBeGiven", notFound, "CustomerCodeDoesntMatchDealerCustomerId")
}

func (m *model) product(in fields, notFound string) (fields, string) {
	return selected(m.products, in, "DealerProductId", "ProductCode",
		"ProductCodeOrDealerProductIdMustBeGiven", notFound, "ProductCodeDoesntMatchDealerProductId")
}

func (m *model) sale(in fields, notFound, mismatch string) (fields, string) {
	return selected(m.sales, in, "DealerSaleId", "SaleCode", "SaleCodeOrDealerSaleIdMustBeGiven", notFound, mismatch)
}

// public is a row as it is answered.
func public(row fields) fields {
	out := fields{}
	for name, value := range row {
		if name != "_" {
			out[name] = value
		}
	}
	return out
}

func listOf(countName, listName string, rows []fields) expected {
	if len(rows) == 0 {
		return refused("NoDataFound")
	}
	out := []any{}
	for _, row := range rows {
		out = append(out, public(row))
	}
	return succeeds(fields{countName: float64(len(rows)), listName: out})
}

func (m *model) call(method string, in fields) expected {
	switch method {
	case "AddCustomer", "UpdateCustomer", "RemoveCustomer", "GetCustomer":
		return m.callCustomer(method, in)
	case "AddCard", "UpdateCard", "RemoveCard", "GetCard", "GetCardList":
		return m.callCard(method, in)
	case "AddProduct", "DeleteProduct":
		return m.callProduct(method, in)
	case "AddSchedule", "UpdateSchedule", "DeleteSchedule", "GetSchedule":
		return m.callSchedule(method, in)
	case "AddSale":
		return m.addSale(in)
	case "UpdateSale", "DeleteSale", "GetSale":
		return m.callSale(method, in)
	case "GetCustomerList":
		return listOf("DealerCustomerListCount", "DealerCustomerList", m.customers)
	case "GetProductList":
		return listOf("ProductListCount", "ProductList", m.products)
	case "GetScheduleList":
		return listOf("SaleScheduleListCount", "SaleScheduleList", m.schedules)
	case "GetSaleList":
		return listOf("DealerSaleListCount", "DealerSaleList", m.sales)
	}
	panic(method)
}

func (m *model) callCustomer(method string, in fields) expected {
	alone := func(row fields) expected {
		return succeeds(fields{"DealerCustomer": public(row), "CardListCount": 0.0, "CardList": []any{}})
	}
	badEmail := textOf(in, "Email") != "" && !strings.Contains(textOf(in, "Email"), "@")
	if method == "AddCustomer" {
		if code := textOf(in, "CustomerCode"); code != "" && find(m.customers, "CustomerCode", code) != nil {
			return refused("CustomerCodeAlreadyUsing")
		}
		if badEmail {
			return refused("InvalidEmailFormat")
		}
		row := fields{"_": m.nextCustomer, "DealerCustomerId": m.nextCustomer, "Gender": 0.0}
		for _, name := range []string{"CustomerCode", "Password", "FirstName", "LastName", "BirthDate", "GsmNumber", "Email", "Address"} {
			row[name] = textOf(in, name)
		}
		m.nextCustomer++
		m.customers = append(m.customers, row)
		return alone(row)
	}
	row, reason := m.customer(in, "DealerCustomerNotFound")
	switch {
	case reason != "":
		return refused(reason)
	case method == "GetCustomer":
		return alone(row)
	case method == "RemoveCustomer":
		m.customers = without(m.customers, row)
		for token, owner := range m.owner {
			if owner != row["DealerCustomerId"] {
				continue
			}
			if m.owner[token] = 0; m.numbers[token] != "" {
				m.gone[token] = true
			}
		}
		return succeeds(fields{})
	case badEmail:
		return refused("InvalidEmailFormat")
	}
	for name, value := range in {
		if name != "CustomerCode" && name != "DealerCustomerId" {
			row[name] = value
		}
	}
	return alone(row)
}

// exists reports whether there is such a card: added, or a test card not gone.
func (m *model) exists(token string) bool {
	return !m.gone[token] && (m.numbers[token] != "" || testCard(token) != nil)
}

func (m *model) store(token string) {
	if !slices.Contains(m.order, token) {
		m.order = append(m.order, token)
	}
}

func (m *model) cardsOf(customer any) (tokens []string) {
	for _, token := range m.order {
		if m.exists(token) && m.owner[token] == customer && customer != 0.0 {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// callCard's Data is only looked at for who owns what under which name.
func (m *model) callCard(method string, in fields) expected {
	shown := func(owner float64, tokens ...string) expected {
		cards := []any{}
		for _, token := range tokens {
			cards = append(cards, fields{"CardToken": token, "CardName": m.cardNames[token]})
		}
		return succeeds(fields{"DealerCustomerId": owner, "CardList": cards})
	}
	if method == "AddCard" || method == "GetCardList" {
		row, reason := m.customer(in, "DealerCustomerNotFound")
		if reason != "" {
			return refused(reason)
		}
		tokens := m.cardsOf(row["DealerCustomerId"])
		if method == "AddCard" {
			if slices.ContainsFunc(tokens, func(token string) bool { return m.numbers[token] == in["CardNumber"] }) {
				return refused("CardAlreadyExists")
			}
			return expected{code: "Success"}
		}
		if len(tokens) == 0 {
			return refused("NoDataFound")
		}
		return shown(number(row, "DealerCustomerId"), tokens...)
	}
	token := textOf(in, "CardToken")
	switch {
	case token == "":
		return refused("CardTokenIsRequired")
	case !m.exists(token):
		return refused("CardNotFound")
	}
	if _, named := m.cardNames[token]; !named {
		m.cardNames[token] = testCard(token).Name
	}
	switch method {
	case "RemoveCard":
		m.gone[token] = true
		return succeeds(true)
	case "UpdateCard":
		m.store(token)
		m.cardNames[token] = textOf(in, "CardName")
	}
	owner := m.owner[token]
	if find(m.customers, "DealerCustomerId", owner) == nil {
		owner = 0 // a removed customer's sale can still name a card; nobody is there to be shown
	}
	return shown(owner, token)
}

// added tells the model of the card that AddCard made.
func (m *model) added(token string, in fields, owner float64) {
	m.store(token)
	m.owner[token], m.numbers[token], m.cardNames[token] = owner, textOf(in, "CardNumber"), textOf(in, "CardName")
}

func (m *model) callProduct(method string, in fields) expected {
	if method == "DeleteProduct" {
		row, reason := m.product(in, "ProductNotFound")
		if reason != "" {
			return refused(reason)
		}
		m.products = without(m.products, row)
		return succeeds(true)
	}
	switch {
	case textOf(in, "ProductName") == "":
		return refused("ProductNameIsRequired")
	case find(m.products, "ProductCode", in["ProductCode"]) != nil:
		return refused("ProductCodeAlreadyUsing")
	case find(m.products, "ProductName", in["ProductName"]) != nil:
		return refused("ProductNameAlreadyExists")
	}
	row := fields{"_": m.nextProduct, "DealerProductId": m.nextProduct, "ProductName": in["ProductName"], "ProductCode": in["ProductCode"]}
	m.nextProduct++
	m.products = append(m.products, row)
	return succeeds(public(row))
}

func (m *model) callSchedule(method string, in fields) expected {
	if method == "AddSchedule" {
		if number(in, "DailyWeeklyMonthly") == monthly && in["DaysOfMonth"] == nil {
			return refused("DaysOfMonthIsRequired")
		}
		row := fields{"_": m.nextSchedule, "DealerSaleScheduleId": m.nextSchedule, "ScheduleName": textOf(in, "ScheduleName"), "EveryX": 1.0,
			"DailyWeeklyMonthly": in["DailyWeeklyMonthly"], "DaysOfWeek": "", "DaysOfMonth": textOf(in, "DaysOfMonth")}
		m.nextSchedule++
		m.schedules = append(m.schedules, row)
		return succeeds(public(row))
	}
	id := number(in, "DealerSaleScheduleId")
	row := find(m.schedules, "DealerSaleScheduleId", id)
	switch {
	case id == 0:
		return refused("DealerSaleScheduleIdIsRequired")
	case row == nil:
		return refused("ScheduleNotFound")
	case method == "DeleteSchedule":
		m.schedules = without(m.schedules, row)
		return succeeds(true)
	case method == "UpdateSchedule" && in["ScheduleName"] != nil:
		row["ScheduleName"] = in["ScheduleName"]
	}
	return succeeds(public(row))
}

var slots = []struct{ member, reason string }{
	{"DefaultCard1Token", "InvalidCardToken"}, {"DefaultCard2Token", "InvalidDefaultCard2Token"}, {"DefaultCard3Token", "InvalidDefaultCard3Token"},
}

// claimCards checks the cards in some slots and gives the customer the test
// cards among them.
func (m *model) claimCards(customer float64, row fields, check func(member string) bool) string {
	for _, slot := range slots {
		token := textOf(row, slot.member)
		if token != "" && check(slot.member) && (!m.exists(token) || m.owner[token] != 0 && m.owner[token] != customer) {
			return slot.reason
		}
	}
	for _, slot := range slots {
		token := textOf(row, slot.member)
		if token == "" || !check(slot.member) {
			continue
		}
		if _, named := m.cardNames[token]; !named {
			m.cardNames[token] = testCard(token).Name
		}
		m.store(token)
		m.owner[token] = customer
	}
	return ""
}

func (m *model) addSale(in fields) expected {
	customer, customerReason := m.customer(in, "DealerCustomerIdNotFound")
	product, productReason := m.product(in, "DealerProductIdNotFound")
	needsSchedule := in["PlanType"] != 2.0
	switch {
	case strings.HasSuffix(customerReason, "MustBeGiven"):
		return refused(customerReason)
	case strings.HasSuffix(productReason, "MustBeGiven"):
		return refused(productReason)
	case in["Amount"] == nil:
		return refused("AmountIsRequired")
	case needsSchedule && number(in, "DealerSaleScheduleId") == 0:
		return refused("DealerSaleScheduleIdIsRequired")
	case productReason != "":
		return refused(productReason)
	case customerReason != "":
		return refused(customerReason)
	case textOf(in, "BeginDate") < m.today:
		return refused("BeginDateAlreadyPassed")
	case textOf(in, "EndDate") != "" && textOf(in, "EndDate") < m.today:
		return refused("EndDateAlreadyPassed")
	case textOf(in, "EndDate") != "" && textOf(in, "EndDate") < textOf(in, "BeginDate"):
		return refused("BeginSaleEndDateException")
	case needsSchedule && find(m.schedules, "DealerSaleScheduleId", number(in, "DealerSaleScheduleId")) == nil:
		return refused("DealerSaleScheduleNotFound")
	}
	id := number(customer, "DealerCustomerId")
	if reason := m.claimCards(id, in, func(string) bool { return true }); reason != "" {
		return refused(reason)
	}
	row := fields{"_": m.nextSale, "DealerSaleId": m.nextSale, "SaleCode": in["SaleCode"], "DealerCustomerId": id, "CustomerCode": customer["CustomerCode"],
		"DealerProductId": product["DealerProductId"], "ProductCode": product["ProductCode"], "Amount": in["Amount"], "Currency": "TL", "InstallmentNumber": 1.0,
		"DealerSaleScheduleId": number(in, "DealerSaleScheduleId"), "SaleDate": in["SaleDate"], "BeginDate": in["BeginDate"], "EndDate": textOf(in, "EndDate"),
		"HowManyTrial": 1.0, "Description": "", "PlanType": in["PlanType"], "DealerCustomerTypeId": 0.0,
		"DefaultCard1Token": textOf(in, "DefaultCard1Token"), "DefaultCard2Token": textOf(in, "DefaultCard2Token"), "DefaultCard3Token": ""}
	if !needsSchedule {
		row["DealerSaleScheduleId"] = 0.0
	}
	m.nextSale++
	m.sales = append(m.sales, row)
	return succeeds(public(row))
}

func (m *model) callSale(method string, in fields) expected {
	notFound, mismatch := "DealerSaleNotFound", "SaleCodeDoesntMatchDealerSaleId"
	if method == "DeleteSale" {
		notFound, mismatch = "DealerSale.DeleteDealer.DealerSaleNotFund", "DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId"
	}
	row, reason := m.sale(in, notFound, mismatch)
	switch {
	case reason != "":
		return refused(reason)
	case method == "GetSale":
		return succeeds(public(row))
	case method == "DeleteSale":
		m.sales = without(m.sales, row)
		return succeeds(true)
	}
	next := public(row)
	for name, value := range in {
		next[name] = value
	}
	next["_"], next["SaleCode"] = row["_"], row["SaleCode"]
	if end := textOf(next, "EndDate"); in["EndDate"] != nil && end != "" && end != textOf(row, "EndDate") && end < m.today {
		return refused("EndDateAlreadyPassed")
	}
	if end := textOf(next, "EndDate"); end != "" && (end < textOf(next, "BeginDate") || end < textOf(next, "SaleDate")) {
		return refused("BeginSaleEndDateException")
	}
	sent := func(member string) bool { return in[member] != nil }
	if reason := m.claimCards(number(row, "DealerCustomerId"), next, sent); reason != "" {
		return refused(reason)
	}
	for name, value := range next {
		row[name] = value
	}
	return succeeds(public(row))
}

// seen turns an answer's Data into what the model speaks of.
func seen(method string, data json.RawMessage) (any, error) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, err
	}
	if !strings.Contains(method, "Card") || value == true {
		return value, nil
	}
	whole := value.(fields)
	cards := []any{}
	for _, c := range whole["CardList"].([]any) {
		cards = append(cards, fields{"CardToken": c.(fields)["CardToken"], "CardName": c.(fields)["CardName"]})
	}
	return fields{"DealerCustomerId": whole["DealerCustomer"].(fields)["DealerCustomerId"], "CardList": cards}, nil
}
