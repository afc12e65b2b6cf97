package forge_test

import (
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/forge"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"https://api.github.com":               "https://api.github.com",
		" https://GitHub.example.com/api/v3/ ": "https://github.example.com/api/v3",
		"https://gitlab.example.com/api/v4":    "https://gitlab.example.com/api/v4",
		"http://127.0.0.1:8080":                "http://127.0.0.1:8080",
		"http://[::1]:8080/x":                  "http://[::1]:8080/x",
		"http://localhost":                     "http://localhost",
		"http://api.github.com":                "",
		"http://127.0.0.1.example.com":         "",
		"http://localhost.example.com":         "",
		"https://elif:secret@example.com":      "",
		"https://example.com?token=secret":     "",
		"https://example.com#secret":           "",
		"ftp://example.com":                    "",
		"api.github.com":                       "",
		"https://":                             "",
		"":                                     "",
		"https://secret\x7f.example.com":       "",
	} {
		u, err := forge.ParseAddress(text)
		if (err == nil) != (want != "") || err == nil && u.String() != want {
			t.Errorf("%q: got %v, %v, want %q", text, u, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes it: %v", text, err)
		}
	}
}

func TestParseRepository(t *testing.T) {
	for _, row := range []struct {
		text           string
		github, gitlab bool
	}{
		{"acme/billing", true, true}, {"a-b/c.d_e", true, true}, {"acme/pay/billing", false, true}, {"42", false, true},
		{"acme", false, false}, {"acme/..", false, false}, {"acme/./x", false, false}, {"acme/.", false, false}, {"../billing", false, false}, {"acme//x", false, false}, {"/acme/x", false, false},
		{"acme/a b", false, false}, {"acme/a?b", false, false}, {"acme/%2e", false, false}, {"0", false, false}, {"-1", false, false}, {"", false, false},
	} {
		for kind, want := range map[forge.Kind]bool{forge.GitHub: row.github, forge.GitLab: row.gitlab} {
			if _, err := forge.ParseRepository(kind, row.text); (err == nil) != want {
				t.Errorf("%s, %q: got %v", kind, row.text, err)
			}
		}
	}
}

func TestParseCommit(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 40): strings.Repeat("a", 40), strings.Repeat("AB", 32) + "\n": strings.Repeat("ab", 32), "HEAD": "", "abc1234": "", "": "", strings.Repeat("g", 40): "", strings.Repeat("a", 41): "",
	} {
		if got, err := forge.ParseCommit(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}
