package spec

import (
	"cmp"
	"fmt"
	"slices"
)

// judge holds the rules that need more than one manifest. Resources are in the order in which they were read. Of those in broken, whose
// mistakes are reported, the address and the references count; of hinted, what documents that are not YAML seem to hold, only that nothing refers to them in vain.
func (s *Set) judge(broken []*Resource, hinted map[Address]bool) []Diagnostic {
	j := judgement{set: s, hinted: hinted, mistaken: broken, broken: map[Address]bool{}, steps: map[string]*Resource{}}
	for _, r := range broken {
		j.broken[r.Address] = true
	}
	j.addresses(broken)
	j.codes()
	j.names()
	tokens := s.judgeTokens()
	marked := j.suspects(tokens)
	j.references(marked)
	j.origins()
	j.neverCharged(marked)
	keys := s.judgeKeys(j.here, tokens, marked)
	s.reported = make(map[place]bool, len(keys))
	for _, d := range keys {
		s.reported[placeOfDiagnostic(d)] = true
	}
	return append(j.ds, keys...)
}

// place identifies a diagnostic.
type place struct {
	file         string
	line, column int
	message      string
}

func placeOfDiagnostic(d Diagnostic) place { return place{d.File, d.Line, d.Column, d.Message} }

type judgement struct {
	set      *Set
	here     *index
	mistaken []*Resource      // with mistakes of their own
	broken   map[Address]bool // their addresses
	hinted   map[Address]bool
	steps    map[string]*Resource // payment steps by sale and day
	guesses  int                  // how many names were compared for "did you mean"
	ds       []Diagnostic
}

// readOrder lists the resources with those in broken, as they were read.
func (s *Set) readOrder(broken []*Resource) []*Resource {
	if len(broken) == 0 {
		return s.Resources
	}
	order := make(map[string]int, len(s.sources))
	for _, src := range s.sources {
		if src.data != nil {
			order[src.path] = src.order
		}
	}
	all := slices.Concat(s.Resources, broken)
	slices.SortStableFunc(all, func(a, b *Resource) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// addresses: no address twice; of several the first is kept. Two that differ only by case are easily mistaken for each other.
func (j *judgement) addresses(broken []*Resource) {
	all := j.set.readOrder(broken)
	plain, _ := numbers(all, func(r *Resource) string { return r.Address.Name })
	again := j.set.recurring(plain)
	first := map[Address]*Resource{} // of those that are not sure to be alone
	for i, r := range all {
		if again == nil || !again[i] {
			continue
		}
		if f := first[r.Address]; f != nil {
			j.add(j.set.atName(r, Error, nil, "%s is there already, in %s: give one of them another name, or remove it", r.Address, whereIs(f)))
			continue
		}
		first[r.Address] = r
	}
	kept := j.set.Resources[:0]
	j.here = newIndex(len(j.set.Resources))
	for _, r := range j.set.Resources {
		if f := first[r.Address]; again == nil || f == nil || f == r {
			kept = append(kept, r)
			j.here.add(r)
		}
	}
	clear(j.set.Resources[len(kept):])
	j.set.Resources = kept
	if again != nil {
		j.namesByCase(first)
	}
}

// namesByCase tells of names that differ only by case; all that do are in met.
func (j *judgement) namesByCase(met map[Address]*Resource) {
	folded := map[Address]*Resource{}
	for _, r := range j.set.Resources {
		if met[r.Address] != r {
			continue
		}
		key := Address{r.Address.Kind, plainKey(r.Address.Name)}
		if f := folded[key]; f == nil {
			folded[key] = r
		} else if !r.accepts(ruleNameCase) && !f.accepts(ruleNameCase) {
			j.add(j.set.atName(r, Warning, ruleNameCase, "%s differs only by upper and lower case from %s in %s", r.Address, f.Address, whereIs(f)))
		}
	}
}

func (j *judgement) add(d Diagnostic) { j.ds = append(j.ds, d) }

// codes: no code twice in its kind, nor two that differ only by case or Unicode form.
func (j *judgement) codes() {
	plain, turkish := numbers(j.set.Resources, func(r *Resource) string {
		if r.Address.Kind.Def().CodeField() == nil {
			return ""
		}
		return r.Code
	})
	again, alike := j.set.recurring(plain), j.set.recurring(turkish)
	if again == nil && alike == nil {
		return
	}
	met := map[Kind]*clashes{}
	for i, r := range j.set.Resources {
		if !(again != nil && again[i]) && !(alike != nil && alike[i]) {
			continue
		}
		f, c := r.Address.Kind.Def().CodeField(), met[r.Address.Kind]
		if f == nil {
			continue
		}
		if c == nil {
			c = newClashes(0)
			met[r.Address.Kind] = c
		}
		switch first, exact := c.meet(r, r.Code); {
		case first == nil:
		case exact:
			j.add(j.set.atValue(r, f.Name, Error, nil, "%s %q is that of %s in %s too: a code stands for one thing only", f.Name, r.Code, first.Address, whereIs(first)))
		case !r.accepts(ruleCodeForm) && !first.accepts(ruleCodeForm):
			j.add(j.set.atValue(r, f.Name, Error, ruleCodeForm, "%s %q differs only by case or by the form of its letters from %q of %s in %s: choose codes that cannot be confused", f.Name, r.Code, first.Code, first.Address, whereIs(first)))
		}
	}
}

// names: schedules without an id are known at Moka by their names alone; products may not share one there (moka-api 2.12, 2.15).
func (j *judgement) names() {
	schedules := map[string]*Resource{}
	products := newClashes(0)
	for _, r := range j.set.Resources {
		switch r.Address.Kind {
		case Schedule:
			if r.Value("id") != nil {
				continue
			}
			name := cmp.Or(r.Text("scheduleName"), r.Address.Name)
			if first := schedules[name]; first != nil {
				j.add(j.set.atValue(r, "scheduleName", Error, nil, "the scheduleName %q is that of %s in %s too, and Moka knows schedules by nothing else: give one of them another name, or its id", name, first.Address, whereIs(first)))
				continue
			}
			schedules[name] = r
		case Product:
			switch first, exact := products.meet(r, r.Text("productName")); {
			case first == nil:
			case exact:
				j.add(j.set.atValue(r, "productName", Error, nil, "the productName %q is that of %s in %s too, which Moka refuses: give one of them another name", r.Text("productName"), first.Address, whereIs(first)))
			case !r.accepts(ruleProductName) && !first.accepts(ruleProductName):
				j.add(j.set.atValue(r, "productName", Warning, ruleProductName, "the productName %q differs only by case or by the form of its letters from that of %s in %s: Moka may refuse it", r.Text("productName"), first.Address, whereIs(first)))
			}
		}
	}
}

// whereIs names where a resource stands.
func whereIs(r *Resource) string {
	return fmt.Sprintf("%s:%d:%d", r.File, r.Line, r.Column)
}

// at makes a diagnostic at a value of a resource.
func (s *Set) at(r *Resource, v *Value, severity Severity, rule *Rule, format string, args ...any) Diagnostic {
	return s.diagnose(r, int(v.Line), int(v.Column), severity, rule, fmt.Sprintf(format, args...))
}

// atValue makes a diagnostic at a field of a resource, or at its name if the field is left out.
func (s *Set) atValue(r *Resource, field string, severity Severity, rule *Rule, format string, args ...any) Diagnostic {
	if v := r.Value(field); v != nil {
		return s.at(r, v, severity, rule, format, args...)
	}
	return s.atName(r, severity, rule, format, args...)
}

// atName makes a diagnostic at a resource's metadata.name.
func (s *Set) atName(r *Resource, severity Severity, rule *Rule, format string, args ...any) Diagnostic {
	return s.atMetadata(r, "name", severity, rule, format, args...)
}

// atMetadata makes a diagnostic at a value of a resource's metadata.
func (s *Set) atMetadata(r *Resource, key string, severity Severity, rule *Rule, format string, args ...any) Diagnostic {
	line, column := r.Line, r.Column
	if m := s.reread(r.File, r.Line); m != nil {
		if root := m.expand(); root != nil {
			if n, ok := nodeAt(root, "/metadata/"+key); ok {
				line, column = n.Line+m.base, n.Column
			}
		}
	}
	return s.diagnose(r, line, column, severity, rule, fmt.Sprintf(format, args...))
}

func (s *Set) diagnose(r *Resource, line, column int, severity Severity, rule *Rule, message string) Diagnostic {
	d := Diagnostic{Severity: severity, File: r.File, Line: line, Column: column, Address: r.Address.String(), Message: message}
	if rule != nil {
		d.Rule = rule.Name
		d.Message += " (rule: " + rule.Name + ")"
	}
	if m := s.reread(r.File, line); m != nil {
		m.def = r.Address.Kind.Def()
		d.Excerpt, d.ExcerptColumn = m.excerpt(line, column)
	}
	return d
}

// reread decodes the document around a line again: few documents have a mistake that only the others show.
func (s *Set) reread(file string, line int) *manifest {
	if s.byPath == nil {
		s.byPath = make(map[string]*source, len(s.sources))
		for _, src := range s.sources {
			if src.data != nil {
				s.byPath[src.path] = src
			}
		}
	}
	src := s.byPath[file]
	if src == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(src.spans, line, func(sp span, line int) int { return cmp.Compare(sp.line, line) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	sp := src.spans[i]
	doc, err := newStream(src.data[sp.start:sp.end]).next()
	if err != nil {
		return nil
	}
	return &manifest{src: src, span: sp, base: sp.line - 1, raw: doc.Content[0], manner: s.manner, out: &outcome{}}
}
