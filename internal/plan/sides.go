package plan

import (
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// DesiredText shows what a manifest says of a field.
func DesiredText(v *spec.Value) Text { return desiredText(v) }

// KeptText shows what the lockfile keeps of a field, in a manifest's words.
func (w *World) KeptText(l lockfile.Locked) Text {
	return (&comparison{world: w}).knownText(l)
}

// LiveText shows what is at Moka of a field, in a manifest's words. A password is absent: it is never compared.
func (w *World) LiveText(f *spec.Field, found *Found) Text {
	switch f.Type {
	case spec.Password:
		return Text{}
	case spec.Token:
		return sealed(f)
	}
	return w.liveText(f, found)
}

// Show makes the Text of a field of a thing's own key or number, which the lockfile keeps outside of the fields.
func Show(f *spec.Field, text string) Text { return shown(f, []string{text}) }

// Lookup gives what is at Moka at an address that the manifests describe, or the lockfile knows, or both. The text says why that cannot be told, "" if it can.
func (l *Live) Lookup(w *World, a spec.Address) (*Found, string) {
	entry := w.Known.Get(a)
	if r := w.Desired[a]; r != nil {
		return l.find(w, r, entry)
	}
	if entry == nil {
		return nil, ""
	}
	switch a.Kind {
	case spec.Customer:
		return l.Customers[entry.Code], ""
	case spec.Product:
		return l.Products[entry.Code], ""
	case spec.Schedule:
		return l.Schedules[entry.ID], ""
	case spec.Sale:
		if same := l.Sales[entry.Code]; len(same) > 1 {
			return nil, TwoSales(entry.Code, same)
		} else if len(same) == 1 {
			return same[0], ""
		}
		return nil, ""
	}
	if a.Kind == spec.PaymentStep {
		return l.stepNumbered(entry.ID), ""
	}
	return nil, "Moka is asked for a " + a.Kind.Prefix() + " by what only its manifest says"
}

// Needs gives what a resource refers to, as its manifest says and as it was applied, sorted.
func (w *World) Needs(a spec.Address) []spec.Address {
	var out []spec.Address
	if r := w.Desired[a]; r != nil {
		out = append(out, r.References()...)
	}
	if e := w.Known.Get(a); e != nil {
		out = append(out, e.DependsOn...)
	}
	if in := w.Known.Open(a); in != nil {
		out = append(out, in.Entry.DependsOn...)
	}
	slices.SortFunc(out, spec.Address.Compare)
	return slices.Compact(out)
}

// NeededBy gives what refers to a resource, as the manifests say and as it was applied, sorted.
func (w *World) NeededBy(a spec.Address) []spec.Address {
	var out []spec.Address
	for from, r := range w.Desired {
		if slices.Contains(r.References(), a) {
			out = append(out, from)
		}
	}
	for _, e := range w.Known.Entries() {
		if slices.Contains(e.DependsOn, a) {
			out = append(out, e.Address)
		}
	}
	for _, in := range w.Known.Pending {
		if slices.Contains(in.Entry.DependsOn, a) {
			out = append(out, in.Entry.Address)
		}
	}
	slices.SortFunc(out, spec.Address.Compare)
	return slices.Compact(out)
}
