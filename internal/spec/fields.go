package spec

import (
	"math/bits"
	"strings"

	"gopkg.in/yaml.v3"
)

// readSpec reads the fields of the kind's table.
func (m *manifest) readSpec(n *yaml.Node) {
	if m.def == nil {
		return // what may stand there is not known
	}
	if n == nil {
		m.errorf(m.home(), "spec is missing: it holds the fields of the %s", m.def.Name)
		return
	}
	if n.Kind != yaml.MappingNode {
		m.isMapping(n, "spec", "it holds the fields of the "+m.def.Name)
		return
	}
	m.eachPair(n, func(key, value *yaml.Node) bool {
		f := m.def.Field(key.Value)
		if f == nil {
			return false
		}
		m.given |= 1 << f.index
		m.nodes[f.index] = value
		v := &m.values[f.index]
		*v = Value{Field: f, Line: int32(value.Line + m.base), Column: int32(value.Column)}
		if m.readValue(v, value) {
			m.have |= 1 << f.index
		}
		return true
	}, m.unknownField)
	for i := range m.def.Fields {
		if f := &m.def.Fields[i]; f.Required && m.given&(1<<i) == 0 {
			m.errorf(m.home(), "%s is missing: a %s needs it%s", f.Name, m.def.Name, missingHint(f))
		}
	}
	m.res.Values = m.out.space().several(bits.OnesCount32(m.have))
	for i, at := 0, 0; at < len(m.res.Values); i++ {
		if m.have&(1<<i) != 0 {
			m.res.Values[at] = m.values[i]
			at++
		}
	}
	m.setCode()
	switch m.def.Kind {
	case Schedule:
		m.judgeSchedule()
	case Sale:
		m.judgeSale()
	}
}

// setCode gives the resource the dealer's key by which Moka knows it.
func (m *manifest) setCode() {
	f := m.def.CodeField()
	switch {
	case f == nil:
	case m.have&(1<<f.index) != 0:
		m.res.Code = m.values[f.index].Text
	case m.given&(1<<f.index) == 0:
		m.res.Code = m.res.Address.Name
	}
}

// missingHint says what a required field is, where its name does not.
func missingHint(f *Field) string {
	switch f.Name {
	case "amount":
		return " (what is charged at each payment, for example amount: \"149.90\")"
	case "beginDate":
		return " (the first day on which may be charged, for example beginDate: \"2027-01-15\")"
	case "frequency":
		return " (one of " + list(f.Words, "or") + ")"
	case "token":
		return " (the token of the stored card, or {fromEnv: NAME})"
	case "paymentDate":
		return " (the day on which Moka charges the step, for example paymentDate: \"2027-01-15\")"
	case "customer", "product", "sale":
		return " (the name of a " + f.Target.String() + " here, or {" + f.Elsewhere[0] + ": …})"
	}
	return ""
}

// unknownField reports a key of spec that is no field of the kind.
func (m *manifest) unknownField(key *yaml.Node) {
	names := make([]string, len(m.def.Fields))
	for i, f := range m.def.Fields {
		names[i] = f.Name
	}
	hint := didYouMean(key.Value, names)
	if hint == "" {
		hint = m.fieldElsewhere(key.Value)
	}
	if hint == "" {
		hint = ": a " + m.def.Name + " has " + list(names, "and")
	}
	m.unknownKey(key, spot{level: atSpec, def: m.def}, hint)
}

// fieldElsewhere tells where a key that is no field of this kind belongs.
func (m *manifest) fieldElsewhere(key string) string {
	for i := range m.def.Fields {
		f := &m.def.Fields[i]
		if strings.EqualFold(f.Wire, key) || f.Type == References && strings.HasPrefix(key, "DefaultCard") {
			return ": Moka calls it so, here it is " + f.Name
		}
	}
	for _, k := range metadataKeys {
		if key == k {
			return ": it belongs under metadata"
		}
	}
	var kinds []string
	for _, k := range Kinds() {
		if k.Def().Field(key) != nil {
			kinds = append(kinds, k.String())
		}
	}
	if len(kinds) > 0 {
		return ": it is a field of " + list(kinds, "and") + ", not of " + m.def.Name
	}
	return ""
}

// readValue reads one field's value and reports whether it is good.
func (m *manifest) readValue(v *Value, n *yaml.Node) bool {
	f := v.Field
	if isNull(n) {
		m.nullValue(f, n)
		return false
	}
	switch f.Type {
	case Text, Code, Email:
		return m.readText(v, n)
	case Enum:
		return m.readWord(v, n)
	case Date, EndDate:
		return m.readDate(v, n)
	case Money:
		return m.readMoney(v, n)
	case Integer:
		return m.readInteger(v, n)
	case Days, Weekdays:
		return m.readDays(v, n)
	case Reference:
		return m.readReference(v, n)
	case References:
		return m.readReferences(v, n)
	case Token, MokaID:
		return m.readKey(v, n)
	case Password:
		return m.readPassword(v, n)
	}
	panic("a field of a type that is not read: " + f.Name)
}

func (m *manifest) nullValue(f *Field, n *yaml.Node) {
	written := ""
	if n.Value != "" && n.Value != "~" && (f.Type == Text || f.Type == Code) {
		written = "; if it is meant as a text, put it in quotes"
	}
	if f.Clearable {
		m.errorf(n, "%s is empty (null): write \"\" to clear it at Moka, or leave the line out to let it be%s", f.Name, written)
		return
	}
	m.errorf(n, "%s is empty (null): give it a value, or leave the line out%s", f.Name, written)
}

// isSingle reports whether n is one value, and says so if it is a list or a mapping.
func (m *manifest) isSingle(f *Field, n *yaml.Node, want string) bool {
	if n.Kind == yaml.ScalarNode {
		return true
	}
	m.errorf(n, "%s is %s, not one value; write %s", f.Name, shape(n), want)
	return false
}

// seen gives a value's text for a message: quoted, or what hides it.
func (m *manifest) seen(f *Field, text string) string {
	switch {
	case f.Sensitivity == Secret:
		return "(secret)"
	case f.Sensitivity == Personal && !m.show:
		return "(personal)"
	}
	return shorten(text)
}

// may reports whether a value's text may stand in a message.
func (m *manifest) may(f *Field) bool {
	return f.Sensitivity == Public || f.Sensitivity == Personal && m.show
}
