// Package cli is the command line: commands, flags and exit codes, and nothing else. A command reads its flags, calls the packages that do the work, and renders.
//
// A file a command; exit.go turns errors into exit codes; target.go says which endpoint, dealer and lockfile are meant; inputs.go reads manifests.
package cli

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/spf13/cobra"
)

// Env is the world a command runs in.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// LookupEnv reads an environment variable.
	LookupEnv func(name string) (string, bool)
	// TakeSignals is called by the commands that end in good order, apply and sandbox: from then on SIGINT and SIGTERM do not end the process, but come to them. nil: none ever comes.
	TakeSignals func() <-chan os.Signal
	Now         func() time.Time
	// StdinTTY, StdoutTTY and StderrTTY say which streams are terminals.
	StdinTTY, StdoutTTY, StderrTTY bool
	// Version of the program.
	Version string
	// Disk is where lockfile and journal are written; nil for the operating system's file system.
	Disk lockfile.Disk
}

// Run runs one command and gives the exit code.
func Run(ctx context.Context, env Env, args []string) int {
	a := &app{Env: env, commands: env.Stdout}
	if a.getenv("GITHUB_ACTIONS") == "true" { // what manifests, mokasync.yaml and Moka say is no command to the runner
		a.Stdout, a.Stderr = render.Inert(env.Stdout), render.Inert(env.Stderr)
	}
	a.Stderr = &oneAtATime{to: a.Stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	return a.exit(root.ExecuteContext(ctx))
}

// oneAtATime keeps the lines of progress, log and warnings apart: they come from several goroutines.
type oneAtATime struct {
	mu sync.Mutex
	to io.Writer
}

func (w *oneAtATime) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// app is one run of the program.
type app struct {
	Env
	// commands is standard output for workflow commands of GitHub's. In nothing that is written to Stdout and Stderr does its runner find one.
	commands io.Writer
	flags    globalFlags
	// signals come to apply and sandbox; nil in other commands.
	signals <-chan os.Signal
	// project is the mokasync.yaml that the command goes by.
	project inForce
	// opened is the saved plan that was read last, nil for none.
	opened *openedPlan
	// moment is when the run began by the machine's clock, and start what MOKASYNC_NOW says it was.
	moment, start time.Time
}

// globalFlags are those of every command.
type globalFlags struct {
	logLevel, logFormat, color string
	env                        string
	verbose                    bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "mokasync",
		Short: "Keep recurring billing at Moka in git: plan in the pull request, apply after the merge",
		Long: `mokasync keeps the recurring-billing set-up of a merchant at Moka in git: customers, stored
cards, products, payment schedules and recurring sales, as YAML manifests. "mokasync plan" shows
what would change; "mokasync apply" makes the calls; a lockfile in git remembers what was applied.

Credentials come from the environment: MOKA_DEALER_CODE, MOKA_USERNAME and MOKA_PASSWORD, each also
as a file's path in …_FILE. Without --endpoint everything happens in an embedded sandbox.`,
		SilenceErrors: true, SilenceUsage: true, Version: a.Version,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error { return a.prepare(cmd, args) },
	}
	root.SetVersionTemplate("mokasync {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVar(&a.flags.logLevel, "log-level", "warn", "log to standard error what is at least this: debug, info, warn, error")
	f.StringVar(&a.flags.logFormat, "log-format", "text", "text or json")
	f.BoolVarP(&a.flags.verbose, "verbose", "v", false, "say more: what was passed over, what was done; also --log-level info")
	f.StringVar(&a.flags.color, "color", "auto", "auto, always or never; NO_COLOR means never")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError(cmd, err) })
	root.AddCommand(
		a.validateCommand(), a.fmtCommand(), a.planCommand(), a.forecastCommand(), a.commentCommand(), a.applyCommand(), a.showCommand(), a.sandboxCommand(), a.stateCommand(), a.lockCommand(), a.reportCommand(), a.resolveCommand(), a.graphCommand(), a.driftCommand(), a.importCommand(), a.explainCommand(), a.schemaCommand(), a.initCommand(), a.versionCommand(),
	)
	a.addEnvironment(root)
	return root
}

// now is the time that the run goes by: MOKASYNC_NOW and what has passed since, or the machine's.
func (a *app) now() time.Time {
	if a.start.IsZero() {
		return a.Env.Now()
	}
	return a.start.Add(a.Env.Now().Sub(a.moment))
}

// getenv reads a variable; an empty one counts as not set.
func (a *app) getenv(name string) string {
	value, _ := a.LookupEnv(name)
	return value
}
