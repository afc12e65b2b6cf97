package lockfile

import (
	"strings"
	"time"
)

// recordReader reads the journal's lines that are just as Record.append writes them, and leaves the others to readRecord. FuzzQuickRecord holds the two against each other.
type recordReader struct {
	// Each has room of its own: almost all intents are let go of, and outcomes stay.
	intents, outcomes quick
}

// read reads a line without its newline. What it gives may keep the line.
func (r *recordReader) read(line string) (Record, error) {
	if rec, ok := r.quickly(line); ok {
		return rec, nil
	}
	return readRecord([]byte(line))
}

func (r *recordReader) quickly(line string) (rec Record, ok bool) {
	q := &r.outcomes
	if strings.HasPrefix(line, `{"intent":`) {
		q = &r.intents
	}
	q.s, q.at, q.bad = line, 0, false
	switch {
	case q.is(`{"intent":`):
		rec.Intent = q.intent()
	case q.is(`{"outcome":`):
		rec.Outcome = q.outcome()
	case q.is(`{"planned":[`):
		rec.Planned = q.planned()
	default:
		return rec, false
	}
	q.must("}")
	return rec, !q.bad && q.at == len(line)
}

// intent reads what appendIntent writes.
func (q *quick) intent() *Intent {
	in := &Intent{}
	q.must(`{"op":"`)
	in.Op = q.text()
	in.At, in.Deadline, in.GaveUp = q.moment(`,"at":"`), q.moment(`,"deadline":"`), q.moment(`,"gaveUp":"`)
	q.must(`,"digest":"`)
	in.Digest = q.text()
	in.Delete = q.is(`,"delete":true`)
	if q.is(`,"by":"`) {
		in.By = q.address()
	}
	in.Answered = q.is(`,"answered":true`)
	q.must(`,"entry":`)
	q.members(&in.Entry)
	if q.is(`,"update":true`) {
		in.Previous = []Locked{}
	}
	if q.is(`,"previous":`) {
		previous := q.fields(in.Entry.Address.Kind)
		if q.bad {
			return nil
		}
		in.Previous = previous.List()
	}
	q.must("}")
	q.bad = q.bad || in.Op == ""
	return in
}

// outcome reads what appendOutcome writes.
func (q *quick) outcome() *Outcome {
	o := &Outcome{}
	q.must(`{"address":"`)
	o.Address = q.address()
	q.must(`,"status":"`)
	o.Status = q.text()
	o.GaveUp = q.moment(`,"gaveUp":"`)
	o.Answered = q.is(`,"answered":true`)
	o.Drop = q.is(`,"drop":true`)
	o.Deleted = q.is(`,"deleted":true`)
	if q.is(`,"by":"`) {
		o.By = q.address()
	}
	if q.is(`,"note":"`) {
		o.Note = q.text()
	}
	if q.is(`,"code":"`) {
		o.Code = q.text()
	}
	if q.is(`,"entry":`) {
		o.Entry = &Entry{}
		q.members(o.Entry)
		q.bad = q.bad || o.Entry.Address != o.Address
	}
	q.must("}")
	q.bad = q.bad || o.Status == ""
	return o
}

// planned reads what appendPlanned writes, from behind its bracket, if it is not empty.
func (q *quick) planned() (out []Planned) {
	for !q.bad {
		q.must(`{"address":"`)
		p := Planned{Address: q.address()}
		q.must(`,"action":"`)
		p.Action = q.text()
		q.must("}")
		out = append(out, p)
		if !q.is(",") {
			q.must("]")
			break
		}
	}
	return out
}

// moment reads a time under a key, the zero time if the key does not come next.
func (q *quick) moment(key string) (t time.Time) {
	if q.is(key) {
		q.bad = t.UnmarshalText([]byte(q.text())) != nil || q.bad
	}
	return t
}
