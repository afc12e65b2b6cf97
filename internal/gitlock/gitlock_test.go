package gitlock_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/git"
	"github.com/mokasync/mokasync/internal/gitlock"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// known is what a lockfile says of products: a code, by name.
type known map[string]string

var salt = lockfile.NewSalt()

// text is the lockfile that says so.
func (k known) text(keys *lockfile.Keyring) []byte {
	l := lockfile.New("test", "1731", keys)
	for name, code := range k {
		l.Put(&lockfile.Entry{Address: spec.Address{Kind: spec.Product, Name: name}, ID: int64(name[0])*1000 + int64(len(name)), Code: code})
	}
	var b bytes.Buffer
	l.WriteTo(&b)
	return b.Bytes()
}

// desk is somebody's clone.
type desk struct {
	*testing.T
	folder string
	*gitlock.Place
}

func run(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// office makes a bare repository with a lockfile on main, and clones of it.
func office(t *testing.T, k known, clones int) (bare string, desks []*desk) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+who+"_NAME", "t")
		t.Setenv("GIT_"+who+"_EMAIL", "t@example.com")
	}
	bare = filepath.Join(t.TempDir(), "bare")
	run(t, t.TempDir(), "init", "-q", "--bare", "--initial-branch=main", bare)
	first := t.TempDir()
	run(t, first, "init", "-q", "--initial-branch=main")
	if err := os.MkdirAll(filepath.Join(first, "billing"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, "billing", "moka.lock"), k.text(salt), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, first, "add", "-A")
	run(t, first, "commit", "-qm", "begin")
	run(t, first, "push", "-q", bare, "HEAD:refs/heads/main")
	for range clones {
		folder := filepath.Join(t.TempDir(), "clone")
		run(t, t.TempDir(), "clone", "-q", bare, folder)
		repo, err := git.Open(context.Background(), folder)
		if err != nil {
			t.Fatal(err)
		}
		desks = append(desks, &desk{t, folder, &gitlock.Place{Repository: repo, Path: "billing/moka.lock", Remote: "origin", Branch: "main", Message: "applied\n", Attempts: 20, Pause: func(context.Context, time.Duration) {}}})
	}
	return bare, desks
}

// push pushes what is known, and gives the branch aside on which it is if main did not take it.
func (d *desk) push(k known) (aside string) {
	d.Helper()
	_, err := d.Push(context.Background(), k.text(salt))
	var e *gitlock.AsideError
	if errors.As(err, &e) && e.Branch != "" {
		return e.Branch
	}
	if err != nil {
		d.Fatal(err)
	}
	return ""
}

// has wants a branch to know these products, with these codes.
func has(t *testing.T, bare, branch string, want known) {
	t.Helper()
	l, err := lockfile.Parse("f", []byte(run(t, bare, "show", branch+":billing/moka.lock")+"\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	got := known{}
	for _, e := range l.Entries() {
		got[e.Address.Name] = e.Code
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s knows %v, want %v", branch, got, want)
	}
}

func TestBothSidesAreKept(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 2)
	if a := d[0].push(known{"gold": "1", "silver": "2"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	if a := d[1].push(known{"gold": "1", "bronze": "3"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	has(t, bare, "main", known{"gold": "1", "silver": "2", "bronze": "3"})
}

// The branch aside has what others pushed to main too: merging it takes nothing away.
func TestAsideTakesNothingAway(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 2)
	d[0].push(known{"gold": "1", "silver": "2"})
	hook := filepath.Join(bare, "hooks", "update")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\n[ \"$1\" != refs/heads/main ]\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	aside := d[1].push(known{"gold": "1", "bronze": "3"})
	if aside == "" {
		t.Fatal("main took the push")
	}
	has(t, bare, aside, known{"gold": "1", "silver": "2", "bronze": "3"})
}

// A second push from one checkout comes from what the first one pushed, not from the commit that is checked out.
func TestSecondPush(t *testing.T) {
	bare, d := office(t, known{"gold": "149"}, 2)
	d[0].push(known{"gold": "159"})
	run(t, d[1].folder, "pull", "-q")
	d[1].push(known{"gold": "149"}) // somebody took the price back
	if a := d[0].push(known{"gold": "159", "iron": "5"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	has(t, bare, "main", known{"gold": "149", "iron": "5"})
}

// Commits of one's own between two pushes change nothing about that, and what git brings into the checkout does.
func TestSecondPushLater(t *testing.T) {
	bare, d := office(t, known{"gold": "149"}, 2)
	d[0].push(known{"gold": "159"})
	run(t, d[0].folder, "commit", "-q", "--allow-empty", "-m", "mine")
	if a := d[0].push(known{"gold": "169"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	has(t, bare, "main", known{"gold": "169"})
	run(t, d[0].folder, "pull", "-q", "--no-rebase", "--no-edit") // the work tree of this test has the commit's lockfile
	if a := d[0].push(known{"gold": "179"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	has(t, bare, "main", known{"gold": "179"})
}

// A lockfile that was taken back to the commit, or begun anew, does not take away what the branch knows.
func TestOlderLockfiles(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 1)
	d[0].push(known{"gold": "1", "silver": "2"})
	if a := d[0].push(known{"gold": "1"}); a == "" { // taken back, with nothing applied since
		has(t, bare, "main", known{"gold": "1", "silver": "2"})
	}
	if a := d[0].push(known{"gold": "1", "iron": "5"}); a == "" {
		t.Error("a lockfile that was taken back was pushed")
	}
	has(t, bare, "main", known{"gold": "1", "silver": "2"})
	_, fresh := office(t, known{"gold": "1"}, 1)
	_, err := fresh[0].Push(context.Background(), known{"iron": "5"}.text(lockfile.NewSalt()))
	if e := (*gitlock.AsideError)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), "begun anew") {
		t.Errorf("a lockfile that was begun anew gives %v", err)
	}
	has(t, bare, "main", known{"gold": "1", "silver": "2"})
}

// Pull brings what others applied into a checkout of an older commit, and a push after it takes none of it back.
func TestPull(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 2)
	ctx := context.Background()
	d[0].push(known{"gold": "2", "silver": "2"})
	got, err := d[1].Pull(ctx, known{"gold": "1"}.text(salt), written)
	if want := (known{"gold": "2", "silver": "2"}).text(salt); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("pulled is\n%s(%v), want\n%s", got, err, want)
	}
	// Pulled again with the checkout as the commit has it, as on a runner that keeps its clone.
	if got, err = d[1].Pull(ctx, known{"gold": "1"}.text(salt), written); err != nil || !bytes.Contains(got, []byte("silver")) {
		t.Fatalf("pulled again is\n%s(%v)", got, err)
	}
	if a := d[1].push(known{"gold": "2", "silver": "2", "iron": "5"}); a != "" {
		t.Fatalf("aside on %s", a)
	}
	has(t, bare, "main", known{"gold": "2", "silver": "2", "iron": "5"})
	if got, err := d[1].Pull(ctx, nil, written); err != nil || !bytes.Contains(got, []byte("iron")) {
		t.Errorf("a checkout without a lockfile gets\n%s(%v)", got, err)
	}
}

// written is where a pulled lockfile goes.
func written([]byte) error { return nil }

// A pull that dies before its lockfile is written, and a checkout that is taken back after one, do not bring back what others have removed.
func TestPullDiesOrIsTakenBack(t *testing.T) {
	for _, dies := range []bool{true, false} {
		bare, d := office(t, known{"gold": "1", "silver": "2"}, 2)
		d[0].push(known{"gold": "1"}) // silver is deleted
		gone := errors.New("the machine dies")
		_, err := d[1].Pull(context.Background(), known{"gold": "1", "silver": "2"}.text(salt), func([]byte) error {
			if dies {
				return gone
			}
			return nil
		})
		if dies != errors.Is(err, gone) {
			t.Fatalf("the pull gives %v", err)
		}
		d[1].push(known{"gold": "1", "silver": "2", "iron": "5"}) // it may go aside
		want := known{"gold": "1"}
		if dies { // nothing was remembered: what is new here is added, what is gone there stays gone
			want["iron"] = "5"
		}
		has(t, bare, "main", want)
	}
}

// What an earlier apply recorded aside is merged before the next one.
func TestPullWaits(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 2)
	hook := filepath.Join(bare, "hooks", "update")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\n[ \"$1\" != refs/heads/main ]\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	aside := d[0].push(known{"gold": "1", "silver": "2"})
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, err := d[1].Pull(ctx, known{"gold": "1"}.text(salt), written)
	var waiting *gitlock.WaitingError
	if !errors.As(err, &waiting) || waiting.Waiting != aside {
		t.Fatalf("the pull gives %v, want that %s waits", err, aside)
	}
	// Merged, as a squash: the branch is no ancestor of main.
	folder := filepath.Join(t.TempDir(), "merge")
	run(t, t.TempDir(), "clone", "-q", bare, folder)
	run(t, folder, "merge", "-q", "--squash", "origin/"+aside)
	run(t, folder, "commit", "-qm", "merged")
	run(t, folder, "push", "-q", "origin", "HEAD:refs/heads/main")
	if got, err := d[1].Pull(ctx, known{"gold": "1"}.text(salt), written); err != nil || !bytes.Contains(got, []byte("silver")) {
		t.Errorf("pulled is\n%s(%v)", got, err)
	}
}

// Commits that were never pushed do not go to the remote with the lockfile.
func TestAsideLeavesWorkHere(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 2)
	d[0].push(known{"gold": "2"})
	if err := os.WriteFile(filepath.Join(d[1].folder, "unreviewed"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, d[1].folder, "add", "-A")
	run(t, d[1].folder, "commit", "-qm", "mine")
	aside := d[1].push(known{"gold": "3"})
	if aside == "" {
		t.Fatal("a conflict was pushed")
	}
	if files := run(t, bare, "ls-tree", "-r", "--name-only", aside); files != "billing/moka.lock" {
		t.Errorf("the branch aside holds %s", files)
	}
}

func TestNoSuchBranch(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 1)
	d[0].Branch = "mian"
	_, err := d[0].Push(context.Background(), known{"gold": "2"}.text(salt))
	var none *gitlock.NoBranchError
	if !errors.As(err, &none) || !slices.Equal(none.Has, []string{"main"}) {
		t.Errorf("the push gives %v", err)
	}
	if branches := run(t, bare, "branch", "--format=%(refname:short)"); branches != "main" {
		t.Errorf("the remote has %s now", branches)
	}
}

// Many push at once: nothing is lost.
func TestManyAtOnce(t *testing.T) {
	bare, d := office(t, known{"gold": "1"}, 4)
	done := make(chan string)
	want := known{"gold": "1"}
	for i, desk := range d {
		name := string(rune('a' + i))
		want[name] = name
		go func() {
			_, err := desk.Push(context.Background(), known{"gold": "1", name: name}.text(salt))
			if err != nil {
				done <- err.Error()
				return
			}
			done <- ""
		}()
	}
	for range d {
		if text := <-done; text != "" {
			t.Error(text)
		}
	}
	has(t, bare, "main", want)
}
