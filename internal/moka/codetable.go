package moka

const (
	invalidRequest = "InvalidRequest"
	noDataFound    = "NoDataFound"
)

// corrections maps a misspelt last segment of the documentation to what it means to say (moka-api 4.6).
var corrections = map[string]string{
	"DealerSaleNotFund": "DealerSaleNotFound",
}

// documented lists the last segments of the result codes that an operation's page prints (moka-api 2.1 to 2.31). InvalidRequest and EX come with every operation.
// Absent operations have pages of which no copy shows the codes.
var documented = map[Op][]string{
	AddCustomer:    {"CustomerCodeAlreadyUsing", "InvalidEmailFormat"},
	UpdateCustomer: {"CustomerCodeAlreadyUsing", "InvalidEmailFormat", "CustomerCodeOrDealerCustomerIdMustBeGiven", "DealerCustomerNotFound", "CustomerCodeDoesntMatchDealerCustomerId"},
	RemoveCustomer: {"CustomerCodeOrDealerCustomerIdMustBeGiven", "DealerCustomerNotFound", "CustomerCodeDoesntMatchDealerCustomerId"},
	UpdateCard:     {"CardTokenIsRequired", "CardNotFound"}, // printed as DealerCustomer.GetCard.…
	RemoveCard:     {"CardTokenIsRequired", "CardNotFound"},

	AddProduct:     {"ProductNameIsRequired", "ProductCodeAlreadyUsing", "ProductNameAlreadyExists"},
	DeleteProduct:  {"ProductCodeOrDealerProductIdMustBeGiven", "ProductNotFound", "ProductCodeDoesntMatchDealerProductId"},
	GetProductList: {"ProductNotFound", noDataFound}, // the table's and the example's
	UpdateSchedule: {"DealerSaleScheduleIdIsRequired", "ScheduleNotFound", "DaysOfWeekIsRequired", "DaysOfMonthIsRequired", "DaysOfWeekFormatError", "DaysOfMonthFormatError"},
	DeleteSchedule: {"DealerSaleScheduleIdIsRequired", "ScheduleNotFound"},
	AddSale: {"CustomerCodeOrDealerCustomerIdMustBeGiven", "ProductCodeOrDealerProductIdMustBeGiven", "SaleDateIsRequired", "AmountIsRequired", "DealerSaleScheduleIdIsRequired",
		"BeginDateIsRequired", "EndDateIsRequired", "DefaultCard1TokenIsRequired", "DealerProductIdNotFound", "ProductCodeDoesntMatchDealerProductId", "DealerCustomerIdNotFound",
		"CustomerCodeDoesntMatchDealerCustomerId", "SaleDateAlreadyPassed", "BeginDateAlreadyPassed", "EndDateAlreadyPassed", "BeginSaleEndDateException", "DealerSaleScheduleNotFound",
		"InvalidCardToken", "InvalidDefaultCard2Token", "InvalidDefaultCard3Token", "InvalidDealerCustomerTypeId", "InvalidCurrencyCode"},
	DeleteSale:        {"DealerSaleNotFound", "SaleCodeDoesntMatchDealerSaleId", "SaleCodeOrDealerSaleIdMustBeGiven"}, // the first two printed as DealerSale.DeleteDealer.…
	DeletePaymentPlan: {"DealerPaymentPlanIdIsRequired", "PaymentPlanNotFound", "PaymentDatePassed"},
}

// siblings lends an operation whose codes no copy shows those of another one on the same object: they name the same members and, refusing for them, say the same.
// AddSale has none, on purpose: its page is whole, and of a code that is not on it nobody knows what happened (moka-api 4.1).
var siblings = map[Op][]Op{
	GetCustomer:       {RemoveCustomer},
	GetCard:           {UpdateCard},
	GetCardList:       {RemoveCustomer, UpdateCard},
	AddSchedule:       {UpdateSchedule},
	GetSchedule:       {DeleteSchedule},
	GetSale:           {DeleteSale},
	UpdateSale:        {AddSale, DeleteSale},
	AddPaymentPlan:    {DeletePaymentPlan, DeleteSale},
	UpdatePaymentPlan: {DeletePaymentPlan},
	GetPaymentPlan:    {DeletePaymentPlan},
}

// words gives the meaning of every last segment.
var words = map[string]word{
	codeSuccess: {meaning: "the call did what it was asked to do"},
	codeUnexpected: {meaning: "Moka met an unexpected error of its own, and does not say whether the call took effect",
		hint: "run the command again: it looks at Moka first"},
	invalidRequest: {meaning: "Moka does not accept the request: wrong credentials, a member that it does not like, or broken JSON; it does not say which",
		hint: "check dealer code, user name and password, and that they belong to this endpoint; if other calls succeed, look at the values of this resource"},
	noDataFound: {meaning: "there is nothing to list"},

	"CustomerCodeAlreadyUsing": {meaning: "a customer with this code exists already", member: "CustomerCode",
		hint: "to take that customer over, plan with --refresh"},
	"InvalidEmailFormat":                        {meaning: "Moka does not take this for an e-mail address", member: "Email"},
	"CustomerCodeOrDealerCustomerIdMustBeGiven": {meaning: "the request names no customer", member: "CustomerCode"},
	"DealerCustomerNotFound":                    {meaning: "Moka has no such customer", member: "CustomerCode", hint: "was it removed there?"},
	"DealerCustomerIdNotFound":                  {meaning: "Moka has no such customer", member: "CustomerCode", hint: "was it removed there?"},
	"CustomerCodeDoesntMatchDealerCustomerId":   {meaning: "the customer's code and Moka's id name two different customers", member: "CustomerCode"},
	"CardTokenIsRequired":                       {meaning: "the request names no card", member: "CardToken"},
	"CardNotFound":                              {meaning: "Moka has no stored card with this token", member: "CardToken", hint: "a renewed card has a new token"},
	"CardAlreadyExists":                         {meaning: "this card is stored already"},

	"ProductNameIsRequired":                   {meaning: "the product has no name", member: "ProductName"},
	"ProductCodeAlreadyUsing":                 {meaning: "a product with this code exists already", member: "ProductCode", hint: "to take that product over, plan with --refresh"},
	"ProductNameAlreadyExists":                {meaning: "a product with this name exists already, under whatever code", member: "ProductName", hint: "choose another name, or take over the product that has it by its code"},
	"ProductCodeOrDealerProductIdMustBeGiven": {meaning: "the request names no product", member: "ProductCode"},
	"ProductNotFound":                         {meaning: "Moka has no such product", member: "ProductCode", hint: "was it deleted there?"},
	"DealerProductIdNotFound":                 {meaning: "Moka has no such product", member: "ProductCode", hint: "was it deleted there?"},
	"ProductCodeDoesntMatchDealerProductId":   {meaning: "the product's code and Moka's id name two different products", member: "ProductCode"},

	"DealerSaleScheduleIdIsRequired": {meaning: "the request names no schedule", member: "DealerSaleScheduleId"},
	"ScheduleNotFound":               {meaning: "Moka has no such schedule", member: "DealerSaleScheduleId", hint: "was it deleted there?"},
	"DealerSaleScheduleNotFound":     {meaning: "Moka has no such schedule", member: "DealerSaleScheduleId", hint: "was it deleted there?"},
	"DaysOfWeekIsRequired":           {meaning: "a weekly schedule needs its days of the week", member: "DaysOfWeek"},
	"DaysOfMonthIsRequired":          {meaning: "a monthly schedule needs its days of the month", member: "DaysOfMonth"},
	"DaysOfWeekFormatError":          {meaning: "Moka does not understand the days of the week", member: "DaysOfWeek"},
	"DaysOfMonthFormatError":         {meaning: "Moka does not understand the days of the month", member: "DaysOfMonth"},

	"SaleDateIsRequired":          {meaning: "the sale has no date", member: "SaleDate"},
	"AmountIsRequired":            {meaning: "the sale has no amount", member: "Amount"},
	"BeginDateIsRequired":         {meaning: "the sale does not say from when payments are taken", member: "BeginDate"},
	"EndDateIsRequired":           {meaning: "Moka wants a date on which payments end, although its documentation calls it optional", member: "EndDate", hint: "give an end date"},
	"DefaultCard1TokenIsRequired": {meaning: "the sale has no card to charge", member: "DefaultCard1Token"},
	"SaleDateAlreadyPassed":       {meaning: "the date of the sale has passed", member: "SaleDate", hint: "give today's date in Istanbul or a later one, or leave it out"},
	"BeginDateAlreadyPassed":      {meaning: "the day from which payments are taken has passed", member: "BeginDate", hint: "give today's date in Istanbul or a later one"},
	"EndDateAlreadyPassed":        {meaning: "the day on which payments end has passed", member: "EndDate"},
	"BeginSaleEndDateException":   {meaning: "the dates of sale, first and last payment contradict each other", member: "BeginDate"},
	"InvalidCardToken":            {meaning: "Moka does not accept the first card's token", member: "DefaultCard1Token", hint: "is it this customer's card, and still stored?"},
	"InvalidDefaultCard2Token":    {meaning: "Moka does not accept the second card's token", member: "DefaultCard2Token", hint: "is it this customer's card, and still stored?"},
	"InvalidDefaultCard3Token":    {meaning: "Moka does not accept the third card's token", member: "DefaultCard3Token", hint: "is it this customer's card, and still stored?"},
	"InvalidDealerCustomerTypeId": {meaning: "Moka has issued no such customer type to this dealer", member: "DealerCustomerTypeId"},
	"InvalidCurrencyCode":         {meaning: "Moka does not take this currency", member: "Currency", hint: "it takes TL, USD and EUR"},

	"SaleCodeOrDealerSaleIdMustBeGiven": {meaning: "the request names no sale", member: "SaleCode"},
	"DealerSaleNotFound":                {meaning: "Moka has no such sale", member: "SaleCode"},
	"SaleCodeDoesntMatchDealerSaleId":   {meaning: "the sale's code and Moka's id name two different sales", member: "SaleCode"},

	"DealerPaymentPlanIdIsRequired": {meaning: "the request names no payment step", member: "DealerPaymentPlanId"},
	"PaymentPlanNotFound":           {meaning: "Moka has no such payment step", member: "DealerPaymentPlanId"},
	"PaymentDatePassed":             {meaning: "the day of this payment step has passed", member: "PaymentDate"},
}
