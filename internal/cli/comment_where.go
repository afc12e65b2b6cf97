package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/git"
)

// pullRequest says where a comment belongs, and what was planned.
type pullRequest struct {
	repository                   string
	number                       int
	base, baseCommit, headCommit string
}

// requestOf finds out where the comment belongs: flags go before what the pipeline says. A dry run needs none of it.
func (j job) requestOf(ctx context.Context, paths []string, o commentOptions) (pullRequest, error) {
	p := pullRequest{repository: cmp.Or(o.repository, j.repository), number: cmp.Or(o.number, j.number), base: cmp.Or(o.baseBranch, j.base)}
	if p.number == j.number {
		p.headCommit, p.baseCommit = j.headCommit, j.baseCommit
	}
	var err error
	if p.headCommit, err = commitOr("--head", o.head, j.words.head, p.headCommit); err != nil {
		return p, err
	}
	if merged := mergedInto(ctx, folderOf(paths), p.headCommit); merged != "" {
		p.baseCommit = merged
	}
	if p.baseCommit, err = commitOr("--base", o.base, j.words.base, p.baseCommit); err != nil {
		return p, err
	}
	if o.dryRun {
		return p, nil
	}
	return p, j.missing(p)
}

// missing names the first thing that is not known, and what to set.
func (j job) missing(p pullRequest) error {
	request := j.kind.Request()
	switch {
	case p.repository == "":
		return j.noRepository()
	case p.number == 0:
		return hinted(fmt.Errorf("it is not known which %s to comment on", request), "give --pr N, or %s", j.words.request)
	case p.headCommit == "":
		return hinted(fmt.Errorf("it is not known which commit of the %s is planned", request), "give --head COMMIT, or %s", j.words.request)
	case p.base == "":
		return hinted(fmt.Errorf("the %s's base branch is not known", request), "give --base-branch NAME, or %s", j.words.request)
	case p.baseCommit == "":
		return hinted(errors.New("it is not known which commit of the base branch is planned against"), "give --base COMMIT, or %s", j.words.request)
	}
	return nil
}

func (j job) noRepository() error {
	return hinted(errors.New("the repository is not known"), "%s", j.words.repository)
}

// mergedInto gives, where the working tree is a merge of the pull request into its base branch, as a pipeline may check it out, the base branch's commit in it: that is what is
// planned against, and what the pipeline says may be older. A shallow clone has no parents; the commit itself still names them.
func mergedInto(ctx context.Context, folder, head string) string {
	if head == "" {
		return ""
	}
	repo, err := git.Open(ctx, folder)
	if err != nil {
		return ""
	}
	parents := repo.Parents(ctx)
	if len(parents) == 2 && parents[1] == head {
		return parents[0]
	}
	return ""
}

// commitOr reads a commit from a flag, or else from what is known from elsewhere.
func commitOr(flag, said, elsewhere, known string) (string, error) {
	from := flag
	if said == "" {
		if known == "" {
			return "", nil
		}
		said, from = known, elsewhere
	}
	commit, err := forge.ParseCommit(said)
	if err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	return commit, nil
}

// baseBranch finds out whose comments --stale looks at.
func (j job) baseBranch(o commentOptions) (repository, branch string, err error) {
	repository, branch = cmp.Or(o.repository, j.repository), cmp.Or(o.baseBranch, j.branch)
	switch {
	case repository == "":
		err = j.noRepository()
	case branch == "":
		err = hinted(errors.New("it is not known which base branch has moved"), "give --base-branch NAME, or %s", j.words.push)
	}
	return repository, branch, err
}

// inRepository gives a file's path below the repository's root, with slashes; outside of one as it was given.
func inRepository(path string) string {
	folders := upToRoot(filepath.Dir(path))
	root := folders[len(folders)-1]
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		return filepath.ToSlash(filepath.Clean(path))
	}
	from, err := filepath.Abs(root)
	if err != nil {
		return filepath.ToSlash(path)
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	if inside, err := filepath.Rel(from, to); err == nil {
		return filepath.ToSlash(inside)
	}
	return filepath.ToSlash(path)
}
