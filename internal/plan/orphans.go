package plan

import (
	"fmt"
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// orphanChanges plans what the lockfile knows and the manifests do not: it is kept and said or, with Prune, deleted.
func (m *maker) orphanChanges() {
	said := map[spec.Address]bool{}
	for a := range m.replaced {
		said[a] = true
	}
	if m.Whole && (m.Selected == nil || m.Prune) {
		kept := m.kept()
		for _, e := range m.missing {
			if said[e.Address] || !m.chosen(e) {
				continue
			}
			said[e.Address] = true
			m.plan.Changes = append(m.plan.Changes, m.orphan(e, kept))
		}
	}
	for _, in := range m.Known.Pending {
		if a := in.Entry.Address; m.world.Desired[a] == nil && !said[a] {
			said[a] = true
			m.plan.Changes = append(m.plan.Changes, &Change{Address: a, Action: Orphan, Code: in.Entry.Code, ID: in.Entry.ID, DependsOn: in.Entry.DependsOn,
				InDoubt: true, Reason: inDoubtReason(in)})
		}
	}
}

// chosen reports whether a missing resource is meant by the selection.
func (m *maker) chosen(e *lockfile.Entry) bool {
	return !m.Excluded[e.Address] && (m.Chosen == nil || m.Chosen(e.Address, e.Labels))
}

// kept says of each missing resource why it is not deleted; one that is not in it is.
func (m *maker) kept() map[spec.Address]string {
	why := map[spec.Address]string{}
	if !m.Prune {
		return why
	}
	keep := func(e *lockfile.Entry, reason string) {
		if reason != "" && why[e.Address] == "" {
			why[e.Address] = reason
		}
	}
	for _, e := range m.missing {
		keep(e, m.whyKept(e))
	}
	// What something that stays needs stays too. Kinds refer only to kinds before them.
	kinds := spec.Kinds()
	users := m.users(why)
	for i := len(kinds) - 1; i >= 0; i-- {
		for _, e := range m.missing {
			if e.Address.Kind != kinds[i] {
				continue
			}
			if user := users[e.Address]; user != "" {
				keep(e, "kept, since "+user+" still uses it")
			}
			if why[e.Address] != "" {
				for _, a := range e.DependsOn {
					users[a] = e.Address.String()
				}
			}
		}
	}
	return why
}

// whyKept says why a missing resource is not deleted for its own sake, "" if it may be.
func (m *maker) whyKept(e *lockfile.Entry) string {
	switch {
	case m.replaced[e.Address] != nil:
		return ""
	case !m.chosen(e):
		return "left out of this plan"
	case m.open[e.Address] != nil:
		return "kept until it is known what became of the call that is in doubt"
	case e.Protected():
		return "protected: it is kept at Moka"
	case e.Address.Kind == spec.Sale && !m.awaited[e.Address].IsZero():
		return fmt.Sprintf("kept: %s is to come in its place, and is blocked", m.awaited[e.Address])
	case e.Address.Kind == spec.Sale && m.stepToday(e) != nil:
		return fmt.Sprintf("kept until tomorrow: the day of %s has come, and Moka may be charging it", m.stepToday(e).Address)
	case !m.renamed[e.Address].IsZero():
		return fmt.Sprintf("kept, since %s may be the same under a new name", m.renamed[e.Address])
	case e.Address.Kind == spec.Card && !e.Prunable() && !m.ownerGoes(e):
		return "kept: a stored card is removed only if its manifest had the annotation mokasync/prune"
	}
	return ""
}

// ownerGoes reports whether the customer of a card is among what no manifest describes, or is gone already: a run may have died between the two.
func (m *maker) ownerGoes(card *lockfile.Entry) bool {
	return slices.ContainsFunc(card.DependsOn, func(a spec.Address) bool { return a.Kind == spec.Customer && m.world.Desired[a] == nil })
}

// users gives, by address, what uses a resource that no manifest describes: a manifest that names it by Moka's key, or a sale at Moka that is not deleted.
func (m *maker) users(why map[spec.Address]string) map[spec.Address]string {
	users := map[spec.Address]string{}
	use := func(f *spec.Field, kept, user string) {
		a, known := m.world.meant(f.Target, kept)
		if number, ok := ByNumber(kept); ok {
			a, known = m.world.numbered(f.Target, number)
		}
		if known {
			users[a] = user
		}
	}
	for _, r := range m.Resources {
		for i := range r.Values {
			if v := &r.Values[i]; v.Field.IsReference() {
				if l, state := m.world.Lock(v, ""); state == Settled {
					for _, text := range l.Texts() {
						use(v.Field, text, r.Address.String())
					}
				}
			}
		}
	}
	if m.Live == nil {
		return users
	}
	for code, same := range m.Live.Sales {
		if a, known := m.world.coded(spec.Sale, code); known && m.world.Desired[a] == nil && why[a] == "" {
			continue // it goes
		}
		for _, found := range same {
			m.usedBy(found, use)
		}
	}
	return users
}

func (m *maker) usedBy(found *Found, use func(f *spec.Field, kept, user string)) {
	user := fmt.Sprintf("the sale %q at Moka", found.Code)
	for i := range found.Kind.Def().Fields {
		f := &found.Kind.Def().Fields[i]
		if !f.IsReference() {
			continue
		}
		for _, text := range found.Texts(f) {
			if f.Target == spec.Card {
				text = m.Known.Keys().Token(text)
			}
			use(f, text, user)
		}
	}
}

// orphan plans one resource that no manifest describes.
func (m *maker) orphan(e *lockfile.Entry, kept map[spec.Address]string) *Change {
	c := &Change{Address: e.Address, Action: Orphan, Code: e.Code, ID: e.ID, DependsOn: e.DependsOn, Known: e}
	switch open := m.open[e.Address]; {
	case open != nil:
		c.InDoubt, c.Reason = true, m.orphanReason(e)+"; "+inDoubtReason(open)
	case !m.Prune:
		c.Reason = m.orphanReason(e)
	case kept[e.Address] != "":
		c.Reason = "no longer in the manifests; " + kept[e.Address]
	case m.goneAtMoka(e):
		c.Action, c.Reason = Forget, "not at Moka any more"
	case e.Address.Kind == spec.Card && !e.Prunable():
		m.forgetCard(c, kept)
	case e.Address.Kind == spec.PaymentStep && e.Text("paymentDate") == m.Today:
		c.Reason = "no longer in the manifests; its day has come, and Moka may be charging it: it is kept, and is history from tomorrow on"
	case m.isHistory(e):
		c.Action, c.Reason = Forget, "its day has passed: it is history, and stays at Moka"
	default:
		c.Action = Delete
		if e.Address.Kind == spec.Sale {
			c.Reason = "it makes no more payments; one that is under way may still be charged"
		}
	}
	return c
}

// forgetCard plans a card that may not be removed and whose customer leaves the manifests with it: it is forgotten once the customer is removed.
func (m *maker) forgetCard(c *Change, kept map[spec.Address]string) {
	for _, a := range c.Known.DependsOn {
		if a.Kind != spec.Customer {
			continue
		}
		if kept[a] != "" {
			c.Reason = "no longer in the manifests; kept, as its customer is kept"
			return
		}
		c.After = append(c.After, a)
	}
	c.Action, c.Reason = Forget, "its customer is removed; RemoveCard is not sent without the annotation mokasync/prune"
}

// goneAtMoka reports whether the look shows that a sale is not there any more.
func (m *maker) goneAtMoka(e *lockfile.Entry) bool {
	return e.Address.Kind == spec.Sale && m.Live != nil && m.Live.Sales != nil && len(m.Live.Sales[e.Code]) == 0
}

func (m *maker) orphanReason(e *lockfile.Entry) string {
	switch {
	case m.goneAtMoka(e):
		return "no longer in the manifests, and not at Moka any more: --prune forgets it, and keeps its code from being used again"
	case e.Address.Kind == spec.Sale:
		return "no longer in the manifests; it is kept at Moka and goes on charging. --prune ends it"
	}
	if e.Address.Kind == spec.Card && !e.Prunable() {
		return "no longer in the manifests; it is kept at Moka. --prune forgets it if its customer is removed"
	}
	return "no longer in the manifests; it is kept at Moka. --prune deletes it"
}

// The deletes that need no confirmation: up to so many, or up to that share of what the lockfile knows.
const (
	deletesUnconfirmed      = 10
	deletesUnconfirmedShare = 30 // per cent
)

// ConfirmAbove are two bounds of what is deleted without a confirmation, each nil for none: a number of resources, and per cent of what the lockfile knows.
type ConfirmAbove struct{ Count, Percent *int }

func (c ConfirmAbove) exceeded(deletes, known int) bool {
	return c.Count != nil && deletes > *c.Count || c.Percent != nil && deletes*100 > *c.Percent*known
}

// weighDeletes asks for a confirmation where so much is deleted that it may be a slip: a folder that is empty, or a checkout that is not whole.
func (m *maker) weighDeletes() {
	n := m.plan.Counts[Delete]
	many := n > deletesUnconfirmed && n*100 > deletesUnconfirmedShare*m.Known.Len()
	if n == 0 || len(m.Resources) > 0 && !many && !m.ConfirmAbove.exceeded(n, m.Known.Len()) {
		return
	}
	m.plan.Confirm = n
	what := fmt.Sprintf("%d of the lockfile's %d resources would be deleted", n, m.Known.Len())
	if len(m.Resources) == 0 {
		what = fmt.Sprintf("there is no manifest, and all that may be deleted would be: %d of the lockfile's %d resources", n, m.Known.Len())
	}
	m.plan.Diagnostics = append(m.plan.Diagnostics, spec.Diagnostic{Severity: spec.Warning,
		Message: what + fmt.Sprintf(". apply does that only with `--confirm-deletes %d`", n)})
}
