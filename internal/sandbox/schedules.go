package sandbox

import (
	"strconv"
	"strings"
)

// Values of DailyWeeklyMonthly (moka-api 2.15).
const (
	daily   = 1
	weekly  = 2
	monthly = 3
)

const scheduleNotFound = "ScheduleNotFound"

// scheduleMembers are the members of AddSchedule and UpdateSchedule.
type scheduleMembers struct {
	name, daysOfWeek, daysOfMonth text
	rhythm, everyX                integer
}

func readSchedule(m *members) scheduleMembers {
	return scheduleMembers{
		name:        m.text("ScheduleName", 100),
		rhythm:      m.integer("DailyWeeklyMonthly", daily, monthly),
		everyX:      m.integer("EveryX", 1, maxInteger),
		daysOfWeek:  m.text("DaysOfWeek", 0),
		daysOfMonth: m.text("DaysOfMonth", 0),
	}
}

// checkDays gives the reason why the day lists cannot be, or "". A rhythm that
// is sent needs its days to be sent too (moka-api 2.16); "" is not sent.
func (in scheduleMembers) checkDays() string {
	switch {
	case in.rhythm.value == weekly && !in.daysOfWeek.given():
		return "DaysOfWeekIsRequired"
	case in.rhythm.value == monthly && !in.daysOfMonth.given():
		return "DaysOfMonthIsRequired"
	case in.daysOfWeek.given() && !isDayList(in.daysOfWeek.value, 7):
		return "DaysOfWeekFormatError"
	case in.daysOfMonth.given() && !isDayList(in.daysOfMonth.value, 31):
		return "DaysOfMonthFormatError"
	}
	return ""
}

// isDayList reports whether text is numbers from 1 to last with commas between:
// no blanks, no leading zeros. Order and repetition are the dealer's own.
func isDayList(text string, last int) bool {
	for part := range strings.SplitSeq(text, ",") {
		day, err := strconv.Atoi(part)
		if err != nil || day < 1 || day > last || strconv.Itoa(day) != part {
			return false
		}
	}
	return true
}

// onto lays what was sent over a row. A list that the rhythm does not use is
// empty, as in the documented answers.
func (in scheduleMembers) onto(row *schedule) {
	if in.name.sent {
		row.Name = in.name.value
	}
	row.Rhythm = in.rhythm.or(row.Rhythm)
	row.EveryX = in.everyX.or(row.EveryX)
	if in.daysOfWeek.given() {
		row.DaysOfWeek = in.daysOfWeek.value
	}
	if in.daysOfMonth.given() {
		row.DaysOfMonth = in.daysOfMonth.value
	}
	if row.Rhythm != weekly {
		row.DaysOfWeek = ""
	}
	if row.Rhythm != monthly {
		row.DaysOfMonth = ""
	}
}

// addSchedule needs DailyWeeklyMonthly; its codes are UpdateSchedule's under its
// own name, since the page's end was never seen (moka-api 2.15). EveryX is 1
// when left out.
func addSchedule(c *call) result {
	in := readSchedule(c.in)
	if c.in.bad || !in.rhythm.sent {
		return c.invalid()
	}
	if reason := in.checkDays(); reason != "" {
		return c.refuse(reason)
	}
	row := &schedule{ID: take(&c.next.Schedule), EveryX: 1}
	in.onto(row)
	return done(row, &record{Schedules: []*schedule{row}})
}

// findSchedule selects by the member DealerSaleScheduleId.
func (c *call) findSchedule() (row *schedule, reason string) {
	id := c.in.id("DealerSaleScheduleId")
	switch {
	case c.in.bad:
		return nil, invalidRequest
	case id == 0:
		return nil, "DealerSaleScheduleIdIsRequired"
	}
	if row = c.state.schedules.get(id); row == nil {
		return nil, scheduleNotFound
	}
	return row, ""
}

// updateSchedule leaves unchanged what is not sent, as its page says outright
// (moka-api 2.16).
func updateSchedule(c *call) result {
	in := readSchedule(c.in)
	old, reason := c.findSchedule()
	if reason == "" {
		reason = in.checkDays()
	}
	if reason != "" {
		return c.refuse(reason)
	}
	row := *old
	in.onto(&row)
	return done(&row, &record{Schedules: []*schedule{&row}})
}

// deleteSchedule leaves sales as they are (moka-api 3.6); whether they go on
// charging is a switch.
func deleteSchedule(c *call) result {
	row, reason := c.findSchedule()
	if reason != "" {
		return c.refuse(reason)
	}
	return done(true, &record{Removed: &removed{Schedules: []int64{row.ID}}})
}

func getSchedule(c *call) result {
	row, reason := c.findSchedule()
	if reason != "" {
		return c.refuse(reason)
	}
	return done(row, nil)
}

func getScheduleList(c *call) result {
	return listed(c, "SaleScheduleListCount", "SaleScheduleList", c.state.schedules.all(), scheduleNotFound)
}
