package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// MovesSales reports whether a change may give a schedule that is at Moka another rhythm: Moka then charges every sale that uses it on other days (moka-api 4.4). Of one that is taken
// over without a look nobody knows what it was.
func (c *Change) MovesSales() bool {
	return c.Address.Kind == spec.Schedule && (c.Action == Update || c.Action == Adopt) && c.ID != 0 && slices.ContainsFunc(c.Fields, isRhythm)
}

// showsMove reports whether a plan says which sales a change moves: not of a schedule that is taken over without a look, which is most probably as it should be.
func (c *Change) showsMove() bool {
	return c.MovesSales() && (c.Known != nil || slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return isRhythm(f) && f.From.Present() }))
}

// isRhythm reports whether a change of a schedule's field changes the days on which Moka charges.
func isRhythm(f FieldChange) bool { return f.Field.Name != "scheduleName" && f.Field.Name != "id" }

// Moves reports whether what r wants is another rhythm than that of the schedule that was found.
func (w *World) Moves(r *spec.Resource, found *Found) bool {
	return slices.ContainsFunc(w.Differences(r, found), isRhythm)
}

// scheduleWeights says of a schedule that gets another rhythm which sales that moves.
func (m *maker) scheduleWeights() {
	moved := map[spec.Address][]string{}
	for _, c := range m.plan.Changes {
		if c.showsMove() {
			moved[c.Address] = nil
		}
	}
	if len(moved) == 0 {
		return
	}
	for _, r := range m.Resources {
		if v := r.Value("schedule"); v != nil {
			if a, known := m.scheduleOf(v); known {
				if _, ok := moved[a]; ok {
					moved[a] = append(moved[a], r.Address.String())
				}
			}
		}
	}
	for _, c := range m.plan.Changes {
		if c.showsMove() {
			c.Reason = strings.TrimPrefix(c.Reason+"; "+movedText(moved[c.Address])+m.outsideText(c), "; ")
		}
	}
}

// scheduleOf gives the schedule here that a sale's value names, by its name or by Moka's number.
func (m *maker) scheduleOf(v *spec.Value) (spec.Address, bool) {
	if a, local := v.Local(); local {
		return a, true
	}
	return m.world.numbered(spec.Schedule, v.Text)
}

func movedText(sales []string) string {
	if len(sales) == 0 {
		return "it moves no sale of these manifests"
	}
	return fmt.Sprintf("sales that it moves: %d (%s)", len(sales), few(sales))
}

// few names the first of many, and says how many more there are.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func quoted(codes []string) []string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = fmt.Sprintf("%q", code)
	}
	return out
}

// outsideText says which sales at Moka that no manifest describes a schedule moves too, as far as that was looked at.
func (m *maker) outsideText(c *Change) string {
	if m.Live == nil {
		return "; whether sales outside these manifests use it was not looked at (--refresh looks)"
	}
	number := fmt.Sprint(c.ID)
	field := spec.Sale.Def().Field("schedule")
	var codes []string
	for code, same := range m.Live.Sales {
		for _, f := range same {
			if slices.Equal(f.Texts(field), []string{number}) {
				codes = append(codes, code)
			}
		}
	}
	if codes = m.world.Outside(codes, m.plan); len(codes) > 0 {
		return "; " + OutsideText(codes)
	}
	return ""
}

// Outside gives, sorted, those of the sale codes that no manifest has and that the plan does not delete.
func (w *World) Outside(codes []string, p *Plan) []string {
	here := map[string]bool{}
	for a := range w.Desired {
		if a.Kind == spec.Sale {
			here[w.CodeOf(a)] = true
		}
	}
	for _, c := range p.Changes {
		if c.Address.Kind == spec.Sale && c.Action == Delete {
			here[c.Code] = true
		}
	}
	out := slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return here[code] })
	slices.Sort(out)
	return out
}

// OutsideText says that a schedule moves sales that no manifest describes.
func OutsideText(codes []string) string {
	return fmt.Sprintf("sales outside these manifests that it moves too: %d (codes %s). apply does that only with --moves and the number of all such sales", len(codes), few(quoted(codes)))
}
