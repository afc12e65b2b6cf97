package project

import (
	"cmp"

	"gopkg.in/yaml.v3"
)

// Guards are what a merchant wants refused beyond what mokasync refuses by itself. Each can only make a run stricter.
type Guards struct {
	// ConfirmDeletesAbove has deletes confirmed by their number as soon as one of its bounds is exceeded.
	ConfirmDeletesAbove Above
	// RequirePlan: apply goes on only with a saved plan.
	RequirePlan Said[bool]
	// Money are the bounds that each currency (TL, USD, EUR) has of its own, and under Other those of all as far as their own say nothing. MoneyIn gives what holds.
	Money map[string]MoneyGuards
	// NoWritesBetween are hours in which nothing is changed.
	NoWritesBetween Said[[]Hours]
}

// Above are two bounds, each of which holds for itself where it is said.
type Above struct {
	// Count is a number of resources, from 0. Percent is a share of what the lockfile knows, 0 to 100.
	Count, Percent Said[int]
}

// over lays guards over others, key by key.
func (g Guards) over(base Guards) Guards {
	return Guards{
		ConfirmDeletesAbove: Above{g.ConfirmDeletesAbove.Count.or(base.ConfirmDeletesAbove.Count), g.ConfirmDeletesAbove.Percent.or(base.ConfirmDeletesAbove.Percent)},
		RequirePlan:         g.RequirePlan.or(base.RequirePlan),
		Money:               moneyOver(g, base),
		NoWritesBetween:     g.NoWritesBetween.or(base.NoWritesBetween),
	}
}

// Strictest takes of each guard the stricter one.
func (g Guards) Strictest(h Guards) Guards {
	return Guards{
		ConfirmDeletesAbove: Above{lower(g.ConfirmDeletesAbove.Count, h.ConfirmDeletesAbove.Count), lower(g.ConfirmDeletesAbove.Percent, h.ConfirmDeletesAbove.Percent)},
		RequirePlan:         held(g.RequirePlan, h.RequirePlan, true),
		Money:               moneyStrictest(g, h),
		NoWritesBetween:     both(g.NoWritesBetween, h.NoWritesBetween),
	}
}

func lower[T cmp.Ordered](a, b Said[T]) Said[T] {
	if a.At == "" || b.At != "" && b.Value < a.Value {
		return b
	}
	return a
}

func higher[T cmp.Ordered](a, b Said[T]) Said[T] {
	if a.At == "" || b.At != "" && b.Value > a.Value {
		return b
	}
	return a
}

// held gives the one of two that says what is the stricter.
func held(a, b Said[bool], stricter bool) Said[bool] {
	if b.At != "" && b.Value == stricter {
		return b
	}
	return a
}

func (r *reader) guards(n *yaml.Node, g *Guards) {
	r.each(n, "guards", map[string]func(*yaml.Node){
		"confirmDeletesAbove": func(v *yaml.Node) { r.above(v, &g.ConfirmDeletesAbove) },
		"requirePlan":         func(v *yaml.Node) { r.boolean(v, &g.RequirePlan) },
		"money":               func(v *yaml.Node) { r.money(v, &g.Money) },
		"noWritesBetween":     func(v *yaml.Node) { r.hours(v, &g.NoWritesBetween) },
	})
}

func (r *reader) above(n *yaml.Node, a *Above) {
	if r.each(n, "guards.confirmDeletesAbove", map[string]func(*yaml.Node){
		"count": func(v *yaml.Node) { r.integer(v, 0, 1_000_000_000, "a number of resources, from 0", &a.Count) },
		"percent": func(v *yaml.Node) {
			r.integer(v, 0, 100, "per cent of the resources in the lockfile, a whole number from 0 to 100", &a.Percent)
		},
	}) == 0 {
		r.errorf(n, "say count, percent, or both")
	}
}
