package forge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// gitlab is GitLab's REST API, version 4: a merge request's comments are its notes.
type gitlab struct{ *wire }

func newGitLab(w *wire) gitlab {
	w.header = http.Header{"Accept": {"application/json"}, "Private-Token": {w.o.Token}}
	return gitlab{w}
}

type gitlabNote struct {
	ID     int64  `json:"id"`
	Body   string `json:"body"`
	System bool   `json:"system"` // GitLab's own, such as "added 1 commit"
	Author *struct {
		Username string `json:"username"`
	} `json:"author"`
}

// read gives a note as a comment on p. A note has no address of its own: it is a place on its merge request's page.
func (g gitlab) read(w gitlabNote, p Pull) Comment {
	out := Comment{ID: w.ID, Body: w.Body, URL: p.URL}
	if p.URL != "" {
		out.URL += "#note_" + strconv.FormatInt(w.ID, 10)
	}
	if w.Author != nil {
		out.Author = w.Author.Username
	}
	return out
}

type gitlabMerge struct {
	Number int    `json:"iid"`
	Target string `json:"target_branch"`
	SHA    string `json:"sha"`
	URL    string `json:"web_url"`
}

func (g gitlab) request(w gitlabMerge) Pull {
	return Pull{Number: w.Number, Base: w.Target, HeadCommit: w.SHA, URL: g.plain(w.URL)}
}

func (g gitlab) login(ctx context.Context) (string, error) {
	type user struct {
		Username string `json:"username"`
	}
	u, err := read(ctx, g.wire, get(askingLogin, g.path("user"), nil), func(u user) bool { return u.Username != "" }, "user")
	return u.Username, err
}

func (g gitlab) pull(ctx context.Context, number int) (Pull, error) {
	doing := "read " + g.on(Pull{Number: number})
	w, err := read(ctx, g.wire, get(doing, g.inProject("merge_requests", strconv.Itoa(number)), nil), func(w gitlabMerge) bool { return w.Target != "" && w.SHA != "" }, "branches")
	return g.request(w), err
}

func (g gitlab) openPulls(ctx context.Context, base string) ([]Pull, error) {
	var out []Pull
	address := g.inProject("merge_requests") + "?state=opened&order_by=created_at&sort=asc&per_page=100&target_branch=" + url.QueryEscape(base)
	err := pages(ctx, g.wire, "list the open merge requests", address, func(w gitlabMerge) {
		if w.Target == base && w.SHA != "" {
			out = append(out, g.request(w))
		}
	})
	return out, err
}

func (g gitlab) branchCommit(ctx context.Context, branch string) (string, error) {
	type head struct {
		Commit struct {
			ID string `json:"id"`
		} `json:"commit"`
	}
	w, err := read(ctx, g.wire, get("read the branch "+g.plain(branch), g.inProject("repository", "branches", branch), nil), func(w head) bool { return w.Commit.ID != "" }, "commit")
	return w.Commit.ID, err
}

func (g gitlab) comments(ctx context.Context, p Pull) ([]Comment, error) {
	var out []Comment
	err := pages(ctx, g.wire, "list the comments of "+g.on(p), g.notes(p)+"?order_by=created_at&sort=asc&per_page=100", func(w gitlabNote) {
		if !w.System {
			out = append(out, g.read(w, p))
		}
	})
	return out, err
}

func (g gitlab) comment(ctx context.Context, p Pull, id int64) (Comment, error) {
	return g.one(ctx, p, get(fmt.Sprintf("read comment %d", id), g.notes(p, id), nil))
}

func (g gitlab) create(ctx context.Context, p Pull, body string) (Comment, error) {
	return g.one(ctx, p, call{
		doing: "comment on " + g.on(p), method: http.MethodPost, url: g.notes(p), body: map[string]string{"body": body}, found: http.StatusCreated,
	})
}

func (g gitlab) edit(ctx context.Context, p Pull, id int64, body string) (Comment, error) {
	return g.one(ctx, p, call{
		doing: fmt.Sprintf("edit comment %d", id), method: http.MethodPut, url: g.notes(p, id), body: map[string]string{"body": body}, again: true, found: http.StatusOK,
	})
}

func (g gitlab) delete(ctx context.Context, p Pull, id int64) error {
	_, err := g.do(ctx, call{doing: fmt.Sprintf("delete comment %d", id), method: http.MethodDelete, url: g.notes(p, id), found: http.StatusNoContent})
	return err
}

func (g gitlab) one(ctx context.Context, p Pull, k call) (Comment, error) {
	w, err := read(ctx, g.wire, k, func(w gitlabNote) bool { return w.ID != 0 }, "comment")
	return g.read(w, p), err
}

// notes gives the URL of a merge request's notes, or of one of them.
func (g gitlab) notes(p Pull, id ...int64) string {
	segments := []string{"merge_requests", strconv.Itoa(p.Number), "notes"}
	for _, n := range id {
		segments = append(segments, strconv.FormatInt(n, 10))
	}
	return g.inProject(segments...)
}

// inProject gives the URL of something of the project, whose path is one segment.
func (g gitlab) inProject(segments ...string) string {
	return g.path(append([]string{"projects", g.o.Repository}, segments...)...)
}
