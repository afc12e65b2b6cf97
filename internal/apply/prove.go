package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/spec"
)

// prove reads one list of sales after the last AddSale of the run, and shows that each code stands there once. A sale for which it cannot be shown is in doubt.
func (a *Applier) prove(ctx context.Context, account *Account) {
	if len(a.sold) == 0 {
		return
	}
	results := map[spec.Address]*Result{}
	for i := range account.Results {
		results[account.Results[i].Address] = &account.Results[i]
	}
	written := a.Now()
	pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond)
	for {
		begun := a.Now()
		unproved := a.proveOnce(ctx, begun, results)
		if len(unproved) == 0 {
			return
		}
		if begun.Sub(written) >= a.Settle || !a.sleep(ctx, min(pause, a.Settle-begun.Sub(written))) {
			for res, why := range unproved {
				a.owe(res, moka.AddSale, fmt.Sprintf("Moka took the sale%s, but %s", idText(res.ID), why))
			}
			return
		}
		pause *= 2
	}
}

// proveOnce reads the list once. It gives the results of sales that were taken and are not shown to stand there once, with what is to be said of them; those that are
// there twice are in doubt at once.
func (a *Applier) proveOnce(ctx context.Context, since time.Time, results map[spec.Address]*Result) map[*Result]string {
	unproved := map[*Result]string{}
	for _, code := range slices.Sorted(maps.Keys(a.sold)) {
		res := results[a.sold[code]]
		found, err := a.looks.byCode(ctx, spec.Sale, code, since)
		var twice *TwiceError
		switch {
		case errors.As(err, &twice):
			a.owe(res, moka.AddSale, twice.Error())
		case res.Status != Done:
		case err != nil:
			unproved[res] = fmt.Sprintf("it could not be proved that it stands there once: %v", err)
		case found == nil:
			unproved[res] = "its list does not show it: look in Moka's panel; `mokasync plan --refresh` looks too"
		}
	}
	return unproved
}

// owe puts a sale or payment step whose proof failed in doubt, also for the next run: it begins by looking.
func (a *Applier) owe(res *Result, op moka.Op, why string) {
	res.Status, res.Adopted, res.Message = InDoubt, false, why
	if e := a.Session.Lock.Get(res.Address); e != nil && a.Session.Lock.Open(res.Address) == nil {
		a.Session.Lock.AddPending(lockfile.Unproved(e, string(op), a.Now()))
	}
}
