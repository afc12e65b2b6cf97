package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type commentOptions struct {
	planOptions
	forge, repository, address, id, author string
	base, head, baseBranch                 string
	number                                 int
	wait                                   time.Duration
	onlyChanges, dryRun, stale             bool
}

func (a *app) commentCommand() *cobra.Command {
	var o commentOptions
	cmd := &cobra.Command{
		Use:   "comment [PATH…]",
		Short: "Plan, and keep one comment with the plan on the pull request or merge request",
		Long: `Plan as "mokasync plan" does, and post the plan as a comment on a pull request of GitHub or a merge request of GitLab, or edit the comment that is
there: one for each environment. What a workflow on pull_request, or a merge request pipeline, has in its environment says where; or flags do. The token is
GITHUB_TOKEN or GITLAB_TOKEN.

With --stale it plans nothing: for a pipeline on push to the base branch, it marks the comments whose plan was made against an older commit.`,
		Example: "  mokasync comment --endpoint live\n  mokasync comment billing --dry-run\n  mokasync comment --stale --base-branch main",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return err
			}
			if o.stale {
				return a.markStale(cmd.Context(), o)
			}
			return a.comment(cmd.Context(), a.pathsOr(args), o)
		},
	}
	o.planOptions.add(cmd)
	o.add(cmd)
	return cmd
}

func (o *commentOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there are changes")
	f.BoolVar(&o.onlyChanges, "only-changes", false, "make no comment where there are no changes; one that is there is edited")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the comment and post nothing; needs no token")
	f.BoolVar(&o.stale, "stale", false, "plan nothing; mark the comments whose plan is older than the base branch")
	f.StringVar(&o.forge, "forge", "", "github or gitlab (default: the one whose pipeline this is, or github)")
	f.StringVar(&o.repository, "repo", "", "owner/name; on GitLab group/name, or the project's number (default: the pipeline's)")
	f.IntVar(&o.number, "pr", 0, "number of the pull request or merge request (default: the pipeline's)")
	f.StringVar(&o.address, "api-url", "", "the API's address (default: GITHUB_API_URL or CI_API_V4_URL, else "+forge.GitHub.Address()+" or "+forge.GitLab.Address()+")")
	f.StringVar(&o.base, "base", "", "commit of the base branch that is planned against (default: the one that is merged into the working tree, or the pipeline's)")
	f.StringVar(&o.head, "head", "", "commit of the pull request that is planned (default: the pipeline's)")
	f.StringVar(&o.baseBranch, "base-branch", "", "the base branch (default: the pipeline's; with --stale the branch that it runs for)")
	f.StringVar(&o.id, "id", "", "tells this comment from others on the same pull request (default: endpoint and lockfile)")
	f.StringVar(&o.author, "author", "", "login that the token writes as, if it is a GitHub app's that may not ask (default: asked for, or "+forge.WorkflowAuthor+")")
	f.DurationVar(&o.wait, "wait", 2*time.Minute, "how long to wait in all where the forge asks for fewer calls or gives no answer")
}

// check judges the flags.
func (o *commentOptions) check(cmd *cobra.Command, args []string) error {
	if err := o.planOptions.check(cmd); err != nil {
		return err
	}
	var err error
	switch number := cmd.Flags().Changed("pr"); {
	case o.personal:
		err = errors.New("a comment shows no personal data: leave out --show-personal")
	case o.wait < 0:
		err = fmt.Errorf("--wait is a duration from zero, not %v", o.wait)
	case o.forge != "" && o.forge != string(forge.GitHub) && o.forge != string(forge.GitLab):
		err = fmt.Errorf("--forge is %s or %s, not %q", forge.GitHub, forge.GitLab, o.forge)
	case number && o.number < 1:
		err = fmt.Errorf("--pr is the number of a pull request, not %d", o.number)
	case o.stale && len(args) > 0:
		err = errors.New("--stale plans nothing and takes no PATH")
	case o.stale && (number || o.dryRun || o.onlyChanges || o.base != "" || o.head != ""):
		err = errors.New("--stale looks at all open pull requests, and goes with --forge, --repo, --base-branch, --id, --author, --api-url and --wait only")
	}
	if err != nil {
		return usageError(cmd, err)
	}
	return nil
}

// comment plans, and sees to the comment. What is missing to post it is said before anything is planned.
func (a *app) comment(ctx context.Context, paths []string, o commentOptions) error {
	j, err := a.job(o)
	if err != nil {
		return err
	}
	at, err := j.requestOf(ctx, paths, o)
	if err != nil {
		return err
	}
	var client *forge.Client
	if !o.dryRun {
		if client, err = a.client(o, j, at.repository); err != nil {
			return err
		}
	}
	made, err := a.plannedOrMistaken(ctx, paths, &o.planOptions)
	if err != nil {
		return err
	}
	if t := made.target; t.inProcess && !t.said {
		a.warn("no endpoint is said, so the plan is that of the embedded sandbox: say --endpoint, MOKA_ENDPOINT, or --env")
	}
	made.name()
	a.tellDiagnostics(made.diagnostics, false)
	if a.flags.verbose && !made.bad() {
		if err := render.PlanText(a.Stderr, "plan", made.plan, a.planStyle(a.StderrTTY, false, true)); err != nil {
			return writing(err)
		}
	}
	post, err := a.post(ctx, made, at, o)
	if err != nil {
		return err
	}
	if o.dryRun {
		_, err = io.WriteString(a.Stdout, post.Body())
	} else {
		err = a.put(ctx, j, client, post, o.format)
	}
	switch {
	case err != nil:
		return err
	case made.bad():
		return codeError(exitRefused)
	case o.detailedExitcode && made.plan.HasChanges():
		return codeError(exitChanges)
	}
	return nil
}

// plannedOrMistaken plans, or gives the mistakes of mokasync.yaml, with the account as far as it can be told.
func (a *app) plannedOrMistaken(ctx context.Context, paths []string, o *planOptions) (*planned, error) {
	if !spec.HasErrors(a.project.mistakes) {
		return a.makePlan(ctx, paths, o)
	}
	t, err := a.account(o.targetFlags, paths)
	if err != nil {
		return nil, err
	}
	return &planned{plan: &plan.Plan{Endpoint: t.name, Dealer: t.dealer()}, diagnostics: a.project.mistakes, target: t, options: o.saved(paths)}, nil
}

// post makes the comment of a plan.
func (a *app) post(ctx context.Context, made *planned, at pullRequest, o commentOptions) (forge.Post, error) {
	post := forge.Post{
		Number: at.number, Author: o.author, EditOnly: o.onlyChanges && !made.bad() && !made.plan.HasChanges(),
		Marker: forge.Marker{ID: o.id, Base: at.base, BaseCommit: at.baseCommit, HeadCommit: at.headCommit, Digest: made.plan.Digest},
	}
	if post.Marker.ID == "" {
		post.Marker.ID = made.target.name + " " + inRepository(made.target.store.Path)
	}
	if len(post.Marker.ID) > maxCommentID {
		return post, fmt.Errorf("the comment's ID is longer than %d bytes: give a shorter one with --id", maxCommentID)
	}
	commit := at.headCommit
	if commit == "" {
		commit = commitOf(ctx, folderOf(made.options.Paths))
	}
	var text strings.Builder
	err := render.PlanMarkdown(&text, made.plan, made.diagnostics, render.MarkdownOptions{
		Digest: made.plan.Digest, Commit: commit, Limit: forge.Room(post.Marker), Full: made.command(),
	})
	post.Text = text.String()
	return post, err
}

// maxCommentID leaves the plan nearly all of the comment.
const maxCommentID = 1000

// command is the command that shows a plan whole, as one types it in a shell.
func (p *planned) command() string {
	o := p.options
	words := []string{"mokasync plan"}
	if len(o.Paths) != 1 || o.Paths[0] != "." {
		words = append(words, o.Paths...)
	}
	words = append(words, p.target.flags()...)
	if o.Refresh {
		words = append(words, "--refresh")
	}
	if o.Prune {
		words = append(words, "--prune")
	}
	for _, f := range []struct {
		name   string
		values []string
	}{{"-l", slices.DeleteFunc([]string{o.Selector}, func(s string) bool { return s == "" })}, {"--target", o.Targets}, {"--exclude", o.Excluded}, {"--kind", o.Kinds}, {"--recreate", o.Recreate}} {
		for _, v := range f.values {
			words = append(words, f.name, v)
		}
	}
	for i, w := range words[1:] {
		words[i+1] = shellWord(w)
	}
	return strings.Join(words, " ")
}

// shellWord puts a word into quotes where a shell would read it otherwise.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./:=,@%+", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// put posts the comment and tells what was done.
func (a *app) put(ctx context.Context, j job, client *forge.Client, post forge.Post, format string) error {
	result, err := client.Put(ctx, post)
	if err != nil {
		return j.failed(err)
	}
	for _, note := range result.Notes {
		a.warn("%s", render.Line(note))
	}
	return a.tellComment(result.Action, result.Comment, format)
}

// commentJSON is a comment in JSON; url is "" and id 0 where there is none.
type commentJSON struct {
	Action      forge.Action `json:"action"`
	PullRequest int          `json:"pullRequest,omitempty"`
	URL         string       `json:"url"`
	ID          int64        `json:"id"`
}

func (a *app) tellComment(action forge.Action, c forge.Comment, format string) error {
	if format == "json" {
		return writing(json.NewEncoder(a.Stdout).Encode(commentJSON{Action: action, URL: c.URL, ID: c.ID}))
	}
	where := c.URL
	if c.ID == 0 {
		where = "no changes, and no comment to edit"
	}
	_, err := fmt.Fprintf(a.Stdout, "%s: %s\n", commentActions[action], render.Line(where))
	return writing(err)
}

var commentActions = map[forge.Action]string{
	forge.Created: "Created", forge.Edited: "Edited", forge.Unchanged: "Unchanged", forge.Skipped: "Skipped", forge.Marked: "Marked as out of date", forge.Cleared: "Up to date again",
}

// markStale marks the comments whose plan is older than the base branch.
func (a *app) markStale(ctx context.Context, o commentOptions) error {
	j, err := a.job(o)
	if err != nil {
		return err
	}
	repository, branch, err := j.baseBranch(o)
	if err != nil {
		return err
	}
	client, err := a.client(o, j, repository)
	if err != nil {
		return err
	}
	looked, failed := client.MarkStale(ctx, forge.Stale{Base: branch, ID: o.id, Author: o.author})
	if err := a.tellLooked(j, branch, looked, o.format); err != nil {
		return err
	}
	return j.failed(failed)
}

func (a *app) tellLooked(j job, branch string, looked []forge.Looked, format string) error {
	if format == "json" {
		out := struct {
			BaseBranch string        `json:"baseBranch"`
			Comments   []commentJSON `json:"comments"`
		}{branch, []commentJSON{}}
		for _, l := range looked {
			out.Comments = append(out.Comments, commentJSON{l.Action, l.Number, l.Comment.URL, l.Comment.ID})
		}
		return writing(json.NewEncoder(a.Stdout).Encode(out))
	}
	for _, l := range looked {
		if _, err := fmt.Fprintf(a.Stdout, "%s: %s\n", commentActions[l.Action], render.Line(l.Comment.URL)); err != nil {
			return writing(err)
		}
	}
	if len(looked) == 0 {
		_, err := fmt.Fprintf(a.Stdout, "No open %s into %s has a plan of mokasync.\n", j.kind.Request(), render.Line(branch))
		return writing(err)
	}
	return nil
}
