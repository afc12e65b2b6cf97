package forge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Action says what was done about a comment.
type Action string

// The actions.
const (
	Created   Action = "created"
	Edited    Action = "edited"
	Unchanged Action = "unchanged" // it said so already
	Skipped   Action = "skipped"   // there was no call for one, or a newer one stands there
	Marked    Action = "marked"    // the banner was put in
	Cleared   Action = "cleared"   // the banner was taken out: what was planned against is the newest again
)

// Post is a comment as it is to be.
type Post struct {
	Number int // of the pull request
	Marker Marker
	Text   string // Markdown below the marker, at most Room(Marker) bytes
	// Author is the login under which we write; "" asks the forge.
	Author string
	// EditOnly: where no comment of ours is, none is made.
	EditOnly bool
}

// Body is the comment as it is sent while nothing has moved since it was planned.
func (p Post) Body() string { return p.partsWith("").body() }

func (p Post) partsWith(banner string) parts {
	return parts{first: p.Marker.line() + "\n", banner: banner, text: p.Text}
}

// Result is what became of a Post.
type Result struct {
	Action  Action
	Comment Comment  // zero where there is none
	Notes   []string // what a person should know, a sentence each
}

// rounds is how often Put looks again at what stands there; each round ends it, unless somebody else was at work or an answer was lost.
const rounds = 6

// Put sees to it that the pull request has one comment of ours with the marker's ID, which says what p says: it edits the first it finds, makes one where there is
// none, and deletes further ones, which two runs at the same time may have made. It touches no comment of anybody else. Where the call that makes a comment
// ends without an answer, it looks before it makes another.
//
// A plan of a commit that is not the pull request's newest does not replace the plan of another commit: that is Skipped.
func (c *Client) Put(ctx context.Context, p Post) (*Result, error) {
	if n := len(p.Text) - Room(p.Marker); n > 0 || p.Marker.ID == "" {
		return nil, fmt.Errorf("the comment's text is %d bytes too long, or it has no ID", max(n, 0))
	}
	w := &putting{Client: c, Post: p}
	if w.Author == "" {
		var err error
		if w.Author, err = c.login(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	for range rounds {
		var done bool
		if done, err = w.round(ctx); done {
			if err != nil {
				return nil, err
			}
			return &w.result, nil
		}
	}
	if err == nil {
		err = &Error{Doing: fmt.Sprintf("comment on %s %d", c.o.Kind.Request(), p.Number), Message: "somebody else is changing the same comments; run it again"}
	}
	return nil, err
}

// putting is one Put.
type putting struct {
	*Client
	Post
	request Pull // as it was at the last look
	result  Result
	lost    int // how many calls to make a comment ended without an answer
}

// round looks at what is there and does what is to be done about it. It reports false where it must be looked at again; err is then what it ends with if that
// comes to nothing.
func (w *putting) round(ctx context.Context) (bool, error) {
	at, err := w.standing(ctx)
	if err != nil {
		return true, err
	}
	mine, err := w.mine(ctx)
	if err != nil {
		return true, err
	}
	if newer := w.newer(mine, at); newer != nil {
		return true, w.giveWay(ctx, newer, at)
	}
	body := w.partsWith(bannerOf(w.Marker, at)).body()
	if len(mine) == 0 {
		if w.result.Action == Created {
			return true, nil // the forge's list is behind its own answer, or somebody has deleted it
		}
		if w.EditOnly {
			w.result.Action = Skipped
			return true, nil
		}
		return w.create(ctx, body)
	}
	if done, err := w.edit(ctx, mine[0], body); !done || err != nil {
		return done, err
	}
	return w.deleteAll(ctx, mine[1:])
}

// standing reads how the pull request stands.
func (w *putting) standing(ctx context.Context) (now, error) {
	var err error
	if w.request, err = w.pull(ctx, w.Number); err != nil {
		return now{}, err
	}
	commit, err := w.branchCommit(ctx, w.request.Base)
	return now{w.request.Base, commit, w.request.HeadCommit, w.o.Kind}, err
}

// mine lists our comments with the marker's ID, the oldest first.
func (w *putting) mine(ctx context.Context) ([]Comment, error) {
	all, err := w.comments(ctx, w.request)
	var mine []Comment
	for _, one := range all {
		if m, ok := markerOf(one, w.Author); ok && m.ID == w.Marker.ID {
			mine = append(mine, one)
		}
	}
	slices.SortFunc(mine, func(a, b Comment) int { return cmp.Compare(a.ID, b.ID) })
	return mine, err
}

// markerOf gives a comment's marker, if the author wrote it. Anybody can write a marker; what others wrote is none of ours.
func markerOf(c Comment, author string) (Marker, bool) {
	if c.Author == "" || !strings.EqualFold(c.Author, author) {
		return Marker{}, false
	}
	p, ok := take(c.Body)
	return p.marker, ok
}

// newer gives a comment that must not be replaced: ours is not of the pull request's newest commit, and it is of another one.
func (w *putting) newer(mine []Comment, at now) *Comment {
	if w.Marker.HeadCommit == at.headCommit {
		return nil
	}
	for i := range mine {
		if m, _ := markerOf(mine[i], w.Author); m.HeadCommit != w.Marker.HeadCommit {
			return &mine[i]
		}
	}
	return nil
}

// giveWay leaves a newer comment alone, and takes back one that this Put has made beside it.
func (w *putting) giveWay(ctx context.Context, newer *Comment, at now) error {
	if w.result.Action == Created && w.result.Comment.ID != newer.ID {
		if err := w.delete(ctx, w.request, w.result.Comment.ID); err != nil && !gone(err) {
			return err
		}
	}
	w.result.Action, w.result.Comment = Skipped, *newer
	w.result.Notes = append(w.result.Notes, fmt.Sprintf("the %s is at commit %.12s, and this plan is of %.12s: the comment that is there was left as it is", w.o.Kind.Request(), w.plain(at.headCommit), w.Marker.HeadCommit))
	return nil
}

// create makes the comment. The next round sees whether another run made one too, or, where no answer came, whether it was made.
func (w *putting) create(ctx context.Context, body string) (bool, error) {
	made, err := w.host.create(ctx, w.request, body)
	var e *Error
	if errors.As(err, &e) && e.Unknown {
		// It is looked for twice as late each time: what was sent may still be on its way.
		pause := 2 * time.Second << w.lost
		if w.lost++; w.lost > 3 || w.waited+pause > w.o.Wait {
			return true, err
		}
		if err := w.pause(ctx, pause); err != nil {
			return true, err
		}
		return false, err
	}
	if err != nil {
		return true, err
	}
	w.result.Action, w.result.Comment = Created, made
	if made.Author != "" && !strings.EqualFold(made.Author, w.Author) {
		w.result.Notes = append(w.result.Notes, fmt.Sprintf("the token writes as %s, not as %s: give --author %[1]s", w.plain(made.Author), w.Author))
		w.Author = made.Author
	}
	return false, nil
}

// edit gives the first comment the body, if it has another. One that is gone meanwhile asks for another look.
func (w *putting) edit(ctx context.Context, first Comment, body string) (bool, error) {
	created := w.result.Action == Created && w.result.Comment.ID == first.ID
	switch {
	case !same(first.Body, body):
		edited, err := w.host.edit(ctx, w.request, first.ID, body)
		if gone(err) {
			return false, err
		}
		if err != nil {
			return true, err
		}
		first, w.result.Action = edited, Edited
	case w.lost > 0:
		w.result.Action = Created // by the call whose answer was lost
	case !created && w.result.Action != Edited:
		w.result.Action = Unchanged
	}
	w.result.Comment = first
	return true, nil
}

// deleteAll deletes comments of ours beside the first.
func (w *putting) deleteAll(ctx context.Context, further []Comment) (bool, error) {
	for _, one := range further {
		err := w.delete(ctx, w.request, one.ID)
		var e *Error
		switch {
		case err == nil, gone(err):
		case errors.As(err, &e) && e.Unknown && w.waited+time.Second <= w.o.Wait:
			if err := w.pause(ctx, time.Second); err != nil {
				return true, err
			}
			return false, err
		default:
			return true, err
		}
	}
	return true, nil
}

func gone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.NotFound()
}
