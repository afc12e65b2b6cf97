package forge_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

// clock is a clock that goes on only when somebody sleeps.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}

// cleaner is what a test and a rapid.T have in common here.
type cleaner interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
}

var commit = func(letter string) string { return strings.Repeat(letter, 40) }

// side is one of the forges, and what tests of it go by.
type side struct {
	kind          forge.Kind
	under         string // of its API's address
	token, author string // that may write, and as whom
	reader        string // that may only read
	edit, list    string // an edit's method; how the path of pull request 7's comments ends
}

var (
	onGitHub = side{
		kind:  forge.GitHub,
		token: "workflow", author: "github-actions[bot]", reader: "fork", edit: "PATCH", list: "/issues/7/comments",
	}
	onGitLab = side{
		kind: forge.GitLab, under: "/api/v4",
		token: "project", author: forgetest.ProjectBot, reader: "reader", edit: "PUT", list: "/merge_requests/7/notes",
	}
)

// onEach runs a test on both forges.
func onEach(t *testing.T, test func(*testing.T, side)) {
	for _, at := range []side{onGitHub, onGitLab} {
		t.Run(string(at.kind), func(t *testing.T) { test(t, at) })
	}
}

// serve serves a forge with pull request 7 into main.
func (at side) serve(t cleaner) (*forgetest.Forge, *httptest.Server, *clock) {
	t.Helper()
	c := newClock()
	f := forgetest.New(c.now)
	f.SetBranch("main", commit("a"))
	f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: commit("b")})
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s, c
}

// client makes a client that may wait two minutes of the clock.
func (at side) client(t cleaner, s *httptest.Server, c *clock, token string) *forge.Client {
	t.Helper()
	out, err := forge.New(forge.Options{
		Kind: at.kind, Address: s.URL + at.under, Repository: forgetest.Repository, Token: token, UserAgent: "mokasync/test", Wait: 2 * time.Minute, Now: c.now, Sleep: c.sleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// post is a plan of the newest commits.
func post(text string) forge.Post {
	return forge.Post{Number: 7, Text: text, Marker: forge.Marker{ID: "live mokasync.live.lock", Base: "main", BaseCommit: commit("a"), HeadCommit: commit("b"), Digest: "d1"}}
}

func put(t *testing.T, c *forge.Client, p forge.Post) *forge.Result {
	t.Helper()
	r, err := c.Put(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// only gives the one comment that stands on pull request 7.
func only(t *testing.T, f *forgetest.Forge) forgetest.Comment {
	t.Helper()
	all := f.Comments(7)
	if len(all) != 1 {
		t.Fatalf("%d comments, want 1: %+v", len(all), all)
	}
	return all[0]
}
