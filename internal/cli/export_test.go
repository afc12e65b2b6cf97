package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// CommandFlags gives the commands of the program as they are typed ("state list") and the names of the flags that are a command's own, for tests from outside. Commands that
// do nothing but hold others are left out.
func CommandFlags() map[string][]string {
	root := (&app{Env: Env{}}).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	all := map[string][]string{}
	var walk func(c *cobra.Command, name string)
	walk = func(c *cobra.Command, name string) {
		for _, sub := range c.Commands() {
			walk(sub, strings.TrimPrefix(name+" "+sub.Name(), " "))
		}
		if c == root || len(c.Commands()) > 0 {
			return
		}
		flags := []string{}
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
		slices.Sort(flags)
		all[name] = flags
	}
	walk(root, "")
	return all
}

// CheckCommandLine says what a command line, without "mokasync" before it, names that the program does not have: a command, or a flag of that command. Values and arguments are not
// judged, so that FILE and %s may stand for them.
func CheckCommandLine(words []string) error {
	root := (&app{Env: Env{}}).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.InitDefaultVersionFlag()
	c := root
	for len(words) > 0 && c.HasSubCommands() && !strings.HasPrefix(words[0], "-") {
		if strings.HasPrefix(words[0], "%") {
			return nil // which of them is said at run time
		}
		i := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == words[0] })
		if i < 0 {
			return fmt.Errorf("%s has no command %q", c.CommandPath(), words[0])
		}
		c, words = c.Commands()[i], words[1:]
	}
	c.InitDefaultHelpFlag()
	inherited := c.InheritedFlags()
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case word == "--":
			return nil
		case word == "-" || !strings.HasPrefix(word, "-"):
		case strings.HasPrefix(word, "--"):
			if c.Flags().Lookup(name) == nil && inherited.Lookup(name) == nil {
				return fmt.Errorf("%s has no flag --%s", c.CommandPath(), name)
			}
		case len(name) != 1 || c.Flags().ShorthandLookup(name) == nil && inherited.ShorthandLookup(name) == nil:
			return fmt.Errorf("%s has no flag -%s", c.CommandPath(), name)
		}
	}
	return nil
}
