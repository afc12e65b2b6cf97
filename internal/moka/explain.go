package moka

import (
	"slices"
	"strings"
)

// Said is what is known of one result code, as one operation gives it or as several do.
type Said struct {
	// Code is the result code as the documentation prints it, misprints kept; a bank's code or one of the payment services where Service is set.
	Code string
	// Service: it does not answer a call of ours; it stands in the history of a payment step, about an attempt to charge (moka-api 2.32).
	Service bool
	Meaning string
	// Cure says what to do, "" where the meaning says it already.
	Cure string
	// Member is the request member that it speaks of, "" for none.
	Member string
	// Any: every operation may give it; Ops is nil then.
	Any bool
	// Ops are the operations on whose pages it stands, in the order of the documentation.
	Ops []Op
	// LentTo are operations of which no copy of the page shows it. They take it for what it is on a sibling's page (Sources), or, where there is none, for nothing known.
	LentTo []Op
	// Outcome of a write that is answered with it, or of the attempt to charge.
	Outcome Outcome
	// Sources are the numbers of the fact sheet's sections, "2.20".
	Sources []string
}

// sections are where the fact sheet has an operation (moka-api 2), in its order.
var sections = []struct {
	op     Op
	number string
}{
	{AddCustomer, "2.1"}, {UpdateCustomer, "2.3"}, {RemoveCustomer, "2.4"}, {GetCustomer, "2.5"}, {GetCustomerList, "2.6"},
	{UpdateCard, "2.8"}, {RemoveCard, "2.9"}, {GetCard, "2.10"}, {GetCardList, "2.11"},
	{AddProduct, "2.12"}, {DeleteProduct, "2.13"}, {GetProductList, "2.14"},
	{AddSchedule, "2.15"}, {UpdateSchedule, "2.16"}, {DeleteSchedule, "2.17"}, {GetSchedule, "2.18"}, {GetScheduleList, "2.19"},
	{AddSale, "2.20"}, {UpdateSale, "2.21"}, {DeleteSale, "2.22"}, {GetSale, "2.23"}, {GetSaleList, "2.24"},
	{AddPaymentPlan, "2.25"}, {UpdatePaymentPlan, "2.26"}, {DeletePaymentPlan, "2.27"}, {GetPaymentPlan, "2.28"},
	{GetPaymentPlanList, "2.29"}, {GetPaymentPlanHistoryList, "2.30"}, {GetPaymentPlanReport, "2.31"},
}

// misprints are the codes that the pages print in another way than family, method, reason would have it (moka-api 4.6).
var misprints = map[Op]map[string]string{
	UpdateCard: {
		invalidRequest: "DealerCustomer.GetCard.InvalidRequest", "CardTokenIsRequired": "DealerCustomer.GetCard.CardTokenIsRequired", "CardNotFound": "DealerCustomer.GetCard.CardNotFound",
	},
	DeleteSale: {
		"DealerSaleNotFound": "DealerSale.DeleteDealer.DealerSaleNotFund", "SaleCodeDoesntMatchDealerSaleId": "DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId",
	},
}

// AllSaid lists every result code that is known: those that any operation gives, then operation by operation in the order of the documentation, sorted by code, and last
// what the bank and the payment services say in a step's history. What is lent from a sibling's page is not in it.
func AllSaid() []Said {
	all := []Said{general(codeSuccess), general(codeUnexpected)}
	for _, s := range sections {
		from := len(all)
		all = append(all, onPage(s.op, invalidRequest))
		for _, last := range documented[s.op] {
			all = append(all, onPage(s.op, last))
		}
		slices.SortFunc(all[from:], func(a, b Said) int { return strings.Compare(a.Code, b.Code) })
	}
	return append(all, services...)
}

func general(code string) Said {
	w := words[code]
	s := Said{Code: code, Meaning: w.meaning, Cure: w.hint, Any: true, Outcome: Unknown, Sources: []string{"1.6"}}
	if code == codeSuccess {
		s.Outcome, s.Sources = Done, []string{"1.5"}
	}
	return s
}

func onPage(op Op, last string) Said {
	code, odd := misprints[op][last]
	if !odd {
		code = op.Family() + "." + op.Method() + "." + last
	}
	w := words[last]
	return Said{Code: code, Meaning: w.meaning, Cure: w.hint, Member: w.member, Ops: []Op{op}, Outcome: outcomeOn(op, last), Sources: []string{sectionOf(op)}}
}

// outcomeOn judges a code as the outcome of a call is judged: by what the operation's page, or its sibling's, says.
func outcomeOn(op Op, last string) Outcome {
	code := op.Family() + "." + op.Method() + "." + last
	if isRefusal(op, code) || isNoData(op, code) || isNotFound(op, code) {
		return Refused
	}
	return Unknown
}

func sectionOf(op Op) string {
	for _, s := range sections {
		if s.op == op {
			return s.number
		}
	}
	return ""
}

// Writes reports whether the operation changes something at Moka.
func (op Op) Writes() bool { return !strings.HasPrefix(op.Method(), "Get") }

// Explain finds what is known of a result code, whole or only its last part, in any case; a bank's code with or without its zeros. nil for an unknown one. A last part is
// given once, with all the operations that share it; the payment services may have one of the same name.
func Explain(code string) []Said {
	code = strings.TrimSpace(code)
	var found []Said
	for _, s := range services {
		if strings.EqualFold(s.Code, code) || strings.EqualFold(lastPart(s.Code), code) || isBankCode(code) && s.Code == strings.Repeat("0", 3-len(code))+code {
			found = append(found, s)
		}
	}
	for _, word := range []string{codeSuccess, codeUnexpected} {
		if strings.EqualFold(word, code) {
			return append([]Said{general(word)}, found...)
		}
	}
	last := knownWord(lastPart(code))
	if last == "" {
		return found
	}
	if strings.Contains(code, ".") {
		return append(wholeCode(code, last), found...)
	}
	return append([]Said{shared(last)}, found...)
}

func isBankCode(code string) bool {
	return len(code) > 0 && len(code) <= 3 && strings.Trim(code, "0123456789") == ""
}

func lastPart(code string) string { return code[strings.LastIndexByte(code, '.')+1:] }

// knownWord gives the spelling in which a last segment is known, misprints put right; "" for an unknown one.
func knownWord(last string) string {
	for misspelt, right := range corrections {
		if strings.EqualFold(misspelt, last) {
			return right
		}
	}
	for word := range words {
		if strings.EqualFold(word, last) && word != codeSuccess && word != codeUnexpected {
			return word
		}
	}
	return ""
}

// wholeCode explains Family.Method.Reason. The method may be one under which the documentation misprints another's code.
func wholeCode(code, last string) []Said {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return nil
	}
	var found []Said
	for _, s := range sections {
		op := s.op
		if !strings.EqualFold(op.Family(), parts[0]) {
			continue
		}
		printed, onItsPage := onPage(op, last), last == invalidRequest || lists(op, last)
		switch {
		case onItsPage && (strings.EqualFold(printed.Code, code) || strings.EqualFold(op.Method(), parts[1])):
			found = append(found, printed)
		case strings.EqualFold(op.Method(), parts[1]):
			printed.Ops, printed.LentTo, printed.Sources = nil, []Op{op}, lenders(op, last)
			found = append(found, printed)
		}
	}
	return found
}

// lenders are the sections of the siblings on whose pages a code stands.
func lenders(op Op, last string) []string {
	var out []string
	for _, sibling := range siblings[op] {
		if lists(sibling, last) {
			out = append(out, sectionOf(sibling))
		}
	}
	return out
}

// shared explains a last segment: the operations that print it, and those that are lent it.
func shared(last string) Said {
	w := words[last]
	said := Said{Code: last, Meaning: w.meaning, Cure: w.hint, Member: w.member}
	if last == invalidRequest {
		said.Any, said.Outcome, said.Sources = true, Refused, []string{"1.6"}
		return said
	}
	for _, s := range sections {
		switch {
		case lists(s.op, last):
			said.Ops, said.Sources, said.Outcome = append(said.Ops, s.op), append(said.Sources, s.number), Refused
		case len(lenders(s.op, last)) > 0:
			said.LentTo = append(said.LentTo, s.op)
		}
	}
	return said
}
