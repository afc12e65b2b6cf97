package apply

import (
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Status is the class of a planned change in an account.
type Status string

// The classes. Every planned change is in exactly one.
const (
	Done     Status = "done"     // it is at Moka as planned
	Failed   Status = "failed"   // refused, or found otherwise; nothing is in doubt
	Skipped  Status = "skipped"  // blocked, or something it depends on did not get done
	InDoubt  Status = "inDoubt"  // a call may or may not have taken effect
	NotTried Status = "notTried" // the run was stopped before its turn
)

// Statuses in the order in which a summary counts them.
var Statuses = []Status{Done, Failed, Skipped, InDoubt, NotTried}

// Result is what became of one planned change.
type Result struct {
	Address spec.Address
	Action  plan.Action
	Status  Status
	Adopted bool  // found equal at Moka, nothing was written
	ID      int64 // Moka's number, 0 where it is not known or there is none
	// ResultCode is Moka's, "" without one.
	ResultCode string
	// Message says what happened and what to do, without personal or secret values.
	Message string
	// Because says of a skipped change what stood in its way.
	Because string
}

// Account is what became of a whole plan, in its order.
type Account struct {
	Endpoint, Dealer string
	// Partial says in words what part of the manifests the run covered, "" for all.
	Partial string
	Results []Result
	// Notes are what concerns no single change.
	Notes []string
}

// Count gives how many results have a status.
func (a *Account) Count(s Status) int {
	n := 0
	for _, r := range a.Results {
		if r.Status == s {
			n++
		}
	}
	return n
}

// Complete reports whether everything was done.
func (a *Account) Complete() bool { return a.Count(Done) == len(a.Results) }
