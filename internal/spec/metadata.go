package spec

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

var metadataKeys = []string{"name", "labels", "annotations", "movedFrom", "replaces"}

// The annotations that steer mokasync.
const (
	// AnnotationProtect: "true" keeps the resource from being deleted, "false" does not.
	AnnotationProtect = "mokasync/protect"
	// AnnotationAccept names rules, separated by commas, that the resource may break.
	AnnotationAccept = "mokasync/accept"
	// AnnotationPrune: "true" lets a stored card be removed at Moka when its manifest is gone; without it RemoveCard is never sent.
	AnnotationPrune = "mokasync/prune"
)

const annotationPrefix = "mokasync/"

var annotationKeys = []string{AnnotationProtect, AnnotationAccept, AnnotationPrune}

// maxLabelKey is the longest key of a label or annotation, in characters.
const maxLabelKey = 100

func (m *manifest) readMetadata(n *yaml.Node) {
	if n == nil {
		m.errorf(m.home(), "metadata is missing: write metadata: {name: …}")
		return
	}
	if !m.isMapping(n, "metadata", "write metadata: {name: …}") {
		return
	}
	var name, labels, annotations, movedFrom, replaces *yaml.Node
	unknown := m.eachPair(n, func(key, value *yaml.Node) bool {
		switch key.Value {
		case "name":
			name = value
		case "labels":
			labels = value
		case "annotations":
			annotations = value
		case "movedFrom":
			movedFrom = value
		case "replaces":
			replaces = value
		default:
			return false
		}
		return true
	}, nil)
	m.res.Annotations = m.readPairs(annotations, "annotations") // first: what it accepts holds for all else
	m.judgeAnnotations(annotations)
	m.readName(name)
	m.res.Labels = m.readPairs(labels, "labels")
	if unknown {
		m.eachPair(n, func(key, _ *yaml.Node) bool { return slices.Contains(metadataKeys, key.Value) }, m.unknownMetadata)
	}
	if movedFrom != nil {
		m.res.rarely().movedFrom = m.readOrigin(movedFrom, "movedFrom")
	}
	switch {
	case replaces == nil:
	case m.def != nil && m.def.Kind != Sale:
		m.errorf(replaces, "replaces is for sales alone: where the same thing has a new name, write movedFrom")
	default:
		m.res.rarely().replaces = m.readOrigin(replaces, "replaces")
	}
}

func (m *manifest) unknownMetadata(key *yaml.Node) {
	hint := didYouMean(key.Value, metadataKeys)
	switch {
	case hint != "":
	case m.def != nil && m.def.Field(key.Value) != nil:
		hint = ": it belongs under spec"
	default:
		hint = ": metadata has " + list(metadataKeys, "and")
	}
	m.unknownKey(key, spot{level: atMetadata}, hint)
}

func (m *manifest) readName(n *yaml.Node) {
	switch {
	case n == nil:
		m.errorf(m.home(), "metadata.name is missing: give the resource a name by which others refer to it")
	case isNull(n):
		m.errorf(n, "name is empty (null): %s", NameRule)
	case n.Kind != yaml.ScalarNode:
		m.errorf(n, "name is %s, not a text: %s", shape(n), NameRule)
	case misread(n) != "":
		m.errorf(n, "name: %s", m.quoteIt(n, open))
	case !ValidName(n.Value):
		m.errorf(n, "name %s does not fit: %s", shorten(n.Value), NameRule)
	default:
		switch {
		case holdsCardNumber(n.Value):
		case m.def != nil:
			m.res.Address = Address{m.def.Kind, n.Value}
		default: // of whatever kind it was meant to be, it is not missing
			for _, k := range Kinds() {
				m.out.hints = append(m.out.hints, Address{k, n.Value})
			}
		}
		m.warnYesNo(n, "name")
	}
}

// readPairs reads labels or annotations: a mapping of texts.
func (m *manifest) readPairs(n *yaml.Node, what string) map[string]string {
	if n == nil || n.Kind != yaml.MappingNode && !m.isMapping(n, what, "write one key: text a line, or leave "+what+" out") || len(n.Content) == 0 {
		return nil
	}
	pairs := m.out.space().pairs[:0]
	m.eachPair(n, func(key, value *yaml.Node) bool {
		if !validLabelKey(key.Value) {
			m.errorf(key, "a key of %s is 1 to %d characters without spaces, commas, = ! ( and )", what, maxLabelKey)
		}
		switch {
		case value.Kind != yaml.ScalarNode:
			m.errorf(value, "a value of %s is one text, not %s", what, shape(value))
		case isNull(value):
			m.errorf(value, "a value of %s is empty (null): write a text, or \"\"", what)
		case misread(value) != "":
			m.errorf(value, "%s", m.quoteIt(value, (spot{level: atAnnotations}).child(key.Value).view))
		case what == "labels" && hasControl(value.Value):
			m.errorf(value, "a label has no line breaks and no control characters")
		default:
			if what == "labels" {
				m.warnYesNo(value, "a label")
			}
			pairs = append(pairs, pair{key.Value, nfc(value.Value)})
		}
		return true
	}, nil)
	m.out.space().pairs = pairs
	return m.out.space().mapping(pairs)
}

// readOrigin reads the address of another resource of the same kind.
func (m *manifest) readOrigin(n *yaml.Node, key string) Address {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		m.errorf(n, "%s is %s: write the address of before, kind/name", key, shape(n))
		return Address{}
	}
	a, err := ParseAddress(n.Value)
	switch {
	case err != nil:
		m.errorf(n, "%s: %v", key, err)
	case m.def != nil && a.Kind != m.def.Kind:
		m.errorf(n, "%s names a %s, and this is a %s: write %s/%s", key, a.Kind, m.def.Name, m.def.Prefix, a.Name)
	case a == m.res.Address:
		m.errorf(n, "%s names the resource itself: write the address that it had before, or remove the line", key)
	default:
		return a
	}
	return Address{}
}

func validLabelKey(s string) bool {
	if isASCII(s) {
		return len(s) <= maxLabelKey && isPairKey(s)
	}
	return s != "" && utf8.RuneCountInString(s) <= maxLabelKey && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(",=!()", r)
	})
}

func (m *manifest) judgeAnnotations(n *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	m.eachPair(n, func(key, value *yaml.Node) bool {
		switch {
		case key.Value == AnnotationProtect, key.Value == AnnotationPrune:
			if value.Value != "true" && value.Value != "false" {
				m.errorf(value, `%s is "true" or "false", in quotes`, key.Value)
			}
		case key.Value == AnnotationAccept:
			m.judgeAccept(value)
		case strings.HasPrefix(key.Value, annotationPrefix):
			m.breach(ruleAnnotation, key, "%s has no effect%s", m.keyName(key, spot{level: atAnnotations}), andThen(didYouMean(key.Value, annotationKeys), "there are "+list(annotationKeys, "and")))
		}
		return true
	}, nil)
}

// judgeAccept checks that the rules a manifest accepts exist: a misspelt one would accept nothing.
func (m *manifest) judgeAccept(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		return // readPairs says so
	}
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name
	}
	for _, name := range acceptedNames(n.Value) {
		if !slices.Contains(names, name) {
			m.errorf(n, "%s names no rule that can be accepted%s", AnnotationAccept, andThen(didYouMean(name, names), "there are "+list(names, "and")))
			return
		}
	}
}

func acceptedNames(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}
