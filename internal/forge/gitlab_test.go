package forge_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

// TestProject: a project is named by its path, which is one segment of the API's, or by its number; a comment's address is a place on the merge request's page.
func TestProject(t *testing.T) {
	for _, project := range []string{forgetest.Repository, forgetest.ProjectNumber} {
		f, s, c := onGitLab.serve(t)
		f.SetBranch("release/2027", commit("a"))
		f.SetPull(forgetest.Pull{Number: 7, Base: "release/2027", Head: commit("b")})
		k, err := forge.New(forge.Options{Kind: forge.GitLab, Address: s.URL + "/api/v4", Repository: project, Token: "project", Now: c.now, Sleep: c.sleep})
		if err != nil {
			t.Fatal(err)
		}
		p := post("one")
		p.Marker.Base = "release/2027"
		const want = "https://gitlab.example.com/acme/billing/-/merge_requests/7#note_101"
		if r := put(t, k, p); r.Comment.URL != want {
			t.Errorf("%s: got %+v, want %s", project, r.Comment, want)
		}
		looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "release/2027"})
		if err != nil || len(looked) != 1 || looked[0].Comment.URL != want || looked[0].Action != forge.Unchanged {
			t.Errorf("%s: got %+v, %v", project, looked, err)
		}
	}
}

// TestQuickActions: nothing that stands around a plan is a quick action, whatever a branch is called.
func TestQuickActions(t *testing.T) {
	f, s, c := onGitLab.serve(t)
	k := onGitLab.client(t, s, c, "project")
	p := post("the plan")
	p.Marker.ID, p.Marker.Base = "live\n/close\n", "/merge"
	put(t, k, p)
	f.SetBranch("/close", commit("e"))
	f.SetPull(forgetest.Pull{Number: 7, Base: "/close", Head: commit("e")})
	if looked, err := k.MarkStale(t.Context(), forge.Stale{Base: "/close"}); err != nil || !slices.Equal(actions(looked), []string{"marked"}) {
		t.Errorf("got %+v, %v", looked, err)
	}
	if got := only(t, f).Body; len(f.QuickActions()) > 0 || !strings.Contains(got, "The merge request is to be merged into `/close` now") {
		t.Errorf("GitLab would do %q, and keeps:\n%s", f.QuickActions(), got)
	}
}

// TestPages: the next page is found by its number, and where something on the way drops that header, by the link.
func TestPages(t *testing.T) {
	for _, dropped := range []string{"", "X-Next-Page", "Link"} {
		f, _, c := onGitLab.serve(t)
		for range 150 {
			f.Say(7, "elif", "a remark")
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			f.ServeHTTP(answer, r)
			answer.Header().Del(dropped)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.Code)
			w.Write(answer.Body.Bytes())
		}))
		defer s.Close()
		k := onGitLab.client(t, s, c, "project")
		put(t, k, post("one"))
		if r := put(t, k, post("two")); r.Action != forge.Edited || len(f.Comments(7)) != 151 {
			t.Errorf("without %q: got %+v and %d comments", dropped, r, len(f.Comments(7)))
		}
	}
}
