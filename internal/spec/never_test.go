package spec

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/calendar"
)

// What is said of a sale's payments rests on the readings in force, and says which.
func TestNeverChargedByReading(t *testing.T) {
	const last = `name a day that comes, such as 28, or have it begin in another month (rule: never-charged)`
	for _, row := range []struct {
		what     string
		schedule string
		begin    string
		end      string
		reading  string // "rule word, …"
		want     string // the one finding, "" for none
	}{
		{"the end day, which counts", "frequency: monthly, daysOfMonth: [15]", "2027-01-20", "2027-02-15", "", ""},
		{"the end day, which does not count", "frequency: monthly, daysOfMonth: [15]", "2027-01-20", "2027-02-15", "end-day excluded, begin-day if-named",
			"endDate no payment ever falls due: the first would be due on 2027-02-15, and endDate is 2027-02-15 (read as end-day: excluded and begin-day: if-named; by the other word of any of them one would): choose a later endDate, or an earlier beginDate (rule: never-charged)"},
		{"the begin day, whatever the schedule says", "frequency: monthly, daysOfMonth: [15]", "2027-01-20", "2027-02-01", "begin-day always", ""},
		{"a begin day that is the end day, which does not count", "frequency: daily", "2027-01-20", "2027-01-20", "begin-day always, end-day excluded",
			"endDate no payment ever falls due: the first would be due on 2027-01-20, and endDate is 2027-01-20 (read as end-day: excluded; by its other word one would): choose a later endDate, or an earlier beginDate (rule: never-charged)"},
		{"the 31st of each February", "frequency: monthly, every: 12, daysOfMonth: [31]", "2027-02-01", "2030-01-01", "",
			"daysOfMonth no payment of sale/s ever falls due: it begins on 2027-02-01, and every 12 months from then there is no day 31 (read as begin-day: if-named, every-from: begin-date and short-month: skip; by the other word of any of them one would): " + last},
		{"without an end", "frequency: monthly, every: 24, daysOfMonth: [30]", "2027-02-01", "never", "",
			"daysOfMonth no payment of sale/s ever falls due: it begins on 2027-02-01, and every 24 months from then there is no day 30 (read as begin-day: if-named, every-from: begin-date and short-month: skip; by the other word of any of them one would): " + last},
		{"its last day", "frequency: monthly, every: 12, daysOfMonth: [31]", "2027-02-01", "2030-01-01", "short-month last-day", ""},
		{"the 29th of each fourth February, which are those of leap years", "frequency: monthly, every: 48, daysOfMonth: [29]", "2028-02-01", "never", "", ""},
		{"the 29th of each fourth February, from the year after one", "frequency: monthly, every: 48, daysOfMonth: [29]", "2025-02-01", "2030-01-01", "",
			"daysOfMonth no payment of sale/s ever falls due: it begins on 2025-02-01, and every 48 months from then there is no day 29 (read as begin-day: if-named, every-from: begin-date and short-month: skip; by the other word of any of them one would): " + last},
	} {
		t.Run(row.what, func(t *testing.T) {
			var reading calendar.Reading
			for _, said := range strings.Split(row.reading, ", ") {
				if rule, word, ok := strings.Cut(said, " "); ok && !reading.Set(rule, word) {
					t.Fatalf("there is no reading %s", said)
				}
			}
			schedule := "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: m, annotations: {mokasync/accept: days-29-31}}\nspec: {" + row.schedule + "}\n---\n"
			sale := strings.Replace(wrap("sale", "schedule: m\nannotations: {mokasync/accept: open-end}\nbeginDate: "+row.begin+"\nendDate: "+row.end), "name: x", "name: s", 1)
			text := schedule + sale
			_, ds := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text), Reading: reading})
			var got []string
			for _, d := range ds {
				line := strings.Split(text, "\n")[d.Line-1]
				before := []rune(line)[:d.Column-1]
				words := strings.FieldsFunc(string(before), func(r rune) bool { return strings.ContainsRune(" ,:{[", r) })
				got = append(got, words[len(words)-1]+" "+d.Message)
			}
			if diff := cmp.Diff(row.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The warning about days that not every month has names the reading in force.
func TestLateDaysByReading(t *testing.T) {
	text := wrap("schedule", "frequency: monthly\ndaysOfMonth: [31]")
	for want, reading := range map[string]calendar.Reading{
		"(read here as short-month: skip, no payment in such a month)":       {},
		"(read here as short-month: last-day, the last day of such a month)": {ShortMonthLastDay: true},
	} {
		_, ds := Load(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(text), Reading: reading})
		if len(ds) != 1 || !strings.Contains(ds[0].Message, want) {
			t.Errorf("got %v, want %s", ds, want)
		}
		if ds := ReadFile("", []byte(text), Options{Reading: reading}).Diagnostics; len(ds) != 1 || !strings.Contains(ds[0].Message, want) {
			t.Errorf("a file by itself: got %v, want %s", ds, want)
		}
	}
}
