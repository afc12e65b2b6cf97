package cli_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/sandbox"
)

var (
	kills    = flag.Int("kills", 60, "how often the kill harness kills a run")
	killSeed = flag.Uint64("killseed", 1, "seed of the kill harness")
)

// killAccount is what the harness applies first: every kind, sales that share a customer, and payment steps.
func killAccount() string {
	var b strings.Builder
	for i := range 3 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c%d}\nspec: {firstName: Şule, email: c%d@example.com}\n---\n", i, i)
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d, cardName: Bonus}\n---\n", i, i, i)
	}
	for _, name := range []string{"p", "q", "z"} {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: %s}\nspec: {productName: %s}\n---\n", name, strings.ToUpper(name))
	}
	b.WriteString("apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d}\nspec: {frequency: monthly, daysOfMonth: [15, 1]}\n---\n")
	b.WriteString("apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: w}\nspec: {frequency: weekly, daysOfWeek: [monday]}\n---\n")
	b.WriteString("apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: m}\nspec: {customer: c1, product: p, cards: [k1], amount: 450, beginDate: \"2035-01-15\", planType: manual}\n---\n")
	for i := range 2 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: PaymentStep\nmetadata: {name: m%d}\nspec: {sale: m, paymentDate: 2035-0%d-01, amount: 450}\n---\n", i+1, i+2)
	}
	for i := range killSales - 1 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s%d}\nspec: {customer: c%d, product: %s, schedule: d, cards: [k%d], amount: \"%d.90\", beginDate: \"2035-01-15\"}\n---\n",
			i, i%3, []string{"p", "q"}[i/3], i%3, 100+i)
	}
	return b.String()
}

// killChanged is what the harness makes of it: a customer renamed and changed, a schedule moved, prices and an end changed, a sale replaced, a customer with card and sale taken out,
// a product and a schedule taken out, payment steps changed, taken out and added.
func killChanged() string {
	text := killAccount()
	for _, change := range [][2]string{
		{"{name: c0}", "{name: e0, movedFrom: customer/c0}"}, {"c0@example.com", "e0@example.com"}, {"customer: c0", "customer: e0"}, {"customer: c1, token: 7e57ca4d-0000-4000-8000-000000000001, cardName: Bonus", "customer: c1, token: 7e57ca4d-0000-4000-8000-000000000001, cardName: Axess"},
		{"daysOfMonth: [15, 1]", "daysOfMonth: [20]"}, {`amount: "100.90", beginDate: "2035-01-15"`, `amount: "110.90", beginDate: "2035-01-15", endDate: "2036-01-15"`}, {`amount: "104.90"`, `amount: "114.90"`},
		{"metadata: {name: s1}", "metadata: {name: r1, replaces: sale/s1}"}, {`amount: "101.90", beginDate: "2035-01-15"`, `amount: "101.90", beginDate: "2035-02-15"`},
		{"paymentDate: 2035-02-01, amount: 450", "paymentDate: 2035-02-02, amount: 475.5"}, {"{name: m2}\nspec: {sale: m, paymentDate: 2035-03-01", "{name: m3}\nspec: {sale: m, paymentDate: 2035-04-01"},
	} {
		if !strings.Contains(text, change[0]) {
			panic("the account has no " + change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	var kept []string
	for _, doc := range strings.Split(text, "---\n") {
		if !slices.ContainsFunc([]string{"{name: c2}", "{name: k2}", "{name: s2}", "{name: z}", "{name: w}"}, func(name string) bool { return strings.Contains(doc, "metadata: "+name) }) {
			kept = append(kept, doc)
		}
	}
	return strings.Join(kept, "---\n")
}

// killSales is how many sales the first account has.
const killSales = 6

// stage is what a killed run was to do, and what there is to be when it is done.
type stage struct {
	name      string
	before    string // what was applied before, "" for nothing
	manifests string
	args      []string
	// what the ledger is to count
	sales, salesEver     int
	customers, schedules int
	products, steps      int

	all  []string // the crash points of an undisturbed run
	want string   // its lockfile
	took time.Duration
}

func killStages() []*stage {
	return []*stage{
		{name: "creates", manifests: killAccount(), sales: killSales, salesEver: killSales, customers: 3, schedules: 2, products: 3, steps: 2},
		{name: "changes", before: killAccount(), manifests: killChanged(), args: []string{"--prune"}, sales: killSales - 1, salesEver: killSales + 1, customers: 2, schedules: 1, products: 2, steps: 2},
	}
}

// killHeader is the lockfile before the first run: its salt is fixed, so that lockfiles of different runs can be compared.
const killHeader = `{"mokasync":"lockfile","formatVersion":"1.0","endpoint":"HOST","dealer":"1731","salt":"00112233445566778899aabbccddeeff"}` + "\n"

// arena is one folder and one sandbox in which runs are killed.
type arena struct {
	t       *testing.T
	stage   *stage
	program string
	folder  string
	url     string
	server  *sandbox.Server
	hook    atomic.Pointer[func(serve func(), isWrite bool)]
	older   []byte       // the lockfile as it was before the stage
	open    atomic.Int32 // connections, also those of a run that is dead
}

func newArena(t *testing.T, program string, st *stage) *arena {
	t.Helper()
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	a := &arena{t: t, stage: st, program: program, folder: t.TempDir(), server: handler}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := func() { handler.ServeHTTP(w, r) }
		if hook := a.hook.Load(); hook != nil {
			(*hook)(serve, writePath.MatchString(r.URL.Path))
			return
		}
		serve()
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			a.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			a.open.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); handler.Close() })
	a.url = server.URL
	a.write(filepath.Base(a.lockfile()), strings.Replace(killHeader, "HOST", a.endpoint(), 1))
	if st.before != "" {
		a.write("m.yaml", st.before)
		cmd, out := a.command(nil, "apply", "--auto-approve")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if a.older, err = os.ReadFile(a.lockfile()); err != nil {
			t.Fatal(err)
		}
	}
	a.write("m.yaml", st.manifests)
	return a
}

var writePath = regexp.MustCompile(`/(Add|Update|Delete|Remove)[A-Za-z]+$`)

func (a *arena) endpoint() string {
	return strings.ReplaceAll(strings.TrimPrefix(a.url, "http://"), ":", "_")
}
func (a *arena) lockfile() string {
	return filepath.Join(a.folder, "mokasync."+a.endpoint()+".lock")
}

func (a *arena) write(name, text string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.folder, name), []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

func (a *arena) command(env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(a.program, append(args, a.folder)...)
	cmd.Env = append([]string{"MOKA_ENDPOINT=" + a.url, "MOKA_DEALER_CODE=1731", "MOKA_USERNAME=ApiUserDemo", "MOKA_PASSWORD=S3cretDemo", "MOKASYNC_SETTLE=30ms",
		"MOKASYNC_NOW=2034-06-01T10:00:00+03:00", "HOME=" + a.folder, "TMPDIR=" + a.folder}, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// apply gives the arguments of an apply of the stage.
func (a *arena) apply(more ...string) []string {
	return append(append([]string{"apply", "--auto-approve"}, a.stage.args...), more...)
}

// killed runs an apply that is killed by crash (an environment entry), by hook, or after a while, and reports whether the kill came in time.
func (a *arena) killed(k kill) bool {
	a.t.Helper()
	var env []string
	if k.point != "" {
		env = append(env, "MOKASYNC_CRASH="+k.point)
	}
	cmd, out := a.command(env, a.apply("--parallelism", fmt.Sprint(k.parallelism))...)
	started := make(chan struct{})
	if k.request > 0 {
		a.hookAt(k, cmd, started)
	}
	defer a.hook.Store(nil)
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	close(started)
	if k.after > 0 {
		timer := time.AfterFunc(k.after, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		a.t.Fatalf("%v: neither killed nor done: %v\n%s", k, err, out)
	}
	return false
}

// hookAt kills the run when its nth write arrives: before Moka has it, after, or with Moka working on while the run is dead.
func (a *arena) hookAt(k kill, cmd *exec.Cmd, started <-chan struct{}) {
	var n atomic.Int32
	var once sync.Once
	hook := func(serve func(), isWrite bool) {
		if !isWrite || int(n.Add(1)) != k.request {
			serve()
			return
		}
		die := func() {
			<-started
			once.Do(func() { cmd.Process.Kill() })
		}
		switch k.side {
		case "lost":
			die()
			panic(http.ErrAbortHandler)
		case "taken":
			serve() // the answer is in a buffer of the server's until the handler returns
			die()
			panic(http.ErrAbortHandler)
		default:
			die()
			serve()
		}
	}
	a.hook.Store(&hook)
}

// kill says how one run ends.
type kill struct {
	point       string // a crash point and its count
	request     int    // the write at which it happens, from 1
	side        string // lost, taken, or late
	after       time.Duration
	parallelism int
}

func (k kill) kind() string {
	switch {
	case k.point != "":
		return "crash point"
	case k.request > 0:
		return "at a call"
	}
	return "at a random moment"
}

// twists are what happens between a death and the next run. What was to be deleted is known by the lockfile alone: where that is lost, it stays.
func (st *stage) twists() []string {
	if st.before != "" {
		return []string{"", "", "", "", "journal lost", "older lockfile"}
	}
	return []string{"", "", "", "", "", "journal lost", "lockfile lost", "both lost", "older lockfile", "manifest removed", "manifest renamed"}
}

func (a *arena) twist(how string) {
	a.t.Helper()
	remove := func(name string) {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			a.t.Fatal(err)
		}
	}
	// Without a journal nobody knows that a call may be under way: what is said here holds once Moka has ended it (docs/safety.md).
	for deadline := time.Now().Add(10 * time.Second); a.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			a.t.Fatal("the dead run's connections stay open")
		}
	}
	switch how {
	case "journal lost":
		remove(a.lockfile() + ".journal")
	case "lockfile lost":
		remove(a.lockfile())
	case "both lost":
		remove(a.lockfile())
		remove(a.lockfile() + ".journal")
	case "older lockfile":
		older := string(a.older)
		if older == "" {
			older = strings.Replace(killHeader, "HOST", a.endpoint(), 1)
		}
		a.write(filepath.Base(a.lockfile()), older)
		remove(a.lockfile() + ".journal")
	case "manifest removed":
		a.write("m.yaml", strings.Split(killAccount(), "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s4}")[0])
	case "manifest renamed":
		a.write("m.yaml", strings.Replace(killAccount(), "{name: s4}", "{name: t4}", 1))
	}
}

// recoverEdited applies manifests that were changed after the death: the sale that was taken out or renamed may be there or not, but once at most.
func (a *arena) recoverEdited(what string) {
	a.t.Helper()
	for range 2 {
		cmd, out := a.command(nil, "apply", "--auto-approve")
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 { // a rename is blocked where the sale may be there
			a.t.Fatalf("%s: %v\n%s", what, err, out)
		}
	}
	ledger := a.server.Ledger()
	if n := ledger.Counts.Sales; len(ledger.Duplicates) > 0 || n < killSales-1 || n > killSales || ledger.SalesEverAdded != int64(n) || len(ledger.DuplicateSteps) > 0 {
		a.t.Fatalf("%s: the ledger has %+v", what, ledger)
	}
}

// recover applies until all is done, and checks the promises.
func (a *arena) recover(what string) {
	a.t.Helper()
	for try := 1; ; try++ {
		cmd, out := a.command(nil, a.apply()...)
		err := cmd.Run()
		if err == nil {
			break
		}
		if try == 3 {
			a.t.Fatalf("%s: the third apply still fails: %v\n%s", what, err, out)
		}
	}
	ledger := a.server.Ledger()
	st, got := a.stage, ledger.Counts
	if len(ledger.Duplicates)+len(ledger.DuplicateSteps) > 0 || got.Sales != st.sales || ledger.SalesEverAdded != int64(st.salesEver) || got.Customers != st.customers ||
		got.Schedules != st.schedules || got.Products != st.products || got.Steps != st.steps {
		a.t.Fatalf("%s: the ledger has %+v", what, ledger)
	}
	cmd, out := a.command(nil, append([]string{"plan", "--detailed-exitcode", "--refresh"}, st.args...)...)
	if err := cmd.Run(); err != nil {
		a.t.Fatalf("%s: the plan is not empty: %v\n%s", what, err, out)
	}
}

var numbers = regexp.MustCompile(`"id":\d+|"schedule":"\d+"`)

// known gives the lockfile's lines without Moka's numbers, which depend on the order of parallel calls, and without what differs when a thing was found, not made.
func (a *arena) known() string {
	a.t.Helper()
	text, err := os.ReadFile(a.lockfile())
	if err != nil {
		a.t.Fatal(err)
	}
	return numbers.ReplaceAllString(strings.ReplaceAll(string(text), a.endpoint(), "HOST"), "N")
}

func buildWithCrashPoints(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mokasync")
	if out, err := exec.Command("go", "build", "-tags", "crashpoints", "-o", program, "github.com/mokasync/mokasync/cmd/mokasync").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// rehearse runs undisturbed and notes every crash point that was passed, with its count, and the lockfile as it should be.
func (st *stage) rehearse(t *testing.T, program string) {
	t.Helper()
	a := newArena(t, program, st)
	log := filepath.Join(t.TempDir(), "points")
	cmd, out := a.command([]string{"MOKASYNC_CRASH_LOG=" + log}, a.apply("--parallelism", "1")...)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	st.took = time.Since(start)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, name := range strings.Fields(string(text)) {
		count[name]++
		st.all = append(st.all, fmt.Sprintf("%s@%d", name, count[name]))
	}
	st.want = a.known()
	a.recover(st.name + ", undisturbed")
}

// The real program against a served sandbox, killed with SIGKILL at every call boundary, around every sync and rename, and at random moments: the next apply puts it
// right. Every sale and payment step stands exactly once, what was to be deleted is gone, the lockfile equals an undisturbed run's, and the next plan is empty. With -kills N, N kills.
func TestKill(t *testing.T) {
	program := buildWithCrashPoints(t)
	stages := killStages()
	for i, st := range stages {
		share := *kills / len(stages)
		if i == 0 {
			share += *kills % len(stages)
		}
		t.Run(st.name, func(t *testing.T) {
			st.rehearse(t, program)
			st.kill(t, program, share, rand.New(rand.NewPCG(*killSeed, uint64(2+i))))
		})
	}
}

func (st *stage) kill(t *testing.T, program string, kills int, random *rand.Rand) {
	all := slices.Clone(st.all)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	done := map[string]int{}
	visited, twisted := map[string]bool{}, map[string]int{}
	for n, trials := 0, 0; n < kills; trials++ {
		if trials > 4*kills {
			t.Fatalf("only %d of %d kills came in time", n, kills)
		}
		a := newArena(t, program, st)
		for chain := 0; chain < 1+random.IntN(2) && n < kills; chain++ {
			k := st.draw(random, trials, chain, all)
			if a.killed(k) {
				n++
				done[k.kind()]++
				visited[k.point] = true
			}
		}
		how := st.twists()[random.IntN(len(st.twists()))]
		twisted[how]++
		a.aftermath(fmt.Sprintf("trial %d (%s)", trials, how), how)
	}
	delete(visited, "")
	delete(twisted, "")
	kinds := []string{}
	for kind, n := range done {
		kinds = append(kinds, fmt.Sprintf("%d %s", n, kind))
	}
	slices.Sort(kinds)
	t.Logf("%d kills (%s), %d of %d crash points visited, then %v: 0 duplicates, 0 lost", kills, strings.Join(kinds, ", "), len(visited), len(all), twisted)
}

// draw chooses how a run ends: crash points in turn, else at a call or at a random moment.
func (st *stage) draw(random *rand.Rand, trial, chain int, all []string) kill {
	k := kill{parallelism: 1 + 3*random.IntN(2)}
	switch trial % 5 {
	case 0, 1: // one call at a time comes by the points as the rehearsal did: all of them in turn
		k.point = all[(trial/5*2+trial%5)%len(all)]
		if chain == 0 {
			k.parallelism = 1
		}
	case 2: // while others are made ready ahead, and outcomes are on their way to the disk
		k.point, k.parallelism = all[random.IntN(len(all))], 4
	case 3:
		k.request, k.side = 1+random.IntN(16), []string{"lost", "taken", "late"}[random.IntN(3)]
	default:
		k.after = time.Duration(1 + random.Int64N(int64(st.took)))
	}
	return k
}

// aftermath lets happen what happens after a death, applies again, and checks the promises.
func (a *arena) aftermath(what, how string) {
	a.t.Helper()
	a.twist(how)
	if strings.HasPrefix(how, "manifest") {
		a.recoverEdited(what)
		return
	}
	a.recover(what)
	if how != "" {
		return // what was found, not made, has no defaults in its line
	}
	if diff := cmp.Diff(a.stage.want, a.known()); diff != "" {
		a.t.Fatalf("%s: the lockfile is not that of an undisturbed run (-want +got):\n%s", what, diff)
	}
}
