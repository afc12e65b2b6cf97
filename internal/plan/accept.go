package plan

import (
	"fmt"
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Edit is what a field of a manifest must become so that it says what Moka has.
type Edit struct {
	Field *spec.Field
	// Value is nil where the line must go: Moka has nothing there, and the manifest has no word for that.
	Value *spec.Value
}

// Edits gives the edits by which the manifest says what Moka has. written is the manifest as it stands in its file: what comes from variables and files is named there, not read.
// A finding says why there are none, and where; nothing of a value stands in it.
func (d *Drift) Edits(x *Drifted, written *spec.Resource) ([]Edit, *spec.Diagnostic) {
	a := accepting{drift: d, x: x, written: written, here: d.keysHere()}
	rhythm := slices.ContainsFunc(x.Fields, func(f DriftedField) bool { return f.Name == "frequency" })
	for _, f := range x.Fields {
		switch {
		case f.Field == nil:
			continue // Moka's number stands in the lockfile alone
		case f.Field.Type == spec.Token:
			return nil, a.refuse(f.Field, "another token stands here, and the lockfile does not keep the one that it knows: put that one back by hand, or apply")
		case rhythm && (f.Field.Type == spec.Days || f.Field.Type == spec.Weekdays):
			continue // they come with the frequency
		}
		if why := a.edit(f.Field); why != nil {
			return nil, why
		}
	}
	if rhythm {
		a.days()
	}
	return a.edits, nil
}

type accepting struct {
	drift   *Drift
	x       *Drifted
	written *spec.Resource
	here    map[string]string // what the manifests call what Moka knows so
	edits   []Edit
}

func (a *accepting) refuse(f *spec.Field, why string) *spec.Diagnostic {
	finding := diagnose(spec.Error, a.x.Desired, a.x.Desired.Value(f.Name), f.Name+": "+why)
	return &finding
}

func (a *accepting) edit(f *spec.Field) *spec.Diagnostic {
	if f.Type == spec.MokaID {
		a.set(f, spec.Value{Field: f, Text: fmt.Sprint(a.x.Known.ID)})
		return nil
	}
	texts := a.x.Found.Texts(f)
	switch {
	case f.IsList():
		a.set(f, a.list(f, texts))
	case f.IsReference():
		v, ok := a.refer(f, texts[0])
		if !ok {
			a.out(f)
			break
		}
		a.set(f, v)
	case isNone(f, texts[0]) && !f.Clearable:
		a.out(f)
	default:
		a.set(f, spec.Value{Field: f, Text: texts[0]})
	}
	if last := a.edits[len(a.edits)-1]; last.Value == nil && (f.Required || f.Type == spec.Code) {
		return a.refuse(f, "Moka has nothing here, and a manifest cannot do without it: give it a value in Moka's panel, or `mokasync apply --refresh`")
	}
	return nil
}

func (a *accepting) set(f *spec.Field, v spec.Value) {
	if f.IsList() && len(v.Items()) == 0 {
		a.out(f)
		return
	}
	a.edits = append(a.edits, Edit{f, &v})
}

func (a *accepting) out(f *spec.Field) { a.edits = append(a.edits, Edit{f, nil}) }

// days sets the days that go with the frequency that Moka has, and takes those out that go with another, whether they were managed or not: no schedule does without its days.
func (a *accepting) days() {
	wanted := map[string]string{"weekly": "daysOfWeek", "monthly": "daysOfMonth"}[a.x.Found.Texts(frequency)[0]]
	for i := range spec.Schedule.Def().Fields {
		f := &spec.Schedule.Def().Fields[i]
		switch {
		case f.Type != spec.Days && f.Type != spec.Weekdays:
		case f.Name == wanted:
			a.set(f, a.list(f, a.x.Found.Texts(f)))
		case a.written.Value(f.Name) != nil:
			a.out(f)
		}
	}
}

var frequency = spec.Schedule.Def().Field("frequency")

// list expresses what Moka has in a list. Entries that mean the same stay as they are written.
func (a *accepting) list(f *spec.Field, texts []string) spec.Value {
	items := []spec.Value{}
	resolved, written := a.x.Desired.Value(f.Name), a.written.Value(f.Name)
	for _, text := range texts {
		item := spec.Value{Field: f, Text: text}
		if f.IsReference() {
			item, _ = a.refer(f, text)
			for i := range itemsOf(resolved) {
				if means, state := a.drift.world.text(&resolved.Items()[i]); state == Settled && means == text && i < len(itemsOf(written)) {
					item = spec.Keyed(f, written.Items()[i].Key(), written.Items()[i].Text)
				}
			}
		}
		items = append(items, item)
	}
	return spec.ListOf(f, items...)
}

func itemsOf(v *spec.Value) []spec.Value {
	if v == nil {
		return nil
	}
	return v.Items()
}

// refer expresses what Moka names: by the name of the resource here that has that number, code or token, else by that. False if Moka names nothing.
func (a *accepting) refer(f *spec.Field, text string) (spec.Value, bool) {
	found, prefix := a.x.Found, f.Target.Prefix()
	if found.Kind == spec.Card {
		text = found.Owner
	}
	number := found.number(f.Target)
	for _, key := range []string{prefix + numberPrefix + number, prefix + " " + text} {
		if name := a.here[key]; name != "" {
			return spec.Value{Field: f, Text: name}, true
		}
	}
	switch {
	case text != "":
		return spec.Keyed(f, f.Elsewhere[0], text), true
	case number != "":
		return spec.Keyed(f, f.Elsewhere[1], number), true
	}
	return spec.Value{}, false
}

// keysHere gives the names of the resources that the manifests describe, by what Moka knows them by: code, token, number.
func (d *Drift) keysHere() map[string]string {
	if d.here != nil {
		return d.here
	}
	d.here = map[string]string{}
	for a := range d.world.Desired {
		if key, state := d.world.key(a); state == Settled {
			d.here[a.Kind.Prefix()+" "+key] = a.Name
		}
		if e := d.Known.Get(a); e != nil && e.ID != 0 && a.Kind != spec.Schedule {
			d.here[fmt.Sprint(a.Kind.Prefix(), numberPrefix, e.ID)] = a.Name
		}
	}
	return d.here
}

// Accept gives the lockfile as it is once it too says what Moka has of these resources. resources are the manifests after their edits. What is gone is dropped, and the code of a
// gone sale is not used again. Labels, annotations and a password's version are no matter of Moka's and stay as they are known.
func (d *Drift) Accept(accepted []*Drifted, resources []*spec.Resource) *lockfile.Lock {
	out := d.Known.Moved(nil)
	world := NewWorld(resources, out)
	accepted = slices.Clone(accepted)
	order := spec.Kinds()
	slices.SortStableFunc(accepted, func(a, b *Drifted) int { // what is referred to before what refers to it
		return slices.Index(order, a.Address.Kind) - slices.Index(order, b.Address.Kind)
	})
	for _, x := range accepted {
		if x.Found == nil && x.Where == Gone {
			out.Bury(x.Known, spec.Address{})
			out.Drop(x.Address)
			continue
		}
		if x.Found != nil && x.Found.Code != x.Known.Code {
			rename(out, x.Address.Kind, x.Known.Code, x.Found.Code)
		}
		if x.Desired == nil {
			out.Put(d.orphanEntry(x, out.Get(x.Address)))
			continue
		}
		id := x.Known.ID
		if x.Found != nil && id != 0 {
			id = x.Found.ID
		}
		e := world.Entry(world.Desired[x.Address], id)
		if x.Found != nil {
			e = world.Taken(world.Desired[x.Address], id, x.Found)
		}
		out.Put(keepOwn(e, x.Known))
	}
	return out
}

// keepOwn leaves in an entry what is no matter of Moka's.
func keepOwn(e, known *lockfile.Entry) *lockfile.Entry {
	e.Labels, e.Annotations = known.Labels, known.Annotations
	var fields []lockfile.Locked
	for _, l := range e.Fields.All() {
		if l.Field.Type == spec.Password {
			var ok bool
			if l, ok = lockfile.Find(known.Fields, l.Field.Name); !ok {
				continue
			}
		}
		fields = append(fields, l)
	}
	e.Fields = lockfile.FieldsOf(fields)
	return e
}

// orphanEntry is what the lockfile is to keep of something that no manifest describes: what Moka has.
func (d *Drift) orphanEntry(x *Drifted, known *lockfile.Entry) *lockfile.Entry {
	e := *known
	e.Word, e.Code = "", x.Found.Code
	if e.ID != 0 {
		e.ID = x.Found.ID
	}
	fields := known.Fields.List()
	for i, l := range fields {
		switch {
		case l.Field.Type == spec.Password, l.Field.Type == spec.Token:
		case l.Field.IsReference():
			if !slices.ContainsFunc(x.Fields, func(f DriftedField) bool { return f.Field == l.Field }) {
				continue
			}
			texts := x.Found.Texts(l.Field)
			if e.Address.Kind == spec.Card {
				texts = []string{x.Found.Owner}
			}
			fields[i] = d.Known.Keys().Lock(l.Field, e.Code, texts)
		default: // a fingerprint of a person's data rests on the code, which may have changed
			fields[i] = d.Known.Keys().Lock(l.Field, e.Code, x.Found.Texts(l.Field))
		}
	}
	defaults := known.Defaults.List()
	for i, l := range defaults {
		if texts := x.Found.Texts(l.Field); texts[0] != "" {
			defaults[i] = d.Known.Keys().Lock(l.Field, e.Code, texts)
		}
	}
	e.Fields, e.Defaults = lockfile.FieldsOf(fields), lockfile.FieldsOf(defaults)
	return &e
}

// rename follows a code that was changed at Moka in what refers to it.
func rename(l *lockfile.Lock, kind spec.Kind, from, to string) {
	for _, e := range l.Entries() {
		fields := e.Fields.List()
		i := slices.IndexFunc(fields, func(f lockfile.Locked) bool {
			return f.Field.Type == spec.Reference && f.Field.Target == kind && f.Text == from
		})
		if i < 0 {
			continue
		}
		fields[i].Text = to
		renamed := *e
		renamed.Fields = lockfile.FieldsOf(fields)
		l.Put(&renamed)
	}
}
