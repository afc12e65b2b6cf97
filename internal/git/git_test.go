package git_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/git"
)

// run runs git as a person would.
func run(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// remote makes a bare repository whose main has the file billing/x with the text "one\n", and a clone of it.
func remote(t *testing.T) (bare, clone string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	// The settings of whoever runs the tests say nothing here.
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	bare, first := filepath.Join(t.TempDir(), "bare"), t.TempDir()
	run(t, t.TempDir(), "init", "-q", "--bare", bare)
	run(t, first, "init", "-q")
	if err := os.Mkdir(filepath.Join(first, "billing"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, "billing", "x"), []byte("one\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, first, "add", "-A")
	run(t, first, "commit", "-qm", "one")
	run(t, first, "push", "-q", bare, "HEAD:refs/heads/main")
	clone = filepath.Join(t.TempDir(), "clone")
	run(t, t.TempDir(), "clone", "-q", "--branch", "main", bare, clone)
	return bare, clone
}

// A file goes to a branch of the remote, while the work tree, the index and the branch at hand stay as they are.
func TestCommitAndPush(t *testing.T) {
	bare, clone := remote(t)
	ctx := context.Background()
	r, err := git.Open(ctx, filepath.Join(clone, "billing"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(clone, "dirt"), []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, clone, "add", "dirt")
	path, err := r.Path(filepath.Join(clone, "billing", "x"))
	if err != nil || path != "billing/x" {
		t.Fatalf("the path is %q (%v), want billing/x", path, err)
	}
	before := run(t, clone, "status", "--porcelain")
	tip, err := r.Tip(ctx, "origin", "main")
	if err != nil || tip != r.Head(ctx) {
		t.Fatalf("the tip is %q (%v), want %q", tip, err, r.Head(ctx))
	}
	commit, err := r.Commit(ctx, tip, path, []byte("two\r\n"), "two\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Push(ctx, "origin", commit, "main", tip); err != nil {
		t.Fatal(err)
	}
	if got := run(t, bare, "show", "main:billing/x"); got != "two" {
		t.Errorf("the remote has %q, want two", got)
	}
	if text, err := r.Read(ctx, commit, path); err != nil || string(text) != "two\r\n" {
		t.Errorf("the commit has %q (%v), want the bytes that were given", text, err)
	}
	if got := run(t, clone, "status", "--porcelain"); got != before {
		t.Errorf("the work tree was touched:\n%s", got)
	}
	if got := run(t, bare, "log", "-1", "--format=%an <%ae>", "main"); got != "mokasync <mokasync@localhost>" {
		t.Errorf("the author is %q where git knows none", got)
	}
	if changed := run(t, bare, "diff", "--name-only", "main~1", "main"); changed != "billing/x" {
		t.Errorf("the commit changes %q", changed)
	}
}

// A branch that moved takes no push, and Tip sees where it went.
func TestPushRefused(t *testing.T) {
	_, clone := remote(t)
	ctx := context.Background()
	r, err := git.Open(ctx, clone)
	if err != nil {
		t.Fatal(err)
	}
	old := r.Head(ctx)
	first, err := r.Commit(ctx, old, "a", []byte("a\n"), "a\n")
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.Commit(ctx, old, "b", []byte("b\n"), "b\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Push(ctx, "origin", first, "main", old); err != nil {
		t.Fatal(err)
	}
	var refused *git.Error
	if err := r.Push(ctx, "origin", second, "main", old); !errors.As(err, &refused) {
		t.Errorf("a push to a branch that moved gives %v, want a *git.Error", err)
	}
	if tip, err := r.Tip(ctx, "origin", "main"); err != nil || tip != first {
		t.Errorf("the tip is %q (%v), want %q", tip, err, first)
	}
	if base := r.Base(ctx, first, second); base != old {
		t.Errorf("the base is %q, want %q", base, old)
	}
}

func TestWhereThereIsNothing(t *testing.T) {
	_, clone := remote(t)
	ctx := context.Background()
	if _, err := git.Open(ctx, t.TempDir()); !errors.Is(err, git.ErrNone) {
		t.Errorf("outside of a repository the error is %v, want ErrNone", err)
	}
	r, err := git.Open(ctx, clone)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.Read(ctx, r.Head(ctx), "billing/none"); text != nil || err != nil {
		t.Errorf("a file that is not there gives %q and %v, want nothing", text, err)
	}
	if _, err := r.Path(filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a file outside of the repository has a path in it")
	}
	for _, remote := range []string{"https://user:geheim@127.0.0.1:1/none", "https://user:ge/geheim@127.0.0.1:1/none", "https://127.0.0.1:1/none?token=geheim"} {
		if _, err := r.Tip(ctx, remote, "main"); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("a remote that is not there gives %v, want an error without credentials", err)
		}
	}
	made := filepath.Join(t.TempDir(), "made")
	for _, names := range [][2]string{{"--upload-pack=touch " + made, "main"}, {"origin", "--mirror"}, {"origin", "a..b"}, {"", "main"}} {
		if _, err := r.Tip(ctx, names[0], names[1]); err == nil {
			t.Errorf("%q is taken for a remote and a branch", names)
		}
		if err := r.Push(ctx, names[0], r.Head(ctx), names[1], ""); err == nil {
			t.Errorf("%q is pushed to", names)
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("the name of a remote was run as a command")
	}
}

// What is remembered stays in the clone and is no branch.
func TestRemember(t *testing.T) {
	_, clone := remote(t)
	ctx := context.Background()
	r, err := git.Open(ctx, clone)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one\n", "two\n"} {
		if err := r.Remember(ctx, "base/x", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Recall(ctx, "base/x"); err != nil || string(got) != text {
			t.Errorf("recalled is %q (%v), want %q", got, err, text)
		}
	}
	if got, err := r.Recall(ctx, "base/y"); got != nil || err != nil {
		t.Errorf("what was never remembered is %q (%v)", got, err)
	}
	if branches := run(t, clone, "branch", "--all", "--format=%(refname)"); strings.Contains(branches, "mokasync") {
		t.Errorf("the branches are %s", branches)
	}
	names, err := r.Branches(ctx, "origin", "ma")
	if err != nil || len(names) != 1 || names[0] != "main" {
		t.Errorf("the branches of the remote are %q (%v), want main", names, err)
	}
}
