package lockfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
)

// conflictAt tells the conflict whose block stands at an address: that of the resource, or of the codes of sales that were deleted there.
func (m *merging) conflictAt(a spec.Address) Conflict {
	it := m.items[subject{address: a}]
	if it == nil || !it.conflict {
		it = m.deletedAt(a)
	}
	c := Conflict{Address: a, Why: it.why, Ours: m.story(it, ours), Theirs: m.story(it, theirs), Hint: it.hint}
	if c.Hint == "" {
		c.Hint = it.wayOut()
	}
	return c
}

// deletedAt gives the code in conflict of a sale that was deleted at an address.
func (m *merging) deletedAt(a spec.Address) *item {
	for _, code := range m.deletedCodes() {
		it := m.items[subject{code: code}]
		if it.conflict && slices.ContainsFunc(it.at[:], func(v version) bool { return v.tombstone != nil && v.tombstone.Address == a }) {
			return it
		}
	}
	return nil // there is none without a line in a block
}

// wayOut says what to do where both sides changed the same.
func (it *item) wayOut() string {
	o, t := it.at[ours].pending, it.at[theirs].pending
	switch {
	case it.code != "":
		return "keep one of the two lines: the code is used no more either way"
	case o != nil && t != nil:
		return "keep the `pending` line with the later `at`, and the resource's line of that side: the next `mokasync apply` looks into the call"
	case o != nil || t != nil:
		return "keep the `pending` line, unless the other side has settled that very call: the next `mokasync apply` looks into it"
	}
	return "keep the lines of one side, or one line that says both, without the markers; then `mokasync plan --refresh` shows what Moka has otherwise"
}

// story says what became of an item on one side since base. No value of a field is in it.
func (m *merging) story(it *item, s int) string {
	was, is := it.at[base], it.at[s]
	if it.code != "" {
		return deletedStory(it.code, was.tombstone, is.tombstone)
	}
	var parts []string
	switch {
	case was.entry == nil && is.entry == nil:
	case was.entry == nil:
		parts = append(parts, m.newStory(it, s))
	case is.entry == nil:
		parts = append(parts, m.goneStory(it, s))
	default:
		if changed := changedParts(was.entry, is.entry); len(changed) > 0 {
			parts = append(parts, strings.Join(changed, ", ")+" changed")
		}
	}
	if p := pendingStory(was.pending, is.pending); p != "" {
		parts = append(parts, p)
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case is.gone():
		return "does not know it"
	}
	return "as it was"
}

func deletedStory(code string, was, is *Tombstone) string {
	switch {
	case is == nil && was == nil:
		return fmt.Sprintf("does not know the code %q as deleted", code)
	case is == nil:
		return fmt.Sprintf("the line of the deleted code %q taken out", code)
	case was == nil:
		return fmt.Sprintf("%s deleted at Moka (code %q)", is.Address, code)
	case *was == *is:
		return "as it was"
	}
	return fmt.Sprintf("the line of the deleted code %q changed", code)
}

func (m *merging) newStory(it *item, s int) string {
	word := "new"
	if from := m.renamed(it, s, base); !from.IsZero() {
		word = fmt.Sprintf("renamed from %s", from)
	}
	if id := it.at[s].entry.ID; id != 0 {
		word += fmt.Sprintf(" (id %d)", id)
	}
	return word
}

func (m *merging) goneStory(it *item, s int) string {
	if now := m.renamed(it, base, s); !now.IsZero() {
		return fmt.Sprintf("renamed to %s", now)
	}
	if code := it.at[base].entry.Code; it.address.Kind == spec.Sale && m.locks[s].tombstones[code] != nil {
		return "deleted at Moka"
	}
	return "taken out"
}

func pendingStory(was, is *Intent) string {
	switch {
	case was == nil && is == nil:
		return ""
	case is == nil:
		return "its call in doubt settled"
	case was == nil:
		return "in doubt: " + callOf(is)
	case string(appendPending(nil, was)) == string(appendPending(nil, is)):
		return "still in doubt: " + callOf(is)
	}
	return "another call in doubt: " + callOf(is)
}

func callOf(in *Intent) string {
	return fmt.Sprintf("%s of %s", in.Op, in.At.UTC().Format(time.RFC3339))
}

// changedParts names what two entries of an address differ in.
func changedParts(was, is *Entry) []string {
	var out []string
	note := func(name string, differs bool) {
		if differs {
			out = append(out, name)
		}
	}
	note("id", was.ID != is.ID)
	note("code", was.Code != is.Code)
	note("byWord", was.Word != is.Word)
	note("labels", !maps.Equal(was.Labels, is.Labels))
	note("annotations", !maps.Equal(was.Annotations, is.Annotations))
	note("dependsOn", !slices.Equal(was.DependsOn, is.DependsOn))
	for _, part := range [][2]Fields{{was.Fields, is.Fields}, {was.Defaults, is.Defaults}} {
		for i := range was.Address.Kind.Def().Fields {
			name := was.Address.Kind.Def().Fields[i].Name
			v, had := Find(part[0], name)
			w, has := Find(part[1], name)
			note(name, (had != has || had && !v.Equal(w)) && !slices.Contains(out, name))
		}
	}
	return out
}

// summary says what a lockfile knows, where only one of two can be kept.
func (l *Lock) summary() string {
	text := fmt.Sprintf("%d resources", l.Len())
	if l.Len() == 1 {
		text = "1 resource"
	}
	if len(l.Pending) == 0 {
		return text
	}
	pending := slices.Clone(l.Pending)
	slices.SortFunc(pending, byAddress)
	var names []string
	for _, in := range pending {
		names = append(names, in.Entry.Address.String())
	}
	return text + ", in doubt: " + strings.Join(names, ", ")
}

// differentHeaders says what it means that the first lines differ.
func differentHeaders(differ []string) string {
	text := "the first lines differ in " + strings.Join(differ, ", ")
	switch {
	case slices.Contains(differ, "endpoint"), slices.Contains(differ, "dealer"):
		return text + ": the two are of different accounts"
	case slices.Contains(differ, "format"):
		return text + ": another mokasync wrote the one"
	}
	return text + ": fingerprints of the one mean nothing beside those of the other"
}
