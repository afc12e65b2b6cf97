package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/project"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

// inForce is what of a mokasync.yaml a command goes by.
type inForce struct {
	file *project.File // nil for none
	// mistakes of the file; no command but validate goes on with them, and comment to post them.
	mistakes []spec.Diagnostic
	env      *project.Environment // nil for none
	// asked is how the environment was asked for, "--env live" or "MOKASYNC_ENV=live"; "" if it is the file's default.
	asked string
	// readings are those of the account, nil where none is meant (yet).
	readings *project.Readings
	// command is the name of the command, such as apply.
	command string
}

// useProject reads the nearest mokasync.yaml, finds out which of its environments is in force, and sets the flags that have a default there.
func (a *app) useProject(cmd *cobra.Command, args []string) error {
	a.project.command = cmd.Name()
	if cmd.Flags().Lookup("env") == nil || cmd.Name() == "explain" && !aboutResource(args) {
		return nil
	}
	paths := a.pathsAmong(cmd, args)
	path, err := nearestProject(paths)
	if err != nil {
		return err
	}
	a.project.file, a.project.mistakes = project.Load(path)
	if spec.HasErrors(a.project.mistakes) {
		return a.meetMistakes(cmd, paths)
	}
	if err := a.chooseEnvironment(cmd, paths); err != nil {
		return err
	}
	if e := a.project.env; e != nil && len(paths) == 0 {
		if err := a.ownManifests(e); err != nil {
			return err
		}
	}
	return a.setDefaults(cmd)
}

// meetMistakes refuses a mokasync.yaml with mistakes. validate and comment tell them themselves; comment does so where the plan of the environment stands, as far as that can be told.
func (a *app) meetMistakes(cmd *cobra.Command, paths []string) error {
	posts := cmd.Name() == "comment" && !cmd.Flags().Changed("stale")
	if posts && a.chooseEnvironment(cmd, paths) != nil {
		a.project.env = nil
	}
	a.project.file = nil // what could be read of it is nothing to go by
	if posts || cmd.Name() == "validate" {
		return nil
	}
	return a.refuseProject(cmd, paths, a.project.mistakes)
}

func aboutResource(args []string) bool { return len(args) > 0 && strings.Contains(args[0], "/") }

// pathsAmong gives the PATHs among a command's arguments: of an apply of a saved plan those that it was made of.
func (a *app) pathsAmong(cmd *cobra.Command, args []string) []string {
	saved := cmd.Flags().Lookup("plan")
	switch {
	case cmd.Name() == "explain":
		return args[1:]
	case saved != nil && saved.Changed && len(args) == 0:
		f, _ := a.openPlan(saved.Value.String()) // who applies it tells what is wrong with it
		if f == nil {
			return nil
		}
		return f.Options.Paths
	case takesPaths(cmd), cmd.Name() == "import":
		return args
	}
	return nil
}

// nearestProject finds the mokasync.yaml of the PATHs: that of the first one. Others that lie under another one would go by settings and guards that nobody has looked at, and are
// refused.
func nearestProject(paths []string) (string, error) {
	found, err := projectOf(paths[:min(1, len(paths))])
	if err != nil {
		return "", err
	}
	for i := 1; i < len(paths); i++ {
		other, err := projectOf(paths[i : i+1])
		if err != nil {
			return "", err
		}
		if other != "" && !samePath(other, found) {
			goesBy := "to none"
			if found != "" {
				goesBy = "to " + found
			}
			return "", hinted(fmt.Errorf("%s belongs to %s, and %s %s: one run goes by one mokasync.yaml", paths[i], other, paths[0], goesBy), "give them to two runs, or put one mokasync.yaml above both")
		}
	}
	return found, nil
}

// projectOf finds the mokasync.yaml of the first PATH, "" for none.
func projectOf(paths []string) (string, error) {
	return projectAbove(foldersOf(paths))
}

// projectAbove finds the nearest mokasync.yaml of a folder that has several names; symbolic links make no way around its guards. Two of them are refused: the guards of either may be
// meant.
func projectAbove(names []string) (found string, err error) {
	for _, name := range names {
		folders := upToProject(name)
		for _, folder := range folders {
			if other := filepath.Join(folder, "mokasync.yml"); project.Holds(other) {
				return "", hinted(fmt.Errorf("%s is not read under this name: guards in it would not hold", other), "rename it to %s", project.FileName)
			}
		}
		here := project.Find(folders)
		switch {
		case found == "":
			found = here
		case here != "" && !samePath(found, here):
			return "", hinted(fmt.Errorf("%s belongs to %s, and by the symbolic link that leads there to %s: one run goes by one mokasync.yaml", name, here, found), "remove one of the two mokasync.yaml, or the link")
		}
	}
	return found, nil
}

// setDefaults sets the flags that are not said and have a default in the file.
func (a *app) setDefaults(cmd *cobra.Command) error {
	for name, d := range a.project.file.Settings(a.project.env).Defaults {
		flag := cmd.Flags().Lookup(name)
		if flag == nil || flag.Changed || a.passesOver(cmd, name, d.Value) {
			continue
		}
		if err := cmd.Flags().Set(name, d.Value); err != nil {
			return fmt.Errorf("%s: --%s: %w", d.At, name, err)
		}
	}
	return nil
}

// passesOver reports whether a default does not concern a command, or a variable goes before it.
func (a *app) passesOver(cmd *cobra.Command, flag, value string) bool {
	switch flag {
	case "settle":
		return a.getenv("MOKASYNC_SETTLE") != ""
	case "color":
		return a.getenv("NO_COLOR") != ""
	case "refresh": // a saved plan says itself whether Moka was looked at
		return cmd.Name() == "explain" || cmd.Flags().Changed("plan")
	case "format":
		words, ok := cmd.GetFlagCompletionFunc("format")
		if !ok || cmd.Name() == "fmt" || cmd.Name() == "graph" {
			return true
		}
		known, _ := words(cmd, nil, "")
		return !slices.Contains(known, value)
	}
	return false
}

// refuseProject tells the mistakes of a mokasync.yaml as the command tells those of manifests.
func (a *app) refuseProject(cmd *cobra.Command, paths []string, ds []spec.Diagnostic) error {
	var err error
	format := ""
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		format = flag.Value.String()
	}
	markdown := func(w io.Writer, limit int) error {
		return render.DiagnosticsMarkdown(w, 0, 0, ds, limit, fullValidate(a.pathsOr(paths)))
	}
	switch name := cmd.Name(); {
	case format == "github":
		err = render.DiagnosticsGitHub(a.commands, ds, a.inWorkspace())
		a.stepSummary(markdown)
	case format == "markdown" && name == "plan":
		err = markdown(a.Stdout, 0)
	case format != "json":
		a.tellDiagnostics(ds, false)
	case name == "plan" || name == "apply":
		err = render.PlanJSON(a.Stdout, &plan.Plan{}, ds)
	case name == "drift":
		err = render.DriftJSON(a.Stdout, &plan.Drift{}, ds)
	case name == "graph":
		err = render.GraphJSON(a.Stdout, &render.Graph{}, ds)
	case name == "forecast":
		err = render.ForecastJSON(a.Stdout, &render.Forecast{}, ds)
	case name == "fmt":
		err = render.FormattedJSON(a.Stdout, nil, 0, ds)
	default:
		a.tellDiagnostics(ds, false)
	}
	if err != nil {
		return writing(err)
	}
	return codeError(exitRefused)
}

// projectDiagnostics tells the mistakes of the mokasync.yaml that is gone by and of those among the manifests.
func (a *app) projectDiagnostics(met []string) []spec.Diagnostic {
	ds := append(slices.Clone(a.project.mistakes), a.project.file.Missing()...)
	ds = append(ds, policyMistakes(a.project.file)...)
	for _, path := range met {
		if a.project.file != nil && samePath(path, a.project.file.Path) || slices.ContainsFunc(a.project.mistakes, func(d spec.Diagnostic) bool { return samePath(d.File, path) }) {
			continue
		}
		file, mistakes := project.Load(path)
		ds = append(append(ds, mistakes...), file.Missing()...)
		ds = append(ds, policyMistakes(file)...)
	}
	return ds
}
