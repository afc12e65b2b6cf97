package spec

import (
	"errors"

	"gopkg.in/yaml.v3"
)

// maxDepth and maxExpanded bound one manifest: how deeply its values nest, and of how many nodes it consists once aliases are resolved.
const (
	maxDepth    = 32
	maxExpanded = 20_000
)

var (
	errTooDeep   = errors.New("nests too deeply for a manifest, or an alias contains itself")
	errTooLarge  = errors.New("grows too large once its aliases (*name) are resolved: write the values out")
	errTwoMerges = errors.New("the merge key (<<) stands twice here: write <<: [*one, *other]")
	// errUnknownAnchor is what the parser says itself of a document that is decoded alone.
	errUnknownAnchor = errors.New("unknown anchor")
	errNoMerge       = errors.New("a merge key (<<) takes an alias of a mapping, or a list of such aliases")
)

// expand gives the document without aliases and merge keys, nil if that cannot be done. Most documents have none and are given as they are.
func (m *manifest) expand() *yaml.Node {
	e := expander{first: m.span.line - m.base, left: maxExpanded}
	found, deep := e.look(m.raw, 0)
	if deep != nil {
		m.errorf(deep, "%s", errTooDeep)
		return nil
	}
	if !found {
		return m.raw
	}
	root, err := e.copy(m.raw, 0)
	m.anchorless = err == errUnknownAnchor
	if err != nil {
		m.errorf(e.at, "%s", err)
		return nil
	}
	return root
}

// expander copies a tree, putting what they stand for in the place of aliases and merge keys.
type expander struct {
	first int        // the document's first line: a decoder of several documents keeps the anchors of those before
	left  int        // nodes that may yet be made
	at    *yaml.Node // where an error is
}

// look reports whether there is anything to expand, and a node that is nested too deeply.
func (e *expander) look(n *yaml.Node, depth int) (found bool, deep *yaml.Node) {
	if depth > maxDepth {
		return false, n
	}
	if n.Kind == yaml.AliasNode {
		return true, nil
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && isMerge(c) {
			found = true
		}
		if c.Kind == yaml.ScalarNode {
			continue
		}
		f, d := e.look(c, depth+1)
		if d != nil {
			return false, d
		}
		found = found || f
	}
	return found, nil
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.Tag == "!!merge" }

func (e *expander) copy(n *yaml.Node, depth int) (*yaml.Node, error) {
	if e.left--; e.left < 0 || depth > maxDepth {
		e.at = n
		if e.left < 0 {
			return nil, errTooLarge
		}
		return nil, errTooDeep
	}
	if n.Kind == yaml.AliasNode {
		return e.alias(n, depth)
	}
	if n.Kind == yaml.ScalarNode {
		return n, nil
	}
	out := *n
	out.Content = make([]*yaml.Node, 0, len(n.Content))
	var merges []*yaml.Node
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && isMerge(c) {
			if merges != nil {
				e.at = c
				return nil, errTwoMerges
			}
			merges = append(merges, n.Content[i+1])
			continue
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 && len(merges) == 1 && merges[0] == c {
			continue
		}
		child, err := e.copy(c, depth+1)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, child)
	}
	for _, from := range merges {
		if err := e.merge(&out, from, depth); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// alias gives a copy of what n stands for, at n's own place, so that a mistake is shown where the value is used.
func (e *expander) alias(n *yaml.Node, depth int) (*yaml.Node, error) {
	if n.Alias == nil || n.Alias.Line < e.first {
		e.at = n
		return nil, errUnknownAnchor
	}
	target, err := e.copy(n.Alias, depth+1)
	if err != nil {
		e.at = n // of aliases within aliases the outermost is named
		return nil, err
	}
	out := *target
	out.Line, out.Column, out.Anchor = n.Line, n.Column, ""
	return &out, nil
}

// merge adds the pairs of a merge key's value that the mapping does not have itself.
func (e *expander) merge(into, from *yaml.Node, depth int) error {
	target, err := e.copy(from, depth+1)
	if err != nil {
		return err
	}
	switch target.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(target.Content); i += 2 {
			if !hasKey(into, target.Content[i]) {
				into.Content = append(into.Content, target.Content[i], target.Content[i+1])
			}
		}
		return nil
	case yaml.SequenceNode:
		for _, c := range target.Content {
			if c.Kind != yaml.MappingNode {
				e.at = c
				return errNoMerge
			}
			if err := e.merge(into, c, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	e.at = from
	return errNoMerge
}

func hasKey(n, key *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if c := n.Content[i]; c.Kind == yaml.ScalarNode && key.Kind == yaml.ScalarNode && c.Value == key.Value {
			return true
		}
	}
	return false
}
