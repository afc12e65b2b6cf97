package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/mokasync/mokasync/schemas"
)

// compiled holds the JSON Schema of each kind.
var compiled = sync.OnceValue(func() map[Kind]*jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("%s is not an embedded schema", url)
	}
	out := map[Kind]*jsonschema.Schema{}
	for _, k := range Kinds() {
		url := schemas.URL(k.String())
		if err := c.AddResource(url, bytes.NewReader(schemas.For(k.String()))); err != nil {
			panic(err) // the schemas are part of the program, and a test compiles them
		}
		out[k] = c.MustCompile(url)
	}
	return out
})

// checkSchema holds a manifest that the rules found good against its kind's JSON Schema, which is published and decides with them:
// nothing that an editor or another validator refuses is accepted here. Where the rules have found a mistake they have said it better.
func (m *manifest) checkSchema() {
	if m.failed || m.def == nil || quickOf(m.def.Kind).judge(m.root) == fits {
		return
	}
	err := compiled()[m.def.Kind].Validate(jsonOf(m.root))
	var invalid *jsonschema.ValidationError
	if err == nil {
		return
	}
	if !errors.As(err, &invalid) {
		m.errorf(m.home(), "cannot be held against the schema of %s", m.def.Name)
		return
	}
	for _, leaf := range leaves(invalid, nil) {
		n, exact := nodeAt(m.root, leaf.InstanceLocation)
		if !exact {
			n = m.home()
		}
		m.errorf(n, "%s", schemaWords(leaf, m.def))
	}
}

// leaves lists the innermost causes of a schema's refusal, in a fixed order.
func leaves(e *jsonschema.ValidationError, out []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return append(out, e)
	}
	causes := slices.Clone(e.Causes)
	slices.SortFunc(causes, func(a, b *jsonschema.ValidationError) int {
		return strings.Compare(a.InstanceLocation+" "+a.KeywordLocation, b.InstanceLocation+" "+b.KeywordLocation)
	})
	for _, c := range causes {
		out = leaves(c, out)
	}
	return out
}

// schemaWords says what a schema's keyword refuses. The schema's own text may hold the value and is not used.
func schemaWords(e *jsonschema.ValidationError, def *Definition) string {
	words := "does not fit the schema of " + def.Name
	switch keyword := e.KeywordLocation[strings.LastIndexByte(e.KeywordLocation, '/')+1:]; keyword {
	case "type":
		words = "is not of the type that belongs here"
	case "required", "dependentRequired":
		words = "lacks a key that it needs"
	case "additionalProperties", "propertyNames":
		words = "has a key that is not known here"
	case "enum", "const":
		words = "is not one of the words that are allowed here"
	case "pattern", "not", "anyOf", "oneOf":
		words = "is not written in the form that belongs here"
	case "minLength", "minItems", "minProperties":
		words = "is too short"
	case "maxLength", "maxItems", "maxProperties":
		words = "is too long"
	case "minimum", "exclusiveMinimum":
		words = "is too small"
	case "maximum", "exclusiveMaximum":
		words = "is too large"
	case "uniqueItems":
		words = "lists something twice"
	}
	return words + "; see `mokasync schema " + def.Name + "`"
}

// nodeAt finds the node of a JSON pointer, or the last that is on the way to it.
func nodeAt(n *yaml.Node, pointer string) (at *yaml.Node, exact bool) {
	if pointer == "" {
		return n, true
	}
	for _, part := range strings.Split(pointer[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		next := childOf(n, part)
		if next == nil {
			return n, false
		}
		n = next
	}
	return n, true
}

func childOf(n *yaml.Node, part string) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == part {
			return n.Content[i+1]
		}
	}
	return nil
}

// jsonOf gives a tree without aliases as encoding/json would decode its JSON: what YAML reads as a number is a number, a date is a text.
func jsonOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = jsonOf(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			out[i] = jsonOf(c)
		}
		return out
	}
	switch n.Tag {
	case "!!int", "!!float":
		return jsonNumber(n)
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!null":
		return nil
	}
	return n.Value
}

func jsonNumber(n *yaml.Node) any {
	if isMoney(n.Value) {
		return json.Number(n.Value)
	}
	var v any
	if n.Decode(&v) != nil {
		return n.Value
	}
	text := fmt.Sprint(v)
	if json.Valid([]byte(text)) {
		return json.Number(text)
	}
	return n.Value // infinity and its like, which JSON has not
}
