package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Facts are what a plan rests on.
type Facts struct {
	Plan *plan.Plan
	// Resources are all manifests; Known is the lockfile as it was before the plan's moves; Live is what was seen at Moka, nil where nobody looked.
	Resources []*spec.Resource
	Known     *lockfile.Lock
	Live      *plan.Live
	// Tool is this program's version, Commit the manifests' git commit, "" without one.
	Tool, Commit string
	// BaseURL is that of an endpoint which is none of Moka's own, "" for those and for the embedded sandbox.
	BaseURL string
	// Diagnostics are all that was said beside the plan, masked.
	Diagnostics []spec.Diagnostic
	// UpdateChanged: UpdateSale sends the changed members only (mokasync.yaml).
	UpdateChanged bool
	// Key is MOKASYNC_KEY, "" without one.
	Key     string
	Options Options
}

// headOf makes the file of a plan without its changes.
func headOf(f Facts) *File {
	p, d := f.Plan, newDigester(f.Key)
	out := &File{
		Mokasync: "plan", FormatVersion: FormatVersion, Tool: f.Tool, Endpoint: p.Endpoint, BaseURL: f.BaseURL, Dealer: p.Dealer, Commit: f.Commit, ValidThrough: plan.ValidThrough(p),
		Digest: Digest(p, f.Key), Options: f.Options, Partial: p.Partial, UpdateSale: "full", Looked: p.Looked, Uncompared: p.Sealed, Confirm: p.Confirm,
		Lockfile: headerDigest(f.Known), Moves: map[string]string{}, Summary: map[string]int{}, Diagnostics: make([]Diagnostic, 0, len(f.Diagnostics)),
	}
	out.Money, out.Guards = p.Money, make([]Guard, 0, len(p.Guards))
	for _, g := range p.Guards {
		out.Guards = append(out.Guards, Guard{g.Guard, g.Message, g.At})
	}
	if f.UpdateChanged {
		out.UpdateSale = "changed"
	}
	out.Charged = charged(p)
	for from, to := range p.Moves {
		out.Moves[from.String()] = to.String()
	}
	for _, a := range plan.Actions {
		out.Summary[a.String()] = p.Counts[a]
	}
	for _, d := range f.Diagnostics {
		out.Diagnostics = append(out.Diagnostics, Diagnostic{string(d.Severity), d.File, d.Line, d.Column, d.Address, d.Message})
	}
	world := plan.NewWorld(f.Resources, f.Known.Moved(p.Moves))
	out.Lines = lines(touched(p, world), f.Known)
	if f.Live != nil {
		out.Live = d.live(p, world, f.Live)
	}
	return out
}

func (d *digester) change(c *plan.Change) Change {
	out := Change{
		Address: c.Address, Action: c.Action.String(), Code: c.Code, ID: c.ID, IDElsewhere: idElsewhere(c), Fields: make([]Field, 0, len(c.Fields)),
		DependsOn: append([]spec.Address{}, c.DependsOn...), Reason: c.Reason, InDoubt: c.InDoubt, ReplacedBy: c.ReplacedBy,
		Desired: desiredStanding(c), Known: knownStanding(c),
	}
	for _, f := range c.Fields {
		out.Fields = append(out.Fields, Field{f.Field.Name, masked(f.From), masked(f.To), d.hidden(c, f)})
	}
	if c.Desired != nil {
		out.Manifest = d.manifest(c.Desired)
	}
	return out
}

// masked is what of a value may stand in the file; nil for none, an empty list for an empty one.
func masked(t plan.Text) []string {
	if !t.Present() {
		return nil
	}
	return t.AppendMask([]string{})
}

// touched are the addresses that a plan changes or moves, and all that they depend on, sorted.
func touched(p *plan.Plan, world *plan.World) []spec.Address {
	seen := map[spec.Address]bool{}
	var add func(a spec.Address)
	add = func(a spec.Address) {
		if a.IsZero() || seen[a] {
			return
		}
		seen[a] = true
		for _, needed := range world.Needs(a) {
			add(needed)
		}
	}
	for _, c := range p.Changes {
		if !c.Action.Planned() {
			continue
		}
		add(c.Address)
		add(c.ReplacedBy)
		for _, a := range append(slices.Clone(c.After), c.DependsOn...) {
			add(a)
		}
	}
	for from, to := range p.Moves {
		seen[from], seen[to] = true, true
	}
	out := make([]spec.Address, 0, len(seen))
	for a := range seen {
		out = append(out, a)
	}
	slices.SortFunc(out, spec.Address.Compare)
	return out
}

// lines gives digests of the lockfile's lines. They are not keyed: whoever has the lockfile has them.
func lines(addresses []spec.Address, known *lockfile.Lock) map[string]string {
	out := make(map[string]string, len(addresses))
	for a, text := range known.LinesAt(addresses) {
		out[a.String()] = ""
		if text != "" {
			out[a.String()] = short(text)
		}
	}
	return out
}

// charged recognises what becomes of the payments of the sales that do not stay as they are. It is not keyed: amounts and days stand in the plan.
func charged(p *plan.Plan) map[string]string {
	out, w := map[string]string{}, newWriter()
	for i := range p.Sales {
		pair := &p.Sales[i]
		switch {
		case pair.Same():
		case pair.Unknown() != "":
			out[pair.Name()] = ""
		default:
			w.charged(pair)
			out[pair.Name()] = w.sum()[:32]
		}
	}
	return out
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// headerDigest recognises a lockfile by its first line; an empty one says nothing that the first line could change.
func headerDigest(l *lockfile.Lock) string {
	if l.Len() == 0 && len(l.Pending) == 0 && len(l.Tombstones()) == 0 {
		return ""
	}
	h := l.Header
	return short(h.Endpoint + "\x00" + h.Dealer + "\x00" + h.Salt + "\x00" + h.KeyID)
}

// live recognises what is at Moka of what a plan touches.
func (d *digester) live(p *plan.Plan, world *plan.World, live *plan.Live) map[string]string {
	out := map[string]string{}
	for _, c := range p.Changes {
		if !c.Action.Planned() {
			continue
		}
		switch found, why := live.Lookup(world, c.Address); {
		case why != "":
			out[c.Address.String()] = "not told: " + why
		case found == nil:
			out[c.Address.String()] = ""
		default:
			out[c.Address.String()] = d.found(c.Address, found)
		}
	}
	return out
}
