// Package forgetest is a forge for tests: an http.Handler that keeps comments, pull requests and branches, and answers as GitHub's REST API does, and below /api/v4
// as GitLab's. It is as strict as they are where that matters: length of a comment, pages, limits, quick actions, who may write what. It shares nothing with the client.
//
// store.go is what it keeps, handler.go takes the calls, github.go and gitlab.go are what each forge answers, faults.go what can go wrong on the way.
package forgetest

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Forge is a forge with one repository, owner/name.
type Forge struct {
	mu       sync.Mutex
	now      func() time.Time
	prefix   string // of every path
	tokens   map[string]Token
	branches map[string]string
	pulls    map[int]*Pull
	comments []*Comment
	last     int64
	faults   []Fault
	late     []late
	calls    []string
	actions  []string
}

// Repository is the only one; on GitLab it is project ProjectNumber.
const (
	Repository    = "acme/billing"
	ProjectNumber = "1"
)

// ProjectBot is the user of a project's own token on GitLab.
const ProjectBot = "project_1_bot_0f1e2d3c"

// Token is what a token may do, and as whom.
type Token struct {
	Login string
	// App: it is an app's or a workflow's, and may not ask who it is.
	App bool
	// ReadOnly: as of a workflow that a fork's pull request started.
	ReadOnly bool
}

// Pull is a pull request.
type Pull struct {
	Number            int
	Base, Head        string // branch, and the commit of its own
	Closed, Locked    bool
	BaseCommitAtWrite string // what it says of its base: as it was at its last push
}

// Comment is a comment.
type Comment struct {
	ID     int64
	Number int
	Author string
	Body   string
	Edits  int
}

// New makes an empty forge; now nil means the machine's clock. It knows the tokens "workflow", "fork", "app" and "elif", a person's, and
// GitLab's "project", a project's own, and "reader", one with the scope read_api.
func New(now func() time.Time) *Forge {
	if now == nil {
		now = time.Now
	}
	return &Forge{
		now: now, branches: map[string]string{}, pulls: map[int]*Pull{}, last: 100,
		tokens: map[string]Token{
			"workflow": {Login: "github-actions[bot]", App: true},
			"fork":     {Login: "github-actions[bot]", App: true, ReadOnly: true},
			"app":      {Login: "acme-billing[bot]", App: true},
			"elif":     {Login: "elif"},
			"project":  {Login: ProjectBot},
			"reader":   {Login: ProjectBot, ReadOnly: true},
		},
	}
}

// Under puts everything below a path, as a forge of one's own does.
func (f *Forge) Under(prefix string) { f.prefix = prefix }

// SetBranch makes or moves a branch.
func (f *Forge) SetBranch(name, commit string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.branches[name] = commit
}

// SetPull makes or changes a pull request.
func (f *Forge) SetPull(p Pull) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.BaseCommitAtWrite == "" {
		p.BaseCommitAtWrite = f.branches[p.Base]
	}
	f.pulls[p.Number] = &p
}

// Say makes a comment as somebody, past the API.
func (f *Forge) Say(number int, author, body string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.add(number, author, body).ID
}

// Remove deletes a comment as a person would.
func (f *Forge) Remove(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remove(id)
}

// Comments gives a copy of what stands on a pull request, the oldest first.
func (f *Forge) Comments(number int) []Comment {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Comment
	for _, c := range f.comments {
		if c.Number == number {
			out = append(out, *c)
		}
	}
	return out
}

// Calls lists the calls so far, "METHOD path", and begins anew.
func (f *Forge) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// QuickActions lists what GitLab would have done because a comment said so, such as "/close".
func (f *Forge) QuickActions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.actions)
}

// Writes counts the calls so far that are to change something, and begins anew.
func (f *Forge) Writes() int {
	n := 0
	for _, c := range f.Calls() {
		if !strings.HasPrefix(c, "GET ") {
			n++
		}
	}
	return n
}

func (f *Forge) add(number int, author, body string) *Comment {
	f.last++
	c := &Comment{ID: f.last, Number: number, Author: author, Body: body}
	f.comments = append(f.comments, c)
	return c
}

func (f *Forge) find(id int64) *Comment {
	for _, c := range f.comments {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (f *Forge) remove(id int64) {
	f.comments = slices.DeleteFunc(f.comments, func(c *Comment) bool { return c.ID == id })
}
