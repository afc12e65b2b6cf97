package policy

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/mokasync/mokasync/internal/spec"
)

// neverTrue finds comparisons with words that never stand there: a policy about resource.kind == "Sales" would look as if it held, and say nothing.
func (r Rule) neverTrue(a *ast.AST) []spec.Diagnostic {
	var ds []spec.Diagnostic
	judge := func(m *member, literal ast.Expr) {
		word, ok := textOf(literal)
		if !ok || m == nil || m.words == nil || slices.Contains(m.words, word) {
			return
		}
		ds = append(ds, r.mistake(r.charAt(a, literal.ID()), "this is never %s%s", quoted(word), near(word, m.words)))
	}
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			judge(memberAt(a, left), right)
			judge(memberAt(a, right), left)
		case operators.In:
			if right.Kind() == ast.ListKind {
				for _, element := range right.AsList().Elements() {
					judge(memberAt(a, left), element)
				}
			}
		}
	}))
	return ds
}

// memberAt gives the member of a class that x.name means.
func memberAt(a *ast.AST, e ast.Expr) *member {
	if e.Kind() != ast.SelectKind || e.AsSelect().IsTestOnly() {
		return nil
	}
	if c := classes[a.GetType(e.AsSelect().Operand().ID()).TypeName()]; c != nil {
		return c.members[e.AsSelect().FieldName()]
	}
	return nil
}

func textOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// charAt gives the place of a part of an expression, in characters from 0; -1 where it is not known.
func (r Rule) charAt(a *ast.AST, id int64) int {
	at := a.SourceInfo().GetStartLocation(id)
	return r.char(at.Line(), at.Column())
}

// char counts characters up to a line, from 1, and a column, from 0.
func (r Rule) char(line, column int) int {
	if line < 1 || column < 0 {
		return -1
	}
	n := 0
	for i, text := range strings.SplitAfter(r.Expression, "\n") {
		if i == line-1 {
			return n + column
		}
		n += len([]rune(text))
	}
	return -1
}

// near gives "; did you mean x?", or all there is.
func near(word string, known []string) string {
	if best := spec.Nearest(word, known, 1); len(best) > 0 {
		return "; did you mean " + best[0] + "?"
	}
	return ": there are " + strings.Join(known, ", ")
}
