package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/git"
	"github.com/mokasync/mokasync/internal/gitlock"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/spf13/cobra"
)

// lockRemoteOptions say which branch has the lockfile.
type lockRemoteOptions struct {
	targetFlags
	remote, branch, message string
	attempts                int
}

func (o *lockRemoteOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.targetFlags.add(f)
	f.StringVar(&o.remote, "remote", "origin", "the git remote")
	f.StringVar(&o.branch, "branch", "", "the branch (default: that of GITHUB_REF, CI_COMMIT_BRANCH, or the one that is checked out)")
}

func (a *app) lockPushCommand() *cobra.Command {
	var o lockRemoteOptions
	cmd := &cobra.Command{
		Use:   "push [PATH…]",
		Short: "Commit the lockfile to a remote's branch, merging it with what came there meanwhile",
		Long: `Put what this checkout knows (the lockfile, and the journal of a run that died) into a commit of its own at the tip of a branch
of a remote. It is for the end of an apply in CI. What others have pushed meanwhile is merged by resource, as "lock merge" does, and the
push is tried again. Where the branch takes no push, or the two do not go together, the lockfile goes to a branch of its own, and the
exit code is 3: bring it into the branch before the next apply. The work tree and the branch that is checked out stay as they are.`,
		Example: "  mokasync lock push billing --endpoint live --branch main",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.attempts < 1 {
				return usageError(cmd, fmt.Errorf("--attempts is a number from 1, not %d", o.attempts))
			}
			return a.lockPush(cmd.Context(), a.pathsOr(args), o)
		},
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.message, "message", "", "the commit's message (default: one that names endpoint and dealer, with [skip ci])")
	f.IntVar(&o.attempts, "attempts", 20, "how often to try while others push too")
	return cmd
}

func (a *app) lockPullCommand() *cobra.Command {
	var o lockRemoteOptions
	cmd := &cobra.Command{
		Use:   "pull [PATH…]",
		Short: "Bring the lockfile of a remote's branch into this checkout, whatever commit that is of",
		Long: `Take the lockfile as it is at the tip of a branch of a remote, merged with the one that is here. It is for the beginning of an apply in CI:
the commit that is applied may be older than the last apply, and an apply that does not know what another one made would make it again
under another name. If what an earlier apply recorded waits on a branch of its own ("lock push" said so), it is refused: merge that first.`,
		Example: "  mokasync lock pull billing --endpoint live --branch main",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.lockPull(cmd.Context(), a.pathsOr(args), o)
		},
	}
	o.add(cmd)
	return cmd
}

// lockPlace finds the branch that is to have a target's lockfile.
func (a *app) lockPlace(ctx context.Context, t *target, o lockRemoteOptions) (*gitlock.Place, error) {
	repo, err := git.Open(ctx, filepath.Dir(t.store.Path))
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %w", t.store.Path, err), "`mokasync lock pull` and `mokasync lock push` are for a lockfile in a git checkout")
	}
	p := &gitlock.Place{Repository: repo, Remote: o.remote, Branch: o.branch, Message: o.message, Attempts: o.attempts}
	if p.Path, err = repo.Path(t.store.Path); err != nil {
		return nil, err
	}
	for _, branch := range []string{a.branchOfGitHub(), a.getenv("CI_COMMIT_BRANCH"), repo.Branch(ctx)} {
		if p.Branch == "" {
			p.Branch = branch
		}
	}
	if p.Branch == "" {
		return nil, hinted(errors.New("no branch is checked out, and none is named"), "say which branch is to have the lockfile, such as --branch main")
	}
	return p, nil
}

// branchOfGitHub is the branch of a workflow run. That of a pull request or a tag is none.
func (a *app) branchOfGitHub() string {
	if ref, ok := strings.CutPrefix(a.getenv("GITHUB_REF"), "refs/heads/"); ok {
		return ref
	}
	return ""
}

func (a *app) lockPush(ctx context.Context, paths []string, o lockRemoteOptions) error {
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return err
	}
	l, err := t.store.Read()
	if err != nil {
		return err
	}
	if l == nil {
		return hinted(fmt.Errorf("there is no lockfile %s", t.store.Path), "say which account's it is (--env or --endpoint), or --lockfile and the file; before the first apply there is none")
	}
	if err := t.store.Check(l, t.name, t.dealer()); err != nil {
		return err
	}
	var ours bytes.Buffer
	l.WriteTo(&ours) // a buffer takes everything
	if o.message == "" {
		o.message = fmt.Sprintf("mokasync: what was applied to %s, dealer %s [skip ci]\n", l.Header.Endpoint, l.Header.Dealer)
	}
	p, err := a.lockPlace(ctx, t, o)
	if err != nil {
		return err
	}
	pushed, err := p.Push(ctx, ours.Bytes())
	var aside *gitlock.AsideError
	switch {
	case errors.As(err, &aside):
		a.tell(err)
		a.tellAside(p, aside)
		return codeError(exitIncomplete)
	case err != nil:
		return notPushed(err, p)
	case pushed.Commit == "":
		fmt.Fprintf(a.Stdout, "mokasync: %s has %s as it is here\n", p, p.Path)
	default:
		fmt.Fprintf(a.Stdout, "mokasync: %s is pushed to %s (commit %.12s)\n", p.Path, p, pushed.Commit)
	}
	return nil
}

// notPushed says of an error that nothing went to the remote.
func notPushed(err error, p *gitlock.Place) error {
	var none *gitlock.NoBranchError
	if errors.As(err, &none) {
		return hinted(err, "say --branch and one that is there; nothing was pushed")
	}
	return hinted(fmt.Errorf("%s cannot be reached: %w", p.Remote, err), "nothing was pushed: keep %s, which is the only record of what was applied, and run this again", p.Path)
}

// tellAside says where the lockfile is now, and what to do.
func (a *app) tellAside(p *gitlock.Place, e *gitlock.AsideError) {
	if e.Branch == "" {
		a.tell(hinted(fmt.Errorf("nor can it go to a branch of its own: %w", e.Lost),
			"keep %s: it is the only record of what was applied. The next apply without it looks at Moka for everything again", p.Path))
		return
	}
	a.tell(hinted(fmt.Errorf("what was applied is recorded on the branch %s of %s", e.Branch, p.Remote),
		"merge %s into %s before the next apply (open a pull request, or let this job push to %s)", e.Branch, p.Branch, p.Branch))
}

func (a *app) lockPull(ctx context.Context, paths []string, o lockRemoteOptions) error {
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return err
	}
	p, err := a.lockPlace(ctx, t, o)
	if err != nil {
		return err
	}
	// No apply may be at work on it meanwhile; the journal of one that died is folded in.
	session, err := t.store.Begin("mokasync lock pull", a.now(), func() *lockfile.Lock { return a.freshLock(t) })
	if err != nil {
		return err
	}
	defer session.End()
	ours, err := os.ReadFile(t.store.Path)
	if errors.Is(err, os.ErrNotExist) {
		ours, err = nil, nil
	}
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", t.store.Path, underlying(err))
	}
	merged, err := p.Pull(ctx, ours, func(merged []byte) error {
		if bytes.Equal(merged, ours) {
			return nil
		}
		if err := lockfile.WriteFile(t.store.Path, merged); err != nil {
			return fmt.Errorf("cannot write %s: %w", t.store.Path, underlying(err))
		}
		return nil
	})
	var waiting *gitlock.WaitingError
	switch {
	case errors.As(err, &waiting):
		return hinted(err, "merge %s into %s, then run this again (a branch that holds nothing of worth can be deleted)", waiting.Waiting, waiting.Branch)
	case err != nil:
		return hinted(err, "nothing was changed here")
	case merged == nil:
		fmt.Fprintf(a.Stdout, "mokasync: %s has no %s yet\n", p, p.Path)
		return nil
	case bytes.Equal(merged, ours):
		fmt.Fprintf(a.Stdout, "mokasync: %s has %s as it is here\n", p, p.Path)
		return nil
	}
	fmt.Fprintf(a.Stdout, "mokasync: %s is that of %s now\n", p.Path, p)
	return nil
}
