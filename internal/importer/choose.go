package importer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// Choice is the part of an account that is imported. The zero Choice is all of it.
type Choice struct {
	// Kinds are the kinds that are written; none means all.
	Kinds []spec.Kind
	// Codes name customers, products and sales, which are written with what they depend on; none means all. A customer brings its cards and its sales, a sale its
	// payment steps.
	Codes []string
}

func (c Choice) writes(kind spec.Kind) bool {
	return len(c.Kinds) == 0 || slices.Contains(c.Kinds, kind)
}

// needs reports whether a kind's list must be read. What a code depends on is looked for in all lists.
func (c Choice) needs(kind spec.Kind) bool {
	return c.writes(kind) || kind == spec.Customer && c.writes(spec.Card) || len(c.Codes) > 0 && kind != spec.PaymentStep
}

// MissingError says that Moka has nothing under some codes.
type MissingError struct{ Codes []string }

func (e *MissingError) Error() string {
	quoted := make([]string, len(e.Codes))
	for i, code := range e.Codes {
		quoted[i] = strconv.Quote(code)
	}
	return fmt.Sprintf("Moka has no customer, product or sale with the code %s: check the spelling, upper and lower case too", strings.Join(quoted, ", "))
}

// read reads what the choice needs, and chooses.
func (r *reading) read(ctx context.Context, choice Choice) (chosen map[*thing]bool, err error) {
	r.account = account{}
	for _, kind := range []spec.Kind{spec.Customer, spec.Product, spec.Schedule, spec.Sale, spec.PaymentStep} {
		if choice.needs(kind) {
			if err := r.list(ctx, kind); err != nil {
				return nil, err
			}
		}
	}
	s := selecting{account: r.account, index: newIndex(r.account), chosen: map[*thing]bool{}, whole: map[*thing]bool{}}
	if len(choice.Codes) == 0 {
		s.everything()
	} else if missing := s.roots(choice.Codes); len(missing) > 0 {
		return nil, &MissingError{missing}
	}
	if choice.writes(spec.Card) {
		if err := r.cards(ctx, s.customers()); err != nil {
			return nil, err
		}
		s.cards()
	}
	for t := range s.chosen {
		if !choice.writes(t.Kind) {
			delete(s.chosen, t)
		}
	}
	return s.chosen, nil
}

// selecting finds what belongs to the codes that are asked for.
type selecting struct {
	account account
	index   *index
	chosen  map[*thing]bool
	whole   map[*thing]bool // customers that are taken with all their cards
}

func (s *selecting) everything() {
	for kind, things := range s.account {
		for _, t := range things {
			s.chosen[t], s.whole[t] = true, kind == spec.Customer
		}
	}
}

// roots takes what has one of the codes, with what belongs to it, and gives the codes that nothing has.
func (s *selecting) roots(codes []string) (missing []string) {
	for _, text := range codes {
		found := false
		for _, kind := range []spec.Kind{spec.Customer, spec.Product, spec.Sale} {
			for _, t := range s.index.byCode[kind][kind.Def().CodeField().FromWire(text)] {
				found = true
				s.chosen[t], s.whole[t] = true, kind == spec.Customer
			}
		}
		if !found {
			missing = append(missing, text)
		}
	}
	for _, sale := range s.account[spec.Sale] {
		if s.chosen[sale] || s.whole[s.index.party(sale, saleCustomer, sale.Texts(saleCustomer)[0])] {
			s.sale(sale)
		}
	}
	for _, step := range s.account[spec.PaymentStep] {
		if s.chosen[s.index.party(step, stepSale, step.Texts(stepSale)[0])] {
			s.chosen[step] = true
		}
	}
	return missing
}

// sale takes a sale with what it depends on, but for its cards.
func (s *selecting) sale(sale *thing) {
	s.chosen[sale] = true
	for _, field := range []*spec.Field{saleCustomer, saleProduct, saleSchedule} {
		if t := s.index.party(sale, field, sale.Texts(field)[0]); t != nil {
			s.chosen[t] = true
		}
	}
}

// customers are those whose cards may be needed.
func (s *selecting) customers() []*thing {
	var out []*thing
	for _, t := range s.account[spec.Customer] {
		if s.chosen[t] {
			out = append(out, t)
		}
	}
	return out
}

// cards takes all cards of a customer who was asked for, and of the others those that the sales use.
func (s *selecting) cards() {
	used := map[string]bool{}
	for _, t := range s.account[spec.Sale] {
		if s.chosen[t] {
			for _, token := range t.Texts(saleCards) {
				used[token] = true
			}
		}
	}
	for _, t := range s.account[spec.Card] {
		if s.whole[s.index.byID[spec.Customer][t.customer]] || used[t.Texts(tokenField)[0]] {
			s.chosen[t] = true
		}
	}
}

// Fields that are asked for by name.
var (
	tokenField   = spec.Card.Def().Field("token")
	cardCustomer = spec.Card.Def().Field("customer")
	saleCustomer = spec.Sale.Def().Field("customer")
	saleProduct  = spec.Sale.Def().Field("product")
	saleSchedule = spec.Sale.Def().Field("schedule")
	saleEnd      = spec.Sale.Def().Field("endDate")
	saleCards    = spec.Sale.Def().Field("cards")
	stepSale     = spec.PaymentStep.Def().Field("sale")
	stepDate     = spec.PaymentStep.Def().Field("paymentDate")
)
