package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mokasync/mokasync/internal/forge"
)

// event is what a workflow's event says of its pull request.
type event struct {
	Number      int `json:"number"`
	PullRequest struct {
		Number int `json:"number"`
		Base   struct {
			Ref string `json:"ref"`
			SHA string `json:"sha"`
		} `json:"base"`
		Head struct {
			SHA string `json:"sha"`
		} `json:"head"`
	} `json:"pull_request"`
	Issue struct {
		Number int `json:"number"`
	} `json:"issue"`
}

// event reads the workflow's event; without one it is empty.
func (a *app) event() (e event, err error) {
	path := a.getenv("GITHUB_EVENT_PATH")
	if path == "" {
		return e, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return e, fmt.Errorf("GITHUB_EVENT_PATH: cannot read %s: %w", path, underlying(err))
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("GITHUB_EVENT_PATH: %s is not the JSON of an event", path)
	}
	return e, nil
}

// githubRights is what a workflow's token needs.
const githubRights = "`permissions: {contents: read, pull-requests: write}`"

// githubJob reads what a workflow has in its environment. Where it runs on push, its event is not read: it says nothing of a pull request.
func (a *app) githubJob(push bool) (job, error) {
	j := job{kind: forge.GitHub, address: a.getenv("GITHUB_API_URL"), token: a.getenv("GITHUB_TOKEN"), words: jobWords{
		address: "GITHUB_API_URL", token: "GITHUB_TOKEN", head: "GITHUB_EVENT_PATH", base: "GITHUB_EVENT_PATH",
		repository: "set GITHUB_REPOSITORY=owner/name, or give --repo",
		request:    "run it in a workflow on pull_request, whose event in GITHUB_EVENT_PATH says it",
		push:       "run it in a workflow on push to that branch, whose GITHUB_REF_NAME says it",
		noToken:    "in a workflow: `env: {GITHUB_TOKEN: ${{ github.token }}}` and " + githubRights,
		readOnly: "for a fork's pull request the token only reads: show the plan in the step summary (mokasync plan --format github) or keep `mokasync comment --dry-run` as an artifact; " +
			"in your own repository give the job " + githubRights + " (docs/comments.md)",
		rights: githubRights,
	}}
	if a.getenv("GITHUB_REF_TYPE") != "tag" {
		j.branch = a.getenv("GITHUB_REF_NAME")
	}
	if j.repository = a.getenv("GITHUB_REPOSITORY"); push {
		return j, nil
	}
	e, err := a.event()
	j.pullRequest = pullRequest{
		repository: j.repository, number: cmp.Or(e.PullRequest.Number, e.Number, e.Issue.Number), base: cmp.Or(e.PullRequest.Base.Ref, a.getenv("GITHUB_BASE_REF")),
		baseCommit: e.PullRequest.Base.SHA, headCommit: e.PullRequest.Head.SHA,
	}
	return j, err
}
