package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// controlPrefix begins the paths that are the sandbox's own and not Moka's.
const controlPrefix = "/_sandbox/"

// controlSurface routes the control paths; see the package's documentation.
func (s *Server) controlSurface() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, do func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			out, err := do(r)
			reply(w, out, err)
		})
	}
	handle("GET /_sandbox/ledger", func(*http.Request) (any, error) { return s.Ledger(), nil })
	handle("GET /_sandbox/charges", s.getCharges)
	handle("GET /_sandbox/clock", func(*http.Request) (any, error) { return s.clockState(), nil })
	handle("PUT /_sandbox/clock", s.putClock)
	handle("GET /_sandbox/switches", func(*http.Request) (any, error) { return s.switchStates(), nil })
	handle("PUT /_sandbox/switches", s.putSwitches)
	handle("GET /_sandbox/faults", func(*http.Request) (any, error) { return s.faultStates(), nil })
	handle("PUT /_sandbox/faults", s.putFaults)
	handle("DELETE /_sandbox/faults", func(*http.Request) (any, error) {
		err := s.SetFaults(nil)
		return s.faultStates(), err
	})
	handle("POST /_sandbox/reset", s.postReset)
	return mux
}

// reply writes a control answer: the value, or {"error": …} with status 400.
func reply(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", jsonType)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]string{"error": err.Error()}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // a connection that is gone is no error of ours
}

// readControl reads a JSON body into a value, refusing members it does not know.
func readControl(r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxRequestBytes))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the body is not as it should be: %w", err)
	}
	return nil
}

func (s *Server) clockState() any {
	now := s.Now()
	return map[string]any{"now": now.Format(time.RFC3339), "today": now.Format("20060102"), "set": s.clock.isMoved()}
}

func (s *Server) putClock(r *http.Request) (any, error) {
	var in struct {
		Now     *time.Time `json:"now"`
		Advance *Duration  `json:"advance"`
		Real    bool       `json:"real"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Now != nil && in.Advance == nil && !in.Real:
		return s.clockMoved(func() { s.clock.set(*in.Now) })
	case in.Advance != nil && in.Now == nil && !in.Real:
		return s.clockMoved(func() { s.clock.advance(time.Duration(*in.Advance)) })
	case in.Real && in.Now == nil && in.Advance == nil:
		return s.clockMoved(s.clock.reset)
	}
	return nil, errors.New(`want one of {"now": RFC 3339}, {"advance": "24h"}, {"real": true}`)
}

func (s *Server) clockMoved(move func()) (any, error) {
	if err := s.moveClock(move); err != nil {
		return nil, fmt.Errorf("the clock was moved, but the charges cannot be written: %w", err)
	}
	return s.clockState(), nil
}

// SwitchState is a switch and where it stands.
type SwitchState struct {
	Switch
	Value string `json:"value"`
}

// Switches lists every switch with its position.
func (s *Server) Switches() []SwitchState {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := make([]SwitchState, 0, len(knownSwitches))
	for _, known := range knownSwitches {
		states = append(states, SwitchState{Switch: known, Value: s.sw[known.Name]})
	}
	return states
}

// SetSwitches sets some switches; with an error, none.
func (s *Server) SetSwitches(settings ...Setting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.sw.with(settings)
	if err == nil {
		s.sw = next
	}
	return err
}

func (s *Server) switchStates() any { return map[string]any{"switches": s.Switches()} }

func (s *Server) putSwitches(r *http.Request) (any, error) {
	var in map[string]string
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	var settings []Setting
	for name, value := range in {
		settings = append(settings, Setting{Name: name, Value: value})
	}
	if err := s.SetSwitches(settings...); err != nil {
		return nil, err
	}
	return s.switchStates(), nil
}

func (s *Server) faultStates() any { return map[string]any{"rules": s.Faults()} }

func (s *Server) putFaults(r *http.Request) (any, error) {
	var in struct {
		Rules *[]FaultState `json:"rules"` // what GET gives may be sent back; counts begin anew
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	if in.Rules == nil {
		return nil, errors.New(`want {"rules": [{"operation": …, "kind": …}, …]}`)
	}
	faults := make([]Fault, 0, len(*in.Rules))
	for _, rule := range *in.Rules {
		faults = append(faults, rule.Fault)
	}
	if err := s.SetFaults(faults); err != nil {
		return nil, err
	}
	return s.faultStates(), nil
}

func (s *Server) postReset(r *http.Request) (any, error) {
	only := r.URL.Query().Get("only")
	if only != "" && only != "data" {
		return nil, fmt.Errorf("only=%q: want only=data, or nothing", only)
	}
	if err := s.Reset(only == ""); err != nil {
		return nil, err
	}
	return s.Ledger(), nil
}
