package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Digest names a plan: whatever makes the same changes at the same endpoint for the same dealer has the same digest, on every machine with the same MOKASYNC_KEY ("" for none). What stands
// in variables or files (card tokens, passwords) counts by their names, so that a machine without them comes to the same. 32 hexadecimal digits.
func Digest(p *plan.Plan, key string) string {
	w := &writer{sha256.New()}
	w.texts("plan", FormatVersion, p.Endpoint, p.Dealer)
	for _, from := range sortedMoves(p.Moves) {
		w.texts("move", from.String(), p.Moves[from].String())
	}
	for _, c := range p.Changes {
		if c.Action.Planned() {
			w.change(c)
		}
	}
	return keysOf(key).Digest("plan", w.sum())
}

func sortedMoves(moves map[spec.Address]spec.Address) []spec.Address {
	return slices.SortedFunc(maps.Keys(moves), spec.Address.Compare)
}

// writer hashes texts so that no two lists of texts are the same stream.
type writer struct{ h hash.Hash }

func (w *writer) texts(texts ...string) {
	for _, t := range texts {
		io.WriteString(w.h, strconv.Itoa(len(t))) // a hash takes everything
		io.WriteString(w.h, ":")
		io.WriteString(w.h, t)
	}
	io.WriteString(w.h, ";")
}

func (w *writer) sum() string { return hex.EncodeToString(w.h.Sum(nil)) }

func (w *writer) change(c *plan.Change) {
	w.texts("change", c.Address.String(), c.Action.String(), c.Code, strconv.FormatInt(shownID(c), 10), strconv.FormatBool(c.InDoubt), c.ReplacedBy.String())
	for _, a := range c.DependsOn {
		w.texts("needs", a.String())
	}
	for _, f := range c.Fields {
		w.texts("field", f.Field.Name)
		w.texts(append([]string{"from", strconv.FormatBool(f.From.Present())}, f.From.Mask()...)...)
		w.texts(append([]string{"to", strconv.FormatBool(f.To.Present())}, f.To.Mask()...)...)
	}
	if c.Desired != nil {
		w.manifest(c.Desired)
	}
}

// shownID is Moka's number of a change's thing; one that only a variable or a file says does not count.
func shownID(c *plan.Change) int64 {
	if c.Desired != nil && c.Action == plan.Adopt && slices.ContainsFunc(c.Desired.Sources, func(s spec.Source) bool { return s.Field == "id" }) {
		return 0
	}
	return c.ID
}

// manifest hashes all that a manifest says; what stands elsewhere counts by where it stands.
func (w *writer) manifest(r *spec.Resource) {
	for i := range r.Values {
		v := &r.Values[i]
		w.texts("value", v.Field.Name, strconv.Itoa(v.Version))
		w.value(r, v, v, -1)
		for j := range v.Items {
			w.value(r, v, &v.Items[j], j)
		}
	}
	for _, s := range r.Sources {
		w.texts("source", s.Field, s.From)
	}
	w.pairs("label", r.Labels)
	w.pairs("annotation", r.Annotations)
	w.texts("moved", r.MovedFrom.String(), "replaces", r.Replaces.String())
}

func (w *writer) value(r *spec.Resource, v, part *spec.Value, item int) {
	if !r.Outside(v.Field.Name, item) {
		w.texts("text", part.Key, part.Text)
	}
}

func (w *writer) pairs(what string, m map[string]string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.texts(what, k, m[k])
	}
}

// manifestDigest recognises what a manifest says, without what stands in variables and files.
func manifestDigest(r *spec.Resource, key string) string {
	w := &writer{sha256.New()}
	w.manifest(r)
	return keysOf(key).Digest("manifest", r.Address.String(), w.sum())
}

// foundDigest recognises what is at Moka.
func foundDigest(a spec.Address, found *plan.Found, key string) string {
	w := &writer{sha256.New()}
	w.texts(found.Code, strconv.FormatInt(found.ID, 10), found.Owner, found.Status)
	def := found.Kind.Def()
	for i := range def.Fields {
		w.texts(append([]string{def.Fields[i].Name}, found.Texts(&def.Fields[i])...)...)
	}
	return keysOf(key).Digest("live", a.String(), w.sum())
}
