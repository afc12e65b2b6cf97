package sandbox

import (
	"fmt"
	"strconv"
)

// bankResults are the bank's results that ServiceMessage may hold (moka-api
// 2.32), in our words: Moka's texts and their format are not documented.
var bankResults = [...]string{
	"general error", "card holder's approval not obtained", "insufficient limit", "bad form of card number", "declined", "card not open to its holder",
	"bad expiry", "invalid transaction", "bank cannot be reached", "undefined error", "bank SSL error", "call the bank", "wrong card data",
	"no 3D for this card brand", "bad account", "bad CVV", "no approval mechanism", "system error", "stolen card", "lost card", "restricted card",
	"timeout", "bad merchant", "fake approval", "3D passed but not charged", "3D approval error", "not enrolled in 3D",
}

// noCardMessage is what a try without any card says.
const noCardMessage = "PaymentDealer.CheckCardInfo.InvalidCardInfo"

// bankMessage is the ServiceMessage of a three-digit result.
func bankMessage(result int) string {
	text := "undefined error"
	if result < len(bankResults) {
		text = bankResults[result]
	}
	return fmt.Sprintf("%03d %s", result, text)
}

// What the digit after the 9 of a failing test card's number means.
const (
	cardDeclines = '0' // at every attempt
	cardRecovers = '1' // at the first NN attempts of each step, the two digits that follow
	cardExpires  = '2' // from a day on, YYMMDD, the six digits that follow
	cardDoubts   = '3' // like cardRecovers, but the bank takes the money each time
)

// outcome is what the bank makes of one try of a card.
type outcome struct {
	ok      bool
	taken   bool   // the money moved, whatever was said
	message string // "" when ok
}

// isFailing reports whether a card is one of the failing test cards.
func isFailing(token string) bool {
	number, isTest := testCardNumber(token)
	return isTest && number >= FailingCards
}

// askBank tries a card on a day, YYYYMMDD; before is how often it was tried for
// the same step. Every card but the failing test cards is good: printed expiry
// dates are not looked at, and nobody checks that the card is still stored.
func askBank(token, day string, before int) outcome {
	good := outcome{ok: true, taken: true}
	if !isFailing(token) {
		return good
	}
	number, _ := testCardNumber(token)
	text := strconv.FormatInt(number, 10) // 12 digits: 9 K … RRR
	bad := outcome{message: bankMessage(int(number % 1000))}
	first, _ := strconv.Atoi(text[2:4])
	switch text[1] {
	case cardRecovers, cardDoubts:
		if before >= first {
			return good
		}
		bad.taken = text[1] == cardDoubts
	case cardExpires:
		if day < "20"+text[2:8] {
			return good
		}
	}
	return bad
}
