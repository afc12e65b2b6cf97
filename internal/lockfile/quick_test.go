package lockfile

import (
	"reflect"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// lines are resources' lines as they are written, and some that are almost so.
var lines = []string{
	`{"address":"customer/elif","id":1033,"code":"CUST-0001","labels":{"city":"ankara","segment":"gold"},"annotations":{"mokasync/protect":"true"},"fields":{"firstName":"q83vEjRWeJCrze8BI0VniQ","email":"abc"}}`,
	`{"address":"sale/elif-gold","id":1003,"code":"elif-gold-1","byWord":"adopted","dependsOn":["card/elif-bonus","customer/elif"],"fields":{"customer":"CUST-0001","cards":["a","b"],"amount":"149.90","description":"Şubat"},"defaults":{"currency":"TL"}}`,
	`{"address":"schedule/m15","id":1005,"fields":{"frequency":"monthly","daysOfMonth":[]}}`,
	`{"address":"card/k"}`,
	`{"address":"card/k","id":0}`, `{"address":"card/k","id":01}`, `{"address":"card/k","id":-1}`, `{"address":"card/k","id":99999999999999999999}`, `{"address":"card/k","id":}`,
	`{"address":"card/k","code":"a\u0020b"}`, `{"address":"card/k","code":"` + "\xff" + `"}`, `{"address":"card/k","code":"` + "\x01" + `"}`, `{"address":"card/k","code":"a`,
	`{"address":"card/k","labels":{}}`, `{"address":"card/k","labels":{"a":"1","a":"2"}}`, `{"address":"card/k","labels":{"b":"1","a":"2"}}`, `{"address":"card/k","labels":null}`,
	`{"address":"card/k","dependsOn":[]}`, `{"address":"card/k","dependsOn":["customer/c",]}`, `{"address":"card/k","dependsOn":["no"]}`,
	`{"address":"card/k","fields":{"cardName":"a","customer":"b"}}`, `{"address":"card/k","fields":{"cardName":"a","cardName":"b"}}`, `{"address":"card/k","fields":{"none":"a"}}`, `{"address":"card/k","fields":{"cardName":["a"]}}`,
	`{"address":"card/k","deleted":true}`, `{"address":"card/k"} `, ` {"address":"card/k"}`, `{"address": "card/k"}`, `{"Address":"card/k"}`, `{"address":"card/k"}{}`, ``, `{`, `{"address":"`,
}

// quickly reads a line as a part of a lockfile is read.
func quickly(line string) (*Entry, bool) {
	e := &Entry{}
	q := &quick{s: line + "\n"}
	return e, q.entry(e) && q.at == len(q.s)
}

// agree reads a line both ways. The quick one may leave it to the other; what it reads, the other reads too, and as the same.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, line string) bool {
	t.Helper()
	got, ok := quickly(line)
	if !ok {
		return false
	}
	said, err := readLine(line)
	if err != nil {
		t.Fatalf("%s is read quickly, and otherwise not: %v", line, err)
	}
	if want := said.entry; !reflect.DeepEqual(got, want) {
		t.Fatalf("%s is read quickly as %+v, and otherwise as %+v", line, got, want)
	}
	return true
}

func TestQuickEntry(t *testing.T) {
	for i, line := range lines {
		if quick := agree(t, line); quick != (i < 4) {
			t.Errorf("%s is read quickly: %v", line, quick)
		}
	}
}

// Whatever line is read quickly is read as encoding/json reads it.
func FuzzQuickEntry(f *testing.F) {
	for _, line := range lines {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) { agree(t, line) })
}

// Every entry whose texts need no escape is read quickly, and as it was written.
func TestQuickEntryOfWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -!#-\[\]-~ğüşöçİı]{0,12}`)
		kind := rapid.SampledFrom(spec.Kinds()).Draw(t, "kind")
		e := &Entry{Address: spec.Address{Kind: kind, Name: rapid.StringMatching(`[a-z][a-z0-9._-]{0,9}`).Draw(t, "name")}, ID: rapid.Int64Range(0, 1<<40).Draw(t, "id"), Code: text.Draw(t, "code")}
		if rapid.Bool().Draw(t, "labels") {
			e.Labels = rapid.MapOfN(text, text, 1, 3).Draw(t, "labels of")
		}
		if rapid.Bool().Draw(t, "needs") {
			e.DependsOn = []spec.Address{{Kind: spec.Customer, Name: "a"}, {Kind: spec.Product, Name: "b"}}
		}
		def := kind.Def()
		var fields, defaults []Locked
		for i := range def.Fields {
			l := Locked{Field: &def.Fields[i]}
			if l.Field.IsList() {
				l.List = rapid.SliceOfN(text, 0, 3).Draw(t, "list")
			} else {
				l.Text = text.Draw(t, "text")
			}
			switch rapid.IntRange(0, 2).Draw(t, "where") {
			case 0:
				fields = append(fields, l)
			case 1:
				defaults = append(defaults, l)
			}
		}
		e.Fields, e.Defaults = FieldsOf(fields), FieldsOf(defaults)
		line := string(appendEntry(nil, e))
		if !agree(t, line) {
			t.Fatalf("%s is not read quickly", line)
		}
		got, _ := quickly(line)
		if again := string(appendEntry(nil, got)); again != line {
			t.Fatalf("%s is written again as %s", line, again)
		}
	})
}
