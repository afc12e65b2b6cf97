package cli_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/forge/forgetest"
	"github.com/rogpeppe/go-internal/testscript"
)

// forges are those of the scripts, by a script's work folder.
var forges sync.Map

// The commits of forgeCommand's pull request.
var baseCommit, headCommit = strings.Repeat("a", 40), strings.Repeat("b", 40)

// forgeCommand is the scripts' `forge`, a forge with pull request 7 into main:
//
//	forge serve              starts it, and sets what a workflow on pull_request has in its environment
//	forge serve gitlab       starts it, and sets what a merge request pipeline of a fork has in its environment
//	forge actions N          comments have made N quick actions at GitLab
//	forge comments N         prints the comments of pull request N: "#id author", and the text
//	forge say N AUTHOR FILE  comments as somebody
//	forge branch NAME C      moves a branch to commit CCCC…
//	forge pull N BASE C      makes a pull request, or gives it the commit CCCC…
//	forge fail METHOD KIND [SECONDS]   has the next call of a method fail
//	forge writes N           there were N writes since the last `forge writes`
func forgeCommand(ts *testscript.TestScript, _ bool, args []string) {
	if args[0] == "serve" {
		serveForge(ts, len(args) > 1)
		return
	}
	stored, ok := forges.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("forge serve first")
	}
	f := stored.(*forgetest.Forge)
	switch args[0] {
	case "comments":
		for _, c := range f.Comments(count(ts, args[1])) {
			fmt.Fprintf(ts.Stdout(), "#%d %s\n%s\n", c.ID, c.Author, c.Body)
		}
	case "say":
		f.Say(count(ts, args[1]), args[2], ts.ReadFile(args[3]))
	case "branch":
		f.SetBranch(args[1], strings.Repeat(args[2], 40))
	case "pull":
		f.SetPull(forgetest.Pull{Number: count(ts, args[1]), Base: args[2], Head: strings.Repeat(args[3], 40)})
	case "fail":
		x := forgetest.Fault{Method: args[1], Kind: forgetest.Kind(args[2])}
		if len(args) > 3 {
			x.For = time.Duration(count(ts, args[3])) * time.Second
		}
		f.Fail(x)
	case "actions":
		if got := f.QuickActions(); len(got) != count(ts, args[1]) {
			ts.Fatalf("the quick actions are %q, want %s", got, args[1])
		}
	case "writes":
		if got := f.Writes(); got != count(ts, args[1]) {
			ts.Fatalf("%d writes, want %s", got, args[1])
		}
	default:
		ts.Fatalf("forge has no %s", args[0])
	}
}

func count(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

func serveForge(ts *testscript.TestScript, gitlab bool) {
	f := forgetest.New(nil)
	f.SetBranch("main", baseCommit)
	f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: headCommit})
	server := httptest.NewServer(f)
	ts.Defer(server.Close)
	forges.Store(ts.Getenv("WORK"), f)
	if gitlab {
		// A merge request's pipeline may run in the fork, project 99.
		for name, value := range map[string]string{
			"GITLAB_CI": "true", "CI_API_V4_URL": server.URL + "/api/v4", "CI_PROJECT_ID": "99", "CI_PROJECT_PATH": "elif/billing", "CI_MERGE_REQUEST_PROJECT_ID": forgetest.ProjectNumber,
			"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": baseCommit, "CI_COMMIT_SHA": headCommit, "CI_DEFAULT_BRANCH": "main",
			"GITLAB_TOKEN": "project",
		} {
			ts.Setenv(name, value)
		}
		return
	}
	event := filepath.Join(ts.Getenv("WORK"), ".event.json")
	ts.Check(os.WriteFile(event, fmt.Appendf(nil, `{"action":"synchronize","number":7,"pull_request":{"number":7,"base":{"ref":"main","sha":%q},"head":{"sha":%q}}}`, baseCommit, headCommit), 0o600))
	for name, value := range map[string]string{
		"GITHUB_API_URL": server.URL, "GITHUB_REPOSITORY": forgetest.Repository, "GITHUB_TOKEN": "workflow", "GITHUB_EVENT_PATH": event,
	} {
		ts.Setenv(name, value)
	}
}
