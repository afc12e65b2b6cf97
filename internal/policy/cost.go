package policy

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// maxCost is what one evaluation may cost, in CEL's own measure: about one for each step, and one for each ten characters that are looked at. checkEvery is after how many rounds of a loop a run
// that was stopped is noticed.
const (
	maxCost    = 10_000
	checkEvery = 64
)

// bounded are the limits of an evaluation.
//
// CEL counts a list as one step however much lies in it, so that lists of lists that hold one another many times would cost nothing to make, and years to compare. Here what makes a list or mapping
// pays for all that it holds, at every depth. So none weighs more than maxCost, and whatever is then done with it ends soon.
func bounded() []cel.ProgramOption {
	return []cel.ProgramOption{cel.CustomDecoratorV2(weighed), cel.CostTracking(costs{}), cel.CostLimit(maxCost), cel.InterruptCheckFrequency(checkEvery)}
}

// The names under which the making of lists and mappings is counted.
const (
	makeList = "@list"
	makeMap  = "@map"
)

// weighed has what makes a list or mapping weigh it. What is written out in the expression is left: it is as long as the expression.
func weighed(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	switch made := i.(type) {
	case interpreter.InterpretableConstructor:
		parts := made.InitVals()
		written := !slices.ContainsFunc(parts, func(part interpreter.InterpretableV2) bool {
			_, is := part.(interpreter.InterpretableConst)
			return !is
		})
		switch {
		case written:
		case made.Type() == types.ListType:
			return interpreter.NewCall(i.ID(), makeList, makeList, parts, listOf), nil
		case made.Type() == types.MapType:
			return interpreter.NewCall(i.ID(), makeMap, makeMap, parts, mappingOf), nil
		}
	case interpreter.InterpretableCall:
		if made.Function() == operators.Add {
			return interpreter.NewCall(i.ID(), operators.Add, made.OverloadID(), made.Args(), add), nil
		}
	}
	return i, nil
}

func listOf(items ...ref.Val) ref.Val {
	return light(types.NewRefValList(objects, slices.Clone(items)))
}

func mappingOf(items ...ref.Val) ref.Val {
	entries := make(map[ref.Val]ref.Val, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		entries[items[i]] = items[i+1]
	}
	return light(types.NewRefValMap(objects, entries))
}

// add is CEL's +, but for lists: what map and filter collect grows in its place, any other is copied, since CEL would only note what it is joined of.
func add(args ...ref.Val) ref.Val {
	left, ok := args[0].(traits.Adder)
	if !ok {
		return types.NewErr("no such overload")
	}
	a, isList := args[0].(traits.Lister)
	b, both := args[1].(traits.Lister)
	if _, grows := args[0].(traits.MutableLister); grows || !isList || !both {
		return left.Add(args[1])
	}
	var items []ref.Val
	for _, list := range []traits.Lister{a, b} {
		for it := list.Iterator(); it.HasNext() == types.True; {
			items = append(items, it.Next())
		}
	}
	return light(types.NewRefValList(objects, items))
}

// light gives a value that an evaluation may hold, and ends the evaluation on any other.
func light(v ref.Val) ref.Val {
	if weight(v) > maxCost {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: runsTooLong})
	}
	return v
}

// costs are what the calls cost that CEL takes for cheap. It asks for them once they are made.
type costs struct{}

// CallCost gives the cost of a call, nil for what CEL says.
func (costs) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	cost := 1
	switch function {
	case makeList, makeMap:
		cost += weight(result)
	case operators.Add:
		if _, grows := args[0].(traits.MutableLister); grows {
			cost += weight(args[1])
		} else {
			cost += weight(result)
		}
	case operators.Equals, operators.NotEquals:
		cost = min(weight(args[0]), weight(args[1])) // all that the smaller one holds is looked at
	case operators.In, operators.OldIn:
		if _, list := args[1].(traits.Lister); list {
			cost = weight(args[1])
		}
	default:
		return textCost(function, args)
	}
	out := uint64(cost)
	return &out
}

// objectWeight is what an object of ours weighs: about its members.
const objectWeight = 50

// weight counts what a value holds: one for it and one for ten characters of text, and so for all that lies in it. It stops a little above maxCost.
func weight(v ref.Val) int {
	n := 1
	switch held := v.(type) {
	case types.String:
		n += len(held) / 10
	case types.Bytes:
		n += len(held) / 10
	case *object:
		n += objectWeight
	case traits.Lister:
		for it := held.Iterator(); n <= maxCost && it.HasNext() == types.True; {
			n += weight(it.Next())
		}
	case traits.Mapper:
		for it := held.Iterator(); n <= maxCost && it.HasNext() == types.True; {
			key := it.Next()
			n += weight(key)
			if value, found := held.Find(key); found {
				n += weight(value)
			}
		}
	}
	return n
}
