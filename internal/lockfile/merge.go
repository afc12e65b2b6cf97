package lockfile

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/mokasync/mokasync/internal/spec"
)

// Merged is what a three-way merge of a lockfile comes to.
type Merged struct {
	// Text is to take the lockfile's place. Without conflicts it is what WriteTo writes of the merged knowledge. With conflicts the lines
	// concerned stand between git's conflict markers, and Parse refuses it with an UnmergedError.
	Text []byte
	// Conflicts are in the order in which they stand in Text.
	Conflicts []Conflict
	// Resources is how many resources, deleted codes not counted, were merged without a conflict.
	Resources int
}

// Conflict is a place in which the two sides cannot both be right, or do not go together.
type Conflict struct {
	// Address is the zero Address where the whole files are in conflict.
	Address spec.Address
	// Line is that of the first marker in Merged.Text, from 1.
	Line int
	// Why is empty where both sides changed the same resource; otherwise it says what of the merged lines does not go together.
	Why string
	// Ours and Theirs say what became of the resource on each side since the common ancestor. No value of a field is in them.
	Ours, Theirs string
	// Hint says what to do.
	Hint string
}

// The three lockfiles of a merge.
const (
	base = iota
	ours
	theirs
)

var sideNames = [...]string{base: "base", ours: "ours", theirs: "theirs"}

// SideError says which of the three lockfiles of a merge cannot be read. It wraps a *DamageError.
type SideError struct {
	Side string // base, ours, theirs
	Err  error
}

func (e *SideError) Error() string { return e.Err.Error() }
func (e *SideError) Unwrap() error { return e.Err }

// merging is one three-way merge.
type merging struct {
	name  string
	texts [3][]byte
	locks [3]*Lock
	items map[subject]*item

	indexes [3]map[identity][]spec.Address
	bufs    [2][]byte
}

// subject is what is merged as one: what is known at an address, or the code of a deleted sale. One of the two is set.
type subject struct {
	address spec.Address
	code    string
}

// version is what one lockfile says of a subject, the zero version if it says nothing.
type version struct {
	entry     *Entry
	pending   *Intent
	tombstone *Tombstone
}

// item is a subject in the three lockfiles, and what the merge makes of it.
type item struct {
	subject
	at       [3]version
	merged   version // not set in a conflict
	conflict bool
	why      string
	hint     string
}

// Merge merges two lockfiles that come from base, resource by resource: what one side alone changed is taken, what both changed in the same way is kept, and all else is
// a conflict. So is what does not go together across resources afterwards (see across). An empty base is one that knows nothing. name is for messages.
// Values are never compared, only texts, so that it needs no MOKASYNC_KEY. The error is a *SideError; nothing can be merged then.
func Merge(name string, baseText, oursText, theirsText []byte) (*Merged, error) {
	m := &merging{name: name, texts: [3][]byte{baseText, oursText, theirsText}}
	for s, text := range m.texts {
		if s == base && len(text) == 0 {
			m.locks[base] = &Lock{}
			continue
		}
		l, err := Parse(fmt.Sprintf("%s (%s)", name, sideNames[s]), text, "")
		if err != nil {
			return nil, &SideError{sideNames[s], err}
		}
		m.locks[s] = l
	}
	if differ := m.headersDiffer(); len(differ) > 0 {
		return m.whole(differ), nil
	}
	m.collect()
	for _, it := range m.items {
		m.threeWay(it)
	}
	m.across()
	return m.write()
}

// collect brings together what the three say of each subject.
func (m *merging) collect() {
	m.items = make(map[subject]*item, m.locks[ours].Len())
	at := func(k subject, s int) *version {
		it := m.items[k]
		if it == nil {
			it = &item{subject: k}
			m.items[k] = it
		}
		return &it.at[s]
	}
	for s, l := range m.locks {
		for _, e := range l.Entries() {
			at(subject{address: e.Address}, s).entry = e
		}
		for _, in := range l.Pending {
			at(subject{address: in.Entry.Address}, s).pending = in
		}
		for code, t := range l.tombstones {
			at(subject{code: code}, s).tombstone = t
		}
	}
}

// threeWay decides about one subject by itself. A resource and its open call are one: a call is settled, or lost, together with what is known.
func (m *merging) threeWay(it *item) {
	b, o, t := it.at[base], it.at[ours], it.at[theirs]
	switch {
	case m.same(o, t), m.same(t, b):
		it.merged = o
	case m.same(o, b):
		it.merged = t
	default:
		it.clash("", "")
	}
}

// clash puts an item in conflict, unless it is already.
func (it *item) clash(why, hint string) bool {
	if it.conflict {
		return false
	}
	it.conflict, it.merged, it.why, it.hint = true, version{}, why, hint
	return true
}

// same reports whether two versions have the same lines.
func (m *merging) same(v, w version) bool {
	if v == w {
		return true
	}
	if v.gone() || w.gone() {
		return false
	}
	m.bufs[0], m.bufs[1] = v.append(m.bufs[0][:0]), w.append(m.bufs[1][:0])
	return bytes.Equal(m.bufs[0], m.bufs[1])
}

// gone reports whether nothing is known.
func (v version) gone() bool { return v == version{} }

// append writes a version's lines.
func (v version) append(b []byte) []byte {
	if v.entry != nil {
		b = append(appendEntry(b, v.entry), '\n')
	}
	if v.tombstone != nil {
		b = append(appendTombstone(b, v.tombstone), '\n')
	}
	if v.pending != nil {
		b = append(appendPending(b, v.pending), '\n')
	}
	return b
}

// MergeFiles merges as Merge does and puts the result in the place of the file oursPath, whole, as a git merge driver must. name is the lockfile's in messages: git's three files have
// names of their own. A basePath that is not there counts as an empty file. If anything cannot be read, oursPath stays as it is; then the error is a *SideError where a lockfile is damaged.
func MergeFiles(disk Disk, name, basePath, oursPath, theirsPath string) (*Merged, error) {
	store := &Store{Path: oursPath, Disk: disk}
	if err := store.followLink(); err != nil {
		return nil, err
	}
	var texts [3][]byte
	for s, path := range [...]string{basePath, store.Path, theirsPath} {
		text, err := store.readFile(path)
		if err != nil {
			return nil, err
		}
		if text == nil && s != base {
			return nil, fmt.Errorf("cannot read %s (%s): there is no such file", filepath.ToSlash(path), sideNames[s])
		}
		texts[s] = text
	}
	merged, err := Merge(name, texts[base], texts[ours], texts[theirs])
	if err != nil || bytes.Equal(merged.Text, texts[ours]) {
		return merged, err
	}
	err = replaceFile(store.disk(), store.Path, func(w io.Writer) error { _, err := w.Write(merged.Text); return err })
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", store.Path, cause(err))
	}
	return merged, nil
}
