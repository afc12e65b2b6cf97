package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// World is desired and known side by side. It finds what a manifest's references stand for at Moka. Known may be changed between calls,
// not during one.
type World struct {
	Desired map[spec.Address]*spec.Resource
	Known   *lockfile.Lock

	names names
	// seen are the numbers of schedules that a look has found, before the lockfile knows them.
	seen map[spec.Address]int64
	// anew are schedules that are made once more under another number than the lockfile knows.
	anew map[spec.Address]bool
}

// NewWorld indexes resources.
func NewWorld(resources []*spec.Resource, known *lockfile.Lock) *World {
	w := &World{Desired: make(map[spec.Address]*spec.Resource, len(resources)), Known: known}
	for _, r := range resources {
		w.Desired[r.Address] = r
	}
	return w
}

// Follow gives the World of the same manifests beside another Lock.
func (w *World) Follow(known *lockfile.Lock) *World { return &World{Desired: w.Desired, Known: known} }

// State says whether a value's meaning at Moka is known.
type State uint8

const (
	// Settled: the texts are what Moka gets or has.
	Settled State = iota
	// Later: it refers to something that has no number yet; the number comes with its creation.
	Later
	// Unread: it stands in a variable or a file that is not there.
	Unread
)

// Texts gives a value's canonical texts as Moka knows them: a reference is replaced by the code, the number or the token of what it refers to.
// A customer or product kept elsewhere and named by its number is " #" and the number. A password is its version.
func (w *World) Texts(v *spec.Value) ([]string, State) {
	if !v.Field.IsList() {
		t, s := w.text(v)
		return []string{t}, s
	}
	out := make([]string, len(v.Items()))
	worst := Settled
	for i := range v.Items() {
		t, s := w.text(&v.Items()[i])
		out[i], worst = t, max(worst, s)
	}
	return out, worst
}

func (w *World) text(v *spec.Value) (string, State) {
	switch {
	case v.Field.Type == spec.Password:
		return strconv.Itoa(int(v.Version)), Settled
	case v.FromSource():
		return "", Unread
	case !v.Field.IsReference():
		return v.Text, Settled
	}
	if a, ok := v.Local(); ok {
		return w.key(a)
	}
	if strings.HasPrefix(v.Key(), "dealer") {
		return w.byNumber(v.Field.Target, v.Text), Settled
	}
	return v.Text, Settled
}

// key gives what Moka knows a resource here by.
func (w *World) key(a spec.Address) (string, State) {
	switch r, e := w.Desired[a], w.Known.Get(a); a.Kind {
	case spec.Customer, spec.Product, spec.Sale:
		return codeOf(a.Kind, r, e), Settled
	case spec.Card:
		if r == nil {
			return "", Unread
		}
		token := r.Value("token")
		if token == nil || token.FromSource() {
			return "", Unread
		}
		return token.Text, Settled
	default:
		if r != nil {
			if id := r.Value("id"); id != nil {
				return w.text(id)
			}
		}
		if w.anew[a] {
			return "", Later
		}
		if e != nil && e.ID != 0 {
			return strconv.FormatInt(e.ID, 10), Settled
		}
		if id := w.seen[a]; id != 0 {
			return strconv.FormatInt(id, 10), Settled
		}
		return "", Later
	}
}

// byNumber gives the code of the thing that Moka numbers so, if it is one of ours, else " #" and the number.
func (w *World) byNumber(kind spec.Kind, number string) string {
	if a, ok := w.numbered(kind, number); ok {
		return w.CodeOf(a)
	}
	return numberPrefix + number
}

// numberPrefix marks the kept form of something kept elsewhere that is named by Moka's number. No code can begin with a blank.
const numberPrefix = " #"

// sameThing reports whether two kept texts of a reference stand for the same: one may be Moka's number, the other the code of what has it.
func (w *World) sameThing(f *spec.Field, a, b string) bool {
	return a == b || f.Type == spec.Reference && w.asCode(f, a) == w.asCode(f, b)
}

// asCode gives the code that a reference's kept text stands for, where it is a number of one of ours.
func (w *World) asCode(f *spec.Field, kept string) string {
	if number, ok := ByNumber(kept); ok {
		return w.byNumber(f.Target, number)
	}
	return kept
}

// CodeOf gives the code under which Moka knows, or is to know, a resource. A code that the manifest leaves out stays what it was at creation.
func (w *World) CodeOf(a spec.Address) string {
	return codeOf(a.Kind, w.Desired[a], w.Known.Get(a))
}

func codeOf(kind spec.Kind, r *spec.Resource, e *lockfile.Entry) string {
	if f := kind.Def().CodeField(); f == nil {
		return ""
	} else if r != nil && (e == nil || r.Value(f.Name) != nil) {
		return r.Code
	}
	if e != nil {
		return e.Code
	}
	return ""
}

// manifestName says in a manifest's words what a reference's kept text stands for: a name here, or {customerCode: …}.
func (w *World) manifestName(f *spec.Field, kept string) string {
	if a, ok := w.meant(f.Target, kept); ok {
		return a.Name
	}
	switch number, byNumber := ByNumber(kept); {
	case f.Target == spec.Card:
		return "{token: (secret)}"
	case f.Target == spec.Schedule:
		return "{id: " + kept + "}"
	case byNumber:
		return "{" + f.Elsewhere[1] + ": " + number + "}"
	}
	return "{" + f.Elsewhere[0] + ": " + kept + "}"
}

// Dependencies gives the resources here that r refers to, sorted by address.
func Dependencies(r *spec.Resource) []spec.Address {
	out := r.References()
	slices.SortFunc(out, spec.Address.Compare)
	return out
}

// Entry gives what the lockfile is to keep of r once it is at Moka under this number: its managed fields as they are meant now.
// Fields whose value cannot be read keep what is known of them.
func (w *World) Entry(r *spec.Resource, id int64) *lockfile.Entry {
	known := w.Known.Get(r.Address)
	e := &lockfile.Entry{
		Address: r.Address, ID: id, Code: w.CodeOf(r.Address),
		Labels: r.Labels, Annotations: steering(r.Annotations), DependsOn: Dependencies(r),
	}
	var room [24]lockfile.Locked // more than any kind has
	fields := room[:0]
	for i := range r.Values {
		v := &r.Values[i]
		if !Kept(v.Field) {
			continue
		}
		if l, state := w.Lock(v, e.Code); state == Settled {
			fields = append(fields, l)
		} else if known != nil {
			if l, ok := lockfile.Find(known.Fields, v.Field.Name); ok {
				fields = append(fields, l)
			}
		}
	}
	e.Fields = lockfile.FieldsOf(fields)
	if known != nil && (id == 0 || known.ID == 0 || known.ID == id) { // of another thing nothing of this is so
		e.Defaults = left(r, known)
	}
	return e
}

// left are the values that are known of fields which the manifest leaves to Moka: they were sent with the creation, seen when it was taken over, or managed before.
func left(r *spec.Resource, known *lockfile.Entry) lockfile.Fields {
	var room [24]lockfile.Locked
	out := room[:0]
	for _, l := range known.Defaults.All() {
		if r.Value(l.Field.Name) == nil {
			out = append(out, l)
		}
	}
	for _, l := range known.Fields.All() {
		if l.Field.Default != "" && l.Field.Default != spec.DefaultToday && r.Value(l.Field.Name) == nil { // a sale's date decides nothing about its payments
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b lockfile.Locked) int { return a.Field.Index() - b.Field.Index() })
	return lockfile.FieldsOf(out)
}

// Taken gives what the lockfile is to keep of r as it was found at Moka: as Entry and, of the fields that the manifest leaves to Moka and that have a default, what they are there. What is
// charged rests on them.
func (w *World) Taken(r *spec.Resource, id int64, found *Found) *lockfile.Entry {
	e := w.Entry(r, id)
	if w.Known.Keys().Blind() {
		return e
	}
	var defaults []lockfile.Locked
	def := r.Address.Kind.Def()
	for i := range def.Fields {
		f := &def.Fields[i]
		if f.Default == "" || !Kept(f) || f.IsList() || r.Value(f.Name) != nil {
			continue
		}
		text := found.Texts(f)[0]
		if text == "" && f.Default != spec.DefaultName && f.Default != spec.DefaultToday {
			text = f.Default // Moka shows nothing where nothing was set
		}
		if text != "" {
			defaults = append(defaults, w.Known.Keys().Lock(f, e.Code, []string{text}))
		}
	}
	e.Defaults = lockfile.FieldsOf(defaults)
	return e
}

// Lock gives a value in the form in which the lockfile keeps it. Its state is Unread too where the lockfile's key is missing.
func (w *World) Lock(v *spec.Value, code string) (lockfile.Locked, State) {
	if w.Known.Keys().Blind() && lockfile.Sealed(v.Field) {
		return lockfile.Locked{}, Unread
	}
	texts, state := w.Texts(v)
	if state != Settled {
		return lockfile.Locked{}, state
	}
	return w.Known.Keys().Lock(v.Field, code, texts), Settled
}

// Kept reports whether a field's value is among an entry's fields. Codes and Moka's numbers have places of their own.
func Kept(f *spec.Field) bool { return f.Type != spec.Code && f.Type != spec.MokaID }

// steeringPrefix begins the annotations that mokasync acts on.
const steeringPrefix = "mokasync/"

// steering gives the annotations that mokasync acts on.
func steering(annotations map[string]string) map[string]string {
	var out map[string]string
	for k, v := range annotations {
		if strings.HasPrefix(k, steeringPrefix) {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}

// ByNumber reads the kept form of something kept elsewhere that is named by Moka's number.
func ByNumber(kept string) (number string, ok bool) { return strings.CutPrefix(kept, numberPrefix) }
