package spec

import (
	"encoding/json"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/mokasync/mokasync/schemas"
)

// quickCheck judges a YAML tree by a JSON Schema without making JSON of it, in a tenth of the validator's time. It is made from the schema (quick_text.go),
// so that there is nothing to keep in step, and where it is not sure the validator decides. A fuzz test holds the two together.
type quickCheck struct {
	never, unsure bool // the schema false; a schema with keywords that are not known here
	types         jsonType
	words         []string // enum or const
	required      []string
	properties    []property  // in no order that counts
	byLength      [][]int     // of properties, by the length of their names
	closed        bool        // no other keys
	others        *quickCheck // what other keys hold
	names         *quickCheck
	items         *quickCheck
	unique        bool
	counts        [6]int // least and most properties, items, characters; -1 for no bound
	pattern       func(string) bool
	patternText   string    // which pattern decides
	above         [4]*int64 // minimum, exclusiveMinimum, maximum, exclusiveMaximum, in hundredths
	ref, not      *quickCheck
	ifs           [3]*quickCheck // if, then, else
	all           []*quickCheck
	anyOf, oneOf  []*quickCheck
	combines      bool // any of the five above is there
}

// property is what stands under one key.
type property struct {
	name  string
	check *quickCheck
}

// jsonType is a set of the types that JSON has. A whole number is of two of them.
type jsonType uint8

const (
	objectType jsonType = 1 << iota
	arrayType
	booleanType
	nullType
	stringType
	numberType
	integerType
)

var jsonTypes = map[string]jsonType{"object": objectType, "array": arrayType, "boolean": booleanType, "null": nullType, "string": stringType, "number": numberType, "integer": integerType}

// finding is what a quickCheck makes of a node.
type finding uint8

const (
	unsure finding = iota
	fits
	fails
)

// quickChecks are made of the schemas' text: to compile six schemas takes the validator longer than a plan of some hundred resources. A test holds them against those made of the compiled ones.
var quickChecks = sync.OnceValue(func() map[Kind]*quickCheck {
	out := map[Kind]*quickCheck{}
	for _, k := range Kinds() {
		text := &schemaText{}
		if err := json.Unmarshal(schemas.For(k.String()), text); err != nil {
			panic(err) // the schemas are part of the program, and a test reads them
		}
		out[k] = text.check(text.Defs)
	}
	return out
})

func quickOf(k Kind) *quickCheck { return quickChecks()[k] }

func (q *quickCheck) add(p property) {
	for len(q.byLength) <= len(p.name) {
		q.byLength = append(q.byLength, nil)
	}
	q.byLength[len(p.name)] = append(q.byLength[len(p.name)], len(q.properties))
	q.properties = append(q.properties, p)
}

// property gives the check of what stands under a key, nil for a key that the schema does not name.
func (q *quickCheck) property(key string) *quickCheck {
	if len(key) < len(q.byLength) {
		for _, i := range q.byLength[len(key)] {
			if q.properties[i].name == key {
				return q.properties[i].check
			}
		}
	}
	return nil
}

// judge tells what the schema makes of a node without aliases whose keys are texts that stand once.
func (q *quickCheck) judge(n *yaml.Node) finding {
	kind, hundredths := quickType(n)
	return q.judgeAs(kind, hundredths, n)
}

// judgeAs judges a node of a known type: one schema consists of several for the same node.
func (q *quickCheck) judgeAs(kind jsonType, hundredths int64, n *yaml.Node) finding {
	switch {
	case q.unsure:
		return unsure
	case q.never:
		return fails
	case kind == 0:
		return unsure
	case q.types != 0 && q.types&kind == 0:
		return fails
	}
	v := fits
	if len(q.words) > 0 {
		v = sure(kind == stringType && contains(q.words, n.Value))
	}
	switch {
	case kind == stringType:
		v = both(v, sure(q.hasLength(n.Value) && (q.pattern == nil || q.pattern(n.Value))))
	case kind&numberType != 0:
		v = both(v, sure(q.inBounds(hundredths)))
	case kind == objectType:
		v = both(v, q.object(n))
	case kind == arrayType:
		v = both(v, q.array(n))
	}
	if !q.combines {
		return v
	}
	return both(v, q.combined(kind, hundredths, n))
}

// quickType gives the JSON type of what a node becomes, and a number's value in hundredths; 0 for numbers in other spellings than money's.
func quickType(n *yaml.Node) (kind jsonType, hundredths int64) {
	switch n.Kind {
	case yaml.MappingNode:
		return objectType, 0
	case yaml.SequenceNode:
		return arrayType, 0
	}
	switch n.Tag {
	case "!!str":
		return stringType, 0
	case "!!bool":
		return booleanType, 0
	case "!!null":
		return nullType, 0
	case "!!int", "!!float":
		return quickNumber(n.Value)
	}
	return stringType, 0
}

func quickNumber(text string) (kind jsonType, hundredths int64) {
	if !isMoney(text) {
		return 0, 0
	}
	whole, cents, _ := strings.Cut(text, ".")
	for i := 0; i < len(whole); i++ {
		hundredths = hundredths*10 + int64(whole[i]-'0')
	}
	for i := range 2 {
		hundredths *= 10
		if i < len(cents) {
			hundredths += int64(cents[i] - '0')
		}
	}
	if hundredths%100 == 0 {
		return numberType | integerType, hundredths
	}
	return numberType, hundredths
}

// hasLength reports whether a text is as long as it may be, in characters: at most as many as it has bytes.
func (q *quickCheck) hasLength(text string) bool {
	if q.counts[4] <= 0 && (q.counts[5] < 0 || len(text) <= q.counts[5]) {
		return true
	}
	return q.within(4, utf8.RuneCountInString(text))
}

// within reports whether a count keeps to the bounds at i and i+1.
func (q *quickCheck) within(i, count int) bool {
	return (q.counts[i] < 0 || count >= q.counts[i]) && (q.counts[i+1] < 0 || count <= q.counts[i+1])
}

func (q *quickCheck) inBounds(n int64) bool {
	return (q.above[0] == nil || n >= *q.above[0]) && (q.above[1] == nil || n > *q.above[1]) &&
		(q.above[2] == nil || n <= *q.above[2]) && (q.above[3] == nil || n < *q.above[3])
}

func (q *quickCheck) object(n *yaml.Node) finding {
	v := sure(q.within(0, len(n.Content)/2))
	for _, key := range q.required {
		v = both(v, sure(childOf(n, key) != nil))
	}
	if !q.closed && q.others == nil && q.names == nil {
		for i := range q.properties { // fewer than there are keys, as a rule
			if value := childOf(n, q.properties[i].name); value != nil && v != fails {
				v = both(v, q.properties[i].check.judge(value))
			}
		}
		return v
	}
	for i := 0; i+1 < len(n.Content) && v != fails; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if q.names != nil {
			v = both(v, q.names.judge(key))
		}
		switch p := q.property(key.Value); {
		case p != nil:
			v = both(v, p.judge(value))
		case q.closed:
			v = fails
		case q.others != nil:
			v = both(v, q.others.judge(value))
		}
	}
	return v
}

func (q *quickCheck) array(n *yaml.Node) finding {
	v := sure(q.within(2, len(n.Content)))
	for i, c := range n.Content {
		if q.items != nil {
			v = both(v, q.items.judge(c))
		}
		for _, before := range n.Content[:i] {
			if q.unique && (len(n.Content) > 20 || quickEqual(before, c)) {
				v = both(v, unsure) // the validator knows what is equal
			}
		}
	}
	return v
}

// quickEqual reports whether two nodes may be equal as JSON.
func quickEqual(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.ScalarNode {
		plain := a.Tag == b.Tag && (a.Tag == "!!str" || isInteger(a.Value) && isInteger(b.Value))
		return !plain || a.Value == b.Value
	}
	for i := range a.Content {
		if a.Kind == yaml.SequenceNode && !quickEqual(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return a.Kind == yaml.SequenceNode || len(a.Content) != 2 || a.Content[0].Value == b.Content[0].Value && quickEqual(a.Content[1], b.Content[1])
}

// combined judges the keywords that hold other schemas for the same node.
func (q *quickCheck) combined(kind jsonType, hundredths int64, n *yaml.Node) finding {
	v := fits
	if q.ref != nil {
		v = q.ref.judgeAs(kind, hundredths, n)
	}
	if q.not != nil {
		v = both(v, opposite(q.not.judgeAs(kind, hundredths, n)))
	}
	for _, c := range q.all {
		v = both(v, c.judgeAs(kind, hundredths, n))
	}
	if len(q.anyOf) > 0 {
		fitting, known := count(q.anyOf, kind, hundredths, n)
		v = both(v, known.or(fitting > 0))
	}
	if len(q.oneOf) > 0 {
		fitting, known := count(q.oneOf, kind, hundredths, n)
		v = both(v, known.or(fitting == 1))
	}
	if q.ifs[0] != nil {
		v = both(v, q.conditional(kind, hundredths, n))
	}
	return v
}

func (q *quickCheck) conditional(kind jsonType, hundredths int64, n *yaml.Node) finding {
	var branch *quickCheck
	switch q.ifs[0].judgeAs(kind, hundredths, n) {
	case fits:
		branch = q.ifs[1]
	case fails:
		branch = q.ifs[2]
	default:
		return unsure
	}
	if branch == nil {
		return fits
	}
	return branch.judgeAs(kind, hundredths, n)
}

// count tells how many of the checks a node fits, unsure if one of them is.
func count(list []*quickCheck, kind jsonType, hundredths int64, n *yaml.Node) (fitting int, known finding) {
	for _, c := range list {
		switch c.judgeAs(kind, hundredths, n) {
		case fits:
			fitting++
		case unsure:
			return 0, unsure
		}
	}
	return fitting, fits
}

// or gives unsure where v is, else what ok says.
func (v finding) or(ok bool) finding {
	if v == unsure {
		return unsure
	}
	return sure(ok)
}

func sure(ok bool) finding {
	if ok {
		return fits
	}
	return fails
}

func opposite(v finding) finding { return [...]finding{unsure: unsure, fits: fails, fails: fits}[v] }

// both is what two judgements come to that must both hold.
func both(a, b finding) finding {
	if a == fails || b == fails {
		return fails
	}
	return min(a, b)
}

func contains(list []string, s string) bool {
	for _, t := range list {
		if t == s {
			return true
		}
	}
	return false
}
