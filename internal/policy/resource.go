package policy

import (
	"slices"
	"strconv"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/mokasync/mokasync/internal/spec"
)

// thing is what the variable resource stands for: a manifest, or what is left of one that is gone.
type thing struct {
	address             spec.Address
	labels, annotations map[string]string
	desired             *spec.Resource // nil for one that no manifest describes
}

func thingOf(r *spec.Resource) *thing {
	return &thing{r.Address, r.Labels, r.Annotations, r}
}

var (
	specClass     = newClass("Spec", specMembers())
	metadataClass = newClass("Metadata", map[string]*member{
		"name":        {typ: types.StringType, get: func(d any) ref.Val { return types.String(d.(*thing).address.Name) }},
		"labels":      {typ: texts, get: func(d any) ref.Val { return mapOf(d.(*thing).labels) }},
		"annotations": {typ: texts, get: func(d any) ref.Val { return mapOf(d.(*thing).annotations) }},
	})
	resourceClass = newClass("Resource", map[string]*member{
		"kind":     {typ: types.StringType, words: kindWords(), get: func(d any) ref.Val { return types.String(d.(*thing).address.Kind.String()) }},
		"address":  {typ: types.StringType, get: func(d any) ref.Val { return types.String(d.(*thing).address.String()) }},
		"metadata": {typ: metadataClass.typ, get: func(d any) ref.Val { return metadataClass.of(d) }},
		"spec":     {typ: specClass.typ, get: func(d any) ref.Val { return specClass.of(d) }},
	})
	texts = types.NewMapType(types.StringType, types.StringType)
)

func kindWords() []string {
	var words []string
	for _, k := range spec.Kinds() {
		words = append(words, k.String())
	}
	return words
}

func mapOf(m map[string]string) ref.Val {
	return types.NewStringStringMap(types.DefaultTypeAdapter, m)
}

// specMembers are the fields of all kinds together; those of another kind than the resource's are not there. Secrets are none of them.
func specMembers() map[string]*member {
	out := map[string]*member{}
	for _, k := range spec.Kinds() {
		for i := range k.Def().Fields {
			f := &k.Def().Fields[i]
			if f.Sensitivity == spec.Secret || out[f.Name] != nil {
				continue
			}
			m := &member{typ: typeOf(f), get: func(d any) ref.Val { return d.(*thing).field(f.Name) }}
			if f.Type == spec.Enum {
				m.words = f.Words
			}
			out[f.Name] = m
		}
	}
	return out
}

func init() {
	for _, k := range spec.Kinds() {
		for i := range k.Def().Fields {
			if f := &k.Def().Fields[i]; f.Sensitivity == spec.Secret {
				specClass.secret = append(specClass.secret, f.Name)
			}
		}
	}
}

// typeOf says what an expression sees of a field: an integer as an int, all other single values as texts, a reference as the name of what it refers to or as a mapping.
func typeOf(f *spec.Field) *types.Type {
	switch f.Type {
	case spec.Integer, spec.MokaID:
		return types.IntType
	case spec.Days:
		return types.NewListType(types.IntType)
	case spec.Weekdays:
		return types.NewListType(types.StringType)
	case spec.Reference:
		return types.DynType
	case spec.References:
		return types.NewListType(types.DynType)
	}
	return types.StringType
}

// field gives what a manifest says, or what is sent where it says nothing; nil for neither.
func (t *thing) field(name string) ref.Val {
	if t.desired == nil {
		return nil
	}
	f := t.address.Kind.Def().Field(name)
	if f == nil {
		return nil
	}
	if v := t.desired.Value(name); v != nil {
		return valueOf(v)
	}
	switch f.Default {
	case "", spec.DefaultToday:
		return nil
	case spec.DefaultName:
		return types.String(t.address.Name)
	}
	return single(f, f.Default)
}

func valueOf(v *spec.Value) ref.Val {
	if !v.Field.IsList() {
		if v.Field.IsReference() {
			return reference(v)
		}
		if v.FromSource() {
			return nil
		}
		return single(v.Field, v.Text)
	}
	items := make([]ref.Val, len(v.Items()))
	for i := range v.Items() {
		if v.Field.IsReference() {
			items[i] = reference(&v.Items()[i])
		} else {
			items[i] = single(v.Field, v.Items()[i].Text)
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items)
}

func single(f *spec.Field, text string) ref.Val {
	switch f.Type {
	case spec.Integer, spec.MokaID, spec.Days:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil
		}
		return types.Int(n)
	}
	return types.String(text)
}

// reference gives the name of a resource here, or a mapping of the one key by which a manifest names what is kept elsewhere. A token is not shown.
func reference(v *spec.Value) ref.Val {
	if v.Key() == "" {
		return types.String(v.Text)
	}
	key := v.Key()
	if !slices.Contains(v.Field.Elsewhere, key) {
		key = v.Field.Elsewhere[0] // a value that stands outside and was not read
	}
	text := v.Text
	switch {
	case key == "token":
		text = hiddenSecret
	case v.FromSource():
		text = ""
	}
	return mapOf(map[string]string{key: text})
}

const hiddenSecret = "(secret)"
