package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/project"
	"github.com/spf13/cobra"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Begin a project in this folder: mokasync.yaml, a first manifest, and what git is to know",
		Long: `Write a first project into the working folder: mokasync.yaml with the environments sandbox, test and live; billing/first.yaml,
a customer who pays monthly; the schemas that editors check both by; and lines for .gitignore and .gitattributes.
Nothing is overwritten: if one of these files is there already, nothing is written. What it writes can be planned and applied
at once, on the embedded sandbox.`,
		Example: "  mokasync init && mokasync plan",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.init() },
	}
}

// initWords say what the files are for.
var initWords = map[string]string{
	project.FileName:                 "the settings: environments sandbox, test and live",
	project.FirstManifest:            "a first customer, card, product, schedule and sale",
	".mokasync/project.schema.json":  "by which editors check mokasync.yaml",
	".mokasync/mokasync.schema.json": "by which editors check manifests",
	".gitignore":                     "what runs leave beside the lockfile stays out of git; the lockfile goes in",
	".gitattributes":                 "git has mokasync merge lockfiles",
}

func (a *app) init() error {
	written, err := project.Init(".", a.today())
	var way *project.InTheWayError
	switch {
	case errors.As(err, &way):
		return hinted(err, "go to another folder, or move them away")
	case err != nil:
		return fmt.Errorf("nothing was written: %w", err)
	}
	var out strings.Builder
	out.WriteString("Written:\n")
	for _, w := range written {
		what := initWords[w.Name]
		if w.Added {
			what += " (lines added)"
		}
		fmt.Fprintf(&out, "  %-32s %s\n", w.Name, what)
	}
	out.WriteString(`
Next, on the embedded sandbox, where nobody is charged:
  mokasync validate
  mokasync plan
  mokasync apply

Once in every clone, so that git has mokasync merge lockfiles:
  git config merge.mokasync.driver "mokasync lock merge %O %A %B %P"
`)
	_, err = fmt.Fprint(a.Stdout, out.String())
	return writing(err)
}
