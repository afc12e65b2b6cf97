package policy

import (
	"regexp"
	"regexp/syntax"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
	"github.com/mokasync/mokasync/internal/spec"
)

// maxPattern is how many steps a pattern may be made of once its repetitions are written out: "(a{1000}){1000}" is short to write and long to match.
const maxPattern = 1000

// pattern is what is looked for, and of how many steps it is made.
type pattern struct {
	*regexp.Regexp
	steps int
}

// patterns are the patterns of the expressions that were compiled, by their texts. An expression writes them out, so that there are no others.
var patterns sync.Map

// matches is CEL's, but for patterns that are written out.
func matches() cel.EnvOption {
	return cel.Function(overloads.Matches, cel.MemberOverload(overloads.MatchesString, []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(text, written ref.Val) ref.Val {
		p, known := patterns.Load(written)
		t, ok := text.(types.String)
		if !known || !ok {
			return types.MaybeNoSuchOverloadErr(text)
		}
		if matchCost(text, written) > maxCost { // what a call costs is counted when it is over
			panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: runsTooLong})
		}
		return types.Bool(p.(*pattern).MatchString(string(t)))
	})))
}

// badPattern judges the pattern of a call of matches, and keeps a good one; "" for no mistake.
func badPattern(written ast.Expr) string {
	text, ok := textOf(written)
	if !ok {
		return "the pattern of matches is to be written out, as a text in quotes"
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return "the pattern cannot be read: " + plain(err.Error())
	}
	if steps(parsed) > maxPattern {
		return "the pattern repeats too much: make it simpler"
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return "the pattern cannot be read: " + plain(err.Error())
	}
	patterns.Store(types.String(text), &pattern{compiled, steps(parsed)})
	return ""
}

// steps counts what a pattern is made of, no further than a little above maxPattern.
func steps(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		if n += steps(sub); n > maxPattern {
			return n
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// badPatterns finds the patterns of an expression that cannot be used.
func (r Rule) badPatterns(a *ast.AST) []spec.Diagnostic {
	var ds []spec.Diagnostic
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != overloads.Matches || len(e.AsCall().Args()) != 1 {
			return
		}
		written := e.AsCall().Args()[0]
		if why := badPattern(written); why != "" {
			ds = append(ds, r.mistake(r.charAt(a, written.ID()), "%s", why))
		}
	}))
	return ds
}
