package sandbox

import "strings"

// The two families of services; each has its own pair of envelope members
// (moka-api 1.3).
const (
	familyCustomer = "DealerCustomer"
	familySale     = "DealerSale"
)

// operation is one service: its address is /family/method.
type operation struct {
	family, method string
	// writes is true for what changes the account.
	writes bool
	// bare is true for the lists that take no request member.
	bare bool
	run  func(*call) result
}

func (op *operation) name() string { return op.family + "." + op.method }

// lists reports whether the answer is a list with a count.
func (op *operation) lists() bool {
	return strings.HasSuffix(op.method, "List") || strings.HasSuffix(op.method, "Report")
}

// operations are the services of moka-api 2.1 to 2.31 by their path.
var operations = indexOperations([]operation{
	{family: familyCustomer, method: "AddCustomer", writes: true, run: addCustomer},
	{family: familyCustomer, method: "AddCustomerWithCard", writes: true, run: addCustomerWithCard},
	{family: familyCustomer, method: "UpdateCustomer", writes: true, run: updateCustomer},
	{family: familyCustomer, method: "RemoveCustomer", writes: true, run: removeCustomer},
	{family: familyCustomer, method: "GetCustomer", run: getCustomer},
	{family: familyCustomer, method: "GetCustomerList", bare: true, run: getCustomerList},
	{family: familyCustomer, method: "AddCard", writes: true, run: addCard},
	{family: familyCustomer, method: "UpdateCard", writes: true, run: updateCard},
	{family: familyCustomer, method: "RemoveCard", writes: true, run: removeCard},
	{family: familyCustomer, method: "GetCard", run: getCard},
	{family: familyCustomer, method: "GetCardList", run: getCardList},
	{family: familySale, method: "AddProduct", writes: true, run: addProduct},
	{family: familySale, method: "DeleteProduct", writes: true, run: deleteProduct},
	{family: familySale, method: "GetProductList", bare: true, run: getProductList},
	{family: familySale, method: "AddSchedule", writes: true, run: addSchedule},
	{family: familySale, method: "UpdateSchedule", writes: true, run: updateSchedule},
	{family: familySale, method: "DeleteSchedule", writes: true, run: deleteSchedule},
	{family: familySale, method: "GetSchedule", run: getSchedule},
	{family: familySale, method: "GetScheduleList", bare: true, run: getScheduleList},
	{family: familySale, method: "AddSale", writes: true, run: addSale},
	{family: familySale, method: "UpdateSale", writes: true, run: updateSale},
	{family: familySale, method: "DeleteSale", writes: true, run: deleteSale},
	{family: familySale, method: "GetSale", run: getSale},
	{family: familySale, method: "GetSaleList", bare: true, run: getSaleList},
	{family: familySale, method: "AddPaymentPlan", writes: true, run: addPaymentPlan},
	{family: familySale, method: "UpdatePaymentPlan", writes: true, run: updatePaymentPlan},
	{family: familySale, method: "DeletePaymentPlan", writes: true, run: deletePaymentPlan},
	{family: familySale, method: "GetPaymentPlan", run: getPaymentPlan},
	{family: familySale, method: "GetPaymentPlanList", run: getPaymentPlanList},
	{family: familySale, method: "GetPaymentPlanHistoryList", run: getPaymentPlanHistoryList},
	{family: familySale, method: "GetPaymentPlanReport", run: getPaymentPlanReport},
})

func indexOperations(list []operation) map[string]*operation {
	byPath := make(map[string]*operation, len(list))
	for i := range list {
		byPath["/"+list[i].family+"/"+list[i].method] = &list[i]
	}
	return byPath
}

// call is one authenticated request while it is answered, under the server's
// lock. An operation reads state and describes what it would change; it changes
// nothing itself.
type call struct {
	op    *operation
	in    *members
	state *state
	sw    positions
	next  *ids
	today string // YYYYMMDD in Europe/Istanbul
	salt  []byte
}

// result is what an operation ends with: Success with data and, for a write,
// what to commit; or a result code.
type result struct {
	code   string // "" is Success
	data   any
	change *record
}

// done is Success. change is nil when nothing is to be written.
func done(data any, change *record) result { return result{data: data, change: change} }

// refuse ends the call with a code of its own method, Family.Method.Reason
// (moka-api 1.6). A reason that has dots already is a whole code: some are
// documented under another method's name (moka-api 4.6).
func (c *call) refuse(reason string) result {
	if strings.Contains(reason, ".") {
		return result{code: reason}
	}
	return result{code: c.op.name() + "." + reason}
}

// invalid ends the call as a request that cannot be understood.
func (c *call) invalid() result { return c.refuse(invalidRequest) }

const invalidRequest = "InvalidRequest"

// rejected is the code for a request that is not let in: InvalidRequest, under
// the name that the operation's codes carry.
func (c *call) rejected() string {
	if c.op.method == "UpdateCard" {
		return familyCustomer + "." + c.sw[swUpdateCardCodes] + "." + invalidRequest
	}
	return c.invalid().code
}
