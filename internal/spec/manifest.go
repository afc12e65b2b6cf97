package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/schemas"
	"gopkg.in/yaml.v3"
)

// manifest is one document on its way to a Resource.
type manifest struct {
	src  *source
	span span
	base int // what is added to a node's line to get the file's
	manner
	out *outcome

	raw  *yaml.Node // as it was parsed
	root *yaml.Node // with aliases and merge keys resolved
	kind *yaml.Node // the value of kind, where there is one
	def  *Definition
	res  *Resource

	ds     []Diagnostic
	said   []*yaml.Node // nodes that a diagnostic is about already
	failed bool         // one of ds is an error
	// distinct: scan has seen that no key stands twice in its mapping.
	distinct bool
	// anchorless: an alias has no anchor in its own document. Anchors end with their documents, but not for a decoder of several.
	anchorless bool
	values     [maxFields]Value
	nodes      [maxFields]*yaml.Node // of the fields that stand in the manifest
	have       uint32                // bit i: field i is in values
	given      uint32                // bit i: field i stands in the manifest, with a mistake perhaps
}

// maxFields is the number of fields that the largest kind may have.
const maxFields = 32

// owner says whose document it is.
type owner int

const (
	ours owner = iota
	theirs
	oursMisspelt
)

// ownership judges an apiVersion. One that is nearly ours is a slip and not another tool's: passing over it would lose a resource without a word.
func ownership(apiVersion string) owner {
	if apiVersion == APIVersion {
		return ours
	}
	group, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(apiVersion)), "/")
	if strings.Contains(group, "mokasync") || distance(group, "mokasync") <= 2 {
		return oursMisspelt
	}
	return theirs
}

// read judges the document and adds it to the outcome.
func (m *manifest) read() {
	if isNull(m.raw) {
		return // an empty document
	}
	version := m.directAPIVersion()
	if version != nil && version.ShortTag() == "!!str" && ownership(version.Value) == theirs {
		m.out.skipped = append(m.out.skipped, skippedNote(m.src.path, version.Line+m.base, version.Column, version.Value))
		return
	}
	m.out.found++
	if m.root = m.expand(); m.root != nil && m.isMapping(m.root, "a manifest", "it begins with apiVersion: "+APIVersion) {
		m.readTop()
	}
	m.finish()
}

// directAPIVersion finds the apiVersion's node without expanding anything: other tools' documents are not ours to judge.
func (m *manifest) directAPIVersion() *yaml.Node {
	if m.raw.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.raw.Content); i += 2 {
		if m.raw.Content[i].Value == "apiVersion" {
			return follow(m.raw.Content[i+1])
		}
	}
	return nil
}

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for depth := 0; n.Kind == yaml.AliasNode && n.Alias != nil && depth < maxDepth; depth++ {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// topKeys are the keys of a manifest.
var topKeys = []string{"apiVersion", "kind", "metadata", "spec"}

func (m *manifest) readTop() {
	var version, metadata, spec *yaml.Node
	unknown := m.eachPair(m.root, func(key, value *yaml.Node) bool {
		switch key.Value {
		case "apiVersion":
			version = value
		case "kind":
			m.kind = value
		case "metadata":
			metadata = value
		case "spec":
			spec = value
		default:
			return false
		}
		return true
	}, nil)
	m.readKind()
	m.distinct = true
	m.scan(m.root, spot{level: atRoot, def: m.def})
	m.res = m.out.space().resource()
	m.res.File = m.src.path
	at := m.home()
	m.res.Line, m.res.Column = at.Line+m.base, at.Column
	m.readMetadata(metadata)
	m.judgeVersion(version)
	m.judgeKind()
	if unknown {
		m.eachPair(m.root, func(key, _ *yaml.Node) bool { return slices.Contains(topKeys, key.Value) }, m.unknownTop)
	}
	m.readSpec(spec)
	m.checkSchema()
}

// home is where a missing key is reported: the value of kind, or the document's beginning.
func (m *manifest) home() *yaml.Node {
	if m.kind != nil {
		return m.kind
	}
	return m.root
}

func (m *manifest) judgeVersion(n *yaml.Node) {
	switch {
	case n == nil:
		m.errorf(m.home(), "apiVersion is missing: write apiVersion: %s", APIVersion)
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		m.errorf(n, "apiVersion is not a text: write apiVersion: %s", APIVersion)
	case n.Value != APIVersion && strings.HasPrefix(n.Value, "mokasync/"):
		m.errorf(n, "apiVersion %s is not known to this mokasync: write %s, or use a newer mokasync", shorten(n.Value), APIVersion)
	case n.Value != APIVersion:
		m.errorf(n, "apiVersion %s is not known; did you mean %s?", shorten(n.Value), APIVersion)
	}
}

// readKind looks the kind up, so that all else can be judged by it.
func (m *manifest) readKind() {
	if m.kind != nil && m.kind.Kind == yaml.ScalarNode {
		if k, ok := KindOf(m.kind.Value); ok {
			m.def = k.Def()
		}
	}
}

func (m *manifest) judgeKind() {
	if m.def != nil && !isNull(m.kind) {
		return
	}
	names := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		names = append(names, k.String())
	}
	switch all := strings.Join(names, ", "); {
	case m.kind == nil:
		m.errorf(m.root, "kind is missing: write kind: and one of %s", all)
	case m.kind.Kind != yaml.ScalarNode || isNull(m.kind):
		m.errorf(m.kind, "kind is not a text: write one of %s", all)
	case m.kind.Value == schemas.Project:
		m.errorf(m.kind, "a %s holds settings and no manifest: it stands in %s; there are %s", schemas.Project, projectFile, all)
	case identifier(m.kind.Value):
		m.errorf(m.kind, "kind %s is not known%s", m.kind.Value, andThen(didYouMean(m.kind.Value, names), "there are "+all))
	default:
		m.errorf(m.kind, "this kind is not known; there are %s", all)
	}
}

func (m *manifest) unknownTop(key *yaml.Node) {
	hint := didYouMean(key.Value, topKeys)
	switch {
	case hint != "":
	case slices.Contains(metadataKeys, key.Value):
		hint = ": it belongs under metadata"
	case m.def != nil && m.def.Field(key.Value) != nil:
		hint = ": it belongs under spec"
	default:
		hint = ": a manifest has " + list(topKeys, "and")
	}
	m.unknownKey(key, spot{level: atRoot}, hint)
}

// eachPair calls known for every pair of a mapping, each key once, and unknown for the keys that known does not know. It reports whether there are such.
func (m *manifest) eachPair(n *yaml.Node, known func(key, value *yaml.Node) bool, unknown func(key *yaml.Node)) (others bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || !m.distinct && repeated(n, i) {
			continue // scan says so
		}
		if known(key, n.Content[i+1]) {
			continue
		}
		others = true
		if unknown != nil {
			unknown(key)
		}
	}
	return others
}

// repeated reports whether the key at i stands in the mapping before. Few mappings have more than twenty keys; of larger ones scan says it, quickly.
func repeated(n *yaml.Node, i int) bool {
	if i > 2*maxFields {
		return false
	}
	for j := 0; j < i; j += 2 {
		if n.Content[j].Kind == yaml.ScalarNode && n.Content[j].Value == n.Content[i].Value {
			return true
		}
	}
	return false
}

// isMapping reports whether n is a mapping, and says what it should be if it is not.
func (m *manifest) isMapping(n *yaml.Node, what, hint string) bool {
	if n.Kind == yaml.MappingNode {
		return true
	}
	m.errorf(n, "%s is %s, not a mapping of key: value; %s", what, shape(n), hint)
	return false
}

// shape names what a node is.
func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(n):
		return "empty (null)"
	}
	return "a single value"
}

// errorf adds an error at a node, unless something was said about that node before.
func (m *manifest) errorf(n *yaml.Node, format string, args ...any) {
	m.report(Error, n, "", fmt.Sprintf(format, args...))
}

// breach adds what a named rule finds, unless the manifest accepts it.
func (m *manifest) breach(r *Rule, n *yaml.Node, format string, args ...any) {
	if m.res != nil && m.res.accepts(r) {
		return
	}
	m.report(r.Severity, n, r.Name, fmt.Sprintf(format, args...))
}

// maxFindings is how many mistakes of one document are listed: who pastes a novel into a manifest need not read one.
const maxFindings = 100

func (m *manifest) report(severity Severity, n *yaml.Node, rule, message string) {
	if len(m.ds) == maxFindings || slices.Contains(m.said, n) {
		m.failed = m.failed || severity == Error
		return
	}
	if n != m.home() { // several keys may be missing
		m.said = append(m.said, n)
	}
	m.failed = m.failed || severity == Error
	if rule != "" {
		message += " (rule: " + rule + ")"
	}
	d := Diagnostic{Severity: severity, File: m.src.path, Line: n.Line + m.base, Column: n.Column, Rule: rule, Message: message}
	d.Excerpt, d.ExcerptColumn = m.excerpt(n.Line+m.base, n.Column)
	m.ds = append(m.ds, d)
}

// finish hands over what was read.
func (m *manifest) finish() {
	if len(m.ds) > 0 && m.res != nil && !m.res.Address.IsZero() {
		address := m.res.Address.String()
		for i := range m.ds {
			m.ds[i].Address = address
		}
	}
	m.out.ds = append(m.out.ds, m.ds...)
	switch {
	case m.res == nil || m.res.Address.IsZero():
	case m.failed:
		m.out.broken = append(m.out.broken, m.res)
	default:
		m.out.resources = append(m.out.resources, m.res)
	}
}
