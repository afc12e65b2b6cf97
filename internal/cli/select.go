package cli

import (
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// selection gives the resources that -l and --target choose, with all that they depend on, and says in words that it is a part; nil for all.
func selection(set *spec.Set, flags inputFlags) (map[spec.Address]bool, string, error) {
	if flags.selector == "" && len(flags.targets) == 0 {
		return nil, "", nil
	}
	matches, err := parseSelector(flags.selector)
	if err != nil {
		return nil, "", err
	}
	wanted := map[spec.Address]bool{}
	for _, text := range flags.targets {
		address, err := spec.ParseAddress(text)
		if err != nil {
			return nil, "", fmt.Errorf("--target: %w", err)
		}
		if set.Get(address) == nil {
			return nil, "", fmt.Errorf("--target: the manifests have no %s", address)
		}
		wanted[address] = true
	}
	chosen := map[spec.Address]bool{}
	for _, r := range set.Resources {
		if (len(wanted) == 0 || wanted[r.Address]) && matches(r.Labels) {
			choose(set, r, chosen)
		}
	}
	if len(chosen) == 0 {
		return nil, "", fmt.Errorf("nothing is chosen: no resource has labels that match -l %q", flags.selector)
	}
	left := len(set.Resources) - len(chosen)
	if left == 0 {
		return nil, "", nil // all of them is no part
	}
	return chosen, fmt.Sprintf("%d of %d resources are looked at, %d are left out", len(chosen), len(set.Resources), left), nil
}

func choose(set *spec.Set, r *spec.Resource, chosen map[spec.Address]bool) {
	if chosen[r.Address] {
		return
	}
	chosen[r.Address] = true
	for _, a := range r.References() {
		if needed := set.Get(a); needed != nil {
			choose(set, needed, chosen)
		}
	}
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
