package plan

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mokasync/mokasync/internal/spec"
)

// compared is what a resource comes to beside the lockfile, as far as it takes no other resource's plan to tell. settled: the lockfile says just what the manifest says. Else comparison is of
// what the lockfile knows, and made the creation of what it does not.
type compared struct {
	settled    bool
	comparison *comparison
	made       *Change
}

// compareWindow is how many resources are compared before what was found is put into the plan: no more comparisons are held at once.
const compareWindow = 1 << 13

// eachCompared compares the resources that are planned with the lockfile, many at once, and tells what it found in their order.
func (m *maker) eachCompared(tell func(*spec.Resource, compared)) {
	resources := m.planned()
	if m.window == 0 {
		for _, r := range resources {
			tell(r, m.compare(r, false))
		}
		return
	}
	found := make([]compared, min(m.window, len(resources)))
	for part := range slices.Chunk(resources, m.window) {
		inParallel(len(part), func(i int) { found[i] = m.compare(part[i], true) })
		for i, r := range part {
			tell(r, found[i])
		}
	}
}

// planned gives the resources that the plan covers. What is in doubt is in every plan.
func (m *maker) planned() []*spec.Resource {
	if m.Selected == nil {
		return m.Resources
	}
	var out []*spec.Resource
	for _, r := range m.Resources {
		if m.Selected[r.Address] || m.open[r.Address] != nil {
			out = append(out, r)
		}
	}
	return out
}

// compare changes nothing, so that it can be called by several at once. quick: what the lockfile says just so is not compared whole.
func (m *maker) compare(r *spec.Resource, quick bool) compared {
	known := m.Known.Get(r.Address)
	if known == nil {
		return compared{made: m.made(r)}
	}
	if quick && m.Live == nil && m.open[r.Address] == nil && m.world.settled(r, known) {
		return compared{settled: true}
	}
	return compared{comparison: compareKnown(m.world, r, known)}
}

// made is the creation of a resource, as its manifest alone tells it.
func (m *maker) made(r *spec.Resource) *Change {
	return &Change{Address: r.Address, Action: Create, Code: m.world.CodeOf(r.Address), DependsOn: Dependencies(r), Desired: r, Fields: allFields(r, nil)}
}

// inParallel does something for each of n, a share at a time and many shares at once, and waits for all.
func inParallel(n int, do func(i int)) {
	workers := runtime.GOMAXPROCS(0)
	share := max(1, min(256, n/(4*workers)))
	var next atomic.Int64
	work := func() {
		for {
			end := int(next.Add(int64(share)))
			for i := end - share; i < min(end, n); i++ {
				do(i)
			}
			if end >= n {
				return
			}
		}
	}
	var others sync.WaitGroup
	for range min(workers, n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
}
