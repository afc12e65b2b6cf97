package spec

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	tokenA = "9de41bb0-e82f-4670-b36b-d71ff27a3111"
	tokenB = "9de41bb0-e82f-4670-b36b-d71ff27a3112"
)

// outside is what stands outside the manifests.
type outside struct {
	env   map[string]string
	files map[string]string
	asked []string
}

func (o *outside) getenv(name string) (string, bool) {
	text, ok := o.env[name]
	return text, ok
}

func (o *outside) readFile(name string) ([]byte, error) {
	o.asked = append(o.asked, filepath.ToSlash(name))
	if text, ok := o.files[filepath.ToSlash(name)]; ok {
		return []byte(text), nil
	}
	if strings.HasSuffix(name, "locked") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestResolveSources(t *testing.T) {
	card := func(name, token string) string {
		return "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: " + name + "}\nspec: {customer: {customerCode: C}, token: " + token + "}\n---\n"
	}
	schedule := func(name, id string) string {
		return "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: " + name + "}\nspec: {id: " + id + ", frequency: daily}\n---\n"
	}
	sale := func(customer, schedule, cards string) string {
		return "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s}\nspec: {customer: {customerCode: " + customer + "}, product: {productCode: P}, schedule: " + schedule + ", cards: " + cards + ", amount: 1, beginDate: 2027-01-01, endDate: 2028-01-01}\n---\n"
	}
	tests := []struct {
		name string
		text string
		out  outside
		ds   []string
		want map[string]string // address and field to key and text
	}{
		{name: "a token in a variable", text: card("a", "{fromEnv: T}"), out: outside{env: map[string]string{"T": "{" + strings.ToUpper(tokenA) + "}"}},
			want: map[string]string{"card/a token": ":" + tokenA}},
		{name: "a token in a file beside the manifest", text: card("a", "{fromFile: secret/t}"), out: outside{files: map[string]string{"m/secret/t": tokenA + "\n"}},
			want: map[string]string{"card/a token": ":" + tokenA}},
		{name: "unset, empty, missing: left as they are", text: card("a", "{fromEnv: T}") + card("b", "{fromEnv: EMPTY}") + card("c", "{fromFile: t}"), out: outside{env: map[string]string{"EMPTY": ""}},
			want: map[string]string{"card/a token": "fromEnv:T", "card/b token": "fromEnv:EMPTY", "card/c token": "fromFile:m/t"}},
		{name: "no token", text: card("a", "{fromEnv: T}"), out: outside{env: map[string]string{"T": "hunter2"}},
			ds:   []string{"m/a.yaml:4:44: error: what fromEnv names holds no card token: " + tokenHint},
			want: map[string]string{"card/a token": "fromEnv:T"}},
		{name: "a file that may not be read", text: card("a", "{fromFile: locked}"),
			ds: []string{"m/a.yaml:4:44: error: fromFile: may not be read: permission denied; change its permissions"}},
		{name: "a schedule's id", text: schedule("a", "{fromEnv: ID}"), out: outside{env: map[string]string{"ID": "1005\n"}}, want: map[string]string{"schedule/a id": ":1005"}},
		{name: "no id", text: schedule("a", "{fromEnv: ID}"), out: outside{env: map[string]string{"ID": "007"}},
			ds: []string{"m/a.yaml:4:12: error: what fromEnv names holds no id of a schedule: a whole number from 1 to 2147483647"}},
		{name: "id too large", text: schedule("a", "{fromEnv: ID}"), out: outside{env: map[string]string{"ID": "2147483648"}},
			ds: []string{"m/a.yaml:4:12: error: what fromEnv names holds no id of a schedule: a whole number from 1 to 2147483647"}},
		{name: "in a sale", text: sale("C", "{id: {fromEnv: ID}}", "[{token: {fromEnv: T}}]"), out: outside{env: map[string]string{"ID": "7", "T": tokenA}},
			want: map[string]string{"sale/s schedule": "id:7", "sale/s cards": "token:" + tokenA}},
		{name: "the same token in two cards", text: card("a", "{fromEnv: T}") + card("b", tokenA), out: outside{env: map[string]string{"T": tokenA}},
			ds: []string{"m/a.yaml:9:44: error: this token is that of card/a in m/a.yaml:2:7 too: a card has one manifest"}},
		{name: "the same id in two schedules", text: schedule("a", "{fromEnv: ID}") + schedule("b", "7"), out: outside{env: map[string]string{"ID": "7"}},
			ds: []string{"m/a.yaml:9:12: error: this id is that of schedule/a in m/a.yaml:2:7 too: a schedule has one manifest"}},
		{name: "what Load has said is not said again", text: card("a", tokenA) + card("b", tokenA) + card("c", "{fromEnv: T}"), out: outside{env: map[string]string{"T": tokenB}}},
		{name: "nothing to ask for: what names in another order show is said all the same", text: card("b", tokenA) + card("a", tokenA),
			ds: []string{"m/a.yaml:4:44: error: this token is that of card/a in m/a.yaml:7:7 too: a card has one manifest"}},
		{name: "a card of another customer, by its token", text: card("a", "{fromEnv: T}") + sale("D", "{id: 7}", "[{token: "+tokenA+"}]"), out: outside{env: map[string]string{"T": tokenA}},
			ds: []string{
				"m/a.yaml:9:91: warning: this is card/a here: write its name, a (rule: kept-here)",
				"m/a.yaml:9:91: error: card/a is a card of another customer than the sale's: list the customer's own cards, or accept the rule if this is meant (rule: card-owner)",
			}},
		{name: "one card twice in a sale, by its token", text: card("a", "{fromEnv: T}") + card("b", "{fromEnv: U}") + sale("C", "{id: 7}", "[a, b]"), out: outside{env: map[string]string{"T": tokenA, "U": tokenA}},
			ds: []string{
				"m/a.yaml:9:44: error: this token is that of card/a in m/a.yaml:2:7 too: a card has one manifest",
				"m/a.yaml:14:94: error: this is a card that the sale lists already, by its token: keep one",
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree(t, map[string]string{"m/a.yaml": test.text})
			set, _ := Load(t.Context(), []string{"m/a.yaml"}, Options{})
			ds := set.ResolveSources(test.out.getenv, test.out.readFile)
			if diff := cmp.Diff(append([]string{}, test.ds...), messages(ds)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			for place, want := range test.want {
				address, field, _ := strings.Cut(place, " ")
				a, _ := ParseAddress(address)
				v := set.Get(a).Value(field)
				if v.Field.IsList() {
					v = &v.Items()[0]
				}
				if got := v.Key() + ":" + filepath.ToSlash(v.Text); got != want {
					t.Errorf("%s is %q, want %q", place, got, want)
				}
			}
			for _, d := range ds {
				if strings.Contains(d.Message+d.Excerpt, "hunter2") || strings.Contains(d.Message+d.Excerpt, tokenA) {
					t.Errorf("a secret is echoed: %+v", d)
				}
				if d.Excerpt == "" {
					t.Errorf("no excerpt: %+v", d)
				}
			}
		})
	}
}

// TestSourceIsAsInManifest: a token from outside gives the same Value as one in the manifest.
func TestSourceIsAsInManifest(t *testing.T) {
	out := outside{env: map[string]string{"T": "{" + strings.ToUpper(tokenA) + "}"}}
	inside, _ := loadText(wrap("card", "token: "+tokenA))
	fromEnv, _ := loadText(wrap("card", "token: {fromEnv: T}"))
	fromEnv.ResolveSources(out.getenv, out.readFile)
	if diff := cmp.Diff(describe(inside.Resources[0]), describe(fromEnv.Resources[0])); diff != "" {
		t.Error(diff)
	}
}

func TestReadPassword(t *testing.T) {
	out := outside{
		env:   map[string]string{"P": "pa ss\n", "EMPTY": "", "LONG": strings.Repeat("ğ", 51), "LIMIT": strings.Repeat("ğ", 50), "LATIN": "\xdd"},
		files: map[string]string{"p": "pass\n", "crlf": "pass\r\n", "two": "pass\n\n", "bare": "pass", "cr": "pass\r", "empty": "\n"},
	}
	tests := []struct{ source, want, err string }{
		{"fromEnv: P", "pa ss\n", ""},
		{"fromEnv: LIMIT", strings.Repeat("ğ", 50), ""},
		{"fromFile: p", "pass", ""},
		{"fromFile: crlf", "pass", ""},
		{"fromFile: two", "pass\n", ""},
		{"fromFile: bare", "pass", ""},
		{"fromFile: cr", "pass\r", ""},
		{"fromEnv: UNSET", "", "password: the variable UNSET is not set"},
		{"fromEnv: EMPTY", "", "password: the variable EMPTY is empty"},
		{"fromEnv: LONG", "", "password: the variable LONG holds more than 50 characters, the most that Moka takes"},
		{"fromEnv: LATIN", "", "password: the variable LATIN is not UTF-8"},
		{"fromFile: nowhere", "", "password: the file nowhere: there is no such file or folder; check the PATH"},
		{"fromFile: locked", "", "password: the file locked: may not be read: permission denied; change its permissions"},
		{"fromFile: empty", "", "password: the file empty is empty"},
	}
	for _, test := range tests {
		set, ds := loadText(wrap("customer", "password: {"+test.source+", version: 3}"))
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		v := set.Resources[0].Value("password")
		got, err := v.ReadPassword(out.getenv, out.readFile)
		if got != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: got %q and %v, want %q and %s", test.source, got, err, test.want, test.err)
		}
		if v.Version != 3 {
			t.Errorf("version is %d", v.Version)
		}
	}
	if _, err := (&Value{Field: definitions[Customer].Field("password")}).ReadPassword(out.getenv, out.readFile); err == nil {
		t.Error("a password from nowhere is read")
	}
	if ds := (&Set{}).ResolveSources(out.getenv, func(string) ([]byte, error) { return nil, errors.New("no") }); len(ds) > 0 {
		t.Error(ds)
	}
}

func TestPastDates(t *testing.T) {
	set, ds := loadText(wrap("sale", "saleDate: 2026-11-20\nbeginDate: \"2026-11-21\"\nendDate: 2026-11-22") + "---\n" +
		strings.Replace(wrap("sale", "endDate: never\nsaleCode: b\nannotations: {mokasync/accept: open-end}"), "name: x", "name: z", 1) + "---\n" +
		wrap("customer", "birthDate: 1990-12-18"))
	if len(ds) > 0 {
		t.Fatal(messages(ds))
	}
	nothing := func(Address) bool { return false }
	const why = "Moka refuses a new sale with a date in the past; choose today or a later day"
	const look = ". If it is at Moka already and only the lockfile does not know it, --refresh finds it"
	tests := []struct {
		today string
		known func(Address) bool
		want  []string
	}{
		{"2026-11-20", nothing, []string{}},
		{"2026-11-21", nothing, []string{"-:5:13: error: saleDate 2026-11-20 has passed, today is 2026-11-21 in Istanbul: " + why + ", or leave saleDate out" + look}},
		{"2026-11-23", nothing, []string{
			"-:5:13: error: saleDate 2026-11-20 has passed, today is 2026-11-23 in Istanbul: " + why + ", or leave saleDate out" + look,
			"-:6:14: error: beginDate 2026-11-21 has passed, today is 2026-11-23 in Istanbul: " + why + look,
			"-:7:12: error: endDate 2026-11-22 has passed, today is 2026-11-23 in Istanbul: " + why + look,
		}},
		{"2026-11-23", func(a Address) bool { return a == Address{Sale, "x"} }, []string{}},
		{"2027-01-16", func(a Address) bool { return a == Address{Sale, "x"} }, []string{"-:25:14: error: beginDate 2027-01-15 has passed, today is 2027-01-16 in Istanbul: " + why + look}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, messages(set.PastDates(test.today, test.known))); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", test.today, diff)
		}
	}
}
