package forge_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

func actions(looked []forge.Looked) (out []string) {
	for _, l := range looked {
		out = append(out, string(l.Action))
	}
	return out
}

// TestStale: when the base branch moves, the plans against its old commit are marked, once, and a new plan takes the mark away.
func TestStale(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		f.SetBranch("next", commit("a"))
		f.SetPull(forgetest.Pull{Number: 8, Base: "main", Head: commit("b")})
		f.SetPull(forgetest.Pull{Number: 9, Base: "next", Head: commit("b")})
		f.SetPull(forgetest.Pull{Number: 10, Base: "main", Head: commit("b"), Closed: true})
		k := at.client(t, s, c, at.token)
		for _, n := range []int{7, 8, 9, 10} {
			p := post("the plan\nof it")
			p.Number = n
			if n == 9 {
				p.Marker.Base = "next"
			}
			put(t, k, p)
		}
		foreign := f.Comments(7)[0].Body
		f.Say(8, "mallory", foreign)
		step := func(name string, want ...string) {
			t.Helper()
			looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "main"})
			if got := actions(looked); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
			}
		}
		step("nothing has moved", "unchanged", "unchanged")
		f.SetBranch("main", commit("e"))
		step("moved", "marked", "marked")
		f.SetBranch("main", commit("f"))
		f.Calls()
		step("moved again", "unchanged", "unchanged")
		if n := f.Writes(); n != 0 {
			t.Errorf("%d writes for what is marked", n)
		}
		if got := only(t, f).Body; !strings.Contains(got, "`main` has moved on") || !strings.HasSuffix(got, "-->\nthe plan\nof it") {
			t.Errorf("got:\n%s", got)
		}
		for n, author := range map[int]string{8: "mallory", 9: "", 10: ""} {
			for _, one := range f.Comments(n) {
				if one.Author == author || author == "" {
					if strings.Contains(one.Body, "moved") {
						t.Errorf("pull request %d: %s's comment is marked", n, one.Author)
					}
				}
			}
		}
		p := post("a new plan")
		p.Marker.BaseCommit = commit("f")
		put(t, k, p)
		step("a new plan", "unchanged", "unchanged")
		if got := only(t, f).Body; strings.Contains(got, "moved") {
			t.Errorf("got:\n%s", got)
		}
		f.SetBranch("main", commit("a"))
		step("and back", "marked", "cleared")
		if got := f.Comments(8)[0].Body; !strings.HasSuffix(foreign, got[strings.Index(got, "\n"):]) {
			t.Errorf("got:\n%s", got)
		}
	})
}

// TestStaleOfOne: with an ID only that environment's comment is marked.
func TestStaleOfOne(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		put(t, k, post("live"))
		p := post("test")
		p.Marker.ID = "test"
		put(t, k, p)
		f.SetBranch("main", commit("e"))
		if looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "main", ID: "test"}); err != nil || !slices.Equal(actions(looked), []string{"marked"}) {
			t.Errorf("got %+v, %v", looked, err)
		}
		if strings.Contains(f.Comments(7)[0].Body, "moved") {
			t.Error("the other one is marked too")
		}
	})
}

// TestStaleRefused: one pull request that cannot be written to does not keep the others from being marked; a token that may not write ends it at once.
func TestStaleRefused(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		f.SetPull(forgetest.Pull{Number: 8, Base: "main", Head: commit("b")})
		k := at.client(t, s, c, at.token)
		put(t, k, post("one"))
		p := post("two")
		p.Number = 8
		put(t, k, p)
		f.SetBranch("main", commit("e"))
		var e *forge.Error
		if looked, err := at.client(t, s, c, at.reader).MarkStale(t.Context(), forge.Stale{Base: "main"}); !errors.As(err, &e) || !e.ReadOnly() || len(looked) != 0 {
			t.Errorf("got %+v, %v", looked, err)
		}
		f.Fail(forgetest.Fault{Method: at.edit, Kind: forgetest.Refused})
		looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "main"})
		if !errors.As(err, &e) || e.Status != 403 || !slices.Equal(actions(looked), []string{"marked"}) {
			t.Errorf("got %+v, %v", looked, err)
		}
	})
}

// TestStaleMeetsPlan: a plan that is put there after the list was read is not overwritten.
func TestStaleMeetsPlan(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		f, s, c := at.serve(t)
		k := at.client(t, s, c, at.token)
		put(t, k, post("old"))
		f.SetBranch("main", commit("e"))
		p := post("new")
		p.Marker.BaseCommit = commit("e")
		listed := false
		between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f.ServeHTTP(w, r)
			if strings.HasSuffix(r.URL.Path, at.list) && !listed {
				listed = true
				put(t, k, p)
			}
		}))
		defer between.Close()
		looked, err := at.client(t, between, c, at.token).MarkStale(t.Context(), forge.Stale{Base: "main"})
		if err != nil || !listed || !slices.Equal(actions(looked), []string{"unchanged"}) || !strings.HasSuffix(only(t, f).Body, "-->\nnew") {
			t.Errorf("got %+v, %v:\n%s", looked, err, only(t, f).Body)
		}
	})
}
