package spec

// HoldsCardNumber reports whether a text has what looks like a card number in it: a run of 13 to 19 digits that passes the Luhn check, blanks and
// dashes between the digits aside. Such a text is refused wherever it stands in a manifest, and is not to be repeated anywhere else.
func HoldsCardNumber(text string) bool { return holdsCardNumber(text) }
