package forge_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

// TestPut: the comment is made, left alone while it says the same, and edited in place.
func TestPut(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		made := put(t, k, post("one"))
		if made.Action != forge.Created || made.Comment.URL == "" || made.Comment.ID == 0 {
			t.Errorf("got %+v, want created", made)
		}
		f.Calls()
		if again := put(t, k, post("one")); again.Action != forge.Unchanged || f.Writes() != 0 {
			t.Errorf("got %+v, want unchanged and no write", again)
		}
		if edited := put(t, k, post("two")); edited.Action != forge.Edited || edited.Comment.ID != made.Comment.ID {
			t.Errorf("got %+v, want edited", edited)
		}
		if got := only(t, f); !strings.HasSuffix(got.Body, "-->\ntwo") || got.Author != at.author {
			t.Errorf("got %+v", got)
		}
	})
}

// TestEnvironments: comments with another ID are left alone, and so is what others wrote, marker or not.
func TestEnvironments(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		put(t, k, post("live"))
		stolen := f.Comments(7)[0].Body
		f.Say(7, "mallory", stolen)
		f.Say(7, "", stolen) // an account that is gone
		f.Say(7, at.author, "a linter's")
		test := post("test")
		test.Marker.ID = "test mokasync.test.lock"
		put(t, k, test)
		put(t, k, post("live again"))
		var got []string
		for _, one := range f.Comments(7) {
			_, text, _ := strings.Cut(one.Body, "\n")
			got = append(got, one.Author+": "+text)
		}
		want := []string{at.author + ": live again", "mallory: live", ": live", at.author + ": ", at.author + ": test"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestFarDown: the comment is found behind many others, page by page.
func TestFarDown(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		for i := range 250 {
			f.Say(7, "elif", fmt.Sprint("remark ", i))
		}
		k := at.client(t, s, c, at.token)
		put(t, k, post("one"))
		if r := put(t, k, post("two")); r.Action != forge.Edited || len(f.Comments(7)) != 251 {
			t.Errorf("got %+v and %d comments", r, len(f.Comments(7)))
		}
	})
}

// TestAuthor: whose comments are ours on GitHub, where an app may not ask who it is.
func TestAuthor(t *testing.T) {
	at := onGitHub
	for _, row := range []struct {
		token, author, wrote string
		notes                int
	}{
		{token: "workflow", wrote: "github-actions[bot]"},
		{token: "elif", wrote: "elif"},
		{token: "app", author: "acme-billing[bot]", wrote: "acme-billing[bot]"},
		{token: "app", wrote: "acme-billing[bot]", notes: 1}, // taken for a workflow's, and found out
	} {
		t.Run(row.token+row.author, func(t *testing.T) {
			f, s, c := at.serve(t)
			p := post("one")
			p.Author = row.author
			for range 3 {
				r := put(t, at.client(t, s, c, row.token), p)
				if got := only(t, f); got.Author != row.wrote {
					t.Errorf("written by %q, want %q", got.Author, row.wrote)
				}
				if len(r.Notes) != row.notes {
					t.Errorf("notes %q, want %d", r.Notes, row.notes)
				}
			}
		})
	}
}

// TestTwice: of two that two runs have made the first stays.
func TestTwice(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		first := put(t, k, post("one"))
		f.Say(7, at.author, f.Comments(7)[0].Body)
		f.Say(7, at.author, f.Comments(7)[0].Body)
		if r := put(t, k, post("two")); r.Comment.ID != first.Comment.ID || !strings.HasSuffix(only(t, f).Body, "\ntwo") {
			t.Errorf("got %+v", r)
		}
	})
}

// TestMoved: what has moved since the plan stands at the comment's top.
func TestMoved(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		for _, row := range []struct {
			name string
			move func(*forgetest.Forge)
			want []string
		}{
			{"nothing", func(*forgetest.Forge) {}, nil},
			{"base", func(f *forgetest.Forge) { f.SetBranch("main", commit("e")) }, []string{"`main` has moved on", "`aaaaaaaaaaaa`"}},
			{"target", func(f *forgetest.Forge) {
				f.SetBranch("next`|<b>", commit("a"))
				f.SetPull(forgetest.Pull{Number: 7, Base: "next`|<b>", Head: commit("b")})
			}, []string{"merged into ``next`|<b>`` now"}},
			{"head", func(f *forgetest.Forge) { f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: commit("e")}) }, []string{"new commits since this plan was made", "`bbbbbbbbbbbb`"}},
		} {
			t.Run(row.name, func(t *testing.T) {
				f, s, c := at.serve(t)
				row.move(f)
				put(t, at.client(t, s, c, at.token), post("the plan"))
				got := only(t, f).Body
				for _, want := range row.want {
					if !strings.Contains(got, want) {
						t.Errorf("lacks %q:\n%s", want, got)
					}
				}
				if strings.Contains(got, "WARNING") != (row.want != nil) || !strings.HasSuffix(got, "\nthe plan") {
					t.Errorf("got:\n%s", got)
				}
			})
		}
	})
}

// TestGivesWay: a late plan of an older commit does not replace that of a newer one, and is made only where there is none.
func TestGivesWay(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		newer := post("newer")
		newer.Marker.HeadCommit = commit("e")
		f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: commit("e")})
		put(t, k, newer)
		f.Calls()
		r := put(t, k, post("older"))
		if r.Action != forge.Skipped || len(r.Notes) != 1 || f.Writes() != 0 || !strings.HasSuffix(only(t, f).Body, "\nnewer") {
			t.Errorf("got %+v", r)
		}
	})
}

// TestEditOnly: where no comment is, none is made; one that is there is edited.
func TestEditOnly(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		p := post("no changes")
		p.EditOnly = true
		if r := put(t, k, p); r.Action != forge.Skipped || len(f.Comments(7)) != 0 {
			t.Errorf("got %+v", r)
		}
		put(t, k, post("changes"))
		if r := put(t, k, p); r.Action != forge.Edited || !strings.HasSuffix(only(t, f).Body, "\nno changes") {
			t.Errorf("got %+v", r)
		}
	})
}

// TestRefused: what cannot be done is an error that says what it is, and nothing is written.
func TestRefused(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		for _, row := range []struct {
			name, token string
			change      func(*forgetest.Forge, *forge.Post)
			is          func(*forge.Error) bool
		}{
			{"a token that may only read", at.reader, nil, (*forge.Error).ReadOnly},
			{"a token that nobody knows", "nobody", nil, (*forge.Error).BadToken},
			{"no such pull request", at.token, func(_ *forgetest.Forge, p *forge.Post) { p.Number = 8 }, (*forge.Error).NotFound},
			{"locked", at.token, func(f *forgetest.Forge, _ *forge.Post) {
				f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: commit("b"), Locked: true})
			}, func(e *forge.Error) bool { return e.Status == 403 && !e.ReadOnly() }},
			{"no base branch", at.token, func(f *forgetest.Forge, _ *forge.Post) {
				f.SetPull(forgetest.Pull{Number: 7, Base: "gone", Head: commit("b")})
			}, (*forge.Error).NotFound},
		} {
			t.Run(row.name, func(t *testing.T) {
				f, s, c := at.serve(t)
				p := post("one")
				if row.change != nil {
					row.change(f, &p)
				}
				_, err := at.client(t, s, c, row.token).Put(t.Context(), p)
				var e *forge.Error
				if !errors.As(err, &e) || !row.is(e) || len(f.Comments(7)) != 0 {
					t.Errorf("got %v", err)
				}
			})
		}
	})
}

// TestLength: what Room gives is taken by the forge, later also with the longest banner; more is refused here.
func TestLength(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		branch := strings.Repeat("ş`", 80)
		f.SetBranch(branch, commit("a"))
		f.SetPull(forgetest.Pull{Number: 7, Base: branch, Head: commit("b")})
		p := post("")
		p.Marker.Base = branch
		p.Text = strings.Repeat("x", forge.Room(p.Marker))
		k := at.client(t, s, c, at.token)
		put(t, k, p)
		f.SetPull(forgetest.Pull{Number: 7, Base: "main", Head: commit("e")})
		if looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "main"}); err != nil || len(looked) != 1 || looked[0].Action != forge.Marked {
			t.Errorf("got %+v, %v", looked, err)
		}
		if n := len(only(t, f).Body); n > forge.MaxBody {
			t.Errorf("%d bytes", n)
		}
		p.Text += "x"
		if _, err := k.Put(t.Context(), p); err == nil {
			t.Error("a byte too many is taken")
		}
	})
}

// TestLost: an answer that is lost is looked into before anything is made again.
func TestLost(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		for _, row := range []struct {
			kinds []forgetest.Kind
			posts int
		}{
			{[]forgetest.Kind{forgetest.DropAfter}, 1},
			{[]forgetest.Kind{forgetest.ErrorAfter}, 1},
			{[]forgetest.Kind{forgetest.Garbled}, 1},
			{[]forgetest.Kind{forgetest.DropBefore}, 2},
			{[]forgetest.Kind{forgetest.ErrorBefore, forgetest.DropBefore, forgetest.DropAfter}, 3},
			{[]forgetest.Kind{forgetest.Late}, 1},
		} {
			t.Run(fmt.Sprint(row.kinds), func(t *testing.T) {
				f, s, c := at.serve(t)
				for _, kind := range row.kinds {
					f.Fail(forgetest.Fault{Method: "POST", Kind: kind})
				}
				r := put(t, at.client(t, s, c, at.token), post("one"))
				posts := 0
				for _, call := range f.Calls() {
					if strings.HasPrefix(call, "POST ") {
						posts++
					}
				}
				if only(t, f); r.Action != forge.Created || posts != row.posts {
					t.Errorf("got %+v with %d posts, want %d", r, posts, row.posts)
				}
			})
		}
		t.Run("always", func(t *testing.T) {
			f, s, c := at.serve(t)
			f.Fail(slices.Repeat([]forgetest.Fault{{Method: "POST", Kind: forgetest.ErrorBefore}}, 20)...)
			_, err := at.client(t, s, c, at.token).Put(t.Context(), post("one"))
			var e *forge.Error
			if !errors.As(err, &e) || !e.Unknown {
				t.Errorf("got %v, want one that says that it is not known", err)
			}
		})
	})
}

// TestDeleted: a comment that is deleted while it is edited is made anew.
func TestDeleted(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		first := put(t, k, post("one"))
		// The answer of the edit is lost, and a person deletes the comment before it is made again.
		f.Fail(forgetest.Fault{Method: at.edit, Kind: forgetest.DropAfter})
		removing, err := forge.New(forge.Options{
			Kind: at.kind, Address: s.URL + at.under, Repository: forgetest.Repository, Token: at.token, UserAgent: "t", Wait: time.Minute, Now: c.now,
			Sleep: (&pausing{c, func() { f.Remove(first.Comment.ID) }}).sleep,
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := put(t, removing, post("two")); r.Action != forge.Created || !strings.HasSuffix(only(t, f).Body, "\ntwo") {
			t.Errorf("got %+v", r)
		}
	})
}
