package lockfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"strings"
	"sync"

	"github.com/mokasync/mokasync/internal/spec"
)

// Parse reads a lockfile's text. name is for messages, key is MOKASYNC_KEY ("" without one). Errors are *DamageError: the first damaged line is told.
func Parse(name string, text []byte, key string) (*Lock, error) {
	return parse(name, string(text), key)
}

// parse reads a text in parts, at once, and what that does not take line by line: whatever is wrong is found there, by encoding/json, and told by its line. FuzzParse holds the two against each other.
func parse(name, text, key string) (*Lock, error) {
	const part = 1 << 18 // bytes: several a processor, so that none waits long for another
	workers := runtime.GOMAXPROCS(0)
	if l, ok := parseParts(text, key, len(text)/part+1, workers); ok {
		return l, nil
	}
	return parseLines(name, text, key)
}

// parseLines reads a text line by line.
func parseLines(name, text, key string) (*Lock, error) {
	l := &Lock{}
	damaged := func(line int, err error) (*Lock, error) { return nil, &DamageError{name, line, err} }
	var last spec.Address
	var entries []*Entry
	known := map[spec.Address]bool{}
	lineNo := 0
	for len(text) > 0 {
		lineNo++
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		if isMarker(line) {
			return damaged(lineNo, &UnmergedError{})
		}
		if !ended {
			return damaged(lineNo, fmt.Errorf("the last line is cut off: restore the file from git, or delete the line if you know what it held"))
		}
		if lineNo == 1 {
			if err := l.begin(line, key); err != nil {
				return damaged(1, err)
			}
			continue
		}
		s, err := readLine(line)
		if err == nil && s.entry != nil && known[s.address] {
			err = fmt.Errorf("%s stands twice: keep the right line of the two", s.address)
		}
		if err == nil {
			err = l.take(s)
		}
		if err != nil {
			return damaged(lineNo, err)
		}
		if last.Compare(s.address) > 0 {
			return damaged(lineNo, fmt.Errorf("%s stands after %s: the lines are sorted by address; was the file edited or merged by hand?", s.address, last))
		}
		last = s.address
		if s.entry != nil {
			entries, known[s.address] = append(entries, s.entry), true
		}
	}
	if lineNo == 0 {
		return damaged(1, fmt.Errorf("the file is empty: restore it from git, or delete it to begin anew"))
	}
	l.entries = indexOf(entries)
	return l, nil
}

// begin takes the first line.
func (l *Lock) begin(line, key string) (err error) {
	if l.Header, err = readHeader([]byte(line), "lockfile"); err != nil {
		if newer := new(NewerError); !errors.As(err, &newer) {
			err = fmt.Errorf("%w: restore the file from git", err)
		}
		return err
	}
	l.keys = l.Header.keyring(key)
	return nil
}

// said is what one line says: one of the pointers is set.
type said struct {
	address   spec.Address
	entry     *Entry
	pending   *Intent
	tombstone *Tombstone
}

// take remembers what a line says that is no resource's.
func (l *Lock) take(s said) error {
	switch {
	case s.pending != nil:
		if l.Open(s.address) != nil {
			return fmt.Errorf("%s has two pending calls, as after a merge: keep the line with the later `at`, and apply looks into it", s.address)
		}
		l.AddPending(s.pending)
	case s.tombstone != nil:
		if l.tombstones[s.tombstone.Code] != nil {
			return fmt.Errorf("the code %q of a deleted sale stands twice: keep one of the two lines", s.tombstone.Code)
		}
		l.rememberDeleted(s.tombstone)
	}
	return nil
}

// readLine reads a line by encoding/json.
func readLine(line string) (said, error) {
	var w struct {
		wireEntry
		Pending *wireIntent  `json:"pending"`
		Deleted bool         `json:"deleted"`
		By      spec.Address `json:"replacedBy"`
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || dec.More() {
		return said{}, fmt.Errorf("the line is damaged: restore the file from git")
	}
	s := said{address: w.Address}
	if s.address.IsZero() {
		return s, fmt.Errorf("the line has no address: restore the file from git")
	}
	var err error
	switch {
	case w.Pending != nil:
		if s.pending, err = w.Pending.intent(); err == nil && s.pending.Entry.Address != w.Address {
			err = fmt.Errorf("the pending call at %s is one of %s: restore the file from git", w.Address, s.pending.Entry.Address)
		}
	case w.Deleted:
		s.tombstone, err = w.tombstone(w.By)
	default:
		s.entry, err = w.entry()
	}
	return s, err
}

// part is a run of whole lines and what it says. An entry's address is behind that of every entry before it, and no line's before that of the line above it.
type part struct {
	ok          bool
	entries     []Entry
	sums        []uint32 // of the entries' addresses
	others      []said
	first, last spec.Address // of its lines
}

// parseParts reads a text in about n parts. It takes only what is as it should be in every way.
func parseParts(text, key string, n, workers int) (*Lock, bool) {
	line, rest, ended := strings.Cut(text, "\n")
	l := &Lock{}
	if !ended || l.begin(line, key) != nil {
		return nil, false
	}
	texts := cutLines(rest, n)
	parts := make([]part, len(texts))
	seed := maphash.MakeSeed()
	inParallel(len(texts), workers, func(q *quick, i int) { parts[i] = q.part(texts[i], seed) })
	return l, l.join(parts, seed)
}

// cutLines cuts a text into about n parts of whole lines.
func cutLines(text string, n int) []string {
	var out []string
	for size := len(text)/max(n, 1) + 1; len(text) > 0; {
		end := min(size, len(text))
		if at := strings.IndexByte(text[end-1:], '\n'); at >= 0 {
			end += at
		} else {
			end = len(text)
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

// inParallel does a work for 0 to n-1, by so many workers at once, and waits for them.
func inParallel(n, workers int, do func(*quick, int)) {
	if workers = min(workers, n); workers <= 1 {
		q := &quick{}
		for i := range n {
			do(q, i)
		}
		return
	}
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			q := &quick{}
			for i := range next {
				do(q, i)
			}
		})
	}
	all.Wait()
}

// join puts the parts together.
func (l *Lock) join(parts []part, seed maphash.Seed) bool {
	n := 0
	for i := range parts {
		n += len(parts[i].entries)
	}
	entries, sums := make([]*Entry, 0, n), make([]uint32, 0, n)
	var last spec.Address
	for i := range parts {
		p := &parts[i]
		if !p.ok || last.Compare(p.first) > 0 {
			return false
		}
		last = p.last
		if len(entries) > 0 && len(p.entries) > 0 && entries[len(entries)-1].Address == p.entries[0].Address {
			return false
		}
		for j := range p.entries {
			entries = append(entries, &p.entries[j])
		}
		sums = append(sums, p.sums...)
		for _, s := range p.others {
			if l.take(s) != nil {
				return false
			}
		}
	}
	l.entries = indexBy(entries, sums, seed)
	return true
}

// part reads whole lines.
func (q *quick) part(text string, seed maphash.Seed) (p part) {
	lines := strings.Count(text, "\n")
	p.entries, p.sums = make([]Entry, 0, lines), make([]uint32, 0, lines)
	q.s, q.at, q.bad = text, 0, false
	for q.at < len(text) {
		from := q.at
		e := p.room()
		a := &e.Address
		if !q.entry(e) {
			line, _, ended := strings.Cut(text[from:], "\n")
			s, err := readLine(line)
			if !ended || err != nil {
				return p
			}
			q.at, q.bad = from+len(line)+1, false
			if a = &s.address; s.entry != nil {
				*e = *s.entry
			} else {
				p.entries = p.entries[:len(p.entries)-1]
				p.others = append(p.others, s)
			}
		}
		if !p.follows(*a) {
			return p
		}
		if len(p.sums) < len(p.entries) {
			p.sums = append(p.sums, sumOf(seed, *a))
		}
	}
	p.ok = true
	return p
}

// room gives the place of one more entry.
func (p *part) room() *Entry {
	p.entries = append(p.entries, Entry{})
	return &p.entries[len(p.entries)-1]
}

// twice reports whether the last entry has the address of the one before it.
func (p *part) twice() bool {
	n := len(p.entries)
	return n > 1 && p.entries[n-1].Address == p.entries[n-2].Address
}

// follows notes the address of the line that was just read, and reports whether it may stand there.
func (p *part) follows(a spec.Address) bool {
	if p.first.IsZero() {
		p.first = a
	} else if c := p.last.Compare(a); c > 0 || c == 0 && p.twice() {
		return false
	}
	p.last = a
	return true
}
