// Command mokasync keeps recurring billing at Moka in git.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"golang.org/x/term"
)

func main() {
	env := cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, TakeSignals: takeSignals, Now: time.Now, Version: version(),
		StdinTTY: term.IsTerminal(int(os.Stdin.Fd())), StdoutTTY: term.IsTerminal(int(os.Stdout.Fd())), StderrTTY: term.IsTerminal(int(os.Stderr.Fd())),
	}
	os.Exit(cli.Run(context.Background(), env, os.Args[1:]))
}

// takeSignals keeps signals from ending the process.
func takeSignals() <-chan os.Signal {
	// A reader of our output that goes away must not end an apply half-way: the write fails, and is told.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	return signals
}

// release is set by the linker for a release.
var release string

// version is that of the release, else of the module as it was installed, else "devel".
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
