package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// What has passed and what is still valid is judged by the day in Istanbul as this run has it. Moka judges by a clock of its own, which is not documented (moka-api 3.4); its answers carry it.

// maxSkew is how far the two clocks may be apart without a word.
const maxSkew = 2 * time.Minute

// skew is one moment by this run's clock and by Moka's.
type skew struct {
	here, there time.Time
	moved       bool // MOKASYNC_NOW says what time it is here
}

// skewOf compares the clocks by the last answer; nil where they agree, or no answer said.
func (a *app) skewOf(reader *moka.Reader) *skew {
	ahead, known := reader.Skew()
	s := &skew{here: a.now(), there: a.Env.Now().Add(ahead), moved: !a.start.IsZero()}
	switch {
	case !known, s.there.Sub(s.here).Abs() <= maxSkew:
		return nil
	case s.moved && ahead.Abs() <= maxSkew:
		return nil // only the run's own clock was moved, and that on purpose
	}
	return s
}

// otherDay reports whether it is another day in Istanbul by Moka's clock.
func (s *skew) otherDay() bool {
	return s != nil && calendar.DayOf(s.here) != calendar.DayOf(s.there)
}

// clock names the one that this run goes by.
func (s *skew) clock() string {
	if s.moved {
		return "MOKASYNC_NOW"
	}
	return "this machine's clock"
}

// String gives both times.
func (s *skew) String() string {
	in := func(t time.Time) string { return t.In(calendar.Istanbul).Format(time.DateTime) }
	return fmt.Sprintf("%s says %s, and Moka's clock %s (in Istanbul)", s.clock(), in(s.here), in(s.there))
}

// warnOfSkew tells clocks that are apart.
func (a *app) warnOfSkew(s *skew) {
	switch {
	case s == nil:
	case s.otherDay():
		a.warn("%s: it is another day there, and what has passed and what can still be applied is judged by the day here. Set %s right", s, s.clock())
	default:
		a.warn("%s: set %s right", s, s.clock())
	}
}

// sameDay refuses to make sales and payment steps where it is another day by Moka's clock: what was checked against today, and the saleDate that is sent where none is said, would be of
// the wrong day.
func (r *applying) sameDay(p *plan.Plan) error {
	s := r.skewOf(r.conn.client.Reader)
	if !s.otherDay() {
		return nil
	}
	made := map[spec.Kind]int{}
	for a := range created(p) {
		made[a.Kind]++
	}
	var what []string
	for _, kind := range []spec.Kind{spec.Sale, spec.PaymentStep} {
		if made[kind] > 0 {
			what = append(what, counted(made[kind], map[spec.Kind]string{spec.Sale: "sale", spec.PaymentStep: "payment step"}[kind]))
		}
	}
	if len(what) == 0 {
		return nil
	}
	return hinted(fmt.Errorf("%s: it is another day there, and the plan makes %s. Nothing was sent", s, strings.Join(what, " and ")), "set %s right, then apply again", s.clock())
}
