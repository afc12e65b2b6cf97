// Package calendar says on which days Moka may charge. It is pure: days are texts, YYYY-MM-DD, of Europe/Istanbul, and nothing here knows what day it is.
package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Istanbul's days, on any machine
)

// Istanbul is the zone in which Moka's days begin and its charges are made (moka-api 3.3).
var Istanbul = istanbul()

func istanbul() *time.Location {
	zone, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		return time.FixedZone("+03", 3*60*60) // the zone is embedded; this is what it has been since 2016
	}
	return zone
}

// DayOf gives the day in Istanbul on which a moment falls, YYYY-MM-DD.
func DayOf(t time.Time) string { return t.In(Istanbul).Format(time.DateOnly) }

// InChargeHours reports whether a moment lies in the hours in which Moka charges, 12:00 and 18:00 in Istanbul, or so near them that a change might meet a charge half-way:
// from 11:30 to 19:00 (moka-api 3.3, 4.2).
func InChargeHours(t time.Time) bool {
	at := t.In(Istanbul)
	minute := at.Hour()*60 + at.Minute()
	return minute >= 11*60+30 && minute < 19*60
}

// Rhythm is when a sale is charged by its schedule.
type Rhythm struct {
	Frequency string   // daily, weekly or monthly
	Every     int      // every so many days, weeks or months; 0 and 1 are each
	Days      []string // monday… of a week, or 1 to 31 of a month; none of a day
	Begin     string   // the first day on which a charge may fall
	End       string   // the last one; "" for none
}

// MayCharge reports whether a charge may fall on a day under any reading of what the documentation leaves open (moka-api 3.4): the beginning and the end count, whatever
// the number of days, weeks or months between two charges, and in a month that is too short the last day stands for those that it lacks.
func (r Rhythm) MayCharge(day string) bool {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil || day < r.Begin || r.End != "" && day > r.End {
		return false
	}
	switch {
	case day == r.Begin:
		return true
	case r.Frequency == "weekly":
		return slices.Contains(r.Days, strings.ToLower(date.Weekday().String()))
	case r.Frequency == "monthly":
		return slices.ContainsFunc(r.Days, func(text string) bool {
			n, err := strconv.Atoi(text)
			last := date.AddDate(0, 0, 1).Day() == 1
			return err == nil && (n == date.Day() || last && n > date.Day())
		})
	}
	return true
}
