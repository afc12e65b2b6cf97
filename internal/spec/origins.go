package spec

// origins: what a resource was called before, or replaces, is gone from the manifests, and has gone to one resource only.
func (j *judgement) origins() {
	moved, replaced := map[Address]*Resource{}, map[Address]*Resource{}
	for _, r := range j.set.Resources {
		if r.rare == nil {
			continue
		}
		j.origin(r, r.MovedFrom(), "movedFrom", moved)
		j.origin(r, r.Replaces(), "replaces", replaced)
		if first := moved[r.Replaces()]; first != nil && !r.Replaces().IsZero() {
			j.add(j.set.atMetadata(r, "replaces", Error, nil, "%s is what %s in %s was called before: it lives on there, and cannot be ended here", r.Replaces(), first.Address, whereIs(first)))
		}
	}
}

func (j *judgement) origin(r *Resource, from Address, key string, met map[Address]*Resource) {
	if from.IsZero() {
		return
	}
	if here := j.here.get(from); here != nil {
		j.add(j.set.atMetadata(r, key, Error, nil, "%s is still there, in %s: take that manifest out, or remove %s", from, whereIs(here), key))
		return
	}
	if first := met[from]; first != nil {
		j.add(j.set.atMetadata(r, key, Error, nil, "%s stands in %s too, for %s: keep one of them", key, whereIs(first), first.Address))
		return
	}
	met[from] = r
}
