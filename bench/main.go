// Command bench measures mokasync on made-up accounts, beside programs of the same trade, and prints a table: what was measured, against what, the ratio, and what it must be.
//
//	go run ./bench                 # every row, 10,000 and 100,000 resources, with the peers; about a quarter of an hour
//	go run ./bench -n 2000 -runs 3 # a quick look: the large account has 2,000 resources
//	go run ./bench -rows plan      # some rows only
//	go run ./bench -gate           # allocations of the core steps against bench/baseline.json; fails at +10 %
//
// Ratios compare two things that were measured in turns on the same machine; times by themselves say little. docs/performance.md tells the rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

// options are the flags of a run that prints the table.
type options struct {
	large, runs, procs int
	folder             string
	peers              bool
	rows               []string
}

func main() {
	large := flag.Int("n", 100_000, "resources of the large account; the small one has a tenth")
	runs := flag.Int("runs", 5, "runs of each measurement, after one that does not count")
	procs := flag.Int("procs", 2, "processors that every measured program may use at once (GOMAXPROCS): the goals are for two, whatever the machine has")
	folder := flag.String("dir", "", "work in this folder and keep it; default: a temporary one")
	peers := flag.Bool("peers", true, "measure kubeconform and OpenTofu too, built through the Go module proxy into the user's cache folder")
	rows := flag.String("rows", "", "measure only these groups of rows, by commas: "+strings.Join(groupNames(), ", "))
	gate := flag.Bool("gate", false, "in place of the table: hold the allocations of the core steps against the baseline")
	update := flag.Bool("update", false, "with -gate: write the baseline anew")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case os.Getenv(partVariable) != "":
		err = part(ctx, os.Getenv(partVariable), flag.Args())
	case *gate:
		err = runGate(ctx, os.Stdout, baselineFile, *update)
	case *runs < 1 || *procs < 1 || *large < 1000:
		err = errors.New("-runs and -procs are from 1, -n from 1000")
	default:
		o := options{large: *large, runs: *runs, procs: *procs, folder: *folder, peers: *peers}
		if *rows != "" {
			o.rows = strings.Split(*rows, ",")
		}
		err = table(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// table measures the rows that are asked for and prints them.
func table(ctx context.Context, o options) error {
	groups, err := chosen(o.rows, o.peers)
	if err != nil {
		return err
	}
	if o.folder == "" {
		temporary, err := os.MkdirTemp("", "mokasync-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		o.folder = temporary
	}
	if o.folder, err = filepath.Abs(o.folder); err != nil {
		return err
	}
	b, err := newBencher(ctx, o)
	if err != nil {
		return err
	}
	var rows []row
	for _, g := range groups {
		fmt.Fprintln(os.Stderr, "bench:", g.name)
		measured, err := g.measure(b)
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		rows = append(rows, measured...)
	}
	fmt.Println(b.heading())
	return printTable(os.Stdout, rows)
}
