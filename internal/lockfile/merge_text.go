package lockfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mokasync/mokasync/internal/spec"
)

// headersDiffer names what makes the first lines of the two sides those of different lockfiles. It is nothing where one side alone was changed since base: that one is then taken as it is.
func (m *merging) headersDiffer() []string {
	o, t := headerOf(m.texts[ours]), headerOf(m.texts[theirs])
	var differ []string
	for _, row := range []struct{ what, o, t string }{
		{"format", o.FormatVersion, t.FormatVersion}, {"endpoint", o.Endpoint, t.Endpoint}, {"dealer", o.Dealer, t.Dealer}, {"salt", o.Salt, t.Salt}, {"keyId", o.KeyID, t.KeyID},
	} {
		if row.o != row.t {
			differ = append(differ, row.what)
		}
	}
	if len(differ) == 0 || len(m.texts[base]) == 0 {
		return differ
	}
	for s, other := range map[int]int{ours: theirs, theirs: ours} {
		if bytes.Equal(m.texts[s], m.texts[base]) {
			m.locks[s], m.texts[s] = m.locks[other], m.texts[other]
			return nil
		}
	}
	return differ
}

// headerOf gives the first line of a text that Parse has taken, as it stands there.
func headerOf(text []byte) (w wireHeader) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	json.Unmarshal(line, &w) // Parse has read it
	return w
}

// whole gives the conflict of lockfiles that cannot be merged by lines.
func (m *merging) whole(differ []string) *Merged {
	out := &Merged{}
	out.Text = appendBlock(nil, m.texts[ours], m.texts[base], m.texts[theirs])
	out.Conflicts = []Conflict{{
		Line: 1, Why: differentHeaders(differ), Ours: m.locks[ours].summary(), Theirs: m.locks[theirs].summary(),
		Hint: fmt.Sprintf("keep one side whole (`git checkout --ours %[1]s` or `git checkout --theirs %[1]s`), then `mokasync plan --refresh`; what the other has in doubt, let `mokasync apply` settle there first", m.name),
	}}
	return out
}

// write puts the result together: what was merged, and at each address that is in conflict a block with what the three say there.
func (m *merging) write() (*Merged, error) {
	clean := &Lock{Header: m.locks[ours].Header}
	var open [3]Lock
	for _, it := range m.items {
		clean.remember(it.merged)
		for s := range open {
			if it.conflict {
				open[s].remember(it.at[s])
			}
		}
	}
	out := &Merged{Resources: clean.Len()}
	if open[ours].empty() && open[theirs].empty() {
		var text bytes.Buffer
		clean.WriteTo(&text) // a buffer takes everything
		out.Text = text.Bytes()
		if _, err := Parse(m.name, out.Text, ""); err != nil {
			return nil, fmt.Errorf("the merged lockfile could not be read again, and nothing was written: %w", err)
		}
		return out, nil
	}
	m.writeConflicts(out, clean, &open)
	return out, nil
}

func (m *merging) writeConflicts(out *Merged, clean *Lock, open *[3]Lock) {
	all := map[spec.Address]bool{}
	for _, l := range []*Lock{clean, &open[base], &open[ours], &open[theirs]} {
		l.addressesInto(all)
	}
	addresses := make([]spec.Address, 0, len(all))
	for a := range all {
		addresses = append(addresses, a)
	}
	slices.SortFunc(addresses, spec.Address.Compare)
	merged := clean.LinesAt(addresses)
	var sides [3]map[spec.Address]string
	for s := range open {
		sides[s] = open[s].LinesAt(addresses)
	}
	out.Text = appendHeader(nil, "lockfile", clean.Header)
	line := 2
	for _, a := range addresses {
		from := len(out.Text)
		out.Text = append(out.Text, merged[a]...)
		if sides[ours][a]+sides[base][a]+sides[theirs][a] != "" {
			c := m.conflictAt(a)
			c.Line = line + bytes.Count(out.Text[from:], []byte("\n"))
			out.Conflicts = append(out.Conflicts, c)
			out.Text = appendBlock(out.Text, []byte(sides[ours][a]), []byte(sides[base][a]), []byte(sides[theirs][a]))
		}
		line += bytes.Count(out.Text[from:], []byte("\n"))
	}
}

func appendBlock(b, oursText, baseText, theirsText []byte) []byte {
	b = append(append(b, markOurs+"ours\n"...), oursText...)
	b = append(append(b, markBase+"base\n"...), baseText...)
	b = append(append(b, markApart+"\n"...), theirsText...)
	return append(b, markTheirs+"theirs\n"...)
}

// remember puts a version's parts into l as they are.
func (l *Lock) remember(v version) {
	if v.entry != nil {
		l.entries.put(v.entry)
	}
	if v.pending != nil {
		l.Pending = append(l.Pending, v.pending)
	}
	if v.tombstone != nil {
		l.rememberDeleted(v.tombstone)
	}
}

func (l *Lock) empty() bool { return l.Len()+len(l.Pending)+len(l.tombstones) == 0 }

func (l *Lock) addressesInto(set map[spec.Address]bool) {
	for _, e := range l.Entries() {
		set[e.Address] = true
	}
	for _, in := range l.Pending {
		set[in.Entry.Address] = true
	}
	for _, t := range l.tombstones {
		set[t.Address] = true
	}
}
