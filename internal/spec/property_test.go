package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// spelling is one value as it may be written, in several ways that mean the same.
type spelling []string

// spellings draws a value of a field and all the ways in which it is written here.
func spellings(t *rapid.T, f *Field) spelling {
	switch f.Type {
	case Text, Code, Email:
		return textSpellings(t, f)
	case Enum:
		w := rapid.SampledFrom(f.Words).Draw(t, f.Name)
		return spelling{w, `"` + w + `"`, "'" + w + "'", "!!str " + w}
	case Date, EndDate:
		d := fmt.Sprintf("20%02d-%02d-%02d", rapid.IntRange(27, 99).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
		return spelling{d, `"` + d + `"`, "'" + d + "T00:00:00Z'", d + "T00:00:00Z"}
	case Money:
		return moneySpellings(t)
	case Integer, MokaID:
		high := f.Max
		if high == 0 {
			high = maxInteger
		}
		return spelling{fmt.Sprint(rapid.Int64Range(max(1, f.Min), high).Draw(t, f.Name))}
	case Token:
		return tokenSpellings(t)
	case Days, Weekdays:
		return daySpellings(t, f)
	case Password:
		return spelling{"{fromEnv: P, version: 3}", "{version: 3, fromEnv: \"P\"}"}
	case Reference:
		if f.Target == Schedule {
			return spelling{"{id: 7}", "{\"id\": 7}"}
		}
		return spelling{"{" + f.Elsewhere[0] + ": C}", "{" + f.Elsewhere[0] + ": 'C'}"}
	case References:
		var out spelling
		for _, s := range tokenSpellings(t) {
			out = append(out, "[{token: "+s+"}]")
		}
		return out
	}
	panic(f.Name)
}

func textSpellings(t *rapid.T, f *Field) spelling {
	text := rapid.StringMatching(`[A-Za-zçğıöşüÇĞİÖŞÜ]{4}[A-Za-z0-9çğıöşüÇĞİÖŞÜ.-]{0,8}[A-Z]`).Draw(t, f.Name)
	if f.Type == Email {
		text = text + "@example.com"
	}
	decomposed := norm.NFD.String(text)
	return spelling{`"` + text + `"`, "'" + text + "'", text, `"` + decomposed + `"`, decomposed, "!!str " + text}
}

func moneySpellings(t *rapid.T) spelling {
	kurus := rapid.Int64Range(1, 99_999_999_999_999).Draw(t, "kuruş")
	text := fmt.Sprintf("%d.%02d", kurus/100, kurus%100)
	out := spelling{text, `"` + text + `"`}
	if short, ok := strings.CutSuffix(text, "0"); ok {
		out = append(out, short, "'"+short+"'")
		if whole, ok := strings.CutSuffix(short, ".0"); ok {
			out = append(out, whole, `"`+whole+`"`)
		}
	}
	return out
}

func tokenSpellings(t *rapid.T) spelling {
	guid := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "token")
	return spelling{`"` + guid + `"`, `"{` + strings.ToUpper(guid) + `}"`, "'{" + guid + "}'", `"` + strings.ToUpper(guid) + `"`}
}

func daySpellings(t *rapid.T, f *Field) spelling {
	all := f.Words
	if f.Type == Days {
		for d := 1; d <= 28; d++ {
			all = append(all, fmt.Sprint(d))
		}
	}
	days := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 6, rapid.ID[string]).Draw(t, f.Name)
	list := func(days []string) string { return "[" + strings.Join(days, ", ") + "]" }
	return spelling{list(days), list(rapid.Permutation(days).Draw(t, "order")), "\n    - " + strings.Join(days, "\n    - ")}
}

// drawn is a manifest of which every value may be spelled in several ways.
type drawn struct {
	kind   Kind
	fields []*Field
	values []spelling
}

func draw(t *rapid.T) drawn {
	d := drawn{kind: rapid.SampledFrom(Kinds()).Draw(t, "kind")}
	frequency := rapid.SampledFrom([]string{"daily", "weekly", "monthly"}).Draw(t, "frequency")
	for i := range d.kind.Def().Fields {
		f := &d.kind.Def().Fields[i]
		switch f.Name {
		case "planType", "saleDate", "endDate": // what they need of others is left to the tables
			continue
		case "frequency":
			d.add(f, spelling{frequency, `"` + frequency + `"`})
			continue
		case "daysOfWeek", "daysOfMonth":
			if frequency == map[string]string{"daysOfWeek": "weekly", "daysOfMonth": "monthly"}[f.Name] {
				d.add(f, spellings(t, f))
			}
			continue
		}
		if f.Required || f.Name == "schedule" || f.Name == "cards" || rapid.Bool().Draw(t, "has "+f.Name) {
			d.add(f, spellings(t, f))
		}
	}
	return d
}

func (d *drawn) add(f *Field, s spelling) {
	d.fields, d.values = append(d.fields, f), append(d.values, s)
}

// spell writes the manifest, each value in one of its spellings.
func (d *drawn) spell(t *rapid.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: %s\nmetadata: {name: x}\nspec:\n", d.kind)
	order := make([]int, len(d.fields))
	for i := range order {
		order[i] = i
	}
	for _, i := range rapid.Permutation(order).Draw(t, "order of fields") {
		fmt.Fprintf(&b, "  %s: %s\n", d.fields[i].Name, rapid.SampledFrom(d.values[i]).Draw(t, "spelling"))
	}
	if len(d.fields) == 0 {
		b.WriteString("  {}\n")
	}
	return b.String()
}

// TestSpellingsAgree: however a manifest is spelled, the same Resource comes of it.
func TestSpellingsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		a, b := d.spell(t), d.spell(t)
		if hasCardNumber(d) {
			t.Skip("a drawn text happens to look like a card number")
		}
		if diff := cmp.Diff(mustLoad(t, a), mustLoad(t, b)); diff != "" {
			t.Errorf("%s\n%s\ndiffer:\n%s", a, b, diff)
		}
	})
}

// TestCanonicalAgain: what is written of a Resource in canonical form gives the same Resource.
func TestCanonicalAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		if hasCardNumber(d) {
			t.Skip("a drawn text happens to look like a card number")
		}
		set, _ := loadText(d.spell(t))
		r := set.Resources[0]
		if diff := cmp.Diff(describe(r), mustLoad(t, canonical(r))); diff != "" {
			t.Error(diff)
		}
		for i := range r.Values {
			v := &r.Values[i]
			switch v.Field.Type {
			case Reference, References, Password:
				continue
			}
			for _, text := range v.Texts() {
				if got := v.Field.FromWire(v.Field.ToWire(text)); got != text {
					t.Errorf("%s: %q comes back from the wire as %q", v.Field.Name, text, got)
				}
			}
		}
	})
}

func hasCardNumber(d drawn) bool {
	for i, f := range d.fields {
		if f.Type != Token && f.Type != References && holdsCardNumber(d.values[i][0]) {
			return true
		}
	}
	return false
}

func mustLoad(t *rapid.T, text string) string {
	t.Helper()
	set, ds := loadText(text)
	if HasErrors(ds) || len(set.Resources) != 1 {
		t.Fatalf("%s\n%s", text, messages(ds))
	}
	return describe(set.Resources[0])
}

// canonical writes a Resource as a manifest, each value as its canonical text.
func canonical(r *Resource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n", r.Address.Kind, r.Address.Name)
	for i := range r.Values {
		v := &r.Values[i]
		text := canonicalValue(v)
		if v.Field.IsList() {
			items := make([]string, len(v.Items()))
			for i := range v.Items() {
				items[i] = canonicalValue(&v.Items()[i])
			}
			text = "[" + strings.Join(items, ", ") + "]"
		}
		fmt.Fprintf(&b, "  %s: %s\n", v.Field.Name, text)
	}
	if len(r.Values) == 0 {
		b.WriteString("  {}\n")
	}
	return b.String()
}

func canonicalValue(v *Value) string {
	text := fmt.Sprintf("%q", v.Text)
	switch v.Field.Type {
	case Integer, MokaID, Days:
		text = v.Text
	}
	if v.Key() == "id" {
		text = v.Text
	}
	if v.Field.Type == Password {
		return fmt.Sprintf("{%s: %s, version: %d}", v.Key(), text, v.Version)
	}
	if v.Key() != "" {
		return "{" + v.Key() + ": " + text + "}"
	}
	return text
}

// TestCardNumbers: every run of 13 to 19 digits with a right check digit is found, wherever its blanks and dashes are; none with a wrong one is.
func TestCardNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9][0-9]{11,17}`).Draw(t, "digits")
		check := byte('0')
		for !isCardNumber(digitsOf(digits+string(check)), len(digits)+1) {
			check++
		}
		gap := rapid.SampledFrom([]string{"", " ", "-", " - ", "\u00a0", "–", "\n"})
		var b strings.Builder
		for _, c := range digits + string(check) {
			b.WriteString(string(c) + gap.Draw(t, "gap"))
		}
		text := rapid.SampledFrom([]string{"", "no ", "x"}).Draw(t, "before") + b.String() + rapid.SampledFrom([]string{"", " end", "x"}).Draw(t, "after")
		if !holdsCardNumber(text) {
			t.Errorf("not found in %q", text)
		}
		wrong := digits + string('0'+(check-'0'+1)%10)
		if holdsCardNumber(wrong) {
			t.Errorf("found in %q", wrong)
		}
	})
	for _, text := range []string{"4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011 1111 1111 1117"} { // the card schemes' own test numbers
		if !holdsCardNumber(text) {
			t.Errorf("not found in %q", text)
		}
	}
}

func digitsOf(s string) []byte {
	out := []byte(s)
	for i := range out {
		out[i] -= '0'
	}
	return out
}
