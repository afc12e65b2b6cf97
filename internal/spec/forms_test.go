package spec

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"golang.org/x/text/unicode/norm"
)

// nearForms are near to every form that there is.
var nearForms = []string{"", "0", "00", "01", "-1", "+1", "1", "10", "149.90", "149.9", "149.", ".5", "0.50", "0.505", "1e2", "1_000", "999999999999.99", "1000000000000", "١",
	"2027-01-15", "2027-01-15T00:00:00Z", "2027-01-15T00:00:01Z", "2027-13-01", "2027-00-01", "2027-01-00", "2027-1-15", "2027-02-29", "2028-02-29", "0000-02-29", "1900-02-29", "2000-02-29", "2027-04-31", "2027-12-32", "2027/01/15", "never", "never ", "Never",
	"9de41bb0-e82f-4670-b36b-d71ff27a3111", "{9DE41BB0-e82f-4670-b36b-d71ff27a3111}", "{9de41bb0-e82f-4670-b36b-d71ff27a3111", "9de41bb0-e82f-4670-b36b-d71ff27a311g", "9de41bb0e82f4670b36bd71ff27a3111", "9de41bb0-e82f-4670-b36b-d71ff27a31111", "9de41bb0\x00e82f-4670-b36b-d71ff27a3111",
	"elif", "elif-gold", "-elif", "a@b", "@b", "a@", "a@b@c", "a b@c", "a@b c", "elif@örnek.com.tr", "a\u00a0@b", "a\u0085@b", "ELIF_CARD", "1A", "_", "Ö", "a,b", "a=b", "a(b)", "a!",
	" a", "a ", "a\u00a0", "\u00a0a", "a\tb", "a\nb", "a\rb", "a\u0085b", "a\u0080", "a\u009f", "a\u00a1", "\x7f", "a\x7f", "a\x00", "\xc2", "\xc2\x80", "\xe0\xc2\x80", "\xc2\xc2\xa0", "\xe0\xc2\xa0", "a\xff", "TAŞDELEN", "s\u0327", "\u0958", "\u212b", strings.Repeat("a", 100), strings.Repeat("a", 101)}

// FuzzForms: what is decided by hand is what the regular expressions and the libraries say, for whatever text.
func FuzzForms(f *testing.F) {
	for _, text := range nearForms {
		f.Add(text)
	}
	written := map[string]*regexp.Regexp{}
	for pattern := range patterns {
		written[pattern] = regexp.MustCompile(pattern)
	}
	integer, email := regexp.MustCompile(`^(0|[1-9][0-9]*)$`), regexp.MustCompile(`^[^@\s\x00-\x20\x7f]+@[^@\s\x00-\x20\x7f]+$`)
	date := regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00:00Z)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		for pattern, quick := range patterns {
			if got, want := quick(text), written[pattern].MatchString(text); got != want {
				t.Errorf("%s: got %v, want %v, of %q", pattern, got, want, text)
			}
		}
		if got, want := isInteger(text), integer.MatchString(text); got != want {
			t.Errorf("integer: got %v, want %v, of %q", got, want, text)
		}
		if got, want := isAddress(text), email.MatchString(text); got != want {
			t.Errorf("e-mail: got %v, want %v, of %q", got, want, text)
		}
		day, ok := dayOf(text)
		if parts := date.FindStringSubmatch(text); ok != (parts != nil) || ok && day != parts[1] {
			t.Errorf("date: got %q and %v, want %q, of %q", day, ok, parts, text)
		}
		if ok {
			if _, err := time.Parse(time.DateOnly, day); realDate(day) != (err == nil) {
				t.Errorf("a day of the calendar: got %v, time.Parse says %v, of %q", realDate(day), err, day)
			}
		}
		if got, want := firstControl(text, false), strings.IndexFunc(text, unicode.IsControl); got != want {
			t.Errorf("a control character: got %d, want %d, of %q", got, want, text)
		}
		if got, want := nfc(text), norm.NFC.String(text); got != want {
			t.Errorf("NFC: got %q, want %q, of %q", got, want, text)
		}
		if got, want := isTrimmed(text), strings.TrimFunc(text, unicode.IsSpace) == text; got != want {
			t.Errorf("blanks at the ends: got %v, want %v, of %q", got, want, text)
		}
	})
}

// TestCalendar: the days of four hundred years are those of package time.
func TestCalendar(t *testing.T) {
	for day := time.Date(1899, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2300; day = day.AddDate(0, 1, 0) {
		for d := range 33 {
			text := day.Format("2006-01-") + string([]byte{byte('0' + d/10), byte('0' + d%10)})
			if _, err := time.Parse(time.DateOnly, text); realDate(text) != (err == nil) {
				t.Fatalf("%s: got %v, time.Parse says %v", text, realDate(text), err)
			}
		}
	}
}

// TestPatternsAreTheSchemas: none of the patterns that are decided by hand is of a schema of yesterday.
func TestPatternsAreTheSchemas(t *testing.T) {
	met := map[string]bool{}
	for _, schema := range compiled() {
		eachPattern(schema, met)
	}
	for pattern := range patterns {
		if !met[pattern] {
			t.Errorf("no schema has the pattern %s", pattern)
		}
	}
}

// eachPattern notes the patterns of a schema and of all in it.
func eachPattern(s *jsonschema.Schema, met map[string]bool) {
	if s == nil {
		return
	}
	if s.Pattern != nil {
		met[s.Pattern.String()] = true
	}
	for _, p := range s.Properties {
		eachPattern(p, met)
	}
	others, _ := s.AdditionalProperties.(*jsonschema.Schema)
	for _, p := range []*jsonschema.Schema{s.Ref, s.PropertyNames, s.Items2020, others} {
		eachPattern(p, met)
	}
}
