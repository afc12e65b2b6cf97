package lockfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// identity is what stands for one thing at Moka and no other.
type identity struct {
	kind  spec.Kind
	by    string // number, code, card, day
	value string
}

func (id identity) String() string {
	switch id.by {
	case "card":
		return "the same token"
	case "day":
		return "the same sale and day"
	case "code":
		return "the code " + strconv.Quote(id.value)
	}
	return "the id " + id.value
}

func (id identity) compare(other identity) int {
	return cmp.Or(cmp.Compare(id.kind, other.kind), cmp.Compare(id.by, other.by), cmp.Compare(id.value, other.value))
}

// identities gives what the lines of a version hold: also an open call may have made what it names. A card has no number and no code, but its
// token (moka-api 2.8); of a sale two steps on one day would both be charged (moka-api 4.3).
func (v version) identities() []identity {
	var out []identity
	for _, e := range []*Entry{v.entry, v.pendingEntry()} {
		if e == nil {
			continue
		}
		kind := e.Address.Kind
		if e.ID != 0 {
			out = append(out, identity{kind, "number", strconv.FormatInt(e.ID, 10)})
		}
		if e.Code != "" {
			out = append(out, identity{kind, "code", e.Code})
		}
		if token := e.Text("token"); kind == spec.Card && token != "" {
			out = append(out, identity{kind, "card", token})
		}
		if sale, day := e.Text("sale"), e.Text("paymentDate"); kind == spec.PaymentStep && sale != "" && day != "" {
			out = append(out, identity{kind, "day", day + " " + sale})
		}
	}
	return out
}

func (v version) pendingEntry() *Entry {
	if v.pending == nil {
		return nil
	}
	return &v.pending.Entry
}

// possible gives what may stand in the lockfile once the conflicts are solved.
func (it *item) possible() []version {
	if it.conflict {
		return it.at[ours:]
	}
	return []version{it.merged}
}

// across finds what does not go together after each subject was merged by itself: two addresses for one thing at Moka, the code of a deleted sale that is alive, and
// a resource whose dependency the merge took away. What stands so on one side already is not the merge's doing, and stays.
// A new conflict lets the other side's version stand as well, so that it is asked again until nothing new is found.
func (m *merging) across() {
	m.dangling()
	for {
		held := map[identity][]*item{}
		for _, it := range m.items {
			for _, v := range it.possible() {
				for _, id := range v.identities() {
					if had := held[id]; len(had) == 0 || had[len(had)-1] != it {
						held[id] = append(had, it)
					}
				}
			}
		}
		found := m.twice(held)
		if !m.alive(held) && !found {
			return
		}
	}
}

// dangling finds lines that depend on an address which the other side took out or renamed.
func (m *merging) dangling() {
	for _, it := range m.items {
		for _, a := range it.merged.dependsOn() {
			on := m.items[subject{address: a}]
			if on == nil || on.conflict || !on.merged.gone() {
				continue
			}
			stands := func(s int) bool { return on.at[s].gone() && slices.Contains(it.at[s].dependsOn(), a) }
			if stands(ours) || stands(theirs) {
				continue
			}
			for _, s := range []int{ours, theirs} {
				if !on.at[s].gone() {
					continue
				}
				hint := fmt.Sprintf("if it needs %s still, take that back on %s as well; otherwise keep the side without it", a, sideNames[s])
				if now := m.renamed(on, base, s); !now.IsZero() {
					hint = fmt.Sprintf("keep the line and write %s for %s in its dependsOn", now, a)
				}
				it.clash(fmt.Sprintf("it depends on %s, which %s has no more", a, sideNames[s]), hint)
				break
			}
		}
	}
}

// dependsOn gives the addresses that a version's lines refer to.
func (v version) dependsOn() []spec.Address {
	var out []spec.Address
	if v.entry != nil {
		out = append(out, v.entry.DependsOn...)
	}
	if v.pending != nil {
		out = append(out, v.pending.Entry.DependsOn...)
	}
	return out
}

// twice finds things at Moka that would be known at several addresses.
func (m *merging) twice(held map[identity][]*item) (found bool) {
	var several []identity
	for id, holders := range held {
		if len(holders) > 1 && !allHold(holders, id, ours) && !allHold(holders, id, theirs) {
			several = append(several, id)
		}
	}
	slices.SortFunc(several, identity.compare) // so that it says the same every time
	for _, id := range several {
		holders := held[id]
		for _, it := range holders {
			why := fmt.Sprintf("%s has %s too", otherThan(it, holders), id)
			if it.clash(why, "they are one thing at Moka: keep the line at the address that the manifests use, and delete the other") {
				found = true
			}
		}
	}
	return found
}

// alive finds codes of deleted sales that a sale has: they are never used again (moka-api 3.6).
func (m *merging) alive(held map[identity][]*item) (found bool) {
	for _, code := range m.deletedCodes() {
		it := m.items[subject{code: code}]
		if !slices.ContainsFunc(it.possible(), func(v version) bool { return !v.gone() }) {
			continue
		}
		id := identity{spec.Sale, "code", code}
		holders := held[id]
		stands := func(s int) bool { return !it.at[s].gone() && allHold(holders, id, s) }
		if len(holders) == 0 || stands(ours) || stands(theirs) {
			continue
		}
		const hint = "if the sale is gone at Moka keep the line with `deleted`, otherwise the other: a code is used once"
		for _, h := range append(slices.Clone(holders), it) {
			if h.clash(fmt.Sprintf("the code %q is that of a deleted sale and of %s", code, addressesOf(holders)), hint) {
				found = true
			}
		}
	}
	return found
}

// deletedCodes gives the codes that one of the three knows as deleted, sorted.
func (m *merging) deletedCodes() []string {
	codes := map[string]bool{}
	for _, l := range m.locks {
		for code := range l.tombstones {
			codes[code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// allHold reports whether on one side each of the items holds an identity.
func allHold(items []*item, id identity, s int) bool {
	for _, it := range items {
		if !slices.Contains(it.at[s].identities(), id) {
			return false
		}
	}
	return true
}

func otherThan(it *item, items []*item) string {
	return addressesOf(slices.DeleteFunc(slices.Clone(items), func(i *item) bool { return i == it }))
}

func addressesOf(items []*item) string {
	var names []string
	for _, it := range items {
		names = append(names, it.address.String())
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// renamed gives the address at which side `to` knows what side `from` knows as it, the zero Address if it knows it there too, or nowhere.
func (m *merging) renamed(it *item, from, to int) spec.Address {
	if !it.at[to].gone() {
		return spec.Address{}
	}
	index := m.index(to)
	for _, id := range it.at[from].identities() {
		for _, a := range index[id] {
			if a != it.address && m.items[subject{address: a}].at[from].gone() {
				return a
			}
		}
	}
	return spec.Address{}
}

// index gives the addresses that hold each identity on one side, sorted. It is made when first asked for.
func (m *merging) index(s int) map[identity][]spec.Address {
	if m.indexes[s] == nil {
		m.indexes[s] = map[identity][]spec.Address{}
		for _, e := range m.locks[s].Entries() {
			for _, id := range (version{entry: e}).identities() {
				m.indexes[s][id] = append(m.indexes[s][id], e.Address)
			}
		}
	}
	return m.indexes[s]
}
