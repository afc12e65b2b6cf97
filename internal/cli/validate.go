package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type validateOptions struct {
	inputFlags
	format string
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate [PATH…]",
		Short: "Check manifests; no credentials, no network",
		Long: `Check manifests: files, folders with all that is below them, and - for standard input. All mistakes
come in one run, each with its place. Nothing is written.`,
		Example: "  mokasync validate\n  mokasync validate billing/ --format json\n  mokasync validate --format github",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf(cmd, "format", o.format, append(slices.Clone(formats), "github")...); err != nil {
				return err
			}
			return a.validate(cmd, a.pathsOr(args), o)
		},
	}
	o.addPersonal(cmd.Flags())
	addFormat(cmd, &o.format, "github")
	return cmd
}

func (a *app) validate(cmd *cobra.Command, paths []string, o validateOptions) error {
	in, err := a.load(cmd.Context(), paths, o.inputFlags, a.StderrTTY && o.format == "text")
	if err != nil {
		return err
	}
	ds := append(in.diagnostics, in.set.PastDates(a.today(), knownAnywhere(paths, in.lockfiles, a.getenv("MOKASYNC_KEY")))...)
	judged, err := a.judgeManifests(cmd.Context(), in)
	if err != nil {
		return err
	}
	ds = append(ds, judged...)
	in.order(ds)
	ds = append(a.projectDiagnostics(in.set.Projects), ds...)
	switch o.format {
	case "json":
		err = render.DiagnosticsJSON(a.Stdout, ds)
	case "github":
		err = render.DiagnosticsGitHub(a.commands, ds, a.inWorkspace())
		a.stepSummary(func(w io.Writer, limit int) error {
			return render.DiagnosticsMarkdown(w, len(in.set.Resources), len(in.set.Files), ds, limit, fullValidate(paths))
		})
	default:
		a.tellDiagnostics(ds, o.personal)
	}
	if err != nil {
		return writing(err)
	}
	if spec.HasErrors(ds) {
		return codeError(exitRefused)
	}
	if o.format != "json" {
		_, err = fmt.Fprintf(a.Stdout, "Valid: %s in %s.\n", counted(len(in.set.Resources), "resource"), counted(len(in.set.Files), "file"))
	}
	return writing(err)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// writing is the error of a result that could not be written out.
func writing(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot write the result: %w", underlying(err))
}
