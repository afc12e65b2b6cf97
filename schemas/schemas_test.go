package schemas

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
)

var update = flag.Bool("update", false, "write mokasync.schema.json anew from the schemas of the kinds")

// TestAll: mokasync.schema.json says what the schemas of the kinds say, so that nobody need write it twice.
func TestAll(t *testing.T) {
	want := assemble(t)
	if *update {
		if err := os.WriteFile("mokasync.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := All(); !bytes.Equal(got, want) {
		t.Error("mokasync.schema.json is stale: run go test ./schemas -update")
	}
}

// object is a JSON object whose keys keep their order.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, value := encode(m.key), encode(m.value)
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// decode reads a JSON object, keeping the order of its keys.
func decode(dec *json.Decoder) any {
	tok, err := dec.Token()
	if err != nil {
		panic(err)
	}
	switch tok {
	case json.Delim('{'):
		var o object
		for dec.More() {
			key, _ := dec.Token()
			o = append(o, member{key.(string), decode(dec)})
		}
		dec.Token()
		return o
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			list = append(list, decode(dec))
		}
		dec.Token()
		return list
	}
	return tok
}

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func assemble(t *testing.T) []byte {
	t.Helper()
	var kinds []any
	var choices []any
	var defs object
	for _, kind := range Kinds() {
		dec := json.NewDecoder(bytes.NewReader(For(kind)))
		dec.UseNumber()
		schema := decode(dec).(object)
		kinds = append(kinds, kind)
		choices = append(choices, object{
			{"if", object{{"properties", object{{"kind", object{{"const", kind}}}}}}},
			{"then", object{{"$ref", "#/$defs/" + kind}}},
		})
		var body object
		for _, m := range schema {
			switch m.key {
			case "$schema", "$id":
			case "$defs":
				defs = merge(t, defs, m.value.(object))
			default:
				body = append(body, m)
			}
		}
		defs = append(defs, member{kind, body})
	}
	all := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", base + "mokasync.schema.json"},
		{"title", "mokasync"},
		{"description", "A manifest of mokasync, of any kind."},
		{"type", "object"},
		{"required", []any{"apiVersion", "kind", "metadata", "spec"}},
		{"properties", object{
			{"apiVersion", object{{"const", "mokasync/v1"}}},
			{"kind", object{{"description", "What the manifest is of."}, {"enum", kinds}}},
		}},
		{"allOf", choices},
		{"$defs", defs},
	}
	var out bytes.Buffer
	if err := json.Indent(&out, encode(all), "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// merge adds definitions that are not there yet; those that are must be the same.
func merge(t *testing.T, defs, more object) object {
	t.Helper()
	for _, m := range more {
		if have := defs.get(m.key); have == nil {
			defs = append(defs, m)
		} else if !reflect.DeepEqual(have, m.value) {
			t.Errorf("$defs/%s is not the same in all schemas", m.key)
		}
	}
	return defs
}
