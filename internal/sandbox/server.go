package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what sandbox [New] makes.
type Options struct {
	// Data is the path of the data file, made if it is missing (mode 0600); ""
	// keeps everything in memory. Only one process can have it open; the lock
	// is on Data + ".guard".
	Data string
	// LockWait is how long to wait for another process that has Data open;
	// 0 is three seconds, enough for a short run to end.
	LockWait time.Duration
	// Dealers are the accounts that may call; at least one. Each sees its own
	// data only.
	Dealers []Dealer
	// Clock is the time that the sandbox starts from; nil is the system's.
	Clock func() time.Time
	// Switches are positions other than the defaults, see [ParseSwitch].
	Switches []Setting
	// Faults are the rules in force from the start.
	Faults []Fault
	// Control serves the control surface under /_sandbox/. An in-process
	// sandbox leaves it off.
	Control bool
}

// Server is a sandbox. It is an [http.Handler], safe for concurrent use.
type Server struct {
	dealers map[string]holder
	control http.Handler // nil when it is not served
	clock   *clock
	faults  *faultRules
	start   Options // switches and faults to go back to
	// elapsed measures hidden writes; the sandbox's own clock may stand still.
	elapsed func() time.Time

	mu       sync.Mutex
	sw       positions
	accounts map[string]*account
	next     ids
	salt     []byte
	writes   map[string]int64 // committed, since the data began
	calls    map[string]int64 // received, since the start
	store    *store           // nil without a data file
}

// New makes a sandbox and opens its data file. The error is [ErrInUse] when
// another process has the file, a [*DamagedError] when it cannot be read.
// [Server.Close] gives the file back.
func New(o Options) (*Server, error) {
	dealers, err := indexDealers(o.Dealers)
	if err != nil {
		return nil, err
	}
	sw, err := defaultPositions().with(o.Switches)
	if err != nil {
		return nil, err
	}
	s := &Server{
		dealers: dealers, clock: newClock(o.Clock), faults: &faultRules{}, start: o,
		elapsed: time.Now, sw: sw, calls: map[string]int64{},
	}
	if err := s.faults.set(o.Faults); err != nil {
		return nil, err
	}
	if o.Control {
		s.control = s.controlSurface()
	}
	s.clearData()
	if o.Data == "" {
		return s, nil
	}
	wait := o.LockWait
	if wait == 0 {
		wait = 3 * time.Second
	}
	if s.store, err = openStore(o.Data, wait); err != nil {
		return nil, err
	}
	if err := s.restore(); err != nil {
		s.store.close()
		return nil, err
	}
	return s, nil
}

// clearData makes the data those of a new sandbox.
func (s *Server) clearData() {
	s.accounts, s.next, s.writes = map[string]*account{}, firstIDs(), map[string]int64{}
	s.salt = make([]byte, 16)
	rand.Read(s.salt) // never fails
}

// restore reads the data file, and rewrites it when it is new or mostly dead.
func (s *Server) restore() error {
	old, err := s.store.load(s.begin, s.replay)
	if err != nil {
		return err
	}
	if !old {
		return s.rewrite()
	}
	if s.mostlyDead() {
		return s.rewrite()
	}
	return nil
}

// begin takes over what a data file's header says.
func (s *Server) begin(h *header) (err error) {
	if s.salt, err = hex.DecodeString(h.Salt); err != nil {
		return err
	}
	s.next = h.Next.orFirst()
	maps.Copy(s.writes, h.Writes)
	return nil
}

// replay brings a line of a data file into memory.
func (s *Server) replay(r *record) {
	s.next.raise(r)
	a := s.account(r.Dealer)
	a.truth.apply(r)
	if at, err := time.Parse(time.RFC3339, r.At); err == nil {
		a.charged = at
	}
	if r.Method != "" {
		s.writes[r.Method]++
	}
}

// mostlyDead reports whether most lines of the file are of rows that have been
// replaced or removed.
func (s *Server) mostlyDead() bool {
	live := 0
	for _, a := range s.accounts {
		t := a.truth
		live += t.customers.len() + t.cards.len() + t.products.len() + t.schedules.len() + t.sales.len() + t.steps.len()
	}
	return s.store.lines > 100+2*live
}

// rewrite makes the file hold what is in memory and no more.
func (s *Server) rewrite() error {
	h := &header{Format: dataFormat, Salt: hex.EncodeToString(s.salt), Next: s.next, Writes: s.writes}
	return s.store.rewrite(h, func(emit func(*record) error) error {
		for code, a := range s.accounts {
			if err := a.truth.dump(code, emit); err != nil {
				return err
			}
			if a.charged.IsZero() {
				continue
			}
			if err := emit(&record{Dealer: code, At: a.charged.Format(time.RFC3339)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) account(dealer string) *account {
	a := s.accounts[dealer]
	if a == nil {
		a = &account{truth: newState()}
		s.accounts[dealer] = a
	}
	return a
}

// Close closes the data file and lets others open it. Requests that come later
// are answered with EX when they would write.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil || s.store.broken == errClosed {
		return nil
	}
	s.store.broken = errClosed
	return s.store.close()
}

// Reset erases the data of every dealer and, with settings, also takes faults,
// switches and clock back to how they were at the start.
func (s *Server) Reset(settings bool) error {
	if settings {
		s.clock.reset()
		if err := s.faults.set(s.start.Faults); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if settings {
		s.sw, _ = defaultPositions().with(s.start.Switches) // good since New
	}
	if s.store != nil && s.store.broken == errClosed {
		return errClosed
	}
	s.clearData()
	s.calls = map[string]int64{}
	if s.store == nil {
		return nil
	}
	err := s.rewrite()
	if err != nil {
		s.store.broken = err // the file is not what is in memory: write no more to it
	}
	return err
}

// ServeHTTP answers one request. A service's path is answered exactly as it is
// spelled in the documentation, and to POST alone (moka-api 1.2).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.clock.now().UTC().Format(http.TimeFormat))
	if s.control != nil && strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	op := operations[r.URL.Path]
	switch {
	case op == nil:
		http.Error(w, "The sandbox has no such service: "+pathForError(r), http.StatusNotFound)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Moka's services take POST only", http.StatusMethodNotAllowed)
	default:
		s.serve(w, r, op)
	}
}

// pathForError quotes the path, cut short.
func pathForError(r *http.Request) string {
	path := r.URL.Path
	if len(path) > 100 {
		path = path[:100]
	}
	return fmt.Sprintf("%q", path)
}

// answer authenticates a request, runs its operation and commits what it
// changes, before anything is said to the caller. hide keeps the change from
// reads for that long.
func (s *Server) answer(op *operation, body []byte, hide time.Duration) answer {
	refused := func(code string) answer { return answer{code: code} }
	e, ok := parseEnvelope(op.family, body)
	if ok {
		// A stranger and a wrong key get what a broken object gets (moka-api 1.6).
		dealer, known := s.dealers[e.credentials.code]
		ok = known && dealer.admits(e.credentials)
	}
	ok = ok && (op.bare || e.request != nil)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.catchUp(); err != nil {
		return cannotWrite(err)
	}
	now := s.clock.now()
	next := s.next
	c := &call{
		op: op, in: &members{of: e.request, quotedOnly: s.sw.is(swNumbers, "strings")},
		sw: s.sw, next: &next, today: now.Format("20060102"), salt: s.salt,
	}
	if !ok {
		return refused(c.rejected())
	}
	a := s.account(e.credentials.code)
	if a.charged.IsZero() {
		a.charged = now
	}
	if c.state = a.truth; !op.writes {
		c.state = a.view(s.elapsed())
	}
	res := op.run(c)
	if res.code != "" {
		return refused(res.code)
	}
	if res.change != nil {
		res.change.Dealer, res.change.Method = e.credentials.code, op.name()
		res.change.At = now.Format(time.RFC3339)
		if s.store != nil {
			if err := s.store.append(res.change); err != nil {
				return cannotWrite(err)
			}
		}
		a.commit(res.change, max(hide, s.sw.readDelay()), s.elapsed())
		s.next = next
		s.writes[op.name()]++
	}
	return answer{code: success, data: res.data}
}

// cannotWrite is the answer when a call, or the charges before it, cannot be
// kept: neither took effect.
func cannotWrite(err error) answer {
	return answer{code: unexpected, message: "the sandbox cannot write its data file: " + err.Error()}
}
