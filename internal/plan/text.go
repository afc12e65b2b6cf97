package plan

import (
	"errors"

	"github.com/mokasync/mokasync/internal/spec"
)

// Text is a field's value for showing: the manifest's canonical text, or a list's texts. It prints masked; what it hides comes out only by Reveal.
type Text struct {
	texts       []string
	present     bool
	sealed      bool // there is a value, known only by its fingerprint
	list        bool
	sensitivity spec.Sensitivity
}

// shown makes a Text of a field's canonical texts.
func shown(f *spec.Field, texts []string) Text {
	return Text{texts: texts, present: true, list: f.IsList(), sensitivity: f.Sensitivity}
}

// sealed makes a Text of a value that is known only by its fingerprint.
func sealed(f *spec.Field) Text {
	return Text{present: true, sealed: true, list: f.IsList(), sensitivity: f.Sensitivity}
}

// Masked makes a Text of what Mask gave of a field's value, nil for none: what was hidden stays so.
func Masked(f *spec.Field, texts []string) Text {
	if texts == nil {
		return Text{}
	}
	return Text{texts: texts, present: true, sealed: f.Sensitivity == spec.Personal, list: f.IsList(), sensitivity: f.Sensitivity}
}

// Hidden reports whether Mask hides the value.
func (t Text) Hidden() bool {
	return t.present && (t.sensitivity == spec.Personal || t.sensitivity == spec.Secret && t.secret()[0] == secretMask)
}

// Present reports whether there is a value at all.
func (t Text) Present() bool { return t.present }

// List reports whether the value is a list.
func (t Text) List() bool { return t.list }

// Mask gives the texts with personal and secret ones hidden, nil if there is no value.
func (t Text) Mask() []string {
	switch {
	case !t.present:
		return nil
	case t.sensitivity == spec.Secret:
		return t.secret()
	case t.sensitivity == spec.Personal:
		return []string{"(personal)"}
	}
	return t.texts
}

// Reveal gives the texts with personal ones as they are, where they are known. Secrets stay hidden.
func (t Text) Reveal() []string {
	if t.sensitivity == spec.Personal && t.present && !t.sealed {
		return t.texts
	}
	return t.Mask()
}

// secret shows of a secret value nothing but a password's version.
func (t Text) secret() []string {
	if !t.sealed && len(t.texts) == 1 && len(t.texts[0]) > len(versionPrefix) && t.texts[0][:len(versionPrefix)] == versionPrefix {
		return t.texts
	}
	return []string{secretMask}
}

const versionPrefix, secretMask = "version ", "(secret)"

// String prints masked.
func (t Text) String() string {
	out := ""
	for i, s := range t.Mask() {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

// MarshalJSON refuses: a renderer decides what may be shown.
func (t Text) MarshalJSON() ([]byte, error) {
	return nil, errors.New("plan.Text is not for marshalling: use Mask")
}
