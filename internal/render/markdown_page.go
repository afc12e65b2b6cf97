package render

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"
)

// markdownPage lays out sections of rows within a limit. Rows are asked for by weight until the limit is reached: a page of any number of rows costs what it shows.
type markdownPage struct {
	head, foot string
	limit      int // bytes; 0 means CommentLimit
	// full is a command that shows all, and whole what it is that it shows: "the whole plan".
	full, whole string
	sections    []*markdownSection // in the order in which they are shown
	rows        []markdownRow
}

// markdownSection is a table under a heading.
type markdownSection struct {
	title   string
	columns []string
	// notes are paragraphs of Markdown above the table; they come with its first row.
	notes []string
	// open is how many rows are seen at once; the others are folded.
	open  int
	rows  []string
	total int
}

// markdownRow is one row that waits for its turn.
type markdownRow struct {
	// weight: rows of a smaller one go in first.
	weight  int
	section *markdownSection
	// counted is what it is counted as if it is left out.
	counted counted
	cells   func() []string
}

func (p *markdownPage) section(title string, open int, columns ...string) *markdownSection {
	s := &markdownSection{title: title, open: open, columns: columns}
	p.sections = append(p.sections, s)
	return s
}

func (p *markdownPage) add(row markdownRow) {
	row.section.total++
	p.rows = append(p.rows, row)
}

const (
	foldOpens  = "<details><summary>"
	foldCloses = "\n</details>\n"
	// titleRoom is what a heading and a fold's summary take beside the section's title.
	titleRoom = 120
)

// frame is at most what a section takes beside its rows.
func (s *markdownSection) frame() int {
	return len(s.title) + len(s.noteText()) + 2*len(s.tableHead()) + len(foldOpens) + len(foldCloses) + titleRoom
}

func (s *markdownSection) noteText() string {
	text := ""
	for _, n := range s.notes {
		text += n + "\n\n"
	}
	return text
}

func (s *markdownSection) tableHead() string {
	return "| " + strings.Join(s.columns, " | ") + " |\n|" + strings.Repeat("---|", len(s.columns)) + "\n"
}

func tableRow(cells []string) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString("| " + cell(c) + " ")
	}
	b.WriteString("|\n")
	return b.String()
}

// write lays the page out. Either everything fits, or as many rows as fit beside the account of what is left out.
func (p *markdownPage) write(w io.Writer) error {
	limit := cmp.Or(p.limit, CommentLimit)
	slices.SortStableFunc(p.rows, func(a, b markdownRow) int { return a.weight - b.weight })
	size := len(p.head) + len(p.foot)
	short := limit - len(p.leftOutNote(len(p.rows))) - len(p.leftOut(p.rows)) // the size to stop at if something is left out
	shown, fits := 0, 0
	for size <= limit && shown < len(p.rows) {
		if size <= short {
			fits = shown
		}
		row := &p.rows[shown]
		if len(row.section.rows) == 0 {
			size += row.section.frame()
		}
		text := tableRow(row.cells())
		row.section.rows = append(row.section.rows, text)
		size += len(text)
		shown++
	}
	if size <= limit {
		return p.print(w, "", "")
	}
	for _, row := range p.rows[fits:shown] {
		row.section.rows = row.section.rows[:len(row.section.rows)-1]
	}
	note, left := p.leftOutNote(fits), p.leftOut(p.rows[fits:])
	if needed := len(p.head) + len(p.foot) + len(note) + len(left); fits == 0 && needed > limit {
		return &TooSmallError{limit, needed}
	}
	return p.print(w, note, left)
}

// leftOutNote says at the top that something is left out.
func (p *markdownPage) leftOutNote(shown int) string {
	if len(p.rows) == 0 {
		return ""
	}
	return alert("IMPORTANT", "Only "+digits(shown)+" of "+digits(len(p.rows))+" rows are shown", "for want of room. The end counts the others; "+p.elsewhere()+".")
}

// elsewhere says where nothing is left out, first for a reviewer who runs no commands: the pipelines of docs/ci.md write the plan into their job's log.
func (p *markdownPage) elsewhere() string {
	return p.whole + " is in the job's log, or run " + code(p.full)
}

// leftOut counts at the end what is left out.
func (p *markdownPage) leftOut(rows []markdownRow) string {
	if len(rows) == 0 {
		return ""
	}
	counts := map[counted]int{}
	for _, row := range rows {
		counts[row.counted]++
	}
	b := "### Left out here\n\n"
	for _, c := range slices.SortedFunc(maps.Keys(counts), counted.compare) {
		b += "- " + c.words(counts[c]) + "\n"
	}
	all := p.elsewhere()
	return b + "\n" + strings.ToUpper(all[:1]) + all[1:] + ".\n\n"
}

func (p *markdownPage) print(w io.Writer, note, left string) error {
	var b strings.Builder
	b.WriteString(p.head + note)
	for _, s := range p.sections {
		s.print(&b)
	}
	b.WriteString(left + p.foot)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *markdownSection) print(b *strings.Builder) {
	if len(s.rows) == 0 {
		return
	}
	b.WriteString("### " + s.title)
	if n := len(s.rows); n < s.total {
		b.WriteString(" (" + digits(n) + " of " + digits(s.total) + " shown)")
	}
	b.WriteString("\n\n" + s.noteText())
	open := s.open
	if len(s.rows) <= open+foldLeast {
		open = len(s.rows)
	}
	if open > 0 {
		b.WriteString(s.tableHead() + strings.Join(s.rows[:open], "") + "\n")
	}
	if folded := s.rows[open:]; len(folded) > 0 {
		more := many(len(folded), "row", "rows")
		if open > 0 {
			more = many(len(folded), "more", "more")
		}
		b.WriteString(foldOpens + more + "</summary>\n\n" + s.tableHead() + strings.Join(folded, "") + foldCloses + "\n")
	}
}

// foldLeast is how many rows are not worth a fold.
const foldLeast = 3
