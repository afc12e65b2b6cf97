package spec

import "slices"

// suspects are the resources of a set in which a look in parallel has found something that the rules on the whole set may say something of, by their place in Set.Resources.
// They are few, and are judged one after the other, so that what is said does not depend on who was first.
type suspects []suspicion

type suspicion uint8

const (
	ofReferences suspicion = 1 << iota
	ofDays                 // never charged
	ofKeys                 // card tokens and schedule ids
)

func (s suspects) has(i int, what suspicion) bool { return s[i]&what != 0 }

func (s suspects) some(what suspicion) bool {
	for i := range s {
		if s.has(i, what) {
			return true
		}
	}
	return false
}

func (j *judgement) suspects(tokens *keyJudgement) suspects {
	rs := j.set.Resources
	out := make(suspects, len(rs))
	if j.set.slowly {
		for i := range out {
			out[i] = ofReferences | ofDays | ofKeys
		}
		return out
	}
	inSlices(len(rs), func(from, to int) bool {
		n := j.never()
		for i := from; i < to; i++ {
			if !j.settled(rs[i]) {
				out[i] |= ofReferences
			}
			if rs[i].Address.Kind != Sale {
				continue
			}
			if !n.charged(rs[i]) {
				out[i] |= ofDays
			}
			if tokens.concern(rs[i]) {
				out[i] |= ofKeys
			}
		}
		return false
	})
	return out
}

// recurring tells of which resources the numbers are there more than once, nil if none are.
func (s *Set) recurring(numbers []uint64) []bool {
	if s.slowly && numbers != nil {
		return slices.Repeat([]bool{true}, len(numbers))
	}
	return recurring(numbers)
}

// settled reports whether the rules on references have nothing to say of a resource.
func (j *judgement) settled(r *Resource) bool {
	if r.Address.Kind == PaymentStep {
		return false // they may share a day
	}
	var buyer *Value
	for i := range r.Values {
		switch v := &r.Values[i]; v.Field.Type {
		case Reference:
			if v.Field.Target == Customer {
				buyer = v
			}
			if !j.found(v) {
				return false
			}
		case References:
			for k := range v.Items() {
				if !j.found(&v.Items()[k]) || buyer != nil && !j.owns(buyer, &v.Items()[k]) {
					return false
				}
			}
		}
	}
	return true
}

// found reports whether what a reference names is here, or is kept elsewhere and cannot be here.
func (j *judgement) found(v *Value) bool {
	if a, local := v.Local(); local {
		return j.here.get(a) != nil
	}
	return v.Key() != "customerCode" && v.Key() != "productCode" && v.Key() != "saleCode"
}

// owns reports whether nothing says that a card is another customer's.
func (j *judgement) owns(buyer, card *Value) bool {
	a, local := card.Local()
	if !local {
		return true
	}
	owner := j.here.get(a).Value("customer")
	return owner == nil || !differ(owner, buyer, j.here)
}

// concern reports whether a sale has to do with a token or an id that has a manifest here, or has several cards.
func (k *keyJudgement) concern(sale *Resource) bool {
	if v := sale.Value("schedule"); v != nil && v.Key() == "id" {
		return true
	}
	cards := sale.Value("cards")
	if cards == nil {
		return false
	}
	return len(cards.Items()) > 1 || len(cards.Items()) == 1 && cards.Items()[0].Key() == "token" && k.tokens[cards.Items()[0].Text] != nil
}
