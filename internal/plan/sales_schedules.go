package plan

import (
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/spec"
)

// shape is a schedule on one side of the plan: its rhythm, or why that is not known.
type shape struct {
	rhythm calendar.Rhythm
	why    string
}

// shapes are a schedule before and after; the same twice where it stays as it is.
type shapes [2]*shape

func notKnown() *shape { return &shape{why: "its schedule is not known here"} }

// schedules reads all schedules, and finds them by Moka's numbers. One that is given another number is two: what the sales have that stay with the old one, and what those have that follow.
func (b *billing) schedules() {
	b.here, b.numbered = map[spec.Address]*shape{}, map[string]shapes{}
	b.each(spec.Schedule, func(a spec.Address, before, after *standing) {
		was := b.shape(before)
		is := was
		if after != before {
			is = b.shape(after)
		}
		b.here[a] = is
		old, now := "", ""
		if e := b.Known.Get(a); e != nil && e.ID != 0 {
			old = strconv.FormatInt(e.ID, 10)
		}
		if number, state := b.world.key(a); state == Settled && after != before {
			now = number
		}
		if old != "" {
			b.numbered[old] = shapes{was, is}
			if now != "" && now != old {
				b.numbered[old] = shapes{was, was}
			}
		}
		if now != "" && now != old {
			b.numbered[now] = shapes{b.other(now), is}
		}
	})
}

func (b *billing) shape(s *standing) *shape {
	switch {
	case s == nil:
		return notKnown()
	case s.why != "":
		return &shape{why: "of its schedule: " + s.why}
	}
	def := spec.Schedule.Def()
	if f := b.hidden(s, def.Field("frequency"), def.Field("every")); f != "" {
		return &shape{why: "of its schedule: " + hiddenText(f)}
	}
	return &shape{rhythm: spec.RhythmOf(func(field string) []string { return b.texts(s, def.Field(field)) })}
}

// other is a schedule of which only Moka's number is known.
func (b *billing) other(number string) *shape {
	if id, err := strconv.ParseInt(number, 10, 64); err == nil && b.Live != nil {
		if found := b.Live.Schedules[id]; found != nil {
			return b.shape(&standing{found: found})
		}
	}
	if number == "" {
		return notKnown()
	}
	return &shape{why: "its schedule (id " + number + ") is kept elsewhere"}
}

// moves reports whether what a sale's schedule says becomes another thing, though the sale stays as it is.
func (b *billing) moves(s *standing) bool {
	if s == nil {
		return false
	}
	both := b.numbered[b.text(s, scheduleOf)]
	return both[0] != both[1]
}

// shapeOf finds the rhythm of a sale's schedule.
func (b *billing) shapeOf(s *standing, after bool) *shape {
	if s.desired != nil {
		if v := s.desired.Value(scheduleOf.Name); v != nil {
			if a, local := v.Local(); local && b.here[a] != nil {
				return b.here[a]
			}
		}
	}
	number := b.text(s, scheduleOf)
	both, known := b.numbered[number]
	switch {
	case !known:
		return b.other(number)
	case after:
		return both[1]
	}
	return both[0]
}
