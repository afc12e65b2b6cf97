package cli

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/mokasync/mokasync/internal/forge"
)

// gitlabRights is what a token needs.
const gitlabRights = "the scope api, and the role Reporter or more in the project"

// gitlabJob reads what a pipeline has in its environment (GitLab's predefined variables). That of a merge request from a fork may run in the fork: the merge request's
// number counts in the project that it is to be merged into, which CI_MERGE_REQUEST_PROJECT_ID names.
func (a *app) gitlabJob() (job, error) {
	j := job{kind: forge.GitLab, address: a.getenv("CI_API_V4_URL"), token: a.getenv("GITLAB_TOKEN"), branch: cmp.Or(a.getenv("CI_COMMIT_BRANCH"), a.getenv("CI_DEFAULT_BRANCH")), words: jobWords{
		address: "CI_API_V4_URL", token: "GITLAB_TOKEN", head: "CI_COMMIT_SHA", base: "CI_MERGE_REQUEST_DIFF_BASE_SHA",
		repository: "set CI_PROJECT_ID or CI_PROJECT_PATH=group/name, or give --repo",
		request:    "run it in a merge request pipeline, whose CI_MERGE_REQUEST_… variables say it",
		push:       "run it in a pipeline of that branch, whose CI_COMMIT_BRANCH says it",
		noToken:    "make a project access token with " + gitlabRights + ", and give it as the masked variable GITLAB_TOKEN; CI_JOB_TOKEN may not comment",
		readOnly:   "the token needs " + gitlabRights,
		rights:     gitlabRights,
	}}
	j.repository = cmp.Or(a.getenv("CI_MERGE_REQUEST_PROJECT_ID"), a.getenv("CI_PROJECT_ID"), a.getenv("CI_PROJECT_PATH"))
	text := a.getenv("CI_MERGE_REQUEST_IID")
	if text == "" {
		return j, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 {
		return j, fmt.Errorf("CI_MERGE_REQUEST_IID: %q is not the number of a merge request", text)
	}
	j.number, j.base = number, a.getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
	// Where the merge of both is built, CI_COMMIT_SHA is that merge, and both branches' commits have variables of their own, which are empty elsewhere.
	j.headCommit = cmp.Or(a.getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"), a.getenv("CI_COMMIT_SHA"))
	j.baseCommit = cmp.Or(a.getenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"), a.getenv("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
	return j, nil
}
