package lockfile

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// texts are lockfiles as they are written, and what may become of one.
func texts(t testing.TB) []string {
	t.Helper()
	var b bytes.Buffer
	l := sampleLock()
	l.Put(&Entry{Address: address("card/k"), DependsOn: []spec.Address{address("customer/elif")}, Fields: kept(spec.Card, "customer", "CUST-0001", "token", "fp")})
	l.Put(&Entry{Address: address("product/p"), ID: 7, Code: "Ürün 1", Labels: map[string]string{"city": "izmir", "segment": "gold"}})
	l.Put(&Entry{Address: address("schedule/m15"), ID: 1005, Word: "adopted", Fields: kept(spec.Schedule, "frequency", "monthly", "daysOfMonth", "15"), Defaults: kept(spec.Schedule, "every", "1")})
	l.Bury(&Entry{Address: address("sale/old"), ID: 3, Code: "S-1"}, address("sale/elif-gold"))
	if _, err := l.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	lines := strings.SplitAfter(strings.TrimSuffix(good, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	header := lines[0]
	pick := func(places ...int) string {
		out := header
		for _, i := range places {
			out += lines[i]
		}
		return out
	}
	return []string{
		good, header, "", "\n", good[:len(good)-1], good[:len(good)-9], good + "\n", good + good, strings.ReplaceAll(good, "\n", "\r\n"), strings.ReplaceAll(good, `":`, `": `),
		pick(1, 1), pick(2, 1), pick(1, 2, 1), pick(5, 6, 5), pick(6, 5), pick(6, 6), pick(7, 7), pick(1, 7, 2), header + pick(1),
		pick(1) + "<<<<<<< ours\n" + lines[2] + "=======\n" + lines[3] + ">>>>>>> theirs\n", pick(1) + "\x00\x00\n", pick(1) + "{}\n", pick(1) + lines[2][:20],
		strings.Replace(good, `"deleted":true`, `"deleted":false`, 1), strings.Replace(good, `"gold"`, `"g\u006fld"`, 1), strings.Replace(good, "Ü", "\u2028", 1), strings.Replace(good, "Ü", "\xff", 1),
		strings.Replace(good, `"adopted"`, `null`, 1), strings.Replace(good, `"cards":["fp"]`, `"cards":["a","}","{\"b\":1}"]`, 1), strings.Replace(good, `"izmir"`, `"}izmir{"`, 1),
	}
}

// partsAgree reads a text in parts, quickly, and line by line through encoding/json alone: the one takes what the other takes, and as the same.
func partsAgree(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) {
	t.Helper()
	want, err := parseLines("f", text, "")
	for _, n := range []int{1, 2, 3, 5, 100} {
		got, ok := parseParts(text, "", n, 2)
		if ok != (err == nil) {
			t.Fatalf("in %d parts it is taken: %v; line by line: %v\n%s", n, ok, err, text)
		}
		if !ok {
			continue
		}
		same := slices.EqualFunc(got.Entries(), want.Entries(), func(a, b *Entry) bool { return reflect.DeepEqual(a, b) })
		if !same || !reflect.DeepEqual(got.Pending, want.Pending) || !reflect.DeepEqual(got.tombstones, want.tombstones) || got.Header != want.Header || !reflect.DeepEqual(got.keys.key, want.keys.key) {
			t.Fatalf("in %d parts it is read as %+v, line by line as %+v\n%s", n, got, want, text)
		}
		for _, e := range want.Entries() {
			if found := got.Get(e.Address); found == nil || found.Address != e.Address {
				t.Fatalf("in %d parts %s is not found\n%s", n, e.Address, text)
			}
		}
	}
}

func TestParts(t *testing.T) {
	good := 0
	for _, text := range texts(t) {
		partsAgree(t, text)
		if _, err := Parse("f", []byte(text), ""); err == nil {
			good++
		}
	}
	if good < 8 {
		t.Errorf("%d of the texts are good: most of the rest is then not about what it says", good)
	}
}

// Lines that are taken away, doubled, swapped, cut or spoilt at random are told in the same way by both.
func TestPartsOfDamaged(t *testing.T) {
	all := texts(t)
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.SplitAfter(all[0], "\n")
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			i, j := rapid.IntRange(0, len(lines)-1).Draw(t, "line"), rapid.IntRange(0, len(lines)-1).Draw(t, "other")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				lines[i], lines[j] = lines[j], lines[i]
			case 1:
				lines[i] = lines[j]
			case 2:
				lines[i] = ""
			case 3:
				lines[i] += lines[j]
			case 4:
				if at := rapid.IntRange(0, len(lines[i])).Draw(t, "at"); at < len(lines[i]) {
					lines[i] = lines[i][:at] + rapid.SampledFrom([]string{"", "x", `"`, "\n", "}", ",", "é", "\x01"}).Draw(t, "put") + lines[i][at+1:]
				}
			}
		}
		partsAgree(t, strings.Join(lines, ""))
	})
}

// A line that was edited by hand, or written by another program, says the same however it is spelled: what it keeps is equal, and it is written in one way.
func TestSpelledOtherwise(t *testing.T) {
	written := `{"address":"sale/s","id":7,"fields":{"customer":"ABONE-Ş","cards":["a/b","c"],"amount":"149.90"},"defaults":{"currency":"TL"}}`
	read := func(line string) (*Lock, *Entry) {
		t.Helper()
		l, err := Parse("f", []byte(texts(t)[1]+line+"\n"), "")
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return l, l.Get(address("sale/s"))
	}
	want, entry := read(written)
	for _, line := range []string{
		strings.Replace(written, "Ş", `\u015e`, 1), strings.Replace(written, "a/b", `a\/b`, 1), strings.Replace(written, "TL", `\u0054L`, 1), strings.ReplaceAll(written, ",", ", "),
		`{"defaults":{"currency":"TL"},"fields":{"amount":"149.90","cards":["a/b","c"],"customer":"ABONE-Ş"},"id":7,"address":"sale/s"}`,
		strings.Replace(written, `{"customer"`, `{"amount":"1.00","customer"`, 1), // the later one counts
	} {
		l, e := read(line)
		if e.Fields != entry.Fields || e.Defaults != entry.Defaults {
			t.Errorf("%s keeps other values than %s", line, written)
		}
		if text(t, l) != text(t, want) || !strings.HasSuffix(text(t, l), written+"\n") {
			t.Errorf("%s is written as\n%s", line, text(t, l))
		}
	}
}

// Whatever a text is, it is read in parts as it is read line by line, and what is accepted is kept: written and read again it is the same.
func FuzzParse(f *testing.F) {
	for _, text := range texts(f) {
		f.Add(text)
	}
	f.Add("{\"mokasync\":\"lockfile\",\"formatVersion\":\"1.0\",\"endpoint\":\"a\",\"dealer\":\"b\",\"keyId\":\"c\"}\n")
	f.Fuzz(func(t *testing.T, in string) {
		partsAgree(t, in)
		l, err := Parse("f", []byte(in), "")
		if err != nil {
			var damage *DamageError
			if !errors.As(err, &damage) || damage.Line < 1 || damage.Line > strings.Count(in, "\n")+1 {
				t.Fatalf("not an error with a line of the file: %v", err)
			}
			return
		}
		once := text(t, l)
		again, err := Parse("f", []byte(once), "")
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if twice := text(t, again); twice != once {
			t.Fatalf("not stable:\n%s\n%s", once, twice)
		}
	})
}
