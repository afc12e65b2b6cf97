package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// around is how many lines a diff shows above and below what differs.
const around = 3

// Diff gives the unified diff of two texts, "" if they are equal. name stands above it.
func Diff(name, before, after string) string { return linesOf(before, after).text(name) }

// MaskedDiff gives the unified diff of two versions of a file, each line as Masked shows it: also where what is masked is all that differs.
func MaskedDiff(path string, before, after []byte, personal bool) string {
	d := linesOf(string(before), string(after))
	old := slices.Collect(strings.Lines(Masked(path, before, personal)))
	now := slices.Collect(strings.Lines(Masked(path, after, personal)))
	if d.count(len(d.lines)); d.old != len(old) || d.now != len(now) {
		return Diff(path, strings.Join(old, ""), strings.Join(now, ""))
	}
	shown := hunks{lines: d.lines}
	for i := range shown.lines {
		l := &shown.lines[i]
		if l.sign != '+' {
			l.text, old = old[0], old[1:]
		}
		if l.sign != '-' {
			l.text, now = now[0], now[1:]
		}
	}
	return shown.text(path)
}

// linesOf compares two texts line by line.
func linesOf(before, after string) *hunks {
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the same result on every machine
	a, b, lines := dmp.DiffLinesToChars(before, after)
	d := &hunks{}
	for _, part := range dmp.DiffCharsToLines(dmp.DiffMain(a, b, false), lines) {
		sign := map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+', diffmatchpatch.DiffEqual: ' '}[part.Type]
		for line := range strings.Lines(part.Text) {
			d.lines = append(d.lines, signed{sign, line})
		}
	}
	return d
}

func (d *hunks) text(name string) string {
	var out strings.Builder
	for from := d.next(0); from < len(d.lines); {
		to := d.end(from)
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
		}
		d.hunk(&out, from, to)
		from = d.next(to)
	}
	return out.String()
}

// signed is a line of a diff: '-', '+' or ' '.
type signed struct {
	sign byte
	text string
}

type hunks struct {
	lines    []signed
	done     int // lines before this one have been counted
	old, now int // lines of the two texts before done
}

// next gives the first line from i that differs.
func (d *hunks) next(i int) int {
	for i < len(d.lines) && d.lines[i].sign == ' ' {
		i++
	}
	return i
}

// end gives the end of a hunk that begins at i: where enough equal lines follow, or none.
func (d *hunks) end(i int) int {
	last := i
	for ; i < len(d.lines) && i-last <= 2*around; i++ {
		if d.lines[i].sign != ' ' {
			last = i
		}
	}
	return last + 1
}

// hunk writes the lines from from to to with what is around them.
func (d *hunks) hunk(out *strings.Builder, from, to int) {
	from, to = max(from-around, 0), min(to+around, len(d.lines))
	d.count(from)
	old, now := d.old, d.now
	d.count(to)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(old, d.old), span(now, d.now))
	for _, l := range d.lines[from:to] {
		out.WriteByte(l.sign)
		out.WriteString(l.text)
		if !strings.HasSuffix(l.text, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

func (d *hunks) count(to int) {
	for ; d.done < to; d.done++ {
		if d.lines[d.done].sign != '+' {
			d.old++
		}
		if d.lines[d.done].sign != '-' {
			d.now++
		}
	}
}

// span is a hunk's place in a text: its first line and how many there are; of none, the line before.
func span(before, end int) string {
	switch n := end - before; n {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprint(end)
	default:
		return fmt.Sprintf("%d,%d", before+1, n)
	}
}
