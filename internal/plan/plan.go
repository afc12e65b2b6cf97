// Package plan decides what would change: desired (the manifests) against known (the lockfile) and, where Moka was asked, live. It is pure:
// it reads no file, no clock and no network, and the same input gives the same Plan. Apply runs exactly that value.
package plan

import (
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// Action is what a Change does. The zero Action is Unchanged.
type Action uint8

// The actions, and which members of a Change are set for them:
//
//	           Desired  Known     Fields                 Reason
//	Unchanged  yes      yes       -                      -
//	Create     yes      -         all managed ones       -
//	Adopt      yes      maybe     what it changes there  -
//	Update     yes      yes       what it changes there  maybe
//	Delete     -        yes       -                      what it means, or why it comes
//	Forget     -        yes       -                      why no call is needed
//	Blocked    yes      maybe     what would change      why, and the way out
//	Orphan     -        maybe     -                      what it means
const (
	Unchanged Action = iota
	Create
	Adopt
	Update
	Delete
	Forget
	Blocked
	Orphan
)

// Actions lists the actions in the order in which a summary counts them.
var Actions = []Action{Create, Adopt, Update, Delete, Forget, Blocked, Orphan, Unchanged}

var actionNames = [...]string{"unchanged", "create", "adopt", "update", "delete", "forget", "blocked", "orphan"}

// String gives the word that the JSON uses.
func (a Action) String() string { return actionNames[a] }

// ParseAction reads an action's word.
func ParseAction(word string) (Action, bool) {
	for a, name := range actionNames {
		if name == word {
			return Action(a), true
		}
	}
	return Unchanged, false
}

// Planned reports whether an apply accounts for the action.
func (a Action) Planned() bool { return a != Unchanged && a != Orphan }

// Change is what is to be done about one resource.
type Change struct {
	Address spec.Address
	Action  Action
	Code    string // the dealer's own key, "" for kinds without one
	ID      int64  // Moka's number, 0 while it is not known
	Fields  []FieldChange
	// DependsOn are the resources here that it refers to, sorted by address.
	DependsOn []spec.Address
	Reason    string
	// InDoubt: an earlier write to it may or may not have taken effect.
	InDoubt bool

	Desired *spec.Resource
	Known   *lockfile.Entry

	// After are further changes that must be done first: what a replaced sale's delete waits for.
	After []spec.Address
	// ReplacedBy is, of a delete, the sale that comes in its place. Such a delete is done before it; all others come last.
	ReplacedBy spec.Address
}

// Late reports whether the change is made after all others, and only if nothing of them failed or is in doubt.
func (c *Change) Late() bool {
	return (c.Action == Delete || c.Action == Forget) && c.ReplacedBy.IsZero()
}

// FieldChange is one field's old and new value.
type FieldChange struct {
	Field    *spec.Field
	From, To Text
}

// Plan is all that would be done, in order: by depth in the graph, then by address; deletes last, reversed.
type Plan struct {
	Endpoint, Dealer string
	Changes          []*Change // all but the unchanged
	// Counts says how many resources get each action, by Action.
	Counts [len(actionNames)]int
	// Behind are unchanged resources whose lockfile line does not say all that the manifest says (labels, fields that are managed from now on or
	// no longer): the next apply mends the line without a call.
	Behind []*Change
	// Steered are resources whose labels or annotations the lockfile does not have yet.
	Steered []*spec.Resource
	// Looked: Moka was looked at, not only the lockfile. Sealed: the lockfile's key is missing, so that personal fields and tokens were not compared.
	Looked, Sealed bool
	// Partial says in words what part of the manifests the plan covers, "" for all.
	Partial string
	// Moves are the addresses that resources had before, and what they are now: the lockfile follows, no call is made.
	Moves map[spec.Address]spec.Address
	// Confirm is the number of deletes that must be confirmed before anything is done, 0 if none need be.
	Confirm int
	// Digest names the plan: the same changes of the same account, by which the same sales are charged otherwise in the same way, have the same. It is set by whoever has the key for it; "" for none.
	Digest string
	// Reading is how what Moka's documentation leaves open about charges is read.
	Reading calendar.Reading
	// Sales are all sales that are charged before the plan or after it, and Money what that comes to; nil where the plan was read from a file that does not have it.
	Sales []forecast.Pair
	Money *forecast.Impact
	// Expiries are the creations that fail after a midnight in Istanbul, the earliest first.
	Expiries []Expiry
	// Guards are those of mokasync.yaml that the plan breaks. They are found by whoever has them.
	Guards []BrokenGuard
	// Diagnostics are what the comparison found to say; an error among them means that nothing may be applied.
	Diagnostics []spec.Diagnostic
}

// BrokenGuard is a guard of mokasync.yaml that a plan breaks: apply refuses it, unless it is waived for this very plan.
type BrokenGuard struct {
	// Guard is its name, as --waive takes it; Message says in a sentence without a full stop what breaks it. Nothing personal is in it.
	Guard, Message string
	// At is where mokasync.yaml sets the guard, path:line:column.
	At string
}

// Place gives the file, the line and the column of At; 0 and 0 where it is a path alone. The path may have colons.
func (g BrokenGuard) Place() (file string, line, column int) {
	parts := strings.Split(g.At, ":")
	if n := len(parts); n > 2 {
		line, errLine := strconv.Atoi(parts[n-2])
		column, errColumn := strconv.Atoi(parts[n-1])
		if errLine == nil && errColumn == nil {
			return strings.Join(parts[:n-2], ":"), line, column
		}
	}
	return g.At, 0, 0
}

// Planned is the number of changes that an apply accounts for.
func (p *Plan) Planned() int {
	n := 0
	for _, c := range p.Changes {
		if c.Action.Planned() {
			n++
		}
	}
	return n
}

// InDoubt reports whether an earlier write's outcome is open.
func (p *Plan) InDoubt() bool {
	for _, c := range p.Changes {
		if c.InDoubt {
			return true
		}
	}
	return false
}

// HasChanges reports whether there is something to do or to settle: what --detailed-exitcode asks.
func (p *Plan) HasChanges() bool { return p.Planned() > 0 || p.InDoubt() }
