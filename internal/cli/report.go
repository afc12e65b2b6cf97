package cli

import (
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/spf13/cobra"
)

func (a *app) reportCommand() *cobra.Command {
	var o stateOptions
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Print the account of the last apply again, also of one that died",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf(cmd, "format", o.format, formats...); err != nil {
				return err
			}
			return a.report(o)
		},
	}
	o.targetFlags.add(cmd.Flags())
	addFormat(cmd, &o.format)
	return cmd
}

// report prints what the journal of a run that died tells, or else the account that the last run has kept.
func (a *app) report(o stateOptions) error {
	t, err := a.target(o.targetFlags, nil)
	if err != nil {
		return err
	}
	account, err := a.lastAccount(t)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return writing(render.AccountJSON(a.Stdout, account))
	}
	return writing(render.AccountText(a.Stdout, account, true, a.style(a.StdoutTTY, false)))
}

func (a *app) lastAccount(t *target) (*apply.Account, error) {
	log, err := t.store.ReadLog()
	if err != nil {
		return nil, err
	}
	if log != nil && len(log.Records) > 0 {
		return apply.AccountOf(log), nil
	}
	text, err := t.store.ReadReport()
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, hinted(errors.New("no apply has left a report here"), "go to the lockfile's folder, or name it with --lockfile or --endpoint")
	}
	account, err := render.ReadAccount(text)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", t.store.ReportPath(), err)
	}
	return account, nil
}
