package lockfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
)

// known makes a lockfile's text of *Entry, *Intent and *Tombstone.
func known(parts ...any) string {
	l := New("test", "1731", saltKeyring("5a17"))
	for _, part := range parts {
		switch part := part.(type) {
		case *Entry:
			l.entries.put(part)
		case *Intent:
			l.Pending = append(l.Pending, part)
		case *Tombstone:
			l.remember(version{tombstone: part})
		}
	}
	var b bytes.Buffer
	l.WriteTo(&b)
	return b.String()
}

func customerLine(name string, id int64, email string) *Entry {
	return &Entry{Address: address("customer/" + name), ID: id, Code: "C" + name, Fields: kept(spec.Customer, "email", email)}
}

func saleLine(name string, id int64, code, amount string, on ...string) *Entry {
	e := &Entry{Address: address("sale/" + name), ID: id, Code: code, Fields: kept(spec.Sale, "amount", amount)}
	for _, a := range on {
		e.DependsOn = append(e.DependsOn, address(a))
	}
	return e
}

func cardLine(name, token string) *Entry {
	return &Entry{Address: address("card/" + name), Fields: kept(spec.Card, "token", token)}
}

func stepLine(name string, id int64, sale, day string) *Entry {
	return &Entry{Address: address("paymentstep/" + name), ID: id, Fields: kept(spec.PaymentStep, "sale", sale, "paymentDate", day)}
}

// inDoubt is an open call at an entry's address, of a moment.
func inDoubt(op string, e *Entry, second int) *Intent {
	in := &Intent{Op: "DealerSale/" + op, At: at(second), Digest: "d", Entry: *e}
	switch op {
	case "AddSale":
		in.Entry.ID = 0
	case "UpdateSale":
		in.Previous = []Locked{}
	case "DeleteSale":
		in.Delete = true
	}
	return in
}

func dead(name string, id int64, code string) *Tombstone {
	return &Tombstone{Address: address("sale/" + name), Code: code, ID: id}
}

// What one side changed is taken; what both changed alike is kept; each resource, with its open call, and each deleted code stand for themselves.
func TestMergeTakes(t *testing.T) {
	a, a2, b, c := customerLine("a", 1, "x"), customerLine("a", 1, "y"), customerLine("b", 2, "x"), customerLine("c", 3, "x")
	s, s2, doubt := saleLine("s", 7, "S", "1.00"), saleLine("s", 7, "S", "2.00"), inDoubt("AddSale", saleLine("s", 7, "S", "1.00"), 0)
	moved := saleLine("r", 7, "S", "1.00")
	for _, row := range []struct{ what, base, ours, theirs, want string }{
		{"nothing changed", known(a, b), known(a, b), known(a, b), known(a, b)},
		{"each side adds", known(b), known(a, b), known(b, c), known(a, b, c)},
		{"one adds, the other changes", known(a), known(a, b), known(a2), known(a2, b)},
		{"one takes out, the other adds", known(a, b), known(b), known(a, b, c), known(b, c)},
		{"both add the same", known(b), known(a, b), known(a, b), known(a, b)},
		{"both change alike", known(a), known(a2), known(a2), known(a2)},
		{"both take out", known(a, b), known(b), known(b), known(b)},
		{"no common ancestor", "", known(a), known(b), known(a, b)},
		{"one renames, the other adds", known(s), known(moved), known(b, s), known(b, moved)},
		{"both have the same call in doubt", known(doubt), known(a, doubt), known(b, doubt), known(a, b, doubt)},
		{"one side settled the call", known(doubt), known(s), known(b, doubt), known(b, s)},
		{"one side settled the call: nothing came about", known(doubt), known(), known(b, doubt), known(b)},
		{"one side has a call in doubt", known(s), known(s, inDoubt("UpdateSale", s2, 0)), known(b, s), known(b, s, inDoubt("UpdateSale", s2, 0))},
		{"one side deleted a sale", known(s), known(dead("s", 7, "S")), known(b, s), known(b, dead("s", 7, "S"))},
		{"both deleted it", known(s), known(dead("s", 7, "S")), known(dead("s", 7, "S")), known(dead("s", 7, "S"))},
		{"each deleted one", known(s, saleLine("t", 8, "T", "1.00")), known(dead("s", 7, "S"), saleLine("t", 8, "T", "1.00")), known(s, dead("t", 8, "T")), known(dead("s", 7, "S"), dead("t", 8, "T"))},
		{"what does not go together on one side already is not the merge's doing", known(s), known(s, saleLine("t", 7, "S", "1.00"), dead("s", 7, "S")), known(b, s), known(b, s, saleLine("t", 7, "S", "1.00"), dead("s", 7, "S"))},
		{"a line that depended on nothing already", known(a, saleLine("s", 7, "S", "1.00", "customer/a")), known(saleLine("s", 7, "S", "1.00", "customer/a")), known(a, saleLine("s", 7, "S", "2.00", "customer/a")), known(saleLine("s", 7, "S", "2.00", "customer/a"))},
	} {
		t.Run(row.what, func(t *testing.T) {
			for _, sides := range [][2]string{{row.ours, row.theirs}, {row.theirs, row.ours}} {
				got, err := Merge("x.lock", []byte(row.base), []byte(sides[0]), []byte(sides[1]))
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Conflicts) > 0 {
					t.Fatalf("conflicts: %+v", got.Conflicts)
				}
				if diff := cmp.Diff(row.want, string(got.Text)); diff != "" {
					t.Errorf("the merge (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What cannot be decided is told, in words, and marked. The rows' words are address: why; ours: …; theirs: …
func TestMergeConflicts(t *testing.T) {
	a, a2, a3 := customerLine("a", 1, "x"), customerLine("a", 1, "y"), customerLine("a", 1, "z")
	s, s2, s3 := saleLine("s", 7, "S", "1.00"), saleLine("s", 7, "S", "2.00"), saleLine("s", 7, "S", "3.00")
	adding := func(second int) *Intent { return inDoubt("AddSale", s, second) }
	onA := saleLine("t", 8, "T", "1.00", "customer/a")
	renamed := &Entry{Address: address("customer/z"), ID: 1, Code: "Ca", Fields: a.Fields}
	for _, row := range []struct {
		what, base, ours, theirs string
		want                     []string
	}{
		{"both change", known(a), known(a2), known(a3), []string{"customer/a: ; email changed; email changed"}},
		{"both add, differently", known(), known(saleLine("s", 7, "S", "1.00")), known(saleLine("s", 9, "S", "1.00")), []string{"sale/s: ; new (id 7); new (id 9)"}},
		{"one takes out what the other changes", known(a), known(), known(a2), []string{"customer/a: ; taken out; email changed"}},
		{"one deletes what the other changes", known(s), known(dead("s", 7, "S")), known(s2), []string{"sale/s: ; deleted at Moka; amount changed"}},
		{"one renames what the other changes", known(s), known(saleLine("r", 7, "S", "1.00")), known(s2), []string{
			"sale/r: sale/s has the code \"S\" too; renamed from sale/s (id 7); does not know it", "sale/s: ; renamed to sale/r; amount changed"}},
		{"both rename, differently", known(s), known(saleLine("r", 7, "S", "1.00")), known(saleLine("q", 7, "S", "1.00")), []string{
			"sale/q: sale/r has the code \"S\" too; does not know it; renamed from sale/s (id 7)", "sale/r: sale/q has the code \"S\" too; renamed from sale/s (id 7); does not know it"}},
		{"one settles a call that the other tried again", known(adding(0)), known(s), known(adding(9)), []string{
			"sale/s: ; new (id 7), its call in doubt settled; another call in doubt: DealerSale/AddSale of 2027-01-15T09:00:09Z"}},
		{"both have a call in doubt", known(), known(adding(0)), known(adding(9)), []string{
			"sale/s: ; in doubt: DealerSale/AddSale of 2027-01-15T09:00:00Z; in doubt: DealerSale/AddSale of 2027-01-15T09:00:09Z"}},
		{"a call in doubt beside a change", known(s), known(s, inDoubt("UpdateSale", s2, 0)), known(s3), []string{
			"sale/s: ; in doubt: DealerSale/UpdateSale of 2027-01-15T09:00:00Z; amount changed"}},
		{"one sale made under two names", known(), known(saleLine("r", 7, "S", "1.00")), known(adding(0)), []string{
			"sale/r: sale/s has the code \"S\" too; new (id 7); does not know it", "sale/s: sale/r has the code \"S\" too; does not know it; in doubt: DealerSale/AddSale of 2027-01-15T09:00:00Z"}},
		{"one number under two names", known(), known(saleLine("r", 7, "R", "1.00")), known(s), []string{
			"sale/r: sale/s has the id 7 too; new (id 7); does not know it", "sale/s: sale/r has the id 7 too; does not know it; new (id 7)"}},
		{"one card under two names", known(), known(cardLine("a", "fp")), known(cardLine("b", "fp")), []string{
			"card/a: card/b has the same token too; new; does not know it", "card/b: card/a has the same token too; does not know it; new"}},
		{"two steps of one sale on one day", known(), known(stepLine("a", 1, "S", "2027-02-01")), known(stepLine("b", 2, "S", "2027-02-01")), []string{
			"paymentstep/a: paymentstep/b has the same sale and day too; new (id 1); does not know it", "paymentstep/b: paymentstep/a has the same sale and day too; does not know it; new (id 2)"}},
		{"one renames the sale that the other deletes", known(s), known(dead("s", 7, "S")), known(saleLine("r", 7, "S", "1.00")), []string{
			"sale/r: the code \"S\" is that of a deleted sale and of sale/r; does not know it; renamed from sale/s (id 7)",
			"sale/s: the code \"S\" is that of a deleted sale and of sale/r; sale/s deleted at Moka (code \"S\"); does not know the code \"S\" as deleted"}},
		{"one code deleted under two names", known(), known(dead("s", 7, "S")), known(dead("r", 7, "S")), []string{
			"sale/r: ; sale/s deleted at Moka (code \"S\"); sale/r deleted at Moka (code \"S\")", "sale/s: ; sale/s deleted at Moka (code \"S\"); sale/r deleted at Moka (code \"S\")"}},
		{"one adds a sale to the customer that the other takes out", known(a), known(a, onA), known(), []string{
			"sale/t: it depends on customer/a, which theirs has no more; new (id 8); does not know it"}},
		{"one adds a sale to the customer that the other renames", known(a), known(a, onA), known(renamed), []string{
			"sale/t: it depends on customer/a, which theirs has no more; new (id 8); does not know it"}},
	} {
		t.Run(row.what, func(t *testing.T) {
			m, err := Merge("x.lock", []byte(row.base), []byte(row.ours), []byte(row.theirs))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range m.Conflicts {
				got = append(got, c.Address.String()+": "+c.Why+"; "+c.Ours+"; "+c.Theirs)
				if c.Hint == "" {
					t.Errorf("%s: nothing is said about what to do", c.Address)
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			mustBeMarked(t, m)
		})
	}
}

// mustBeMarked: Parse refuses the text at the first conflict, and at each conflict's line there is a marker.
func mustBeMarked(t interface {
	Helper()
	Errorf(string, ...any)
}, m *Merged) {
	t.Helper()
	var damage *DamageError
	var unmerged *UnmergedError
	if _, err := Parse("x.lock", m.Text, ""); !errors.As(err, &unmerged) || !errors.As(err, &damage) || damage.Line != m.Conflicts[0].Line {
		t.Errorf("Parse says %v, want an UnmergedError at line %d", err, m.Conflicts[0].Line)
	}
	lines := strings.Split(string(m.Text), "\n")
	for _, c := range m.Conflicts {
		if lines[c.Line-1] != "<<<<<<< ours" {
			t.Errorf("%s: line %d is no marker: %s", c.Address, c.Line, lines[c.Line-1])
		}
	}
}

// Conflict markers, also those of other tools and of a merge by lines, are told for what they are, before all else that is wrong with the line.
func TestUnmerged(t *testing.T) {
	lines := strings.SplitAfter(known(customerLine("a", 1, "x")), "\n")
	for _, row := range []struct {
		text string
		line int
	}{
		{"<<<<<<< HEAD\n" + lines[0] + "=======\n" + lines[0] + ">>>>>>> other\n", 1},
		{lines[0] + "<<<<<<< Updated upstream\n" + lines[1], 2},
		{lines[0] + lines[1] + "||||||| 1a2b3c\n", 3},
		{lines[0] + "=======\n" + lines[1], 2},
		{lines[0] + lines[1] + ">>>>>>> other", 3},
	} {
		var damage *DamageError
		var unmerged *UnmergedError
		if _, err := Parse("x.lock", []byte(row.text), ""); !errors.As(err, &unmerged) || !errors.As(err, &damage) || damage.Line != row.line {
			t.Errorf("%q: got %v, want an UnmergedError at line %d", row.text, err, row.line)
		}
	}
}

// A conflict's text: all that merged is there, and around what did not, markers as git writes them.
func TestMergeText(t *testing.T) {
	line := func(e *Entry) string { return string(appendEntry(nil, e)) + "\n" }
	s, s2, other := saleLine("s", 7, "S", "1.00"), saleLine("s", 7, "S", "2.00"), saleLine("z", 8, "Z", "1.00")
	m, err := Merge("x.lock", []byte(known(s)), []byte(known(dead("s", 7, "S"), dead("s", 6, "R"))), []byte(known(s2, other)))
	if err != nil {
		t.Fatal(err)
	}
	want := known(dead("s", 6, "R")) +
		"<<<<<<< ours\n" + `{"address":"sale/s","deleted":true,"id":7,"code":"S"}` + "\n||||||| base\n" + line(s) + "=======\n" + line(s2) + ">>>>>>> theirs\n" + line(other)
	if diff := cmp.Diff(want, string(m.Text)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// Lockfiles with different first lines cannot be merged by lines; one that only one side changed is taken.
func TestMergeHeaders(t *testing.T) {
	a, b := customerLine("a", 1, "x"), customerLine("b", 2, "x")
	one := known(a)
	for _, row := range []struct{ what, from, to, why string }{
		{"salt", "5a17", "5a18", "the first lines differ in salt: fingerprints of the one mean nothing beside those of the other"},
		{"key", `"salt":"5a17"`, `"keyId":"k"`, "the first lines differ in salt, keyId: fingerprints of the one mean nothing beside those of the other"},
		{"dealer", "1731", "1732", "the first lines differ in dealer: the two are of different accounts"},
		{"endpoint", `"test"`, `"live"`, "the first lines differ in endpoint: the two are of different accounts"},
		{"format", `"1.0"`, `"1.1"`, "the first lines differ in format: another mokasync wrote the one"},
	} {
		t.Run(row.what, func(t *testing.T) {
			other := strings.Replace(known(a, b), row.from, row.to, 1)
			for _, ancestor := range []string{"", known(b)} {
				m, err := Merge("x.lock", []byte(ancestor), []byte(one), []byte(other))
				if err != nil {
					t.Fatal(err)
				}
				if len(m.Conflicts) != 1 || m.Conflicts[0].Why != row.why || m.Conflicts[0].Ours != "1 resource" || m.Conflicts[0].Theirs != "2 resources" {
					t.Errorf("conflicts: %+v", m.Conflicts)
				}
				mustBeMarked(t, m)
				if want := "<<<<<<< ours\n" + one + "||||||| base\n" + ancestor + "=======\n" + other + ">>>>>>> theirs\n"; string(m.Text) != want {
					t.Errorf("text (-want +got):\n%s", cmp.Diff(want, string(m.Text)))
				}
			}
			want := strings.Replace(other, `"1.1"`, `"1.0"`, 1) // written as this mokasync writes it
			for _, sides := range [][2]string{{one, other}, {other, one}} {
				m, err := Merge("x.lock", []byte(one), []byte(sides[0]), []byte(sides[1]))
				if err != nil || len(m.Conflicts) > 0 || string(m.Text) != want {
					t.Errorf("changed on one side: %v, %+v", err, m)
				}
			}
		})
	}
}

// A side that cannot be read stops the merge, and the file stays as it is, byte for byte.
func TestMergeFilesUnreadable(t *testing.T) {
	good := known(customerLine("a", 1, "x"))
	for _, row := range []struct {
		side, text string
		line       int
	}{
		{"ours", good[:len(good)-1], 2},
		{"theirs", good + "<<<<<<< ours\n", 3},
		{"theirs", strings.Replace(good, `"1.0"`, `"2.0"`, 1), 1},
		{"theirs", "", 1},
		{"base", "<<<<<<< ours\n" + good, 1},
		{"base", good + good, 3},
	} {
		dir := t.TempDir()
		files := map[string]string{}
		for _, side := range sideNames {
			files[side] = filepath.Join(dir, side)
			text := good
			if side == row.side {
				text = row.text
			}
			if err := os.WriteFile(files[side], []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.ReadFile(files["ours"])
		_, err := MergeFiles(OS{}, "x.lock", files["base"], files["ours"], files["theirs"])
		var side *SideError
		var damage *DamageError
		if !errors.As(err, &side) || side.Side != row.side || !errors.As(err, &damage) || damage.Line != row.line || damage.File != "x.lock ("+row.side+")" {
			t.Errorf("%s %q: got %v, want damage at line %d of it", row.side, row.text, err, row.line)
		}
		if after, _ := os.ReadFile(files["ours"]); !bytes.Equal(after, before) {
			t.Errorf("%s %q: ours was changed", row.side, row.text)
		}
	}
}

// The result takes the place of ours, also behind a link; an ancestor that is not there knows nothing, another file that is not there is an error.
func TestMergeFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := customerLine("a", 1, "x"), customerLine("b", 2, "x")
	real, link, theirsFile := filepath.Join(dir, "real"), filepath.Join(dir, "link"), filepath.Join(dir, "theirs")
	if err := errors.Join(os.WriteFile(real, []byte(known(a)), 0o644), os.Symlink(real, link), os.WriteFile(theirsFile, []byte(known(b)), 0o644)); err != nil {
		t.Fatal(err)
	}
	m, err := MergeFiles(OS{}, "x.lock", filepath.Join(dir, "nothing"), link, theirsFile)
	if err != nil || m.Resources != 2 || len(m.Conflicts) > 0 {
		t.Fatalf("got %+v, %v", m, err)
	}
	if got, _ := os.ReadFile(real); string(got) != known(a, b) {
		t.Errorf("ours is\n%s", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := MergeFiles(OS{}, "x.lock", real, real, filepath.Join(dir, "nothing")); err == nil {
		t.Error("theirs is not there, and nobody says so")
	}
}
