package sandbox

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// unexpected is the result code of an error inside Moka (moka-api 1.6), with
// the text that goes with it unless a rule has one.
const (
	unexpected     = "EX"
	unexpectedText = "An unexpected error has occurred"
)

var errClosed = errors.New("the sandbox is closed")

// play is what happens to one call.
type play struct {
	latency, trickle, hide time.Duration
	countOff               int
	cut                    *Fault // what becomes of the answer; nil: it is given
}

// add takes a rule that fires into the play; false if an earlier one has taken
// its place or the operation has nothing to apply it to.
func (p *play) add(f Fault, op *operation) bool {
	switch f.Kind {
	case FaultLatency:
		p.latency += time.Duration(f.Delay)
	case FaultSlowBody:
		p.trickle += time.Duration(f.Delay)
	case FaultDelayedVisibility:
		if !op.writes {
			return false
		}
		p.hide = max(p.hide, time.Duration(f.Delay))
	case FaultWrongCount:
		if !op.lists() {
			return false
		}
		p.countOff += f.CountOff
	default:
		if p.cut != nil {
			return false
		}
		p.cut = &f
	}
	return true
}

// serve answers a request to a service, with what the rules and switches do to it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op *operation) {
	p := s.faults.next(op)
	// The body is read whole before a connection is cut, so that the caller
	// has sent all of it.
	body, err := readBody(r)
	s.mu.Lock()
	s.calls[op.name()]++
	sw := s.sw
	s.mu.Unlock()
	if p.latency > 0 && !wait(r.Context(), p.latency) {
		return
	}
	if p.before(w) {
		return
	}
	var a answer
	if err == nil {
		a = s.answer(op, body, p.hide)
	} else {
		a = answer{code: (&call{op: op, sw: sw}).rejected(), status: http.StatusBadRequest}
		if errors.Is(err, errTooLarge) {
			a.status = http.StatusRequestEntityTooLarge
		}
	}
	a.countOff = p.countOff
	if a.code == success && op.writes {
		switch sw[swWriteAnswer] {
		case answerLost:
			panic(http.ErrAbortHandler)
		case answerEX:
			a = answer{code: unexpected, message: unexpectedText}
		}
	}
	if a.status == 0 && a.code != success && sw.is(swFailureStatus, "400") {
		a.status = http.StatusBadRequest
	}
	p.after(w, r, a)
}

// before plays what goes wrong before anything is done; true ends the call.
func (p play) before(w http.ResponseWriter) bool {
	if p.cut == nil {
		return false
	}
	switch p.cut.Kind {
	case FaultDropBefore:
		panic(http.ErrAbortHandler)
	case Fault500Before:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case FaultEXBefore:
		give(w, p.cut.unexpected())
	case Fault429:
		w.Header().Set("Retry-After", strconv.Itoa(p.cut.RetryAfter))
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
	case Fault503:
		w.Header().Set("Retry-After", strconv.Itoa(p.cut.RetryAfter))
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
	default:
		return false
	}
	return true
}

// unexpected is the EX answer of a rule.
func (f *Fault) unexpected() answer {
	if f.TextIn == "exception" {
		return answer{code: unexpected, exception: f.Text}
	}
	return answer{code: unexpected, message: f.Text}
}

// after gives the answer, or what the rules make of it.
func (p play) after(w http.ResponseWriter, r *http.Request, a answer) {
	if p.cut == nil {
		if p.trickle > 0 {
			trickle(w, r, a, p.trickle)
		} else {
			give(w, a)
		}
		return
	}
	switch p.cut.Kind {
	case FaultDropAfter:
		panic(http.ErrAbortHandler)
	case Fault500After:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case FaultEXAfter:
		give(w, p.cut.unexpected())
	case FaultGarbage:
		w.Header().Set("Content-Type", jsonType)
		w.Write([]byte("\x00\x8b\xffnot json\x1f{\"Data\":"))
	case FaultHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<!DOCTYPE html><html><head><title>Service</title></head><body><h1>We will be back soon</h1></body></html>"))
	case FaultTruncated:
		truncate(w, a)
	}
}

const jsonType = "application/json; charset=utf-8"

// give writes the answer. A connection that is gone is no error of ours.
func give(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", jsonType)
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_ = a.writeTo(w)
}

// truncate writes half of the answer under its full length and cuts the
// connection.
func truncate(w http.ResponseWriter, a answer) {
	var whole bytes.Buffer
	_ = a.writeTo(&whole)
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(whole.Len()))
	w.Write(whole.Bytes()[:whole.Len()/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// trickle writes the answer in ten pieces over a time.
func trickle(w http.ResponseWriter, r *http.Request, a answer, over time.Duration) {
	const pieces = 10
	var whole bytes.Buffer
	_ = a.writeTo(&whole)
	w.Header().Set("Content-Type", jsonType)
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	text := whole.Bytes()
	for i := range pieces {
		if !wait(r.Context(), over/pieces) {
			return
		}
		w.Write(text[i*len(text)/pieces : (i+1)*len(text)/pieces])
		http.NewResponseController(w).Flush()
	}
}

// wait waits, or returns false when the caller is gone.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
