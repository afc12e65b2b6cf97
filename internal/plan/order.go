package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// sortChanges orders changes by depth in the graph, then by address; deletes come last, in reverse, but for those of sales that are replaced.
func sortChanges(changes []*Change, w *World) {
	type ranked struct {
		*Change
		rank int // what comes first has the lower
	}
	depths := &depths{world: w, known: map[spec.Address]int{}}
	ranks := make([]ranked, len(changes))
	for i, c := range changes {
		depth := depths.below(c.DependsOn)
		if depth > 0 || !depths.needsNothing(c.Address) {
			depths.known[c.Address] = depth
		}
		ranks[i] = ranked{Change: c}
	}
	for i := range ranks {
		c := &ranks[i]
		if c.rank = depths.of(c.Address); c.Late() {
			c.rank = math.MaxInt - c.rank
		}
	}
	slices.SortFunc(ranks, func(a, b ranked) int {
		if c := cmp.Compare(a.rank, b.rank); c != 0 {
			return c
		}
		c := a.Address.Compare(b.Address)
		if a.Late() {
			return -c
		}
		return c
	})
	for i := range ranks {
		changes[i] = ranks[i].Change
	}
}

// depths gives how far a resource is from those that need nothing, unchanged ones counted too. The kinds allow no cycle: what a kind refers to
// stands before it in spec.Kinds.
type depths struct {
	world *World
	known map[spec.Address]int
}

func (d *depths) of(a spec.Address) int {
	if depth, ok := d.known[a]; ok {
		return depth
	}
	if d.needsNothing(a) {
		return 0
	}
	depth := 0
	if r := d.world.Desired[a]; r != nil {
		depth = d.below(r.References())
	} else if e := d.world.Known.Get(a); e != nil {
		depth = d.below(e.DependsOn)
	}
	d.known[a] = depth
	return depth
}

func (d *depths) below(needs []spec.Address) int {
	depth := 0
	for _, n := range needs {
		depth = max(depth, d.of(n)+1)
	}
	return depth
}

// needsNothing reports whether a resource is described by a manifest and of a kind that refers to no other: its depth is 0.
func (d *depths) needsNothing(a spec.Address) bool {
	switch a.Kind {
	case spec.Customer, spec.Product, spec.Schedule:
		return d.world.Desired[a] != nil
	}
	return false
}

// Before tells which planned change must be done before which: what one depends on, what a replaced sale's delete waits for and, of a late delete, the deletes of what depends on it. What is not
// done holds back all that come after it.
func (p *Plan) Before(tell func(first, then *Change)) {
	at := make(map[spec.Address]*Change, len(p.Changes))
	for _, c := range p.Changes {
		if c.Action.Planned() {
			at[c.Address] = c
		}
	}
	for _, c := range p.Changes {
		if c.Action.Planned() {
			c.before(at, tell)
		}
	}
}

func (c *Change) before(at map[spec.Address]*Change, tell func(first, then *Change)) {
	for _, a := range c.After {
		if first := at[a]; first != nil {
			tell(first, c)
		}
	}
	goes := c.Action == Delete || c.Action == Forget
	if c.Action == Forget || goes && !c.Late() {
		return // no call, or one that waits for nobody else
	}
	for _, a := range c.DependsOn {
		switch other := at[a]; {
		case other == nil:
		case !goes:
			tell(other, c)
		case other.Late():
			tell(c, other)
		}
	}
}

// Stuck are the changes that will not be made: those that are blocked, and all that come after them.
func (p *Plan) Stuck() map[spec.Address]bool {
	stuck := map[spec.Address]bool{}
	var queue []*Change
	for _, c := range p.Changes {
		if c.Action == Blocked {
			stuck[c.Address] = true
			queue = append(queue, c)
		}
	}
	if len(queue) == 0 {
		return stuck
	}
	after := map[*Change][]*Change{}
	p.Before(func(first, then *Change) { after[first] = append(after[first], then) })
	for len(queue) > 0 {
		c := queue[0]
		queue = queue[1:]
		for _, then := range after[c] {
			if !stuck[then.Address] {
				stuck[then.Address] = true
				queue = append(queue, then)
			}
		}
	}
	return stuck
}
