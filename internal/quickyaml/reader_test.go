package quickyaml

import (
	"strings"
	"testing"
)

// reads are texts that are plain: each must be read quickly.
var reads = []string{
	"a: b",
	"a: b\n",
	"---\na: b\n",
	"# head\n\n--- # marker\n# more\na: b # behind\n# foot",
	"---\n", "---", "--- # a", "# a\n--- \n\n # b\n ", "---\r\n",
	"a: b\r\nc:\r\n- d\r\n",
	"  a: b\n  c: d\n",
	"a:\n  b: c\n  d:\n      e: f\ng: h\n",
	"a:\nb: c\n",
	"a:\n  b:\n  c:\nd:",
	"a: # nothing\nb:    \n",
	"a:\n- b\n- c\nd: e\n",
	"a:\n  - b\n  -   c\n",
	"- a\n- - b\n  - c\n- d: e\n  f: g\n",
	"-\n- a\n-\n  - b\n-\n  c: d\n",
	"- a:\n  - b\n  c: d\n- e:\n",
	"- - - a\n",
	"a: [b, c, \"d\", 'e'] # f\n",
	"a: [ ]\nb: {}\nc: {d: e, f: [1, {g: h}], \"i\": 'j'}\n",
	"{a: b}\n",
	"[a, [b]]\n",
	"şehir: {ad: Çiğdem, soyad: Öztürk, 中: 文, 😀: x}\n",
	"a: \"b c\"\n\"d e\": f\n'g': \"h # i: j\"\n",
	"a: 'it''s'\nb: ''\nc: \"\"\nd: '\\'\n",
	`a: "say \"yes\" \\ or\nno"` + "\n",
	"a: http://example.com:80/x#y\nb: a:b\nc: x#y\n",
	"a: it's \"so\" [and] {so}, on\n",
	"a: |\n  b\n  c\n",
	"a: |-\n    b\n\n\n    c\n      d\n\n\ne: f\n",
	"a: |\n  b\n",
	"a: |\n  b",
	"a: |-\n  b",
	"a: >-\n  b\n  c\n\n  d\n\n\n  e   \n",
	"a: > # note\n b\n\nc: d\n",
	"a: |\n  # no comment\n # a comment\nb: c\n",
	"a: |\n  b\n   ",
	"- |\n b\n- >-\n  c\n  d\n",
	"a: |\r\n  b\r\nc: >\r\n  d\r\n  e\r\n",
	"a: 1\nb: -2\nc: +3\nd: 129.90\ne: 2035-01-31\nf: true\ng: null\nh: y\ni: No\nj: 0\nk: 0.5\n2036-02-29: 2000-02-29\nl: False\nm: NULL\nn: none\n",
	"a: 7e57ca4d-0000-4000-8000-000000000001\nb: 12. Sokak\nc: 2024-gold\nd: 10:30\ne: 5/3\n",
	"a: b\na: c\n",
	"1: a\ntrue: b\n2035-01-01: c\n",
	"a: \u00a0b\u00a0\n",
	"a: b\n   # odd\n # comments\nc: d\n        # here\n",
}

// leaves are texts that are left to yaml.v3: some are no YAML, some are not plain, and of some the quick reader is not sure.
var leaves = []string{
	"", "\n", "# a\n", "a", "a: [", "a: {", "a: [b, ", "a: {b: ", "...\n", "---x\n", " ---\na: b\n", "- a\nb\n", "--- a\n", "---\n---\na: b\n", "a: b\n---\n", "a: b\n...\n", "a: b\n--- \nc: d",
	"%YAML 1.1\n---\na: b\n", "%TAG ! x\n---\na: b\n",
	"a: &b c\n", "a: *b\n", "*a : b\n", "&a b: c\n", "<<: {a: b}\n", "a: !!str b\n", "! a: b\n", "a: !b\n",
	"a: b\n  c\n", "a:\n  b\n", "a:\n  \"b\"\n", "a: \"b\n  c\"\n", "a: 'b\n  c'\n", "a: [b,\n  c]\n", "a:\n  [b]\n",
	"a: b: c\n", "a: b:\n", "a: \"b\": c\n", "a: [b]: c\n", "[a, b]: c\n", "{a: b}: c\n", "a: - b\n", "a: -\n", "a b\n", "a:b\n", "a : b\n",
	"a:\n    b: c\n  d: e\n", "a: b\n c: d\n", " a: b\nc: d\n", "a:\n  - b\n - c\n", "- a\n - b\n", "a: b\n- c\n", "- a\nb: c\n", "- a: b\n c: d\n", "- - a\n - b\n",
	"? a\n: b\n", "? a\n", ": a\n", "a: ? b\n", "a: {? b: c}\n", "a: {b}\n", "a: {b: }\n", "a: {b: , c: d}\n", "a: {b:c}\n", "a: {\"b\":c}\n",
	"a: [b: c]\n", "a: [b, ]\n", "a: [, b]\n", "a: [b,, c]\n", "a: [b\n", "a: {b: c\n", "a: [b] c\n", "a: [b]#c\n", "a: [b #c\n", "a: [- b]\n", "a: [b?c]\n", "a: [a:]\n", "a: {b: c: d}\n",
	"a: \"b\"c\n", "a: \"b\"#c\n", "a: \"b\n", "a: 'b\n", "a: \"\\", "a: \"\\u0041\"\n", "a: \"\\x\"\n",
	"a: |2\n  b\n", "a: |+\n  b\n", "a: |\nb: c\n", "a: |\n\n  b\n", "a: |", "a: |x\n  b\n", "a: >\n  b\n    c\n", "a: >\n  b\n    \n  c\n", "a: |#b\n  c\n", "| \n a\n",
	"a: @b\n", "a: `b`\n", "a: %b\n", "a: ,b\n", "a: ]b\n", "a: #b\n  c\n",
	"a:\tb\n", "\ta: b\n", "a: b\t# c\n", "a: b\rc: d\n", "a: b\x00\n", "a: b\x7f\n", "a: \xff\n", "a: \xed\xa0\x80\n", "\ufeffa: b\n", "a: b\u0085c: d\n", "a: b\u2028c\n", "a: \ufffe\n", "a: \u0080\n",
	"a: 0123\n", "a: 089\n", "a: 1_000\n", "a: 0x1F\n", "a: 0b1\n", "a: 0o7\n", "a: 1e5\n", "a: .5\n", "a: .inf\n", "a: ~\n", "a: 5.\n", "a: 2035-13-01\n", "a: 2035-01-01T00:00:00Z\n", "a: 2035-1-1 \n", "a: 2035-02-30\n", "a: 2035-02-29\n", "a: 2100-02-29\n", "a: 2035-04-31\n", "a: 2035-01-32\n", "a: 2035-00-10\n",
	"a: 99999999999999999999\n", "a: +\n", "a: --1\n", "a: -b\n", "a: -.inf\n", "a: =\n",
}

func TestReads(t *testing.T) {
	var r Reader
	for _, text := range reads {
		if !agree(t, &r, text) {
			t.Errorf("is not read: %q", text)
		}
	}
}

func TestLeaves(t *testing.T) {
	var r Reader
	for _, text := range leaves {
		if _, ok := r.Read(text, 1); ok {
			t.Errorf("is read: %q", text)
		}
	}
}

// TestShare: of the examples, and of manifests as merchants keep them, nearly all documents are read quickly.
func TestShare(t *testing.T) {
	var r Reader
	count := func(name string, texts []string) {
		read := 0
		for _, text := range texts {
			if agree(t, &r, text) {
				read++
			}
		}
		if t.Logf("%s: %d of %d", name, read, len(texts)); 100*read < 97*len(texts) {
			t.Errorf("of %s only %d of %d documents are read quickly", name, read, len(texts))
		}
	}
	count("examples", examples(t))
	count("manifests", manifests(1000))
}

// TestAgain: a Reader that is used again gives what a new one does, whatever it read before.
func TestAgain(t *testing.T) {
	var used Reader
	texts := append(append(fixtures(t), reads...), leaves...)
	for i, text := range texts {
		used.Read(texts[(i*7919)%len(texts)], 1)
		var fresh Reader
		if was, is := agree(t, &used, text), agree(t, &fresh, text); was != is {
			t.Errorf("read by a new Reader %t, by a used one %t: %q", is, was, text)
		}
	}
}

// TestBounds: what a Reader keeps between documents, and how deeply it calls itself, is bounded; a longer key may be no key.
func TestBounds(t *testing.T) {
	var r Reader
	for _, test := range []struct {
		name, text string
		read       bool
	}{
		{"many nodes", "a: [" + strings.Repeat("b, ", 3000) + "b]", true},
		{"too many nodes", "a: [" + strings.Repeat("b, ", maxNodes) + "b]", false},
		{"deep flow", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), true},
		{"too deep flow", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), false},
		{"deep list", strings.Repeat("- ", maxDepth) + "a", true},
		{"too deep list", strings.Repeat("- ", maxDepth+1) + "a", false},
		{"long key", strings.Repeat("a", maxKey) + ": b", true},
		{"too long key", strings.Repeat("a", maxKey+1) + ": b", false},
		{"too long key in a flow", "a: {\"" + strings.Repeat("a", maxKey) + "\": b}", false},
		{"long values", "a: " + strings.Repeat("b ", 2000) + "\n- \"" + strings.Repeat("c", 2000) + "\"", false},
		{"long items", "- " + strings.Repeat("b ", 2000) + "b\n- \"" + strings.Repeat("c", 2000) + "\"\n- [" + strings.Repeat("d, ", 1000) + "d]", true},
	} {
		if got := agree(t, &r, test.text); got != test.read {
			t.Errorf("%s: read is %t", test.name, got)
		}
	}
}
