package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/cli"
)

// onSandbox runs a command against the embedded sandbox.
func onSandbox(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	terminal := env["TERMINAL"] != ""
	code = cli.Run(context.Background(), cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, StderrTTY: terminal, StdoutTTY: terminal, Version: "test",
		Now: time.Now, LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}, args)
	return code, out.String(), err.String()
}

// What show adds below the first line of the text, and what the file leaves out of a finding.
var (
	shownHead = regexp.MustCompile(`(?m)^  (saved by mokasync|base URL|git commit|manifests:|digest) .*\n`)
	excerpt   = regexp.MustCompile(`(?m)^    .*\n`)
)

// dearer changes the amount of the first sale in each file below the working folder.
func dearer(t *testing.T) {
	t.Helper()
	changed := 0
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if at := amount.FindIndex(text); err == nil && at != nil {
			changed++
			err = os.WriteFile(path, slices.Concat(text[:at[0]], []byte(`amount: "1234.50"`), text[at[1]:]), 0o644)
		}
		return err
	})
	if err != nil || changed == 0 {
		t.Fatalf("%d amounts are changed: %v", changed, err)
	}
}

var amount = regexp.MustCompile(`amount: "[0-9.]+"`)

// What a reviewer sees of a saved plan is what the plan showed, in every format: fields, reasons, counts and findings.
func TestShowIsThePlan(t *testing.T) {
	for _, example := range []struct{ name, left string }{{"gym", "lessons.yaml"}, {"isp", "trabzon"}} {
		t.Run(example.name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.CopyFS(filepath.Join(root, "m"), os.DirFS(filepath.Join("../../examples", example.name))); err != nil {
				t.Fatal(err)
			}
			t.Chdir(filepath.Join(root, "m"))
			same := func(when string, flags ...string) {
				t.Helper()
				for _, format := range []string{"text", "json", "markdown"} {
					code, planned, said := onSandbox(t, nil, append([]string{"plan", "--format", format, "--out", "../plan.json"}, flags...)...)
					if code != 0 {
						t.Fatalf("%s: plan %q exits with %d: %s%s", when, flags, code, planned, said)
					}
					_, shown, shownSaid := onSandbox(t, nil, "show", "../plan.json", "--format", format)
					if format == "text" {
						shown, said = shownHead.ReplaceAllString(shown, ""), excerpt.ReplaceAllString(said, "")
					}
					shown = strings.ReplaceAll(shown, "`mokasync show ../plan.json`", "`mokasync plan"+strings.Join(append([]string{" --endpoint sandbox"}, flags...), " ")+"`")
					if diff := cmp.Diff(planned+said, shown+shownSaid); diff != "" {
						t.Errorf("%s: show of plan %q as %s differs (plan -, show +):\n%s", when, flags, format, diff)
					}
				}
			}
			same("before anything is there")
			if code, out, err := onSandbox(t, nil, "apply", "--auto-approve"); code != 0 {
				t.Fatalf("apply exits with %d: %s%s", code, out, err)
			}
			same("when all is there")
			dearer(t)
			same("when a sale is dearer")
			same("when a sale is dearer", "--refresh")
			if err := os.RemoveAll(example.left); err != nil {
				t.Fatal(err)
			}
			for _, flags := range [][]string{nil, {"--refresh"}, {"--prune"}, {"--refresh", "--prune"}} {
				same("when "+example.left+" has left the manifests", flags...)
			}
		})
	}
}
