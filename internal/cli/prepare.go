package cli

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/spf13/cobra"
)

// prepare sets the clock, takes the defaults of mokasync.yaml, and checks the flags that every command has.
func (a *app) prepare(cmd *cobra.Command, args []string) error {
	a.moment = a.Env.Now()
	if (cmd.Name() == "apply" || cmd.Name() == "sandbox") && a.TakeSignals != nil {
		a.signals = a.TakeSignals()
	}
	if text := a.getenv("MOKASYNC_NOW"); text != "" {
		now, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return hinted(fmt.Errorf("MOKASYNC_NOW is not a time: %q", text), "write it as 2027-01-15T09:00:00+03:00")
		}
		a.start = now
	}
	if err := a.useProject(cmd, args); err != nil {
		return err
	}
	switch a.flags.color {
	case "auto", "always", "never":
	default:
		return usageError(cmd, fmt.Errorf("--color is auto, always or never, not %q", a.flags.color))
	}
	switch a.flags.logFormat {
	case "text", "json":
	default:
		return usageError(cmd, fmt.Errorf("--log-format is text or json, not %q", a.flags.logFormat))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.flags.logLevel)); err != nil {
		return usageError(cmd, fmt.Errorf("--log-level is debug, info, warn or error, not %q", a.flags.logLevel))
	}
	return nil
}

func (a *app) logger() *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(a.flags.logLevel)) // prepare has checked it
	if a.flags.verbose {
		level = min(level, slog.LevelInfo)
	}
	options := &slog.HandlerOptions{Level: level}
	if a.flags.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, options))
}

// today is the day in Europe/Istanbul, YYYY-MM-DD.
func (a *app) today() string { return calendar.DayOf(a.now()) }

// planStyle is style for a plan; full: every change is shown.
func (a *app) planStyle(terminal, personal, full bool) render.Style {
	s := a.style(terminal, personal)
	s.Full = full
	return s
}

// style says how text on one of the two streams looks.
func (a *app) style(terminal, personal bool) render.Style {
	s := render.Style{Color: terminal && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb", Personal: personal && terminal}
	switch a.flags.color {
	case "always":
		s.Color = true
	case "never":
		s.Color = false
	}
	return s
}
