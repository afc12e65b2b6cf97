package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// changeSale updates or takes over a sale: every member is sent, those that are not managed as they were just read, since Moka does not say that an omitted one is kept; then the
// sale is read again and held against what was sent (moka-api 2.21, 4.2).
func (a *Applier) changeSale(ctx context.Context, c *plan.Change) *verdict {
	found, live, v := a.saleNow(ctx, c)
	if v != nil {
		return v
	}
	if names := a.editedToo(c, found); names != "" {
		return editedTooVerdict(names)
	}
	equal, entry, previous := a.equalAlready(c, found)
	if equal {
		return &verdict{status: Done, adopted: true, entry: entry}
	}
	set := view(a, func() moka.Record { return a.managedSale(c.Desired) })
	whole := wholeSale(live, set)
	w := &write{op: moka.UpdateSale, request: whole, entry: entry, previous: previous, resource: c.Desired}
	if a.UpdateChanged {
		other := view(a, func() []plan.FieldChange { return a.World.Differences(c.Desired, found) })
		w.request = changedSale(live, set, other)
	}
	w.allowed = func(ctx context.Context) *verdict { return a.awayFromCharges(ctx, c, found) }
	if v = a.send(ctx, w); v.status == Done {
		a.readBack(ctx, w, whole, v)
	}
	return v
}

// saleNow reads the one sale that a change is about.
func (a *Applier) saleNow(ctx context.Context, c *plan.Change) (*plan.Found, moka.Record, *verdict) {
	live, err := a.looks.reader.GetSale(ctx, saleKey(c.ID, c.Code))
	switch {
	case moka.IsNotFound(err):
		return nil, nil, failed("Moka does not have the sale with the code %q any more: was it ended there? See `mokasync plan --refresh`", c.Code)
	case err != nil:
		return nil, nil, failed("%s", cannotLook(err))
	}
	found := plan.FoundOf(spec.Sale, live.Get)
	if found.Code != c.Code {
		return nil, nil, failed("sale %d has the code %q at Moka, not %q: see `mokasync plan --refresh`", found.ID, found.Code, c.Code)
	}
	return found, live, nil
}

// saleKey names one sale: by Moka's number, which no other has, else by its code.
func saleKey(id int64, code string) moka.Record {
	if id != 0 {
		return moka.Record{{Name: "DealerSaleId", Value: itoa(id)}}
	}
	return moka.Record{{Name: "SaleCode", Value: code}}
}

// managedSale gives the members of the fields that a sale's manifest manages; of a card list also the places that it leaves empty.
func (a *Applier) managedSale(r *spec.Resource) moka.Record {
	set := a.managed(r)
	if r.Value("cards") == nil {
		return set
	}
	for _, name := range spec.CardWires {
		if !set.Has(name) {
			set = append(set, moka.Member{Name: name, Value: ""})
		}
	}
	return set
}

// saleParties are the members that say whom and what a sale is about; Moka gives each by code and by number.
var saleParties = []string{"CustomerCode", "DealerCustomerId", "ProductCode", "DealerProductId"}

// alwaysSent are the members of which an empty text says something: no end, no note, no further card.
var alwaysSent = []string{"EndDate", "Description", spec.CardWires[1], spec.CardWires[2]}

// absentAsZero are the members of which 0 stands for none.
var absentAsZero = []string{"DealerCustomerId", "DealerProductId", "DealerSaleScheduleId", "DealerCustomerTypeId"}

// wholeSale gives every member of a sale: what is at Moka, in the form in which it is sent, with what is meant to be set in its place.
func wholeSale(live, set moka.Record) moka.Record {
	out := moka.Record{{Name: "DealerSaleId", Value: live.Get("DealerSaleId")}, {Name: "SaleCode", Value: live.Get("SaleCode")}}
	put := func(name, value string) {
		switch {
		case set.Has(name):
			value = set.Get(name)
		case value == "0" && slices.Contains(absentAsZero, name):
			value = "" // an absent number (moka-api 1.7)
		}
		if value != "" || set.Has(name) || slices.Contains(alwaysSent, name) {
			out = append(out, moka.Member{Name: name, Value: value})
		}
	}
	for _, name := range saleParties {
		put(name, live.Get(name))
	}
	for _, f := range spec.Sale.Def().Fields {
		switch {
		case f.Type == spec.Code, slices.Contains(saleParties, f.Wire):
		case f.Type == spec.References:
			for _, name := range spec.CardWires {
				put(name, tokenOrNone(live.Get(name)))
			}
		default:
			value := f.ToWire(f.FromWire(live.Get(f.Wire)))
			if value == "0" && f.Wire == "InstallmentNumber" {
				value = "1" // either is a single charge (moka-api 2.28)
			}
			put(f.Wire, value)
		}
	}
	return out
}

func tokenOrNone(wire string) string {
	if token := spec.CanonicalToken(wire); token != "" {
		return tokenField.ToWire(token)
	}
	return ""
}

// changedSale gives the members of the fields that differ, and no others.
func changedSale(live, set moka.Record, other []plan.FieldChange) moka.Record {
	out := moka.Record{{Name: "DealerSaleId", Value: live.Get("DealerSaleId")}}
	for _, f := range other {
		names := []string{f.Field.Wire}
		if f.Field.Type == spec.References {
			names = spec.CardWires[:]
		}
		for _, name := range names {
			if set.Has(name) {
				out = append(out, moka.Member{Name: name, Value: set.Get(name)})
			}
		}
	}
	return out
}

// readBack reads a sale that Moka says it changed until it shows what was sent, as long as Moka may take to show it. A change that cannot be seen is in doubt; one that came out
// otherwise has failed, be it in a member that was not sent.
func (a *Applier) readBack(ctx context.Context, w *write, whole moka.Record, v *verdict) {
	written := a.Now()
	for pause := min(200*time.Millisecond, a.Settle/4+time.Millisecond); ; pause *= 2 {
		begun := a.Now()
		live, err := a.looks.reader.GetSale(ctx, saleKey(w.entry.ID, w.entry.Code))
		var other []*spec.Field
		if err == nil {
			if other = otherThanSent(spec.Sale, whole, live); len(other) == 0 {
				return
			}
		}
		if begun.Sub(written) < a.Settle && a.sleep(ctx, min(pause, a.Settle-begun.Sub(written))) {
			continue
		}
		if err != nil {
			*v = *a.doubt(&lockfile.Intent{Entry: *w.entry}, fmt.Sprintf("Moka took the change, but the sale could not be read again: %v", err), false)
			return
		}
		a.keptOtherwise(v, plan.FoundOf(spec.Sale, live.Get), other)
		return
	}
}

// awayFromCharges keeps a change away from the hours of a day on which the sale is charged: it might meet a charge half-way (moka-api 4.2).
func (a *Applier) awayFromCharges(ctx context.Context, c *plan.Change, found *plan.Found) *verdict {
	now := a.Now()
	if a.DuringCharges || !calendar.InChargeHours(now) {
		return nil
	}
	charged, err := a.chargedOn(ctx, c.Desired, found, calendar.DayOf(now))
	switch {
	case err != nil:
		return failed("%s", cannotLook(err))
	case charged:
		return failed("Moka may charge this sale today, and between 11:30 and 19:00 in Istanbul a change might meet the charge half-way: nothing was sent. Apply again after 19:00, or say --during-charges")
	}
	return nil
}

// chargedOn reports whether a sale may be charged on a day, as it is at Moka or as it is meant to be.
func (a *Applier) chargedOn(ctx context.Context, r *spec.Resource, found *plan.Found, day string) (bool, error) {
	text := func(name string) string { return found.Texts(spec.Sale.Def().Field(name))[0] }
	if due, err := a.stepDue(ctx, found.ID, day); due || err != nil {
		return due, err
	}
	if text("planType") == "manual" {
		return false, nil
	}
	begin, end := text("beginDate"), text("endDate")
	if v := r.Value("beginDate"); v != nil {
		begin = min(begin, v.Text)
	}
	if v := r.Value("endDate"); v != nil && end != spec.Never {
		end = max(end, v.Text) // "never" is greater than every day
	}
	if end == spec.Never {
		end = ""
	}
	schedules := []string{text("schedule")}
	if v := r.Value("schedule"); v != nil {
		schedules = append(schedules, view(a, func() []string { texts, _ := a.World.Texts(v); return texts })...)
	}
	for _, id := range schedules {
		rhythm, err := a.rhythm(ctx, id)
		if err != nil {
			return false, err
		}
		if rhythm.Begin, rhythm.End = begin, end; rhythm.MayCharge(day) {
			return true, nil
		}
	}
	return false, nil
}

// rhythm reads a schedule; of one that is not there any day counts.
func (a *Applier) rhythm(ctx context.Context, id string) (calendar.Rhythm, error) {
	var number int64
	fmt.Sscan(id, &number) // what is no number is no schedule
	found, err := a.looks.schedule(ctx, number, a.started)
	if err != nil || found == nil {
		return calendar.Rhythm{}, err
	}
	return spec.RhythmOf(func(field string) []string { return found.Texts(spec.Schedule.Def().Field(field)) }), nil
}

// stepDue reports whether a sale has a payment step that is neither charged nor given up and was due on a day or before: a step that failed is tried again on the days that follow.
func (a *Applier) stepDue(ctx context.Context, sale int64, day string) (bool, error) {
	open, err := a.openSteps(ctx, sale)
	return slices.ContainsFunc(open, func(s openStep) bool { return s.date <= day }), err
}

// period adds the days from first to last (YYYY-MM-DD) to what names a sale, and one more on either side: whether the days that are asked for count is not documented (moka-api 2.29).
func period(key moka.Record, first, last string) moka.Record {
	return append(key,
		moka.Member{Name: "PaymentPlanPaymentDateStart", Value: shifted(first, -1)},
		moka.Member{Name: "PaymentPlanPaymentDateEnd", Value: shifted(last, 1)})
}

func shifted(day string, by int) string {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return date.AddDate(0, 0, by).Format("20060102")
}
