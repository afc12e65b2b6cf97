package spec

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
)

// all compares resources with all that is in them.
var all = cmp.Options{cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true }), cmp.Comparer(func(a, b *Field) bool { return a == b })}

// sameReaders holds what comes of a text whose plain documents are read quickly to what comes of it with yaml.v3 alone: resources, places, diagnostics, and their order.
func sameReaders(t testing.TB, text string) {
	t.Helper()
	quick, quickSays := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text)})
	slow, slowSays := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text), slowly: true})
	if !reflect.DeepEqual(quickSays, slowSays) || !reflect.DeepEqual(quick.Skipped, slow.Skipped) {
		t.Fatalf("yaml.v3 -, quickly +:\n%s\n%q", cmp.Diff(append(slowSays, slow.Skipped...), append(quickSays, quick.Skipped...)), text)
	}
	if len(quick.Resources) != len(slow.Resources) {
		t.Fatalf("%d resources with yaml.v3, %d quickly: %q", len(slow.Resources), len(quick.Resources), text)
	}
	for i, r := range slow.Resources {
		if reflect.DeepEqual(r, quick.Resources[i]) {
			continue
		}
		if diff := cmp.Diff(r, quick.Resources[i], all...); diff != "" {
			t.Fatalf("yaml.v3 -, quickly +:\n%s\n%q", diff, text)
		}
	}
}

// manifestTexts are the fixtures of this package, the good and the bad ones, the examples, and a made-up account.
func manifestTexts(t testing.TB) []string {
	t.Helper()
	out := []string{planted, string(account(60))}
	archives, _ := filepath.Glob("testdata/rules/*.txtar")
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) != ".want" {
				out = append(out, manifestOf(file))
			}
		}
	}
	for _, pattern := range []string{agreement + "/*/*.yaml", "testdata/docs/*.yaml", "../../examples/*/*.yaml", "../../examples/*/*/*.yaml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(text))
		}
	}
	if len(out) < 500 {
		t.Fatalf("only %d texts", len(out))
	}
	return out
}

// mutated changes a text a little, in a way that may make something else of it, or breaks it.
func mutated(random *rand.Rand, text string) string {
	pastes := []string{"", "", " ", "  ", "\n", "\n\n", ":", ": ", " #", "-", "- ", "\n---\n", "---\n", "\n...\n", "\n...\n# c\n...\n", "\n%YAML 1.1\n---\n", "\ufeff", "'", "\"", "[", "]", "{", "}", ", ", "? ", "!", "&a ", "*a", "%", "|\n", ">\n", "\t", "\r\n", "\\", "ğ", "\u2028", "\x00", "\xff", "<<: *a\n", "0", "1_0", "null"}
	for range 1 + random.IntN(3) {
		at := random.IntN(len(text) + 1)
		to := min(len(text), at+random.IntN(4))
		text = text[:at] + pastes[random.IntN(len(pastes))] + text[to:]
	}
	return text
}

// TestReadersAgree: whether plain documents are read quickly or not, the same comes of every fixture when it is changed a little, and of several in one file.
// As they are, the fixtures are the seeds of FuzzReadersAgree.
func TestReadersAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	texts := manifestTexts(t)
	for _, text := range texts {
		sameReaders(t, mutated(random, text))
	}
	for range 100 {
		var b strings.Builder
		for range 2 + random.IntN(6) {
			text := texts[random.IntN(len(texts))]
			if random.IntN(4) == 0 {
				text = mutated(random, text)
			}
			b.WriteString(text + "\n---\n")
		}
		sameReaders(t, b.String())
	}
}

// FuzzReadersAgree goes on with what TestReadersAgree begins.
func FuzzReadersAgree(f *testing.F) {
	for _, text := range manifestTexts(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameReaders(t, text) })
}

// TestAnchorsEnd: an alias has its anchor in its own document, whichever of those around it are read quickly.
func TestAnchorsEnd(t *testing.T) {
	const first = "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: a, labels: &l {k: v}}\nspec: {productName: A}\n"
	plain := product("b")
	last := "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: c, labels: *l}\nspec: {productName: C}\n"
	for _, text := range []string{first + "---\n" + last, first + "---\n" + plain + "---\n" + last, plain + "---\n" + last} {
		set, ds := loadText(text)
		if got := messages(ds); len(got) != 1 || !strings.Contains(got[0], "an alias (*name) has no anchor") || set.Get(Address{Product, "c"}) != nil {
			t.Errorf("%s\n%q", text, got)
		}
		sameReaders(t, text)
	}
}

// TestEntangled: where yaml.v3 takes a stream otherwise than its documents one by one, all of it is left to yaml.v3.
func TestEntangled(t *testing.T) {
	for _, test := range []struct {
		between string
		refused int // how many mistakes are told of
	}{
		{"\n%YAML 1.1\n---\n", 0},
		{"...\n...\n---\n", 0},
		{"...\n# c\n...\n", 1},
		{"\n\ufeff---\n", 0},
	} {
		text := product("a") + test.between + product("b")
		if _, ds := loadText(text); len(ds) != test.refused {
			t.Errorf("%q: %q", test.between, messages(ds))
		}
		sameReaders(t, text)
	}
}

// TestSplitOdd: a file in which a line may end otherwise is cut line by line, and into the same documents as one that is searched for markers.
func TestSplitOdd(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	lines := []string{"a: b\n", "---\n", "--- # c\n", "---x\n", " ---\n", "\n", "# c\n", "%YAML 1.2\n", "- --- \n", "---\r\n"}
	dotted := append(slices.Clone(lines), "...\n", "... \n", "....\n")
	for i := range 4_000 {
		if i == 2_000 {
			lines = dotted
		}
		var b bytes.Buffer
		for range random.IntN(12) {
			b.WriteString(lines[random.IntN(len(lines))])
		}
		b.WriteString([]string{"", "a", "---", "..."}[random.IntN(4)])
		length := b.Len()
		text := b.Bytes()
		odd := append(bytes.Clone(text), "\n \u2028"...)
		got, want := split(text), split(odd)
		if n := len(want); n > 0 && want[n-1].start >= length {
			want = want[:n-1] // what was added
		}
		for i := range want {
			want[i].end = min(want[i].end, length)
		}
		if !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
			t.Fatalf("%q: searched for markers %v, line by line %v", text, got, want)
		}
	}
}

// TestSplitMany: how long a file takes grows with its length, whichever markers it has.
func TestSplitMany(t *testing.T) {
	const n = 300_000
	for _, document := range []string{"a: b\n---\n", "a: b\n...\n", "a: b\n...\n---\n", "a: b\n----\n---\n"} {
		text, begun := bytes.Repeat([]byte(document), n), time.Now()
		if got := len(split(text)); got != n && got != n+1 {
			t.Errorf("%q: %d documents, want %d", document, got, n)
		}
		if took := time.Since(begun); took > 10*time.Second { // a tenth of a second as a rule
			t.Errorf("%q: took %s", document, took)
		}
	}
}
