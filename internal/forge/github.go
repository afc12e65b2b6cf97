package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// github is GitHub's REST API: a pull request's comments are those of its issue.
type github struct{ *wire }

func newGitHub(w *wire) github {
	w.header = http.Header{
		"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}, "Authorization": {"Bearer " + w.o.Token},
	}
	return github{w}
}

type githubComment struct {
	ID   int64  `json:"id"`
	URL  string `json:"html_url"`
	Body string `json:"body"`
	User *struct {
		Login string `json:"login"`
	} `json:"user"`
}

func (g github) read(w githubComment) Comment {
	out := Comment{ID: w.ID, URL: g.plain(w.URL), Body: w.Body}
	if w.User != nil {
		out.Author = w.User.Login
	}
	return out
}

type githubPull struct {
	Number int `json:"number"`
	Base   struct {
		Ref string `json:"ref"`
	} `json:"base"`
	Head struct {
		SHA string `json:"sha"`
	} `json:"head"`
}

func (w githubPull) pull() Pull {
	return Pull{Number: w.Number, Base: w.Base.Ref, HeadCommit: w.Head.SHA}
}

// WorkflowAuthor is the login that writes what a workflow's own token writes.
const WorkflowAuthor = "github-actions[bot]"

// login asks whose the token is. Tokens of apps may not ask: then it is taken for a workflow's.
func (g github) login(ctx context.Context) (string, error) {
	type user struct {
		Login string `json:"login"`
	}
	u, err := read(ctx, g.wire, get(askingLogin, g.path("user"), nil), func(u user) bool { return u.Login != "" }, "user")
	var e *Error
	if errors.As(err, &e) && (e.Status == http.StatusForbidden || e.NotFound()) {
		return WorkflowAuthor, nil
	}
	return u.Login, err
}

const askingLogin = "find out whose the token is"

func (g github) pull(ctx context.Context, number int) (Pull, error) {
	doing := "read " + g.on(Pull{Number: number})
	w, err := read(ctx, g.wire, get(doing, g.inRepository("pulls", strconv.Itoa(number)), nil), func(w githubPull) bool { return w.Base.Ref != "" && w.Head.SHA != "" }, "branches")
	return w.pull(), err
}

func (g github) openPulls(ctx context.Context, base string) ([]Pull, error) {
	var out []Pull
	address := g.inRepository("pulls") + "?state=open&sort=created&direction=asc&per_page=100&base=" + url.QueryEscape(base)
	err := pages(ctx, g.wire, "list the open pull requests", address, func(w githubPull) {
		// A forge that knows no such filter would give all.
		if w.Base.Ref == base {
			out = append(out, w.pull())
		}
	})
	return out, err
}

// branchCommit asks for the branch: a pull request's own base.sha is that of its last push, not of now.
func (g github) branchCommit(ctx context.Context, branch string) (string, error) {
	type head struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	w, err := read(ctx, g.wire, get("read the branch "+g.plain(branch), g.inRepository("branches", branch), nil), func(w head) bool { return w.Commit.SHA != "" }, "commit")
	return w.Commit.SHA, err
}

func (g github) comments(ctx context.Context, p Pull) ([]Comment, error) {
	var out []Comment
	err := pages(ctx, g.wire, "list the comments of "+g.on(p), g.inRepository("issues", strconv.Itoa(p.Number), "comments")+"?per_page=100", func(w githubComment) { out = append(out, g.read(w)) })
	return out, err
}

func (g github) comment(ctx context.Context, _ Pull, id int64) (Comment, error) {
	return g.one(ctx, get(fmt.Sprintf("read comment %d", id), g.at(id), nil))
}

func (g github) create(ctx context.Context, p Pull, body string) (Comment, error) {
	return g.one(ctx, call{
		doing: "comment on " + g.on(p), method: http.MethodPost, url: g.inRepository("issues", strconv.Itoa(p.Number), "comments"), body: map[string]string{"body": body}, found: http.StatusCreated,
	})
}

func (g github) edit(ctx context.Context, _ Pull, id int64, body string) (Comment, error) {
	return g.one(ctx, call{
		doing: fmt.Sprintf("edit comment %d", id), method: http.MethodPatch, url: g.at(id), body: map[string]string{"body": body}, again: true, found: http.StatusOK,
	})
}

func (g github) delete(ctx context.Context, _ Pull, id int64) error {
	_, err := g.do(ctx, call{doing: fmt.Sprintf("delete comment %d", id), method: http.MethodDelete, url: g.at(id), found: http.StatusNoContent})
	return err
}

func (g github) one(ctx context.Context, k call) (Comment, error) {
	w, err := read(ctx, g.wire, k, func(w githubComment) bool { return w.ID != 0 }, "comment")
	return g.read(w), err
}

func (g github) at(id int64) string {
	return g.inRepository("issues", "comments", strconv.FormatInt(id, 10))
}

func (g github) inRepository(segments ...string) string {
	owner, name, _ := strings.Cut(g.o.Repository, "/")
	return g.path(append([]string{"repos", owner, name}, segments...)...)
}
