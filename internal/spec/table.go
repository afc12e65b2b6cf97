package spec

// maxInteger is the largest integer sent to Moka; its documentation says "integer", which its platform reads as 32 bits.
const maxInteger = 1<<31 - 1

// definitions is the table of kinds: one line a field (moka-api 2.1, 2.8, 2.12, 2.15, 2.20, 2.25). The JSON Schemas state the same constraints; a test holds the two together.
var definitions = indexed([...]*Definition{
	Customer: {Kind: Customer, Name: "Customer", Prefix: "customer", IDMember: "DealerCustomerId", Fields: []Field{
		{Name: "customerCode", Wire: "CustomerCode", Type: Code, Change: Fixed, MaxRunes: 100, Default: DefaultName},
		{Name: "firstName", Wire: "FirstName", Type: Text, Sensitivity: Personal, MaxRunes: 50},
		{Name: "lastName", Wire: "LastName", Type: Text, Sensitivity: Personal, MaxRunes: 50, Clearable: true},
		{Name: "gender", Wire: "Gender", Type: Enum, Sensitivity: Personal, Words: []string{"male", "female"}},
		{Name: "birthDate", Wire: "BirthDate", Type: Date, Sensitivity: Personal},
		{Name: "gsmNumber", Wire: "GsmNumber", Type: Text, Sensitivity: Personal, MaxRunes: 20, Clearable: true},
		{Name: "email", Wire: "Email", Type: Email, Sensitivity: Personal, MaxRunes: 100, Clearable: true},
		{Name: "address", Wire: "Address", Type: Text, Sensitivity: Personal, MaxRunes: 200, Clearable: true},
		{Name: "password", Wire: "Password", Type: Password, Sensitivity: Secret, MaxRunes: 50},
	}},
	Card: {Kind: Card, Name: "Card", Prefix: "card", Fields: []Field{
		{Name: "customer", Wire: "CustomerCode", Type: Reference, Change: Fixed, Required: true, Target: Customer, Elsewhere: []string{"customerCode", "dealerCustomerId"}},
		{Name: "token", Wire: "CardToken", Type: Token, Sensitivity: Secret, Change: Selecting, Required: true, Sources: true},
		{Name: "cardName", Wire: "CardName", Type: Text, Sensitivity: Personal, MaxRunes: 50},
	}},
	Product: {Kind: Product, Name: "Product", Prefix: "product", IDMember: "DealerProductId", Fields: []Field{
		{Name: "productCode", Wire: "ProductCode", Type: Code, Change: Fixed, Default: DefaultName},
		{Name: "productName", Wire: "ProductName", Type: Text, Change: Fixed, Required: true, MaxRunes: 100},
	}},
	Schedule: {Kind: Schedule, Name: "Schedule", Prefix: "schedule", IDMember: "DealerSaleScheduleId", Fields: []Field{
		{Name: "id", Wire: "DealerSaleScheduleId", Type: MokaID, Change: Selecting, Min: 1, Sources: true},
		{Name: "scheduleName", Wire: "ScheduleName", Type: Text, MaxRunes: 100, Default: DefaultName},
		{Name: "frequency", Wire: "DailyWeeklyMonthly", Type: Enum, Required: true, Words: []string{"daily", "weekly", "monthly"}},
		{Name: "every", Wire: "EveryX", Type: Integer, Min: 1, Default: "1"},
		{Name: "daysOfWeek", Wire: "DaysOfWeek", Type: Weekdays, Words: []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}},
		{Name: "daysOfMonth", Wire: "DaysOfMonth", Type: Days, Min: 1, Max: 31},
	}},
	Sale: {Kind: Sale, Name: "Sale", Prefix: "sale", IDMember: "DealerSaleId", Fields: []Field{
		{Name: "saleCode", Wire: "SaleCode", Type: Code, Change: Fixed, MaxRunes: 100, Default: DefaultName},
		{Name: "customer", Wire: "CustomerCode", Type: Reference, Change: Fixed, Required: true, Target: Customer, Elsewhere: []string{"customerCode", "dealerCustomerId"}},
		{Name: "product", Wire: "ProductCode", Type: Reference, Change: Fixed, Required: true, Target: Product, Elsewhere: []string{"productCode", "dealerProductId"}},
		{Name: "schedule", Wire: "DealerSaleScheduleId", Type: Reference, Target: Schedule, Elsewhere: []string{"id"}},
		{Name: "cards", Wire: "DefaultCard1Token", Type: References, Target: Card, Elsewhere: []string{"token"}},
		{Name: "amount", Wire: "Amount", Type: Money, Required: true},
		{Name: "currency", Wire: "Currency", Type: Enum, Default: "TL", Words: []string{"TL", "USD", "EUR"}},
		{Name: "installmentNumber", Wire: "InstallmentNumber", Type: Integer, Min: 1, Max: 12, Default: "1"},
		{Name: "saleDate", Wire: "SaleDate", Type: Date, Default: DefaultToday},
		{Name: "beginDate", Wire: "BeginDate", Type: Date, Required: true},
		{Name: "endDate", Wire: "EndDate", Type: EndDate, Default: Never},
		{Name: "howManyTrial", Wire: "HowManyTrial", Type: Integer, Min: 1, Default: "1"},
		{Name: "description", Wire: "Description", Type: Text, MaxRunes: 200, Clearable: true},
		{Name: "planType", Wire: "PlanType", Type: Enum, Change: Fixed, Default: "automatic", Words: []string{"automatic", "manual", "both"}},
		{Name: "customerTypeId", Wire: "DealerCustomerTypeId", Type: Integer, Min: 0},
	}},
	PaymentStep: {Kind: PaymentStep, Name: "PaymentStep", Prefix: "paymentstep", IDMember: "DealerPaymentPlanId", Fields: []Field{
		{Name: "sale", Wire: "SaleCode", Type: Reference, Change: Fixed, Required: true, Target: Sale, Elsewhere: []string{"saleCode", "dealerSaleId"}},
		{Name: "paymentDate", Wire: "PaymentDate", Type: Date, Required: true},
		{Name: "amount", Wire: "Amount", Type: Money, Required: true},
		{Name: "currency", Wire: "Currency", Type: Enum, Default: "TL", Words: []string{"TL", "USD", "EUR"}},
		{Name: "installmentNumber", Wire: "InstallmentNumber", Type: Integer, Min: 1, Max: 12, Default: "1"},
	}},
})

// CardWires are Moka's members for a sale's cards, in the order in which they are tried (moka-api 2.20).
var CardWires = [...]string{"DefaultCard1Token", "DefaultCard2Token", "DefaultCard3Token"}

// indexed notes where each field stands.
func indexed(definitions [PaymentStep + 1]*Definition) [PaymentStep + 1]*Definition {
	for _, k := range Kinds() {
		d := definitions[k]
		for i := range d.Fields {
			f := &d.Fields[i]
			f.kind, f.index = k, i
			d.byLength[len(f.Name)] = append(d.byLength[len(f.Name)], uint8(i))
			if f.Type == Code {
				d.code = f
			}
		}
	}
	return definitions
}
