package planfile

import (
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Standing is a public value that a change leaves as it is, and that a reviewer wants to see beside it: what is paid, and by whom.
type Standing struct {
	Name string `json:"name"`
	// Key is that of a manifest's reference to what is kept elsewhere, "customerCode"; "" for a plain text, and for all that the lockfile keeps.
	Key  string `json:"key,omitempty"`
	Text string `json:"text"`
}

// stands reports whether a field is kept beside changes of others.
func stands(f *spec.Field) bool {
	money := f.Kind() == spec.Sale || f.Kind() == spec.PaymentStep
	return money && f.Sensitivity == spec.Public && (f.Type == spec.Money || f.Type == spec.Reference || f.Name == "currency")
}

// desiredStanding gives what the manifest says beside a change's fields.
func desiredStanding(c *plan.Change) []Standing {
	if c.Desired == nil {
		return nil
	}
	var out []Standing
	for i := range c.Desired.Values {
		if v := &c.Desired.Values[i]; stands(v.Field) && !tells(c, v.Field, false) {
			out = append(out, Standing{v.Field.Name, v.Key(), v.Text})
		}
	}
	return out
}

// knownStanding gives what the lockfile says beside a change's fields; a default that was sent has no old value among them.
func knownStanding(c *plan.Change) []Standing {
	if c.Known == nil {
		return nil
	}
	var out []Standing
	for _, kept := range []lockfile.Fields{c.Known.Fields, c.Known.Defaults} {
		for _, l := range kept.All() {
			if stands(l.Field) && !tells(c, l.Field, true) {
				out = append(out, Standing{Name: l.Field.Name, Text: l.Text})
			}
		}
	}
	return out
}

// tells reports whether a change's fields have a field; old: with its old value.
func tells(c *plan.Change, field *spec.Field, old bool) bool {
	return slices.ContainsFunc(c.Fields, func(f plan.FieldChange) bool { return f.Field == field && (!old || f.From.Present()) })
}

// restore gives a change back what stands beside its fields. Neither manifest nor lockfile line is whole.
func (c *Change) restore(out *plan.Change) {
	def := c.Address.Kind.Def()
	for _, s := range c.Desired {
		if f := def.Field(s.Name); f != nil && stands(f) && spec.IsKey(s.Key) {
			if out.Desired == nil {
				out.Desired = &spec.Resource{Address: c.Address, Code: c.Code}
			}
			out.Desired.Values = append(out.Desired.Values, spec.Keyed(f, s.Key, s.Text))
		}
	}
	var known []lockfile.Locked
	for _, s := range c.Known {
		if f := def.Field(s.Name); f != nil && stands(f) {
			known = append(known, lockfile.Locked{Field: f, Text: s.Text})
		}
	}
	if len(known) > 0 {
		out.Known = &lockfile.Entry{Address: c.Address, ID: c.ID, Code: c.Code, Fields: lockfile.FieldsOf(known)}
	}
}
