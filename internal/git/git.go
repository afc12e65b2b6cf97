// Package git asks the git that is installed about a repository, and puts single files into it. It never touches the work tree, the index or a branch of the repository at hand.
package git

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Repository is a checkout.
type Repository struct {
	folder string // the top of the work tree
}

// ErrNone says that a folder is in no git repository, or that there is no git.
var ErrNone = errors.New("there is no git repository")

// Open finds the repository that a folder is in. The error wraps ErrNone where there is none.
func Open(ctx context.Context, folder string) (*Repository, error) {
	top, err := (&Repository{folder}).run(ctx, nil, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNone, err)
	}
	return &Repository{filepath.FromSlash(top)}, nil
}

// Path gives the name by which the repository knows a file, with slashes. A file outside of it is an error.
func (r *Repository) Path(file string) (string, error) {
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return "", err
	}
	top, err := filepath.EvalSymlinks(r.folder)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, filepath.Join(folder, filepath.Base(file)))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%s is not in the git repository %s", file, r.folder)
	}
	return filepath.ToSlash(rel), nil
}

// Head gives the commit that is checked out, "" in a repository without one.
func (r *Repository) Head(ctx context.Context) string {
	commit, _ := r.run(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") // which says nothing where there is none
	return commit
}

// Parents gives the parents of the commit that is checked out, as the commit itself names them: a shallow clone does not have them.
func (r *Repository) Parents(ctx context.Context) []string {
	text, _ := r.run(ctx, nil, nil, "cat-file", "commit", "HEAD") // no commit has no parents
	header, _, _ := strings.Cut(text, "\n\n")
	var parents []string
	for line := range strings.Lines(header) {
		if parent, found := strings.CutPrefix(strings.TrimSpace(line), "parent "); found {
			parents = append(parents, parent)
		}
	}
	return parents
}

// Changed reports whether tracked files differ from the commit that is checked out.
func (r *Repository) Changed(ctx context.Context) bool {
	changed, err := r.run(ctx, nil, nil, "status", "--porcelain", "--untracked-files=no")
	return err == nil && changed != ""
}

// Branch gives the name of the branch that is checked out, "" for none.
func (r *Repository) Branch(ctx context.Context) string {
	name, _ := r.run(ctx, nil, nil, "symbolic-ref", "--quiet", "--short", "HEAD")
	return name
}

// Read gives a file as it is in a commit, nil if the commit does not have it.
func (r *Repository) Read(ctx context.Context, commit, path string) ([]byte, error) {
	found, err := r.run(ctx, nil, nil, "ls-tree", "--full-tree", commit, "--", path)
	if err != nil || found == "" {
		return nil, err
	}
	return r.output(ctx, nil, nil, "cat-file", "blob", commit+":"+path)
}

// Tip fetches a branch of a remote and gives its commit.
func (r *Repository) Tip(ctx context.Context, remote, branch string) (string, error) {
	if err := r.named(ctx, remote, branch); err != nil {
		return "", err
	}
	args := []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head"}
	if shallow, _ := r.run(ctx, nil, nil, "rev-parse", "--is-shallow-repository"); shallow == "true" {
		args = append(args, "--depth=1")
	}
	kept := "refs/mokasync/tip/" + rand.Text() // of this call alone: other processes fetch other branches here
	if _, err := r.run(ctx, nil, nil, append(args, remote, "+refs/heads/"+branch+":"+kept)...); err != nil {
		return "", err
	}
	commit, err := r.run(ctx, nil, nil, "rev-parse", kept)
	if err != nil {
		return "", err
	}
	_, err = r.run(ctx, nil, nil, "update-ref", "-d", kept)
	return commit, err
}

// Branches gives the names of a remote's branches that begin with a prefix.
func (r *Repository) Branches(ctx context.Context, remote, prefix string) ([]string, error) {
	if err := r.named(ctx, remote, prefix+"x"); err != nil { // any name that begins so
		return nil, err
	}
	text, err := r.run(ctx, nil, nil, "ls-remote", "--heads", remote, "refs/heads/"+prefix+"*")
	var names []string
	for line := range strings.Lines(text) {
		if _, ref, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			names = append(names, strings.TrimPrefix(ref, "refs/heads/"))
		}
	}
	return names, err
}

// named refuses what git would not take for a remote and a branch.
func (r *Repository) named(ctx context.Context, remote, branch string) error {
	if remote == "" || strings.HasPrefix(remote, "-") {
		return &Error{"remote", fmt.Sprintf("%q is no name of a remote", remote)}
	}
	if _, err := r.run(ctx, nil, nil, "check-ref-format", "refs/heads/"+branch); err != nil || strings.HasPrefix(branch, "-") {
		return &Error{"branch", fmt.Sprintf("%q is no name of a branch", branch)}
	}
	return nil
}

// Remember keeps a file's text under a name in this clone, in place of what was kept there; Recall gives it, nil for nothing.
func (r *Repository) Remember(ctx context.Context, name string, text []byte) error {
	blob, err := r.run(ctx, nil, text, "hash-object", "-w", "--no-filters", "--stdin")
	if err != nil {
		return err
	}
	_, err = r.run(ctx, nil, nil, "update-ref", "refs/mokasync/"+name, blob)
	return err
}

// Recall gives what Remember kept under a name, nil for nothing.
func (r *Repository) Recall(ctx context.Context, name string) ([]byte, error) {
	blob, err := r.run(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "refs/mokasync/"+name)
	if err != nil || blob == "" {
		return nil, nil // nothing is kept
	}
	return r.output(ctx, nil, nil, "cat-file", "blob", blob)
}

// Base gives the last commit that both come from, "" where this checkout does not know it.
func (r *Repository) Base(ctx context.Context, a, b string) string {
	base, _ := r.run(ctx, nil, nil, "merge-base", a, b)
	return base
}

// Commit makes a commit that differs from its parent in one file, and gives its name. No branch points to it yet.
func (r *Repository) Commit(ctx context.Context, parent, path string, text []byte, message string) (string, error) {
	folder, err := os.MkdirTemp("", "mokasync-git-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	env := append(r.author(ctx), "GIT_INDEX_FILE="+filepath.Join(folder, "index"))
	blob, err := r.run(ctx, env, text, "hash-object", "-w", "--no-filters", "--stdin")
	if err != nil {
		return "", err
	}
	if _, err := r.run(ctx, env, nil, "read-tree", parent); err != nil {
		return "", err
	}
	if _, err := r.run(ctx, env, nil, "update-index", "--add", "--cacheinfo", "100644,"+blob+","+path); err != nil {
		return "", err
	}
	tree, err := r.run(ctx, env, nil, "write-tree")
	if err != nil {
		return "", err
	}
	return r.run(ctx, env, []byte(message), "commit-tree", tree, "-p", parent)
}

// author names who commits where git does not know it.
func (r *Repository) author(ctx context.Context) []string {
	if _, err := r.run(ctx, nil, nil, "var", "GIT_COMMITTER_IDENT"); err == nil {
		if email, err := r.run(ctx, nil, nil, "config", "user.email"); err == nil && email != "" || os.Getenv("GIT_COMMITTER_EMAIL") != "" {
			return nil
		}
	}
	return []string{"GIT_AUTHOR_NAME=mokasync", "GIT_AUTHOR_EMAIL=mokasync@localhost", "GIT_COMMITTER_NAME=mokasync", "GIT_COMMITTER_EMAIL=mokasync@localhost"}
}

// Push puts a commit at the tip of a remote's branch, which must be at the commit tip, "" for one that is not there yet.
func (r *Repository) Push(ctx context.Context, remote, commit, branch, tip string) error {
	if err := r.named(ctx, remote, branch); err != nil {
		return err
	}
	_, err := r.run(ctx, nil, nil, "push", "--quiet", "--force-with-lease=refs/heads/"+branch+":"+tip, remote, commit+":refs/heads/"+branch)
	return err
}

// Error says that git failed, in its own words, without the credentials of an address.
type Error struct{ Command, Message string }

func (e *Error) Error() string { return "git " + e.Command + ": " + e.Message }

// What may be secret in an address: all up to its last @, and what stands behind a question mark.
var credentials, query = regexp.MustCompile(`://[^\s'"]*@`), regexp.MustCompile(`(://[^\s'"?]*)\?[^\s'"]*`)

// withoutCredentials gives a message of git's without what its addresses may give away.
func withoutCredentials(message string) string {
	return query.ReplaceAllString(credentials.ReplaceAllString(message, "://…@"), "$1?…")
}

func (r *Repository) run(ctx context.Context, env []string, stdin []byte, args ...string) (string, error) {
	out, err := r.output(ctx, env, stdin, args...)
	return strings.TrimSpace(string(out)), err
}

func (r *Repository) output(ctx context.Context, env []string, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", r.folder}, args...)...)
	cmd.Env = append(append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	message := strings.TrimSpace(said.String())
	if message == "" {
		message = err.Error()
	}
	return nil, &Error{args[0], withoutCredentials(message)}
}
