package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/mokasync/mokasync/internal/spec"
)

// heldDisk is a disk whose journal can be held at its next sync, or fail. It knows what of the journal is durable.
type heldDisk struct {
	lockfile.OS
	mu      sync.Mutex
	freed   *sync.Cond
	held    bool
	fail    error
	written []byte
	durable []byte
	records atomic.Int32 // syncs that brought something
	syncing atomic.Int32 // syncs that are held
}

func newHeldDisk() *heldDisk {
	d := &heldDisk{}
	d.freed = sync.NewCond(&d.mu)
	return d
}

func (d *heldDisk) Create(name string, perm fs.FileMode) (lockfile.DiskFile, error) {
	f, err := d.OS.Create(name, perm)
	if !strings.HasSuffix(name, ".journal") {
		return f, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written, d.durable = nil, nil
	return heldFile{f, d}, err
}

type heldFile struct {
	lockfile.DiskFile
	disk *heldDisk
}

func (f heldFile) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.fail != nil {
		return 0, f.disk.fail
	}
	f.disk.written = append(f.disk.written, p...)
	return f.DiskFile.Write(p)
}

func (f heldFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	for f.disk.held {
		f.disk.syncing.Add(1)
		f.disk.freed.Wait()
		f.disk.syncing.Add(-1)
	}
	f.disk.durable = bytes.Clone(f.disk.written)
	f.disk.records.Add(1)
	return nil // no power is cut here: the operating system's sync would only take time
}

func (d *heldDisk) hold(held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = held
	d.freed.Broadcast()
}

// log gives what of the journal is durable.
func (d *heldDisk) log(t *testing.T) *lockfile.Log {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	log, err := lockfile.ParseLog("journal", d.durable)
	if err != nil {
		t.Errorf("the journal cannot be read: %v", err)
	}
	if err != nil || log == nil {
		return &lockfile.Log{} // it is not begun
	}
	return log
}

// open gives the intents of a log that have no outcome.
func open(log *lockfile.Log) map[spec.Address]*lockfile.Intent {
	out := map[spec.Address]*lockfile.Intent{}
	for _, r := range log.Records {
		switch {
		case r.Intent != nil:
			out[r.Intent.Entry.Address] = r.Intent
		case r.Outcome != nil && r.Outcome.Status != lockfile.InDoubt:
			delete(out, r.Outcome.Address)
		}
	}
	return out
}

// until waits for something that other goroutines bring about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("in vain waited for: %s", what)
		}
	}
}

// tollgate stops every write on its way to the sandbox until it is let through.
type tollgate struct {
	arrived atomic.Int32
	pass    chan struct{}
}

func (r *rig) tollgate() *tollgate {
	g := &tollgate{pass: make(chan struct{})}
	r.line.before = func(call *http.Request) {
		if isWrite(call) {
			g.arrived.Add(1)
			<-g.pass
		}
	}
	return g
}

// start runs a rig's plan, and gives a function that waits for its end.
func (r *rig) start(t *testing.T) (wait func() *Account) {
	t.Helper()
	ended := make(chan *Account)
	go func() {
		account, err := r.Run(context.Background(), r.plan)
		if err != nil {
			t.Error(err)
		}
		ended <- account
	}()
	return func() *Account { return <-ended }
}

// many customers are looked for in one list, and not one by one.
const many = fewCustomers + 2

func customers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c%02d}\nspec: {firstName: Ayşe}\n", i)
	}
	return b.String()
}

// While as many calls are in flight as may be, as many changes again are made ready: their intents are on disk, and they follow at once, though the disk is stuck from then on. No
// more are announced, and what was done meanwhile is neither lost nor said before it is on disk.
func TestCallsDoNotWaitForTheDisk(t *testing.T) {
	const slots, all = 4, 20
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(all))
	r.Parallelism = slots
	var told atomic.Int32
	r.Progress = func(Result) { told.Add(1) }
	gate := r.tollgate()
	wait := r.start(t)

	until(t, "intents ahead of the calls", func() bool { return len(open(disk.log(t))) == 2*slots })
	until(t, "calls in flight", func() bool { return gate.arrived.Load() == slots })
	disk.hold(true)
	for range slots {
		gate.pass <- struct{}{}
	}
	until(t, "calls that follow while the disk is stuck", func() bool { return gate.arrived.Load() == 2*slots })
	if n := told.Load(); n != 0 {
		t.Errorf("%d changes are said to be done, and the journal on disk knows of none", n)
	}
	if n := len(open(disk.log(t))); n != 2*slots {
		t.Errorf("%d intents are open on disk, want %d", n, 2*slots)
	}

	disk.hold(false)
	close(gate.pass)
	if account := wait(); account.Count(Done) != all || told.Load() != all {
		t.Errorf("%d of %d are done, %d told", account.Count(Done), all, told.Load())
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != all {
		t.Errorf("%d writes, want %d", n, all)
	}
	if n := len(open(disk.log(t))); n != 0 {
		t.Errorf("%d intents stand open at the end", n)
	}
	if syncs := int(disk.records.Load()); syncs >= 2*all {
		t.Errorf("%d syncs for %d records: none was shared", syncs, 2*all)
	}
}

// What depends on a change begins as soon as that is done, while the disk is still busy with its outcome; a call of its own waits until both are on disk.
func TestDependentsDoNotWaitForTheDisk(t *testing.T) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(1)+"---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k}\nspec: {customer: c00, token: 9de41bb0-e82f-4670-b36b-d71ff27a3111}\n")
	var cards atomic.Int32
	r.line.before = func(call *http.Request) {
		if path.Base(call.URL.Path) == "AddCustomer" {
			disk.hold(true)
		}
		if strings.Contains(call.URL.Path, "GetCard") {
			cards.Add(1)
		}
	}
	wait := r.start(t)
	until(t, "the look at the card of a customer whose outcome is not on disk", func() bool { return cards.Load() > 0 })
	if n := len(open(disk.log(t))); n == 0 {
		t.Error("the outcome is on disk already")
	}
	disk.hold(false)
	if account := wait(); !account.Complete() {
		t.Errorf("got %v", account.Results)
	}
}

const chain = `
apiVersion: mokasync/v1
kind: Customer
metadata: {name: %[1]s}
spec: {firstName: A}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: p%[1]s}
spec: {productName: P%[1]s}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: d%[1]s}
spec: {frequency: monthly, daysOfMonth: [15]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s%[1]s}
spec: {customer: %[1]s, product: p%[1]s, schedule: d%[1]s, customerTypeId: 1, amount: 1.50, saleDate: "2035-01-01", beginDate: "2035-01-15"}
---
`

// When a call arrives at Moka, its intent is on disk, and so is the outcome of all that it depends on. Never are more calls in flight than may be, looks among them; and at no moment are
// more than twice as many intents open on disk.
func TestOrderOfDiskAndCalls(t *testing.T) {
	const slots = 3
	var text strings.Builder
	for i := range 12 {
		fmt.Fprintf(&text, chain, fmt.Sprintf("c%02d", i))
	}
	disk := newHeldDisk()
	r := newRigOn(t, disk, text.String())
	r.Parallelism = slots
	var inFlight, writes atomic.Int32
	r.line.before = func(call *http.Request) {
		if n := inFlight.Add(1); n > slots {
			t.Errorf("%d calls in flight", n)
		}
		if !isWrite(call) {
			return
		}
		writes.Add(1)
		body, err := io.ReadAll(call.Body)
		if err != nil {
			t.Error(err)
		}
		call.Body = io.NopCloser(bytes.NewReader(body))
		log := disk.log(t)
		announced := open(log)
		if len(announced) > 2*slots {
			t.Errorf("%d intents are open on disk", len(announced))
		}
		var mine *lockfile.Intent
		for address, in := range announced {
			if strings.HasSuffix(call.URL.Path, in.Op) && bytes.Contains(body, []byte(`"`+address.Name+`"`)) {
				mine = in
			}
		}
		if mine == nil {
			t.Errorf("a %s arrives whose intent is not on disk", call.URL.Path)
			return
		}
		for _, needed := range mine.Entry.DependsOn {
			if !doneIn(log, needed) {
				t.Errorf("the call for %s arrives, and on disk %s is not done", mine.Entry.Address, needed)
			}
		}
	}
	r.line.after = func(*http.Request) { inFlight.Add(-1) }
	if account := r.start(t)(); !account.Complete() || writes.Load() != 48 {
		t.Errorf("%d writes, %v", writes.Load(), account.Results)
	}
}

func doneIn(log *lockfile.Log, address spec.Address) bool {
	for _, r := range log.Records {
		if r.Outcome != nil && r.Outcome.Address == address && r.Outcome.Status == string(Done) {
			return true
		}
	}
	return false
}

// A run that ends while calls wait for their turn takes them back: nothing was sent, they are not tried, and the journal leaves nothing to look into.
func TestHeldBack(t *testing.T) {
	for _, row := range []struct {
		name  string
		end   func(r *rig) (begin func()) // what ends the run
		why   string
		wakes bool // those that wait hear of it at once
	}{
		{"stopped", func(r *rig) func() {
			stop := make(chan struct{})
			r.Stop = stop
			return func() { close(stop) }
		}, stoppedText, true},
		{"the hours begin", func(r *rig) func() {
			clock := r.closing()
			later := clock.Load().Add(2 * time.Minute)
			return func() { clock.Store(&later) }
		}, "the hours are closed", false},
	} {
		t.Run(row.name, func(t *testing.T) { heldBack(t, row.end, row.why, row.wakes) })
	}
}

func heldBack(t *testing.T, end func(*rig) func(), why string, wakes bool) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(many))
	r.Parallelism, r.patience = 2, time.Hour
	begin := end(r)
	gate := r.tollgate()
	wait := r.start(t)
	until(t, "intents behind the calls in flight", func() bool { return gate.arrived.Load() == 2 && len(open(disk.log(t))) == 4 })
	begin()
	if wakes {
		until(t, "those that wait taken back", func() bool { return withdrawn(disk.log(t)) == 2 })
	}
	close(gate.pass)
	account := wait()
	if r.slots.free != r.Parallelism {
		t.Errorf("%d slots are free at the end, want %d", r.slots.free, r.Parallelism)
	}
	if account.Count(Done) != 2 || account.Count(NotTried) != many-2 || len(r.Session.Lock.Pending) != 0 {
		t.Errorf("%d calls are open, and %v", len(r.Session.Lock.Pending), account.Results)
	}
	for _, res := range account.Results {
		if res.Status == NotTried && res.Message != why {
			t.Errorf("%s was not tried because %q", res.Address, res.Message)
		}
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != 2 {
		t.Errorf("%d writes, want 2", n)
	}
	if log := disk.log(t); len(open(log)) != 0 {
		t.Errorf("open at the end: %v", open(log))
	} else if told := AccountOf(log); told.Count(Done) != 2 || told.Count(NotTried) != many-2 {
		t.Errorf("had it died now, the journal would tell %v", told.Results)
	}
}

// What waits too long for its turn is made ready anew, from its look on, until it is sent: once.
func TestMadeReadyAnew(t *testing.T) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(many))
	r.Parallelism, r.patience = 2, time.Millisecond
	gate := r.tollgate()
	wait := r.start(t)
	until(t, "a second intent for what waits", func() bool {
		return withdrawn(disk.log(t)) > 1
	})
	close(gate.pass)
	if account := wait(); !account.Complete() {
		t.Errorf("got %v", account.Results)
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != many {
		t.Errorf("%d writes, want %d", n, many)
	}
	if log := disk.log(t); len(open(log)) != 0 {
		t.Errorf("open at the end: %v", open(log))
	}
}

// When the disk fails, what is announced and was not sent is not sent, what is begun ends, and its account says that the journal does not have it.
func TestDiskFailsWhileCallsWait(t *testing.T) {
	disk := newHeldDisk()
	r := newRigOn(t, disk, customers(many))
	r.Parallelism = 2
	gate := r.tollgate()
	wait := r.start(t)
	until(t, "intents behind the calls in flight", func() bool { return gate.arrived.Load() == 2 && len(open(disk.log(t))) == 4 })
	full := errors.New("no space left on device")
	disk.mu.Lock()
	disk.fail = full
	disk.mu.Unlock()
	if err := r.journal.Append(lockfile.Record{Outcome: &lockfile.Outcome{Address: spec.Address{Kind: spec.Customer, Name: "other"}, Status: "failed"}}); !errors.Is(err, full) {
		t.Fatalf("the disk took it: %v", err)
	}
	close(gate.pass)
	account := wait()
	var done, failed, untried []string
	for _, res := range account.Results {
		switch res.Status {
		case Done:
			done = append(done, res.Message)
		case Failed:
			failed = append(failed, res.Message)
		case NotTried:
			untried = append(untried, res.Message)
		}
	}
	for _, message := range done {
		if !strings.HasPrefix(message, "done, but ") {
			t.Errorf("what the journal does not have is told as %q", message)
		}
	}
	for _, message := range failed {
		if !strings.HasSuffix(message, "nothing was sent") {
			t.Errorf("what was not sent is told as %q", message)
		}
	}
	if len(done) != 2 || len(failed) != 2 || len(untried) != many-4 {
		t.Errorf("done %q, failed %q, not tried %q", done, failed, untried)
	}
	if n := r.server.Ledger().Writes["DealerCustomer.AddCustomer"]; n != 2 {
		t.Errorf("%d writes, want 2", n)
	}
	if r.Session.Lock.Len() != 2 {
		t.Errorf("%d customers are known, want those that were done", r.Session.Lock.Len())
	}
}

// Whatever becomes of calls, their slots come free, and nothing is made twice.
func TestSlotsAfterFaults(t *testing.T) {
	var text strings.Builder
	for i := range 6 {
		fmt.Fprintf(&text, chain, fmt.Sprintf("c%02d", i))
	}
	for seed := range uint64(5) {
		disk := newHeldDisk()
		r := newRigOn(t, disk, text.String())
		r.Parallelism, r.Settle = 3, 5*time.Millisecond
		var faults []sandbox.Fault
		for _, kind := range []sandbox.FaultKind{sandbox.FaultDropBefore, sandbox.FaultDropAfter, sandbox.FaultEXAfter, sandbox.FaultGarbage} {
			faults = append(faults, sandbox.Fault{Operation: "write", Kind: kind, Probability: 0.15, Seed: seed})
		}
		if err := r.server.SetFaults(faults); err != nil {
			t.Fatal(err)
		}
		account := r.start(t)()
		if r.slots.free != 3 || len(r.slots.queue) != 0 {
			t.Errorf("seed %d: %d slots are free at the end", seed, r.slots.free)
		}
		if twice := r.server.Ledger().Duplicates; len(twice) != 0 {
			t.Errorf("seed %d: made twice: %v", seed, twice)
		}
		if n := account.Count(InDoubt); n != len(r.Session.Lock.Pending) {
			t.Errorf("seed %d: %d are in doubt, and %d calls are open", seed, n, len(r.Session.Lock.Pending))
		}
	}
}

// A rate that a run waits for leaves nothing to make ready ahead: it would only grow old.
func TestWorkers(t *testing.T) {
	for _, row := range []struct {
		parallelism, left int
		rate              float64
		want              int
	}{
		{4, 100, 0, 8}, {4, 3, 0, 3}, {0, 100, 0, 1}, {1, 100, 0, 1}, {2, 100, 0, 4}, {4, 100, 5, 8}, {4, 100, 1, 4}, {16, 100, 5, 16}, {16, 100, 10, 25}, {16, 100, 1000, 32}, {4, 0, 0, 1},
	} {
		r := &run{Applier: &Applier{Options: Options{Parallelism: row.parallelism, Rate: row.rate}}, left: row.left}
		if got := r.workers(); got != row.want {
			t.Errorf("%+v: got %d", row, got)
		}
	}
}
