package importer

import (
	"strconv"

	"github.com/mokasync/mokasync/internal/spec"
)

// index finds things of an account by what others name them by.
type index struct {
	byID    map[spec.Kind]map[int64]*thing
	byCode  map[spec.Kind]map[string][]*thing // more than one under a code is a finding
	byToken map[string]*thing
}

func newIndex(a account) *index {
	x := &index{byID: map[spec.Kind]map[int64]*thing{}, byCode: map[spec.Kind]map[string][]*thing{}, byToken: map[string]*thing{}}
	for kind, things := range a {
		x.byID[kind], x.byCode[kind] = make(map[int64]*thing, len(things)), make(map[string][]*thing, len(things))
		for _, t := range things {
			x.add(t)
		}
	}
	return x
}

func (x *index) add(t *thing) {
	if t.ID != 0 {
		x.byID[t.Kind][t.ID] = t
	}
	if t.Code != "" {
		x.byCode[t.Kind][t.Code] = append(x.byCode[t.Kind][t.Code], t)
	}
	if t.Kind == spec.Card {
		if token := t.Texts(tokenField)[0]; x.byToken[token] == nil {
			x.byToken[token] = t
		}
	}
}

// target gives what a number and a code name, nil if that is not here. The number decides where Moka gives one: a code may have been taken anew by another.
func (x *index) target(kind spec.Kind, id int64, code string) *thing {
	if id != 0 {
		return x.byID[kind][id]
	}
	if same := x.byCode[kind][code]; len(same) == 1 {
		return same[0]
	}
	return nil
}

// party gives what a thing's reference names, nil if that is not here. A list's elements are asked for by their text.
func (x *index) party(t *thing, field *spec.Field, text string) *thing {
	switch field.Target {
	case spec.Customer, spec.Product, spec.Sale:
		return x.target(field.Target, t.number(field.Target), text)
	case spec.Card:
		return x.byToken[text]
	}
	id, _ := strconv.ParseInt(text, 10, 64) // "" names none
	return x.byID[field.Target][id]
}

// number gives Moka's number of what a thing belongs to, 0 if Moka does not say.
func (t *thing) number(kind spec.Kind) int64 {
	switch kind {
	case spec.Customer:
		return t.customer
	case spec.Product:
		return t.product
	case spec.Sale:
		return t.sale
	}
	return 0
}
