package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// stateRemove forgets a resource.
func (a *app) stateRemove(ctx context.Context, text string, o stateOptions) error {
	address, err := spec.ParseAddress(text)
	if err != nil {
		return err
	}
	return a.changeState(ctx, "rm "+text, o, func(l *lockfile.Lock) (string, *lockfile.Lock, error) {
		e := l.Get(address)
		switch {
		case l.Open(address) != nil:
			return "", nil, hinted(fmt.Errorf("%s has a call in doubt, which would be forgotten with it", address), "`mokasync apply` settles it, or `mokasync resolve %s` by your word", address)
		case e == nil:
			return "", nil, hinted(fmt.Errorf("the lockfile knows no %s", address), "`mokasync state list` tells what it knows")
		case e.Protected():
			return "", nil, hinted(fmt.Errorf("%s is protected", address), "take the annotation mokasync/protect out of its manifest and apply, then try again")
		}
		said := fmt.Sprintf("%s%s is forgotten. What is at Moka stays as it is", address, idOf(e))
		if address.Kind == spec.Sale {
			said += fmt.Sprintf(", and goes on charging if it is there. Its code %q is forgotten too: if the sale is gone, do not use it again", e.Code)
		}
		said += "." + neededByText(l, address)
		l.Drop(address)
		return said, l, nil
	})
}

// stateMove gives a resource another address.
func (a *app) stateMove(ctx context.Context, from, to string, o stateOptions) error {
	old, err := spec.ParseAddress(from)
	if err != nil {
		return err
	}
	now, err := spec.ParseAddress(to)
	if err != nil {
		return err
	}
	return a.changeState(ctx, "mv "+from+" "+to, o, func(l *lockfile.Lock) (string, *lockfile.Lock, error) {
		switch {
		case old.Kind != now.Kind:
			return "", nil, fmt.Errorf("%s is a %s and %s would be a %s: a new name does not change what something is", old, old.Kind, now, now.Kind)
		case l.Get(old) == nil && l.Open(old) == nil:
			return "", nil, hinted(fmt.Errorf("the lockfile knows no %s", old), "`mokasync state list` tells what it knows")
		case l.Get(now) != nil || l.Open(now) != nil:
			return "", nil, fmt.Errorf("the lockfile knows %s already", now)
		}
		said := fmt.Sprintf("%s is known as %s from now on. No call is made; rename its manifest as well.", old, now)
		if e, f := l.Get(old), old.Kind.Def().CodeField(); e != nil && f != nil && e.Code != now.Name {
			said += fmt.Sprintf(" Its code stays %q: write `%s: %s` into its manifest, so that it is known by that where the lockfile is lost.", e.Code, f.Name, e.Code)
		}
		if users := usersIn(l, old); len(users) > 0 {
			said += fmt.Sprintf(" What refers to it follows: %s.", strings.Join(users, ", "))
		}
		return said, l.Moved(map[spec.Address]spec.Address{old: now}), nil
	})
}

// changeState says what a change of the lockfile would do, asks where there is a terminal to ask on, and does it.
func (a *app) changeState(ctx context.Context, command string, o stateOptions, change func(*lockfile.Lock) (string, *lockfile.Lock, error)) error {
	t, l, err := a.stateOf(o)
	if err != nil {
		return err
	}
	said, _, err := change(l)
	if err != nil {
		return err
	}
	if o.dryRun {
		_, err := fmt.Fprintln(a.Stdout, "Would be done, and was not: "+said)
		return writing(err)
	}
	if a.StdinTTY && a.StderrTTY && !o.autoApprove {
		fmt.Fprintf(a.Stderr, "%s\nGo on? Only \"yes\" does: ", said)
		if !a.yes(ctx) {
			return fmt.Errorf("nothing was changed")
		}
	}
	session, err := t.store.Begin("mokasync state "+command, a.now(), func() *lockfile.Lock { return a.freshLock(t) })
	if err != nil {
		return err
	}
	defer session.End()
	said, session.Lock, err = change(session.Lock)
	if err != nil {
		return err
	}
	if err := session.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.Stdout, said)
	return writing(err)
}

func idOf(e *lockfile.Entry) string {
	if e.ID == 0 {
		return ""
	}
	return fmt.Sprintf(" (id %d)", e.ID)
}

// usersIn names what depends on an address, by the lockfile.
func usersIn(l *lockfile.Lock, address spec.Address) []string {
	var out []string
	for _, e := range l.Entries() {
		if slices.Contains(e.DependsOn, address) {
			out = append(out, e.Address.String())
		}
	}
	return out
}

func neededByText(l *lockfile.Lock, address spec.Address) string {
	if users := usersIn(l, address); len(users) > 0 {
		return fmt.Sprintf(" These still refer to it: %s.", strings.Join(users, ", "))
	}
	return ""
}
