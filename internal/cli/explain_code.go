package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
)

// explainCodes lists all result codes that are known.
func (a *app) explainCodes(format string) error {
	codes := codeRows(moka.AllSaid())
	if format == "json" {
		return writing(render.CodesJSON(a.Stdout, codes))
	}
	return writing(render.CodeListText(a.Stdout, codes, a.style(a.StdoutTTY, false)))
}

// explainCode explains one.
func (a *app) explainCode(text, format string) error {
	said := moka.Explain(text)
	if len(said) == 0 {
		return unknownCode(text)
	}
	if format == "json" {
		return writing(render.CodesJSON(a.Stdout, codeRows(said)))
	}
	return writing(render.CodesText(a.Stdout, codeRows(said), a.style(a.StdoutTTY, false)))
}

func unknownCode(text string) error {
	var words []string
	for _, s := range moka.AllSaid() {
		words = append(words, s.Code[strings.LastIndexByte(s.Code, '.')+1:])
	}
	err := fmt.Errorf("no result code %s is known", render.Line(fmt.Sprintf("%q", text)))
	if near := spec.Nearest(text[strings.LastIndexByte(text, '.')+1:], words, mostGuesses); len(near) > 0 {
		return hinted(err, "did you mean %s? `mokasync explain` lists all; a resource is written kind/name", strings.Join(near, ", "))
	}
	return hinted(err, "`mokasync explain` lists all; a resource is written kind/name. If Moka answered a write with it, nobody knows whether that took effect: `mokasync apply` looks first")
}

func codeRows(said []moka.Said) []render.Code {
	rows := make([]render.Code, len(said))
	for i, s := range said {
		rows[i] = codeRow(s)
	}
	return rows
}

func codeRow(s moka.Said) render.Code {
	ops := slices.Concat(s.Ops, s.LentTo)
	row := render.Code{
		Code: s.Code, Service: s.Service, Meaning: s.Meaning, Outcome: s.Outcome.String(), Any: s.Any, Operations: names(s.Ops), LentTo: names(s.LentTo),
		Reads: len(ops) > 0 && !slices.ContainsFunc(ops, moka.Op.Writes), Fields: fieldsOf(s.Member, ops), Cure: s.Cure, Sources: []string{},
	}
	for _, number := range s.Sources {
		row.Sources = append(row.Sources, "moka-api "+number)
	}
	switch {
	case row.Cure != "" || s.Outcome != moka.Refused || len(row.Fields) == 0:
	case strings.HasSuffix(s.Code, "NotFound") || strings.HasSuffix(s.Code, "NotFund"):
		row.Cure = "was it deleted there? `mokasync explain ADDRESS --refresh` shows where it stands"
	default:
		row.Cure = "put it right in the manifest, then plan and apply again"
	}
	return row
}

func names(ops []moka.Op) []string {
	out := make([]string, len(ops))
	for i, op := range ops {
		out[i] = string(op)
	}
	return out
}

// fieldsOf names the fields of manifests that a member of the operations' requests is sent from.
func fieldsOf(member string, ops []moka.Op) []string {
	out := []string{}
	for _, op := range ops {
		kind, ok := kindOf(op)
		if !ok || member == "" {
			continue
		}
		for i := range kind.Def().Fields {
			f := &kind.Def().Fields[i]
			if name := kind.String() + "." + f.Name; sentFrom(f, member) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func sentFrom(f *spec.Field, member string) bool {
	switch {
	case f.Wire == member:
		return true
	case f.Type == spec.References:
		return slices.Contains(spec.CardWires[:], member)
	case f.IsReference():
		return f.Target.Def().IDMember == member
	}
	return false
}

// kindOf says what an operation is about, by its name. Payment steps come first: their operations' names end in another kind's way.
func kindOf(op moka.Op) (spec.Kind, bool) {
	for _, about := range [...]struct{ word, kind string }{
		{"PaymentPlan", "PaymentStep"}, {"Customer", "Customer"}, {"Card", "Card"}, {"Product", "Product"}, {"Schedule", "Schedule"}, {"Sale", "Sale"},
	} {
		if strings.Contains(op.Method(), about.word) {
			return spec.KindOf(about.kind)
		}
	}
	return 0, false
}
