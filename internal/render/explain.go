package render

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Explained is one resource in the three places where it can be, and what a plan would do about it.
type Explained struct {
	Endpoint, Dealer string
	Address          spec.Address
	// World holds manifests and lockfile side by side; Lockfile is the path of the latter.
	World    *plan.World
	Lockfile string
	// Looked: Moka was looked at. Found is what is there, nil for nothing; NotSeen says why that could not be told.
	Looked  bool
	Found   *plan.Found
	NotSeen string
	// Change is what a plan would do, nil if it would not look for the resource; NoPlan then says why.
	Change *plan.Change
	NoPlan string
	// Last is what the last apply's account says of it, nil if it says nothing.
	Last *apply.Result
	// Diagnostics are what is to be said of this resource.
	Diagnostics []spec.Diagnostic
}

// See takes what was seen at Moka; nil if nobody looked.
func (e *Explained) See(live *plan.Live) {
	if live == nil {
		return
	}
	e.Looked = true
	e.Found, e.NotSeen = live.Lookup(e.World, e.Address)
}

func (e *Explained) desired() *spec.Resource { return e.World.Desired[e.Address] }
func (e *Explained) known() *lockfile.Entry  { return e.World.Known.Get(e.Address) }
func (e *Explained) open() *lockfile.Intent  { return e.World.Known.Open(e.Address) }

// places is one field's value in the three places.
type places struct {
	field                     *spec.Field
	manifest, lockfile, there plan.Text
	// byDefault: the lockfile keeps it as a default that was sent at creation.
	byDefault bool
}

// rows gives the fields that have a value anywhere, in the order of the kind's table.
func (e *Explained) rows() []places {
	def := e.Address.Kind.Def()
	var out []places
	for i := range def.Fields {
		p := places{field: &def.Fields[i]}
		p.manifest, p.there = e.manifestText(p.field), e.liveText(p.field)
		p.lockfile, p.byDefault = e.keptText(p.field)
		if p.manifest.Present() || p.lockfile.Present() || p.there.Present() {
			out = append(out, p)
		}
	}
	return out
}

func (e *Explained) manifestText(f *spec.Field) plan.Text {
	r := e.desired()
	if r == nil {
		return plan.Text{}
	}
	if v := r.Value(f.Name); v != nil {
		return plan.DesiredText(v)
	}
	if f.Type == spec.Code {
		return plan.Show(f, r.Code)
	}
	return plan.Text{}
}

func (e *Explained) keptText(f *spec.Field) (text plan.Text, byDefault bool) {
	entry := e.known()
	if entry == nil {
		return plan.Text{}, false
	}
	switch f.Type {
	case spec.Code:
		return plan.Show(f, entry.Code), false
	case spec.MokaID:
		return number(f, entry.ID), false
	}
	if l, ok := lockfile.Find(entry.Fields, f.Name); ok {
		return e.World.KeptText(l), false
	}
	if l, ok := lockfile.Find(entry.Defaults, f.Name); ok {
		return e.World.KeptText(l), true
	}
	return plan.Text{}, false
}

func (e *Explained) liveText(f *spec.Field) plan.Text {
	switch {
	case e.Found == nil:
		return plan.Text{}
	case f.Type == spec.MokaID:
		return number(f, e.Found.ID)
	}
	return e.World.LiveText(f, e.Found)
}

func number(f *spec.Field, id int64) plan.Text {
	if id == 0 {
		return plan.Text{}
	}
	return plan.Show(f, formatID(id))
}

// edited names the fields that Moka has otherwise than the lockfile.
func (e *Explained) edited() map[*spec.Field]bool {
	out := map[*spec.Field]bool{}
	if entry := e.known(); entry != nil && e.Found != nil {
		for _, f := range e.Found.Mismatches(entry.Fields.List(), entry.Code, e.World.Known.Keys()) {
			out[f] = true
		}
	}
	return out
}

type explainDocument struct {
	FormatVersion string           `json:"formatVersion"`
	Endpoint      string           `json:"endpoint"`
	Dealer        string           `json:"dealer"`
	Address       string           `json:"address"`
	Kind          string           `json:"kind"`
	Manifest      *explainManifest `json:"manifest"`
	Lockfile      *explainLockfile `json:"lockfile"`
	Looked        bool             `json:"looked"`
	NotSeen       string           `json:"notSeen"`
	Live          *explainLive     `json:"live"`
	Plan          explainPlan      `json:"plan"`
	LastApply     *resultRow       `json:"lastApply"`
	DependsOn     []spec.Address   `json:"dependsOn"`
	NeededBy      []spec.Address   `json:"neededBy"`
	Diagnostics   []diagnosticRow  `json:"diagnostics"`
}

type explainManifest struct {
	File        string            `json:"file"`
	Line        int               `json:"line"`
	Column      int               `json:"column"`
	Code        *string           `json:"code"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	MovedFrom   string            `json:"movedFrom"`
	Replaces    string            `json:"replaces"`
	Fields      map[string]any    `json:"fields"`
}

type explainLockfile struct {
	File        string            `json:"file"`
	ID          *int64            `json:"id"`
	Code        *string           `json:"code"`
	Word        string            `json:"word"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	DependsOn   []spec.Address    `json:"dependsOn"`
	Fields      map[string]any    `json:"fields"`
	Defaults    map[string]any    `json:"defaults"`
	Pending     *explainPending   `json:"pending"`
}

type explainPending struct {
	Op       string         `json:"op"`
	At       time.Time      `json:"at"`
	GaveUp   *time.Time     `json:"gaveUp"`
	Creates  bool           `json:"creates"`
	Answered bool           `json:"answered"`
	Fields   map[string]any `json:"fields"`
}

type explainLive struct {
	ID     *int64         `json:"id"`
	Code   *string        `json:"code"`
	Fields map[string]any `json:"fields"`
}

type explainPlan struct {
	Action  string      `json:"action"`
	Reason  string      `json:"reason"`
	Fields  []planField `json:"fields"`
	InDoubt bool        `json:"inDoubt"`
}

// ExplainJSON writes it as one JSON document. Personal and secret values are masked.
func ExplainJSON(w io.Writer, e *Explained) error {
	doc := explainDocument{
		FormatVersion: formatVersion, Endpoint: e.Endpoint, Dealer: e.Dealer, Address: e.Address.String(), Kind: e.Address.Kind.String(),
		Looked: e.Looked, NotSeen: e.NotSeen, Plan: explainPlan{Reason: e.NoPlan, Fields: []planField{}},
		DependsOn: append([]spec.Address{}, e.World.Needs(e.Address)...), NeededBy: append([]spec.Address{}, e.World.NeededBy(e.Address)...),
		Diagnostics: diagnosticRows(e.Diagnostics),
	}
	if e.Change != nil {
		row := changeRow(e.Change)
		doc.Plan = explainPlan{row.Action, row.Reason, row.Fields, row.InDoubt}
	}
	if e.Last != nil {
		row := rowOf(*e.Last)
		doc.LastApply = &row
	}
	e.fill(&doc)
	return writeJSON(w, doc)
}

// fill writes the three places.
func (e *Explained) fill(doc *explainDocument) {
	if r := e.desired(); r != nil {
		doc.Manifest = &explainManifest{File: r.File, Line: r.Line, Column: r.Column, Code: orNull(r.Code), Labels: orEmpty(r.Labels), Annotations: steers(r.Annotations),
			MovedFrom: r.MovedFrom().String(), Replaces: r.Replaces().String(), Fields: map[string]any{}}
	}
	known, open := e.known(), e.open()
	if known != nil || open != nil {
		doc.Lockfile = &explainLockfile{File: e.Lockfile, Labels: orEmpty(nil), Annotations: orEmpty(nil), DependsOn: []spec.Address{}, Fields: map[string]any{}, Defaults: map[string]any{}}
	}
	if known != nil {
		l := doc.Lockfile
		l.ID, l.Code, l.Word, l.Labels, l.Annotations = orNull(known.ID), orNull(known.Code), known.Word, orEmpty(known.Labels), orEmpty(known.Annotations)
		l.DependsOn = append(l.DependsOn, known.DependsOn...)
	}
	if open != nil {
		doc.Lockfile.Pending = e.pending(open)
	}
	if e.Found != nil {
		doc.Live = &explainLive{ID: orNull(e.Found.ID), Code: orNull(e.Found.Code), Fields: map[string]any{}}
	}
	for _, p := range e.rows() {
		name := p.field.Name
		if p.field.Type == spec.Code {
			continue // it has a key of its own
		}
		switch {
		case !p.lockfile.Present() || p.field.Type == spec.MokaID:
		case p.byDefault:
			doc.Lockfile.Defaults[name] = side(p.lockfile)
		default:
			doc.Lockfile.Fields[name] = side(p.lockfile)
		}
		if p.manifest.Present() {
			doc.Manifest.Fields[name] = side(p.manifest)
		}
		if p.there.Present() && p.field.Type != spec.MokaID {
			doc.Live.Fields[name] = side(p.there)
		}
	}
}

func (e *Explained) pending(in *lockfile.Intent) *explainPending {
	p := &explainPending{Op: in.Op, At: in.At.UTC(), Creates: in.Creates(), Answered: in.Answered, Fields: map[string]any{}}
	if !in.GaveUp.IsZero() {
		t := in.GaveUp.UTC()
		p.GaveUp = &t
	}
	for _, l := range in.Entry.Fields.All() {
		p.Fields[l.Field.Name] = side(e.World.KeptText(l))
	}
	return p
}

func orNull[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// steers gives the annotations that mokasync acts on: the others may hold anything.
func steers(annotations map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range annotations {
		if strings.HasPrefix(k, "mokasync/") {
			out[k] = v
		}
	}
	return out
}

func pairs(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, safe(k)+"="+safe(m[k]))
	}
	return strings.Join(parts, ", ")
}
