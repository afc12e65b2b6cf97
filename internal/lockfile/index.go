package lockfile

import (
	"hash/maphash"
	"maps"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// index holds the entries by address. What was read stays as it was read, sorted and found by a table of its own; what was put or dropped since lies over it. The zero index holds nothing.
// Several may read it at once while nobody changes it.
type index struct {
	read  []*Entry // sorted by address
	slots []uint32 // places in read, from 1, by the address's sum; 0 is free
	seed  maphash.Seed
	over  map[spec.Address]*Entry // nil: dropped
	n     int
}

// indexOf makes an index of entries that are sorted by address, each of which stands once.
func indexOf(sorted []*Entry) index {
	seed := maphash.MakeSeed()
	sums := make([]uint32, len(sorted))
	for i, e := range sorted {
		sums[i] = sumOf(seed, e.Address)
	}
	return indexBy(sorted, sums, seed)
}

// indexBy is indexOf where the sums of the addresses are known: the names lie far apart, and to read them once more takes longer than all the rest.
func indexBy(sorted []*Entry, sums []uint32, seed maphash.Seed) index {
	x := index{read: sorted, n: len(sorted), seed: seed}
	size := 2
	for size < 2*len(sorted) {
		size *= 2
	}
	x.slots = make([]uint32, size)
	for i, sum := range sums {
		at := int(sum) & (size - 1)
		for x.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		x.slots[at] = uint32(i + 1)
	}
	return x
}

// sumOf is where the search for an address begins, but for the number of slots.
func sumOf(seed maphash.Seed, a spec.Address) uint32 {
	return uint32(maphash.String(seed, a.Name) + uint64(a.Kind)*0x9e3779b97f4a7c15)
}

func (x *index) get(a spec.Address) *Entry {
	if len(x.over) > 0 {
		if e, changed := x.over[a]; changed {
			return e
		}
	}
	return x.getRead(a)
}

func (x *index) getRead(a spec.Address) *Entry {
	if len(x.read) == 0 {
		return nil
	}
	for at := int(sumOf(x.seed, a)) & (len(x.slots) - 1); x.slots[at] != 0; at = (at + 1) & (len(x.slots) - 1) {
		if e := x.read[x.slots[at]-1]; e.Address == a {
			return e
		}
	}
	return nil
}

func (x *index) put(e *Entry) {
	if x.get(e.Address) == nil {
		x.n++
	}
	if x.over == nil {
		x.over = map[spec.Address]*Entry{}
	}
	x.over[e.Address] = e
}

func (x *index) drop(a spec.Address) {
	if x.get(a) == nil {
		return
	}
	x.n--
	if x.getRead(a) == nil {
		delete(x.over, a)
		return
	}
	if x.over == nil {
		x.over = map[spec.Address]*Entry{}
	}
	x.over[a] = nil
}

// clone gives an index that can be changed by itself.
func (x *index) clone() index {
	y := *x
	y.over = maps.Clone(x.over)
	return y
}

// sorted gives all entries, sorted by address. They may be those that the index itself holds.
func (x *index) sorted() []*Entry {
	if len(x.over) == 0 {
		return x.read
	}
	changed := make([]*Entry, 0, len(x.over))
	for _, e := range x.over {
		if e != nil {
			changed = append(changed, e)
		}
	}
	slices.SortFunc(changed, func(a, b *Entry) int { return a.Address.Compare(b.Address) })
	out := make([]*Entry, 0, x.n)
	for _, e := range x.read {
		for len(changed) > 0 && changed[0].Address.Compare(e.Address) < 0 {
			out, changed = append(out, changed[0]), changed[1:]
		}
		if _, over := x.over[e.Address]; !over {
			out = append(out, e)
		}
	}
	return append(out, changed...)
}
