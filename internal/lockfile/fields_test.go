package lockfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// What is packed comes out as it was, whatever characters are in it, in whatever order it stands; equal values are equal packed, and others are not.
func TestFields(t *testing.T) {
	draw := func(t *rapid.T, kind spec.Kind) []Locked {
		text := rapid.OneOf(rapid.StringMatching(`[a-z"\\,:{}\[\]\x00-\x20ğ\x{2028}]{0,10}`), rapid.StringN(0, 6, -1))
		def := kind.Def()
		var out []Locked
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(def.Fields)-1), 0, 4, rapid.ID[int]).Draw(t, "rows") {
			l := Locked{Field: &def.Fields[i]}
			if l.Field.IsList() {
				l.List = rapid.SliceOfN(text, 0, 3).Draw(t, "list")
			} else {
				l.Text = text.Draw(t, "text")
			}
			out = append(out, l)
		}
		return out
	}
	equal := cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b Locked) bool { return a.Field == b.Field && a.Equal(b) })}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(spec.Kinds()).Draw(t, "kind")
		list, other := draw(t, kind), draw(t, kind)
		f := FieldsOf(list)
		if diff := cmp.Diff(list, f.List(), equal); diff != "" {
			t.Fatalf("packed and unpacked (-want +got):\n%s", diff)
		}
		for i, l := range f.All() {
			if got, ok := Find(f, l.Field.Name); !ok || !got.Equal(list[i]) {
				t.Fatalf("%s is found as %+v, want %+v", l.Field.Name, got, list[i])
			}
		}
		if _, ok := Find(f, "none"); ok || f.IsZero() != (len(list) == 0) {
			t.Fatalf("%+v has a field that is not among %+v, or none", f, list)
		}
		if g := FieldsOf(other); (f == g) != cmp.Equal(list, other, equal) {
			t.Fatalf("equal: %v, of %+v and %+v", f == g, list, other)
		}
	})
}

// The place that plainEnd finds is the one that looking at each byte finds.
func FuzzPlainEnd(f *testing.F) {
	f.Add("abcdefgh\"", 0)
	f.Add("abc\\defghijklmnop\x1fé\x7f", 3)
	f.Fuzz(func(t *testing.T, s string, at int) {
		if at < 0 || at > len(s) {
			return
		}
		want := at
		for want < len(s) && s[want] >= ' ' && s[want] < 0x80 && s[want] != '"' && s[want] != '\\' {
			want++
		}
		if got := plainEnd(s, at); got != want {
			t.Fatalf("plainEnd(%q, %d) is %d, want %d", s, at, got, want)
		}
	})
}
