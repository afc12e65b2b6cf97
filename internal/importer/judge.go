package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/spec"
)

// judge reads the manifests in a folder as every command does, and changes the drafts for the sake of what that finds. It gives the resources; settled is false
// where there was something to change, and the folder must be written anew.
func (ds *drafts) judge(ctx context.Context, folder string) (resources []*spec.Resource, settled bool, err error) {
	set, found := spec.Load(ctx, []string{folder}, spec.Options{})
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	about := map[*draft][]spec.Diagnostic{}
	for _, d := range found {
		address, err := spec.ParseAddress(d.Address)
		switch mine := ds.byAddress[address]; {
		case d.Rule == "" && d.Severity != spec.Error, strings.HasPrefix(d.Message, "no manifest in this folder"):
		case err != nil || mine == nil:
			return nil, false, fmt.Errorf("%s: %s", d.Place(), d.Message)
		default:
			about[mine] = append(about[mine], d)
		}
	}
	if len(about) == 0 {
		return set.Resources, true, nil
	}
	changed := false
	for _, d := range ds.list {
		if mine := about[d]; mine != nil {
			changed = ds.judgeAlone(d) || ds.heed(d, mine, kindLine(set.Get(d.address()))) || changed
		}
	}
	if !changed {
		return nil, false, errUnsettled
	}
	return nil, false, nil
}

// errUnsettled is a mistake of this package: it should know what to do about whatever is found.
var errUnsettled = errors.New("some of what Moka has cannot be written so that it is read without an error: please report this; importing by --kind or --code may pass it by")

// judgeAlone judges one manifest by itself, and reports whether anything was changed.
func (ds *drafts) judgeAlone(d *draft) bool {
	return ds.heed(d, spec.ReadFile("", ds.text(d), spec.Options{}).Diagnostics, 0)
}

func (ds *drafts) text(d *draft) []byte {
	var b bytes.Buffer
	w := edit.NewWriter(&b)
	w.Write(ds.manifest(d)) // what cannot be written is found where it is written to the folder
	w.Flush()
	return b.Bytes()
}

// kindLine is the line at which a resource begins, as diagnostics have it; 0 where it was not read without a mistake.
func kindLine(r *spec.Resource) int {
	if r == nil {
		return 0
	}
	return r.Line
}

// heed changes a draft for the sake of findings, and reports whether it did. at is the line of the manifest's kind in the file that they are about, 0 for a manifest alone.
func (ds *drafts) heed(d *draft, found []spec.Diagnostic, at int) bool {
	text := bytes.Split(ds.text(d), []byte("\n"))
	if at != 0 {
		at -= 1 + slices.IndexFunc(text, func(line []byte) bool { return bytes.HasPrefix(line, []byte("kind:")) })
	}
	changed := false
	var unplaced []string
	for _, f := range found {
		switch field := fieldAt(d.Kind, text, f.Line-at); {
		case f.Rule != "" && !slices.Contains(d.accepted, f.Rule):
			d.accepted = append(d.accepted, f.Rule)
			slices.Sort(d.accepted)
			changed = true
		case f.Severity != spec.Error:
		case field == nil:
			unplaced = append(unplaced, reason(f))
		default:
			ds.drop(d, field, strings.TrimPrefix(reason(f), field.Name+" "))
			changed = true
		}
	}
	if !changed && len(unplaced) > 0 {
		for _, x := range d.dropped { // what is missing may be so since another field was dropped
			unplaced = append(unplaced, x.field.Name+": "+x.why)
		}
		d.out = strings.Join(unplaced, "; ")
		changed = true
	}
	return changed
}

func keyOf(v spec.Value) string { return v.Key() }

// drop has a field not managed. A reference is tried by Moka's number first; without a field that must be there the whole thing is left out.
func (ds *drafts) drop(d *draft, field *spec.Field, why string) {
	byCode := field.Type == spec.Reference && !d.numbered[field] && d.number(field.Target) != 0
	switch {
	case d.drops(field): // two of a list's elements are wrong
	case byCode && keyOf(ds.refer(d, field, d.Texts(field)[0])) == field.Elsewhere[0]:
		if d.numbered == nil {
			d.numbered = map[*spec.Field]bool{}
		}
		d.numbered[field] = true
	case field.Required || field.Type == spec.Code || field.Type == spec.MokaID:
		d.out = field.Name + ": " + why
	default:
		d.dropped = append(d.dropped, dropped{field, why})
	}
}

// fieldAt finds the field of a manifest in our style that stands at a line, counted from 1; nil for what is no field.
func fieldAt(kind spec.Kind, text [][]byte, line int) *spec.Field {
	begin := slices.IndexFunc(text, func(l []byte) bool { return bytes.HasPrefix(l, []byte("spec:")) })
	for i := min(line, len(text)) - 1; i > begin && begin >= 0; i-- {
		key, inSpec := strings.CutPrefix(string(text[i]), "  ")
		if name, _, ok := strings.Cut(key, ":"); ok && inSpec {
			if field := kind.Def().Field(name); field != nil {
				return field
			}
		}
	}
	return nil
}

// places are those of other manifests in a message: they are no help in a comment.
var places = regexp.MustCompile(` in \S+:[0-9]+:[0-9]+`)

// reason is a finding's message without places.
func reason(d spec.Diagnostic) string { return places.ReplaceAllString(d.Message, "") }
