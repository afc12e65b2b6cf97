package spec

import (
	"fmt"

	"github.com/mokasync/mokasync/internal/calendar"
)

// neverCharged: a sale that Moka charges by a schedule of these manifests is charged at least once (moka-api 3.3, 3.4).
func (j *judgement) neverCharged(marked suspects) {
	n := j.never()
	for i, r := range j.set.Resources {
		if marked.has(i, ofDays) {
			n.sale(r)
		}
	}
	for _, schedule := range n.order {
		n.dayless[schedule].tell(n, schedule)
	}
}

func (j *judgement) never() *never {
	return &never{judgement: j, rhythms: map[*Resource]calendar.Rhythm{}, met: map[period]string{}, dayless: map[*Resource]*dayless{}}
}

// never judges the sales of a set.
type never struct {
	*judgement
	rhythms map[*Resource]calendar.Rhythm // of schedules
	met     map[period]string             // first payments, "" for none
	dayless map[*Resource]*dayless
	order   []*Resource // of dayless
}

// period is all on which a first payment rests.
type period struct {
	schedule   *Resource
	begin, end string
}

// dayless are the sales of a schedule for which its days never come: they are told in one finding.
type dayless struct {
	first *Resource
	more  int
}

// charged reports whether a sale of these manifests is charged, or is none that a schedule here charges.
func (n *never) charged(r *Resource) bool {
	p := n.periodOf(r)
	return r.Text("planType") == "manual" || p.begin == "" || p.schedule == nil || n.first(p) != ""
}

func (n *never) periodOf(sale *Resource) period {
	begin, end := sale.Text("beginDate"), sale.Text("endDate")
	if end == Never {
		end = ""
	}
	return period{n.scheduleOf(sale), begin, end}
}

func (n *never) sale(r *Resource) {
	if n.charged(r) || r.accepts(ruleNever) {
		return
	}
	p := n.periodOf(r)
	schedule, begin, end := p.schedule, p.begin, p.end
	rhythm := n.rhythm(period{schedule, begin, end})
	due := n.first(period{schedule, begin, ""})
	if due != "" {
		n.add(n.set.atValue(r, "endDate", Warning, ruleNever, "no payment%s ever falls due: the first would be due on %s, and endDate is %s%s: choose a later endDate, or an earlier beginDate", byScheduleOf(r), due, end, restsOn(rhythm, n.set.reading)))
		return
	}
	switch met := n.dayless[schedule]; {
	case schedule.accepts(ruleNever):
	case met != nil:
		met.more++
	default:
		n.dayless[schedule] = &dayless{first: r}
		n.order = append(n.order, schedule)
	}
}

// scheduleOf gives a sale's schedule, nil for one that is kept elsewhere or has mistakes.
func (n *never) scheduleOf(sale *Resource) *Resource {
	v := sale.Value("schedule")
	if v == nil {
		return nil
	}
	a, local := v.Local()
	if !local {
		return nil
	}
	return n.here.get(a)
}

func (n *never) rhythm(p period) calendar.Rhythm {
	rhythm, ok := n.rhythms[p.schedule]
	if !ok {
		rhythm = RhythmOf(func(field string) []string {
			if v := p.schedule.Value(field); v != nil {
				return v.Texts()
			}
			return nil
		})
		n.rhythms[p.schedule] = rhythm
	}
	rhythm.Begin, rhythm.End = p.begin, p.end
	return rhythm
}

// first gives the day of the first payment, "" for none.
func (n *never) first(p period) string {
	day, ok := n.met[p]
	if !ok {
		day = firstCharge(n.rhythm(p), n.set.reading)
		n.met[p] = day
	}
	return day
}

// lastDay is the last that YYYY-MM-DD can write.
const lastDay = "9999-12-31"

func firstCharge(rhythm calendar.Rhythm, reading calendar.Reading) string {
	for day := range rhythm.Charges(reading, rhythm.Begin, lastDay) {
		return day
	}
	return ""
}

func (d *dayless) tell(n *never, schedule *Resource) {
	rhythm := n.rhythm(period{schedule, d.first.Text("beginDate"), ""})
	who := d.first.Address.String()
	if d.more > 0 {
		who += fmt.Sprintf(" (and of %d more of its sales)", d.more)
	}
	n.add(n.set.atValue(schedule, "daysOfMonth", Warning, ruleNever, "no payment of %s%s ever falls due: it begins on %s, and every %d months from then there is no day %s%s: name a day that comes, such as 28, or have it begin in another month",
		who, byScheduleOf(d.first), rhythm.Begin, rhythm.Every, list(rhythm.Days, "or"), restsOn(rhythm, n.set.reading)))
}

// byScheduleOf reminds of the payments by hand that a sale may have too.
func byScheduleOf(sale *Resource) string {
	if sale.Text("planType") == "both" {
		return " by the schedule"
	}
	return ""
}

// restsOn names the readings without which a sale would be charged: another answer of Moka's, and it is.
func restsOn(rhythm calendar.Rhythm, reading calendar.Reading) string {
	var words []string
	for _, rule := range calendar.Rules() {
		word, other := reading.Word(rule), reading
		if other.Set(rule.Name, rule.Other(word)) && firstCharge(rhythm, other) != "" {
			words = append(words, rule.Name+": "+word)
		}
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" (read as %s; by its other word one would)", words[0])
	}
	return fmt.Sprintf(" (read as %s; by the other word of any of them one would)", list(words, "and"))
}
