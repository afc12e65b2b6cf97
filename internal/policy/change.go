package policy

import (
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// step is what the variable change stands for.
type step struct {
	address spec.Address
	change  *plan.Change // nil where nothing changes
}

var (
	fieldClass = newClass("FieldChange", map[string]*member{
		"from": {typ: types.DynType, get: func(d any) ref.Val { return shown(d.(*plan.FieldChange).From) }},
		"to":   {typ: types.DynType, get: func(d any) ref.Val { return shown(d.(*plan.FieldChange).To) }},
	})
	changeClass = newClass("Change", map[string]*member{
		"address": {typ: types.StringType, get: func(d any) ref.Val { return types.String(d.(*step).address.String()) }},
		"kind":    {typ: types.StringType, words: kindWords(), get: func(d any) ref.Val { return types.String(d.(*step).address.Kind.String()) }},
		"action":  {typ: types.StringType, words: actionWords(), get: func(d any) ref.Val { return types.String(d.(*step).action().String()) }},
		"fields":  {typ: types.NewMapType(types.StringType, fieldClass.typ), get: func(d any) ref.Val { return d.(*step).fields() }},
	})
	moneyClass = newClass("Money", map[string]*member{
		"perMonthBefore": {typ: types.StringType, get: func(d any) ref.Val { return types.String(d.(*forecast.Currency).Before.String()) }},
		"perMonthAfter":  {typ: types.StringType, get: func(d any) ref.Val { return types.String(d.(*forecast.Currency).After.String()) }},
		"charges30":      {typ: types.IntType, get: func(d any) ref.Val { return types.Int(d.(*forecast.Currency).Charges30) }},
		"charges90":      {typ: types.IntType, get: func(d any) ref.Val { return types.Int(d.(*forecast.Currency).Charges90) }},
	})
)

func actionWords() []string {
	var words []string
	for _, a := range plan.Actions {
		words = append(words, a.String())
	}
	return words
}

func (s *step) action() plan.Action {
	if s.change == nil {
		return plan.Unchanged
	}
	return s.change.Action
}

func (s *step) fields() ref.Val {
	out := map[string]any{}
	if s.change != nil {
		for i := range s.change.Fields {
			f := &s.change.Fields[i]
			out[f.Field.Name] = fieldClass.of(f)
		}
	}
	return types.NewStringInterfaceMap(objects, out)
}

// objects adapts the values of maps.
var objects = &provider{types.NewEmptyRegistry()}

// shown gives a side of a changed field as the plan shows it, what is personal or secret hidden; nil for none.
func shown(t plan.Text) ref.Val {
	texts := t.Mask()
	switch {
	case texts == nil:
		return nil
	case t.List():
		return types.NewStringList(types.DefaultTypeAdapter, texts)
	case len(texts) == 0:
		return types.String("")
	}
	return types.String(texts[0])
}

// moneyOf gives what a plan comes to, by currency.
func moneyOf(p *plan.Plan) ref.Val {
	out := map[string]any{}
	if p.Money != nil {
		for i := range p.Money.Currencies {
			c := &p.Money.Currencies[i]
			out[c.Currency] = moneyClass.of(c)
		}
	}
	return types.NewStringInterfaceMap(objects, out)
}
