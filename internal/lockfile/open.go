package lockfile

import (
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// Open gives the open intent at an address, nil if there is none. Several may call it at once, while nobody changes the Lock.
func (l *Lock) Open(a spec.Address) *Intent {
	if len(l.open) == len(l.Pending) {
		return l.open[a]
	}
	for _, in := range l.Pending { // nothing was changed since it was read
		if in.Entry.Address == a {
			return in
		}
	}
	return nil
}

// Settle closes the open intent at an address.
func (l *Lock) Settle(a spec.Address) {
	if len(l.Pending) == 0 {
		return
	}
	l.indexOpen()
	in := l.open[a]
	if in == nil {
		return
	}
	delete(l.open, a)
	l.Pending = without(l.Pending, slices.Index(l.Pending, in))
}

// without takes out what is at a place. The shorter side moves: a run settles tens of thousands from the first to the last.
func without(list []*Intent, at int) []*Intent {
	if at >= len(list)/2 {
		return slices.Delete(list, at, at+1)
	}
	copy(list[1:], list[:at])
	list[0] = nil
	return list[1:]
}

// AddPending remembers an open intent, in place of any other at its address.
func (l *Lock) AddPending(in *Intent) {
	l.Settle(in.Entry.Address)
	l.indexOpen()
	l.open[in.Entry.Address] = in
	l.Pending = append(l.Pending, in)
}

// replaceOpen puts an intent in the place of the one that is open at its address.
func (l *Lock) replaceOpen(old, in *Intent) {
	l.indexOpen()
	l.open[in.Entry.Address] = in
	l.Pending[slices.Index(l.Pending, old)] = in
}

// indexOpen makes the index of what is open, or makes it anew where Pending was set in another way.
func (l *Lock) indexOpen() {
	if l.open != nil && len(l.open) == len(l.Pending) {
		return
	}
	l.open = make(map[spec.Address]*Intent, len(l.Pending)+1)
	for _, in := range l.Pending {
		l.open[in.Entry.Address] = in
	}
}
