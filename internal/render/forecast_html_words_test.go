package render

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/forecast"
)

// TestPartMonths names the months of which a period covers a part.
func TestPartMonths(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"2027-01-01", "2027-12-31", ""},
		{"2027-02-01", "2027-02-28", ""},
		{"2027-01-15", "2028-01-14", "2027-01 from the 15th on, 2028-01 up to the 14th"},
		{"2027-01-01", "2027-02-03", "2027-02 up to the 3rd"},
		{"2027-01-31", "2027-02-28", "2027-01 from the 31st on"},
		{"2027-01-02", "2027-01-30", "2027-01 from the 2nd to the 30th"},
	} {
		if got := partMonthsOf(&Forecast{From: row.from, To: row.to}); got != row.want {
			t.Errorf("from %s to %s: %q, want %q", row.from, row.to, got, row.want)
		}
	}
}

func TestScheduleWords(t *testing.T) {
	by := []forecast.Step{{Day: "2027-01-01", Kurus: 1, Currency: "TL"}}
	for _, row := range []struct {
		rhythm *calendar.Rhythm
		steps  []forecast.Step
		want   string
	}{
		{nil, nil, "never"},
		{nil, by, "by hand"},
		{&calendar.Rhythm{Frequency: "daily"}, nil, "every day"},
		{&calendar.Rhythm{Frequency: "daily", Every: 3}, by, "every 3 days, and by hand"},
		{&calendar.Rhythm{Frequency: "weekly", Every: 1, Days: []string{"thursday", "monday"}}, nil, "every week on Monday and Thursday"},
		{&calendar.Rhythm{Frequency: "weekly", Every: 2, Days: []string{"sunday"}}, nil, "every 2 weeks on Sunday"},
		{&calendar.Rhythm{Frequency: "monthly", Days: []string{"15"}}, nil, "every month on the 15th"},
		{&calendar.Rhythm{Frequency: "monthly", Every: 3, Days: []string{"22", "1", "31", "13"}}, nil, "every 3 months on the 1st, the 13th, the 22nd and the 31st"},
		{&calendar.Rhythm{Frequency: "monthly", Days: []string{"1", "2", "3", "4", "10", "11"}}, nil, "every month on the 1st to the 4th, the 10th and the 11th"},
		{&calendar.Rhythm{Frequency: "yearly"}, nil, "not known"},
	} {
		if got := scheduleWords(&forecast.Sale{Rhythm: row.rhythm, Steps: row.steps}); got != row.want {
			t.Errorf("%+v: %q, want %q", row.rhythm, got, row.want)
		}
	}
}

// A mean a month is said of whole months only; those that begin on a 31st end where a month is too short.
func TestWholeMonths(t *testing.T) {
	for _, row := range []struct {
		from, to string
		want     int
	}{
		{"2027-01-01", "2027-01-31", 1}, {"2027-01-01", "2027-12-31", 12}, {"2026-11-21", "2027-11-20", 12}, {"2027-01-31", "2027-02-27", 1}, {"2028-02-29", "2029-02-27", 12},
		{"2027-01-01", "2036-12-31", 120}, {"2027-01-01", "2027-01-30", 0}, {"2027-01-15", "2027-01-15", 0}, {"2027-01-15", "2027-02-15", 0}, {"2027-02-15", "2027-01-14", 0},
	} {
		from, err := time.Parse(time.DateOnly, row.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := time.Parse(time.DateOnly, row.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := wholeMonths(from, to); got != row.want {
			t.Errorf("%s to %s: %d, want %d", row.from, row.to, got, row.want)
		}
	}
}

// Sums that 64 bits do not hold are exact too.
func TestQuickSum(t *testing.T) {
	var got quickSum
	var want forecast.Money
	for _, kurus := range []int64{1, math.MaxInt64, 5, 0, math.MaxInt64, -7, math.MinInt64, math.MinInt64, 3} {
		got.add(kurus)
		want.Add(kurus)
		if got := got.money(); got.Compare(want) != 0 {
			t.Errorf("with %d it is %s, want %s", kurus, got, want)
		}
	}
}

// rgb is a colour in light intensities, 0 to 1.
type rgb [3]float64

func (c rgb) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is WCAG's, 1 to 21.
func (c rgb) contrast(d rgb) float64 {
	a, b := c.luminance(), d.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// sights are how colours look to people who see them all, and to those who lack the sense for red, green or blue (Machado, Oliveira and Fernandes, 2009).
var sights = map[string][3]rgb{
	"all":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"red":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"green": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"blue":  {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func (c rgb) times(m [3]rgb) (out rgb) {
	for i, row := range m {
		out[i] = row[0]*c[0] + row[1]*c[1] + row[2]*c[2]
	}
	return out
}

// distance is how unlike two colours look, in OKLab, where black and white are 1 apart.
func (c rgb) distance(d rgb) float64 {
	sum := 0.0
	a, b := c.okLab(), d.okLab()
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

func (c rgb) okLab() rgb {
	for i := range c {
		c[i] = min(1, max(0, c[i]))
	}
	cones := c.times([3]rgb{{0.4122214708, 0.5363325363, 0.0514459929}, {0.2119034982, 0.6806995451, 0.1073969566}, {0.0883024619, 0.2817188376, 0.6299787005}})
	for i := range cones {
		cones[i] = math.Cbrt(cones[i])
	}
	return cones.times([3]rgb{{0.2104542553, 0.793617785, -0.0040720468}, {1.9779984951, -2.428592205, 0.4505937099}, {0.0259040371, 0.7827717662, -0.808675766}})
}

// palettes reads the colours of the style sheet: the light ones, then the dark ones.
func palettes(t *testing.T) (out []map[string]rgb) {
	t.Helper()
	sheet, err := os.ReadFile("forecast_html.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile(`:root\{[^}]+`).FindAllString(string(sheet), -1) {
		colours := map[string]rgb{}
		for _, m := range regexp.MustCompile(`--(\w+):#([0-9a-f]{6})`).FindAllStringSubmatch(block, -1) {
			n, err := strconv.ParseUint(m[2], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			var c rgb
			for i := range c {
				v := float64(n>>(16-8*i)&255) / 255
				if c[i] = v / 12.92; v > 0.04045 {
					c[i] = math.Pow((v+0.055)/1.055, 2.4)
				}
			}
			colours[m[1]] = c
		}
		out = append(out, colours)
	}
	return out
}

// Text stands out from the ground as WCAG AA asks (4.5), bars too (3), and no two of their colours look alike, whichever colours a reader sees.
func TestForecastColours(t *testing.T) {
	all := palettes(t)
	if len(all) != 2 {
		t.Fatalf("there are %d palettes, want a light one and a dark one", len(all))
	}
	for i, colours := range all {
		for _, text := range strings.Fields("text soft link") {
			if got := colours[text].contrast(colours["ground"]); got < 4.5 {
				t.Errorf("palette %d: %s has a contrast of %.2f", i, text, got)
			}
		}
		for a := range stackedProducts + 1 {
			first := colours[fmt.Sprintf("p%d", a)]
			if got := first.contrast(colours["ground"]); got < 3 {
				t.Errorf("palette %d: p%d has a contrast of %.2f", i, a, got)
			}
			for b := range a {
				for lacks, sight := range sights {
					if got := first.times(sight).distance(colours[fmt.Sprintf("p%d", b)].times(sight)); got < 0.1 {
						t.Errorf("palette %d: p%d and p%d are %.3f apart (%s)", i, a, b, got, lacks)
					}
				}
			}
		}
	}
}
