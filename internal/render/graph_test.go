package render

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// A name in Mermaid is letters, digits and low lines, begins with its kind, and belongs to one address only: it can be read back.
func TestMermaidNamesCanBeReadBack(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][A-Za-z0-9_]+$`)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(spec.Kinds()).Draw(t, "kind")
		name := rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._@:+-]{0,99}`).Draw(t, "name")
		id := kind.Prefix() + "/" + name
		got := mermaidID(id)
		if !form.MatchString(got) {
			t.Fatalf("%s becomes %s", id, got)
		}
		if back := readMermaidID(t, got); back != id {
			t.Fatalf("%s becomes %s, which is read as %s", id, got, back)
		}
	})
}

func readMermaidID(t *rapid.T, id string) string {
	var b strings.Builder
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] != '_':
			b.WriteByte(id[i])
		case id[i+1] == '_':
			b.WriteByte('/')
			i++
		default:
			n, err := strconv.ParseUint(id[i+1:i+3], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteByte(byte(n))
			i += 2
		}
	}
	return b.String()
}

// Whatever a code holds, a label stays one quoted text, and what is drawn is the code.
func FuzzGraphLabels(f *testing.F) {
	for _, code := range []string{`a"b`, `a\`, `\n\N\G`, `&amp;`, `#35;`, "<b>", "`x`", "a\u202eb", "%%{init}%%", "1. x", "ş☃"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if strings.ContainsAny(code, "\n\r") {
			return // a code has no control characters
		}
		n := GraphNode{ID: "customer/x", Kind: spec.Customer, Code: code}
		want := strings.Join(n.label(), "|")
		dot := dotLabel(n.label()...)
		if got, ok := readDOT(dot); !ok || got != want {
			t.Errorf("DOT: %s is read as %q, want %q", dot, got, want)
		}
		mermaid := mermaidLabel(n.label()...)
		if inside := mermaid[1 : len(mermaid)-1]; strings.ContainsAny(strings.ReplaceAll(inside, "<br/>", ""), "\"<>&`\\[]{}()|%*_\n") {
			t.Errorf("Mermaid: %s", mermaid)
		}
		if got := readMermaid(mermaid); got != want {
			t.Errorf("Mermaid: %s is read as %q, want %q", mermaid, got, want)
		}
	})
}

// readDOT reads a quoted label as Graphviz does: \" and \\ stand for themselves, \n ends a line, an entity stands for its character.
func readDOT(quoted string) (string, bool) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", false
	}
	inside := quoted[1 : len(quoted)-1]
	var b strings.Builder
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '"':
			return "", false
		case c != '\\':
			b.WriteByte(c)
		case i+1 == len(inside):
			return "", false
		default:
			i++
			switch inside[i] {
			case 'n':
				b.WriteByte('|')
			case '"', '\\':
				b.WriteByte(inside[i])
			default:
				return "", false
			}
		}
	}
	return strings.ReplaceAll(b.String(), "&amp;", "&"), true
}

// readMermaid reads a quoted label as Mermaid does: #34; stands for the character of that number.
func readMermaid(quoted string) string {
	text := strings.ReplaceAll(quoted[1:len(quoted)-1], "<br/>", "|")
	return regexp.MustCompile(`#[0-9]+;`).ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(s[1 : len(s)-1]) // the expression wants digits
		return string(rune(n))
	})
}
