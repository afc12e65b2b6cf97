package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Digest names a plan: whatever makes the same changes at the same endpoint for the same dealer, and has the same sales charged otherwise than before in the same way, has the same digest,
// on every machine with the same MOKASYNC_KEY ("" for none). What stands
// in variables or files (card tokens, passwords) counts by their names, so that a machine without them comes to the same. 32 hexadecimal digits.
func Digest(p *plan.Plan, key string) string {
	w := newWriter()
	w.texts("plan", FormatVersion, p.Endpoint, p.Dealer)
	for _, from := range sortedMoves(p.Moves) {
		w.texts("move", from.String(), p.Moves[from].String())
	}
	for _, c := range p.Changes {
		if c.Action.Planned() {
			w.change(c)
		}
	}
	readings := false
	for i := range p.Sales {
		if pair := &p.Sales[i]; !pair.Same() {
			w.charged(pair)
			readings = true
		}
	}
	if readings { // on which days that is
		for _, rule := range calendar.Rules() {
			w.texts(rule.Name, p.Reading.Word(rule))
		}
	}
	return keysOf(key).Digest("plan", w.sum())
}

func sortedMoves(moves map[spec.Address]spec.Address) []spec.Address {
	return slices.SortedFunc(maps.Keys(moves), spec.Address.Compare)
}

// writer hashes texts so that no two lists of texts are the same stream.
type writer struct {
	h    hash.Hash
	buf  []byte
	room []string // for the texts of one value
}

func newWriter() *writer { return &writer{h: sha256.New()} }

// texts writes a list of texts, each with its length before it.
func (w *writer) texts(texts ...string) { w.list("", texts) }

// list writes a list of texts with a name before it, "" for none.
func (w *writer) list(name string, texts []string) {
	if name != "" {
		w.text(name)
	}
	for _, t := range texts {
		w.text(t)
	}
	w.buf = append(w.buf, ';')
	if len(w.buf) > 4096 {
		w.flush()
	}
}

func (w *writer) text(t string) {
	w.buf = strconv.AppendInt(w.buf, int64(len(t)), 10)
	w.buf = append(w.buf, ':')
	w.buf = append(w.buf, t...)
}

func (w *writer) flush() {
	w.h.Write(w.buf) // a hash takes everything
	w.buf = w.buf[:0]
}

// sum gives the digest, and begins anew.
func (w *writer) sum() string {
	w.flush()
	sum := hex.EncodeToString(w.h.Sum(nil))
	w.h.Reset()
	return sum
}

func (w *writer) change(c *plan.Change) {
	w.texts("change", c.Address.String(), c.Action.String(), c.Code, strconv.FormatInt(countedID(c), 10), strconv.FormatBool(c.InDoubt), c.ReplacedBy.String())
	for _, a := range c.DependsOn {
		w.texts("needs", a.String())
	}
	for _, f := range c.Fields {
		w.texts("field", f.Field.Name)
		w.room = f.From.AppendMask(w.room[:0])
		w.list(side("from", f.From), w.room)
		w.room = appendNamed(w.room[:0], c, f)
		w.list(side("to", f.To), w.room)
	}
	if c.Desired != nil {
		w.manifest(c.Desired)
	}
}

// side names a value, and whether there is one.
func side(name string, t plan.Text) string {
	if t.Present() {
		return name
	}
	return "no " + name
}

// appendNamed appends a new value as the plan's digest has it: masked, and what the manifest only names by its name, whether it is at hand or not.
func appendNamed(to []string, c *plan.Change, f plan.FieldChange) []string {
	if c.Desired != nil {
		for _, s := range c.Desired.Sources() {
			if s.Field == f.Field.Name && s.Item < 0 && !f.To.Hidden() {
				from, name, _ := strings.Cut(s.From, " ")
				return append(to, "{"+from+": "+name+"}")
			}
		}
	}
	return f.To.AppendMask(to)
}

// countedID is Moka's number of a change's thing as the plan's digest has it: one that only a variable or a file says does not count.
func countedID(c *plan.Change) int64 {
	if idElsewhere(c) {
		return 0
	}
	return c.ID
}

// idElsewhere reports whether Moka's number of what is taken over stands in a variable or a file.
func idElsewhere(c *plan.Change) bool {
	return c.Desired != nil && c.Action == plan.Adopt && c.Desired.Outside("id", -1)
}

// manifest hashes all that a manifest says; what stands elsewhere counts by where it stands.
func (w *writer) manifest(r *spec.Resource) {
	for i := range r.Values {
		v := &r.Values[i]
		w.texts("value", v.Field.Name)
		if v.Version != 0 {
			w.texts("version", strconv.Itoa(int(v.Version)))
		}
		w.value(r, v, v, -1)
		for j := range v.Items() { // their order counts: a sale's first card is charged first
			w.value(r, v, &v.Items()[j], j)
		}
	}
	for _, s := range r.Sources() {
		w.texts("source", s.Field, strconv.Itoa(s.Item), s.From)
	}
	w.pairs("label", r.Labels)
	w.pairs("annotation", r.Annotations)
	w.texts("moved", r.MovedFrom().String(), "replaces", r.Replaces().String())
}

func (w *writer) value(r *spec.Resource, v, part *spec.Value, item int) {
	if r.Outside(v.Field.Name, item) {
		w.texts("outside")
		return
	}
	w.texts("text", part.Key(), part.Text)
}

// charged writes what a sale is charged before and after: a schedule that stays as it is, or a sale that only its schedule moves, is in no change.
func (w *writer) charged(pair *forecast.Pair) {
	w.side("before", pair.Before)
	w.side("after", pair.After)
}

func (w *writer) side(name string, s *forecast.Sale) {
	if s == nil {
		w.texts(name, "no sale")
		return
	}
	w.texts(name, s.Name, strconv.FormatInt(s.Kurus, 10), s.Currency)
	if s.Unknown != "" { // why is no matter: it may name what only a variable says
		w.texts("unknown")
		return
	}
	if r := s.Rhythm; r != nil {
		w.texts("rhythm", r.Frequency, strconv.Itoa(r.Every), r.Begin, r.End)
		w.list("days", r.Days)
	}
	for _, step := range s.Steps {
		w.texts("step", step.Day, strconv.FormatInt(step.Kurus, 10), step.Currency)
	}
}

func (w *writer) pairs(what string, m map[string]string) {
	w.room = slices.AppendSeq(w.room[:0], maps.Keys(m))
	slices.Sort(w.room)
	for _, k := range w.room {
		w.texts(what, k, m[k])
	}
}

// digester makes the digests of one file.
type digester struct {
	keys *lockfile.Keyring
	w    *writer
}

func newDigester(key string) *digester { return &digester{keysOf(key), newWriter()} }

// manifest recognises what a manifest says, without what stands in variables and files.
func (d *digester) manifest(r *spec.Resource) string {
	d.w.manifest(r)
	return d.keys.Digest("manifest", r.Address.String(), d.w.sum())
}

// found recognises what is at Moka.
func (d *digester) found(a spec.Address, found *plan.Found) string {
	d.w.texts(found.Code, strconv.FormatInt(found.ID, 10), found.Owner, found.Status)
	def := found.Kind.Def()
	for i := range def.Fields {
		d.w.list(def.Fields[i].Name, found.Texts(&def.Fields[i]))
	}
	return d.keys.Digest("live", a.String(), d.w.sum())
}

// hidden recognises what of a new value the file does not show, and what stands in a variable or a file: an item each, "" for one that is not at hand. nil where the file shows all.
func (d *digester) hidden(c *plan.Change, f plan.FieldChange) []string {
	if c.Desired == nil || !f.To.Present() {
		return nil
	}
	v := c.Desired.Value(f.Field.Name)
	switch {
	case v == nil || v.Field.Type == spec.Password: // whose version is all that counts, and is shown
		return nil
	case !v.Field.IsList():
		if !f.To.Hidden() && !c.Desired.Outside(v.Field.Name, -1) {
			return nil
		}
		return []string{d.item(c.Address, v, -1)}
	}
	var out []string
	for i := range v.Items() {
		if item := &v.Items()[i]; item.Key() != "" { // a card that is kept elsewhere: its token
			out = append(out, d.item(c.Address, item, i))
		}
	}
	return out
}

// item recognises a value, or an item of a list, "" where it is not at hand.
func (d *digester) item(a spec.Address, v *spec.Value, at int) string {
	if v.FromSource() {
		return ""
	}
	return d.keys.Digest("value", a.String(), v.Field.Name, strconv.Itoa(at), v.Key(), v.Text)
}
