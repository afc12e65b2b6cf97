package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// gated gives a journal whose file holds every further sync at a gate.
func gated(t *testing.T) (*Journal, *slowFile) {
	t.Helper()
	f := &slowFile{}
	j, err := createJournal(oneFile{f: f}, "j", sampleLock().Header)
	if err != nil {
		t.Fatal(err)
	}
	f.gate = make(chan struct{})
	return j, f
}

func outcomeOf(i int) Record {
	return Record{Outcome: &Outcome{Address: address(fmt.Sprintf("sale/s%d", i)), Status: "failed"}}
}

// text gives what was written so far.
func (f *slowFile) text() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bytes.Clone(f.data)
}

// While the disk is busy records are taken all the same, and nobody waits but who asks to; then they share one sync, in the order in which they were added.
func TestAddDoesNotWait(t *testing.T) {
	j, f := gated(t)
	before := f.syncs.Load()
	const n = 50
	var last Mark
	for i := range n { // this goroutine alone opens the gate: were it to wait here, it would wait for ever
		mark, err := j.Add(outcomeOf(i))
		if err != nil || mark <= last {
			t.Fatalf("record %d: mark %d after %d, %v", i, mark, last, err)
		}
		last = mark
	}
	if j.Durable() >= last {
		t.Error("what was not synced is said to be durable")
	}
	close(f.gate)
	if err := j.Wait(last); err != nil || j.Durable() != last {
		t.Fatalf("durable up to %d, want %d: %v", j.Durable(), last, err)
	}
	if got := f.syncs.Load() - before; got > 2 {
		t.Errorf("%d syncs for %d records, want 2 at most", got, n)
	}
	log, err := ParseLog("j", f.data)
	if err != nil || len(log.Records) != n {
		t.Fatalf("the journal is not whole: %v", err)
	}
	for i, r := range log.Records {
		if want := fmt.Sprintf("sale/s%d", i); r.Outcome.Address.String() != want {
			t.Fatalf("record %d is of %s, want %s", i, r.Outcome.Address, want)
		}
	}
}

// Whoever waits beside other things gets a token after each sync, and none for nothing.
func TestCame(t *testing.T) {
	j, f := gated(t)
	<-j.Came() // of the beginning
	mark, _ := j.Add(outcomeOf(1))
	select {
	case <-j.Came():
		t.Fatal("a token, and the disk is still busy")
	default:
	}
	f.gate <- struct{}{}
	<-j.Came()
	if j.Durable() < mark {
		t.Error("a token came before the sync")
	}
}

// Closing waits for what was added, and for nothing else; after it the journal takes nothing.
func TestCloseIsLast(t *testing.T) {
	j, f := gated(t)
	for i := range 10 {
		if _, err := j.Add(outcomeOf(i)); err != nil {
			t.Fatal(err)
		}
	}
	close(f.gate)
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if log, err := ParseLog("j", f.data); err != nil || len(log.Records) != 10 {
		t.Errorf("the journal is not whole: %v", err)
	}
	if _, err := j.Add(outcomeOf(11)); err == nil {
		t.Error("a closed journal takes a record")
	}
}

// What waits for the disk is bounded: who adds more waits for it.
func TestBoundedQueue(t *testing.T) {
	j, f := gated(t)
	long := Record{Outcome: &Outcome{Address: address("sale/s"), Status: "failed", Note: string(bytes.Repeat([]byte("n"), mostQueued/4))}}
	const n = 40
	added := make(chan error)
	go func() {
		for range n {
			if _, err := j.Add(long); err != nil {
				added <- err
				return
			}
		}
		added <- nil
	}()
	for f.syncs.Load() < n/10 { // each sync that is let through makes room for a few more
		j.mu.Lock()
		queued := len(j.buf)
		j.mu.Unlock()
		if queued > 2*mostQueued {
			t.Fatalf("%d bytes are queued, want %d at most", queued, 2*mostQueued)
		}
		select {
		case f.gate <- struct{}{}:
		default:
			runtime.Gosched()
		}
	}
	close(f.gate)
	if err := <-added; err != nil {
		t.Fatal(err)
	}
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
}

// When the disk fails, everybody who waits hears it, what was queued is not on disk, and what is refused is not either.
func TestDiskFailsWhileQueued(t *testing.T) {
	j, f := gated(t)
	first, _ := j.Add(outcomeOf(0))
	f.gate <- struct{}{}
	if err := j.Wait(first); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	f.mu.Lock()
	f.fail = full
	f.mu.Unlock()
	second, err := j.Add(outcomeOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Wait(second); !errors.Is(err, full) {
		t.Errorf("got %v, want the disk's error", err)
	}
	if err := j.Wait(first); err != nil {
		t.Errorf("what was durable is not any more: %v", err)
	}
	if _, err := j.Add(outcomeOf(2)); !errors.Is(err, full) {
		t.Errorf("got %v, want the disk's error", err)
	}
	if err := j.close(); !errors.Is(err, full) {
		t.Errorf("got %v, want the disk's error", err)
	}
	if log, err := ParseLog("j", f.text()); err != nil || len(log.Records) != 1 {
		t.Errorf("what was durable is not whole: %v", err)
	}
}

// Whatever is added and waited for in whatever order, and wherever the power goes: if a record is durable, so is all that was added before it.
func TestPrefixProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := newPowerCut()
		j, err := createJournal(disk, "j", sampleLock().Header)
		if err != nil {
			t.Fatal(err)
		}
		disk.budget = rapid.IntRange(0, 30).Draw(t, "budget")
		promised := 0 // so many records are on disk
		var marks []Mark
		for i := range rapid.IntRange(0, 20).Draw(t, "records") {
			mark, err := j.Add(outcomeOf(i))
			if err != nil {
				break
			}
			marks = append(marks, mark)
			if rapid.Bool().Draw(t, "wait") {
				which := rapid.IntRange(0, len(marks)-1).Draw(t, "for")
				if j.Wait(marks[which]) == nil {
					promised = max(promised, which+1)
				}
			}
		}
		j.close() // when the writer is done, this goroutine alone has the disk
		disk.boot()
		text, err := disk.ReadFile("j")
		if err != nil {
			t.Fatal(err)
		}
		log, err := ParseLog("j", text)
		if err != nil || log == nil {
			t.Fatalf("the journal cannot be read: %v", err)
		}
		if len(log.Records) < promised {
			t.Fatalf("%d records are on disk, %d were promised", len(log.Records), promised)
		}
		for i, r := range log.Records {
			if r.Outcome.Address != (spec.Address{Kind: spec.Sale, Name: fmt.Sprintf("s%d", i)}) {
				t.Fatalf("record %d is of %s", i, r.Outcome.Address)
			}
		}
	})
}

// A run that died owes the same proofs by its slim records as by the whole ones. It plans one change an address: what is deleted (b) was not made by it.
func TestSlimRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole, slim Log
		for i := range rapid.IntRange(0, 20).Draw(t, "records") {
			e := &Entry{Address: spec.Address{Kind: rapid.SampledFrom([]spec.Kind{spec.Sale, spec.Customer, spec.PaymentStep}).Draw(t, "kind"), Name: "a"}, Code: "c",
				DependsOn: []spec.Address{address("customer/elif")}}
			var r Record
			what := rapid.IntRange(0, 5).Draw(t, "what")
			if deletes := what == 1 || what == 4; deletes {
				e.Address.Name = "b"
			} else {
				e.Address.Name = "a"
			}
			switch what {
			case 0:
				r.Intent = &Intent{Op: "add", At: at(i), Entry: *e}
			case 1:
				e.ID = int64(i + 1)
				r.Intent = &Intent{Op: "delete", At: at(i), Entry: *e, Delete: true}
			case 2:
				r.Intent = &Intent{Op: "update", At: at(i), Entry: *e, Previous: []Locked{}}
			case 3:
				e.ID = int64(i + 1)
				r.Outcome = &Outcome{Address: e.Address, Status: "done", Entry: e}
			case 4:
				r.Outcome = &Outcome{Address: e.Address, Status: "done", Deleted: true}
			case 5:
				r.Outcome = &Outcome{Address: e.Address, Status: NotSent}
			}
			whole.Records, slim.Records = append(whole.Records, r), append(slim.Records, r.slim())
		}
		var texts [2]bytes.Buffer
		for i, log := range []*Log{&whole, &slim} {
			l := New("test", "1731", saltKeyring("5a17"))
			l.Fold(&whole)
			l.oweProofs(log)
			l.WriteTo(&texts[i]) // a buffer takes everything
		}
		if texts[0].String() != texts[1].String() {
			t.Fatalf("by the whole records:\n%s\nby the slim ones:\n%s", &texts[0], &texts[1])
		}
	})
}

// An intent that was taken back leaves nothing open, and no proof is owed of what was never sent. It closes the intent before it, not one that follows.
func TestTakenBack(t *testing.T) {
	at := address("sale/s")
	entry := &Entry{Address: at, ID: 7, Code: "s"}
	create := Record{Intent: &Intent{Op: "DealerSale/AddSale", Entry: Entry{Address: at, Code: "s"}}}
	remove := Record{Intent: &Intent{Op: "DealerSale/DeleteSale", Entry: *entry, Delete: true}}
	back := Record{Outcome: &Outcome{Address: at, Status: NotSent}}
	done := Record{Outcome: &Outcome{Address: at, Status: "done", Entry: entry}}
	gone := Record{Outcome: &Outcome{Address: at, Status: "done", Deleted: true}}
	for _, row := range []struct {
		name    string
		records []Record
		open    bool // an intent, or a proof that is owed
		known   bool
	}{
		{"taken back", []Record{create, back}, false, false},
		{"announced again", []Record{create, back, create}, true, false},
		{"found there when it was made ready anew", []Record{create, back, done}, false, true},
		{"sent when it was made ready anew", []Record{create, back, create, done}, true, true},
		{"a delete taken back", []Record{done, remove, back}, false, true},
		{"gone when its delete was made ready anew", []Record{done, remove, back, gone}, false, false},
		{"its delete sent", []Record{done, remove, back, remove, gone}, true, false},
	} {
		l := New("sandbox", "sandbox", NewSalt())
		log := &Log{Records: row.records}
		l.Fold(log)
		l.oweProofs(log)
		if (len(l.Pending) > 0) != row.open || (l.Get(at) != nil) != row.known {
			t.Errorf("%s: open %v, known %v", row.name, l.Pending, l.Get(at))
		}
	}
}
