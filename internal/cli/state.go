package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type stateOptions struct {
	targetFlags
	format string
}

func (a *app) stateCommand() *cobra.Command {
	var o stateOptions
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look into the lockfile, or take something out of it",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return usageError(cmd, errors.New("say list, show or rm")) },
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
		RunE: func(_ *cobra.Command, args []string) error { return a.stateRemove(args[0], o) },
	}
	for _, c := range []*cobra.Command{list, show, rm} {
		o.targetFlags.add(c.Flags())
		if c != rm {
			addFormat(c, &o.format)
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

func (a *app) stateRemove(text string, o stateOptions) error {
	address, err := spec.ParseAddress(text)
	if err != nil {
		return err
	}
	t, _, err := a.stateOf(o)
	if err != nil {
		return err
	}
	session, err := t.store.Begin("mokasync state rm "+text, a.now(), func() *lockfile.Lock { return a.freshLock(t) })
	if err != nil {
		return err
	}
	defer session.End()
	l := session.Lock
	switch e := l.Get(address); {
	case l.Open(address) != nil:
		return hinted(fmt.Errorf("%s has a call in doubt, which would be forgotten with it", address), "`mokasync apply` settles it, or `mokasync resolve %s` by your word", address)
	case e == nil:
		return hinted(fmt.Errorf("the lockfile knows no %s", address), "`mokasync state list` tells what it knows")
	case e.Protected():
		return hinted(fmt.Errorf("%s is protected", address), "take the annotation mokasync/protect out of its manifest and apply, then try again")
	}
	l.Drop(address)
	if err := session.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "Forgotten: %s. What is at Moka stays as it is.\n", address)
	return writing(err)
}

type resolveOptions struct {
	targetFlags
	adopt  int64
	absent bool
}

func (a *app) resolveCommand() *cobra.Command {
	var o resolveOptions
	cmd := &cobra.Command{
		Use:   "resolve ADDRESS (--adopt ID | --absent)",
		Short: "Close a call that is in doubt by your word",
		Long: `Close a call whose outcome is in doubt, after looking in Moka's panel: --adopt ID says that it took effect
and what number Moka gave, --absent that it did not. Of a delete, --absent says that the thing is gone, --adopt ID that it is still there. It needs neither manifests nor Moka. Prefer "mokasync apply", which looks by itself.`,
		Args: oneAddress,
		RunE: func(cmd *cobra.Command, args []string) error {
			adopts := cmd.Flags().Changed("adopt")
			if adopts == o.absent {
				return usageError(cmd, errors.New("say either --adopt ID or --absent"))
			}
			if adopts && o.adopt < 0 {
				return usageError(cmd, fmt.Errorf("--adopt is Moka's number, not %d", o.adopt))
			}
			return a.resolve(args[0], o, cmd.CommandPath())
		},
	}
	o.targetFlags.add(cmd.Flags())
	cmd.Flags().Int64Var(&o.adopt, "adopt", 0, "it took effect: Moka's number of it (0 for a card, which has none)")
	cmd.Flags().BoolVar(&o.absent, "absent", false, "it did not take effect")
	return cmd
}

func (a *app) resolve(text string, o resolveOptions, command string) error {
	address, err := spec.ParseAddress(text)
	if err != nil {
		return err
	}
	t, l, err := a.stateOf(stateOptions{targetFlags: o.targetFlags})
	if err != nil {
		return err
	}
	if l.Open(address) == nil {
		return hinted(fmt.Errorf("%s has no call in doubt", address), "`mokasync state list` tells which have")
	}
	session, err := t.store.Begin(command+" "+text, a.now(), func() *lockfile.Lock { return a.freshLock(t) })
	if err != nil {
		return err
	}
	defer session.End()
	in := session.Lock.Open(address)
	if in == nil {
		return fmt.Errorf("%s has no call in doubt any more", address)
	}
	said, err := byWord(session.Lock, in, o)
	if err != nil {
		return err
	}
	if err := session.Save(); err != nil {
		return err
	}
	// The report says that it was a person's word, also where the lockfile has nothing left to say it at.
	var report bytes.Buffer
	note := &apply.Account{Endpoint: l.Header.Endpoint, Dealer: l.Header.Dealer, Notes: []string{"By a person's word (mokasync resolve): " + said}}
	if err := render.AccountJSON(&report, note); err == nil {
		err = session.WriteReport(report.Bytes())
		if err != nil {
			a.warn("%v", err)
		}
	}
	_, err = fmt.Fprintln(a.Stdout, said)
	return writing(err)
}

// deleteByWord closes an open delete: what is absent at Moka was deleted, what is there was not.
func deleteByWord(l *lockfile.Lock, in *lockfile.Intent, o resolveOptions) (string, error) {
	address := in.Entry.Address
	if o.absent {
		l.Record(&lockfile.Outcome{Address: address, Status: "done", Deleted: true})
		return fmt.Sprintf("Resolved: %s is gone at Moka.", address), nil
	}
	if in.Entry.ID != o.adopt {
		return "", fmt.Errorf("%s is known as %d, not %d", address, in.Entry.ID, o.adopt)
	}
	l.Record(&lockfile.Outcome{Address: address, Status: "absent", Entry: &in.Entry})
	return fmt.Sprintf("Resolved: %s is still at Moka; the next plan shows it again.", address), nil
}

// byWord closes an open call as a person says.
func byWord(l *lockfile.Lock, in *lockfile.Intent, o resolveOptions) (string, error) {
	if in.Delete {
		return deleteByWord(l, in, o)
	}
	address := in.Entry.Address
	outcome := &lockfile.Outcome{Address: address, Status: "absent"}
	said := fmt.Sprintf("Resolved: %s did not take effect; the next plan shows it again.", address)
	if !o.absent {
		e := in.Entry
		switch {
		case e.ID == 0 && o.adopt == 0 && address.Kind != spec.Card:
			return "", fmt.Errorf("--adopt wants Moka's number of %s", address)
		case e.ID != 0 && o.adopt != 0 && o.adopt != e.ID:
			return "", fmt.Errorf("%s is known as %d, not %d", address, e.ID, o.adopt)
		case address.Kind == spec.Card && o.adopt != 0:
			return "", errors.New("a card has no number at Moka: say --adopt 0")
		case e.ID == 0:
			e.ID = o.adopt
		}
		for _, other := range l.Entries() {
			if other.Address != address && other.Address.Kind == address.Kind && e.ID != 0 && other.ID == e.ID {
				return "", fmt.Errorf("%d is %s already", e.ID, other.Address)
			}
		}
		e.Word = "adopted"
		outcome.Status, outcome.Entry = "done", &e
		said = strings.TrimSpace(fmt.Sprintf("Resolved: %s took effect and is known from now on.", address))
	}
	l.Record(outcome)
	return said, nil
}
