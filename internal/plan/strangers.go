package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Strangers are the sales at Moka that no manifest and no lockfile knows and that charge by themselves. One of the same customer and product as a sale that is to be made may be that one, under
// another name, made by an apply whose record is lost.
type Strangers struct {
	world *World
	by    map[string][]*Found // by customer: its code, and the kept form of its number
}

// NewStrangers finds them among sales at Moka; known is the lockfile, today the day in Europe/Istanbul.
func NewStrangers(w *World, known *lockfile.Lock, sales []*Found, today string) *Strangers {
	here := map[string]bool{}
	for a := range w.Desired {
		if a.Kind == spec.Sale {
			here[w.CodeOf(a)] = true
		}
	}
	for _, e := range known.Entries() {
		here[e.Code] = here[e.Code] || e.Address.Kind == spec.Sale
	}
	for _, in := range known.Pending {
		here[in.Entry.Code] = here[in.Entry.Code] || in.Entry.Address.Kind == spec.Sale
	}
	s := &Strangers{world: w, by: map[string][]*Found{}}
	for _, f := range sales {
		if here[f.Code] || !f.charges(today) {
			continue
		}
		for _, key := range f.customerKeys() {
			s.by[key] = append(s.by[key], f)
		}
	}
	return s
}

// customerKeys are the texts by which a lockfile may know the customer of a sale that was found.
func (f *Found) customerKeys() []string {
	keys := []string{f.Texts(customerOfSale)[0]}
	if n := f.number(spec.Customer); n != "" {
		keys = append(keys, numberPrefix+n)
	}
	return keys
}

// OfCustomer reports whether a sale that was found is of one of these customers, by code or by the kept form of their number.
func (f *Found) OfCustomer(customers map[string]bool) bool {
	return len(customers) > 0 && slices.ContainsFunc(f.customerKeys(), func(key string) bool { return customers[key] })
}

// charges reports whether a sale may still be charged by its schedule.
func (f *Found) charges(today string) bool {
	end := f.Texts(endOfSale)[0]
	return (end == "" || end == spec.Never || end >= today) && f.Texts(planOfSale)[0] != "manual"
}

var endOfSale, planOfSale = spec.Sale.Def().Field("endDate"), spec.Sale.Def().Field("planType")

// Beside gives the one of the same customer and product as a sale that is to be made, nil if there is none or the manifest accepts it.
func (s *Strangers) Beside(r *spec.Resource) *Found {
	if len(s.by) == 0 || r.Accepts(spec.RuleUnknownSale) {
		return nil
	}
	customer, _ := s.world.Texts(r.Value("customer"))
	product, state := s.world.Texts(r.Value("product"))
	if state != Settled {
		return nil
	}
	for _, f := range s.by[customer[0]] {
		if f.Equal(productOfSale, product) {
			return f
		}
	}
	return nil
}

// BesideStranger says that Moka has such a sale, and what to do.
func BesideStranger(f *Found) string {
	return fmt.Sprintf("Moka has a sale of this customer and product already, under the code %s (id %d), which neither a manifest nor the lockfile knows: it may be this one, made by an apply whose lockfile was lost, and the customer would be charged twice. "+
		"If it is this one, write `saleCode: %s`; if it is to be ended, end it in Moka's panel; if both are meant, write the annotation `mokasync/accept: %s`", strconv.Quote(f.Code), f.ID, f.Code, spec.RuleUnknownSale)
}
