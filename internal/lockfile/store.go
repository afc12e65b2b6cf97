package lockfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/mokasync/mokasync/internal/crashpoint"
	"github.com/mokasync/mokasync/internal/spec"
)

// Store is the place of one lockfile and of the files beside it.
type Store struct {
	Path string // of the lockfile
	Key  string // MOKASYNC_KEY, "" without one
	Disk Disk   // OS{} if nil
	// Endpoint and Dealer are those that the lockfile must be of. An empty Dealer is not judged.
	Endpoint, Dealer string
	// Machine, if set, is a folder in which the runs of one machine for this endpoint and dealer keep out of each other's way, whatever lockfile they have.
	Machine string
	// Died, if set, writes the report of a run that died, from its journal; it is kept before the journal goes.
	Died func(io.Writer, *Log) error
}

// MismatchError says that a lockfile is that of another account.
type MismatchError struct{ Path, What, Theirs, Ours string }

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s belongs to the %s %q, not to %q: name the right lockfile with --lockfile, or the right %s", e.Path, e.What, e.Theirs, e.Ours, e.What)
}

// KeyMissingError says that a lockfile was made with MOKASYNC_KEY, and that the key is missing or another one.
type KeyMissingError struct {
	Path  string
	Given bool // a key was given, but not this one
}

func (e *KeyMissingError) Error() string {
	if e.Given {
		return fmt.Sprintf("%s was made with another MOKASYNC_KEY than the one that is set: set the right one", e.Path)
	}
	return fmt.Sprintf("%s was made with MOKASYNC_KEY, which is not set: set it", e.Path)
}

// Check refuses a lock of another endpoint or dealer. An empty dealer is not judged.
func (s *Store) Check(l *Lock, endpoint, dealer string) error {
	return s.checkHeader(s.Path, l.Header, endpoint, dealer)
}

func (s *Store) checkHeader(path string, h Header, endpoint, dealer string) error {
	if h.Endpoint != endpoint {
		return &MismatchError{path, "endpoint", h.Endpoint, endpoint}
	}
	if dealer != "" && h.Dealer != dealer {
		return &MismatchError{path, "dealer", h.Dealer, dealer}
	}
	return nil
}

func (s *Store) disk() Disk {
	if s.Disk == nil {
		return OS{}
	}
	return s.Disk
}

// JournalPath names the file that records a run under way.
func (s *Store) JournalPath() string { return s.Path + ".journal" }

// ReportPath names the file that keeps the last account.
func (s *Store) ReportPath() string { return s.Path + ".report" }

// Read reads what is known, an unfinished run's journal folded in, in memory only. Nothing there: nil, nil.
func (s *Store) Read() (*Lock, error) {
	l, _, err := s.read(false)
	return l, err
}

// ReadLog reads the journal of an unfinished run. Nothing there: nil, nil.
func (s *Store) ReadLog() (*Log, error) {
	var log *Log
	begin := func(h Header) error {
		log = &Log{Header: h}
		return nil
	}
	err := s.scanJournal(begin, func(r Record) { log.Records = append(log.Records, r.slim()) })
	if err != nil {
		return nil, err
	}
	return log, nil
}

// scanJournal reads the journal as scanLog does; nothing where there is none.
func (s *Store) scanJournal(begin func(Header) error, each func(Record)) error {
	f, err := s.open(s.JournalPath())
	if f == nil || err != nil {
		return err
	}
	defer f.Close()
	return scanLog(s.JournalPath(), f, begin, each)
}

// read gives what is known, and the journal that is folded into it, nil if there is none. Of a long one the records take far more memory than what they leave behind: it has
// them only if they are to be kept, and then slim.
func (s *Store) read(keep bool) (l *Lock, log *Log, err error) {
	if err := s.followLink(); err != nil {
		return nil, nil, err
	}
	text, err := s.readFile(s.Path)
	if err != nil {
		return nil, nil, err
	}
	if text != nil {
		// Nobody writes to these bytes any more: they become the string that the entries' texts are parts of.
		if l, err = parse(s.Path, unsafe.String(unsafe.SliceData(text), len(text)), s.Key); err != nil {
			return nil, nil, err
		}
	}
	begin := func(h Header) error {
		log = &Log{Header: h}
		if l == nil {
			l = New(h.Endpoint, h.Dealer, h.keyring(s.Key))
			l.Header = h
		}
		return s.continues(h, l.Header)
	}
	err = s.scanJournal(begin, func(r Record) {
		l.fold(r)
		if keep {
			log.Records = append(log.Records, r.slim())
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return l, log, nil
}

// continues refuses a journal that is not one of a lockfile.
func (s *Store) continues(journal, lockfile Header) error {
	if err := s.checkHeader(s.JournalPath(), journal, lockfile.Endpoint, lockfile.Dealer); err != nil {
		return err
	}
	if journal.Salt != lockfile.Salt || journal.KeyID != lockfile.KeyID {
		return fmt.Errorf("%s belongs to another %s than the one that is there (its salt or key differs): restore that lockfile from git, so that what the journal tells is not lost", s.JournalPath(), s.Path)
	}
	return nil
}

// open gives nil for a file that is not there.
func (s *Store) open(name string) (io.ReadCloser, error) {
	f, err := s.disk().Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	return f, nil
}

// readFile gives nil for a file that is not there.
func (s *Store) readFile(name string) ([]byte, error) {
	text, err := s.disk().ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	case text == nil:
		return []byte{}, nil
	}
	return text, nil
}

// Session is the right to change a lockfile. It holds the guard until End.
type Session struct {
	// Lock is what is known; the journal's remains of an earlier run are folded in and stand in the lockfile already.
	Lock *Lock

	owed    map[spec.Address]bool
	store   *Store
	guard   *guard
	journal *Journal
}

// Begin takes the guard, folds an unfinished run's journal into the lockfile, durably, and gives the right to change it. fresh makes the
// Lock where there is none yet. The error is a *HeldError if another run is at work.
func (s *Store) Begin(command string, now time.Time, fresh func() *Lock) (*Session, error) {
	host, _ := os.Hostname()               // only shown
	if err := s.followLink(); err != nil { // before the guard: it lies beside the real file
		return nil, err
	}
	g, err := s.takeGuards(Holder{PID: os.Getpid(), Host: host, Since: now.UTC().Truncate(time.Second), Command: command})
	if err != nil {
		return nil, err
	}
	l, log, err := s.read(true)
	if err == nil && l == nil {
		l = fresh()
	}
	if err == nil && s.Endpoint != "" {
		err = s.Check(l, s.Endpoint, s.Dealer)
	}
	if err == nil && l.keys.Blind() {
		err = &KeyMissingError{s.Path, s.Key != ""}
	}
	if err == nil && log != nil && s.Died != nil && len(log.Records) > 0 {
		err = s.writeReport(func(w io.Writer) error { return s.Died(w, log) })
	}
	var owed map[spec.Address]bool
	if err == nil && log != nil {
		owed = l.oweProofs(log)
		err = s.save(l)
	}
	if err != nil {
		g.release()
		return nil, err
	}
	return &Session{Lock: l, owed: owed, store: s, guard: g}, nil
}

// Owes reports whether the call that is open at an address only owes a proof: the run whose journal was found was told that it took effect, and died before it could see that what it made
// stands once, or that what it deleted is gone. Whatever else is open a person was told of as in doubt, or nobody was told of.
func (s *Session) Owes(a spec.Address) bool { return s.owed[a] }

// followLink makes the store work on the file that a symbolic link names, so that the link outlives the rename.
func (s *Store) followLink() error {
	real, err := filepath.EvalSymlinks(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", s.Path, cause(err))
	}
	s.Path = real
	return nil
}

// has reports whether the lockfile's text is that of l. Of nothing there is no lockfile.
func (s *Store) has(l *Lock) (bool, error) {
	f, err := s.open(s.Path)
	if f == nil || err != nil {
		return l.Len() == 0 && len(l.Pending) == 0, err
	}
	defer f.Close()
	same, err := l.is(f)
	if err != nil {
		return false, fmt.Errorf("cannot read %s: %w", s.Path, cause(err))
	}
	return same, nil
}

// save writes the lockfile if its text changes, and removes the journal, whose tale is then told.
func (s *Store) save(l *Lock) error {
	same, err := s.has(l)
	if err != nil {
		return err
	}
	if !same {
		if err := replaceFile(s.disk(), s.Path, func(w io.Writer) error { _, err := l.WriteTo(w); return err }); err != nil {
			return fmt.Errorf("cannot write %s: %w", s.Path, cause(err))
		}
	}
	crashpoint.At("journal-remove")
	if err := s.disk().Remove(s.JournalPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove %s: %w", s.JournalPath(), cause(err))
	}
	crashpoint.At("journal-removed")
	return nil
}

// Journal gives the run's journal, begun at the first call; planned is its first record.
func (s *Session) Journal(planned []Planned) (*Journal, error) {
	if s.journal == nil {
		j, err := createJournal(s.store.disk(), s.store.JournalPath(), s.Lock.Header, Record{Planned: planned})
		if err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", s.store.JournalPath(), cause(err))
		}
		s.journal = j
	}
	return s.journal, nil
}

// Save writes the lockfile and ends the journal. If it fails, the journal stays and tells the next run.
func (s *Session) Save() error {
	if s.journal != nil {
		s.journal.close() // what it could not take the lockfile takes
		s.journal = nil
	}
	return s.store.save(s.Lock)
}

// WriteReport keeps the account of the run, which write writes.
func (s *Session) WriteReport(write func(io.Writer) error) error { return s.store.writeReport(write) }

func (s *Store) writeReport(write func(io.Writer) error) error {
	err := replaceFile(s.disk(), s.ReportPath(), write)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", s.ReportPath(), cause(err))
	}
	return nil
}

// ReadReport gives the account of the last run that ended; nil if there is none.
func (s *Store) ReadReport() ([]byte, error) {
	if err := s.followLink(); err != nil {
		return nil, err
	}
	return s.readFile(s.ReportPath())
}

// End gives the guard back. What was not saved stays in the journal.
func (s *Session) End() {
	if s.journal != nil {
		s.journal.close()
	}
	s.guard.release()
}
