package moka

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRecord(t *testing.T) {
	r := Record{{"A", "1"}, {"B", ""}}
	for _, row := range []struct {
		name, value string
		has         bool
	}{{"A", "1", true}, {"B", "", true}, {"C", "", false}, {"a", "", false}} {
		if got := r.Get(row.name); got != row.value {
			t.Errorf("Get %s: %q, want %q", row.name, got, row.value)
		}
		if got := r.Has(row.name); got != row.has {
			t.Errorf("Has %s: %v, want %v", row.name, got, row.has)
		}
	}
	var none Record
	if none.Has("A") || none.Get("A") != "" || none.ID("A") != 0 {
		t.Error("a nil record holds something")
	}
}

func TestID(t *testing.T) {
	for text, want := range map[string]int64{
		"1005": 1005, "1005.0": 1005, "1005.00": 1005, " 7 ": 7, "0007": 7, "9223372036854775807": 9223372036854775807,
		"": 0, "0": 0, "0.0": 0, "-5": 0, "1005.5": 0, "1005.": 0, "1e3": 0, "x": 0, "9223372036854775808": 0, "true": 0, ".0": 0,
	} {
		if got := (Record{{"ID", text}}).ID("ID"); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// Every form in which Moka may write a value reads as its text.
func TestRecordIsReadTolerantly(t *testing.T) {
	const in = ` { "Number": 1005 , "Quoted":"1005","Decimal":0.01,"Exponent":1E2,"Empty":"","Null":null,"True":true, "False" :false,
		"Nested":{"Number":7,"s":"}]\""},"List":[{"a":[]},"]"],"Escaped":"a\"\\\/\nğ\ud83d\ude00","Plain":"TAŞDELEN","":"no name" } `
	want := Record{{"Number", "1005"}, {"Quoted", "1005"}, {"Decimal", "0.01"}, {"Exponent", "1E2"}, {"Empty", ""}, {"Null", ""}, {"True", "true"}, {"False", "false"},
		{"Escaped", "a\"\\/\nğ😀"}, {"Plain", "TAŞDELEN"}, {"", "no name"}}
	for _, many := range []bool{false, true} {
		got, err := newParser(many).record([]byte(in), nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(plainly(got), plainly(want)); d != "" {
			t.Errorf("(-got +want)\n%s", d)
		}
	}
}

// plainly takes a record's methods off, so that its values can be compared and shown.
func plainly(r Record) [][2]string {
	out := make([][2]string, len(r))
	for i, m := range r {
		out[i] = [2]string{m.Name, m.Value}
	}
	return out
}

// newParser gives a parser of a list's records, or of single ones.
func newParser(list bool) *parser {
	var p parser
	p.many(list)
	return &p
}

// What is written reads back the same, whatever the texts.
func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newParser(rapid.Bool().Draw(t, "many"))
		for range rapid.IntRange(1, 3).Draw(t, "records") {
			var r Record
			for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 20, rapid.ID[string]).Draw(t, "names") {
				r = append(r, Member{name, rapid.String().Draw(t, "value")})
			}
			raw := appendRecord(nil, r)
			if !json.Valid(raw) {
				t.Fatalf("not JSON: %s", raw)
			}
			back, err := p.record(raw, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(plainly(back), plainly(r)); d != "" {
				t.Fatalf("(-got +want)\n%s", d)
			}
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"DealerSaleId":1003,"SaleCode":"satis","Amount":0.01,"EndDate":null,"CardList":[{"a":"]"}],"Description":"\u0131\n"}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(` { } `))
	f.Add([]byte("{\"\\u0061\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			t.Skip("the parser is given valid JSON only")
		}
		r, err := newParser(true).record(raw, nil)
		if err != nil {
			return
		}
		var theirs map[string]any
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatalf("accepted what encoding/json does not: %v", err)
		}
		for _, m := range r {
			if s, isText := theirs[m.Name].(string); isText && s != m.Value {
				t.Fatalf("%s reads %q, encoding/json reads %q", m.Name, m.Value, s)
			} else if _, there := theirs[m.Name]; !there {
				t.Fatalf("%q is not in it", m.Name)
			}
		}
		back, err := newParser(false).record(appendRecord(nil, r), nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(plainly(back), plainly(r)); d != "" {
			t.Fatalf("(-got +want)\n%s", d)
		}
	})
}
