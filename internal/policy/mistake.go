package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/interpreter"
	"github.com/mokasync/mokasync/internal/spec"
)

// mistake is an error at a character of the expression, -1 for the whole.
func (r Rule) mistake(char int, format string, args ...any) spec.Diagnostic {
	d := r.At(char)
	d.Severity = spec.Error
	d.Message = fmt.Sprintf(format, args...) + " (policy " + r.Name + ")"
	return d
}

// maxMistakes is how many mistakes of one expression are told: the first ones explain the rest.
const maxMistakes = 5

// mistakes tells what CEL found in an expression.
func (r Rule) mistakes(found []*common.Error) []spec.Diagnostic {
	slices.SortStableFunc(found, func(a, b *common.Error) int {
		return r.char(a.Location.Line(), a.Location.Column()) - r.char(b.Location.Line(), b.Location.Column())
	})
	var ds []spec.Diagnostic
	for _, e := range found {
		if len(ds) == maxMistakes {
			break
		}
		ds = append(ds, r.mistake(r.char(e.Location.Line(), e.Location.Column()), "%s", r.words(e.Message, r.char(e.Location.Line(), e.Location.Column()))))
		if strings.HasPrefix(e.Message, "Syntax error") {
			break // what follows is guessed
		}
	}
	return ds
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '(.*)' \(in container '.*'\)$`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
	operatorName   = regexp.MustCompile(`^[@_!-]*([a-z]+|[^A-Za-z_]+?)_*$`)
)

// words says a mistake at a character as this project speaks. What it knows no better is CEL's own sentence.
func (r Rule) words(message string, char int) string {
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		return fieldWords(m[1])
	}
	if m := undeclared.FindStringSubmatch(message); m != nil {
		if best := spec.Nearest(m[1], slices.Concat(variableNames, functionNames), 1); len(best) > 0 {
			return fmt.Sprintf("there is no %s here; did you mean %s?", quoted(m[1]), best[0])
		}
		return fmt.Sprintf("there is no %s here; there are the variables %s, and functions", quoted(m[1]), strings.Join(variableNames, ", "))
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		name := m[1]
		if op := operatorName.FindStringSubmatch(name); op != nil && strings.Trim(name, "_") != "" {
			name = op[1]
		}
		return plain(fmt.Sprintf("%s does not take %s", name, strings.NewReplacer("list(dyn)", "list", ".(", " and (").Replace(m[2]))) + r.amountHint(char)
	}
	if rest, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		if strings.Contains(rest, "<EOF>") {
			return "the expression ends too early: something is to follow, such as a closing bracket"
		}
		if strings.HasPrefix(rest, "token recognition error at: '=") {
			return "`=` compares nothing: write `==`"
		}
		rest, _, _ = strings.Cut(rest, " expecting ")
		return "this cannot be read: " + plain(rest)
	}
	if strings.HasPrefix(message, "expression code point size exceeds limit") {
		return fmt.Sprintf("the expression is longer than %d characters", MaxExpression)
	}
	if message == "comprehension exceeds nesting limit" {
		return fmt.Sprintf("loops (all, exists, map, …) nest %d deep at most", maxNesting)
	}
	return plain(message)
}

func fieldWords(name string) string {
	if slices.Contains(specClass.secret, name) {
		return fmt.Sprintf("%s is secret: no policy sees it", name)
	}
	var known []string
	for _, c := range classes {
		known = append(known, c.names()...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	if best := spec.Nearest(name, known, 1); len(best) > 0 {
		return fmt.Sprintf("there is no %s here; did you mean %s?", quoted(name), best[0])
	}
	return fmt.Sprintf("there is no %s here", quoted(name))
}

var (
	amountLeft  = regexp.MustCompile(`([A-Za-z_][\w.\[\]"]*\.(?:amount|perMonthBefore|perMonthAfter))\s*$`)
	amountRight = regexp.MustCompile(`^[=<>!+*/%-]+\s*([A-Za-z_][\w.\[\]"]*\.(?:amount|perMonthBefore|perMonthAfter))\b`)
)

// amountHint says how to reckon with an amount that stands beside the operator at a character; "" where none does.
func (r Rule) amountHint(char int) string {
	runes := []rune(r.Expression)
	if char < 0 || char > len(runes) {
		return ""
	}
	m := amountLeft.FindStringSubmatch(string(runes[:char]))
	if m == nil {
		m = amountRight.FindStringSubmatch(string(runes[char:]))
	}
	if m == nil {
		return ""
	}
	return "; an amount is a text: kurus(" + m[1] + ") > 10000"
}

func typeWord(t *cel.Type) string {
	switch {
	case t.IsExactType(cel.DynType):
		return "a value of any type"
	case t.IsExactType(cel.IntType):
		return "a number"
	case t.IsExactType(cel.StringType):
		return "a text"
	case t.IsExactType(cel.NullType):
		return "null"
	}
	return "a " + plain(strings.ToLower(t.String()))
}

// maxWords is how long a sentence of CEL's may be.
const maxWords = 200

// plain makes one line of a sentence that is not ours.
func plain(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return ' '
		}
		return c
	}, text)), " ")
	if runes := []rune(text); len(runes) > maxWords {
		text = string(runes[:maxWords]) + "…"
	}
	return text
}

func quoted(word string) string {
	if runes := []rune(word); len(runes) > 40 {
		word = string(runes[:40]) + "…"
	}
	return strconv.Quote(word)
}

// runsTooLong is said where an evaluation costs more than maxCost.
const runsTooLong = "the expression runs too long: make it simpler"

// failure says why an evaluation failed, and where in the expression. CEL's sentences can hold values, and so personal data: only those are told that cannot.
func (c *compiled) failure(err error) (char int, why string) {
	char = -1
	var at *types.Err
	if errors.As(err, &at) && at.NodeID() != 0 {
		char = c.charAt(c.ast.NativeRep(), at.NodeID())
	}
	var absent *absentError
	var stopped interpreter.EvalCancelledError
	switch {
	case errors.As(err, &stopped) && stopped.Cause == interpreter.CostLimitExceeded, strings.Contains(err.Error(), "cost limit exceeded"):
		return -1, runsTooLong
	case errors.As(err, &absent):
		if c.says(absent.name) {
			return char, fmt.Sprintf("there is no %s here: ask with `has` or for the kind first", absent.name)
		}
		return char, "there is no such field here: ask with `has` or for the kind first"
	case errors.Is(err, errNoAmount):
		return char, errNoAmount.Error()
	case errors.Is(err, errTooLarge):
		return char, errTooLarge.Error()
	}
	text := err.Error()
	if key, ok := strings.CutPrefix(text, "no such key: "); ok {
		if c.says(key) {
			return char, fmt.Sprintf("there is no key %s here: ask with `in` first", quoted(key))
		}
		return char, "there is no such key: ask with `in` first"
	}
	for _, known := range []struct{ text, why string }{
		{"no such overload", "it does not take a value of this type"},
		{"division by zero", "it divides by zero"},
		{"modulus by zero", "it divides by zero"},
		{"integer overflow", "a number is larger than 64 bits hold"},
		{"unsigned integer overflow", "a number is larger than 64 bits hold"},
		{"timestamp overflow", "a time is out of range"},
		{"duration overflow", "a duration is out of range"},
	} {
		if text == known.text {
			return char, known.why
		}
	}
	return char, "a value does not fit what is done with it"
}

// says reports whether an expression itself names a field or key, as a whole: anything else may be a value of a resource, and is never shown.
func (c *compiled) says(name string) bool {
	found := false
	ast.PreOrderVisit(c.ast.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.SelectKind && e.AsSelect().FieldName() == name {
			found = true
		}
		if text, ok := textOf(e); ok && text == name {
			found = true
		}
	}))
	return found
}
