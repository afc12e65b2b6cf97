package lockfile

import (
	"reflect"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// recordLines are a journal's lines as they are written (the first of them), and some that are almost so.
var recordLines = []string{
	`{"planned":[{"address":"customer/elif","action":"create"},{"address":"sale/elif-gold","action":"adopt"}]}`,
	`{"intent":{"op":"DealerSale/AddSale","at":"2027-01-15T09:00:00Z","deadline":"2027-01-15T09:00:35.5Z","digest":"d1","entry":{"address":"sale/s","code":"S","dependsOn":["customer/c"],"fields":{"amount":"1.00"}}}}`,
	`{"intent":{"op":"DealerSale/DeleteSale","at":"2027-01-15T09:00:00Z","gaveUp":"2027-01-15T09:00:30Z","digest":"","delete":true,"by":"sale/t","answered":true,"entry":{"address":"sale/s","id":7}}}`,
	`{"intent":{"op":"DealerCustomer/UpdateCustomer","at":"2027-01-15T12:00:00+03:00","digest":"d","entry":{"address":"customer/c","id":7},"update":true,"previous":{"firstName":"fp"}}}`,
	`{"intent":{"op":"o","at":"2027-01-15T09:00:00Z","digest":"d","entry":{"address":"customer/c","id":7},"update":true}}`,
	`{"outcome":{"address":"sale/s","status":"done","entry":{"address":"sale/s","id":1003,"code":"S","fields":{"cards":["fp"],"amount":"1.00"}}}}`,
	`{"outcome":{"address":"sale/s","status":"inDoubt","gaveUp":"2027-01-15T09:00:30Z","answered":true,"note":"Şubat","code":"EX"}}`,
	`{"outcome":{"address":"card/k","status":"done","drop":true}}`,
	`{"outcome":{"address":"sale/s","status":"done","deleted":true,"by":"sale/t"}}`,

	`{"planned":[]}`, `{"planned":null}`, `{"planned":[{"address":"customer/elif","action":"create"},]}`, `{"planned":[{"action":"create"}]}`,
	`{"intent":{"op":"","at":"2027-01-15T09:00:00Z","digest":"d","entry":{"address":"sale/s"}}}`,
	`{"intent":{"op":"o","at":"2027-01-15 09:00:00Z","digest":"d","entry":{"address":"sale/s"}}}`,
	`{"intent":{"op":"o","at":"","digest":"d","entry":{"address":"sale/s"}}}`, `{"intent":{"op":"o","digest":"d"}}`, `{"intent":{"op":"o","digest":"d","entry":{}}}`,
	`{"intent":{"op":"o","digest":"d","entry":{"address":"customer/c"},"previous":{"amount":"1"}}}`, `{"intent":{"op":"o","digest":"d","entry":{"address":"customer/c"},"previous":{}}}`,
	`{"intent":{"op":"o","digest":"d","entry":{"address":"sale/s"},"delete":true}}`, `{"intent":null}`,
	`{"outcome":{"address":"sale/s","status":""}}`, `{"outcome":{"status":"done"}}`, `{"outcome":{"address":"sale/s","status":"done","entry":{"address":"sale/t"}}}`, `{"outcome":{"address":"sale/s","status":"done","drop":false}}`,
	`{"outcome":{"address":"sale/s","status":"done","note":"a\nb"}}`, `{"outcome":{"address":"sale/s","status":"done"}} `, `{"outcome":{"address":"sale/s","status":"done"},"planned":[]}`, `{"outcome":{"address":"sale/s","status":"done"}}{}`,
	``, `{`, `{}`, `{"intent":`, `{"outcome":{"address":"sale/s","status":"done","entry":{"address":"sale/s","labels":`,
}

// written is how many of recordLines are as they are written.
const written = 9

// recordsAgree reads a line both ways. The quick one may leave it to the other; what it reads, the other reads too, and as the same.
func recordsAgree(t interface {
	Helper()
	Fatalf(string, ...any)
}, line string) bool {
	t.Helper()
	var reader recordReader
	got, ok := reader.quickly(line)
	if !ok {
		return false
	}
	want, err := readRecord([]byte(line))
	if err != nil {
		t.Fatalf("%s is read quickly, and otherwise not: %v", line, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s is read quickly as %+v, and otherwise as %+v", line, got, want)
	}
	return true
}

func TestQuickRecord(t *testing.T) {
	for i, line := range recordLines {
		if quick := recordsAgree(t, line); quick != (i < written) {
			t.Errorf("%s is read quickly: %v", line, quick)
		}
	}
}

// Whatever line of a journal is read quickly is read as encoding/json reads it.
func FuzzQuickRecord(f *testing.F) {
	for _, line := range recordLines {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) { recordsAgree(t, line) })
}

// Every record whose texts need no escape is read quickly, and as it was written.
func TestQuickRecordOfWritten(t *testing.T) {
	text := rapid.StringMatching(`[ -!#-\[\]-~ğüşöçİı]{0,12}`)
	name := rapid.StringMatching(`[a-z][a-z0-9._-]{0,9}`)
	addresses := rapid.Custom(func(t *rapid.T) spec.Address {
		return spec.Address{Kind: rapid.SampledFrom(spec.Kinds()).Draw(t, "kind"), Name: name.Draw(t, "name")}
	})
	moments := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
	})
	entries := func(t *rapid.T, a spec.Address) *Entry {
		e := &Entry{Address: a, ID: rapid.Int64Range(0, 1<<40).Draw(t, "id"), Code: text.Draw(t, "code")}
		if f := &a.Kind.Def().Fields[0]; !f.IsList() {
			e.Fields = FieldsOf([]Locked{{Field: f, Text: text.Draw(t, "field")}})
		}
		return e
	}
	rapid.Check(t, func(t *rapid.T) {
		var r Record
		a := addresses.Draw(t, "address")
		switch rapid.IntRange(0, 2).Draw(t, "record") {
		case 0:
			for range rapid.IntRange(1, 3).Draw(t, "planned") {
				r.Planned = append(r.Planned, Planned{Address: addresses.Draw(t, "address"), Action: text.Draw(t, "action")})
			}
		case 1:
			r.Intent = &Intent{Op: "o" + text.Draw(t, "op"), At: moments.Draw(t, "at"), Deadline: moments.Draw(t, "deadline"), GaveUp: moments.Draw(t, "gaveUp"), Digest: text.Draw(t, "digest"),
				Delete: rapid.Bool().Draw(t, "delete"), Answered: rapid.Bool().Draw(t, "answered"), Entry: *entries(t, a)}
			if rapid.Bool().Draw(t, "by") {
				r.Intent.By = addresses.Draw(t, "by")
			}
			switch rapid.IntRange(0, 2).Draw(t, "previous") {
			case 1:
				r.Intent.Previous = []Locked{}
			case 2:
				r.Intent.Previous = r.Intent.Entry.Fields.List()
			}
		default:
			r.Outcome = &Outcome{Address: a, Status: "s" + text.Draw(t, "status"), GaveUp: moments.Draw(t, "gaveUp"), Answered: rapid.Bool().Draw(t, "answered"), Drop: rapid.Bool().Draw(t, "drop"),
				Deleted: rapid.Bool().Draw(t, "deleted"), Note: text.Draw(t, "note"), Code: text.Draw(t, "code")}
			if rapid.Bool().Draw(t, "by") {
				r.Outcome.By = addresses.Draw(t, "by")
			}
			if rapid.Bool().Draw(t, "entry") {
				r.Outcome.Entry = entries(t, a)
			}
		}
		line := string(r.append(nil))
		if !recordsAgree(t, line) {
			t.Fatalf("%s is not read quickly", line)
		}
		var reader recordReader
		got, _ := reader.quickly(line)
		if again := string(got.append(nil)); again != line {
			t.Fatalf("%s is written again as %s", line, again)
		}
	})
}
