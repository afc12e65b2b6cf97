package forge

import (
	"context"
	"fmt"
	"net/http"
)

// Kind is which forge it is.
type Kind string

// The forges.
const (
	GitHub Kind = "github"
	GitLab Kind = "gitlab"
)

// Request is what the forge calls a pull request.
func (k Kind) Request() string {
	if k == GitLab {
		return "merge request"
	}
	return "pull request"
}

// Address is the API of the forge's own site.
func (k Kind) Address() string {
	if k == GitLab {
		return "https://gitlab.com/api/v4"
	}
	return "https://api.github.com"
}

// Comment is a comment on a pull request.
type Comment struct {
	ID     int64
	URL    string // for people
	Author string // login; "" if the account is gone
	Body   string // Markdown as it was sent
}

// Pull is a pull request.
type Pull struct {
	Number     int
	Base       string // the branch that it is to be merged into
	HeadCommit string // the commit at its own branch's head
	URL        string // for people; "" where the forge's comments have their own
}

// host is a forge's API, as far as Put and MarkStale need it. Its errors are Error, LimitError, or the context's. What reads, and edit, is repeated where no
// answer came; create and delete are sent once.
type host interface {
	// login is the login under which the token writes.
	login(ctx context.Context) (string, error)
	pull(ctx context.Context, number int) (Pull, error)
	// openPulls lists the open pull requests that are to be merged into a branch.
	openPulls(ctx context.Context, base string) ([]Pull, error)
	// branchCommit is the commit at a branch's head.
	branchCommit(ctx context.Context, branch string) (string, error)
	// comments lists what people and programs wrote on a pull request.
	comments(ctx context.Context, p Pull) ([]Comment, error)
	comment(ctx context.Context, p Pull, id int64) (Comment, error)
	create(ctx context.Context, p Pull, body string) (Comment, error)
	edit(ctx context.Context, p Pull, id int64, body string) (Comment, error)
	delete(ctx context.Context, p Pull, id int64) error
}

// get is a call that reads.
func get(doing, url string, into any) call {
	return call{doing: doing, method: http.MethodGet, url: url, again: true, found: http.StatusOK, into: into}
}

// maxPages bounds a list: a forge that has no last page must not hold a job for ever.
const maxPages = 1000

// pages reads a list to its end.
func pages[T any](ctx context.Context, c *wire, doing, address string, take func(T)) error {
	for range maxPages {
		var page []T
		next, err := c.do(ctx, get(doing, address, &page))
		if err != nil {
			return err
		}
		for _, one := range page {
			take(one)
		}
		if next == "" {
			return nil
		}
		address = next
	}
	return &Error{Doing: doing, Message: "the list has no end"}
}

// read makes a call whose answer is one T, and hands it on if it is whole.
func read[T any](ctx context.Context, c *wire, k call, whole func(T) bool, lacks string) (T, error) {
	var out T
	k.into = &out
	if _, err := c.do(ctx, k); err != nil {
		return out, err
	}
	if !whole(out) {
		return out, &Error{Doing: k.doing, Message: "the answer names no " + lacks, Unknown: k.method != http.MethodGet}
	}
	return out, nil
}

// on names a pull request in what is told of a call.
func (c *wire) on(p Pull) string { return fmt.Sprintf("%s %d", c.o.Kind.Request(), p.Number) }
