package quickyaml

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// manifests are documents as merchants keep them: Turkish texts, comments, block scalars, and here and there an anchor, which is not plain.
func manifests(n int) []string {
	out := make([]string, n)
	for i := range out {
		switch {
		case i%2 == 0:
			address := fmt.Sprintf("Moda Caddesi No %d, Kadıköy   # fatura adresi", i)
			if i%8 == 0 {
				address = fmt.Sprintf(">-\n    Moda Caddesi No: %d,\n    Daire 7, Çankaya", i)
			}
			out[i] = fmt.Sprintf("---\n# abone %d\napiVersion: mokasync/v1\nkind: Customer\nmetadata:\n  name: c%d\nspec:\n  customerCode: ABONE-%06d\n  firstName: Çiğdem\n  lastName: Yetimoğlu\n"+
				"  gender: female\n  birthDate: \"1990-02-11\"\n  gsmNumber: \"53%08d\"\n  email: abone%d@example.com\n  address: %s\n", i, i, i, i, i, address)
		default:
			labels := "{city: c1, segment: home}"
			if i%101 == 1 {
				labels = "&etiket {city: c1}\n  annotations: *etiket"
			}
			out[i] = fmt.Sprintf("---\napiVersion: mokasync/v1\nkind: Sale\nmetadata:\n  name: s%d\n  labels: %s\nspec:\n  saleCode: SATIS-%06d-v1\n  customer: c%d\n  product: p1\n  schedule: day-1\n"+
				"  cards: [{token: 7e57ca4d-0000-4000-8000-%012d}]\n  amount: %d.90\n  currency: TL\n  beginDate: 2035-01-01\n  endDate: \"2037-12-31\"\n  description: Aylık üyelik, sözleşme %d\n", i, labels, i, i, i, 99+i%400, i)
		}
	}
	return out
}

// examples are the documents of the example projects.
func examples(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../../examples/*/*.yaml", "../../examples/*/*/*.yaml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, documents(string(text))...)
		}
	}
	if len(out) == 0 {
		t.Fatal("no examples")
	}
	return out
}

// BenchmarkRead reads manifests one after another, as a worker does.
func BenchmarkRead(b *testing.B) {
	texts := manifests(1000)
	b.SetBytes(int64(len(strings.Join(texts, ""))))
	b.ReportAllocs()
	var r Reader
	for b.Loop() {
		for _, text := range texts {
			r.Read(text, 1)
		}
	}
}
