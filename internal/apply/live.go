package apply

import (
	"context"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Look reads what is at Moka of what the manifests describe, by list calls; stored cards one by one, since Moka has no list of all (moka-api 2.10).
// It takes a Reader: whoever looks cannot write.
func Look(ctx context.Context, reader *moka.Reader, resources []*spec.Resource, known *lockfile.Lock, now func() time.Time) (*plan.Live, error) {
	l := newLooks(reader, now, func(kind spec.Kind) bool { return knowsSale(known, kind) })
	live := &plan.Live{
		Customers: map[string]*plan.Found{}, Products: map[string]*plan.Found{}, Schedules: map[int64]*plan.Found{},
		Sales: map[string][]*plan.Found{}, Cards: map[string]*plan.Found{},
	}
	asked := map[spec.Kind]bool{}
	if err := fileSales(ctx, l, live, known, asked); err != nil {
		return nil, err
	}
	for _, r := range resources {
		kind := r.Address.Kind
		if kind == spec.Card {
			if err := lookAtCard(ctx, l, live, r); err != nil {
				return nil, err
			}
			continue
		}
		if asked[kind] {
			continue
		}
		asked[kind] = true
		all, err := l.since(ctx, kind, time.Time{})
		if err != nil {
			return nil, err
		}
		for _, f := range all.found {
			file(live, f)
		}
	}
	return live, nil
}

// fileSales reads the sales also where no manifest is left of one that the lockfile knows.
func fileSales(ctx context.Context, l *looks, live *plan.Live, known *lockfile.Lock, asked map[spec.Kind]bool) error {
	if !knowsSale(known, spec.Sale) {
		return nil
	}
	asked[spec.Sale] = true
	all, err := l.since(ctx, spec.Sale, time.Time{})
	if err != nil {
		return err
	}
	for _, f := range all.found {
		file(live, f)
	}
	return nil
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

func lookAtCard(ctx context.Context, l *looks, live *plan.Live, r *spec.Resource) error {
	token := r.Value("token")
	if token.FromSource() {
		return nil
	}
	found, err := l.card(ctx, token.Text)
	if found != nil {
		live.Cards[token.Text] = found
	}
	return err
}

// knowsSale reports whether a sale is known to be there, and with it something of a kind. A call whose outcome is open is no such knowledge: the list
// is what settles it. A sale whose steps are made by hand has no schedule.
func knowsSale(l *lockfile.Lock, kind spec.Kind) bool {
	for _, e := range l.Entries() {
		if e.Address.Kind == spec.Sale && (kind != spec.Schedule || e.Text("schedule") != "") {
			return true
		}
	}
	return false
}
