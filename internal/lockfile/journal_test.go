package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// journalText writes records as a journal has them.
func journalText(records ...Record) string {
	b := appendHeader(nil, "journal", sampleLock().Header)
	for _, r := range records {
		b = append(r.append(b), '\n')
	}
	return string(b)
}

func sampleRecords() []Record {
	e := sampleSale()
	return []Record{
		{Planned: []Planned{{Address: e.Address, Action: "create"}}},
		{Intent: sampleIntent()},
		{Outcome: &Outcome{Address: e.Address, Status: "done", Entry: e}},
	}
}

func TestLogRoundTrip(t *testing.T) {
	in := sampleIntent()
	in.Previous, in.Answered, in.GaveUp = kept(spec.Sale, "amount", "99.00").List(), true, at(31)
	records := append(sampleRecords(), Record{Intent: in},
		Record{Outcome: &Outcome{Address: in.Entry.Address, Status: InDoubt, GaveUp: at(40), Answered: true, Note: "n", Code: "EX"}},
		Record{Outcome: &Outcome{Address: address("card/x"), Status: "done", Drop: true}})
	log, err := ParseLog("j", []byte(journalText(records...)))
	if err != nil {
		t.Fatal(err)
	}
	if again := journalText(log.Records...); again != journalText(records...) {
		t.Errorf("read and written again:\n%s", cmp.Diff(journalText(records...), again))
	}
}

func TestTorn(t *testing.T) {
	whole := journalText(sampleRecords()...)
	lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
	// Cut anywhere in the last record, it is dropped and the others are kept.
	start := len(whole) - len(lines[3]) - 1
	for end := start; end < len(whole); end++ {
		log, err := ParseLog("j", []byte(whole[:end]))
		if err != nil || len(log.Records) != 2 {
			t.Fatalf("cut at %d: %v", end, err)
		}
	}
	// A header that was never written whole has recorded nothing.
	if log, err := ParseLog("j", []byte(lines[0][:20])); log != nil || err != nil {
		t.Errorf("torn header: got %v, %v", log, err)
	}
	// Damage before the last record is refused, with its line.
	for line := 2; line <= 3; line++ {
		damaged := append([]string{}, lines...)
		damaged[line-1] = "{\x00\x00" + damaged[line-1][3:]
		_, err := ParseLog("j", []byte(strings.Join(damaged, "")+"\n"))
		var damage *DamageError
		if !errors.As(err, &damage) || damage.Line != line {
			t.Errorf("damage in line %d: got %v", line, err)
		}
	}
}

func TestFold(t *testing.T) {
	e := sampleSale()
	other := *e
	other.ID = 7
	intent := Record{Intent: sampleIntent()}
	tests := []struct {
		name    string
		records []Record
		id      int64 // of the sale's entry, 0 for none
		open    int
	}{
		{"done", []Record{intent, {Outcome: &Outcome{Address: e.Address, Status: "done", Entry: e}}}, 1003, 0},
		{"died after the intent", []Record{intent}, 0, 1},
		{"refused", []Record{intent, {Outcome: &Outcome{Address: e.Address, Status: "failed"}}}, 0, 0},
		{"in doubt", []Record{intent, {Outcome: &Outcome{Address: e.Address, Status: InDoubt, GaveUp: at(5)}}}, 0, 1},
		{"sent again and done", []Record{intent, intent, {Outcome: &Outcome{Address: e.Address, Status: "done", Entry: e}}}, 1003, 0},
		{"adopted without a call", []Record{{Outcome: &Outcome{Address: e.Address, Status: "done", Entry: &other}}}, 7, 0},
		{"forgotten", []Record{{Outcome: &Outcome{Address: e.Address, Status: "done", Entry: e}}, {Outcome: &Outcome{Address: e.Address, Status: "done", Drop: true}}}, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := New("test", "1731", saltKeyring("5a17"))
			log := &Log{Header: l.Header, Records: test.records}
			l.Fold(log)
			once := text(t, l)
			var id int64
			if got := l.Get(e.Address); got != nil {
				id = got.ID
			}
			if id != test.id || len(l.Pending) != test.open {
				t.Errorf("got id %d and %d open, want %d and %d", id, len(l.Pending), test.id, test.open)
			}
			l.Fold(log)
			if twice := text(t, l); twice != once {
				t.Errorf("folded twice it is another:\n%s", cmp.Diff(once, twice))
			}
		})
	}
}

// The settle time counts from when waiting ended; of a process that died, from the latest moment at which it could have ended.
func TestGivenUpBy(t *testing.T) {
	now := at(100)
	tests := []struct {
		name string
		in   Intent
		want time.Time
	}{
		{"gave up", Intent{At: at(0), Deadline: at(30), GaveUp: at(12)}, at(12)},
		{"died", Intent{At: at(0), Deadline: at(30)}, at(30)},
		{"died just now", Intent{At: at(90), Deadline: at(120)}, now},
		{"another machine's clock is ahead", Intent{At: at(500), Deadline: at(530), GaveUp: at(520)}, now},
		{"nothing known", Intent{}, now},
	}
	for _, test := range tests {
		if got := test.in.GivenUpBy(now); !got.Equal(test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// slowFile is a file whose sync takes a turn, and counts.
type slowFile struct {
	mu    sync.Mutex
	data  []byte
	syncs atomic.Int32
	gate  chan struct{}
	fail  error
}

func (f *slowFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		f.data = append(f.data, p[:len(p)/2]...)
		return len(p) / 2, f.fail
	}
	f.data = append(f.data, p...)
	return len(p), nil
}
func (f *slowFile) Sync() error {
	if f.gate != nil {
		<-f.gate
	}
	f.syncs.Add(1)
	return nil
}
func (f *slowFile) Truncate(size int64) error { f.data = f.data[:size]; return nil }
func (f *slowFile) Close() error              { return nil }

type oneFile struct {
	OS
	f *slowFile
}

func (d oneFile) Create(string, fs.FileMode) (DiskFile, error) { return d.f, nil }
func (d oneFile) SyncDir(string) error                         { return nil }

// Appends that come while the disk is busy share one sync, and none returns before its records are down.
func TestGroupCommit(t *testing.T) {
	f := &slowFile{}
	j, err := createJournal(oneFile{f: f}, "j", sampleLock().Header)
	if err != nil {
		t.Fatal(err)
	}
	f.gate = make(chan struct{})
	before := f.syncs.Load()
	const n = 20
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			o := &Outcome{Address: address(fmt.Sprintf("sale/s%d", i)), Status: "failed"}
			if err := j.Append(Record{Outcome: o}); err != nil {
				t.Error(err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if !strings.Contains(string(f.data), fmt.Sprintf("sale/s%d\"", i)) {
				t.Errorf("append %d returned before it was written", i)
			}
		})
	}
	// All have come while the first one's sync waits at the gate.
	for queued := Mark(0); queued <= n; runtime.Gosched() {
		j.mu.Lock()
		queued = j.queued
		j.mu.Unlock()
	}
	close(f.gate)
	done.Wait()
	if got := f.syncs.Load() - before; got > 2 {
		t.Errorf("%d syncs for %d appends at once, want 2 at most", got, n)
	}
	log, err := ParseLog("j", f.data)
	if err != nil || len(log.Records) != n {
		t.Errorf("the journal is not whole: %v, %d records", err, len(log.Records))
	}
}

// After a failed write the journal takes nothing more, and what was there before can be read.
func TestFullDisk(t *testing.T) {
	f := &slowFile{}
	j, err := createJournal(oneFile{f: f}, "j", sampleLock().Header, sampleRecords()...)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	f.fail = full
	for range 2 {
		if err := j.Append(Record{Intent: sampleIntent()}); !errors.Is(err, full) {
			t.Errorf("got %v, want the disk's error", err)
		}
		f.fail = nil // the disk recovers, the journal does not
	}
	log, err := ParseLog("j", f.data)
	if err != nil || len(log.Records) != 3 {
		t.Errorf("what was durable is not whole: %v", err)
	}
}

func FuzzParseLog(f *testing.F) {
	f.Add([]byte(journalText(sampleRecords()...)))
	f.Fuzz(func(t *testing.T, in []byte) {
		log, err := ParseLog("j", in)
		if err != nil || log == nil {
			return
		}
		l := New(log.Header.Endpoint, log.Header.Dealer, saltKeyring("5a17"))
		l.Fold(log)
		once := text(t, l)
		l.Fold(log)
		if twice := text(t, l); once != twice {
			t.Fatalf("folded twice it is another:\n%s\n%s", once, twice)
		}
		if _, err := Parse(filepath.Base("f"), []byte(once), ""); err != nil {
			t.Fatalf("what was folded cannot be read: %v\n%s", err, once)
		}
	})
}

// Whatever the order of records, and wherever the process dies, folding what is left equals folding it twice, and no open call is lost.
func TestFoldProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []Record
		open := map[spec.Address]bool{}
		for range rapid.IntRange(0, 20).Draw(t, "records") {
			e := &Entry{Address: spec.Address{Kind: spec.Sale, Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")}, ID: int64(rapid.IntRange(1, 9).Draw(t, "id"))}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				records, open[e.Address] = append(records, Record{Intent: &Intent{Op: "o", At: at(len(records)), Entry: *e}}), true
			case 1:
				records, open[e.Address] = append(records, Record{Outcome: &Outcome{Address: e.Address, Status: "done", Entry: e}}), false
			case 2:
				records, open[e.Address] = append(records, Record{Outcome: &Outcome{Address: e.Address, Status: "failed"}}), false
			case 3:
				records = append(records, Record{Outcome: &Outcome{Address: e.Address, Status: InDoubt, GaveUp: at(50)}})
			}
		}
		l := New("test", "1731", saltKeyring("5a17"))
		log, err := ParseLog("j", []byte(journalText(records...)))
		if err != nil {
			t.Fatal(err)
		}
		l.Fold(log)
		for a, is := range open {
			if (l.Open(a) != nil) != is {
				t.Fatalf("%s: open is %v, want %v", a, l.Open(a) != nil, is)
			}
		}
	})
}
