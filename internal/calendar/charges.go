package calendar

import (
	"iter"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Charges gives the days (YYYY-MM-DD, in order) from one day to another, both included, on which a sale is charged by its schedule: the due dates. A charge that fails is tried again on later
// days; that is not said here (moka-api 3.3). to must not be "": an open end has no last day.
func (r Rhythm) Charges(reading Reading, from, to string) iter.Seq[string] {
	return func(yield func(string) bool) {
		first, begins := parse(r.Begin)
		low, lowOK := parse(from)
		high, highOK := parse(to)
		if !begins || !lowOK || !highOK {
			return
		}
		if end, ends := parse(r.End); ends {
			if reading.EndExcluded {
				end--
			}
			high = min(high, end)
		}
		if reading.BeginAlways && first >= low && first <= high && !yield(text(first)) {
			return
		}
		for day := range r.due(reading, first, max(low, first), high) {
			if reading.BeginAlways && day == first {
				continue // it is charged already
			}
			if !yield(text(day)) {
				return
			}
		}
	}
}

// due gives the days from low to high that the schedule names. A day is counted from 1 January 1970, which is day 0.
func (r Rhythm) due(reading Reading, begin, low, high int) iter.Seq[int] {
	every, anchor := max(r.Every, 1), begin
	if reading.EveryFromCalendar {
		anchor = mondayOf2001
	}
	switch r.Frequency {
	case "daily":
		return stepped(anchor, every, low, high)
	case "weekly":
		return r.weeks(anchor, every, low, high)
	case "monthly":
		return r.months(reading, anchor, every, low, high)
	}
	return func(func(int) bool) {}
}

// mondayOf2001 is Monday, 1 January 2001, a first day of week, month and year at once.
var mondayOf2001, _ = parse("2001-01-01")

// stepped gives anchor and every so many days before and after it.
func stepped(anchor, every, low, high int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for day := low + mod(anchor-low, every); day <= high && yield(day); day += every {
		}
	}
}

func (r Rhythm) weeks(anchor, every, low, high int) iter.Seq[int] {
	var named []int // days after Monday, in order
	for i, name := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if slices.ContainsFunc(r.Days, func(d string) bool { return strings.EqualFold(d, name) }) {
			named = append(named, i)
		}
	}
	return func(yield func(int) bool) {
		for monday := range stepped(mondayOf(anchor), 7*every, mondayOf(low)-7*every, high) {
			for _, after := range named {
				if day := monday + after; day >= low && day <= high && !yield(day) {
					return
				}
			}
		}
	}
}

func (r Rhythm) months(reading Reading, anchor, every, low, high int) iter.Seq[int] {
	var named uint64 // bit n: the nth
	for _, text := range r.Days {
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= 31 {
			named |= 1 << n
		}
	}
	return func(yield func(int) bool) {
		from := monthOf(low)
		for month := from + mod(monthOf(anchor)-from, every); named != 0; month += every {
			first, length := firstOf(month)
			if first > high {
				return
			}
			for _, n := range daysIn(named, length, reading.ShortMonthLastDay) {
				if day := first + n - 1; day >= low && day <= high && !yield(day) {
					return
				}
			}
		}
	}
}

// daysIn gives the named days that a month of so many days has, in order.
func daysIn(named uint64, length int, lastDay bool) []int {
	if lastDay && named>>(length+1) != 0 {
		named |= 1 << length
	}
	named &= 1<<(length+1) - 1
	out := make([]int, 0, bits.OnesCount64(named))
	for named != 0 {
		out = append(out, bits.TrailingZeros64(named))
		named &= named - 1
	}
	return out
}

// Never reports whether a schedule names no day that ever comes, wherever the sale begins: the 31st of every February, say.
func (r Rhythm) Never(reading Reading) bool {
	if reading.BeginAlways {
		return false
	}
	begin, ok := parse(r.Begin)
	if !ok {
		return false
	}
	for range r.due(reading, begin, begin, begin+cycle) {
		return false
	}
	return true
}

// cycle is 4,800 years of days: what names no day in them names none that matters.
const cycle = 146097 * 12

func mod(a, n int) int { return ((a % n) + n) % n }

// mondayOf is the Monday of a day's week. Day 0 was a Thursday.
func mondayOf(day int) int { return day - mod(day+3, 7) }

// monthOf counts months from the year 0.
func monthOf(day int) int {
	y, m, _ := date(day).Date()
	return y*12 + int(m) - 1
}

// firstOf gives a month's first day and its length.
func firstOf(month int) (first, length int) {
	y, m := month/12, time.Month(month%12+1)
	a, b := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
	return number(a), number(b) - number(a)
}

func date(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func number(t time.Time) int { return int(t.Unix() / 86400) }

func text(day int) string { return date(day).Format(time.DateOnly) }

// parse reads YYYY-MM-DD; ok is false for "" and for what is no date.
func parse(day string) (n int, ok bool) {
	t, err := time.Parse(time.DateOnly, day)
	return number(t), err == nil
}
