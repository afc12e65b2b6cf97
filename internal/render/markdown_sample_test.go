package render

import (
	"fmt"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// field is one field of a change in a test: "" for no value on that side.
type field struct{ name, from, to string }

// changed makes a change of texts as a plan would show them.
func changed(kind spec.Kind, name string, action plan.Action, fields ...field) *plan.Change {
	c := &plan.Change{Address: spec.Address{Kind: kind, Name: name}, Action: action}
	for _, f := range fields {
		def := kind.Def().Field(f.name)
		c.Fields = append(c.Fields, plan.FieldChange{Field: def, From: textFor(def, f.from), To: textFor(def, f.to)})
	}
	return c
}

func textFor(f *spec.Field, text string) plan.Text {
	switch {
	case text == "":
		return plan.Text{}
	case f.Sensitivity == spec.Personal:
		return plan.Masked(f, []string{"(personal)"})
	case f.Sensitivity == spec.Secret && f.Type != spec.Password:
		return plan.Masked(f, []string{"(secret)"})
	}
	return plan.Masked(f, []string{text})
}

// planOf makes a plan of changes, with the counts that belong to it.
func planOf(changes ...*plan.Change) *plan.Plan {
	p := &plan.Plan{Endpoint: "live", Dealer: "1731", Changes: changes}
	for _, c := range changes {
		p.Counts[c.Action]++
	}
	return p
}

// newSale is a sale as a studio would write it.
func newSale(i int) *plan.Change {
	end := "never"
	if i%3 > 0 {
		end = "2028-01-15"
	}
	c := changed(spec.Sale, fmt.Sprintf("member-%05d-gold", i), plan.Create,
		field{"saleCode", "", fmt.Sprintf("GOLD-%05d", i)}, field{"customer", "", fmt.Sprintf("member-%05d", i)}, field{"product", "", "gold"}, field{"schedule", "", "monthly-15"},
		field{"cards", "", fmt.Sprintf("member-%05d-bonus", i)}, field{"amount", "", "149.90"}, field{"beginDate", "", "2027-01-15"}, field{"endDate", "", end})
	c.Code = fmt.Sprintf("GOLD-%05d", i)
	return c
}

// studio is a plan of about n changes of every sort, with what a reviewer has to see.
func studio(n int) *plan.Plan {
	p := planOf()
	add := func(c *plan.Change) {
		if len(p.Changes) < n {
			p.Changes = append(p.Changes, c)
			p.Counts[c.Action]++
		}
	}
	price := changed(spec.Sale, "elif-gold", plan.Update, field{"amount", "129.90", "149.90"})
	price.Code, price.ID = "elif-gold-1", 4711
	add(price)
	text := changed(spec.Sale, "can-silver", plan.Update, field{"description", "Gümüş üyelik, aylık, 2026 fiyatıyla, şube Kadıköy", "Gümüş üyelik, aylık, 2027 fiyatıyla, şube Moda"}, field{"endDate", "2027-06-15", "never"})
	text.ID = 4712
	add(text)
	gone := changed(spec.Sale, "deniz-gold", plan.Delete)
	gone.ID, gone.Code, gone.Reason = 4713, "deniz-gold-1", "it left the manifests: Moka charges it no more"
	add(gone)
	blocked := changed(spec.Sale, "ece-gold", plan.Blocked, field{"product", "gold", "platinum"})
	blocked.ID = 4714
	blocked.Reason = "product of a sale cannot change at Moka: keep it, or write the sale under a new name, with a new saleCode, a later beginDate and `replaces: sale/ece-gold` in its metadata, which ends the old one first"
	add(blocked)
	doubt := changed(spec.Sale, "efe-gold", plan.Update, field{"amount", "129.90", "149.90"})
	doubt.InDoubt, doubt.ID = true, 4715
	doubt.Reason = "DealerSale/UpdateSale was sent at 2026-11-20 09:14:03 UTC and its outcome is not known: apply looks at Moka first"
	add(doubt)
	moves := changed(spec.Schedule, "monthly-15", plan.Update, field{"daysOfMonth", "15", "1"})
	moves.ID, moves.Reason = 1005, "sales that it moves: 312 (sale/a, sale/b, sale/c, sale/d, sale/e and 307 more); whether sales outside these manifests use it was not looked at"
	add(moves)
	mail := changed(spec.Customer, "elif", plan.Update, field{"email", "a", "b"}, field{"password", "version 1", "version 2"})
	mail.ID, mail.Code = 1033, "CUST-0001"
	add(mail)
	add(changed(spec.Card, "elif-bonus", plan.Adopt, field{"customer", "", "elif"}, field{"token", "", "x"}, field{"cardName", "", "x"}))
	add(changed(spec.Product, "platinum", plan.Create, field{"productCode", "", "platinum"}, field{"productName", "", "Platin üyelik"}))
	left := changed(spec.Card, "old-card", plan.Orphan)
	left.Reason = "kept: a stored card is removed only if its manifest had the annotation mokasync/prune"
	add(left)
	for i := 0; len(p.Changes) < n; i++ {
		switch i % 4 {
		case 0:
			add(newSale(i))
		case 1:
			c := changed(spec.Customer, fmt.Sprintf("member-%05d", i-1), plan.Create, field{"customerCode", "", fmt.Sprintf("M-%05d", i-1)}, field{"firstName", "", "x"}, field{"lastName", "", "x"}, field{"email", "", "x"})
			c.Code = fmt.Sprintf("M-%05d", i-1)
			add(c)
		case 2:
			add(changed(spec.Card, fmt.Sprintf("member-%05d-bonus", i-2), plan.Adopt, field{"customer", "", fmt.Sprintf("member-%05d", i-2)}, field{"token", "", "x"}))
		default:
			c := changed(spec.Sale, fmt.Sprintf("former-%05d-gold", i), plan.Delete)
			c.ID, c.Reason = int64(5000+i), "it left the manifests: Moka charges it no more"
			if i%40 != 3 {
				continue
			}
			add(c)
		}
	}
	p.Counts[plan.Unchanged] = 40
	return p
}
