package planfile_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

const manifests = `apiVersion: mokasync/v1
kind: Customer
metadata: {name: elif, labels: {segment: gold}}
spec: {customerCode: C1, firstName: Elif, email: elif@example.com, password: {fromEnv: PW, version: 1}}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: bonus}
spec: {customer: elif, token: {fromEnv: CARD}, cardName: Bonus}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: gold}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m15}
spec: {frequency: monthly, daysOfMonth: [15]}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: old}
spec: {id: {fromEnv: OLD}, frequency: monthly, daysOfMonth: [1]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s}
spec: {customer: elif, product: gold, schedule: m15, cards: [bonus, {token: {fromEnv: SPARE}}], amount: "149.90", beginDate: "2035-01-15", endDate: "2036-01-15"}
`

const token = "9de41bb0-e82f-4670-b36b-d71ff27a3111"

// made gives the facts of a plan of manifests against nothing; env are the variables that are set.
func made(t testing.TB, text string, env map[string]string, key string) planfile.Facts {
	t.Helper()
	set, ds := spec.Load(context.Background(), []string{"-"}, spec.Options{Stdin: strings.NewReader(text)})
	ds = append(ds, set.ResolveSources(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, nil)...)
	if spec.HasErrors(ds) {
		t.Fatal(ds)
	}
	known := lockfile.New("test", "1731", lockfile.NewSalt())
	return facts(set.Resources, known, key)
}

func facts(resources []*spec.Resource, known *lockfile.Lock, key string) planfile.Facts {
	return planfile.Facts{
		Plan:      plan.Make(plan.Input{Endpoint: "test", Dealer: "1731", Resources: resources, Known: known, Whole: true, Today: "2034-01-01"}),
		Resources: resources, Known: known, Tool: "v1", Commit: "abc", Key: key, Options: planfile.Options{Paths: []string{"."}},
	}
}

func encoded(t testing.TB, f planfile.Facts) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := planfile.Write(&text, f); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func saved(t testing.TB, f planfile.Facts) *planfile.File {
	t.Helper()
	file, err := planfile.Decode(encoded(t, f), f.Key)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// No single byte of a file can be changed, left out or added without its being noticed, with a key and without.
func TestEveryByteCounts(t *testing.T) {
	for _, key := range []string{"", "a key"} {
		text := encoded(t, made(t, manifests, map[string]string{"CARD": token}, key))
		if _, err := planfile.Decode(text, key); err != nil {
			t.Fatal(err)
		}
		refused := func(what string, at int, changed []byte) {
			t.Helper()
			if f, err := planfile.Decode(changed, key); err == nil {
				t.Errorf("%s byte %d (%q) goes unnoticed: %s", what, at, text[at], f.Digest)
			}
		}
		for i := range text {
			for _, b := range []byte{text[i] ^ 1, text[i] ^ 0x20, ' '} {
				if b == text[i] {
					continue
				}
				changed := bytes.Clone(text)
				changed[i] = b
				refused("changed", i, changed)
			}
			refused("removed", i, append(bytes.Clone(text[:i]), text[i+1:]...))
			refused("doubled", i, append(bytes.Clone(text[:i+1]), text[i:]...))
		}
		refused("cut before", len(text)/2, text[:len(text)/2])
	}
}

func TestKeys(t *testing.T) {
	plain, keyed := encoded(t, made(t, manifests, nil, "")), encoded(t, made(t, manifests, nil, "a key"))
	if f, err := planfile.Decode(keyed, ""); !errors.Is(err, planfile.ErrUnverified) || f == nil || len(f.Changes) != 6 {
		t.Errorf("without the key a keyed file gives %v and %v, want the file and ErrUnverified", f, err)
	}
	if _, err := planfile.Decode(keyed, "another"); err == nil || errors.Is(err, planfile.ErrUnverified) {
		t.Errorf("another key gives %v, want an error of its own", err)
	}
	if _, err := planfile.Decode(plain, "a key"); err == nil {
		t.Error("where there is a key a file without one is taken")
	}
}

// The same facts make the same bytes, and no difference; no hidden value is in them.
func TestSameAndHidden(t *testing.T) {
	env := map[string]string{"CARD": token, "PW": "Geheim12"}
	text := encoded(t, made(t, manifests, env, ""))
	if again := encoded(t, made(t, manifests, env, "")); !bytes.Equal(text, again) {
		t.Errorf("the same plan gives other bytes:\n%s", cmp.Diff(string(text), string(again)))
	}
	for _, hidden := range []string{token, "elif@example.com", "Elif", "Bonus", "Geheim12"} {
		if bytes.Contains(text, []byte(hidden)) {
			t.Errorf("the file holds %q", hidden)
		}
	}
	f, err := planfile.Decode(text, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Differences(made(t, manifests, env, ""), "2035-01-15"); len(got) > 0 {
		t.Errorf("the same plan differs: %q", got)
	}
}

// What a file is held against, and what it answers; "" for no difference.
func TestDifferences(t *testing.T) {
	set := map[string]string{"CARD": token, "SPARE": "9de41bb0-e82f-4670-b36b-d71ff27a3115", "OLD": "1005"}
	with := func(name, value string) map[string]string {
		env := maps.Clone(set)
		env[name] = value
		return env
	}
	for _, row := range []struct {
		what   string
		change func(*planfile.Facts)
		text   []string // old, new in the manifests
		env    map[string]string
		today  string
		want   string
	}{
		{what: "nothing", want: ""},
		{what: "another program", change: func(f *planfile.Facts) { f.Tool = "v2" }, want: `the plan was made by mokasync "v1", and this is "v2"`},
		{what: "another endpoint", change: func(f *planfile.Facts) { f.Plan.Endpoint = "live" }, want: `the plan was made for the endpoint "test", and this is "live"`},
		{what: "another base URL of the same host and port", change: func(f *planfile.Facts) { f.BaseURL = "https://moka.example.com/test" }, want: `the plan was made for the endpoint "", and this is "https://moka.example.com/test"`},
		{what: "another dealer", change: func(f *planfile.Facts) { f.Plan.Dealer = "9" }, want: `the plan was made for the dealer "1731", and this is "9"`},
		{what: "another way to update sales", change: func(f *planfile.Facts) { f.UpdateChanged = true }, want: "mokasync.yaml said updateSale: full when the plan was made, and says changed"},
		{what: "another commit is no difference: a merge makes one", change: func(f *planfile.Facts) { f.Commit = "def" }},
		{what: "the last day", today: "2035-01-15"},
		{what: "the day after", today: "2035-01-16", want: "the plan could be applied until 2035-01-15, and today is 2035-01-16 in Istanbul: a date in it has passed"},
		{what: "an amount", text: []string{"149.90", "149.80"}, want: `sale/s: amount was to be "149.90", and is to be "149.80"`},
		{what: "another spelling of the same amount", text: []string{"149.90", "149.9"}},
		{what: "a hidden value", text: []string{"elif@", "elf@"}, want: "customer/elif: email is to be another value than the one in the plan (it is not shown)"},
		{what: "a field more", text: []string{"frequency: monthly,", "frequency: monthly, every: 2,"}, want: `schedule/m15: every is to be "2", which the plan does not have`},
		{what: "a field less", text: []string{", email: elif@example.com", ""}, want: "customer/elif: email was to change, and is not any more"},
		{what: "a label", text: []string{"segment: gold", "segment: golf"}, want: "customer/elif: its manifest says something else (labels, annotations, or where a value stands)"},
		{what: "another variable", text: []string{"fromEnv: CARD", "fromEnv: CARD2"}, env: with("CARD2", token), want: "card/bonus: its manifest says something else (labels, annotations, or where a value stands)"},
		{what: "another password variable", text: []string{"fromEnv: PW", "fromEnv: PV"}, want: "customer/elif: its manifest says something else (labels, annotations, or where a value stands)"},
		{what: "another token in the variable", env: with("CARD", "9de41bb0-e82f-4670-b36b-d71ff27a3112"), want: "card/bonus: token is to be another value than the one in the plan (it is not shown)"},
		{what: "a variable that is gone", env: with("CARD", ""), want: "card/bonus: token is not at hand here: set the variable or file that it stands in"},
		{what: "another token in a sale's cards", env: with("SPARE", "9de41bb0-e82f-4670-b36b-d71ff27a3116"), want: "sale/s: cards is to be another value than the one in the plan (it is not shown)"},
		{what: "another schedule in the variable", env: with("OLD", "1006"), want: "schedule/old: its id at Moka was 1005, and is 1006"},
		{what: "the same cards in another order", text: []string{"[bonus, {token: {fromEnv: SPARE}}]", "[{token: {fromEnv: SPARE}}, bonus]"}, want: `sale/s: cards was to be "bonus, {token: (secret)}", and is to be "{token: (secret)}, bonus"`},
		{what: "a schedule's variable that is gone", env: with("OLD", ""), want: "schedule/old: its id at Moka is not at hand here: set the variable or file that it stands in"},
		{what: "the number itself in the variable's place", text: []string{"{fromEnv: OLD}", "1005"}, want: "schedule/old: id stands elsewhere now: in the manifest, in a variable or in a file"},
		{what: "another code", text: []string{"customerCode: C1", "customerCode: C2"}, want: `customer/elif: its code was "C1", and is "C2"`},
	} {
		t.Run(row.what, func(t *testing.T) {
			f, err := planfile.Decode(encoded(t, made(t, manifests, set, "")), "")
			if err != nil {
				t.Fatal(err)
			}
			text, env, today := manifests, set, "2034-01-01"
			if row.text != nil {
				if text = strings.Replace(text, row.text[0], row.text[1], 1); text == manifests {
					t.Fatal("the row changes nothing")
				}
			}
			if row.env != nil {
				env = row.env
			}
			if row.today != "" {
				today = row.today
			}
			now := made(t, text, env, "")
			if row.change != nil {
				row.change(&now)
			}
			got := strings.Join(f.Differences(now, today), "\n")
			if first, _, _ := strings.Cut(got, "\n"); first != row.want {
				t.Errorf("got %q, want %q first", got, row.want)
			}
		})
	}
}

// What was not at hand when the plan was made may be at hand at the apply: the plan named the variables, and says nothing of what they hold.
func TestLaterAtHand(t *testing.T) {
	f := saved(t, made(t, manifests, nil, ""))
	now := made(t, manifests, map[string]string{"CARD": token, "SPARE": "9de41bb0-e82f-4670-b36b-d71ff27a3115", "OLD": "1005"}, "")
	if got := f.Differences(now, "2034-01-01"); len(got) > 0 {
		t.Errorf("it differs: %q", got)
	}
}

// The digest names a plan wherever it is made: with or without what stands in variables, and whatever happens elsewhere.
func TestDigest(t *testing.T) {
	digest := func(text string, env map[string]string, key string) string {
		return planfile.Digest(made(t, text, env, key).Plan, key)
	}
	one := digest(manifests, nil, "")
	if got := digest(manifests, map[string]string{"CARD": token, "OLD": "1005", "SPARE": "9de41bb0-e82f-4670-b36b-d71ff27a3115"}, ""); got != one {
		t.Error("a variable that is set makes another digest")
	}
	for what, other := range map[string]string{
		"an amount":           digest(strings.Replace(manifests, "149.90", "149.80", 1), nil, ""),
		"a hidden value":      digest(strings.Replace(manifests, "elif@", "elf@", 1), nil, ""),
		"a variable's name":   digest(strings.Replace(manifests, "fromEnv: CARD", "fromEnv: CART", 1), nil, ""),
		"a key":               digest(manifests, nil, "a key"),
		"one change less":     digest(manifests[:strings.LastIndex(manifests, "---")], nil, ""),
		"a label of a change": digest(strings.Replace(manifests, "segment: gold", "segment: x", 1), nil, ""),
	} {
		if other == one {
			t.Errorf("%s makes the same digest", what)
		}
	}
}

// A lockfile line voids a plan where a change is made at its address or depends on it, and nowhere else.
func TestLines(t *testing.T) {
	base := made(t, manifests, map[string]string{"CARD": token}, "")
	world := plan.NewWorld(base.Resources, base.Known)
	sale := spec.Address{Kind: spec.Sale, Name: "s"}
	// Everything but the sale is there already.
	known := lockfile.New("test", "1731", base.Known.Keys())
	for i, r := range base.Resources {
		if r.Address != sale {
			known.Put(world.Entry(r, int64(100+i)))
		}
	}
	elsewhere := *known.Get(spec.Address{Kind: spec.Product, Name: "gold"})
	elsewhere.Address, elsewhere.Code, elsewhere.ID = spec.Address{Kind: spec.Product, Name: "iron"}, "iron", 900
	known.Put(&elsewhere)
	f := saved(t, facts(base.Resources, known, ""))
	if f.Summary["create"] != 1 || f.Changes[len(f.Changes)-1].Address != sale {
		t.Fatalf("the plan is %+v, want one sale made", f.Changes)
	}
	rapid.Check(t, func(t *rapid.T) {
		entries := known.Entries()
		hit := rapid.SampledFrom(entries).Draw(t, "line")
		now := lockfile.New("test", "1731", base.Known.Keys())
		for _, e := range entries {
			if e == hit {
				changed := *e
				changed.Labels = map[string]string{"touched": "yes"}
				e = &changed
			}
			now.Put(e)
		}
		got := f.Differences(facts(base.Resources, now, ""), "2034-01-01")
		if voids := hit.Address.Name != "iron" && hit.Address.Name != "old"; voids != (len(got) > 0) {
			t.Fatalf("another line of %s: %q", hit.Address, got)
		}
	})
}

// What is shown of a file is what the plan shows, hidden values hidden.
func TestShow(t *testing.T) {
	for _, env := range []map[string]string{nil, {"CARD": token, "OLD": "1005"}} {
		testShow(t, made(t, manifests, env, ""))
	}
}

func testShow(t *testing.T, f planfile.Facts) {
	t.Helper()
	f.Plan.Confirm, f.Plan.Sealed = 3, true
	shown, err := saved(t, f).Plan()
	if err != nil {
		t.Fatal(err)
	}
	if shown.Confirm != 3 || !shown.Sealed {
		t.Errorf("%d deletes to confirm and sealed %v, want 3 and true", shown.Confirm, shown.Sealed)
	}
	if len(shown.Changes) != len(f.Plan.Changes) {
		t.Fatalf("%d changes, want %d", len(shown.Changes), len(f.Plan.Changes))
	}
	for i, c := range f.Plan.Changes {
		got := shown.Changes[i]
		if got.Address != c.Address || got.Action != c.Action || len(got.Fields) != len(c.Fields) {
			t.Errorf("%v is shown as %v", c, got)
		}
		for j := range c.Fields {
			if diff := cmp.Diff(c.Fields[j].To.Mask(), got.Fields[j].To.Mask()); diff != "" {
				t.Errorf("%s %s: %s", c.Address, c.Fields[j].Field.Name, diff)
			}
			if got.ID != c.ID {
				t.Errorf("%s is shown with the id %d, want %d", c.Address, got.ID, c.ID)
			}
			if strings.Contains(strings.Join(got.Fields[j].To.Reveal(), " "), "@") {
				t.Errorf("%s %s reveals what the file hides", c.Address, c.Fields[j].Field.Name)
			}
		}
	}
}

// Whatever bytes there are, they are refused or are a file that is written as the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, made(f, manifests, nil, "")), "")
	f.Add(encoded(f, made(f, manifests, nil, "k")), "k")
	f.Add([]byte(`{"mokasync":"plan","formatVersion":"2.0"}`), "")
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		file, err := planfile.Decode(text, key)
		if err != nil {
			return
		}
		again, err := file.Encode(key)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%v: read and written it is\n%s\nnot\n%s", err, again, text)
		}
	})
}
