package forge_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/forge"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
	"pgregory.net/rapid"
)

var faultKinds = []forgetest.Kind{
	forgetest.DropBefore, forgetest.DropAfter, forgetest.Late, forgetest.ErrorBefore, forgetest.ErrorAfter, forgetest.Garbled,
	forgetest.Primary, forgetest.Secondary, forgetest.TooMany, forgetest.Wordless, forgetest.Refused,
}

// ours are the comments on pull request 7 that carry the marker of post and are the token's.
func (at side) ours(f *forgetest.Forge) (out []forgetest.Comment) {
	for _, one := range f.Comments(7) {
		if one.Author == at.author && strings.HasPrefix(one.Body, "<!-- mokasync:plan id=live+") {
			out = append(out, one)
		}
	}
	return out
}

// foreign are all others.
func (at side) foreign(f *forgetest.Forge) []forgetest.Comment {
	mine := at.ours(f)
	return slices.DeleteFunc(f.Comments(7), func(c forgetest.Comment) bool { return slices.Contains(mine, c) })
}

// TestAnything: whatever goes wrong on the way, whoever comments in between, however many runs there are at once: a run that says that it is done has left
// one comment with its text, one that does not says so, no foreign comment is touched, and the next calm run puts everything right.
func TestAnything(t *testing.T) {
	onEach(t, func(t *testing.T, at side) {
		rapid.Check(t, func(t *rapid.T) {
			f, s, c := at.serve(t)
			defer s.Close()
			f.Say(7, "elif", "hello")
			theft := ""
			for i := range rapid.IntRange(1, 6).Draw(t, "steps") {
				var late bool
				for range rapid.IntRange(0, 4).Draw(t, "faults") {
					kind := rapid.SampledFrom(faultKinds).Draw(t, "kind")
					late = late || kind == forgetest.Late
					f.Fail(forgetest.Fault{Method: rapid.SampledFrom([]string{"", "GET", "POST", at.edit, "DELETE"}).Draw(t, "method"), Kind: kind, For: time.Duration(rapid.IntRange(0, 90).Draw(t, "for")) * time.Second})
				}
				if theft != "" && rapid.Bool().Draw(t, "theft") {
					f.Say(7, rapid.SampledFrom([]string{"mallory", "", "acme-billing[bot]"}).Draw(t, "by"), theft)
				}
				if mine := at.ours(f); len(mine) > 0 && rapid.IntRange(0, 4).Draw(t, "removed") == 0 {
					f.Remove(mine[0].ID)
				}
				if rapid.IntRange(0, 3).Draw(t, "moves") == 0 {
					f.SetBranch("main", commit(fmt.Sprint(i)))
				}
				before := at.foreign(f)
				text := fmt.Sprint("plan ", i)
				switch rapid.IntRange(0, 3).Draw(t, "run") {
				case 0:
					looked, err := at.client(t, s, c, at.token).MarkStale(t.Context(), forge.Stale{Base: "main"})
					t.Logf("mark: %+v %v", looked, err)
				case 1:
					var both sync.WaitGroup
					for j := range 2 {
						both.Go(func() {
							// What becomes of either is seen below: neither knows of the other.
							at.client(t, s, c, at.token).Put(t.Context(), post(fmt.Sprint(text, " of run ", j)))
						})
					}
					both.Wait()
				default:
					r, err := at.client(t, s, c, at.token).Put(t.Context(), post(text))
					t.Logf("put: %+v %v", r, err)
					if mine := at.ours(f); err == nil && !late && (len(mine) != 1 || !strings.HasSuffix(mine[0].Body, "\n"+text)) {
						t.Fatalf("%v, and there are %+v", r, mine)
					}
				}
				if diff := cmp.Diff(before, at.foreign(f)); diff != "" {
					t.Fatalf("foreign comments were touched:\n%s", diff)
				}
				if mine := at.ours(f); len(mine) > 0 {
					theft = mine[0].Body
				}
			}
			f.Calm()
			if _, err := at.client(t, s, c, at.token).Put(t.Context(), post("the last")); err != nil {
				t.Fatal(err)
			}
			if mine := at.ours(f); len(mine) != 1 || !strings.HasSuffix(mine[0].Body, "\nthe last") {
				t.Fatalf("in the end there are %+v", mine)
			}
		})
	})
}
