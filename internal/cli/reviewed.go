package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/planfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

// decidedByPlan refuses flags beside --plan that the saved plan decides.
func (o *applyOptions) decidedByPlan(cmd *cobra.Command) error {
	if o.planFile == "" {
		if cmd.Flags().Changed("plan") { // a variable that is not set must not make it an apply of whatever there is
			return usageError(cmd, errors.New("--plan needs the file that `mokasync plan --out FILE` wrote"))
		}
		return nil
	}
	for _, name := range planningFlags {
		if cmd.Flags().Changed(name) {
			return usageError(cmd, fmt.Errorf("--%s is for making a plan, and %s is made: leave it out, or make the plan anew with it", name, o.planFile))
		}
	}
	return nil
}

// openReviewed reads the saved plan and takes over what it was asked for: the same manifests, if no PATH says others, and the same flags.
func (r *applying) openReviewed() (err error) {
	if r.o.planFile == "" {
		r.paths = r.pathsOr(r.paths)
		return nil
	}
	if r.reviewed, err = r.openPlan(r.o.planFile); err != nil {
		return hinted(err, "nothing was sent. `mokasync plan --out %s`, with the flags that it was made with, makes it anew", r.o.planFile)
	}
	r.o.take(r.reviewed.Options)
	if len(r.paths) == 0 {
		for _, p := range r.reviewed.Options.Paths {
			r.paths = append(r.paths, filepath.FromSlash(p))
		}
	}
	r.paths = r.pathsOr(r.paths)
	return nil
}

// fits refuses a saved plan of another program, account or day.
func (r *applying) fits() error {
	if r.reviewed == nil {
		return nil
	}
	return r.differing(r.reviewed.Misfits(planfile.Account{Tool: r.Version, Endpoint: r.t.name, BaseURL: r.t.strangeURL(), Dealer: r.t.dealer()}, r.today()))
}

// stillReviewed refuses a plan that is not the saved one any more.
func (r *applying) stillReviewed(made *planned) error {
	if r.reviewed == nil {
		return nil
	}
	if err := r.differing(r.reviewed.Differences(r.facts(made, ""), r.today())); err != nil {
		return err
	}
	r.reviewed.Changes, r.reviewed.Lines = nil, nil // they are compared; the apply of a hundred thousand has a use for the memory
	return nil
}

// planCommand is the command that shows what this run would do.
func (r *applying) planCommand() string {
	return (&planned{target: r.t, options: r.o.saved(r.paths)}).command()
}

// namedDifferences is how many of the differences to a saved plan are named.
const namedDifferences = 10

func (r *applying) differing(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	if r.o.format == "json" {
		var ds []spec.Diagnostic
		for _, d := range differences {
			ds = append(ds, spec.Diagnostic{Severity: spec.Error, File: r.o.planFile, Message: d})
		}
		return r.refuse(ds)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s is not the plan any more, nothing was sent:", r.o.planFile)
	for i, d := range differences {
		if i == namedDifferences {
			fmt.Fprintf(&text, "\n  and %d more", len(differences)-i)
			break
		}
		text.WriteString("\n  " + render.Line(d))
	}
	if f := r.reviewed; f.Endpoint != r.t.name || f.Dealer != "" && r.t.dealer() != "" && f.Dealer != r.t.dealer() {
		return hinted(errors.New(text.String()), "name the account that it was made for, with --env or --endpoint and its credentials (endpoint %s, dealer %s)", f.Endpoint, f.Dealer)
	}
	return hinted(errors.New(text.String()), "make the plan anew (`%s --out %s`), have it reviewed, and apply that", r.planCommand(), shellWord(r.o.planFile))
}
