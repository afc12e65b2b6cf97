package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendText writes a text as a scalar that YAML reads back as this text: as it is where no reader of YAML, old or new, takes it for anything else,
// in double quotes otherwise. Numbers, dates and what looks like them are in quotes, as in our own manifests.
func appendText(dst []byte, text string, flow bool) []byte {
	if plainText(text, flow) {
		return append(dst, text...)
	}
	return appendQuoted(dst, text)
}

// plainText reports whether a text may stand without quotes; flow says that it stands in { } or [ ].
func plainText(text string, flow bool) bool {
	if text == "" || !plainStart(text) || isWord(text) {
		return false
	}
	for i, r := range text {
		switch {
		case r == ' ':
			if i+1 == len(text) || text[i+1] == '#' {
				return false
			}
		case r == ':':
			if flow || i+1 == len(text) || text[i+1] == ' ' {
				return false
			}
		case strings.ContainsRune(",[]{}?", r):
			if flow || r != ',' && r != '?' {
				return false
			}
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return false
		}
	}
	return true
}

// plainStart: a letter begins the text, or a digit of a text that no reader can take for a number or a date, whatever its age.
func plainStart(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if '0' <= first && first <= '9' {
		return strings.ContainsFunc(text, func(r rune) bool {
			return 'g' <= r && r <= 'z' && !strings.ContainsRune("otxz", r) || 'G' <= r && r <= 'Z' && !strings.ContainsRune("OTXZ", r)
		})
	}
	return unicode.IsLetter(first)
}

// isWord reports whether some reader of YAML takes a text for a boolean or for nothing.
func isWord(text string) bool {
	if len(text) > 5 {
		return false
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return true
	}
	return false
}

// appendQuoted writes a text in double quotes, in one line. What cannot be seen is escaped, but for the joiners of letters and emoji.
func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case unicode.IsPrint(r) && printable(r) || r == '\u200c' || r == '\u200d':
			dst = utf8.AppendRune(dst, r)
		case r < 0x100:
			dst = appendHex(append(dst, `\x`...), r, 2)
		case r < 0x10000:
			dst = appendHex(append(dst, `\u`...), r, 4)
		default:
			dst = appendHex(append(dst, `\U`...), r, 8)
		}
	}
	return append(dst, '"')
}

// printable reports whether a character may stand in YAML as it is.
func printable(r rune) bool {
	return r >= 0x20 && r <= 0x7e || r >= 0xa0 && r <= 0xd7ff && r != 0x2028 && r != 0x2029 || r >= 0xe000 && r <= 0xfffd && r != 0xfeff || r >= 0x10000 && r <= 0x10ffff
}

func appendHex(dst []byte, r rune, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, "0123456789ABCDEF"[r>>(4*i)&15])
	}
	return dst
}

// appendSingle writes a text in single quotes. The text has no line breaks.
func appendSingle(dst []byte, text string) []byte {
	return append(append(append(dst, '\''), strings.ReplaceAll(text, "'", "''")...), '\'')
}

// blockText reports whether a text reads well as a block scalar, line by line: more than one line, nothing that cannot be seen, no blanks at the ends
// of lines, one line break at its end at most.
func blockText(text string) bool {
	if !strings.Contains(text, "\n") || strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\n") || strings.HasSuffix(text, "\n\n") ||
		strings.HasSuffix(text, " ") || strings.Contains(text, " \n") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (r == utf8.RuneError || !unicode.IsPrint(r)) })
}

// appendBlock writes a text for which blockText holds as a block scalar, from its indicator to its last line's end, without the break behind that.
func appendBlock(dst []byte, text string, indent int, newline string) []byte {
	dst = append(dst, '|')
	body, ended := strings.CutSuffix(text, "\n")
	if !ended {
		dst = append(dst, '-')
	}
	return appendBody(dst, body, indent, newline)
}

func appendBody(dst []byte, body string, indent int, newline string) []byte {
	for line := range strings.SplitSeq(body, "\n") {
		dst = append(dst, newline...)
		if line != "" {
			dst = append(append(dst, strings.Repeat(" ", indent)...), line...)
		}
	}
	return dst
}
