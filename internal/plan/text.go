package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// Text is a field's value for showing: the manifest's canonical text, or a list's texts. It prints masked; what it hides comes out only by Reveal. The zero Text is no value.
type Text struct{ of content }

// content is where a Text has its texts from. What most plans are full of, values of manifests, is a pointer: a Text of them takes no memory of its own.
type content interface {
	// field is nil of what is no field of a manifest, as Moka's number; anybody may see that.
	field() *spec.Field
	// texts are canonical; nil where they are not known.
	texts() []string
	// sealed: there is a value, known only by its fingerprint, or masked before.
	sealed() bool
}

// written is what a manifest says of a field.
type written struct{ value *spec.Value }

func (w written) field() *spec.Field { return w.value.Field }
func (w written) sealed() bool       { return false }
func (w written) texts() []string {
	if w.value.Field.Type == spec.Password {
		return []string{fmt.Sprint(versionPrefix, w.value.Version)}
	}
	return w.value.Texts()
}

// given are texts from elsewhere.
type given struct {
	of   *spec.Field
	list []string
}

func (g *given) field() *spec.Field { return g.of }
func (g *given) sealed() bool       { return false }
func (g *given) texts() []string    { return g.list }

// fingerprinted is a value that only its fingerprint tells.
type fingerprinted struct{ of *spec.Field }

func (f fingerprinted) field() *spec.Field { return f.of }
func (f fingerprinted) sealed() bool       { return true }
func (f fingerprinted) texts() []string    { return nil }

// shown makes a Text of a field's canonical texts.
func shown(f *spec.Field, texts []string) Text { return Text{&given{f, texts}} }

// sealed makes a Text of a value that is known only by its fingerprint.
func sealed(f *spec.Field) Text { return Text{fingerprinted{f}} }

// Masked makes a Text of what Mask gave of a field's value, nil for none: what was hidden stays so.
func Masked(f *spec.Field, texts []string) Text {
	switch {
	case texts == nil:
		return Text{}
	case f.Sensitivity == spec.Personal:
		return sealed(f)
	}
	return shown(f, texts)
}

func (t Text) is(s spec.Sensitivity) bool {
	f := t.field()
	return f != nil && f.Sensitivity == s
}

func (t Text) field() *spec.Field {
	if t.of == nil {
		return nil
	}
	return t.of.field()
}

// Hidden reports whether Mask hides the value.
func (t Text) Hidden() bool {
	return t.is(spec.Personal) || t.is(spec.Secret) && t.secret() == secretMask
}

// Present reports whether there is a value at all.
func (t Text) Present() bool { return t.of != nil }

// List reports whether the value is a list.
func (t Text) List() bool {
	f := t.field()
	return f != nil && f.IsList()
}

// Mask gives the texts with personal and secret ones hidden, nil if there is no value.
func (t Text) Mask() []string {
	switch {
	case t.of == nil:
		return nil
	case t.is(spec.Secret), t.is(spec.Personal):
		return t.AppendMask(nil)
	}
	return t.of.texts()
}

// AppendMask appends what Mask gives: who shows a million values needs no list for each.
func (t Text) AppendMask(to []string) []string {
	switch {
	case t.of == nil:
		return to
	case t.is(spec.Secret):
		return append(to, t.secret())
	case t.is(spec.Personal):
		return append(to, "(personal)")
	}
	if w, ok := t.of.(written); ok && w.value.Key() == "" && !w.value.Field.IsList() {
		return append(to, w.value.Text)
	}
	return append(to, t.of.texts()...)
}

// Reveal gives the texts with personal ones as they are, where they are known. Secrets stay hidden.
func (t Text) Reveal() []string {
	if t.is(spec.Personal) && !t.of.sealed() {
		return t.of.texts()
	}
	return t.Mask()
}

// secret shows of a secret value nothing but a password's version.
func (t Text) secret() string {
	if texts := t.of.texts(); !t.of.sealed() && len(texts) == 1 && len(texts[0]) > len(versionPrefix) && strings.HasPrefix(texts[0], versionPrefix) {
		return texts[0]
	}
	return secretMask
}

const versionPrefix, secretMask = "version ", "(secret)"

// String prints masked.
func (t Text) String() string {
	var few [4]string
	return strings.Join(t.AppendMask(few[:0]), ", ")
}

// MarshalJSON refuses: a renderer decides what may be shown.
func (t Text) MarshalJSON() ([]byte, error) {
	return nil, errors.New("plan.Text is not for marshalling: use Mask")
}
