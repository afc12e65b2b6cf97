package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// account writes n resources: 45 of 100 customers, 45 sales, the rest cards, products and schedules. It gives the folder and the bytes.
func account(b *testing.B, n int) (string, []byte) {
	b.Helper()
	folder := b.TempDir()
	var all bytes.Buffer
	customers := n * 45 / 100
	for file := range 10 {
		var text strings.Builder
		if file == 0 {
			for i := range 5 {
				fmt.Fprintf(&text, "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p%d}\nspec: {productName: Ürün %d}\n---\n", i, i)
				fmt.Fprintf(&text, "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d%d}\nspec: {frequency: monthly, daysOfMonth: [%d]}\n---\n", i, i+1)
			}
		}
		for i := file; i < customers; i += 10 {
			fmt.Fprintf(&text, "# abone %d\napiVersion: mokasync/v1\nkind: Customer\nmetadata:\n  name: c%d\n  labels: {segment: gold}\nspec:\n  customerCode: CUST-%06d\n  firstName: Şule\n  lastName: Öztürk\n  gender: female\n"+
				"  birthDate: \"1990-12-18\"\n  gsmNumber: \"530%07d\"\n  email: c%d@example.com\n  address: Moda Caddesi %d, Kadıköy\n---\n", i, i, i, i, i, i)
			fmt.Fprintf(&text, "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s%d}\nspec:\n  customer: c%d\n  product: p%d\n  schedule: d%d\n  cards: [{token: 7e57ca4d-0000-4000-8000-%012d}]\n"+
				"  amount: \"149.90\"\n  currency: TL\n  beginDate: \"2035-01-15\"\n  endDate: \"2036-01-15\"\n---\n", i, i, i%5, i%5, i)
			if i%5 == 0 {
				fmt.Fprintf(&text, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d}\n---\n", i, i, 500000+i)
			}
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("m%d.yaml", file)), []byte(text.String()), 0o644); err != nil {
			b.Fatal(err)
		}
		all.WriteString(text.String())
	}
	return folder, all.Bytes()
}

func load(b *testing.B, folder string) []*spec.Resource {
	b.Helper()
	set, ds := spec.Load(context.Background(), []string{folder}, spec.Options{})
	if spec.HasErrors(ds) {
		b.Fatal(ds[0])
	}
	return set.Resources
}

// decodeNodes is what everything is measured against: yaml.v3 decoding the same bytes to nodes, in one goroutine.
func decodeNodes(b *testing.B, text []byte) time.Duration {
	b.Helper()
	start := time.Now()
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var n yaml.Node
		if err := dec.Decode(&n); err == io.EOF {
			return time.Since(start)
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// knownOf gives the lockfile after these resources were applied.
func knownOf(resources []*spec.Resource) *lockfile.Lock {
	known := lockfile.New("test", "1731", lockfile.NewSalt())
	w := plan.NewWorld(resources, known)
	for i, kind := range spec.Kinds() {
		for j, r := range resources {
			if r.Address.Kind == kind {
				e := w.Entry(r, int64(1000000*i+j+1))
				var defaults []lockfile.Locked
				for k := range kind.Def().Fields { // as they go with a creation
					if f := &kind.Def().Fields[k]; f.Default != "" && f.Default != spec.DefaultName && f.Default != spec.DefaultToday && r.Value(f.Name) == nil {
						defaults = append(defaults, lockfile.Locked{Field: f, Text: f.Default})
					}
				}
				e.Defaults = lockfile.FieldsOf(defaults)
				known.Put(e)
			}
		}
	}
	return known
}

// Each step at 1,000 and 10,000 resources; x-yaml is its time against decodeNodes of the same bytes, B/resource what it leaves on the heap.
func BenchmarkSteps(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		folder, text := account(b, n)
		resources := load(b, folder)
		known := knownOf(resources)
		var written bytes.Buffer
		if _, err := known.WriteTo(&written); err != nil {
			b.Fatal(err)
		}
		base := decodeNodes(b, text)
		empty := lockfile.New("test", "1731", lockfile.NewSalt())
		fresh := plan.Make(plan.Input{Resources: resources, Known: empty, Whole: true, Today: "2034-06-01"})
		save := func() []byte {
			var text bytes.Buffer
			if err := planfile.Write(&text, planfile.Facts{Plan: fresh, Resources: resources, Known: empty}); err != nil {
				b.Fatal(err)
			}
			return text.Bytes()
		}
		saved := save()
		steps := []struct {
			name string
			run  func() any
		}{
			{"load", func() any { return load(b, folder) }},
			{"plan-unchanged", func() any {
				return plan.Make(plan.Input{Resources: resources, Known: known, Whole: true, Today: "2034-06-01"})
			}},
			{"plan-new", func() any {
				p := plan.Make(plan.Input{Resources: resources, Known: empty, Whole: true, Today: "2034-06-01"})
				if err := render.PlanText(io.Discard, "plan", p, render.Style{}); err != nil {
					b.Fatal(err)
				}
				return p
			}},
			{"digest", func() any { return planfile.Digest(fresh, "") }},
			{"save", func() any { return save() }},
			{"open", func() any {
				f, err := planfile.Decode(saved, "")
				if err != nil {
					b.Fatal(err)
				}
				return f
			}},
			{"markdown", func() any {
				if err := render.PlanMarkdown(io.Discard, fresh, nil, render.MarkdownOptions{}); err != nil {
					b.Fatal(err)
				}
				return nil
			}},
			{"lockfile-read", func() any {
				l, err := lockfile.Parse("f", written.Bytes(), "")
				if err != nil {
					b.Fatal(err)
				}
				return l
			}},
			{"lockfile-write", func() any { known.WriteTo(io.Discard); return nil }},
		}
		for _, s := range steps {
			b.Run(fmt.Sprintf("%s/%d", s.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.run()
				}
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(base), "x-yaml")
				b.ReportMetric(float64(heapOf(s.run))/float64(len(resources)), "B/resource")
			})
		}
	}
}

// heapOf is how many bytes more are on the heap while a step's result is held.
func heapOf(run func() any) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := run()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(result)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}
