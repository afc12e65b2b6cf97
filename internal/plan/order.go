package plan

import (
	"cmp"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// sortChanges orders changes by depth in the graph, then by address; deletes come last, in reverse, but for those of sales that are replaced.
func sortChanges(changes []*Change, w *World) {
	depths := &depths{world: w, known: make(map[spec.Address]int, len(changes))}
	for _, c := range changes {
		depths.known[c.Address] = depths.below(c.DependsOn)
	}
	slices.SortFunc(changes, func(a, b *Change) int {
		if c := cmp.Compare(btoi(a.Late()), btoi(b.Late())); c != 0 {
			return c
		}
		c := cmp.Compare(depths.known[a.Address], depths.known[b.Address])
		if c == 0 {
			c = a.Address.Compare(b.Address)
		}
		if a.Late() {
			return -c
		}
		return c
	})
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

func btoi(t bool) int {
	if t {
		return 1
	}
	return 0
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
