package lockfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
)

// Record is one line of the journal: exactly one of its members is set.
type Record struct {
	// Planned is what the run set out to do.
	Planned []Planned
	// Intent comes before a write is sent.
	Intent *Intent
	// Outcome comes as soon as it is known what became of a write, or of a change that needed none.
	Outcome *Outcome
}

// Planned is one change that a run set out to make.
type Planned struct {
	Address spec.Address `json:"address"`
	Action  string       `json:"action"`
}

// Outcome says what became of one change.
type Outcome struct {
	Address spec.Address
	// Status: "done", "failed" or "absent" (the write did not take effect, or the thing was found otherwise), "notSent" (the call of the intent did not go out), "inDoubt",
	// which leaves the intent open.
	Status string
	// GaveUp is when waiting for the call ended, set with "inDoubt".
	GaveUp time.Time
	// Answered says of the intent that stays open that Moka answered it with success.
	Answered bool
	// Entry is what is known from now on, nil where nothing new is known.
	Entry *Entry
	// Drop forgets what was known.
	Drop bool
	// Deleted forgets what was known because it was deleted at Moka: the code of a sale is not to be used again.
	Deleted bool
	// By is, of a deleted sale, the sale that comes in its place.
	By spec.Address
	// Note tells a reader what happened, without personal or secret values. It is "adopted" where nothing was written.
	Note string
	// Code is Moka's result code, "" without one.
	Code string
}

func (r Record) append(b []byte) []byte {
	switch {
	case r.Intent != nil:
		b = append(b, `{"intent":`...)
		b = appendIntent(b, r.Intent)
	case r.Outcome != nil:
		b = append(b, `{"outcome":`...)
		b = appendOutcome(b, r.Outcome)
	default:
		b = append(b, `{"planned":`...)
		b = appendPlanned(b, r.Planned)
	}
	return append(b, '}')
}

// slim gives a record without what nobody asks for once it is folded in: of an intent, what was to be known, but where it takes a thing away. The texts of such an intent are its own, so that
// the line that it was read from is let go of.
func (r Record) slim() Record {
	if r.Intent == nil || r.Intent.Delete {
		return r
	}
	in := *r.Intent
	in.Op, in.Digest = strings.Clone(in.Op), ""
	in.Entry = Entry{Address: spec.Address{Kind: in.Entry.Address.Kind, Name: strings.Clone(in.Entry.Address.Name)}, ID: in.Entry.ID, Code: strings.Clone(in.Entry.Code)}
	if in.Previous != nil {
		in.Previous = []Locked{} // it says that the intent is an update's
	}
	r.Intent = &in
	return r
}

func appendPlanned(b []byte, planned []Planned) []byte {
	b = append(b, '[')
	for i, p := range planned {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"address":`...)
		b = appendText(b, p.Address.String())
		b = append(b, `,"action":`...)
		b = append(appendText(b, p.Action), '}')
	}
	return append(b, ']')
}

func appendOutcome(b []byte, o *Outcome) []byte {
	b = append(b, `{"address":`...)
	b = appendText(b, o.Address.String())
	b = append(b, `,"status":`...)
	b = appendText(b, o.Status)
	b = appendTime(b, `,"gaveUp":`, o.GaveUp)
	if o.Answered {
		b = append(b, `,"answered":true`...)
	}
	if o.Drop {
		b = append(b, `,"drop":true`...)
	}
	if o.Deleted {
		b = append(b, `,"deleted":true`...)
	}
	if !o.By.IsZero() {
		b = append(b, `,"by":`...)
		b = appendText(b, o.By.String())
	}
	for _, kv := range [][2]string{{"note", o.Note}, {"code", o.Code}} {
		if kv[1] != "" {
			b = append(b, `,"`+kv[0]+`":`...)
			b = appendText(b, kv[1])
		}
	}
	if o.Entry != nil {
		b = append(b, `,"entry":`...)
		b = appendEntry(b, o.Entry)
	}
	return append(b, '}')
}

type wireRecord struct {
	Planned []Planned    `json:"planned"`
	Intent  *wireIntent  `json:"intent"`
	Outcome *wireOutcome `json:"outcome"`
}

type wireOutcome struct {
	Address  spec.Address `json:"address"`
	Status   string       `json:"status"`
	GaveUp   time.Time    `json:"gaveUp"`
	Answered bool         `json:"answered"`
	Drop     bool         `json:"drop"`
	Deleted  bool         `json:"deleted"`
	By       spec.Address `json:"by"`
	Note     string       `json:"note"`
	Code     string       `json:"code"`
	Entry    *wireEntry   `json:"entry"`
}

func readRecord(line []byte) (Record, error) {
	var w wireRecord
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || dec.More() {
		return Record{}, errDamaged
	}
	switch {
	case w.Intent != nil && w.Outcome == nil && w.Planned == nil:
		in, err := w.Intent.intent()
		return Record{Intent: in}, err
	case w.Outcome != nil && w.Intent == nil && w.Planned == nil:
		o, err := w.Outcome.outcome()
		return Record{Outcome: o}, err
	case w.Planned != nil && w.Intent == nil && w.Outcome == nil:
		return Record{Planned: w.Planned}, nil
	}
	return Record{}, errDamaged
}

func (w *wireOutcome) outcome() (*Outcome, error) {
	o := &Outcome{Address: w.Address, Status: w.Status, GaveUp: w.GaveUp, Answered: w.Answered, Drop: w.Drop, Deleted: w.Deleted, By: w.By, Note: w.Note, Code: w.Code}
	if o.Address.IsZero() || o.Status == "" {
		return nil, errDamaged
	}
	if w.Entry != nil {
		e, err := w.Entry.entry()
		if err != nil {
			return nil, err
		}
		if e.Address != o.Address {
			return nil, errDamaged
		}
		o.Entry = e
	}
	return o, nil
}

// Log is a journal as it was found.
type Log struct {
	Header  Header
	Records []Record
}

var errDamaged = fmt.Errorf("the record is damaged: keep the file, and have a look at what stands there and at Moka before you remove it")

// ParseLog reads a journal's text. A torn last record, which was never durable and announced nothing, is dropped; anything else that
// cannot be read is a *DamageError with its line. A journal that is torn in its header has recorded nothing: nil, nil.
func ParseLog(name string, text []byte) (*Log, error) {
	var log *Log
	begin := func(h Header) error {
		log = &Log{Header: h}
		return nil
	}
	if err := scanLog(name, bytes.NewReader(text), begin, func(r Record) { log.Records = append(log.Records, r) }); err != nil {
		return nil, err
	}
	return log, nil
}

// scanLog gives what ParseLog reads piece by piece: the header, whose refusal ends it, and the records.
func scanLog(name string, from io.Reader, begin func(Header) error, each func(Record)) error {
	lines := bufio.NewReaderSize(from, 1<<16)
	var reader recordReader
	// damaged is of the line before. Blocks of one write can reach the disk out of order: a last line that ends well may still be torn inside, and only another one behind it makes it damage.
	var damaged error
	for lineNo := 1; ; lineNo++ {
		line, err := lines.ReadString('\n')
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("cannot read %s: %w", name, cause(err))
		case damaged != nil:
			return damaged
		}
		line = line[:len(line)-1]
		if lineNo == 1 {
			h, err := readHeader([]byte(line), "journal")
			if err != nil {
				return &DamageError{name, lineNo, err}
			}
			if err := begin(h); err != nil {
				return err
			}
			continue
		}
		r, err := reader.read(line)
		if err != nil {
			damaged = &DamageError{name, lineNo, err}
			continue
		}
		each(r)
	}
}

// Fold puts what a journal tells into l: entries as the outcomes left them, and the intents that are open. Folding twice equals folding once.
func (l *Lock) Fold(log *Log) {
	for _, r := range log.Records {
		l.fold(r)
	}
}

func (l *Lock) fold(r Record) {
	switch {
	case r.Intent != nil:
		l.AddPending(r.Intent)
	case r.Outcome != nil:
		l.Record(r.Outcome)
	}
}

// oweProofs opens again the sales and payment steps that a run created or deleted before it died, and gives their addresses: it did not come to prove that each stands once, or is gone.
func (l *Lock) oweProofs(log *Log) map[spec.Address]bool {
	owed := map[spec.Address]bool{}
	owe := func(a spec.Address, in *Intent) {
		l.AddPending(in)
		owed[a] = true
	}
	sent := map[spec.Address]*Intent{}
	for _, r := range log.Records {
		switch {
		case r.Outcome != nil && r.Outcome.Status == NotSent:
			delete(sent, r.Outcome.Address)
		case r.Intent != nil && r.Intent.Delete && owesProof(r.Intent.Entry.Address.Kind):
			sent[r.Intent.Entry.Address] = r.Intent
		case r.Outcome != nil && r.Outcome.Deleted && sent[r.Outcome.Address] != nil && l.Get(r.Outcome.Address) == nil && l.Open(r.Outcome.Address) == nil:
			in := sent[r.Outcome.Address]
			owe(r.Outcome.Address, Undeleted(&in.Entry, in.By, in.Op, in.At))
		case r.Intent != nil && r.Intent.Creates() && owesProof(r.Intent.Entry.Address.Kind):
			sent[r.Intent.Entry.Address] = r.Intent
		case r.Outcome != nil && r.Outcome.Entry != nil && sent[r.Outcome.Address] != nil && l.Open(r.Outcome.Address) == nil:
			owe(r.Outcome.Address, Unproved(r.Outcome.Entry, sent[r.Outcome.Address].Op, sent[r.Outcome.Address].At))
		}
	}
	return owed
}

// owesProof: of these kinds Moka may hold one twice, and charge both (moka-api 4.1, 4.3).
func owesProof(kind spec.Kind) bool { return kind == spec.Sale || kind == spec.PaymentStep }

// Record remembers an outcome. All but "inDoubt" settle what is open at its address.
func (l *Lock) Record(o *Outcome) {
	if o.Entry != nil {
		l.Put(o.Entry)
	}
	if o.Deleted {
		l.bury(o)
	}
	if o.Drop || o.Deleted {
		l.Drop(o.Address)
	}
	if o.Status != InDoubt {
		l.Settle(o.Address)
		return
	}
	if in := l.Open(o.Address); in != nil {
		still := *in
		still.GaveUp, still.Answered = o.GaveUp, still.Answered || o.Answered
		l.replaceOpen(in, &still)
	}
}

// bury remembers the code of the sale that is known at an address, or that an open delete at it is about.
func (l *Lock) bury(o *Outcome) {
	by := o.By
	in := l.Open(o.Address)
	if in != nil && in.Delete && by.IsZero() {
		by = in.By
	}
	if e := l.Get(o.Address); e != nil {
		l.Bury(e, by)
	} else if in != nil {
		l.Bury(&in.Entry, by)
	}
}

// InDoubt is the status of an outcome that leaves its intent open. NotSent is that of an intent whose call did not go out.
const (
	InDoubt = "inDoubt"
	NotSent = "notSent"
)
