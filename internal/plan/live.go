package plan

import (
	"slices"
	"strconv"
	"sync"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Found is a thing as it is at Moka: its fields' canonical texts, references as the codes, numbers and tokens that Moka gives.
// It holds personal data and tokens, in memory only.
type Found struct {
	Kind spec.Kind
	ID   int64
	Code string
	// Owner is the customer's code where Moka names it beside the thing (Card); "" if it does not.
	Owner string
	// Status is a payment step's PlanStatus, "0" to "3"; ByMoka says that Moka made the step itself, by the sale's schedule (moka-api 2.28).
	Status string
	ByMoka bool

	one     []string     // the text of each field that is no list, by the field's row in its kind's table
	lists   []listTexts  // the others
	parties []partyTexts // the customer and the product it names, by the numbers that Moka gives beside their codes
}

// There is a Found for everything that is at Moka: these small slices are a third of what maps would be.
type (
	listTexts struct {
		row   int
		texts []string
	}
	partyTexts struct {
		kind   spec.Kind
		number string
	}
)

// number is Moka's number of the thing of a kind that this one names, "" if it was not given.
func (f *Found) number(kind spec.Kind) string {
	for _, p := range f.parties {
		if p.kind == kind {
			return p.number
		}
	}
	return ""
}

// FoundOf reads a thing out of Moka's members: get gives a member's text, "" for an absent one (moka-api 2.1, 2.11, 2.14, 2.15, 2.20).
func FoundOf(kind spec.Kind, get func(member string) string) *Found {
	def := kind.Def()
	f := &Found{Kind: kind, one: make([]string, len(def.Fields))}
	if def.IDMember != "" {
		f.ID, _ = strconv.ParseInt(get(def.IDMember), 10, 64)
	}
	for i := range def.Fields {
		field := &def.Fields[i]
		wire := get(field.Wire)
		switch field.Type {
		case spec.Code:
			f.Code = field.FromWire(wire)
			f.one[i] = f.Code
		case spec.References:
			tokens := []string{}
			for _, member := range spec.CardWires {
				if token := get(member); token != "" {
					tokens = append(tokens, spec.CanonicalToken(token))
				}
			}
			f.lists = append(f.lists, listTexts{i, tokens})
		case spec.Reference:
			if id := field.Target.Def().IDMember; id != field.Wire && get(id) != "" && get(id) != "0" {
				f.parties = append(f.parties, partyTexts{field.Target, get(id)})
			}
			if field.Target == spec.Schedule && wire == "0" {
				wire = ""
			}
			f.one[i] = wire
		case spec.Days, spec.Weekdays:
			f.lists = append(f.lists, listTexts{i, field.SplitWire(wire)})
		case spec.Integer:
			if wire == "" {
				wire = "0" // Moka answers either for a number that is not set
			}
			if wire == "0" && field.Wire == "InstallmentNumber" {
				wire = "1" // either is a single charge (moka-api 2.28)
			}
			f.one[i] = field.FromWire(wire)
		default:
			f.one[i] = field.FromWire(wire)
		}
	}
	if kind == spec.PaymentStep {
		f.Status = get("PlanStatus")
		manual, err := strconv.ParseBool(get("IsManualPlan"))
		f.ByMoka = err == nil && !manual // only an old copy of the page has the member
	}
	return f
}

// Day is the day on which a payment step is due, YYYY-MM-DD.
func (f *Found) Day() string { return f.one[paymentDate.Index()] }

var paymentDate = spec.PaymentStep.Def().Field("paymentDate")

// Texts gives a field's canonical texts, which nobody changes.
func (f *Found) Texts(field *spec.Field) []string {
	i := field.Index()
	for _, l := range f.lists {
		if l.row == i {
			return l.texts
		}
	}
	return f.one[i : i+1 : i+1]
}

// Equal reports whether a field has these canonical texts. Of a customer or product named by Moka's number, the number is compared.
func (f *Found) Equal(field *spec.Field, texts []string) bool {
	if slices.Equal(f.Texts(field), texts) {
		return true
	}
	return field.Type == spec.Reference && f.number(field.Target) != "" && texts[0] == numberPrefix+f.number(field.Target)
}

// OwnedBy reports whether a card may be the customer's whom customer names, as a lockfile keeps it: by code, or by Moka's number. Where Moka names no owner it may.
func (f *Found) OwnedBy(customer string) bool {
	if number, ok := ByNumber(customer); ok {
		return f.number(spec.Customer) == "" || f.number(spec.Customer) == number
	}
	return f.Owner == "" || f.Owner == customer
}

// Mismatches are the kept fields that Moka has otherwise. What Moka does not tell (passwords, whether a card is its token's) is not compared.
func (f *Found) Mismatches(kept []lockfile.Locked, code string, keys *lockfile.Keyring) []*spec.Field {
	var out []*spec.Field
	for _, l := range kept {
		field := l.Field
		switch {
		case field.Type == spec.Password, field.Type == spec.Token, keys.Blind() && lockfile.Sealed(field):
		case f.Kind == spec.Card && field.IsReference():
			if !f.OwnedBy(l.Text) {
				out = append(out, field)
			}
		case !keys.Lock(field, code, f.Texts(field)).Equal(l) && !f.Equal(field, l.Texts()):
			out = append(out, field)
		}
	}
	return out
}

// Live is what was seen at Moka, by the keys that Moka knows things by.
type Live struct {
	Customers map[string]*Found
	Products  map[string]*Found
	Schedules map[int64]*Found
	Sales     map[string][]*Found // more than one under a code is a finding
	Cards     map[string]*Found   // by canonical token; those of the manifests only
	// Steps are the payment steps that were made by hand, by day (YYYY-MM-DD), on the days that manifests and lockfile name.
	Steps map[string][]*Found

	once    sync.Once // the two are made when one is first asked for
	numbers map[number]*Found
	byName  map[string]*Found // products
}

// named gives the product that has the name which r wants, under whatever code; nil if none has.
func (l *Live) named(r *spec.Resource) *Found {
	l.index()
	return l.byName[r.Text("productName")]
}

var productName = spec.Product.Def().Field("productName")

// NameTaken says that a product has a name that another wants (moka-api 2.12).
func NameTaken(f *Found) string {
	return "Moka has a product of this name already, under the code " + strconv.Quote(f.Code) + " (id " + strconv.FormatInt(f.ID, 10) + "), and takes each name once: choose another name, or write `productCode: " + f.Code + "` to take that one over"
}

// numbered gives what is there under Moka's number of something that the lockfile knows by a code, nil if nothing is.
func (l *Live) numbered(e *lockfile.Entry) *Found {
	if e.ID == 0 || e.Code == "" {
		return nil
	}
	l.index()
	return l.numbers[number{e.Address.Kind, e.ID}]
}

func (l *Live) index() {
	l.once.Do(func() {
		l.numbers, l.byName = map[number]*Found{}, map[string]*Found{}
		for _, f := range l.Customers {
			l.numbers[number{f.Kind, f.ID}] = f
		}
		for _, f := range l.Products {
			l.numbers[number{f.Kind, f.ID}], l.byName[f.Texts(productName)[0]] = f, f
		}
		for _, several := range []map[string][]*Found{l.Sales, l.Steps} {
			for _, same := range several {
				for _, f := range same {
					l.numbers[number{f.Kind, f.ID}] = f
				}
			}
		}
	})
}

// number is Moka's number of a thing of a kind.
type number struct {
	kind spec.Kind
	id   int64
}

// find gives what is there for r, known under entry or not known. The second value says why it cannot be told, "" if it can.
func (l *Live) find(w *World, r *spec.Resource, entry *lockfile.Entry) (*Found, string) {
	code := w.CodeOf(r.Address)
	if entry != nil {
		code = entry.Code // what is there has the code that it was made with
	}
	switch r.Address.Kind {
	case spec.Customer:
		return l.Customers[code], ""
	case spec.Product:
		return l.Products[code], ""
	case spec.Sale:
		if n := len(l.Sales[code]); n > 1 {
			return nil, TwoSales(code, l.Sales[code])
		} else if n == 1 {
			return l.Sales[code][0], ""
		}
		return nil, ""
	case spec.Card:
		if token := r.Value("token"); !token.FromSource() {
			return l.Cards[token.Text], ""
		}
		return nil, "its token is not at hand here: set the variable or file that holds it"
	case spec.PaymentStep:
		return l.step(w, r, entry)
	default:
		return l.schedule(r, entry)
	}
}

// step finds a payment step by Moka's number if that is known, else by its sale and day.
func (l *Live) step(w *World, r *spec.Resource, entry *lockfile.Entry) (*Found, string) {
	if entry != nil && entry.ID != 0 {
		return l.stepNumbered(entry.ID), ""
	}
	sale, _ := w.Texts(r.Value("sale"))
	var same []*Found
	for _, f := range l.Steps[r.Text("paymentDate")] {
		if f.Equal(saleOfStep, sale) {
			same = append(same, f)
		}
	}
	switch len(same) {
	case 0:
		return nil, ""
	case 1:
		return same[0], ""
	}
	return nil, TwoSteps(same)
}

func (l *Live) stepNumbered(id int64) *Found {
	l.index()
	return l.numbers[number{spec.PaymentStep, id}]
}

var saleOfStep = spec.PaymentStep.Def().Field("sale")

// TwoSteps says that Moka has two payment steps of one sale on one day.
func TwoSteps(found []*Found) string {
	return "Moka has " + strconv.Itoa(len(found)) + " payment steps of one sale on " + found[0].Day() + " (" + idsOf(found) + "): the customer may be charged more than once. Find out which one is right and delete the others in Moka's panel"
}

func (l *Live) schedule(r *spec.Resource, entry *lockfile.Entry) (*Found, string) {
	if id := r.Value("id"); id != nil {
		if id.FromSource() {
			return nil, "its id is not at hand here: set the variable or file that holds it"
		}
		return l.Schedules[newID(r)], ""
	}
	if entry != nil {
		return l.Schedules[entry.ID], ""
	}
	return AdoptableSchedule(r, l.schedulesNamed(ScheduleName(r)))
}

// number gives Moka's number of a schedule that is found under its name, 0 if none is.
func (l *Live) number(r *spec.Resource) int64 {
	if found, _ := AdoptableSchedule(r, l.schedulesNamed(ScheduleName(r))); found != nil {
		return found.ID
	}
	return 0
}

func (l *Live) schedulesNamed(name string) []*Found {
	var same []*Found
	for _, f := range l.Schedules {
		if f.Texts(scheduleName)[0] == name {
			same = append(same, f)
		}
	}
	return same
}

var scheduleName = spec.Schedule.Def().Field("scheduleName")

// ScheduleName is the name under which a schedule is created.
func ScheduleName(r *spec.Resource) string {
	if v := r.Value("scheduleName"); v != nil {
		return v.Text
	}
	return r.Address.Name
}

// AdoptableSchedule chooses among the schedules that have the name of r: Moka gives them no key of ours (moka-api 2.15), so only a single one
// with equal content is taken over. The text says why none is, "" if one is or none is there.
func AdoptableSchedule(r *spec.Resource, same []*Found) (*Found, string) {
	switch {
	case len(same) == 0:
		return nil, ""
	case len(same) > 1:
		slices.SortFunc(same, func(a, b *Found) int { return int(a.ID - b.ID) })
		return nil, "Moka has " + strconv.Itoa(len(same)) + " schedules named " + strconv.Quote(ScheduleName(r)) + " (" + idsOf(same) + "): say which one with `id`, or use another scheduleName"
	}
	for i := range r.Values {
		if v := &r.Values[i]; Kept(v.Field) && !same[0].Equal(v.Field, plainTexts(v)) {
			return nil, "Moka has a schedule named " + strconv.Quote(ScheduleName(r)) + " (" + idsOf(same) + ") with another " + v.Field.Name + ": take it over with `id`, or use another scheduleName"
		}
	}
	return same[0], ""
}

func plainTexts(v *spec.Value) []string {
	if !v.Field.IsList() {
		return []string{v.Text}
	}
	var out []string
	for _, item := range v.Items() {
		out = append(out, item.Text)
	}
	return out
}

// TwoSales says that Moka has a code twice.
func TwoSales(code string, found []*Found) string {
	return "Moka has " + strconv.Itoa(len(found)) + " sales with the code " + strconv.Quote(code) + " (" + idsOf(found) + "): the customer may be charged more than once. Find out which one is right and delete the others in Moka's panel"
}

func idsOf(found []*Found) string {
	text := ""
	for i, f := range found {
		if i > 0 {
			text += ", "
		}
		text += "id " + strconv.FormatInt(f.ID, 10)
	}
	return text
}

// Differences are the managed fields of r that are otherwise at Moka. A password cannot be compared: only its version is known.
func (w *World) Differences(r *spec.Resource, found *Found) []FieldChange {
	var out []FieldChange
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Type == spec.Password || v.Field.Type == spec.Token || v.Field.Type == spec.MokaID {
			continue
		}
		texts, state := w.Texts(v)
		if state == Unread || state == Settled && found.Equal(v.Field, texts) {
			continue
		}
		if r.Address.Kind == spec.Card && v.Field.IsReference() {
			if found.OwnedBy(texts[0]) {
				continue
			}
			out = append(out, FieldChange{Field: v.Field, From: shown(v.Field, []string{w.manifestName(v.Field, found.Owner)}), To: desiredText(v)})
			continue
		}
		out = append(out, FieldChange{Field: v.Field, From: w.liveText(v.Field, found), To: desiredText(v)})
	}
	return out
}

func (w *World) liveText(f *spec.Field, found *Found) Text {
	texts := found.Texts(f)
	if !f.IsReference() {
		if len(texts) == 1 && texts[0] == "" && !f.Clearable {
			return Text{}
		}
		return shown(f, texts)
	}
	var names []string
	for _, t := range texts {
		if t == "" {
			return Text{}
		}
		if f.Target == spec.Card {
			t = w.Known.Keys().Token(t)
		}
		names = append(names, w.manifestName(f, t))
	}
	return shown(f, names)
}
