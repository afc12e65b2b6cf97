package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The fields that references and their keys stand for.
var (
	tokenField        = definitions[Card].Field("token")
	idField           = definitions[Schedule].Field("id")
	customerCodeField = definitions[Customer].Field("customerCode")
	productCodeField  = definitions[Product].Field("productCode")
	saleCodeField     = definitions[Sale].Field("saleCode")
)

// maxCards is how many cards Moka tries for a sale (moka-api 2.20).
const maxCards = len(CardWires)

func (m *manifest) readReferences(v *Value, n *yaml.Node) bool {
	f := v.Field
	if n.Kind != yaml.SequenceNode {
		m.errorf(n, "%s is %s, not a list; write %s: [name]", f.Name, shape(n), f.Name)
		return false
	}
	if len(n.Content) == 0 || len(n.Content) > maxCards {
		m.errorf(n, "%s lists %d: write 1 to %d, in the order in which they are tried", f.Name, len(n.Content), maxCards)
		return false
	}
	good := true
	v.items = m.out.space().list(len(n.Content))
	for i, c := range n.Content {
		item := &v.Items()[i]
		*item = Value{Field: f, Line: int32(c.Line + m.base), Column: int32(c.Column)}
		if isNull(c) {
			m.errorf(c, "an entry of %s is empty (null): write a name, or remove it", f.Name)
			good = false
			continue
		}
		ok := m.readReference(item, c)
		if ok && slices.ContainsFunc(v.Items()[:i], item.sameAs) {
			m.errorf(c, "%s lists this one twice: keep one", f.Name)
			ok = false
		}
		good = good && ok
	}
	return good
}

// sameAs reports whether two values of one field say the same.
func (v *Value) sameAs(w Value) bool { return v.key == w.key && v.Text == w.Text }

// readReference reads the name of a resource here, or a key of one kept elsewhere.
func (m *manifest) readReference(v *Value, n *yaml.Node) bool {
	f := v.Field
	switch n.Kind {
	case yaml.ScalarNode:
		if !m.isText(f, n) {
			return false
		}
		if !ValidName(n.Value) {
			m.errorf(n, "%s %s cannot be the name of a %s: %s", f.Name, m.seen(f, n.Value), f.Target, NameRule)
			return false
		}
		v.Text = n.Value
		return true
	case yaml.MappingNode:
		return m.readElsewhere(v, n)
	}
	m.errorf(n, "%s is %s; write the name of a %s here, or %s", f.Name, shape(n), f.Target, elsewhereForms(f))
	return false
}

func elsewhereForms(f *Field) string {
	forms := make([]string, len(f.Elsewhere))
	for i, k := range f.Elsewhere {
		forms[i] = "{" + k + ": …}"
	}
	return list(forms, "or")
}

// readElsewhere reads {customerCode: …} and its like.
func (m *manifest) readElsewhere(v *Value, n *yaml.Node) bool {
	f := v.Field
	var value *yaml.Node
	count := 0
	m.eachPair(n, func(key, val *yaml.Node) bool {
		i := slices.Index(f.Elsewhere, key.Value)
		if i < 0 {
			return false
		}
		value = val
		v.SetKey(f.Elsewhere[i])
		count++
		return true
	}, func(key *yaml.Node) {
		count++
		m.unknownKey(key, fieldSpot(f), m.elsewhereHint(f, key))
		value = nil
	})
	switch {
	case count != 1:
		m.errorf(n, "%s: for what is kept elsewhere write one key, %s", f.Name, elsewhereForms(f))
		return false
	case value == nil:
		return false
	}
	return m.readElsewhereKey(v, value)
}

func (m *manifest) elsewhereHint(f *Field, key *yaml.Node) string {
	if hint := didYouMean(key.Value, f.Elsewhere); hint != "" {
		return hint
	}
	return ": write the name of a " + f.Target.String() + " here, or " + elsewhereForms(f)
}

func (m *manifest) readElsewhereKey(v *Value, n *yaml.Node) bool {
	switch v.Key() {
	case "token":
		return m.readKeyOf(tokenField, v, n)
	case "id":
		return m.readKeyOf(idField, v, n)
	case "customerCode":
		return m.readCodeElsewhere(v, customerCodeField, n)
	case "productCode":
		return m.readCodeElsewhere(v, productCodeField, n)
	case "saleCode":
		return m.readCodeElsewhere(v, saleCodeField, n)
	}
	text, ok := m.integer(v.Key(), n, 1, 0, true)
	v.Text = text
	return ok
}

func (m *manifest) readCodeElsewhere(v *Value, f *Field, n *yaml.Node) bool {
	switch {
	case isNull(n):
		m.errorf(n, "%s is empty (null): write the code that Moka knows", f.Name)
		return false
	case !m.isText(f, n):
		return false
	case n.Value == "":
		m.errorf(n, "%s may not be \"\": write the code that Moka knows", f.Name)
		return false
	}
	v.Text = nfc(n.Value)
	return m.fits(f, n) && m.isCode(f.Name, n)
}

// readKey reads a card token or a schedule's id, which may stand outside the manifest.
func (m *manifest) readKey(v *Value, n *yaml.Node) bool { return m.readKeyOf(v.Field, v, n) }

// readKeyOf reads f's value into v; v's key keeps what stands there already ("token", "id").
func (m *manifest) readKeyOf(f *Field, v *Value, n *yaml.Node) bool {
	switch {
	case isNull(n):
		m.nullValue(f, n)
		return false
	case n.Kind == yaml.MappingNode:
		return m.readSource(f, v, n, nil)
	case f.Type == Token:
		return m.readToken(v, n)
	}
	text, ok := m.integer(f.Name, n, f.Min, f.Max, true)
	v.Text = text
	return ok
}

const tokenHint = "a token looks like 00000000-0000-0000-0000-000000000000, with or without { } around it; in { } it needs quotes"

func (m *manifest) readToken(v *Value, n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		m.errorf(n, "token is %s, not one value: %s", shape(n), tokenHint)
		return false
	}
	if n.Tag != "!!str" || !isToken(n.Value) {
		m.errorf(n, "this is not a card token: %s", tokenHint)
		return false
	}
	v.Text = CanonicalToken(n.Value)
	return true
}

// readSource reads {fromEnv: …} or {fromFile: …}. other reads the keys that may stand beside them.
func (m *manifest) readSource(f *Field, v *Value, n *yaml.Node, other func(key, value *yaml.Node) bool) bool {
	var from string
	var value *yaml.Node
	good, count := true, 0
	m.eachPair(n, func(key, val *yaml.Node) bool {
		switch key.Value {
		case "fromEnv", "fromFile":
			from, value = key.Value, val
			count++
			return true
		}
		return other != nil && other(key, val)
	}, func(key *yaml.Node) {
		good = false
		m.unknownSourceKey(f, n, key)
	})
	if count != 1 {
		if good {
			m.errorf(n, "%s: write one of {fromEnv: NAME} and {fromFile: PATH}", f.Name)
		}
		return false
	}
	if !m.readSourceName(f, v, from, value) {
		return false
	}
	if v.key != 0 {
		from = v.Key() + "." + from
	}
	v.SetKey(from)
	return good
}

func (m *manifest) unknownSourceKey(f *Field, n, key *yaml.Node) {
	if f.Type == Token && len(n.Content) == 2 && isNull(n.Content[1]) {
		m.errorf(n, "YAML reads { } as a mapping: put the token in quotes")
		return
	}
	m.errorf(key, "this key is not known here%s", didYouMeanSource(f, key.Value))
}

func didYouMeanSource(f *Field, key string) string {
	keys := []string{"fromEnv", "fromFile"}
	if f.Type == Password {
		keys = append(keys, "version")
	}
	if hint := didYouMean(key, keys); hint != "" {
		return hint
	}
	return ": there are " + list(keys, "and")
}

// readSourceName reads the name of the variable, or the path of the file, that holds the value. It is not echoed: some put the secret itself there.
func (m *manifest) readSourceName(f *Field, v *Value, from string, n *yaml.Node) bool {
	switch {
	case n.Kind != yaml.ScalarNode || isNull(n) || misread(n) != "" || n.Value == "":
		m.errorf(n, "%s is one text: the name of what holds the value", from)
	case from == "fromEnv" && !isEnv(n.Value):
		m.errorf(n, "fromEnv names an environment variable: letters, digits and _, no digit first. The value itself does not belong here")
	case from == "fromFile" && hasControl(n.Value):
		m.errorf(n, "fromFile names a file: a path without line breaks")
	default:
		v.Text = n.Value
		if from == "fromFile" {
			v.Text = besideManifest(m.src.path, n.Value)
		}
		return true
	}
	return false
}

// readPassword reads where a customer's password is and which version of it this is.
func (m *manifest) readPassword(v *Value, n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		m.errorf(n, "a password never stands in a manifest: write password: {fromEnv: NAME, version: 1} or {fromFile: PATH, version: 1}")
		return false
	}
	versionSeen, versionGood := false, false
	good := m.readSource(v.Field, v, n, func(key, value *yaml.Node) bool {
		if key.Value != "version" {
			return false
		}
		versionSeen = true
		text, ok := m.integer("version", value, 1, 0, false)
		v.Version, versionGood = int32(atoi(text)), ok
		return true
	})
	if !versionSeen {
		m.errorf(n, "password has no version: write version: 1, and count it up whenever the password changes, so that the new one is sent")
	}
	return good && versionGood
}

func atoi(text string) int {
	n := 0
	for _, c := range strings.TrimSpace(text) {
		n = n*10 + int(c-'0')
	}
	return n
}
