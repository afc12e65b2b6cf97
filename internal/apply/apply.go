package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Options are what a run needs.
type Options struct {
	Client  *moka.Client
	Session *lockfile.Session
	World   *plan.World // desired beside Session.Lock
	// Parallelism is how many calls may be in flight at once. Up to twice as many changes are under way: those ahead are made ready, and their intents recorded, while others call;
	// with 1, one change follows the other in the plan's order.
	Parallelism int
	// Rate is how many calls a second the client lets through, 0 for any number. Where it is what a run waits for, nothing is made ready ahead.
	Rate float64
	// Settle is how long after giving up on a call its absence at Moka is believed.
	Settle time.Duration
	// Timeout is one call's time limit.
	Timeout time.Duration
	Now     func() time.Time
	// Today is the day in Europe/Istanbul, YYYY-MM-DD; it is the saleDate of sales that say none.
	Today string
	// UpdateChanged: UpdateSale sends the changed members only, not all (mokasync.yaml).
	UpdateChanged bool
	// DuringCharges lets sales be changed also in the hours in which Moka charges them.
	DuringCharges bool
	// Passwords are the customers' passwords that this run sends, read beforehand.
	Passwords map[spec.Address]string
	// Stop is closed at the first signal: no new call is made, those in flight finish and are recorded. The context's end is the second.
	Stop <-chan struct{}
	// Closed says at each call that changes something why it may not begin now, "" if it may; nil where every hour is free. Once it refuses one, the run makes no other.
	Closed func(time.Time) string
	// Progress is told of every change that has ended, once its outcome is on disk, from one goroutine.
	Progress func(Result)
	// Say is told, by any goroutine, what takes long, in a sentence.
	Say func(string)
	Log *slog.Logger
}

// announced is an intent on disk.
type announced struct {
	*lockfile.Intent
	sent bool // its call may have left
}

// Applier carries out what is planned for one dealer.
type Applier struct {
	Options
	looks   *looks
	journal *lockfile.Journal
	slots   *slots // of the run under way
	// patience is how long what was announced waits for a slot.
	patience time.Duration
	looked   bool      // the plan was made by a look at Moka, not only by the lockfile
	started  time.Time // of the run; shared lists are no older

	// mu guards Session.Lock and World.Known, which are one: workers read, the run's own goroutine writes.
	mu sync.RWMutex
	// doubts says why open intents stay open, by address.
	doubts map[spec.Address]string
	// open are the intents of this run that stand in the journal without an outcome, by address.
	openMu sync.Mutex
	open   map[spec.Address]*announced
	// Notes are what the run has to say of no single change.
	Notes []string
	// sold are the codes of the sales for which AddSale was sent in this run.
	soldMu sync.Mutex
	sold   map[string]spec.Address
	// stepped are the payment steps for which AddPaymentPlan was sent in this run.
	stepped map[spec.Address]*lockfile.Entry
	// stepLocks keep the writes of one sale's payment steps apart, by its code.
	stepLocks map[string]*sync.Mutex
	// claimed are Moka's numbers of what this run made or took over, before the lock knows it; guarded by mu.
	claimed map[claim]spec.Address
	// closedBy is what Closed refused the first call with.
	closedBy atomic.Pointer[string]
	// ended are the sales for which DeleteSale was sent in this run, and when the last of them was answered.
	ended     map[spec.Address]*lockfile.Entry
	lastEnded time.Time
}

// New makes an Applier.
func New(o Options) *Applier {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(Result) {}
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	a := &Applier{Options: o, patience: longestTurn, doubts: map[spec.Address]string{}, open: map[spec.Address]*announced{}, sold: map[string]spec.Address{}, ended: map[spec.Address]*lockfile.Entry{}, stepped: map[spec.Address]*lockfile.Entry{}, stepLocks: map[string]*sync.Mutex{}, claimed: map[claim]spec.Address{}}
	a.looks = newLooks(o.Client.Reader, newSlots(o.Parallelism), o.Now, a.knowsSale)
	a.looks.keys = a.keys()
	return a
}

// Follow takes over the addresses that a plan found resources to have now, before anything is recorded under them.
func (a *Applier) Follow(p *plan.Plan) {
	if len(p.Moves) > 0 {
		a.Session.Lock = a.Session.Lock.Moved(p.Moves)
		a.World = a.World.Follow(a.Session.Lock)
	}
}

// Prove reads something harmless: it shows that the credentials are right before anything is decided.
func (a *Applier) Prove(ctx context.Context) error { return a.Client.Prove(ctx) }

// knowsSale: while lockfile or journal know a live sale, a list that is said to hold no data cannot be believed (moka-api 4.5).
func (a *Applier) knowsSale(kind spec.Kind) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return knowsSale(a.Session.Lock, kind, a.ending)
}

// ending reports whether a delete of what is at an address is under way in this run, or was answered.
func (a *Applier) ending(address spec.Address) bool {
	a.openMu.Lock()
	in := a.open[address]
	sent := in != nil && in.Delete && in.sent
	a.openMu.Unlock()
	a.soldMu.Lock()
	defer a.soldMu.Unlock()
	return sent || a.ended[address] != nil
}

// view reads what is known, while nobody changes it. It is left also by a panic.
func view[T any](a *Applier, read func() T) T {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return read()
}

func (a *Applier) keys() *lockfile.Keyring { return a.Session.Lock.Keys() }

func (a *Applier) stopped() bool {
	select {
	case <-a.Stop:
		return true
	default:
		return false
	}
}

// halted says why nothing new is begun, "" if it is: the run was stopped, or the hours are closed to it.
func (a *Applier) halted() string {
	if a.stopped() {
		return stoppedText
	}
	return a.closed()
}

const stoppedText = "the run was stopped"

// closed says why no call that changes something begins any more, "" if it does.
func (a *Applier) closed() string {
	if why := a.closedBy.Load(); why != nil {
		return *why
	}
	if a.Closed == nil {
		return ""
	}
	why := a.Closed(a.Now())
	if why != "" && a.closedBy.CompareAndSwap(nil, &why) {
		a.Say(why)
	}
	return why
}

// sleep waits, less long if the run is stopped or given up; it reports whether the time passed.
func (a *Applier) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil && !a.stopped()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-a.Stop:
		return false
	}
}

// digest recognises a request without keeping it.
func digest(keys *lockfile.Keyring, op moka.Op, request moka.Record) string {
	h := sha256.New()
	for _, m := range request {
		h.Write([]byte(m.Name + "\x00" + m.Value + "\x00"))
	}
	return keys.Digest(string(op), hex.EncodeToString(h.Sum(nil)))
}
