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

	entries    index
	open       map[spec.Address]*Intent // Pending by address, once one was added or settled
	tombstones map[string]*Tombstone    // by code
	numbers    map[number]spec.Address  // made when first asked for
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
		Header: Header{FormatVersion: FormatVersion, Endpoint: endpoint, Dealer: dealer, Salt: keys.salt, KeyID: keys.keyID},
		keys:   keys,
	}
}

// Keys gives the keyring that the header asks for.
func (l *Lock) Keys() *Keyring { return l.keys }

// Get gives the entry at an address, nil if nothing is known. Several may ask at once while nobody changes the Lock.
func (l *Lock) Get(a spec.Address) *Entry { return l.entries.get(a) }

// Len is the number of entries.
func (l *Lock) Len() int { return l.entries.n }

// Put remembers an entry in place of what was known at its address.
func (l *Lock) Put(e *Entry) {
	if old := l.Get(e.Address); old != nil && old.ID != e.ID && old.Code != e.Code {
		l.Bury(old, spec.Address{}) // another one took its place
	}
	l.entries.put(e)
	if l.numbers != nil && e.ID != 0 {
		l.numbers[number{e.Address.Kind, e.ID}] = e.Address
	}
}

// ByNumber gives the entry that has Moka's number of a kind, nil if there is none. Unlike Get it must not be called by several at once.
func (l *Lock) ByNumber(kind spec.Kind, id int64) *Entry {
	if l.numbers == nil {
		l.numbers = make(map[number]spec.Address, l.Len())
		for _, e := range l.Entries() {
			if e.ID != 0 {
				l.numbers[number{e.Address.Kind, e.ID}] = e.Address
			}
		}
	}
	e := l.Get(l.numbers[number{kind, id}])
	if e == nil || e.ID != id {
		return nil
	}
	return e
}

// Drop forgets what is known at an address.
func (l *Lock) Drop(a spec.Address) { l.entries.drop(a) }

// Entries gives all entries, sorted by address. The slice is not to be written to: where nothing was changed since it was read, it is the Lock's own.
func (l *Lock) Entries() []*Entry { return l.entries.sorted() }

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

// is reports whether a text is what WriteTo would write. The error is the reader's.
func (l *Lock) is(text io.Reader) (bool, error) {
	same := comparer{from: text}
	_, err := l.WriteTo(&same)
	if err == nil {
		_, err = io.ReadFull(text, make([]byte, 1)) // nothing may be left
	}
	switch {
	case errors.Is(err, errDiffers), err == nil:
		return false, nil
	case err == io.EOF:
		return true, nil
	}
	return false, err
}

// comparer takes what a reader gives too.
type comparer struct {
	from io.Reader
	buf  []byte
}

var errDiffers = errors.New("it differs")

func (c *comparer) Write(b []byte) (int, error) {
	c.buf = append(c.buf[:0], b...)
	_, err := io.ReadFull(c.from, c.buf)
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF, err == nil && !bytes.Equal(c.buf, b):
		return 0, errDiffers
	case err != nil:
		return 0, err
	}
	return len(b), nil
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
