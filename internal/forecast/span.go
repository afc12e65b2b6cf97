package forecast

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
)

// in gives what of a sale is charged in one currency, nil if nothing is.
func (s *Sale) in(currency string) *Sale {
	if s == nil {
		return nil
	}
	if s.Currency == currency && len(s.Steps) == 0 {
		if s.Rhythm == nil {
			return nil
		}
		return s
	}
	out := *s
	out.Steps = slices.DeleteFunc(slices.Clone(s.Steps), func(step Step) bool { return step.Currency != currency })
	if s.Currency != currency {
		out.Rhythm = nil
	}
	if out.Rhythm == nil && len(out.Steps) == 0 {
		return nil
	}
	return &out
}

// amount is the largest payment, in kuruş.
func (s *Sale) amount() (most int64) {
	if s == nil {
		return 0
	}
	if s.Rhythm != nil {
		most = s.Kurus
	}
	for _, step := range s.Steps {
		most = max(most, step.Kurus)
	}
	return most
}

// openEnded reports whether the sale is charged until somebody ends it.
func (s *Sale) openEnded() bool { return s.Rhythm != nil && s.Rhythm.End == "" }

// first gives the first day from a day on (YYYY-MM-DD) on which a sale is charged, "" for none within fifty years.
func (s *Sale) first(reading calendar.Reading, from string) string {
	first := ""
	for _, step := range s.Steps {
		if step.Day >= from && (first == "" || step.Day < first) {
			first = step.Day
		}
	}
	if s.Rhythm == nil {
		return first
	}
	for day := range s.Rhythm.Charges(reading, from, s.sight(from)) {
		if first == "" || day < first {
			first = day
		}
		break
	}
	return first
}

// last gives the last day from a day on on which a sale with an end is charged, "" for none.
func (s *Sale) last(reading calendar.Reading, from string) (last string) {
	for _, step := range s.Steps {
		if step.Day >= from {
			last = max(last, step.Day)
		}
	}
	if s.Rhythm == nil || s.Rhythm.End == "" {
		return last
	}
	for day := range s.Rhythm.Charges(reading, from, s.Rhythm.End) {
		last = max(last, day)
	}
	return last
}

// yearsAfter is the last day of the fiftieth year after a day's, and no day after 9999-12-31; "" for what is no day.
func yearsAfter(day string) string {
	year, err := strconv.Atoi(day[:min(4, len(day))])
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%04d-12-31", min(year+50, 9999))
}
