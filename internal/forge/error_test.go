package forge

import "testing"

// TestSentence: what the forges say when they refuse a call, in the forms in which they say it.
func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		`{"message":"Not Found","status":"404"}`:                                                    "Not Found",
		`{"message":"Validation Failed","errors":[{"code":"custom","message":"Body is too long"}]}`: "Validation Failed: Body is too long",
		`{"message":"Validation Failed","errors":["Body is too long"]}`:                             "Validation Failed",
		`{"message":{"note":["is too long (maximum is 1000000 characters)"],"base":["x","y"]}}`:     "base x, y: note is too long (maximum is 1000000 characters)",
		`{"message":["one","two"]}`:                                                                 "one: two",
		`{"error":"insufficient_scope","error_description":"More is needed.","scope":"api"}`:        "insufficient_scope: More is needed.",
		`{"error":{"code":1}}`: "",
		"\"Retry later\\n\"":   "",
		"Retry later":          "",
		"":                     "",
		"null":                 "",
	} {
		if got := sentence([]byte(text)); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
