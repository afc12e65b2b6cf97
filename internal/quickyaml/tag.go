package quickyaml

import "strings"

// tagOf gives the tag that yaml.v3 resolves a plain scalar to, "" if that is not sure here. The scalar begins as mayBegin allows: not with a point, nor with ~ or <.
func tagOf(s string) string {
	switch c := s[0]; {
	case '0' <= c && c <= '9':
		return numberTag(s)
	case c == '+' || c == '-':
		if len(s) == 1 || s[1] < '0' || s[1] > '9' {
			return ""
		}
		return numberTag(s)
	case c == 'y' || c == 'Y' || c == 'n' || c == 'N' || c == 't' || c == 'T' || c == 'f' || c == 'F' || c == 'o' || c == 'O':
		return wordTag(s)
	}
	return "!!str"
}

func wordTag(s string) string {
	switch s {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "null", "Null", "NULL":
		return "!!null"
	}
	return "!!str"
}

// numberTag judges what begins with a digit, or with a sign and a digit: an integer, a decimal number, a day, or a text.
func numberTag(s string) string {
	digits := strings.TrimLeft(s, "+-")
	if len(digits) < len(s)-1 {
		return ""
	}
	whole := leadingDigits(digits)
	rest := digits[whole:]
	switch {
	case rest == "":
		if whole > 18 || whole > 1 && digits[0] == '0' {
			return "" // too large, or octal, or octal and not
		}
		return "!!int"
	case rest[0] == '.':
		if n := leadingDigits(rest[1:]); n > 0 && n+1 == len(rest) && len(digits) <= 30 {
			return "!!float"
		}
	case isDay(s):
		return "!!timestamp"
	}
	if mustBeText(digits, whole) {
		return "!!str"
	}
	return ""
}

// leadingDigits counts the digits that s begins with.
func leadingDigits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// isDay reports whether s is a day that is in the calendar, as in 2035-01-31.
func isDay(s string) bool {
	if len(s) != len("2006-01-02") || leadingDigits(s) != 4 || s[4] != '-' || leadingDigits(s[5:]) != 2 || s[7] != '-' || leadingDigits(s[8:]) != 2 {
		return false
	}
	year, month, day := two(s)*100+two(s[2:]), two(s[5:]), two(s[8:])
	switch {
	case month < 1 || month > 12 || day < 1:
		return false
	case month == 2:
		return day <= 28 || day == 29 && year%4 == 0 && (year%100 != 0 || year%400 == 0)
	case month == 4 || month == 6 || month == 9 || month == 11:
		return day <= 30
	}
	return day <= 31
}

func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// mustBeText reports whether what begins with so many digits is surely no number and no time, in whatever notation.
//
// Times have four digits and a dash first, and few letters. Numbers in bases other than ten have a letter behind a zero. An underscore may stand anywhere in a number.
// All that is left is decimal: digits, a point, and an exponent.
func mustBeText(s string, whole int) bool {
	rest := s[whole:]
	switch {
	case strings.IndexByte(rest, '_') >= 0:
		return false
	case whole == 1 && s[0] == '0' && strings.IndexByte("xXoObB", rest[0]) >= 0:
		return false
	case whole == 4 && rest[0] == '-' && strings.Trim(rest, "0123456789-+:. TtZ") == "":
		return false
	}
	for i := range len(rest) {
		switch c := rest[i]; {
		case '0' <= c && c <= '9', c == '.', c == 'e', c == 'E', c == '+':
		case c == '-' && i > 0 && (rest[i-1] == 'e' || rest[i-1] == 'E'):
		default:
			return true
		}
	}
	return false
}
