package forgetest

import (
	"net/http"
	"time"
)

// Fault is something that goes wrong with the next call of a method.
type Fault struct {
	Method string // "" for every one
	Kind   Kind
	For    time.Duration // of limits
	To     string        // of redirects: scheme and host
}

// Kind is what goes wrong.
type Kind string

// The kinds.
const (
	DropBefore  Kind = "drop-before" // the connection closes, nothing was done
	DropAfter   Kind = "drop-after"  // it was done, and the connection closes
	Late        Kind = "late"        // the connection closes, and it is done two calls later
	ErrorBefore Kind = "502-before"
	ErrorAfter  Kind = "502-after"
	Garbled     Kind = "garbled"    // it was done, and the answer is cut short
	Primary     Kind = "primary"    // the hour's calls are used up, until For from now: 403, on GitLab 429
	Secondary   Kind = "secondary"  // 403, on GitLab 429, with Retry-After
	TooMany     Kind = "too-many"   // 429 with Retry-After
	Wordless    Kind = "wordless"   // 403, on GitLab 429, with a sentence alone
	Refused     Kind = "refused"    // 403 for another reason
	Moved       Kind = "moved"      // 307 to the same path at To
	MovedPost   Kind = "moved-post" // 301 to the same path at To
)

// late is something that is done after some further calls.
type late struct {
	calls int
	do    func()
}

// Fail has calls fail, each fault once, in order for each method.
func (f *Forge) Fail(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, faults...)
}

// Calm takes back what has not failed yet, and does what is late.
func (f *Forge) Calm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
	for _, l := range f.late {
		l.do()
	}
	f.late = nil
}

// nextFault takes the first fault that means a method.
func (f *Forge) nextFault(method string) Fault {
	for i, x := range f.faults {
		if x.Method == "" || x.Method == method {
			f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			return x
		}
	}
	return Fault{}
}

// tick counts a call for what is late.
func (f *Forge) tick() {
	var left []late
	for _, l := range f.late {
		if l.calls--; l.calls <= 0 {
			l.do()
		} else {
			left = append(left, l)
		}
	}
	f.late = left
}

// before answers for a fault that keeps a call from being done. It reports whether it did.
func (f *Forge) before(w http.ResponseWriter, r *http.Request, x Fault, as face) bool {
	switch x.Kind {
	case DropBefore:
		panic(http.ErrAbortHandler)
	case ErrorBefore:
		as.no(http.StatusBadGateway, "Server Error").send(w)
	case Primary, Secondary, TooMany, Wordless:
		as.limited(x.Kind, x.For, f.now().Add(x.For)).send(w)
	case Refused:
		as.no(http.StatusForbidden, "Unable to change this comment because the conversation is locked.").send(w)
	case Moved:
		http.Redirect(w, r, x.To+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	case MovedPost:
		http.Redirect(w, r, x.To+r.URL.RequestURI(), http.StatusMovedPermanently)
	default:
		return false
	}
	return true
}

// after answers for a fault that comes when the call has been done. It reports whether it did.
func after(w http.ResponseWriter, x Fault, as face) bool {
	switch x.Kind {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case ErrorAfter:
		as.no(http.StatusBadGateway, "Server Error").send(w)
	case Garbled:
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"id":`))
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}
