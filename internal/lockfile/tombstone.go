package lockfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/spec"
)

// Tombstone remembers that a sale was deleted at Moka. Whether Moka lets a code be used again, and what a list that comes late then shows, is not documented (moka-api 3.6):
// the code is never used again.
type Tombstone struct {
	Address spec.Address // of the sale when it was deleted
	Code    string
	ID      int64 // Moka's number of it, 0 if it was not known
	// By is the sale that came in its place, zero if none did.
	By spec.Address
}

// Bury remembers that the sale of an entry was deleted. Other kinds leave nothing behind.
func (l *Lock) Bury(e *Entry, by spec.Address) {
	if e.Address.Kind != spec.Sale || e.Code == "" {
		return
	}
	l.rememberDeleted(&Tombstone{Address: e.Address, Code: e.Code, ID: e.ID, By: by})
}

func (l *Lock) rememberDeleted(t *Tombstone) {
	if l.tombstones == nil {
		l.tombstones = map[string]*Tombstone{}
	}
	l.tombstones[t.Code] = t
}

// Tombstone gives what is remembered of a deleted sale with this code, nil if none was deleted.
func (l *Lock) Tombstone(code string) *Tombstone { return l.tombstones[code] }

// Replaced gives what is remembered of the sale at an address that was deleted for another one to come in its place, nil if none was.
func (l *Lock) Replaced(old, by spec.Address) *Tombstone {
	for _, t := range l.tombstones {
		if t.Address == old && t.By == by {
			return t
		}
	}
	return nil
}

// Tombstones gives all of them, sorted by address and code.
func (l *Lock) Tombstones() []*Tombstone {
	out := make([]*Tombstone, 0, len(l.tombstones))
	for _, t := range l.tombstones {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Tombstone) int { return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Code, b.Code)) })
	return out
}

func appendTombstone(b []byte, t *Tombstone) []byte {
	b = append(b, `{"address":`...)
	b = appendText(b, t.Address.String())
	b = append(b, `,"deleted":true`...)
	if t.ID != 0 {
		b = append(b, `,"id":`...)
		b = strconv.AppendInt(b, t.ID, 10)
	}
	b = append(b, `,"code":`...)
	b = appendText(b, t.Code)
	if !t.By.IsZero() {
		b = append(b, `,"replacedBy":`...)
		b = appendText(b, t.By.String())
	}
	return append(b, '}')
}

// tombstone gives what a line says that is marked as deleted.
func (w *wireEntry) tombstone(by spec.Address) (*Tombstone, error) {
	if w.Address.Kind != spec.Sale || w.Code == "" || len(w.Fields)+len(w.Defaults)+len(w.DependsOn) > 0 {
		return nil, fmt.Errorf("the line of the deleted %s is damaged: restore the file from git", w.Address)
	}
	return &Tombstone{Address: w.Address, Code: w.Code, ID: w.ID, By: by}, nil
}
