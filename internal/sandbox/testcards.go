package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// testCardPrefix begins the token of every numbered test card; twelve decimal
// digits, the number of the card, follow.
const testCardPrefix = "7e57ca4d-0000-4000-8000-"

// FailingCards is the first number of the test cards whose charges fail:
// 900000000000 to 999999999999. The last three digits are the bank's result
// (moka-api 2.32, 000 to 026); the digit after the 9 says when it fails:
//
//	90NNNNNNNRRR  always
//	91AANNNNNRRR  at the first AA attempts of each step
//	92YYMMDDNRRR  from that day of 20YY on
//	93AANNNNNRRR  as 91, but the bank takes the money each time
//
// Any other digit is as 0.
const FailingCards = 900_000_000_000

// TestCardToken returns the token of a numbered test card, 0 to 999999999999,
// as the API answers it: lower case, without braces. Such a card exists without
// having been added and belongs to the customer with whom it is first named in
// AddSale or UpdateSale.
func TestCardToken(number int64) string { return fmt.Sprintf("%s%012d", testCardPrefix, number) }

// printedCards are the tokens in the documentation's samples (AddSale and
// UpdateCard); they behave like numbered test cards. The second has the print
// of its sample, but for the year, which has passed.
var printedCards = map[string]cardPrint{
	"9de41bb0-e82f-4670-b36b-d71ff27a3111": {Bank: "BANKAADI", FirstSix: "112233", LastFour: "3111", Holder: "elif y", ExpMonth: "01", ExpYear: "2048"},
	"51937236-82e0-4637-a8f5-2e1ec56ec870": {Bank: "BANKAADI", FirstSix: "112233", LastFour: "7788", Holder: "elif y", ExpMonth: "01", ExpYear: "2048"},
}

// testCard returns the card of a test token, without owner, or nil if the token
// is none. The token must be normalised.
func testCard(token string) *card {
	if _, printed := printedCards[token]; printed {
		return &card{Token: token, Name: "Test card " + token[len(token)-4:]}
	}
	number, ok := testCardNumber(token)
	if !ok {
		return nil
	}
	return &card{Token: token, Name: "Test card " + strconv.FormatInt(number, 10)}
}

func testCardNumber(token string) (number int64, ok bool) {
	text, found := strings.CutPrefix(token, testCardPrefix)
	if !found || len(text) != 12 || digits(text) != 12 {
		return 0, false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	return number, err == nil
}

// testPrint makes up what is printed on a test card. It follows from the token
// alone: the number gives the last four digits, the bank and a far expiry.
func testPrint(token string) cardPrint {
	if print, printed := printedCards[token]; printed {
		return print
	}
	number, _ := testCardNumber(token)
	return cardPrint{
		Bank:     fmt.Sprintf("TEST BANKASI %d", number%3+1),
		FirstSix: fmt.Sprintf("00000%d", number%3+1),
		LastFour: fmt.Sprintf("%04d", number%10000),
		Holder:   "TEST CARD " + strconv.FormatInt(number, 10),
		ExpMonth: fmt.Sprintf("%02d", number%12+1),
		ExpYear:  strconv.FormatInt(2040+number%10, 10),
	}
}

// print returns what can be read off the card.
func (c *card) print() cardPrint {
	if c.Print != nil {
		return *c.Print
	}
	return testPrint(c.Token)
}

// isTest reports whether the card is a test card, stored or not.
func (c *card) isTest() bool { return c.Print == nil }
