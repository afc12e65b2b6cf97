package importer

import (
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// prove fills the lockfile with what an apply of these resources would have left, and shows that a plan of them is empty, against it and against what Moka has. Where it is
// not, settled is false and the drafts are changed: the manifests must be written anew.
func (ds *drafts) prove(resources []*spec.Resource, known *lockfile.Lock) (settled bool, err error) {
	for _, e := range known.Entries() { // of the round before
		known.Drop(e.Address)
	}
	ds.remember(plan.NewWorld(resources, known), resources)
	changed := false
	world := plan.NewWorld(resources, known) // what it knows by number is looked up once, and now all is known
	for _, r := range resources {
		changed = ds.compare(world, r) || changed
	}
	p := plan.Make(plan.Input{Resources: resources, Known: known, Whole: true})
	for _, c := range p.Changes {
		if d := ds.byAddress[c.Address]; d != nil && d.out == "" {
			d.out, changed = "a plan of it would not be empty ("+c.Action.String()+")", true
		}
	}
	switch {
	case changed:
		return false, nil
	case len(p.Changes) > 0 || spec.HasErrors(p.Diagnostics):
		return false, errUnsettled
	}
	return true, nil
}

// remember puts what an apply would have left into the lockfile, what is needed before what needs it.
func (ds *drafts) remember(world *plan.World, resources []*spec.Resource) {
	for _, kind := range spec.Kinds() {
		for _, r := range resources {
			if r.Address.Kind == kind {
				world.Known.Put(world.Entry(r, ds.byAddress[r.Address].ID))
			}
		}
	}
}

// compare holds a resource against what Moka has. A field that cannot be said so that it is read as Moka has it is not managed.
func (ds *drafts) compare(world *plan.World, r *spec.Resource) (changed bool) {
	d := ds.byAddress[r.Address]
	const why = "mokasync does not read it back as Moka has it"
	for _, f := range world.Differences(r, d.Found) {
		ds.drop(d, f.Field, why)
		changed = true
	}
	if r.Code != d.Code || r.Value("token") != nil && !slices.Equal(r.Value("token").Texts(), d.Texts(tokenField)) {
		d.out, changed = why, true
	}
	return changed
}
