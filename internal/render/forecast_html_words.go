package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

func groupedKurus(kurus int64) string {
	var m forecast.Money
	m.Add(kurus)
	return withCommas(m)
}

// nothingOr gives a sum, a dash for none.
func nothingOr(m forecast.Money) string {
	if m.Sign() == 0 {
		return "–"
	}
	return withCommas(m)
}

// ordinal gives a day of a month, "21st".
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// scheduleWords says when a sale is charged: "every 2 weeks on Monday and Thursday".
func scheduleWords(sale *forecast.Sale) string {
	switch {
	case sale.Rhythm == nil && len(sale.Steps) == 0:
		return "never"
	case sale.Rhythm == nil:
		return "by hand"
	case len(sale.Steps) > 0:
		return rhythmWords(sale.Rhythm) + ", and by hand"
	}
	return rhythmWords(sale.Rhythm)
}

func rhythmWords(r *calendar.Rhythm) string {
	unit := map[string]string{"daily": "day", "weekly": "week", "monthly": "month"}[r.Frequency]
	if unit == "" {
		return "not known"
	}
	out := "every " + unit
	if r.Every > 1 {
		out = "every " + many(r.Every, unit, unit+"s")
	}
	days := ""
	switch r.Frequency {
	case "weekly":
		days = enumerate(weekdays(r.Days))
	case "monthly":
		days = enumerate(monthDays(r.Days))
	}
	if days == "" {
		return out
	}
	return out + " on " + days
}

func weekdays(named []string) (out []string) {
	for _, name := range [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"} {
		if slices.ContainsFunc(named, func(d string) bool { return strings.EqualFold(d, name) }) {
			out = append(out, name)
		}
	}
	return out
}

// monthDays gives the named days in order, three and more in a row as one: "the 1st to the 5th".
func monthDays(named []string) (out []string) {
	var days []int
	for _, d := range named {
		if n, err := strconv.Atoi(d); err == nil && n >= 1 && n <= 31 {
			days = append(days, n)
		}
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for i := 0; i < len(days); {
		end := i
		for end+1 < len(days) && days[end+1] == days[end]+1 {
			end++
		}
		if end < i+2 {
			out = append(out, "the "+ordinal(days[i]))
			i++
			continue
		}
		out = append(out, "the "+ordinal(days[i])+" to the "+ordinal(days[end]))
		i = end + 1
	}
	return out
}

// enumerate joins words as a sentence does: "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// lastStep gives the day of the last step that is known, "" where a sale has a schedule or no step.
func lastStep(sale *forecast.Sale) (day string) {
	if sale.Rhythm != nil {
		return ""
	}
	for _, step := range sale.Steps {
		day = max(day, step.Day)
	}
	return day
}

// endWords says until when a sale is charged by its schedule.
func endWords(sale *forecast.Sale) string {
	switch {
	case sale.Rhythm == nil:
		return "no schedule"
	case sale.Rhythm.End == "":
		return "open-ended"
	}
	return visible(sale.Rhythm.End)
}
