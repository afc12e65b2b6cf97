package project

import (
	"fmt"
	"maps"

	"github.com/mokasync/mokasync/internal/calendar"
	"gopkg.in/yaml.v3"
)

// Readings are words of calendar.Rules by the rules' names. A rule that is not in it is read by its default.
type Readings map[string]Said[string]

// over lays readings over others, rule by rule.
func (r Readings) over(base Readings) Readings {
	if len(r) == 0 {
		return base
	}
	out := maps.Clone(base)
	if out == nil {
		out = Readings{}
	}
	maps.Copy(out, r)
	return out
}

// Reading gives them as what computes charges takes them.
func (r Readings) Reading() calendar.Reading {
	var out calendar.Reading
	for rule, word := range r {
		out.Set(rule, word.Value) // the reader let only rules and their words in
	}
	return out
}

// DifferentReadingsError says that what is open about charges is read in two ways at one endpoint, and nothing says which is meant.
type DifferentReadingsError struct {
	Endpoint string
	// A and B are environments of the endpoint that read differently.
	A, B *Environment
}

func (e *DifferentReadingsError) Error() string {
	return fmt.Sprintf("the environments %s (%s) and %s (%s) of the endpoint %s have different readings", e.A.Name, e.A.At, e.B.Name, e.B.At, e.Endpoint)
}

// ReadingsAt gives the readings at an endpoint, by its name, where the lockfile in force is not that of an environment in force: like guards, those of the environments of that endpoint, and where there
// is none, those under spec. Where two of them read differently, the error is a *DifferentReadingsError, and the readings are those under spec.
func (f *File) ReadingsAt(endpointName string) (Readings, error) {
	var first *Environment
	if f == nil {
		return nil, nil
	}
	for _, e := range f.Environments {
		switch {
		case e.EndpointName != endpointName:
		case first == nil:
			first = e
		case f.Settings(e).Readings.Reading() != f.Settings(first).Readings.Reading():
			return f.settings.Readings, &DifferentReadingsError{endpointName, first, e}
		}
	}
	return f.Settings(first).Readings, nil
}

// RestsOnReadings reports whether anything that settings refuse may rest on how charges are read: a guard in money, or a policy.
func (s Settings) RestsOnReadings() bool {
	for _, bounds := range s.Guards.Money {
		if bounds != (MoneyGuards{}) {
			return true
		}
	}
	return len(s.Policies) > 0
}

func (r *reader) readings(n *yaml.Node, into *Readings) {
	*into = Readings{}
	known := map[string]func(*yaml.Node){}
	for _, rule := range calendar.Rules() {
		known[rule.Name] = func(v *yaml.Node) {
			var said Said[string]
			if r.word(v, &said, rule.Words[:]...); said.At != "" {
				(*into)[rule.Name] = said
			}
		}
	}
	r.each(n, "readings", known)
}
