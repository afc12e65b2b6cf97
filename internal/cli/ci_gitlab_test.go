package cli_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forge/forgetest"
	"gopkg.in/yaml.v3"
)

// pipeline is a .gitlab-ci.yml as far as the example uses it.
type pipeline struct {
	Stages    []string
	Variables map[string]string
	Jobs      map[string]*gitlabJob `yaml:",inline"`
}

type gitlabJob struct {
	Extends      string
	Image        string
	Stage        string
	Needs        []string
	Rules        []struct{ If, When string }
	BeforeScript []string `yaml:"before_script"`
	Script       []string
	Artifacts    struct {
		When     string
		Paths    []string
		ExposeAs string `yaml:"expose_as"`
	}
	Environment   string
	ResourceGroup string `yaml:"resource_group"`
}

// gitlab is one pipeline: of a merge request, or of the default branch.
type gitlab struct {
	*company
	request int // 0 for the default branch
	head    string
	// killed is the command after which the job's runner dies.
	killed string
	// between is what happens before the job that is started by hand.
	between func()

	log    string
	failed map[string]bool
}

// start runs the jobs whose rules say so, stage by stage; those that are started by hand too, if what they need was done.
func (g *gitlab) start() *gitlab {
	g.Helper()
	text, err := os.ReadFile("../../examples/ci/gitlab/.gitlab-ci.yml")
	if err != nil {
		g.Fatal(err)
	}
	var p pipeline
	if err := yaml.Unmarshal(text, &p); err != nil {
		g.Fatal(err)
	}
	if p.Variables["MOKA_ENDPOINT"] != "live" {
		g.Fatalf("the pipeline speaks to %q, want live", p.Variables["MOKA_ENDPOINT"])
	}
	g.failed = map[string]bool{}
	sha := g.tip("main") // of the push that began the pipeline
	artifacts := map[string]string{}
	for _, stage := range p.Stages {
		for name, job := range p.Jobs {
			if job.Stage != stage || !g.rule(job) || len(job.Needs) > 0 && g.failed[job.Needs[0]] {
				continue
			}
			if job.Environment != "" && g.between != nil {
				g.between()
			}
			folder := filepath.Join(g.TempDir(), "builds")
			g.checkout(folder, g.ref(sha))
			for _, needed := range job.Needs {
				g.copyAll(artifacts[needed], folder)
			}
			base := p.Jobs[job.Extends]
			lines := strings.Join(append(append([]string{}, base.BeforeScript...), job.Script...), "\n")
			if g.killed != "" {
				before, _, found := strings.Cut(lines, g.killed)
				if found {
					line, _, _ := strings.Cut(lines[len(before):], "\n")
					lines = before + line + "\nkill -9 $$"
				}
			}
			out, ok := g.bash(folder, lines, g.variables(p, job, folder, sha))
			g.log += out
			g.failed[name] = !ok
			artifacts[name] = filepath.Join(g.TempDir(), "artifacts")
			if ok == (job.Artifacts.When != "on_failure") || job.Artifacts.When == "always" {
				g.keep(folder, artifacts[name], job.Artifacts.Paths, p.Variables)
			}
		}
	}
	return g
}

func (g *gitlab) ref(sha string) string {
	if g.request != 0 {
		return g.tip(g.head)
	}
	return sha
}

// rule decides the rules that the example has.
func (g *gitlab) rule(job *gitlabJob) bool {
	g.Helper()
	for _, r := range job.Rules {
		switch r.If {
		case `$CI_PIPELINE_SOURCE == "merge_request_event"`:
			if g.request != 0 {
				return true
			}
		case "$CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH":
			if g.request == 0 {
				return true
			}
		default:
			g.Fatalf("the test does not know the rule %q", r.If)
		}
	}
	return false
}

// variables are those of the example, of GitLab, and of the project's settings; protected ones are not there for merge requests.
func (g *gitlab) variables(p pipeline, job *gitlabJob, folder, sha string) map[string]string {
	env := maps.Clone(p.Variables)
	maps.Copy(env, map[string]string{
		"CI": "true", "GITLAB_CI": "true", "CI_API_V4_URL": g.apiURL + "/api/v4", "CI_PROJECT_ID": "1", "CI_PROJECT_PATH": forgetest.Repository, "CI_PROJECT_URL": "https://gitlab.example.com/" + forgetest.Repository, "CI_DEFAULT_BRANCH": "main", "CI_PROJECT_DIR": folder,
		"MOKA_ENDPOINT": g.mokaURL, "MOKA_DEALER_CODE": g.secrets["vars.MOKA_DEALER_CODE"], "MOKASYNC_KEY": g.secrets["secrets.MOKASYNC_KEY"], "GITLAB_TOKEN": "elif",
		// The address that the job pushes to is the bare repository of this test.
		"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.file://" + g.bare + ".insteadOf", "GIT_CONFIG_VALUE_0": "https://gitlab.example.com/" + forgetest.Repository + ".git",
	})
	if g.request != 0 {
		maps.Copy(env, map[string]string{
			"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": fmt.Sprint(g.request), "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": g.git(g.bare, "merge-base", "main", g.head),
			"CI_COMMIT_SHA": g.tip(g.head), "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "", "CI_COMMIT_REF_NAME": g.head,
		})
		return env
	}
	maps.Copy(env, map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_SHA": sha, "CI_COMMIT_REF_NAME": "main"})
	if job.Environment == "moka" {
		maps.Copy(env, map[string]string{"MOKA_USERNAME": g.secrets["secrets.MOKA_USERNAME"], "MOKA_PASSWORD": g.secrets["secrets.MOKA_PASSWORD"], "LOCKFILE_TOKEN": "push-token"})
	}
	return env
}

func (c *company) keep(folder, to string, patterns []string, variables map[string]string) {
	c.Helper()
	for _, pattern := range patterns {
		pattern = os.Expand(pattern, func(name string) string { return variables[name] })
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			c.Fatal(err)
		}
		for _, f := range files {
			c.copy(f, filepath.Join(to, filepath.Base(f)))
		}
	}
}

func (c *company) copyAll(from, to string) {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(from, "*"))
	if err != nil || len(files) == 0 {
		c.Fatalf("there is no artifact in %s (%v)", from, err)
	}
	for _, f := range files {
		c.copy(f, filepath.Join(to, filepath.Base(f)))
	}
}

func (g *gitlab) succeeds() *gitlab {
	g.Helper()
	for name, failed := range g.failed {
		if failed {
			g.Fatalf("%s failed:\n%s", name, g.log)
		}
	}
	if len(g.failed) == 0 {
		g.Fatal("no job ran")
	}
	return g
}

func (g *gitlab) nothingToDo() {
	g.Helper()
	if !strings.Contains(g.log, "No changes") {
		g.Errorf("there is something to do:\n%s", g.log)
	}
}

// The whole way at GitLab: the comment on the merge request, the reviewed plan, the lockfile pushed, and nothing left to do.
func TestGitLabWholeWay(t *testing.T) {
	c := found(t, gym(t))
	(&gitlab{company: c}).start().succeeds()
	before := c.ledger()
	if before.Counts.Sales != 7 {
		t.Fatalf("%d sales at Moka, want 7", before.Counts.Sales)
	}
	sales := gym(t)["billing/sales.yaml"]
	c.branch("price", map[string]string{"billing/sales.yaml": strings.Replace(sales, "149.90", "159.90", 1)})
	c.forge.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: c.tip("price")})
	(&gitlab{company: c, request: 7, head: "price"}).start().succeeds()
	if comments := c.forge.Comments(7); len(comments) != 1 || !strings.Contains(comments[0].Body, "159.90") {
		t.Fatalf("the notes are %+v, want one that shows the price", comments)
	}
	if n := c.wrote(before); n != 0 {
		t.Fatalf("the plan of a merge request made %d writes", n)
	}
	c.merge("price")
	one := (&gitlab{company: c}).start().succeeds()
	if n := c.wrote(before); n != 1 {
		t.Errorf("%d writes, want one UpdateSale\n%s", n, one.log)
	}
	if strings.Contains(one.log, "push-token") {
		t.Error("the token that pushes stands in the log")
	}
	(&gitlab{company: c}).start().succeeds().nothingToDo()
	c.clean()
}

// Main moves while the plan waits for a person: what was planned is applied, and the lockfile goes on top of what came.
func TestGitLabTwoMerges(t *testing.T) {
	c := found(t, gym(t))
	(&gitlab{company: c}).start().succeeds()
	before := c.ledger()
	c.branch("iron", map[string]string{"billing/iron.yaml": iron})
	c.branch("tin", map[string]string{"billing/tin.yaml": tin})
	c.merge("iron")
	(&gitlab{company: c, between: func() { c.merge("tin") }}).start().succeeds()
	if n := c.wrote(before); n != 1 {
		t.Fatalf("%d writes of the first pipeline, want the one that was planned", n)
	}
	(&gitlab{company: c}).start().succeeds()
	if n := c.wrote(before); n != 2 {
		t.Fatalf("%d writes of both, want 2", n)
	}
	(&gitlab{company: c}).start().succeeds().nothingToDo()
	c.clean()
}

// A newer pipeline has overtaken one that waits for a person, and a sale got another name in between: the older one is refused.
func TestGitLabOvertaken(t *testing.T) {
	c := found(t, gym(t))
	(&gitlab{company: c}).start().succeeds()
	const pilates = "apiVersion: mokasync/v1\nkind: Sale\nmetadata: {name: pilates}\nspec: {customer: elif, product: personal-training, schedule: monthly-1, cards: [elif-card], amount: \"90\", beginDate: \"2035-01-01\", endDate: never}\n"
	c.branch("pilates", map[string]string{"billing/pilates.yaml": pilates})
	c.merge("pilates")
	sold := c.ledger().SalesEverAdded
	old := &gitlab{company: c, between: func() {
		c.branch("renamed", map[string]string{"billing/pilates.yaml": strings.Replace(pilates, "pilates", "pilates-2", 1)})
		c.merge("renamed")
		(&gitlab{company: c}).start().succeeds()
	}}
	if old.start(); !old.failed["mokasync-apply"] || !strings.Contains(old.log, "is not the plan any more, nothing was sent") {
		t.Errorf("failed is %v, and the log:\n%s", old.failed, old.log)
	}
	if n := c.ledger().SalesEverAdded - sold; n != 1 {
		t.Errorf("%d sales were made, want 1", n)
	}
}

func TestGitLabKilledBeforePush(t *testing.T) {
	c := found(t, gym(t))
	if dead := (&gitlab{company: c, killed: "mokasync apply"}).start(); !dead.failed["mokasync-apply"] {
		t.Fatal("the job lives")
	}
	before := c.ledger()
	(&gitlab{company: c}).start().succeeds()
	if n := c.wrote(before); n != 0 {
		t.Errorf("%d writes were made again", n)
	}
	(&gitlab{company: c}).start().succeeds().nothingToDo()
	c.clean()
}

func TestGitLabProtectedBranch(t *testing.T) {
	c := found(t, gym(t))
	c.protect()
	g := (&gitlab{company: c}).start()
	if !g.failed["mokasync-apply"] || !strings.Contains(g.log, "into main before the next apply") {
		t.Errorf("failed is %v, and the log:\n%s", g.failed, g.log)
	}
}
