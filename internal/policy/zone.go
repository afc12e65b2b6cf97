package policy

import (
	"regexp"
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/overloads"
	"github.com/mokasync/mokasync/internal/spec"
)

// readers read a part of a time, in a time zone where one is given.
var readers = []string{
	overloads.TimeGetFullYear, overloads.TimeGetMonth, overloads.TimeGetDate, overloads.TimeGetDayOfMonth, overloads.TimeGetDayOfWeek, overloads.TimeGetDayOfYear,
	overloads.TimeGetHours, overloads.TimeGetMinutes, overloads.TimeGetSeconds, overloads.TimeGetMilliseconds,
}

// zoneName is a time zone that is the same on every machine: "Local" is each machine's own, and of other names machines have newer rules or older ones.
var zoneName = regexp.MustCompile(`^(UTC|Europe/Istanbul|[+-](0[0-9]|1[0-4]):[0-5][0-9])$`)

// badZones finds time zones that could be others on another machine.
func (r Rule) badZones(a *ast.AST) []spec.Diagnostic {
	var ds []spec.Diagnostic
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || !slices.Contains(readers, e.AsCall().FunctionName()) {
			return
		}
		for _, zone := range e.AsCall().Args() {
			if name, ok := textOf(zone); !ok || !zoneName.MatchString(name) {
				ds = append(ds, r.mistake(r.charAt(a, zone.ID()), `a time zone is written out: "Europe/Istanbul", "UTC", or an offset such as "+03:00"`))
			}
		}
	}))
	return ds
}

// badValues finds values of types that are made by name. None is of use here, and making one can cost more than is counted.
func (r Rule) badValues(a *ast.AST) []spec.Diagnostic {
	var ds []spec.Diagnostic
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.StructKind {
			ds = append(ds, r.mistake(r.charAt(a, e.ID()), "an expression makes no values of types such as %s: it judges what there is", quoted(e.AsStruct().TypeName())))
		}
	}))
	return ds
}
