package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// selection is the part of the manifests that -l, --target, --kind and --exclude choose.
type selection struct {
	labels   func(map[string]string) bool
	targets  map[spec.Address]bool
	excluded map[spec.Address]bool
	kinds    map[spec.Kind]bool
}

// selectionOf reads the flags; nil chooses everything.
func selectionOf(flags inputFlags) (*selection, error) {
	if flags.selector == "" && len(flags.targets)+len(flags.excluded)+len(flags.kinds) == 0 {
		return nil, nil
	}
	s := &selection{kinds: map[spec.Kind]bool{}}
	var err error
	if s.labels, err = parseSelector(flags.selector); err != nil {
		return nil, err
	}
	if s.targets, err = addresses("--target", flags.targets); err != nil {
		return nil, err
	}
	if s.excluded, err = addresses("--exclude", flags.excluded); err != nil {
		return nil, err
	}
	for _, text := range flags.kinds {
		kind, ok := kindNamed(text)
		if !ok {
			return nil, fmt.Errorf("--kind: there is no kind %q; there are %s", text, strings.Join(kindNames(), ", "))
		}
		s.kinds[kind] = true
	}
	return s, nil
}

func addresses(flag string, texts []string) (map[spec.Address]bool, error) {
	out := map[spec.Address]bool{}
	for _, text := range texts {
		address, err := spec.ParseAddress(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		out[address] = true
	}
	return out, nil
}

// kindNamed reads a kind in whatever case it is written.
func kindNamed(text string) (spec.Kind, bool) {
	for _, k := range spec.Kinds() {
		if strings.EqualFold(text, k.String()) {
			return k, true
		}
	}
	return 0, false
}

func kindNames() []string {
	var names []string
	for _, k := range spec.Kinds() {
		names = append(names, k.String())
	}
	return names
}

// matches reports whether a resource is one of those that are asked for.
func (s *selection) matches(a spec.Address, labels map[string]string) bool {
	return (len(s.targets) == 0 || s.targets[a]) && (len(s.kinds) == 0 || s.kinds[a.Kind]) && !s.excluded[a] && s.labels(labels)
}

// missing are targets and exclusions that the manifests do not have.
func (s *selection) missing(set *spec.Set) []spec.Address {
	var out []spec.Address
	for _, wanted := range []map[spec.Address]bool{s.targets, s.excluded} {
		for a := range wanted {
			if set.Get(a) == nil {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, spec.Address.Compare)
	return out
}

// choose gives the resources that are asked for with all that they depend on, without those that are excluded and all that depends on them, and says in words that this is a
// part; nil for all.
func (s *selection) choose(set *spec.Set) (chosen map[spec.Address]bool, partial string) {
	out := s.withDependents(set)
	chosen = map[spec.Address]bool{}
	for _, r := range set.Resources {
		if !out[r.Address] && s.matches(r.Address, r.Labels) {
			withNeeded(set, r, chosen)
		}
	}
	if len(chosen) == len(set.Resources) {
		return nil, "" // all of them is no part
	}
	return chosen, partialText(set, chosen)
}

// withDependents gives what is excluded, with all that depends on it: without it they could not be made.
func (s *selection) withDependents(set *spec.Set) map[spec.Address]bool {
	if len(s.excluded) == 0 {
		return nil
	}
	neededBy := map[spec.Address][]spec.Address{}
	for _, r := range set.Resources {
		for _, a := range r.References() {
			neededBy[a] = append(neededBy[a], r.Address)
		}
	}
	out := map[spec.Address]bool{}
	var exclude func(a spec.Address)
	exclude = func(a spec.Address) {
		if !out[a] {
			out[a] = true
			for _, b := range neededBy[a] {
				exclude(b)
			}
		}
	}
	for a := range s.excluded {
		exclude(a)
	}
	return out
}

// excludes gives what a selection excludes of what the lockfile knows: what is named, and what depends on it.
func (s *selection) excludes(known *lockfile.Lock) map[spec.Address]bool {
	out := maps.Clone(s.excluded)
	for grown := len(out) > 0; grown; { // a chain of kinds is short
		grown = false
		for _, e := range known.Entries() {
			if !out[e.Address] && slices.ContainsFunc(e.DependsOn, func(a spec.Address) bool { return out[a] }) {
				out[e.Address], grown = true, true
			}
		}
	}
	return out
}

func withNeeded(set *spec.Set, r *spec.Resource, chosen map[spec.Address]bool) {
	if chosen[r.Address] {
		return
	}
	chosen[r.Address] = true
	for _, a := range r.References() {
		if needed := set.Get(a); needed != nil {
			withNeeded(set, needed, chosen)
		}
	}
}

// namedLeftOut is how many of the resources that a plan leaves out it names.
const namedLeftOut = 5

func partialText(set *spec.Set, chosen map[spec.Address]bool) string {
	left := len(set.Resources) - len(chosen)
	var names []string
	for _, r := range set.Resources {
		if !chosen[r.Address] && len(names) < namedLeftOut {
			names = append(names, r.Address.String())
		}
	}
	text := fmt.Sprintf("%d of %d resources are looked at, %d left out: %s", len(chosen), len(set.Resources), left, strings.Join(names, ", "))
	if left > len(names) {
		text += fmt.Sprintf(" and %d more", left-len(names))
	}
	return text
}

// parseSelector reads a label selector: requirements separated by commas, all of which hold. key=value (or ==), key!=value, key, !key,
// "key in (a,b)", "key notin (a,b)".
func parseSelector(text string) (func(map[string]string) bool, error) {
	var all []func(map[string]string) bool
	for _, part := range splitOutside(text) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		match, err := parseRequirement(part)
		if err != nil {
			return nil, err
		}
		all = append(all, match)
	}
	return func(labels map[string]string) bool {
		for _, match := range all {
			if !match(labels) {
				return false
			}
		}
		return true
	}, nil
}

func parseRequirement(part string) (func(map[string]string) bool, error) {
	bad := fmt.Errorf("-l: cannot read %q: write key=value, key!=value, key, !key, or `key in (a,b)`", part)
	if key, list, ok := strings.Cut(part, "("); ok {
		words := strings.Fields(key)
		list, closed := strings.CutSuffix(strings.TrimSpace(list), ")")
		if len(words) != 2 || !closed || words[1] != "in" && words[1] != "notin" {
			return nil, bad
		}
		values := map[string]bool{}
		for _, v := range strings.Split(list, ",") {
			values[strings.TrimSpace(v)] = true
		}
		return func(labels map[string]string) bool {
			have, ok := labels[words[0]]
			return (ok && values[have]) == (words[1] == "in")
		}, nil
	}
	if key, value, ok := strings.Cut(part, "!="); ok && strings.TrimSpace(key) != "" {
		return func(labels map[string]string) bool { return labels[strings.TrimSpace(key)] != strings.TrimSpace(value) }, nil
	}
	if key, value, ok := strings.Cut(part, "="); ok && strings.TrimSpace(key) != "" {
		key, value = strings.TrimSpace(key), strings.TrimSpace(strings.TrimPrefix(value, "="))
		return func(labels map[string]string) bool { have, ok := labels[key]; return ok && have == value }, nil
	}
	key, not := strings.CutPrefix(part, "!")
	if key == "" || strings.ContainsAny(key, " !=") {
		return nil, bad
	}
	return func(labels map[string]string) bool { _, ok := labels[key]; return ok != not }, nil
}

// splitOutside splits at commas that stand outside parentheses.
func splitOutside(text string) []string {
	var parts []string
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}
