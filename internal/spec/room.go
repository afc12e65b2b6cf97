package spec

import (
	"hash/maphash"
	"sync"
)

// room is where the resources of batches are put, one after the other: side by side, with as much memory as they need, and equal labels once.
type room struct {
	resources []Resource // what is left of those that were made in one go
	values    []Value
	lists     [][]Value
	made      int // how many resources were made in the last go
	pairs     []pair
	mappings  map[uint64]map[string]string // labels and annotations, by what hashPairs makes of them
}

// What is made in one go at most: what fills a page of the allocator's, and leaves little over at a batch's end.
const mostResources, mostValues, mostLists = 68, 128, 64

var rooms = sync.Pool{New: func() any { return new(room) }}

// space gives where the outcome's resources are put.
func (o *outcome) space() *room {
	if o.room == nil {
		o.room = new(room)
	}
	return o.room
}

func (r *room) resource() *Resource {
	if len(r.resources) == 0 {
		r.made = min(2*r.made+1, mostResources)
		r.resources = make([]Resource, r.made)
	}
	out := &r.resources[0]
	r.resources = r.resources[1:]
	return out
}

// several gives n zero values, nil for none.
func (r *room) several(n int) []Value {
	if n > len(r.values) {
		r.values = make([]Value, max(n, min(8*r.made, mostValues)))
	}
	out := r.values[:n:n]
	r.values = r.values[n:]
	return out
}

// list gives a list of n zero values.
func (r *room) list(n int) *[]Value {
	if len(r.lists) == 0 {
		r.lists = make([][]Value, min(max(1, r.made), mostLists))
	}
	out := &r.lists[0]
	r.lists = r.lists[1:]
	*out = r.several(n)
	return out
}

// mostMappings is how many labels are remembered: where there are more, each is likely to be its own.
const mostMappings = 1024

type pair struct{ key, value string }

var pairsSeed = maphash.MakeSeed()

// mapping gives the pairs as a map, the same one for pairs that were met before: it is not to be written. Of pairs with one key the last counts.
func (r *room) mapping(pairs []pair) map[string]string {
	var h maphash.Hash
	h.SetSeed(pairsSeed)
	for _, p := range pairs {
		h.WriteString(p.key)
		h.WriteByte(0)
		h.WriteString(p.value)
		h.WriteByte(0)
	}
	sum := h.Sum64()
	if have, ok := r.mappings[sum]; ok && equalPairs(have, pairs) {
		return have
	}
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.key] = p.value
	}
	if r.mappings == nil || len(r.mappings) == mostMappings {
		r.mappings = map[uint64]map[string]string{}
	}
	r.mappings[sum] = out
	return out
}

// equalPairs reports whether a map holds the pairs and nothing else.
func equalPairs(have map[string]string, pairs []pair) bool {
	for _, p := range pairs {
		if value, ok := have[p.key]; !ok || value != p.value {
			return false
		}
	}
	return len(have) == len(pairs)
}
