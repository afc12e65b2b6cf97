package edit

import (
	"strings"
	"testing"
)

// A change of a masked value is a change of its line, and nothing of it is seen.
func TestMaskedDiff(t *testing.T) {
	before := "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: elif}\nspec:\n  firstName: Elif # known\n  email: a@example.com\n"
	for _, row := range []struct{ name, after, want string }{
		{"nothing", before, ""},
		{"a masked value", strings.Replace(before, "a@", "b@", 1), "--- m.yaml\n+++ m.yaml\n@@ -3,4 +3,4 @@\n metadata: {name: elif}\n spec:\n   firstName: (personal) # •••\n-  email: (personal)\n+  email: (personal)\n"},
		{"a line that goes", strings.Replace(before, "  email: a@example.com\n", "", 1), "--- m.yaml\n+++ m.yaml\n@@ -3,4 +3,3 @@\n metadata: {name: elif}\n spec:\n   firstName: (personal) # •••\n-  email: (personal)\n"},
		{"no line break at the end", strings.TrimSuffix(before, "\n"), "--- m.yaml\n+++ m.yaml\n@@ -3,4 +3,4 @@\n metadata: {name: elif}\n spec:\n   firstName: (personal) # •••\n-  email: (personal)\n+  email: (personal)\n\\ No newline at end of file\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := MaskedDiff("m.yaml", []byte(before), []byte(row.after), false); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
	if got := MaskedDiff("m.yaml", []byte(before), []byte(strings.Replace(before, "a@", "b@", 1)), true); !strings.Contains(got, "-  email: a@example.com\n+  email: b@example.com\n") {
		t.Errorf("personal values, asked for, are not shown:\n%s", got)
	}
}
