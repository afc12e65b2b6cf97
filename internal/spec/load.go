package spec

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mokasync/mokasync/internal/calendar"
)

// Options steer Load.
type Options struct {
	// Stdin is read for the PATH "-"; nil stands for an empty input.
	Stdin io.Reader
	// Show leaves personal values in messages and excerpts as they are. Secrets and what is not known to be harmless stay masked.
	Show bool
	// Empty lets a folder without a manifest be: everything that was in it may have been taken out.
	Empty bool
	// Instead holds, by a file's path as Set.Files has it, the bytes that are read in the place of what stands in the file.
	Instead map[string][]byte
	// Reading says how what Moka's documentation leaves open about charges is read (moka-api 3.4). Only warnings rest on it.
	Reading calendar.Reading

	slowly bool
}

// manner is how documents are read.
type manner struct {
	show    bool // personal values stay as they are in what is said
	reading calendar.Reading
	slowly  bool // yaml.v3 reads plain documents too, and every resource is judged with all others: the same by the longer way
}

func (o Options) manner() manner { return manner{o.Show, o.Reading, o.slowly} }

// Set is what the manifests say, as a whole.
type Set struct {
	// Resources without mistakes of their own, ordered by Address. Where Load reports errors, the set is not complete.
	Resources []*Resource
	// Skipped are notes on what was passed over: documents with a foreign apiVersion, links to folders.
	Skipped []Diagnostic
	// Files that were read, in the order in which they were given and found; standard input is "-".
	Files []string
	// Folders are those of the PATHs that are folders, as given. They were read with all that is below them.
	Folders []string
	// Projects are the mokasync.yaml that were met among the manifests and passed over: they hold settings.
	Projects []string

	sources []*source
	byPath  map[string]*source
	manner
	reported map[place]bool // what the rules on the whole set have said at Load
}

// Get finds a resource, nil if there is none of that address.
func (s *Set) Get(a Address) *Resource {
	i, found := slices.BinarySearchFunc(s.Resources, a, func(r *Resource, a Address) int { return r.Address.Compare(a) })
	if !found {
		return nil
	}
	return s.Resources[i]
}

// Load reads the manifests at paths: files, folders with all that is below them, and "-" for standard input.
//
// It goes on after a mistake, so that all of them come in one run, ordered by file (as given and found), line and column.
// What cannot be read is a diagnostic too. A Set comes back in every case; it is complete if no diagnostic is an error.
func Load(ctx context.Context, paths []string, o Options) (*Set, []Diagnostic) {
	f := finder{stdin: o.Stdin}
	for i, p := range paths {
		f.add(ctx, i, p)
	}
	s := &Set{Skipped: f.skipped, Folders: f.folders, Projects: f.projects, sources: f.sources, manner: o.manner()}
	for order, src := range s.sources {
		src.order = order
		if src.data != nil || src.lazy {
			s.Files = append(s.Files, src.path)
		}
	}
	cut := make([][]batch, len(s.sources))
	inParallel(ctx, len(s.sources), func(i int) {
		src := s.sources[i]
		if data, ok := o.Instead[src.path]; ok && src.lazy {
			src.take(bytes.Clone(data))
		} else {
			src.read()
		}
		cut[i] = src.batches()
	})

	batches := slices.Concat(cut...)
	outcomes := make([]outcome, len(batches))
	inParallel(ctx, len(batches), func(i int) { outcomes[i] = batches[i].decode(o.manner()) })

	c := collector{set: s, empty: o.Empty}
	n := 0
	for i := range outcomes {
		n += len(outcomes[i].resources)
	}
	s.Resources = slices.Grow(s.Resources, n)
	for i := range outcomes {
		c.take(batches[i].src, &outcomes[i])
	}
	if err := ctx.Err(); err != nil {
		return s, []Diagnostic{{Severity: Error, Message: "stopped before all manifests were read"}}
	}
	return s, c.finish(f.roots)
}

// collector puts together what was read in parallel.
type collector struct {
	empty  bool // a folder may hold nothing
	set    *Set
	ds     []Diagnostic
	found  []int // documents of ours, a PATH each
	passed []int // documents of others, a PATH each
	broken []*Resource
	hinted map[Address]bool // what documents that cannot be read seem to hold
}

func (c *collector) take(src *source, o *outcome) {
	for len(c.found) <= src.root {
		c.found, c.passed = append(c.found, 0), append(c.passed, 0)
	}
	c.set.Resources = append(c.set.Resources, o.resources...)
	c.set.Skipped = append(c.set.Skipped, o.skipped...)
	c.broken = append(c.broken, o.broken...)
	c.ds = append(c.ds, o.ds...)
	c.found[src.root] += o.found
	c.passed[src.root] += len(o.skipped)
	for _, a := range o.hints {
		if c.hinted == nil {
			c.hinted = map[Address]bool{}
		}
		c.hinted[a] = true
	}
}

func (c *collector) finish(roots []root) []Diagnostic {
	s := c.set
	for _, src := range s.sources {
		c.ds = append(c.ds, src.ds...)
		if len(src.ds) > 0 {
			c.markFound(src.root)
		}
	}
	for i, r := range roots {
		if r.excused || (i < len(c.found) && c.found[i] > 0) {
			continue
		}
		passed := 0
		if i < len(c.passed) {
			passed = c.passed[i]
		}
		if !c.empty || !r.folder || passed > 0 {
			c.ds = append(c.ds, nothingFound(r, passed))
		}
	}
	c.ds = append(c.ds, s.judge(c.broken, c.hinted)...)
	sortResources(s.Resources)
	s.Sort(c.ds)
	return c.ds
}

func (c *collector) markFound(root int) {
	for len(c.found) <= root {
		c.found, c.passed = append(c.found, 0), append(c.passed, 0)
	}
	c.found[root]++
}

// Sort orders diagnostics by file (as given and found), line and column: those of Load with those of later checks.
func (s *Set) Sort(ds []Diagnostic) {
	if len(ds) < 2 {
		return
	}
	order := make(map[string]int, len(s.sources))
	for _, src := range s.sources {
		if _, ok := order[src.path]; !ok {
			order[src.path] = src.order
		}
	}
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		if a.File != b.File {
			if c := cmp.Compare(order[a.File], order[b.File]); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// inSlices calls do for parts of 0 to n-1, in parallel if they are many, and reports whether one of the calls said true.
func inSlices(n int, do func(from, to int) bool) bool {
	const part = 4096
	if n <= part {
		return do(0, n)
	}
	var said atomic.Bool
	inParallel(context.Background(), (n+part-1)/part, func(i int) {
		if do(i*part, min(n, (i+1)*part)) {
			said.Store(true)
		}
	})
	return said.Load()
}

// inParallel calls do for 0 to n-1 from as many goroutines as there are processors, until ctx ends.
func inParallel(ctx context.Context, n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}
