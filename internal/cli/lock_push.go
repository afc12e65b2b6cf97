package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/git"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/spf13/cobra"
)

type lockPushOptions struct {
	targetFlags
	remote, branch, message string
	attempts                int
}

func (a *app) lockPushCommand() *cobra.Command {
	var o lockPushOptions
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
	f := cmd.Flags()
	o.add(f)
	f.StringVar(&o.remote, "remote", "origin", "the git remote")
	f.StringVar(&o.branch, "branch", "", "the branch (default: GITHUB_REF_NAME, CI_COMMIT_BRANCH, or the one that is checked out)")
	f.StringVar(&o.message, "message", "", "the commit's message (default: one that names endpoint and dealer, with [skip ci])")
	f.IntVar(&o.attempts, "attempts", 20, "how often to try while others push too")
	return cmd
}

// pushing is one lockfile on its way to a branch.
type pushing struct {
	*app
	o    lockPushOptions
	repo *git.Repository
	path string // of the lockfile in the repository
	head string // the commit that is checked out
	ours []byte // what is known here
}

func (a *app) lockPush(ctx context.Context, paths []string, o lockPushOptions) error {
	t, err := a.target(o.targetFlags, paths)
	if err != nil {
		return err
	}
	l, err := t.store.Read()
	if err != nil {
		return err
	}
	if l == nil {
		fmt.Fprintf(a.Stdout, "mokasync: there is no lockfile %s: nothing to push\n", t.store.Path)
		return nil
	}
	if err := t.store.Check(l, t.name, t.dealer()); err != nil {
		return err
	}
	var ours bytes.Buffer
	l.WriteTo(&ours) // a buffer takes everything
	p := &pushing{app: a, o: o, ours: ours.Bytes()}
	if p.repo, err = git.Open(ctx, filepath.Dir(t.store.Path)); err != nil {
		return hinted(fmt.Errorf("%s: %w", t.store.Path, err), "lock push is for a lockfile in a git checkout")
	}
	if p.path, err = p.repo.Path(t.store.Path); err != nil {
		return err
	}
	p.head = p.repo.Head(ctx)
	if p.o.message == "" {
		p.o.message = fmt.Sprintf("mokasync: what was applied to %s, dealer %s [skip ci]\n", l.Header.Endpoint, l.Header.Dealer)
	}
	if p.o.branch = p.branchOr(ctx, o.branch); p.o.branch == "" {
		return hinted(errors.New("no branch is checked out, and none is named"), "say --branch main")
	}
	return p.push(ctx)
}

// branchOr gives the branch that is meant: named, that of the CI run, or the one that is checked out.
func (p *pushing) branchOr(ctx context.Context, named string) string {
	for _, name := range []string{named, p.ofGitHub(), p.getenv("CI_COMMIT_BRANCH")} {
		if name != "" {
			return name
		}
	}
	return p.repo.Branch(ctx)
}

// ofGitHub is the branch of a workflow run. That of a pull request or a tag is none.
func (p *pushing) ofGitHub() string {
	if ref, ok := strings.CutPrefix(p.getenv("GITHUB_REF"), "refs/heads/"); ok {
		return ref
	}
	return ""
}

// push merges and pushes until the branch has it, or until it is clear that it does not take it.
func (p *pushing) push(ctx context.Context) error {
	var last error
	tip := ""
	for range p.o.attempts {
		moved, err := p.repo.Tip(ctx, p.o.remote, p.o.branch)
		if err != nil {
			return p.aside(ctx, p.head, fmt.Errorf("%s cannot be read: %w", p.where(), err))
		}
		if moved == tip { // nobody pushed meanwhile: it is the branch that does not take it
			return p.aside(ctx, tip, fmt.Errorf("%s does not take the push: %w", p.where(), last))
		}
		tip = moved
		text, err := p.merged(ctx, tip)
		if err != nil {
			return p.aside(ctx, p.head, err)
		}
		if text == nil {
			fmt.Fprintf(p.Stdout, "mokasync: %s has %s as it is here\n", p.where(), p.path)
			return nil
		}
		commit, err := p.repo.Commit(ctx, tip, p.path, text, p.o.message)
		if err != nil {
			return err
		}
		if last = p.repo.Push(ctx, p.o.remote, commit, p.o.branch); last == nil {
			fmt.Fprintf(p.Stdout, "mokasync: %s is pushed to %s (commit %.12s)\n", p.path, p.where(), commit)
			return nil
		}
	}
	return p.aside(ctx, p.head, fmt.Errorf("%s was pushed to by others %d times: %w", p.where(), p.o.attempts, last))
}

func (p *pushing) where() string { return p.o.remote + "/" + p.o.branch }

// merged gives the lockfile that the branch is to have, nil if it has it already.
func (p *pushing) merged(ctx context.Context, tip string) ([]byte, error) {
	theirs, err := p.repo.Read(ctx, tip, p.path)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(theirs, p.ours) {
		return nil, nil
	}
	base := p.head
	if common := p.repo.Base(ctx, p.head, tip); common != "" {
		base = common
	}
	before, err := p.repo.Read(ctx, base, p.path)
	if err != nil {
		return nil, err
	}
	if theirs == nil || bytes.Equal(before, theirs) {
		return p.ours, nil
	}
	merged, err := lockfile.Merge(p.path, before, p.ours, theirs)
	switch {
	case err != nil:
		return nil, err
	case len(merged.Conflicts) > 0:
		return nil, fmt.Errorf("%s was changed there too, and %s does not go together with what is here (%s)", p.path, counted(len(merged.Conflicts), "resource"), merged.Conflicts[0].Address)
	case bytes.Equal(merged.Text, theirs):
		return nil, nil
	}
	return merged.Text, nil
}

// aside puts the lockfile on a branch of its own: what was applied must not be lost with this machine.
func (p *pushing) aside(ctx context.Context, parent string, why error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.tell(why)
	commit, err := p.repo.Commit(ctx, parent, p.path, p.ours, p.o.message)
	branch := ""
	if err == nil {
		branch = fmt.Sprintf("mokasync/lockfile-%.12s", commit)
		err = p.repo.Push(ctx, p.o.remote, commit, branch)
	}
	if err != nil {
		p.tell(hinted(fmt.Errorf("nor can it go to a branch of its own: %w", err), "keep %s: it is the only record of what was applied. The next apply without it looks at Moka for everything again", p.path))
		return codeError(exitIncomplete)
	}
	p.tell(hinted(fmt.Errorf("what was applied is recorded on the branch %s of %s", branch, p.o.remote), "merge %s into %s before the next apply (open a pull request, or let this job push to %s)", branch, p.o.branch, p.o.branch))
	return codeError(exitIncomplete)
}
