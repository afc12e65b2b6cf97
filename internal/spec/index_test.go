package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// alike draws texts of which many are equal by case, as in English or in Turkish, or by Unicode form.
var alike = rapid.StringOfN(rapid.RuneFrom([]rune("aAiIıİsSşŞkK\u212a\u017f\u0307\u0327ﬁｉ-1")), 1, 4, -1)

// TestNumbersFindAllClashes: a code that clashes with one before it has a number in common with it, and those that have none in common with any can be left out.
func TestNumbersFindAllClashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs []*Resource
		for i, code := range rapid.SliceOfN(alike, 0, 12).Draw(t, "codes") {
			rs = append(rs, &Resource{Address: Address{Customer, fmt.Sprint("c", i)}, Code: code})
		}
		plain, turkish := numbers(rs, func(r *Resource) string { return r.Code })
		again, other := recurring(plain), recurring(turkish)
		all, some := newClashes(0), newClashes(0)
		for i, r := range rs {
			want, wantExact := all.meet(r, r.Code)
			if again != nil && again[i] || other != nil && other[i] {
				if got, exact := some.meet(r, r.Code); got != want || exact != wantExact {
					t.Errorf("%q: got %v and %v, want %v and %v", r.Code, got, exact, want, wantExact)
				}
			} else if want != nil {
				t.Errorf("%q is like %q, and has no number in common with it", r.Code, want.Code)
			}
		}
	})
}

// TestLowerCase: what a text of ASCII becomes without a library is what the libraries make of it.
func TestLowerCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom(nil, &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: unicode.MaxASCII, Stride: 1}}})).Draw(t, "text")
		if got, want := string(appendLower(nil, s, "i")), plainKey(s); got != want {
			t.Errorf("got %q, want %q, of %q", got, want, s)
		}
		if got, want := string(appendLower(nil, s, "ı")), turkishKey(s); strings.ContainsAny(s, turkishLetters) && got != want {
			t.Errorf("got %q, want %q, of %q, as in Turkish", got, want, s)
		}
	})
}

// TestIndex: an index finds what a map finds, and recurring what counting finds.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) Address {
			return Address{rapid.SampledFrom(Kinds()).Draw(t, "kind"), rapid.StringMatching(`[a-c]{1,2}`).Draw(t, "name")}
		})
		drawn := rapid.SliceOfN(draw, 0, 30).Draw(t, "addresses")
		want, count := map[Address]*Resource{}, map[uint64]int{}
		x := newIndex(len(drawn))
		var hashes []uint64
		for _, a := range drawn {
			r := &Resource{Address: a}
			want[a] = r
			x.add(r)
			hashes = append(hashes, hashOf(a.Kind, a.Name))
			count[hashes[len(hashes)-1]]++
		}
		for _, a := range append(drawn, rapid.SliceOfN(draw, 0, 30).Draw(t, "others")...) {
			if got := x.get(a); got != want[a] {
				t.Errorf("%s: got %v, want %v", a, got, want[a])
			}
		}
		hashes = append(hashes, 0, 0)
		wanted := make([]bool, len(hashes))
		for i, h := range hashes {
			wanted[i] = h != 0 && count[h] > 1
		}
		if got := recurring(hashes); !slices.Equal(got, wanted) && (got != nil || slices.Contains(wanted, true)) {
			t.Errorf("recurring: %s", cmp.Diff(got, wanted))
		}
	})
}

// TestAllocations: reading a plain manifest makes next to no garbage. What its YAML costs is not counted.
func TestAllocations(t *testing.T) {
	for _, text := range strings.Split(string(account(20)), "---\n") {
		doc, ok := single(text)
		if !ok || doc.raw == nil {
			continue
		}
		var o outcome
		got := testing.AllocsPerRun(200, func() {
			m := manifest{src: doc.src, span: doc.span, raw: doc.raw, out: &o}
			m.read()
		})
		if o.found == 0 || len(o.ds) > 0 {
			t.Fatalf("%v\n%s", o.ds, text)
		}
		if got > 1 {
			t.Errorf("got %v allocations, want 1 at most, of\n%s", got, text)
		}
	}
}
