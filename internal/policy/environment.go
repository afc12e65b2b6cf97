package policy

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// variableNames are the variables of an expression, in the order in which they are told.
var variableNames = []string{"resource", "change", "money", "today", "endpoint", "environment"}

// functionNames are the functions that an expression may use, for who mistypes one.
var functionNames = []string{
	"all", "bool", "bytes", "contains", "double", "duration", "dyn", "endsWith", "exists", "exists_one", "filter", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear",
	"getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds", "has", "int", "kurus", "map", "matches", "size", "startsWith", "string", "timestamp", "type", "uint",
}

// maxNesting is how deep loops may nest.
const maxNesting = 3

// environment is what expressions are read in. It is made when the first is: a run without policies does not pay for it.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	p := &provider{registry}
	without := env.NewLibrarySubset().AddExcludedFunctions(&env.Function{Name: overloads.Matches})
	return cel.NewCustomEnv(
		cel.CustomTypeProvider(p), cel.CustomTypeAdapter(p),
		cel.StdLib(cel.StdLibSubset(without)),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(MaxExpression), cel.ParserRecursionLimit(100),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateComprehensionNestingLimit(maxNesting)),
		cel.Variable("resource", resourceClass.typ), cel.Variable("change", changeClass.typ), cel.Variable("money", cel.MapType(cel.StringType, moneyClass.typ)),
		cel.Variable("today", cel.StringType), cel.Variable("endpoint", cel.StringType), cel.Variable("environment", cel.StringType),
		cel.Function("kurus", cel.Overload("kurus_string", []*cel.Type{cel.StringType}, cel.IntType, cel.UnaryBinding(kurus))),
		matches(),
	)
})

// variables are the values that one evaluation sees.
type variables struct {
	resource, change             *object
	money                        ref.Val
	today, endpoint, environment string
}

// ResolveName finds a variable.
func (v *variables) ResolveName(name string) (any, bool) {
	switch name {
	case "resource":
		return v.resource, v.resource != nil
	case "change":
		return v.change, v.change != nil
	case "money":
		return v.money, v.money != nil
	case "today":
		return v.today, true
	case "endpoint":
		return v.endpoint, true
	case "environment":
		return v.environment, true
	}
	return nil, false
}

// Parent is none: these are all variables.
func (v *variables) Parent() cel.Activation { return nil }

var (
	errNoAmount = errors.New(`kurus takes an amount with up to two decimal places, such as "149.90"`)
	errTooLarge = errors.New("an amount in kuruş is larger than 64 bits hold")
)

// kurus reads an amount in kuruş, exactly: "149.90", "149.9", "149", "-0.05". Each error is a new one, since CEL writes its place into it.
func kurus(v ref.Val) ref.Val {
	s, ok := v.(types.String)
	if !ok {
		return types.WrapErr(errNoAmount)
	}
	text, negative := strings.CutPrefix(string(s), "-")
	whole, part, point := strings.Cut(text, ".")
	if !digits(whole) || point && (!digits(part) || len(part) > 2) {
		return types.WrapErr(errNoAmount)
	}
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+(part + "00")[:2], 10, 64)
	if err != nil {
		return types.WrapErr(errTooLarge)
	}
	return types.Int(n)
}

func digits(s string) bool {
	return s != "" && len(s) < math.MaxUint16 && strings.Trim(s, "0123456789") == ""
}
