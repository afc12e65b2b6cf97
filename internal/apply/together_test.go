package apply

import (
	"context"
	"maps"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/moka"
)

const togetherManifests = rigManifests + `---
apiVersion: mokasync/v1
kind: Product
metadata: {name: gold}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m1}
spec: {id: 7, frequency: monthly, daysOfMonth: [1]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s}
spec: {customer: a, product: gold, schedule: m1, cards: [k], amount: "10", beginDate: "2090-01-01", endDate: never}
`

// meeting has every list, and the card, wait for each other on their way to Moka.
func (r *rig) meeting(methods ...string) {
	var all sync.WaitGroup
	all.Add(len(methods))
	missing := map[string]bool{}
	for _, m := range methods {
		missing[m] = true
	}
	var mu sync.Mutex
	r.line.before = func(call *http.Request) {
		method := path.Base(call.URL.Path)
		mu.Lock()
		first := missing[method]
		delete(missing, method)
		mu.Unlock()
		if first {
			all.Done()
			all.Wait()
		}
	}
}

// What is read before the first write, and for plan --refresh, is read at once: each call waits here until all of them are under way.
func TestLooksTogether(t *testing.T) {
	looks := map[string]struct {
		methods []string
		look    func(context.Context, *rig) error
	}{
		"preflight": {[]string{"GetProductList", "GetScheduleList", "GetSaleList", "GetCard"}, func(ctx context.Context, r *rig) error {
			_, err := r.Preflight(ctx, r.plan, nil)
			return err
		}},
		"refresh": {[]string{"GetCustomerList", "GetProductList", "GetScheduleList", "GetSaleList", "GetCard"}, func(ctx context.Context, r *rig) error {
			_, err := Look(ctx, r.Client.Reader, slices.Collect(maps.Values(r.World.Desired)), r.Session.Lock, 5, r.Now)
			return err
		}},
	}
	for name, l := range looks {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, togetherManifests)
			r.meeting(l.methods...)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- l.look(ctx, r) }()
			select {
			case err := <-ended:
				if err != nil && !moka.IsNoData(err) { // the sandbox has nothing yet
					t.Error(err)
				}
			case <-ctx.Done():
				t.Error("one call waits for another")
			}
		})
	}
}
