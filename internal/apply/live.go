package apply

import (
	"context"
	"slices"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Look reads what is at Moka of what the manifests describe or the lockfile knows, by list calls; stored cards one by one, since Moka has no list of all (moka-api 2.10).
// Sales are always read: they tell what is in use. atOnce bounds the calls in flight. It takes a Reader: whoever looks cannot write.
func Look(ctx context.Context, reader *moka.Reader, resources []*spec.Resource, known *lockfile.Lock, atOnce int, now func() time.Time) (*plan.Live, error) {
	l := newLooks(reader, newSlots(atOnce), now, func(kind spec.Kind) bool { return knowsSale(known, kind, func(spec.Address) bool { return false }) })
	live := &plan.Live{
		Customers: map[string]*plan.Found{}, Products: map[string]*plan.Found{}, Schedules: map[int64]*plan.Found{},
		Sales: map[string][]*plan.Found{}, Cards: map[string]*plan.Found{},
	}
	asked := map[spec.Kind]bool{spec.Sale: true}
	for _, e := range known.Entries() {
		asked[e.Address.Kind] = true
	}
	for _, r := range resources {
		asked[r.Address.Kind] = true
	}
	kinds := slices.DeleteFunc(spec.Kinds(), func(kind spec.Kind) bool { return !asked[kind] || kind == spec.Card || kind == spec.PaymentStep })
	if err := lookTogether(ctx, l, live, kinds, resources, atOnce); err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		all, err := l.since(ctx, kind, time.Time{})
		if err != nil {
			return nil, err
		}
		for _, f := range all.found {
			file(live, f)
		}
	}
	return live, lookAtSteps(ctx, l.reader, live, resources, known)
}

// lookAtSteps reads the payment steps on the days that manifests and lockfile name.
func lookAtSteps(ctx context.Context, reader reads, live *plan.Live, resources []*spec.Resource, known *lockfile.Lock) error {
	var days []string
	for _, r := range resources {
		if r.Address.Kind == spec.PaymentStep {
			days = append(days, r.Text("paymentDate"))
		}
	}
	for _, e := range known.Entries() {
		if e.Address.Kind == spec.PaymentStep {
			days = append(days, e.Text("paymentDate"))
		}
	}
	if len(days) == 0 {
		return nil
	}
	there, err := stepsByDay(ctx, reader, slices.Min(days), slices.Max(days))
	live.Steps = there
	return err
}

func file(live *plan.Live, f *plan.Found) {
	switch f.Kind {
	case spec.Customer:
		live.Customers[f.Code] = f
	case spec.Product:
		live.Products[f.Code] = f
	case spec.Schedule:
		live.Schedules[f.ID] = f
	case spec.Sale:
		live.Sales[f.Code] = append(live.Sales[f.Code], f)
	}
}

// lookTogether reads lists, and the cards whose tokens are at hand, each by a call of its own.
func lookTogether(ctx context.Context, l *looks, live *plan.Live, kinds []spec.Kind, resources []*spec.Resource, atOnce int) error {
	var tokens []string
	for _, r := range resources {
		if r.Address.Kind == spec.Card && !r.Value("token").FromSource() {
			tokens = append(tokens, r.Value("token").Text)
		}
	}
	found, err := l.together(ctx, nil, tokens, kinds, atOnce)
	for i, f := range found {
		if f != nil {
			live.Cards[tokens[i]] = f
		}
	}
	return err
}

// knowsSale reports whether a sale is known to be there, and with it something of a kind. A call whose outcome is open is no such knowledge: the list
// is what settles it; so is a sale that is being deleted. A sale whose steps are made by hand has no schedule.
func knowsSale(l *lockfile.Lock, kind spec.Kind, ending func(spec.Address) bool) bool {
	for _, e := range l.Entries() {
		if in := l.Open(e.Address); e.Address.Kind != spec.Sale || in != nil && in.Delete || ending(e.Address) {
			continue
		}
		if kind != spec.Schedule || e.Text("schedule") != "" {
			return true
		}
	}
	return false
}
