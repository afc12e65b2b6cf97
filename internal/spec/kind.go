package spec

// Kind is one of the kinds of resource. The zero Kind is none.
type Kind uint8

// The kinds. What refers to what (an arrow reads "needs"):
//
//	Card ──────▶ Customer
//	Sale ──────▶ Customer, Product, Schedule, Card
//	PaymentStep ▶ Sale
const (
	Customer Kind = iota + 1
	Card
	Product
	Schedule
	Sale
	PaymentStep
)

// Kinds lists all kinds, what is needed before what needs it.
func Kinds() []Kind { return []Kind{Customer, Product, Schedule, Card, Sale, PaymentStep} }

// APIVersion is what a manifest of ours says as apiVersion.
const APIVersion = "mokasync/v1"

// Definition says once what a kind is. Reading, comparing, the lockfile, the wire and rendering walk it.
type Definition struct {
	Kind   Kind
	Name   string // as `kind:` says it, "Customer"
	Prefix string // as an address says it, "customer"
	// IDMember is Moka's name for its own number of such a thing, "DealerCustomerId".
	IDMember string
	// Fields in the order in which they are shown and kept.
	Fields []Field

	byLength [maxName + 1][]uint8 // the rows of Fields by the length of their names
	code     *Field
}

// maxName is the longest name of a field.
const maxName = 24

// Def gives the definition of k; it panics on the zero Kind.
func (k Kind) Def() *Definition { return definitions[k] }

// String gives the name as `kind:` says it.
func (k Kind) String() string {
	if k == 0 {
		return ""
	}
	return definitions[k].Name
}

// Prefix gives the kind as an address says it.
func (k Kind) Prefix() string {
	if k == 0 {
		return ""
	}
	return definitions[k].Prefix
}

// Field finds a field by its manifest name, nil if there is none.
func (d *Definition) Field(name string) *Field {
	if len(name) > maxName {
		return nil
	}
	for _, i := range d.byLength[len(name)] {
		if d.Fields[i].Name == name {
			return &d.Fields[i]
		}
	}
	return nil
}

// CodeField is the field that holds the dealer's own key, nil for a kind that has none (Card, Schedule).
func (d *Definition) CodeField() *Field { return d.code }

// KindOf finds a kind by its name in a manifest.
func KindOf(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if definitions[k].Name == name {
			return k, true
		}
	}
	return 0, false
}

func kindOfPrefix(prefix string) (Kind, bool) {
	for _, k := range Kinds() {
		if definitions[k].Prefix == prefix {
			return k, true
		}
	}
	return 0, false
}

func prefixes() []string {
	var out []string
	for _, k := range Kinds() {
		out = append(out, definitions[k].Prefix)
	}
	return out
}

// Sensitivity says who may see a field's values.
type Sensitivity uint8

// Public values may be shown; personal ones are kept as fingerprints and shown only with --show-personal on a terminal; secret ones never.
const (
	Public Sensitivity = iota
	Personal
	Secret
)

// String gives the word that the plan's JSON uses: "", "personal" or "secret".
func (s Sensitivity) String() string { return [...]string{"", "personal", "secret"}[s] }

// Change says what becomes of a field of a resource that exists at Moka when its manifest changes.
type Change uint8

const (
	// Changeable by a call that exists and is made.
	Changeable Change = iota
	// Fixed: no call changes it; the change is blocked.
	Fixed
	// Selecting: it names the thing at Moka; another value means another thing, which is adopted in its place.
	Selecting
)

// Field is one row of a kind's table.
type Field struct {
	Name        string // in the manifest
	Wire        string // Moka's member; the first of them where there are several (cards)
	Type        Type
	Sensitivity Sensitivity
	Change      Change
	// Required: a manifest without it is refused. What depends on other fields stands in the rules.
	Required bool
	// Clearable: "" is accepted and clears the value at Moka.
	Clearable bool
	// Default is the canonical text that is sent at creation when the field is left out; DefaultName and DefaultToday stand for themselves.
	Default string
	// MaxRunes is the longest text in code points, 0 for no limit.
	MaxRunes int
	// Min and Max bound an integer; Max 0 means the largest that Moka's integers hold.
	Min, Max int64
	// Words of an enumeration; the word at index i is sent as i+1, except for Currency, whose words are sent as they are.
	Words []string
	// Target is what a reference refers to.
	Target Kind
	// Elsewhere are the keys by which a reference names a thing that is kept outside the manifests.
	Elsewhere []string
	// Sources: the value may be given as {fromEnv: …} or {fromFile: …}.
	Sources bool

	kind  Kind
	index int
}

// Defaults that are not texts.
const (
	DefaultName  = "\x00name"  // metadata.name
	DefaultToday = "\x00today" // the day of the apply in Europe/Istanbul
)

// Kind says whose table the field is in.
func (f *Field) Kind() Kind { return f.kind }

// Index is the field's row in its kind's table.
func (f *Field) Index() int { return f.index }

// IsList reports whether the field holds several values.
func (f *Field) IsList() bool { return f.Type == Days || f.Type == Weekdays || f.Type == References }

// IsReference reports whether the field names other resources.
func (f *Field) IsReference() bool { return f.Type == Reference || f.Type == References }
