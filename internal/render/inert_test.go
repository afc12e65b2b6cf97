package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/render"
	"pgregory.net/rapid"
)

func TestInert(t *testing.T) {
	for _, row := range []struct{ what, text, want string }{
		{"a command", "::error file=a.yaml::approved\n", ": :error file=a.yaml::approved\n"},
		{"after blanks, as an excerpt begins", "a: b\n    ::set-output name=x::y\n", "a: b\n    : :set-output name=x::y\n"},
		{"after a tab and a blank that is no ASCII", "\t\u00a0::debug::x", "\t\u00a0: :debug::x"},
		{"after a carriage return", "50%\r::debug::x", "50%\r: :debug::x"},
		{"colons that begin no line", "a ::error::\n", "a ::error::\n"},
		{"more colons", ":::::error::\n", ": ::::error::\n"},
		{"one colon", ": x ::\n", ": x ::\n"},
		{"the older form, anywhere in a line", "name: x ##[error]approved", "name: x ## [error]approved"},
		{"more signs", "###[group]", "### [group]"},
		{"signs that are not together", "# #[error] #[x] ##x[", "# #[error] #[x] ##x["},
		{"JSON says the same", "\n{\"a\": \"##[error]\", \"b\": [1]}\n", "\n{\"a\": \"##\\u005berror]\", \"b\": [1]}\n"},
	} {
		t.Run(row.what, func(t *testing.T) {
			if diff := cmp.Diff(row.want, inert(t, row.text)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// inert passes text on in the parts that are given.
func inert(t interface{ Fatal(...any) }, parts ...string) string {
	var out bytes.Buffer
	w := render.Inert(&out)
	for _, part := range parts {
		if n, err := w.Write([]byte(part)); err != nil || n != len(part) {
			t.Fatal(n, err)
		}
	}
	return out.String()
}

// commandsIn gives the lines of a text in which the runner finds a workflow command.
func commandsIn(text string) []string {
	var found []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' }), "::") || strings.Contains(line, "##[") {
			found = append(found, line)
		}
	}
	return found
}

// Whatever is written, in whatever parts, no line is a command; and what holds none comes out as it went in.
func TestInertProperty(t *testing.T) {
	text := rapid.StringMatching("([:#\\[\\]a \t\n\r\u00a0\ufeff]|::error::x|##\\[group\\]){0,30}")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(text, 1, 4).Draw(t, "parts")
		whole := strings.Join(parts, "")
		got := inert(t, parts...)
		if found := commandsIn(got); len(found) > 0 {
			t.Errorf("%q holds commands: %q", got, found)
		}
		if once := inert(t, whole); once != got {
			t.Errorf("in parts %q, at once %q", got, once)
		}
		if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(whole, " ", "") {
			t.Errorf("%q became %q: more than blanks", whole, got)
		}
		if len(commandsIn(whole)) == 0 && !strings.ContainsAny(whole, "\u00a0\ufeff") && got != whole {
			t.Errorf("%q holds no command, and became %q", whole, got)
		}
	})
}

// A JSON document means the same afterwards.
func TestInertJSON(t *testing.T) {
	text := rapid.StringMatching("(##\\[|::|[#\\[\\]:\"\\\\a \n]){0,20}")
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{text.Draw(t, "key"): text.Draw(t, "value")}
		indent := rapid.SampledFrom([]string{"", "  "}).Draw(t, "indent")
		document, err := json.MarshalIndent(want, "", indent)
		if err != nil {
			t.Fatal(err)
		}
		result := inert(t, string(document))
		var got map[string]string
		if err := json.Unmarshal([]byte(result), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if found := commandsIn(result); len(found) > 0 {
			t.Errorf("%q", found)
		}
	})
}
