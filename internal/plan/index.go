package plan

import (
	"strconv"
	"sync"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// names find the address of what Moka knows by a number, a code or a token. The lockfile says what is there, as it was when a name was first asked for. Of most plans only a few kinds are
// asked for, and those are small: products and schedules.
type names struct {
	once    sync.Once
	entries []*lockfile.Entry
	kinds   [spec.PaymentStep + 1]kindNames
}

// kindNames are those of one kind.
type kindNames struct {
	once    sync.Once
	numbers map[int64]spec.Address
	texts   map[string]spec.Address // codes; of cards the fingerprints of tokens
}

// known gives the lockfile's entries, sorted by address.
func (w *World) known() []*lockfile.Entry {
	w.names.once.Do(func() { w.names.entries = w.Known.Entries() })
	return w.names.entries
}

func (w *World) namesOf(kind spec.Kind) *kindNames {
	n := &w.names.kinds[kind]
	n.once.Do(func() { n.read(kind, w.known()) })
	return n
}

func (n *kindNames) read(kind spec.Kind, entries []*lockfile.Entry) {
	n.numbers, n.texts = map[int64]spec.Address{}, map[string]spec.Address{}
	for _, e := range entries {
		if e.Address.Kind != kind {
			continue
		}
		if e.ID != 0 {
			n.numbers[e.ID] = e.Address
		}
		if e.Code != "" {
			n.texts[e.Code] = e.Address
		}
		if kind == spec.Card {
			n.texts[e.Text("token")] = e.Address
		}
	}
}

// withID finds what Moka knows by a number.
func (w *World) withID(kind spec.Kind, id int64) (spec.Address, bool) {
	a, ok := w.namesOf(kind).numbers[id]
	return a, ok
}

// numbered is withID for a number in its canonical form; no other text is one.
func (w *World) numbered(kind spec.Kind, number string) (spec.Address, bool) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != number {
		return spec.Address{}, false
	}
	return w.withID(kind, id)
}

// coded finds what Moka knows by a code, or a card by the fingerprint of its token.
func (w *World) coded(kind spec.Kind, text string) (spec.Address, bool) {
	a, ok := w.namesOf(kind).texts[text]
	return a, ok
}

// meant finds what a reference's kept text stands for: a schedule's number, else a code or a token.
func (w *World) meant(kind spec.Kind, kept string) (spec.Address, bool) {
	if kind == spec.Schedule {
		return w.numbered(kind, kept)
	}
	return w.coded(kind, kept)
}
