package render

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/forecast"
)

// plotHeight is how high the plot is, in CSS pixels, from the base line to the axis' top.
const plotHeight = 220

// chart is a drawing of bars, a month each, stacked by product. Across it is measured in parts of its width, so that it fits any screen; down it is measured in CSS pixels.
type chart struct {
	Title string
	// Fit is the style class that says from which width of the screen on the totals lie; "" if they always stand.
	Fit string
	// Many: so many months that their totals have no room on paper.
	Many bool
	// Room is what the standing totals take above the bars, AxisWidth what the axis' labels take beside them; Least and Most bound the width of the plot.
	Room, AxisWidth, Least, Most int
	BarX, BarWidth               string
	Lines                        []chartLine
	Bars                         []chartBar
}

type chartLine struct{ Y, TextY, Label string }

type chartBar struct {
	X, Title, Total, TotalY string
	Month, Year             string // Year "" where it is not said
	Parts                   []chartPart
}

type chartPart struct {
	Class     int
	Y, Height string
}

var shortMonths = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// chart draws a currency's months, nil if no month has anything to draw.
func (s *forecastSums) chart(c *currencySums) *chart {
	highest := 0
	for i := range c.months {
		if c.months[i].total.Compare(c.months[highest].total) > 0 {
			highest = i
		}
	}
	if len(c.months) == 0 || c.months[highest].total.Sign() <= 0 {
		return nil
	}
	a := axisOf(c.months[highest].total)
	n := len(c.months)
	out := &chart{
		Title: fmt.Sprintf("Charges a month in %s, %s to %s; the highest month is %s with %s. The table below has all numbers.",
			visible(c.currency), s.months[0], s.months[n-1], s.months[highest], withCommas(c.months[highest].total)),
		BarX: percent(-35, 100*n), BarWidth: percent(70, 100*n), Many: n > 36,
	}
	longest := 0
	for i := range c.months {
		bar := s.bar(c, i, a)
		wide := 7*utf8.RuneCountInString(bar.Total) + 8
		longest = max(longest, wide)
		out.Room = max(out.Room, 6, wide-a.pixels(c.months[i].total.Kurus())/100)
		out.Bars = append(out.Bars, bar)
	}
	for i := range a.steps + 1 {
		label := axisLabel(new(big.Int).Mul(a.step, big.NewInt(int64(i))))
		y := a.pixels(new(big.Int).Mul(a.step, big.NewInt(int64(i))))
		out.Lines = append(out.Lines, chartLine{pixels(y), pixels(y + 400), label})
		out.AxisWidth = max(out.AxisWidth, 7*utf8.RuneCountInString(label)+10)
	}
	out.Least, out.Most = 22*n, max(96, longest)*n
	out.Fit = fitOf(out.AxisWidth + longest*n)
	return out
}

// fitOf finds the style class for a chart that must be so wide that its totals can lie.
func fitOf(width int) string {
	for _, fit := range [...]int{360, 480, 640, 800, 960, 1200} {
		if width <= fit-48 { // the page's and the figure's own edges
			return "fit" + strconv.Itoa(fit)
		}
	}
	return ""
}

func (s *forecastSums) bar(c *currencySums, i int, a axis) chartBar {
	m, n := &c.months[i], len(c.months)
	month, _ := strconv.Atoi(s.months[i][len("2006-"):])
	out := chartBar{
		X: percent(100*i+50, 100*n), Total: "0", Month: shortMonths[month-1],
		Title: fmt.Sprintf("%s: %s %s, %s", s.months[i], withCommas(m.total), visible(c.currency), many(m.charges, "charge", "charges")),
	}
	if month == 1 || i == 0 && (month != 12 || n == 1) { // beside January there is no room for another year
		out.Year = s.months[i][:len("2006")]
	}
	if m.total.Sign() != 0 {
		out.Total = withCommas(m.total)
	}
	var sum forecast.Money
	at := a.pixels(sum.Kurus())
	for p := range m.parts {
		sum.AddMoney(m.parts[p])
		next := a.pixels(sum.Kurus())
		if next < at {
			out.Parts = append(out.Parts, chartPart{c.parts[p].class, pixels(next), pixels(at - next)})
		}
		at = next
	}
	out.TotalY = pixels(at - 500)
	return out
}

// axis goes from nothing to so many steps, each a round number of kuruş.
type axis struct {
	step  *big.Int
	steps int
}

// axisOf finds an axis of at most four steps of 1, 2 or 5 times a power of ten for a sum above 0.
func axisOf(highest forecast.Money) axis {
	top := highest.Kurus()
	for power := big.NewInt(1); ; power = new(big.Int).Mul(power, big.NewInt(10)) {
		for _, digit := range [...]int64{1, 2, 5} {
			step := new(big.Int).Mul(power, big.NewInt(digit))
			steps := new(big.Int).Add(top, step)
			steps.Sub(steps, big.NewInt(1)).Quo(steps, step)
			if steps.Cmp(big.NewInt(4)) <= 0 {
				return axis{step, int(steps.Int64())}
			}
		}
	}
}

// pixels gives where a sum lies, in hundredths of a pixel from the plot's top.
func (a axis) pixels(kurus *big.Int) int {
	height := new(big.Int).Mul(kurus, big.NewInt(plotHeight*100))
	height.Quo(height, new(big.Int).Mul(a.step, big.NewInt(int64(a.steps))))
	return plotHeight*100 - int(height.Int64())
}

// axisLabel gives a round sum in few characters, exactly: "0.05", "2 500", "1.5M".
func axisLabel(kurus *big.Int) string {
	units, cents := new(big.Int).QuoRem(kurus, big.NewInt(100), new(big.Int))
	if cents.Sign() != 0 {
		return inThrees(units.String()) + fmt.Sprintf(".%02d", cents.Int64())
	}
	if units.Cmp(big.NewInt(10_000)) < 0 {
		return inThrees(units.String())
	}
	for _, scale := range [...]struct {
		one  int64
		sign string
	}{{1_000_000_000_000, "tn"}, {1_000_000_000, "bn"}, {1_000_000, "M"}} {
		if units.Cmp(big.NewInt(scale.one)) >= 0 {
			whole, part, _ := strings.Cut(new(big.Rat).SetFrac(units, big.NewInt(scale.one)).FloatString(12), ".")
			if part = strings.TrimRight(part, "0"); part != "" {
				part = "." + part
			}
			return inThrees(whole) + part + scale.sign
		}
	}
	return inThrees(new(big.Int).Quo(units, big.NewInt(1000)).String()) + "k" // a step this big is whole thousands
}

// pixels writes hundredths as a number: "12.5".
func pixels(hundredths int) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(hundredths)/100, 'f', 2, 64), "0"), ".")
}

// percent writes a part of a whole as a length, "12.5%".
func percent(part, whole int) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 3, 64), "0"), ".") + "%"
}
