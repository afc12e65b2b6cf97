package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/mokasync/mokasync/internal/spec"
)

// witness is a Moka that notes the path of every request.
type witness struct {
	moka    *sandbox.Server
	forge   *forgetest.Forge // below /forge
	url     string
	atWrite func(path string) // called before a write is handed on
	mu      sync.Mutex
	paths   []string
}

func newWitness(t *testing.T, now func() time.Time) *witness {
	keeps, err := sandbox.ParseSwitch("update-sale-omitted=keep") // so that what is changed at Moka can be accepted
	if err != nil {
		t.Fatal(err)
	}
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Clock: now, Switches: []sandbox.Setting{keeps}})
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{moka: handler, atWrite: func(string) {}}
	server := httptest.NewServer(w)
	t.Cleanup(func() { server.Close(); handler.Close() })
	w.url = server.URL
	w.forge = forgetest.New(nil)
	w.forge.Under("/forge")
	w.forge.SetBranch("main", baseCommit)
	w.forge.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: headCommit})
	return w
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/forge/") {
		w.forge.ServeHTTP(rw, r)
		return
	}
	w.mu.Lock()
	w.paths = append(w.paths, r.Method+" "+r.RequestURI)
	if !isRead(r.RequestURI) {
		w.atWrite(r.RequestURI)
	}
	w.mu.Unlock()
	w.moka.ServeHTTP(rw, r)
}

// take gives the requests since the last take: those that read, and all others.
func (w *witness) take() (reads, writes []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, path := range w.paths {
		if isRead(strings.TrimPrefix(path, "POST ")) {
			reads = append(reads, path)
		} else {
			writes = append(writes, path)
		}
	}
	w.paths = nil
	return reads, writes
}

// isRead judges by the names that the documentation gives its services (moka-api 2), and knows nothing of the client: Get… reads; Add…, Update…, Delete…, Remove…, Do…, and whatever else
// there may be, is taken for a write.
func isRead(path string) bool {
	family, method, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return (family == "DealerSale" || family == "DealerCustomer") && strings.HasPrefix(method, "Get") && !strings.ContainsAny(method, "/?%.;")
}

// dryRun runs commands in one folder of manifests against one Moka.
type dryRun struct {
	*testing.T
	w     *witness
	env   map[string]string
	now   func() time.Time
	here  bool           // in the folder of manifests, and also what takes no other
	turn  int            // of what is done in turn
	reads map[string]int // how often each command has read, and each service was asked
	lines int
}

// run runs a command and gives its exit code, and what it said.
func (d *dryRun) run(stdin, root string, args ...string) (int, string) {
	var out bytes.Buffer
	env := map[string]string{"MOKA_ENDPOINT": d.w.url, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
		"MOKASYNC_SETTLE": "20ms", "GITHUB_TOKEN": "elif", "TMPDIR": filepath.Join(root, "tmp")}
	maps.Copy(env, d.env)
	code := cli.Run(context.Background(), cli.Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &out, Now: d.now, Version: "test",
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}, args)
	return code, out.String()
}

// in runs the lines of the commands that are meant, in a folder that holds files, and tells what it must not find.
func (d *dryRun) in(state string, files folder, meant map[string]dryCommand) {
	for _, finding := range d.findings(files, meant) {
		d.Errorf("%s: %s", state, finding)
	}
}

// findings are calls of Moka that are no reads, and changes of files where none is promised.
func (d *dryRun) findings(files folder, meant map[string]dryCommand) (found []string) {
	root := d.place(files)
	addresses := addressesIn(filepath.Join(root, "m"))
	if d.here {
		d.Chdir(filepath.Join(root, "m"))
		d.run("", root, "plan", "--refresh", "--out", filepath.Join(root, "plan.json")) // whether it works, show tells
	}
	ledger := fmt.Sprint(d.w.moka.Ledger().Writes)
	before := snapshot(d.T, root)
	for _, name := range slices.Sorted(maps.Keys(meant)) {
		pure, writes := slices.Concat(meant[name].pure, meant[name].once), meant[name].writes
		if d.here {
			writes = slices.Concat(writes, meant[name].here)
		}
		for _, line := range d.fill(pure, root, addresses) {
			found = append(found, d.one(root, files, name, line)...)
		}
		if changes := changed(before, snapshot(d.T, root)); len(changes) > 0 {
			found = append(found, fmt.Sprintf("mokasync %s, by one of %q, has changed files: %s", name, pure, strings.Join(changes, ", ")))
		}
		before = restored(d.T, root, before)
		for _, line := range d.fill(writes, root, addresses) {
			found = append(found, d.one(root, files, name, line)...)
			before = restored(d.T, root, before)
		}
	}
	if now := fmt.Sprint(d.w.moka.Ledger().Writes); now != ledger {
		found = append(found, fmt.Sprintf("Moka has had writes: %s before, %s after", ledger, now))
	}
	return found
}

// one runs one line and looks at what it asked of Moka.
func (d *dryRun) one(root string, files folder, name string, line []string) (found []string) {
	code, said := d.run(files.joined(), root, slices.Concat(strings.Fields(name), line)...)
	reads, writes := d.w.take()
	d.reads[name] += len(reads)
	for _, path := range reads {
		d.reads[path]++
	}
	d.lines++
	typed := fmt.Sprintf("mokasync %s %s (exit %d)", name, strings.Join(line, " "), code)
	if len(writes) > 0 {
		found = append(found, fmt.Sprintf("%s has asked Moka for %v\n%s", typed, writes, said))
	}
	if strings.Contains(said, "fault of mokasync") || code < 0 || code > 2 && code != 5 { // 3 and 4 are for runs that write
		found = append(found, fmt.Sprintf("%s tried what it must not\n%s", typed, said))
	}
	return found
}

// place makes a folder that holds the folder of manifests, m, and one for temporary files.
func (d *dryRun) place(files folder) (root string) {
	root = d.TempDir()
	files.write(d.T, filepath.Join(root, "m"))
	if err := os.Mkdir(filepath.Join(root, "tmp"), 0o755); err != nil {
		d.Fatal(err)
	}
	return root
}

// fill fills in the words of lines that stand for something else.
func (d *dryRun) fill(lines []string, root string, addresses []spec.Address) [][]string {
	one := spec.Address{Kind: spec.Sale, Name: "none"}
	for _, a := range addresses {
		if one.Name == "none" || a.Kind == spec.Sale {
			one = a
		}
	}
	locks, _ := filepath.Glob(filepath.Join(root, "m", "mokasync.*.lock")) // the pattern is well formed
	locks = append(locks, filepath.Join(root, "m", "mokasync.none.lock"))
	var out [][]string
	for _, line := range lines {
		each := []spec.Address{one}
		if strings.Contains(line, "EACH") {
			each = addresses
		}
		for _, a := range each {
			words := strings.NewReplacer("PATH", filepath.Join(root, "m"), "LOCK", locks[0], "NEW", filepath.Join(root, "new"), "PLAN", filepath.Join(root, "plan.json"),
				"FORGE", fmt.Sprintf(forgeFlags, d.w.url), "ONE", one.String(), "EACH", a.String())
			out = append(out, strings.Fields(words.Replace(line)))
		}
	}
	return out
}

// addressesIn gives one address of every kind that the manifests of a folder have.
func addressesIn(at string) []spec.Address {
	set, _ := spec.Load(context.Background(), []string{at}, spec.Options{}) // of bad manifests what can be read
	kinds := map[spec.Kind]bool{}
	var out []spec.Address
	for _, r := range set.Resources {
		if !kinds[r.Address.Kind] {
			out = append(out, r.Address)
		}
		kinds[r.Address.Kind] = true
	}
	return out
}

// joined is a folder's manifests as one stream.
func (f folder) joined() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if isManifest(name) {
			b.WriteString(strings.TrimSuffix(f[name], "\n") + "\n---\n")
		}
	}
	return strings.TrimSuffix(b.String(), "---\n")
}

// Every command but apply, run in every folder of manifests that the suite has, against a Moka that is empty, one that has all that the manifests describe, and one in which
// much was changed: with its lockfile, without it, and with the journal of an apply that died. Not one call is a write, and no file changes where that is promised.
func TestDryRunWritesNothing(t *testing.T) {
	inputs := suite(t)
	if len(inputs) < 50 {
		t.Fatalf("there are only %d folders of manifests: are the scripts and examples found?", len(inputs))
	}
	var mu sync.Mutex
	reads, applied, ran := map[string]int{}, 0, 0
	t.Run("inputs", func(t *testing.T) {
		for i, in := range inputs {
			if raced && i%20 != 0 && in.name != "examples/gym" {
				continue
			}
			t.Run(in.name, func(t *testing.T) {
				t.Parallel()
				d, writes := drySuite(t, in, i)
				mu.Lock()
				defer mu.Unlock()
				for name, n := range d.reads {
					reads[name] += n
				}
				ran += d.lines
				if writes > 0 {
					applied++
				}
			})
		}
	})
	t.Logf("%d folders, %d of them applied; %d command lines; reads: %v", len(inputs), applied, ran, reads)
	for _, name := range []string{"plan", "drift", "explain", "import", "POST /DealerCustomer/GetCustomerList", "POST /DealerCustomer/GetCard", "POST /DealerCustomer/GetCardList",
		"POST /DealerSale/GetProductList", "POST /DealerSale/GetScheduleList", "POST /DealerSale/GetSaleList", "POST /DealerSale/GetPaymentPlanReport"} {
		if reads[name] == 0 {
			t.Errorf("%s: not one read was seen: this test does not look where it should", name)
		}
	}
	if applied < 10 && !raced {
		t.Errorf("only %d folders could be applied", applied)
	}
}

// newDryRun makes a Moka for one folder, at a time that suits what stands in it.
func newDryRun(t *testing.T, in dryInput) *dryRun {
	began, at := time.Now(), time.Date(2027, 1, 10, 9, 0, 0, 0, time.UTC)
	if said, err := time.Parse(time.RFC3339, in.env["MOKASYNC_NOW"]); err == nil {
		at = said
	}
	env := maps.Clone(in.env)
	delete(env, "MOKASYNC_NOW")
	now := func() time.Time { return at.Add(time.Since(began)) }
	return &dryRun{T: t, w: newWitness(t, now), env: env, now: now, reads: map[string]int{}}
}

// drySuite runs all commands on one folder, in all its states; writes is how many writes the apply between them made.
func drySuite(t *testing.T, in dryInput, turn int) (d *dryRun, writes int) {
	d = newDryRun(t, in)
	d.turn = turn
	root := d.place(in.before)
	if code, _ := d.run("", root, "validate", filepath.Join(root, "m")); code != 0 {
		d.in("bad manifests", in.before, lines(func(c dryCommand) dryCommand {
			if c.on == onAll || c.on == onManifests {
				return dryCommand{pure: first(c.pure), writes: first(c.writes)}
			}
			return dryCommand{}
		}))
		return d, 0
	}
	d.in("nothing at Moka", in.before, d.linesOn(onAll, onManifests))
	done, died, writes := d.apply(in.before)
	if writes == 0 { // what it refers to is nowhere: there is no other state
		return d, 0
	}
	d.in("applied", done, d.linesOn(onAll, onLock))
	d.in("died half-way", died, d.linesOn(onAll, onLock))
	d.in("lockfile lost", in.before, d.linesOn(onAll))
	d.disturb()
	d.in("changed at Moka", done, d.linesOn(onAll, onMoka))
	for i, later := range in.later {
		files := maps.Clone(done)
		maps.DeleteFunc(files, func(name, _ string) bool { return isManifest(name) })
		maps.Copy(files, later)
		d.in(fmt.Sprintf("manifests changed (%d)", i), files, d.linesOn(onAll))
	}
	if strings.HasPrefix(in.name, "examples/") {
		d.in("changed at Moka, all lines", done, lines(func(c dryCommand) dryCommand { c.here = nil; return c }))
		d.in("no lockfile, all lines", in.before, lines(func(c dryCommand) dryCommand { c.here = nil; return c }))
	}
	return d, writes
}

// linesOn gives lines of the commands that depend on one of these: half of each command's, in turn, so that over all folders each is run in each state.
func (d *dryRun) linesOn(on ...source) map[string]dryCommand {
	d.turn++
	half := func(lines []string) (out []string) {
		for i, line := range lines {
			if len(lines) == 1 || (i+d.turn)%2 == 0 {
				out = append(out, line)
			}
		}
		return out
	}
	return lines(func(c dryCommand) dryCommand {
		if !slices.Contains(on, c.on) {
			return dryCommand{}
		}
		return dryCommand{pure: half(c.pure), writes: half(c.writes)}
	})
}

// lines chooses among the lines of every command.
func lines(meant func(dryCommand) dryCommand) map[string]dryCommand {
	out := map[string]dryCommand{}
	for name, c := range dryCommands {
		out[name] = meant(c)
	}
	return out
}

func first(lines []string) []string { return lines[:min(1, len(lines))] }

// apply applies a folder. It gives the folder as it then is, as it was when the first AddSale (or the last write before it) was on its way, and how many writes were seen.
func (d *dryRun) apply(files folder) (done, died folder, writes int) {
	root := d.place(files)
	sold := false
	d.w.atWrite = func(path string) {
		if !sold {
			died = readFolder(d.T, filepath.Join(root, "m"))
		}
		sold = sold || strings.HasSuffix(path, "/AddSale")
	}
	code, said := d.run("", root, "apply", filepath.Join(root, "m"), "--auto-approve", "--parallelism", "1")
	_, made := d.w.take()
	d.w.atWrite = func(string) {}
	committed := 0
	for _, n := range d.w.moka.Ledger().Writes {
		committed += int(n)
	}
	if len(made) < committed || code == 0 && strings.Contains(said, " to create") && len(made) == 0 {
		d.Errorf("the witness saw the writes %v, and Moka had %d: it would miss others too\n%s", made, committed, said)
	}
	return readFolder(d.T, filepath.Join(root, "m")), died, len(made)
}

// disturb changes at Moka what a colleague may change: names, amounts, rhythms; a sale goes, and strangers come.
func (d *dryRun) disturb() {
	m := d.w.moka
	for _, c := range listed(d.T, m, "DealerCustomer/GetCustomerList") {
		callMoka(d.T, m, "DealerCustomer/UpdateCustomer", wire{"DealerCustomerId": c["DealerCustomerId"], "FirstName": "Başka"})
	}
	for _, s := range listed(d.T, m, "DealerSale/GetScheduleList") {
		callMoka(d.T, m, "DealerSale/UpdateSchedule", wire{"DealerSaleScheduleId": s["DealerSaleScheduleId"], "ScheduleName": fmt.Sprint("Başka ", s["DealerSaleScheduleId"])})
	}
	for i, s := range listed(d.T, m, "DealerSale/GetSaleList") {
		if i%3 == 2 {
			callMoka(d.T, m, "DealerSale/DeleteSale", wire{"DealerSaleId": s["DealerSaleId"]})
			continue
		}
		callMoka(d.T, m, "DealerSale/UpdateSale", wire{"DealerSaleId": s["DealerSaleId"], "Amount": "1.23"})
	}
	if callMoka(d.T, m, "DealerCustomer/AddCustomer", wire{"CustomerCode": "stranger", "FirstName": "Yabancı"}) == nil {
		d.Error("nothing can be changed at Moka: the state is not what it is said to be")
	}
	callMoka(d.T, m, "DealerSale/AddProduct", wire{"ProductCode": "stranger", "ProductName": "Stranger"})
	d.w.take()
}

// The same for commands that take the working folder for their PATH, write into it, or post to a forge.
func TestDryRunHere(t *testing.T) {
	d := newDryRun(t, dryInput{})
	examples := suite(t)
	gym := examples[slices.IndexFunc(examples, func(in dryInput) bool { return in.name == "examples/gym" })]
	done, _, writes := d.apply(gym.before)
	if writes == 0 {
		t.Fatal("the example was not applied")
	}
	d.disturb()
	d.here = true
	d.in("here", done, lines(func(c dryCommand) dryCommand { return dryCommand{here: c.here} }))
	if len(d.w.forge.Comments(7)) == 0 {
		t.Error("comment posted nothing: it was not tried")
	}
	if d.reads["comment"] == 0 {
		t.Error("comment has read nothing of Moka")
	}
}

// This test can fail: an apply among the commands that look is found out, by Moka's side and by the files'; and so is a command that only touches a file.
func TestDryRunFindsWrites(t *testing.T) {
	d := &dryRun{T: t, w: newWitness(t, time.Now), now: time.Now, reads: map[string]int{}}
	gym := folder{"m.yaml": "apiVersion: mokasync/v1\nkind: Product\nmetadata:\n    name: gold\nspec: {productName: Gold}\n"}
	for name, row := range map[string]struct {
		line  string
		wants []string
	}{
		"apply": {"PATH --auto-approve", []string{"has asked Moka for [POST /DealerSale/AddProduct]", "m/mokasync.127.0.0.1_", "Moka has had writes: map[] before, map[DealerSale.AddProduct:1] after"}},
		"fmt":   {"PATH", []string{"has changed files: ", "m/m.yaml has other bytes"}},
	} {
		found := strings.Join(d.findings(gym, map[string]dryCommand{name: {pure: []string{row.line}}}), "\n")
		for _, want := range row.wants {
			if !strings.Contains(found, want) {
				t.Errorf("%s %s: %q is not among the findings:\n%s", name, row.line, want, found)
			}
		}
	}
	if found := d.findings(gym, lines(func(c dryCommand) dryCommand { return c })); len(found) > 0 {
		t.Errorf("the others: %s", strings.Join(found, "\n"))
	}
}

// What is a read is judged without the client.
func TestDryRunKnowsReads(t *testing.T) {
	for path, want := range map[string]bool{
		"/DealerSale/GetSaleList": true, "/DealerCustomer/GetCard": true, "/DealerSale/GetPaymentPlanReport": true,
		"/DealerSale/AddSale": false, "/DealerSale/UpdateSale": false, "/DealerSale/DeleteSale": false, "/DealerCustomer/RemoveCard": false, "/PaymentDealer/DoDirectPayment": false,
		"/DealerSale/CreateSale": false, "/DealerSale/getSale": false, "/DealerSale/GetSale/../AddSale": false, "/PaymentDealer/GetX": false, "/": false, "/DealerSale/": false,
	} {
		if isRead(path) != want {
			t.Errorf("%s is a read: %v", path, !want)
		}
	}
}
