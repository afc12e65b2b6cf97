package forge

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMarker: what is hidden is found again, whatever it is, and cannot end the remark that hides it.
func TestMarker(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		want := Marker{ID: rapid.StringN(1, -1, -1).Draw(t, "id"), Base: text.Draw(t, "base"), BaseCommit: text.Draw(t, "base commit"), HeadCommit: text.Draw(t, "head commit"), Digest: text.Draw(t, "digest")}
		line := want.line()
		if strings.ContainsAny(line, "\r\n") || strings.Count(line, ">") != 1 || strings.Count(line, "<") != 1 {
			t.Fatalf("%q", line)
		}
		for _, end := range []string{"", "\r"} {
			if got, ok := parseMarker(line + end); !ok || got != want {
				t.Fatalf("%q: got %+v, want %+v", line, got, want)
			}
		}
	})
}

// TestNoMarker: what is nearly a marker is none.
func TestNoMarker(t *testing.T) {
	for _, body := range []string{
		"", "the plan", "<!-- mokasync:plan -->\nx", "<!-- mokasync:plan base=main -->\nx", "<!-- mokasync:plan id= -->\nx", "<!-- mokasync:plan id=a id=b -->\nx",
		"<!-- mokasync:plan id=%zz -->\nx", "\n<!-- mokasync:plan id=a -->\nx", " <!-- mokasync:plan id=a -->\nx", "> <!-- mokasync:plan id=a -->\nx", "<!-- mokasync:plan id=a --> x\n",
	} {
		if p, ok := take(body); ok {
			t.Errorf("%q is taken for %+v", body, p)
		}
	}
	if p, ok := take("<!-- mokasync:plan id=a later=1 -->\nx"); !ok || p.marker.ID != "a" {
		t.Error("a field of a later version is not passed over")
	}
}

// TestBanner: a banner goes in and out, and the text below it stays as it is, byte for byte; marking twice is marking once.
func TestBanner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if strings.HasPrefix(text, bannerBegin) {
			t.Skip("no plan begins so")
		}
		m := Marker{ID: "a", Base: rapid.String().Draw(t, "base"), BaseCommit: "c1", HeadCommit: "c2"}
		forge := rapid.SampledFrom([]Kind{GitHub, GitLab}).Draw(t, "forge")
		fresh := now{m.Base, "c1", "c2", forge}
		moved := now{rapid.SampledFrom([]string{m.Base, "other"}).Draw(t, "base now"), rapid.SampledFrom([]string{"c1", "c3"}).Draw(t, "base commit"), rapid.SampledFrom([]string{"c2", "c4"}).Draw(t, "head"), forge}
		body := parts{first: m.line() + "\n", text: text}.body()
		marked, action := restated(body, moved)
		if (action == Unchanged) != (moved == fresh) || !strings.HasSuffix(marked, text) || len(marked)-len(body) > maxBanner {
			t.Fatalf("%s:\n%s", action, marked)
		}
		if twice, action := restated(marked, moved); twice != marked || action != Unchanged {
			t.Fatalf("twice: %s:\n%s", action, twice)
		}
		if cleared, _ := restated(marked, fresh); cleared != body {
			t.Fatalf("got %q, want %q", cleared, body)
		}
	})
}

// FuzzTake: whatever a comment is, its parts are the whole of it.
func FuzzTake(f *testing.F) {
	f.Add("<!-- mokasync:plan id=a -->\n" + bannerBegin + "\nx\n" + bannerEnd + "\ntext")
	f.Add("<!-- mokasync:plan id=a -->\r\n" + bannerBegin + "\r\nx\r\n" + bannerEnd + "\r\ntext")
	f.Fuzz(func(t *testing.T, body string) {
		p, ok := take(body)
		if ok && (p.body() != body || p.marker.ID == "") {
			t.Errorf("%q: got %+v", body, p)
		}
		at := now{"main", "c1", "c2", GitLab}
		once, _ := restated(body, at)
		if twice, action := restated(once, at); twice != once || action != Unchanged {
			t.Errorf("%q: %s: %q", body, action, twice)
		}
	})
}
