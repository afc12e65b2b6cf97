package spec

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// account writes manifests like a merchant's: for every ten resources four customers, their cards and sales in part, now and then a product or a schedule.
func account(n int) []byte {
	var b bytes.Buffer
	for i := 0; i < n; i++ {
		c := i - i%20
		switch k := i % 20; {
		case i == 0:
			b.WriteString("apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: gold}\nspec: {productCode: Product01, productName: Gold üyelik}\n---\n")
		case i == 1:
			b.WriteString("apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: monthly-15}\nspec:\n  scheduleName: Ayda bir\n  frequency: monthly\n  daysOfMonth: [15]\n---\n")
		case k < 2:
			fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: card-%d}\nspec:\n  customer: c-%d\n  token: 9de41bb0-e82f-4670-b36b-%012x\n  cardName: Bonus kartım\n---\n", i, c+2, i)
		case k < 11:
			fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c-%d, labels: {segment: gold}}\nspec:\n  customerCode: CUST-%d\n  firstName: Elif\n  lastName: Yetimoğlu\n  gender: female\n  birthDate: \"1990-12-18\"\n  gsmNumber: \"530%07d\"\n  email: elif%d@example.com\n  address: TAŞDELEN Mah. No. 5 İstanbul\n---\n", i, i, i, i)
		default:
			fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s-%d}\nspec:\n  customer: c-%d\n  product: gold\n  schedule: monthly-15\n  cards: [{token: 9de41bb0-e82f-4670-b36c-%012x}]\n  amount: \"149.90\"\n  saleDate: \"2027-01-01\"\n  beginDate: \"2027-01-15\"\n  endDate: \"2028-01-15\"\n---\n", i, c+2+k-11, i)
		}
	}
	return b.Bytes()
}

// BenchmarkLoad loads and judges manifests, and reports how long that takes as a multiple of decoding the same bytes to yaml.Nodes, with as many workers.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		for _, files := range []int{1, 20} {
			b.Run(fmt.Sprintf("resources=%d/files=%d", n, files), func(b *testing.B) { benchmarkLoad(b, n, files) })
		}
	}
}

func benchmarkLoad(b *testing.B, n, files int) {
	text := account(n)
	dir := writeParts(b, text, files)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var before, after runtime.MemStats
	var set *Set
	for b.Loop() {
		var ds []Diagnostic
		set, ds = Load(context.Background(), []string{dir}, Options{})
		if len(ds) > 0 {
			b.Fatal(ds[0])
		}
	}
	load := b.Elapsed() / time.Duration(b.N)
	runtime.GC() // and once more for what the pools hold
	runtime.GC()
	runtime.ReadMemStats(&before)
	runtime.KeepAlive(set)
	set = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(before.HeapAlloc-after.HeapAlloc)/float64(n), "heap-B/resource")
	b.ReportMetric(float64(load)/float64(decodeNodes(b, text, 3)), "x-yaml-decode")
}

// writeParts spreads the documents of text over files.
func writeParts(b *testing.B, text []byte, files int) string {
	dir := b.TempDir()
	docs := bytes.SplitAfter(text, []byte("---\n"))
	for i := range files {
		part := bytes.Join(docs[i*len(docs)/files:(i+1)*len(docs)/files], nil)
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".yaml"), part, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// decodeNodes gives the least time of some runs that decode text to yaml.Nodes and keep none.
func decodeNodes(b *testing.B, text []byte, runs int) time.Duration {
	docs := bytes.SplitAfter(text, []byte("---\n"))
	workers := runtime.GOMAXPROCS(0)
	best := time.Duration(1<<63 - 1)
	for range runs {
		start := time.Now()
		var wg sync.WaitGroup
		for w := range workers {
			part := bytes.Join(docs[w*len(docs)/workers:(w+1)*len(docs)/workers], nil)
			wg.Go(func() {
				dec := yaml.NewDecoder(bytes.NewReader(part))
				for {
					var n yaml.Node
					if err := dec.Decode(&n); err == io.EOF {
						return
					} else if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		best = min(best, time.Since(start))
	}
	return best
}
