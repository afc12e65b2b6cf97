package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
)

// The day of the plans, and the moment of the journal's records: before any date of the manifests.
const gateDay = "2034-06-01"

var gateTime = time.Date(2034, 6, 1, 9, 0, 0, 0, time.UTC)

// gateSizes are how many resources the two accounts of the steps have; lists and journals are as long as the small one.
type gateSizes struct{ small, large int }

// gateAccount is what the steps work on, made anew before each run: what a run keeps for a second one, a command that runs once has no use for.
type gateAccount struct {
	ctx       context.Context
	sizes     gateSizes
	folder    string
	lockText  []byte
	resources []*spec.Resource
	known     *lockfile.Lock
	empty     *lockfile.Lock
	// fresh is a plan in which all is new.
	fresh *plan.Plan
}

// gateSteps are the steps that the gate measures; folder is an empty one to work in.
func gateSteps(ctx context.Context, folder string, sizes gateSizes) (steps []step, err error) {
	for _, n := range []int{sizes.small, sizes.large} {
		into := filepath.Join(folder, fmt.Sprint(n))
		if _, err := writeAccount(into, n); err != nil {
			return nil, err
		}
		steps = append(steps, step{Name: fmt.Sprint("load/", n), Run: func() error { _, err := load(ctx, into); return err }})
	}
	a, err := gateApplied(ctx, filepath.Join(folder, fmt.Sprint(sizes.large)), sizes)
	if err != nil {
		return nil, err
	}
	more, err := a.planSteps()
	if err != nil {
		return nil, err
	}
	journal, err := a.journalSteps(folder)
	if err != nil {
		return nil, err
	}
	list, err := listStep(ctx, sizes.small)
	if err != nil {
		return nil, err
	}
	apply := filepath.Join(folder, fmt.Sprint(sizes.small))
	return append(slices.Concat(steps, more, journal), list, step{
		Name: fmt.Sprint("apply/", sizes.small), Before: func() error { return forget(apply) }, Run: func() error { return applyHere(ctx, apply) },
	}), nil
}

// gateApplied applies the large account to the embedded sandbox, for its lockfile.
func gateApplied(ctx context.Context, folder string, sizes gateSizes) (*gateAccount, error) {
	if err := applyHere(ctx, folder); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "mokasync.sandbox.lock"))
	if err != nil {
		return nil, err
	}
	a := &gateAccount{ctx: ctx, sizes: sizes, folder: folder, lockText: text}
	if err := a.anew(); err != nil {
		return nil, err
	}
	if unchanged := plan.Make(a.input(a.known)); unchanged.Planned() > 0 || a.fresh.Planned() != len(a.resources) {
		return nil, fmt.Errorf("%d changes where there are none, %d where %d are new", unchanged.Planned(), a.fresh.Planned(), len(a.resources))
	}
	return a, nil
}

// anew reads manifests and lockfile, and plans as if nothing were known.
func (a *gateAccount) anew() error {
	if err := errors.Join(a.readLock(), a.readManifests()); err != nil {
		return err
	}
	a.fresh = plan.Make(a.input(a.empty))
	return nil
}

func (a *gateAccount) readManifests() (err error) {
	a.resources, err = load(a.ctx, a.folder)
	return err
}

func (a *gateAccount) readLock() (err error) {
	if a.known, err = lockfile.Parse("f", a.lockText, ""); err == nil {
		a.empty = lockfile.New(a.known.Header.Endpoint, a.known.Header.Dealer, lockfile.NewSalt())
	}
	return err
}

func (a *gateAccount) input(known *lockfile.Lock) plan.Input {
	return plan.Input{Endpoint: known.Header.Endpoint, Dealer: known.Header.Dealer, Resources: a.resources, Known: known, Whole: true, Today: gateDay}
}

func (a *gateAccount) save(w io.Writer) error {
	return planfile.Write(w, planfile.Facts{Plan: a.fresh, Resources: a.resources, Known: a.empty})
}

func load(ctx context.Context, folder string) ([]*spec.Resource, error) {
	set, ds := spec.Load(ctx, []string{folder}, spec.Options{})
	if spec.HasErrors(ds) {
		return nil, errors.New(ds[0].Message)
	}
	return set.Resources, nil
}

// applyHere is the command itself, in this process, with the embedded sandbox; the disk's fsync costs nothing.
func applyHere(ctx context.Context, folder string) error {
	env := commandEnv(newSlowDisk(0))
	var said bytes.Buffer
	env.Stderr, env.LookupEnv = &said, func(string) (string, bool) { return "", false }
	if code := cli.Run(ctx, env, []string{"apply", folder, "--auto-approve", "--lockfile", filepath.Join(folder, "mokasync.sandbox.lock")}); code != 0 {
		return fmt.Errorf("apply ends with %d: %s", code, said.Bytes())
	}
	return nil
}

// planSteps are reading and writing the lockfile, planning, and showing, saving and opening a plan in which all is new.
func (a *gateAccount) planSteps() ([]step, error) {
	var saved bytes.Buffer
	if err := a.save(&saved); err != nil {
		return nil, err
	}
	both := func() error { return errors.Join(a.readLock(), a.readManifests()) }
	steps := []step{
		{"lockfile-read", nil, func() error { _, err := lockfile.Parse("f", a.lockText, ""); return err }},
		{"lockfile-write", a.readLock, func() error { _, err := a.known.WriteTo(io.Discard); return err }},
		{"plan-unchanged", both, func() error { plan.Make(a.input(a.known)); return nil }},
		{"plan-new", both, func() error { plan.Make(a.input(a.empty)); return nil }},
		{"plan-text", a.anew, func() error { return render.PlanText(io.Discard, "plan", a.fresh, render.Style{Full: true}) }},
		{"plan-json", a.anew, func() error { return render.PlanJSON(io.Discard, a.fresh, nil) }},
		{"plan-markdown", a.anew, func() error { return render.PlanMarkdown(io.Discard, a.fresh, nil, render.MarkdownOptions{}) }},
		{"plan-save", a.anew, func() error { return a.save(io.Discard) }},
		{"plan-open", nil, func() error { _, err := planfile.Decode(saved.Bytes(), ""); return err }},
	}
	for i := range steps {
		steps[i].Name += fmt.Sprint("/", a.sizes.large)
	}
	return steps, nil
}

// journalSteps record intent and outcome of as many changes as the small account has, one after another, and read them again, as after a run that died.
func (a *gateAccount) journalSteps(folder string) ([]step, error) {
	var records []lockfile.Record
	if err := a.anew(); err != nil {
		return nil, err
	}
	for _, r := range a.resources[:a.sizes.small] {
		e := a.known.Get(r.Address)
		if e == nil {
			return nil, fmt.Errorf("%s is not in the lockfile after its apply", r.Address)
		}
		records = append(records, lockfile.Record{Intent: &lockfile.Intent{Op: "DealerSale/AddSale", At: gateTime, Deadline: gateTime, Digest: "gate", Entry: *e}},
			lockfile.Record{Outcome: &lockfile.Outcome{Address: r.Address, Status: "done", Entry: e}})
	}
	ends, died := &lockfile.Store{Path: filepath.Join(folder, "journal.lock"), Disk: newSlowDisk(0)}, &lockfile.Store{Path: filepath.Join(folder, "died.lock"), Disk: newSlowDisk(0)}
	if err := record(died, records, func(*lockfile.Session) error { return nil }); err != nil {
		return nil, err
	}
	return []step{
		{Name: fmt.Sprint("journal/", len(records)), Run: func() error { return record(ends, records, (*lockfile.Session).Save) }},
		{Name: fmt.Sprint("journal-read/", len(records)), Run: func() error {
			l, err := died.Read()
			if err == nil && l.Len() != a.sizes.small {
				err = fmt.Errorf("the journal tells of %d resources", l.Len())
			}
			return err
		}},
	}, nil
}

// record begins a session, records, and ends it as asked.
func record(store *lockfile.Store, records []lockfile.Record, end func(*lockfile.Session) error) error {
	session, err := store.Begin("bench", gateTime, func() *lockfile.Lock { return lockfile.New("sandbox", "sandbox", lockfile.NewSalt()) })
	if err != nil {
		return err
	}
	defer session.End()
	journal, err := session.Journal(nil)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := journal.Append(r); err != nil {
			return err
		}
	}
	return end(session)
}

// listStep reads an answer with so many sales.
func listStep(ctx context.Context, sales int) (step, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `{"Data":{"DealerSaleListCount":%d,"DealerSaleList":[`, sales)
	for i := range sales {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"DealerSaleId":%d,"SaleCode":"SATIS-%06d-v1","DealerCustomerId":%d,"CustomerCode":"ABONE-%06d","DealerProductId":1009,"ProductCode":"URUN-01","Amount":149.90,"Currency":"TL","InstallmentNumber":1,`+
			`"DealerSaleScheduleId":1005,"SaleDate":"20350101","BeginDate":"20350101","EndDate":"20371231","HowManyTrial":3,"Description":"Aylık üyelik","PlanType":1,"DefaultCard1Token":"7e57ca4d-0000-4000-8000-%012d"}`, i+1, i, i+1, i, i)
	}
	b.WriteString(`]},"ResultCode":"Success","ResultMessage":"","Exception":null}`)
	reader, err := moka.NewReader(moka.Options{BaseURL: "http://127.0.0.1", Credentials: moka.Credentials{DealerCode: "1", Username: "u", Password: "p"}, HTTP: sameAnswer(b.String())})
	if err != nil {
		return step{}, err
	}
	return step{Name: fmt.Sprint("list/", sales), Run: func() error {
		seen := 0
		if err := reader.GetSaleList(ctx, func(moka.Record) error { seen++; return nil }); err != nil || seen != sales {
			return fmt.Errorf("%d sales, %w", seen, err)
		}
		return nil
	}}, nil
}

// sameAnswer answers every call with the same text.
type sameAnswer string

// RoundTrip gives the answer.
func (a sameAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Body.Close()
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(a))), ContentLength: int64(len(a)), Request: r}, nil
}
