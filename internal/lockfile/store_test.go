package lockfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

func fresh() *Lock { return New("test", "1731", saltKeyring("5a17")) }

func newStore(t testing.TB) *Store {
	return &Store{Path: filepath.Join(t.TempDir(), "mokasync.test.lock")}
}

func begin(t testing.TB, s *Store) *Session {
	t.Helper()
	session, err := s.Begin("mokasync apply .", at(0), fresh)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestSession(t *testing.T) {
	s := newStore(t)
	session := begin(t, s)
	j, err := session.Journal([]Planned{{Address: address("sale/elif-gold"), Action: "create"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sampleRecords()[1:] {
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	// Another reader sees what the journal tells, before the lockfile does.
	if l, err := s.Read(); err != nil || l.Get(address("sale/elif-gold")) == nil {
		t.Fatalf("plan does not see the run under way: %v", err)
	}
	session.Lock.Put(sampleSale())
	if err := session.Save(); err != nil {
		t.Fatal(err)
	}
	session.End()
	if exists(s.JournalPath()) || !exists(s.Path) || exists(s.Path+".tmp") {
		t.Error("after the end the lockfile stands alone")
	}
}

// A run that died leaves its journal; the next one has it in the lockfile before it does anything.
func TestBeginFoldsIn(t *testing.T) {
	s := newStore(t)
	session := begin(t, s)
	j, err := session.Journal(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(sampleRecords()[1:], Record{Intent: &Intent{Op: "DealerSale/AddSale", At: at(9), Entry: Entry{Address: address("sale/open")}}}) {
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	session.End() // as by a death: nothing saved
	next := begin(t, s)
	defer next.End()
	if exists(s.JournalPath()) {
		t.Error("the journal is still there")
	}
	written, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Parse(s.Path, written, "")
	if err != nil {
		t.Fatal(err)
	}
	if l.Get(address("sale/elif-gold")) == nil || l.Open(address("sale/open")) == nil {
		t.Errorf("the lockfile does not say what the journal told:\n%s", written)
	}
}

func TestHeld(t *testing.T) {
	s := newStore(t)
	session := begin(t, s)
	_, err := (&Store{Path: s.Path}).Begin("mokasync apply .", at(5), fresh)
	var held *HeldError
	if !errors.As(err, &held) || held.Holder.PID != os.Getpid() || held.Holder.Command != "mokasync apply ." || !held.Holder.Since.Equal(at(0)) {
		t.Errorf("got %v, want who holds it since when", err)
	}
	session.End()
	again := begin(t, s)
	again.End()
	if !exists(s.Path + ".guard") {
		t.Error("the guard is removed, which would let two hold it")
	}
}

func TestCheck(t *testing.T) {
	s := newStore(t)
	tests := []struct {
		endpoint, dealer string
		good             bool
	}{{"test", "1731", true}, {"test", "", true}, {"live", "1731", false}, {"test", "1732", false}}
	for _, test := range tests {
		err := s.Check(fresh(), test.endpoint, test.dealer)
		var mismatch *MismatchError
		if (err == nil) != test.good || err != nil && !errors.As(err, &mismatch) {
			t.Errorf("%s %s: got %v", test.endpoint, test.dealer, err)
		}
	}
}

func TestBeginRefuses(t *testing.T) {
	t.Run("a folder that is not there", func(t *testing.T) {
		s := &Store{Path: filepath.Join(t.TempDir(), "nowhere", "mokasync.test.lock")}
		if _, err := s.Begin("c", at(0), fresh); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a folder in the lockfile's place", func(t *testing.T) {
		s := newStore(t)
		if err := os.Mkdir(s.Path, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Begin("c", at(0), fresh); err == nil {
			t.Error("no error")
		}
	})
	t.Run("a keyed lockfile without its key", func(t *testing.T) {
		s := newStore(t)
		s.Key = "secret"
		session, err := s.Begin("c", at(0), func() *Lock { return New("test", "1731", NewKeyring("secret")) })
		if err != nil {
			t.Fatal(err)
		}
		session.Lock.Put(sampleSale())
		if err := session.Save(); err != nil {
			t.Fatal(err)
		}
		session.End()
		for _, key := range []string{"", "wrong"} {
			_, err = (&Store{Path: s.Path, Key: key}).Begin("c", at(0), fresh)
			var missing *KeyMissingError
			if !errors.As(err, &missing) || missing.Given != (key != "") {
				t.Errorf("key %q: got %v", key, err)
			}
		}
	})
	t.Run("a journal of another lockfile", func(t *testing.T) {
		s := newStore(t)
		os.WriteFile(s.JournalPath(), []byte(journalText(sampleRecords()...)), 0o644)
		other := New("test", "1731", saltKeyring("0ther"))
		other.Put(sampleCustomer())
		var b bytes.Buffer
		other.WriteTo(&b)
		os.WriteFile(s.Path, b.Bytes(), 0o644)
		if _, err := s.Begin("c", at(0), fresh); err == nil {
			t.Error("its fingerprints would be misread")
		}
	})
}

// A link to the lockfile outlives the rename, and all who come by it share one guard.
func TestLink(t *testing.T) {
	s := newStore(t)
	session := begin(t, s)
	session.Lock.Put(sampleSale())
	session.Save()
	session.End()
	link := filepath.Join(t.TempDir(), "link.lock")
	if err := os.Symlink(s.Path, link); err != nil {
		t.Fatal(err)
	}
	byLink := begin(t, &Store{Path: link})
	byLink.Lock.Put(sampleCustomer())
	if err := byLink.Save(); err != nil {
		t.Fatal(err)
	}
	byLink.End()
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if l, err := s.Read(); err != nil || l.Len() != 2 {
		t.Errorf("the change did not reach the file: %v", err)
	}
}

// powerCut is a disk that loses, when the power goes, all that was not synced: contents since the file's last sync, and names since the folder's.
type powerCut struct {
	cached, durable map[string]*cutFile // names
	budget          int                 // operations until the power goes
	off             bool
}

type cutFile struct {
	disk            *powerCut
	cached, durable []byte
}

var errOff = errors.New("the power is off")

func newPowerCut() *powerCut {
	return &powerCut{cached: map[string]*cutFile{}, durable: map[string]*cutFile{}, budget: 1 << 30}
}

func (d *powerCut) op() error {
	if d.off {
		return errOff
	}
	if d.budget--; d.budget < 0 {
		d.off = true
		return errOff
	}
	return nil
}

// boot brings the power back: what is left is what was durable.
func (d *powerCut) boot() {
	d.off, d.budget = false, 1<<30
	d.cached = map[string]*cutFile{}
	for name, f := range d.durable {
		f.cached = bytes.Clone(f.durable)
		d.cached[name] = f
	}
}

func (d *powerCut) Open(name string) (io.ReadCloser, error) {
	text, err := d.ReadFile(name)
	return io.NopCloser(bytes.NewReader(text)), err
}

func (d *powerCut) ReadFile(name string) ([]byte, error) {
	if err := d.op(); err != nil {
		return nil, err
	}
	f, ok := d.cached[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return bytes.Clone(f.cached), nil
}

func (d *powerCut) Create(name string, _ fs.FileMode) (DiskFile, error) {
	if err := d.op(); err != nil {
		return nil, err
	}
	if f, ok := d.cached[name]; ok {
		f.cached = nil
		return f, nil
	}
	f := &cutFile{disk: d}
	d.cached[name] = f
	return f, nil
}

func (d *powerCut) Rename(from, to string) error {
	if err := d.op(); err != nil {
		return err
	}
	d.cached[to] = d.cached[from]
	delete(d.cached, from)
	return nil
}

func (d *powerCut) Remove(name string) error {
	if err := d.op(); err != nil {
		return err
	}
	if _, ok := d.cached[name]; !ok {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(d.cached, name)
	return nil
}

func (d *powerCut) SyncDir(string) error {
	if err := d.op(); err != nil {
		return err
	}
	d.durable = map[string]*cutFile{}
	for name, f := range d.cached {
		d.durable[name] = f
	}
	return nil
}

func (f *cutFile) Write(p []byte) (int, error) {
	if err := f.disk.op(); err != nil {
		return 0, err
	}
	f.cached = append(f.cached, p...)
	return len(p), nil
}

func (f *cutFile) Sync() error {
	if err := f.disk.op(); err != nil {
		return err
	}
	f.durable = bytes.Clone(f.cached)
	return nil
}

func (f *cutFile) Truncate(size int64) error {
	if err := f.disk.op(); err != nil {
		return err
	}
	f.cached = f.cached[:size]
	return nil
}

func (f *cutFile) Close() error { return nil }

var _ io.Writer = (*cutFile)(nil)

// Whatever operation the power goes at: each outcome that was announced is known afterwards, and each call that was announced is at least open.
func TestPowerCut(t *testing.T) {
	folder := t.TempDir() // for the guard, which is the operating system's
	rapid.Check(t, func(t *rapid.T) {
		disk := newPowerCut()
		store := &Store{Path: filepath.Join(folder, "mokasync.test.lock"), Disk: disk}
		announced, known := map[spec.Address]bool{}, map[spec.Address]int64{}
		disk.budget = rapid.IntRange(0, 80).Draw(t, "budget")
		for run := range rapid.IntRange(1, 3).Draw(t, "runs") {
			work(store, rapid.IntRange(0, 5).Draw(t, "sales"), run, rapid.Bool().Draw(t, "wait"), announced, known)
		}
		disk.boot()
		l, err := store.Read()
		if err != nil {
			t.Fatalf("after the power came back: %v", err)
		}
		if l == nil {
			l = fresh()
		}
		for a, id := range known {
			if e := l.Get(a); e == nil || e.ID != id {
				t.Fatalf("%s was recorded as %d and is lost", a, id)
			}
		}
		for a := range announced {
			if l.Get(a) == nil && l.Open(a) == nil {
				t.Fatalf("a call for %s was announced and is forgotten", a)
			}
		}
	})
}

// work is a run that makes a few sales, until the power goes. It waits for the disk after each outcome, or leaves that to the intents behind it.
func work(store *Store, sales, run int, wait bool, announced map[spec.Address]bool, known map[spec.Address]int64) {
	session, err := store.Begin("c", time.Now(), fresh)
	if err != nil {
		return
	}
	defer session.End()
	j, err := session.Journal(nil)
	if err != nil {
		return
	}
	queued := map[spec.Address]int64{}
	for i := range sales {
		a := spec.Address{Kind: spec.Sale, Name: string(rune('a'+run)) + string(rune('a'+i))}
		if j.Append(Record{Intent: &Intent{Op: "DealerSale/AddSale", At: at(i), Entry: Entry{Address: a}}}) != nil {
			return
		}
		announced[a] = true
		maps.Copy(known, queued) // the intent is behind them
		e := &Entry{Address: a, ID: int64(100*run + i + 1)}
		mark, err := j.Add(Record{Outcome: &Outcome{Address: a, Status: "done", Entry: e}})
		if err != nil || wait && j.Wait(mark) != nil {
			return
		}
		queued[a] = e.ID
		session.Lock.Put(e)
	}
	if j.Flush() == nil {
		maps.Copy(known, queued)
	}
	session.Save()
}

// A lockfile's text is taken for the same only if it is, to its last byte; one that cannot be read is no answer.
func TestSameText(t *testing.T) {
	l := sampleLock()
	same := text(t, l)
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"the same": {same, true}, "one byte less": {same[:len(same)-1], false}, "one byte more": {same + "\n", false}, "nothing": {"", false},
		"another byte": {same[:len(same)-3] + "?" + same[len(same)-2:], false},
	} {
		if got, err := l.is(iotest.OneByteReader(strings.NewReader(row.text))); got != row.want || err != nil {
			t.Errorf("%s: got %t, %v", name, got, err)
		}
	}
	broken := errors.New("the disk is broken")
	for _, from := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader(same[:20]), iotest.ErrReader(broken)), io.MultiReader(strings.NewReader(same), iotest.ErrReader(broken))} {
		if _, err := l.is(from); !errors.Is(err, broken) {
			t.Errorf("got %v, want the disk's error", err)
		}
	}
}

// A journal that cannot be read to its end is no shorter one.
func TestJournalCannotBeRead(t *testing.T) {
	broken := errors.New("the disk is broken")
	whole := journalText(sampleRecords()...)
	for end := range len(whole) {
		err := scanLog("j", io.MultiReader(strings.NewReader(whole[:end]), iotest.ErrReader(broken)), func(Header) error { return nil }, func(Record) {})
		if !errors.Is(err, broken) {
			t.Fatalf("after %d bytes: got %v, want the disk's error", end, err)
		}
	}
}
