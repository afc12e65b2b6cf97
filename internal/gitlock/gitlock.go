// Package gitlock keeps the lockfile of a checkout and the one on a remote's branch together: it is pulled before an apply and pushed after it, and merged by resource with what others
// pushed meanwhile. The branch that is checked out and the other files stay as they are.
package gitlock

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/git"
	"github.com/mokasync/mokasync/internal/lockfile"
)

// Place is a lockfile in a checkout, and the branch where it is to be.
type Place struct {
	Repository *git.Repository
	Path       string // of the lockfile in the repository, with slashes
	Remote     string
	Branch     string
	// Message is that of the commits that Push makes.
	Message string
	// Attempts is how often Push tries while others push too.
	Attempts int
	// Pause waits before a push that was refused is tried again; nil waits for real.
	Pause func(context.Context, time.Duration)
}

// String names the branch as git does, "origin/main".
func (p *Place) String() string { return p.Remote + "/" + p.Branch }

// asidePrefix begins the names of the branches that hold what could not be pushed where it belongs.
const asidePrefix = "mokasync/lockfile-"

// ConflictError says that two lockfiles do not go together.
type ConflictError struct {
	Path      string
	Conflicts []lockfile.Conflict
}

func (e *ConflictError) Error() string {
	what := "conflict"
	if len(e.Conflicts) > 1 {
		what += "s"
	}
	first := "the whole file"
	if a := e.Conflicts[0].Address; !a.IsZero() {
		first = a.String()
	}
	return fmt.Sprintf("%s was changed there too, and cannot be merged: %d %s, beginning with %s", e.Path, len(e.Conflicts), what, first)
}

// AsideError says that what was applied is not on the branch where it belongs.
type AsideError struct {
	Why error
	// Branch of the remote holds it, "" if it could not be pushed at all; then Lost says why not.
	Branch string
	Lost   error
}

func (e *AsideError) Error() string { return e.Why.Error() }
func (e *AsideError) Unwrap() error { return e.Why }

// WaitingError says that what an earlier apply recorded waits on a branch of its own.
type WaitingError struct{ Remote, Waiting, Branch string }

func (e *WaitingError) Error() string {
	return fmt.Sprintf("what an earlier apply recorded is on the branch %s of %s, and not in %s: without it what that apply made would look new", e.Waiting, e.Remote, e.Branch)
}

// merge brings two lockfiles together that come from before, nil for one that is not there. The error is a *ConflictError, or that of a lockfile that cannot be read.
func (p *Place) merge(before, ours, theirs []byte) ([]byte, error) {
	switch {
	case bytes.Equal(before, ours), ours == nil:
		return theirs, nil
	case theirs == nil, bytes.Equal(ours, theirs):
		return ours, nil
	}
	// A lockfile that was begun anew does not take the place of the one that is there, whatever the ancestor was.
	if differ, err := lockfile.SameAccount(p.Path, ours, theirs); err != nil || differ != nil {
		return nil, errors.Join(err, differ)
	}
	merged, err := lockfile.Merge(p.Path, before, ours, theirs)
	switch {
	case err != nil:
		return nil, err
	case len(merged.Conflicts) > 0:
		return nil, &ConflictError{p.Path, merged.Conflicts}
	}
	return merged.Text, nil
}

// memory is the name under which the clone remembers what of the branch is in the checkout's lockfile.
func (p *Place) memory() string {
	sum := sha256.Sum256([]byte(p.Path + "\x00" + p.String()))
	return "base/" + hex.EncodeToString(sum[:8])
}

// remember notes that the checkout's lockfile comes from text, while head is checked out.
func (p *Place) remember(ctx context.Context, head string, text []byte) error {
	return p.Repository.Remember(ctx, p.memory(), append([]byte(head+"\n"), text...))
}

// recall gives what was remembered, nil if nothing was or if git has brought another lockfile into the checkout since.
func (p *Place) recall(ctx context.Context, head string) ([]byte, error) {
	kept, err := p.Repository.Recall(ctx, p.memory())
	if err != nil || kept == nil {
		return nil, err
	}
	then, text, _ := bytes.Cut(kept, []byte("\n"))
	if was := string(then); was == head {
		return text, nil
	} else if was == "" || p.Repository.Base(ctx, was, head) != was {
		return nil, nil
	}
	was, err := p.Repository.Read(ctx, string(then), p.Path)
	if err != nil {
		return nil, err
	}
	is, err := p.Repository.Read(ctx, head, p.Path)
	if err != nil || !bytes.Equal(was, is) {
		return nil, err
	}
	return text, nil
}

// before gives the last lockfile that both the checkout's and the branch's come from. It is what was pulled or pushed here last, else that of the last common commit.
func (p *Place) before(ctx context.Context, head, tip string) (text []byte, remembered bool, err error) {
	if text, err = p.recall(ctx, head); err != nil || text != nil {
		return text, text != nil, err
	}
	if head == "" {
		return nil, false, nil
	}
	base := head
	if common := p.Repository.Base(ctx, head, tip); common != "" {
		base = common
	}
	text, err = p.Repository.Read(ctx, base, p.Path)
	return text, false, err
}

// Pull merges ours (nil if there is none) with the lockfile of the branch, and has write put the result into the checkout; nil means that neither is there, and nothing is written then. What was
// pulled is remembered only once it is written: whatever dies in between, a later Push takes nothing for removed here that never came. The error is a *WaitingError where an earlier
// apply's record has not come to the branch, a *ConflictError, write's, or git's.
func (p *Place) Pull(ctx context.Context, ours []byte, write func(merged []byte) error) (merged []byte, err error) {
	head := p.Repository.Head(ctx)
	tip, err := p.tip(ctx)
	if err != nil {
		return nil, err
	}
	theirs, err := p.Repository.Read(ctx, tip, p.Path)
	if err != nil {
		return nil, err
	}
	if err := p.waiting(ctx, tip, theirs); err != nil {
		return nil, err
	}
	before, err := p.beforePull(ctx, head, tip, ours)
	if err != nil {
		return nil, err
	}
	if merged, err = p.merge(before, ours, theirs); err != nil || merged == nil {
		return nil, err
	}
	if err := write(merged); err != nil || theirs == nil {
		return merged, err
	}
	return merged, p.remember(ctx, head, theirs)
}

// beforePull is before, but for a checkout whose lockfile was taken back to the commit's: there nothing of ours is lost by taking the branch's.
func (p *Place) beforePull(ctx context.Context, head, tip string, ours []byte) ([]byte, error) {
	before, remembered, err := p.before(ctx, head, tip)
	if err != nil || !remembered || ours == nil {
		return before, err
	}
	checkedOut, err := p.Repository.Read(ctx, head, p.Path)
	if err != nil || bytes.Equal(ours, checkedOut) {
		return ours, err
	}
	return before, p.notTakenBack(ctx, head, before, ours)
}

// waiting looks for branches with what an earlier apply recorded and the branch does not have.
func (p *Place) waiting(ctx context.Context, tip string, theirs []byte) error {
	names, err := p.Repository.Branches(ctx, p.Remote, asidePrefix)
	if err != nil {
		return err
	}
	for _, name := range names {
		commit, err := p.Repository.Tip(ctx, p.Remote, name)
		if err != nil {
			return err
		}
		aside, err := p.Repository.Read(ctx, commit, p.Path)
		if err != nil {
			return err
		}
		base := p.Repository.Base(ctx, commit, tip)
		if aside == nil || base == commit {
			continue // of another lockfile, or merged
		}
		var before []byte
		if base != "" {
			if before, err = p.Repository.Read(ctx, base, p.Path); err != nil {
				return err
			}
		}
		// It is in the branch if merging it in would change nothing there.
		if merged, err := p.merge(before, aside, theirs); err != nil || !bytes.Equal(merged, theirs) {
			return &WaitingError{p.Remote, name, p.Branch}
		}
	}
	return nil
}

// Pushed says what Push did.
type Pushed struct {
	Commit string // "" if the branch had all of it
}

// Push puts ours on the branch, merged with what came there meanwhile. The error is an *AsideError where it is not there now.
func (p *Place) Push(ctx context.Context, ours []byte) (*Pushed, error) {
	head := p.Repository.Head(ctx)
	var refused error
	last, refusals := "", 0
	for range p.Attempts {
		tip, err := p.tip(ctx)
		if err != nil {
			return nil, err
		}
		text, err := p.toPush(ctx, head, tip, ours)
		if err != nil {
			return nil, p.aside(ctx, head, tip, ours, err)
		}
		if text == nil {
			return &Pushed{}, p.remember(ctx, head, ours)
		}
		if tip == last { // nobody pushed meanwhile: it is the branch that does not take it
			if refusals++; refusals == maxRefusals {
				return nil, p.aside(ctx, tip, tip, text, fmt.Errorf("%s does not take the push: %w", p, refused))
			}
			p.pause(ctx, time.Duration(refusals)*time.Second)
		}
		last = tip
		commit, err := p.Repository.Commit(ctx, tip, p.Path, text, p.Message)
		if err != nil {
			return nil, err
		}
		if refused = p.Repository.Push(ctx, p.Remote, commit, p.Branch, tip); refused == nil {
			return &Pushed{commit}, p.remember(ctx, head, ours)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, p.aside(ctx, head, last, ours, fmt.Errorf("others pushed to %s first, %d times: %w", p, p.Attempts, refused))
}

// maxRefusals is how often a push is tried while the branch stands still.
const maxRefusals = 3

func (p *Place) pause(ctx context.Context, d time.Duration) {
	if p.Pause != nil {
		p.Pause(ctx, d)
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// toPush gives the lockfile that the branch is to have, nil if it has it already.
func (p *Place) toPush(ctx context.Context, head, tip string, ours []byte) ([]byte, error) {
	theirs, err := p.Repository.Read(ctx, tip, p.Path)
	if err != nil {
		return nil, err
	}
	before, remembered, err := p.before(ctx, head, tip)
	if err != nil {
		return nil, err
	}
	if remembered {
		if err := p.notTakenBack(ctx, head, before, ours); err != nil {
			return nil, err
		}
	}
	text, err := p.merge(before, ours, theirs)
	if err != nil || bytes.Equal(text, theirs) {
		return nil, err
	}
	return text, nil
}

// notTakenBack refuses a lockfile that was taken back to what is checked out since something newer was pulled or pushed: what came with that would look as if it had been removed here.
func (p *Place) notTakenBack(ctx context.Context, head string, before, ours []byte) error {
	checkedOut, err := p.Repository.Read(ctx, head, p.Path)
	if err != nil {
		return err
	}
	back, err := lockfile.TakenBack(p.Path, checkedOut, before, ours)
	if err != nil || len(back) == 0 {
		return err
	}
	return fmt.Errorf("%s is older here than what was pulled or pushed from this checkout before: it says again of %s what the commit says that is checked out", p.Path, back[0])
}

// NoBranchError says that the remote has no such branch.
type NoBranchError struct {
	Remote, Branch string
	Has            []string // some that it has
}

func (e *NoBranchError) Error() string {
	return fmt.Sprintf("%s has no branch %s; it has %s", e.Remote, e.Branch, strings.Join(e.Has, ", "))
}

// tip fetches the branch. The error is a *NoBranchError, or git's where the remote cannot be reached.
func (p *Place) tip(ctx context.Context) (string, error) {
	tip, err := p.Repository.Tip(ctx, p.Remote, p.Branch)
	if err == nil {
		return tip, nil
	}
	names, unreachable := p.Repository.Branches(ctx, p.Remote, "")
	if unreachable == nil && !slices.Contains(names, p.Branch) {
		return "", &NoBranchError{p.Remote, p.Branch, names[:min(len(names), 5)]}
	}
	return "", err
}

// aside puts a lockfile on a branch of its own: what was applied must not be lost with this machine. Its parent is a commit that the remote has: nothing else goes there with it.
func (p *Place) aside(ctx context.Context, head, tip string, text []byte, why error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	parent := head
	if common := p.Repository.Base(ctx, head, tip); common != "" {
		parent = common
	}
	out := &AsideError{Why: why}
	commit, err := p.Repository.Commit(ctx, parent, p.Path, text, p.Message)
	if err == nil {
		out.Branch = fmt.Sprintf("%s%.12s", asidePrefix, commit)
		err = p.Repository.Push(ctx, p.Remote, commit, out.Branch, "")
	}
	if err != nil {
		out.Branch, out.Lost = "", err
	}
	return out
}
