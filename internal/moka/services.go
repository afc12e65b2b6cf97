package moka

// What the payment services and the banks behind them say about an attempt to charge. It stands in the history of a payment step (ServiceMessage, moka-api 2.32), is no
// answer to a call of ours, and has no documented form: a text that is none of these may come too.

const (
	anotherCard   = "the customer asks the bank or gives another card: put it into the sale's `cards`. Until the sale's attempts are used up, Moka tries again by itself: do not charge meanwhile"
	newCard       = "store the customer's new card, and put it into the sale's `cards`"
	waitAndRead   = "do not charge in any other way: read the step's history first. An entry with HistoryStatus 1 means that the money was taken. Moka tries again by itself while the sale has attempts left"
	askMoka       = "ask Moka: it is about the merchant's own contract or terminal, and customers can do nothing"
	noSecure      = "Moka takes recurring payments without 3D Secure: ask Moka why it was wanted, and have the customer's bank allow it, or use another card"
	watchHistory  = "it does not say why: if it comes again, ask Moka, and read the step's history before charging in any other way"
	correctTheTry = "correct the stored card, or have the customer store it anew"
)

func bank(code, meaning, cure string) Said {
	return Said{Code: code, Service: true, Meaning: meaning, Cure: cure, Outcome: Refused, Sources: []string{"2.32"}}
}

// unsure is a result after which nobody but the bank knows whether it took the money.
func unsure(code, meaning string) Said {
	s := bank(code, meaning, waitAndRead)
	s.Outcome = Unknown
	return s
}

// account is a result about the merchant's own account there, which public clients of the payment services know.
func account(code, meaning string) Said {
	s := bank(code, meaning, askMoka)
	s.Sources = []string{"1.6"}
	return s
}

// services holds them sorted: the bank's results, then the payment services' codes.
var services = []Said{
	bank("000", "the payment failed for a reason that is not told", watchHistory),
	bank("001", "the bank could not get the holder's approval", anotherCard),
	bank("002", "the card's limit or balance is too low", anotherCard),
	bank("003", "the card number is not in the right form", correctTheTry),
	bank("004", "the bank declined, and does not say why", anotherCard),
	bank("005", "the bank does not let this holder pay in this way", anotherCard),
	bank("006", "the card's expiry date is wrong or over", newCard),
	bank("007", "the bank does not take this kind of payment", askMoka),
	unsure("008", "the bank could not be reached, or did not answer"),
	bank("009", "the bank gave a result that has no name", watchHistory),
	bank("010", "the secured connection to the bank failed", watchHistory),
	bank("011", "the bank wants to be called by the holder", anotherCard),
	bank("012", "the card's data are wrong", correctTheTry),
	bank("013", "3D Secure does not work for cards of this brand", noSecure),
	bank("014", "the merchant's or the card's account is not valid at the bank", askMoka),
	bank("015", "the card's security code is wrong", correctTheTry),
	bank("016", "there is no way to get an approval for this card", anotherCard),
	unsure("017", "the bank's system failed in the middle of it"),
	bank("018", "the card is reported stolen", newCard),
	bank("019", "the card is reported lost", newCard),
	bank("020", "the card is restricted", anotherCard),
	unsure("021", "the bank did not answer in time"),
	bank("022", "the bank does not know the merchant's terminal", askMoka),
	bank("023", "the approval was not a real one", askMoka),
	bank("024", "3D Secure went well, but the payment was not made", noSecure),
	bank("025", "3D Secure failed while it was being approved", noSecure),
	bank("026", "the card takes no part in 3D Secure", noSecure),

	bank("PaymentDealer.CheckCardInfo.InvalidCardInfo", "Moka does not take the card's data for right", correctTheTry),
	bank("PaymentDealer.CheckDealerPaymentLimits.DailyCardLimitExceeded", "the card has been charged as often or as much as Moka allows in a day", "wait for the next attempt; if it comes often, ask Moka for a higher limit"),
	bank("PaymentDealer.CheckDealerPaymentLimits.DailyDealerLimitExceeded", "the merchant has charged as much as Moka allows it in a day", "ask Moka for a higher limit: every further sale of the day fails in the same way"),
	account("PaymentDealer.CheckPaymentDealerAuthentication.InvalidAccount", "the payment services do not know this merchant's account"),
	account("PaymentDealer.CheckPaymentDealerAuthentication.InvalidRequest", "the payment services did not accept the credentials or the request"),
	account("PaymentDealer.CheckPaymentDealerAuthentication.VirtualPosNotFound", "the merchant has no virtual terminal for this payment"),
	bank("PaymentDealer.DoDirectPayment.ThreeDRequired", "the payment was only to be taken with 3D Secure", noSecure),
}
