package apply

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/mokasync/mokasync/internal/spec"
)

// rig is an applier over manifests, before a sandbox in this process.
type rig struct {
	*Applier
	store  *lockfile.Store
	server *sandbox.Server
	line   *line
	plan   *plan.Plan
}

// line is the way to the sandbox. before and after, if set, are called around every call; set before the run.
type line struct {
	http.RoundTripper
	before, after func(*http.Request)
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.before != nil {
		l.before(r)
	}
	resp, err := l.RoundTripper.RoundTrip(r)
	if l.after != nil {
		l.after(r)
	}
	return resp, err
}

// isWrite reports whether a call changes something.
func isWrite(r *http.Request) bool { return !strings.Contains(path.Base(r.URL.Path), "Get") }

func newRig(t *testing.T, text string) *rig { return newRigOn(t, lockfile.OS{}, text) }

func newRigOn(t *testing.T, disk lockfile.Disk, text string) *rig {
	t.Helper()
	folder := t.TempDir()
	manifests := filepath.Join(folder, "m.yaml")
	if err := os.WriteFile(manifests, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	set, ds := spec.Load(context.Background(), []string{manifests}, spec.Options{})
	if spec.HasErrors(ds) {
		t.Fatal(ds)
	}
	server, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.InProcessDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	d := sandbox.InProcessDealer()
	way := &line{RoundTripper: server.Transport()}
	client, err := moka.NewClient(moka.Options{BaseURL: "http://127.0.0.1", HTTP: way, Credentials: moka.Credentials{DealerCode: d.Code, Username: d.Username, Password: d.Password}})
	if err != nil {
		t.Fatal(err)
	}
	store := &lockfile.Store{Path: filepath.Join(folder, "mokasync.sandbox.lock"), Disk: disk}
	session, err := store.Begin("test", time.Now(), func() *lockfile.Lock { return lockfile.New("sandbox", "sandbox", lockfile.NewSalt()) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.End)
	a := New(Options{Client: client, Session: session, World: plan.NewWorld(set.Resources, session.Lock), Parallelism: 4, Settle: 100 * time.Millisecond, Timeout: 5 * time.Second,
		Now: time.Now, Today: "2026-01-01", Stop: make(chan struct{})})
	return &rig{a, store, server, way, plan.Make(plan.Input{Endpoint: "sandbox", Dealer: "sandbox", Resources: set.Resources, Known: session.Lock, Whole: true})}
}

const rigManifests = `
apiVersion: mokasync/v1
kind: Customer
metadata: {name: a}
spec: {firstName: A}
---
apiVersion: mokasync/v1
kind: Customer
metadata: {name: b}
spec: {firstName: B}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: k}
spec: {customer: a, token: 9de41bb0-e82f-4670-b36b-d71ff27a3111}
`

// A program error in one step is a result of its own: the others are done, what depends on it is skipped, and the account adds up.
func TestPanic(t *testing.T) {
	r := newRig(t, rigManifests)
	for _, c := range r.plan.Changes {
		if c.Address.String() == "customer/a" {
			c.Desired = nil // what no plan does
		}
	}
	account, err := r.Run(context.Background(), r.plan)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Status{}
	for _, res := range account.Results {
		got[res.Address.String()] = res.Status
		if strings.Contains(res.Message, "goroutine") {
			t.Errorf("a stack trace reaches the user: %s", res.Message)
		}
	}
	if got["customer/a"] != InDoubt || got["customer/b"] != Done || got["card/k"] != Skipped || len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

// A run that is stopped before it begins makes no write, and says so of every change.
func TestStoppedBefore(t *testing.T) {
	r := newRig(t, rigManifests)
	stop := make(chan struct{})
	close(stop)
	r.Stop = stop
	account, err := r.Run(context.Background(), r.plan)
	if err != nil {
		t.Fatal(err)
	}
	if account.Count(NotTried) != 3 || len(r.server.Ledger().Writes) != 0 {
		t.Errorf("got %v, %v", account.Results, r.server.Ledger().Writes)
	}
}

// The journal of a run that died gives its account: what was announced is in doubt, what was not is not tried.
func TestAccountOf(t *testing.T) {
	address := func(text string) spec.Address {
		a, err := spec.ParseAddress(text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	entry := lockfile.Entry{Address: address("customer/a"), ID: 7}
	log := &lockfile.Log{Header: lockfile.Header{Endpoint: "test", Dealer: "1731"}, Records: []lockfile.Record{
		{Planned: []lockfile.Planned{{Address: address("customer/a"), Action: "create"}, {Address: address("customer/b"), Action: "create"}, {Address: address("card/k"), Action: "adopt"},
			{Address: address("sale/s"), Action: "create"}, {Address: address("product/p"), Action: "create"}}},
		{Intent: &lockfile.Intent{Op: "DealerCustomer/AddCustomer", Entry: entry}},
		{Outcome: &lockfile.Outcome{Address: address("customer/a"), Status: "done", Entry: &entry}},
		{Intent: &lockfile.Intent{Op: "DealerCustomer/AddCustomer", Entry: lockfile.Entry{Address: address("customer/b")}}},
		{Outcome: &lockfile.Outcome{Address: address("card/k"), Status: "done", Note: adoptedNote, Entry: &lockfile.Entry{Address: address("card/k")}}},
		{Outcome: &lockfile.Outcome{Address: address("product/p"), Status: "failed", Note: "refused", Code: "X.Y.Z"}},
	}}
	a := AccountOf(log)
	want := []Result{
		{Address: address("customer/a"), Action: plan.Create, Status: Done, ID: 7}, {Address: address("customer/b"), Action: plan.Create, Status: InDoubt},
		{Address: address("card/k"), Action: plan.Adopt, Status: Done, Adopted: true}, {Address: address("sale/s"), Action: plan.Create, Status: NotTried},
		{Address: address("product/p"), Action: plan.Create, Status: Failed, ResultCode: "X.Y.Z"},
	}
	for i, w := range want {
		got := a.Results[i]
		if got.Address != w.Address || got.Action != w.Action || got.Status != w.Status || got.Adopted != w.Adopted || got.ID != w.ID || got.ResultCode != w.ResultCode {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
}
