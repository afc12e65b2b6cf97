package apply

import (
	"context"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// MovedOutside gives, by schedule, the codes of the sales at Moka that no manifest describes and that a plan's changes of schedules move: they would be charged on other days.
func (a *Applier) MovedOutside(ctx context.Context, p *plan.Plan) (map[spec.Address][]string, error) {
	var moving []*plan.Change
	for _, c := range p.Changes {
		if c.MovesSales() {
			moving = append(moving, c)
			a.looks.watchUse(use{spec.Schedule, itoa(c.ID)})
		}
	}
	if len(moving) == 0 {
		return nil, nil
	}
	schedules, err := a.looks.since(ctx, spec.Schedule, time.Time{})
	if err != nil {
		return nil, err
	}
	there := make(map[int64]*plan.Found, len(schedules.found))
	for _, f := range schedules.found {
		there[f.ID] = f
	}
	moving = slices.DeleteFunc(moving, func(c *plan.Change) bool { return there[c.ID] == nil || !a.World.Moves(c.Desired, there[c.ID]) })
	all, err := a.looks.since(ctx, spec.Sale, time.Time{})
	if err != nil {
		return nil, err
	}
	out := map[spec.Address][]string{}
	for _, c := range moving {
		if codes := a.World.Outside(all.uses[use{spec.Schedule, itoa(c.ID)}], p); len(codes) > 0 {
			out[c.Address] = codes
		}
	}
	return out, nil
}
