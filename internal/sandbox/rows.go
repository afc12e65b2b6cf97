package sandbox

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// The rows are what is stored and what is answered: one type a kind, members in
// the order of the documented samples. A row is never changed once it is
// stored; a change puts a new row in its place, so that an answer can be
// written out after the lock is gone.

// customer is the DealerCustomer object (moka-api 2, shared objects). BirthDate
// is YYYYMMDD or ""; Gender is 0 when never given.
type customer struct {
	ID        int64  `json:"DealerCustomerId"`
	Code      string `json:"CustomerCode"`
	Password  string `json:"Password"`
	FirstName string `json:"FirstName"`
	LastName  string `json:"LastName"`
	Gender    int64  `json:"Gender"`
	BirthDate string `json:"BirthDate"`
	Gsm       string `json:"GsmNumber"`
	Email     string `json:"Email"`
	Address   string `json:"Address"`
}

// card is a stored card. ID orders cards and is never answered. Customer is 0
// for a test card that nobody has named yet. Digest stands for the card number,
// which is not kept, so that the same card is recognised.
type card struct {
	ID       int64  `json:"id"`
	Customer int64  `json:"customer"`
	Token    string `json:"token"` // lower case, no braces
	Name     string `json:"name"`
	Digest   string `json:"digest,omitempty"`
	// Print is nil for a test card, whose print follows from its token.
	Print *cardPrint `json:"print,omitempty"`
}

// cardPrint is what can be read off a card: members of CardList in the order of
// the samples (moka-api 2, shared objects). ExpMonth is MM, ExpYear YYYY.
type cardPrint struct {
	Bank     string `json:"BankName"`
	FirstSix string `json:"CardNumberFirstSix"`
	LastFour string `json:"CardNumberLastFour"`
	Holder   string `json:"CardHolderFullName"`
	ExpMonth string `json:"ExpMonth"`
	ExpYear  string `json:"ExpYear"`
}

// product is the Data of AddProduct (moka-api 2.12).
type product struct {
	ID   int64  `json:"DealerProductId"`
	Name string `json:"ProductName"`
	Code string `json:"ProductCode"`
}

// schedule is the Data of AddSchedule (moka-api 2.15).
type schedule struct {
	ID          int64  `json:"DealerSaleScheduleId"`
	Name        string `json:"ScheduleName"`
	Rhythm      int64  `json:"DailyWeeklyMonthly"`
	EveryX      int64  `json:"EveryX"`
	DaysOfWeek  string `json:"DaysOfWeek"`
	DaysOfMonth string `json:"DaysOfMonth"`
}

// sale is the Data of AddSale (moka-api 2.20). The codes of customer and
// product are copies: they outlive a removed customer or product.
type sale struct {
	ID           int64  `json:"DealerSaleId"`
	Code         string `json:"SaleCode"`
	CustomerID   int64  `json:"DealerCustomerId"`
	CustomerCode string `json:"CustomerCode"`
	ProductID    int64  `json:"DealerProductId"`
	ProductCode  string `json:"ProductCode"`
	Amount       kurus  `json:"Amount"`
	Currency     string `json:"Currency"`
	Installments int64  `json:"InstallmentNumber"`
	ScheduleID   int64  `json:"DealerSaleScheduleId"`
	SaleDate     string `json:"SaleDate"`
	BeginDate    string `json:"BeginDate"`
	EndDate      string `json:"EndDate"`
	Trials       int64  `json:"HowManyTrial"`
	Description  string `json:"Description"`
	PlanType     int64  `json:"PlanType"`
	TypeID       int64  `json:"DealerCustomerTypeId"`
	Card1        string `json:"DefaultCard1Token"`
	Card2        string `json:"DefaultCard2Token"`
	Card3        string `json:"DefaultCard3Token"`
}

// kurus is an amount in hundredths of its currency. As JSON it is a bare
// number with two places: 0.01, 249.90.
type kurus int64

// String writes the amount with two places: 249.90.
func (k kurus) String() string { return fmt.Sprintf("%d.%02d", k/100, k%100) }

// MarshalJSON writes the amount as a number with two places.
func (k kurus) MarshalJSON() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalJSON reads what MarshalJSON wrote.
func (k *kurus) UnmarshalJSON(text []byte) error {
	value, err := parseAmount(string(text))
	*k = value
	return err
}

// maxAmountDigits bounds the whole part of an amount; Moka states no maximum
// (moka-api 3.5).
const maxAmountDigits = 12

var errAmount = errors.New("not an amount of money")

// parseAmount reads a JSON number, bare or out of its quotes, as an exact
// amount. More than two places that matter are refused and never rounded:
// what Moka would do with them is not documented (moka-api 3.5).
func parseAmount(text string) (kurus, error) {
	if len(text) > 40 || !isJSONNumber(text) {
		return 0, errAmount
	}
	value, err := decimal.NewFromString(text)
	if err != nil || value.Exponent() < -40 || value.Exponent() > maxAmountDigits {
		return 0, errAmount
	}
	hundredths := value.Shift(2)
	if !hundredths.IsInteger() || value.Abs().GreaterThanOrEqual(decimal.New(1, maxAmountDigits)) {
		return 0, errAmount
	}
	whole, err := strconv.ParseInt(hundredths.StringFixed(0), 10, 64)
	if err != nil {
		return 0, errAmount
	}
	return kurus(whole), nil
}

// isJSONNumber reports whether text is spelled as JSON spells numbers.
func isJSONNumber(text string) bool {
	rest := text
	if rest != "" && rest[0] == '-' {
		rest = rest[1:]
	}
	whole := digits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if rest != "" && rest[0] == '.' {
		places := digits(rest[1:])
		if places == 0 {
			return false
		}
		rest = rest[1+places:]
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		size := digits(rest)
		return size > 0 && size <= 3 && size == len(rest)
	}
	return rest == ""
}

// digits counts the decimal digits that text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
