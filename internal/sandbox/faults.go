package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind names what goes wrong. "Before" is before anything was done, "after"
// is after the write was committed.
type FaultKind string

// The kinds of faults. Latency, SlowBody, DelayedVisibility and WrongCount go
// together with others; of the rest the first rule that fires is played.
const (
	FaultLatency           FaultKind = "latency"            // waits Delay before anything is done
	FaultDropBefore        FaultKind = "drop-before"        // closes the connection without doing anything
	FaultDropAfter         FaultKind = "drop-after"         // closes the connection instead of answering
	Fault500Before         FaultKind = "500-before"         // HTTP 500 without an envelope, nothing done
	Fault500After          FaultKind = "500-after"          // the same, after the commit
	FaultEXBefore          FaultKind = "ex-before"          // result code EX, nothing done
	FaultEXAfter           FaultKind = "ex-after"           // result code EX, after the commit
	FaultGarbage           FaultKind = "garbage"            // bytes that are no JSON, after the commit
	FaultHTML              FaultKind = "html"               // an HTML page with status 200, after the commit
	FaultTruncated         FaultKind = "truncated"          // half of the answer, then the connection closes
	Fault429               FaultKind = "429"                // HTTP 429 with Retry-After, nothing done
	Fault503               FaultKind = "503"                // HTTP 503 with Retry-After, nothing done
	FaultSlowBody          FaultKind = "slow-body"          // the answer trickles out over Delay
	FaultDelayedVisibility FaultKind = "delayed-visibility" // reads do not see the write for Delay
	FaultWrongCount        FaultKind = "wrong-count"        // a list's count is CountOff more than its length
)

var faultKinds = []FaultKind{
	FaultLatency, FaultDropBefore, FaultDropAfter, Fault500Before, Fault500After, FaultEXBefore, FaultEXAfter, FaultGarbage,
	FaultHTML, FaultTruncated, Fault429, Fault503, FaultSlowBody, FaultDelayedVisibility, FaultWrongCount,
}

// Fault is a rule: which calls, and what happens to them. Calls, Every and
// Probability are alternatives that add up; a rule with none of them fires at
// every call it matches.
type Fault struct {
	// Operation is a method ("AddSale"), a method with its family
	// ("DealerSale.AddSale"), "read", "write", or "*" for all, which is the
	// default.
	Operation string    `json:"operation"`
	Kind      FaultKind `json:"kind"`
	// Calls are numbers of matching calls, from 1, counted since the rule was
	// set; Every is each n-th of them.
	Calls []int64 `json:"calls,omitempty"`
	Every int64   `json:"every,omitempty"`
	// Probability, 0 to 1, decides each matching call by its number and Seed:
	// the same seed gives the same calls.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
	// Times is how often the rule fires at most; 0 is without end.
	Times int64 `json:"times,omitempty"`
	// Delay is for latency, slow-body and delayed-visibility, above 0.
	Delay Duration `json:"delay,omitzero"`
	// Text is what EX says; TextIn is where: "message" (ResultMessage, the
	// default) or "exception" (moka-api 1.6: the pages disagree).
	Text   string `json:"text,omitempty"`
	TextIn string `json:"textIn,omitempty"`
	// RetryAfter is in seconds, for 429 and 503; default 1.
	RetryAfter int `json:"retryAfter,omitempty"`
	// CountOff is for wrong-count; default 1.
	CountOff int `json:"countOff,omitempty"`
}

// Duration is a time span, in JSON a Go duration: "250ms", "2s".
type Duration time.Duration

// MarshalText writes the duration as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a Go duration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// FaultState is a rule in force, with how many calls it matched and at how many
// of them it fired.
type FaultState struct {
	Fault
	Matched int64 `json:"matched"`
	Fired   int64 `json:"fired"`
}

// check gives the rule its defaults, or says what is wrong with it.
func (f Fault) check() (Fault, error) {
	if f.Operation == "" {
		f.Operation = "*"
	}
	if !knownOperation(f.Operation) {
		return f, fmt.Errorf("operation %q: want *, read, write or a method such as AddSale", f.Operation)
	}
	if !slices.Contains(faultKinds, f.Kind) {
		return f, fmt.Errorf("kind %q: want one of %s", f.Kind, kindNames())
	}
	if f.needsDelay() != (f.Delay > 0) {
		return f, fmt.Errorf("kind %q: delay must be given for latency, slow-body and delayed-visibility, above 0, and for no other", f.Kind)
	}
	if f.Probability < 0 || f.Probability > 1 {
		return f, errors.New("probability: want 0 to 1")
	}
	if f.Every < 0 || f.Times < 0 || f.RetryAfter < 0 || slices.ContainsFunc(f.Calls, func(n int64) bool { return n < 1 }) {
		return f, errors.New("calls are counted from 1; every, times and retryAfter are not below 0")
	}
	if f.TextIn != "" && f.TextIn != "message" && f.TextIn != "exception" {
		return f, fmt.Errorf("textIn %q: want message or exception", f.TextIn)
	}
	f.fillIn()
	return f, nil
}

// fillIn gives the members that the kind uses their defaults.
func (f *Fault) fillIn() {
	switch f.Kind {
	case Fault429, Fault503:
		f.RetryAfter = cmp.Or(f.RetryAfter, 1)
	case FaultWrongCount:
		f.CountOff = cmp.Or(f.CountOff, 1)
	case FaultEXBefore, FaultEXAfter:
		f.Text = cmp.Or(f.Text, unexpectedText)
	}
}

func (f Fault) needsDelay() bool {
	return f.Kind == FaultLatency || f.Kind == FaultSlowBody || f.Kind == FaultDelayedVisibility
}

func kindNames() string {
	names := make([]string, len(faultKinds))
	for i, kind := range faultKinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

func knownOperation(name string) bool {
	if name == "*" || name == "read" || name == "write" {
		return true
	}
	for _, op := range operations {
		if name == op.method || name == op.name() {
			return true
		}
	}
	return false
}

func (f Fault) matches(op *operation) bool {
	switch f.Operation {
	case "*":
		return true
	case "read":
		return !op.writes
	case "write":
		return op.writes
	}
	return f.Operation == op.method || f.Operation == op.name()
}

// fires decides the n-th matching call, from 1.
func (f Fault) fires(n int64) bool {
	if f.Calls == nil && f.Every == 0 && f.Probability == 0 {
		return true
	}
	return slices.Contains(f.Calls, n) || f.Every > 0 && n%f.Every == 0 || f.Probability > 0 && draw(f.Seed, n) < f.Probability
}

// draw is a number in [0,1) that follows from seed and n (splitmix64), so that
// no order of concurrent calls changes which numbers are hit.
func draw(seed uint64, n int64) float64 {
	z := seed + uint64(n)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// faultRules are the rules in force.
type faultRules struct {
	mu    sync.Mutex
	rules []FaultState
}

func (r *faultRules) set(faults []Fault) error {
	rules := make([]FaultState, 0, len(faults))
	for i, f := range faults {
		checked, err := f.check()
		if err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
		rules = append(rules, FaultState{Fault: checked})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules = rules
	return nil
}

func (r *faultRules) list() []FaultState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.rules)
}

// next counts a call and says what happens to it.
func (r *faultRules) next(op *operation) play {
	r.mu.Lock()
	defer r.mu.Unlock()
	var p play
	for i := range r.rules {
		rule := &r.rules[i]
		if !rule.matches(op) {
			continue
		}
		rule.Matched++
		if !rule.fires(rule.Matched) || rule.Times > 0 && rule.Fired >= rule.Times || !p.add(rule.Fault, op) {
			continue
		}
		rule.Fired++
	}
	return p
}

// Faults lists the rules in force.
func (s *Server) Faults() []FaultState { return s.faults.list() }

// SetFaults puts rules in force in place of those before; none with nil. The
// error says what is wrong with a rule, and then nothing changes.
func (s *Server) SetFaults(faults []Fault) error { return s.faults.set(faults) }
