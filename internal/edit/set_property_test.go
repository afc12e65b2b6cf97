package edit

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// TestSetAnyLayout: however a manifest is laid out, a change is made so that it reads as asked, with all comments kept and the lines above and below
// untouched; or it is refused.
func TestSetAnyLayout(t *testing.T) {
	refused, made := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		l := &layout{t: t, newline: "\n"}
		if rapid.IntRange(0, 3).Draw(t, "windows") == 0 {
			l.newline = "\r\n"
		}
		l.document()
		data := []byte(l.b.String())
		r := spec.ReadFile("m.yaml", data, spec.Options{})
		if len(r.Resources) != 1 {
			t.Skip("not valid")
		}
		change := drawChange(t)
		got, err := Set("m.yaml", data, r.Resources[0].Address, r.Resources[0].Line, change)
		var e *Error
		if errors.As(err, &e) {
			refused++
			return
		} else if err != nil {
			t.Fatal(err)
		}
		made++
		n, want := remarks(string(got)), remarks(string(data))
		if change.Value != nil {
			n -= remarks(change.Value.Text) // these are text
		}
		if old := r.Resources[0].Value(change.Field); old != nil {
			want -= remarks(old.Text) // and so are those that a block text has taken in
		}
		if n != want && !bytes.Contains(data, []byte("no comment")) {
			t.Errorf("%d comments become %d:\n%s\nto\n%s", want, n, data, got)
		}
		now := spec.ReadFile("m.yaml", got, spec.Options{}).Resources[0]
		v := now.Value(change.Field)
		switch {
		case change.Value == nil && v != nil, change.Value != nil && v == nil:
			t.Errorf("%s: not there or still there:\n%s", change.Field, got)
		case v != nil && !v.Field.IsList() && (v.Text != change.Value.Text || v.Key() != change.Value.Key()):
			t.Errorf("%s is %q:\n%s", change.Field, v.Text, got)
		}
		for i := range r.Resources[0].Values {
			old := &r.Resources[0].Values[i]
			if is := now.Value(old.Field.Name); old.Field.Name != change.Field && (is == nil || strings.Join(is.Texts(), "|") != strings.Join(old.Texts(), "|")) {
				t.Errorf("%s has changed:\n%s\nto\n%s", old.Field.Name, data, got)
			}
		}
	})
	if made < refused*4 {
		t.Errorf("only %d of %d changes were made", made, made+refused)
	}
}

// remarks counts the comments that a layout makes; a text that is drawn may have a # too.
func remarks(text string) int { return len(remark.FindAllString(text, -1)) }

var remark = regexp.MustCompile(`# (remark|beside|no comment)`)

func drawChange(t *rapid.T) Change {
	lines := rapid.StringMatching(`[a-z#:'" \n\té💳-]{0,40}`).Draw(t, "text")
	return rapid.SampledFrom([]Change{
		{"amount", text("149.90")}, {"beginDate", text("2035-02-28")}, {"endDate", text("2037-01-01")}, {"endDate", text("never")}, {"currency", text("USD")},
		{"howManyTrial", text("3")}, {"description", text(lines)}, {"description", text("yes")}, {"description", text("a\nb\n")}, {"description", nil},
		{"customer", text("elif")}, {"product", keyed("dealerProductId", "5")}, {"cards", texts("c")}, {"cards", texts("a", "c", "d")}, {"saleCode", text("0012")},
		{"schedule", keyed("id", "9")}, {"planType", text("automatic")},
	}).Draw(t, "change")
}
