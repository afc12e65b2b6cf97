package project

import (
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
