package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// comparison is one resource's desired state held against what is known of it.
type comparison struct {
	world   *World
	r       *spec.Resource
	known   *lockfile.Entry
	want    *lockfile.Entry
	fields  []FieldChange
	reasons []string
	notes   []spec.Diagnostic
}

// compareKnown compares a manifest with the lockfile's line of it.
func compareKnown(w *World, r *spec.Resource, known *lockfile.Entry) *comparison {
	c := &comparison{world: w, r: r, known: known, want: w.Entry(r, known.ID)}
	for i := range r.Values {
		c.field(&r.Values[i])
	}
	for _, l := range known.Fields.All() {
		if r.Value(l.Field.Name) == nil {
			c.noLongerManaged(l.Field)
		}
	}
	return c
}

func (c *comparison) field(v *spec.Value) {
	switch v.Field.Type {
	case spec.Code:
		if v.Text != c.known.Code {
			c.add(v, shown(v.Field, []string{c.known.Code}))
		}
		return
	case spec.MokaID:
		c.mokaID(v)
		return
	}
	have, managed := lockfile.Find(c.known.Fields, v.Field.Name)
	locked, state := c.locked(v)
	switch {
	case state == Unread:
		if managed {
			c.note(spec.Info, v, "not compared: its value is not at hand here")
		} else {
			c.add(v, Text{})
		}
	case !managed:
		if sent, ok := lockfile.Find(c.known.Defaults, v.Field.Name); !ok || state == Later || !sent.Equal(locked) || !isDefault(sent, c.r.Address) {
			c.add(v, Text{})
		}
	case state == Later || !have.Equal(locked) && !(!v.Field.IsList() && c.world.sameThing(v.Field, have.Text, locked.Text)):
		from := c.knownText(have)
		c.add(v, from)
		if to := c.fields[len(c.fields)-1].To; v.Field.IsReference() && slices.Equal(from.Mask(), to.Mask()) {
			c.reasons = append(c.reasons, fmt.Sprintf("%s: the name is the same, but it stands for something else at Moka now", v.Field.Name))
		}
	}
}

// isDefault reports whether what is remembered of a field that was left to Moka is what is sent for one that is left out. What was only seen, or managed once, is looked at anew before it counts.
func isDefault(l lockfile.Locked, a spec.Address) bool {
	switch l.Field.Default {
	case spec.DefaultName:
		return l.Text == a.Name
	case spec.DefaultToday: // of whichever day it was made
		return true
	}
	return l.Text == l.Field.Default
}

// locked gives what the manifest says in the form in which the lockfile keeps it. Fingerprints cost: those of the wanted entry are used again.
func (c *comparison) locked(v *spec.Value) (lockfile.Locked, State) {
	if c.want.Code == c.known.Code && lockfile.Sealed(v.Field) && !c.world.Known.Keys().Blind() && !v.FromSource() && !v.Field.IsReference() {
		if l, ok := lockfile.Find(c.want.Fields, v.Field.Name); ok {
			return l, Settled
		}
	}
	return c.world.Lock(v, c.known.Code)
}

func (c *comparison) mokaID(v *spec.Value) {
	switch text, state := c.world.Texts(v); {
	case state == Unread:
		c.note(spec.Info, v, "not compared: its value is not at hand here")
	case c.known.ID != 0 && text[0] != fmt.Sprint(c.known.ID):
		c.add(v, shown(v.Field, []string{fmt.Sprint(c.known.ID)}))
	}
}

func (c *comparison) add(v *spec.Value, from Text) {
	c.fields = append(c.fields, FieldChange{Field: v.Field, From: from, To: desiredText(v)})
}

// knownText shows what the lockfile keeps of a field in a manifest's words.
func (c *comparison) knownText(l lockfile.Locked) Text {
	f := l.Field
	switch {
	case f.IsReference():
		names := make([]string, 0, 3)
		for _, kept := range l.Texts() {
			names = append(names, c.world.manifestName(f, kept))
		}
		return shown(f, names)
	case f.Type == spec.Password:
		return shown(f, []string{versionPrefix + l.Text})
	case lockfile.Sealed(f):
		return sealed(f)
	}
	return shown(f, l.Texts())
}

// desiredText shows what a manifest says of a field.
func desiredText(v *spec.Value) Text {
	if v.Field.Sensitivity == spec.Secret && v.Field.Type != spec.Password {
		return sealed(v.Field)
	}
	return Text{written{v}}
}

func (c *comparison) noLongerManaged(f *spec.Field) {
	if f.Type == spec.EndDate {
		c.notes = append(c.notes, diagnose(spec.Error, c.r, nil,
			"endDate is taken out, and leaving it out would not end or extend anything: say `endDate: never`, or a date"))
		return
	}
	c.notes = append(c.notes, diagnose(spec.Info, c.r, nil, fmt.Sprintf("%s is no longer managed: what is at Moka stays as it is", f.Name)))
}

func (c *comparison) note(s spec.Severity, v *spec.Value, text string) {
	c.notes = append(c.notes, diagnose(s, c.r, v, v.Field.Name+" "+text))
}

// diagnose places a finding at a value, or at the resource where there is none.
func diagnose(s spec.Severity, r *spec.Resource, v *spec.Value, text string) spec.Diagnostic {
	d := spec.Diagnostic{Severity: s, File: r.File, Line: r.Line, Column: r.Column, Address: r.Address.String(), Message: text}
	if v != nil {
		d.Line, d.Column = int(v.Line), int(v.Column)
	}
	return d
}

// change draws the conclusion: what is to be done, and why that may not be possible.
func (c *comparison) change() *Change {
	ch := &Change{
		Address: c.r.Address, Code: c.want.Code, ID: c.known.ID, Fields: c.fields, DependsOn: c.want.DependsOn,
		Desired: c.r, Known: c.known, Reason: strings.Join(c.reasons, "; "),
	}
	if len(c.fields) == 0 {
		return ch
	}
	ch.Action = Update
	if why := c.renamedTarget(); why != "" {
		ch.Action, ch.Reason = Blocked, why
		return ch
	}
	if why := whyBlocked(c.r, c.fields); why != "" {
		ch.Action, ch.Reason = Blocked, strings.Join(append(c.reasons, why), "; ")
		return ch
	}
	for _, f := range c.fields {
		if f.Field.Change == spec.Selecting {
			ch.Action, ch.ID, ch.Reason = Adopt, newID(c.r), fmt.Sprintf("another %s: what it named before stays at Moka as it is", f.Field.Name)
			ch.Fields = allFields(c.r, c.fields)
			break
		}
	}
	return ch
}

// renamedTarget says of a reference that cannot change that it names something new while what it named is gone from the manifests: most probably that has a new name.
func (c *comparison) renamedTarget() string {
	for _, f := range c.fields {
		if f.Field.Change != spec.Fixed || f.Field.Type != spec.Reference {
			continue
		}
		have, _ := lockfile.Find(c.known.Fields, f.Field.Name)
		old, known := c.world.coded(f.Field.Target, have.Text)
		now, local := c.r.Value(f.Field.Name).Local()
		if local && known && c.world.Desired[old] == nil && c.world.Known.Get(now) == nil {
			return fmt.Sprintf("%[1]s was %[2]s, which is gone from the manifests, and is to be %[3]s, which is new. If %[3]s is %[2]s under a new name, write `movedFrom: %[2]s` into its metadata. If not, put %[2]s back: Moka has no call that changes this field", f.Field.Name, old, now)
		}
	}
	return ""
}

// allFields gives all managed fields of a thing that takes another's place, with what is known of the old one's.
func allFields(r *spec.Resource, changed []FieldChange) []FieldChange {
	out := make([]FieldChange, 0, len(r.Values))
	for i := range r.Values {
		f := FieldChange{Field: r.Values[i].Field, To: desiredText(&r.Values[i])}
		for _, have := range changed {
			if have.Field == f.Field {
				f = have
			}
		}
		out = append(out, f)
	}
	return out
}

func newID(r *spec.Resource) int64 {
	v := r.Value("id")
	if v == nil || v.FromSource() {
		return 0
	}
	var id int64
	fmt.Sscan(v.Text, &id) // canonical digits
	return id
}

// whyBlocked says why Moka cannot be asked for these changes, "" if it can.
func whyBlocked(r *spec.Resource, fields []FieldChange) string {
	var fixed []string
	for _, f := range fields {
		if f.Field.Change == spec.Fixed {
			fixed = append(fixed, f.Field.Name)
		}
	}
	names := strings.Join(fixed, ", ")
	switch {
	case r.Address.Kind == spec.Product:
		return "Moka has no call to change a product: add a product under a new name and productCode, and use it for new sales"
	case r.Address.Kind == spec.Sale && len(fixed) > 0:
		return fmt.Sprintf("%s of a sale cannot change at Moka: keep it, or write the sale under a new name, with a new saleCode, a later beginDate and `replaces: %s` in its metadata, which ends the old one first", names, r.Address)
	case r.Address.Kind == spec.Card && len(fixed) > 0 && !selects(fields):
		return "a stored card belongs to the customer it was stored for: give the card's own customer, or the token of a card of the new one"
	case r.Address.Kind == spec.Customer && len(fixed) > 0:
		return "a customer's code cannot change at Moka: put the old customerCode back, or add the new one as another customer"
	}
	return ""
}

func selects(fields []FieldChange) bool {
	return slices.ContainsFunc(fields, func(f FieldChange) bool { return f.Field.Change == spec.Selecting })
}

// behind reports whether the lockfile's line says something else than the manifest, although nothing is to be sent.
func (c *comparison) behind() bool {
	e, k := c.want, c.known
	return !maps.Equal(e.Labels, k.Labels) || !maps.Equal(e.Annotations, k.Annotations) || !slices.Equal(e.DependsOn, k.DependsOn) ||
		e.Fields != k.Fields || e.Defaults != k.Defaults
}
