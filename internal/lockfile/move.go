package lockfile

import (
	"maps"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// Moved gives a Lock in which what is known at each key of moves is known at its value, everywhere: at its own line, in what depends on it, and in open calls. What is at Moka
// is not touched by a move. l itself stays as it is; entries that no move concerns are shared. A move to an address that is known already, from one that is not, or of what has an open call, does nothing: the call was
// announced under its address.
func (l *Lock) Moved(moves map[spec.Address]spec.Address) *Lock {
	out := &Lock{Header: l.Header, entries: l.entries.clone(), tombstones: maps.Clone(l.tombstones), keys: l.keys}
	to := func(a spec.Address) spec.Address {
		b, moved := moves[a]
		if !moved || l.Get(b) != nil || l.Open(b) != nil || l.Open(a) != nil {
			return a
		}
		return b
	}
	for _, e := range l.Entries() {
		if moved := movedEntry(e, to); moved != e {
			if moved.Address != e.Address {
				out.entries.drop(e.Address)
			}
			out.entries.put(moved)
		}
	}
	for _, in := range l.Pending {
		at := *in
		at.Entry = *movedEntry(&in.Entry, to)
		out.AddPending(&at)
	}
	return out
}

func movedEntry(e *Entry, to func(spec.Address) spec.Address) *Entry {
	same := to(e.Address) == e.Address
	for _, a := range e.DependsOn {
		same = same && to(a) == a
	}
	if same {
		return e
	}
	moved := *e
	moved.Address = to(e.Address)
	moved.DependsOn = make([]spec.Address, len(e.DependsOn))
	for i, a := range e.DependsOn {
		moved.DependsOn[i] = to(a)
	}
	slices.SortFunc(moved.DependsOn, spec.Address.Compare)
	return &moved
}
