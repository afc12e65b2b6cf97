package spec

import (
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
)

// RhythmOf makes a schedule's rhythm of its fields (moka-api 2.15), without the begin and the end, which are a sale's. texts gives a field's canonical texts by its name in the manifest,
// none for a field that is left out; a list is a text an item. What is no number in `every` counts as 1, and days of another frequency are not looked at.
func RhythmOf(texts func(field string) []string) calendar.Rhythm {
	first := func(field string) string {
		if all := texts(field); len(all) > 0 {
			return all[0]
		}
		return ""
	}
	r := calendar.Rhythm{Frequency: first("frequency"), Every: 1}
	if n, err := strconv.Atoi(first("every")); err == nil && n > 1 {
		r.Every = n
	}
	if days := daysField[r.Frequency]; days != "" {
		r.Days = texts(days)
	}
	return r
}

// daysField names the field that holds the days of a frequency.
var daysField = map[string]string{"weekly": "daysOfWeek", "monthly": "daysOfMonth"}
