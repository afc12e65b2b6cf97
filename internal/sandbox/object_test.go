package sandbox

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzObject: of every text that is JSON, the same is an object as for
// encoding/json, with the same members and the same texts in them.
func FuzzObject(f *testing.F) {
	for _, text := range []string{
		`{"a":1,"b":[1,{"c":"]}"}],"a":" \"x\" "}`, ` { "\u0061" : null , "" : "" } `, `null`, `[]`, `"x"`, `{}`, `{"a":-1.5e3}`, `{"a":{"b":{}},"c":true}`, `{"a":"\ud800\n"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
			t.Skip("such a request is refused before")
		}
		var want map[string]json.RawMessage
		wantOK := json.Unmarshal([]byte(text), &want) == nil
		got, ok := readObject([]byte(text))
		if ok != wantOK || (got == nil) != (want == nil) {
			t.Fatalf("%s: an object: %t, want %t", text, ok, wantOK)
		}
		for _, m := range got {
			if _, there := want[string(m.name)]; !there {
				t.Fatalf("%s: there is no member %q", text, m.name)
			}
		}
		m := members{of: got}
		for name, value := range want {
			if string(got.get(name)) != string(value) {
				t.Fatalf("%s: %q is %s, want %s", text, name, got.get(name), value)
			}
			var quoted string
			if value[0] == '"' && json.Unmarshal(value, &quoted) == nil && m.scalar(name).value != quoted {
				t.Fatalf("%s: %q reads as %q, want %q", text, name, m.scalar(name).value, quoted)
			}
		}
	})
}
