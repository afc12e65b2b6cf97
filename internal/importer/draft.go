package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// draft is a thing on its way into a manifest.
type draft struct {
	*thing
	name string
	// accepted are the rules that the manifest is excused from, in order.
	accepted []string
	// dropped are the fields that the manifest cannot hold.
	dropped []dropped
	// numbered are the references that are given by Moka's number, as the code cannot stand in a manifest.
	numbered map[*spec.Field]bool
	// out says why there is no manifest of it, "" if there is one.
	out string
}

// dropped is a field that is not managed, since a manifest cannot say what Moka has.
type dropped struct {
	field *spec.Field
	why   string
}

// drafts are all that is chosen.
type drafts struct {
	index     *index
	list      []*draft // by kind, and by Moka's number
	of        map[*thing]*draft
	byAddress map[spec.Address]*draft
}

func (d *draft) address() spec.Address { return spec.Address{Kind: d.Kind, Name: d.name} }

// newDrafts names what is chosen, and leaves out what no code tells apart.
func newDrafts(a account, x *index, chosen map[*thing]bool) *drafts {
	ds := &drafts{index: x, of: make(map[*thing]*draft, len(chosen)), byAddress: make(map[spec.Address]*draft, len(chosen))}
	for _, kind := range spec.Kinds() {
		things := slices.Clone(a[kind])
		if kind != spec.Card { // cards have no number: they stay in Moka's order, customer by customer
			slices.SortStableFunc(things, func(a, b *thing) int { return cmp.Compare(a.ID, b.ID) })
		}
		var part []*draft
		for _, t := range things {
			if chosen[t] {
				d := &draft{thing: t, out: unknowable(t, x)}
				if kind == spec.Sale && t.Texts(saleEnd)[0] == spec.Never {
					d.accepted = []string{openEnd} // the one rule that many break is known without a reading
				}
				part = append(part, d)
				ds.of[t] = d
			}
		}
		ds.name(kind, part)
		ds.list = append(ds.list, part...)
	}
	for _, d := range ds.list {
		if d.name == "" {
			continue
		}
		ds.byAddress[d.address()] = d
		if d.size() > large {
			ds.judgeAlone(d) // in a file nobody could tell whose it is
		}
	}
	return ds
}

// openEnd is the rule on sales without an end.
const openEnd = "open-end"

// large is from how many bytes on a thing may be too long for any manifest.
const large = 64 << 10

func (d *draft) size() int {
	n := 0
	for i := range d.Kind.Def().Fields {
		for _, text := range d.Texts(&d.Kind.Def().Fields[i]) {
			n += len(text)
		}
	}
	return n
}

// unknowable says why a thing cannot be managed by its code, "" if it can or needs none.
func unknowable(t *thing, x *index) string {
	field := t.Kind.Def().CodeField()
	if field == nil {
		return ""
	}
	same := x.byCode[t.Kind][t.Code]
	switch {
	case t.Code == "":
		return "it has no " + field.Name + ", and mokasync knows a " + t.Kind.Prefix() + " by that: give it one in Moka's panel"
	case len(same) > 1 && t.Kind == spec.Sale:
		found := make([]*plan.Found, len(same))
		for i, other := range same {
			found[i] = other.Found
		}
		return plan.TwoSales(short(t.Code), found)
	case len(same) > 1:
		return fmt.Sprintf("Moka has %d %s with this code, or with the same letters in another Unicode form, and they cannot be told apart", len(same), words[t.Kind])
	case t.recoded:
		return "its " + field.Name + " is not in composed Unicode form (NFC), in which mokasync would send it"
	}
	return ""
}

// name gives each draft of a kind its metadata.name. What is left out has none.
func (ds *drafts) name(kind spec.Kind, part []*draft) {
	n := newNamer()
	if kind.Def().CodeField() != nil { // who can be called by the code itself comes first
		for _, d := range part {
			if d.out == "" && n.claim(d.Code) {
				d.name = d.Code
			}
		}
	}
	for _, d := range part {
		if d.out == "" && d.name == "" {
			base, tail := ds.base(d)
			d.name = n.name(base, tail, kind.Prefix()+"-"+strconv.FormatInt(d.ID, 10))
		}
	}
}

// base is what a draft is called after: its code; a schedule its name, a card its customer and bank, since what people call a card may be personal; a step its sale and day.
func (ds *drafts) base(d *draft) (base, tail string) {
	switch d.Kind {
	case spec.Schedule:
		return strings.ToLower(slug(d.Texts(spec.Schedule.Def().Field("scheduleName"))[0])), ""
	case spec.Card:
		bank := "-" + cut(cmp.Or(strings.ToLower(slug(d.bank)), "card"), 30)
		return cut(ds.partyName(d, cardCustomer), maxName-len(bank)) + bank, ""
	case spec.PaymentStep:
		return ds.partyName(d, stepSale), "-" + cmp.Or(cut(slug(d.Texts(stepDate)[0]), 30), "undated")
	}
	return slug(d.Code), ""
}

// partyName is what the thing that d belongs to is called, here or by its code or number.
func (ds *drafts) partyName(d *draft, field *spec.Field) string {
	code := d.Texts(field)[0]
	if t := ds.index.party(d.thing, field, code); t != nil {
		if of := ds.of[t]; of != nil && of.name != "" {
			return of.name
		}
	}
	if base := slug(code); base != "" && !spec.HoldsCardNumber(base) {
		return base
	}
	return field.Target.Prefix() + "-" + strconv.FormatInt(d.number(field.Target), 10)
}

// manifest makes the manifest.
func (ds *drafts) manifest(d *draft) *edit.Manifest {
	m := &edit.Manifest{Kind: d.Kind, Name: d.name, Comment: d.comment()}
	if len(d.accepted) > 0 {
		m.Annotations = map[string]string{spec.AnnotationAccept: strings.Join(d.accepted, ",")}
	}
	for i := range d.Kind.Def().Fields {
		field := &d.Kind.Def().Fields[i]
		if v, ok := ds.value(d, field); ok && !d.drops(field) {
			m.Fields = append(m.Fields, edit.Line{Value: v})
		}
	}
	return m
}

func (d *draft) drops(field *spec.Field) bool {
	return slices.ContainsFunc(d.dropped, func(x dropped) bool { return x.field == field })
}

// value gives a field's value as a manifest is to say it; false for one that Moka has nothing in.
func (ds *drafts) value(d *draft, field *spec.Field) (spec.Value, bool) {
	texts := d.Texts(field)
	text := ""
	if len(texts) > 0 {
		text = texts[0]
	}
	v := spec.Value{Field: field, Text: text}
	switch field.Type {
	case spec.Password: // a password is never read back
		return v, false
	case spec.Code:
		return v, true // also where it is the name: a renamed resource keeps it, whatever becomes of the lockfile
	case spec.MokaID: // named by its number a schedule is found again, whatever it is called and whatever becomes of the lockfile
		v.Text = strconv.FormatInt(d.ID, 10)
		return v, d.ID != 0
	case spec.Reference:
		return ds.refer(d, field, text), text != "" || d.number(field.Target) != 0
	case spec.Days, spec.Weekdays, spec.References:
		items := make([]spec.Value, len(texts))
		for i, t := range texts {
			items[i] = spec.Value{Field: field, Text: t}
			if field.Type == spec.References {
				items[i] = ds.refer(d, field, t)
			}
		}
		return spec.ListOf(field, items...), len(texts) > 0
	}
	return v, !isNone(d.Kind, field, text)
}

// isNone reports whether Moka has nothing in a field: "", or 0 where that stands for nothing (moka-api 1.7, 2.28).
func isNone(kind spec.Kind, field *spec.Field, text string) bool {
	zero := field.Type == spec.Enum || field.Name == "customerTypeId" || kind == spec.PaymentStep && field.Name == "installmentNumber"
	return text == "" || zero && text == "0"
}

// refer names what a reference stands for: by its name where it is imported, else by its code, or by Moka's number where the code cannot stand in a manifest or is not its own any more.
func (ds *drafts) refer(d *draft, field *spec.Field, text string) spec.Value {
	v := spec.Keyed(field, field.Elsewhere[0], text)
	target := ds.index.party(d.thing, field, text)
	if target != nil {
		if of := ds.of[target]; of != nil && of.out == "" && (target.Code == "" || target.Code == text) {
			return spec.Value{Field: field, Text: of.name}
		}
	}
	if number := d.number(field.Target); number != 0 && (d.numbered[field] || text == "" || ds.isAnothers(field, text, target)) {
		return spec.Keyed(field, field.Elsewhere[1], strconv.FormatInt(number, 10))
	}
	return v
}

// isAnothers reports whether a code does not tell what is meant: something else has it, or several have.
func (ds *drafts) isAnothers(field *spec.Field, code string, target *thing) bool {
	same := ds.index.byCode[field.Target][code]
	return len(same) > 1 || len(same) == 1 && (same[0] != target || target.recoded)
}

// comment tells what mokasync's rules say of what Moka has.
func (d *draft) comment() string {
	var lines []string
	for _, name := range d.accepted {
		lines = append(lines, "Accepted, as Moka has it so: rule "+name+". "+meaning(name))
	}
	for _, x := range d.dropped {
		has := "(secret)"
		if x.field.Target != spec.Card {
			has = seen(strings.Join(d.Texts(x.field), ","))
		}
		lines = append(lines, "Not managed: "+x.field.Name+", at Moka "+has+": "+x.why)
	}
	return strings.Join(lines, "\n")
}

// leftOut tells in a file's comment, or in the output, what has no manifest. Codes are no personal data.
func (d *draft) leftOut() LeftOut {
	l := LeftOut{Kind: d.Kind.Prefix(), ID: d.ID, Reason: d.out}
	if d.Code != "" {
		l.Code = short(d.Code)
	}
	return l
}

// LeftOut is a thing at Moka of which there is no manifest.
type LeftOut struct {
	Kind string `json:"kind"` // as an address says it
	// Code, cut short, and masked where it looks like a card number; "" for none.
	Code string `json:"code"`
	// ID is Moka's number, 0 for a card.
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
}

// String is one line.
func (l LeftOut) String() string {
	text := l.Kind
	if l.Code != "" {
		text += " " + seen(l.Code)
	}
	if l.ID != 0 {
		text += fmt.Sprintf(" (id %d)", l.ID)
	}
	return text + ": " + l.Reason
}

// longest is how much of a text a comment repeats, in characters.
const longest = 200

// masked stands for a text that looks like a card number.
const masked = "(looks like a card number)"

// short gives a text as it may stand in a comment: cut short, and masked where it looks like a card number.
func short(text string) string {
	if spec.HoldsCardNumber(text) {
		return masked
	}
	if runes := []rune(text); len(runes) > longest {
		return fmt.Sprintf("%s… (%d characters)", string(runes[:longest]), len(runes))
	}
	return text
}

// seen gives a text as short does, in quotes.
func seen(text string) string {
	if text = short(text); text == masked {
		return text
	}
	return strconv.Quote(text)
}

// meaning is the first sentence on a rule.
func meaning(rule string) string {
	for _, r := range spec.Rules() {
		if r.Name == rule {
			first, _, _ := strings.Cut(r.Meaning, ". ")
			return strings.TrimSuffix(first, ".") + "."
		}
	}
	return ""
}
