package project

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"gopkg.in/yaml.v3"
)

// Hours are a part of every day in Istanbul, from one minute on and up to another, which is not of it any more. They pass midnight where From comes after To.
type Hours struct {
	// From and To are minutes after midnight: From 0 to 1439, To 0 to 1440.
	From, To int
	// At is where a file says them, path:line:column.
	At string
}

// Hold reports whether a moment lies in the hours.
func (h Hours) Hold(t time.Time) bool {
	at := t.In(calendar.Istanbul)
	minute := at.Hour()*60 + at.Minute()
	if h.From < h.To {
		return minute >= h.From && minute < h.To
	}
	return minute >= h.From || minute < h.To
}

// String gives the hours as they are written, "11:30-19:00".
func (h Hours) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60)
}

// both gives the hours of two.
func both(a, b Said[[]Hours]) Said[[]Hours] {
	if a.At == "" {
		return b
	}
	for _, h := range b.Value {
		if !slices.ContainsFunc(a.Value, func(own Hours) bool { return own.From == h.From && own.To == h.To }) {
			a.Value = append(slices.Clone(a.Value), h)
		}
	}
	return a
}

var hoursForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))$`)

// hours reads a list of hours; an empty one says that there are none.
func (r *reader) hours(n *yaml.Node, into *Said[[]Hours]) {
	const what = `hours in Istanbul such as "11:30-19:00", in quotes, since YAML may take them for a number`
	at := n
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.SequenceNode {
		r.errorf(at, `write a list of hours in Istanbul, such as ["11:30-19:00"]`)
		return
	}
	*into = Said[[]Hours]{At: r.at(at)}
	for _, item := range n.Content {
		v := r.scalar(item, what, "!!str")
		if v == nil {
			continue
		}
		parts := hoursForm.FindStringSubmatch(v.Value)
		if parts == nil {
			r.errorf(v, "write %s", what)
			continue
		}
		h := Hours{From: minutes(parts[1], parts[2]), To: minutes(parts[3]+parts[5], parts[4]+parts[6]), At: r.at(v)}
		if h.From == h.To {
			r.errorf(v, `these hours end when they begin: write "00:00-24:00" for the whole day`)
			continue
		}
		into.Value = append(into.Value, h)
	}
}

func minutes(hours, rest string) int {
	h, _ := strconv.Atoi(hours) // of two digits
	m, _ := strconv.Atoi(rest)
	return h*60 + m
}
