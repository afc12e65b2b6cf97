package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// formats are those of every command that has --format.
var formats = []string{"text", "json"}

// yes reads an answer; no answer, and the end of the context, is no.
func (a *app) yes(ctx context.Context) bool {
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case answer := <-answers:
		return answer == "yes"
	case <-ctx.Done():
		return false
	}
}

// addFormat adds --format; more are formats beside those of every command.
func addFormat(cmd *cobra.Command, into *string, more ...string) {
	all := append(slices.Clone(formats), more...)
	last := len(all) - 1
	cmd.Flags().StringVar(into, "format", "text", strings.Join(all[:last], ", ")+" or "+all[last])
	completeWords(cmd, "format", all...)
}

// oneOf checks a flag that takes one of a few words.
func oneOf(cmd *cobra.Command, flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return usageError(cmd, fmt.Errorf("--%s is one of %s, not %q", flag, strings.Join(words, ", "), value))
}

// completeWords has the shell offer words for a flag.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that the command does not have: a mistake in this program
	}
}

// oneAddress is the argument of a command about one resource.
func oneAddress(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usageError(cmd, errors.New("say which resource: an address such as sale/elif-gold"))
	case len(args) > 1:
		return usageError(cmd, fmt.Errorf("one address at a time, not %d", len(args)))
	}
	return nil
}

func twoAddresses(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return usageError(cmd, errors.New("say which address it has, and which one it is to have: sale/old sale/new"))
	}
	return nil
}

// noArguments refuses arguments that would be passed over.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(cmd, fmt.Errorf("%q is one word too many: %s takes none", args[0], cmd.CommandPath()))
	}
	return nil
}
