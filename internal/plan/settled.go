package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// settled reports whether a manifest says just what the lockfile's line of it says, so that there is nothing to plan, to note or to mend. It keeps nothing: in most plans almost every resource
// is so. Of what it says no to, the full comparison decides.
func (w *World) settled(r *spec.Resource, known *lockfile.Entry) bool {
	if w.Known.Keys().Blind() || r.Address.Kind.Def().CodeField() == nil && known.Code != "" {
		return false
	}
	have := known.Fields.Walk() // they are in the order of the kind's table too
	for i := range r.Values {
		v := &r.Values[i]
		switch v.Field.Type {
		case spec.Code:
			if v.Text != known.Code || r.Code != known.Code {
				return false
			}
			continue
		case spec.MokaID:
			if text, state := w.text(v); state != Settled || known.ID != 0 && text != strconv.FormatInt(known.ID, 10) {
				return false
			}
			continue
		}
		if l, ok := have.Next(); !ok || !w.stands(v, known.Code, l) {
			return false
		}
	}
	_, more := have.Next()
	return !more && defaultsStand(r, known.Defaults) && dependsOn(r, known.DependsOn) &&
		maps.Equal(r.Labels, known.Labels) && steeredBy(r.Annotations, known.Annotations)
}

// stands reports whether a value in the form in which the lockfile keeps it is what it has.
func (w *World) stands(v *spec.Value, code string, have lockfile.Locked) bool {
	if v.Field != have.Field {
		return false
	}
	if !v.Field.IsList() {
		text, state := w.text(v)
		return state == Settled && w.Known.Keys().Lock(v.Field, code, []string{text}).Equal(have)
	}
	var few [8]string
	texts := few[:0]
	for i := range v.Items() {
		text, state := w.text(&v.Items()[i])
		if state != Settled {
			return false
		}
		texts = append(texts, text)
	}
	return w.Known.Keys().Lock(v.Field, code, texts).Equal(have)
}

// defaultsStand reports whether the manifest still leaves to Moka all that the lockfile remembers as left to it.
func defaultsStand(r *spec.Resource, defaults lockfile.Fields) bool {
	last := -1
	for _, l := range defaults.All() {
		if last > l.Field.Index() || r.Value(l.Field.Name) != nil {
			return false
		}
		last = l.Field.Index()
	}
	return true
}

// dependsOn reports whether a resource refers to these, each named once, in order, and to nothing else here.
func dependsOn(r *spec.Resource, known []spec.Address) bool {
	if len(known) > 63 || !slices.IsSortedFunc(known, spec.Address.Compare) {
		return false
	}
	named := uint64(0)
	mark := func(v *spec.Value) bool {
		a, local := v.Local()
		if !local {
			return true
		}
		i := slices.Index(known, a)
		if i >= 0 {
			named |= 1 << i
		}
		return i >= 0
	}
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Field.IsReference() {
			continue
		}
		if !mark(v) {
			return false
		}
		for j := range v.Items() {
			if !mark(&v.Items()[j]) {
				return false
			}
		}
	}
	return named == 1<<len(known)-1 // a second line of one address is never named
}

// steeredBy reports whether these are the annotations that mokasync acts on.
func steeredBy(annotations, known map[string]string) bool {
	n := 0
	for k, v := range annotations {
		if strings.HasPrefix(k, steeringPrefix) {
			if was, there := known[k]; !there || was != v {
				return false
			}
			n++
		}
	}
	return n == len(known)
}
