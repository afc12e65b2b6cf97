package cli

import (
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
