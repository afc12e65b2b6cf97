package cli

import (
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/spf13/cobra"
)

func (a *app) lockCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Merge lockfiles in git, pull and push them",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(cmd, errors.New("say which: lock merge, lock pull or lock push"))
		},
	}
	cmd.AddCommand(a.lockMergeCommand(), a.lockPullCommand(), a.lockPushCommand())
	return cmd
}

func (a *app) lockMergeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "merge BASE OURS THEIRS [PATHNAME]",
		Short: "Merge a lockfile that two branches changed, resource by resource; git calls it",
		Long: `Merge the lockfiles OURS and THEIRS, which come from BASE, resource by resource, and write the result into OURS.
What one side alone changed is taken. What both changed differently, and what does not go together afterwards
(one sale under two addresses, say), is marked in OURS and told, and the exit code is 1. If one of the three
cannot be read, OURS stays as it is. It needs no credentials, no network and no MOKASYNC_KEY.

To have git call it, put this line into .gitattributes at the repository's root, and commit it:

  mokasync.*.lock merge=mokasync

and let everybody who merges, and CI, say once in their clone:

  git config merge.mokasync.name "mokasync lockfiles"
  git config merge.mokasync.driver "mokasync lock merge %O %A %B %P"`,
		Args: mergeArguments,
		RunE: func(_ *cobra.Command, args []string) error { return a.lockMerge(args) },
	}
}

func mergeArguments(cmd *cobra.Command, args []string) error {
	if len(args) != 3 && len(args) != 4 {
		return usageError(cmd, errors.New("say which three lockfiles: BASE (of the common ancestor), OURS, THEIRS; and, if you like, the name to call it by"))
	}
	return nil
}

func (a *app) lockMerge(args []string) error {
	name := args[1]
	if len(args) == 4 && args[3] != "" {
		name = args[3]
	}
	merged, err := lockfile.MergeFiles(lockfile.OS{}, name, args[0], args[1], args[2])
	if err != nil {
		return sideHint(err, name)
	}
	for _, c := range merged.Conflicts {
		a.tell(conflictError(name, c))
	}
	switch n := len(merged.Conflicts); {
	case n == 0:
	case merged.Conflicts[0].Address.IsZero(): // all is said
		return codeError(exitRefused)
	default:
		marked := "1 conflict is"
		if n > 1 {
			marked = fmt.Sprintf("%d conflicts are", n)
		}
		return hinted(fmt.Errorf("%s is not merged yet: %s marked in it; %d resources are merged", name, marked, merged.Resources),
			"open the file, solve what is marked, delete the markers, then `git add %s`", name)
	}
	a.logger().Info("lockfile merged", "file", name, "resources", merged.Resources)
	return nil
}

// conflictError tells one conflict in a line, and what to do in another.
func conflictError(name string, c lockfile.Conflict) error {
	what := ""
	if !c.Address.IsZero() {
		what = c.Address.String() + ": "
	}
	if c.Why != "" {
		what += c.Why + "; "
	}
	return hinted(fmt.Errorf("%s:%d: %sours: %s; theirs: %s", name, c.Line, what, c.Ours, c.Theirs), "%s", c.Hint)
}

// sideHint says what can be done about a lockfile that cannot be merged.
func sideHint(err error, name string) error {
	var side *lockfile.SideError
	if !errors.As(err, &side) {
		return err
	}
	if side.Side == "base" {
		return hinted(err, "the common ancestor cannot be read, so nothing was merged and %[1]s is as on our side: take one side whole (`git checkout --ours %[1]s` or `git checkout --theirs %[1]s`), then `mokasync plan --refresh`", name)
	}
	return hinted(err, "nothing was merged, and %[1]s is as on our side, without markers: repair %[2]s on its branch and merge again, or take the other side whole (`git checkout --ours %[1]s` or `git checkout --theirs %[1]s`)", name, side.Side)
}
