package policy

import (
	"slices"

	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// zoneCost is what it costs to find a time zone by its name.
const zoneCost = 50

// counted are the functions of texts that CEL counts by their length itself.
var counted = []string{overloads.Contains, overloads.StartsWith, overloads.EndsWith, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals}

// textCost gives what a call costs that looks at texts, one for ten characters: CEL takes conversions and sizes for single steps, however long the text is. nil is for what CEL says.
func textCost(function string, args []ref.Val) *uint64 {
	cost := 1
	switch {
	case slices.Contains(counted, function):
		return nil
	case function == overloads.Matches:
		cost += matchCost(args[0], args[1])
	case len(args) == 2 && slices.Contains(readers, function):
		cost += zoneCost
	default:
		for _, arg := range args {
			cost += textLength(arg) / 10
		}
	}
	out := uint64(cost)
	return &out
}

func textLength(v ref.Val) int {
	switch text := v.(type) {
	case types.String:
		return len(text)
	case types.Bytes:
		return len(text)
	}
	return 0
}

// matchCost is what it costs to look for a pattern in a text: each step of the pattern may be tried at each character. A hundred of those count for one.
func matchCost(text, p ref.Val) int {
	known, ok := patterns.Load(p)
	if !ok {
		return 0
	}
	return known.(*pattern).steps * (textLength(text) + 1) / 100
}
