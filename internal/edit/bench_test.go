package edit

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkFormat: a file of a thousand sales, each to be put in order, and the same when it is.
func BenchmarkFormat(b *testing.B) {
	var file bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&file, "---\nkind: Sale\napiVersion: mokasync/v1\nmetadata: {name: s%d}\nspec:\n  customer: {customerCode: C%d}\n  product: {productCode: P}\n  schedule: {id: 7}\n  cards: [a]\n  amount: 149.90 # x\n  beginDate: 2035-01-15\n  endDate: never\n", i, i)
	}
	inOrder := Format("m.yaml", file.Bytes()).Data
	for name, data := range map[string][]byte{"careless": file.Bytes(), "in order": inOrder} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				Format("m.yaml", data)
			}
		})
	}
}
