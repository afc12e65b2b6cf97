package project

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// flagDefault is a flag that may have a default in the file.
type flagDefault struct {
	name string
	what string // what the value is, in words
	// good judges a value of one of the tags.
	tags []string
	good func(n *yaml.Node) bool
}

// flagDefaults are the flags for which a default of a project is sensible: how calls are made, what is shown, and how careful a run is. None of them approves anything.
var flagDefaults = []flagDefault{
	{"color", "auto, always or never", text, oneOf("auto", "always", "never")},
	{"detailed-exitcode", "true or false", boolean, anything},
	{"format", "text, json, markdown or github", text, oneOf("text", "json", "markdown", "github")},
	{"log-format", "text or json", text, oneOf("text", "json")},
	{"log-level", "debug, info, warn or error", text, oneOf("debug", "info", "warn", "error")},
	{"parallelism", "a whole number from 1 to 256", []string{"!!int"}, func(n *yaml.Node) bool { i, err := strconv.Atoi(n.Value); return err == nil && i >= 1 && i <= 256 }},
	{"rate", "a number of calls a second above zero, such as 2 or 0.5", []string{"!!int", "!!float"}, func(n *yaml.Node) bool {
		f, err := strconv.ParseFloat(n.Value, 64)
		return err == nil && f > 0 && f <= 1e6
	}},
	{"refresh", "true or false", boolean, anything},
	{"settle", "a duration such as 60s, from 0s", text, duration(0)},
	{"timeout", "a duration above zero such as 30s", text, duration(1)},
}

var text, boolean = []string{"!!str"}, []string{"!!bool"}

func anything(*yaml.Node) bool { return true }

func oneOf(words ...string) func(*yaml.Node) bool {
	return func(n *yaml.Node) bool { return slices.Contains(words, n.Value) }
}

func duration(least time.Duration) func(*yaml.Node) bool {
	return func(n *yaml.Node) bool {
		d, err := time.ParseDuration(n.Value)
		return err == nil && d >= least && n.Value[0] >= '0' && n.Value[0] <= '9'
	}
}

// Flags that may not have a default, and why.
const (
	eachTime  = "it is said at the run that it is meant for"
	ownKey    = "it has a key of its own: "
	narrowing = "it chooses a part of the manifests, and a part that nobody asked for hides the rest"
)

// refusedDefaults say of flags why they may not have a default. Those that are in neither table are simply not known here.
var refusedDefaults = map[string]string{
	"auto-approve": "approval is given to one run; a CI job says --auto-approve itself", "confirm-deletes": eachTime + "; guards can ask for it more often", "moves": eachTime, "prune": eachTime, "waive": eachTime,
	"during-charges": "it takes a guard of charges away; " + eachTime, "recreate": eachTime, "accept": eachTime, "plan": eachTime + "; guards.requirePlan asks for it",
	"show-personal": "personal data is shown to who asks for it on a terminal", "endpoint": ownKey + "environments.NAME.endpoint", "lockfile": ownKey + "environments.NAME.lockfile",
	"env": ownKey + "defaultEnvironment", "selector": narrowing, "target": narrowing, "exclude": narrowing, "kind": narrowing,
}

// Defaults lists the flags that may have a default.
func Defaults() []string {
	var names []string
	for _, d := range flagDefaults {
		names = append(names, d.name)
	}
	return names
}

func (r *reader) defaults(n *yaml.Node, into *map[string]Said[string]) {
	*into = map[string]Said[string]{}
	known := map[string]func(*yaml.Node){}
	for _, d := range flagDefaults {
		known[d.name] = func(v *yaml.Node) {
			v = r.scalar(v, d.what, d.tags...)
			if v == nil {
				return
			}
			if !d.good(v) {
				r.errorf(v, "write %s", d.what)
				return
			}
			(*into)[d.name] = Said[string]{v.Value, r.at(v)}
		}
	}
	r.eachOr(n, "defaults", known, r.refusedDefault)
}

// refusedDefault tells why a flag has no default; false if it is none that could be meant.
func (r *reader) refusedDefault(key *yaml.Node) bool {
	name := strings.TrimLeft(key.Value, "-")
	if slices.Contains(Defaults(), name) {
		r.shown[key] = true
		r.errorf(key, "write %s without dashes", name)
		return true
	}
	why := refusedDefaults[name]
	if why == "" {
		return false
	}
	r.shown[key] = true
	r.errorf(key, "--%s may not have a default: %s. Defaults are for %s", name, why, strings.Join(Defaults(), ", "))
	return true
}

// near gives "; did you mean x?", or all there is.
func near(word string, known []string) string {
	if best := spec.Nearest(word, known, 1); len(best) > 0 {
		return "; did you mean " + best[0] + "?"
	}
	return ": known are " + strings.Join(known, ", ")
}
