package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type fmtOptions struct {
	format      string
	check, diff bool
	personal    bool
}

func (a *app) fmtCommand() *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Put manifests into one style, comments kept; no credentials, no network",
		Long: `Put manifests into one style: keys in the order of the documentation, two blanks of indentation, dates and
amounts in quotes, no needless blanks. Comments move with their keys. What a manifest says never changes: the
result is read again before it is written. Other tools' documents stay as they are. The files that were changed
are listed. With - standard input is formatted to standard output.`,
		Example: "  mokasync fmt\n  mokasync fmt --check billing/\n  mokasync fmt --diff billing/sales.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.judge(cmd, args); err != nil {
				return err
			}
			if slices.Contains(args, "-") {
				return a.fmtStdin(o)
			}
			return a.fmt(cmd.Context(), a.pathsOr(args), o)
		},
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "write nothing, list the files that are not in style, and exit with 2 if there are any")
	cmd.Flags().BoolVar(&o.diff, "diff", false, "write nothing, show what would change; personal and secret values are masked")
	cmd.Flags().BoolVar(&o.personal, "show-personal", false, "show personal data and comments in --diff, on a terminal only")
	addFormat(cmd, &o.format)
	return cmd
}

func (o *fmtOptions) judge(cmd *cobra.Command, args []string) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	stdin := slices.Contains(args, "-")
	switch {
	case stdin && len(args) > 1:
		return usageError(cmd, errors.New("- stands alone: standard input is formatted to standard output"))
	case o.format == "json" && o.diff:
		return usageError(cmd, errors.New("--diff is text: leave --format json out"))
	case o.format == "json" && stdin && !o.check:
		return usageError(cmd, errors.New("- writes the manifests themselves to standard output: leave --format json out, or use --check"))
	}
	return nil
}

// fmtOutcome is what became of one file.
type fmtOutcome struct {
	path    string
	changed bool
	diff    string
	ds      []spec.Diagnostic
	err     error
}

func (a *app) fmt(ctx context.Context, paths []string, o fmtOptions) error {
	list := spec.List(ctx, paths)
	if len(list.Files) == 0 && len(list.Diagnostics) == 0 {
		return hinted(errors.New("there is no manifest to format: looked for *.yaml and *.yml"), "say in which folder or file they are")
	}
	outcomes := make([]fmtOutcome, len(list.Files))
	var next sync.Mutex
	at := 0
	var wg sync.WaitGroup
	for range min(len(outcomes), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				next.Lock()
				i := at
				at++
				next.Unlock()
				if i >= len(outcomes) {
					return
				}
				outcomes[i] = a.fmtFile(list.Files[i], o)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	ds := list.Diagnostics
	if a.flags.verbose {
		ds = append(ds, list.Skipped...)
	}
	return a.tellFormatted(outcomes, ds, o)
}

// fmtFile formats one file in its place, or says what that would do.
func (a *app) fmtFile(path string, o fmtOptions) fmtOutcome {
	out := fmtOutcome{path: path}
	data, err := readManifests(path)
	if err != nil {
		out.ds = []spec.Diagnostic{{Severity: spec.Error, File: path, Message: err.Error()}}
		return out
	}
	f := edit.Format(path, data)
	out.take(f, data, o, a.StdoutTTY)
	if f.Changed && !o.check && !o.diff {
		out.err = edit.ReplaceFile(path, data, f.Data)
	}
	return out
}

func readManifests(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > spec.MaxFile {
		return nil, errors.New("is too large for a file of manifests")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", underlying(err))
	}
	return data, nil
}

func (out *fmtOutcome) take(f edit.Formatted, data []byte, o fmtOptions, terminal bool) {
	out.changed, out.ds = f.Changed, f.Diagnostics
	if f.Changed && o.diff {
		personal := o.personal && terminal
		out.diff = edit.Diff(out.path, edit.Masked(out.path, data, personal), edit.Masked(out.path, f.Data, personal))
	}
}

// fmtStdin formats standard input to standard output. What cannot be formatted comes out as it came in, unless YAML cannot read it.
func (a *app) fmtStdin(o fmtOptions) error {
	data, err := io.ReadAll(io.LimitReader(a.Stdin, spec.MaxFile+1))
	if err != nil {
		return fmt.Errorf("cannot read standard input: %w", underlying(err))
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("standard input is empty: no manifest came")
	}
	f := edit.Format("-", data)
	out := fmtOutcome{path: "-"}
	out.take(f, data, o, a.StdoutTTY)
	if !o.check && !o.diff && !spec.HasErrors(f.Diagnostics) {
		if a.runnerReads(f.Data) {
			return hinted(errors.New("standard input holds what GitHub takes for a workflow command (:: at the beginning of a line, or ##[): it is not written to standard output"), "format the file in its place: `mokasync fmt FILE`")
		}
		if _, err := a.Stdout.Write(f.Data); err != nil {
			return writing(err)
		}
		out.changed = false // it is not to be listed
	}
	return a.tellFormatted([]fmtOutcome{out}, nil, o)
}

// tellFormatted lists the files that were changed, or would be, and gives the exit code.
func (a *app) tellFormatted(outcomes []fmtOutcome, ds []spec.Diagnostic, o fmtOptions) error {
	var changed []string
	var text bytes.Buffer
	inOrder := 0
	for _, out := range outcomes {
		if out.err != nil {
			out.changed = false
			out.ds = append(out.ds, spec.Diagnostic{Severity: spec.Error, File: out.path, Message: "cannot be written: " + underlying(out.err).Error()})
		}
		switch {
		case out.changed && o.diff:
			text.WriteString(out.diff)
			changed = append(changed, out.path)
		case out.changed:
			fmt.Fprintln(&text, render.Line(out.path))
			changed = append(changed, out.path)
		case !spec.HasErrors(out.ds):
			inOrder++
		}
		for _, d := range out.ds {
			if d.Severity != spec.Info || a.flags.verbose {
				ds = append(ds, d)
			}
		}
	}
	var err error
	if o.format == "json" {
		err = render.FormattedJSON(a.Stdout, changed, inOrder, ds)
	} else {
		a.tellDiagnostics(ds, o.personal)
		_, err = a.Stdout.Write(text.Bytes())
	}
	switch {
	case err != nil:
		return writing(err)
	case spec.HasErrors(ds):
		return codeError(exitRefused)
	case o.check && len(changed) > 0:
		return codeError(exitChanges)
	}
	return nil
}
