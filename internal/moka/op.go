package moka

import "strings"

// Op is one operation of the API, "DealerSale/AddSale": family, slash, method. Its path is a slash and this (moka-api 2).
type Op string

// The operations that the documentation names for customers, stored cards, products, schedules, sales and payment steps. A call exists for those in the table below.
const (
	AddCustomer     Op = "DealerCustomer/AddCustomer"
	UpdateCustomer  Op = "DealerCustomer/UpdateCustomer"
	RemoveCustomer  Op = "DealerCustomer/RemoveCustomer"
	GetCustomer     Op = "DealerCustomer/GetCustomer"
	GetCustomerList Op = "DealerCustomer/GetCustomerList"
	UpdateCard      Op = "DealerCustomer/UpdateCard"
	RemoveCard      Op = "DealerCustomer/RemoveCard"
	GetCard         Op = "DealerCustomer/GetCard"
	GetCardList     Op = "DealerCustomer/GetCardList"

	AddProduct      Op = "DealerSale/AddProduct"
	DeleteProduct   Op = "DealerSale/DeleteProduct"
	GetProductList  Op = "DealerSale/GetProductList"
	AddSchedule     Op = "DealerSale/AddSchedule"
	UpdateSchedule  Op = "DealerSale/UpdateSchedule"
	DeleteSchedule  Op = "DealerSale/DeleteSchedule"
	GetSchedule     Op = "DealerSale/GetSchedule"
	GetScheduleList Op = "DealerSale/GetScheduleList"
	AddSale         Op = "DealerSale/AddSale"
	UpdateSale      Op = "DealerSale/UpdateSale"
	DeleteSale      Op = "DealerSale/DeleteSale"
	GetSale         Op = "DealerSale/GetSale"
	GetSaleList     Op = "DealerSale/GetSaleList"

	AddPaymentPlan            Op = "DealerSale/AddPaymentPlan"
	UpdatePaymentPlan         Op = "DealerSale/UpdatePaymentPlan"
	DeletePaymentPlan         Op = "DealerSale/DeletePaymentPlan"
	GetPaymentPlan            Op = "DealerSale/GetPaymentPlan"
	GetPaymentPlanList        Op = "DealerSale/GetPaymentPlanList"
	GetPaymentPlanHistoryList Op = "DealerSale/GetPaymentPlanHistoryList"
	GetPaymentPlanReport      Op = "DealerSale/GetPaymentPlanReport"
)

// Family is the part before the slash; it begins every result code and names the members of the request (moka-api 1.3).
func (op Op) Family() string {
	family, _, _ := strings.Cut(string(op), "/")
	return family
}

// Method is the part after the slash.
func (op Op) Method() string {
	_, method, _ := strings.Cut(string(op), "/")
	return method
}

// shape says what a successful answer's Data looks like.
type shape uint8

const (
	flat     shape = iota // one object of scalars
	customer              // {DealerCustomer: {…}, CardListCount: 0, CardList: []}: cards are not returned, whether there are any or not
	card                  // {DealerCustomer: {…}, CardListCount: 1, CardList: [{…}]}: the card that was asked for
	list                  // {count: n, array: [{…}]}
	gone                  // true, or of RemoveCustomer {}: there is nothing left to show (moka-api 2.4, 4.6)
)

// row is what the client has to know of an operation.
type row struct {
	write bool
	shape shape
	// id is Moka's number in the answer's object; it must be there and above zero. "" when the object has none.
	id string
	// key is the dealer's own key, or a card's token. What was sent as id or key must come back the same.
	key string
	// keyed: the call is not made without its key, since what it makes could not be found again (moka-api 4.1).
	keyed bool
	// count and array are the names of a list's members (moka-api 4.6).
	count, array string
}

// table holds every operation that the client calls. A further one is a row here, its codes in codes.go, and a method.
var table = map[Op]row{
	AddCustomer:     {write: true, shape: customer, id: "DealerCustomerId", key: "CustomerCode", keyed: true},
	UpdateCustomer:  {write: true, shape: customer, id: "DealerCustomerId", key: "CustomerCode"},
	GetCustomer:     {shape: customer, id: "DealerCustomerId", key: "CustomerCode"},
	GetCustomerList: {shape: list, count: "DealerCustomerListCount", array: "DealerCustomerList"},

	RemoveCustomer: {write: true, shape: gone, id: "DealerCustomerId", key: "CustomerCode"},

	UpdateCard:  {write: true, shape: card, key: "CardToken", keyed: true},
	RemoveCard:  {write: true, shape: gone, key: "CardToken", keyed: true},
	GetCard:     {shape: card, key: "CardToken", keyed: true},
	GetCardList: {shape: list, count: "CardListCount", array: "CardList"},

	AddProduct:     {write: true, id: "DealerProductId", key: "ProductCode", keyed: true},
	DeleteProduct:  {write: true, shape: gone, id: "DealerProductId", key: "ProductCode"},
	GetProductList: {shape: list, count: "ProductListCount", array: "ProductList"},

	AddSchedule:     {write: true, id: "DealerSaleScheduleId"},
	UpdateSchedule:  {write: true, id: "DealerSaleScheduleId"},
	DeleteSchedule:  {write: true, shape: gone, id: "DealerSaleScheduleId"},
	GetSchedule:     {id: "DealerSaleScheduleId"},
	GetScheduleList: {shape: list, count: "SaleScheduleListCount", array: "SaleScheduleList"},

	AddSale:     {write: true, id: "DealerSaleId", key: "SaleCode", keyed: true},
	UpdateSale:  {write: true, id: "DealerSaleId", key: "SaleCode"},
	DeleteSale:  {write: true, shape: gone, id: "DealerSaleId", key: "SaleCode"},
	GetSale:     {id: "DealerSaleId", key: "SaleCode"},
	GetSaleList: {shape: list, count: "DealerSaleListCount", array: "DealerSaleList"},

	// A step has no key of the dealer's: the sale's, which it is sent with, must come back (moka-api 2.25).
	AddPaymentPlan:       {write: true, id: "DealerPaymentPlanId", key: "SaleCode"},
	UpdatePaymentPlan:    {write: true, id: "DealerPaymentPlanId"},
	DeletePaymentPlan:    {write: true, shape: gone, id: "DealerPaymentPlanId"},
	GetPaymentPlanList:   {shape: list, count: "PaymentPlanListCount", array: "PaymentPlanList"},
	GetPaymentPlanReport: {shape: list, count: "PaymentPlanListCount", array: "PaymentPlanList"},
}

// listNames gives the names under which a list's members are read: the documented ones, and the same with or without the prefix "Dealer", since the documentation
// is of two minds about it (SaleScheduleList but DealerSaleList, moka-api 4.6).
func listNames(name string) [2]string {
	if rest, found := strings.CutPrefix(name, "Dealer"); found {
		return [2]string{name, rest}
	}
	return [2]string{name, "Dealer" + name}
}
