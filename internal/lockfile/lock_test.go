package lockfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
)

func text(t *testing.T, l *Lock) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := l.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The text of a lockfile is a promise to git: one line a resource, sorted, keys in a fixed order.
func TestText(t *testing.T) {
	want := `{"mokasync":"lockfile","formatVersion":"1.0","endpoint":"test","dealer":"1731","salt":"5a17"}
{"address":"customer/elif","id":1033,"code":"CUST-0001","fields":{"firstName":"fp","password":"2"}}
{"address":"sale/elif-gold","id":1003,"code":"elif-gold-1","labels":{"city":"izmir","segment":"gold"},"annotations":{"mokasync/protect":"true"},"dependsOn":["card/elif-bonus","customer/elif"],"fields":{"customer":"CUST-0001","cards":["fp"],"amount":"149.90","description":"Tırnak \" ve \\ ve\nsatır"},"defaults":{"currency":"TL"}}
{"address":"sale/elif-gold","pending":{"op":"DealerSale/AddSale","at":"2027-01-15T09:00:00Z","deadline":"2027-01-15T09:00:30Z","digest":"d1","entry":{"address":"sale/elif-gold","code":"elif-gold-1","labels":{"city":"izmir","segment":"gold"},"annotations":{"mokasync/protect":"true"},"dependsOn":["card/elif-bonus","customer/elif"],"fields":{"customer":"CUST-0001","cards":["fp"],"amount":"149.90","description":"Tırnak \" ve \\ ve\nsatır"},"defaults":{"currency":"TL"}}}}
`
	got := text(t, sampleLock())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	back, err := Parse("mokasync.test.lock", []byte(got), "")
	if err != nil {
		t.Fatal(err)
	}
	if again := text(t, back); again != got {
		t.Errorf("read and written again, the text is another:\n%s", cmp.Diff(got, again))
	}
}

// A changed field touches one line.
func TestOneLineAChange(t *testing.T) {
	l := sampleLock()
	before := strings.Split(text(t, l), "\n")
	e := *sampleCustomer()
	e.Fields = kept(spec.Customer, "firstName", "fp", "password", "3")
	l.Put(&e)
	after := strings.Split(text(t, l), "\n")
	changed := 0
	for i := range before {
		if before[i] != after[i] {
			changed++
		}
	}
	if len(before) != len(after) || changed != 1 {
		t.Errorf("%d lines of %d changed, want 1", changed, len(before))
	}
}

func TestDamage(t *testing.T) {
	good := text(t, sampleLock())
	lines := strings.SplitAfter(good, "\n")
	tests := []struct {
		name string
		text string
		line int
	}{
		{"empty", "", 1},
		{"the last line cut off", good[:len(good)-3], 4},
		{"only the newline missing", strings.TrimSuffix(good, "\n"), 4},
		{"another file", "hello\n", 1},
		{"a journal", strings.Replace(good, "lockfile", "journal", 1), 1},
		{"no version", strings.Replace(good, `"formatVersion":"1.0",`, "", 1), 1},
		{"a newer format", strings.Replace(good, `"1.0"`, `"2.0"`, 1), 1},
		{"no dealer", strings.Replace(good, `,"dealer":"1731"`, "", 1), 1},
		{"no salt", strings.Replace(good, `,"salt":"5a17"`, "", 1), 1},
		{"salt and key", strings.Replace(good, `"salt":"5a17"`, `"salt":"5a17","keyId":"x"`, 1), 1},
		{"a broken line", strings.Replace(good, `"id":1033`, `"id":10x3`, 1), 2},
		{"an unknown key", strings.Replace(good, `"id":1033`, `"idd":1033`, 1), 2},
		{"an unknown field", strings.Replace(good, `"firstName"`, `"nickName"`, 1), 2},
		{"a field of another form", strings.Replace(good, `"cards":["fp"]`, `"cards":"fp"`, 1), 3},
		{"an unknown kind", strings.Replace(good, `"customer/elif","id"`, `"person/elif","id"`, 1), 2},
		{"no address", lines[0] + "{}\n", 2},
		{"a resource twice", lines[0] + lines[1] + lines[1], 3},
		{"two pending calls at one address", good + lines[3], 5},
		{"lines out of order", lines[0] + lines[2] + lines[1], 3},
		{"two objects on a line", lines[0] + strings.TrimSuffix(lines[1], "\n") + lines[1], 2},
		{"a git conflict", lines[0] + "<<<<<<< HEAD\n" + lines[1], 2},
		{"a pending call of another address", strings.Replace(good, `{"address":"sale/elif-gold","pending"`, `{"address":"sale/zzz","pending"`, 1), 4},
		{"NUL bytes", lines[0] + strings.Repeat("\x00", 20) + "\n", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("f", []byte(test.text), "")
			var damage *DamageError
			if !errors.As(err, &damage) || damage.Line != test.line {
				t.Errorf("got %v, want damage at line %d", err, test.line)
			}
		})
	}
	var unknown *FieldError
	for range 5 { // of several the first by name is told, each time
		several := strings.Replace(good, `"firstName":`, `"zip":"","nickName":"","street":"","firstName":`, 1)
		if _, err := Parse("f", []byte(several), ""); !errors.As(err, &unknown) || unknown.Field != "nickName" {
			t.Errorf("unknown fields: got %v, want nickName told", err)
		}
	}
	var newer *NewerError
	if _, err := Parse("f", []byte(strings.Replace(good, `"1.0"`, `"2.0"`, 1)), ""); !errors.As(err, &newer) || newer.Version != "2.0" {
		t.Errorf("a newer format: got %v, want a NewerError", err)
	}
	if _, err := Parse("f", []byte(strings.Replace(good, `"1.0"`, `"1.7"`, 1)), ""); err != nil {
		t.Errorf("a newer minor version is read: %v", err)
	}
}

func TestKeys(t *testing.T) {
	email := spec.Customer.Def().Field("email")
	keyed := New("live", "1731", NewKeyring("correct horse battery staple"))
	keyed.Put(&Entry{Address: address("customer/elif"), ID: 1, Code: "C", Fields: FieldsOf([]Locked{keyed.Keys().Lock(email, "C", []string{"elif@example.com"})})})
	written := text(t, keyed)
	if strings.Contains(written, "elif@") || strings.Contains(written, "correct") {
		t.Fatalf("a personal value or the key stands in the lockfile: %s", written)
	}
	tests := []struct {
		key   string
		blind bool
	}{{"correct horse battery staple", false}, {"", true}, {"another", true}}
	for _, test := range tests {
		l, err := Parse("f", []byte(written), test.key)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Keys().Blind(); got != test.blind {
			t.Errorf("key %q: blind is %v, want %v", test.key, got, test.blind)
		}
		if again := text(t, l); again != written {
			t.Errorf("key %q: the lockfile changes by being read", test.key)
		}
	}
}

// A fingerprint depends on key, kind, code, field and value, and on nothing else; the Unicode form of the value does not matter.
func TestFingerprint(t *testing.T) {
	k := saltKeyring("aa")
	email, first := spec.Customer.Def().Field("email"), spec.Customer.Def().Field("firstName")
	base := k.Fingerprint(email, "C", "şule")
	if got := k.Fingerprint(email, "C", "s\u0327ule"); got != base {
		t.Error("the decomposed form has another fingerprint")
	}
	others := map[string]string{
		"value": k.Fingerprint(email, "C", "sule"), "code": k.Fingerprint(email, "D", "şule"), "field": k.Fingerprint(first, "C", "şule"),
		"salt": saltKeyring("ab").Fingerprint(email, "C", "şule"), "key": NewKeyring("aa").Fingerprint(first, "C", "şule"),
		"boundary": k.Fingerprint(email, "Cş", "ule"),
	}
	for what, got := range others {
		if got == base {
			t.Errorf("another %s has the same fingerprint", what)
		}
	}
}
