package cli

import (
	"context"

	"github.com/mokasync/mokasync/internal/render"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/spf13/cobra"
)

type graphOptions struct {
	inputFlags
	format string
}

func (a *app) graphCommand() *cobra.Command {
	var o graphOptions
	formats := []string{"dot", "mermaid", "json"}
	cmd := &cobra.Command{
		Use:   "graph [PATH…]",
		Short: "Draw what needs what, for Graphviz or Mermaid; no credentials, no network",
		Long: `Draw the manifests: a node a resource, an arrow from what needs to what is needed. What is kept elsewhere is
dashed. Personal and secret values are not in it. It needs neither lockfile nor Moka.`,
		Example: "  mokasync graph | dot -Tsvg > billing.svg\n  mokasync graph --target sale/elif-gold --format mermaid",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf(cmd, "format", o.format, formats...); err != nil {
				return err
			}
			return a.graph(cmd.Context(), a.pathsOr(args), o)
		},
	}
	o.add(cmd.Flags())
	cmd.Flags().StringVar(&o.format, "format", "dot", "dot, mermaid or json")
	completeWords(cmd, "format", formats...)
	return cmd
}

func (a *app) graph(ctx context.Context, paths []string, o graphOptions) error {
	in, err := a.load(ctx, paths, o.inputFlags, a.StderrTTY && o.format != "json")
	if err != nil {
		return err
	}
	bad := spec.HasErrors(in.diagnostics)
	g := &render.Graph{}
	if !bad {
		g = render.NewGraph(in.set.Resources, in.selected, in.partial)
	}
	if bad && o.format != "json" { // what is only a warning, validate says
		a.tellDiagnostics(in.diagnostics, o.personal)
	}
	if !bad && o.format == "mermaid" && len(g.Edges) > render.MermaidEdges {
		a.warn("Mermaid draws no more than %d arrows unless its maxEdges says so, and this has %d: choose a part with -l or --target, or use --format dot", render.MermaidEdges, len(g.Edges))
	}
	switch {
	case o.format == "json":
		err = render.GraphJSON(a.Stdout, g, in.diagnostics)
	case bad:
	case o.format == "mermaid":
		err = render.GraphMermaid(a.Stdout, g)
	default:
		err = render.GraphDOT(a.Stdout, g)
	}
	if err == nil && bad {
		return codeError(exitRefused)
	}
	return writing(err)
}
