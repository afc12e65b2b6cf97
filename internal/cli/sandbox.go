package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/spf13/cobra"
)

type sandboxOptions struct {
	listen, data string
	switches     []string
}

func (a *app) sandboxCommand() *cobra.Command {
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a simulator of Moka's services for customers, cards and recurring sales",
		Long: `Serve a stateful simulator of Moka's services for customers, cards, products, schedules and sales. It
prints its address and the credentials it takes, as lines that a shell can read. Ctrl-C ends it.
What is played, the test cards, the switches and the faults stand in docs/sandbox.md.

Credentials in MOKA_DEALER_CODE, MOKA_USERNAME and MOKA_PASSWORD, if all are set, are those it takes.`,
		Example: "  mokasync sandbox --listen 127.0.0.1:8080 --data sandbox.data",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.sandbox(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on; port 0 takes a free one")
	f.StringVar(&o.data, "data", "", "file that keeps the data (default: in memory, gone with the process)")
	f.StringArrayVar(&o.switches, "switch", nil, "NAME=VALUE: how to play what Moka's documentation leaves open (docs/sandbox.md); may be given again")
	return cmd
}

func (a *app) sandbox(ctx context.Context, o sandboxOptions) error {
	dealer := sandbox.DefaultDealer()
	if c, err := a.credentials(); err != nil {
		return err
	} else if c.DealerCode != "" && c.Username != "" && c.Password != "" {
		dealer = sandbox.Dealer{Code: c.DealerCode, Username: c.Username, Password: c.Password}
	}
	options := sandbox.Options{Data: o.data, Dealers: []sandbox.Dealer{dealer}, Clock: a.now, Control: true}
	for _, text := range o.switches {
		setting, err := sandbox.ParseSwitch(text)
		if err != nil {
			return fmt.Errorf("--switch: %w", err)
		}
		options.Switches = append(options.Switches, setting)
	}
	handler, err := sandbox.New(options)
	if err != nil {
		return err
	}
	defer handler.Close()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return hinted(fmt.Errorf("cannot serve on %s: %w", o.listen, cause(err)), "choose another address with --listen; port 0 takes a free one")
	}
	own := dealer == sandbox.DefaultDealer()
	if err := a.greet(listener.Addr().String(), dealer, own); err != nil {
		listener.Close()
		return err
	}
	return a.serve(ctx, listener, handler)
}

// greet prints address and credentials as lines that a shell can read. Credentials that came from the environment are not shown again.
func (a *app) greet(address string, dealer sandbox.Dealer, own bool) error {
	text := fmt.Sprintf("# mokasync sandbox: a simulator of Moka on this machine; Ctrl-C ends it\nexport MOKA_ENDPOINT=http://%s\n", address)
	if own {
		text += fmt.Sprintf("export MOKA_DEALER_CODE=%s\nexport MOKA_USERNAME=%s\nexport MOKA_PASSWORD=%s\n", dealer.Code, dealer.Username, dealer.Password)
	} else {
		text += fmt.Sprintf("# it takes the credentials of dealer %s that are set in the environment\n", dealer.Code)
	}
	_, err := fmt.Fprint(a.Stdout, text)
	return writing(err)
}

// serve serves until a signal comes.
func (a *app) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("the sandbox ended: %w", cause(err))
	case <-a.signals:
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		server.Close() // whoever is still connected is cut off
	}
	return nil
}

// cause gives the innermost reason of a network error.
func cause(err error) error {
	var oe *net.OpError
	if errors.As(err, &oe) {
		return oe.Err
	}
	return err
}
