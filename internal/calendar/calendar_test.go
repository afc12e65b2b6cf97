package calendar_test

import (
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
)

func TestMayCharge(t *testing.T) {
	monthly := calendar.Rhythm{Frequency: "monthly", Days: []string{"15", "31"}, Begin: "2027-01-10", End: "2027-12-15"}
	weekly := calendar.Rhythm{Frequency: "weekly", Days: []string{"monday", "thursday"}, Begin: "2027-01-04"}
	for _, row := range []struct {
		what   string
		rhythm calendar.Rhythm
		day    string
		want   bool
	}{
		{"a day that is named", monthly, "2027-02-15", true},
		{"a day that is not", monthly, "2027-02-16", false},
		{"before the beginning", monthly, "2027-01-09", false},
		{"the beginning, whether it is named or not", monthly, "2027-01-10", true},
		{"the end", monthly, "2027-12-15", true},
		{"after the end", monthly, "2027-12-31", false},
		{"the last day of a month without a 31st", monthly, "2027-04-30", true},
		{"the last day of February", monthly, "2027-02-28", true},
		{"a Monday, of whatever week", weekly, "2027-01-11", true},
		{"a Tuesday", weekly, "2027-01-12", false},
		{"far ahead, open-ended", weekly, "2040-01-05", true},
		{"any day of a daily one", calendar.Rhythm{Frequency: "daily", Begin: "2027-01-04"}, "2027-03-01", true},
		{"a rhythm that is not known", calendar.Rhythm{Begin: "2027-01-04"}, "2027-03-01", true},
		{"what is no day", monthly, "soon", false},
	} {
		if got := row.rhythm.MayCharge(row.day); got != row.want {
			t.Errorf("%s, %s: %v, want %v", row.what, row.day, got, row.want)
		}
	}
}

func TestChargeHours(t *testing.T) {
	for text, want := range map[string]bool{
		"2027-01-15T11:29:59+03:00": false, "2027-01-15T11:30:00+03:00": true, "2027-01-15T12:00:00+03:00": true,
		"2027-01-15T18:59:59+03:00": true, "2027-01-15T19:00:00+03:00": false, "2027-01-15T09:00:00Z": true, "2027-01-15T23:00:00Z": false,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.InChargeHours(at); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestDayOf(t *testing.T) {
	if got := calendar.DayOf(time.Date(2026, 12, 31, 21, 0, 0, 0, time.UTC)); got != "2027-01-01" {
		t.Errorf("the day is %s, want 2027-01-01: Istanbul is three hours ahead", got)
	}
}
