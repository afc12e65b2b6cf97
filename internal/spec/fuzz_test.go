package spec

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"gopkg.in/yaml.v3"
)

// planted has a marker in every personal and secret place, and in a comment.
const planted = `apiVersion: mokasync/v1
kind: Customer
metadata: {name: elif, labels: {segment: "` + marker + `"}}
spec:
  customerCode: CUST-0001
  firstName: "` + marker + `"
  lastName: '` + marker + `'
  gender: "` + marker + `"  # ` + marker + `
  birthDate: "` + marker + `"
  gsmNumber: "` + marker + `"
  address: |
    ` + marker + `
  password: {fromEnv: "` + marker + `", version: 1}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: elif-bonus}
spec:
  customer: elif
  token: "` + marker + `"
  cardName: &name "` + marker + `"
`

// FuzzLoad: whatever the bytes, Load comes back, its places are inside the text, the order of decoding does not matter, nothing is left to the schema
// that the reader should have found, and no marker leaves a personal or secret place.
func FuzzLoad(f *testing.F) {
	archives, _ := filepath.Glob("testdata/rules/*.txtar")
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) != ".want" {
				f.Add([]byte(manifestOf(file)))
			}
		}
	}
	f.Add([]byte(planted))
	f.Add(account(20))
	f.Add([]byte("\xef\xbb\xbfa\r\n---\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		start := time.Now()
		set, ds := loadText(string(text))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		for _, d := range append(set.Skipped, ds...) {
			insideOf(t, text, d.Line, d.Column, d)
			if !utf8.ValidString(d.Message) || !utf8.ValidString(d.Excerpt) || d.ExcerptColumn > utf8.RuneCountInString(d.Excerpt)+1 {
				t.Errorf("damaged: %+v", d)
			}
			if strings.Contains(d.Message, "; see `mokasync schema") {
				t.Errorf("left to the schema: %+v in\n%s", d, text)
			}
		}
		for _, r := range set.Resources {
			insideOf(t, text, r.Line, r.Column, r.Address)
			for i := range r.Values {
				insideOf(t, text, int(r.Values[i].Line), int(r.Values[i].Column), r.Values[i].Field.Name)
			}
		}
		if !markerIsPublic(text) {
			noMarker(t, string(text), ds)
		}
		sameAlone(t, text)
	})
}

// yamlBreaks are what YAML 1.1 takes for line breaks.
var yamlBreaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

func insideOf(t *testing.T, text []byte, line, column int, what any) {
	t.Helper()
	text = bytes.TrimPrefix(text, byteOrderMark)
	lines := yamlBreaks.Split(string(text), -1)
	if line < 0 || line > len(lines) || line > 0 && (column < 1 || column > utf8.RuneCountInString(lines[line-1])+1) {
		t.Errorf("%d:%d is not inside the text: %+v\n%q", line, column, what, text)
	}
}

// markerIsPublic reports whether the marker stands, as YAML reads it, where public values do: then it may be shown.
func markerIsPublic(text []byte) bool {
	src := &source{}
	src.take(bytes.Clone(text))
	for _, sp := range split(src.data) {
		s := newStream(src.data[sp.start:sp.end])
		for {
			n, err := s.next()
			if err != nil {
				break
			}
			if publicMarker(n) {
				return true
			}
		}
	}
	return false
}

var privateKeys = regexp.MustCompile(`^(firstName|lastName|gender|birthDate|gsmNumber|email|address|password|token|cardName|labels|annotations)$`)

func publicMarker(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.ScalarNode:
		return strings.Contains(n.Value, marker)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !privateKeys.MatchString(n.Content[i].Value) && publicMarker(n.Content[i+1]) {
				return true
			}
		}
		return false
	}
	for _, c := range n.Content {
		if publicMarker(c) {
			return true
		}
	}
	return false
}

// sameAlone: documents that are decoded together give what each gives by itself.
func sameAlone(t *testing.T, text []byte) {
	t.Helper()
	src := &source{path: "-"}
	src.take(bytes.Clone(text))
	for _, b := range src.batches() {
		together := b.decode(manner{slowly: true})
		var alone outcome
		for _, sp := range b.spans {
			one := batch{src: src, spans: []span{sp}}
			alone.add(one.decode(manner{slowly: true}))
		}
		if diff := cmp.Diff(outcomeText(together), outcomeText(alone)); diff != "" {
			t.Errorf("decoded together -, alone +:\n%s", diff)
		}
	}
}

func outcomeText(o outcome) []string {
	out := messages(o.ds)
	for _, r := range o.resources {
		out = append(out, describe(r))
	}
	return append(out, messages(o.skipped)...)
}

// FuzzMasking cuts into the planted manifest and pastes something: no marker leaves its place, however broken the rest.
func FuzzMasking(f *testing.F) {
	for i := range len(planted) {
		if i%23 == 0 {
			f.Add(uint16(i), uint8(1), []byte{})
			f.Add(uint16(i), uint8(0), []byte("\n"))
			f.Add(uint16(i), uint8(3), []byte(": ["))
			f.Add(uint16(i), uint8(0), []byte("\u2028\" "))
		}
	}
	f.Fuzz(func(t *testing.T, at uint16, cut uint8, paste []byte) {
		from := min(int(at), len(planted))
		to := min(from+int(cut), len(planted))
		text := planted[:from] + string(paste) + planted[to:]
		set, ds := loadText(text)
		if !markerIsPublic([]byte(text)) {
			noMarker(t, text, append(ds, set.Skipped...))
		}
	})
}
