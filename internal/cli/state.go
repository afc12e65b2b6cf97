package cli

import (
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type stateOptions struct {
	targetFlags
	format      string
	dryRun      bool
	autoApprove bool
}

func (a *app) stateCommand() *cobra.Command {
	var o stateOptions
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look into the lockfile, rename something in it, or take it out",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(cmd, errors.New("say which: state list, state show, state mv or state rm"))
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "List what the lockfile knows", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.stateList(cmd, o) },
	}
	show := &cobra.Command{
		Use: "show ADDRESS", Short: "Show what the lockfile knows of one resource", Args: oneAddress,
		RunE: func(cmd *cobra.Command, args []string) error { return a.stateShow(cmd, args[0], o) },
	}
	rm := &cobra.Command{
		Use: "rm ADDRESS", Short: "Forget a resource: the lockfile's line goes, what is at Moka stays", Args: oneAddress,
		RunE: func(cmd *cobra.Command, args []string) error { return a.stateRemove(cmd.Context(), args[0], o) },
	}
	mv := &cobra.Command{
		Use: "mv OLD NEW", Short: "Give a resource another address: the lockfile follows, no call is made", Args: twoAddresses,
		Long: `Give a resource another address in the lockfile. Rename its manifest as well. The same is done by an apply
for a manifest that says movedFrom in its metadata, which a reviewer sees; this is for a lockfile alone.`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.stateMove(cmd.Context(), args[0], args[1], o) },
	}
	for _, c := range []*cobra.Command{list, show, mv, rm} {
		o.targetFlags.add(c.Flags())
		if c == list || c == show {
			addFormat(c, &o.format)
		} else {
			c.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and do nothing")
			c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask on a terminal")
		}
		cmd.AddCommand(c)
	}
	return cmd
}

// stateOf reads the lockfile of the target; it must be there.
func (a *app) stateOf(o stateOptions) (*target, *lockfile.Lock, error) {
	t, err := a.target(o.targetFlags, nil)
	if err != nil {
		return nil, nil, err
	}
	l, err := t.store.Read()
	if err == nil && l == nil {
		err = hinted(fmt.Errorf("there is no lockfile %s", t.store.Path), "go to its folder, or name it with --lockfile or --endpoint")
	}
	if err == nil {
		err = t.store.Check(l, t.name, t.dealer())
	}
	return t, l, err
}

func (a *app) stateList(cmd *cobra.Command, o stateOptions) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	_, l, err := a.stateOf(o)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return writing(render.StateJSON(a.Stdout, l))
	}
	return writing(render.StateText(a.Stdout, l))
}

func (a *app) stateShow(cmd *cobra.Command, text string, o stateOptions) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	address, err := spec.ParseAddress(text)
	if err != nil {
		return err
	}
	_, l, err := a.stateOf(o)
	if err != nil {
		return err
	}
	e, in := l.Get(address), l.Open(address)
	if e == nil && in == nil {
		return hinted(fmt.Errorf("the lockfile knows no %s", address), "`mokasync state list` tells what it knows")
	}
	if o.format == "json" {
		return writing(render.EntryJSON(a.Stdout, l.Header, e, in))
	}
	return writing(render.EntryText(a.Stdout, l.Header, e, in))
}
