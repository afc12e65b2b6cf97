package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a manifest says stands in Markdown only inside of code spans: there neither a Markdown reader nor what GitHub and GitLab do afterwards (mentions, references, links, emoji, mathematics)
// touches it. Words of a sentence that are letters and nothing else may stand outside: they can begin nothing.

// longestValue and longestSentence are how many characters of one text are shown.
const longestValue, longestSentence = 300, 2000

// code gives a code span of a text, as visible shows it. For a table's cell see cell.
func code(s string) string {
	if strings.ContainsFunc(s, runsLeft) {
		return span(visible(s)) + "&lrm;" // else an old and a new value beside it would change places on the screen
	}
	return span(visible(s))
}

// runsLeft reports whether a character is of a script that is written from right to left.
func runsLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFF || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF
}

// span gives a code span of a text that holds nothing invisible: its fence is longer than any row of backticks inside.
func span(s string) string {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	// One blank at both ends is taken off again by the reader.
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell makes Markdown fit for a table's cell, where a pipe ends the cell even inside of a code span.
func cell(markdown string) string { return strings.ReplaceAll(markdown, "|", `\|`) }

// visible gives a text in which each character is seen: as it is if it is plain, else in quotes with \n, \u202e and so on. It is never empty, never more than a line and, beyond longestValue characters, cut.
// A backslash counts as not plain: in quotes it is doubled, so that no reader takes it together with the pipe behind it.
func visible(s string) string {
	if isPlain(s) {
		if utf8.RuneCountInString(s) <= longestValue {
			return s
		}
		return string([]rune(s)[:longestValue]) + "… (" + plural(utf8.RuneCountInString(s), "character", "characters") + ")"
	}
	var b strings.Builder
	b.WriteByte('"')
	shown := 0
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			shown += writeByte(&b, s[i])
		} else {
			shown += writeRune(&b, r)
		}
		if shown >= longestValue && i+1 < len(s) {
			return b.String() + `"… (` + plural(utf8.RuneCountInString(s), "character", "characters") + ")"
		}
	}
	b.WriteByte('"')
	return b.String()
}

func isPlain(s string) bool {
	if s == "" || s[0] == '"' || strings.TrimSpace(s) != s || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r == '\\' || !isSeen(r) {
			return false
		}
	}
	return true
}

// isSeen reports whether a character leaves a mark where it stands, and moves no other.
func isSeen(r rune) bool {
	return unicode.IsPrint(r) && r != 0x2800 && // a braille pattern without dots
		!unicode.In(r, unicode.Bidi_Control, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// shortNames are the escapes that everybody knows.
var shortNames = map[rune]string{'\\': `\\`, '"': `\"`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

// writeRune writes a character of a quoted text, and gives how many characters it took.
func writeRune(b *strings.Builder, r rune) int {
	if text := shortNames[r]; text != "" {
		b.WriteString(text)
		return len(text)
	}
	if isSeen(r) {
		b.WriteRune(r)
		return 1
	}
	text := fmt.Sprintf(`\u%04x`, r)
	if r > 0xFFFF {
		text = fmt.Sprintf(`\U%08x`, r)
	}
	b.WriteString(text)
	return len(text)
}

func writeByte(b *strings.Builder, c byte) int {
	fmt.Fprintf(b, `\x%02x`, c)
	return 4
}
