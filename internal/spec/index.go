package spec

import "hash/maphash"

var hashSeed = maphash.MakeSeed()

// hashOf makes a number of a text of a kind, never 0. It differs from run to run.
func hashOf(k Kind, text string) uint64 { return mixed(k, maphash.String(hashSeed, text)) }

func mixed(k Kind, h uint64) uint64 { return (h + uint64(k)*0x9e3779b97f4a7c15) | 1<<63 }

// index finds resources by address: a table that is at most half full, in which what has no place of its own stands in the next.
type index struct{ slots []*Resource }

func newIndex(n int) *index {
	size := 8
	for size < 2*n {
		size *= 2
	}
	return &index{make([]*Resource, size)}
}

// add puts a resource in whose address is not there yet.
func (x *index) add(r *Resource) { *x.slot(r.Address) = r }

// get gives nil if there is none.
func (x *index) get(a Address) *Resource { return *x.slot(a) }

func (x *index) slot(a Address) **Resource {
	last := uint64(len(x.slots) - 1)
	for i := hashOf(a.Kind, a.Name); ; i++ {
		if r := x.slots[i&last]; r == nil || r.Address == a {
			return &x.slots[i&last]
		}
	}
}

// recurring tells of each number whether it is there more than once; 0 stands for none. It is nil if none is.
func recurring(numbers []uint64) []bool {
	size := 8
	for size < 2*len(numbers) {
		size *= 2
	}
	var again []bool
	first := make([]int32, size) // places in numbers, from 1
	last := uint64(size - 1)
	for at, number := range numbers {
		if number == 0 {
			continue
		}
		for i := number; ; i++ {
			met := first[i&last]
			if met == 0 {
				first[i&last] = int32(at + 1)
				break
			}
			if numbers[met-1] == number {
				if again == nil {
					again = make([]bool, len(numbers))
				}
				again[met-1], again[at] = true, true
				break
			}
		}
	}
	return again
}
