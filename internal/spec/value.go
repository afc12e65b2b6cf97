package spec

import (
	"slices"
	"strings"
)

// Value is one managed field's value. There are a million of them in a large account, so what most of them have not is kept small.
type Value struct {
	Field *Field
	// Text is the canonical text (see Type); "" for a list.
	Text  string
	items *[]Value
	// Version of a password, from 1.
	Version int32
	// Line and Column of the value in the resource's file, from 1.
	Line, Column int32
	key          uint8 // in valueKeys
}

// valueKeys are the keys of mappings under which a value's text may stand.
var valueKeys = []string{"", "customerCode", "dealerCustomerId", "productCode", "dealerProductId", "saleCode", "dealerSaleId", "id", "token",
	"fromEnv", "fromFile", "token.fromEnv", "token.fromFile", "id.fromEnv", "id.fromFile"}

// Key says under which key of a mapping the text stood: "" for a plain scalar (of a reference: the name of a resource here), else one of Field.Elsewhere ("customerCode", "token"),
// "fromEnv" or "fromFile" (Text then names the variable or the file), or "token.fromEnv" and so on for both.
func (v *Value) Key() string { return valueKeys[v.key] }

// IsKey reports whether a value's text may stand under a key, "" for none.
func IsKey(key string) bool { return slices.Contains(valueKeys, key) }

// SetKey puts the text under a key for which IsKey holds; it panics on another.
func (v *Value) SetKey(key string) {
	i := slices.Index(valueKeys, key)
	if i < 0 {
		panic("a value's text stands under no such key: " + key)
	}
	v.key = uint8(i)
}

// Keyed makes a value whose text stands under a key, as SetKey has it.
func Keyed(f *Field, key, text string) Value {
	v := Value{Field: f, Text: text}
	v.SetKey(key)
	return v
}

// Items are a list's elements, nil for what is no list; days are sorted, references in the manifest's order.
func (v *Value) Items() []Value {
	if v.items == nil {
		return nil
	}
	return *v.items
}

// SetItems makes a list of a value; nil makes it none again.
func (v *Value) SetItems(items []Value) {
	if v.items = nil; items != nil {
		v.items = &items
	}
}

// ListOf makes the value of a list.
func ListOf(f *Field, items ...Value) Value {
	v := Value{Field: f}
	v.SetItems(items)
	return v
}

// FromSource reports whether the value stands outside the manifest and has not been read yet.
func (v *Value) FromSource() bool {
	return v.key != 0 && (strings.HasSuffix(v.Key(), "fromEnv") || strings.HasSuffix(v.Key(), "fromFile"))
}

// Local gives the address of the resource here that a reference names, and false for one kept elsewhere.
func (v *Value) Local() (Address, bool) {
	if v.key != 0 || v.Text == "" || !v.Field.IsReference() {
		return Address{}, false
	}
	return Address{v.Field.Target, v.Text}, true
}

// Texts gives what a person wrote, in canonical form: one text, or a list's texts. Secrets and personal values are in it: mask before showing.
func (v *Value) Texts() []string {
	if !v.Field.IsList() {
		return []string{v.manifestText()}
	}
	items := v.Items()
	out := make([]string, len(items))
	for i := range items {
		out[i] = items[i].manifestText()
	}
	return out
}

func (v *Value) manifestText() string {
	if v.key == 0 {
		return v.Text
	}
	switch keys := strings.Split(v.Key(), "."); {
	case strings.HasPrefix(v.Key(), "token"):
		return "{token: (secret)}"
	default:
		text := "{" + strings.Join(keys, ": {") + ": " + v.Text + strings.Repeat("}", len(keys))
		return text
	}
}
