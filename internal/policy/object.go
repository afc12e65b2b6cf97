package policy

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// class says which members objects of one type have. Members are declared, so that a slip in a name is found before anything is judged.
type class struct {
	typ     *types.Type
	members map[string]*member
	// secret are names that are no members since nobody is to see what stands there.
	secret []string
}

// member is a member of a class; get gives nil where the object does not have it.
type member struct {
	typ   *types.Type
	get   func(data any) ref.Val
	words []string // all that it can be, nil if that is open
}

// classes are the types that an expression meets, by their names.
var classes = map[string]*class{}

func newClass(name string, members map[string]*member) *class {
	c := &class{typ: types.NewObjectType(name, traits.FieldTesterType|traits.IndexerType), members: members}
	classes[name] = c
	return c
}

func (c *class) names() []string {
	var out []string
	for name := range c.members {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// object is a value of a class, read member by member as it is asked for.
type object struct {
	class *class
	data  any
}

func (c *class) of(data any) *object { return &object{c, data} }

// absentError says that an object does not have a member of its class.
type absentError struct{ name string }

func (e *absentError) Error() string { return "no such key: " + e.name }

func (o *object) member(name string) (ref.Val, error) {
	if m := o.class.members[name]; m != nil {
		if v := m.get(o.data); v != nil {
			return v, nil
		}
	}
	return nil, &absentError{name}
}

// Get is what o.name gives where the type was not known before.
func (o *object) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	v, err := o.member(string(name))
	if err != nil {
		return types.WrapErr(err)
	}
	return v
}

// IsSet is what has(o.name) gives where the type was not known before.
func (o *object) IsSet(field ref.Val) ref.Val {
	name, ok := field.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(field)
	}
	_, err := o.member(string(name))
	return types.Bool(err == nil)
}

// ConvertToNative refuses: an object does not leave its expression.
func (o *object) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[*object]() {
		return o, nil
	}
	return nil, fmt.Errorf("no such conversion")
}

// ConvertToType gives its type, and nothing else.
func (o *object) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.TypeType:
		return o.class.typ
	case o.class.typ:
		return o
	}
	return types.NewErr("no such overload")
}

// Equal compares all members.
func (o *object) Equal(other ref.Val) ref.Val {
	p, ok := other.(*object)
	if !ok || p.class != o.class {
		return types.False
	}
	for _, m := range o.class.members {
		a, b := m.get(o.data), m.get(p.data)
		if a == nil || b == nil {
			if a != nil || b != nil {
				return types.False
			}
			continue
		}
		if same := types.Equal(a, b); same != types.True {
			return types.False
		}
	}
	return types.True
}

// Type is the object's class.
func (o *object) Type() ref.Type { return o.class.typ }

// Value is the object itself.
func (o *object) Value() any { return o }

// provider tells CEL of the classes, beside its own types.
type provider struct{ *types.Registry }

// FindStructType finds a class.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if c := classes[name]; c != nil {
		return types.NewTypeTypeWithParam(c.typ), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames lists the members of a class.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if c := classes[name]; c != nil {
		return c.names(), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType finds a member of a class.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	c := classes[name]
	if c == nil {
		return p.Registry.FindStructFieldType(name, field)
	}
	m := c.members[field]
	if m == nil {
		return nil, false
	}
	return &types.FieldType{
		Type:  m.typ,
		IsSet: func(target any) bool { o, ok := target.(*object); return ok && m.get(o.data) != nil },
		GetFrom: func(target any) (any, error) {
			o, ok := target.(*object)
			if !ok {
				return nil, fmt.Errorf("no such overload")
			}
			return o.member(field)
		},
	}, true
}

// NewValue makes none of our classes: an expression judges what there is.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if classes[name] != nil {
		return types.NewErr("no such overload")
	}
	return p.Registry.NewValue(name, fields)
}

// NativeToValue lets objects be.
func (p *provider) NativeToValue(value any) ref.Val {
	if o, ok := value.(*object); ok {
		return o
	}
	return p.Registry.NativeToValue(value)
}
