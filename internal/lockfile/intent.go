package lockfile

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
)

// Intent is a write that was about to be sent. An intent without an outcome is open: the write may or may not have taken effect. A later intent
// at the same address replaces it: it is only written after the earlier one was looked into, or where repeating is harmless.
type Intent struct {
	// Op is the call, "DealerSale/AddSale".
	Op string
	// At is when the intent was written: the call may begin some seconds later. Deadline is the latest moment at which the call was given up if the
	// process lived, GaveUp the moment at which it was, the zero time if that is not known. All UTC.
	At, Deadline, GaveUp time.Time
	// Digest is a keyed digest of the request that was sent.
	Digest string
	// Entry is what will be known once the write is found to have taken effect: address, code, fields as sent. Its ID is 0 for a create.
	Entry Entry
	// Previous are the fields as they were known before an update, nil for a create.
	Previous []Locked
	// Delete says that the write takes the thing away.
	Delete bool
	// By is, of a sale's delete, the sale that comes in its place.
	By spec.Address
	// Answered says that Moka said it took the write, though not in a way that could be believed: its absence is never believed either.
	Answered bool
}

// Creates reports whether the write makes a new thing at Moka.
func (in *Intent) Creates() bool { return in.Entry.ID == 0 && in.Previous == nil && !in.Delete }

// Unproved is an intent for a write that was answered with success and of which it is not proved that it stands once: the next run looks.
func Unproved(e *Entry, op string, now time.Time) *Intent {
	entry := *e
	entry.ID = 0
	return &Intent{Op: op, At: now.UTC(), GaveUp: now.UTC(), Answered: true, Entry: entry}
}

// Undeleted is an intent for a delete that was answered with success and whose thing is shown all the same: the next run looks.
func Undeleted(e *Entry, by spec.Address, op string, now time.Time) *Intent {
	return &Intent{Op: op, At: now.UTC(), GaveUp: now.UTC(), Delete: true, By: by, Answered: true, Entry: *e}
}

// GivenUpBy is the moment from which the settle time counts: after it nobody was waiting for the call any more.
// now bounds it, for clocks of different machines.
func (in *Intent) GivenUpBy(now time.Time) time.Time {
	t := in.GaveUp
	if t.IsZero() {
		t = in.Deadline
	}
	if t.IsZero() || t.After(now) {
		return now
	}
	return t
}

func appendIntent(b []byte, in *Intent) []byte {
	b = append(b, `{"op":`...)
	b = appendText(b, in.Op)
	b = appendTime(b, `,"at":`, in.At)
	b = appendTime(b, `,"deadline":`, in.Deadline)
	b = appendTime(b, `,"gaveUp":`, in.GaveUp)
	b = append(b, `,"digest":`...)
	b = appendText(b, in.Digest)
	if in.Delete {
		b = append(b, `,"delete":true`...)
	}
	if !in.By.IsZero() {
		b = append(b, `,"by":`...)
		b = appendText(b, in.By.String())
	}
	if in.Answered {
		b = append(b, `,"answered":true`...)
	}
	b = append(b, `,"entry":`...)
	b = appendEntry(b, &in.Entry)
	if in.Previous != nil {
		b = append(b, `,"update":true`...)
	}
	b = appendFields(b, `,"previous":`, in.Previous)
	return append(b, '}')
}

func appendTime(b []byte, key string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b = append(b, key...)
	return appendText(b, t.UTC().Format(time.RFC3339Nano))
}

type wireIntent struct {
	Op       string                     `json:"op"`
	At       time.Time                  `json:"at"`
	Deadline time.Time                  `json:"deadline"`
	GaveUp   time.Time                  `json:"gaveUp"`
	Digest   string                     `json:"digest"`
	Delete   bool                       `json:"delete"`
	By       spec.Address               `json:"by"`
	Answered bool                       `json:"answered"`
	Entry    wireEntry                  `json:"entry"`
	Update   bool                       `json:"update"`
	Previous map[string]json.RawMessage `json:"previous"`
}

func (w *wireIntent) intent() (*Intent, error) {
	if w.Entry.Address.IsZero() || w.Op == "" {
		return nil, fmt.Errorf("an intent without address or call")
	}
	entry, err := w.Entry.entry()
	if err != nil {
		return nil, err
	}
	in := &Intent{Op: w.Op, At: w.At, Deadline: w.Deadline, GaveUp: w.GaveUp, Digest: w.Digest, Delete: w.Delete, By: w.By, Answered: w.Answered, Entry: *entry}
	if w.Update {
		in.Previous = []Locked{}
	}
	if len(w.Previous) > 0 {
		if in.Previous, err = readFields(entry.Address.Kind, w.Previous); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func byAddress(a, b *Intent) int {
	if c := a.Entry.Address.Compare(b.Entry.Address); c != 0 {
		return c
	}
	return a.At.Compare(b.At)
}
