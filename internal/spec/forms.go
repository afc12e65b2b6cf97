package spec

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The forms of short texts. Each is met several times in every manifest, and a regular expression takes ten times as long; tests hold those of the schemas against theirs.

// isMoney reports whether s is written as an amount: digits, at most 12 before and 2 after a point, no zero before others.
func isMoney(s string) bool {
	whole, cents, point := strings.Cut(s, ".")
	return isInteger(whole) && len(whole) <= 12 && (!point || len(cents) >= 1 && len(cents) <= 2 && allDigits(cents))
}

// isInteger reports whether s is a whole number in plain digits, without sign and without zeros before others.
func isInteger(s string) bool {
	return s == "0" || s != "" && s[0] != '0' && allDigits(s)
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// midnight is what kustomize adds to a date that was not quoted.
const midnight = "T00:00:00Z"

// dayOf gives the day of a date's text, "2027-01-15" or the same with midnight after it; it need not be one of the calendar.
func dayOf(s string) (day string, ok bool) {
	if len(s) == 10+len(midnight) && s[10:] == midnight {
		s = s[:10]
	}
	if len(s) != 10 || s[4] != '-' || s[7] != '-' || !allDigits(s[:4]) || !allDigits(s[5:7]) || !allDigits(s[8:]) {
		return "", false
	}
	return s, true
}

// monthAndDay gives the two numbers of what dayOf gives.
func monthAndDay(day string) (int, int) {
	return int(day[5]-'0')*10 + int(day[6]-'0'), int(day[8]-'0')*10 + int(day[9]-'0')
}

var monthDays = [...]int{1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}

// realDate reports whether what dayOf gives is a day of the calendar.
func realDate(day string) bool {
	month, d := monthAndDay(day)
	if month < 1 || month > 12 || d < 1 || d > monthDays[month] {
		return false
	}
	if month != 2 || d < 29 {
		return true
	}
	year := atoi(day[:4])
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

// schemaDate is what a schema can say of a date: a month that there is, and a day from 1 to 31.
func schemaDate(s string) bool {
	day, ok := dayOf(s)
	if !ok {
		return false
	}
	month, d := monthAndDay(day)
	return month >= 1 && month <= 12 && d >= 1 && d <= 31
}

func schemaEndDate(s string) bool { return s == Never || schemaDate(s) }

// isToken reports whether s is a guid with or without braces, in any case (moka-api 1.7).
func isToken(s string) bool {
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if c := s[i] | 0x20; s[i]-'0' > 9 && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// isEnv reports whether s is the name of a variable.
func isEnv(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '_' && !alphanumeric(s[i]) {
			return false
		}
	}
	return s != "" && s[0]-'0' > 9
}

// isAddress is the least that every check of an e-mail address asks for (what Moka asks for is not documented, moka-api 2.1): one @ with something on both sides, no blanks or control characters of ASCII.
func isAddress(s string) bool {
	at := strings.IndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7f || s[i] == '@' && i != at {
			return false
		}
	}
	return true
}

func schemaEmail(s string) bool { return s == "" || isAddress(s) }

// isPairKey is what a schema can say of a label's key.
func isPairKey(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ',', '=', '!', '(', ')', 0x7f:
			return false
		default:
			if c <= ' ' {
				return false
			}
		}
	}
	return s != ""
}

// isBare reports whether s has no control characters, line breaks among them.
func isBare(s string) bool { return firstControl(s, false) < 0 }

// isProse reports whether s has no control characters but tab and line breaks.
func isProse(s string) bool { return firstControl(s, true) < 0 }

// firstControl gives the place of the first control character, -1 for none; prose: tabs and line breaks are none.
func firstControl(s string, prose bool) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ':
			if !prose || c != '\t' && c != '\n' && c != '\r' {
				return i
			}
		case c == 0x7f:
			return i
		case c == 0xc2 && i+1 < len(s) && s[i+1] >= 0x80 && s[i+1] <= 0x9f: // U+0080 to U+009F
			if !prose || s[i+1] != 0x85 {
				return i
			}
		}
	}
	return -1
}

// schemaCode is what a schema can say of a code: no control characters, no plain blank at its ends.
func schemaCode(s string) bool {
	return s != "" && s[0] != ' ' && s[len(s)-1] != ' ' && !strings.HasPrefix(s, "\u00a0") && !strings.HasSuffix(s, "\u00a0") && isBare(s)
}

// nfc gives a text in Unicode's form C. What has no character from U+0300 on is in it already.
func nfc(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0xcc {
			return norm.NFC.String(s)
		}
	}
	return s
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
