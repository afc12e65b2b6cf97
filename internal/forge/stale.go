package forge

import (
	"context"
	"errors"
	"time"
)

// Stale says which comments MarkStale looks at.
type Stale struct {
	Base   string // the branch that has moved
	ID     string // "" for the comments of every environment
	Author string // as in Post
}

// Looked is one comment that MarkStale found.
type Looked struct {
	Number  int    // of the pull request
	Action  Action // Marked, Cleared or Unchanged
	Comment Comment
}

// MarkStale goes through the open pull requests of a branch, and puts a banner at the top of our comments whose plan was made against another commit than the
// one at the branch's head, or of another than the pull request's. Where that is so no longer the banner goes. The text below it stays as it is.
//
// What the forge refuses for one pull request does not keep it from the others: the errors come joined, with what was done.
func (c *Client) MarkStale(ctx context.Context, s Stale) ([]Looked, error) {
	if s.Author == "" {
		var err error
		if s.Author, err = c.login(ctx); err != nil {
			return nil, err
		}
	}
	commit, err := c.branchCommit(ctx, s.Base)
	if err != nil {
		return nil, err
	}
	pulls, err := c.openPulls(ctx, s.Base)
	if err != nil {
		return nil, err
	}
	m := &marking{Client: c, Stale: s}
	var refused []error
	for _, p := range pulls {
		err := m.request(ctx, p, now{p.Base, commit, p.HeadCommit, c.o.Kind})
		var e *Error
		switch {
		case err == nil:
		case errors.As(err, &e) && e.refused() && !e.ReadOnly():
			refused = append(refused, err)
		default:
			return m.looked, errors.Join(append(refused, err)...)
		}
	}
	return m.looked, errors.Join(refused...)
}

// marking is one MarkStale.
type marking struct {
	*Client
	Stale
	looked []Looked
	wrote  bool
}

func (m *marking) request(ctx context.Context, p Pull, at now) error {
	all, err := m.comments(ctx, p)
	if err != nil {
		return err
	}
	for _, one := range all {
		marker, ok := markerOf(one, m.Author)
		if !ok || m.ID != "" && marker.ID != m.ID {
			continue
		}
		l := Looked{Number: p.Number, Action: Unchanged, Comment: one}
		if _, action := restated(one.Body, at); action != Unchanged {
			if err := m.mark(ctx, p, &l, at); err != nil {
				if gone(err) {
					continue
				}
				return err
			}
		}
		m.looked = append(m.looked, l)
	}
	return nil
}

// mark edits one comment. It reads it again first: a plan may have been put there since the list was read.
func (m *marking) mark(ctx context.Context, p Pull, l *Looked, at now) error {
	if m.wrote {
		// GitHub asks for a second between writes.
		if err := m.o.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	fresh, err := m.comment(ctx, p, l.Comment.ID)
	if err != nil {
		return err
	}
	body, action := restated(fresh.Body, at)
	if _, ok := markerOf(fresh, m.Author); !ok || action == Unchanged {
		l.Comment = fresh
		return nil
	}
	m.wrote = true
	if l.Comment, err = m.edit(ctx, p, fresh.ID, body); err == nil {
		l.Action = action
	}
	return err
}

// restated gives a comment of ours the banner that it should have.
func restated(body string, at now) (string, Action) {
	p, ok := take(body)
	if !ok {
		return body, Unchanged
	}
	banner := bannerOf(p.marker, at)
	switch {
	case same(banner, p.banner):
		return body, Unchanged
	case banner == "":
		p.banner = ""
		return p.body(), Cleared
	}
	p.banner = banner
	return p.body(), Marked
}
