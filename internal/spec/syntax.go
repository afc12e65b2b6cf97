package spec

import (
	"bytes"
	"regexp"
	"sort"
	"strings"
)

var yamlPrefix = regexp.MustCompile(`^(yaml: )?(line \d+: )?`)

// problem is the parser's text without its line, which is often that of what surrounds the mistake.
func problem(err error) string {
	if err == nil {
		return ""
	}
	return yamlPrefix.ReplaceAllString(err.Error(), "")
}

// syntaxLine finds the line, from 1, at which YAML stops understanding: the first one with which the text from its beginning gives the same error.
func syntaxLine(text []byte, err error) int {
	var ends []int
	for _, at := range yamlBreak.FindAllIndex(text, -1) {
		ends = append(ends, at[1])
	}
	if n := len(ends); len(text) > 0 && (n == 0 || ends[n-1] < len(text)) {
		ends = append(ends, len(text))
	}
	if len(ends) == 0 {
		return 1
	}
	want := problem(err)
	line := 1 + sort.Search(len(ends)-1, func(i int) bool { return problem(whole(text[:ends[i]])) == want })
	for line > 1 && len(bytes.TrimSpace([]byte(lineOf(text, line)))) == 0 {
		line--
	}
	return line
}

// lineOf gives a line of text, counted from 1, without its end.
func lineOf(text []byte, line int) string {
	for ; line > 1; line-- {
		at := yamlBreak.FindIndex(text)
		if at == nil {
			return ""
		}
		text = text[at[1]:]
	}
	if at := yamlBreak.FindIndex(text); at != nil {
		text = text[:at[0]]
	}
	return string(text)
}

// syntaxWords puts the parser's texts into words. The first that is contained in the problem is taken.
var syntaxWords = []struct{ part, words string }{
	{"mapping values are not allowed", "a colon stands where none may: either the line is indented wrongly, or the text before it needs quotes"},
	{"did not find expected key", "the line does not fit what stands above it: check its indentation and the quotes before it"},
	{"did not find expected '-' indicator", "the line does not fit the list above it: check its indentation, and that it begins with a dash"},
	{"could not find expected ':'", "a colon is missing: write key: value, with a space after the colon"},
	{"block sequence entries are not allowed", "a dash stands where no list may begin: put the list on its own lines"},
	{"found character that cannot start any token", "a text may not begin with this character: put the text in quotes"},
	{"found a tab character", "a tab is used for indentation: use spaces"},
	{"found unexpected end of stream", "a quote is opened here and not closed"},
	{"found unexpected document indicator", "a quote is opened here and not closed before the document ends"},
	{"found unknown escape character", `a backslash in double quotes begins an escape that YAML does not know: use single quotes, or write \\`},
	{"hexdecimal", "an escape in double quotes has not enough digits: use single quotes, or write \\\\"},
	{"invalid Unicode character escape", "an escape in double quotes stands for no character"},
	{"did not find expected ',' or ']'", "a list in [ ] is not closed, or a comma is missing"},
	{"did not find expected ',' or '}'", "a mapping in { } is not closed, or a comma is missing; a text with { or } in it needs quotes"},
	{"did not find expected node content", "a value is missing, or a text that begins with a special character needs quotes"},
	{"did not find expected <document start>", "something follows the end of the document: check the indentation and the brackets"},
	{"unknown anchor", "an alias (*name) has no anchor (&name) before it in its document; if a text begins with *, put it in quotes"},
	{"did not find expected alphabetic or numeric character", "a text that begins with & or * needs quotes"},
	{"control characters are not allowed", "a control character stands in the text: remove it"},
	{"incompatible YAML document", "a %YAML line names a version that cannot be read: write 1.2, or leave the line out"},
	{"found undefined tag handle", "a text that begins with ! needs quotes"},
	{"while scanning a tag", "a text that begins with ! needs quotes"},
	{"directive", "a line that begins with % is a directive that cannot be read: if it is a text, indent it and put it in quotes"},
	{"exceeded max depth", "is nested too deeply for a manifest"},
	{"found an indentation indicator", "the number after | or > may not be 0"},
	{"did not find expected comment or line break", "after | or > the text begins on the next line"},
}

// SyntaxMistake gives the place, from 1, at which a text that is no YAML stops being understood, and says in words what is wrong there. Nothing of the text is echoed.
func SyntaxMistake(text []byte) (line, column int, message string) {
	if line := unmerged(text); line > 0 {
		return line, 1, "a merge is not finished here: solve what stands between git's markers (<<<<<<< and >>>>>>>), and delete the markers"
	}
	err := whole(text)
	line = syntaxLine(text, err)
	content := lineOf(text, line)
	return line, 1 + len(content) - len(strings.TrimLeft(content, " \t")), syntaxMessage(err, content)
}

// unmerged gives the line, from 1, of the first of git's conflict markers, 0 for none. In text that is no YAML nothing else begins so.
func unmerged(text []byte) int {
	line := 0
	for l := range bytes.Lines(text) {
		line++
		if bytes.HasPrefix(l, []byte("<<<<<<< ")) || bytes.HasPrefix(l, []byte(">>>>>>> ")) {
			return line
		}
	}
	return 0
}

// syntaxMessage says what is wrong in a line that YAML cannot read. Nothing of the line is echoed.
func syntaxMessage(err error, line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if strings.Contains(indent, "\t") {
		return "not valid YAML: a tab is used for indentation: use spaces"
	}
	text := problem(err)
	for _, w := range syntaxWords {
		if strings.Contains(text, w.part) {
			return "not valid YAML: " + w.words
		}
	}
	return "not valid YAML: check this line's indentation, quotes and brackets"
}
