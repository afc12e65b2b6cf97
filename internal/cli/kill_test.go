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

// killAccount is what the harness applies: every kind, sales that share a customer, a card in second place.
func killAccount() string {
	var b strings.Builder
	for i := range 3 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c%d}\nspec: {firstName: Şule, email: c%d@example.com}\n---\n", i, i)
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d, cardName: Bonus}\n---\n", i, i, i)
	}
	b.WriteString("apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p}\nspec: {productName: P}\n---\napiVersion: mokasync/v1\nkind: Product\nmetadata: {name: q}\nspec: {productName: Q}\n---\n")
	b.WriteString("apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: d}\nspec: {frequency: monthly, daysOfMonth: [15, 1]}\n---\n")
	for i := range 5 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: s%d}\nspec: {customer: c%d, product: %s, schedule: d, cards: [k%d], amount: \"%d.90\", beginDate: \"2035-01-15\"}\n---\n",
			i, i%3, []string{"p", "q"}[i/3], i%3, 100+i)
	}
	return b.String()
}

const killSales = 5

// killHeader is the lockfile before the first run: its salt is fixed, so that lockfiles of different runs can be compared.
const killHeader = `{"mokasync":"lockfile","formatVersion":"1.0","endpoint":"HOST","dealer":"1731","salt":"00112233445566778899aabbccddeeff"}` + "\n"

// arena is one folder and one sandbox in which runs are killed.
type arena struct {
	t       *testing.T
	program string
	folder  string
	url     string
	server  *sandbox.Server
	hook    atomic.Pointer[func(serve func(), isWrite bool)]
	open    atomic.Int32 // connections, also those of a run that is dead
}

func newArena(t *testing.T, program string) *arena {
	t.Helper()
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	a := &arena{t: t, program: program, folder: t.TempDir(), server: handler}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := func() { handler.ServeHTTP(w, r) }
		if hook := a.hook.Load(); hook != nil {
			(*hook)(serve, strings.Contains(r.URL.Path, "/Add") || strings.Contains(r.URL.Path, "/Update"))
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
	a.write("m.yaml", killAccount())
	a.write(filepath.Base(a.lockfile()), strings.Replace(killHeader, "HOST", a.endpoint(), 1))
	return a
}

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

// killed runs an apply that is killed by crash (an environment entry), by hook, or after a while, and reports whether the kill came in time.
func (a *arena) killed(k kill) bool {
	a.t.Helper()
	var env []string
	if k.point != "" {
		env = append(env, "MOKASYNC_CRASH="+k.point)
	}
	cmd, out := a.command(env, "apply", "--auto-approve", "--parallelism", fmt.Sprint(k.parallelism))
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

// twists are what happens between a death and the next run.
var twists = []string{"", "", "", "", "", "journal lost", "lockfile lost", "both lost", "older lockfile", "manifest removed", "manifest renamed"}

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
		a.write(filepath.Base(a.lockfile()), strings.Replace(killHeader, "HOST", a.endpoint(), 1))
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
	if n := ledger.Counts.Sales; len(ledger.Duplicates) > 0 || n < killSales-1 || n > killSales || ledger.SalesEverAdded != int64(n) {
		a.t.Fatalf("%s: the ledger has %+v", what, ledger)
	}
}

// recover applies until all is done, and checks the promises.
func (a *arena) recover(what string) {
	a.t.Helper()
	for try := 1; ; try++ {
		cmd, out := a.command(nil, "apply", "--auto-approve")
		err := cmd.Run()
		if err == nil {
			break
		}
		if try == 3 {
			a.t.Fatalf("%s: the third apply still fails: %v\n%s", what, err, out)
		}
	}
	ledger := a.server.Ledger()
	if len(ledger.Duplicates) > 0 || ledger.Counts.Sales != killSales || ledger.SalesEverAdded != killSales || ledger.Counts.Customers != 3 || ledger.Counts.Schedules != 1 {
		a.t.Fatalf("%s: the ledger has %+v", what, ledger)
	}
	cmd, out := a.command(nil, "plan", "--detailed-exitcode", "--refresh")
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

// points runs undisturbed and gives every crash point that was passed, with its count, and the lockfile as it should be.
func points(t *testing.T, program string) (all []string, want string, took time.Duration) {
	t.Helper()
	a := newArena(t, program)
	log := filepath.Join(t.TempDir(), "points")
	cmd, out := a.command([]string{"MOKASYNC_CRASH_LOG=" + log}, "apply", "--auto-approve", "--parallelism", "1")
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took = time.Since(start)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, name := range strings.Fields(string(text)) {
		count[name]++
		all = append(all, fmt.Sprintf("%s@%d", name, count[name]))
	}
	return all, a.known(), took
}

// The real program against a served sandbox, killed with SIGKILL at every call boundary, around every sync and rename, and at random moments: the next apply puts it
// right. Every sale stands exactly once, the lockfile equals an undisturbed run's, and the next plan is empty. With -kills N, N kills.
func TestKill(t *testing.T) {
	program := buildWithCrashPoints(t)
	all, want, took := points(t, program)
	random := rand.New(rand.NewPCG(*killSeed, 2))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	done := map[string]int{}
	visited, twisted := map[string]bool{}, map[string]int{}
	for n, trials := 0, 0; n < *kills; trials++ {
		if trials > 4**kills {
			t.Fatalf("only %d of %d kills came in time", n, *kills)
		}
		a := newArena(t, program)
		for chain := 0; chain < 1+random.IntN(2) && n < *kills; chain++ {
			k := kill{parallelism: 1 + 3*random.IntN(2)}
			switch trials % 4 {
			case 0, 1:
				k.point = all[(trials/2+trials%2)%len(all)]
				if chain == 0 {
					k.parallelism = 1
				}
			case 2:
				k.request, k.side = 1+random.IntN(12), []string{"lost", "taken", "late"}[random.IntN(3)]
			default:
				k.after = time.Duration(1 + random.Int64N(int64(took)))
			}
			if a.killed(k) {
				n++
				done[k.kind()]++
				visited[k.point] = true
			}
		}
		how := twists[random.IntN(len(twists))]
		a.twist(how)
		twisted[how]++
		what := fmt.Sprintf("trial %d (%s)", trials, how)
		if strings.HasPrefix(how, "manifest") {
			a.recoverEdited(what)
			continue
		}
		a.recover(what)
		if how != "" {
			continue // what was found, not made, has no defaults in its line
		}
		if diff := cmp.Diff(want, a.known()); diff != "" {
			t.Fatalf("trial %d: the lockfile is not that of an undisturbed run (-want +got):\n%s", trials, diff)
		}
	}
	delete(visited, "")
	kinds := []string{}
	for kind, n := range done {
		kinds = append(kinds, fmt.Sprintf("%d %s", n, kind))
	}
	slices.Sort(kinds)
	delete(twisted, "")
	t.Logf("%d kills (%s), %d of %d crash points visited, then %v: 0 duplicates, 0 lost", *kills, strings.Join(kinds, ", "), len(visited), len(all), twisted)
}
