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
