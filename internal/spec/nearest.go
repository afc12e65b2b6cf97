package spec

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest gives the candidates that differ from text by a slip of the fingers, the nearest first, those that are equally near in the order of their texts, and no more
// than most. Case does not count.
func Nearest(text string, candidates []string, most int) []string {
	type hit struct {
		text string
		away int
	}
	var hits []hit
	limit := 2 + len(text)/4
	for _, c := range candidates {
		if len(c)-len(text) >= limit || len(text)-len(c) >= limit {
			continue
		}
		if away := distance(strings.ToLower(text), strings.ToLower(c)); away < limit {
			hits = append(hits, hit{c, away})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(a.away-b.away, cmp.Compare(a.text, b.text)) })
	var out []string
	for _, h := range hits {
		if len(out) < most && !slices.Contains(out, h.text) {
			out = append(out, h.text)
		}
	}
	return out
}
