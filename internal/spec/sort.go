package spec

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// sortResources orders by address; of several with one address the one that was read first comes first.
func sortResources(rs []*Resource) {
	parts := byKind(rs)
	inParallel(context.Background(), len(parts), func(i int) { sortNames(parts[i]) })
}

// byKind puts the resources of a kind together, the kinds in the order of their prefixes, and gives what each has got.
func byKind(rs []*Resource) [][]*Resource {
	order := Kinds()
	slices.SortFunc(order, func(a, b Kind) int { return cmp.Compare(a.Prefix(), b.Prefix()) })
	var counts, at [len(definitions)]int
	for _, r := range rs {
		counts[r.Address.Kind]++
	}
	var parts [][]*Resource
	next := 0
	for _, k := range order {
		at[k] = next
		next += counts[k]
		parts = append(parts, rs[at[k]:next:next])
	}
	for _, r := range slices.Clone(rs) {
		k := r.Address.Kind
		rs[at[k]] = r
		at[k]++
	}
	return parts
}

// named is a resource with the first eight bytes of its name as a number, which mostly decides.
type named struct {
	begins uint64
	at     int32
	r      *Resource
}

func sortNames(rs []*Resource) {
	keys := make([]named, len(rs))
	sorted := true
	for i, r := range rs {
		name := r.Address.Name
		for k := range 8 {
			keys[i].begins <<= 8
			if k < len(name) {
				keys[i].begins |= uint64(name[k])
			}
		}
		keys[i].at, keys[i].r = int32(i), r
		sorted = sorted && (i == 0 || rs[i-1].Address.Name <= name)
	}
	if sorted {
		return
	}
	slices.SortFunc(keys, func(a, b named) int {
		switch {
		case a.begins < b.begins:
			return -1
		case a.begins > b.begins:
			return 1
		}
		return cmp.Or(strings.Compare(a.r.Address.Name, b.r.Address.Name), int(a.at-b.at))
	})
	for i := range keys {
		rs[i] = keys[i].r
	}
}
