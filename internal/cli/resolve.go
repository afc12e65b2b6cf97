package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

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
and what id Moka gave, --absent that it did not. Of a delete, --absent says that the thing is gone, --adopt ID that it is still there. It needs neither manifests nor Moka. Prefer "mokasync apply", which looks by itself.`,
		Args: oneAddress,
		RunE: func(cmd *cobra.Command, args []string) error {
			adopts := cmd.Flags().Changed("adopt")
			if adopts == o.absent {
				return usageError(cmd, errors.New("say either --adopt ID or --absent"))
			}
			if adopts && o.adopt < 0 {
				return usageError(cmd, fmt.Errorf("--adopt takes the id at Moka, not %d", o.adopt))
			}
			return a.resolve(args[0], o, cmd.CommandPath())
		},
	}
	o.targetFlags.add(cmd.Flags())
	cmd.Flags().Int64Var(&o.adopt, "adopt", 0, "it took effect, and this is its id at Moka (0 for a card, which has none)")
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
		return fmt.Errorf("%s has no call in doubt any more: another run settled it", address)
	}
	said, err := byWord(session.Lock, in, o)
	if err != nil {
		return err
	}
	if err := session.Save(); err != nil {
		return err
	}
	// The report says that it was a person's word, also where the lockfile has nothing left to say it at.
	note := &apply.Account{Endpoint: l.Header.Endpoint, Dealer: l.Header.Dealer, Notes: []string{"By a person's word (mokasync resolve): " + said}}
	if err := session.WriteReport(func(w io.Writer) error { return render.AccountJSON(w, note) }); err != nil {
		a.warn("%v", err)
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
		return "", fmt.Errorf("the lockfile knows %s by the id %d at Moka, not %d", address, in.Entry.ID, o.adopt)
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
	outcome := &lockfile.Outcome{Address: address, Status: "absent", Drop: o.absent && in.Creates()} // what was taken for made is not known any more
	said := fmt.Sprintf("Resolved: %s did not take effect; the next plan shows it again.", address)
	if !o.absent {
		e := in.Entry
		switch {
		case e.ID == 0 && o.adopt == 0 && address.Kind != spec.Card:
			return "", fmt.Errorf("--adopt needs the id of %s at Moka, above 0", address)
		case e.ID != 0 && o.adopt != 0 && o.adopt != e.ID:
			return "", fmt.Errorf("the lockfile knows %s by the id %d at Moka, not %d", address, e.ID, o.adopt)
		case address.Kind == spec.Card && o.adopt != 0:
			return "", errors.New("a card has no id at Moka: say --adopt 0")
		case e.ID == 0:
			e.ID = o.adopt
		}
		for _, other := range l.Entries() {
			if other.Address != address && other.Address.Kind == address.Kind && e.ID != 0 && other.ID == e.ID {
				return "", fmt.Errorf("the lockfile knows the id %d as %s already", e.ID, other.Address)
			}
		}
		e.Word = "adopted"
		outcome.Status, outcome.Entry = "done", &e
		said = strings.TrimSpace(fmt.Sprintf("Resolved: %s took effect and is known from now on.", address))
	}
	l.Record(outcome)
	return said, nil
}
