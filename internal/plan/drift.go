package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Where says on which side something has changed since the lockfile was written.
type Where string

// What differs from what, of a field; of a resource it is the union over its fields:
//
//	       manifest = lockfile   lockfile = Moka   manifest = Moka
//	There  yes                   no                no                edited at Moka
//	Here   no                    yes               no                a change that waits to be applied
//	Both   no                    no                no                edited on both sides, and not to the same value
//	Gone   -                     -                 -                 Moka does not have it any more
const (
	There Where = "there"
	Here  Where = "here"
	Both  Where = "both"
	Gone  Where = "gone"
)

// DriftedField is a field of which manifest, lockfile and Moka do not all say the same. A side that says nothing is an absent Text.
type DriftedField struct {
	// Name is the field's in the manifest, or "id": Moka's number of a thing that was made anew there under the same code.
	Name  string
	Field *spec.Field // nil for "id"
	Where Where

	Manifest, Lockfile, Live Text
}

// Drifted is one resource that the lockfile knows and of which the three do not say the same.
type Drifted struct {
	Address spec.Address
	Where   Where
	// Fields in the order of the kind's table. Of what is gone all that are managed, without a value at Moka.
	Fields []DriftedField
	// Desired is nil for an orphan, Found for what is gone.
	Desired *spec.Resource
	Known   *lockfile.Entry
	Found   *Found
}

// Unjudged is a resource that could not be compared, and why.
type Unjudged struct {
	Address spec.Address
	Reason  string
}

// Drift is what a comparison of manifests, lockfile and Moka finds.
type Drift struct {
	Endpoint, Dealer, Partial string
	Drifted                   []*Drifted // sorted by address
	Unjudged                  []Unjudged // sorted by address
	// Behind are resources of which manifest and Moka say the same and the lockfile something else. That is no drift: `apply --refresh` mends the line.
	Behind []*Drifted
	// Compared is the number of resources that were compared, with those that drifted.
	Compared int
	// Known is the lockfile as it was compared: under the addresses that the manifests have now.
	Known *lockfile.Lock
	// Diagnostics are what stands in the way; an error among them means that nothing of this may be believed.
	Diagnostics []spec.Diagnostic

	world *World
	here  map[string]string // made when first asked for
}

// FindDrift compares, field by field, what the manifests say, what the lockfile remembers and what is at Moka. in.Live must be whole: a card or a payment step that is known and
// not in it is gone. The lockfile's key must be at hand.
// What the lockfile does not know, and what a manifest leaves out, does not drift; nor do passwords and payment steps whose day has passed. Manifest and lockfile are held
// against each other as a plan does it, and manifest and Moka as a plan with a look does it, so that a plan and a drift never contradict each other.
func FindDrift(in Input) *Drift {
	in = in.Following()
	m := &maker{Input: in, world: NewWorld(in.Resources, in.Known), plan: &Plan{}}
	m.origins()
	m.orphanage()
	m.seenSchedules()
	d := &drifting{maker: m, drift: &Drift{Endpoint: in.Endpoint, Dealer: in.Dealer, Partial: in.Partial, Known: in.Known, world: m.world}}
	for _, e := range in.Known.Entries() {
		if m.open[e.Address] == nil && in.judges(m.world.Desired[e.Address], e) {
			d.judge(e)
		}
	}
	for _, open := range in.Known.Pending {
		d.unjudged(open.Entry.Address, "in doubt: "+inDoubtReason(open))
	}
	slices.SortStableFunc(d.drift.Unjudged, func(a, b Unjudged) int { return a.Address.Compare(b.Address) })
	for _, finding := range m.plan.Diagnostics {
		if finding.Severity == spec.Error {
			d.drift.Diagnostics = append(d.drift.Diagnostics, finding)
		}
	}
	return d.drift
}

// Following gives the input with the lockfile under the addresses that the manifests have now.
func (in Input) Following() Input {
	if moves := moved(in.Resources, in.Known); len(moves) > 0 {
		in.Known = in.Known.Moved(moves)
	}
	return in
}

// Judged gives a function that tells whether a drift looks at what the lockfile knows: at what is selected among the manifests, and where the manifests cover the lockfile's
// folder at what none of them describes.
func (in Input) Judged() func(*lockfile.Entry) bool {
	world := NewWorld(in.Resources, in.Known)
	return func(e *lockfile.Entry) bool { return in.judges(world.Desired[e.Address], e) }
}

func (in Input) judges(r *spec.Resource, e *lockfile.Entry) bool {
	if r != nil {
		return in.Selected == nil || in.Selected[e.Address]
	}
	return in.Whole && (in.Chosen == nil || in.Chosen(e.Address, e.Labels))
}

type drifting struct {
	*maker
	drift *Drift
	cards map[string]*Found // by their tokens' fingerprints
}

func (d *drifting) unjudged(a spec.Address, why string) {
	d.drift.Unjudged = append(d.drift.Unjudged, Unjudged{a, why})
}

// judge compares one resource that the lockfile knows.
func (d *drifting) judge(e *lockfile.Entry) {
	if d.isHistory(e) {
		return
	}
	r := d.world.Desired[e.Address]
	x := &Drifted{Address: e.Address, Desired: r, Known: e}
	if r != nil {
		d.endTakenOut(r, e)
	}
	if field, other := d.selectsAnother(r, e); other {
		x.Fields = []DriftedField{field}
		d.add(x)
		return
	}
	found, why := d.find(r, e)
	if why != "" {
		d.unjudged(e.Address, why)
		return
	}
	if found == nil {
		x.Where, x.Fields = Gone, d.gone(r, e)
		d.drift.Compared++
		d.drift.Drifted = append(d.drift.Drifted, x)
		return
	}
	x.Found = found
	if e.ID != 0 && found.ID != e.ID {
		x.Fields = append(x.Fields, DriftedField{Name: "id", Where: There, Lockfile: idText(e.ID), Live: idText(found.ID)})
	}
	behind := false
	for i := range e.Address.Kind.Def().Fields {
		field, lags := d.field(&e.Address.Kind.Def().Fields[i], r, e, found)
		if behind = behind || lags; field.Where != "" {
			x.Fields = append(x.Fields, field)
		}
	}
	if len(x.Fields) == 0 && behind {
		d.drift.Behind = append(d.drift.Behind, x)
	}
	d.add(x)
}

func idText(id int64) Text { return shown(nil, []string{strconv.FormatInt(id, 10)}) }

// add takes a resource in, as the union of what its fields are.
func (d *drifting) add(x *Drifted) {
	d.drift.Compared++
	for _, f := range x.Fields {
		switch {
		case x.Where == "":
			x.Where = f.Where
		case x.Where != f.Where:
			x.Where = Both
		}
	}
	if x.Where != "" {
		d.drift.Drifted = append(d.drift.Drifted, x)
	}
}

// endTakenOut repeats what a plan says of an endDate that is not managed any more: nobody can tell what is meant.
func (d *drifting) endTakenOut(r *spec.Resource, e *lockfile.Entry) {
	for _, l := range e.Fields.All() {
		if l.Field.Type == spec.EndDate && r.Value(l.Field.Name) == nil {
			c := &comparison{world: d.world, r: r, known: e}
			c.noLongerManaged(l.Field)
			d.drift.Diagnostics = append(d.drift.Diagnostics, c.notes...)
		}
	}
}

// selectsAnother reports whether the manifest names another thing at Moka than the lockfile knows. That waits to be applied; the fields are those of two things and are not compared.
func (d *drifting) selectsAnother(r *spec.Resource, e *lockfile.Entry) (DriftedField, bool) {
	if r == nil {
		return DriftedField{}, false
	}
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Change != spec.Selecting {
			continue
		}
		out := DriftedField{Name: v.Field.Name, Field: v.Field, Where: Here, Manifest: desiredText(v)}
		if v.Field.Type == spec.MokaID {
			if text, state := d.world.Texts(v); state == Settled && e.ID != 0 && text[0] != strconv.FormatInt(e.ID, 10) {
				out.Lockfile, out.Live = idText(e.ID), idText(e.ID)
				return out, true
			}
			continue
		}
		have, managed := lockfile.Find(e.Fields, v.Field.Name)
		if locked, state := d.world.Lock(v, e.Code); managed && state == Settled && !have.Equal(locked) {
			out.Lockfile, out.Live = sealed(v.Field), sealed(v.Field)
			return out, true
		}
	}
	return DriftedField{}, false
}

// find gives what is at Moka of what the lockfile knows: by Moka's number, else by the code. Two sales under the code are an error.
func (d *drifting) find(r *spec.Resource, e *lockfile.Entry) (*Found, string) {
	switch e.Address.Kind {
	case spec.Card:
		found := d.card(e)
		if found == nil && r != nil && r.Value("token").FromSource() {
			return nil, "its token is not at hand here, and it is not among the cards of its customer: set the variable or file that holds the token"
		}
		return found, ""
	case spec.Schedule:
		return d.Live.Schedules[e.ID], ""
	case spec.PaymentStep:
		return d.Live.stepNumbered(e.ID), ""
	}
	if same := d.Live.Sales[e.Code]; e.Address.Kind == spec.Sale && len(same) > 1 {
		finding := spec.Diagnostic{Severity: spec.Error, Address: e.Address.String(), Message: TwoSales(e.Code, same)}
		if r != nil {
			finding = diagnose(spec.Error, r, r.Value("saleCode"), finding.Message)
		}
		d.drift.Diagnostics = append(d.drift.Diagnostics, finding)
		return nil, finding.Message
	}
	if found := d.Live.numbered(e); found != nil {
		return found, ""
	}
	switch e.Address.Kind {
	case spec.Customer:
		return d.Live.Customers[e.Code], ""
	case spec.Product:
		return d.Live.Products[e.Code], ""
	}
	if same := d.Live.Sales[e.Code]; len(same) == 1 {
		return same[0], ""
	}
	return nil, ""
}

// card finds a card by its token's fingerprint among those that were read.
func (d *drifting) card(e *lockfile.Entry) *Found {
	if d.cards == nil {
		d.cards = make(map[string]*Found, len(d.Live.Cards))
		for token, found := range d.Live.Cards {
			d.cards[d.Known.Keys().Token(token)] = found
		}
	}
	return d.cards[e.Text("token")]
}

// gone lists what is managed of a thing that Moka does not have.
func (d *drifting) gone(r *spec.Resource, e *lockfile.Entry) []DriftedField {
	var out []DriftedField
	for i := range e.Address.Kind.Def().Fields {
		f := &e.Address.Kind.Def().Fields[i]
		if f.Type == spec.Password || f.Type == spec.MokaID {
			continue
		}
		s := d.sides(f, r, e)
		if s.value != nil || s.kept.Field != nil && (r == nil || s.managed) {
			out = append(out, d.drifted(f, s, Gone, Text{}))
		}
	}
	return out
}

// sides are what manifest and lockfile say of a field.
type sides struct {
	value *spec.Value     // nil where the manifest leaves it out, or there is none
	kept  lockfile.Locked // without a Field where the lockfile has nothing
	// managed: its drift counts.
	managed bool
}

func (d *drifting) sides(f *spec.Field, r *spec.Resource, e *lockfile.Entry) sides {
	var s sides
	if r != nil {
		s.value = r.Value(f.Name)
	}
	if f.Type == spec.Code {
		s.kept, s.managed = lockfile.Locked{Field: f, Text: e.Code}, true
		return s
	}
	s.kept, s.managed = lockfile.Find(e.Fields, f.Name)
	if r == nil {
		return s
	}
	if s.managed = s.value != nil; s.managed && s.kept.Field == nil {
		s.kept, _ = lockfile.Find(e.Defaults, f.Name) // managed from now on: what was sent at its creation is known
	}
	return s
}

// field compares one field. behind tells that manifest and Moka say the same and the lockfile does not.
func (d *drifting) field(f *spec.Field, r *spec.Resource, e *lockfile.Entry, found *Found) (out DriftedField, behind bool) {
	if f.Type == spec.Password || f.Type == spec.Token || f.Type == spec.MokaID {
		return out, false
	}
	s := d.sides(f, r, e)
	if !s.managed {
		return out, false
	}
	manifestKept, manifestLive := d.manifest(s, e, found)
	keptLive := s.kept.Field != nil && (d.Known.Keys().Lock(f, e.Code, found.Texts(f)).Equal(s.kept) || d.same(f, found, s.kept.Texts()))
	switch {
	case manifestLive:
		return out, !manifestKept
	case manifestKept && keptLive:
		return out, false // the manifest's own value is not at hand, or there is none
	case manifestKept:
		return d.drifted(f, s, There, d.liveSide(f, found)), false
	case keptLive, s.kept.Field == nil:
		return d.drifted(f, s, Here, d.liveSide(f, found)), false
	}
	return d.drifted(f, s, Both, d.liveSide(f, found)), false
}

// manifest reports whether the manifest says what the lockfile keeps, and whether it says what is at Moka. Where it says nothing of itself it says what the lockfile keeps.
func (d *drifting) manifest(s sides, e *lockfile.Entry, found *Found) (likeKept, likeLive bool) {
	if s.value == nil {
		return true, false
	}
	f := s.value.Field
	if f.Type == spec.Code {
		return s.value.Text == e.Code, s.value.Text == found.Code
	}
	locked, state := d.world.Lock(s.value, e.Code)
	if state == Unread {
		return true, false
	}
	texts, _ := d.world.Texts(s.value)
	likeLive = state == Settled && d.same(f, found, texts)
	likeKept = state == Settled && s.kept.Field != nil && (s.kept.Equal(locked) || !f.IsList() && d.world.sameThing(f, s.kept.Text, locked.Text))
	return likeKept, likeLive
}

// same reports whether Moka has these texts in a field. Something that is referred to is the same under another code too, if it has the number that the lockfile knows it by.
func (d *drifting) same(f *spec.Field, found *Found, texts []string) bool {
	if found.Kind == spec.Card && f.IsReference() && found.OwnedBy(texts[0]) || found.Equal(f, texts) {
		return true
	}
	if f.Type != spec.Reference || found.number(f.Target) == "" {
		return false
	}
	a, here := d.world.numbered(f.Target, found.number(f.Target))
	return here && (d.Known.Get(a) != nil && d.Known.Get(a).Code == texts[0] || d.world.CodeOf(a) == texts[0])
}

func (d *drifting) drifted(f *spec.Field, s sides, where Where, live Text) DriftedField {
	out := DriftedField{Name: f.Name, Field: f, Where: where, Live: live}
	if s.value != nil {
		out.Manifest = desiredText(s.value)
	}
	if s.kept.Field != nil {
		out.Lockfile = d.world.KeptText(s.kept)
	}
	return out
}

// liveSide shows what is at Moka, in a manifest's words; absent where Moka has nothing.
func (d *drifting) liveSide(f *spec.Field, found *Found) Text {
	if texts := found.Texts(f); !f.IsList() && isNone(f, texts[0]) && !f.Clearable {
		return Text{}
	}
	if found.Kind == spec.Card && f.IsReference() {
		return shown(f, []string{d.world.manifestName(f, found.Owner)})
	}
	return d.world.LiveText(f, found)
}

// isNone reports whether Moka has nothing in a field: "", or the 0 of an enumeration that is not set (moka-api 1.7).
func isNone(f *spec.Field, text string) bool { return text == "" || f.Type == spec.Enum && text == "0" }

// Count is the number of resources that changed on a side.
func (d *Drift) Count(where Where) int {
	n := 0
	for _, x := range d.Drifted {
		if x.Where == where {
			n++
		}
	}
	return n
}

// Get finds what drifted at an address, or what the lockfile lags behind with; nil for neither.
func (d *Drift) Get(a spec.Address) *Drifted {
	for _, list := range [][]*Drifted{d.Drifted, d.Behind} {
		for _, x := range list {
			if x.Address == a {
				return x
			}
		}
	}
	return nil
}

// WayBack says why Moka cannot be made to say again what the manifest says, "" if it can.
func (x *Drifted) WayBack() string {
	if x.Desired == nil || x.Where == Gone {
		return ""
	}
	var fields []FieldChange
	for _, f := range x.Fields {
		if f.Field == nil {
			return fmt.Sprintf("it was made anew there: accept it, or `mokasync state rm %s`", x.Address)
		}
		if f.Where != Here {
			fields = append(fields, FieldChange{Field: f.Field})
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return whyBlocked(x.Desired, fields)
}
