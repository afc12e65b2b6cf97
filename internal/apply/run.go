package apply

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// node is a planned change in the graph.
type node struct {
	change  *plan.Change // nil once it has ended: of a large plan, what is done takes no memory any more
	index   int          // in the account
	waiting int          // dependencies that are planned and not done yet
	needed  []*node
	ended   bool
}

// ended is a change with what became of it.
type ended struct {
	node *node
	v    *verdict
}

// run is one run over a plan. Only the goroutine that calls loop touches it; workers get a node and give a verdict.
type run struct {
	*Applier
	account  *Account
	nodes    []*node
	ready    []*node
	left     int  // of this phase, not ended
	late     bool // the second phase: what is deleted and forgotten, after all else
	underWay int
	ahead    lookAhead
	untold   []untold // in the order in which they ended
}

// untold is a change that has ended and of which Progress was not told yet: its outcome may not be on disk.
type untold struct {
	node *node
	mark lockfile.Mark
}

// Run carries the plan out and gives the account. The error is about the run as a whole (the journal cannot be begun, the lockfile cannot be
// written); the account is whole in any case.
func (a *Applier) Run(ctx context.Context, p *plan.Plan) (*Account, error) {
	a.started, a.looked, a.slots = a.Now(), p.Looked, newSlots(a.Parallelism)
	a.looks.reader.slots = a.slots
	r := newRun(a, p)
	rest := &plan.Plan{Behind: p.Behind, Steered: p.Steered} // p itself is let go of
	var err error
	if len(p.Moves) > 0 {
		// What this run records names the new addresses: the lockfile must know them before.
		if err = a.Session.Save(); err != nil {
			r.nothingTried(err.Error())
			return r.account, err
		}
	}
	if len(r.nodes) > 0 {
		if a.journal, err = a.Session.Journal(planned(p)); err != nil {
			r.nothingTried(err.Error())
			return r.account, err
		}
	}
	r.account.Notes, r.account.Partial = append(r.account.Notes, a.Notes...), p.Partial
	r.loop(ctx)
	a.prove(ctx, r.account)
	a.proveSteps(ctx, r.account)
	if r.beginLate() {
		r.loop(ctx)
		a.proveGone(ctx, r.account)
	}
	a.rememberRest(rest)
	if err := a.Session.Save(); err != nil {
		r.account.Notes = append(r.account.Notes, err.Error()+": what was done stands in the journal, and the next apply goes on from there")
		return r.account, err
	}
	return r.account, nil
}

// rememberRest puts into the lock what needs no call: lines that are behind, and labels and annotations of whatever the run made of the rest.
func (a *Applier) rememberRest(p *plan.Plan) {
	for _, c := range p.Behind {
		a.Session.Lock.Put(a.World.Entry(c.Desired, c.ID))
	}
	for _, d := range p.Steered {
		if known := a.Session.Lock.Get(d.Address); known != nil {
			e := *known
			e.Labels, e.Annotations = d.Labels, a.World.Entry(d, known.ID).Annotations
			a.Session.Lock.Put(&e)
		}
	}
}

func planned(p *plan.Plan) []lockfile.Planned {
	var out []lockfile.Planned
	for _, c := range p.Changes {
		if c.Action.Planned() {
			out = append(out, lockfile.Planned{Address: c.Address, Action: c.Action.String()})
		}
	}
	return out
}

func newRun(a *Applier, p *plan.Plan) *run {
	planned := p.Planned()
	r := &run{Applier: a, account: &Account{Endpoint: p.Endpoint, Dealer: p.Dealer, Results: make([]Result, 0, planned)}, nodes: make([]*node, 0, planned)}
	at, room := make(map[spec.Address]*node, planned), make([]node, planned)
	for _, c := range p.Changes {
		if !c.Action.Planned() {
			continue
		}
		n := &room[len(r.nodes)]
		n.change, n.index = c, len(r.nodes)
		r.nodes = append(r.nodes, n)
		at[c.Address] = n
		r.account.Results = append(r.account.Results, Result{Address: c.Address, Action: c.Action, ID: c.ID})
		if c.Address.Kind == spec.Sale || c.Address.Kind == spec.Customer && (c.Action == plan.Create || c.Action == plan.Adopt) {
			a.looks.want(c.Address.Kind, c.Code)
		}
		if c.Action == plan.Delete {
			a.looks.watch(c.Known)
		}
		if c.Address.Kind == spec.PaymentStep && c.Known != nil {
			a.looks.want(spec.Sale, c.Known.Text("sale"))
		}
	}
	p.Before(func(first, then *plan.Change) {
		waits, needed := at[then.Address], at[first.Address]
		waits.waiting++
		needed.needed = append(needed.needed, waits)
	})
	r.begin()
	return r
}

// begin makes what waits for nothing in this phase ready.
func (r *run) begin() {
	r.left = 0
	for _, n := range r.nodes {
		if n.ended || n.change.Late() != r.late {
			continue
		}
		r.left++
		if n.waiting == 0 {
			r.ready = append(r.ready, n)
		}
	}
}

// beginLate begins the second phase, if there is one and nothing of the first failed or is in doubt.
func (r *run) beginLate() bool {
	r.late = true
	r.begin()
	if r.left == 0 {
		return false
	}
	why := ""
	for _, res := range r.account.Results {
		switch res.Status {
		case Failed, InDoubt, NotTried:
			why = fmt.Sprintf("%s %s, and nothing is deleted in such a run", res.Address, because[res.Status])
		}
	}
	if why == "" && len(r.Session.Lock.Pending) > 0 {
		why = "a call is in doubt, and nothing is deleted before that is settled"
	}
	if why == "" {
		return true
	}
	r.ready = nil
	for _, n := range r.nodes {
		if !n.ended {
			r.skip(n, why)
		}
	}
	return false
}

// workers is how many changes are under way at once: as many as may call, and as many again that are made ready ahead. What was made ready and waits for a rate
// would only grow old. Where one call is to be in flight, one change follows the other, in the plan's order.
func (r *run) workers() int {
	slots := max(r.Parallelism, 1)
	ahead := slots
	if slots == 1 {
		ahead = 0
	} else if r.Rate > 0 {
		ahead = min(slots, max(0, int(r.Rate*longestTurn.Seconds()/2)-slots))
	}
	return min(slots+ahead, max(r.left, 1))
}

// loop hands ready changes to workers and takes in what became of them, until all have ended or the run is stopped. When it returns, all that happened is on disk.
func (r *run) loop(ctx context.Context) {
	r.blocked()
	jobs := make(chan *node)
	results := make(chan ended)
	var workers sync.WaitGroup
	r.ahead = lookAhead{least: max(r.Parallelism, 1), crew: r.workers()}
	for range r.ahead.crew {
		workers.Go(func() {
			for n := range jobs {
				results <- ended{n, r.work(ctx, n.change)}
			}
		})
	}
	stop := r.Stop
	for r.left > 0 {
		if r.closed() != "" || r.journalErr() != nil { // what cannot be recorded must not happen
			stop = nil // those under way finish
		}
		var out chan<- *node
		var next *node
		if len(r.ready) > 0 && stop != nil && r.underWay < r.ahead.most() {
			out, next = jobs, r.ready[0]
		} else if r.underWay == 0 {
			break
		}
		var came <-chan struct{}
		if len(r.untold) > 0 {
			came = r.journal.Came()
		}
		select {
		case out <- next:
			r.ready = r.ready[1:]
			r.underWay++
		case e := <-results:
			r.underWay--
			if e.v.anew {
				r.putBack(e.node)
			} else {
				r.ahead.inTime()
				r.end(e.node, e.v)
			}
		case <-came:
			r.tell()
		case <-stop:
			stop = nil // no new call
		}
	}
	close(jobs)
	workers.Wait()
	r.settleJournal()
	why := cmp.Or(r.halted(), stoppedText)
	if err := r.journalErr(); err != nil {
		why = err.Error()
	}
	r.notTried(why)
}

// putBack has a change made ready anew that waited too long for a slot.
func (r *run) putBack(n *node) {
	r.ahead.tooLate()
	r.ready = slices.Insert(r.ready, 0, n)
}

// lookAhead is how many changes may be under way: never fewer than may call, of which each finds a slot at once, and at most the crew. Where calls take longer than what is made ready may
// wait, one fewer is made ready ahead for each that waited too long. A stall passes: when enough have ended in time, it is one more again. A stall that comes after such a step makes the
// next ones take twice as many, so that where calls are slow throughout hardly anything is made ready in vain.
type lookAhead struct {
	least, crew int
	fewer       int  // than the crew are under way
	ended       int  // in time, since that number changed
	calm        int  // how many have to end in time before there is one more
	stalled     bool // one waited too long, and there has not been one more since
}

func (l *lookAhead) most() int { return l.crew - l.fewer }

func (l *lookAhead) tooLate() {
	if !l.stalled {
		l.stalled, l.calm = true, min(2*max(l.calm, l.crew), 1<<20)
	}
	l.fewer, l.ended = min(l.fewer+1, max(l.crew-l.least, 0)), 0
}

func (l *lookAhead) inTime() {
	if l.ended++; l.fewer > 0 && l.ended >= l.calm {
		l.fewer, l.ended, l.stalled = l.fewer-1, 0, false
	}
}

// settleJournal waits until all that was recorded is on disk, or cannot be.
func (r *run) settleJournal() {
	if r.journal != nil {
		r.journal.Flush() // whose error tell finds
		crashpoint.At("phase-recorded")
	}
	r.tell()
}

// tell tells Progress of what has ended, in that order, as far as it is on disk: what was said to be done a run that dies now says too.
func (r *run) tell() {
	for len(r.untold) > 0 {
		u := r.untold[0]
		if u.mark > 0 && u.mark > r.journal.Durable() {
			err := r.journalErr()
			if err == nil {
				return
			}
			unrecorded(&r.account.Results[u.node.index], err)
		}
		r.untold = r.untold[1:]
		r.Progress(r.account.Results[u.node.index])
	}
}

// unrecorded says of what is done that the journal does not have it: only this run knows, and the lockfile may still take it; if not, the open intent makes the next run look.
func unrecorded(res *Result, err error) {
	if res.Status == Done && !res.Adopted {
		res.Message = "done, but " + err.Error()
	}
}

func (r *run) journalErr() error {
	if r.journal == nil {
		return nil
	}
	return r.journal.Err()
}

// blocked ends what cannot be done, before anything is.
func (r *run) blocked() {
	var blocked []*node
	for _, n := range r.nodes {
		if !n.ended && n.change.Action == plan.Blocked { // the second phase has none left
			r.skip(n, "blocked: "+n.change.Reason)
			blocked = append(blocked, n)
		}
	}
	for _, n := range blocked { // each has said its own reason
		r.spread(n)
	}
	r.ready = slices.DeleteFunc(r.ready, func(n *node) bool { return n.ended })
}

// neverDurable is the Mark of an outcome that the journal refused.
const neverDurable lockfile.Mark = math.MaxInt64

// work makes one change and records what became of it before anything that depends on it begins. It does not wait for the disk: the journal is one file in order, so that
// the intents of what depends on it are on disk only if this outcome is. A panic becomes a result of its own.
func (r *run) work(ctx context.Context, c *plan.Change) (v *verdict) {
	if why := r.halted(); why != "" || r.journalErr() != nil {
		return untried(cmp.Or(why, stoppedText))
	}
	func() {
		defer func() {
			if p := recover(); p != nil {
				r.Log.Error("a step broke", "address", c.Address.String(), "panic", fmt.Sprint(p))
				v = &verdict{status: InDoubt, gaveUp: r.Now(), message: "a fault in mokasync ended this step (please report it). " + inDoubtHint(c.Address)}
			}
		}()
		v = r.step(ctx, c)
	}()
	if v.journal || v.anew {
		return v
	}
	o := &lockfile.Outcome{Address: c.Address, Status: outcomeStatus(v.status), Entry: v.entry, GaveUp: v.gaveUp.UTC(), Answered: v.answered, Code: v.code, Drop: v.dropped, Deleted: v.deleted, By: v.by}
	if o.Note = v.message; v.adopted {
		o.Note = adoptedNote
	}
	crashpoint.At("before-outcome")
	var err error
	if v.mark, err = r.journal.Add(lockfile.Record{Outcome: o}); err != nil {
		v.mark = neverDurable
	}
	crashpoint.At("after-outcome")
	return v
}

func outcomeStatus(s Status) string {
	if s == InDoubt {
		return lockfile.InDoubt
	}
	return string(s)
}

// end takes in a verdict: known, account, and what waited for it.
func (r *run) end(n *node, v *verdict) {
	r.remember(n.change.Address, v)
	res := &r.account.Results[n.index]
	res.Status, res.Adopted, res.ResultCode, res.Message = v.status, v.adopted, v.code, v.message
	if v.entry != nil {
		res.ID = v.entry.ID
	}
	r.finish(n, v.mark)
	if v.status == Done {
		for _, m := range n.needed {
			if m.waiting--; m.waiting == 0 && !m.ended {
				crashpoint.At("dependent-ready")
				r.ready = append(r.ready, m)
			}
		}
		return
	}
	if v.status != NotTried { // a stopped run says of all that is left that it was not tried
		r.spread(n)
	}
}

// remember puts what is known now into the lock: what is done or found, and calls whose outcome is not known.
func (r *run) remember(address spec.Address, v *verdict) {
	r.openMu.Lock()
	in := r.open[address]
	delete(r.open, address)
	r.openMu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case v.status == InDoubt && in != nil:
		still := *in.Intent
		still.GaveUp, still.Answered = v.gaveUp.UTC(), still.Answered || v.answered
		r.Session.Lock.AddPending(&still)
	case v.status == Done, v.status == Failed:
		r.Session.Lock.Record(&lockfile.Outcome{Address: address, Status: outcomeStatus(v.status), Entry: v.entry, Drop: v.dropped, Deleted: v.deleted, By: v.by})
		if v.entry != nil {
			delete(r.claimed, claim{address.Kind, v.entry.ID}) // now the lock knows it
		}
	}
}

// finish ends a change whose outcome stands in the journal at mark, 0 where nothing is recorded of it.
func (r *run) finish(n *node, mark lockfile.Mark) {
	n.ended, n.change = true, nil
	r.left--
	r.untold = append(r.untold, untold{n, mark})
	r.tell()
}

// spread skips what depends on something that did not get done, to the last.
func (r *run) spread(n *node) {
	for _, m := range n.needed {
		if m.ended {
			continue
		}
		first := &r.account.Results[n.index]
		r.skip(m, fmt.Sprintf("%s %s", first.Address, because[first.Status]))
		r.spread(m)
	}
}

var because = map[Status]string{Failed: "failed", Skipped: "was skipped", InDoubt: "is in doubt", NotTried: "was not tried"}

func (r *run) skip(n *node, why string) {
	res := &r.account.Results[n.index]
	res.Status, res.Because = Skipped, why
	if n.change.Action == plan.Blocked {
		res.Message = n.change.Reason
	}
	r.finish(n, 0)
}

// nothingTried ends a run that could not be begun.
func (r *run) nothingTried(why string) {
	for _, late := range []bool{false, true} {
		r.late = late
		r.notTried(why)
	}
}

// notTried ends what is left of this phase.
func (r *run) notTried(why string) {
	for _, n := range r.nodes {
		if !n.ended && n.change.Late() == r.late {
			res := &r.account.Results[n.index]
			res.Status, res.Message = NotTried, why
			r.finish(n, 0)
		}
	}
}
