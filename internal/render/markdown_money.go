package render

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// money is an amount and its currency as texts ("149.90", "TL"), each "" where it is not known.
type money struct{ amount, currency string }

func (m money) String() string { return strings.TrimSpace(m.amount + " " + m.currency) }

// moneyOf gives what each payment of a sale or a payment step is before a change and after it. Where the change says nothing of it, the manifest does, or the lockfile.
func moneyOf(c *plan.Change) (before, after money) {
	before.amount, after.amount = bothSides(c, "amount")
	before.currency, after.currency = bothSides(c, "currency")
	return before, after
}

// bothSides gives a public scalar field before and after a change, "" for not known.
func bothSides(c *plan.Change, name string) (before, after string) {
	f := fieldOf(c, name)
	switch {
	case f == nil:
		text := standing(c, name)
		return text, text
	case f.From.Present():
		return f.From.String(), f.To.String()
	}
	return known(c, name), f.To.String() // a default, which was sent when it was made, has no old value among the fields
}

func fieldOf(c *plan.Change, name string) *plan.FieldChange {
	for i := range c.Fields {
		if c.Fields[i].Field.Name == name {
			return &c.Fields[i]
		}
	}
	return nil
}

// standing gives what a public scalar field is that a change leaves as it is, "" for not known.
func standing(c *plan.Change, name string) string {
	if c.Desired != nil {
		if text := c.Desired.Text(name); text != "" {
			return text
		}
	}
	if name == "currency" && isNew(c) {
		return c.Address.Kind.Def().Field(name).Default // a default is sent (moka-api 2.20, 2.25)
	}
	return known(c, name)
}

// isNew reports whether a change adds something, or would if it were not blocked.
func isNew(c *plan.Change) bool {
	return c.Action == plan.Create || c.Action == plan.Blocked && c.ID == 0 && !slices.ContainsFunc(c.Fields, func(f plan.FieldChange) bool { return f.From.Present() })
}

// known gives what the lockfile says of a public scalar field, be it a default that was sent.
func known(c *plan.Change, name string) string {
	if c.Known == nil {
		return ""
	}
	for _, kept := range []lockfile.Fields{c.Known.Fields, c.Known.Defaults} {
		if l, ok := lockfile.Find(kept, name); ok {
			return l.Text
		}
	}
	return ""
}

// hasMoney reports whether amounts of this kind have a currency beside them.
func hasMoney(k spec.Kind) bool { return k == spec.Sale || k == spec.PaymentStep }

// movesMoney reports whether a change sets an amount or its currency, or changes one.
func movesMoney(c *plan.Change) bool {
	return hasMoney(c.Address.Kind) && (fieldOf(c, "amount") != nil || fieldOf(c, "currency") != nil)
}

// swing is how far a change moves an amount.
type swing struct {
	class        swingClass
	large, small uint64 // the two amounts in hundredths of the currency: kuruş, cents
}

type swingClass int

const (
	swingUnknown swingClass = iota // another currency, or an amount that cannot be told: nobody can say how far
	swingRatio
	swingNone // neither changes
)

func swingOf(c *plan.Change) swing {
	before, after := moneyOf(c)
	if fieldOf(c, "currency") != nil && before.currency != after.currency {
		return swing{class: swingUnknown}
	}
	if fieldOf(c, "amount") == nil {
		return swing{class: swingNone}
	}
	a, okA := hundredths(before.amount)
	b, okB := hundredths(after.amount)
	if !okA || !okB || a == 0 || b == 0 {
		return swing{class: swingUnknown}
	}
	return swing{swingRatio, max(a, b), min(a, b)}
}

// compare puts the farther swing first. Ratios are compared exactly, as products.
func (s swing) compare(t swing) int {
	if s.class != t.class {
		return int(s.class) - int(t.class)
	}
	high, low := bits.Mul64(s.large, t.small)
	high2, low2 := bits.Mul64(t.large, s.small)
	switch {
	case high == high2 && low == low2:
		return 0
	case high > high2 || high == high2 && low > low2:
		return -1
	}
	return 1
}

// hundredths reads a canonical amount ("149.90") as a whole number of hundredths; false for what is none, or takes more than 64 bits.
func hundredths(amount string) (uint64, bool) {
	whole, cents, _ := strings.Cut(amount, ".")
	if len(cents) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+cents+"00"[len(cents):], 10, 64)
	return n, err == nil
}
