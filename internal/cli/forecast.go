package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type forecastOptions struct {
	inputFlags
	targetFlags
	format string
	from   string
	months int
	by     string
	sale   string
	next   int
	html   string
}

func (a *app) forecastCommand() *cobra.Command {
	var o forecastOptions
	cmd := &cobra.Command{
		Use:   "forecast [PATH…]",
		Short: "Show what Moka will charge, month by month; no credentials, no network",
		Long: `Show what Moka will charge once the manifests are applied: by month and currency, by product, schedule or
label, or the next charges of one sale. What left the manifests and is still at Moka is counted in.

It compares the manifests with the lockfile, as plan does, and writes nothing but the page of --html.`,
		Example: "  mokasync forecast\n  mokasync forecast billing/ --from 2027-01-01 --months 24 --by product\n  mokasync forecast --sale elif-gold --next 6\n  mokasync forecast --format csv > charges.csv\n  mokasync forecast --html forecast.html",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return a.forecast(cmd.Context(), a.pathsOr(args), o)
		},
	}
	f := cmd.Flags()
	o.inputFlags.add(f)
	o.targetFlags.add(f)
	addFormat(cmd, &o.format, "csv")
	f.StringVar(&o.from, "from", "", "the first day, YYYY-MM-DD (default: today in Istanbul)")
	f.IntVar(&o.months, "months", 12, "so many months from the first day on, 1 to 120")
	f.StringVar(&o.by, "by", "", "sums also by product, schedule or label:KEY")
	f.StringVar(&o.sale, "sale", "", "the next charges of this sale instead of months: its name or address")
	f.IntVar(&o.next, "next", 12, "with --sale: so many charges, 1 to 1000")
	f.StringVar(&o.html, "html", "", "also write the forecast as a page into this file")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
	completeWords(cmd, "by", "product", "schedule", "label:")
	return cmd
}

// check judges the flags that need no manifests.
func (o *forecastOptions) check(cmd *cobra.Command) error {
	if err := oneOf(cmd, "format", o.format, append(slices.Clone(formats), "csv")...); err != nil {
		return err
	}
	said := cmd.Flags().Changed
	switch {
	case said("from") && !isDay(o.from):
		return usageError(cmd, fmt.Errorf("--from is a day, YYYY-MM-DD, not %q", o.from))
	case o.months < 1 || o.months > 120:
		return usageError(cmd, fmt.Errorf("--months is 1 to 120, not %d", o.months))
	case o.next < 1 || o.next > 1000:
		return usageError(cmd, fmt.Errorf("--next is 1 to 1000, not %d", o.next))
	case said("sale") && o.sale == "":
		return usageError(cmd, errors.New("--sale needs a sale's name or address"))
	case said("html") && o.html == "":
		return usageError(cmd, errors.New("--html needs the name of a file"))
	case said("next") && !said("sale"):
		return usageError(cmd, errors.New("--next is for one sale: say which with --sale"))
	case said("sale") && (said("months") || said("by") || said("html")):
		return usageError(cmd, errors.New("--sale shows the next charges of one sale: --next says how many, and --months, --by and --html do not go with it"))
	case said("by") && o.format == "csv":
		return usageError(cmd, errors.New("--by makes sums, and --format csv has charges only: leave one of the two out"))
	}
	if said("by") {
		if _, err := forecast.By(o.by); err != nil {
			return usageError(cmd, fmt.Errorf("--by: %w", err))
		}
	}
	return nil
}

// isDay reports whether a text is a day of which the year can grow by ten and still has four digits.
func isDay(text string) bool {
	day, err := time.Parse(time.DateOnly, text)
	return err == nil && day.Year() >= 1000 && day.Year() < 9900
}

// lastDay gives the day before that which lies so many months after another; where that day is not in its month, the month's last one stands for it.
func lastDay(from string, months int) string {
	first, _ := time.Parse(time.DateOnly, from) // checked
	then := time.Date(first.Year(), first.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	length := then.AddDate(0, 1, -1).Day()
	return then.AddDate(0, 0, min(first.Day(), length)-2).Format(time.DateOnly)
}

func (a *app) forecast(ctx context.Context, paths []string, o forecastOptions) error {
	chosen, err := selectionOf(o.inputFlags)
	if err != nil {
		return err
	}
	whole := planOptions{inputFlags: inputFlags{personal: o.personal}, targetFlags: o.targetFlags, format: o.format} // what is planned does not depend on which sales are asked for
	made, err := a.makePlan(ctx, paths, &whole)
	if err != nil {
		return err
	}
	if o.html != "" {
		if err := a.mayHoldPage(o.html, made.target); err != nil {
			return err
		}
	}
	f := &render.Forecast{Endpoint: made.plan.Endpoint, Dealer: made.plan.Dealer, From: o.from, Reading: made.input.Reading, By: o.by}
	if f.From == "" {
		f.From = a.today()
	}
	f.To = lastDay(f.From, o.months)
	if !made.bad() {
		if err := fillForecast(f, made, chosen, &o); err != nil {
			return err
		}
		if o.html != "" {
			if err := a.savePage(o.html, f, made.target); err != nil {
				return err
			}
		}
	}
	return a.showForecast(f, made, o)
}

// fillForecast finds the sales that are meant, and what they are charged.
func fillForecast(f *render.Forecast, made *planned, chosen *selection, o *forecastOptions) error {
	sales, err := salesAfter(made, chosen)
	if err != nil {
		return err
	}
	f.Sales, f.Orphans, f.Partial = sales.kept, sales.orphans, sales.partial()
	if o.sale != "" {
		return nextOf(f, made, o)
	}
	f.Charges = forecast.Charges(f.Sales, f.Reading, f.From, f.To)
	if o.by != "" {
		by, err := forecast.By(o.by)
		if err != nil {
			return err
		}
		f.Groups = forecast.Groups(f.Sales, forecast.Span{Reading: f.Reading, From: f.From, To: f.To}, by)
	}
	return nil
}

func (a *app) showForecast(f *render.Forecast, made *planned, o forecastOptions) error {
	var err error
	switch o.format {
	case "json":
		err = render.ForecastJSON(a.Stdout, f, made.diagnostics)
	case "csv":
		a.tellDiagnostics(made.diagnostics, o.personal)
		if !made.bad() {
			a.warnOfGaps(f)
			err = render.ForecastCSV(a.Stdout, f)
		}
	default:
		a.tellDiagnostics(made.diagnostics, o.personal)
		if !made.bad() {
			err = render.ForecastText(a.Stdout, f, a.style(a.StdoutTTY, o.personal))
		}
	}
	if err != nil {
		return writing(err)
	}
	if made.bad() {
		return codeError(exitRefused)
	}
	return nil
}

// warnOfGaps tells what a table of charges alone does not have.
func (a *app) warnOfGaps(f *render.Forecast) {
	if f.Partial != "" {
		a.warn("this is a part only: %s", render.Line(f.Partial))
	}
	for i := range f.Sales {
		if s := &f.Sales[i]; s.Unknown != "" {
			a.warn("%s is not in it: %s", render.Line(s.Name), render.Line(s.Unknown))
		}
	}
}

// nextOf finds the next charges of one sale.
func nextOf(f *render.Forecast, made *planned, o *forecastOptions) error {
	address, err := saleNamed(o.sale)
	shown := address.String()
	if err != nil { // a sale that is kept elsewhere has no address: {saleCode: ELIF-1}
		address.Name, shown = o.sale, o.sale
	}
	for i := range f.Sales {
		s := &f.Sales[i]
		if s.Name != address.Name {
			continue
		}
		f.Sale, f.Next, f.Orphans, f.To, f.Sales = shown, o.next, 0, "", f.Sales[i:i+1]
		if s.Unknown != "" {
			return nil
		}
		next := s.Next(f.Reading, f.From, o.next)
		if f.Charges = slices.Values(next); len(next) > 0 {
			f.To = next[len(next)-1].Date
		}
		return nil
	}
	if err != nil {
		return err
	}
	return noSuchSale(f, made, address)
}

// saleNamed reads a sale's address, or its name alone.
func saleNamed(text string) (spec.Address, error) {
	address, err := spec.ParseAddress(text)
	if err != nil {
		address, err = spec.ParseAddress(spec.Sale.Prefix() + "/" + text)
	}
	switch {
	case err != nil:
		return spec.Address{}, fmt.Errorf("--sale: %w", err)
	case address.Kind != spec.Sale:
		return spec.Address{}, hinted(fmt.Errorf("--sale: %s is no sale", address), "write sale/NAME, or its name alone")
	}
	return address, nil
}
