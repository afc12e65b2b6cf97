package cli

import (
	"fmt"
	"os"
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
	// mistakes of the file; no command but validate goes on with them.
	mistakes []spec.Diagnostic
	env      *project.Environment // nil for none
	// asked is how the environment was asked for, "--env live" or "MOKASYNC_ENV=live"; "" if it is the file's default.
	asked string
}

// useProject reads the nearest mokasync.yaml, finds out which of its environments is in force, and sets the flags that have a default there.
func (a *app) useProject(cmd *cobra.Command, args []string) error {
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
		a.project.file = nil // what could be read of it is nothing to go by
		if cmd.Name() == "validate" {
			return nil
		}
		return a.refuseProject(cmd, a.project.mistakes)
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

// nearestProject finds the mokasync.yaml of the PATHs: the nearest from the first one's folder upwards. Others that lie under another one would go by
// settings and guards that nobody has looked at, and are refused.
func nearestProject(paths []string) (string, error) {
	folders := upToProject(folderOf(paths))
	found := project.Find(folders)
	for _, folder := range folders {
		if other := filepath.Join(folder, "mokasync.yml"); project.Holds(other) {
			return "", hinted(fmt.Errorf("%s is not read: guards in it would not hold", other), "call it %s", project.FileName)
		}
	}
	for _, p := range paths[min(1, len(paths)):] {
		other := project.Find(upToProject(folderOf([]string{p})))
		if other != "" && !samePath(other, found) {
			goesBy := "has none"
			if found != "" {
				goesBy = "goes by " + found
			}
			return "", hinted(fmt.Errorf("%s goes by %s, and %s %s", p, other, paths[0], goesBy), "give them to two runs, or put one mokasync.yaml above both")
		}
	}
	return found, nil
}

// upToProject gives a folder and those above it in which its mokasync.yaml may be: up to the repository's root, and outside of a repository up to the working folder.
func upToProject(folder string) []string {
	folders := upToRoot(folder)
	here, err := filepath.Abs(".")
	at, errAt := filepath.Abs(folder)
	if _, repository := os.Lstat(filepath.Join(folder, ".git")); repository == nil || len(folders) > 1 || err != nil || errAt != nil {
		return folders
	}
	below, err := filepath.Rel(here, at)
	if err != nil || below == "." || !filepath.IsLocal(below) {
		return folders
	}
	for below != "." {
		below = filepath.Dir(below)
		folders = append(folders, below)
	}
	return folders
}

func samePath(a, b string) bool {
	x, err := realPath(a)
	if err != nil {
		x, _ = filepath.Abs(a) // it is not there yet
	}
	y, err := realPath(b)
	if err != nil {
		y, _ = filepath.Abs(b)
	}
	return x == y
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
func (a *app) refuseProject(cmd *cobra.Command, ds []spec.Diagnostic) error {
	var err error
	format := ""
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		format = flag.Value.String()
	}
	switch name := cmd.Name(); {
	case format == "github":
		err = render.DiagnosticsGitHub(a.Stdout, ds, a.inWorkspace())
	case format != "json":
		a.tellDiagnostics(ds, false)
	case name == "plan" || name == "apply":
		err = render.PlanJSON(a.Stdout, &plan.Plan{}, ds)
	case name == "drift":
		err = render.DriftJSON(a.Stdout, &plan.Drift{}, ds)
	case name == "graph":
		err = render.GraphJSON(a.Stdout, &render.Graph{}, ds)
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
	for _, path := range met {
		if a.project.file != nil && samePath(path, a.project.file.Path) || slices.ContainsFunc(a.project.mistakes, func(d spec.Diagnostic) bool { return samePath(d.File, path) }) {
			continue
		}
		file, mistakes := project.Load(path)
		ds = append(append(ds, mistakes...), file.Missing()...)
	}
	return ds
}
