package cli

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/mokasync/mokasync/schemas"
	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which mokasync this is",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Stdout, "mokasync %s (%s, %s/%s)\n", a.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return writing(err)
		},
	}
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [KIND]",
		Short: "Print the JSON Schema of a kind, of all, or of mokasync.yaml",
		Long: `Print the JSON Schema (draft 2020-12) of a kind, or one that holds them all: for editors, for
kubeconform, and for anything else that reads JSON Schema. Project is the kind of mokasync.yaml.`,
		Example: "  mokasync schema > mokasync.schema.json\n  mokasync schema Sale\n  mokasync schema Project",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := schemas.All()
			if len(args) == 1 {
				if text = schemas.For(args[0]); text == nil {
					return usageError(cmd, fmt.Errorf("there is no kind %q: the kinds are %s", args[0], strings.Join(append(schemas.Kinds(), schemas.Project), ", ")))
				}
			}
			_, err := a.Stdout.Write(text)
			return writing(err)
		},
	}
}
