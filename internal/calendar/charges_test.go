package calendar_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
	"pgregory.net/rapid"
)

func TestCharges(t *testing.T) {
	monthly := func(begin, end string, every int, days ...string) calendar.Rhythm {
		return calendar.Rhythm{Frequency: "monthly", Every: every, Days: days, Begin: begin, End: end}
	}
	weekly := func(begin string, every int, days ...string) calendar.Rhythm {
		return calendar.Rhythm{Frequency: "weekly", Every: every, Days: days, Begin: begin}
	}
	for _, row := range []struct {
		what     string
		rhythm   calendar.Rhythm
		reading  string // rules and words, "end-day excluded"
		from, to string
		want     string
	}{
		{"each month", monthly("2027-01-10", "2027-04-15", 1, "15"), "", "2027-01-01", "2027-12-31", "2027-01-15 2027-02-15 2027-03-15 2027-04-15"},
		{"the end day is left out", monthly("2027-01-10", "2027-04-15", 1, "15"), "end-day excluded", "2027-01-01", "2027-12-31", "2027-01-15 2027-02-15 2027-03-15"},
		{"the begin day, which is not named", monthly("2027-01-10", "2027-02-28", 1, "15"), "begin-day always", "2027-01-01", "2027-12-31", "2027-01-10 2027-01-15 2027-02-15"},
		{"the begin day, which is named, once", monthly("2027-01-15", "2027-02-28", 1, "15"), "begin-day always", "2027-01-01", "2027-12-31", "2027-01-15 2027-02-15"},
		{"every third month from the beginning", monthly("2027-02-01", "", 3, "1", "20"), "", "2027-01-01", "2027-08-31", "2027-02-01 2027-02-20 2027-05-01 2027-05-20 2027-08-01 2027-08-20"},
		{"every third month of the calendar", monthly("2027-02-01", "", 3, "1"), "every-from calendar", "2027-01-01", "2027-12-31", "2027-04-01 2027-07-01 2027-10-01"},
		{"the 31st, where there is one", monthly("2027-01-31", "", 1, "31"), "", "2027-01-01", "2027-05-31", "2027-01-31 2027-03-31 2027-05-31"},
		{"the 31st, else the last day", monthly("2027-01-31", "", 1, "31"), "short-month last-day", "2027-01-01", "2027-05-31", "2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31"},
		{"29, 30 and 31 fall together", monthly("2027-02-01", "2027-02-28", 1, "29", "30", "31", "28"), "short-month last-day", "2027-01-01", "2027-05-31", "2027-02-28"},
		{"the 29th of February of a leap year", monthly("2027-02-01", "", 12, "29"), "", "2027-01-01", "2033-01-01", "2028-02-29 2032-02-29"},
		{"a later window of an old sale", monthly("2020-01-31", "", 2, "31"), "", "2027-01-01", "2027-08-01", "2027-01-31 2027-03-31 2027-05-31 2027-07-31"},
		{"Mondays and Thursdays", weekly("2027-01-05", 1, "thursday", "monday"), "", "2027-01-01", "2027-01-14", "2027-01-07 2027-01-11 2027-01-14"},
		{"every second week from that of the beginning", weekly("2027-01-05", 2, "monday", "sunday"), "", "2027-01-01", "2027-02-01", "2027-01-10 2027-01-18 2027-01-24 2027-02-01"},
		{"every third day", calendar.Rhythm{Frequency: "daily", Every: 3, Begin: "2027-02-26"}, "", "2027-03-01", "2027-03-10", "2027-03-01 2027-03-04 2027-03-07 2027-03-10"},
		{"nothing after the end", monthly("2027-01-10", "2027-04-15", 1, "15"), "", "2027-05-01", "2027-12-31", ""},
		{"nothing without a beginning", calendar.Rhythm{Frequency: "daily"}, "", "2027-03-01", "2027-03-10", ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			var reading calendar.Reading
			if name, word, ok := strings.Cut(row.reading, " "); ok && !reading.Set(name, word) {
				t.Fatalf("there is no %s", row.reading)
			}
			got := strings.Join(slices.Collect(row.rhythm.Charges(reading, row.from, row.to)), " ")
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// due says of one day, by itself, whether a sale is charged on it: the same rules written once more, day by day and without any jump.
func due(r calendar.Rhythm, reading calendar.Reading, day time.Time) bool {
	begin, _ := time.Parse(time.DateOnly, r.Begin)
	if day.Before(begin) {
		return false
	}
	if end, err := time.Parse(time.DateOnly, r.End); err == nil && (day.After(end) || reading.EndExcluded && day.Equal(end)) {
		return false
	}
	if reading.BeginAlways && day.Equal(begin) {
		return true
	}
	anchor := begin
	if reading.EveryFromCalendar {
		anchor = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days := int(day.Sub(anchor).Hours() / 24)
	switch r.Frequency {
	case "daily":
		return days%max(r.Every, 1) == 0
	case "weekly":
		monday := func(t time.Time) time.Time {
			for t.Weekday() != time.Monday {
				t = t.AddDate(0, 0, -1)
			}
			return t
		}
		weeks := int(monday(day).Sub(monday(anchor)).Hours() / 24 / 7)
		return weeks%max(r.Every, 1) == 0 && slices.Contains(r.Days, strings.ToLower(day.Weekday().String()))
	}
	if months := (day.Year()-anchor.Year())*12 + int(day.Month()) - int(anchor.Month()); months%max(r.Every, 1) != 0 {
		return false
	}
	last := day.AddDate(0, 0, 1).Day() == 1
	return slices.ContainsFunc(r.Days, func(text string) bool {
		n, _ := strconv.Atoi(text)
		return n == day.Day() || reading.ShortMonthLastDay && last && n > day.Day()
	})
}

func drawDay(t *rapid.T, name string) string {
	return time.Date(2023, 1, 1+rapid.IntRange(0, 365*6).Draw(t, name), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func drawRhythm(t *rapid.T) calendar.Rhythm {
	r := calendar.Rhythm{Frequency: rapid.SampledFrom([]string{"daily", "weekly", "monthly"}).Draw(t, "frequency"), Every: rapid.IntRange(0, 14).Draw(t, "every"), Begin: drawDay(t, "begin")}
	if rapid.Bool().Draw(t, "ends") {
		r.End = drawDay(t, "end")
	}
	switch r.Frequency {
	case "weekly":
		r.Days = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}), 1, 7, rapid.ID).Draw(t, "weekdays")
	case "monthly":
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 31), 1, 6, rapid.ID).Draw(t, "days") {
			r.Days = append(r.Days, strconv.Itoa(n))
		}
	}
	return r
}

func drawReading(t *rapid.T) (reading calendar.Reading) {
	for _, rule := range calendar.Rules() {
		reading.Set(rule.Name, rule.Words[rapid.IntRange(0, 1).Draw(t, rule.Name)])
	}
	return reading
}

// Whatever the schedule, the sale's dates and the reading: the days are those that a calendar gives which asks each day by itself.
func TestChargesAreThoseOfEachDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, reading := drawRhythm(t), drawReading(t)
		from, to := drawDay(t, "from"), drawDay(t, "to")
		var want []string
		for day, _ := time.Parse(time.DateOnly, from); day.Format(time.DateOnly) <= to; day = day.AddDate(0, 0, 1) {
			if due(r, reading, day) {
				want = append(want, day.Format(time.DateOnly))
			}
		}
		got := slices.Collect(r.Charges(reading, from, to))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%+v, %+v, %s to %s: %s", r, reading, from, to, diff)
		}
		for _, day := range got { // what may be charged under any reading is what guards the hours of a change
			if !r.MayCharge(day) {
				t.Fatalf("%+v is charged on %s, on which it may not be", r, day)
			}
		}
	})
}

func TestNever(t *testing.T) {
	for _, row := range []struct {
		what    string
		rhythm  calendar.Rhythm
		reading calendar.Reading
		want    bool
	}{
		{"the 31st of each February", calendar.Rhythm{Frequency: "monthly", Every: 12, Days: []string{"31"}, Begin: "2027-02-01"}, calendar.Reading{}, true},
		{"its last day", calendar.Rhythm{Frequency: "monthly", Every: 12, Days: []string{"31"}, Begin: "2027-02-01"}, calendar.Reading{ShortMonthLastDay: true}, false},
		{"the 29th of each February", calendar.Rhythm{Frequency: "monthly", Every: 12, Days: []string{"29"}, Begin: "2027-02-01"}, calendar.Reading{}, false},
		{"the 31st of every second month from June on", calendar.Rhythm{Frequency: "monthly", Every: 2, Days: []string{"31"}, Begin: "2027-06-01"}, calendar.Reading{}, false},
		{"the 31st of every sixth month from June on", calendar.Rhythm{Frequency: "monthly", Every: 12, Days: []string{"31"}, Begin: "2027-06-01"}, calendar.Reading{}, true},
		{"each day", calendar.Rhythm{Frequency: "daily", Begin: "2027-06-01"}, calendar.Reading{}, false},
	} {
		if got := row.rhythm.Never(row.reading); got != row.want {
			t.Errorf("%s: %v, want %v", row.what, got, row.want)
		}
	}
}

// The words of a reading come back as they were set, and the first are the default.
func TestReading(t *testing.T) {
	for _, rule := range calendar.Rules() {
		var r calendar.Reading
		if got := r.Word(rule); got != rule.Words[0] {
			t.Errorf("%s is %s by default, want %s", rule.Name, got, rule.Words[0])
		}
		for _, word := range []string{rule.Words[1], rule.Words[0]} {
			if !r.Set(rule.Name, word) || r.Word(rule) != word {
				t.Errorf("%s cannot be set to %s", rule.Name, word)
			}
		}
		if r.Set(rule.Name, "perhaps") || r.Set("no-rule", rule.Words[0]) {
			t.Error("what is no rule or word is taken")
		}
	}
}
