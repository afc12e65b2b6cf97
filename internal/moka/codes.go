package moka

import "strings"

// ResultCodes without a family (moka-api 1.5, 1.6).
const (
	codeSuccess    = "Success"
	codeUnexpected = "EX"
)

// word is what the last segment of a result code says.
type word struct {
	meaning string
	// hint says what to do, "" where the meaning says it already.
	hint string
	// member is the request member that the code speaks of, "" when it speaks of none or of several.
	member string
}

// segment takes a result code apart. A spelling that the documentation has and a corrected one give the same last segment.
func segment(code string) (family, last string, ok bool) {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return "", "", false
	}
	last = parts[2]
	if corrected, found := corrections[last]; found {
		last = corrected
	}
	return parts[0], last, true
}

// isRefusal reports whether code is a documented refusal of op. The method in the code is not looked at: the documentation prints UpdateCard's codes as GetCard's and
// DeleteSale's as DeleteDealer's, and a provider may correct that any day (moka-api 1.6, 4.6). The family and the last segment must be op's.
func isRefusal(op Op, code string) bool {
	family, last, ok := segment(code)
	if !ok || family != op.Family() {
		return false
	}
	if last == invalidRequest {
		return true // every method has it (moka-api 1.6)
	}
	if lists(op, last) {
		return true
	}
	for _, sibling := range siblings[op] {
		if lists(sibling, last) {
			return true
		}
	}
	return false
}

func lists(op Op, last string) bool {
	for _, s := range documented[op] {
		if s == last {
			return true
		}
	}
	return false
}

// isNoData reports whether code is how a list says that it is empty. GetProductList's page gives ProductNotFound in its table and NoDataFound in its example
// (moka-api 2.14); the other lists' codes were never seen (2.6, 2.11, 2.19, 2.24), so any "not found" of the family counts, but one about the customer whose cards were asked for.
func isNoData(op Op, code string) bool {
	family, last, ok := segment(code)
	if !ok || table[op].shape != list || family != op.Family() {
		return false
	}
	if op == GetCardList && !strings.HasPrefix(last, "Card") && last != noDataFound {
		return false
	}
	return last == noDataFound || strings.HasSuffix(last, "NotFound")
}

// isNotFound reports whether code is how a read says that the thing it was asked for is not there.
func isNotFound(op Op, code string) bool {
	family, last, ok := segment(code)
	if !ok || table[op].write || family != op.Family() || isNoData(op, code) {
		return false
	}
	return last == noDataFound || strings.HasSuffix(last, "NotFound")
}

// Meaning says in English what a result code means. known is false, and text empty, for a code whose last segment the documentation does not have (moka-api 2).
func Meaning(code string) (text string, known bool) {
	w, known := wordOf(code)
	return w.meaning, known
}

// Hint says what to do about a result code, "" where its meaning says enough.
func Hint(code string) string {
	w, _ := wordOf(code)
	return w.hint
}

// MemberOf names the request member that a result code speaks of, "Email" for DealerCustomer.AddCustomer.InvalidEmailFormat; "" for none. A thing that can be named by the
// dealer's code or by Moka's number is spoken of by its code: ProductCode, CustomerCode, SaleCode.
func MemberOf(code string) string {
	w, _ := wordOf(code)
	return w.member
}

func wordOf(code string) (word, bool) {
	if code == codeSuccess || code == codeUnexpected {
		w := words[code]
		return w, true
	}
	_, last, ok := segment(code)
	if !ok {
		return word{}, false
	}
	w, known := words[last]
	return w, known
}

// printable gives a result code as it may be shown: what does not look like one comes from who knows where, and is not repeated.
func printable(code string) string {
	if len(code) > 120 {
		return "(not a result code)"
	}
	for i := range len(code) {
		c := code[i]
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "(not a result code)"
		}
	}
	return code
}
