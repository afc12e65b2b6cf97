package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	What string
	Took time.Duration // 0 where the row is about no time
	// Against is what it is held against, and Base how long that takes.
	Against string
	Base    time.Duration
	// Figures are the ratios, or whatever the goal is about, of every round; their median counts. Unit is theirs, "" for a ratio.
	Figures figures
	Unit    string
	// Must and Reach are the goals: the figure is to be at most that; 0 for none.
	Must, Reach float64
	// Void says why there is no figure, "" if there is one.
	Void string
	Note string
}

// standing is which of its goals a row reaches.
func (r row) standing() string {
	switch {
	case r.Void != "":
		return "not measured"
	case r.Must == 0:
		return ""
	case r.Reach != 0 && r.Figures.median() <= r.Reach:
		return "reached, and the further goal"
	case r.Figures.median() <= r.Must:
		return "reached"
	}
	return "**not reached**"
}

// printTable prints the rows in Markdown, then how many of the goals are reached.
func printTable(w io.Writer, rows []row) error {
	var b strings.Builder
	b.WriteString("| what | took | against | took | figure | spread | must | reach for | |\n|---|--:|---|--:|--:|--:|--:|--:|---|\n")
	goals, reached := 0, 0
	for _, r := range rows {
		if r.Must != 0 {
			goals++
		}
		if strings.HasPrefix(r.standing(), "reached") {
			reached++
		}
		figure, spread := r.Void, ""
		if r.Void == "" {
			figure, spread = strings.TrimSpace(number(r.Figures.median())+" "+r.Unit), fmt.Sprintf("%.0f %%", r.Figures.spread())
		}
		last := strings.Join(slices.DeleteFunc([]string{r.standing(), r.Note}, func(s string) bool { return s == "" }), "; ")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.What, seconds(r.Took), r.Against, seconds(r.Base), figure, spread, goal(r.Must), goal(r.Reach), last)
	}
	fmt.Fprintf(&b, "\n%d of %d goals that must be reached are.\n", reached, goals)
	_, err := io.WriteString(w, b.String())
	return err
}

func goal(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf("%g", x)
}

// number keeps three digits, which is what a goal needs to be told from its neighbours.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
