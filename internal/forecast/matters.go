package forecast

import (
	"iter"
	"slices"
	"strconv"

	"github.com/mokasync/mokasync/internal/calendar"
)

// Span is from when to when is looked, and how what the documentation leaves open is read.
type Span struct {
	Reading  calendar.Reading
	From, To string // YYYY-MM-DD, both included
}

// Matters gives the readings that decide something within a span: with a rule's other word, some of the sales would be charged on other days. Those that are not known count for nothing.
func Matters(sales []Sale, span Span) []Matter {
	var out []Matter
	for rule, other := range others(span.Reading) {
		n := 0
		for i := range sales {
			if s := &sales[i]; s.Rhythm != nil && s.Unknown == "" && span.mayMatter(rule.Name, s.Rhythm) && !span.same(s.Rhythm, other) {
				n++
			}
		}
		if n > 0 {
			out = append(out, Matter{rule.Name, span.Reading.Word(rule), n})
		}
	}
	return out
}

// others gives each rule with the reading that differs from one by the rule's other word alone.
func others(reading calendar.Reading) iter.Seq2[calendar.Rule, calendar.Reading] {
	return func(yield func(calendar.Rule, calendar.Reading) bool) {
		for _, rule := range calendar.Rules() {
			other := reading
			if other.Set(rule.Name, rule.Other(reading.Word(rule))); !yield(rule, other) {
				return
			}
		}
	}
}

// mayMatter tells without counting days where a rule decides nothing.
func (s Span) mayMatter(rule string, r *calendar.Rhythm) bool {
	within := func(day string) bool { return day >= s.From && day <= s.To }
	switch rule {
	case "end-day":
		return within(r.End)
	case "begin-day":
		return within(r.Begin)
	case "every-from":
		return r.Every > 1
	case "short-month":
		return r.Frequency == "monthly" && slices.ContainsFunc(r.Days, func(text string) bool { n, err := strconv.Atoi(text); return err == nil && n > 28 })
	}
	return true
}

// same reports whether a rhythm names the same days under another reading.
func (s Span) same(r *calendar.Rhythm, other calendar.Reading) bool {
	next, stop := iter.Pull(r.Charges(other, s.From, s.To))
	defer stop()
	for day := range r.Charges(s.Reading, s.From, s.To) {
		if there, more := next(); !more || there != day {
			return false
		}
	}
	_, more := next()
	return !more
}
