package lockfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// edit makes a random change to l, as runs of mokasync make them. Names and numbers are few, so that two sides often mean the same.
func edit(t *rapid.T, l *Lock) {
	number := func(label string, n int) int { return rapid.IntRange(1, n).Draw(t, label) }
	kind := rapid.SampledFrom([]spec.Kind{spec.Customer, spec.Card, spec.Sale, spec.PaymentStep}).Draw(t, "kind")
	at := spec.Address{Kind: kind, Name: fmt.Sprint("n", number("name", 3))}
	had := l.Get(at)
	switch what := rapid.SampledFrom([]string{"put", "put", "change", "change", "drop", "move", "bury", "doubt", "settle"}).Draw(t, "what"); {
	case what == "put" || had == nil && what != "settle":
		e := &Entry{Address: at}
		switch n := number("number", 4); kind {
		case spec.Customer:
			e.ID, e.Code, e.Fields = int64(n), fmt.Sprint("C", n), kept(kind, "email", "fp")
		case spec.Card:
			e.Fields = kept(kind, "token", fmt.Sprint("fp", n))
		case spec.Sale:
			e.ID, e.Code, e.Fields = int64(n), fmt.Sprint("S", n), kept(kind, "amount", "1.00")
		case spec.PaymentStep:
			e.ID, e.Fields = int64(n), kept(kind, "sale", "S1", "paymentDate", fmt.Sprintf("2027-02-%02d", n))
		}
		if on := (spec.Address{Kind: spec.Customer, Name: fmt.Sprint("n", number("customer", 3))}); l.Get(on) != nil && kind != spec.Customer {
			e.DependsOn = []spec.Address{on}
		}
		if what == "doubt" {
			in := &Intent{Op: "X/Add", At: moment(number("second", 3)), Digest: "d", Entry: *e}
			in.Entry.ID = 0
			l.AddPending(in)
			return
		}
		l.Put(e)
	case what == "settle":
		l.Settle(at)
	case what == "change":
		changed := *had
		changed.Labels = map[string]string{"v": fmt.Sprint(number("label", 3))}
		l.Put(&changed)
	case what == "drop":
		l.Drop(at)
	case what == "move":
		*l = *l.Moved(map[spec.Address]spec.Address{at: {Kind: kind, Name: fmt.Sprint("n", number("name", 5))}})
	case what == "bury":
		l.Record(&Outcome{Address: at, Status: "done", Deleted: true})
	case what == "doubt":
		l.AddPending(&Intent{Op: "X/Update", At: moment(number("second", 3)), Digest: "d", Entry: *had, Previous: []Locked{}})
	}
}

// moment is a time, where `at` is an address.
var moment = at

// three draws a lockfile and two histories that come from it.
func three(t *rapid.T) (texts [3]string) {
	l := New("test", "1731", saltKeyring("5a17"))
	edits := func(l *Lock, n int) string {
		for range rapid.IntRange(0, n).Draw(t, "edits") {
			edit(t, l)
		}
		var b bytes.Buffer
		l.WriteTo(&b)
		return b.String()
	}
	texts[base] = edits(l, 12)
	for _, s := range []int{ours, theirs} {
		l, err := Parse("x.lock", []byte(texts[base]), "")
		if err != nil {
			t.Fatal(err)
		}
		texts[s] = edits(l, 6)
	}
	return texts
}

func mustMerge(t *rapid.T, baseText, oursText, theirsText string) *Merged {
	m, err := Merge("x.lock", []byte(baseText), []byte(oursText), []byte(theirsText))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Random histories merge to a lockfile of which every line is there by the rule of three, or to a marked conflict that holds what each side says.
func TestMergeProperty(t *testing.T) {
	merged, conflicts := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		texts := three(t)
		m := mustMerge(t, texts[base], texts[ours], texts[theirs])
		got := marked(t, string(m.Text))
		for _, by := range subjectsOf(t, texts[base], texts[ours], texts[theirs]) {
			b, o, s := by.lines[base], by.lines[ours], by.lines[theirs]
			want := s
			if o == s || s == b {
				want = o
			}
			switch decided := o == s || o == b || s == b; {
			case strings.Join(got.of(clean, by.name), "") == want && decided:
			case blocked(got, by):
			default:
				t.Fatalf("%s: base %q, ours %q, theirs %q; merged:\n%s", by.name, b, o, s, m.Text)
			}
		}
		if len(m.Conflicts) > 0 {
			conflicts++
			mustBeMarked(t, m)
		} else {
			merged++
			l, err := Parse("x.lock", m.Text, "")
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			if l.WriteTo(&again); again.String() != string(m.Text) {
				t.Fatalf("written again it is another:\n%s", cmp.Diff(string(m.Text), again.String()))
			}
			for _, what := range dangling(t, string(m.Text)) {
				if !slices.Contains(append(dangling(t, texts[ours]), dangling(t, texts[theirs])...), what) {
					t.Fatalf("%s, in\n%sof ours\n%sand theirs\n%s", what, m.Text, texts[ours], texts[theirs])
				}
			}
		}
		// With one side of all blocks it is a lockfile, and all in it goes together that did so on both sides.
		for _, s := range []int{ours, theirs} {
			mustGoTogether(t, got.taking(s), texts)
		}
	})
	if merged == 0 || conflicts == 0 {
		t.Errorf("%d merges without and %d with conflicts: the histories are too alike", merged, conflicts)
	}
}

// The laws of merging: what changed on one side is taken as it is, the same change twice is one, the sides can be swapped, and a merge that is merged again stays.
func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := three(t)
		b, o, s := texts[base], texts[ours], texts[theirs]
		for _, row := range [][4]string{{b, o, b, o}, {b, b, o, o}, {b, o, o, o}, {"", o, o, o}} {
			if m := mustMerge(t, row[0], row[1], row[2]); string(m.Text) != row[3] {
				t.Fatalf("merging\n%s\n%s\n%sgives\n%s", row[0], row[1], row[2], m.Text)
			}
		}
		m, swapped := mustMerge(t, b, o, s), mustMerge(t, b, s, o)
		one, other := marked(t, string(m.Text)), marked(t, string(swapped.Text))
		if !slices.Equal(one.parts[clean], other.parts[clean]) || !slices.Equal(one.parts[ours], other.parts[theirs]) || !slices.Equal(one.parts[theirs], other.parts[ours]) || !slices.Equal(one.parts[base], other.parts[base]) {
			t.Fatalf("swapped:\n%s\n%s", m.Text, swapped.Text)
		}
		if len(m.Conflicts) > 0 {
			return
		}
		for _, row := range [][2]string{{string(m.Text), s}, {o, string(m.Text)}, {string(m.Text), o}} {
			if again := mustMerge(t, b, row[0], row[1]); string(again.Text) != string(m.Text) {
				t.Fatalf("merged again:\n%s\n%s", m.Text, again.Text)
			}
		}
	})
}

// blocks are a merged lockfile's lines: those of the three sides of the conflicts, and the clean ones.
type blocks struct {
	header string
	parts  [4][]string
}

const clean = 3

// marked reads a merged text by its markers, on its own.
func marked(t *rapid.T, text string) *blocks {
	in, b := clean, &blocks{}
	for i, line := range strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n") {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case i == 0:
			b.header = line
		case line == "<<<<<<< ours" && in == clean:
			in = ours
		case line == "||||||| base" && in == ours:
			in = base
		case line == "=======" && in == base:
			in = theirs
		case line == ">>>>>>> theirs" && in == theirs:
			in = clean
		case strings.HasPrefix(line, "{"):
			b.parts[in] = append(b.parts[in], line)
		default:
			t.Fatalf("line %d is out of place:\n%s", i+1, text)
		}
	}
	return b
}

// of gives the lines of a part that are about one subject.
func (b *blocks) of(part int, name string) []string {
	var out []string
	for _, line := range b.parts[part] {
		if subjectOf(line) == name {
			out = append(out, line)
		}
	}
	return out
}

// taking gives the lockfile that comes of taking one side in all blocks.
func (b *blocks) taking(side int) string {
	lines := slices.Concat(b.parts[clean], b.parts[side])
	slices.SortStableFunc(lines, func(x, y string) int { return address(addressIn(x)).Compare(address(addressIn(y))) })
	return b.header + "\n" + strings.Join(append(lines, ""), "\n")
}

// blocked reports whether a subject stands in blocks, with what each of the three says.
func blocked(got *blocks, by subjectLines) bool {
	for s := range by.lines {
		if strings.Join(got.of(s, by.name), "") != by.lines[s] {
			return false
		}
	}
	return len(got.of(clean, by.name)) == 0
}

type subjectLines struct {
	name  string
	lines [3]string
}

// subjectsOf groups the lines of three lockfiles by what is merged as one.
func subjectsOf(t *rapid.T, texts ...string) []subjectLines {
	var out []subjectLines
	for s, text := range texts {
		for _, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
			i := slices.IndexFunc(out, func(x subjectLines) bool { return x.name == subjectOf(line) })
			if i < 0 {
				i, out = len(out), append(out, subjectLines{name: subjectOf(line)})
			}
			out[i].lines[s] += line
		}
	}
	return out
}

// subjectOf names what a line is about: an address, or a deleted code.
func subjectOf(line string) string {
	var w struct {
		Address, Code string
		Deleted       bool
	}
	json.Unmarshal([]byte(line), &w)
	if w.Deleted {
		return "deleted " + w.Code
	}
	return w.Address
}

func addressIn(line string) string {
	var w struct{ Address string }
	json.Unmarshal([]byte(line), &w)
	return w.Address
}

// mustGoTogether: a lockfile can be read, and two of its addresses are one thing at Moka, or a deleted code is alive, only where that is so on a side already.
func mustGoTogether(t *rapid.T, text string, texts [3]string) {
	t.Helper()
	had := append(apart(t, texts[ours]), apart(t, texts[theirs])...)
	for _, what := range apart(t, text) {
		if !slices.Contains(had, what) {
			t.Fatalf("%s, in\n%sof ours\n%sand theirs\n%s", what, text, texts[ours], texts[theirs])
		}
	}
}

// apart lists what does not go together in a lockfile, pair by pair.
func apart(t *rapid.T, text string) []string {
	l, err := Parse("x.lock", []byte(text), "")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var out []string
	all := l.Entries()
	for _, in := range l.Pending {
		all = append(all, &in.Entry)
	}
	for _, e := range all {
		for _, f := range all {
			same := e.ID != 0 && e.ID == f.ID || e.Code != "" && e.Code == f.Code || e.Text("token") != "" && e.Text("token") == f.Text("token") ||
				e.Text("paymentDate") != "" && e.Text("paymentDate") == f.Text("paymentDate") && e.Text("sale") == f.Text("sale")
			if e.Address.Kind == f.Address.Kind && e.Address.Compare(f.Address) < 0 && same {
				out = append(out, fmt.Sprintf("%s and %s are one at Moka", e.Address, f.Address))
			}
		}
		if e.Address.Kind == spec.Sale && l.Tombstone(e.Code) != nil {
			out = append(out, fmt.Sprintf("the deleted code %s is that of %s", e.Code, e.Address))
		}
	}
	return out
}

// dangling lists what depends on an address that is not in the lockfile.
func dangling(t *rapid.T, text string) []string {
	l, err := Parse("x.lock", []byte(text), "")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	all := l.Entries()
	for _, in := range l.Pending {
		all = append(all, &in.Entry)
	}
	for _, e := range all {
		for _, a := range e.DependsOn {
			if l.Get(a) == nil && l.Open(a) == nil {
				out = append(out, fmt.Sprintf("%s depends on %s, which is not there", e.Address, a))
			}
		}
	}
	return out
}

// Whatever the three files hold: an error that names one, a lockfile that can be read, or a marked conflict.
func FuzzMerge(f *testing.F) {
	a, s := customerLine("a", 1, "x"), saleLine("s", 7, "S", "1.00", "customer/a")
	f.Add([]byte(known(a)), []byte(known(a, s)), []byte(known()))
	f.Add([]byte(known(s)), []byte(known(dead("s", 7, "S"))), []byte(known(s, inDoubt("UpdateSale", s, 3))))
	f.Add([]byte(""), []byte(known(saleLine("r", 7, "S", "2.00"))), []byte(known(s, cardLine("k", "fp"), stepLine("p", 3, "S", "2027-02-01"))))
	f.Fuzz(func(t *testing.T, baseText, oursText, theirsText []byte) {
		m, err := Merge("f", baseText, oursText, theirsText)
		if err != nil {
			var side *SideError
			if !errors.As(err, &side) {
				t.Fatalf("not an error of one of the three: %v", err)
			}
			return
		}
		swapped, err := Merge("f", baseText, theirsText, oursText)
		if err != nil || len(swapped.Conflicts) != len(m.Conflicts) {
			t.Fatalf("swapped: %v, %d conflicts, not %d", err, len(swapped.Conflicts), len(m.Conflicts))
		}
		if len(m.Conflicts) > 0 {
			mustBeMarked(t, m)
			return
		}
		if !bytes.Equal(swapped.Text, m.Text) {
			t.Fatalf("swapped, it is another:\n%s\n%s", m.Text, swapped.Text)
		}
		l, err := Parse("f", m.Text, "")
		if err != nil {
			t.Fatalf("what was merged cannot be read: %v\n%s", err, m.Text)
		}
		if again := text(t, l); again != string(m.Text) {
			t.Fatalf("not what is written of it:\n%s\n%s", m.Text, again)
		}
	})
}
