package apply

import (
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// AccountOf makes the account of a run that died, from what its journal tells: what was announced without an outcome is in doubt, what was not even
// announced was not tried.
func AccountOf(log *lockfile.Log) *Account {
	a := &Account{Endpoint: log.Header.Endpoint, Dealer: log.Header.Dealer}
	at := map[spec.Address]int{}
	for _, r := range log.Records {
		for _, p := range r.Planned {
			action, _ := plan.ParseAction(p.Action) // an action of a newer mokasync shows as none
			at[p.Address] = len(a.Results)
			a.Results = append(a.Results, Result{Address: p.Address, Action: action, Status: NotTried, Message: diedBefore})
		}
		switch {
		case r.Intent != nil:
			if i, planned := at[r.Intent.Entry.Address]; planned {
				a.Results[i].Status = InDoubt
				a.Results[i].ID = r.Intent.Entry.ID
				a.Results[i].Message = "the run died while " + r.Intent.Op + " was under way. " + inDoubtHint(r.Intent.Entry.Address)
			}
		case r.Outcome != nil:
			if i, planned := at[r.Outcome.Address]; planned {
				a.Results[i] = resultOf(a.Results[i], r.Outcome)
			}
		}
	}
	if a.Count(NotTried)+a.Count(InDoubt) > 0 {
		a.Notes = append(a.Notes, "This run died. The next `mokasync apply` looks into what is in doubt and goes on.")
	}
	return a
}

// resultOf is a result as its outcome was recorded.
func resultOf(r Result, o *lockfile.Outcome) Result {
	r.Status, r.ResultCode, r.Adopted, r.Message = Done, o.Code, o.Note == adoptedNote, ""
	switch o.Status {
	case string(Failed), lockfile.InDoubt:
		r.Status, r.Message = Status(o.Status), o.Note
	case lockfile.NotSent:
		r.Status, r.Message = NotTried, diedBefore
	}
	if o.Entry != nil {
		r.ID = o.Entry.ID
	}
	return r
}

const diedBefore = "the run died before its turn"

// adoptedNote marks the outcome of what was found equal.
const adoptedNote = "adopted"
