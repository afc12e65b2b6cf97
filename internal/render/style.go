// Package render turns plans, accounts and diagnostics into text for people and JSON for programs. It decides what may be seen: secrets never,
// personal data only where Style says so.
package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/fatih/color"
)

// Style says how text looks.
type Style struct {
	Color bool
	// Personal shows personal data. Secrets stay hidden.
	Personal bool
	// Today is, where a saved plan is shown, the day in Istanbul (YYYY-MM-DD): until when it could be applied may have passed. "" for a plan that was made just now.
	Today string
	// Full shows every change of a plan, however many there are.
	Full bool
}

type paint struct{ green, red, yellow, cyan, bold, faint func(...any) string }

func (s Style) paint() paint {
	of := func(attributes ...color.Attribute) func(...any) string {
		c := color.New(attributes...)
		if s.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	return paint{green: of(color.FgGreen), red: of(color.FgRed), yellow: of(color.FgYellow), cyan: of(color.FgCyan), bold: of(color.Bold), faint: of(color.Faint)}
}

// title is every result's first line.
func title(command, endpoint, dealer string) string {
	if dealer == "" {
		dealer = "(not known: set MOKA_DEALER_CODE)"
	}
	return fmt.Sprintf("mokasync %s: endpoint %s, dealer %s", command, endpoint, dealer)
}

// safe gives a text that cannot do anything to a terminal: in quotes if it has anything but plain characters.
func safe(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s
	for _, r := range s {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}

// Line gives a sentence that can do nothing to a terminal or a CI log: one line, plain characters.
func Line(s string) string { return strings.ReplaceAll(safeLine(s), "\n", " ") }

// safeLine is safe for a sentence: only what is not plain is escaped.
func safeLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
