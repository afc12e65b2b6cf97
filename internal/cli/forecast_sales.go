package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
)

// meantSales are the sales after a plan, and those among them that flags leave out.
type meantSales struct {
	kept    []forecast.Sale
	orphans int      // of those kept
	left    int      // out
	names   []string // of some that are left out
}

func (m *meantSales) partial() string {
	if m.left == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d sales are looked at, %d left out: %s", len(m.kept), len(m.kept)+m.left, m.left, strings.Join(m.names, ", "))
	if m.left > len(m.names) {
		text += fmt.Sprintf(" and %d more", m.left-len(m.names))
	}
	return text
}

// salesAfter gives the sales that are charged after a plan; a selection, nil for none, limits them.
func salesAfter(made *planned, s *selection) (*meantSales, error) {
	means, err := meaning(made, s)
	if err != nil {
		return nil, err
	}
	out := &meantSales{}
	in := &made.input
	set := &spec.Set{Resources: in.Resources}
	for _, p := range made.plan.Sales {
		if p.After == nil {
			continue
		}
		address := spec.Address{Kind: spec.Sale, Name: p.After.Name}
		if !means(p.After) {
			if out.left++; len(out.names) < namedLeftOut {
				out.names = append(out.names, address.String())
			}
			continue
		}
		out.kept = append(out.kept, *p.After)
		if set.Get(address) == nil && isKnown(in.Known, address) {
			out.orphans++
		}
	}
	if len(out.kept) == 0 && out.left > 0 {
		return nil, errors.New("nothing is chosen: no sale fits -l, --target, --kind and --exclude taken together")
	}
	return out, nil
}

func isKnown(l *lockfile.Lock, a spec.Address) bool { return l.Get(a) != nil || l.Open(a) != nil }

// meaning tells which sales a selection means: those that it chooses among the manifests, with what is chosen because something chosen needs it; of the lockfile's those that it matches;
// and those that are kept elsewhere if one of their payment steps is meant.
func meaning(made *planned, s *selection) (func(*forecast.Sale) bool, error) {
	if s == nil {
		return func(*forecast.Sale) bool { return true }, nil
	}
	in := &made.input
	set := &spec.Set{Resources: in.Resources}
	for _, address := range s.missing(set) {
		if !isKnown(in.Known, address) {
			return nil, notHere(address, plan.NewWorld(in.Resources, in.Known))
		}
	}
	selected, _ := s.choose(set)
	excluded := s.excludes(in.Known)
	matches := func(a spec.Address, labels map[string]string) bool {
		if r := set.Get(a); r != nil {
			return selected == nil || selected[a]
		}
		return !excluded[a] && s.matches(a, labels)
	}
	world, elsewhere := plan.NewWorld(in.Resources, in.Known), map[string]bool{}
	for _, r := range in.Resources {
		if r.Address.Kind == spec.PaymentStep && matches(r.Address, r.Labels) {
			if texts, state := world.Texts(r.Value("sale")); state == plan.Settled {
				elsewhere[nameElsewhere(texts[0])] = true
			}
		}
	}
	for _, e := range in.Known.Entries() {
		if e.Address.Kind == spec.PaymentStep && set.Get(e.Address) == nil && matches(e.Address, e.Labels) {
			elsewhere[nameElsewhere(e.Text("sale"))] = true
		}
	}
	return func(sale *forecast.Sale) bool {
		a := spec.Address{Kind: spec.Sale, Name: sale.Name}
		if set.Get(a) == nil && !isKnown(in.Known, a) {
			return elsewhere[sale.Name]
		}
		return matches(a, sale.Labels)
	}, nil
}

// nameElsewhere is how a sale that is kept elsewhere is called: as a manifest names it.
func nameElsewhere(kept string) string {
	key := spec.PaymentStep.Def().Field("sale").Elsewhere
	if number, ok := plan.ByNumber(kept); ok {
		return "{" + key[1] + ": " + number + "}"
	}
	return "{" + key[0] + ": " + kept + "}"
}

// noSuchSale says that a sale is not charged after the plan, and offers those that may have been meant.
func noSuchSale(f *render.Forecast, made *planned, address spec.Address) error {
	for _, p := range made.plan.Sales {
		switch {
		case p.After != nil && p.After.Name == address.Name:
			return hinted(fmt.Errorf("--sale: %s is left out by -l, --target, --kind or --exclude", address), "leave them out: --sale chooses already")
		case p.After == nil && p.Before.Name == address.Name:
			return hinted(fmt.Errorf("--sale: %s is deleted by the plan, and not charged any more", address), "`mokasync plan` shows why")
		}
	}
	names := make([]string, 0, len(f.Sales))
	for i := range f.Sales {
		names = append(names, f.Sales[i].Name)
	}
	err := fmt.Errorf("--sale: neither the manifests nor the lockfile know %s", address)
	if near := spec.Nearest(address.Name, names, mostGuesses); len(near) > 0 {
		return hinted(err, "did you mean %s?", strings.Join(near, ", "))
	}
	return hinted(err, "is the PATH right? `mokasync state list` tells what the lockfile knows")
}
