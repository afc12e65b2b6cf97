package sandbox

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// The calendar says on which days a sale is due by its schedule (moka-api 2.15,
// 3.4). It is the sandbox's own reading: a client that forecasts charges has
// another, so that the two can be held against each other.

// A day is counted from 1 January 1970, which is day 0.

// dayOf is the day in Istanbul at a moment.
func dayOf(t time.Time) int {
	year, month, day := t.In(istanbul).Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dayCalled reads YYYYMMDD; ok is false for "" and for what is no date.
func dayCalled(text string) (day int, ok bool) {
	t, err := time.Parse("20060102", text)
	return dayOf(t), err == nil
}

// date is a day with all that a schedule asks about it.
type date struct {
	number  int
	text    string // YYYYMMDD
	year    int
	month   int // 1 to 12
	day     int // 1 to 31
	last    int // the last day of its month
	weekday int // 1 Monday to 7 Sunday
	week    int // weeks from Monday to Sunday, counted from that of day 0
	months  int // months since the year 0
}

func dateOf(number int) date {
	t := time.Unix(int64(number)*86400, 0).UTC()
	year, month, day := t.Date()
	monday := number - (int(t.Weekday())+6)%7
	return date{
		number: number, text: t.Format("20060102"), year: year, month: int(month), day: day,
		last:    time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day(),
		weekday: (int(t.Weekday())+6)%7 + 1,
		week:    (monday + 3) / 7, // day 0 was a Thursday; every Monday is a whole number of weeks from day -3
		months:  year*12 + int(month) - 1,
	}
}

// at is a moment of the day in Istanbul.
func (d date) at(hour int) time.Time {
	return time.Date(d.year, time.Month(d.month), d.day, hour, 0, 0, 0, istanbul)
}

// rhythm is when a sale is due, ready to be asked about many days.
type rhythm struct {
	unit  int64  // daily, weekly or monthly
	every int    // 1 is each
	named uint64 // bit n: day n of the week or month
	from  date   // what "every X" counts from
	first int    // BeginDate
	final int    // the last day on which a payment is made
	spare int    // a day without charge (switch same-day-charge); before first if there is none
	// begin: BeginDate is due whatever the schedule names.
	begin bool
	// lastDay: a month's last day stands for the named days that it lacks.
	lastDay bool
}

// fixedAnchor is where "every X" counts from under every-x-from=calendar:
// Monday, 1 January 2001, a first day of week, month and year at once.
var fixedAnchor = dateOf(11323)

// rhythmOf reads a sale's dates and its schedule under the switches. ok is
// false if the sale is never due: its plan is manual, or it has no schedule or
// beginning. addedOn is the day on which the sale was added, YYYYMMDD, or "".
func rhythmOf(row *sale, plan *schedule, addedOn string, sw positions) (r rhythm, ok bool) {
	begin, begins := dayCalled(row.BeginDate)
	if row.PlanType == planManual || plan == nil || !begins {
		return rhythm{}, false
	}
	r = rhythm{
		unit: plan.Rhythm, every: int(max(plan.EveryX, 1)), from: dateOf(begin),
		first: begin, final: math.MaxInt, spare: math.MinInt,
		begin: sw.is(swBeginDay, "always"), lastDay: sw.is(swShortMonth, "last-day"),
	}
	if sw.is(swEveryXFrom, "calendar") {
		r.from = fixedAnchor
	}
	if end, ends := dayCalled(row.EndDate); ends {
		r.final = end
		if sw.is(swEndDate, "exclusive") {
			r.final--
		}
	}
	if added, known := dayCalled(addedOn); known && sw.is(swSameDayCharge, "no") {
		r.spare = added
	}
	switch plan.Rhythm {
	case weekly:
		r.named = dayBits(plan.DaysOfWeek)
	case monthly:
		r.named = dayBits(plan.DaysOfMonth)
	}
	return r, true
}

// dayBits reads a checked list of days, "1,15", as a set.
func dayBits(list string) (set uint64) {
	for part := range strings.SplitSeq(list, ",") {
		if day, err := strconv.Atoi(part); err == nil && day >= 1 && day <= 31 {
			set |= 1 << day
		}
	}
	return set
}

// due reports whether a payment is due on a day.
func (r *rhythm) due(d date) bool {
	switch {
	case d.number < r.first || d.number > r.final || d.number == r.spare:
		return false
	case r.begin && d.number == r.first:
		return true
	}
	switch r.unit {
	case daily:
		return (d.number-r.from.number)%r.every == 0
	case weekly:
		return r.named>>d.weekday&1 == 1 && (d.week-r.from.week)%r.every == 0
	case monthly:
		return r.namesDayOfMonth(d) && (d.months-r.from.months)%r.every == 0
	}
	return false
}

// namesDayOfMonth: the 29th to 31st do not come in a month that is too short,
// unless the switch moves them to its last day.
func (r *rhythm) namesDayOfMonth(d date) bool {
	return r.named>>d.day&1 == 1 || r.lastDay && d.day == d.last && r.named>>(d.last+1) != 0
}
