package lockfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// FormatVersion is the version of the lockfile and the journal that this program writes. The number before the point changes when an
// older program could misread the file.
const FormatVersion = "1.0"

// Header is the lockfile's first line: whose account it is and how its fingerprints were made.
type Header struct {
	FormatVersion string
	Endpoint      string // sandbox, test, live, or host_port
	Dealer        string
	Salt          string // hex; "" when made with MOKASYNC_KEY
	KeyID         string // "" when made with a salt
}

// Lock is what is known of one dealer's account at one endpoint. It is not safe for concurrent changes.
type Lock struct {
	Header Header
	// Pending are the writes whose outcome is not known, sorted by address.
	Pending []*Intent

	entries    map[spec.Address]*Entry
	tombstones map[string]*Tombstone   // by code
	numbers    map[number]spec.Address // made when first asked for
	keys       *Keyring
}

// number is Moka's number of a thing, which is its own in its kind.
type number struct {
	kind spec.Kind
	id   int64
}

// New makes an empty Lock with these keys.
func New(endpoint, dealer string, keys *Keyring) *Lock {
	return &Lock{
		Header:  Header{FormatVersion: FormatVersion, Endpoint: endpoint, Dealer: dealer, Salt: keys.salt, KeyID: keys.keyID},
		entries: map[spec.Address]*Entry{},
		keys:    keys,
	}
}

// Keys gives the keyring that the header asks for.
func (l *Lock) Keys() *Keyring { return l.keys }

// Get gives the entry at an address, nil if nothing is known.
func (l *Lock) Get(a spec.Address) *Entry { return l.entries[a] }

// Len is the number of entries.
func (l *Lock) Len() int { return len(l.entries) }

// Put remembers an entry in place of what was known at its address.
func (l *Lock) Put(e *Entry) {
	if old := l.entries[e.Address]; old != nil && old.ID != e.ID && old.Code != e.Code {
		l.Bury(old, spec.Address{}) // another one took its place
	}
	l.entries[e.Address] = e
	if l.numbers != nil && e.ID != 0 {
		l.numbers[number{e.Address.Kind, e.ID}] = e.Address
	}
}

// ByNumber gives the entry that has Moka's number of a kind, nil if there is none. Unlike Get it must not be called by several at once.
func (l *Lock) ByNumber(kind spec.Kind, id int64) *Entry {
	if l.numbers == nil {
		l.numbers = make(map[number]spec.Address, len(l.entries))
		for _, e := range l.entries {
			if e.ID != 0 {
				l.numbers[number{e.Address.Kind, e.ID}] = e.Address
			}
		}
	}
	e := l.entries[l.numbers[number{kind, id}]]
	if e == nil || e.ID != id {
		return nil
	}
	return e
}

// Drop forgets what is known at an address.
func (l *Lock) Drop(a spec.Address) { delete(l.entries, a) }

// Entries gives all entries, sorted by address.
func (l *Lock) Entries() []*Entry {
	out := make([]*Entry, 0, len(l.entries))
	for _, e := range l.entries {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *Entry) int { return a.Address.Compare(b.Address) })
	return out
}

// Open gives the open intent at an address, nil if there is none.
func (l *Lock) Open(a spec.Address) *Intent {
	for _, in := range l.Pending {
		if in.Entry.Address == a {
			return in
		}
	}
	return nil
}

// Settle closes the open intents at an address.
func (l *Lock) Settle(a spec.Address) {
	if len(l.Pending) == 0 {
		return
	}
	l.Pending = slices.DeleteFunc(l.Pending, func(in *Intent) bool { return in.Entry.Address == a })
}

// AddPending remembers an open intent, in place of any other at its address.
func (l *Lock) AddPending(in *Intent) {
	l.Settle(in.Entry.Address)
	l.Pending = append(l.Pending, in)
}

// WriteTo writes the lockfile's text: the same knowledge gives the same bytes.
func (l *Lock) WriteTo(w io.Writer) (int64, error) {
	bw := bufio.NewWriterSize(w, 1<<16)
	var n int64
	put := func(b []byte) error {
		n += int64(len(b))
		_, err := bw.Write(b)
		return err
	}
	if err := put(appendHeader(nil, "lockfile", l.Header)); err != nil {
		return n, err
	}
	others := l.otherLines()
	var line []byte
	flush := func(upTo *spec.Address) error {
		for len(others) > 0 && (upTo == nil || others[0].address.Compare(*upTo) < 0) {
			line = append(others[0].append(line[:0]), '\n')
			if err := put(line); err != nil {
				return err
			}
			others = others[1:]
		}
		return nil
	}
	for _, e := range l.Entries() {
		if err := flush(&e.Address); err != nil {
			return n, err
		}
		line = append(appendEntry(line[:0], e), '\n')
		if err := put(line); err != nil {
			return n, err
		}
	}
	if err := flush(nil); err != nil {
		return n, err
	}
	return n, bw.Flush()
}

// otherLine is a line that is no resource.
type otherLine struct {
	address spec.Address
	append  func([]byte) []byte
}

// otherLines are the tombstones and then the open calls at each address; they stand after the resource's own line.
func (l *Lock) otherLines() []otherLine {
	var out []otherLine
	for _, t := range l.Tombstones() {
		out = append(out, otherLine{t.Address, func(b []byte) []byte { return appendTombstone(b, t) }})
	}
	pending := slices.Clone(l.Pending)
	slices.SortFunc(pending, byAddress)
	for _, in := range pending {
		out = append(out, otherLine{in.Entry.Address, func(b []byte) []byte { return appendPending(b, in) }})
	}
	slices.SortStableFunc(out, func(a, b otherLine) int { return a.address.Compare(b.address) })
	return out
}

func appendPending(b []byte, in *Intent) []byte {
	b = append(b, `{"address":`...)
	b = appendText(b, in.Entry.Address.String())
	b = append(b, `,"pending":`...)
	return append(appendIntent(b, in), '}')
}

func appendHeader(b []byte, what string, h Header) []byte {
	b = append(b, `{"mokasync":`...)
	b = appendText(b, what)
	for _, kv := range [][2]string{{"formatVersion", h.FormatVersion}, {"endpoint", h.Endpoint}, {"dealer", h.Dealer}, {"salt", h.Salt}, {"keyId", h.KeyID}} {
		if kv[1] == "" {
			continue
		}
		b = append(b, ',')
		b = appendText(b, kv[0])
		b = append(b, ':')
		b = appendText(b, kv[1])
	}
	return append(b, "}\n"...)
}

type wireHeader struct {
	Mokasync      string `json:"mokasync"`
	FormatVersion string `json:"formatVersion"`
	Endpoint      string `json:"endpoint"`
	Dealer        string `json:"dealer"`
	Salt          string `json:"salt"`
	KeyID         string `json:"keyId"`
}

func readHeader(line []byte, what string) (Header, error) {
	var w wireHeader
	if err := json.Unmarshal(line, &w); err != nil || w.Mokasync != what {
		return Header{}, fmt.Errorf("this is not the first line of a mokasync %s", what)
	}
	major, _, _ := strings.Cut(w.FormatVersion, ".")
	ours, _, _ := strings.Cut(FormatVersion, ".")
	switch {
	case w.FormatVersion == "":
		return Header{}, fmt.Errorf("the first line has no formatVersion")
	case major != ours:
		return Header{}, &NewerError{Version: w.FormatVersion}
	case w.Endpoint == "" || w.Dealer == "":
		return Header{}, fmt.Errorf("the first line has no endpoint or no dealer")
	case (w.Salt == "") == (w.KeyID == ""):
		return Header{}, fmt.Errorf("the first line has neither a salt nor a keyId, or has both")
	}
	return Header{FormatVersion: FormatVersion, Endpoint: w.Endpoint, Dealer: w.Dealer, Salt: w.Salt, KeyID: w.KeyID}, nil
}

// NewerError says that a file was written in a format that this program does not know.
type NewerError struct{ Version string }

func (e *NewerError) Error() string {
	return fmt.Sprintf("it is in format %s and this mokasync reads %s: use the newer mokasync that wrote it", e.Version, FormatVersion)
}

// DamageError says at which line a lockfile or journal cannot be read.
type DamageError struct {
	File string
	Line int // from 1
	Err  error
}

func (e *DamageError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *DamageError) Unwrap() error { return e.Err }

// Parse reads a lockfile's text. name is for messages, key is MOKASYNC_KEY ("" without one). Errors are *DamageError.
func Parse(name string, text []byte, key string) (*Lock, error) {
	return parse(name, text, key, nil)
}

// parse is Parse for several lockfiles that have most lines in common: seen, if not nil, keeps what lines of resources say, and the same line gives the same Entry, which must then not be changed.
func parse(name string, text []byte, key string, seen map[string]*Entry) (*Lock, error) {
	l := &Lock{entries: map[spec.Address]*Entry{}}
	damaged := func(line int, err error) (*Lock, error) { return nil, &DamageError{name, line, err} }
	var last spec.Address
	lineNo := 0
	for len(text) > 0 {
		lineNo++
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		text = rest
		if isMarker(line) {
			return damaged(lineNo, &UnmergedError{})
		}
		if !ended {
			return damaged(lineNo, fmt.Errorf("the last line is cut off: restore the file from git, or delete the line if you know what it held"))
		}
		if lineNo == 1 {
			var err error
			if l.Header, err = readHeader(line, "lockfile"); err != nil {
				if newer := new(NewerError); !errors.As(err, &newer) {
					err = fmt.Errorf("%w: restore the file from git", err)
				}
				return damaged(1, err)
			}
			l.keys = l.Header.keyring(key)
			continue
		}
		a, err := l.readSeen(line, seen)
		if err != nil {
			return damaged(lineNo, err)
		}
		if c := last.Compare(a); !last.IsZero() && c > 0 {
			return damaged(lineNo, fmt.Errorf("%s stands after %s: the lines are sorted by address; was the file edited or merged by hand?", a, last))
		}
		last = a
	}
	if lineNo == 0 {
		return damaged(1, fmt.Errorf("the file is empty: restore it from git, or delete it to begin anew"))
	}
	return l, nil
}

func (l *Lock) readSeen(line []byte, seen map[string]*Entry) (spec.Address, error) {
	if e := seen[string(line)]; e != nil && l.entries[e.Address] == nil {
		l.entries[e.Address] = e
		return e.Address, nil
	}
	had := len(l.entries)
	a, err := l.readLine(line)
	if seen != nil && err == nil && len(l.entries) > had {
		seen[string(line)] = l.entries[a]
	}
	return a, err
}

func (l *Lock) readLine(line []byte) (spec.Address, error) {
	if e, ok := quickEntry(line); ok {
		return l.putNew(e)
	}
	return l.readAnyLine(line)
}

// putNew remembers the entry of a line, which must be the only one at its address.
func (l *Lock) putNew(e *Entry) (spec.Address, error) {
	if l.entries[e.Address] != nil {
		return e.Address, fmt.Errorf("%s stands twice: keep the right line of the two", e.Address)
	}
	l.entries[e.Address] = e
	return e.Address, nil
}

// readAnyLine reads a line by encoding/json.
func (l *Lock) readAnyLine(line []byte) (spec.Address, error) {
	var w struct {
		wireEntry
		Pending *wireIntent  `json:"pending"`
		Deleted bool         `json:"deleted"`
		By      spec.Address `json:"replacedBy"`
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || dec.More() {
		return spec.Address{}, fmt.Errorf("the line is damaged: restore the file from git")
	}
	if w.Address.IsZero() {
		return spec.Address{}, fmt.Errorf("the line has no address: restore the file from git")
	}
	if w.Pending != nil {
		in, err := w.Pending.intent()
		if err != nil {
			return w.Address, err
		}
		if in.Entry.Address != w.Address {
			return w.Address, fmt.Errorf("the pending call at %s is one of %s: restore the file from git", w.Address, in.Entry.Address)
		}
		if l.Open(w.Address) != nil {
			return w.Address, fmt.Errorf("%s has two pending calls, as after a merge: keep the line with the later `at`, and apply looks into it", w.Address)
		}
		l.Pending = append(l.Pending, in)
		return w.Address, nil
	}
	if w.Deleted {
		return w.Address, l.readTombstone(&w.wireEntry, w.By)
	}
	e, err := w.entry()
	if err != nil {
		return w.Address, err
	}
	return l.putNew(e)
}

// keyring gives the keyring that the header asks for; it is blind if that needs a key which is not the one given.
func (h Header) keyring(key string) *Keyring {
	if h.Salt != "" {
		return saltKeyring(h.Salt)
	}
	if k := NewKeyring(key); key != "" && k.keyID == h.KeyID {
		return k
	}
	return blindKeyring(h.KeyID)
}
