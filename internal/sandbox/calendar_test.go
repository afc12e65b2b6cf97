package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// walk is the naive reading of a schedule: it goes from day to day, counts days,
// weeks and months as they begin, and writes down the due ones.
func walk(row *sale, plan *schedule, addedOn string, sw positions, until time.Time) (due []string) {
	begin, err := time.Parse("20060102", row.BeginDate)
	if err != nil || row.PlanType == planManual {
		return nil
	}
	start := begin
	if sw.is(swEveryXFrom, "calendar") {
		start = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days, weeks, months := 0, 0, 0
	for day := start; !day.After(until); day = day.AddDate(0, 0, 1) {
		if !day.Equal(start) {
			days++
			if day.Weekday() == time.Monday {
				weeks++
			}
			if day.Day() == 1 {
				months++
			}
		}
		text := day.Format("20060102")
		inside := text >= row.BeginDate && (row.EndDate == "" || text < row.EndDate || text == row.EndDate && sw.is(swEndDate, "inclusive"))
		spared := text == addedOn && sw.is(swSameDayCharge, "no")
		if !inside || spared {
			continue
		}
		named := false
		switch plan.Rhythm {
		case daily:
			named = days%int(plan.EveryX) == 0
		case weekly:
			names := []string{"7", "1", "2", "3", "4", "5", "6"}
			named = weeks%int(plan.EveryX) == 0 && slices.Contains(strings.Split(plan.DaysOfWeek, ","), names[day.Weekday()])
		case monthly:
			named = months%int(plan.EveryX) == 0 && namesMonthDay(plan, day, sw)
		}
		if named || text == row.BeginDate && sw.is(swBeginDay, "always") {
			due = append(due, text)
		}
	}
	return due
}

func namesMonthDay(plan *schedule, day time.Time, sw positions) bool {
	for _, text := range strings.Split(plan.DaysOfMonth, ",") {
		if text == fmt.Sprint(day.Day()) {
			return true
		}
		isLast := day.AddDate(0, 0, 1).Day() == 1
		if sw.is(swShortMonth, "last-day") && isLast && (len(text) == 2 && text > fmt.Sprint(day.Day())) {
			return true
		}
	}
	return false
}

// Whatever the schedule, the dates and the switches: the calendar names the days
// that the walk finds, over leap years and all month lengths.
func TestCalendar(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(r, "begin"))
		text := func(t time.Time) string { return t.Format("20060102") }
		row := &sale{PlanType: rapid.SampledFrom([]int64{1, 1, 3, 2}).Draw(r, "plan"), BeginDate: text(begin)}
		if rapid.Bool().Draw(r, "ends") {
			row.EndDate = text(begin.AddDate(0, 0, rapid.IntRange(0, 900).Draw(r, "end")))
		}
		plan := &schedule{
			Rhythm: rapid.Int64Range(daily, monthly).Draw(r, "rhythm"), EveryX: rapid.Int64Range(1, 14).Draw(r, "every"),
			DaysOfWeek: drawDays(r, 7), DaysOfMonth: drawDays(r, 31),
		}
		added := ""
		if rapid.Bool().Draw(r, "added") {
			added = text(begin.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(r, "addedOn")))
		}
		sw := positions{}
		for _, known := range chargeSwitches {
			sw[known.Name] = rapid.SampledFrom(known.Values).Draw(r, known.Name)
		}
		until := begin.AddDate(0, 0, 1200)
		var got []string
		if rule, ok := rhythmOf(row, plan, added, sw); ok {
			for day := dayOf(begin) - 40; day <= dayOf(until); day++ {
				if d := dateOf(day); rule.due(d) {
					got = append(got, d.text)
				}
			}
		}
		if want := walk(row, plan, added, sw, until); !slices.Equal(got, want) {
			r.Errorf("%+v %+v: got %v, want %v", row, plan, got, want)
		}
	})
}

func drawDays(r *rapid.T, last int) string {
	var days []string
	for _, day := range rapid.SliceOfN(rapid.IntRange(1, last), 1, 4).Draw(r, "days") {
		days = append(days, fmt.Sprint(day))
	}
	return strings.Join(days, ",")
}

// The readings that are easily got wrong, day by day.
func TestCalendarReadings(t *testing.T) {
	for _, c := range []struct {
		name       string
		plan       schedule
		begin, end string
		settings   []string
		want       string
	}{
		{"every day, end included", schedule{Rhythm: daily, EveryX: 1}, "20270130", "20270202", nil, "0130 0131 0201 0202"},
		{"every day, end excluded", schedule{Rhythm: daily, EveryX: 1}, "20270130", "20270202", []string{"end-date=exclusive"}, "0130 0131 0201"},
		{"every third day from the beginning", schedule{Rhythm: daily, EveryX: 3}, "20270130", "20270208", nil, "0130 0202 0205 0208"},
		// 3 February 2027 is a Wednesday.
		{"the week of the beginning counts, its Monday has passed", schedule{Rhythm: weekly, EveryX: 2, DaysOfWeek: "1,4"}, "20270203", "20270304", nil, "0204 0215 0218 0301 0304"},
		{"weeks begin on Monday", schedule{Rhythm: weekly, EveryX: 2, DaysOfWeek: "7,1"}, "20270203", "20270301", nil, "0207 0215 0221 0301"},
		{"the day of the beginning is not named", schedule{Rhythm: monthly, EveryX: 1, DaysOfMonth: "15"}, "20270120", "20270420", nil, "0215 0315 0415"},
		{"but charged all the same", schedule{Rhythm: monthly, EveryX: 1, DaysOfMonth: "15"}, "20270120", "20270420", []string{"begin-day=always"}, "0120 0215 0315 0415"},
		{"every second month from that of the beginning, though its day has passed", schedule{Rhythm: monthly, EveryX: 2, DaysOfMonth: "15"}, "20270220", "20270930", nil, "0415 0615 0815"},
		{"every second month by the calendar", schedule{Rhythm: monthly, EveryX: 2, DaysOfMonth: "15"}, "20270220", "20270930", []string{"every-x-from=calendar"}, "0315 0515 0715 0915"},
		{"a day named twice is one payment", schedule{Rhythm: monthly, EveryX: 1, DaysOfMonth: "15,1,15"}, "20270201", "20270228", nil, "0201 0215"},
		{"the 31st does not come in short months", schedule{Rhythm: monthly, EveryX: 1, DaysOfMonth: "31"}, "20270101", "20270630", nil, "0131 0331 0531"},
		{"or comes on their last day", schedule{Rhythm: monthly, EveryX: 1, DaysOfMonth: "30,31"}, "20270201", "20270430", []string{"short-month=last-day"}, "0228 0330 0331 0430"},
		{"29 February comes in leap years", schedule{Rhythm: monthly, EveryX: 12, DaysOfMonth: "29"}, "20270201", "20290301", nil, "0229"},
		{"the 31st of every February never comes", schedule{Rhythm: monthly, EveryX: 12, DaysOfMonth: "31"}, "20270201", "20400301", nil, ""},
	} {
		sw, err := defaultPositions().with(parseSwitches(t, c.settings...))
		if err != nil {
			t.Fatal(err)
		}
		row := &sale{PlanType: planAutomatic, BeginDate: c.begin, EndDate: c.end}
		rule, ok := rhythmOf(row, &c.plan, "", sw)
		if !ok {
			t.Fatalf("%s: no rhythm", c.name)
		}
		var got []string
		for day := rule.first; day <= rule.first+5000; day++ {
			if d := dateOf(day); rule.due(d) {
				got = append(got, d.text[4:])
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// A date's parts are those of the standard library, far back and ahead.
func TestDateOf(t *testing.T) {
	week := dateOf(-800_000 - 3).week
	for number := -800_000; number < 200_000; number += 1 + number&6 {
		d := dateOf(number)
		day := time.Date(1970, 1, 1+number, 0, 0, 0, 0, time.UTC)
		if d.text != day.Format("20060102") || d.day != day.Day() || d.month != int(day.Month()) || d.year != day.Year() ||
			d.weekday%7 != int(day.Weekday()) || (d.day == d.last) != (day.AddDate(0, 0, 1).Day() == 1) || d.week < week {
			t.Fatalf("day %d: got %+v, want %v", number, d, day)
		}
		if monday := dateOf(number - d.weekday + 1); monday.weekday != 1 || monday.week != d.week || dateOf(number-d.weekday).week != d.week-1 {
			t.Fatalf("day %d is in week %d, its Monday in week %d", number, d.week, monday.week)
		}
		week = d.week
	}
	if d := fixedAnchor; d.text != "20010101" || d.weekday != 1 {
		t.Errorf("the fixed anchor is %+v", d)
	}
	// Istanbul's day, not UTC's.
	if got := dateOf(dayOf(time.Date(2027, 1, 9, 21, 30, 0, 0, time.UTC))).text; got != "20270110" {
		t.Errorf("got %s", got)
	}
}
