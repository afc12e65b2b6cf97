package apply

import (
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// request is a manifest on its way to the wire.
type request struct {
	members moka.Record
	// defaults are the fields that the manifest leaves out and that are sent as the table says.
	defaults []lockfile.Locked
}

// creation gives the members with which r is created: its managed fields and the defaults of those that are left out (moka-api 2.1, 2.12, 2.15, 2.20).
func (a *Applier) creation(r *spec.Resource) request {
	var q request
	def := r.Address.Kind.Def()
	code := a.World.CodeOf(r.Address)
	for i := range def.Fields {
		f := &def.Fields[i]
		if v := r.Value(f.Name); v != nil && f.Type != spec.Code {
			q.members = append(q.members, a.wire(r, v)...)
			continue
		}
		text := a.defaultText(r, f, code)
		if text == "" {
			continue
		}
		q.members = append(q.members, moka.Member{Name: f.Wire, Value: f.ToWire(text)})
		if plan.Kept(f) {
			q.defaults = append(q.defaults, a.keys().Lock(f, code, []string{text}))
		}
	}
	return q
}

// defaultText gives the canonical text of a field that the manifest leaves out, "" if nothing is sent for it.
func (a *Applier) defaultText(r *spec.Resource, f *spec.Field, code string) string {
	switch {
	case f.Type == spec.Code:
		return code
	case f.Default == spec.DefaultName:
		return r.Address.Name
	case f.Default == spec.DefaultToday:
		return a.Today
	}
	return f.Default
}

// managed gives the members of the fields that a manifest manages, codes and numbers aside.
func (a *Applier) managed(r *spec.Resource) moka.Record {
	var out moka.Record
	for i := range r.Values {
		if v := &r.Values[i]; plan.Kept(v.Field) {
			out = append(out, a.wire(r, v)...)
		}
	}
	return out
}

// wire gives the members that a value becomes.
func (a *Applier) wire(r *spec.Resource, v *spec.Value) moka.Record {
	f := v.Field
	if f.Type == spec.Password {
		if password, ok := a.Passwords[r.Address]; ok {
			return moka.Record{{Name: f.Wire, Value: password}}
		}
		return nil
	}
	texts, _ := a.World.Texts(v) // dependencies are done and sources were read: all is settled
	switch {
	case f.Type == spec.References:
		var out moka.Record
		for i, t := range texts {
			out = append(out, moka.Member{Name: spec.CardWires[i], Value: tokenField.ToWire(t)})
		}
		return out
	case f.Type == spec.Reference:
		if number, ok := plan.ByNumber(texts[0]); ok {
			return moka.Record{{Name: f.Target.Def().IDMember, Value: number}}
		}
		return moka.Record{{Name: f.Wire, Value: texts[0]}}
	case f.IsList():
		for i, t := range texts {
			texts[i] = f.ToWire(t)
		}
		return moka.Record{{Name: f.Wire, Value: strings.Join(texts, ",")}}
	}
	return moka.Record{{Name: f.Wire, Value: f.ToWire(texts[0])}}
}

var tokenField = spec.Card.Def().Field("token")

// scheduleRest clears the days that do not belong to the frequency that is sent, as the documentation's sample does (moka-api 2.16).
func scheduleRest(members moka.Record) moka.Record {
	if members.Get("DailyWeeklyMonthly") == "" {
		return members
	}
	for _, name := range []string{"DaysOfWeek", "DaysOfMonth"} {
		if !members.Has(name) {
			members = append(members, moka.Member{Name: name, Value: ""})
		}
	}
	return members
}

// overlay gives what is at Moka with the members that are meant to be set in their place: an update of a customer sends every member, since Moka
// does not say that an omitted one is kept (moka-api 4.4). What is not set there and not meant to be stays out.
func overlay(live, set moka.Record, skip string) moka.Record {
	out := make(moka.Record, 0, len(live)+len(set))
	for _, m := range live {
		switch {
		case m.Name == skip:
		case set.Has(m.Name):
			out = append(out, moka.Member{Name: m.Name, Value: set.Get(m.Name)})
		case m.Value != "" && m.Value != "0":
			out = append(out, m)
		}
	}
	for _, m := range set {
		if !live.Has(m.Name) {
			out = append(out, m)
		}
	}
	return out
}

// otherThanSent names the members that an answer has otherwise than they were sent, in the manifest's words.
func otherThanSent(kind spec.Kind, sent, got moka.Record) []*spec.Field {
	want, have := plan.FoundOf(kind, sent.Get), plan.FoundOf(kind, got.Get)
	var out []*spec.Field
	def := kind.Def()
	for i := range def.Fields {
		f := &def.Fields[i]
		members := []string{f.Wire}
		if f.Type == spec.References {
			members = spec.CardWires[:]
		}
		if f.Type == spec.Password || !hasAny(sent, members) || !hasAny(got, members) {
			continue
		}
		if !have.Equal(f, want.Texts(f)) {
			out = append(out, f)
		}
	}
	return out
}

func hasAny(r moka.Record, members []string) bool {
	for _, m := range members {
		if r.Has(m) {
			return true
		}
	}
	return false
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }
