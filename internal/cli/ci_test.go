package cli_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forge/forgetest"
	"github.com/mokasync/mokasync/internal/sandbox"
	"gopkg.in/yaml.v3"
)

// The ready-made pipelines in examples/ci are run here line by line: their shell in bash as the runners call it, against a served sandbox, a bare git repository on this machine and a
// forge for tests. What a runner does itself (checkouts, artifacts, conditions) is done by the few functions below, which refuse what they do not know.

// company is a merchant with a repository, a forge and an account at Moka.
type company struct {
	*testing.T
	bare    string
	forge   *forgetest.Forge
	apiURL  string
	moka    *sandbox.Server
	mokaURL string
	secrets map[string]string
}

// noGitSettings keeps the settings of whoever runs the tests out.
var noGitSettings = []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1"}

// found makes a company whose main branch holds these files.
func found(t *testing.T, files map[string]string) *company {
	t.Helper()
	for _, program := range []string{"git", "bash", "mokasync"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	t.Parallel()
	d := sandbox.DefaultDealer()
	moka, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{d}, Control: true})
	if err != nil {
		t.Fatal(err)
	}
	c := &company{T: t, bare: filepath.Join(t.TempDir(), "billing.git"), forge: forgetest.New(nil), moka: moka}
	server, api := httptest.NewServer(moka), httptest.NewServer(c.forge)
	t.Cleanup(func() { server.Close(); api.Close(); moka.Close() })
	c.mokaURL, c.apiURL = server.URL, api.URL
	c.secrets = map[string]string{
		"vars.MOKA_DEALER_CODE": d.Code, "secrets.MOKA_USERNAME": d.Username, "secrets.MOKA_PASSWORD": d.Password, "secrets.MOKASYNC_KEY": "a-long-and-random-key", "secrets.GITHUB_TOKEN": "workflow",
	}
	c.git(t.TempDir(), "init", "-q", "--bare", "--initial-branch=main", c.bare)
	first := t.TempDir()
	c.git(first, "init", "-q", "--initial-branch=main")
	c.write(first, files)
	c.git(first, "push", "-q", c.bare, "HEAD:refs/heads/main")
	c.forge.SetBranch("main", c.tip("main"))
	return c
}

func (c *company) git(folder string, args ...string) string {
	c.Helper()
	cmd := exec.Command("git", append([]string{"-C", folder, "-c", "user.name=Elif", "-c", "user.email=elif@example.com"}, args...)...)
	cmd.Env = append(os.Environ(), noGitSettings...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// write puts files into a checkout and commits them.
func (c *company) write(folder string, files map[string]string) {
	c.Helper()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			c.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			c.Fatal(err)
		}
	}
	c.git(folder, "add", "-A")
	c.git(folder, "commit", "-q", "-m", "Change "+strings.Join(slices.Sorted(maps.Keys(files)), ", "))
}

func (c *company) tip(branch string) string { return c.git(c.bare, "rev-parse", "refs/heads/"+branch) }

// branch makes a branch off main with these files.
func (c *company) branch(name string, files map[string]string) {
	c.Helper()
	folder := c.clone("main")
	c.git(folder, "checkout", "-q", "-b", name)
	c.write(folder, files)
	c.git(folder, "push", "-q", "origin", "HEAD:refs/heads/"+name)
}

// merge merges a branch into main, as the forge's button does.
func (c *company) merge(name string) {
	c.Helper()
	folder := c.clone("main")
	c.git(folder, "merge", "-q", "--no-ff", "--no-edit", "origin/"+name)
	c.git(folder, "push", "-q", "origin", "HEAD:refs/heads/main")
	c.forge.SetBranch("main", c.tip("main"))
}

func (c *company) clone(ref string) string {
	c.Helper()
	folder := filepath.Join(c.TempDir(), "checkout")
	c.checkout(folder, ref)
	return folder
}

// checkout is what actions/checkout and GitLab's runner do: a branch by name, or a commit.
func (c *company) checkout(folder, ref string) {
	c.Helper()
	c.git(filepath.Dir(folder), "clone", "-q", "file://"+c.bare, folder)
	c.git(folder, "checkout", "-q", ref)
}

// ledger is what the sandbox counts.
func (c *company) ledger() sandbox.Ledger { return c.moka.Ledger() }

// wrote gives the number of writes since the ledger was as before.
func (c *company) wrote(before sandbox.Ledger) int {
	n := 0
	for op, count := range c.ledger().Writes {
		n += int(count - before.Writes[op])
	}
	return n
}

// clean wants a ledger without duplicates.
func (c *company) clean() {
	c.Helper()
	if l := c.ledger(); len(l.Duplicates) > 0 {
		c.Errorf("sold twice: %v", l.Duplicates)
	}
}

// workflow is a GitHub workflow as far as the examples use it.
type workflow struct {
	Env  map[string]string
	Jobs map[string]*struct {
		Needs   string
		If      string
		Outputs map[string]string
		Steps   []step
	}
}

type step struct {
	Name, ID, If, Uses, Run, Shell string
	With, Env                      map[string]string
}

// github is one run of a workflow on a pull request, or on a push.
type github struct {
	*company
	file   string
	pull   int // 0 for a push to main
	head   string
	fork   bool
	killed string // the job dies after the step of this name
	// between is what happens between the jobs plan and apply.
	between func()

	values    map[string]string // of expressions
	artifacts string
	summary   string // of all jobs
	log       string // of all steps
	failed    map[string]bool
	outcome   map[string]string // of a job's steps, by id
	done      []string          // "job: step", of those that ran
}

// start runs a workflow to its end.
func (g *github) start() *github {
	g.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples/ci/github", g.file))
	if err != nil {
		g.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		g.Fatal(err)
	}
	if w.Env["MOKA_ENDPOINT"] != "live" && g.file != staleWorkflow {
		g.Fatalf("the workflow speaks to %q, want live", w.Env["MOKA_ENDPOINT"])
	}
	g.artifacts, g.failed = g.TempDir(), map[string]bool{}
	g.values = map[string]string{"github.ref_name": "main", "github.event.pull_request.number": fmt.Sprint(g.pull), "env.BILLING": w.Env["BILLING"], "github.repository": forgetest.Repository, "github.event.pull_request.head.repo.full_name": forgetest.Repository}
	if g.fork {
		g.values["github.event.pull_request.head.repo.full_name"] = "someone/billing"
	} else {
		maps.Copy(g.values, g.secrets)
	}
	for done := map[string]bool{}; len(done) < len(w.Jobs); {
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			job := w.Jobs[name]
			if done[name] || job.Needs != "" && !done[job.Needs] {
				continue
			}
			done[name] = true
			if g.failed[job.Needs] || !g.condition(job.If, false) {
				continue
			}
			if name == "apply" && g.between != nil {
				g.between()
			}
			g.job(w, name, job.Steps)
			for output, expression := range job.Outputs {
				g.values["needs."+name+".outputs."+output] = g.expand(expression)
			}
		}
	}
	return g
}

// again runs one job of the run again, as "Re-run failed jobs" does: with the outputs and artifacts of then.
func (g *github) again(job string) *github {
	g.Helper()
	var w workflow
	text, err := os.ReadFile(filepath.Join("../../examples/ci/github", g.file))
	if err == nil {
		err = yaml.Unmarshal(text, &w)
	}
	if err != nil {
		g.Fatal(err)
	}
	g.killed, g.failed, g.log, g.done = "", map[string]bool{}, "", nil
	g.job(w, job, w.Jobs[job].Steps)
	return g
}

func (g *github) job(w workflow, name string, steps []step) {
	g.Helper()
	runner := g.TempDir()
	workspace, temp := filepath.Join(runner, "workspace"), filepath.Join(runner, "temp")
	if err := os.Mkdir(temp, 0o755); err != nil {
		g.Fatal(err)
	}
	g.values["runner.temp"] = temp
	env := map[string]string{
		"RUNNER_TEMP": temp, "GITHUB_WORKSPACE": workspace, "GITHUB_REPOSITORY": forgetest.Repository, "GITHUB_API_URL": g.apiURL, "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_REF_NAME": "main", "GITHUB_REF": "refs/heads/main",
		"GITHUB_STEP_SUMMARY": filepath.Join(runner, "summary"), "GITHUB_OUTPUT": filepath.Join(runner, "output"), "GITHUB_PATH": filepath.Join(runner, "path"), "GITHUB_EVENT_PATH": filepath.Join(runner, "event.json"),
	}
	event := `{}`
	if g.pull != 0 {
		env["GITHUB_REF"], env["GITHUB_REF_NAME"] = fmt.Sprintf("refs/pull/%d/merge", g.pull), fmt.Sprintf("%d/merge", g.pull)
		event = fmt.Sprintf(`{"number":%d,"pull_request":{"number":%d,"base":{"ref":"main","sha":%q},"head":{"sha":%q}}}`, g.pull, g.pull, g.tip("main"), g.tip(g.head))
	}
	for name, text := range map[string]string{env["GITHUB_EVENT_PATH"]: event, env["GITHUB_STEP_SUMMARY"]: "", env["GITHUB_OUTPUT"]: ""} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			g.Fatal(err)
		}
	}
	g.outcome = map[string]string{}
	for _, s := range steps {
		if !g.condition(s.If, g.failed[name]) {
			continue
		}
		g.done = append(g.done, name+": "+strings.TrimSpace(s.Name+" "+s.Uses))
		g.outcome[s.ID] = "success"
		if !g.step(w, s, workspace, env) {
			g.failed[name], g.outcome[s.ID] = true, "failure"
		}
		if g.killed != "" && g.killed == s.Name {
			g.failed[name] = true
			return
		}
	}
	summary, err := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		g.Fatal(err)
	}
	g.summary += string(summary)
}

// condition decides the conditions that the examples have.
func (g *github) condition(text string, failed bool) bool {
	g.Helper()
	switch text {
	case "":
		return !failed
	case "github.ref == 'refs/heads/main'":
		return g.pull == 0
	case "always() && steps.apply.outcome != 'skipped'":
		return g.outcome["apply"] != ""
	case "always() && steps.push.outcome != 'success' && steps.push.outcome != 'skipped'":
		return g.outcome["push"] == "failure"
	case "${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}":
		return !g.fork
	case "steps.plan.outputs.changes == 'true'":
		return !failed && g.values["steps.plan.outputs.changes"] == "true"
	case "needs.plan.outputs.changes == 'true'":
		return !failed && g.values["needs.plan.outputs.changes"] == "true"
	}
	g.Fatalf("%s: the test does not know the condition %q", g.file, text)
	return false
}

var expression = regexp.MustCompile(`\$\{\{ *([a-zA-Z0-9_.-]+) *\}\}`)

// expand puts in the values of expressions. A secret that is not there is empty, as on GitHub.
func (g *github) expand(text string) string {
	g.Helper()
	return expression.ReplaceAllStringFunc(text, func(m string) string {
		name := expression.FindStringSubmatch(m)[1]
		value, known := g.values[name]
		if !known && !strings.HasPrefix(name, "secrets.") && !strings.HasPrefix(name, "vars.") && !strings.HasPrefix(name, "steps.") && !strings.HasPrefix(name, "inputs.") {
			g.Fatalf("%s: the test does not know the expression %q", g.file, name)
		}
		return value
	})
}

func (g *github) step(w workflow, s step, workspace string, env map[string]string) bool {
	g.Helper()
	action, _, _ := strings.Cut(s.Uses, "@")
	switch action {
	case "":
		return g.shell(w, s, workspace, env)
	case "mokasync/mokasync": // TestAction runs it
	case "actions/checkout":
		ref := g.expand(s.With["ref"])
		if ref == "" && g.pull == 0 {
			ref = "main"
		}
		if ref != "" {
			g.checkout(workspace, ref)
			break
		}
		g.checkout(workspace, "main") // of a pull request: its merge into main
		g.git(workspace, "merge", "-q", "--no-ff", "--no-edit", "origin/"+g.head)
	case "actions/upload-artifact":
		files, err := filepath.Glob(filepath.Join(map[bool]string{true: workspace}[!filepath.IsAbs(g.expand(s.With["path"]))], g.expand(s.With["path"])))
		if err != nil {
			g.Fatal(err)
		}
		for _, f := range files {
			g.copy(f, filepath.Join(g.artifacts, s.With["name"], filepath.Base(f)))
		}
		return len(files) > 0 || s.With["if-no-files-found"] == "ignore"
	case "actions/download-artifact":
		files, err := filepath.Glob(filepath.Join(g.artifacts, s.With["name"], "*"))
		if err != nil || len(files) == 0 {
			g.Fatalf("there is no artifact %s (%v)", s.With["name"], err)
		}
		for _, f := range files {
			g.copy(f, filepath.Join(g.expand(s.With["path"]), filepath.Base(f)))
		}
	default:
		g.Fatalf("%s: the test does not know the action %s", g.file, s.Uses)
	}
	return true
}

func (c *company) copy(from, to string) {
	c.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// shell runs a step's lines as GitHub's runner does.
func (g *github) shell(w workflow, s step, workspace string, env map[string]string) bool {
	g.Helper()
	if err := os.MkdirAll(workspace, 0o755); err != nil { // a job without a checkout has it too
		g.Fatal(err)
	}
	all := maps.Clone(env)
	for _, more := range []map[string]string{w.Env, s.Env} {
		for name, value := range more {
			all[name] = g.expand(value)
		}
	}
	all["MOKA_ENDPOINT"] = g.mokaURL
	out, ok := g.bash(workspace, s.Run, all)
	g.log += out
	output, err := os.ReadFile(env["GITHUB_OUTPUT"])
	if err != nil {
		g.Fatal(err)
	}
	for line := range strings.Lines(string(output)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		g.values["steps."+s.ID+".outputs."+name] = value
	}
	return ok
}

// bash runs lines with nothing of this machine's environment but what programs need.
func (c *company) bash(folder, lines string, env map[string]string) (string, bool) {
	c.Helper()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.TempDir(), "TMPDIR=" + c.TempDir(), "MOKASYNC_SETTLE=300ms"}
	cmd.Env = append(cmd.Env, noGitSettings...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	return fmt.Sprintf("$ %s\n%s", lines, out), err == nil
}

const (
	planWorkflow  = "mokasync-plan.yaml"
	applyWorkflow = "mokasync-apply.yaml"
	staleWorkflow = "mokasync-stale.yaml"
)

// gym gives the manifests of examples/gym as the company's billing folder.
func gym(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := filepath.Glob("../../examples/gym/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files["billing/"+filepath.Base(name)] = string(text)
	}
	return files
}

const (
	iron = "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: iron}\nspec: {productName: Demir}\n"
	tin  = "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: tin}\nspec: {productName: Teneke}\n"
)

// ran wants steps, by job, to have been done, and no others with "Apply" or "Push" in them.
func (g *github) ran(name string, want bool) {
	g.Helper()
	if got := slices.Contains(g.done, name); got != want {
		g.Errorf("%q was run: %v, want %v; run were %q\n%s", name, got, want, g.done, g.log)
	}
}

func (g *github) succeeds() *github {
	g.Helper()
	if len(g.failed) > 0 {
		g.Fatalf("%s: failed: %v\n%s", g.file, g.failed, g.log)
	}
	return g
}

// The whole way: a branch, its plan as a comment, the merge, the apply of the very plan, the lockfile pushed, and a second run with nothing to do.
func TestGitHubWholeWay(t *testing.T) {
	c := found(t, gym(t))
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	first := c.ledger()
	if first.Counts.Sales != 7 {
		t.Fatalf("%d sales at Moka, want 7", first.Counts.Sales)
	}
	sales := gym(t)["billing/sales.yaml"]
	c.branch("price", map[string]string{"billing/sales.yaml": strings.Replace(sales, "149.90", "159.90", 1)})
	c.forge.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: c.tip("price")})
	planned := (&github{company: c, file: planWorkflow, pull: 7, head: "price"}).start().succeeds()
	comments := c.forge.Comments(7)
	if len(comments) != 1 || !strings.Contains(comments[0].Body, "159.90") || !strings.Contains(comments[0].Body, "149.90") {
		t.Fatalf("the comments are %+v, want one that shows the price", comments)
	}
	if !strings.Contains(planned.summary, "159.90") {
		t.Errorf("the summary does not show the price:\n%s", planned.summary)
	}
	if n := c.wrote(first); n != 0 {
		t.Fatalf("the plan of a pull request made %d writes", n)
	}
	c.merge("price")
	applied := (&github{company: c, file: applyWorkflow}).start().succeeds()
	applied.ran("apply: Apply", true)
	if n := c.wrote(first); n != 1 {
		t.Errorf("%d writes, want one UpdateSale\n%s", n, applied.log)
	}
	if lock := c.git(c.bare, "show", "main:"+c.lockfile()); !strings.Contains(lock, `"amount":"159.90"`) {
		t.Errorf("the lockfile on main does not know the price:\n%s", lock)
	}
	again := (&github{company: c, file: applyWorkflow}).start().succeeds()
	again.ran("apply: Apply", false)
	if !strings.Contains(again.log, "No changes") {
		t.Errorf("the second plan is not empty:\n%s", again.log)
	}
	c.clean()
}

// lockfile is where the company's is in its repository.
func (c *company) lockfile() string {
	return "billing/mokasync." + strings.ReplaceAll(strings.TrimPrefix(c.mokaURL, "http://"), ":", "_") + ".lock"
}

// A pull request from a fork has no secrets and may not comment: annotations and summary are there, and nothing of a secret's.
func TestGitHubFork(t *testing.T) {
	c := found(t, gym(t))
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	before := c.ledger()
	customers := gym(t)["billing/customers.yaml"]
	c.branch("theirs", map[string]string{"billing/customers.yaml": strings.Replace(customers, "TAŞDELEN", "MODA", 1), "billing/iron.yaml": iron})
	g := (&github{company: c, file: planWorkflow, pull: 8, head: "theirs", fork: true}).start().succeeds()
	g.ran("plan: Comment", false)
	for _, want := range []string{"product/iron", "personal fields not compared"} {
		if !strings.Contains(g.summary, want) && !strings.Contains(g.log, want) {
			t.Errorf("neither summary nor log has %q:\n%s\n%s", want, g.summary, g.log)
		}
	}
	if strings.Contains(g.log+g.summary, "MODA") {
		t.Error("a personal value is shown")
	}
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes", n)
	}
	// A mistake in it fails the check, at its line.
	c.branch("wrong", map[string]string{"billing/iron.yaml": strings.Replace(iron, "productName", "productNam", 1)})
	bad := (&github{company: c, file: planWorkflow, pull: 9, head: "wrong", fork: true}).start()
	if !bad.failed["plan"] || !strings.Contains(bad.log, "::error file=billing/iron.yaml,line=4,") {
		t.Errorf("failed is %v, and the log:\n%s", bad.failed, bad.log)
	}
}

// Two pull requests are merged at once. Each plan is applied as it was made, and main gets what both did, whichever pushes first.
func TestGitHubTwoMerges(t *testing.T) {
	c := found(t, gym(t))
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	before := c.ledger()
	c.branch("iron", map[string]string{"billing/iron.yaml": iron})
	c.branch("tin", map[string]string{"billing/tin.yaml": tin})
	c.merge("iron")
	// The second is merged while the first run has planned and not applied: its apply is of the plan's commit, and pushes to a branch that has moved.
	one := &github{company: c, file: applyWorkflow, between: func() { c.merge("tin") }}
	one.start().succeeds()
	if n := c.wrote(before); n != 1 {
		t.Fatalf("%d writes of the first run, want the one that was planned\n%s", n, one.log)
	}
	two := (&github{company: c, file: applyWorkflow}).start().succeeds()
	if n := c.wrote(before); n != 2 {
		t.Fatalf("%d writes of both, want 2\n%s", n, two.log)
	}
	(&github{company: c, file: applyWorkflow}).start().succeeds().ran("apply: Apply", false)
	lock := c.git(c.bare, "show", "main:"+c.lockfile())
	for _, product := range []string{"product/iron", "product/tin"} {
		if !strings.Contains(lock, product) {
			t.Errorf("main's lockfile does not know %s", product)
		}
	}
	c.clean()
}

// The runner dies after the apply and before the push: the next run finds all of it at Moka, writes nothing again, and pushes.
func TestGitHubKilledBeforePush(t *testing.T) {
	c := found(t, gym(t))
	dead := (&github{company: c, file: applyWorkflow, killed: "Apply"}).start()
	if !dead.failed["apply"] {
		t.Fatal("the job lives")
	}
	if text := c.git(c.bare, "ls-tree", "-r", "--name-only", "main"); strings.Contains(text, ".lock") {
		t.Fatalf("the lockfile was pushed:\n%s", text)
	}
	before := c.ledger()
	again := (&github{company: c, file: applyWorkflow}).start().succeeds()
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes were made again\n%s", n, again.log)
	}
	if !strings.Contains(again.log, "25 of 25 done") {
		t.Errorf("the log does not account for all:\n%s", again.log)
	}
	(&github{company: c, file: applyWorkflow}).start().succeeds().ran("apply: Apply", false)
	c.clean()
}

// main takes no push: the lockfile goes to a branch of its own, the job fails, and the log says what to do. Once it is merged, nothing is left to do.
func TestGitHubProtectedBranch(t *testing.T) {
	c := found(t, gym(t))
	unprotect := c.protect()
	g := (&github{company: c, file: applyWorkflow}).start()
	if !g.failed["apply"] {
		t.Fatal("the job is green although main does not have the lockfile")
	}
	branch := regexp.MustCompile(`mokasync/lockfile-[0-9a-f]{12}`).FindString(g.log)
	if branch == "" || !strings.Contains(g.log, "into main before the next apply") || !strings.Contains(g.log, "protected branch hook declined") {
		t.Fatalf("the log does not say what happened and what to do:\n%s", g.log)
	}
	if _, err := os.Stat(filepath.Join(g.artifacts, "mokasync-lockfile")); err != nil {
		t.Errorf("the lockfile is no artifact: %v", err)
	}
	unprotect()
	before := c.ledger()
	c.merge(branch)
	(&github{company: c, file: applyWorkflow}).start().succeeds().ran("apply: Apply", false)
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// protect has main take no push any more.
func (c *company) protect() (unprotect func()) {
	c.Helper()
	hook := filepath.Join(c.bare, "hooks", "update")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\n[ \"$1\" != refs/heads/main ] || { echo 'protected branch hook declined'; exit 1; }\n"), 0o755); err != nil {
		c.Fatal(err)
	}
	return func() {
		if err := os.Remove(hook); err != nil {
			c.Fatal(err)
		}
	}
}

// A job of an old run is run again after its sale got another name and was applied: it must not be made under both.
func TestGitHubOldJobAgain(t *testing.T) {
	c := found(t, gym(t))
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	const pilates = "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: pilates}\nspec: {customer: elif, product: personal-training, schedule: monthly-1, cards: [elif-card], amount: \"90\", beginDate: \"2035-01-01\", endDate: never}\n"
	c.branch("pilates", map[string]string{"billing/pilates.yaml": pilates})
	c.merge("pilates")
	old := (&github{company: c, file: applyWorkflow, killed: "Pull the lockfile"}).start()
	if !old.failed["apply"] {
		t.Fatal("the job lives")
	}
	c.branch("renamed", map[string]string{"billing/pilates.yaml": strings.Replace(pilates, "pilates", "pilates-2", 1)})
	c.merge("renamed")
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	before := c.ledger()
	old.again("apply")
	if !old.failed["apply"] || !strings.Contains(old.log, "is not the plan any more, nothing was sent") {
		t.Errorf("failed is %v, and the log:\n%s", old.failed, old.log)
	}
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// What an apply recorded aside is not merged, and its sale gets another name: the next apply waits for the merge.
func TestGitHubRecordNotMerged(t *testing.T) {
	c := found(t, gym(t))
	unprotect := c.protect()
	first := (&github{company: c, file: applyWorkflow}).start()
	branch := regexp.MustCompile(`mokasync/lockfile-[0-9a-f]{12}`).FindString(first.log)
	unprotect()
	sales := gym(t)["billing/sales.yaml"]
	c.branch("renamed", map[string]string{"billing/sales.yaml": strings.Replace(sales, "name: elif-monthly", "name: elif-yearly", 1)})
	c.merge("renamed")
	before := c.ledger()
	g := (&github{company: c, file: applyWorkflow}).start()
	if !g.failed["apply"] || !strings.Contains(g.log, "is on the branch "+branch) {
		t.Errorf("failed is %v, and the log:\n%s", g.failed, g.log)
	}
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// The comments of other open pull requests are marked when main has moved.
func TestGitHubStale(t *testing.T) {
	c := found(t, gym(t))
	(&github{company: c, file: applyWorkflow}).start().succeeds()
	c.branch("iron", map[string]string{"billing/iron.yaml": iron})
	c.branch("tin", map[string]string{"billing/tin.yaml": tin})
	c.forge.SetBranch("main", c.tip("main"))
	for number, name := range map[int]string{7: "iron", 8: "tin"} {
		c.forge.SetPull(forgetest.Pull{Number: number, Base: "main", Head: c.tip(name)})
		(&github{company: c, file: planWorkflow, pull: number, head: name}).start().succeeds()
	}
	fresh := c.forge.Comments(8)[0].Body
	c.merge("iron")
	c.forge.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: c.tip("iron"), Closed: true})
	(&github{company: c, file: staleWorkflow}).start().succeeds()
	now := c.forge.Comments(8)[0].Body
	if now == fresh || !strings.Contains(now, "main") {
		t.Errorf("the comment does not say that main has moved:\n%s", now)
	}
}

// The action builds mokasync and puts it on the PATH.
func TestAction(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Runs struct{ Steps []step } }
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	c, temp := &company{T: t}, t.TempDir()
	env := map[string]string{"SOURCE": root, "RELEASE": "v1.2.3", "RUNNER_TEMP": temp, "GITHUB_PATH": filepath.Join(temp, "path")}
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE", "GOPROXY"} { // what is built and loaded already serves here too
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Skipf("no go here: %v", err)
		}
		env[name] = strings.TrimSpace(string(value))
	}
	lines := 0
	for _, s := range action.Runs.Steps {
		if s.Run == "" {
			continue
		}
		lines++
		out, ok := c.bash(temp, s.Run, env)
		if !ok || !regexp.MustCompile(`mokasync v1\.2\.3\+[0-9a-f]{12} `).MatchString(out) {
			t.Fatalf("%v: %s", ok, out)
		}
	}
	path, err := os.ReadFile(filepath.Join(temp, "path"))
	if err != nil || lines == 0 || strings.TrimSpace(string(path)) != filepath.Join(temp, "mokasync") {
		t.Errorf("the PATH gets %q (%v)", path, err)
	}
}
