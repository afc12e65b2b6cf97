package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

// A forecast with texts of all kinds can be read back from JSON as it was.
func TestForecastJSONIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &Forecast{Endpoint: rapid.String().Draw(t, "endpoint"), Partial: rapid.String().Draw(t, "partial"), By: rapid.SampledFrom([]string{"", "product"}).Draw(t, "by")}
		var charges []forecast.Charge
		for range rapid.IntRange(0, 3).Draw(t, "charges") {
			charges = append(charges, forecast.Charge{Sale: rapid.String().Draw(t, "sale"), Date: "2027-01-15", Kurus: rapid.Int64Range(0, 1<<62).Draw(t, "kuruş"), Currency: "TL"})
		}
		f.Charges = slices.Values(charges)
		for range rapid.IntRange(0, 2).Draw(t, "unknown") {
			f.Sales = append(f.Sales, forecast.Sale{Name: rapid.String().Draw(t, "name"), Unknown: "not here"})
		}
		var out bytes.Buffer
		if err := ForecastJSON(&out, f, nil); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Endpoint, Partial string
			Charges           []map[string]string
			Months, Unknown   []struct{ Sale string }
			Groups            *[]any
		}
		if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		if doc.Endpoint != f.Endpoint || doc.Partial != f.Partial || len(doc.Charges) != len(charges) || len(doc.Unknown) != len(f.Sales) || (doc.Groups != nil) != (f.By != "") {
			t.Fatalf("%+v becomes\n%s", f, &out)
		}
		for i, c := range charges {
			var amount forecast.Money
			amount.Add(c.Kurus)
			if diff := cmp.Diff(map[string]string{"sale": c.Sale, "date": c.Date, "amount": amount.String(), "currency": c.Currency}, doc.Charges[i]); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// No cell of the CSV begins with what a spreadsheet takes for a formula.
func TestForecastCSVIsHarmless(t *testing.T) {
	f := &Forecast{}
	var charges []forecast.Charge
	for _, s := range []forecast.Sale{{Name: "=1+1", Product: "+p", Schedule: "-s"}, {Name: "@a,\"b\"", Product: "{productCode: =x}"}, {Name: "a"}} {
		f.Sales = append(f.Sales, s)
		charges = append(charges, forecast.Charge{Sale: s.Name, Date: "2027-01-15", Kurus: 5, Currency: "TL"})
	}
	f.Charges = slices.Values(charges)
	var out bytes.Buffer
	if err := ForecastCSV(&out, f); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"date", "sale", "product", "schedule", "amount", "currency"},
		{"2027-01-15", "'=1+1", "'+p", "'-s", "0.05", "TL"},
		{"2027-01-15", "'@a,\"b\"", "{productCode: =x}", "", "0.05", "TL"},
		{"2027-01-15", "a", "", "", "0.05", "TL"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

// Names that are no plain text do nothing to a terminal, and columns stand in line whatever their letters.
func TestForecastTextIsPlain(t *testing.T) {
	f := &Forecast{Endpoint: "test", Dealer: "1731", From: "2027-01-01", To: "2027-01-31", By: "label:şehir", Partial: "1 of 2\x1b[2J",
		Sales: []forecast.Sale{{Name: "evil\x1b[2J", Unknown: "not\x07here"}}, Charges: slices.Values([]forecast.Charge{{Sale: "a", Date: "2027-01-15", Kurus: 14990, Currency: "TL"}})}
	for _, group := range []string{"İzmir", "Çanakkale", "a\x1b[2J", ""} {
		g := forecast.Group{Group: group, Month: "2027-01", Currency: "TL", Charges: 1}
		g.Total.Add(1234567)
		f.Groups = append(f.Groups, g)
	}
	var out bytes.Buffer
	if err := ForecastText(&out, f, Style{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07") {
		t.Errorf("%q", out.String())
	}
	at := -1
	for _, line := range strings.Split(out.String(), "\n") {
		i := strings.Index(line, "12345.67")
		if i < 0 {
			continue
		}
		if i = len([]rune(line[:i])); at >= 0 && i != at {
			t.Errorf("not in line:\n%s", &out)
		}
		at = i
	}
	if at < 0 {
		t.Errorf("no sum of a group:\n%s", &out)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("no space left")

// A result that cannot be written out is an error in every format.
func TestForecastTellsOfABrokenWriter(t *testing.T) {
	f := &Forecast{From: "2027-01-01", To: "2027-01-31"}
	for name, err := range map[string]error{"text": ForecastText(broken{}, f, Style{}), "json": ForecastJSON(broken{}, f, nil), "csv": ForecastCSV(broken{}, f)} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
