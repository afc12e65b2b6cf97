package lockfile

import (
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// Entry is one resource as it was last applied: one line of the lockfile.
type Entry struct {
	Address spec.Address
	// ID is Moka's number of it, 0 for a kind that has none (Card).
	ID int64
	// Code is the dealer's own key as it was sent, "" for a kind that has none.
	Code string
	// Labels and Annotations (those of mokasync/ only) steer; they are never sent. Entries share them: they are never written to.
	Labels, Annotations map[string]string
	// DependsOn are the resources here that it refers to, sorted.
	DependsOn []spec.Address
	// Word is "adopted" where a person said that it is at Moka and nobody looked since.
	Word string
	// Fields are the managed fields as applied, in the order of the kind's table.
	Fields Fields
	// Defaults are the fields with a default that the manifest leaves to Moka: as they were sent when it was created, were seen when it was taken over, or were managed last. They are not
	// managed. What is charged rests on them, and a manifest that later says a default in words is no change.
	Defaults Fields
}

// Locked is a field's value in the form in which it is kept: public values as canonical text, personal ones and card tokens
// as fingerprints, a password as its version, a reference as the key under which Moka knows its target.
type Locked struct {
	Field *spec.Field
	Text  string   // of a scalar
	List  []string // of a list; nil for a scalar
}

// Equal reports whether both keep the same value.
func (l Locked) Equal(m Locked) bool { return l.Text == m.Text && slices.Equal(l.List, m.List) }

// Texts gives the value's texts: one for a scalar.
func (l Locked) Texts() []string {
	if l.Field.IsList() {
		return l.List
	}
	return []string{l.Text}
}

// Text gives the text kept for a scalar field, "" if there is none.
func (e *Entry) Text(name string) string {
	l, _ := Find(e.Fields, name)
	return l.Text
}

// Prunable reports whether a stored card may be removed at Moka once its manifest is gone.
func (e *Entry) Prunable() bool { return e.Annotations[spec.AnnotationPrune] == "true" }

// Protected reports whether the resource must not be deleted, also after its manifest is gone.
func (e *Entry) Protected() bool { return e.Annotations[spec.AnnotationProtect] == "true" }
