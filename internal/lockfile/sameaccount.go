package lockfile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// SameAccount holds the first lines of two lockfiles against each other. differ says that one was begun anew, or is of another account: their fingerprints mean nothing beside each other.
// The error is a *DamageError. name is for messages.
func SameAccount(name string, a, b []byte) (differ, err error) {
	var headers [2]Header
	for i, text := range [][]byte{a, b} {
		line, _, _ := bytes.Cut(text, []byte("\n"))
		if headers[i], err = readHeader(line, "lockfile"); err != nil {
			return nil, &DamageError{name, 1, err}
		}
	}
	if headers[0] != headers[1] {
		return fmt.Errorf("%s was begun anew here, or is of another account: its first line is not that of the one on the branch", name), nil
	}
	return nil, nil
}

// TakenBack gives the addresses, in words, at which a lockfile says again what an older one says, although a later one, from which it should come, says something else.
// older may be nil. The error is a *DamageError.
func TakenBack(name string, older, later, now []byte) ([]string, error) {
	var locks [3]*Lock
	for i, text := range [][]byte{older, later, now} {
		if text == nil {
			locks[i] = &Lock{}
			continue
		}
		var err error
		if locks[i], err = Parse(name, text, ""); err != nil {
			return nil, err
		}
	}
	seen := map[spec.Address]bool{} // also what is gone from the later one, and what only a deleted code or an open call speaks of
	for _, l := range locks[:2] {
		for _, e := range l.Entries() {
			seen[e.Address] = true
		}
		for _, o := range l.otherLines() {
			seen[o.address] = true
		}
	}
	addresses := slices.SortedFunc(maps.Keys(seen), spec.Address.Compare)
	var out []string
	was, is, ours := locks[0].LinesAt(addresses), locks[1].LinesAt(addresses), locks[2].LinesAt(addresses)
	for _, a := range addresses {
		if was[a] != is[a] && ours[a] == was[a] {
			out = append(out, a.String())
		}
	}
	return out, nil
}
