package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// didYouMean gives "; did you mean x?" for the candidate that is nearly text, "" if there is none.
func didYouMean(text string, candidates []string) string {
	if best := nearest(text, candidates); best != "" {
		return "; did you mean " + best + "?"
	}
	return ""
}

// andThen adds to a guess of didYouMean, "" for none, what else can be done.
func andThen(guess, rest string) string {
	if guess == "" {
		return "; " + rest
	}
	return guess + " " + strings.ToUpper(rest[:1]) + rest[1:]
}

// nearest gives the candidate that differs from text by a slip of the fingers, "" if there is none. Case does not count.
func nearest(text string, candidates []string) string {
	if len(text) > 60 {
		return ""
	}
	best, least := "", 2+len(text)/4
	for _, c := range candidates {
		if d := distance(strings.ToLower(text), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

func distance(a, b string) int {
	if len(a) > len(b)+20 || len(b) > len(a)+20 {
		return 20
	}
	return levenshtein.Distance(a, b, nil)
}

// list joins words: "a, b and c".
func list(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// shorten quotes a text for a message, the middle of a long one left out. Control characters and others that do not print are escaped.
func shorten(text string) string {
	const most = 60
	if holdsCardNumber(text) {
		return "(hidden)"
	}
	if utf8.RuneCountInString(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	runes := []rune(text)
	return fmt.Sprintf("%q", string(runes[:most/2])+"…"+string(runes[len(runes)-most/4:]))
}

// hasControl reports whether a text has control characters, line breaks among them.
func hasControl(s string) bool { return !isBare(s) }
