package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/git"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/spf13/cobra"
)

// saved gives what of the flags decides what is planned, for the file.
func (o *planOptions) saved(paths []string) planfile.Options {
	list := func(l []string) []string { return append([]string{}, l...) }
	out := planfile.Options{
		Refresh: o.refresh, Prune: o.prune, Selector: o.selector, Targets: list(o.targets), Excluded: list(o.excluded), Kinds: list(o.kinds), Recreate: list(o.recreate),
	}
	for _, p := range paths {
		out.Paths = append(out.Paths, filepath.ToSlash(p))
	}
	return out
}

// planningFlags are the flags that a saved plan decides.
var planningFlags = []string{"refresh", "prune", "selector", "target", "exclude", "kind", "recreate"}

// take takes over what a saved plan was asked for.
func (o *planOptions) take(from planfile.Options) {
	o.refresh, o.prune, o.selector, o.targets, o.excluded, o.kinds, o.recreate = from.Refresh, from.Prune, from.Selector, from.Targets, from.Excluded, from.Kinds, from.Recreate
}

// facts are what a plan that was made rests on.
func (a *app) facts(made *planned, commit string) planfile.Facts {
	return planfile.Facts{
		Plan: made.plan, Resources: made.input.Resources, Known: made.input.Known, Live: made.input.Live, Diagnostics: made.diagnostics,
		Tool: a.Version, BaseURL: made.target.strangeURL(), Commit: commit, UpdateChanged: made.target.settings.UpdateChanged(), Key: made.target.store.Key, Options: made.options,
	}
}

// strangeURL is the base URL of an endpoint that is not known by its name alone, "" for Moka's own and the embedded sandbox.
func (t *target) strangeURL() string {
	if t.inProcess || t.name == moka.Test || t.name == moka.Live {
		return ""
	}
	return t.baseURL
}

// savePlan writes a plan to a file, whole or not at all.
func (a *app) savePlan(ctx context.Context, made *planned, path string) error {
	if made.input.Known.Keys().Blind() {
		return hinted(&lockfile.KeyMissingError{Path: made.target.store.Path, Given: made.target.store.Key != ""}, "without the key the plan did not compare personal fields and card tokens, so that an apply would come to another one: --out needs it")
	}
	if made.plan.Dealer == "" {
		a.warn("the dealer is not known here, so that %s fits every dealer: set MOKA_DEALER_CODE", path)
	}
	if made.target.store.Key == "" && made.target.name == "live" {
		a.warn("%s is sealed without a key, so that an apply cannot tell who wrote it: set MOKASYNC_KEY for live", path)
	}
	facts := a.facts(made, commitOf(ctx, folderOf(made.options.Paths)))
	if err := a.mayHoldPlan(path, made.target); err != nil { // it may have come to be while Moka was looked at
		return err
	}
	if err := lockfile.WriteFileFrom(path, func(w io.Writer) error { return planfile.Write(w, facts) }); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, underlying(err))
	}
	return nil
}

// commitOf tells the git commit that a folder is checked out at, "" where git or a repository is missing.
func commitOf(ctx context.Context, folder string) string {
	repo, err := git.Open(ctx, folder)
	if err != nil {
		return ""
	}
	commit := repo.Head(ctx)
	if commit != "" && repo.Changed(ctx) {
		commit += " and changes"
	}
	return commit
}

// openedPlan is a saved plan that was read, or the error of that.
type openedPlan struct {
	path string
	file *planfile.File
	err  error
}

// openPlan reads a saved plan, once: it may come through a pipe. A nil error means that it is as it was written; with planfile.ErrUnverified nobody can tell.
func (a *app) openPlan(path string) (*planfile.File, error) {
	if a.opened == nil || a.opened.path != path {
		f, err := a.readPlan(path)
		a.opened = &openedPlan{path, f, err}
	}
	return a.opened.file, a.opened.err
}

func (a *app) readPlan(path string) (*planfile.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the saved plan %s: %w", path, underlying(err))
	}
	f, err := planfile.Decode(text, a.getenv("MOKASYNC_KEY"))
	if err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (a *app) showCommand() *cobra.Command {
	var format string
	var full bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan; no credentials, no network",
		Long: `Show a plan that "mokasync plan --out FILE" saved, as plan shows it, with what it was made from.
A file that was changed since it was written is refused.`,
		Example: "  mokasync show plan.json\n  mokasync show plan.json --format markdown",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, errors.New("say which file: the one that `mokasync plan --out FILE` wrote"))
			}
			return oneOf(cmd, "format", format, showFormats...)
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.show(args[0], format, full) },
	}
	cmd.Flags().StringVar(&format, "format", "text", strings.Join(showFormats, ", "))
	addFull(cmd.Flags(), &full)
	completeWords(cmd, "format", showFormats...)
	return cmd
}

// showFormats are those of a saved plan.
var showFormats = []string{"text", "json", "markdown"}

func (a *app) show(path, format string, full bool) error {
	f, err := a.openPlan(path)
	if errors.Is(err, planfile.ErrUnverified) {
		a.warn("%v: whether it was changed since is not known", err)
	} else if err != nil {
		return err
	}
	p, err := f.Plan()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	today := a.today()
	if f.ValidThrough != "" && today > f.ValidThrough {
		a.warn("%s could be applied until %s, and today is %s in Istanbul: apply refuses it. `mokasync plan --out %s`, with the flags that it was made with, makes it anew", path, f.ValidThrough, today, path)
	}
	switch format {
	case "json":
		return writing(render.PlanJSON(a.Stdout, p, p.Diagnostics))
	case "markdown":
		return writing(render.PlanMarkdown(a.Stdout, p, p.Diagnostics, render.MarkdownOptions{Digest: f.Digest, Commit: f.Commit, Full: "mokasync show " + path + " --full"}))
	}
	a.tellDiagnostics(p.Diagnostics, false)
	style := a.planStyle(a.StdoutTTY, false, full)
	style.Today = today
	return writing(render.PlanText(&afterTitle{to: a.Stdout, said: saidOf(f)}, "plan", p, style))
}

// afterTitle puts lines behind the first one that is written.
type afterTitle struct {
	to   io.Writer
	said string
}

func (w *afterTitle) Write(p []byte) (int, error) {
	if end := bytes.IndexByte(p, '\n') + 1; w.said != "" && end > 0 {
		with := slices.Concat(p[:end], []byte(w.said), p[end:])
		w.said = ""
		if _, err := w.to.Write(with); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return w.to.Write(p)
}

// saidOf tells what a saved plan was made from.
func saidOf(f *planfile.File) string {
	lines := []string{"saved by mokasync " + f.Tool}
	if f.BaseURL != "" {
		lines = append(lines, "base URL "+f.BaseURL)
	}
	if f.Commit != "" {
		lines = append(lines, "git commit "+f.Commit)
	}
	if paths := strings.Join(f.Options.Paths, " "); paths != "." {
		lines = append(lines, "manifests: "+paths)
	}
	lines = append(lines, "digest "+f.Digest)
	var out strings.Builder
	for _, l := range lines {
		out.WriteString("  " + render.Line(l) + "\n")
	}
	return out.String()
}
